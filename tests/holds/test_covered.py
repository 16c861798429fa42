"""What holds cover on a day, and whom they can be placed on: counted once more from the entries, one by one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from compliance.holds import asks, listing
from compliance.holds.tables import Scope
from compliance.reading.copy import Facts, Reading
from compliance.reading.sought import Sought
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from tests.world import TODAY, World, shipped_parameters, shipped_policy, table

DAY = dt.timedelta(days=1)
Hold = tuple[int, str, str, dt.date, dt.date | None]
EARLY = dt.date(2026, 1, 10)


def world_in(folder: Path) -> World:
    """Entries past their ceiling, on it, before it and erased; persons with one entry and with two."""
    world = World(folder)
    org, firm = world.organisation("K1"), world.organisation("K2")
    # Of one name with another.
    world._add("organisation", dataset="crm_organisations", source="crm", org_id="crm:K0", org_name="Bolaget K1")
    for number, one in enumerate((org, firm, "crm:K0")):
        world.contract(one, "2000-01-01", "2016-11-24")
        for key in ("A", "B"):
            world.person("CUSTOMER_CONTACT", f"{key}{number}", org_id=one, registered_on="2010-01-01")
    for key, day in (("past", "2016-11-23"), ("last", "2016-11-24"), ("kept", "2020-01-01"), ("free", "2016-11-23")):
        world.person("PROSPECT", key, registered_on=day, email=f"{key}@bolaget.example")
        world.person("EMPLOYEE", f"{key}_staff", starts_on="2000-01-01", ends_on=day, email=f"{key}@bolaget.example")
    world.person(
        "PROSPECT", "gone", registered_on="2010-01-01", erased_on="2020-01-01", name=None, email=None, org_id=org
    )
    world.person("CONTRACTOR", "gone_too", starts_on="2010-01-01", erased_on="2020-01-01", name=None, email=None)
    world.person("CONTRACTOR", "open", starts_on="2000-01-01")
    world.person("CONTRACTOR", "unclear")
    # More that stay than go, so that no count is another's by chance.
    for key in ("C", "D", "E", "F"):
        world.person("SUPPLIER_REP", key, starts_on="2000-01-01")
    return world


def reading_in(folder: Path) -> Reading:
    made, _ = world_in(folder).made()
    bare = made.reading(TODAY, shipped_policy(), shipped_parameters(), Facts())
    return made.reading(TODAY, shipped_policy(), shipped_parameters(), Facts(tuple(holds_on(bare))))


def holds_on(bare: Reading) -> list[Hold]:
    entry = {row["source_key"]: row for row in table(bare, "basis")}

    def basis(key: str) -> str:
        return str(entry[key]["basis_id"])

    def person(key: str) -> str:
        return str(entry[key]["person_id"])

    return [
        (1, "basis", basis("past"), EARLY, None),
        (2, "person", person("last"), EARLY, None),
        # One hold on two ids, of which one is told twice.
        (3, "person", person("kept"), TODAY, None),
        (3, "person", person("past"), TODAY, None),
        (3, "person", person("past"), TODAY, None),
        (4, "organisation", "crm:K1", EARLY, TODAY + DAY),
        (5, "category", "CONTRACTOR", EARLY, None),
        (6, "category", "EMPLOYEE", EARLY, None),
        # On nobody, over, ahead, and on what is erased.
        (7, "person", "nobody", EARLY, None),
        (8, "organisation", "crm:K2", EARLY, TODAY),
        (9, "organisation", "crm:K2", TODAY + DAY, None),
        (10, "basis", basis("gone"), EARLY, None),
        (12, "person", person("gone"), EARLY, None),
        # The id of another scope is nobody's.
        (11, "basis", person("free"), EARLY, None),
        (11, "person", basis("free"), EARLY, None),
        (11, "organisation", "PROSPECT", EARLY, None),
        (11, "category", "crm:K2", EARLY, None),
    ]


def entries(reading: Reading) -> list[dict[str, Any]]:
    return [row for row in table(reading, "basis_status") if row["status"] != "PURGED"]


COLUMNS = {"basis": "basis_id", "person": "person_id", "organisation": "org_id", "category": "category"}


def wrong(reading: Reading) -> dict[str, Any]:
    """Where the queries do not count what is there, by their names."""
    rows = entries(reading)
    told: dict[str, Any] = {}
    covered: dict[int, list[dict[str, Any]]] = {}
    for number, scope, key, placed, released in reading._facts.holds:
        if placed <= TODAY and (released is None or released > TODAY):
            there = covered.setdefault(number, [])
            there += [row for row in rows if row[COLUMNS[scope]] == key and row not in there]
    told["hold_coverage"] = (
        [tuple(row) for row in reading.rows(asks.HOLD_COVERAGE)],
        [(number, *_counts(there)) for number, there in sorted(covered.items())],
    )
    held = [row for row in rows if any(row in there for there in covered.values())]
    told["hold_totals"] = ([tuple(row) for row in reading._fetch(asks.HOLD_TOTALS, {})], [_counts(held)])
    person = held[0]["person_id"]
    urgent = [row["urgency"] for row in rows if row["person_id"] == person]
    for low, high in ((min(urgent), max(urgent)), (max(urgent) + 1, None), (None, min(urgent) - 1)):
        seen = reading.one(asks.HOLD_TARGET, scope="person", scope_key=person, low=low, high=high).bases
        told[f"hold_target between {low} and {high}"] = (
            seen,
            len(urgent) if low is not None and high is not None else 0,
        )
    for scope, column in COLUMNS.items():
        for key in ({row[column] for row in rows} | {"nobody"}) - {None}:
            there = [row for row in rows if row[column] == key]
            pressing = sum(row["status"] in ("OVERDUE", "DUE", "HELD") for row in there)
            told[f"hold_target of {scope} {key}"] = (
                [tuple(listing.target(reading, scope, key))],
                [(len(there), len({row["person_id"] for row in there}), pressing)],
            )
    return {name: both for name, both in told.items() if both[0] != both[1]}


def _counts(there: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    held = [row for row in there if row["status"] == "HELD"]
    past = [row for row in held if row["ceiling_on"] < TODAY]
    return len(there), len({row["person_id"] for row in there}), len(held), len(past)


def found_wrong(reading: Reading) -> dict[str, Any]:
    """Where a search finds others than bear what is searched, by what is searched."""
    persons, rows = table(reading, "person"), table(reading, "basis join basis_status using (basis_id)")
    told: dict[str, Any] = {}
    for reference, search, named in (
        (persons[0]["person_id"], "-", False),
        (persons[0]["person_id"][:1], "-", True),
        (persons[0]["person_id"][1:9], "-", True),
        ("-", "STAFF@", True),
        ("-", "AST@bolaget", True),
        ("-", "son Open", True),
        ("-", "Person open", False),
        ("-", "person", True),
        ("-", "past@bol", True),
        ("", "-", False),
    ):
        there = [
            (row["person_id"], row["name"] if named else None, row["email"] if named else None, row["bases"])
            for row in sorted(persons, key=lambda row: (row["name"] if named else "", row["person_id"]))
            if row["person_id"].startswith(reference)
            or (named and (search.lower() in row["name"].lower() or search.lower() in row["email"].lower()))
        ]
        for most in (3, 50):
            text = search.lower() if named else None
            sought = Sought(text=text, address=text, reference=reference)
            found = reading.rows(asks.FIND_PERSONS, sought=sought, named=named, rows=most)
            told[f"persons by {reference}, {search}, {named}, {most}"] = ([tuple(row) for row in found], there[:most])
    told["everybody"] = (
        {one.person_id for one in reading.rows(asks.FIND_PERSONS, sought=None, named=False, rows=50)},
        {one["person_id"] for one in persons},
    )
    for search in ("BOLAGET", "k1", "CRM:K2", "nobody"):
        by_org: dict[tuple[str, str], int] = {}
        for row in rows:
            asked = search.lower() in (row["org_name"] or "").lower() or search.lower() in (row["org_id"] or "").lower()
            if asked and row["status"] != "PURGED":
                by_org[row["org_name"], row["org_id"]] = by_org.get((row["org_name"], row["org_id"]), 0) + 1
        orgs = [(org, name, bases) for (name, org), bases in sorted(by_org.items())]
        for most in (1, 50):
            firms = reading.rows(asks.FIND_ORGANISATIONS, search=search, rows=most)
            told[f"organisations by {search}, {most}"] = ([tuple(firm) for firm in firms], orgs[:most])
    return {name: both for name, both in told.items() if both[0] != both[1]}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return reading_in(tmp_path_factory.mktemp("covered"))


def test_what_holds_cover_is_what_bears_their_ids(reading: Reading) -> None:
    statuses = {row["status"] for row in entries(reading)}
    assert statuses == {"HELD", "RETAINED", "OVERDUE", "DUE", "ACTIVE", "UNDETERMINED"}
    assert wrong(reading) == {}


def test_of_the_entries_of_a_person_the_same_is_counted(reading: Reading) -> None:
    for person in {row["person_id"] for row in entries(reading)}:
        binds = entry_binds({}, named=False, person=person)
        theirs = reading.rows(show_asks.ENTRIES, rows=50, skip=0, **binds)
        assert listing.target_of(theirs) == listing.target(reading, Scope.PERSON, person)
        assert listing.target_of(theirs[:1]) == listing.target(reading, Scope.BASIS, theirs[0].basis_id)


def test_whoever_is_searched_is_found_and_nobody_else(reading: Reading) -> None:
    assert found_wrong(reading) == {}
