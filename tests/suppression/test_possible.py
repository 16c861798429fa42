"""Whoever shares something with somebody who was erased is let in, put before the DPO and decided once; who surely is
the same stays out, however the record is written.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyarrow import parquet

from compliance import evidence, ledger, runs
from compliance.evidence import content
from compliance.holds import verbs as holds
from compliance.holds.tables import Ground, Scope
from compliance.identity import normalise
from compliance.intake import run
from compliance.intake.orders import FileOrder, Order
from compliance.marks import tables as marks_tables
from compliance.marks import verbs as marks
from compliance.operations import replay
from compliance.purge import batches, execute
from compliance.purge import verbs as purge_verbs
from compliance.purge.tables import State
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine, writing
from compliance.sources import tasks
from compliance.sources.catalogue import catalogue_of
from compliance.sources.tables import source_task
from compliance.suppression import tables as suppression_tables
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict, reappearance
from compliance.suppression.verbs import Doubt
from compliance.words import keys, texts
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Role
from tests.purging import Desk, WriterHere, prospects
from tests.suppression.test_suppression import BO, NOW, VOUCHERS, Company, voucher_spans
from tests.world import TODAY, shipped_parameters, shipped_policy, table

SAME, OTHER = Verdict.SAME, Verdict.OTHER
_days = itertools.count(1)


@pytest.fixture
def company(settings: settings_of.Settings, tmp_path: Path) -> Company:
    return Company(settings, tmp_path / "in")


@pytest.fixture
def either(register_settings: settings_of.Settings, tmp_path: Path) -> Company:
    """The same, once with its register on SQLite and once on PostgreSQL."""
    return Company(register_settings, tmp_path / "in")


# The whole way: a purge, and the exports that follow it


def row(key: str, name: str, email: str = "", phone: str = "", registered: str = "2010-01-05") -> dict[str, str]:
    return {"Prospekt-ID": key, "Namn": name, "E-post": email, "Telefon": phone, "Registrerad": registered}


ERASED = [
    row("P1", "Anna Berg", "anna.berg@bolaget.example"),
    row("P2", "Karin Ek", "kansli@foretag.example"),
    row("P3", "Lena Lund", "kontoret@foretag.example"),
    row("P4", "Olle Ost", phone="08-123 45 67"),
    row("P5", "Pia Palm", phone="070-123 45 67"),
    row("P6", "Rut Ros", "vd@firma.example"),
    row("P7", "Siv Sten", "siv@ett.example; siv@tva.example"),
    row("P8", "Tor Tal", "delad@par.example"),
    row("P9", "Ulf Ung", "delad@par.example"),
]
STAYING = [row("P99", "Zed", "zed@z.example"), row("P10", "Mats Mo", "kontoret@foretag.example")]
# Each has something in common with somebody who was erased, and is somebody else, or may be.
INNOCENT = [
    row("K1", "Nils Ny", "kansli@foretag.example"),
    row("K2", "Karin Ek", "kansli@foretag.example"),
    row("K3", "Ove Oh", "kontoret@foretag.example"),
    row("K4", "Per Pil", phone="08-123 45 67"),
    row("K5", "Olle Ost", phone="08-123 45 67"),
    row("K6", "Pelle Palm", phone="070-123 45 67"),
    row("K7", "Rolf Rik", "vd@firma.example"),
    row("K8", "Anna Berg", "anna@annanstans.example"),
    row("K9", "Viveka Vik", "delad@par.example"),
    row("K10", "Tor Tal", "delad@par.example"),
]
SPELLED = [
    "anna.berg@bolaget.example",
    "Anna.Berg@BOLAGET.example",
    "anna.berg+nyhet@bolaget.example",
    "anna.berg@bolaget.example\t",
    "mailto:anna.berg@bolaget.example",
    "Anna Berg <anna.berg@bolaget.example>",
    "anna.berg@bolaget.example; anna@privat.example",
    "anna@privat.example;anna.berg@bolaget.example",
    "anna.berg@bolaget.example.",
    "anna.berg@bolaget.example\n",
    "anna.berg\uff20bolaget.example",
    "\ufeffanna.berg@bolaget.example",
]


class Seen(NamedTuple):
    """How things stood after an export."""

    stored: set[str]
    asked: dict[str, Doubt]
    quarantined: dict[str, int]
    state: State


class Story(NamedTuple):
    """What a purge was followed by: an export of those who share something, one after decisions with the erased under
    other spellings, one with a record of which nobody has decided, and one after that was.
    """

    desk: Desk
    exports: tuple[Seen, Seen, Seen, Seen]
    held: str
    restricted: str
    leaving: int
    entries: tuple[int, int]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "new_writer", WriterHere)
        yield _told(tmp_path_factory.mktemp("story"))


def _told(folder: Path) -> Story:
    desk = Desk(folder / "store")
    days = iter(range(1, 9))

    def export(*rows: dict[str, str]) -> Seen:
        day = TODAY + dt.timedelta(days=next(days))
        desk.on(day)
        result = desk.take_in(prospects(folder / "in", rows, f"{day}T0400"))
        assert result.all_taken, result
        (taken,) = result.files[0].taken
        return _seen(desk, batch.batch_id, taken.quarantined)

    desk.take_in(prospects(folder / "in", [*ERASED, *STAYING]))
    names = {one["Namn"] for one in ERASED}
    batch = desk.purge([one for one in desk.entries() if one.name in names], picked=True)
    assert batch.deleted == len(ERASED)
    before = _entries(desk)

    first = export(*STAYING, *INNOCENT)
    terms = holds.Terms(Ground.DISPUTE, "legal", TODAY + dt.timedelta(days=60))
    holds.place(desk.at(desk.axel), desk.reading(), holds.Target(Scope.PERSON, _persons(desk)["K1"]), terms)
    with pytest.raises(Refused) as held:
        decide(desk, SAME, first.asked["K1"], first.asked["K7"])
    ground, until = marks_tables.Ground.ACCURACY_CONTESTED, TODAY + dt.timedelta(days=60)
    contested = marks.Terms(marks_tables.Kind.RESTRICTED, TODAY, ground, until)
    marks.place(desk.at(desk.petra), desk.reading(), _persons(desk)["K10"], contested)
    with pytest.raises(Refused) as restricted:
        decide(desk, SAME, first.asked["K7"], first.asked["K10"])
    decide(desk, SAME, first.asked["K7"])
    decide(desk, OTHER, *(one for key, one in first.asked.items() if key not in ("K3", "K7")))
    leaving = suppression.count_leaving(desk.register)

    shared = [one for one in INNOCENT if one["Prospekt-ID"] not in ("K1", "K2")]
    moved = [
        row("M1", "Nils Ny", "Kansli@foretag.example"),
        row("M2", "Karin Ek", "kansli@foretag.example"),
        row("M7", "Rolf Rik", "vd@firma.example"),
        row("M8", "Sara Sol", "vd@firma.example"),
    ]
    back = [row(f"N{number}", "Anna Berg", email) for number, email in enumerate(SPELLED)]
    back += [row("N20", "Pia Palm", phone="+46 70 123 45 67"), row("N21", "Sten, Siv", "siv@ett.example")]
    back += [row("N22", "Siv Sten", "annan@ett.example, siv@tva.example")]
    second = export(*STAYING, *shared, *moved, *back)
    let_in = [one for one in INNOCENT if one["Prospekt-ID"] != "K7"]
    third = export(*STAYING, *let_in)
    decide(desk, OTHER, third.asked["K3"])
    fourth = export(*STAYING, *let_in)
    codes = held.value.code, restricted.value.code
    return Story(desk, (first, second, third, fourth), *codes, leaving, (before, _entries(desk)))


def _seen(desk: Desk, batch_id: int, quarantined: Mapping[str, int]) -> Seen:
    at, persons = desk.at(desk.petra), {person: key for key, person in _persons(desk).items()}
    behind = suppression.waiting_persons(at, desk.reading())
    asked = {persons[behind[one.number]]: one for one in suppression.doubts(at)}
    assert suppression.count_doubts(desk.register) == len(asked)
    return Seen(set(persons.values()), asked, dict(quarantined), batches.find(desk.register, batch_id).state)


def _persons(desk: Desk) -> dict[str, str]:
    return {one["source_key"]: one["person_id"] for one in table(desk.reading(), "basis")}


def _entries(desk: Desk) -> int:
    with desk.register.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(suppression_tables.suppression)) or 0


def decide(desk: Desk, verdict: Verdict, *doubts: Doubt) -> None:
    purge_verbs.decide(desk.at(desk.petra), desk.reading(), [one.number for one in doubts], verdict)


def keys_of(rows: Sequence[Mapping[str, str]]) -> set[str]:
    return {one["Prospekt-ID"] for one in rows}


def speaks(doubt: Doubt) -> tuple[str, str]:
    return " ".join(doubt.speaks_for), " ".join(doubt.speaks_against)


def test_whoever_shares_something_with_the_erased_is_let_in_and_asked_about(story: Story) -> None:
    first = story.exports[0]
    assert first.stored == keys_of(STAYING) | keys_of(INNOCENT)
    assert first.quarantined == {}
    # Another name at a switchboard, the same name elsewhere and who stood beside the erased one are no question.
    assert {key: speaks(one) for key, one in first.asked.items()} == {
        "K1": ("email", "shared_email other_name"),
        "K2": ("email name", "shared_email"),
        "K3": ("email", "shared_email other_name"),
        "K5": ("phone name", "shared_phone"),
        "K6": ("phone", "other_name"),
        "K7": ("email", "other_name"),
        "K9": ("email", "shared_email other_name"),
        "K10": ("email name", "shared_email"),
    }


def test_whoever_may_be_somebody_else_raises_no_alarm_and_verifies_nothing(story: Story) -> None:
    assert [one.state for one in story.exports] == ["executed", "resurfaced", "resurfaced", "verified"]


def test_of_twelve_spellings_of_an_address_none_comes_back(story: Story) -> None:
    second = story.exports[1]
    assert not {key for key in second.stored if key.startswith("N")}
    # And of two addresses in a cell both keep out, and so does a number that was one person's.
    assert second.quarantined == {"suppressed": len(SPELLED) + 3 + 2}


def test_what_was_decided_holds_in_the_next_export(story: Story) -> None:
    second = story.exports[1]
    # The same person stays out, by the key and under another one; whoever follows at the address is another question.
    assert not {"K7", "M7"} & second.stored
    # Another person's is not asked about again, nor is another key with that name and address, unless the name is the
    # erased one's.
    assert {key: speaks(one) for key, one in second.asked.items()} == {
        "K3": ("email", "shared_email other_name"),
        "M2": ("email name", "shared_email"),
        "M8": ("email", "other_name"),
    }
    assert second.stored == keys_of(STAYING) | keys_of(INNOCENT) - {"K1", "K2", "K7"} | {"M1", "M2", "M8"}
    assert set(story.exports[2].asked) == {"K3"}
    assert story.exports[3].asked == {}
    assert story.exports[3].stored == keys_of(STAYING) | keys_of(INNOCENT) - {"K7"}


def test_who_is_held_is_not_kept_out_by_a_decision(story: Story) -> None:
    assert story.held == "doubt_held"
    assert {"K1", "M1"} & story.exports[1].stored


def test_who_is_restricted_is_not_kept_out_by_a_decision(story: Story) -> None:
    assert story.restricted == "doubt_restricted"
    assert "K10" in story.exports[1].stored


def test_a_decision_adds_entries_only_for_the_same_person(story: Story) -> None:
    assert (story.leaving, story.entries[1] - story.entries[0]) == (1, 1)
    assert suppression.count_leaving(story.desk.register) == 0


def test_every_export_and_decision_has_its_line_of_figures(story: Story) -> None:
    with story.desk.register.connect() as connection:
        assert ledger.verify(connection).broken_at is None
        told = [
            (line["event"], json.loads(line["details"]))
            for line in ledger.lines(connection)
            if line["event"] in ("persons:possible", "return:decided")
        ]
    assert [(one["source"], one["rows"], one["new"]) for event, one in told if event == "persons:possible"] == [
        ("crm", 8, 8),
        ("crm", 3, 2),
        ("crm", 1, 0),
    ]
    decided = [one for event, one in told if event == "return:decided"]
    assert [(one["verdict"], one["entries"]) for one in decided] == [("same", 1)] + [("other", 0)] * 7
    assert set(decided[0]) == {"reappearance", "batch", "source", "dataset", "verdict", "entries"}


def test_a_restored_register_learns_of_decisions_by_the_evidence(story: Story, tmp_path: Path) -> None:
    desk = story.desk
    older = dataclasses.replace(desk.settings, register_url=f"sqlite:///{tmp_path / 'older.db'}")
    restored = engine(older)
    # Nothing is left of the register itself.
    assert replay.replay(older, restored, desk.now, any_register=True).batches == 1

    def kept(register: sa.Engine) -> list[tuple[Any, ...]]:
        known = suppression_tables.suppression.c
        entries = [known[name] for name in content.Suppressed.model_fields]
        decided = [reappearance.c[name] for name in content.Another.model_fields if name != "entry"]
        joined = sa.select(known.record_digest, *decided).join_from(reappearance, suppression_tables.suppression)
        with register.connect() as connection:
            return sorted(
                [
                    *(tuple(row) for row in connection.execute(sa.select(*entries))),
                    *(tuple(row) for row in connection.execute(joined.where(reappearance.c.verdict == OTHER))),
                ],
                key=str,
            )

    assert kept(restored) == kept(desk.register)
    assert len(kept(restored)) > story.entries[1] + 6
    restored.dispose()


# However it is written


ADDRESS, NAME = "åsa.öberg@företaget.example", "Åsa Öberg"
WRAPPED = (
    "{}",
    "<{}>",
    "mailto:{}",
    "Åsa Öberg <{}>",
    '"Öberg, Åsa" <{}>',
    "{};",
    "{},",
    "{}.",
    "'{}'",
    '"{}"',
    "({})",
)
BESIDE = ("", "", "asa@privat.example", "Åsa <asa.privat@annan.example>", "kontoret@foretag.example")
UNSEEN = ("\ufeff", "\u200b", "\u00ad", "\u200e", "\u2060")
TITLES = ("{}", "Dr {}", "{}, PhD", "Fru {}", "{} (mobil)")


def _cased(draw: st.DrawFn, text: str) -> str:
    return "".join(draw(st.sampled_from((sign.lower(), sign.upper()))) for sign in text)


@st.composite
def spelled_address(draw: st.DrawFn) -> str:
    """One address as people and systems write it."""
    local, domain = ADDRESS.split("@")
    if draw(st.booleans()):
        local += "+" + draw(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
    if draw(st.booleans()):
        domain = "xn--fretaget-n4a.example"
    text = _cased(draw, f"{local}@{domain}")
    if draw(st.booleans()):
        text = text.replace("@", "\uff20")
    text = unicodedata.normalize(draw(st.sampled_from(("NFC", "NFD"))), text)
    place = draw(st.integers(0, len(text)))
    text = text[:place] + draw(st.sampled_from(("", "", *UNSEEN))) + text[place:]
    others = [draw(st.sampled_from(WRAPPED)).format(text), draw(st.sampled_from(BESIDE))]
    cell = draw(st.sampled_from(("; ", ",", " / ", "\n", " "))).join(filter(None, draw(st.permutations(others))))
    around = st.sampled_from(("", " ", "\t", "\n", "\u00a0"))
    return draw(around) + cell + draw(around)


@st.composite
def spelled_name(draw: st.DrawFn) -> str:
    """One name as people and systems write it; or none."""
    first, last = NAME.split()
    text = draw(st.sampled_from((f"{first} {last}", f"{last}, {first}", f"{last} {first}", f" {first}  {last}", "")))
    text = unicodedata.normalize(draw(st.sampled_from(("NFC", "NFD"))), _cased(draw, text))
    return draw(st.sampled_from(TITLES)).format(text) if text else ""


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company from which one person was erased, who alone had her address."""
    folder = tmp_path_factory.mktemp("spelled")
    house = Company(settings_of.load({"COMPLIANCE_STORE": str(folder / "store")}), folder / "in")
    (address,) = normalise.addresses(ADDRESS).keys
    erase(house, "P1", email=address, name=str(normalise.name_key(NAME)), shared=False)
    return house


# Without a smaller example: each costs an intake, and the rows that came back are named.
@hypothesis_settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.large_base_example],
)
@given(st.lists(st.tuples(spelled_name(), spelled_address()), min_size=40, max_size=60))
def test_no_spelling_of_an_address_brings_anybody_back(open_house: Company, spelled: list[tuple[str, str]]) -> None:
    # In a file that has cells of its own: how text is quoted is another question.
    rows = [("P2", "Bo Dahl", "bo@kund.example"), *((f"N{number}", *one) for number, one in enumerate(spelled))]
    path = open_house.folder / f"crm_prospekt_{next(_days)}.parquet"
    path.parent.mkdir(exist_ok=True)
    columns = dict(zip(("Prospekt-ID", "Namn", "E-post"), zip(*rows, strict=True), strict=True))
    parquet.write_table(pa.table({**columns, "Registrerad": ["2010-01-05"] * len(rows)}), path)
    now = NOW + dt.timedelta(days=next(_days))
    run_id = runs.queue(open_house.register, None, now)
    file = FileOrder(path=path, name="crm_prospekt.parquet", exported_at=now, exported_at_from="file_time")
    result = run.execute(open_house.settings, open_house.register, run_id, Order(files=(file,)), lambda: now)
    stored = {str(key) for (key,) in open_house.rows("select source_key from build.record")}
    assert stored == {"P2"}, [one for one in rows if one[0] in stored]
    assert result.files[0].taken[0].quarantined == {"suppressed": len(spelled)}


# Each rule by itself


def erase(
    company: Company, key: str, *, email: str | None = None, phone: str | None = None, name: str, shared: bool,
    **values: Any,
) -> int:  # fmt: skip
    """Enters one erased record as a purge of today does, which knows whether the address and the number were shared."""
    (secret, *_) = keys.suppression(company.settings)
    told = {
        "email_name_digest": secret.digest(f"email|{email}|{name}") if email else None,
        "is_shared_email": shared,
        "is_shared_phone": shared,
    }
    return company.erase(key, email=email, phone=phone, name=name, **{**told, **values})


def line(key: str, name: str, email: str = "", phone: str = "", registered: str = "2020-05-03") -> str:
    return f"{key};{name};{email};{phone};Chef;{registered};"


def reading(company: Company) -> Reading:
    found = copy.current(company.settings, company.register, NOW.date(), shipped_policy(), shipped_parameters())
    assert found is not None
    return found


def asked(company: Company) -> dict[str, Doubt]:
    """The doubts that wait, by the source key of the record."""
    read, at = reading(company), company.at(Role.DPO)
    behind = suppression.waiting_persons(at, read)
    persons = {one["person_id"]: one["source_key"] for one in table(read, "basis")}
    return {persons[behind[one.number]]: one for one in suppression.doubts(at)}


def say(company: Company, verdict: Verdict, *doubted: Doubt, role: Role = Role.DPO) -> None:
    purge_verbs.decide(company.at(role), reading(company), [one.number for one in doubted], verdict)


def test_an_entry_of_an_earlier_version_keeps_out_as_before(company: Company) -> None:
    company.erase("P8", email="kansli@foretag.example")
    company.erase("P9", phone="+46812345678", name="anna maria åberg")
    rows = [line("P10", "Nils Ny", "kansli@foretag.example"), line("P11", "Åberg, Anna Maria", phone="08-123 456 78")]
    assert company.prospects(*rows, BO).quarantined == {"suppressed": 2}
    assert company.keys_in_copy() == ["P2"]


def test_who_stood_beside_the_erased_is_known_to_be_another(company: Company) -> None:
    mails = {key: f"info@{key.lower()}.example" for key in ("A", "B", "C", "D", "E", "F", "G")}
    before = {
        "A": line("A", "Ada Ax", mails["A"]),
        "B": line("B", "Bea By", mails["B"]),
        "C": line("C", "Caj Cy", mails["C"], registered="2026-11-10"),
        "D": line("D", "Dan Dy", f"dan@d.example, {mails['D']}").replace(",", " /"),
        "E": line("E", "Eva Ey", mails["E"]),
        "F": line("F", "Fia Fy", "fia@f.example"),
    }
    company.prospects(*before.values())
    for key, mail in mails.items():
        category = "PROSPECT" if key == "E" else None
        erase(company, f"X{key}", email=mail, name="x y", shared=True, category=category)
    after = {
        **before,
        # Another name, an earlier day and another address than it had beside the erased one; and one that is new.
        "B": line("B", "Nytt Namn", mails["B"]),
        "C": line("C", "Caj Cy", mails["C"], registered="2020-11-10"),
        "F": line("F", "Fia Fy", mails["F"]),
        "G": line("G", "Gun Gy", mails["G"]),
    }
    for day in (1, 2):
        company.prospects(*after.values(), now=NOW + dt.timedelta(days=day))
        # Somebody of whom only a part was erased is still there: whoever is met is not known to be another.
        assert asked(company).keys() == {"B", "C", "E", "F", "G"}
    assert company.keys_in_copy() == ["A", "B", "C", "D", "E", "F", "G"]


def test_a_row_in_quarantine_may_be_the_erased_one_too(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    erase(company, "P1", email="kansli@foretag.example", name="anna berg", shared=True, batch_id=batch_id)
    company.prospects(line("", "Nils Ny", "kansli@foretag.example"), BO)
    assert suppression.doubts(company.at(Role.DPO)) == []
    assert company.states(batch_id) == ("executed", [("done", None, True)])
    company.prospects(BO, now=NOW + dt.timedelta(days=1))
    assert company.states(batch_id)[0] == "verified"


def test_the_younger_of_two_stays_out_however_that_is_said_and_the_elder_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "new_writer", WriterHere)
    desk = Desk(tmp_path / "store")
    gone = [
        row("P1", "Karl Berg Jr", "karl@berg.example", "070-123 45 67"),
        row("P2", "Anna Berg 2", "anna@berg.example"),
    ]
    desk.take_in(prospects(tmp_path / "in", [*gone, *STAYING]))
    batch = desk.purge([one for one in desk.entries() if one.name in ("Karl Berg Jr", "Anna Berg 2")], picked=True)
    back = [
        row("N1", "Karl Berg Jr", "karl@berg.example"),
        row("N2", "Berg, Karl (d.y.)", "karl@berg.example"),
        row("N3", "Karl Berg", "karl@berg.example"),
        row("N4", "Karl Berg, junior", phone="070-123 45 67"),
        row("N5", "Karl Berg", phone="070-123 45 67"),
        row("N6", "Anna Berg", "anna@berg.example"),
        row("N7", "Anna Berg - kopia", "anna@berg.example"),
    ]
    elder = [row("N8", "Karl Berg Sr", "karl@berg.example"), row("N9", "Karl Berg d.ä.", phone="070-123 45 67")]
    day = TODAY + dt.timedelta(days=1)
    desk.on(day)
    result = desk.take_in(prospects(tmp_path / "in", [*STAYING, *back, *elder], f"{day}T0400"))
    seen = _seen(desk, batch.batch_id, result.files[0].taken[0].quarantined)
    assert (seen.stored, seen.quarantined) == (keys_of(STAYING) | keys_of(elder), {"suppressed": len(back)})
    assert seen.asked.keys() == keys_of(elder)


@pytest.mark.parametrize("name", ["berg karl", "berg d karl y"], ids=["a title", "its letters"])
def test_an_entry_of_before_it_was_told_which_of_two_is_meant_keeps_out_as_before(company: Company, name: str) -> None:
    erase(company, "P1", email="karl@berg.example", name=name, shared=False)
    erase(company, "P3", phone="+46701234567", name=name, shared=False)
    written = "Karl Berg Jr" if name == "berg karl" else "Karl Berg d.y."
    rows = [line("P7", written, "karl@berg.example"), line("P8", written, phone="070-123 45 67")]
    assert company.prospects(*rows, BO).quarantined == {"suppressed": 2}
    assert company.keys_in_copy() == ["P2"]


def test_only_the_dpo_decides_and_once(either: Company) -> None:
    erase(either, "P1", email="kansli@foretag.example", name="anna berg", shared=True)
    erase(either, "P3", phone="+46812345678", name="cia ek", shared=True)
    rows = [line("P7", "Nils Ny", "kansli@foretag.example"), line("P8", "Cia Ek", phone="08-12345678"), BO]
    either.prospects(*rows)
    waiting = asked(either)
    assert waiting.keys() == {"P7", "P8"}
    for role in (role for role in Role if role is not Role.DPO):
        with pytest.raises(Refused, match="not_allowed"):
            suppression.doubts(either.at(role))
        with pytest.raises(Refused, match="not_allowed"):
            say(either, OTHER, waiting["P7"], role=role)
    say(either, OTHER, waiting["P7"])
    with either.register.connect() as connection:
        (said,) = connection.scalars(sa.select(reappearance.c.confirmed_by).where(reappearance.c.verdict == OTHER))
    dpo = either.at(Role.DPO).actor
    assert dpo is not None and said == dpo.pseudonym
    for doubted in ([waiting["P7"]], list(waiting.values())):
        with pytest.raises(Refused, match="doubt_unknown"):
            say(either, SAME, *doubted)
    assert asked(either).keys() == {"P8"}
    say(either, SAME, waiting["P8"])
    # By number and name the person is known under another key too.
    either.prospects(*rows, line("P9", "Cia Ek", phone="08-12345678"), now=NOW + dt.timedelta(days=1))
    assert either.keys_in_copy() == ["P2", "P7"]
    assert asked(either) == {}
    later = either.at(None, dt.datetime(2036, 11, 2, 9, 0, tzinfo=dt.UTC))
    assert suppression.forget_expired(later) == 3
    assert either.reappeared() == []


def test_a_decision_that_evidence_cannot_keep_is_none(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(company, "P1", email="kansli@foretag.example", name="anna berg", shared=True)
    company.prospects(line("P7", "Nils Ny", "kansli@foretag.example"))
    (waiting,) = asked(company).values()

    def unwritable(*_: object, **_more: object) -> None:
        raise Refused("file_unwritable", file="evidence")

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "rewrite", unwritable)
        with pytest.raises(Refused, match="file_unwritable"):
            say(company, SAME, waiting)
    assert list(asked(company).values()) == [waiting]
    assert company.lines(ledger.Event.RETURN_DECIDED) == []


def test_of_two_with_one_name_at_one_mailbox_each_is_decided_by_itself(company: Company) -> None:
    erase(company, "P1", email="kansli@foretag.example", name="anna berg", shared=True)
    rows = [line(key, "Anna Berg", "kansli@foretag.example") for key in ("P7", "P8", "P9")]
    company.prospects(rows[0], BO)
    say(company, OTHER, asked(company)["P7"])
    company.prospects(*rows[:2], BO, now=NOW + dt.timedelta(days=1))
    # They are one person in the copy by now, and the question is about the record that came.
    (waiting,) = suppression.doubts(company.at(Role.DPO))
    say(company, SAME, waiting)
    company.prospects(*rows, BO, now=NOW + dt.timedelta(days=2))
    # Whom the DPO has let in stays; a third one could be either.
    assert company.keys_in_copy() == ["P2", "P7", "P9"]
    assert len(suppression.doubts(company.at(Role.DPO))) == 1


def test_what_a_record_says_later_decides_anew(company: Company) -> None:
    erase(company, "P1", email="kansli@foretag.example", name="anna berg", shared=True)
    erase(company, "P3", email="anna@kund.example", name="anna berg", shared=False)
    company.prospects(line("P7", "Nils Ny", "kansli@foretag.example"), BO)
    say(company, OTHER, asked(company)["P7"])
    company.prospects(line("P7", "Anna Berg", "anna@kund.example"), BO, now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == ["P2"]


def test_a_key_that_the_source_gives_to_somebody_else_is_asked_about(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    named = keys.suppression(company.settings)[0].digest("name|anna berg")
    erase(
        company, "P1", email="anna@kund.example", name="anna berg", shared=False, batch_id=batch_id, name_digest=named
    )
    newcomer = line("P1", "Nils Ny", "nils@kund.example")
    company.prospects(newcomer, BO)
    assert {key: speaks(one) for key, one in asked(company).items()} == {"P1": ("key", "other_name")}
    assert company.states(batch_id)[0] == "executed"
    say(company, OTHER, asked(company)["P1"])
    company.prospects(newcomer, BO, now=NOW + dt.timedelta(days=1))
    assert asked(company) == {}
    assert company.states(batch_id)[0] == "verified"
    # A third one is another question, and the erased one's name is none.
    company.prospects(line("P1", "Ove Oh"), BO, now=NOW + dt.timedelta(days=2))
    assert asked(company).keys() == {"P1"}
    say(company, SAME, asked(company)["P1"])
    company.prospects(line("P1", "Ove Oh"), BO, now=NOW + dt.timedelta(days=3))
    assert company.keys_in_copy() == ["P2"]
    company.prospects(line("P1", "Berg, Anna"), BO, now=NOW + dt.timedelta(days=4))
    assert company.keys_in_copy() == ["P2"]
    company.prospects(newcomer, BO, now=NOW + dt.timedelta(days=5))
    assert company.keys_in_copy() == ["P1", "P2"]


@pytest.mark.parametrize("known", [{"email": "ek@kund.example"}, {"phone": "070-123 45 67"}])
def test_whoever_was_met_by_the_key_alone_stays_out_under_another_one(company: Company, known: dict[str, str]) -> None:
    named = keys.suppression(company.settings)[0].digest("name|anna berg")
    erase(company, "P1", email="anna@kund.example", name="anna berg", shared=False, name_digest=named)
    company.prospects(line("P1", "Anna Ek", **known), BO)
    assert {key: speaks(one) for key, one in asked(company).items()} == {"P1": ("key", "other_name")}
    say(company, SAME, asked(company)["P1"])
    company.prospects(line("P9", "Anna Ek", **known), BO, now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == ["P2"]
    # Who has another name there may be anybody.
    company.prospects(line("P8", "Nils Ny", **known), BO, now=NOW + dt.timedelta(days=2))
    assert company.keys_in_copy() == ["P2", "P8"]


def test_whoever_else_has_the_key_is_taken_out_of_the_order_and_whoever_has_the_old_one_is_told(
    company: Company,
) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    named = keys.suppression(company.settings)[0].digest("name|anna berg")
    erase(
        company, "P1", email="anna@kund.example", name="anna berg", shared=False, batch_id=batch_id, name_digest=named
    )
    erase(company, "P3", email="cia@kund.example", name="cia ek", shared=False, batch_id=batch_id)
    with writing(company.register) as connection:
        told = {"planned": 2, "keys": tasks.pack(["P1", "P3"]), "state": "fetched", "fetched_at": NOW}
        connection.execute(sa.update(source_task).values(told))
    company.prospects(line("P1", "Nils Ny", "nils@kund.example"), BO)
    say(company, OTHER, asked(company)["P1"])
    assert company.told_to_erase(batch_id) == (1, ["P3"])
    (task,) = tasks.tasks(company.register, batch_id)
    assert texts.say("order_changed.again", "en") in task.told("en")
    later = company.at(Role.DPO).again(NOW + dt.timedelta(hours=1))
    tasks.fetch(later, task.task_id, catalogue_of(company.settings, company.register))
    (again,) = tasks.tasks(company.register, batch_id)
    assert "NOTE" not in again.told("en")


def test_a_question_that_has_become_another_can_be_answered(company: Company) -> None:
    batch_id = company.batch()
    for mail in ("kansli@foretag.example", "info@foretag.example"):
        erase(company, "P1", email=mail, name="anna berg", shared=True, batch_id=batch_id)
    company.prospects(line("P7", "Nils Ny", "kansli@foretag.example"), BO)
    company.prospects(line("P7", "Nils Ny", "info@foretag.example"), BO, now=NOW + dt.timedelta(days=1))
    say(company, OTHER, asked(company)["P7"])
    assert asked(company) == {}


def test_a_question_goes_with_its_record(company: Company) -> None:
    erase(company, "P1", email="kansli@foretag.example", name="anna berg", shared=True)
    company.prospects(line("P7", "Nils Ny", "kansli@foretag.example"), BO)
    company.prospects(BO, now=NOW + dt.timedelta(days=1))
    assert suppression.count_doubts(company.register) == 0
    # And comes again with it, with what speaks for it by then.
    company.prospects(line("P7", "Anna Berg", "kansli@foretag.example"), BO, now=NOW + dt.timedelta(days=2))
    assert {key: speaks(one) for key, one in asked(company).items()} == {"P7": ("email name", "shared_email")}


def test_a_source_is_not_asked_for_the_same_person_of_another_source(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects", "supplier_register"))
    erase(company, "P1", email="kansli@foretag.example", name="anna berg", shared=True, batch_id=batch_id)
    erase(company, "L9", dataset="supplier_register", name="dan ek", shared=False, batch_id=batch_id)
    supplier = "L1;Nils Ny;kansli@foretag.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår"
    for day in (0, 1):
        company.deliver(crm_prospekt=[BO], leverantorsregister=[supplier], now=NOW + dt.timedelta(days=day))
        assert company.states(batch_id) == ("verified", [("verified", 0, False)] * 2)
        if not day:
            say(company, SAME, *asked(company).values())
    assert company.keys_in_copy() == ["P2"]


def test_vouchers_keep_the_clock_of_an_engagement_that_was_decided_to_be_the_erased_ones(company: Company) -> None:
    erase(company, "E9", dataset="hr_employees", email="hr@bolaget.example", name="cia ek", shared=True)
    employed = "E1;Anna;Berg;hr@bolaget.example;;Utvecklare;2001-01-01;2010-06-30;Avslutad"
    span = (dt.date(2001, 1, 1), dt.date(2010, 6, 30))
    company.deliver(hr_anstallda=[employed], hr_verifikationer=VOUCHERS)
    say(company, SAME, *asked(company).values())
    company.deliver(hr_anstallda=[employed], hr_verifikationer=VOUCHERS, now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == ["V1", "V2"]
    assert voucher_spans(company) == [("V1", *span), ("V2", None, None)]
