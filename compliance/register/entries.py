"""Small registers of entries: each says something by a model, another may stand in its place, and none is unwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from compliance.register.metadata import Instant, one_of
from compliance.words.refusal import Refused

# The kind of an entry that says that another was wrong, and stands in nothing's place.
STRUCK = "struck"


class Facts(BaseModel):
    """What one entry says; forms are made from it too. Instants are aware."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    KIND: ClassVar[StrEnum]


@dataclass(frozen=True)
class Entry:
    """One entry as it was recorded. `by` is a pseudonym, None for the command line."""

    entry_id: int
    kind: StrEnum
    facts: Facts
    corrects: int | None
    at: dt.datetime
    by: str | None
    role: str | None


def columns_of(name: str, kinds: type[StrEnum]) -> tuple[sa.schema.SchemaItem, ...]:
    """What the table of a register of entries holds, with a kind `struck` among its kinds."""
    return (
        sa.Column("entry_id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        # JSON, by the area's facts. Of no person: it is refused where it seems to be.
        sa.Column("facts", sa.Text, nullable=False),
        # The entry that this one stands for; an entry is corrected once at most.
        sa.Column("corrects", sa.ForeignKey(f"{name}.entry_id"), unique=True),
        sa.Column("recorded_at", Instant, nullable=False),
        # Null for the command line.
        sa.Column("recorded_by", sa.String(32)),
        sa.Column("recorded_role", sa.String(10)),
        one_of("kind", kinds, name=f"{name}_kind"),
        sa.CheckConstraint(f"kind <> '{STRUCK}' or corrects is not null", name=f"{name}_strikes_one"),
    )


def load(connection: sa.Connection, table: sa.Table, models: Mapping[Any, type[Facts]]) -> tuple[Entry, ...]:
    """Every entry, the oldest first; `models` are by their kinds."""
    by_kind = {str(kind): (kind, model) for kind, model in models.items()}
    return tuple(
        Entry(
            row.entry_id, by_kind[row.kind][0], _read(by_kind[row.kind][1], row.facts), row.corrects, row.recorded_at,
            row.recorded_by, row.recorded_role,
        )
        for row in connection.execute(sa.select(table).order_by(table.c.entry_id))
    )  # fmt: skip


# Entries are never changed, and each page reads all of them.
@lru_cache(maxsize=10_000)
def _read(model: type[Facts], facts: str) -> Facts:
    return model.model_validate_json(facts)


def standing(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those that no other stands in the place of, without those that only strike one."""
    found = tuple(entries)
    gone = {entry.corrects for entry in found}
    return tuple(entry for entry in found if entry.entry_id not in gone and entry.kind != STRUCK)


def corrected(found: Iterable[Entry], told: Facts, corrects: int | None, unknown: str) -> Entry | None:
    """The entry of those that stand whose place a new one takes, None where it is one of its own.

    Raises Refused `unknown`, a code, where there is none of that number, or of another kind, and for one that strikes
    nothing.
    """
    before = next((entry for entry in found if entry.entry_id == corrects), None)
    is_struck = told.KIND == STRUCK
    if (before is None) is not (corrects is None) or (before is None and is_struck):
        raise Refused(unknown)
    if before is not None and not is_struck and before.kind is not told.KIND:
        raise Refused(unknown)
    return before


def details(number: int, corrects: int | None) -> dict[str, int]:
    """What the ledger has of a new entry."""
    return {"entry": number} if corrects is None else {"entry": number, "corrects": corrects}


class By(Protocol):
    """Who records: a pseudonym and a role."""

    @property
    def pseudonym(self) -> str:
        """Who it is, without a name."""

    @property
    def role(self) -> str:
        """In what role."""


def values(told: Facts, corrects: int | None, at: dt.datetime, by: By | None) -> dict[str, object]:
    """What the row of a new entry holds; nobody is the command line."""
    return {
        "kind": told.KIND.value, "facts": told.model_dump_json(), "corrects": corrects, "recorded_at": at,
        "recorded_by": by.pseudonym if by else None, "recorded_role": by.role if by else None,
    }  # fmt: skip
