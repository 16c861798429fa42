"""Worked dates of requests, incidents, cookies, vouchers and reviews, each with its id."""

from __future__ import annotations

import datetime as dt
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.words import deadlines as d
from compliance.words.deadlines import Pause, RequestState, request_deadline, request_state
from compliance.words.policy import Parameters

DEFAULT = Parameters()
WITH_EVES = Parameters(eves_as_holidays=True)
DAYS = st.dates(date(2010, 1, 1), date(2040, 1, 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-03-05", "2026-04-07", id="Q01 Easter Sunday and Monday"),
        pytest.param("2026-01-31", "2026-03-02", id="Q02 shorter month, then a Saturday"),
        pytest.param("2026-08-31", "2026-09-30", id="Q04 month of thirty days"),
        pytest.param("2026-11-25", "2026-12-28", id="Q05 Christmas and a Sunday"),
        pytest.param("2026-11-24", "2026-12-24", id="Christmas Eve is a working day"),
        pytest.param("2026-05-20", "2026-06-22", id="Q08 Midsummer Day"),
        pytest.param("2026-05-06", "2026-06-08", id="Q10 National Day on a Saturday"),
    ],
)
def test_a_request_is_due_in_a_month_and_never_on_a_day_off(received: str, due: str) -> None:
    assert request_deadline(day(received), DEFAULT).due_on == day(due)


def test_q07_with_the_switch_christmas_eve_moves_the_deadline() -> None:
    assert request_deadline(day("2026-11-24"), WITH_EVES).due_on == day("2026-12-28")


def test_q11_what_arrives_late_in_the_evening_utc_is_received_the_next_day_in_stockholm() -> None:
    received = d.local_date(instant("2026-01-15T23:30:00+00:00"))
    assert received == day("2026-01-16")
    assert request_deadline(received, DEFAULT).due_on == day("2026-02-16")


@pytest.mark.parametrize(
    ("received", "notice", "reason", "due", "valid"),
    [
        pytest.param("2026-06-15", "2026-07-15", "complex", "2026-09-15", True, id="notice on the last day"),
        pytest.param("2026-06-15", "2026-07-16", "complex", "2026-07-15", False, id="Q13 a day too late"),
        pytest.param("2026-01-31", "2026-02-20", "many", "2026-04-30", True, id="Q14 from receipt"),
        pytest.param("2026-06-15", "2026-07-01", None, "2026-07-15", False, id="no reason"),
        pytest.param("2026-06-15", "2026-07-01", "  ", "2026-07-15", False, id="blank reason"),
        pytest.param("2026-06-15", None, "complex", "2026-07-15", False, id="no proof of a notice"),
    ],
)
def test_an_extension_counts_only_with_a_reason_and_in_time(
    received: str, notice: str | None, reason: str | None, due: str, valid: bool
) -> None:
    found = request_deadline(
        day(received),
        DEFAULT,
        extension_notice_on=day(notice) if notice else None,
        extension_reason=reason,
    )
    assert (found.due_on, found.extension_valid) == (day(due), valid)


def test_q16_paused_days_are_added_before_the_day_is_moved() -> None:
    pause = Pause(day("2026-03-11"), day("2026-03-19"))
    found = request_deadline(day("2026-03-10"), DEFAULT, pauses=[pause])
    assert (found.nominal_on, found.due_on) == (day("2026-04-18"), day("2026-04-20"))
    assert (found.pause_days, found.provisional) == (8, False)


@pytest.mark.parametrize(
    ("seen", "due", "days"),
    [
        ("2026-11-02", "2026-12-02", 0),
        ("2026-11-04", "2026-12-03", 1),
        ("2026-11-24", "2026-12-23", 21),
        ("2026-11-26", "2026-12-28", 23),
    ],
)
def test_an_open_question_counts_its_days_up_to_the_day_that_it_is_seen(seen: str, due: str, days: int) -> None:
    pause = Pause(day("2026-11-03"), None)
    found = request_deadline(day("2026-11-02"), DEFAULT, pauses=[pause], seen_on=day(seen))
    assert (found.due_on, found.pause_days, found.provisional) == (day(due), days, True)


def test_an_open_question_asked_late_counts_no_day_and_leaves_the_deadline_as_it_is() -> None:
    pause = Pause(day("2026-11-09"), None)
    found = request_deadline(day("2026-11-02"), DEFAULT, pauses=[pause], seen_on=day("2026-11-24"))
    assert (found.due_on, found.provisional) == (day("2026-12-02"), False)


def test_an_answered_question_counts_the_same_whenever_it_is_seen() -> None:
    pause = Pause(day("2026-03-11"), day("2026-03-19"))
    found = request_deadline(day("2026-03-10"), DEFAULT, pauses=[pause], seen_on=day("2026-11-24"))
    assert (found.due_on, found.provisional) == (day("2026-04-20"), False)


def test_q17_a_question_asked_late_gives_no_days() -> None:
    pause = Pause(day("2026-03-27"), day("2026-03-30"))
    found = request_deadline(day("2026-03-10"), DEFAULT, pauses=[pause])
    assert (found.due_on, found.pause_days) == (day("2026-04-10"), 0)


@pytest.mark.parametrize(("asked", "counted"), [("2026-03-13", 7), ("2026-03-16", 0)])
def test_identity_is_asked_for_within_three_working_days_or_gives_nothing(asked: str, counted: int) -> None:
    pause = Pause(day(asked), day("2026-03-20"))
    assert request_deadline(day("2026-03-10"), DEFAULT, pauses=[pause]).pause_days == counted


def test_q19_a_pause_and_an_extension_add_up() -> None:
    found = request_deadline(
        day("2026-06-15"),
        DEFAULT,
        pauses=[Pause(day("2026-06-16"), day("2026-06-26"))],
        extension_notice_on=day("2026-07-20"),
        extension_reason="complex",
    )
    assert (found.due_on, found.extension_valid) == (day("2026-09-25"), True)


def test_overlapping_pauses_count_once_and_impossible_ones_not_at_all() -> None:
    received = day("2026-03-10")
    overlapping = [
        Pause(day("2026-03-11"), day("2026-03-19")),
        Pause(day("2026-03-12"), day("2026-03-20")),
    ]
    assert request_deadline(received, DEFAULT, pauses=overlapping).pause_days == 9
    backwards = [Pause(day("2026-03-12"), day("2026-03-11"))]
    assert request_deadline(received, DEFAULT, pauses=backwards).pause_days == 0


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-03-30", RequestState.OPEN),
        ("2026-03-31", RequestState.DUE_SOON),
        ("2026-04-07", RequestState.DUE_SOON),
        ("2026-04-08", RequestState.OVERDUE),
    ],
)
def test_a_request_is_overdue_only_after_its_last_day(as_of: str, state: RequestState) -> None:
    deadline = request_deadline(day("2026-03-05"), DEFAULT)
    assert request_state(deadline, day(as_of), DEFAULT, closed_on=None) is state


def test_states_win_in_their_order() -> None:
    paused = request_deadline(day("2026-03-05"), DEFAULT, pauses=[Pause(day("2026-03-06"), None)])
    late = day("2026-05-01")
    assert paused.provisional
    assert request_state(paused, late, DEFAULT, closed_on=None) is RequestState.PAUSED
    assert request_state(paused, late, DEFAULT, closed_on=None, redirected=True) is RequestState.REDIRECTED
    assert request_state(paused, late, DEFAULT, closed_on=late, redirected=True) is RequestState.CLOSED
    assert request_state(paused, late, DEFAULT, closed_on=late + timedelta(1)) is RequestState.PAUSED


def test_q20_a_customers_request_is_passed_on_within_five_working_days() -> None:
    assert d.redirect_due_on(day("2026-12-22"), DEFAULT) == day("2026-12-30")
    # Christmas Eve and New Year's Eve, where eves are days off.
    assert d.redirect_due_on(day("2026-12-22"), WITH_EVES) == day("2027-01-04")


def test_q22_notice_is_due_at_the_first_contact_or_in_a_month() -> None:
    assert d.notice_due_on(day("2026-01-31"), day("2026-02-10")) == day("2026-02-10")
    assert d.notice_due_on(day("2026-01-31"), None) == day("2026-02-28")
    assert d.notice_due_on(day("2026-01-31"), day("2026-05-01")) == day("2026-02-28")


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        pytest.param("2026-03-27T16:00+01:00", "2026-03-30T17:00+02:00", id="I01 clocks go forward"),
        pytest.param("2026-12-24T15:00+01:00", "2026-12-27T15:00+01:00", id="I03 over Christmas"),
    ],
)
def test_hours_of_a_breach_are_elapsed_hours(aware: str, due: str) -> None:
    assert d.breach_due_at(instant(aware), DEFAULT) == instant(due)


def test_i04_of_a_time_that_happens_twice_the_first_counts() -> None:
    aware = d.first_instant(instant("2026-10-25T02:30"))
    assert d.breach_due_at(aware, DEFAULT) == instant("2026-10-28T01:30+01:00")


def test_a_cyber_incident_is_warned_of_in_a_day_notified_in_three_and_reported_in_a_month() -> None:
    aware = instant("2026-10-24T09:30:00+02:00")
    # The clock goes back in between: hours are elapsed ones.
    assert d.nis2_warning_due_at(aware, DEFAULT) == instant("2026-10-25T08:30:00+01:00")
    assert d.nis2_notification_due_at(aware, DEFAULT) == instant("2026-10-27T08:30:00+01:00")
    # A month goes by the clock on the wall: the same time, or the month's last day.
    assert d.nis2_report_due_at(aware, DEFAULT) == instant("2026-11-24T09:30:00+01:00")
    assert d.nis2_report_due_at(instant("2026-01-30T23:30:00+00:00"), DEFAULT) == instant("2026-02-28T00:30:00+01:00")
    assert d.supplement_due_at(aware, DEFAULT) == aware + timedelta(weeks=DEFAULT.supplement_weeks)


def test_figures_of_a_period_and_contacts_without_a_role_have_their_first_day() -> None:
    assert d.since(day("2026-03-31")) == day("2026-03-31") - timedelta(days=d.PERIOD_DAYS) < day("2026-03-31")
    months = DEFAULT.former_role_review_months
    assert d.former_role_before(day("2026-11-24"), DEFAULT) == d.add_months(day("2026-11-24"), -months)
    assert d.former_role_before(day("2026-11-24"), DEFAULT) < day("2026-11-24")


def test_i06_a_customer_is_told_within_24_elapsed_hours() -> None:
    due = d.controller_due_at(instant("2026-10-24T20:00+02:00"), DEFAULT)
    assert due == instant("2026-10-25T19:00+01:00")


def test_c01_a_cookie_lives_179_times_24_hours() -> None:
    set_at = instant("2026-06-01T12:00+00:00")
    assert d.cookie_expires_at(set_at, DEFAULT) == instant("2026-11-27T12:00+00:00")
    assert (d.cookie_expires_at(set_at, DEFAULT) - set_at).total_seconds() == 15_465_600


@pytest.mark.parametrize(
    ("name", "declared"),
    [("pe1", True), ("pe#", True), ("pe42", True), ("_ga", False), ("pe", False), ("type1", False)],
)
def test_c03_only_the_cookie_of_the_policy_is_declared(name: str, declared: bool) -> None:
    assert d.cookie_declared(name) is declared


@pytest.mark.parametrize(
    ("year_end", "until"),
    [
        pytest.param("2019-12-31", "2026-12-31", id="S01"),
        pytest.param("2021-12-31", "2028-12-31", id="S03"),
        pytest.param("2009-04-30", "2016-12-31", id="broken fiscal year"),
    ],
)
def test_a_voucher_is_kept_through_the_seventh_year(year_end: str, until: str) -> None:
    assert d.voucher_keep_until(day(year_end)) == day(until)


def test_reviews_and_backups() -> None:
    assert d.review_due_on(day("2026-08-01"), DEFAULT.grant_review_days) == day("2026-10-30")  # G01
    assert d.review_due_on(day("2026-01-10"), DEFAULT.hold_review_days) == day("2026-07-09")  # H01
    assert d.backup_gone_on(day("2026-11-01"), DEFAULT) == day("2026-12-06")  # B01


def test_the_holidays_are_the_thirteen_of_the_law_and_the_eves_are_none() -> None:
    off = [
        "01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14",
        "05-24", "06-06", "06-20", "10-31", "12-25", "12-26",
    ]  # fmt: skip
    for month_day in off:
        assert not d.is_working_day(day(f"2026-{month_day}")), month_day
    for eve in ("2026-06-19", "2026-12-24", "2026-12-31"):
        assert d.is_working_day(day(eve))
        assert not d.is_working_day(day(eve), eves=True)
    weekdays = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    # 261 weekdays less the seven holidays of 2026 that fall on one.
    assert sum(d.is_working_day(each) for each in weekdays) == 261 - 7


@given(DAYS, st.integers(0, 240))
def test_a_month_ends_on_the_same_date_or_the_last_of_the_month(start: date, months: int) -> None:
    end = d.add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(1)).day == 1)


@given(DAYS, st.integers(0, 5), st.integers(0, 40), st.integers(0, 40), st.booleans())
def test_a_deadline_is_a_working_day_near_its_nominal_day_and_nothing_lawful_shortens_it(
    received: date, asked: int, answered: int, notice: int, eves: bool
) -> None:
    parameters = Parameters(eves_as_holidays=eves)
    asked_on = received + timedelta(asked)
    pauses = [Pause(asked_on, asked_on + timedelta(answered))]
    plain = request_deadline(received, parameters)
    paused = request_deadline(received, parameters, pauses=pauses)
    extended = request_deadline(
        received,
        parameters,
        pauses=pauses,
        extension_notice_on=received + timedelta(notice),
        extension_reason="complex",
    )
    for found in (plain, paused, extended):
        assert d.is_working_day(found.due_on, eves=eves)
        assert timedelta(0) <= found.due_on - found.nominal_on <= timedelta(5)
    assert plain.due_on <= paused.due_on <= extended.due_on
    assert extended.extension_valid == (received + timedelta(notice) <= paused.due_on)
