"""What the tables and charts of the review hold: rows in words, unknown where a source is stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.findings import asks as findings_asks
from compliance.findings import minimisation
from compliance.reading.copy import Reading
from compliance.review import asks, events, reviews, score, snapshots
from compliance.review.bridges import SIGNS, Bridge
from compliance.review.decisions import Decision, Kind
from compliance.review.kpis import LEVEL_SIGNS, NOT_MEASURED, Kpi, Level, Measured, Rests, Unit, kpis
from compliance.review.reviews import Review
from compliance.review.score import Score
from compliance.show.columns import Column, Row
from compliance.show.why import field_in_words
from compliance.words.deadlines import local_date
from compliance.words.policy import Parameters
from compliance.words.references import reference
from compliance.words.texts import counted, listed, say, show, show_share
from compliance.words.vocabulary import (
    PERSON_STATUS_ORDER,
    Category,
    Reason,
    Role,
)

_TREND_WEEKS = 52
_LEVELS = (Level.RED, Level.AMBER, Level.UNKNOWN, Level.GREEN, Level.NONE)
_SIGNS = {
    events.What.PURGE: "▼", events.What.INTAKE: "▲", events.What.REFUSED: "✕", events.What.HOLD_LOST: "◆",
    events.What.RULES: "§",
}  # fmt: skip
AGES = ("1-30", "31-90", "91-365", "366-")


# What can keep an entry from being determined.
DOUBTS = (
    Reason.NO_RULE,
    Reason.UNDECLARED_COOKIE,
    Reason.MISSING_DATE,
    Reason.SENTINEL_DATE,
    Reason.UNREADABLE_DATE,
    Reason.FUTURE_DATE,
    Reason.END_BEFORE_START,
    Reason.STATUS_CONTRADICTS,
    Reason.ENDED_WITHOUT_DATE,
    Reason.UNKNOWN_ORGANISATION,
    Reason.ERASED_BUT_PRESENT,
)


_COUNTS = (
    "persons",
    "bases",
    "active",
    "retained",
    "expiring",
    "due",
    "overdue",
    "held",
    "statutory",
    "undetermined",
)


def stored_by_category(reading: Reading, stale: frozenset[str], language: str) -> list[Row]:
    """Distinct persons and entries per category; unknown where any of its sources is stale."""
    persons = {row.value: row.persons for row in reading.rows(asks.STORED_BY, cut="category")}
    found: dict[str, Row] = {}
    for row in reading.rows(asks.STORED_BY_CATEGORY):
        entry = found.setdefault(row.category, {"category": row.category, **dict.fromkeys(_COUNTS, 0)})
        for name in _COUNTS:
            if row.source in stale or entry[name] is None:
                entry[name] = None
            else:
                entry[name] += getattr(row, name)
    for category, entry in found.items():
        entry["category_name"] = say(f"category.{category}", language)
        # A person with entries of one category in two sources is still one.
        entry["persons"] = None if entry["persons"] is None else persons[category]
    return sorted(found.values(), key=lambda entry: (-(entry["persons"] or 0), entry["category"]))


def stored_by(
    reading: Reading, cut: str, stale: frozenset[str], language: str, sources: Mapping[str, str]
) -> list[Row]:
    """Distinct persons along a cut: source, or purpose with its ground."""
    rows: list[Row] = []
    for row in reading.rows(asks.STORED_BY, cut=cut):
        unknown = row.value in stale if cut == "source" else bool(stale)
        entry: Row = {"persons": None if unknown else row.persons, "bases": None if unknown else row.bases}
        if cut == "source":
            entry["source_name"] = sources.get(row.value, row.value)
        else:
            entry["purpose_name"] = (
                say("common.no_rule", language) if row.value == "-" else say(f"purpose.{row.value}", language)
            )
            entry["ground_name"] = "–" if row.ground == "-" else say(f"ground.{row.ground}", language)
        rows.append(entry)
    return rows


def field_rows(reading: Reading, stale: frozenset[str], language: str, sources: Mapping[str, str]) -> list[Row]:
    """How often each field is filled per category, and whether it may be: what may not comes first."""
    order = {verdict: place for place, verdict in enumerate(("critical", "not_allowed", "allowed"))}
    rows = [row for row in reading.rows(findings_asks.FIELDS) if row.filled]
    return [
        {
            "category_name": say(f"category.{row.category}", language),
            "source_name": sources.get(row.source, row.source),
            "field_name": field_in_words(row.field, language),
            "column_name": row.column_name or "",
            "filled": None if row.source in stale else row.filled,
            "rows": None if row.source in stale else row.rows,
            "verdict": say(f"verdict.{minimisation.verdict(row)}", language),
        }
        for row in sorted(rows, key=lambda row: order[minimisation.verdict(row)])
    ]


def expiries(
    reading: Reading, unit: str, starts: Sequence[dt.date], until: dt.date, cut: Mapping[str, str | None]
) -> dict[str, list[int]]:
    """Entries whose deadline falls in each month or week, per category; a place for every start, also empty ones."""
    places = {start: place for place, start in enumerate(starts)}
    series: dict[str, list[int]] = {}
    for row in reading.rows(asks.EXPIRIES, unit=unit, until=until, **cut):
        if row.starts_on in places:
            line = series.setdefault(row.category, [0] * len(starts))
            line[places[row.starts_on]] += row.bases
    return _in_order(series)


def overdue_by_age(reading: Reading, cut: Mapping[str, str | None]) -> dict[str, list[int]]:
    """Entries past their last lawful day, per category and age."""
    series: dict[str, list[int]] = {}
    for row in reading.rows(asks.OVERDUE_BY_AGE, **cut):
        series.setdefault(row.category, [0] * len(AGES))[AGES.index(row.age)] += row.bases
    return _in_order(series)


def _in_order(series: Mapping[str, list[int]]) -> dict[str, list[int]]:
    return {category: series[category] for category in Category if category in series}


def series_columns(
    series: Mapping[str, Sequence[int]], labels: Mapping[str, str], language: str, place: str = "column.place"
) -> list[Column]:
    """The columns of a stacked chart's table: when (or what the text `place` says), all, each category."""
    return [
        Column("place", say(place, language)),
        Column("total", say("column.total", language), "number"),
        *(Column(code, labels[code], "number") for code in series),
    ]


def series_rows(places: Sequence[str], series: Mapping[str, Sequence[int]]) -> list[Row]:
    """The rows of a stacked chart's table."""
    return [
        {
            "place": place,
            **{code: values[number] for code, values in series.items()},
            "total": sum(values[number] for values in series.values()),
        }
        for number, place in enumerate(places)
    ]


# So many of what is red are named before the figures.
_NAMED = 3


def sentence_of_risk(measured: Mapping[str, Measured], parameters: Parameters, language: str) -> str:
    """The risk in one sentence, and in another the worst of it."""
    share, overdue, critical = (measured[code].value for code in ("in_order_share", "overdue", "findings_critical"))
    if share is None or overdue is None or critical is None:
        told = say("risk.unknown", language)
    else:
        counts = {"overdue": int(overdue), "critical": int(critical)}
        told = say("risk.sentence", language, share=show_share(share, language), **counts)
    red = [
        f"{one.kpi.name(language)} ({with_its_unit(one.kpi, one.measured, language)})"
        for one in score.score(measured, parameters).parts
        if one.kpi.level(one.measured, parameters) is Level.RED
    ]
    if not red:
        return told
    more = len(red) - _NAMED
    key = "risk.worst_and_more" if more > 0 else "risk.worst"
    return f"{told} {say(key, language, names='; '.join(red[:_NAMED]), more=more)}"


def is_at_risk(measured: Mapping[str, Measured]) -> bool:
    """Whether the sentence of the risk is one to act on."""
    share = measured["in_order_share"].value
    return share is None or share < 1


def where_the_oldest_is(reading: Reading) -> dict[str, str]:
    """What narrows the list of what is overdue to the category whose entry is so the longest."""
    oldest = next(iter(reading.rows(asks.OLDEST)), None)
    return {} if oldest is None else {"category": oldest.category}


def with_its_unit(kpi: Kpi, measured: Measured, language: str) -> str:
    """A figure's value, with its unit where that is not plain from what it is called."""
    shown = kpi.show(measured, language)
    if kpi.unit is not Unit.DAYS or measured.value is None:
        return shown
    return say("risk.days", language, days=measured.value, shown=shown)


def score_in_words(found: Score, language: str) -> str:
    """The score as it is written: a number, a range where a part is not known, unknown where too much is not."""
    if not found.is_told:
        return kpis()[score.CODE].show(found.measured, language)
    low, high = (show(round(value, 1), language) for value in (found.low, found.high))
    return low if found.is_whole else f"{low}–{high}"


def how_the_score_stands(found: Score, parameters: Parameters, language: str) -> str:
    """How the score stands; a range stands as both its ends do, else nobody knows."""
    kpi = kpis()[score.CODE]
    if found.is_whole or not found.is_told:
        return kpi.stands(found.measured, parameters, language)
    best, worst = Measured(found.low), Measured(found.high)
    unknown = say("risk.score_range", language, parts=sum(one.points is None for one in found.parts))
    if kpi.level(best, parameters) is not kpi.level(worst, parameters):
        return f"{LEVEL_SIGNS[Level.UNKNOWN]} {unknown}"
    return f"{kpi.stands(best, parameters, language)}. {unknown}"


def score_rows(found: Score, parameters: Parameters, language: str) -> list[Row]:
    """The parts of the score as a table, and what they add up to."""
    rows: list[Row] = []
    for one in found.parts:
        bounds = one.kpi.threshold(parameters)
        assert bounds is not None
        worst = bounds.amber if bounds.red is None else bounds.red
        assert worst is not None
        rows.append(
            {
                "kpi_name": one.kpi.name(language),
                "kpi_value": one.kpi.show(one.measured, language),
                "kpi_target": one.kpi.show_value(bounds.target, language),
                "kpi_worst": one.kpi.show_value(worst, language),
                "score_weight": round(one.weight, 1),
                "score_points": None if one.points is None else round(one.points, 1),
                "kpi_why": one.kpi.told(one.measured, parameters, language),
            }
        )
    rows.append(
        {
            "kpi_name": kpis()[score.CODE].name(language),
            "kpi_value": score_in_words(found, language),
            "score_weight": round(sum(one.weight for one in found.parts), 1),
            "score_points": round(found.low, 1) if found.is_whole else None,
        }
    )
    return rows


def person_statuses(reading: Reading) -> dict[str, int]:
    """Persons per status, the worst first."""
    counts = {row.status: row.persons for row in reading.rows(asks.PERSONS_BY_STATUS)}
    return {status.value: counts[status] for status in PERSON_STATUS_ORDER if status in counts}


def heat(reading: Reading, stale: frozenset[str], language: str) -> list[Row]:
    """Overdue entries per category and age, a row for every category that is stored."""
    late: dict[tuple[str, str], int] = {
        (row.category, row.age): row.bases
        for row in reading.rows(asks.OVERDUE_BY_AGE, category=None, source=None, owner=None)
    }
    return [
        {
            "category": row["category"],
            "category_name": row["category_name"],
            **{age: None if row["bases"] is None else late.get((row["category"], age), 0) for age in AGES},
        }
        for row in stored_by_category(reading, stale, language)
        if row["category"] != Category.UNCLASSIFIED
    ]


def heat_weights(categories: Iterable[str], parameters: Parameters, language: str) -> str:
    """What the colours of the heat map say, and what the categories in it weigh."""
    weighed = [(category, parameters.weight_of(category)) for category in categories]
    told = [f"{say(f'category.{one}', language)} {show(weight, language)}" for one, weight in weighed if weight != 1]
    return say("risk.heat_help", language, weights=", ".join(told) or "–")


def causes(reading: Reading, stale: frozenset[str], language: str) -> list[Row]:
    """Why entries cannot be determined, the most frequent first."""
    return [
        {
            "reason": row.reason,
            "cause": say(f"doubt.{row.reason}", language),
            "bases": None if stale else row.bases,
            "past_provisional": None if stale else row.past_provisional,
        }
        for row in reading.rows(asks.UNDETERMINED_BY_CAUSE)
    ]


KPI_COLUMNS = (
    "kpi_number", "kpi_name", "kpi_value", "kpi_level", "kpi_why", "kpi_target", "kpi_unit", "kpi_better",
    "kpi_formula",
)  # fmt: skip


def kpi_rows(measured: Mapping[str, Measured], parameters: Parameters, language: str) -> list[Row]:
    """Every figure with its value, its target and how it stands, and how it is counted."""
    found = []
    for code, kpi in kpis().items():
        one, bounds = measured[code], kpi.threshold(parameters)
        level = kpi.level(one, parameters)
        found.append(
            {
                "kpi_number": kpi.number,
                "kpi_name": kpi.name(language),
                "kpi_value": kpi.show(one, language),
                "kpi_unit": kpi.unit_of(None, language),
                "kpi_target": "–" if bounds is None else kpi.show_value(bounds.target, language),
                "kpi_better": say(f"kpi_better.{kpi.better}", language),
                "kpi_level": say(f"kpi_level.{level}", language),
                "kpi_why": kpi.told(one, parameters, language),
                "kpi_formula": kpi.formula(language),
            }
        )
    return found


@dataclass(frozen=True)
class Trend:
    """A figure over the weeks: its title says its value and how it stands; None is a week in which it is unknown."""

    code: str
    title: str
    values: tuple[float | None, ...]
    target: float
    late: bool
    marks: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Trends:
    """The CISO's figures with a target over 52 weeks, and what explains their jumps."""

    days: tuple[str, ...]
    lines: tuple[Trend, ...]
    happened: tuple[events.Happened, ...]


def trends(
    register: sa.Engine, as_of: dt.date, measured: Mapping[str, Measured], parameters: Parameters, language: str
) -> Trends:
    """How each figure of the CISO with a target went, the worst first; the last point is today's."""
    since = as_of - dt.timedelta(weeks=_TREND_WEEKS - 1, days=6)
    weeks = snapshots.weekly(snapshots.history(register, since, as_of), as_of, _TREND_WEEKS)
    ends = [as_of - dt.timedelta(weeks=back) for back in range(_TREND_WEEKS - 1, -1, -1)]
    happened = events.of(register, since, as_of)
    places: dict[int, str] = {}
    for one in happened:
        # The week whose end comes first after it. Of several in a week the mark of one is enough: the table tells all.
        places[next(place for place, end in enumerate(ends) if one.on <= end)] = _SIGNS[one.what]
    found = []
    for code, kpi in kpis().items():
        bounds = kpi.threshold(parameters)
        if bounds is None or "ciso" not in kpi.readers:
            continue
        level = kpi.level(measured[code], parameters)
        values = [None if week is None else week.get(code).value for week in weeks[:-1]] + [measured[code].value]
        marks = tuple(sorted(places.items())) if kpi.rests_on is Rests.COPY else ()
        told = f"{LEVEL_SIGNS[level]} {kpi.name(language)}: {kpi.show(measured[code], language)}"
        why = kpi.why(level, parameters, language)
        title = f"{told} ({why})" if why else told
        late = level in (Level.AMBER, Level.RED)
        found.append((_LEVELS.index(level), Trend(code, title, tuple(values), bounds.target, late, marks)))
    lines = tuple(one for _, one in sorted(found, key=lambda one: one[0]))
    return Trends(tuple(day.isoformat() for day in ends), lines, tuple(reversed(happened)))


def bridge_rows(bridge: Bridge, language: str) -> list[Row]:
    """The bridge as a table: what was overdue, each cause with its sign and what it means, what is overdue now."""
    opening = say("bridge.opening", language, day=bridge.since)
    found: list[Row] = [{"cause": opening, "bases": bridge.opening, "meaning": ""}]
    found += [
        {
            "cause": say(f"bridge.{cause}", language),
            "bases": sign * bridge.bars[cause],
            "meaning": say(f"bridge_help.{cause}", language),
        }
        for cause, sign in SIGNS.items()
    ]
    help_ = say("bridge_help.unexplained", language)
    found.append({"cause": say("bridge.unexplained", language), "bases": bridge.unexplained, "meaning": help_})
    found.append({"cause": say("bridge.closing", language), "bases": bridge.closing, "meaning": ""})
    return found


def decision_text(one: Decision, language: str) -> str:
    """What waits, in a sentence; of entries that cannot be determined also what would settle it."""
    told = dict(one.told)
    if one.kind is Kind.UNDETERMINED:
        reason = told["reason"]
        told |= {"cause": say(f"doubt.{reason}", language), "settles": say(f"settles.{reason}", language)}
    if one.kind is Kind.INCIDENT:
        told["next"] = say(f"incident_kind.{told['step']}", language)
    if one.kind is Kind.RESUME:
        told["why"] = say(f"request_resumes.{told['why']}", language)
    return say(f"decision.{one.kind}", language, **told)


def takers_and_wait(one: Decision, days: int | None, reader: Role | None, language: str) -> list[str]:
    """How long a decision has waited, and who may take it besides the reader."""
    waited = [] if days is None else [say("waits.since", language, days=days)]
    roles = [role for role in one.roles if not (one.may and role is reader)]
    if not one.roles:
        return [*waited, say("waits.server", language)]
    if not roles:
        return [*waited, say("waits.nobody_else", language)]
    names = listed([say(f"role.{role}", language) for role in roles], language)
    return [*waited, say("waits.also" if one.may else "waits.by", language, roles=names)]


def decision_rows(found: Sequence[Decision], as_of: dt.date, language: str) -> list[Row]:
    """The list of decisions as a table."""
    return [
        {
            "decision_kind": say(f"decision_kind.{one.kind}", language),
            "decision_text": decision_text(one, language),
            "waited": one.days(as_of),
            "takers": listed([say(f"role.{role}", language) for role in one.roles], language)
            if one.roles
            else say("waits.server", language),
        }
        for one in found
    ]


def decided_since(register: sa.Engine, signed: Sequence[Review], now: dt.datetime, language: str) -> str:
    """What was decided since the last review, in words; empty where nothing was."""
    with register.connect() as connection:
        return counted("event", reviews.decided(connection, reviews.since(signed, now), now), language)


# The figures that a review is remembered by.
_REVIEWED = {
    "review_overdue": "overdue",
    "review_undetermined": "undetermined",
    "review_requests": "overdue_requests",
    "review_in_order": "in_order_share",
}


def review_rows(register: sa.Engine, signed: Sequence[Review], language: str) -> list[Row]:
    """The reviews that were signed, each with the figures that its snapshot has."""
    found: list[Row] = []
    for one in signed:
        kept = None if one.snapshot_id is None else snapshots.by_number(register, one.snapshot_id)
        figures = {
            column: kpis()[code].show(NOT_MEASURED if kept is None else kept.get(code), language)
            for column, code in _REVIEWED.items()
        }
        late = say("sign.is_late", language) if one.is_late else None
        signer = _signer(one.signed_by, one.signed_role, one.signed_at, language)
        second = ""
        if one.countersigned_by and one.countersigned_role and one.countersigned_at:
            second = _signer(one.countersigned_by, one.countersigned_role, one.countersigned_at, language)
        found.append(
            {
                "review_week": one.week,
                "as_of": one.as_of,
                "snapshot": one.snapshot_id,
                **figures,
                "signed": signer if late is None else f"{signer}, {late}",
                "countersigned": second,
                "review_decided": counted("event", one.decided, language),
                "note": one.note,
            }
        )
    return found


def _signer(pseudonym: str, role: str, at: dt.datetime, language: str) -> str:
    return f"{say(f'role.{role}', language)} ({reference(pseudonym)}), {local_date(at)}"


def kept_finding_rows(parts: Mapping[str, float], language: str, sources: Mapping[str, str]) -> list[Row]:
    """The findings of a figure that was kept, as a table, the gravest first."""
    found = []
    for part, filled in parts.items():
        category, source, field, severity = part.split("/")
        row: Row = {
            "severity": say(f"verdict.{severity}", language),
            "category_name": say(f"category.{category}", language),
            "source_name": sources.get(source, source),
            "field_name": field_in_words(field, language),
            "filled": int(filled),
        }
        found.append(((severity != "critical", -filled, part), row))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def finding_rows(reading: Reading, language: str, sources: Mapping[str, str]) -> list[Row]:
    """The minimisation findings as a table."""
    return [
        {
            "severity": say(f"verdict.{'critical' if one.critical else 'not_allowed'}", language),
            "category_name": say(f"category.{one.category}", language),
            "source_name": sources.get(one.source, one.source),
            "field_name": field_in_words(one.field, language),
            "column_name": one.column,
            "filled": one.filled,
        }
        for one in minimisation.filled(reading)
    ]


def unread_rows(reading: Reading, language: str, sources: Mapping[str, str]) -> list[Row]:
    """The cells in which no address or number could be read, as a table."""
    return [
        {
            "source_name": sources.get(one.source, one.source),
            "dataset": one.dataset,
            "field_name": field_in_words(one.field, language),
            "rows": one.rows,
        }
        for one in reading.rows(findings_asks.UNREAD_CELLS)
    ]
