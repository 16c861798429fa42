"""What the tables and charts of the pages hold: rows in the reader's words, unknown where a source is stale."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import copy
from compliance.copy import Reading
from compliance.deadlines import STOCKHOLM, local_date
from compliance.holds import HoldRow, Scope, Summary
from compliance.intake.mapping import LEFT_OUT_FIELDS
from compliance.intake.orders import Result
from compliance.intake.runs import RunRow
from compliance.policy import Policy
from compliance.register.schema import ledger
from compliance.requests import BacklogItem
from compliance.review import Figure, Freshness, Week, field_in_words
from compliance.tables import Column, status_in_words
from compliance.texts import has, period_in_words, refusal, say, show, show_share
from compliance.vocabulary import (
    PERSON_STATUS_ORDER,
    PERSONNUMMER_FIELD,
    SPECIAL_CATEGORY_FIELDS,
    STORED_FIELDS,
    Category,
    Reason,
    RecordType,
)

Row = dict[str, Any]

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
# What only the erasure form's rows have.
_FORM_FIELDS = (
    "reference",
    "request_kind",
    "requester",
    "received_at",
    "identity_asked_on",
    "identity_answered_on",
    "extended_on",
    "extension_reason",
    "forwarded_on",
    "closed_on",
    "outcome",
)
# Where the words of a detail's values stand, if not under its own name; what several kinds of line call alike has
# several places.
_DETAIL_WORDS = {
    "kind": ("request_kind", "batch_kind"),
    "state": ("request_state",),
    "reason": ("doubt", "batch_reason"),
    "scope": ("hold_scope",),
    "ground": ("hold_ground",),
}
# What only a machine compares.
_FOR_MACHINES = ("digest", "receipt", "replaced_digest", "run", "uid")
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


# Weekly review


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


# Stored subjects


def stored_by_category(reading: Reading, stale: frozenset[str], language: str) -> list[Row]:
    """Distinct persons and entries per category; unknown where any of its sources is stale."""
    persons = {row["value"]: row["persons"] for row in reading.rows("stored_by", cut="category")}
    found: dict[str, Row] = {}
    for row in reading.rows("stored_by_category"):
        entry = found.setdefault(row["category"], {"category": row["category"], **dict.fromkeys(_COUNTS, 0)})
        for name in _COUNTS:
            if row["source"] in stale or entry[name] is None:
                entry[name] = None
            else:
                entry[name] += row[name]
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
    for row in reading.rows("stored_by", cut=cut):
        unknown = row["value"] in stale if cut == "source" else bool(stale)
        entry: Row = {"persons": None if unknown else row["persons"], "bases": None if unknown else row["bases"]}
        if cut == "source":
            entry["source_name"] = sources.get(row["value"], row["value"])
        else:
            entry["purpose_name"] = (
                say("common.no_rule", language) if row["value"] == "-" else say(f"purpose.{row['value']}", language)
            )
            entry["ground_name"] = "–" if row["ground"] == "-" else say(f"ground.{row['ground']}", language)
        rows.append(entry)
    return rows


def field_rows(reading: Reading, stale: frozenset[str], language: str, sources: Mapping[str, str]) -> list[Row]:
    """How often each field is filled per category, and whether it may be: what may not comes first."""
    order = {verdict: place for place, verdict in enumerate(("critical", "not_allowed", "allowed"))}
    rows = [row for row in reading.rows("fields") if row["filled"]]
    return [
        {
            "category_name": say(f"category.{row['category']}", language),
            "source_name": sources.get(row["source"], row["source"]),
            "field_name": field_in_words(row["field"], language),
            "column_name": row["column_name"] or "",
            "filled": None if row["source"] in stale else row["filled"],
            "rows": None if row["source"] in stale else row["rows"],
            "verdict": say(f"verdict.{_verdict(row)}", language),
        }
        for row in sorted(rows, key=lambda row: order[_verdict(row)])
    ]


def _verdict(row: Mapping[str, Any]) -> str:
    if row["is_allowed"]:
        return "allowed"
    return "critical" if row["field"] in (*SPECIAL_CATEGORY_FIELDS, PERSONNUMMER_FIELD) else "not_allowed"


# Upcoming expiries


def expiries(
    reading: Reading, unit: str, starts: Sequence[dt.date], until: dt.date, cut: Mapping[str, str | None]
) -> dict[str, list[int]]:
    """Entries whose deadline falls in each month or week, per category; a place for every start, also empty ones."""
    places = {start: place for place, start in enumerate(starts)}
    series: dict[str, list[int]] = {}
    for row in reading.rows("expiries", unit=unit, until=until, **cut):
        if row["starts_on"] in places:
            line = series.setdefault(row["category"], [0] * len(starts))
            line[places[row["starts_on"]]] += row["bases"]
    return _in_order(series)


def overdue_by_age(reading: Reading, cut: Mapping[str, str | None]) -> dict[str, list[int]]:
    """Entries past their last lawful day, per category and age."""
    series: dict[str, list[int]] = {}
    for row in reading.rows("overdue_by_age", **cut):
        series.setdefault(row["category"], [0] * len(AGES))[AGES.index(row["age"])] += row["bases"]
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


# Erasure backlog


def request_row(item: BacklogItem, language: str) -> Row:
    """A request as the backlog shows it; the reference only, never who it is from."""
    remarks = [name for name in ("provisional", "extension_valid") if getattr(item, name)]
    return {
        "source": item.source,
        "reference": item.reference,
        "kind": say(f"request_kind.{item.kind}", language),
        "request_state": say(f"request_state.{item.state.value}", language),
        "received_on": item.received_on,
        "due_on": item.due_on,
        "days_left": item.days_left,
        "age_days": item.age_days,
        "blocks": "; ".join(say(f"block.{block.value}", language) for block in item.blocks) or "–",
        "persons_found": item.persons_found,
        "bases": item.bases,
        "remark": "; ".join(say(f"remark.{name}", language) for name in remarks),
    }


# Legal holds


def sentence_of_holds(found: Summary, language: str) -> str:
    """How the holds stand, in one sentence: first those that wait for review."""
    if found.past_review:
        return say("holds.sentence_late", language, late=found.past_review, active=found.active)
    if found.active > 1:
        return say("holds.sentence", language, active=found.active)
    return say("holds.sentence_one" if found.active else "holds.sentence_none", language)


def hold_figures(found: Summary) -> list[tuple[str, int | None]]:
    """The figures of the holds; holds without an owner only where there are any. None is unknown."""
    figures: list[tuple[str, int | None]] = [
        ("active", found.active),
        ("past_review", found.past_review),
        ("entries_held", found.total.held if found.total else None),
        ("past_ceiling", found.total.past_ceiling if found.total else None),
    ]
    return [*figures, ("without_owner", found.without_owner)] if found.without_owner else figures


def hold_row(row: HoldRow, language: str) -> Row:
    """A hold as the list shows it: what it is on by reference only."""
    remarks = {
        "covers_nothing": row.coverage is not None and row.coverage.bases == 0,
        "no_owner": row.active and not row.entry.owner.strip(),
    }
    state = "past_review" if row.past_review else "active" if row.active else "released"
    return {
        "hold": str(row.hold_id),
        "hold_state": say(f"hold_state.{state}", language),
        "hold_scope": say(f"hold_scope.{row.entry.scope}", language),
        "hold_target": hold_target(row, language),
        "hold_ground": say(f"hold_ground.{row.entry.ground}", language),
        "case_ref": row.entry.case_ref,
        "hold_owner": owner_in_words(row.entry.owner, language),
        "placed_on": row.entry.placed_on,
        "review_on": row.entry.review_on,
        "days_to_review": row.days_to_review,
        "bases": row.coverage and row.coverage.bases,
        "persons": row.coverage and row.coverage.persons,
        "held_now": row.coverage and row.coverage.held,
        "past_ceiling": row.coverage and row.coverage.past_ceiling,
        "released_on": row.entry.released_on,
        "remark": "; ".join(say(f"hold_remark.{name}", language) for name, told in remarks.items() if told),
    }


def hold_target(row: HoldRow, language: str) -> str:
    """What a hold is on: a category by its name, the rest by reference."""
    if row.entry.scope == Scope.CATEGORY:
        return say(f"category.{row.entry.scope_key}", language)
    if not row.keys:
        return say("holds.forgotten", language)
    return ", ".join(key if row.entry.scope == Scope.ORGANISATION else key[:8] for key in row.keys)


def owner_in_words(owner: str, language: str) -> str:
    """Who is responsible, in words where it is one of the policy's owners."""
    return say(f"owner.{owner}", language) if has(f"owner.{owner}") else owner


# Risk overview


@dataclass(frozen=True)
class Risk:
    """The CISO's figures. None is unknown."""

    persons: int | None
    share_in_order: float | None
    overdue: int | None
    oldest_days: int | None
    oldest_category: str | None
    critical: int


def risk(reading: Reading, week: Week, stale: frozenset[str]) -> Risk:
    """How much of what is stored is in order, and the worst of what is not."""
    persons, in_order = (week.values[figure].now for figure in (Figure.PERSONS, Figure.IN_ORDER))
    oldest = next(iter(reading.rows("oldest")), None)
    return Risk(
        persons,
        # Of nobody, no share is in order: unknown, not all.
        None if persons in (None, 0) or in_order is None or persons is None else in_order / persons,
        week.values[Figure.OVERDUE].now,
        oldest["days_overdue"] if oldest and not stale else None,
        oldest["category"] if oldest and not stale else None,
        sum(finding.critical for finding in findings(reading)),
    )


def sentence_of_risk(found: Risk, language: str) -> str:
    """The risk in one sentence."""
    if found.share_in_order is None:
        return say("risk.unknown", language)
    return say(
        "risk.sentence",
        language,
        share=show_share(found.share_in_order, language),
        overdue=found.overdue,
        critical=found.critical,
    )


def person_statuses(reading: Reading) -> dict[str, int]:
    """Persons per status, the worst first."""
    counts = {row["status"]: row["persons"] for row in reading.rows("persons_by_status")}
    return {status.value: counts[status] for status in PERSON_STATUS_ORDER if status in counts}


def heat(reading: Reading, stale: frozenset[str], language: str) -> list[Row]:
    """Overdue entries per category and age, a row for every category that is stored."""
    late: dict[tuple[str, str], int] = {
        (row["category"], row["age"]): row["bases"]
        for row in reading.rows("overdue_by_age", category=None, source=None, owner=None)
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


def causes(reading: Reading, stale: frozenset[str], language: str) -> list[Row]:
    """Why entries cannot be determined, the most frequent first."""
    return [
        {
            "cause": say(f"doubt.{row['reason']}", language),
            "bases": None if stale else row["bases"],
            "past_provisional": None if stale else row["past_provisional"],
        }
        for row in reading.rows("undetermined_by_cause")
    ]


@dataclass(frozen=True)
class Finding:
    """A column that holds more than the rule allows. Critical: special categories and personnummer."""

    category: str
    source: str
    field: str
    column: str
    filled: int
    critical: bool


def findings(reading: Reading) -> list[Finding]:
    """What the sources hold beyond what the category's rule allows, the gravest first."""
    found = [
        Finding(
            row["category"],
            row["source"],
            row["field"],
            row["column_name"] or "",
            row["filled"],
            _verdict(row) == "critical",
        )
        for row in reading.rows("fields")
        if row["filled"] and not row["is_allowed"]
    ]
    return sorted(found, key=lambda one: (not one.critical, -one.filled, one.category, one.column))


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
        for one in findings(reading)
    ]


# Policy


def rule_rows(policy: Policy, language: str) -> list[Row]:
    """The rules in force, in words."""
    return [
        {
            "category_name": say(f"category.{rule.category}", language),
            "start_event": say(f"start_event.{rule.start_event}", language),
            "period": period_in_words(rule.period, language),
            "ground_name": say(f"ground.{rule.ground}", language),
            "purpose_name": say(f"purpose.{rule.purpose}", language),
            "owner_name": say(f"owner.{rule.owner}", language),
            "allowed": ", ".join(field_in_words(name, language) for name in rule.allowed_fields) or "–",
            "approval": say(f"approval.{rule.approval}", language),
            "section": say(f"section.{rule.section}", language),
        }
        for rule in policy.rules.values()
    ]


def uncovered_rows(policy: Policy, reading: Reading | None, language: str) -> list[Row]:
    """The categories that no rule covers, with how many entries they have; unknown as long as nothing was taken in."""
    stored: dict[str, int] = {}
    for row in reading.rows("status_counts") if reading else ():
        stored[row["category"]] = stored.get(row["category"], 0) + row["bases"]
    return [
        {
            "category_name": say(f"category.{category}", language),
            "bases": stored.get(category, 0) if reading else None,
            "reason": say(f"uncovered.{why}", language),
        }
        for category, why in sorted(policy.uncovered.items())
    ]


def moved(before: Reading, after: Reading, category: Category, language: str) -> list[Row]:
    """How a category's entries go from status to status under other rules."""
    return [
        {
            **row,
            "before": status_in_words(row["before"], language),
            "after": status_in_words(row["after"], language),
        }
        for row in copy.moves(before, after, category.value)
    ]


# Ledger


def ledger_lines(register: sa.Engine, event: str | None) -> int:
    """How many lines the ledger has, of one event or of all."""
    query = sa.select(sa.func.count()).select_from(ledger)
    with register.connect() as connection:
        return int(connection.execute(query if event is None else query.where(ledger.c.event == event)).scalar_one())


def ledger_rows(register: sa.Engine, event: str | None, language: str, rows: int, skip: int) -> list[Row]:
    """Lines of the ledger, the newest first, in words."""
    query = sa.select(ledger).order_by(ledger.c.seq.desc()).limit(rows).offset(skip)
    if event is not None:
        query = query.where(ledger.c.event == event)
    with register.connect() as connection:
        return [
            {
                "seq": line["seq"],
                "at": f"{line['at'].astimezone(STOCKHOLM):%Y-%m-%d %H:%M:%S}",
                "event": say(f"event.{line['event']}", language),
                "actor": line["actor"][:8] if line["actor"] else say("common.command_line", language),
                "role": say(f"role.{line['role']}", language) if line["role"] else "",
                "build_id": line["build_id"],
                "details": details_in_words(json.loads(line["details"]), language),
                "digest": line["digest"],
            }
            for line in connection.execute(query).mappings()
        ]


def details_in_words(details: Mapping[str, Any], language: str) -> str:
    """What a line of the ledger says besides the event. A word that has no text stays as it was written."""
    told: list[str] = []
    for name, value in sorted(details.items(), key=lambda detail: detail[0] in _FOR_MACHINES):
        key = f"detail.{name}"
        told.append(f"{say(key, language) if has(key) else name}: {_detail(name, value, language)}")
    return " · ".join(told)


def _detail(name: str, value: Any, language: str) -> str:
    if name == "request":
        return str(value)
    if not isinstance(value, str):
        return show(value, language)
    if name.endswith("_at"):
        with contextlib.suppress(ValueError):
            return f"{dt.datetime.fromisoformat(value).astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
    keys = [*(f"{section}.{value}" for section in _DETAIL_WORDS.get(name, (name,))), f"detail_value.{value}"]
    if name == "what":
        # A list is known by its page, a table by the name of its file.
        keys += [f"{value}.title", f"extract_name.{value}"]
    return next((say(key, language) for key in keys if has(key)), value)


# Intake


def mapping_choices(record: RecordType, language: str) -> dict[str, str]:
    """What a column may be: the fields that are read, then what is left out and why; code -> words."""
    read = {name: field_in_words(name, language) for name in STORED_FIELDS}
    if record is not RecordType.ERASURE_REQUEST:
        read = {name: words for name, words in read.items() if name not in _FORM_FIELDS}
    out = {
        f"left_out:{kind}": say("intake.mapping.leave_out", language, kind=field_in_words(kind, language))
        for kind in LEFT_OUT_FIELDS
    }
    return {**dict(sorted(read.items(), key=lambda item: item[1])), **out}


def result_in_words(result: Result, build: int | None, language: str) -> tuple[str, bool]:
    """A run's result in one sentence, and whether somebody must act on it."""
    refused = sum(file.outcome == "refused" for file in result.files)
    if result.refused:
        return refusal(result.refused.code, language, result.refused.values), True
    if result.changes and refused:
        return say("intake.result.partly", language, refused=refused, files=len(result.files)), True
    if result.changes:
        return say("intake.result.done", language, persons=result.changes.persons, build=str(build)), False
    return say("intake.result.refused" if refused else "intake.result.nothing_new", language), bool(refused)


def result_figures(result: Result) -> list[tuple[str, int | None]]:
    """The figures of a run: rows in, loaded and quarantined, and how the persons changed."""
    taken = [table for file in result.files for table in file.taken]
    assert result.changes is not None
    return [
        ("rows_in", sum(table.rows_in for table in taken)),
        ("loaded", sum(table.loaded for table in taken)),
        ("quarantined", sum(sum(table.quarantined.values()) for table in taken)),
        ("new_persons", result.changes.new_persons),
        ("gone_persons", result.changes.gone_persons),
        ("new_requests", result.changes.new_requests),
    ]


def result_files(result: Result, language: str) -> list[tuple[str, list[str]]]:
    """What became of each file: its outcome, and a line per table or the refusal."""
    found: list[tuple[str, list[str]]] = []
    for file in result.files:
        lines = [
            f"{table.dataset}: "
            + say(
                "intake.result.sum",
                language,
                rows_in=table.rows_in,
                loaded=table.loaded,
                quarantined=sum(table.quarantined.values()),
                when=local_date(table.exported_at),
                how=say(f"intake.exported_at_from.{table.exported_at_from}", language),
            )
            for table in file.taken
        ]
        if file.refused:
            lines.append(refusal(file.refused.code, language, file.refused.values))
        found.append((say(f"intake.outcome.{file.outcome}", language), lines))
    return found


def quarantined_rows(result: Result, language: str) -> list[Row]:
    """How many rows stayed out of the copy, per export and reason."""
    return [
        {"export": table.dataset, "reason": say(f"quarantine.{reason}", language), "rows": rows}
        for file in result.files
        for table in file.taken
        for reason, rows in sorted(table.quarantined.items())
    ]


def left_out_rows(result: Result, language: str) -> list[Row]:
    """The columns that were not read, with how often each was filled."""
    return [
        {
            "export": table.dataset,
            "column_name": column.column,
            "field_name": field_in_words(column.field, language),
            "filled": column.filled,
        }
        for file in result.files
        for table in file.taken
        for column in table.left_out
    ]


def run_rows(runs: Sequence[RunRow], language: str) -> list[Row]:
    """The last runs, the newest first."""
    return [
        {
            "started": f"{run.started_at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}",
            "run_state": say(f"intake.state.{run.state}", language),
            "build_id": run.build_id,
        }
        for run in runs
    ]
