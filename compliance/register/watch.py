"""Remembers which covered rows a transaction has changed, until a line of the ledger has taken them up.

Every statement that writes to the register passes here, so that no writer has to think of it and none can forget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter

from compliance.register import covered

Touched = dict[sa.Table, set[Any]]

_KEY = "touched_rows"
_MAX = "highest_number"
_tell: list[Callable[[sa.Connection], None]] = []


def listen(engine: sa.Engine) -> None:
    """Has an engine's writers watched."""
    sa.event.listen(engine, "before_execute", _before)
    sa.event.listen(engine, "after_execute", _after)


def told_by(teller: Callable[[sa.Connection], None]) -> None:
    """Who is called at the end of a transaction that changed rows after its last line, or without one."""
    _tell.append(teller)


@contextmanager
def watching(connection: sa.Connection) -> Iterator[None]:
    """Watches a transaction, and sees to it that everything has its line at the end."""
    # Of a connection that is lost meanwhile nothing can be asked any more, not even this.
    info = connection.info
    info[_KEY] = {}
    try:
        yield
        if info[_KEY]:
            for teller in _tell:
                teller(connection)
    finally:
        info.pop(_KEY, None)


def take(connection: sa.Connection) -> Touched:
    """What has changed since the last call, by the numbers of its rows."""
    touched: Touched = connection.info.get(_KEY) or {}
    if touched:
        connection.info[_KEY] = {}
    return touched


def _touch(connection: sa.Connection, table: sa.Table, numbers: set[Any]) -> None:
    if numbers:
        connection.info[_KEY].setdefault(table, set()).update(numbers)


def _written(connection: sa.Connection, statement: Any) -> tuple[sa.Table, sa.Column[Any]] | None:
    """The covered table that a statement writes to, with the column that its rows are told by."""
    if not isinstance(statement, sa.Insert | sa.Update | sa.Delete) or _KEY not in connection.info:
        return None
    table = statement.table
    number = covered.number_of(table) if isinstance(table, sa.Table) else None
    return None if number is None else (table, number)  # type: ignore[return-value]


def _before(
    connection: sa.Connection, statement: Any, many: Sequence[Mapping[str, Any]], one: Mapping[str, Any], _options: Any
) -> None:
    written = _written(connection, statement)
    if written is None:
        return
    table, number = written
    if isinstance(statement, sa.Insert):
        if number.primary_key and number is table.autoincrement_column:
            # Numbers that the database gives: whatever is higher afterwards is new.
            connection.info[_MAX] = connection.scalar(sa.select(sa.func.max(number))) or 0
        return
    if isinstance(statement, sa.Update) and _set(statement, many or [one]) <= _heartbeats(table):
        return
    _touch(connection, table, _numbers(connection, statement, number, many, one))


def _after(
    connection: sa.Connection, statement: Any, _many: Any, _one: Any, _options: Any, result: sa.CursorResult[Any]
) -> None:
    written = _written(connection, statement) if isinstance(statement, sa.Insert) else None
    if written is None:
        return
    table, number = written
    given = [row.get(number.key) for row in result.context.compiled_parameters]
    if None in given:
        highest = connection.info.pop(_MAX)
        given = list(connection.scalars(sa.select(number).where(number > highest)))
    _touch(connection, table, set(given))


def _heartbeats(table: sa.Table) -> set[str]:
    return {column.name for column in table.c} - {column.name for column in covered.columns_of(table)}


def _set(statement: sa.Update, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The columns that an update sets."""
    names = {str(getattr(column, "name", column)) for column in statement._values or ()}
    return names or {name for row in rows[:1] for name in row if name in statement.table.c}


def _numbers(
    connection: sa.Connection,
    statement: sa.Update | sa.Delete,
    number: sa.Column[Any],
    many: Sequence[Mapping[str, Any]],
    one: Mapping[str, Any],
) -> set[Any]:
    """Of which numbers the rows are that a statement is about to change. Of many at once, where what tells them apart
    is not their number, all that the rest of the condition leaves.
    """
    chosen = []
    for criterion in statement._where_criteria:
        names = {
            element.key
            for element in visitors.iterate(criterion)
            if isinstance(element, BindParameter) and many and element.key in many[0]
        }
        if not names:
            chosen.append(criterion)
        elif isinstance(criterion, BinaryExpression) and criterion.left is number and len(names) == 1:
            return {row[next(iter(names))] for row in many}
    return set(connection.scalars(sa.select(number).where(*chosen).distinct(), {} if many else dict(one)))
