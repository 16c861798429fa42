"""What a new fact touches is evaluated alone, as if all had been; lists keep their order; memory returns."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from compliance import warm
from compliance.reading import copy
from compliance.reading.copy import Copy, Facts, Reading
from compliance.review import asks as review_asks
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds, entry_page
from compliance.words.vocabulary import Category, Status
from tests.world import TODAY, World, shipped_parameters, shipped_policy, table

TABLES = ("basis_status", "person_status", "request_status", "request_rest")
PERSONS = 60
LATER = dt.date(2026, 5, 1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Persons of several kinds, some of them the same person, some who asked to be erased."""
    world, rng = World(tmp_path), random.Random(7)
    orgs = [
        world.customer(f"20{rng.randrange(5, 20):02}-01-01", rng.choice([None, "2015-06-30", "2016-12-10"]))
        for _ in range(8)
    ]
    for org_id in orgs[:4]:
        # A contract that by now ends long after it ended.
        moved = {"moved_build": 1, "moved_field": "ends_on", "moved_to": LATER}
        told = {"starts_on": dt.date(2005, 1, 1), "ends_on": LATER}
        world.contract(org_id, "2005-01-01", "2009-01-01", **moved, told=told)
    for number in range(PERSONS):
        day = f"20{rng.randrange(8, 26):02}-{rng.randrange(1, 13):02}-11"
        kind = ("CUSTOMER_CONTACT", "PROSPECT", "EMPLOYEE", "SUPPLIER_REP")[number % 4]
        more: dict[str, Any] = {"registered_on": day}
        if number % 8 == 1:
            # Its source says by now that it began later.
            more |= {"moved_build": 1, "moved_field": "registered_on", "moved_to": LATER}
            more["told"] = {"registered_on": LATER}
        if kind == "CUSTOMER_CONTACT":
            more["org_id"] = rng.choice(orgs)
        elif kind != "PROSPECT":
            more |= {"starts_on": day, "ends_on": rng.choice([None, "2016-11-20", "2024-02-29"])}
        world.person(kind, f"P{number}", email=f"p{number % 45}@bolaget.example", **more)
    for number in range(6):
        world.request(f"R{number}", f"p{number}@bolaget.example")
    return world


def rows(reading: Reading, name: str) -> list[dict[str, Any]]:
    return sorted(table(reading, name), key=repr)


def some_facts(rng: random.Random, bases: list[dict[str, Any]], requests: Facts) -> Facts:
    holds = []
    for number in range(rng.randrange(5)):
        scope = rng.choice(["basis", "person", "organisation", "category", "basis", "person"])
        column = {"basis": "basis_id", "person": "person_id", "organisation": "org_id"}.get(scope, scope)
        placed = TODAY - dt.timedelta(days=rng.randrange(-5, 900))
        released = placed + dt.timedelta(days=rng.randrange(1, 700)) if rng.random() < 0.5 else None
        holds.append((number + 1, scope, str(rng.choice(bases)[column]), placed, released))
    asked = tuple(one for one in requests.open_requests if rng.random() < 0.6)
    return dataclasses.replace(requests, holds=tuple(holds), open_requests=asked)


@pytest.mark.parametrize("seed", range(4))
def test_what_facts_touch_comes_out_as_if_all_had_been_evaluated(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "FEW", 1.0)
    made, told = world.made()
    if seed % 2:
        # A date that was accepted stays accepted when something else changes.
        told = dataclasses.replace(told, accepted_moves=(("crm_contracts", 1, 0), ("crm_prospect", 1, 0)))
    policy, parameters, rng = shipped_policy(), shipped_parameters(), random.Random(seed)
    bases = table(made.reading(TODAY, policy, parameters, told), "basis_status")
    whole = Copy(made._path, made.build)
    held = 0
    for _ in range(12):
        facts = some_facts(rng, bases, told)
        part = made.reading(TODAY, policy, parameters, facts)
        whole._readings.clear()
        full = whole.reading(TODAY, policy, parameters, facts)
        for name in TABLES:
            assert rows(part, name) == rows(full, name)
        # Also what was taken over from the reading before.
        for cut in ("category", "source", "purpose"):
            assert part.rows(review_asks.STORED_BY, cut=cut) == full.rows(review_asks.STORED_BY, cut=cut)
        assert listed(part, {}) == listed(full, {})
        held += full.one(review_asks.WEEKLY).held
    assert held


@pytest.mark.files("looks at how a file's copy goes about it")
@pytest.mark.parametrize("accepted", [(), (("crm_contracts", 1, 0), ("crm_prospect", 1, 0))])
def test_a_large_build_is_decided_in_parts_as_if_at_once(
    world: World, accepted: tuple[tuple[str, int, int], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, told = world.made()
    policy, parameters = shipped_policy(), shipped_parameters()
    bases = table(made.reading(TODAY, policy, parameters, told), "basis_status")
    facts = dataclasses.replace(some_facts(random.Random(3), bases, told), accepted_moves=accepted)
    whole = Copy(made._path, made.build).reading(TODAY, policy, parameters, facts)
    monkeypatch.setattr(copy, "_DECIDED_AT_ONCE", 10)
    sizes: list[int] = []
    press = Reading.press

    def counted(self: Reading) -> bool:
        sizes.append(len(table(self, "basis_status")))
        return press(self)

    monkeypatch.setattr(Reading, "press", counted)
    parts = Copy(made._path, made.build).reading(TODAY, policy, parameters, facts)
    # About as many entries at a time, and none left out or twice.
    assert len(sizes) == round(len(bases) / 10) and max(now - was for was, now in itertools.pairwise([0, *sizes])) < 20
    for name in TABLES:
        assert rows(parts, name) == rows(whole, name)
    assert listed(parts, {}) == listed(whole, {})
    for person in {row["person_id"] for row in bases}:
        assert parts.window_of(person) == whole.window_of(person)


def test_where_a_persons_entries_lie_is_known_whole_and_in_part(world: World) -> None:
    made, told = world.made()
    whole = made.reading(TODAY, shipped_policy(), shipped_parameters(), told)
    person = table(whole, "basis_status")[0]["person_id"]
    facts = dataclasses.replace(told, holds=((1, "person", person, TODAY, None),))
    part = made.reading(TODAY, shipped_policy(), shipped_parameters(), facts)
    for reading in (whole, part):
        lie: dict[str, list[int]] = {}
        for row in table(reading, "basis_status"):
            lie.setdefault(row["person_id"], []).append(row["urgency"])
        assert len(lie) > 20 and max(map(len, lie.values())) > 1
        assert {one: reading.window_of(one) for one in lie} == {one: (min(at), max(at)) for one, at in lie.items()}
        assert reading.window_of("nobody") == (None, None)
    assert whole.window_of(person) != part.window_of(person)


@pytest.mark.files("looks at how a file's copy goes about it")
def test_only_what_is_touched_is_evaluated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, told = world.made()
    before = made.reading(TODAY, shipped_policy(), shipped_parameters(), told)
    person = table(before, "basis_status")[0]["person_id"]
    parts: list[int] = []
    evaluate = Copy._evaluate_part

    def counted(self: Copy, cursor: Any, *rest: Any) -> None:
        parts.append(cursor.execute("select count(*) from basis").fetchone()[0])
        evaluate(self, cursor, *rest)

    monkeypatch.setattr(Copy, "_evaluate_part", counted)
    hold = (1, "person", person, TODAY, None)
    made.reading(TODAY, shipped_policy(), shipped_parameters(), dataclasses.replace(told, holds=(hold,)))
    assert parts == [sum(row["person_id"] == person for row in table(before, "basis_status"))]
    # Other rules or another day touch everything.
    made.reading(TODAY + dt.timedelta(days=1), shipped_policy(), shipped_parameters(), told)
    everybody = (2, "category", "PROSPECT", TODAY, None)
    made.reading(TODAY, shipped_policy(), shipped_parameters(), dataclasses.replace(told, holds=(everybody,)))
    assert len(parts) == 1


def listed(reading: Reading, filters: dict[str, str | None], rows: int = 50, skip: int = 0) -> list[show_asks.Entry]:
    binds = entry_binds(filters, named=True)
    found = entry_page(reading, binds, rows, skip)
    # From where it lies, or from the beginning.
    assert found == reading.rows(show_asks.ENTRIES, rows=rows, skip=skip, **binds)
    return found


PLAIN_ORDER = (
    "OVERDUE", "UNDETERMINED", "DUE", "HELD", "STATUTORY", "EXPIRING", "RETAINED", "ACTIVE"
)  # fmt: skip


def test_lists_are_in_the_order_that_they_were_always_in(world: World) -> None:
    world.hold("person", "of nobody", "2025-01-10")
    reading = world.reading()
    told = [row for row in table(reading, "basis_status") if row["status"] != "PURGED"]
    owners = {rule.category.value: rule.owner for rule in shipped_policy().rules.values()}

    def place(row: dict[str, Any]) -> tuple[int, dt.date, str]:
        day = row["deadline_on"] or row["provisional_on"] or dt.date.max
        return PLAIN_ORDER.index(row["status"]), day, row["basis_id"]

    told.sort(key=place)
    assert len({row["status"] for row in told}) > 3
    kinds = (None, *(one.value for one in (Category.PROSPECT, Category.EMPLOYEE)))
    states = (None, *(one.value for one in Status if one is not Status.PURGED))
    for category, status, source, owner in itertools.product(kinds, states, (None, "crm", "hr"), (None, "hr", "sales")):
        wanted = [
            row["basis_id"]
            for row in told
            if category in (None, row["category"])
            and status in (None, row["status"])
            and source in (None, row["source"])
            and owner in (None, owners.get(row["category"]))
        ]
        filters = {"category": category, "status": status, "source": source, "owner": owner}
        pages = [listed(reading, filters, 20, skip) for skip in range(0, len(wanted) + 20, 20)]
        assert [row.basis_id for page in pages for row in page] == wanted


def test_an_entry_of_a_day_far_away_is_listed_by_it(world: World) -> None:
    reading = world.reading()
    assert all(0 < row["urgency"] < 90_000_000 for row in table(reading, "basis_status"))


@pytest.mark.files("looks at the memory of a file's copy")
def test_readings_that_nobody_uses_give_back_their_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Fewer, so that there are as many as are kept sooner.
    monkeypatch.setattr(copy, "_READINGS_KEPT", 3)
    made, told = world.made()
    policy, parameters = shipped_policy(), shipped_parameters()
    bases = table(made.reading(TODAY, policy, parameters, told), "basis_status")
    counts, schemas = [], []
    for number in range(9):
        hold = (number + 1, "basis", bases[number]["basis_id"], TODAY, None)
        reading = made.reading(TODAY, policy, parameters, dataclasses.replace(told, holds=(hold,)))
        warm.compute(reading)
        del reading
        warm.tidy()
        counts.append(gc.get_freeze_count())
        found = made._root.cursor().execute(
            "select count(*) from duckdb_schemas() where schema_name like 'reading_%' and database_name = 'memory'"
        )
        schemas.append(found.fetchall()[0][0])
    gc.unfreeze()
    # As many as are kept, and no more objects in the end than when that many were there; a reading has hundreds.
    assert max(schemas) <= copy._READINGS_KEPT
    assert counts[-1] <= counts[4] + 100
    assert not made._making


@pytest.mark.files("a database compresses by itself, or not at all")
def test_what_was_made_for_a_day_is_compressed_and_says_the_same(world: World) -> None:
    made, told = world.made()
    reading = made.reading(TODAY, shipped_policy(), shipped_parameters(), told)
    cursor = made._root.cursor()

    def kinds() -> set[str]:
        info = "select distinct compression from pragma_storage_info($1) where segment_type <> 'VALIDITY'"
        return {kind for (kind,) in cursor.execute(info, [f"memory.{reading._space}.basis_status"]).fetchall()}

    before = table(reading, "basis_status")
    assert kinds() == {"Uncompressed"}
    # Nothing that was asked on the way here is still being read: it would keep all that was dropped since.
    assert reading.press()
    assert kinds() - {"Uncompressed"} and table(reading, "basis_status") == before


@pytest.mark.files("a database keeps as many days of every build")
def test_of_a_large_build_fewer_readings_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy, "_ENTRIES_KEPT", 3 * PERSONS)
    made, told = world.made()
    for number in range(5):
        made.reading(TODAY - dt.timedelta(days=number), shipped_policy(), shipped_parameters(), told)
    assert len(made._readings) == 3
