"""Whom a request that came in by hand is from: found by what it gives, said by a person where that is not enough."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import tables as ledger_tables
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.requests import asks, backlog, desk, facts, recipients, record
from compliance.requests import verbs as requests
from compliance.requests.backlog import BacklogItem, Block, Next
from compliance.requests.desk import Asked
from compliance.requests.steps import Found, Recorded
from compliance.requests.tables import SOURCE, Step
from compliance.words.queries import Query
from compliance.words.refusal import Refused
from tests.purging import request as form
from tests.requests.test_choices import ANNA, BO, EVA, NO, OTHER, OWN, TOVE, TWO, YES, made, stored
from tests.requests.test_choices import Asked as Desk
from tests.world import TODAY

THERE = (ANNA, BO, EVA, TOVE)
RUT = stored("P9", "Rut Falk", "rut@falk.example")


class ByHand(Desk):
    """A desk to which people write and call."""

    def called(self, **given: str | None) -> int:
        """A request for erasure by phone."""
        asked = Asked("erasure", "phone", TODAY, given.pop("requester", "prospect"), **given)
        return desk.register(self.at(self.petra), self.reading(), asked)

    def stands(self, number: int) -> BacklogItem:
        """The request in the backlog."""
        items = backlog.backlog(self.register, self.reading(), TODAY, self.parameters)
        return next(one for one in items if one.request_id == number)

    def reference(self, number: int) -> str:
        """What purges and copies know the request by."""
        with self.register.connect() as connection:
            return facts.facts_of(connection, number, self.parameters, TODAY).reference

    def told(self, number: int) -> dict[str, tuple[str | None, str, str]]:
        """Of whom somebody has to say whether it is from them, with what was said and what speaks for and against."""
        at, reading = self.at(self.petra), self.reading()
        _, persons = requests.offered(at, reading, SOURCE, self.reference(number), named=True)
        return {str(one.name): (one.verdict, one.speaks_for, one.speaks_against) for one in persons}

    def steps(self, number: int) -> list[Recorded]:
        """What happened to the request."""
        with self.register.connect() as connection:
            return record.recorded(connection, number)

    def answer(self, number: int, name: str, verdict: requests.Verdict) -> None:
        """Petra's answer."""
        at, reading, reference = self.at(self.petra), self.reading(), self.reference(number)
        _, persons = requests.offered(at, reading, SOURCE, reference, named=True)
        person_id = next(one.person_id for one in persons if one.name == name)
        requests.choose(at, reading, SOURCE, reference, person_id, verdict)


@pytest.fixture
def at_desk(tmp_path: Path) -> ByHand:
    """Four prospects, two of whom share an address."""
    folder, made_at = made()
    shutil.copytree(folder / "store", tmp_path / "store")
    found = ByHand(tmp_path / "store")
    found.now = made_at
    return found


def test_who_gives_their_own_address_and_name_is_found_and_others_are_asked_about(at_desk: ByHand) -> None:
    own = at_desk.called(name="Tove Wik", email="TOVE@wik.example")
    of_two = at_desk.called(name="Anna Berg", email="vd@bolaget.example")
    other_name = at_desk.called(name="Stina Ask", email="eva@stenbolaget.example")
    unnamed = at_desk.called(email="eva@stenbolaget.example")
    by_number = at_desk.called(name="Eva Sten", phone="0701740615")
    switchboard = at_desk.called(name="Kim Orre", phone="0701740615")
    of_a_customer = at_desk.called(requester="env_user", customer="Bolaget AB", email="tove@wik.example")
    item = at_desk.stands(own)
    assert (item.persons_found, item.bases, item.blocks, item.next) == (1, 1, (), Next.DECIDE)
    assert at_desk.stands(of_two).blocks == (Block.WHICH_PERSON,)
    assert at_desk.told(of_two) == {
        "Anna Berg": (None, "email,name", "shared_email"),
        "Bo Dahl": (None, "email", "other_name,shared_email"),
    }
    assert at_desk.told(other_name) == {"Eva Sten": (None, "email", "other_name")}
    assert at_desk.told(unnamed) == {"Eva Sten": (None, "email", "no_name")}
    assert (at_desk.stands(by_number).persons_found, at_desk.stands(by_number).blocks) == (1, ())
    assert at_desk.stands(switchboard).blocks == (Block.NOT_FOUND_IN_COPY,)
    assert (at_desk.stands(of_a_customer).persons_found, at_desk.told(of_a_customer)) == (None, {})
    # Of whom somebody has to say, nobody is purged meanwhile.
    with pytest.raises(Refused, match="batch_empty"):
        at_desk.propose(at_desk.named("Anna Berg", "Bo Dahl", "Tove Wik"))

    at_desk.answer(of_two, "Anna Berg", YES)
    at_desk.answer(of_two, "Bo Dahl", NO)
    assert (at_desk.stands(of_two).persons_found, at_desk.stands(of_two).blocks) == (1, ())
    assert at_desk.told(of_two)["Anna Berg"][0] == YES
    # An answer can be changed.
    assert at_desk.told(of_two)["Bo Dahl"][0] == NO
    at_desk.answer(of_two, "Bo Dahl", YES)
    assert at_desk.stands(of_two).persons_found == 2
    at_desk.answer(of_two, "Bo Dahl", NO)
    assert (at_desk.stands(of_two).persons_found, at_desk.stands(of_two).blocks) == (1, ())


def test_a_request_by_phone_goes_from_receipt_to_its_end_and_through_a_new_build(
    at_desk: ByHand, tmp_path: Path
) -> None:
    at_desk.export(tmp_path / "one", *THERE, RUT)
    number = at_desk.called(name="Rut Falk", email="rut@falk.example")
    # The source gives her another key: she is found again.
    at_desk.export(tmp_path / "two", *THERE, {**RUT, "Prospekt-ID": "N4"})
    assert at_desk.stands(number).persons_found == 1
    with pytest.raises(Refused, match="request_still_stored"):
        desk.write(
            at_desk.at(at_desk.petra), number, Step.CLOSED, TODAY, {"outcome": "done"}, reading=at_desk.reading()
        )
    desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, {"decision": "erase"})
    assert at_desk.stands(number).next is Next.PURGE
    batch = at_desk.finish(at_desk.propose_for(at_desk.reference(number), source=SOURCE))
    assert batch.deleted == 1
    assert at_desk.stands(number).next is Next.ANSWER
    desk.write(at_desk.at(at_desk.petra), number, Step.ANSWERED, TODAY)
    desk.write(at_desk.at(at_desk.petra), number, Step.CLOSED, TODAY, {"outcome": "done"}, reading=at_desk.reading())
    with at_desk.register.connect() as connection:
        told = facts.facts_of(connection, number, at_desk.parameters, TODAY)
    assert (told.outcome, told.purges, told.row["email"]) == ("done", (batch.batch_id,), None)
    assert [one.step for one in told.shown] == [
        Step.RECEIVED, Step.FOUND, Step.DECIDED, Step.EXECUTED, Step.ANSWERED, Step.CLOSED,
    ]  # fmt: skip


def test_who_comes_into_the_copy_later_is_found_by_the_next_build_and_told(at_desk: ByHand, tmp_path: Path) -> None:
    rut = {"name": "Rut Falk", "email": "rut@falk.example"}
    open_one, decided = at_desk.called(**rut), at_desk.called(**rut)
    in_doubt = at_desk.called(name="Kim Orre", email="rut@falk.example")
    of_many = at_desk.called(name="Ulla Lund", email="info@lund.example")
    of_a_customer = at_desk.called(requester="env_user", customer="Bolaget AB", **rut)
    desk.write(at_desk.at(at_desk.petra), decided, Step.DECIDED, TODAY, {"decision": "erase"})
    assert at_desk.stands(open_one).blocks == (Block.NOT_FOUND_IN_COPY,)
    there = (*THERE, RUT, stored("P8", "Ulla Lund", "info@lund.example"))
    for folder in ("one", "two"):
        # Found once, and told once.
        at_desk.export(tmp_path / folder, *there)
    assert (at_desk.stands(open_one).persons_found, at_desk.stands(open_one).blocks) == (1, ())
    # What was decided before is not done to who comes later until somebody has said that it is they.
    assert at_desk.told(decided) == {"Rut Falk": (None, "email,name", "later")}
    assert at_desk.told(in_doubt) == {"Rut Falk": (None, "email", "other_name")}
    assert at_desk.told(of_many) == {"Ulla Lund": (None, "email,name", "role_mailbox")}
    assert at_desk.told(of_a_customer) == {}
    for number in (decided, in_doubt, of_many):
        assert (at_desk.stands(number).next, at_desk.stands(number).persons_found) == (Next.SAY_WHO, 0)
    for number in (open_one, decided, in_doubt, of_many):
        (found,) = [one for one in at_desk.steps(number) if one.step is Step.FOUND]
        assert (found.recorded_by, found.facts) == (None, Found(verdict=requests.Verdict.FOUND, persons=1))
    # To look anew finds nobody besides.
    assert desk.match(at_desk.at(at_desk.petra), at_desk.reading(), open_one) == 0
    at_desk.answer(decided, "Rut Falk", YES)
    assert (at_desk.stands(decided).persons_found, at_desk.stands(decided).next) == (1, Next.PURGE)
    # Somebody else with the address comes later still: of two, somebody says.
    at_desk.export(tmp_path / "three", *there, stored("P7", "Per Falk", "rut@falk.example"))
    assert Block.WHICH_PERSON in at_desk.stands(open_one).blocks
    assert not [one for one in at_desk.told(open_one).values() if "shared_email" not in one[2]]
    with at_desk.register.connect() as connection:
        assert ledger.verify(connection).broken_at is None


@pytest.mark.parametrize(("kind", "mark"), [("opt_out", "opted_out"), ("objection", "objected")])
def test_an_objection_marks_whom_it_is_from_the_moment_it_takes_effect(at_desk: ByHand, kind: str, mark: str) -> None:
    asked = Asked(kind, "mail", TODAY, "prospect", name="Tove Wik", email="tove@wik.example")
    number = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    for _ in range(2):
        # A second request of the same finds the mark there, and is no fault.
        assert at_desk.stands(number).next is Next.STOP
        desk.write(at_desk.at(at_desk.petra), number, Step.EFFECTIVE, TODAY, reading=at_desk.reading())
        number = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    (tove,) = at_desk.named("Tove Wik")
    assert getattr(tove, mark) is True
    assert [getattr(one, mark) for one in at_desk.named("Eva Sten")] == [False]


FORMS = (TWO, OTHER, OWN)


@pytest.mark.parametrize(
    ("kind", "mark"), [("invändning", "objected"), ("avregistrering", "opted_out"), ("begränsning", "restricted")]
)
def test_who_comes_after_a_forms_request_took_effect_is_asked_about_and_marked_then(
    at_desk: ByHand, tmp_path: Path, kind: str, mark: str
) -> None:
    asks_first = form(7, 0, **{"Namn": "Rut Falk", "E-post": "rut@falk.example", "Ärendetyp": kind})
    at_desk.export(tmp_path / "one", *THERE, forms=(*FORMS, asks_first))
    number = at_desk.item(7).request_id
    decided, told = (Step.DECIDED, RESTRICT) if mark == "restricted" else (Step.EFFECTIVE, {})
    desk.write(at_desk.at(at_desk.petra), number, decided, TODAY, told, reading=at_desk.reading())
    for folder in ("two", "three"):
        # Found once, and told once.
        at_desk.export(tmp_path / folder, *THERE, RUT)
    assert (at_desk.item(7).next, at_desk.item(7).persons_found) == (Next.SAY_WHO, 0)
    (rut,) = at_desk.offered(7).values()
    assert (rut.verdict, rut.speaks_for, rut.speaks_against) == (None, "email,name", "later")
    (found,) = [one for one in at_desk.steps(number) if one.step is Step.FOUND]
    assert (found.recorded_by, found.facts) == (None, Found(verdict=requests.Verdict.FOUND, persons=1))
    assert not [one for one in at_desk.named("Rut Falk") if getattr(one, mark)]
    at_desk.say(7, "Rut Falk", YES)
    assert at_desk.item(7).persons_found == 1
    assert [getattr(one, mark) for one in at_desk.named("Rut Falk")] == [True]


def test_who_was_in_doubt_when_it_took_effect_is_asked_about_once_nothing_speaks_against_them(
    at_desk: ByHand, tmp_path: Path
) -> None:
    asked = Asked("opt_out", "mail", TODAY, "prospect", name="Anna Berg", email="vd@bolaget.example")
    number = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    desk.write(at_desk.at(at_desk.petra), number, Step.EFFECTIVE, TODAY, reading=at_desk.reading())
    assert at_desk.told(number)["Anna Berg"] == (None, "email,name", "shared_email")
    at_desk.export(tmp_path / "one", ANNA, {**BO, "E-post": "bo@bolaget.example"}, EVA, TOVE)
    assert at_desk.told(number)["Anna Berg"] == (None, "email,name", "later")
    at_desk.answer(number, "Anna Berg", YES)
    assert [one.opted_out for one in at_desk.named("Anna Berg")] == [True]


def test_who_was_found_before_it_took_effect_is_not_asked_about_again(at_desk: ByHand, tmp_path: Path) -> None:
    at_desk.export(tmp_path / "one", *THERE, forms=(TWO, OTHER, {**OWN, "Ärendetyp": "invändning"}))
    number = at_desk.item(3).request_id
    desk.write(at_desk.at(at_desk.petra), number, Step.EFFECTIVE, TODAY, reading=at_desk.reading())
    at_desk.export(tmp_path / "two", *THERE, RUT)
    assert (at_desk.item(3).persons_found, at_desk.item(3).blocks) == (1, ())
    assert [one.objected for one in at_desk.named("Tove Wik")] == [True]


def test_what_is_asked_for_is_not_another_thing_once_it_was_done_to_somebody(at_desk: ByHand, tmp_path: Path) -> None:
    of_form = {**OWN, "Ärendetyp": "invändning"}
    at_desk.export(tmp_path / "one", *THERE, forms=(TWO, OTHER, of_form))
    by_form = at_desk.item(3).request_id
    asked = Asked("objection", "mail", TODAY, "prospect", name="Tove Wik", email="tove@wik.example")
    number = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    for one in (by_form, number):
        desk.write(at_desk.at(at_desk.petra), one, Step.EFFECTIVE, TODAY, reading=at_desk.reading())
    at = at_desk.at(at_desk.petra)
    said = {"kind": "objection", "channel": "mail", "requester": "prospect"}
    for changed in ({"requester": "env_user", "customer": "Bolaget AB"}, {"kind": "erasure"}):
        with pytest.raises(Refused, match="request_kind_acted"):
            desk.correct(at, number, _receipt(at_desk, number), TODAY, {**said, **changed})
    # What is about nobody's role or right is.
    desk.correct(at, number, _receipt(at_desk, number), TODAY, {**said, "requester": "other", "channel": "phone"})
    # Neither does an export change it.
    changed = {**of_form, "Ärendetyp": "radering", "Jag är": "Användare i kundmiljö", "Namn": "Tove K Wik"}
    at_desk.export(tmp_path / "two", forms=(TWO, OTHER, changed))
    with at_desk.register.connect() as connection:
        row = record.row_of(connection, by_form)
    assert (row["kind"], row["role"], row["name"]) == ("objection", "controller", "Tove K Wik")


def _receipt(at_desk: ByHand, number: int) -> int:
    return next(one.step_id or 0 for one in at_desk.steps(number) if one.step is Step.RECEIVED and not one.corrected_by)


def test_a_receipt_is_not_of_a_kind_to_which_what_was_decided_is_no_answer(at_desk: ByHand) -> None:
    number = desk.register(at_desk.at(at_desk.petra), None, Asked("access", "mail", TODAY, "prospect", name="Kim Orre"))
    at = at_desk.at(at_desk.petra)
    desk.write(at, number, Step.DECIDED, TODAY, {"decision": "hand_out"})
    with pytest.raises(Refused, match="request_decision_unfit"):
        desk.correct(at, number, _receipt(at_desk, number), TODAY, {"kind": "erasure", "channel": "mail"})
    desk.correct(at, number, _receipt(at_desk, number), TODAY, {"kind": "portability", "channel": "mail"})


def test_whom_others_have_said_it_is_from_since_the_page_was_drawn_is_marked_and_who_is_not_is_not(
    at_desk: ByHand,
) -> None:
    of_two = {"name": "Anna Berg", "email": "vd@bolaget.example"}
    number = restricting(at_desk, **of_two)
    drawn = at_desk.reading()
    at_desk.answer(number, "Anna Berg", YES)
    at_desk.answer(number, "Bo Dahl", NO)
    desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=drawn)
    assert {one.name for one in at_desk.entries() if one.restricted} == {"Anna Berg"}
    asked = Asked("objection", "mail", TODAY, "prospect", name="Anna Berg", email="vd@bolaget.example")
    other = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    at_desk.answer(other, "Anna Berg", YES)
    at_desk.answer(other, "Bo Dahl", YES)
    both = at_desk.reading()
    at_desk.answer(other, "Bo Dahl", NO)
    desk.write(at_desk.at(at_desk.petra), other, Step.EFFECTIVE, TODAY, reading=both)
    assert {one.name for one in at_desk.entries() if one.objected} == {"Anna Berg"}


def test_the_copy_is_looked_through_before_the_register_is_locked(
    at_desk: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[bool] = []
    asked: list[str] = []

    @contextmanager
    def locking(register: sa.Engine) -> Iterator[sa.Connection]:
        with writing(register) as connection:
            locked.append(True)
            yield connection
            locked.pop()

    class Looked:
        """A copy that is not asked while others wait for the register."""

        def __init__(self, reading: Reading) -> None:
            self.build, self._reading = reading.build, reading

        def rows(self, query: Query[Any], **binds: Any) -> list[Any]:
            assert not locked
            asked.append(query.name)
            return self._reading.rows(query, **binds)

    monkeypatch.setattr(desk, "writing", locking)
    looked = cast(Reading, Looked(at_desk.reading()))
    of = Asked("erasure", "phone", TODAY, "prospect", name="Tove Wik", email="tove@wik.example")
    number = desk.register(at_desk.at(at_desk.petra), looked, of)
    assert "given_persons" in asked and at_desk.stands(number).persons_found == 1
    asked.clear()
    assert desk.match(at_desk.at(at_desk.petra), looked, number) == 0
    assert "given_persons" in asked


def test_nobody_is_kept_by_what_they_were_called_in_a_copy_that_is_another_by_now(
    at_desk: ByHand, tmp_path: Path
) -> None:
    old = at_desk.reading()
    at_desk.export(tmp_path / "one", *THERE, RUT)
    of = Asked("erasure", "phone", TODAY, "prospect", name="Tove Wik", email="tove@wik.example")
    number = desk.register(at_desk.at(at_desk.petra), old, of)
    assert at_desk.stands(number).blocks == (Block.NOT_FOUND_IN_COPY,)
    with pytest.raises(Refused, match="request_build_changed"):
        desk.match(at_desk.at(at_desk.petra), old, number)
    assert desk.match(at_desk.at(at_desk.petra), at_desk.reading(), number) == 1
    other = desk.register(at_desk.at(at_desk.petra), old, of)
    at_desk.export(tmp_path / "two", *THERE, RUT)
    assert at_desk.stands(other).persons_found == 1


def test_what_is_as_it_was_is_not_written_again(at_desk: ByHand) -> None:
    number = at_desk.called(name="Anna Berg", email="vd@bolaget.example")
    written: list[str] = []

    @sa.event.listens_for(at_desk.register, "before_cursor_execute")
    def told(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        written.append(statement)

    desk.match(at_desk.at(at_desk.petra), at_desk.reading(), number)
    assert written and not [one for one in written if "request_choice SET" in one]


def test_one_request_is_looked_up_with_its_own_persons_alone_and_stands_as_in_the_queue(
    at_desk: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    tove = {"name": "Tove Wik", "email": "tove@wik.example"}
    erased = at_desk.called(**tove)
    desk.register(at_desk.at(at_desk.petra), at_desk.reading(), Asked("access", "mail", TODAY, "prospect", **tove))
    reading = at_desk.reading()
    queue = backlog.backlog(at_desk.register, reading, TODAY, at_desk.parameters)
    assert Block.ACCESS_FIRST in at_desk.stands(erased).blocks
    told: list[asks.RequestPerson] = []
    rows = Reading.rows

    def kept(self: Reading, query: Query[Any], **binds: Any) -> list[Any]:
        found = rows(self, query, **binds)
        told.extend(found if query is asks.REQUEST_PERSONS else ())
        return found

    monkeypatch.setattr(Reading, "rows", kept)
    for one in queue:
        told.clear()
        assert backlog.item(at_desk.register, reading, one.request_id, TODAY, at_desk.parameters) == one
        own = {person.person_id for person in told if (person.source, person.reference) == (one.source, one.reference)}
        assert {person.person_id for person in told} == own


RESTRICT = {"decision": "restrict", "ground": "unlawful", "review_on": TODAY + dt.timedelta(days=30)}


def restricting(at_desk: ByHand, **given: str) -> int:
    asked = Asked("restriction", "mail", TODAY, "prospect", **given)
    return desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)


def test_to_decide_that_somebody_is_restricted_restricts_them(at_desk: ByHand) -> None:
    number = restricting(at_desk, name="Tove Wik", email="tove@wik.example")
    at = at_desk.at(at_desk.petra)
    desk.write(at, number, Step.DECIDED, TODAY, RESTRICT, reading=at_desk.reading())
    assert [one.step for one in at_desk.steps(number)][-2:] == [Step.DECIDED, Step.EXECUTED]
    assert at_desk.stands(number).next is Next.ANSWER
    assert {one.name for one in at_desk.entries() if one.restricted} == {"Tove Wik"}
    with at_desk.register.connect() as connection:
        lines = sa.select(ledger_tables.ledger.c.event).where(ledger_tables.ledger.c.at == at.now)
        assert set(connection.scalars(lines)) == {"mark:placed", "request:step"}
    for step, told in ((Step.ANSWERED, {}), (Step.CLOSED, {"outcome": "done"})):
        desk.write(at_desk.at(at_desk.petra), number, step, TODAY, told, reading=at_desk.reading())
    # It is the mark, and no open request, that keeps her.
    with pytest.raises(Refused) as refused:
        at_desk.propose(at_desk.named("Tove Wik"))
    assert (refused.value.code, refused.value.values["stays"]) == ("batch_empty", {"restricted": 1})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ground": None}, "request_restriction_ground"),
        ({"review_on": None}, "mark_review_missing"),
        ({"review_on": TODAY}, "mark_review_past"),
        ({"review_on": TODAY + dt.timedelta(days=800)}, "mark_review_too_far"),
        ({"category": "PROSPECT"}, "request_of_all"),
        ({"decision": "redirect"}, "request_decision_unfit"),
    ],
)
def test_a_restriction_that_may_not_be_is_refused_and_nothing_is_recorded(
    at_desk: ByHand, given: dict[str, object], code: str
) -> None:
    number = restricting(at_desk, name="Tove Wik", email="tove@wik.example")
    before = at_desk.steps(number)
    with pytest.raises(Refused, match=code):
        desk.write(
            at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, {**RESTRICT, **given}, reading=at_desk.reading()
        )
    assert at_desk.steps(number) == before
    assert not [one for one in at_desk.entries() if one.restricted]


def test_nobody_is_marked_in_doubt_and_who_is_confirmed_later_is(at_desk: ByHand) -> None:
    of_two = {"name": "Anna Berg", "email": "vd@bolaget.example"}
    number = restricting(at_desk, **of_two)
    with pytest.raises(Refused, match="request_who_first"):
        desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=at_desk.reading())
    asked = Asked("opt_out", "mail", TODAY, "prospect", **of_two)
    opts_out = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    # The address is not mailed from now on, whoever of the two it is.
    desk.write(at_desk.at(at_desk.petra), opts_out, Step.EFFECTIVE, TODAY, reading=at_desk.reading())
    assert not [one for one in at_desk.entries() if one.opted_out]
    for one in (number, opts_out):
        at_desk.answer(one, "Anna Berg", YES)
        at_desk.answer(one, "Bo Dahl", NO)
    desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=at_desk.reading())
    flags = {one.name: (one.restricted, one.opted_out) for one in at_desk.entries()}
    assert flags["Anna Berg"] == (True, True) and flags["Bo Dahl"] == (False, False)


def test_to_decide_that_it_stops_has_an_objection_take_effect_and_a_correction_does_nothing_by_itself(
    at_desk: ByHand,
) -> None:
    asked = Asked("objection", "mail", TODAY, "prospect", name="Tove Wik", email="tove@wik.example")
    number = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), asked)
    which = desk.write(
        at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, {"decision": "stop"}, reading=at_desk.reading()
    )
    assert [one.step for one in at_desk.steps(number)][-2:] == [Step.DECIDED, Step.EFFECTIVE]
    assert {one.name for one in at_desk.entries() if one.objected} == {"Tove Wik"}
    with pytest.raises(Refused, match="request_decision_acts"):
        desk.correct(at_desk.at(at_desk.petra), number, which, TODAY, {**RESTRICT, "ground": "objection_pending"})
    assert not [one for one in at_desk.entries() if one.restricted]


def test_who_is_to_be_told_is_proposed_by_the_rules_and_the_sources_that_have_it(at_desk: ByHand) -> None:
    def proposed(number: int) -> tuple[str, ...]:
        with at_desk.register.connect() as connection:
            row = record.row_of(connection, number)
        return recipients.of(at_desk.reading(), at_desk.policy, row)

    assert proposed(at_desk.called(name="Tove Wik", email="tove@wik.example")) == ("crm",)
    # Of whom nothing is stored any more, it may have been anywhere.
    assert proposed(at_desk.called(name="Kim Orre", phone="0701740699")) == ("crm", "hr", "suppliers", "web")


def marked(at_desk: ByHand) -> set[str | None]:
    """The names of those whose data are restricted."""
    return {row.name for row in at_desk.entries() if row.restricted}


RESTRICT = {"decision": "restrict", "ground": "unlawful", "review_on": TODAY + dt.timedelta(days=30)}


def test_who_is_found_in_another_window_meanwhile_is_restricted_too(at_desk: ByHand) -> None:
    of = Asked("restriction", "phone", TODAY, "prospect", name="Tove Wik", email="tove@wik.example")
    number = desk.register(at_desk.at(at_desk.petra), None, of)
    shown = at_desk.reading()
    assert desk.match(at_desk.at(at_desk.petra), shown, number) == 1
    # What the page showed when it was drawn knows nobody yet.
    desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=shown)
    assert marked(at_desk) == {"Tove Wik"}
    assert [one.step for one in at_desk.steps(number)][-2:] == [Step.DECIDED, Step.EXECUTED]


def test_of_two_who_are_found_in_another_window_meanwhile_somebody_says(at_desk: ByHand) -> None:
    of = Asked("restriction", "phone", TODAY, "prospect", name="Anna Berg", email="vd@bolaget.example")
    number = desk.register(at_desk.at(at_desk.petra), None, of)
    shown = at_desk.reading()
    assert desk.match(at_desk.at(at_desk.petra), shown, number) == 2
    with pytest.raises(Refused, match="request_who_first"):
        desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=shown)
    at_desk.answer(number, "Bo Dahl", NO)
    at_desk.answer(number, "Anna Berg", YES)
    desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=shown)
    assert marked(at_desk) == {"Anna Berg"}


def test_a_restriction_is_carried_out_once_whom_it_is_on_has_come_and_is_confirmed(
    at_desk: ByHand, tmp_path: Path
) -> None:
    of = Asked("restriction", "phone", TODAY, "prospect", name="Rut Falk", email="rut@falk.example")
    number = desk.register(at_desk.at(at_desk.petra), at_desk.reading(), of)
    desk.write(at_desk.at(at_desk.petra), number, Step.DECIDED, TODAY, RESTRICT, reading=at_desk.reading())
    assert (at_desk.stands(number).next, marked(at_desk)) == (Next.CARRY_OUT, set())
    at_desk.export(tmp_path / "one", *THERE, RUT)
    assert at_desk.stands(number).next is Next.SAY_WHO
    at_desk.answer(number, "Rut Falk", YES)
    assert (at_desk.stands(number).next, marked(at_desk)) == (Next.ANSWER, {"Rut Falk"})
    # Once: to confirm it again carries nothing out again.
    at_desk.answer(number, "Rut Falk", YES)
    assert [one.step for one in at_desk.steps(number)].count(Step.EXECUTED) == 1


def test_who_asks_again_by_another_way_is_known_as_the_same_person(at_desk: ByHand) -> None:
    by_mail = at_desk.called(name="Eva Sten", email="eva@stenbolaget.example")
    by_phone = at_desk.called(name="Eva Sten", phone="070-174 06 15")
    of_another = at_desk.called(name="Tove Wik", email="tove@wik.example")
    of_two = at_desk.called(name="Anna Berg", email="vd@bolaget.example")
    also_of_two = at_desk.called(name="Bo Dahl", phone="070-174 06 06")

    def alike(number: int) -> list[int]:
        with at_desk.register.connect() as connection:
            return facts.repeated(connection, number)

    # A form has brought requests of Eva, Tove and Anna before.
    assert (alike(by_mail), alike(by_phone), alike(of_another)) == ([by_phone], [2, by_mail], [3])
    # Whoever may be the same is shown, until somebody says that it is not from them.
    assert alike(also_of_two) == [of_two]
    at_desk.answer(of_two, "Bo Dahl", NO)
    assert alike(also_of_two) == []


def test_who_it_is_from_is_put_right_and_looked_for_again(at_desk: ByHand) -> None:
    number = at_desk.called(name="Tove Wik", email="tove@vik.example")
    assert at_desk.stands(number).blocks == (Block.NOT_FOUND_IN_COPY,)
    told: dict[str, str | None] = {"name": " Tove  Wik ", "email": "tove@wik.example", "phone": ""}
    assert desk.give_sender(at_desk.at(at_desk.petra), at_desk.reading(), number, told) == 1
    assert (at_desk.stands(number).persons_found, at_desk.stands(number).next) == (1, Next.DECIDE)
    person = requests.person_of(at_desk.at(at_desk.petra), SOURCE, at_desk.reference(number), build=None)
    assert person == requests.Person("Tove Wik", "tove@wik.example", None)
    with at_desk.register.connect() as connection:
        # Known as who asked by the form before, and no longer by what was wrong.
        assert facts.repeated(connection, number) == [3]
        line = connection.execute(
            sa.select(ledger_tables.ledger).order_by(ledger_tables.ledger.c.seq.desc()).offset(1).limit(1)
        ).one()
    assert "tove" not in line.details.lower()
    # Somebody else: what was found of the one before is not theirs.
    desk.give_sender(at_desk.at(at_desk.petra), at_desk.reading(), number, {"name": "Nina Namn"})
    assert at_desk.stands(number).blocks == (Block.NOT_FOUND_IN_COPY,)


@pytest.mark.parametrize(
    ("contact", "field", "problem"),
    [({}, "name", "nobody"), ({"email": "tove"}, "email", "email"), ({"phone": "12"}, "phone", "phone")],
)
def test_nobody_is_put_in_who_cannot_be_answered(
    at_desk: ByHand, contact: dict[str, str | None], field: str, problem: str
) -> None:
    number = at_desk.called(name="Tove Wik", email="tove@wik.example")
    with pytest.raises(Refused) as refused:
        desk.give_sender(at_desk.at(at_desk.petra), at_desk.reading(), number, contact)
    assert refused.value.values == {"field": field, "problem": problem}
    assert at_desk.stands(number).persons_found == 1


def test_who_it_is_from_is_given_again_once_it_is_open_again_and_not_after_it_was_done(at_desk: ByHand) -> None:
    tove: dict[str, str | None] = {"name": "Tove Wik", "email": "tove@wik.example"}
    at, of = at_desk.at(at_desk.petra), Asked("restriction", "phone", TODAY, "prospect", **tove)
    number = desk.register(at, at_desk.reading(), of)
    desk.write(at, number, Step.WITHDRAWN, TODAY)
    with pytest.raises(Refused, match="request_already_closed"):
        desk.give_sender(at, at_desk.reading(), number, tove)
    desk.write(at, number, Step.REOPENED, TODAY, {"clock": "anew"})
    assert at_desk.stands(number).blocks == (Block.NOT_FOUND_IN_COPY,)
    assert desk.give_sender(at, at_desk.reading(), number, tove) == 1
    desk.write(at, number, Step.DECIDED, TODAY, RESTRICT, reading=at_desk.reading())
    with pytest.raises(Refused, match="request_sender_acted"):
        desk.give_sender(at, at_desk.reading(), number, {"name": "Eva Sten"})
    with pytest.raises(Refused, match="request_sender_exported"):
        desk.give_sender(at, at_desk.reading(), 3, tove)
