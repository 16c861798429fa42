"""What a source moved is told, keeps its earlier clock, and is decided once for the whole export."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance import access
from compliance.access import Actor
from compliance.intake import rows as intake_rows
from compliance.intake.orders import Taken
from compliance.ledger import tables as ledger_tables
from compliance.purge.tables import Stays
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.show import asks as show_asks
from compliance.show.entries import entry, entry_binds
from compliance.sources import rows
from compliance.sources.tables import Word
from compliance.sources.verbs import decide_moved
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import LANGUAGES, Role
from tests.intake.test_understood import NOW, asked, take_in
from tests.purging import Weekly, prospect
from tests.world import TODAY, acting, shipped_parameters, shipped_policy

HEADERS = "Prospekt-ID;Namn;E-post;Telefon;Befattning;Företag;Källa;Registrerad;Senaste möte\n"
BEFORE = HEADERS + "P1;Eva Ek;eva@bolaget.example;;;;;2010-03-01;\nP2;Bo Al;bo@bolaget.example;;;;;2017-03-01;\n"
AFTER = HEADERS + "P1;Eva Ek;eva@bolaget.example;;;;;2026-11-15;\nP2;Bo Al;bo@bolaget.example;;;;;2026-11-15;\n"


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Settings:
    """A store as it was before a migration."""
    take(settings, tmp_path, "2026-11-13", BEFORE)
    return settings


def take(settings: Settings, tmp_path: Path, made: str, text: str) -> Taken:
    result = take_in(settings, tmp_path / made, f"crm_prospekt_{made}.csv", text)
    return result.files[0].taken[0]


def seen(settings: Settings) -> Reading:
    reading = copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())
    assert reading is not None
    return reading


def somebody(settings: Settings, role: Role) -> Actor:
    return next(actor for actor in access.demo_actors(settings) if actor.role is role)


def decide(settings: Settings, word: Word, role: Role = Role.DPO) -> None:
    reading = seen(settings)
    (one,) = rows.undecided(engine(settings), reading)
    decide_moved(
        acting(settings, engine(settings), somebody(settings, role), NOW), reading, one.dataset, one.build, word
    )


def entries(settings: Settings) -> dict[str, show_asks.Entry]:
    found = seen(settings).rows(show_asks.ENTRIES, rows=10, skip=0, **entry_binds({}, named=True))
    return {str(one.name): one for one in found}


def told(settings: Settings, event: str) -> list[dict[str, object]]:
    with engine(settings).connect() as connection:
        lines = connection.execute(
            sa.select(ledger_tables.ledger.c.details).where(ledger_tables.ledger.c.event == event)
        )
        return [json.loads(line.details) for line in lines]


def test_a_migration_is_told_with_what_was_overdue_and_moves_nothing(store: Settings, tmp_path: Path) -> None:
    taken = take(store, tmp_path, "2026-11-20", AFTER)
    assert (taken.moved, taken.moved_overdue) == (2, 1)
    assert all("2" in intake_rows.moved_in_words(taken, language)[0] for language in LANGUAGES)
    (line,) = told(store, "clocks:moved")
    assert (line["dataset"], line["rows"], line["overdue"]) == ("crm_prospects", 2, 1)
    found = entries(store)
    assert {name: (one.status, one.start_on) for name, one in found.items()} == {
        "Eva Ek": ("OVERDUE", dt.date(2010, 3, 1)),
        "Bo Al": ("RETAINED", dt.date(2017, 3, 1)),
    }
    shown = entry(found["Eva Ek"], "sv", {})
    assert "flyttad av källan" in shown["flags"]
    assert "Källan säger nu 2026-11-15" in shown["why"]
    (one,) = rows.undecided(engine(store), seen(store))
    assert (one.entries, one.persons, one.overdue) == (2, 2, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_contracts_that_go_on_although_over_are_told_with_the_intake(
    settings: Settings, tmp_path: Path, language: str
) -> None:
    head = "Avtals-ID;Kund-ID;Produkt;Avtalsstart;Avtalsslut\n"
    for made, end in (("2026-11-13", "2015-06-30"), ("2026-11-20", "")):
        text = f"{head}A1;K1;Stöd;2010-01-01;{end}\n"
        taken = take_in(settings, tmp_path / made, f"crm_avtal_{made}.csv", text).files[0].taken[0]
    (line,) = intake_rows.moved_in_words(taken, language)
    assert taken.contracts_moved == 1 and "crm_contracts: " in line


CONTACTS = (
    "Kontakt-ID;Förnamn;Efternamn;E-post;Kund-ID;Typ;Utsedd\nC1;Eva;Ek;eva@kund.example;K1;Kontaktperson;2010-02-01\n"
)
CONTRACTS = "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut;Produkt\nA1;K1;2010-01-01;{};Stöd\n"


@pytest.mark.parametrize("word", list(Word))
def test_contracts_that_go_on_although_over_wait_for_a_word_too(settings: Settings, tmp_path: Path, word: Word) -> None:
    customers = "Kund-ID;Kundnamn;Organisationsnummer;Kundstatus\nK1;Kunden;;\n"
    for made, end in (("2026-11-13", "2015-06-30"), ("2026-11-20", "")):
        for name, text in (("kunder", customers), ("kontakter", CONTACTS), ("avtal", CONTRACTS.format(end))):
            result = take_in(settings, tmp_path / f"{made}-{name}", f"crm_{name}_{made}.csv", text)
    taken = result.files[0].taken[0]
    assert (taken.contracts_moved, taken.moved_overdue) == (1, 1)
    (line,) = told(settings, "clocks:moved")
    assert (line["dataset"], line["rows"], line["overdue"]) == ("crm_contracts", 1, 1)
    eva = entries(settings)["Eva Ek"]
    assert (eva.status, eva.start_on, eva.moved_by_source) == ("OVERDUE", dt.date(2015, 6, 30), True)
    assert "avtalets slut" in str(entry(eva, "sv", {})["why"])
    (one,) = rows.undecided(engine(settings), seen(settings))
    assert (one.dataset, one.entries, one.persons, one.overdue) == ("crm_contracts", 1, 1, 1)
    decide(settings, word)
    assert rows.undecided(engine(settings), seen(settings)) == []
    # At once, and in the builds that follow.
    stands = ("ACTIVE", False) if word is Word.ACCEPTED else ("OVERDUE", True)
    for day in (None, "2026-11-22", "2026-11-23"):
        if day is not None:
            take(settings, tmp_path, day, HEADERS + f"P1;Bo Al;bo@bolaget.example;;;;;{day};\n")
        eva = entries(settings)["Eva Ek"]
        assert (eva.status, eva.moved_by_source) == stands


@pytest.mark.parametrize("word", list(Word))
def test_whose_last_contract_is_missing_is_no_prospect_unasked(settings: Settings, tmp_path: Path, word: Word) -> None:
    customers = "Kund-ID;Kundnamn;Organisationsnummer;Kundstatus\nK1;Kunden;;Aktiv kund\n"
    contracts = CONTRACTS.format("") + "A2;K2;2012-01-01;;Stöd\n"
    for name, text in (("kunder", customers), ("kontakter", CONTACTS), ("avtal", contracts)):
        take_in(settings, tmp_path / name, f"crm_{name}_2026-11-13.csv", text)
    assert entries(settings)["Eva Ek"].status == "ACTIVE"
    left = "".join(line for line in contracts.splitlines(keepends=True) if not line.startswith("A1;"))
    taken = take_in(settings, tmp_path / "left", "crm_avtal_2026-11-20.csv", left).files[0].taken[0]
    assert (taken.contracts_moved, taken.moved_overdue) == (1, 0)
    eva = entries(settings)["Eva Ek"]
    assert (eva.category, eva.status, eva.moved_by_source) == ("CUSTOMER_CONTACT", "ACTIVE", True)
    assert "avtalets start" in str(entry(eva, "sv", {})["why"])
    (one,) = rows.undecided(engine(settings), seen(settings))
    assert (one.dataset, one.entries, one.persons, one.overdue) == ("crm_contracts", 1, 1, 0)
    decide(settings, word)
    assert rows.undecided(engine(settings), seen(settings)) == []
    # Who is no customer by an accepted word is a prospect from the next build on.
    assert entries(settings)["Eva Ek"].status == "ACTIVE"
    stands = ("PROSPECT", "OVERDUE") if word is Word.ACCEPTED else ("CUSTOMER_CONTACT", "ACTIVE")
    for day in ("2026-11-22", "2026-11-23"):
        take(settings, tmp_path, day, HEADERS + f"P1;Bo Al;bo@bolaget.example;;;;;{day};\n")
        eva = entries(settings)["Eva Ek"]
        assert (eva.category, eva.status) == stands


def test_rejected_dates_stay_away_with_later_exports_too(store: Settings, tmp_path: Path) -> None:
    take(store, tmp_path, "2026-11-20", AFTER)
    decide(store, Word.REJECTED)
    (line,) = told(store, "clocks:rejected")
    assert (line["entries"], line["overdue"]) == (2, 1)
    # Another row beside them, so that it is another export.
    again = take(store, tmp_path, "2026-11-22", AFTER + "P3;Lo Ny;lo@bolaget.example;;;;;2026-11-21;\n")
    assert again.moved == 0
    assert rows.undecided(engine(store), seen(store)) == []
    assert entries(store)["Eva Ek"].status == "OVERDUE"
    assert entries(store)["Eva Ek"].moved_by_source
    # Another date is another move, and asked about again.
    later = take(store, tmp_path, "2026-11-23", AFTER.replace("2026-11-15;\nP2", "2026-11-16;\nP2"))
    assert later.moved == 1
    assert [one.entries for one in rows.undecided(engine(store), seen(store))] == [1]


def test_accepted_dates_count_at_once_and_the_next_build_has_them(store: Settings, tmp_path: Path) -> None:
    take(store, tmp_path, "2026-11-20", AFTER)
    before = seen(store)
    decide(store, Word.ACCEPTED)
    assert seen(store).build == before.build
    eva = entries(store)["Eva Ek"]
    assert (eva.status, eva.start_on, eva.moved_by_source) == ("RETAINED", dt.date(2026, 11, 15), False)
    assert rows.undecided(engine(store), seen(store)) == []
    assert take(store, tmp_path, "2026-11-22", AFTER + "P3;Lo Ny;lo@bolaget.example;;;;;2026-11-21;\n").moved == 0
    assert asked(store, "select registered_on, moved_build, told from build.record where source_key = 'P1'") == [
        (dt.date(2026, 11, 15), None, None)
    ]
    assert entries(store)["Eva Ek"].status == "RETAINED"


@pytest.mark.parametrize(
    "after",
    [
        # Emptied, or the column gone.
        HEADERS + "P1;Eva Ek;eva@bolaget.example;;;;;2010-03-01;\n",
        "Prospekt-ID;Namn;E-post;Registrerad\nP1;Eva Ek;eva@bolaget.example;2010-03-01\n",
    ],
)
@pytest.mark.parametrize("word", Word)
def test_a_meeting_that_a_source_tells_of_no_more_makes_nobody_overdue_unasked(
    settings: Settings, tmp_path: Path, after: str, word: Word
) -> None:
    take(settings, tmp_path, "2026-11-13", HEADERS + "P1;Eva Ek;eva@bolaget.example;;;;;2010-03-01;2024-05-02\n")
    taken = take(settings, tmp_path, "2026-11-20", after)
    assert (taken.moved, taken.moved_overdue) == (1, 0)
    kept = ("RETAINED", dt.date(2024, 5, 2), "met_on", None)
    told_so = ("OVERDUE", dt.date(2010, 3, 1), None, None)

    def stands() -> tuple[object, ...]:
        one = entries(settings)["Eva Ek"]
        return one.status, one.start_on, one.moved_field, one.moved_to

    assert stands() == kept
    decide(settings, word)
    # At once, and by the next export.
    for made in ("", "2026-11-21"):
        if made:
            assert take(settings, tmp_path, made, after).moved == 0
        if word is Word.ACCEPTED:
            assert stands() == told_so
        else:
            assert stands()[:2] == kept[:2]


def test_one_who_may_decides_once(store: Settings, tmp_path: Path) -> None:
    take(store, tmp_path, "2026-11-20", AFTER)
    for role in (Role.CISO, Role.ADMIN, Role.OWNER, Role.AUDITOR):
        with pytest.raises(Refused, match="not_allowed"):
            decide(store, Word.ACCEPTED, role)
    reading = seen(store)
    (one,) = rows.undecided(engine(store), reading)
    at = acting(store, engine(store), somebody(store, Role.DPO), NOW)
    with pytest.raises(Refused, match="moved_unknown"):
        decide_moved(at, reading, "crm_contacts", one.build, Word.ACCEPTED)
    decide_moved(at, reading, one.dataset, one.build, Word.REJECTED)
    with pytest.raises(Refused, match="moved_decided"):
        decide_moved(at, reading, one.dataset, one.build, Word.ACCEPTED)
    assert told(store, "clocks:accepted") == []


def test_whose_a_date_is_is_decided_of_each_and_nobody_is_purged_by_it_before(tmp_path: Path) -> None:
    """A successor at a mailbox, somebody who has married, and the migration that they came with."""
    company = Weekly(tmp_path / "store")
    company.folder = tmp_path / "exports"

    def deliver(rows: tuple[tuple[int, str, str], ...], registered: str, *more: dict[str, str]) -> None:
        told = [prospect(n, Namn=name, **{"E-post": mail, "Registrerad": registered}) for n, name, mail in rows]
        company.deliver(*told, *more)

    mails = ("vd@bolaget.example", "rut@bolaget.example", "eva@bolaget.example")
    deliver(tuple(zip((1, 2, 3), ("Anna Berg", "Rut Ros", "Eva Ek"), mails, strict=True)), "25/01/2010")
    after = tuple(zip((11, 12, 13), ("Bo Dahl", "Rut Rik", "Eva Ek"), mails, strict=True))
    deliver(after, "15/11/2025")
    assert company.stays() == {"Bo Dahl": Stays.WHOSE_DATE, "Rut Rik": Stays.WHOSE_DATE, "Eva Ek": None}
    found = rows.undecided(company.register, company.reading())
    assert [(one.number, one.entries) for one in found] == [(0, 1), (1, 1), (2, 1)]
    persons = {entry.name: reference(entry.person_id) for entry in company.entries()}
    shown = rows.moved_rows(found, {}, rows.whose(company.reading(), found))
    assert [row["whose"] for row in shown] == [None, persons["Bo Dahl"], persons["Rut Rik"]]

    def decide(number: int, word: Word) -> None:
        at, reading = company.at(company.petra), company.reading()
        decide_moved(at, reading, found[number].dataset, found[number].build, word, number)

    # What is said of the export says nothing of the two.
    decide(0, Word.REJECTED)
    assert company.stays() == {"Bo Dahl": Stays.WHOSE_DATE, "Rut Rik": Stays.WHOSE_DATE, "Eva Ek": None}
    decide(1, Word.ACCEPTED)
    decide(2, Word.REJECTED)
    with pytest.raises(Refused, match="moved_decided"):
        decide(2, Word.ACCEPTED)
    # At once, and in the builds that follow.
    for more in ((), (prospect(8, "2026-01-21"),), (prospect(9, "2026-01-21"),)):
        if more:
            deliver(after, "15/11/2025", *more)
        assert company.stays() == {"Rut Rik": None, "Eva Ek": None}
        assert rows.undecided(company.register, company.reading()) == []


def test_the_weekly_review_asks_the_data_protection_officer_alone(
    store: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, tmp_path, "2026-11-20", AFTER)
    monkeypatch.setenv("COMPLIANCE_STORE", str(store.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    weekly = Path(__file__).parents[2] / "dashboard.py"
    for role, asks in ((Role.CISO, False), (Role.DPO, True)):
        app = AppTest.from_file(str(weekly), default_timeout=60)
        app.session_state["signed_in_email"] = somebody(store, role).email
        app.session_state["language"] = "sv"
        app.run()
        app.query_params["step"] = "waits"
        app.switch_page("pages/review/weekly.py").run()
        assert not app.exception
        assert "Datum som en källa har flyttat" in [one.value for one in app.subheader]
        buttons = [one for one in app.button if str(one.key).startswith("moved_rejected_")]
        assert bool(buttons) is asks
    buttons[0].click().run()
    assert not app.exception
    assert "Datum som en källa har flyttat" not in [one.value for one in app.subheader]
    assert len(told(store, "clocks:rejected")) == 1
