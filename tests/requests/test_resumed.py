"""Closed erasures that kept something: taken up again once nothing keeps it any more, and not before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.marks import verbs as marks
from compliance.marks.tables import Ending
from compliance.requests import desk, forget, rest, resumed
from compliance.requests.asks import RequestEntry
from compliance.requests.backlog import Next
from compliance.requests.desk import Asked
from compliance.requests.rest import Freed
from compliance.requests.resumed import Waiting
from compliance.requests.steps import Decided, Reopened
from compliance.requests.tables import Decision, Outcome, Resumed, Step, Why, request_choice, request_step
from compliance.review import decisions
from compliance.review.decisions import Kind
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category
from tests.purging import prospects, request, requests_made
from tests.requests.test_rest import EVA, FOR_CLAIMS, PROSPECTS, Erasing, eva
from tests.world import TODAY

__all__ = ["eva"]
DAY = dt.timedelta(days=1)
UNTIL = TODAY + 7 * DAY


def waits(eva: Erasing) -> list[Waiting]:
    """What waits to be taken up again; the list of decisions says the same."""
    at, reading = eva.at(eva.petra), eva.reading()
    found = resumed.waiting(eva.register, reading)
    told = [one for one in decisions._of_requests(at, reading) if one.kind is Kind.RESUME]
    assert [(one.count, one.since, one.filters, one.told["why"], one.may) for one in told] == [
        (one.bases, one.since, {"number": str(one.number)}, one.why, True) for one in found
    ]
    return found


def keep_while_held(eva: Erasing) -> int:
    """Eva's request ends in part: what was a prospect's is on hold, and what was an employee's is kept for claims."""
    number = eva.hold("PROSPECT")
    eva.decide("erase")
    eva.decide("keep", **FOR_CLAIMS)
    eva.decide("keep", category="PROSPECT", why="hold")
    assert eva.purge_it().deleted == 1
    eva.end("partial")
    return number


def known(eva: Erasing) -> int:
    """By how many digests' worth of persons it is known whom the request is from."""
    with eva.register.connect() as connection:
        return len(connection.execute(sa.select(request_choice)).all())


def test_a_hold_that_is_released_frees_what_it_kept_of_a_closed_request(eva: Erasing) -> None:
    number = keep_while_held(eva)
    assert (waits(eva), eva.told.outcome, eva.told.row["email"]) == ([], "partial", None)
    eva.on(TODAY + 3 * DAY)
    # Its last day; it is off from the day of its release.
    assert waits(eva) == []
    with pytest.raises(Refused, match="request_nothing_freed"):
        desk.take_up(eva.at(eva.petra), eva.reading(), eva.number)
    holds.release(eva.at(eva.axel), number, reading=eva.reading())
    freed = Waiting(eva.number, 1, Resumed.HOLD_RELEASED, TODAY + 3 * DAY)
    assert waits(eva) == [freed]
    eva.on(TODAY + 4 * DAY)
    assert waits(eva) == [freed]

    desk.take_up(eva.at(eva.petra), eva.reading(), eva.number)
    (step,) = [one for one in eva.told.shown if one.step is Step.REOPENED]
    assert isinstance(step.facts, Reopened) and step.facts.resumes is Resumed.HOLD_RELEASED
    assert (waits(eva), eva.stands.next, eva.stands.received_on) == ([], Next.PURGE, TODAY)
    # A month from the day on which it was taken up, and answered anew.
    assert (eva.told.standing.starts_on, eva.told.answered_on) == (TODAY + 4 * DAY, None)
    assert eva.purge_it().deleted == 1 and eva.stored() == {"EMPLOYEE", "VOUCHER"}
    assert eva.stands.next is Next.ANSWER
    eva.end("partial")
    assert waits(eva) == []
    with pytest.raises(Refused, match="request_nothing_freed"):
        desk.take_up(eva.at(eva.petra), eva.reading(), eva.number)


def test_what_a_second_hold_keeps_waits_for_both(eva: Erasing) -> None:
    first = keep_while_held(eva)
    (entry,) = [row for row in eva.entries(category="PROSPECT") if row.name == "Eva Lind"]
    # Another's, who knows nothing of the request.
    terms = holds.Terms(holds_tables.Ground.DISPUTE, "legal", TODAY + 60 * DAY, case_ref="T-2")
    second = holds.place(eva.at(eva.axel), eva.reading(), holds.Target("person", entry.person_id), terms)
    holds.release(eva.at(eva.axel), first, reading=eva.reading())
    assert waits(eva) == []
    holds.release(eva.at(eva.axel), second, reading=eva.reading())
    assert [one.bases for one in waits(eva)] == [1]


def test_what_is_kept_until_a_day_is_free_the_day_after(eva: Erasing) -> None:
    eva.decide("erase")
    eva.decide("keep", **FOR_CLAIMS)
    eva.decide("keep", category="PROSPECT", why="claims", until_on=UNTIL)
    assert eva.purge_it().deleted == 1
    eva.end("partial")
    eva.on(UNTIL)
    assert waits(eva) == []
    eva.on(UNTIL + DAY)
    assert waits(eva) == [Waiting(eva.number, 1, Resumed.KEEP_ENDED, UNTIL + DAY)]
    eva.hold("PROSPECT")
    assert waits(eva) == []


def test_what_was_refused_for_a_hold_is_taken_up_again(eva: Erasing) -> None:
    number = eva.hold("PROSPECT")
    eva.decide("refuse", why="hold")
    eva.end("refused")
    # What the hold is not on it does not keep either; the voucher the law does.
    assert [(one.bases, one.since) for one in waits(eva)] == [(1, None)]
    holds.release(eva.at(eva.axel), number, reading=eva.reading())
    assert waits(eva) == [Waiting(eva.number, 2, Resumed.HOLD_RELEASED, TODAY)]


def test_a_restriction_that_is_lifted_frees_what_was_restricted_instead(eva: Erasing) -> None:
    eva.decide("restrict", ground="needed_for_claims", review_on=TODAY + 60 * DAY)
    eva.end("partial")
    assert waits(eva) == []
    marks.lift(eva.at(eva.petra), 1, Ending.GROUND_ENDED, told_on=TODAY)
    assert [(one.bases, one.why, one.since) for one in waits(eva)] == [(2, Resumed.RESTRICTION_LIFTED, None)]


def test_what_a_hold_keeps_when_a_request_is_closed_is_a_decision_though_nobody_took_it(eva: Erasing) -> None:
    eva.hold("PROSPECT")
    eva.decide("erase")
    eva.decide("keep", **FOR_CLAIMS)
    assert eva.purge_it().deleted == 1
    eva.end("partial")
    kept = [one for one in eva.told.decided if one.why is Why.HOLD]
    assert kept == [Decided(decision=Decision.KEEP, category=Category.PROSPECT, why=Why.HOLD)]
    holds.release(eva.at(eva.axel), 1, reading=eva.reading())
    assert [one.why for one in waits(eva)] == [Resumed.HOLD_RELEASED]


def test_a_request_of_a_form_is_taken_up_again_too(eva: Erasing, tmp_path: Path) -> None:
    desk.write(eva.at(eva.petra), eva.number, Step.WITHDRAWN, TODAY)
    asked = request(9, 0, Namn="Eva Lind", **{"E-post": EVA["E-post"]})
    assert eva.take_in(requests_made(tmp_path, [asked])).all_taken
    eva.number = 2
    eva.decide("keep", **FOR_CLAIMS)
    eva.decide("keep", category="PROSPECT", why="claims", until_on=UNTIL)
    assert eva.finish(eva.propose_for("R9")).deleted == 1
    assert eva.told.outcome == "partial"
    # The form still has her as one who asks, and the next export of her source another number.
    eva.on(UNTIL + DAY)
    moved = [{**one, "Telefon": "070-000 00 01"} if one["Namn"] == "Eva Lind" else one for one in PROSPECTS]
    stamp = f"{UNTIL + DAY:%Y-%m-%d}T0500"
    taken = eva.take_in(prospects(tmp_path, moved, stamp), requests_made(tmp_path, [asked], stamp))
    assert taken.all_taken
    assert waits(eva) == [Waiting(2, 1, Resumed.KEEP_ENDED, UNTIL + DAY)]
    desk.take_up(eva.at(eva.petra), eva.reading(), eva.number)
    assert eva.finish(eva.propose_for("R9")).deleted == 1 and "PROSPECT" not in eva.stored()


def test_whoever_is_nobody_any_more_is_known_no_longer(eva: Erasing) -> None:
    keep_while_held(eva)
    assert known(eva) == 1
    assert forget.forget_closed(eva.at(), eva.reading()) == 0 and known(eva) == 1
    holds.release(eva.at(eva.axel), 1, reading=eva.reading())
    forget.forget_closed(eva.at(), eva.reading())
    # It was not taken up yet.
    assert (known(eva), len(waits(eva))) == (1, 1)


@pytest.mark.parametrize("end", ["done", "withdrawn"])
def test_of_a_request_that_kept_nothing_nobody_is_known(eva: Erasing, end: str) -> None:
    eva.decide("keep", category="PROSPECT", why="claims", until_on=UNTIL)
    assert known(eva) == 1
    if end == "withdrawn":
        desk.write(eva.at(eva.petra), eva.number, Step.WITHDRAWN, TODAY)
    else:
        eva.decide("not_identified")
        desk.correct(eva.at(eva.petra), eva.number, _decided(eva), TODAY, None)
        eva.decide("refuse", why="unfounded")
        eva.end("refused")
    assert known(eva) == 0


def _decided(eva: Erasing) -> int:
    """The step that kept something."""
    with eva.register.connect() as connection:
        found = sa.select(request_step.c.step_id).where(request_step.c.step == Step.DECIDED)
        return int(connection.scalars(found.order_by(request_step.c.step_id)).first() or 0)


def test_one_that_waits_is_not_let_go_of_before_its_time(eva: Erasing) -> None:
    keep_while_held(eva)
    eva.on(TODAY + 800 * DAY)
    assert forget.forget_closed(eva.at(), eva.reading()) == 0
    holds.release(eva.at(eva.axel), 1, reading=eva.reading())
    assert len(waits(eva)) == 1
    desk.take_up(eva.at(eva.petra), eva.reading(), eva.number)
    eva.purge_it()


def test_of_what_goes_by_the_rules_alone_nobody_is_known(eva: Erasing) -> None:
    eva.decide("erase")
    eva.decide("keep", category="EMPLOYEE", why="claims", until_on=UNTIL)
    eva.purge_it()
    eva.end("partial")
    assert eva.stored() == {"EMPLOYEE", "VOUCHER"} and known(eva) == 1
    eva.on(UNTIL + DAY)
    assert waits(eva) == []
    forget.forget_closed(eva.at())
    # Nothing tells without the copy.
    assert known(eva) == 1
    forget.forget_closed(eva.at(), eva.reading())
    assert known(eva) == 0
    eva.on(TODAY + 800 * DAY)
    assert forget.forget_closed(eva.at(), eva.reading()) == 1


ERASE, KEEP, REFUSE, RESTRICT = Decision.ERASE, Decision.KEEP, Decision.REFUSE, Decision.RESTRICT
PROSPECT = Category.PROSPECT


def kept(what: Decision, of: Category | None = None, **told: Any) -> Decided:
    return Decided(decision=what, category=of, **told)


@pytest.mark.parametrize(
    ("decided", "of", "freed"),
    [
        ([kept(KEEP, why=Why.HOLD)], {}, Freed(2, Resumed.HOLD_RELEASED, None)),
        ([kept(KEEP, why=Why.HOLD)], {"held": True}, None),
        ([kept(KEEP, why=Why.HOLD)], {"restricted": True}, None),
        ([kept(KEEP, why=Why.HOLD)], {"statutory_until": TODAY}, None),
        ([kept(KEEP, PROSPECT, why=Why.CLAIMS, until_on=TODAY)], {}, None),
        ([kept(KEEP, PROSPECT, why=Why.CLAIMS, until_on=TODAY - DAY)], {}, Freed(2, Resumed.KEEP_ENDED, TODAY - DAY)),
        # What claims may need no purge takes for a request.
        ([kept(KEEP, why=Why.EMPLOYMENT, until_on=TODAY - DAY)], {"needed": True}, None),
        ([kept(KEEP, PROSPECT, why=Why.CLAIMS, until_on=TODAY - DAY)], {"held": True}, None),
        ([kept(KEEP, Category.EMPLOYEE, why=Why.CLAIMS, until_on=TODAY - DAY)], {}, None),
        ([kept(REFUSE, why=Why.UNFOUNDED)], {}, None),
        ([kept(REFUSE, why=Why.HOLD)], {}, Freed(2, Resumed.HOLD_RELEASED, None)),
        ([kept(RESTRICT)], {}, Freed(2, Resumed.RESTRICTION_LIFTED, None)),
        ([kept(RESTRICT)], {"restricted": True}, None),
        # What came since, and nobody has kept.
        ([kept(ERASE)], {}, None),
        # Others were named for erasure; this was kept until yesterday.
        (
            [kept(ERASE, Category.EMPLOYEE), kept(KEEP, PROSPECT, why=Why.CLAIMS, until_on=TODAY - DAY)], {},
            Freed(2, Resumed.KEEP_ENDED, TODAY - DAY),
        ),
        (
            [kept(KEEP, why=Why.CLAIMS, until_on=TODAY - DAY), kept(KEEP, PROSPECT, why=Why.CLAIMS, until_on=TODAY)],
            {}, None,
        ),
    ],
)  # fmt: skip
def test_what_nothing_keeps_any_more(decided: list[Decided], of: dict[str, Any], freed: Freed | None) -> None:
    known = {"held": False, "restricted": False, "needed": False, "statutory_until": None, "bases": 2}
    entries = [RequestEntry("desk", "r", "PROSPECT", **{**known, **of})]
    assert rest.freed(decided, entries, TODAY) == freed


@pytest.mark.parametrize(
    ("of", "lasts"),
    [
        ({}, True), ({"held": True}, True), ({"needed": True}, False), ({"statutory_until": TODAY}, False),
        # Once the hold is released it may be neither.
        ({"held": True, "needed": True}, True), ({"held": True, "statutory_until": TODAY}, True),
    ],
)  # fmt: skip
def test_who_is_still_to_be_known(of: dict[str, Any], lasts: bool) -> None:
    known = {"held": False, "restricted": False, "needed": False, "statutory_until": None, "bases": 1}
    entries = [RequestEntry("desk", "r", "PROSPECT", **{**known, **of})]
    assert rest.lasts([kept(KEEP, why=Why.HOLD)], entries) is lasts
    assert not rest.lasts([kept(ERASE)], entries)


def test_only_what_ends_waits(eva: Erasing) -> None:
    asked = Asked("erasure", "phone", TODAY, name="Person2 Provsson", email="person2@bolaget.example")
    number = desk.register(eva.at(eva.petra), eva.reading(), asked)
    eva.number = number
    eva.decide("refuse", why="excessive")
    eva.end("refused")
    assert (eva.told.outcome, known(eva)) == (Outcome.REFUSED, 1)
    eva.on(TODAY + 400 * DAY)
    assert waits(eva) == []
