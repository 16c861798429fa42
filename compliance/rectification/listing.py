"""Which corrections there are, and what of them is awaited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance.rectification.tables import OPEN, State, rectification, rectification_recipient

# As many keys as a statement takes on either database.
_CHUNK = 500


@dataclass(frozen=True)
class Correction:
    """A correction as the register keeps it; values and key are None where they are forgotten, or are nothing.
    `recipients` are who else has the data, each with when they were told; None for those who still are to be.
    """

    rectification_id: int
    source: str
    dataset: str
    category: str
    field: str
    source_key: str | None
    old_value: str | None
    new_value: str | None
    evidence: str | None
    state: State
    asked_at: dt.datetime
    fetched_at: dt.datetime | None
    decided_at: dt.datetime | None
    recipients: tuple[tuple[str, dt.datetime | None], ...]

    @property
    def is_open(self) -> bool:
        """Whether the source is waited for."""
        return self.state in OPEN

    @property
    def to_tell(self) -> list[str]:
        """Who is to be told still; nobody where the correction was withdrawn or the person is purged."""
        if self.state in (State.WITHDRAWN, State.PURGED):
            return []
        return [name for name, told_at in self.recipients if told_at is None]


def of_records(register: sa.Engine, records: Collection[tuple[str, str]]) -> list[Correction]:
    """The corrections of rows, by (dataset, key at the source), the newest first."""
    by_dataset: dict[str, list[str]] = {}
    for dataset, key in sorted(set(records)):
        by_dataset.setdefault(dataset, []).append(key)
    found: list[Correction] = []
    with register.connect() as connection:
        for dataset, keys in by_dataset.items():
            for start in range(0, len(keys), _CHUNK):
                of_some = rectification.c.source_key.in_(keys[start : start + _CHUNK])
                found += _found(connection, sa.and_(rectification.c.dataset == dataset, of_some))
    return sorted(found, key=lambda one: -one.rectification_id)


def exist(register: sa.Engine) -> bool:
    """Whether a correction was ever asked for."""
    with register.connect() as connection:
        return connection.execute(sa.select(rectification.c.rectification_id).limit(1)).first() is not None


def of_numbers(register: sa.Engine, numbers: Collection[int]) -> list[Correction]:
    """Corrections by their numbers, the oldest first."""
    wanted, found = sorted(numbers), list[Correction]()
    with register.connect() as connection:
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            found += reversed(_found(connection, rectification.c.rectification_id.in_(some)))
    return found


def waiting(register: sa.Engine) -> list[Correction]:
    """The corrections that a source or somebody to be told is waited for, the oldest first."""
    with register.connect() as connection:
        found = _found(connection, rectification.c.state.not_in([State.WITHDRAWN, State.PURGED]))
    return [one for one in reversed(found) if one.is_open or one.to_tell]


def _found(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Correction]:
    names = [name for name in Correction.__dataclass_fields__ if name != "recipients"]
    rows: Sequence[Any] = connection.execute(
        sa.select(*(rectification.c[name] for name in names))
        .where(which)
        .order_by(rectification.c.rectification_id.desc())
    ).all()
    told: dict[int, list[tuple[str, dt.datetime | None]]] = {}
    for number, recipient, told_at in connection.execute(
        sa.select(
            rectification_recipient.c.rectification_id,
            rectification_recipient.c.recipient,
            rectification_recipient.c.told_at,
        )
        .where(rectification_recipient.c.rectification_id.in_(sa.select(rectification.c.rectification_id).where(which)))
        .order_by(rectification_recipient.c.recipient)
    ):
        told.setdefault(number, []).append((recipient, told_at))
    return [
        Correction(**{**row._asdict(), "state": State(row.state)}, recipients=tuple(told.get(row.rectification_id, ())))
        for row in rows
    ]
