"""Decides how the dates of a column are written, from all its values; what they cannot decide is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import duckdb

from compliance.words import queries

# Below this share, values in the other order are slips; above it the column contradicts itself.
_SLIPS = 0.05


class DateFormat(StrEnum):
    """How a whole column is written; queries/build/stage/dates.sql reads each."""

    ISO = "iso"
    COMPACT = "compact"
    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    DAY_MONTH_NAME = "day_month_name"
    MONTH_NAME_DAY = "month_name_day"


@dataclass(frozen=True)
class Question:
    """The column's values fit day-first and month-first; `examples` are up to three of them."""

    field: str
    examples: tuple[str, ...]


def decide(con: duckdb.DuckDBPyConnection) -> dict[str, DateFormat | Question]:
    """The format, or the question, of each date column of the view `staged` that holds anything."""
    con.execute(queries.load("date_values"))
    result = con.execute(queries.load("date_evidence"))
    names = [str(column[0]) for column in result.description or ()]
    found: dict[str, DateFormat | Question] = {}
    for row in result.fetchall():
        evidence = dict(zip(names, row, strict=True))
        found[str(evidence["field"])] = _judge(evidence)
    return found


def answered(
    decided: Mapping[str, DateFormat | Question], answers: Mapping[str, str]
) -> tuple[dict[str, str], list[Question]]:
    """Formats by field with the questions that `answers` (field -> dmy or mdy) settles, and those left open."""
    formats: dict[str, str] = {}
    questions: list[Question] = []
    for field, found in decided.items():
        if isinstance(found, DateFormat):
            formats[field] = found.value
        elif answers.get(field) in (DateFormat.DMY, DateFormat.MDY):
            formats[field] = answers[field]
        else:
            questions.append(found)
    return formats, questions


def sampled(
    con: duckdb.DuckDBPyConnection, formats: Mapping[str, str]
) -> dict[str, tuple[tuple[str, dt.date | None], ...]]:
    """Up to three values of each date column with the dates that they are by its format, after `decide`."""
    return {
        field: tuple(
            (str(text), day)
            for text, day in con.execute(queries.load("date_sample"), {"field": field, "format": form}).fetchall()
        )
        for field, form in formats.items()
    }


def _judge(evidence: Mapping[str, object]) -> DateFormat | Question:
    counts = {name: _count(evidence[name]) for name in ("iso", "compact", "ymd", "day_month_name", "month_name_day")}
    parts = _count(evidence["parts"])
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= parts:
        return DateFormat(best)
    day_first, month_first = _count(evidence["day_first"]), _count(evidence["month_first"])
    decisive = day_first + month_first
    if decisive and min(day_first, month_first) <= _SLIPS * decisive:
        return DateFormat.DMY if day_first > month_first else DateFormat.MDY
    if not decisive and not _count(evidence["either"]):
        # Only days like 05/05, which mean the same either way.
        return DateFormat.DMY
    examples = evidence["examples"]
    return Question(str(evidence["field"]), tuple(str(text) for text in examples) if isinstance(examples, list) else ())


def _count(value: object) -> int:
    return int(value) if isinstance(value, int) else 0
