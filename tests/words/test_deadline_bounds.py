"""Bounds of deadlines: a notice of extension is in time through the last day, the one that it was moved to."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest

from compliance.words.deadlines import (
    Pause,
    breach_due_at,
    controller_due_at,
    cookie_expires_at,
    first_instant,
    request_deadline,
)
from compliance.words.policy import Parameters


@pytest.mark.parametrize(
    ("received", "notice", "due", "valid"),
    [
        pytest.param("2026-01-31", "2026-02-28", "2026-04-30", True, id="on the Saturday"),
        pytest.param("2026-01-31", "2026-03-02", "2026-04-30", True, id="on the Monday that it moved to"),
        pytest.param("2026-01-31", "2026-03-03", "2026-03-02", False, id="on the Tuesday"),
        pytest.param("2026-03-05", "2026-04-07", "2026-06-05", True, id="on the day after Easter"),
        pytest.param("2026-03-05", "2026-04-08", "2026-04-07", False, id="a day after that"),
    ],
)
def test_a_notice_on_the_day_that_the_deadline_moved_to_is_in_time(
    received: str, notice: str, due: str, valid: bool
) -> None:
    found = request_deadline(
        dt.date.fromisoformat(received),
        Parameters(),
        extension_notice_on=dt.date.fromisoformat(notice),
        extension_reason="complex",
    )
    assert (found.due_on, found.extension_valid) == (dt.date.fromisoformat(due), valid)


@pytest.mark.parametrize(("notice", "valid"), [("2026-04-20", True), ("2026-04-21", False)])
def test_a_notice_is_in_time_through_the_last_day_after_a_pause(notice: str, valid: bool) -> None:
    # 10 April and eight paused days: Saturday the 18th, moved to Monday the 20th.
    found = request_deadline(
        dt.date(2026, 3, 10),
        Parameters(),
        pauses=[Pause(dt.date(2026, 3, 11), dt.date(2026, 3, 19))],
        extension_notice_on=dt.date.fromisoformat(notice),
        extension_reason="complex",
    )
    assert found.extension_valid is valid


@pytest.mark.parametrize(("eves", "counted"), [(False, 0), (True, 3)])
def test_an_eve_that_is_a_day_off_is_no_day_to_ask_in(eves: bool, counted: int) -> None:
    # The third working day after Monday 21 December is the 24th, or the 28th where the eve is a day off.
    found = request_deadline(
        dt.date(2026, 12, 21),
        Parameters(eves_as_holidays=eves),
        pauses=[Pause(dt.date(2026, 12, 28), dt.date(2026, 12, 31))],
    )
    assert found.pause_days == counted


@pytest.mark.parametrize(("eves", "valid"), [(False, False), (True, True)])
def test_a_notice_after_an_eve_is_in_time_where_the_eve_moves_the_deadline(eves: bool, valid: bool) -> None:
    found = request_deadline(
        dt.date(2026, 11, 24),
        Parameters(eves_as_holidays=eves),
        extension_notice_on=dt.date(2026, 12, 28),
        extension_reason="complex",
    )
    assert found.extension_valid is valid


def test_the_own_target_is_three_weeks_from_receipt() -> None:
    assert request_deadline(dt.date(2026, 2, 27), Parameters()).internal_target_on == dt.date(2026, 3, 20)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that is set to the time of another country."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
def test_an_instant_is_told_in_utc_wherever_the_machine_is() -> None:
    aware = dt.datetime(2026, 3, 27, 16, tzinfo=dt.UTC)
    told = [
        breach_due_at(aware, Parameters()),
        controller_due_at(aware, Parameters()),
        cookie_expires_at(aware, Parameters()),
        first_instant(dt.datetime(2026, 3, 27, 17)),
    ]
    assert [instant.isoformat() for instant in told] == [
        "2026-03-30T16:00:00+00:00",
        "2026-03-28T16:00:00+00:00",
        "2026-09-22T16:00:00+00:00",
        "2026-03-27T16:00:00+00:00",
    ]


def test_of_a_time_that_happens_twice_the_first_counts_whichever_was_meant() -> None:
    twice = dt.datetime(2026, 10, 25, 2, 30, fold=1)
    assert first_instant(twice).isoformat() == "2026-10-25T00:30:00+00:00"
