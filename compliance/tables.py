"""Tables as they are shown and as they leave: the same columns, the same words, the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from compliance import access, ledger
from compliance.extract import Flavour, Stamp, to_csv
from compliance.register.engine import writing
from compliance.review import why
from compliance.texts import say, show
from compliance.vocabulary import Permission, Status

_MARKS: Mapping[Status, str] = {
    Status.OVERDUE: "▲",
    Status.UNDETERMINED: "?",
    Status.DUE: "◆",
    Status.HELD: "■",
    Status.STATUTORY: "§",
    Status.EXPIRING: "◇",
    Status.RETAINED: "○",
    Status.ACTIVE: "●",
    Status.PURGED: "×",
}


@dataclass(frozen=True)
class Column:
    """A column: its name in the rows and in plain CSV, its label, and what it holds."""

    name: str
    label: str
    kind: Literal["text", "wide", "wrapped", "long", "number", "date"] = "text"

    def shown(self, value: Any, language: str) -> Any:
        """The value as a table takes it: numbers and dates stay what they are, the rest becomes text."""
        if self.kind in ("number", "date"):
            return value
        return "" if value is None else show(value, language)


def columns(language: str, *names: str) -> list[Column]:
    """Columns by name; `name:kind` for one that is not text. Labels: `column.<name>`."""
    found: list[Column] = []
    for told in names:
        name, _, kind = told.partition(":")
        found.append(Column(name, say(f"column.{name}", language), kind or "text"))  # type: ignore[arg-type]
    return found


def status_in_words(status: str, language: str) -> str:
    """A status with its sign, so that colour is never the only one."""
    return f"{_MARKS[Status(status)]} {say(f'status.{status}', language)}"


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
    search: str | None = None,
    person: str | None = None,
) -> dict[str, Any]:
    """What queries/entries.sql wants bound for the filters of a page (codes as they stand in the URL)."""
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
        "search": search,
        "person": person,
        "owned": None,
    }


def entry(row: Mapping[str, Any], language: str, sources: Mapping[str, str]) -> dict[str, Any]:
    """A row of queries/entries.sql as it is shown."""
    flags = [name for name in ("former_role", "opted_out", "has_hold", "open_request") if row[name]]
    return {
        **row,
        "reference": row["person_id"][:8],
        "status": status_in_words(row["status"], language),
        "category": say(f"category.{row['category']}", language),
        "source": sources.get(row["source"], row["source"]),
        "why": why(row, language),
        "flags": ", ".join(say(f"flag.{name}", language) for name in flags),
    }


def quarantined(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A row that stayed out of the copy, with its reason in words."""
    return {"row": row["row_no"], "reason": say(f"quarantine.{row['reason']}", language), "line": row["line"]}


def extract(
    register: sa.Engine,
    actor: access.Actor,
    what: str,
    shown: Sequence[Column],
    chunks: Iterable[Sequence[Mapping[str, Any]]],
    *,
    language: str,
    flavour: Flavour,
    stamp: Stamp,
    permission: Permission,
    now: dt.datetime,
) -> bytes:
    """A table as CSV; the extract is in the ledger before it leaves. Raises Refused `not_allowed`."""
    access.require(actor, permission)
    rows = 0

    def values() -> Iterable[list[Sequence[Any]]]:
        nonlocal rows
        for chunk in chunks:
            rows += len(chunk)
            yield [[row.get(column.name) for column in shown] for row in chunk]

    content = to_csv(
        [(column.name, column.label) for column in shown],
        values(),
        language=language,
        flavour=flavour,
        stamp=stamp,
    )
    with writing(register) as connection:
        ledger.append(
            connection,
            ledger.Event.EXTRACT_MADE,
            author=actor.author,
            now=now,
            build=stamp.build,
            details={
                "what": what,
                "rows": rows,
                "persons": permission is Permission.EXTRACT_PERSONS,
                "flavour": flavour,
            },
        )
    return content
