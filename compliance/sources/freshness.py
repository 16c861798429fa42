"""How old the newest export of each source is; figures that rest on one that is too old are unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.reading.copy import Reading
from compliance.sources import asks
from compliance.sources.catalogue import Source, load_catalogue
from compliance.words.settings import Settings, moment

FORM = "erasure_form"
# What says who may enter customers' environments. No figure of persons rests on them.
OF_ACCESS = frozenset({"environments", "support_access"})
# What says what was sent to whom, on which none rest either.
OF_MAILINGS = frozenset({"mailing_tool"})


@dataclass(frozen=True)
class Freshness:
    """How old a source's newest export is. `exported_at` None: nothing was ever taken in."""

    source: str
    name: str
    exported_at: dt.datetime | None
    age_hours: int | None
    max_age_hours: int

    @property
    def stale(self) -> bool:
        """Whether figures that rest on the source are unknown."""
        return self.age_hours is not None and self.age_hours > self.max_age_hours


def freshness(settings: Settings, reading: Reading | None, now: dt.datetime, language: str) -> tuple[Freshness, ...]:
    """How fresh each source of the catalogue is; the oldest export of a source counts."""
    sources = load_catalogue(settings.config / "sources.toml").sources
    oldest: dict[str, dt.datetime] = {}
    for row in reading.rows(asks.EXPORTS) if reading else ():
        known = oldest.get(row.source)
        oldest[row.source] = row.exported_at if known is None else min(known, row.exported_at)
    seen_at = moment(settings, now)
    return tuple(_fresh(name, source, oldest.get(name), seen_at, language) for name, source in sources.items())


def _fresh(name: str, source: Source, exported_at: dt.datetime | None, now: dt.datetime, language: str) -> Freshness:
    age = None if exported_at is None else max(0, int((now - exported_at).total_seconds() // 3600))
    return Freshness(name, source.name[language], exported_at, age, source.max_age_hours)


def stale_sources(fresh: Sequence[Freshness]) -> frozenset[str]:
    """The sources whose figures are unknown."""
    return frozenset(one.source for one in fresh if one.stale)


def stale_of_persons(fresh: Sequence[Freshness]) -> frozenset[str]:
    """Those of them that say who is stored."""
    return stale_sources(fresh) - {FORM} - OF_ACCESS - OF_MAILINGS
