"""What an erasure leaves: by decision, by the law, by a hold or a restriction, and what comes next then."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.letters import case
from compliance.marks import verbs as marks
from compliance.marks.tables import Ending
from compliance.purge import execute
from compliance.purge.batches import Batch
from compliance.purge.tables import Stays
from compliance.requests import backlog, desk, facts, rest
from compliance.requests.asks import RequestEntry
from compliance.requests.backlog import BacklogItem, Block, Next
from compliance.requests.desk import Asked
from compliance.requests.rest import Rest, Said
from compliance.requests.steps import Decided
from compliance.requests.tables import SOURCE, Decision, Step, Why
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category
from tests.purging import Desk, contractors, employees, prospect, prospects, request, requests_made, vouchers
from tests.world import TODAY

EVA = {"E-post": "eva.lind@bolaget.example", "Telefon": "070-174 06 31"}
# So many others that nothing here is a large purge.
PROSPECTS = [prospect(1, "2024-02-21", Namn="Eva Lind", **EVA), *(prospect(n, "2024-02-21") for n in range(2, 25))]
LEFT = {
    "Anställningsnummer": "E88", "Förnamn": "Eva", "Efternamn": "Lind", "E-post": EVA["E-post"],
    "Befattning": "Säljare", "Anställd från": "2012-03-01", "Sista anställningsdag": "2023-05-31", "Status": "Avslutad",
}  # fmt: skip
LENT = {
    "Uppdrags-ID": "U7", "Namn": "Eva Lind", "E-post": EVA["E-post"], "Roll": "Konsult", "Från": "2008-03-01",
    "Till": "2010-05-31", "Status": "Avslutad",
}  # fmt: skip
OTHERS = [{**LENT, "Uppdrags-ID": f"U{n}", "Namn": f"Konsult{n} Provsson", "E-post": ""} for n in range(20, 44)]
PAID = {"Verifikationsnummer": "V1", "Gäller anställningsnummer": "E88", "Räkenskapsår": "2023"}
BY_LAW = {"category": "VOUCHER", "why": "bookkeeping", "until_on": dt.date(2030, 12, 31)}
FOR_CLAIMS = {"category": "EMPLOYEE", "why": "claims", "until_on": dt.date(2033, 5, 31)}
AHEAD = TODAY + dt.timedelta(days=60)


class Erasing(Desk):
    """A desk at which Eva asks to be erased: a prospect, once a contractor and an employee, and paid by a voucher."""

    number = 0

    def asks(self) -> None:
        """She calls."""
        asked = Asked("erasure", "phone", TODAY, name="Eva Lind", email=EVA["E-post"])
        self.number = desk.register(self.at(self.petra), self.reading(), asked)

    def decide(self, decision: str, **told: Any) -> int:
        """Petra decides."""
        at, reading = self.at(self.petra), self.reading()
        return desk.write(at, self.number, Step.DECIDED, at.today, {"decision": decision, **told}, reading=reading)

    def end(self, outcome: str) -> None:
        """Petra answers and closes."""
        for step, told in ((Step.ANSWERED, {}), (Step.CLOSED, {"outcome": outcome})):
            at = self.at(self.petra)
            desk.write(at, self.number, step, at.today, told, reading=self.reading())

    @property
    def told(self) -> facts.RequestFacts:
        """What is known of the request."""
        with self.register.connect() as connection:
            return facts.facts_of(connection, self.number, self.parameters, self.at().today)

    @property
    def stands(self) -> BacklogItem:
        """The request in the backlog."""
        at = self.at()
        items = backlog.backlog(self.register, self.reading(), at.today, self.parameters)
        (found,) = [one for one in items if one.request_id == self.number]
        assert backlog.item(self.register, self.reading(), self.number, at.today, self.parameters) == found
        return found

    def purge_it(self) -> Batch:
        """A purge that answers the request, from its proposal to its end."""
        return self.finish(self.propose_for(self.told.reference, source=SOURCE))

    def stored(self) -> set[str]:
        """In what categories Eva is stored."""
        # A voucher has no name.
        return {row.category for row in self.entries() if row.name == "Eva Lind" or row.category == "VOUCHER"}

    def hold(self, category: str) -> int:
        """A hold on Eva's entry of a category."""
        (entry,) = [row for row in self.entries(category=category) if row.name == "Eva Lind"]
        terms = holds.Terms(holds_tables.Ground.LEGAL_CLAIM, "legal", AHEAD)
        return holds.place(self.at(self.axel), self.reading(), holds.Target("basis", entry.basis_id), terms)

    def executed(self) -> list[tuple[int | None, str | None]]:
        """What purges are said to have done."""
        steps = [one for one in self.told.shown if one.step is Step.EXECUTED]
        return [(one.facts.batch, one.facts.outcome) for one in steps]  # type: ignore[attr-defined]


@cache
def made() -> tuple[Path, dt.datetime]:
    folder = Path(tempfile.mkdtemp())
    desk = Erasing(folder / "store")
    rows = (
        prospects(folder, PROSPECTS), employees(folder, [LEFT]), contractors(folder, [LENT, *OTHERS]),
        vouchers(folder, [PAID]),
    )  # fmt: skip
    assert desk.take_in(*rows).all_taken
    desk.asks()
    desk.register.dispose()
    return folder / "store", desk.now


@pytest.fixture
def eva(tmp_path: Path) -> Erasing:
    """The desk, once Eva has asked."""
    store, now = made()
    shutil.copytree(store, tmp_path / "store")
    found = Erasing(tmp_path / "store")
    found.now, found.number = now, 1
    return found


def test_what_was_decided_to_be_kept_stays_and_the_rest_is_all_that_was_to_be_done(eva: Erasing) -> None:
    assert eva.stands.next is Next.DECIDE
    eva.decide("erase")
    assert eva.stands.next is Next.PURGE
    eva.decide("keep", **FOR_CLAIMS)
    batch = eva.purge_it()
    assert batch.deleted == 2 and eva.stored() == {"EMPLOYEE", "VOUCHER"}
    assert (eva.executed(), eva.stands.next) == ([(batch.batch_id, "partial")], Next.ANSWER)
    # What the law keeps, nobody had to decide; the letter says until when.
    assert [(one.category, one.until_on) for one in eva.told.kept] == [
        (Category.EMPLOYEE, dt.date(2033, 5, 31)), (Category.VOUCHER, dt.date(2030, 12, 31)),
    ]  # fmt: skip
    letter = case.write(eva.settings, eva.told, case.fitting(eva.told)[0], "sv", eva.parameters, TODAY, None)
    assert case.gaps(letter, "sv") == [] and "Allt annat som vi hade om dig är raderat." in letter.text
    assert all(day in letter.text for day in ("2033-05-31", "2030-12-31", "2026-12-29"))
    eva.end("partial")
    assert (eva.told.outcome, eva.told.row["email"]) == ("partial", None)


def test_what_is_left_is_decided_after_the_purge(eva: Erasing) -> None:
    eva.decide("erase")
    batch = eva.purge_it()
    stands = eva.stands
    assert (stands.next, Block.EMPLOYMENT in stands.blocks) == (Next.DECIDE_REST, True)
    assert eva.executed() == [(batch.batch_id, "partial")]
    eva.decide("keep", **FOR_CLAIMS)
    stands = eva.stands
    assert (stands.next, Block.EMPLOYMENT in stands.blocks) == (Next.ANSWER, False)
    desk.write(eva.at(eva.petra), eva.number, Step.RECIPIENT_DUE, TODAY, {"recipient": "crm"})
    assert eva.stands.next is Next.TELL_RECIPIENTS


def test_what_is_kept_without_that_anything_is_erased_is_answered(eva: Erasing) -> None:
    eva.decide("keep", **BY_LAW)
    # All else waits for a decision.
    assert eva.stands.next is Next.DECIDE_REST
    eva.decide("refuse", why="claims", until_on=FOR_CLAIMS["until_on"])
    assert eva.stands.next is Next.ANSWER
    with pytest.raises(Refused) as refused:
        eva.propose_for(eva.told.reference, source=SOURCE)
    assert refused.value.values["stays"] == {Stays.KEPT.value: 3, Stays.STATUTORY.value: 1}
    eva.end("refused")
    assert eva.executed() == []


@pytest.mark.parametrize("first", ["erase", "restrict"])
def test_whoever_is_restricted_instead_is_answered_and_erased_once_that_is_lifted(eva: Erasing, first: str) -> None:
    restrict = {"ground": "needed_for_claims", "review_on": AHEAD}
    for decision in (first, {"erase": "restrict", "restrict": "erase"}[first]):
        eva.decide(decision, **(restrict if decision == "restrict" else {}))
    stands = eva.stands
    assert (stands.next, Block.RESTRICTED in stands.blocks) == (Next.ANSWER, True)
    with pytest.raises(Refused, match="batch_empty"):
        eva.propose_for(eva.told.reference, source=SOURCE)
    marks.lift(eva.at(eva.petra), 1, Ending.GROUND_ENDED, told_on=TODAY)
    assert eva.stands.next is Next.PURGE


def test_a_restriction_instead_of_an_erasure_ends_it_in_part(eva: Erasing) -> None:
    eva.decide("restrict", ground="needed_for_claims", review_on=AHEAD)
    assert eva.stands.next is Next.ANSWER
    eva.end("partial")
    assert eva.told.outcome == "partial"


def test_what_stays_since_a_hold_came_meanwhile_is_decided_or_purged_once_it_is_released(eva: Erasing) -> None:
    eva.decide("erase")
    eva.decide("keep", **FOR_CLAIMS)
    batch = eva.approve(eva.propose_for(eva.told.reference, source=SOURCE))
    number = eva.hold("PROSPECT")
    eva.claim(batch)
    batch = eva.carry_out(batch)
    assert (batch.deleted, batch.held, eva.executed()) == (1, 1, [(batch.batch_id, "partial")])
    stands = eva.stands
    assert (stands.next, Block.HELD in stands.blocks) == (Next.DECIDE_REST, True)
    eva.decide("keep", category="PROSPECT", why="hold")
    assert eva.stands.next is Next.ANSWER
    holds.release(eva.at(eva.axel), number, reading=eva.reading())
    assert eva.stands.next is Next.PURGE
    second = eva.purge_it()
    assert (second.deleted, eva.stands.next) == (1, Next.ANSWER)
    assert eva.executed() == [(batch.batch_id, "partial"), (second.batch_id, "partial")]


def test_what_was_kept_is_to_be_purged_once_its_last_day_has_passed(eva: Erasing) -> None:
    eva.decide("erase")
    eva.decide("keep", **FOR_CLAIMS)
    eva.decide("keep", category="PROSPECT", why="claims", until_on=TODAY + dt.timedelta(days=7))
    assert eva.purge_it().deleted == 1
    assert eva.stored() == {"PROSPECT", "EMPLOYEE", "VOUCHER"}
    eva.on(TODAY + dt.timedelta(days=7))
    assert eva.stands.next is Next.ANSWER
    eva.on(TODAY + dt.timedelta(days=8))
    assert eva.stands.next is Next.PURGE
    assert eva.purge_it().deleted == 1 and eva.stored() == {"EMPLOYEE", "VOUCHER"}
    assert eva.stands.next is Next.ANSWER


def test_of_what_one_category_was_named_for_a_purge_takes_no_other(eva: Erasing) -> None:
    eva.decide("erase", category="CONTRACTOR")
    first = eva.purge_it()
    assert (first.deleted, eva.stored()) == (1, {"PROSPECT", "EMPLOYEE", "VOUCHER"})
    assert eva.stands.next is Next.DECIDE_REST
    eva.decide("erase", category="PROSPECT")
    eva.decide("keep", **FOR_CLAIMS)
    assert eva.stands.next is Next.PURGE
    second = eva.purge_it()
    assert (second.deleted, eva.told.purges) == (1, (first.batch_id, second.batch_id))
    assert eva.stands.next is Next.ANSWER


def test_what_is_decided_to_be_kept_after_the_approval_stays(eva: Erasing) -> None:
    eva.decide("erase")
    batch = eva.approve(eva.propose_for(eva.told.reference, source=SOURCE))
    eva.claim(batch)
    eva.decide("keep", category="PROSPECT", why="claims", until_on=AHEAD)
    batch = eva.carry_out(batch)
    assert (batch.deleted, batch.held, "PROSPECT" in eva.stored()) == (1, 1, True)


def test_what_is_decided_while_the_build_is_written_counts(eva: Erasing, monkeypatch: pytest.MonkeyPatch) -> None:
    eva.decide("erase")
    batch = eva.approve(eva.propose_for(eva.told.reference, source=SOURCE))
    eva.claim(batch)
    make, tries = execute._Execution._make, list[int]()

    def made(self: execute._Execution, going: Any, writer: Any) -> Any:
        found = make(self, going, writer)
        if not tries:
            eva.decide("keep", category="PROSPECT", why="claims", until_on=AHEAD)
        tries.append(found.proof.deleted)
        return found

    monkeypatch.setattr(execute._Execution, "_make", made)
    batch = eva.carry_out(batch)
    assert (tries, batch.deleted, "PROSPECT" in eva.stored()) == ([2, 1], 1, True)


def test_a_request_of_a_form_ends_with_the_purge_where_the_rest_was_decided(eva: Erasing, tmp_path: Path) -> None:
    eva.decide("erase")
    desk.write(eva.at(eva.petra), eva.number, Step.WITHDRAWN, TODAY)
    asked = request(9, 0, Namn="Eva Lind", **{"E-post": EVA["E-post"]})
    assert eva.take_in(requests_made(tmp_path, [asked])).all_taken
    eva.number = 2
    eva.decide("keep", **FOR_CLAIMS)
    assert eva.finish(eva.propose_for("R9")).deleted == 2
    assert (eva.told.outcome, [one.category for one in eva.told.kept]) == (
        "partial", [Category.EMPLOYEE, Category.VOUCHER],
    )  # fmt: skip


def test_a_purge_that_takes_only_a_part_leaves_the_request_open(eva: Erasing, tmp_path: Path) -> None:
    desk.write(eva.at(eva.petra), eva.number, Step.WITHDRAWN, TODAY)
    assert eva.take_in(requests_made(tmp_path, [request(9, 0, Namn="Eva Lind", **{"E-post": EVA["E-post"]})])).all_taken
    eva.number = 2
    eva.decide("erase", category="CONTRACTOR")
    assert eva.finish(eva.propose_for("R9")).deleted == 1
    assert (eva.told.closed_on, eva.told.row["email"], eva.stands.next) == (None, EVA["E-post"], Next.DECIDE_REST)


def test_a_purge_of_which_nothing_is_this_requests_says_nothing_of_it(eva: Erasing) -> None:
    eva.decide("refuse", why="claims", until_on=AHEAD)
    at, reading = eva.at(eva.petra), eva.reading()
    other = Asked("erasure", "phone", TODAY, name="Person2 Provsson", email="person2@bolaget.example")
    number = desk.register(at, reading, other)
    with eva.register.connect() as connection:
        second = facts.facts_of(connection, number, eva.parameters, TODAY).reference
    eva.finish(eva.propose_for(eva.told.reference, second, source=SOURCE))
    assert (eva.executed(), eva.told.purges) == ([], ())


def test_who_objects_is_erased_by_a_purge_where_that_was_decided(eva: Erasing) -> None:
    asked = Asked("objection", "phone", TODAY, name="Person3 Provsson", email="person3@bolaget.example")
    eva.number = desk.register(eva.at(eva.petra), eva.reading(), asked)
    with pytest.raises(Refused, match="request_not_erasure"):
        eva.propose_for(eva.told.reference, source=SOURCE)
    desk.write(eva.at(eva.petra), eva.number, Step.EFFECTIVE, TODAY, reading=eva.reading())
    eva.decide("erase")
    # Recorded by hand it would be said of data that are there.
    with pytest.raises(Refused, match="request_step_unfit"):
        desk.write(eva.at(eva.petra), eva.number, Step.EXECUTED, TODAY)
    assert eva.stands.next is Next.PURGE
    desk.write(eva.at(eva.petra), eva.number, Step.ANSWERED, TODAY)
    with pytest.raises(Refused, match="request_still_stored"):
        desk.write(eva.at(eva.petra), eva.number, Step.CLOSED, TODAY, {"outcome": "done"}, reading=eva.reading())
    batch = eva.purge_it()
    # It was answered, so that nothing is left to be done.
    assert (batch.deleted, eva.told.outcome, eva.told.purges) == (1, "done", (batch.batch_id,))


def entry(category: str, **told: Any) -> RequestEntry:
    known = {"held": False, "restricted": False, "needed": False, "statutory_until": None, "bases": 1}
    return RequestEntry(SOURCE, "r", category, **{**known, **told})


ERASE, KEEP, REFUSE, RESTRICT = Decision.ERASE, Decision.KEEP, Decision.REFUSE, Decision.RESTRICT


def decided(what: Decision, of: Category | None = None, **told: Any) -> Decided:
    return Decided(decision=what, category=of, **told)


@pytest.mark.parametrize(
    ("told", "of_prospect"),
    [
        ([], None),
        ([decided(ERASE)], None),
        ([decided(KEEP, Category.PROSPECT, why=Why.CLAIMS, until_on=TODAY)], Said.KEPT),
        ([decided(KEEP, Category.PROSPECT, why=Why.CLAIMS, until_on=TODAY - dt.timedelta(days=1))], None),
        ([decided(KEEP, Category.EMPLOYEE, why=Why.CLAIMS, until_on=TODAY)], None),
        # Of one category before of all, and what is kept before what is erased.
        ([decided(KEEP, why=Why.CLAIMS, until_on=TODAY), decided(ERASE, Category.PROSPECT)], None),
        ([decided(KEEP, why=Why.CLAIMS, until_on=TODAY), decided(ERASE)], Said.KEPT),
        ([decided(ERASE, Category.PROSPECT), decided(REFUSE, Category.PROSPECT, why=Why.CLAIMS)], Said.KEPT),
        ([decided(ERASE, Category.EMPLOYEE)], Said.NOT_DECIDED),
        ([decided(ERASE, Category.EMPLOYEE), decided(ERASE)], None),
        ([decided(KEEP, why=Why.HOLD)], Said.WHILE_HELD),
        ([decided(KEEP, why=Why.HOLD), decided(REFUSE, why=Why.CLAIMS)], Said.KEPT),
        ([decided(RESTRICT), decided(ERASE)], Said.WHILE_RESTRICTED),
        ([decided(RESTRICT), decided(ERASE, Category.PROSPECT)], None),
    ],
)
def test_what_decisions_say_of_a_category(told: list[Decided], of_prospect: Said | None) -> None:
    assert rest.said(told, TODAY).get(Category.PROSPECT) is of_prospect


@pytest.mark.parametrize(
    ("told", "of", "left"),
    [
        ([], {}, Rest(going=1)),
        ([], {"held": True}, Rest(waiting=1)),
        ([], {"restricted": True}, Rest(waiting=1)),
        ([], {"needed": True}, Rest(waiting=1, employment=True)),
        ([], {"statutory_until": TODAY}, Rest(settled=1)),
        ([], {"statutory_until": TODAY, "held": True}, Rest(waiting=1)),
        ([decided(KEEP, why=Why.HOLD)], {"statutory_until": TODAY, "held": True}, Rest(settled=1)),
        ([decided(KEEP, why=Why.HOLD)], {}, Rest(going=1)),
        ([decided(RESTRICT)], {"restricted": True, "bases": 3}, Rest(settled=3)),
        ([decided(RESTRICT)], {}, Rest(going=1)),
        ([decided(ERASE, Category.EMPLOYEE)], {}, Rest(waiting=1)),
        ([decided(KEEP, why=Why.CLAIMS)], {"needed": True}, Rest(settled=1)),
    ],
)
def test_what_is_left_goes_waits_or_is_settled(told: list[Decided], of: dict[str, Any], left: Rest) -> None:
    assert rest.rest(told, [entry("PROSPECT", **of)], TODAY) == left


def test_what_the_law_keeps_is_told_until_the_last_of_its_days() -> None:
    entries = [entry("VOUCHER", statutory_until=TODAY + dt.timedelta(days=days)) for days in (4, 9, 2)]
    (found,) = rest.kept_by_law([], [*entries, entry("PROSPECT")], TODAY)
    until = TODAY + dt.timedelta(days=9)
    assert found == decided(KEEP, Category.VOUCHER, why=Why.BOOKKEEPING, until_on=until)
    assert rest.kept_by_law([found], entries, TODAY) == []
    assert rest.kept_by_law([], [entry("VOUCHER", statutory_until=TODAY, held=True)], TODAY) == []
