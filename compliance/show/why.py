"""Why an entry stands where it stands, in a sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from compliance.words.texts import has, period_in_words, say
from compliance.words.vocabulary import Status


class Standing(Protocol):
    """Where an entry stands, as queries tell it. Dates and what depends on a rule are None where there is none."""

    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def reason_field(self) -> str | None: ...
    @property
    def reason_value(self) -> str | None: ...
    @property
    def start_on(self) -> dt.date | None: ...
    @property
    def ceiling_on(self) -> dt.date | None: ...
    @property
    def deadline_on(self) -> dt.date | None: ...
    @property
    def days_overdue(self) -> int | None: ...
    @property
    def provisional_on(self) -> dt.date | None: ...
    @property
    def hold_since(self) -> dt.date | None: ...
    @property
    def statutory_until(self) -> dt.date | None: ...
    @property
    def period(self) -> str | None: ...
    @property
    def section(self) -> str | None: ...


def why(row: Standing, language: str) -> str:
    """Why an entry stands where it stands, as a sentence."""
    values: dict[str, Any] = {
        "start_on": row.start_on,
        "ceiling_on": row.ceiling_on,
        "deadline_on": row.deadline_on,
        "days_overdue": row.days_overdue,
        "provisional_on": row.provisional_on,
        "hold_since": row.hold_since,
        "statutory_until": row.statutory_until,
        "reason_value": row.reason_value,
    }
    values["field"] = field_in_words(row.reason_field or "", language)
    cause = say(f"reason.{row.reason}", language, **values)
    if row.period:
        values["period"] = period_in_words(row.period, language)
        values["section"] = say(f"section.{row.section}", language)
    values["cause"] = cause
    status = str(row.status)
    if status == Status.UNDETERMINED:
        key = "why.undetermined_provisional" if row.provisional_on else "why.undetermined"
    elif status == Status.ACTIVE:
        key = "why.active_projected" if row.ceiling_on else "why.active"
    elif status == Status.OVERDUE and row.deadline_on != row.ceiling_on:
        key = "why.overdue_after_hold"
    else:
        key = f"why.{status.lower()}"
    return say(key, language, **values)


def moved(field: str, to: dt.date | None, language: str) -> str:
    """That an entry keeps the date that its source told before; `to` is None where it tells none any more."""
    return say(f"why.moved_{'away' if to is None else 'to'}", language, field=field_in_words(field, language), to=to)


def field_in_words(name: str, language: str) -> str:
    """A field's name as a reader knows it."""
    key = f"field.{name.replace('.', '_')}"
    return say(key, language) if has(key) else name
