"""What other rules would do is what they do: counted beside readings of the days themselves."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.policy import what_if as counted
from compliance.policy.what_if import WhatIf
from compliance.reading import copy
from compliance.reading.copy import Copy, Facts
from compliance.words import versions
from compliance.words.settings import Settings
from compliance.words.versions import Rules
from tests.reading import worlds
from tests.world import CONFIG, TODAY, World, table

NO_REGISTER = sa.create_engine("sqlite://")


def asked(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, made: Copy, facts: Facts, on: dt.date, *rules: Rules
) -> WhatIf:
    """The what-if over a world instead of the register's current build."""

    def current(_settings: Any, _register: Any, day: dt.date, policy: Any, parameters: Any, *, kept: bool) -> Any:
        return made.reading(day, policy, parameters, facts, kept=kept)

    monkeypatch.setattr(copy, "current", current)
    found = counted.what_if(settings, NO_REGISTER, on, *rules)
    assert found is not None
    return found


def standings(made: Copy, facts: Facts, day: dt.date, rules: Rules) -> dict[str, tuple[str, str, str]]:
    """Category, person and status of each entry on a day, by a reading of that day."""
    reading = made.reading(day, rules.policy, rules.parameters, facts)
    rows = table(reading, "basis_status")
    return {row["basis_id"]: (row["category"], row["person_id"], row["status"]) for row in rows}


def two_rules(**more: versions.Value) -> tuple[Rules, Rules]:
    start = versions.start(CONFIG)
    return start, start.changed({name.replace("__", "."): value for name, value in more.items()})


def test_it_counts_what_readings_of_the_days_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    world, chance = worlds.made(11)
    made, facts = worlds.built(world, tmp_path)
    on = chance.centre
    # No hold is placed or released ahead, here as for people.
    settled = (one for one in facts.holds if one[3] <= on and (one[4] is None or one[4] <= on))
    facts = dataclasses.replace(facts, holds=tuple(settled))
    rules = two_rules(
        PROSPECT__period="P3Y", EMPLOYEE__period="P3300D", CUSTOMER_CONTACT__period="P18M", planned_purge_lead_days=10
    )
    found = asked(monkeypatch, settings, made, facts, on, *rules)
    before, after = (standings(made, facts, on, one) for one in rules)
    moved = {basis: (row[0], row[2], after[basis][2]) for basis, row in before.items() if row[2] != after[basis][2]}
    assert moved
    assert {(one.category, one.before, one.after): one.bases for one in found.moves} == Counter(moved.values())
    assert found.persons == len({before[basis][1] for basis in moved})
    # Week by week: on some Sundays, who is overdue by then, and neither was on the day itself nor had no known end.
    for number in (4, 51):
        until = found.weeks[number].starts_on + dt.timedelta(days=6)
        for which, (one, at_first) in enumerate(zip(rules, (before, after), strict=True)):
            then = standings(made, facts, until, one)
            not_yet = {basis for basis, row in at_first.items() if row[2] not in ("OVERDUE", "UNDETERMINED")}
            overdue = sum(row[2] == "OVERDUE" and basis in not_yet for basis, row in then.items())
            weeks = found.weeks[: number + 1]
            told = sum(week.overdue_after if which else week.overdue_before for week in weeks)
            assert told == overdue > 0, (until, which)


def test_what_becomes_due_and_then_overdue_stands_in_the_weeks_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    world = World(tmp_path)
    # By ten years the last lawful day is far away; by three it is 2027-03-10, and the purge is planned 30 days before.
    world.person("PROSPECT", registered_on="2024-03-10")
    # Ends while the year goes on: today it has no last day at all.
    world.person("SUPPLIER_REP", starts_on="2020-01-01", ends_on="2027-01-31")
    # On hold: becomes neither.
    world.person("PROSPECT", "HELD", email="held@bolaget.example", registered_on="2024-03-10")
    world.hold("category", "PARTNER_REP", "2026-01-01")
    world.person("PARTNER_REP", starts_on="2020-01-01", ends_on="2026-10-01")
    made, facts = world.made()
    rules = two_rules(PROSPECT__period="P3Y", SUPPLIER_REP__period="P3M", PARTNER_REP__period="P3M")
    found = asked(monkeypatch, settings, made, facts, TODAY, *rules)
    due = {week.starts_on: week.due_after for week in found.weeks if week.due_after}
    overdue = {week.starts_on: week.overdue_after for week in found.weeks if week.overdue_after}
    assert due == {dt.date(2027, 2, 8): 2, dt.date(2027, 3, 29): 1}
    assert overdue == {dt.date(2027, 3, 8): 2, dt.date(2027, 4, 26): 1}
    assert not any(week.due_before or week.overdue_before for week in found.weeks)
    assert [week.starts_on.weekday() for week in found.weeks] == [0] * 53


@pytest.mark.files("looks at what lies beside a file's build")
def test_nothing_that_pages_read_makes_way_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    world = World(tmp_path)
    world.person("PROSPECT", registered_on="2024-03-10")
    made, facts = world.made()
    rules = two_rules(PROSPECT__period="P1Y")
    read = made.reading(TODAY, rules[0].policy, rules[0].parameters, facts)
    asked(monkeypatch, settings, made, facts, TODAY, *rules)
    assert list(made._readings.values()) == [read]
    # What it has made goes with it.
    gc.collect()
    spaces = made._root.execute("select count(*) from duckdb_schemas() where schema_name like 'reading_%'").fetchone()
    assert spaces == (1,)
