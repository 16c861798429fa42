"""What somebody says of whom a request is from: it counts at once and in later builds, until the request ends."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance import ledger
from compliance.evidence.content import ClosedRequest
from compliance.ledger import tables as ledger_tables
from compliance.purge.tables import State, Stays
from compliance.register.engine import writing
from compliance.requests import asks, backlog, replayed
from compliance.requests import verbs as requests
from compliance.requests.backlog import BacklogItem, Block
from compliance.requests.tables import (
    Verdict,
    request,
    request_choice,
    request_choice_person,
    request_choice_trace,
    request_loss,
)
from compliance.show import asks as show_asks
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say
from tests.purging import Desk, prospects, requests_made
from tests.purging import request as asked
from tests.world import TODAY

FORM = "erasure_form"
YES, NO = Verdict.CONFIRMED, Verdict.REJECTED
Row = dict[str, str]


def stored(key: str, name: str, email: str, phone: str = "") -> Row:
    return {"Prospekt-ID": key, "Namn": name, "E-post": email, "Telefon": phone, "Registrerad": "21/01/2010"}


ANNA = stored("P1", "Anna Berg", "vd@bolaget.example", "070-174 06 05")
BO = stored("P2", "Bo Dahl", "vd@bolaget.example", "070-174 06 06")
EVA = stored("P3", "Eva Sten", "eva@stenbolaget.example", "070-174 06 15")
TOVE = stored("P4", "Tove Wik", "tove@wik.example")
# Of an address of two; by another address, but with a stored number and name; and by one's own.
TWO = asked(1, 0, **{"Namn": "Anna Berg", "E-post": "vd@bolaget.example"})
OTHER = asked(2, 0, **{"Namn": "Eva Sten", "E-post": "eva.privat@hem.example", "Telefon": "0701740615"})
OWN = asked(3, 0, **{"Namn": "Tove Wik", "E-post": "tove@wik.example"})


class Asked(Desk):
    """A desk with what is asked of it here."""

    def export(self, folder: Path, *persons: Row, forms: tuple[Row, ...] = ()) -> None:
        """Takes in a newer export of the prospects, and of the form where there are `forms`."""
        self.now += dt.timedelta(hours=1)
        stamp = f"{self.now:%Y-%m-%dT%H%M}"
        paths = [prospects(folder, persons, stamp)] if persons else []
        paths += [requests_made(folder, forms, stamp)] if forms else []
        assert self.take_in(*paths).all_taken

    def item(self, number: int) -> BacklogItem:
        """A request in the backlog."""
        items = backlog.backlog(self.register, self.reading(), TODAY, self.parameters)
        return next(item for item in items if item.reference == f"R{number}")

    def offered(self, number: int) -> dict[str, asks.OfferedPerson]:
        """Of whom somebody has to say, or has said, whether the request is from them, by name."""
        at = self.at(self.petra)
        _, persons = requests.offered(at, self.reading(), FORM, f"R{number}", named=True)
        return {str(person.name): person for person in persons}

    def say(self, number: int, name: str, verdict: Verdict) -> None:
        """Petra's answer."""
        person_id = self.offered(number)[name].person_id
        requests.choose(self.at(self.petra), self.reading(), FORM, f"R{number}", person_id, verdict)

    def named(self, *names: str) -> list[show_asks.Entry]:
        """The entries of persons."""
        return [row for row in self.entries() if row.name in names]

    def lines(self, event: ledger.Event) -> list[dict[str, object]]:
        """What the ledger tells of an event."""
        table = ledger_tables.ledger
        with self.register.connect() as connection:
            told = connection.scalars(
                sa.select(table.c.details).where(table.c.event == event.value).order_by(table.c.seq)
            )
            return [json.loads(details) for details in told]

    def kept(self, *verdicts: Verdict) -> list[int]:
        """How many rows are kept of what was said, or of choices of these verdicts."""
        said = sa.select(request_choice.c.choice_id).where(request_choice.c.verdict.in_(verdicts or (YES, NO)))
        with self.register.connect() as connection:
            return [
                connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.choice_id.in_(said))) or 0
                for table in (request_choice, request_choice_trace, request_choice_person, request_loss)
            ]


@cache
def made() -> tuple[Path, dt.datetime]:
    """What `desk` is copied from, and when it was made."""
    folder = Path(tempfile.mkdtemp(prefix="asked-"))
    desk = Asked(folder / "store")
    desk.export(folder / "exports", ANNA, BO, EVA, TOVE, forms=(TWO, OTHER, OWN))
    desk.register.dispose()
    return folder, desk.now


@pytest.fixture
def desk(tmp_path: Path) -> Asked:
    """Two who share an address, one who asks by another, and one who asks by the only one, all of them overdue."""
    folder, made_at = made()
    shutil.copytree(folder / "store", tmp_path / "store")
    desk = Asked(tmp_path / "store")
    desk.now = made_at
    return desk


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_a_request_by_an_address_of_two_asks_which_and_takes_whom_it_is_from(
    register_settings: Settings, tmp_path: Path
) -> None:
    desk = Asked(tmp_path / "store", COMPLIANCE_REGISTER_URL=register_settings.register_url)
    desk.export(tmp_path / "one", ANNA, BO, TOVE, forms=(TWO,))
    item = desk.item(1)
    assert (item.blocks, item.persons_found, item.bases) == ((Block.WHICH_PERSON,), 0, 0)
    assert {name: one.verdict for name, one in desk.offered(1).items()} == {"Anna Berg": None, "Bo Dahl": None}
    with refused("request_undecided"):
        desk.propose_for("R1")
    # Neither is purged meanwhile, whatever rules say.
    with refused("batch_empty"):
        desk.propose(desk.named("Anna Berg", "Bo Dahl"))

    desk.say(1, "Anna Berg", YES)
    assert desk.item(1).blocks == (Block.WHICH_PERSON,)
    desk.say(1, "Bo Dahl", YES)
    desk.say(1, "Bo Dahl", NO)
    assert (desk.item(1).blocks, desk.item(1).persons_found, desk.item(1).bases) == ((), 1, 1)
    assert [(line["request"], line["verdict"]) for line in desk.lines(ledger.Event.REQUEST_PERSON_CHOSEN)] == [
        (1, "confirmed"), (1, "confirmed"), (1, "rejected"),
    ]  # fmt: skip
    assert desk.kept()[0] == 2

    # The source gives them other keys, and her another address.
    moved = {**ANNA, "Prospekt-ID": "N1", "E-post": "anna@annan.example"}
    desk.export(tmp_path / "two", moved, {**BO, "Prospekt-ID": "N2"}, TOVE)
    assert (desk.item(1).blocks, desk.item(1).persons_found) == ((), 1)
    assert {name: one.verdict for name, one in desk.offered(1).items()} == {"Anna Berg": YES, "Bo Dahl": NO}

    batch = desk.finish(desk.propose_for("R1"))
    assert (batch.state, batch.deleted) == (State.EXECUTED, 1)
    assert {row.name for row in desk.entries()} == {"Bo Dahl", "Tove Wik"}
    assert desk.kept() == [0, 0, 0, 0]
    with desk.register.connect() as connection:
        assert connection.execute(sa.select(request.c.outcome, request.c.email)).all() == [("done", None)]
        assert ledger.verify(connection).broken_at is None
    # Who was said not to have asked is nobody's business any more.
    assert desk.finish(desk.propose(desk.named("Bo Dahl"))).deleted == 1
    desk.register.dispose()


def test_a_request_by_another_address_is_a_possible_match_by_number_and_name(desk: Asked) -> None:
    item = desk.item(2)
    assert item.blocks == (Block.WHICH_PERSON,)
    assert item.possible == (backlog.Reasons(("phone", "name"), ("other_email",)),)
    desk.say(2, "Eva Sten", YES)
    assert (desk.item(2).blocks, desk.item(2).bases, desk.item(2).possible) == ((), 1, ())
    assert desk.finish(desk.propose_for("R2", "R3")).deleted == 2
    assert {row.name for row in desk.entries()} == {"Anna Berg", "Bo Dahl"}


def test_nobody_is_found_once_all_possible_matches_are_rejected(desk: Asked) -> None:
    desk.say(2, "Eva Sten", NO)
    assert desk.item(2).blocks == (Block.NOT_FOUND_IN_COPY,)
    with refused("request_not_found"):
        desk.propose_for("R2")
    # An answer can be taken back.
    desk.say(2, "Eva Sten", YES)
    assert desk.item(2).blocks == ()


class Change(NamedTuple):
    """What the source says of a person after somebody has answered, and what that makes of the answer."""

    name: str
    says: Row
    verdict: Verdict
    stands: bool
    blocks: tuple[Block, ...] = ()


NOT_FOUND, GONE, WHICH = Block.NOT_FOUND_IN_COPY, Block.CONFIRMED_GONE, Block.WHICH_PERSON
CHANGES = [
    Change("nothing", {}, YES, True),
    Change("key", {"Prospekt-ID": "N{n}"}, YES, True),
    Change("key, rejected", {"Prospekt-ID": "N{n}"}, NO, True, (NOT_FOUND,)),
    Change("key and address", {"Prospekt-ID": "N{n}", "E-post": "ny{n}@annan.example"}, YES, True),
    Change("key and number", {"Prospekt-ID": "N{n}", "Telefon": "08-55 66 77 {n}"}, YES, True),
    Change("address and number", {"E-post": "ny{n}@annan.example", "Telefon": ""}, YES, True),
    Change(
        "key, and a second address before the first, rejected",
        {"Prospekt-ID": "N{n}", "E-post": "a{n}@annan.example, eva{n}@stenbolaget.example"}, NO, True, (NOT_FOUND,),
    ),
    # Under another name it may be somebody else, and somebody is asked again.
    Change("name", {"Namn": "Bo Alm"}, YES, False, (GONE, WHICH)),
    Change("name, rejected", {"Namn": "Bo Alm"}, NO, False, (NOT_FOUND,)),
    Change("family name, rejected", {"Namn": "Eva{n} Alm"}, NO, False, (WHICH,)),
    # That it is the address of whoever asks is new.
    Change("the address that asks, rejected", {"E-post": "eva{n}.privat@hem.example"}, NO, False, (WHICH,)),
    Change("key, address and number", {"Prospekt-ID": "N{n}", "E-post": "", "Telefon": ""}, YES, False, (GONE,)),
]  # fmt: skip
# Each about somebody else, who asks by a number and the name, so that all of them need three exports.
EVAS = {
    n: stored(f"E{n}", f"Eva{n} Sten", f"eva{n}@stenbolaget.example", f"070-174 07 {n}")
    for n, _ in enumerate(CHANGES, 10)
}


class Changed(NamedTuple):
    """The store after the changes: of each request, how it stood then and once all was as before."""

    desk: Asked
    after: Sequence[Mapping[int, BacklogItem]]
    back: Mapping[int, BacklogItem]
    verdicts: Mapping[int, set[str | None]]
    refusals: Mapping[int, str]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """All changes at once, in an export that comes twice, and then the first one again."""
    folder = tmp_path_factory.mktemp("changed")
    desk = Asked(folder / "store")
    forms = [
        asked(n, 0, **{"Namn": eva["Namn"], "E-post": f"eva{n}.privat@hem.example", "Telefon": eva["Telefon"]})
        for n, eva in EVAS.items()
    ]
    desk.export(folder / "one", *EVAS.values(), forms=tuple(forms))
    reading, at = desk.reading(), desk.at(desk.petra)
    whom = {row.reference: row.person_id for row in reading.rows(asks.REQUEST_PERSONS, **asks.ALL)}
    for n, change in zip(EVAS, CHANGES, strict=True):
        requests.choose(at, reading, FORM, f"R{n}", whom[f"R{n}"], change.verdict)

    def items() -> dict[int, BacklogItem]:
        found = backlog.backlog(desk.register, desk.reading(), TODAY, desk.parameters)
        return {item.request_id: item for item in found}

    says = [
        {**eva, **{column: told.format(n=n) for column, told in change.says.items()}}
        for (n, eva), change in zip(EVAS.items(), CHANGES, strict=True)
    ]
    after = []
    for number in ("two", "three"):
        desk.export(folder / number, *says, forms=tuple(forms))
        after.append(items())
    verdicts = {n: {person.verdict for person in desk.offered(n).values()} for n in EVAS}
    refusals = {}
    for n, change in zip(EVAS, CHANGES, strict=True):
        if change.blocks:
            with pytest.raises(Refused) as error:
                desk.propose_for(f"R{n}")
            refusals[n] = error.value.code
    desk.export(folder / "four", *EVAS.values())
    return Changed(desk, after, items(), verdicts, refusals)


@pytest.mark.parametrize(("number", "change"), [pytest.param(*one, id=one[1].name) for one in enumerate(CHANGES, 10)])
def test_an_answer_counts_as_long_as_it_is_the_same_person(changed: Changed, number: int, change: Change) -> None:
    request_id = number - 9
    assert [items[request_id].blocks for items in changed.after] == [change.blocks] * 2
    assert changed.verdicts[number] <= {str(change.verdict) if change.stands else None}
    expected = "request_undecided" if WHICH in change.blocks else "request_not_found"
    assert changed.refusals.get(number) == (expected if change.blocks else None)
    # As the source says again what it said then, the answer counts again.
    assert changed.back[request_id].blocks == (() if change.verdict is YES else (NOT_FOUND,))


def test_who_was_confirmed_and_is_found_no_longer_is_told_once(changed: Changed) -> None:
    lost = [number for number, change in enumerate(CHANGES, 1) if GONE in change.blocks]
    assert changed.desk.lines(ledger.Event.REQUEST_CHOICE_LOST) == [{"request": number} for number in lost]


def test_who_has_another_name_since_is_asked_about_with_the_reason(desk: Asked, tmp_path: Path) -> None:
    desk.say(2, "Eva Sten", YES)
    # The source has given her key to somebody else.
    other = stored("P3", "Ulf Grip", "ulf@grip.example", "070-174 06 99")
    desk.export(tmp_path, ANNA, BO, other, TOVE)
    assert [(one.verdict, one.speaks_for) for one in desk.offered(2).values()] == [(None, "record")]
    desk.say(2, "Ulf Grip", NO)
    assert desk.item(2).blocks == (Block.NOT_FOUND_IN_COPY,)
    assert desk.kept()[0] == 1


def test_whom_records_went_apart_to_are_all_asked_about_or_answered(desk: Asked, tmp_path: Path) -> None:
    twice = stored("P5", "Eva Sten", "eva@stenbolaget.example")
    desk.export(tmp_path / "one", ANNA, BO, EVA, twice, TOVE)
    desk.say(2, "Eva Sten", YES)
    assert desk.item(2).bases == 1
    # One person's two records become two persons of the same name.
    desk.export(tmp_path / "two", ANNA, BO, EVA, {**twice, "E-post": "eva@annan.example"}, TOVE)
    assert (desk.item(2).persons_found, desk.item(2).blocks) == (2, ())
    assert desk.lines(ledger.Event.REQUEST_CHOICE_MOVED) == [{"choices": 1}]


def test_what_was_said_goes_when_the_request_is_from_somebody_else_or_ends(desk: Asked, tmp_path: Path) -> None:
    for number, name in ((1, "Anna Berg"), (2, "Eva Sten")):
        desk.say(number, name, YES)
    assert desk.kept()[::2] == [2, 2]
    desk.export(tmp_path / "one", forms=({**TWO, "Meddelande": "Hej"}, OTHER, OWN))
    assert desk.kept()[0] == 2
    desk.export(tmp_path / "two", forms=({**TWO, "Namn": "Bo Dahl"}, OTHER, OWN))
    assert desk.kept()[0] == 1
    assert {one.verdict for one in desk.offered(1).values()} == {None}
    desk.export(tmp_path / "three", forms=(TWO, {**OTHER, "Avslutad": "2026-11-24"}, OWN))
    assert desk.kept() == [0, 0, 0, 0]


def test_a_register_that_learns_that_a_request_was_closed_forgets_what_was_said(desk: Asked) -> None:
    desk.say(2, "Eva Sten", YES)
    with writing(desk.register) as connection:
        row = connection.execute(sa.select(request).where(request.c.reference == "R2")).mappings().one()
        told = {name: row[name] for name in ClosedRequest.model_fields} | {"closed_on": TODAY, "outcome": "done"}
        replayed.close_again(connection, ClosedRequest(**told), desk.now)
    assert desk.kept() == [0, 0, 0, 0]


def test_one_who_comes_to_share_an_address_after_the_proposal_stops_it(desk: Asked, tmp_path: Path) -> None:
    batch = desk.approve(desk.propose_for("R3"))
    desk.confirm(batch)
    desk.export(tmp_path, ANNA, BO, EVA, TOVE, stored("P6", "Ivar Holm", "tove@wik.example"))
    desk.claim(batch)
    done = desk.carry_out(batch)
    assert (done.deleted, done.changed) == (0, 1)
    assert json.loads(done.receipt or "")["reasons"] == {Stays.OPEN_REQUEST.value: 1}


def test_a_request_stays_open_while_it_may_be_from_somebody_else_as_well(desk: Asked, tmp_path: Path) -> None:
    batch = desk.approve(desk.propose_for("R3"))
    desk.confirm(batch)
    # Since then somebody else is a possible match: by the number that the form has now.
    desk.export(
        tmp_path, ANNA, BO, EVA, TOVE, stored("P6", "Tove Wik", "t@annan.example", "070-174 06 44"),
        forms=(TWO, OTHER, {**OWN, "Telefon": "0701740644"}),
    )  # fmt: skip
    desk.claim(batch)
    assert desk.carry_out(batch).deleted == 1
    item = desk.item(3)
    assert (item.blocks, item.persons_found) == ((Block.WHICH_PERSON,), 0)


def test_a_request_is_found_again_after_a_purge_of_whom_it_is_not_from(desk: Asked) -> None:
    desk.say(1, "Anna Berg", YES)
    desk.say(1, "Bo Dahl", NO)
    assert desk.purge(desk.named("Bo Dahl")).deleted == 1
    assert (desk.item(1).persons_found, desk.item(1).blocks) == (1, ())
    # What was said of whom is gone goes, and is no loss.
    assert desk.kept()[0] == 1
    assert desk.lines(ledger.Event.REQUEST_CHOICE_LOST) == []
    with desk.register.connect() as connection:
        assert ledger.verify(connection).broken_at is None


@pytest.mark.parametrize("who", ["axel", "gun", "olle"])
def test_only_who_may_see_all_persons_may_say_it(desk: Asked, who: str) -> None:
    person = desk.offered(2)["Eva Sten"].person_id
    at = desk.at(getattr(desk, who))
    with refused("not_allowed"):
        requests.choose(at, desk.reading(), FORM, "R2", person, YES)
    for named in (True, False):
        with refused("not_allowed"):
            requests.offered(at, desk.reading(), FORM, "R2", named=named)
    assert desk.kept() == [0, 0, 0, 0]


def test_what_cannot_be_said_is_refused(desk: Asked, tmp_path: Path) -> None:
    reading, at = desk.reading(), desk.at(desk.petra)
    anna, eva = desk.offered(1)["Anna Berg"].person_id, desk.offered(2)["Eva Sten"].person_id
    (tove,) = {row.person_id for row in reading.rows(asks.REQUEST_PERSONS, **asks.ALL) if row.is_sure}
    for reference, person, code in (
        ("R9", eva, "request_unknown"), ("R2", anna, "request_not_offered"), ("R3", tove, "request_not_offered"),
        ("R2", "nobody", "request_not_offered"),
    ):  # fmt: skip
        with refused(code):
            requests.choose(at, reading, FORM, reference, person, YES)
    desk.export(tmp_path / "one", ANNA, BO, EVA, TOVE)
    with refused("request_build_changed"):
        requests.choose(at, reading, FORM, "R2", eva, YES)
    desk.export(tmp_path / "two", forms=(TWO, {**OTHER, "Avslutad": "2026-11-24"}, OWN))
    with refused("request_already_closed"):
        requests.choose(at, reading, FORM, "R2", eva, YES)
    assert desk.kept() == [0, 0, 0, 0]


def whose() -> None:
    """The part of the page that one chosen request opens."""
    from compliance import ui
    from compliance.requests import view
    from compliance.words.vocabulary import Permission

    session = ui.guard(Permission.SEE_FIGURES)
    view.sender(session, ui.something_to_read(session), "erasure_form", "R1")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_asks_which_person_and_takes_the_answer(
    desk: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    anna, bo = (desk.offered(1)[name].person_id for name in ("Anna Berg", "Bo Dahl"))
    app = AppTest.from_function(whose, default_timeout=60)
    app.session_state["signed_in_email"], app.session_state["language"] = desk.petra.email, language
    app.run()
    assert not app.exception
    # Names on asking alone.
    assert not [one for one in app.text if "Berg" in one.value]
    app.toggle(key="named_which").set_value(True).run()
    assert next(one.value for one in app.text) == "Anna Berg · vd@bolaget.example"
    order = [button.key for button in app.button]
    answers = [f"confirm_{FORM}_R1_{anna}", f"reject_{FORM}_R1_{bo}"]
    for key in answers:
        app.button(key=key).click().run()
    assert {name: one.verdict for name, one in desk.offered(1).items()} == {"Anna Berg": YES, "Bo Dahl": NO}
    # No answer moves another person's buttons to where the next click goes.
    assert [button.key for button in app.button] == [key for key in order if key not in answers]
    assert say("speaks_against.shared_email", language) in "".join(one.value for one in app.markdown)
