"""What the pages show of sources, in words."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.show.columns import Row
from compliance.sources.freshness import Freshness
from compliance.words.deadlines import local_date
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
