"""How old the newest export of each source is; figures that rest on one that is too old are unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.reading.copy import Reading
from compliance.sources import asks
from compliance.sources.catalogue import Source, load_catalogue
from compliance.words.settings import Settings, moment
from compliance.words.vocabulary import RecordType

FORM = "erasure_form"
# What says who may enter customers' environments. No figure of persons rests on it.
OF_ACCESS = frozenset({RecordType.ENVIRONMENT, RecordType.ACCESS_GRANT})
# What says what was sent to whom, on which none rests either.
OF_MAILINGS = frozenset({RecordType.MAILING, RecordType.OPT_OUT})


@dataclass(frozen=True)
class Freshness:
    """How old a source's newest export is. `exported_at` None: nothing was ever taken in. `tells` is what its exports
    are of, by the catalogue.
    """

    source: str
    name: str
    exported_at: dt.datetime | None
    age_hours: int | None
    max_age_hours: int
    tells: frozenset[RecordType] = frozenset()

    @property
    def stale(self) -> bool:
        """Whether figures that rest on the source are unknown."""
        return self.age_hours is not None and self.age_hours > self.max_age_hours


def freshness(settings: Settings, reading: Reading | None, now: dt.datetime, language: str) -> tuple[Freshness, ...]:
    """How fresh each source of the catalogue is; the oldest export of a source counts."""
    catalogue = load_catalogue(settings.config / "sources.toml")
    tells: dict[str, set[RecordType]] = {}
    for dataset in catalogue.datasets:
        tells.setdefault(dataset.source, set()).add(dataset.record)
    oldest: dict[str, dt.datetime] = {}
    for row in reading.rows(asks.EXPORTS) if reading else ():
        known = oldest.get(row.source)
        oldest[row.source] = row.exported_at if known is None else min(known, row.exported_at)
    seen_at = moment(settings, now)
    return tuple(
        _fresh(name, source, frozenset(tells.get(name, ())), oldest.get(name), seen_at, language)
        for name, source in catalogue.sources.items()
    )


def _fresh(
    name: str,
    source: Source,
    tells: frozenset[RecordType],
    exported_at: dt.datetime | None,
    now: dt.datetime,
    language: str,
) -> Freshness:
    age = None if exported_at is None else max(0, int((now - exported_at).total_seconds() // 3600))
    return Freshness(name, source.name[language], exported_at, age, source.max_age_hours, tells)


def stale_sources(fresh: Sequence[Freshness]) -> frozenset[str]:
    """The sources whose figures are unknown."""
    return frozenset(one.source for one in fresh if one.stale)


def stale_of(fresh: Sequence[Freshness], records: frozenset[RecordType]) -> frozenset[str]:
    """Those of them that tell any of these."""
    return frozenset(one.source for one in fresh if one.stale and one.tells & records)


def stale_of_persons(fresh: Sequence[Freshness]) -> frozenset[str]:
    """Those of them that say who is stored: all but the form, and what tells of access or of mailings alone."""
    others = OF_ACCESS | OF_MAILINGS
    alone = {one.source for one in fresh if one.tells and one.tells <= others}
    return stale_sources(fresh) - {FORM} - alone
