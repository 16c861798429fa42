"""Whom a request that came in by hand is from: found by what it gives, said by a person where that is not enough."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from compliance.requests import backlog, desk, facts
from compliance.requests import verbs as requests
from compliance.requests.backlog import BacklogItem, Block, Next
from compliance.requests.desk import Asked
from compliance.requests.tables import SOURCE, Step
from compliance.words.refusal import Refused
from tests.requests.test_choices import ANNA, BO, EVA, NO, TOVE, YES, made, stored
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


def test_who_came_with_a_later_export_is_found_when_somebody_looks_anew(at_desk: ByHand, tmp_path: Path) -> None:
    number = at_desk.called(name="Rut Falk", email="rut@falk.example")
    assert at_desk.stands(number).blocks == (Block.NOT_FOUND_IN_COPY,)
    at_desk.export(tmp_path / "next", *THERE, RUT)
    at_desk.now += dt.timedelta(seconds=1)
    assert desk.match(at_desk.at(at_desk.petra), at_desk.reading(), number) == 1
    assert (at_desk.stands(number).persons_found, at_desk.stands(number).blocks) == (1, ())
    assert desk.match(at_desk.at(at_desk.petra), at_desk.reading(), number) == 0


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
