"""Whom a request is from by what it gives: who that was stays, when the source says something else of them later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from compliance import ledger
from compliance.builds import Build
from compliance.purge.tables import State
from compliance.reading.tracer import Tracer
from compliance.register.engine import writing
from compliance.requests import asks, backlog
from compliance.requests import verbs as requests
from compliance.requests.along import forget
from compliance.requests.backlog import BacklogItem, Block
from compliance.requests.tables import Verdict, request_choice
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.purging import request as asked
from tests.requests.test_choices import FORM, NO, YES, Asked, Row, refused, stored
from tests.world import TODAY

GONE, WHICH = Block.CONFIRMED_GONE, Block.WHICH_PERSON


class Change(NamedTuple):
    """What the source says later, who else has come into it, and what stands in the way of the request then."""

    name: str
    says: Row
    beside: Row | None = None
    blocks: tuple[Block, ...] = ()
    named: bool = True


CHANGES = [
    Change("nothing", {}),
    Change("address", {"E-post": "ny{n}@annan.example"}),
    Change("address and number", {"E-post": "", "Telefon": ""}),
    Change("key", {"Prospekt-ID": "N{n}"}),
    Change("key and address", {"Prospekt-ID": "N{n}", "E-post": "ny{n}@annan.example"}),
    # The name is asked about, and she is not missed.
    Change("name, of one's own address", {"Namn": "Tove{n} Alm"}, None, (WHICH,)),
    Change("address, of a form without a name", {"E-post": "ny{n}@annan.example"}, named=False),
    # Nothing is left that tells who it is.
    Change(
        "all but the name", {"Prospekt-ID": "N{n}", "E-post": "ny{n}@annan.example", "Telefon": ""}, None,
        (GONE,),
    ),
    # The key is somebody else's by now, as far as the record says.
    Change(
        "name and address", {"Namn": "Ulf Grip", "E-post": "ulf{n}@annan.example", "Telefon": ""}, None, (GONE, WHICH)
    ),
    # The address is somebody else's by now: which of the two it is from is asked.
    Change(
        "address, which is given on", {"E-post": "ny{n}@annan.example"},
        {"Prospekt-ID": "B{n}", "Namn": "Tove{n} Wik", "E-post": "tove{n}@wik.example", "Registrerad": "21/01/2010"},
        (WHICH,),
    ),
    Change(
        "all but the name, and the address is given on",
        {"Prospekt-ID": "N{n}", "E-post": "ny{n}@annan.example", "Telefon": ""},
        {"Prospekt-ID": "B{n}", "Namn": "Tove{n} Dahl", "E-post": "tove{n}@wik.example", "Registrerad": "21/01/2010"},
        (GONE, WHICH), named=False,
    ),
    # The source has made one row of hers and another's: what is left of her may be there.
    Change(
        "one row of two, under the other's key and name",
        {
            "Prospekt-ID": "B{n}", "Namn": "Bo{n} Dahl", "Telefon": "",
            "E-post": "bo{n}@dahl.example, tove{n}@wik.example",
        },
        None, (GONE, WHICH),
    ),
    Change(
        "one row of two, under the other's key and her name",
        {"Prospekt-ID": "B{n}", "E-post": "bo{n}@dahl.example, tove{n}@wik.example", "Telefon": ""},
    ),
    # It has made two rows of hers, and the one knows nothing of the other: somebody says that both are hers.
    Change(
        "two rows of one", {"E-post": ""},
        {"Prospekt-ID": "N{n}", "Namn": "Wik, Tove{n}", "E-post": "tove{n}@wik.example", "Registrerad": "21/01/2010"},
        (WHICH,),
    ),
]  # fmt: skip
WHOSE = {
    n: stored(f"T{n}", f"Tove{n} Wik", f"tove{n}@wik.example", f"070-174 08 {n}") for n, _ in enumerate(CHANGES, 10)
}
FORMS = tuple(
    asked(n, 0, **{"Namn": one["Namn"] if change.named else "", "E-post": one["E-post"]})
    for (n, one), change in zip(WHOSE.items(), CHANGES, strict=True)
)


class Later(NamedTuple):
    """The store after the changes, and of each request how it stood then, and once all was as before."""

    desk: Asked
    after: list[Mapping[int, BacklogItem]]
    back: Mapping[int, BacklogItem]
    told: list[dict[str, object]]


def told(row: Row, n: int) -> Row:
    return {column: text.format(n=n) for column, text in row.items()}


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Later:
    """All changes at once, in an export that comes twice, and then the first one again."""
    folder = tmp_path_factory.mktemp("later")
    desk = Asked(folder / "store")

    def items() -> dict[int, BacklogItem]:
        return {one.request_id: one for one in backlog.backlog(desk.register, desk.reading(), TODAY, desk.parameters)}

    desk.export(folder / "one", *WHOSE.values(), forms=FORMS)
    assert {item.blocks for item in items().values()} == {()}
    says = [
        told(row, n)
        for (n, one), change in zip(WHOSE.items(), CHANGES, strict=True)
        for row in ({**one, **change.says}, change.beside)
        if row is not None
    ]
    after = []
    for number in ("two", "three"):
        desk.export(folder / number, *says, forms=FORMS)
        after.append(items())
    lines = desk.lines(ledger.Event.REQUEST_CHOICE_LOST)
    desk.export(folder / "four", *WHOSE.values())
    return Later(desk, after, items(), lines)


@pytest.mark.parametrize(("number", "change"), [pytest.param(*one, id=one[1].name) for one in enumerate(CHANGES, 1)])
def test_whom_a_request_is_from_stays_the_same_person(later: Later, number: int, change: Change) -> None:
    for items in later.after:
        assert items[number].blocks == change.blocks
        assert items[number].persons_found == (0 if change.blocks else 1)
    # As the source says again what it said then, nothing is missed.
    assert later.back[number].blocks == ()


def test_who_is_found_no_longer_is_told_once(later: Later) -> None:
    assert later.told == [{"request": number} for number, one in enumerate(CHANGES, 1) if GONE in one.blocks]


TOVE = stored("P4", "Tove Wik", "tove@wik.example", "070-174 06 44")
OWN = asked(3, 0, **{"Namn": "Tove Wik", "E-post": "tove@wik.example"})
BO = stored("P2", "Bo Dahl", "bo@bolaget.example")


def as_of_before(desk: Asked) -> None:
    """The register as a version leaves it that remembers nobody whom it was not told of."""
    with writing(desk.register) as connection:
        forget(connection, request_choice.c.verdict == Verdict.FOUND)
    assert desk.kept(*Verdict) == [0, 0, 0, 0]


@pytest.mark.parametrize("is_upgraded", [False, True])
def test_a_purge_takes_whom_a_request_is_from_by_another_address_too(tmp_path: Path, is_upgraded: bool) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=(OWN,))
    if is_upgraded:
        as_of_before(desk)
    desk.export(tmp_path / "two", {**TOVE, "Prospekt-ID": "N4", "E-post": "tove@annan.example"}, BO)
    with refused("batch_empty"):
        desk.propose(desk.named("Tove Wik"))
    batch = desk.finish(desk.propose_for("R3"))
    assert (batch.state, batch.deleted) == (State.EXECUTED, 1)
    assert {row.name for row in desk.entries()} == {"Bo Dahl"}
    assert desk.kept(*Verdict) == [0, 0, 0, 0]
    with desk.register.connect() as connection:
        assert ledger.verify(connection).broken_at is None


def test_a_request_that_is_from_somebody_else_with_the_first_intake_misses_nobody(tmp_path: Path) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=(OWN,))
    as_of_before(desk)
    desk.export(tmp_path / "two", BO, forms=({**OWN, "Namn": "Bo Dahl", "E-post": "bo@bolaget.example"},))
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)


@pytest.mark.parametrize("is_upgraded", [False, True])
def test_nobody_who_may_be_who_asked_is_purged_while_they_are_missed(tmp_path: Path, is_upgraded: bool) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=(OWN,))
    if is_upgraded:
        as_of_before(desk)
    again = stored("N4", "T. Wik", "wik@annan.example")
    desk.export(tmp_path / "two", again, BO)
    assert desk.item(3).blocks == (GONE,)
    with refused("request_not_found"):
        desk.propose_for("R3")
    # She may be whoever came new; who was there before is not.
    with pytest.raises(Refused) as error:
        desk.propose(desk.named("T. Wik"))
    assert error.value.values["stays"] == {"open_request": 1}
    assert desk.purge(desk.named("Bo Dahl")).deleted == 1
    # Until the request is closed.
    desk.export(tmp_path / "three", forms=({**OWN, "Avslutad": "2026-11-24"},))
    assert desk.kept(*Verdict) == [0, 0, 0, 0]
    assert desk.purge(desk.named("T. Wik")).deleted == 1


def test_a_request_of_two_is_not_from_the_second_because_the_first_was_confirmed(tmp_path: Path) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=(OWN,))
    other = stored("P5", "Tove Wik", "tove@wik.example", "070-174 06 55")
    desk.export(tmp_path / "two", {**TOVE, "E-post": "tove@annan.example"}, other, BO)
    by = {row.speaks_for: row.person_id for row in desk.reading().rows(asks.REQUEST_PERSONS, **asks.ALL)}
    assert by.keys() == {"email,name", "earlier"}
    requests.choose(desk.at(desk.petra), desk.reading(), FORM, "R3", by["email,name"], YES)
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((WHICH,), 1)
    requests.choose(desk.at(desk.petra), desk.reading(), FORM, "R3", by["earlier"], NO)
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)


def test_who_is_confirmed_in_the_place_of_who_is_missed_is_who_it_is_from(tmp_path: Path) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=({**OWN, "Namn": ""},))
    # Another person has the address, and she is nowhere.
    other = stored("N4", "Eva Sten", "tove@wik.example")
    desk.export(tmp_path / "two", other, BO)
    assert desk.item(3).blocks == (GONE, WHICH)
    desk.say(3, "Eva Sten", NO)
    assert desk.item(3).blocks == (GONE,)
    desk.say(3, "Eva Sten", YES)
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)
    desk.export(tmp_path / "three", other, BO, stored("P5", "Lo Ny", "lo@ny.example"))
    assert desk.item(3).blocks == ()
    assert [one.is_sure for one in desk.reading().rows(asks.REQUEST_PERSONS, **asks.ALL)] == [True]


@pytest.mark.parametrize("order", [("Eva Sten", "Ulf Grip"), ("Ulf Grip", "Eva Sten")])
def test_who_is_confirmed_while_the_record_is_somebody_elses_can_be_purged(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=({**OWN, "Namn": ""},))
    # Her key is another's by now, and so is her address.
    ulf = {**TOVE, "Namn": "Ulf Grip", "E-post": "ulf@annan.example", "Telefon": ""}
    desk.export(tmp_path / "two", ulf, stored("N4", "Eva Sten", "tove@wik.example"), BO)
    assert desk.item(3).blocks == (GONE, WHICH)
    for name in order:
        # Who is not asked about any more needs no answer.
        if name in desk.offered(3):
            desk.say(3, name, YES if name == "Eva Sten" else NO)
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)
    assert desk.kept(Verdict.FOUND) == [0, 0, 0, 0]
    assert desk.finish(desk.propose_for("R3")).deleted == 1
    assert {row.name for row in desk.entries()} == {"Bo Dahl", "Ulf Grip"}
    assert desk.kept(*Verdict) == [0, 0, 0, 0]


def test_who_is_rejected_after_another_was_confirmed_is_not_missed_later(tmp_path: Path) -> None:
    desk = Asked(tmp_path / "store")
    desk.export(tmp_path / "one", TOVE, BO, forms=({**OWN, "Namn": ""},))
    moved = {**TOVE, "E-post": "tove@annan.example"}
    eva = stored("N4", "Eva Sten", "tove@wik.example")
    desk.export(tmp_path / "two", moved, eva, BO)
    desk.say(3, "Eva Sten", YES)
    desk.say(3, "Tove Wik", NO)
    assert desk.kept(Verdict.FOUND) == [0, 0, 0, 0]
    desk.export(tmp_path / "three", eva, BO)
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)


def test_a_build_of_an_earlier_version_that_does_not_tell_it_tells_nobody(register_settings: Settings) -> None:
    old = register_settings.store.parent / "old.duckdb"
    with duckdb.connect(str(old)) as con:
        con.execute("create table request_person (source varchar, reference varchar, person_id varchar)")
    with Tracer(register_settings, Build(1, old, None)) as tracer:
        assert tracer.senders() == []
