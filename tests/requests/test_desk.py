"""Requests as people enter and follow them: each step with its line, corrected and never unwritten."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any, cast

import pytest
import sqlalchemy as sa

from compliance.access.at import At
from compliance.ledger.tables import ledger
from compliance.letters import case
from compliance.marks.tables import Ground
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.requests import along, backlog, desk, facts, record, steps
from compliance.requests.asks import REQUEST_PERSONS, RequestPerson
from compliance.requests.backlog import Next
from compliance.requests.desk import Asked
from compliance.requests.facts import RequestFacts
from compliance.requests.steps import Recorded
from compliance.requests.tables import (
    Kind,
    Step,
    Verdict,
    request,
    request_choice,
    request_choice_trace,
)
from compliance.words.deadlines import RequestState, voucher_keep_until
from compliance.words.queries import Query
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import has, say
from tests.requests.test_requests import NOW, actor, carried_out, form, register_rows
from tests.world import TODAY, acting, shipped_parameters

PARAMETERS = shipped_parameters()
OCTOBER = dt.date(2026, 10, 12)
ANNA = Asked("erasure", "phone", OCTOBER, "prospect", name="Anna Berg", phone="070-174 06 05")


@pytest.fixture
def at(register: sa.Engine, register_settings: Settings) -> At:
    """Petra at the desk."""
    return acting(register_settings, register, actor(register_settings, "petra"), NOW)


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def of(at: At, number: int, as_of: dt.date = TODAY) -> RequestFacts:
    with at.register.connect() as connection:
        return facts.facts_of(connection, number, PARAMETERS, as_of)


def asked(at: At, **changes: Any) -> int:
    return desk.register(at, None, Asked(**{**ANNA.__dict__, **changes}))


def lines(at: At) -> list[tuple[str, dict[str, Any]]]:
    with at.register.connect() as connection:
        rows = connection.execute(sa.select(ledger.c.event, ledger.c.details).order_by(ledger.c.seq))
        return [(event, json.loads(details)) for event, details in rows]


def step(told: RequestFacts, which: Step) -> Recorded:
    return next(one for one in told.shown if one.step is which and one.corrected_by is None)


def test_what_is_entered_by_hand_is_told_by_its_number_alone(at: At) -> None:
    number = asked(at)
    told = of(at, number)
    assert (told.kind, told.channel, told.requester, told.received_on) == ("erasure", "phone", "prospect", OCTOBER)
    assert told.handler == at.actor.pseudonym if at.actor else False
    (event, details), *rest = lines(at)
    assert (event, rest) == ("request:registered", [])
    assert details == {
        "request": number, "step": "received", "day": "2026-10-12", "kind": "erasure", "channel": "phone",
        "requester": "prospect",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"kind": "nothing"}, "kind", "choose"),
        ({"channel": ""}, "channel", "choose"),
        ({"requester": "king"}, "requester", "choose"),
        ({"received_on": None}, "received_on", "day"),
        ({"received_on": TODAY + dt.timedelta(days=1)}, "received_on", "future"),
        ({"received_on": dt.date(2018, 5, 24)}, "received_on", "long_ago"),
        ({"email": "anna"}, "email", "email"),
        ({"phone": "vet ej"}, "phone", "phone"),
        ({"name": " ", "phone": None}, "name", "nobody"),
        ({"reference": "anna@kund.example"}, "reference", "personal"),
        ({"reference": "<b>"}, "reference", "reference"),
        ({"requester": "env_user"}, "customer", "customer"),
        ({"customer": "070-174 06 05"}, "customer", "personal"),
        ({"name": "A" * 201}, "name", "long"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(changes: dict[str, Any], field: str, problem: str) -> None:
    assert desk.problems(Asked(**{**ANNA.__dict__, **changes}), TODAY) == {field: problem}


def test_nothing_is_entered_of_what_is_wrong_or_is_there_already(at: At) -> None:
    with pytest.raises(Refused, match="request_field_wrong"):
        asked(at, email="anna")
    number = asked(at, reference="T-77")
    with pytest.raises(Refused) as refusal:
        asked(at, reference="T-77")
    assert (refusal.value.code, refusal.value.values) == ("request_known", {"request": str(number)})
    assert len(lines(at)) == 1


def test_only_who_owns_every_category_records(at: At, register_settings: Settings) -> None:
    for name in ("axel", "olle", "agnes", "ada"):
        other = acting(register_settings, at.register, actor(register_settings, name), NOW)
        with pytest.raises(Refused, match="not_allowed"):
            desk.register(other, None, ANNA)


def test_a_pause_of_the_desk_moves_the_deadline_and_its_correction_moves_it_back(at: At) -> None:
    number = asked(at)
    assert of(at, number).due_on == day(11, 12)
    desk.write(at, number, Step.IDENTITY_ASKED, day(10, 13), {"doubt": "unknown_address"})
    assert of(at, number, day(10, 20)).standing.state is RequestState.PAUSED
    desk.write(at, number, Step.IDENTITY_ANSWERED, day(10, 20))
    assert (of(at, number).due_on, of(at, number).standing.law.pause_days) == (day(11, 19), 7)
    wrong = step(of(at, number), Step.IDENTITY_ANSWERED)
    desk.correct(at, number, wrong.step_id or 0, day(10, 15), {})
    told = of(at, number)
    assert (told.due_on, told.identity_answered_on) == (day(11, 16), day(10, 15))
    # What was written stays, with what has taken its place.
    assert [one.happened_on for one in told.shown if one.step is Step.IDENTITY_ANSWERED] == [day(10, 15), day(10, 20)]
    for one in (Step.IDENTITY_ANSWERED, Step.IDENTITY_ASKED):
        desk.correct(at, number, step(of(at, number), one).step_id or 0, day(10, 20), None)
    assert of(at, number).due_on == day(11, 12)
    assert [event for event, _ in lines(at)] == ["request:registered", *["request:step"] * 5]
    with pytest.raises(Refused, match="request_step_corrected"):
        desk.correct(at, number, wrong.step_id or 0, day(10, 15), {})


def test_two_pauses_both_count(at: At) -> None:
    number = asked(at, received_on=day(11, 2))
    for asked_on, answered_on in ((3, 5), (5, 9)):
        desk.write(at, number, Step.IDENTITY_ASKED, day(11, asked_on), {"doubt": "other"})
        desk.write(at, number, Step.IDENTITY_ANSWERED, day(11, answered_on))
    told = of(at, number)
    assert (told.standing.law.pause_days, told.due_on) == (6, day(12, 8))


def test_who_has_not_answered_for_thirty_days_can_be_closed_as_not_identified(at: At) -> None:
    number = asked(at)
    desk.write(at, number, Step.IDENTITY_ASKED, day(10, 13), {"doubt": "unknown_address"})
    assert not of(at, number, day(11, 11)).standing.unidentified
    told = of(at, number, day(11, 12))
    assert told.standing.unidentified
    (item,) = backlog.backlog(at.register, None, day(11, 12), PARAMETERS)
    assert (item.next, item.waits_for) == (Next.END_UNIDENTIFIED, backlog.Waits.DESK)
    early = asked(at, received_on=day(11, 20), reference="second")
    desk.write(at, early, Step.IDENTITY_ASKED, day(11, 20), {"doubt": "unknown_address"})
    desk.write(at, early, Step.ANSWERED, TODAY)
    with pytest.raises(Refused, match="request_identity_wait"):
        desk.write(at, early, Step.CLOSED, TODAY, {"outcome": "not_identified"})
    desk.write(at, number, Step.ANSWERED, TODAY)
    desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "not_identified"})
    assert of(at, number).outcome == "not_identified"


@pytest.mark.parametrize("kind", ["objection", "opt_out"])
def test_an_objection_takes_effect_by_the_next_working_day_and_is_answered_within_the_month(at: At, kind: str) -> None:
    # A Friday.
    number = asked(at, kind=kind, received_on=day(11, 20))
    (item,) = backlog.backlog(at.register, None, day(11, 20), PARAMETERS)
    assert (item.due_on, item.next) == (day(11, 23), Next.STOP)
    (item,) = backlog.backlog(at.register, None, TODAY, PARAMETERS)
    assert item.state is RequestState.OVERDUE
    desk.write(at, number, Step.EFFECTIVE, day(11, 23))
    (item,) = backlog.backlog(at.register, None, TODAY, PARAMETERS)
    assert (item.due_on, item.state, item.next) == (day(12, 21), RequestState.OPEN, Next.ANSWER)


def test_an_objection_to_mailings_is_never_refused(at: At) -> None:
    number = asked(at, kind="opt_out", received_on=TODAY)
    with pytest.raises(Refused, match="request_decision_unfit"):
        desk.write(at, number, Step.DECIDED, TODAY, {"decision": "refuse", "why": "excessive"})
    desk.write(at, number, Step.ANSWERED, TODAY)
    with pytest.raises(Refused, match="request_not_decided"):
        desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "done"})


@pytest.mark.parametrize(
    ("kind", "given", "refusal"),
    [
        ("erasure", {"decision": "keep", "why": "bookkeeping"}, "request_until_missing"),
        ("erasure", {"decision": "keep", "why": "bookkeeping", "until_on": "2026-11-23"}, "request_until_missing"),
        ("erasure", {"decision": "keep", "until_on": "2030-12-31"}, "request_ground_missing"),
        ("erasure", {"decision": "erase", "why": "hold"}, "request_ground_missing"),
        ("erasure", {"decision": "hand_out"}, "request_decision_unfit"),
        ("access", {"decision": "refuse", "why": "bookkeeping"}, "request_ground_missing"),
        ("rectification", {"decision": "erase"}, "request_decision_unfit"),
        ("erasure", {"decision": "perhaps"}, "request_fact_wrong"),
        ("erasure", {"decision": "erase", "note": "Anna vill"}, "request_fact_wrong"),
    ],
)
def test_a_decision_needs_what_the_law_wants_of_it(at: At, kind: str, given: dict[str, str], refusal: str) -> None:
    number = asked(at, kind=kind)
    with pytest.raises(Refused, match=refusal):
        desk.write(at, number, Step.DECIDED, TODAY, given)
    assert len(lines(at)) == 1


def test_what_is_kept_has_its_ground_and_its_end(at: At) -> None:
    number = asked(at)
    desk.write(at, number, Step.DECIDED, TODAY, {"decision": "erase", "category": "PROSPECT"})
    kept = {"decision": "keep", "category": "VOUCHER", "why": "bookkeeping", "until_on": "2028-12-31"}
    desk.write(at, number, Step.DECIDED, TODAY, kept)
    told = of(at, number)
    assert [one.decision for one in told.decided] == ["erase", "keep"]
    assert [one.until_on for one in told.kept] == [dt.date(2028, 12, 31)]


def test_s03_what_bookkeeping_law_keeps_is_told_with_its_end_and_the_request_ends_in_part(
    at: At, register_settings: Settings
) -> None:
    number = asked(at, received_on=day(3, 2), requester="customer_contact")
    desk.write(at, number, Step.DECIDED, day(3, 3), {"decision": "erase", "category": "CUSTOMER_CONTACT"})
    until = voucher_keep_until(dt.date(2021, 12, 31))
    kept = {"decision": "keep", "category": "VOUCHER", "why": "bookkeeping", "until_on": until}
    desk.write(at, number, Step.DECIDED, day(3, 3), kept)
    desk.write(at, number, Step.ANSWERED, day(3, 4))
    desk.write(at, number, Step.CLOSED, day(3, 4), {"outcome": "partial"})
    told = of(at, number)
    assert (told.outcome, [one.until_on for one in told.kept]) == ("partial", [dt.date(2028, 12, 31)])
    letter = case.write(register_settings, told, case.fitting(told)[0], "sv", PARAMETERS, TODAY, None)
    assert "2028-12-31" in letter.text and say("letter_why.bookkeeping", "sv") in letter.text


@pytest.mark.parametrize("ground", steps.RESTRICTED_BY[Kind.ERASURE])
def test_a_letter_says_why_somebody_is_restricted_instead_of_erased(
    at: At, register_settings: Settings, ground: Ground
) -> None:
    number = asked(at)
    restrict = {"decision": "restrict", "ground": ground, "review_on": TODAY + dt.timedelta(days=9)}
    desk.write(at, number, Step.DECIDED, TODAY, restrict)
    told = of(at, number)
    letter = case.write(register_settings, told, case.fitting(told)[0], "en", PARAMETERS, TODAY, None)
    assert say(f"letter_ground.{ground}", "en") in letter.text and case.gaps(letter, "en") == []
    assert all(has(f"letter_ground.{one}") for one in Ground)


def test_a_recipient_is_waited_for_until_told(at: At) -> None:
    number = asked(at, kind="rectification")
    desk.write(at, number, Step.DECIDED, TODAY, {"decision": "correct"})
    desk.write(at, number, Step.EXECUTED, TODAY)
    desk.write(at, number, Step.RECIPIENT_DUE, TODAY, {"recipient": "crm"})
    (item,) = backlog.backlog(at.register, None, TODAY, PARAMETERS)
    assert (item.next, item.waits_for) == (Next.TELL_RECIPIENTS, backlog.Waits.RECIPIENTS)
    desk.write(at, number, Step.ANSWERED, TODAY)
    with pytest.raises(Refused, match="request_recipients_open"):
        desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "done"})
    with pytest.raises(Refused, match="request_recipient_unknown"):
        desk.write(at, number, Step.RECIPIENT_TOLD, TODAY, {"recipient": "erp", "telling": "told"})
    desk.write(at, number, Step.RECIPIENT_TOLD, TODAY, {"recipient": "crm", "telling": "told"})
    desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "done"})
    # The ledger names no recipient: it may be called after somebody.
    assert "crm" not in json.dumps(lines(at))


def test_closing_lets_go_of_who_asked_and_reopening_goes_on_as_before_or_anew(at: At) -> None:
    number = asked(at, kind="access")
    desk.write(at, number, Step.DECIDED, TODAY, {"decision": "hand_out"})
    with pytest.raises(Refused, match="request_not_answered"):
        desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "done"})
    desk.write(at, number, Step.ANSWERED, TODAY)
    desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "done"})
    told = of(at, number)
    assert (told.outcome, told.closed_on, [told.row[name] for name in record.CONTACT]) == ("done", TODAY, [None] * 3)
    with pytest.raises(Refused, match="request_step_unfit"):
        desk.write(at, number, Step.DECIDED, TODAY, {"decision": "hand_out"})
    desk.write(at, number, Step.REOPENED, TODAY, {"clock": "as_before"})
    assert (of(at, number).closed_on, of(at, number).due_on) == (None, day(11, 12))
    desk.write(at, number, Step.WITHDRAWN, TODAY)
    assert of(at, number).outcome == "withdrawn"
    desk.write(at, number, Step.REOPENED, TODAY, {"clock": "anew"})
    told = of(at, number)
    assert (told.due_on, told.answered_on, told.received_on) == (day(12, 24), None, OCTOBER)


def test_a_users_request_is_passed_on_to_the_customer_that_is_named(at: At) -> None:
    number = asked(at, requester="env_user", customer="Bolaget AB", received_on=day(11, 20))
    told = of(at, number)
    assert (told.role, told.standing.state, told.due_on) == ("processor", RequestState.REDIRECTED, day(11, 27))
    with pytest.raises(Refused, match="request_not_forwarded"):
        desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "redirected"})
    with pytest.raises(Refused, match="request_step_unfit"):
        desk.write(at, number, Step.DECIDED, TODAY, {"decision": "erase"})
    desk.write(at, number, Step.FORWARDED, TODAY, {"customer": "Bolaget AB"})
    desk.write(at, number, Step.CLOSED, TODAY, {"outcome": "redirected"})
    assert (of(at, number).customer, of(at, number).outcome) == ("Bolaget AB", "redirected")


def test_an_export_does_not_undo_what_the_desk_has_recorded(at: At) -> None:
    register_rows(at.register, form(identity_asked_on="2026-11-03", email="a@bolaget.example"))
    with at.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    desk.write(at, number, Step.IDENTITY_ANSWERED, day(11, 10))
    late = {"identity_asked_on": "2026-11-04", "email": "b@bolaget.example"}
    # The form goes on saying that nobody has answered, and tells what the desk has not.
    register_rows(
        at.register, form(identity_asked_on="2026-11-04", email="b@bolaget.example", forwarded_on="2026-11-11")
    )
    told = of(at, number)
    assert (told.identity_asked_on, told.identity_answered_on) == (day(11, 3), day(11, 10))
    assert (told.row["email"], told.forwarded_on) == ("b@bolaget.example", day(11, 11))
    desk.correct(at, number, Step.RECEIVED, day(11, 1), {"kind": "access", "channel": "mail"})
    register_rows(at.register, form(**late))
    told = of(at, number)
    assert (told.kind, told.channel, told.received_on) == ("access", "mail", day(11, 1))
    # What the form said is still to be read, as nobody's.
    was = [one for one in told.shown if one.corrected_by is not None]
    assert [(one.step, one.recorded_by, one.happened_on) for one in was] == [(Step.RECEIVED, None, day(11, 2))]


def test_what_the_desk_has_opened_again_no_export_closes(at: At) -> None:
    register_rows(at.register, form(closed_on="2026-11-20", outcome="Raderad"))
    with at.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    desk.write(at, number, Step.REOPENED, TODAY, {"clock": "as_before"})
    register_rows(at.register, form(closed_on="2026-11-20", outcome="Raderad"))
    told = of(at, number)
    assert told.closed_on is None
    assert [one.step for one in told.shown] == [Step.RECEIVED, Step.CLOSED, Step.REOPENED]


def test_a_day_lies_between_receipt_and_today_and_a_step_where_the_request_stands(at: At) -> None:
    number = asked(at)
    for wrong in (OCTOBER - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)):
        with pytest.raises(Refused, match="request_day_wrong"):
            desk.write(at, number, Step.ANSWERED, wrong)
    for wrong_step in (Step.IDENTITY_ANSWERED, Step.EXECUTED, Step.FORWARDED, Step.REOPENED, Step.FOUND):
        with pytest.raises(Refused, match=r"request_(step_unfit|fact_wrong)"):
            desk.write(at, number, wrong_step, TODAY)
    with pytest.raises(Refused, match="request_step_fixed"):
        desk.correct(at, number, step(of(at, number), Step.RECEIVED).step_id or 0, OCTOBER, None)
    with pytest.raises(Refused, match="request_unknown"):
        desk.write(at, number + 1, Step.ANSWERED, TODAY)


def test_who_asks_again_within_a_year_is_known_by_it_also_after_closing(at: At) -> None:
    first = asked(at)
    desk.write(at, first, Step.WITHDRAWN, TODAY)
    again, other = asked(at, name="A. Berg", received_on=TODAY), asked(at, phone="070-174 06 99")
    long_ago = asked(at, received_on=dt.date(2024, 1, 8))
    with at.register.connect() as connection:
        assert facts.repeated(connection, again) == [first]
        assert facts.repeated(connection, other) == facts.repeated(connection, long_ago) == []
    desk.write(at, other, Step.LINKED, TODAY, {"other": again})
    with at.register.connect() as connection:
        assert facts.repeated(connection, again) == [first, other]
        assert facts.repeated(connection, other) == [again]


def test_a_purge_leaves_open_what_came_in_by_hand_until_it_is_answered(at: At) -> None:
    number = asked(at)
    source, reference = of(at, number).source, of(at, number).reference
    with writing(at.register) as connection:
        closed = carried_out(connection, source, reference, 7)
    told = of(at, number)
    assert (closed, told.closed_on, told.purges, told.row["phone"]) == (False, None, (7,), "070-174 06 05")
    (item,) = backlog.backlog(at.register, None, TODAY, PARAMETERS)
    assert item.next is Next.ANSWER


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_entered(at: At, kind: Kind) -> None:
    assert of(at, asked(at, kind=kind.value)).kind == kind


def test_an_export_does_not_bring_back_what_began_anew(at: At) -> None:
    told = {"extended_on": "2026-11-20", "extension_reason": "Komplex", "identity_asked_on": "2026-11-03",
            "identity_answered_on": "2026-11-09"}  # fmt: skip
    register_rows(at.register, form(closed_on="2026-11-20", outcome="Raderad", **told))
    with at.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    desk.write(at, number, Step.REOPENED, day(11, 20), {"clock": "anew"})
    assert of(at, number).due_on == day(12, 21)
    register_rows(at.register, form(closed_on="2026-11-20", outcome="Raderad", **told))
    now = of(at, number)
    assert (now.due_on, now.extension_notice_on, now.identity_asked_on) == (day(12, 21), None, None)
    # What the form had said until then is still to be read.
    assert [one.step for one in now.shown] == [
        Step.RECEIVED, Step.IDENTITY_ASKED, Step.IDENTITY_ANSWERED, Step.EXTENDED, Step.CLOSED, Step.REOPENED,
    ]  # fmt: skip


def test_what_goes_on_as_before_goes_on_with_what_the_form_tells(at: At) -> None:
    register_rows(at.register, form(closed_on="2026-11-20", identity_asked_on="2026-11-03"))
    with at.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    desk.write(at, number, Step.REOPENED, TODAY, {"clock": "as_before"})
    register_rows(at.register, form(identity_asked_on="2026-11-03", identity_answered_on="2026-11-09"))
    assert (of(at, number).identity_answered_on, of(at, number).standing.law.pause_days) == (day(11, 9), 6)


def test_a_closing_and_a_reopening_count_where_their_days_put_them_or_are_refused(at: At) -> None:
    number = asked(at, kind="access", received_on=day(11, 2))
    desk.write(at, number, Step.WITHDRAWN, day(11, 10))
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.write(at, number, Step.REOPENED, day(11, 9), {"clock": "as_before"})
    assert of(at, number).closed_on == day(11, 10)
    desk.write(at, number, Step.REOPENED, day(11, 16), {"clock": "as_before"})
    for late in (Step.DECIDED, Step.ANSWERED):
        desk.write(at, number, late, day(11, 16), {"decision": "hand_out"} if late is Step.DECIDED else {})
    for ending, told in ((Step.WITHDRAWN, {}), (Step.CLOSED, {"outcome": "done"})):
        with pytest.raises(Refused, match="request_day_wrong"):
            desk.write(at, number, ending, day(11, 15), told)
    first = step(of(at, number), Step.WITHDRAWN).step_id or 0
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.correct(at, number, first, day(11, 17), {})
    assert desk.correct(at, number, first, day(11, 11), {})
    again = asked(at, kind="access", received_on=day(11, 2), reference="again")
    desk.write(at, again, Step.WITHDRAWN, day(11, 10))
    desk.write(at, again, Step.REOPENED, day(11, 16), {"clock": "anew"})
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.correct(at, again, step(of(at, again), Step.REOPENED).step_id or 0, day(11, 9), {"clock": "anew"})
    # Nothing of what was refused is left: neither a step nor a line, and who asks is still known.
    assert [one.step for one in of(at, again).shown] == [Step.RECEIVED, Step.WITHDRAWN, Step.REOPENED]
    assert [event for event, _ in lines(at)].count("request:closed") == 2
    assert (of(at, number).closed_on, of(at, again).closed_on) == (None, None)


def test_a_step_that_is_struck_out_leaves_what_was_there_before_it(at: At) -> None:
    number = asked(at, requester="env_user", customer="Bolaget AB", received_on=day(11, 20))
    own = of(at, number).handler
    desk.write(at, number, Step.FORWARDED, TODAY, {"customer": "Det andra bolaget AB"})
    desk.correct(at, number, step(of(at, number), Step.FORWARDED).step_id or 0, TODAY, None)
    assert (of(at, number).customer, of(at, number).forwarded_on) == ("Bolaget AB", None)
    desk.write(dataclasses.replace(at, actor=None), number, Step.TAKEN, TODAY)
    assert of(at, number).handler is None
    desk.correct(at, number, step(of(at, number), Step.TAKEN).step_id or 0, TODAY, None)
    assert of(at, number).handler == own is not None
    assert "Bolaget" not in json.dumps(lines(at))


class Found:
    """A copy in which somebody is surely who asks, with two entries."""

    def __init__(self, told: RequestFacts) -> None:
        self.person = RequestPerson(told.source, told.reference, "p1", True, "email,name", "", 2, 0, 0, False)

    def rows(self, query: Query[Any], **_binds: Any) -> list[Any]:
        return {REQUEST_PERSONS: [self.person]}.get(query, [])


DECIDED: dict[str, dict[str, Any]] = {
    "erase": {"decision": "erase"},
    "refuse": {"decision": "refuse", "why": "excessive"},
    "stop": {"decision": "stop"},
    "hand_out": {"decision": "hand_out"},
}


@pytest.mark.parametrize(
    ("kind", "decided", "outcome", "refusal"),
    [
        ("access", "hand_out", "withdrawn", "request_end_unfit"),
        ("access", "hand_out", "other", "request_end_unfit"),
        ("access", "hand_out", "redirected", "request_end_unfit"),
        ("access", "hand_out", "not_identified", "request_identity_wait"),
        ("access", "hand_out", "not_found", "request_still_stored"),
        ("erasure", "erase", "done", "request_still_stored"),
        ("erasure", "erase", "partial", "request_not_decided"),
        ("access", "hand_out", "refused", "request_not_decided"),
        ("access", None, "done", "request_not_decided"),
        ("objection", "stop", "done", "request_no_effect"),
        ("objection", "refuse", "partial", "request_no_effect"),
        ("access", "hand_out", "done", None),
        ("erasure", "refuse", "refused", None),
        ("erasure", "refuse", "partial", None),
    ],
)
def test_a_request_ends_as_what_was_recorded_bears(
    at: At, kind: str, decided: str | None, outcome: str, refusal: str | None
) -> None:
    number = asked(at, kind=kind)
    if decided:
        desk.write(at, number, Step.DECIDED, TODAY, DECIDED[decided])
    desk.write(at, number, Step.ANSWERED, TODAY)
    reading = cast("Reading", Found(of(at, number)))
    if refusal is None:
        desk.write(at, number, Step.CLOSED, TODAY, {"outcome": outcome}, reading=reading)
        assert of(at, number).outcome == outcome
        return
    with pytest.raises(Refused, match=refusal):
        desk.write(at, number, Step.CLOSED, TODAY, {"outcome": outcome}, reading=reading)
    assert of(at, number).closed_on is None


def test_a_customers_request_ends_as_passed_on_and_as_nothing_else(at: At) -> None:
    number = asked(at, requester="env_user", customer="Bolaget AB", received_on=day(11, 20))
    desk.write(at, number, Step.FORWARDED, TODAY, {"customer": "Bolaget AB"})
    for outcome in ("done", "not_found", "refused"):
        with pytest.raises(Refused, match="request_end_unfit"):
            desk.write(at, number, Step.CLOSED, TODAY, {"outcome": outcome})


def test_a_correction_is_refused_where_the_step_would_be(at: At) -> None:
    number = asked(at, kind="rectification")
    for recipient in ("crm", "erp"):
        desk.write(at, number, Step.RECIPIENT_DUE, TODAY, {"recipient": recipient})
    told = desk.write(at, number, Step.RECIPIENT_TOLD, TODAY, {"recipient": "crm", "telling": "told"})
    with pytest.raises(Refused, match="request_recipient_unknown"):
        desk.correct(at, number, told, TODAY, {"recipient": "hr", "telling": "told"})
    told = desk.correct(at, number, told, TODAY, {"recipient": "crm", "telling": "impossible"})
    assert of(at, number).recipients_open == ("erp",)
    desk.correct(at, number, told, TODAY, {"recipient": "erp", "telling": "told"})
    assert of(at, number).recipients_open == ("crm",)
    linked = desk.write(at, number, Step.LINKED, TODAY, {"other": asked(at, reference="other")})
    for other, refusal in ((number, "request_link_own"), (99, "request_unknown")):
        with pytest.raises(Refused, match=refusal):
            desk.correct(at, number, linked, TODAY, {"other": other})


def test_a_question_and_its_answer_count_or_are_refused(at: At) -> None:
    number = asked(at, received_on=day(11, 2))
    first = desk.write(at, number, Step.IDENTITY_ASKED, day(11, 5), {"doubt": "other"})
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.write(at, number, Step.IDENTITY_ANSWERED, day(11, 4))
    answer = desk.write(at, number, Step.IDENTITY_ANSWERED, day(11, 9))
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.correct(at, number, answer, day(11, 4), {})
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.correct(at, number, first, day(11, 10), {"doubt": "other"})
    desk.write(at, number, Step.IDENTITY_ASKED, day(11, 12), {"doubt": "other"})
    with pytest.raises(Refused, match="request_day_wrong"):
        desk.correct(at, number, answer, day(11, 13), {})
    desk.correct(at, number, answer, day(11, 10), {})
    assert of(at, number).standing.law.pause_days == 5


def test_a_receipt_lies_before_what_followed_and_a_customers_names_the_customer(at: At) -> None:
    number = asked(at, received_on=day(11, 2))
    receipt = step(of(at, number), Step.RECEIVED).step_id or 0
    desk.write(at, number, Step.IDENTITY_ASKED, day(11, 5), {"doubt": "other"})
    told = {"kind": "erasure", "channel": "phone", "requester": "prospect"}
    for wrong in (day(11, 6), dt.date(2018, 5, 24)):
        with pytest.raises(Refused) as refusal:
            desk.correct(at, number, receipt, wrong, told)
        assert (refusal.value.code, refusal.value.values["latest"]) == ("request_receipt_wrong", day(11, 5))
    with pytest.raises(Refused, match="request_fact_wrong"):
        desk.correct(at, number, receipt, day(11, 2), {**told, "requester": "env_user"})
    receipt = desk.correct(at, number, receipt, day(11, 1), {**told, "requester": "env_user", "customer": "Bolaget AB"})
    now = of(at, number)
    assert (now.role, now.customer, now.received_on) == ("processor", "Bolaget AB", day(11, 1))
    desk.correct(at, number, receipt, day(11, 1), told)
    assert (of(at, number).role, of(at, number).customer) == ("controller", None)


def test_what_an_export_has_told_is_corrected_and_the_rest_of_it_stays(at: At) -> None:
    register_rows(at.register, form(identity_asked_on="2026-11-03", identity_answered_on="2026-11-09"))
    with at.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    desk.correct(at, number, Step.IDENTITY_ASKED, day(11, 4), {"doubt": "unknown_address"})
    told = of(at, number)
    assert (told.identity_asked_on, told.identity_answered_on, told.standing.law.pause_days) == (
        day(11, 4), day(11, 9), 5,
    )  # fmt: skip
    with pytest.raises(Refused, match="request_step_unknown"):
        desk.correct(at, number, Step.EXTENDED, day(11, 4), {"reason": "complex"})


def test_who_took_a_request_on_stays_it_whoever_corrects_the_day(at: At, register_settings: Settings) -> None:
    number = asked(at)
    taken = desk.write(at, number, Step.TAKEN, TODAY)
    other = acting(register_settings, at.register, actor(register_settings, "petra"), NOW)
    desk.correct(dataclasses.replace(other, actor=None), number, taken, day(11, 20), {})
    assert of(at, number).handler == (at.actor.pseudonym if at.actor else "")


def kept_of(at: At, number: int) -> int:
    with at.register.connect() as connection:
        chosen = sa.select(sa.func.count()).select_from(request_choice).where(request_choice.c.request_id == number)
        return connection.scalar(chosen) or 0


def test_whom_it_is_from_is_forgotten_with_its_end_and_when_it_is_a_customers(at: At) -> None:
    def found(number: int) -> None:
        with writing(at.register) as connection:
            along.enter(connection, number, Verdict.FOUND, "p1", "email,name", {"d1"}, now=NOW)

    ended, open_, passed_on = asked(at, reference="a"), asked(at, reference="b"), asked(at, reference="c")
    for number in (ended, open_, passed_on):
        found(number)
    desk.write(at, ended, Step.WITHDRAWN, TODAY)
    desk.write(at, open_, Step.ANSWERED, TODAY)
    receipt = step(of(at, passed_on), Step.RECEIVED).step_id or 0
    told = {"kind": "erasure", "channel": "phone", "requester": "env_user", "customer": "Bolaget AB"}
    desk.correct(at, passed_on, receipt, OCTOBER, told)
    assert [kept_of(at, number) for number in (ended, open_, passed_on)] == [0, 1, 0]
    with at.register.connect() as connection:
        assert connection.scalars(sa.select(request_choice_trace.c.digest)).all() == ["d1"]


def test_a_form_that_has_it_closed_says_nothing_of_who_asks_what_is_open_again(at: At) -> None:
    register_rows(at.register, form(email="a@bolaget.example"))
    with at.register.connect() as connection:
        number = connection.scalars(sa.select(request.c.request_id)).one()
    desk.write(at, number, Step.WITHDRAWN, TODAY)
    desk.write(at, number, Step.REOPENED, TODAY, {"clock": "as_before"})
    assert of(at, number).row["email"] is None
    register_rows(at.register, form(email="a@bolaget.example"))
    register_rows(at.register, form(email="a@bolaget.example", closed_on="2026-11-23", outcome="Raderad"))
    assert (of(at, number).row["email"], of(at, number).closed_on) == ("a@bolaget.example", None)


def test_a_purge_ends_what_came_in_by_hand_once_it_is_answered(at: At) -> None:
    number = asked(at)
    desk.write(at, number, Step.ANSWERED, TODAY)
    told = of(at, number)
    with writing(at.register) as connection:
        closed = carried_out(connection, told.source, told.reference, 7)
    told = of(at, number)
    assert (closed, told.closed_on, told.outcome, told.row["phone"]) == (True, TODAY, "done", None)


def test_one_request_stands_as_it_does_among_all(at: At) -> None:
    first, other = asked(at), asked(at, kind="access", reference="other")
    reading = cast("Reading", Found(of(at, first)))
    items = backlog.backlog(at.register, reading, TODAY, PARAMETERS)
    assert [backlog.item(at.register, reading, one.request_id, TODAY, PARAMETERS) for one in items] == items
    desk.write(at, other, Step.WITHDRAWN, TODAY)
    assert backlog.item(at.register, reading, other, TODAY, PARAMETERS) is None
    with at.register.connect() as connection:
        rows = [record.row_of(connection, first)]
        assert facts.due_days(connection, rows, PARAMETERS, TODAY) == {first: of(at, first).standing.due_on}


def test_who_asked_first_what_is_stored_is_answered_before_it_is_erased(at: At) -> None:
    first, access = asked(at), asked(at, kind="access", reference="other")

    class Both:
        def rows(self, query: Query[Any], **_binds: Any) -> list[Any]:
            return [one for number in (first, access) for one in Found(of(at, number)).rows(query)]

    reading = cast("Reading", Both())
    item = backlog.item(at.register, reading, first, TODAY, PARAMETERS)
    assert item is not None and backlog.Block.ACCESS_FIRST in item.blocks
    desk.write(at, access, Step.WITHDRAWN, TODAY)
    item = backlog.item(at.register, reading, first, TODAY, PARAMETERS)
    assert item is not None and item.blocks == ()


def test_several_are_recorded_each_with_its_own_line_and_those_that_do_not_stand_so_are_told(at: At) -> None:
    numbers = [asked(at, kind="rectification", reference=f"R{nth}") for nth in range(4)]
    for number in numbers[:2]:
        for recipient in ("crm", "erp"):
            desk.write(at, number, Step.RECIPIENT_DUE, TODAY, {"recipient": recipient})
    desk.write(at, numbers[2], Step.RECIPIENT_DUE, TODAY, {"recipient": "erp"})
    desk.write(at, numbers[3], Step.WITHDRAWN, TODAY)
    assert desk.waited_for(at.register, numbers[:2]) == ["crm", "erp"]
    assert desk.waited_for(at.register, numbers[:3]) == ["erp"]
    assert desk.waited_for(at.register, numbers) == desk.waited_for(at.register, []) == []
    before = len(lines(at))
    told = {"recipient": "crm", "telling": "told"}
    refused = desk.write_each(at, numbers, Step.RECIPIENT_TOLD, TODAY, told)
    assert {number: why.code for number, why in refused.items()} == {
        numbers[2]: "request_recipient_unknown",
        numbers[3]: "request_step_unfit",
    }
    new = lines(at)[before:]
    assert [(event, details["request"], details["step"]) for event, details in new] == [
        ("request:step", number, "recipient_told") for number in numbers[:2]
    ]
    assert [of(at, number).recipients_open for number in numbers[:3]] == [("erp",), ("erp",), ("erp",)]


def test_only_who_handles_requests_records_several(at: At, register_settings: Settings) -> None:
    number = asked(at)
    other = acting(register_settings, at.register, actor(register_settings, "axel"), NOW)
    with pytest.raises(Refused, match="not_allowed"):
        desk.write_each(other, [number], Step.TAKEN, TODAY)
