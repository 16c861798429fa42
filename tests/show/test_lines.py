"""An extract of entries written by DuckDB is, byte for byte, what is written of the same entries row by row."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance.identity.search import sought
from compliance.reading import copy, lines
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.show import asks
from compliance.show.entries import entry, entry_binds, entry_columns
from compliance.show.extract import Flavour, Sheet, Stamp, parts_of
from compliance.show.lines import entry_lines
from compliance.words import settings as settings_of
from compliance.words.vocabulary import LANGUAGES
from tests import demo_store, hostile
from tests.world import TODAY, World, shipped_parameters, shipped_policy

# A source that has no name any more is told by its word.
SOURCES = {"crm": "CRM; kunder", "hr": "=HR", "suppliers": "Leverantörer", "erasure_form": "Formulär"}
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"pressing": True},
    {"category": "PROSPECT", "status": "OVERDUE"},
    {"source": "hr"},
    {"status": "UNDETERMINED"},
    {"owner": "sales"},
    {"reason": "unreadable_date"},
    {"horizon": "90"},
    {"age": "31-90"},
    {"age": "366-"},
    {"search": "anna"},
    {"status": "DUE", "category": "VOUCHER"},
)


def read(store: Path) -> Reading:
    """The copy of a store as of TODAY."""
    settings = settings_of.load({"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()})
    register = engine(settings)
    found = copy.current(settings, register, TODAY, shipped_policy(), shipped_parameters())
    register.dispose()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def company() -> Reading:
    """The demo company."""
    return read(demo_store.made()[0] / "store")


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """A company whose names hold whatever a file can break on."""
    return read(hostile.store(tmp_path_factory.mktemp("evil")))


def both(
    reading: Reading, filters: dict[str, Any], *, named: bool, language: str, flavour: Flavour
) -> tuple[bytes, bytes, int]:
    """An extract written by DuckDB, the same written row by row, and how many rows the first says it has."""
    asked = dict(filters)
    pressing, search = asked.pop("pressing", False), asked.pop("search", None)
    binds = {
        **entry_binds(asked, named=named, pressing=pressing, sought=sought(search or "")),
        "owned": asked.pop("owned", None),
    }
    sheet = Sheet("x", entry_columns(language, named=named), language, flavour, Stamp(3, TODAY, "Filter: a; b"))
    # Who is restricted is in no extract with names, though on the list.
    rows = [row for row in reading.rows(asks.ENTRIES, rows=10**9, skip=0, **binds) if not (named and row.restricted)]
    slow = parts_of(sheet, [[entry(row, language, SOURCES) for row in rows]])
    quick = list(entry_lines(reading, binds, sheet, SOURCES))
    return b"".join(part for part, _ in quick), b"".join(part for part, _ in slow), sum(number for _, number in quick)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_it_is_what_is_written_row_by_row(company: Reading, filters: dict[str, Any]) -> None:
    quick, slow, rows = both(company, filters, named=False, language="sv", flavour="excel")
    assert quick == slow and quick.count(b"\r\n") == rows + 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flavour", ["excel", "plain"])
def test_with_names_and_numbers_in_each_manner(company: Reading, language: str, flavour: Flavour) -> None:
    quick, slow, _ = both(company, {"status": "OVERDUE"}, named=True, language=language, flavour=flavour)
    assert quick == slow


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("flavour", ["excel", "plain"])
def test_whatever_stands_in_a_name(evil: Reading, flavour: Flavour, named: bool) -> None:
    quick, slow, rows = both(evil, {}, named=named, language="en", flavour=flavour)
    assert rows and quick == slow


def test_an_owner_of_some_categories_gets_those_alone(company: Reading) -> None:
    quick, slow, rows = both(company, {"owned": "PROSPECT,EMPLOYEE"}, named=True, language="sv", flavour="excel")
    assert rows and quick == slow


@pytest.mark.parametrize("part", [1, 7, 500])
def test_parts_of_any_size_come_to_the_same(company: Reading, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    # One at a time is slow, so of a few; a whole company in parts of seven would ask a thousand times.
    filters = {"status": "HELD"} if part < 500 else {}
    monkeypatch.setattr(lines, "_PART", part)
    # Whose names are looked up together ends between two entries of one urgency, and between two urgencies.
    monkeypatch.setattr(lines, "_NAMED_AT_ONCE", 2)
    for named in (False, True):
        quick, slow, rows = both(company, filters, named=named, language="sv", flavour="plain")
        assert rows > part and quick == slow


def test_the_build_that_a_purge_has_wiped_gives_no_more(company: Reading) -> None:
    gone = dataclasses.replace(company, _is_gone=lambda: True)
    with pytest.raises(copy.Retired):
        list(entry_lines(gone, entry_binds({}, named=False), _sheet(), SOURCES))


def _sheet() -> Sheet:
    return Sheet("x", entry_columns("sv", named=False), "sv", "plain", Stamp(3, TODAY, ""))


NAMES = (
    "=1+1",
    " \t@x",
    "\u00a0=x",
    "\u2028-x",
    "＝x",
    "|x",
    "\rx",
    'a"b',
    "a;b",
    "a,b",
    "a\r\nb",
    "a\rb",
    "-",
    "'x",
    "x=1",
)


@pytest.fixture(scope="module")
def spreadsheet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """Persons whose names a spreadsheet would run, or a file break on."""
    world = World(tmp_path_factory.mktemp("spreadsheet"))
    for number, name in enumerate(NAMES):
        world.person("PROSPECT", name=name, registered_on="2003-01-01", phone=f"+4670174060{number % 10}")
    for number, phone in enumerate(("070-1740605", "+1 202 555 0143", "växel", "=1", "00")):
        world.person("PROSPECT", key=f"T{number}", name="Bo", registered_on="2003-01-01", phone=phone)
    yield world.reading(dt.date(2026, 11, 24))


@pytest.mark.parametrize("flavour", ["excel", "plain"])
def test_a_spreadsheet_runs_nothing_of_it_either(spreadsheet: Reading, flavour: Flavour) -> None:
    quick, slow, rows = both(spreadsheet, {}, named=True, language="sv", flavour=flavour)
    assert rows == len(NAMES) + 5 and quick == slow


def test_contacts_in_a_former_role_are_not_everybody_for_want_of_a_day() -> None:
    with pytest.raises(ValueError, match="without the day"):
        entry_binds({"only": "former_role"}, named=False)
