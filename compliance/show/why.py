"""Why an entry stands where it stands, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.words.texts import has, period_in_words, say
from compliance.words.vocabulary import Status


def why(row: Mapping[str, Any], language: str) -> str:
    """Why a basis stands where it stands, as a sentence. `row` is one of queries/review/entries.sql."""
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
