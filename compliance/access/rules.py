"""The rules in force on a day: the one way to them, for pages, command lines and everything that goes on by itself."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

import sqlalchemy as sa

from compliance.policy.tables import State, rule_change, rule_change_value
from compliance.words import versions as versions_of
from compliance.words.settings import Settings
from compliance.words.versions import Rules, Version

# Put together once: every rerun of a page asks twice, and that would cost as much as asking.
_ALL = (
    sa.select(
        rule_change.c.change_id, rule_change.c.in_force_from, rule_change_value.c.setting, rule_change_value.c.after
    )
    .join(rule_change_value, rule_change_value.c.change_id == rule_change.c.change_id)
    .where(rule_change.c.state == State.APPROVED)
    .order_by(
        rule_change.c.in_force_from, rule_change.c.decided_at, rule_change.c.change_id, rule_change_value.c.setting
    )
)
_UNTIL = _ALL.where(rule_change.c.in_force_from <= sa.bindparam("day"))


def in_force(settings: Settings, register: sa.Engine, day: dt.date) -> Rules:
    """The rules that hold on `day`, by the files and by the changes that were approved.

    Raises what compliance.words.versions.in_force does.
    """
    with register.connect() as connection:
        return in_force_in(settings, connection, day)


def in_force_in(settings: Settings, connection: sa.Connection, day: dt.date) -> Rules:
    """The same, in the caller's transaction."""
    return versions_of.in_force(settings.config, versions(connection, day))


def versions(connection: sa.Connection, day: dt.date | None = None) -> tuple[Version, ...]:
    """The approved changes in the order in which they come into force: those that hold on `day`, or all."""
    rows = (connection.execute(_ALL) if day is None else connection.execute(_UNTIL, {"day": day})).all()
    return tuple(
        Version(number, from_on, tuple((row.setting, row.after) for row in of_one))
        for (number, from_on), of_one in groupby(rows, lambda row: (row.change_id, row.in_force_from))
    )
