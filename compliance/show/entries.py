"""A list of entries as it is shown, and what its query wants bound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from compliance.reading.copy import Reading
from compliance.reading.sought import Sought
from compliance.show import asks
from compliance.show.columns import Column, columns, status_in_words
from compliance.show.why import Standing, moved, why
from compliance.words.references import reference
from compliance.words.texts import say


def entry_columns(language: str, *, named: bool) -> list[Column]:
    """The columns of a list of entries, with who they are about only where that was asked for."""
    who = ("name", "email", "phone") if named else ()
    return columns(
        language,
        "reference",
        *who,
        "status",
        "category",
        "deadline_on:date",
        "days_overdue:number",
        "why:long",
        "flags:wrapped",
        "source",
    )


def entry_binds(
    filters: Mapping[str, str | None],
    *,
    named: bool,
    pressing: bool = False,
    sought: Sought | None = None,
    person: str | None = None,
    former_before: dt.date | None = None,
) -> dict[str, Any]:
    """What queries/show/entries.sql wants bound for the filters of a page (codes as they stand in the URL).

    `former_before` leaves only customer contacts who are active although they left their role on that day or earlier.
    Raises ValueError for a filter that wants them without the day, which would leave everybody.
    """
    if filters.get("only") == "former_role" and former_before is None:
        raise ValueError("contacts in a former role are asked for without the day")
    low, _, high = (filters.get("age") or "").partition("-")
    status = filters.get("status")
    return {
        "named": named,
        "category": filters.get("category"),
        "source": filters.get("source"),
        "status": status,
        "owner": filters.get("owner"),
        "reason": filters.get("reason"),
        "due_within": int(filters["horizon"] or 0) if filters.get("horizon") else None,
        "late_from": int(low) if low else None,
        "late_to": int(high) if high else None,
        "pressing": pressing and status is None,
        "sought": sought,
        "person": person,
        "in_order": True if filters.get("only") == "in_order" else None,
        "past": True if filters.get("only") == "past" else None,
        "former_before": former_before,
        "owned": None,
        "low": None,
        "high": None,
    }


def entry_page(reading: Reading, binds: Mapping[str, Any], rows: int, skip: int) -> list[asks.Entry]:
    """Some entries in the list's order. Where they lie is a figure, and remembered; they are not."""
    if binds["sought"]:
        return reading.rows(asks.ENTRIES, rows=rows, skip=skip, **binds)
    where = reading.one(asks.ENTRIES_WINDOW, rows=rows, skip=skip, **binds)
    binds = {**binds, "low": where.low, "high": where.high}
    return reading.rows(asks.ENTRIES, rows=rows, skip=skip - where.earlier, **binds)


# What is remarkable about an entry; in this order they are also the bits of queries/reading/entry_lines.sql.
FLAGS = ("restricted", "objected", "opted_out", "former_role", "has_hold", "open_request", "moved_by_source")


class Entry(Standing, Protocol):
    """An entry of a list: whose it is, what it is, where it stands and what is remarkable about it."""

    @property
    def person_id(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def restricted(self) -> bool: ...
    @property
    def objected(self) -> bool: ...
    @property
    def former_role(self) -> bool: ...
    @property
    def opted_out(self) -> bool: ...
    @property
    def has_hold(self) -> bool: ...
    @property
    def open_request(self) -> bool: ...
    @property
    def moved_by_source(self) -> bool: ...
    @property
    def moved_field(self) -> str | None: ...
    @property
    def moved_to(self) -> dt.date | None: ...
    def _asdict(self) -> dict[str, Any]: ...


def entry(row: Entry, language: str, sources: Mapping[str, str]) -> dict[str, Any]:
    """An entry as it is shown: the columns of its query, with words where there are codes."""
    said = why(row, language)
    if row.moved_by_source:
        said += " " + moved(row.moved_field or "", row.moved_to, language)
    return {
        **row._asdict(),
        "reference": reference(row.person_id),
        "status": status_in_words(row.status, language),
        "category": say(f"category.{row.category}", language),
        "source": sources.get(row.source, row.source),
        "why": said,
        "flags": flags_in_words((name for name in FLAGS if getattr(row, name)), language),
    }


def flags_in_words(names: Iterable[str], language: str) -> str:
    """What is remarkable about an entry, one after the other."""
    return ", ".join(say(f"flag.{name}", language) for name in names)
