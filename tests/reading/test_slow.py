"""Worlds made by chance stand, on every day that is tried, where a slow reading of the same rules puts them.

`python -m tests.reading.worlds` tries many more.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from compliance.words.vocabulary import Status
from tests.reading import slow, worlds

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_entry_stands_where_the_rules_put_it(seed: int, tmp_path: Path) -> None:
    assert worlds.tried(seed, tmp_path, Counter()) == []


def test_every_status_comes_up_and_those_at_their_bounds() -> None:
    seen: Counter[str] = Counter()
    bounds: Counter[str] = Counter()
    for seed in SEEDS:
        world, chance = worlds.made(seed)
        for as_of in worlds.days(chance):
            for one in slow.standings(world, as_of, chance.periods).values():
                seen[one.status] += 1
                if one.deadline_on and one.ceiling_on:
                    left = (one.deadline_on - as_of).days
                    bounds[f"deadline {left}"] += left in (-1, 0, 30, 31)
                    left = (one.ceiling_on - as_of).days
                    bounds[f"ceiling {left}"] += left in (90, 91)
                    bounds["grace"] += one.deadline_on > one.ceiling_on
                if one.statutory_until:
                    bounds["law's last day"] += one.statutory_until == as_of
                if one.start_on == as_of:
                    bounds[f"{one.status} from today"] += 1
    assert seen.keys() == set(Status)
    for bound in (
        "deadline -1", "deadline 0", "deadline 30", "deadline 31", "ceiling 90", "ceiling 91", "grace",
        "law's last day", "ACTIVE from today", "RETAINED from today",
    ):  # fmt: skip
        assert bounds[bound] > 2, bound


# Worked dates, so that what the worlds are compared with is itself held to something.
@pytest.mark.parametrize(
    ("start", "period", "last"),
    [
        ("2016-11-24", (120, 0), "2026-11-24"),
        ("2020-02-29", (120, 0), "2030-02-28"),
        ("2018-02-28", (120, 0), "2028-02-28"),
        ("2024-08-31", (18, 0), "2026-02-28"),
        ("2026-06-01", (0, 179), "2026-11-27"),
    ],
)
def test_a_last_day_is_a_period_after_the_start(start: str, period: tuple[int, int], last: str) -> None:
    assert slow.after(dt.date.fromisoformat(start), period) == dt.date.fromisoformat(last)
