"""Checks that need no test to be collected: a mutant is told in a second where what it stands on is built once.

Each is called with a folder of its own and gives a function that raises where something is not as it should be.
"""

from __future__ import annotations

import datetime as dt
import itertools
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from compliance.build.builder import workbench
from compliance.reading.copy import Facts, Reading
from compliance.words import queries
from tests.build import derived, moves
from tests.holds import firms, test_covered
from tests.identity import sides, who
from tests.purge import survivors
from tests.purge import test_decision as decision
from tests.reading import test_bounds, test_tracer, worlds
from tests.requests import weighed
from tests.suppression import judged, test_hits
from tests.twice import differences
from tests.world import World, shipped_parameters, shipped_policy, table

Check = Callable[[], None]
SEEDS = range(6)


class _Made(Protocol):
    """Rows that are there, for the statements to be asked of as they are now."""

    def now(self) -> Any: ...


def _told_twice(pairs: Iterable[tuple[_Made, Any]], differ: Callable[[Any, Any], object] = operator.ne) -> Check:
    """Whether the statements still say of each what was told of it slowly; `differ` is something where they do not."""
    told = list(pairs)

    def check() -> None:
        for made, slowly in told:
            assert not differ(made.now(), slowly)

    return check


class Stage:
    """The cases of cases.toml and worlds made by chance, each read on its days once: what status is decided from."""

    def __init__(self, folder: Path) -> None:
        self._policy, self._parameters = shipped_policy(), shipped_parameters()
        self._cases(folder)
        self._worlds(folder)

    def _cases(self, folder: Path) -> None:
        world = World(_new(folder))
        stories = [
            test_bounds.Story(world, number, case, category)
            for number, (case, category) in enumerate(test_bounds.expanded())
        ]
        made, facts = world.made()
        bare = made.reading(dt.date(2026, 1, 1), self._policy, self._parameters, facts)
        persons = {row["basis_id"]: row["person_id"] for row in table(bare, "basis")}
        holds = [hold for story in stories for hold in story.holds(persons)]
        # Keys of another scope hold nothing.
        basis_id, person_id = next(iter(persons.items()))
        org_id = next(story.org for story in stories if story.org)
        keys = {"basis": basis_id, "person": person_id, "organisation": org_id, "category": "EMPLOYEE"}
        early = dt.date(2020, 1, 1)
        holds += [(scope, key, early, None) for scope in (*keys, "case") for of, key in keys.items() if scope != of]
        facts = Facts(tuple((number, *hold) for number, hold in enumerate(holds, 1)), facts.open_requests)
        self.ids = [story.basis_id for story in stories]
        self.persons = persons
        by_day: Mapping[dt.date, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
        for number, (case, _) in enumerate(test_bounds.expanded()):
            for moment in case["days"]:
                by_day[moment["on"]].append((number, moment))
        # The day with the most cases first: most mutants need no other.
        self.cases = [
            (made.reading(day, self._policy, self._parameters, facts), moments)
            for day, moments in sorted(by_day.items(), key=lambda told: -len(told[1]))
        ]

    def _worlds(self, folder: Path) -> None:
        self.worlds = []
        for seed in SEEDS:
            world, chance = worlds.made(seed)
            copy, facts = worlds.built(world, _new(folder))
            for as_of in worlds.days(chance):
                reading = copy.reading(as_of, worlds.rules_of(chance), self._parameters, facts)
                keys = {row["basis_id"]: row["source_key"] for row in table(reading, "basis")}
                persons = {row["source_key"]: row["person_id"] for row in table(reading, "basis")}
                self.worlds.append((world, chance, reading, keys, persons))

    def asked(self, reading: Reading, name: str) -> list[dict[str, Any]]:
        """The rows of a statement as it now is, over what a reading has."""
        binds = {
            "as_of": reading.as_of,
            "notice_days": self._parameters.notice_days,
            "lead_days": self._parameters.planned_purge_lead_days,
            "grace_days": self._parameters.hold_release_grace_days,
        }
        with reading._engine.connect() as connection:
            found = connection.execute(sa.text(queries.load(name)), binds if name == "status" else {})
            return [dict(row) for row in found.mappings()]


def status(folder: Path) -> Check:
    """Where every entry stands, in cases and by chance, and in which order they lie."""
    stage = Stage(folder)

    def check() -> None:
        for reading, moments in stage.cases:
            told = stage.asked(reading, "status")
            rows = {row["basis_id"]: row for row in told}
            assert rows.keys() == stage.persons.keys() and len(told) == len(rows)
            for number, moment in moments:
                assert test_bounds.differences(rows[stage.ids[number]], number, moment) == {}, (number, moment)
        for world, chance, reading, keys, _ in stage.worlds:
            told = stage.asked(reading, "status")
            assert not list(worlds.of_entries(world, chance, reading.as_of, [
                {**row, "source_key": keys[row["basis_id"]]} for row in told
            ]))  # fmt: skip
            assert [row["urgency"] for row in told] == sorted(row["urgency"] for row in told)

    return check


def persons(folder: Path) -> Check:
    """Where every person stands, from entries that stand where they should."""
    stage = Stage(folder)

    def check() -> None:
        for world, chance, reading, _, persons in stage.worlds:
            told = stage.asked(reading, "person_status")
            assert not list(worlds.of_persons(world, chance, reading.as_of, persons, told))

    return check


def derived_rows(folder: Path) -> Check:
    """The entries of a build, row by row, over the same records each time."""
    told = []
    for seed in range(3):
        rows = derived.Chance(seed).rows
        told.append((derived.Made(_new(folder), rows), derived.Slowly(rows).tables()))

    def check() -> None:
        for made, slowly in told:
            assert derived.differences(made.tables(), slowly) == {}

    return check


def who_is_who(folder: Path) -> Check:
    """Who is one person, who may be, and whom a request is from."""
    told = []
    for chance in (who.Chance(0), who.Chance(1), who.ONLY):
        told.append((who.Made(_new(folder), chance), who.Slowly(chance).now()))
    return _told_twice(told, differences)


def requests(_: Path) -> Check:
    """Whom requests are about, by what a build finds and by what was said."""
    told = []
    for seed in range(3):
        chance = weighed.Chance(seed)
        told.append((weighed.Made(chance), weighed.slowly(chance)))
    return _told_twice(told, weighed.differences)


def decided(folder: Path) -> Check:
    """Which records decisions are about."""
    told = []
    for seed in range(2):
        chance = sides.Chance(seed)
        told.append((sides.Made(_new(folder), chance), sides.slowly(chance)))
    return _told_twice(told, sides.differences)


def owners(folder: Path) -> Check:
    """Whose records are, and whose vouchers."""
    checks = who_is_who(folder), derived_rows(folder)

    def check() -> None:
        for one in checks:
            one()

    return check


def decisions(folder: Path) -> Check:
    """Every moment of a purge's decision, over one reading."""
    world = decision.world_in(folder)
    days = [(world.reading(), decision.ALL)]
    for as_of, kind, why in decision.LAW_ENDS:
        days.append((world.reading(as_of), [("law_early", kind, {}, (decision.ONE,), why)]))

    def check() -> None:
        for reading, moments in days:
            assert decision.all_stay(reading, moments) == [moment[-1] for moment in moments]

    return check


def hits(folder: Path) -> Check:
    """Whom entries of the suppression list meet."""
    con = workbench(_new(folder))

    def check() -> None:
        assert test_hits.wrong(con) == {}
        test_hits.test_entries_of_today_alone_are_asked_with_names_as_they_are_read_now(con)
        test_hits.test_an_entry_of_before_is_asked_where_it_is_the_only_one(con)
        test_hits.test_an_entry_of_another_key_waits_for_that_key(con)

    return check


def judged_hits(folder: Path) -> Check:
    """What becomes of the rows that the suppression list meets."""
    told = []
    for seed in range(2):
        chance = judged.Chance(seed)
        told.append((judged.Made(_new(folder), chance), judged.Slowly(chance).now()))
    return _told_twice(told, differences)


def survived(folder: Path) -> Check:
    """What goes with a purge, what stays, and what the suppression list keeps of it."""
    told = []
    for chance in survivors.CHANCES:
        told.append((survivors.Made(_new(folder), chance), survivors.Slowly(chance).now()))
    return _told_twice(told, differences)


def covered(folder: Path) -> Check:
    """What holds cover, and whom a search finds to place one on."""
    reading = test_covered.reading_in(_new(folder))

    def check() -> None:
        assert test_covered.wrong(reading) == {}
        assert test_covered.found_wrong(reading) == {}

    return check


def may_be(_: Path) -> Check:
    """Which organisations may be those of which nothing is left."""
    return _told_twice((firms.Made(chance), firms.slowly(chance)) for chance in map(firms.Chance, range(2)))


def moved(_: Path) -> Check:
    """Which clocks a source moved."""
    return _told_twice((moves.Made(chance), moves.slowly(chance)) for chance in map(moves.Chance, range(2)))


def traced(folder: Path) -> Check:
    """Where what is held by ids of one build is in the next."""
    two = test_tracer.Traced(folder)

    def check() -> None:
        assert two.wrong() == {}

    return check


_numbers = itertools.count()


def _new(folder: Path) -> Path:
    made = folder / f"{next(_numbers)}"
    made.mkdir()
    return made
