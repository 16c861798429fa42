"""Changes of the rules as they are read: what was proposed, what became of it, and where the files say otherwise."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from compliance.access import rules
from compliance.policy.tables import State, rule_change, rule_change_value, rule_file
from compliance.words import versions as versions_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.versions import Value


@dataclass(frozen=True)
class Difference:
    """A setting that a change, or a new file, makes another; None is what a file does not say."""

    setting: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class Change:
    """A change of the rules as the register knows it."""

    change_id: int
    state: State
    holds_from: dt.date
    reason: str
    proposed_by: str
    proposed_role: str
    proposed_at: dt.datetime
    decided_by: str | None
    decided_role: str | None
    decided_at: dt.datetime | None
    decided_because: str | None
    in_force_from: dt.date | None
    differences: tuple[Difference, ...]

    @property
    def values(self) -> Mapping[str, Value]:
        """What it sets."""
        return {one.setting: one.after for one in self.differences if one.after is not None}


@dataclass(frozen=True)
class File:
    """What the files said from `seen_at` on, by what they had said before; none where they are as they were."""

    version: str
    seen_at: dt.datetime
    differences: tuple[Difference, ...]
    is_first: bool


@dataclass(frozen=True)
class Strayed:
    """A setting that version `number` decides, and of which a file has come to say something else since.

    `file` is what that says; None where it knows no such rule any more, and then the version decides nothing.
    """

    setting: str
    number: int
    decided: Value
    file: Value | None


def listing(register: sa.Engine) -> list[Change]:
    """Every change, the newest first."""
    with register.connect() as connection:
        return _listing(connection)


def find(connection: sa.Connection, change_id: int) -> Change:
    """One change, in the caller's transaction. Raises Refused `rule_change_unknown`."""
    found = _listing(connection, rule_change.c.change_id == change_id)
    if not found:
        raise Refused("rule_change_unknown", number=change_id)
    return found[0]


def _listing(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> list[Change]:
    change, value = rule_change, rule_change_value
    rows = connection.execute(
        sa.select(change, value.c.setting, value.c.before, value.c.after)
        .join(value, value.c.change_id == change.c.change_id)
        .where(*wanted)
        .order_by(change.c.change_id.desc(), value.c.setting)
    ).mappings()
    found = []
    for _, of_one in groupby(rows, lambda row: row["change_id"]):
        told = list(of_one)
        own = {column.name: told[0][column.name] for column in change.c}
        differences = (Difference(one["setting"], json.loads(one["before"]), json.loads(one["after"])) for one in told)
        found.append(Change(**{**own, "state": State(own["state"])}, differences=tuple(differences)))
    return found


def files(register: sa.Engine) -> list[File]:
    """What the files have said, the newest first."""
    with register.connect() as connection:
        return _files(connection)


def _files(connection: sa.Connection) -> list[File]:
    found: list[File] = []
    before: dict[str, Value] | None = None
    for row in connection.execute(sa.select(rule_file).order_by(rule_file.c.file_id)):
        told: dict[str, Value] = json.loads(row.settings)
        known = told if before is None else before
        differences = tuple(
            Difference(setting, known.get(setting), told.get(setting))
            for setting in {**known, **told}
            if known.get(setting) != told.get(setting)
        )
        found.append(File(row.version, row.seen_at, differences, before is None))
        before = told
    return found[::-1]


def strayed(settings: Settings, register: sa.Engine) -> list[Strayed]:
    """Where a file says otherwise than a version that was approved before: the version goes on, and nobody has said
    whether it should.
    """
    start = versions_of.start(settings.config)
    with register.connect() as connection:
        decided_at = {one.change_id: one.decided_at for one in _listing(connection)}
        last = {
            setting: (version.number, json.loads(value))
            for version in rules.versions(connection)
            for setting, value in version.values
        }
        seen = _files(connection)
    found = []
    for setting, (number, decided) in last.items():
        says = start.value(setting) if start.has(setting) else None
        approved_at = decided_at[number]
        assert approved_at is not None
        has_moved = any(
            one.seen_at > approved_at and setting in {difference.setting for difference in one.differences}
            for one in seen
        )
        if says is None or (has_moved and says != decided):
            found.append(Strayed(setting, number, decided, says))
    return found
