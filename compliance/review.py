"""What the pages say: the figures of the week, how fresh they are, and why a basis is kept.

A figure whose source is stale is unknown (None), which is not zero; an old value is never shown as today's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance import requests
from compliance.copy import Reading
from compliance.deadlines import RequestState
from compliance.intake.mapping import Source, load_catalogue
from compliance.policy import Parameters
from compliance.register.engine import writing
from compliance.register.schema import snapshot
from compliance.settings import Settings, moment
from compliance.texts import has, period_in_words, say
from compliance.vocabulary import Status

FORM = "erasure_form"
_WEEK = 7
# A review may be some days late; beyond that a comparison with "last week" would mislead.
_LATEST_BEFORE = 10


class Figure(StrEnum):
    """The figures that are kept per day. Texts: `figure.<value>`."""

    PERSONS = "persons"
    IN_ORDER = "in_order"
    DUE_30 = "due_30"
    DUE_90 = "due_90"
    OVERDUE = "overdue"
    UNDETERMINED = "undetermined"
    OPEN_REQUESTS = "open_requests"
    OVERDUE_REQUESTS = "overdue_requests"


_OF_REQUESTS = (Figure.OPEN_REQUESTS, Figure.OVERDUE_REQUESTS)


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


def freshness(settings: Settings, reading: Reading | None, now: dt.datetime, language: str) -> tuple[Freshness, ...]:
    """How fresh each source of the catalogue is; the oldest export of a source counts."""
    sources = load_catalogue(settings.config / "sources.toml").sources
    oldest: dict[str, dt.datetime] = {}
    for row in reading.rows("exports") if reading else ():
        known = oldest.get(row["source"])
        oldest[row["source"]] = row["exported_at"] if known is None else min(known, row["exported_at"])
    seen_at = moment(settings, now)
    return tuple(_fresh(name, source, oldest.get(name), seen_at, language) for name, source in sources.items())


def _fresh(name: str, source: Source, exported_at: dt.datetime | None, now: dt.datetime, language: str) -> Freshness:
    age = None if exported_at is None else max(0, int((now - exported_at).total_seconds() // 3600))
    return Freshness(name, source.name[language], exported_at, age, source.max_age_hours)


def stale_sources(fresh: Sequence[Freshness]) -> frozenset[str]:
    """The sources whose figures are unknown."""
    return frozenset(one.source for one in fresh if one.stale)


def week(
    register: sa.Engine,
    reading: Reading,
    parameters: Parameters,
    fresh: tuple[Freshness, ...],
) -> Week:
    """Today's figures beside those of a week ago."""
    counted = reading.one("weekly")
    figures = _figures(register, reading, parameters, fresh, counted)
    compared_on, before = _before(register, reading.as_of)
    return Week(
        {figure: Value(figure, value, before.get(figure.value)) for figure, value in figures.items()},
        fresh,
        compared_on,
        counted["bases"],
        None if figures[Figure.OVERDUE] is None else counted["oldest_days"],
    )


def _figures(
    register: sa.Engine,
    reading: Reading,
    parameters: Parameters,
    fresh: tuple[Freshness, ...],
    counted: Mapping[str, Any],
) -> dict[Figure, int | None]:
    stale = stale_sources(fresh)
    items = requests.backlog(register, reading, reading.as_of, parameters)
    # A request in a customer's environment is that customer's to answer.
    own = [item for item in items if item.state is not RequestState.REDIRECTED]
    asked = {
        Figure.OPEN_REQUESTS: len(own),
        Figure.OVERDUE_REQUESTS: sum(item.state is RequestState.OVERDUE for item in own),
    }
    persons_unknown, requests_unknown = bool(stale - {FORM}), FORM in stale
    found: dict[Figure, int | None] = {}
    for figure in Figure:
        if figure in _OF_REQUESTS:
            found[figure] = None if requests_unknown else asked[figure]
        else:
            found[figure] = None if persons_unknown else counted[figure.value]
    return found


def _before(register: sa.Engine, as_of: dt.date) -> tuple[dt.date | None, dict[str, int | None]]:
    latest, earliest = as_of - dt.timedelta(days=_WEEK), as_of - dt.timedelta(days=_LATEST_BEFORE)
    with register.connect() as connection:
        day = connection.execute(
            sa.select(sa.func.max(snapshot.c.as_of)).where(snapshot.c.as_of.between(earliest, latest))
        ).scalar()
        if day is None:
            return None, {}
        rows = connection.execute(sa.select(snapshot.c.figure, snapshot.c.value).where(snapshot.c.as_of == day))
        return day, {row.figure: row.value for row in rows}


def write_snapshot(
    settings: Settings, register: sa.Engine, reading: Reading, parameters: Parameters, now: dt.datetime
) -> None:
    """Keeps the day's figures for the comparison a week later; a second time replaces the first."""
    fresh = freshness(settings, reading, now, "en")
    figures = _figures(register, reading, parameters, fresh, reading.one("weekly"))
    with writing(register) as connection:
        connection.execute(sa.delete(snapshot).where(snapshot.c.as_of == reading.as_of))
        connection.execute(
            sa.insert(snapshot),
            [
                {"as_of": reading.as_of, "figure": figure.value, "value": value, "build_id": reading.build}
                for figure, value in figures.items()
            ],
        )


def ensure_snapshot(
    settings: Settings, register: sa.Engine, reading: Reading, parameters: Parameters, now: dt.datetime
) -> None:
    """Keeps the day's figures unless this build's are kept already."""
    with register.connect() as connection:
        kept = connection.execute(
            sa.select(snapshot.c.build_id).where(snapshot.c.as_of == reading.as_of).limit(1)
        ).scalar()
    if kept != reading.build:
        write_snapshot(settings, register, reading, parameters, now)


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


def why(row: Mapping[str, Any], language: str) -> str:
    """Why a basis stands where it stands, as a sentence. `row` is one of queries/entries.sql."""
    values: dict[str, Any] = {
        name: row[name]
        for name in (
            "start_on",
            "ceiling_on",
            "deadline_on",
            "days_overdue",
            "provisional_on",
            "hold_since",
            "statutory_until",
            "reason_value",
        )
    }
    values["field"] = field_in_words(row["reason_field"] or "", language)
    cause = say(f"reason.{row['reason']}", language, **values)
    if row["period"]:
        values["period"] = period_in_words(row["period"], language)
        values["section"] = say(f"section.{row['section']}", language)
    values["cause"] = cause
    status = str(row["status"])
    if status == Status.UNDETERMINED:
        key = "why.undetermined_provisional" if row["provisional_on"] else "why.undetermined"
    elif status == Status.ACTIVE:
        key = "why.active_projected" if row["ceiling_on"] else "why.active"
    elif status == Status.OVERDUE and row["deadline_on"] != row["ceiling_on"]:
        key = "why.overdue_after_hold"
    else:
        key = f"why.{status.lower()}"
    return say(key, language, **values)


def field_in_words(name: str, language: str) -> str:
    """A field's name as a reader knows it."""
    key = f"field.{name.replace('.', '_')}"
    return say(key, language) if has(key) else name


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
