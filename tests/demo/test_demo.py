"""The demo company: what its exports were made to hold is what the dashboard finds, number for number."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from compliance.demo.generate import Manifest, write_exports
from compliance.demo.scenarios import Expected
from compliance.demo.start import prepare
from compliance.ledger import tables as ledger_tables
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.requests import backlog
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Reason, Status
from tests import demo_store
from tests.world import TODAY, shipped_parameters, shipped_policy, table

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    store = demo_store.copied(tmp_path_factory.mktemp("demo"))
    return settings_of.load({"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()})


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    _, told = demo_store.made()
    return told


@pytest.fixture(scope="module")
def reading(settings: Settings, manifest: Manifest) -> Reading:
    assert manifest.persons > 0
    found = copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())
    assert found is not None
    return found


def test_every_basis_has_the_status_and_the_reason_it_was_made_for(manifest: Manifest, reading: Reading) -> None:
    found = Counter(Expected(row["category"], row["status"], row["reason"]) for row in table(reading, "basis_status"))
    assert found == manifest.bases


def test_every_person_is_counted_once(manifest: Manifest, reading: Reading) -> None:
    assert len(table(reading, "person_status")) == manifest.persons
    assert 4_900 <= manifest.persons <= 5_100


def test_who_may_be_one_waits_for_a_decision_and_nobody_else_does(manifest: Manifest, reading: Reading) -> None:
    found = Counter(
        (",".join(row["speaks_for"]), ",".join(row["speaks_against"])) for row in table(reading, "possible_double")
    )
    assert found == {
        ("email", "other_name,other_phone"): manifest.scenarios["info_mailbox"],
        ("email,name_part", "other_name,other_phone"): manifest.scenarios["couple"],
        ("phone,name_part", "other_name,other_email"): manifest.scenarios["new_name"],
    }
    assert min(found.values()) > 0


def test_every_row_that_stays_out_has_the_reason_it_was_made_for(manifest: Manifest, reading: Reading) -> None:
    found: Counter[str] = Counter()
    for row in table(reading, "quarantined"):
        found[row["reason"]] += row["rows"]
    assert found == manifest.quarantined


def test_every_row_of_every_export_is_loaded_or_stays_out(manifest: Manifest, reading: Reading) -> None:
    exports = {row["dataset"]: row for row in table(reading, "export")}
    assert {name: row["rows_in"] for name, row in exports.items()} == manifest.rows
    assert all(row["rows_in"] == row["rows_loaded"] + row["rows_quarantined"] for row in exports.values())


def test_every_request_has_the_state_it_was_made_for(settings: Settings, manifest: Manifest, reading: Reading) -> None:
    items = backlog.backlog(engine(settings), reading, TODAY, shipped_parameters())
    found = Counter(item.state.value for item in items)
    assert found == {
        state: count for state, count in manifest.requests.items() if state not in ("CLOSED", "no_reference")
    }


def test_every_status_every_category_and_every_reason_is_there(manifest: Manifest) -> None:
    assert {expected.status for expected in manifest.bases} == set(Status)
    assert {expected.category for expected in manifest.bases} == set(Category) - {Category.ENV_USER}
    # A voucher of an engagement nobody knows is the one thing this company does not have.
    assert {expected.reason for expected in manifest.bases} == set(Reason) - {Reason.VOUCHER_YEAR}


@pytest.mark.parametrize("as_of", ["2028-02-29", "2027-03-01", "2026-12-31", "2027-06-30"])
def test_the_design_holds_on_any_day(tmp_path: Path, as_of: str) -> None:
    day = dt.date.fromisoformat(as_of)
    settings = settings_of.load({"COMPLIANCE_STORE": str(tmp_path / "store"), "COMPLIANCE_TODAY": as_of})
    now = dt.datetime.combine(day, dt.time(6), tzinfo=dt.UTC)
    manifest = prepare(settings, now, tmp_path / "exports", persons=1000)
    assert manifest is not None
    reading = copy.current(settings, engine(settings), day, shipped_policy(), shipped_parameters())
    assert reading is not None
    found = Counter(Expected(row["category"], row["status"], row["reason"]) for row in table(reading, "basis_status"))
    assert found == manifest.bases
    items = backlog.backlog(engine(settings), reading, day, shipped_parameters())
    assert {item.state.value for item in items} == {"OPEN", "DUE_SOON", "OVERDUE", "PAUSED", "REDIRECTED"}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_exports(tmp_path / name, 1000, TODAY, seed=7)
    made = [{path.name for path in (tmp_path / name).glob("*.csv")} for name in ("one", "two")]
    assert made[0] and made[0] == made[1]
    for path in (tmp_path / "one").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_systems_write_as_such_systems_do(tmp_path: Path) -> None:
    write_exports(tmp_path, 1000, TODAY)
    contacts = (tmp_path / f"crm_kontakter_{TODAY}.csv").read_bytes()
    assert contacts.startswith(b"\xef\xbb\xbfKontakt-ID;")
    suppliers = (tmp_path / f"leverantorsregister_{TODAY}.csv").read_bytes()
    assert "Leverantör".encode("cp1252") in suppliers
    assert (tmp_path / f"hr_{TODAY}.xlsx").read_bytes().startswith(b"PK")


def test_last_week_held_less_and_some_that_are_gone(tmp_path: Path) -> None:
    before = write_exports(tmp_path / "before", 5000, TODAY, this_week=False)
    after = write_exports(tmp_path / "after", 5000, TODAY)
    assert before.scenarios["gone_since"] > 0
    assert after.scenarios["gone_since"] == 0
    assert before.scenarios["customer"] < after.scenarios["customer"]
    assert (tmp_path / "before" / "crm_kontakter_2026-11-17.csv").exists()


@pytest.mark.parametrize("persons", [1000, 20_000])
def test_it_makes_about_as_many_persons_as_asked(tmp_path: Path, persons: int) -> None:
    assert abs(write_exports(tmp_path, persons, TODAY).persons - persons) <= persons * 0.02


def test_starting_twice_changes_nothing(settings: Settings, manifest: Manifest) -> None:
    with engine(settings).connect() as connection:
        before = connection.execute(ledger_tables.ledger.select()).all()
    assert prepare(settings, NOW, settings.store.parent / "exports") is None
    with engine(settings).connect() as connection:
        assert connection.execute(ledger_tables.ledger.select()).all() == before
    assert manifest.as_of == TODAY


def test_it_starts_with_its_past_on_a_fixed_day_too(tmp_path: Path) -> None:
    told = {"COMPLIANCE_STORE": str(tmp_path / "store"), "COMPLIANCE_TODAY": TODAY.isoformat()}
    assert prepare(settings_of.load(told), NOW, tmp_path / "exports", weeks=1) is not None
