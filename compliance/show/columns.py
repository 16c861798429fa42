"""Tables as they are shown and as they leave: the same columns, the same words, the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from compliance.words.texts import say, show
from compliance.words.vocabulary import (
    Status,
)

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


Row = dict[str, Any]
