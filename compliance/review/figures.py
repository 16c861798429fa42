"""The figures of the week, what they have changed by, and what of them is unknown where a source is too old.

A figure whose source is stale is unknown (None), which is not zero; an old value is never shown as today's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from compliance.reading.copy import Reading
from compliance.review import asks, snapshots
from compliance.review.kpis import Measured
from compliance.sources.freshness import Freshness
from compliance.words.texts import say


class Figure(StrEnum):
    """The figures that the week opens with, each a code of kpis.toml, which says what it is."""

    PERSONS = "persons"
    IN_ORDER = "in_order"
    DUE_30 = "due_30"
    DUE_90 = "due_90"
    OVERDUE = "overdue"
    UNDETERMINED = "undetermined"
    OPEN_REQUESTS = "open_requests"
    OVERDUE_REQUESTS = "overdue_requests"


@dataclass(frozen=True)
class Value:
    """A figure today and a week ago. None is unknown."""

    figure: Figure
    now: int | None
    before: int | None

    @property
    def change(self) -> int | None:
        """Difference to a week ago, None where either is unknown."""
        return None if self.now is None or self.before is None else self.now - self.before


@dataclass(frozen=True)
class Week:
    """The weekly review. `compared_on` is the day of the older figures, None where there are none."""

    values: Mapping[Figure, Value]
    freshness: tuple[Freshness, ...]
    compared_on: dt.date | None
    bases: int
    oldest_days: int | None


def week(register: sa.Engine, reading: Reading, measured: Mapping[str, Measured], fresh: tuple[Freshness, ...]) -> Week:
    """Today's figures beside those of a week ago."""
    before = snapshots.week_before(register, reading.as_of)
    return Week(
        {
            figure: Value(
                figure, _whole(measured[figure.value]), None if before is None else _whole(before.get(figure.value))
            )
            for figure in Figure
        },
        fresh,
        None if before is None else before.as_of,
        reading.one(asks.WEEKLY).bases,
        _whole(measured["oldest_overdue"]),
    )


def _whole(measured: Measured) -> int | None:
    return None if measured.value is None else int(measured.value)


def sentence_of_the_week(found: Week, language: str) -> str:
    """How things stand, in one sentence: first what is not known, then what is late, then that all is well."""
    stale = [one.name for one in found.freshness if one.stale]
    if stale:
        return say("week.stale", language, sources=", ".join(stale))
    overdue = found.values[Figure.OVERDUE].now or 0
    late = found.values[Figure.OVERDUE_REQUESTS].now or 0
    if overdue and late:
        return say("week.both_late", language, overdue=overdue, oldest=found.oldest_days, late=late)
    if overdue:
        return say("week.overdue", language, overdue=overdue, oldest=found.oldest_days)
    if late:
        return say("week.late", language, late=late)
    soon = found.values[Figure.DUE_30].now or 0
    return say("week.soon" if soon else "week.well", language, soon=soon)


def month_starts(as_of: dt.date, months: int) -> list[dt.date]:
    """The first days of `months` months, this one first."""
    first = as_of.year * 12 + as_of.month - 1
    return [dt.date((first + step) // 12, (first + step) % 12 + 1, 1) for step in range(months)]


def week_starts(as_of: dt.date, weeks: int) -> list[dt.date]:
    """The Mondays of `weeks` weeks, this one first."""
    monday = as_of - dt.timedelta(days=as_of.weekday())
    return [monday + dt.timedelta(weeks=step) for step in range(weeks)]


def alarming(found: Week) -> bool:
    """Whether the sentence of the week is one to act on."""
    return any(one.stale for one in found.freshness) or any(
        found.values[figure].now for figure in (Figure.OVERDUE, Figure.OVERDUE_REQUESTS)
    )
