"""What the pages show of sources, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from compliance.reading.copy import Reading
from compliance.show.columns import Row
from compliance.sources import asks
from compliance.sources.freshness import Freshness
from compliance.sources.verbs import decided_moves
from compliance.words.deadlines import local_date
from compliance.words.references import reference
from compliance.words.texts import say


def freshness_rows(fresh: Sequence[Freshness], language: str) -> list[Row]:
    """How old each source's export is, and what that means."""
    return [
        {
            "source_name": one.name,
            "exported_on": local_date(one.exported_at) if one.exported_at else None,
            "age_hours": one.age_hours,
            "max_age_hours": one.max_age_hours,
            "state": say(
                f"freshness.{'missing' if one.exported_at is None else 'stale' if one.stale else 'fresh'}", language
            ),
        }
        for one in fresh
    ]


def undecided(register: sa.Engine, reading: Reading) -> list[asks.Moved]:
    """The exports that moved dates where clocks begin, as long as nobody has said whether they are right."""
    found = reading.rows(asks.MOVED_CLOCKS)
    if not found:
        return []
    with register.connect() as connection:
        decided = decided_moves(connection)
    return [one for one in found if (one.dataset, one.build, one.number) not in decided]


def whose(reading: Reading, found: Sequence[asks.Moved]) -> dict[asks.Moved, str]:
    """Of those that are one person's alone, the person's reference."""
    if not any(one.number for one in found):
        return {}
    known = {(one.dataset, one.build, one.number): one.person_id for one in reading.rows(asks.MOVED_PERSONS)}
    return {one: reference(known[one.dataset, one.build, one.number]) for one in found if one.number}


def moved_rows(found: Sequence[asks.Moved], sources: Mapping[str, str], whose: Mapping[asks.Moved, str]) -> list[Row]:
    """What exports moved, as it is shown; `whose` are the references of those that are one person's alone."""
    return [
        {
            "export": one.dataset,
            "source_name": sources.get(one.source, one.source),
            "build_id": one.build,
            "whose": whose.get(one),
            "bases": one.entries,
            "persons": one.persons,
            "overdue": one.overdue,
        }
        for one in found
    ]
