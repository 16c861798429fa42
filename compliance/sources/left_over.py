"""What a source's database still has elsewhere of what was erased in it: in a table that a trigger fills with old rows,
or in one that nobody has named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects.postgresql import HSTORE

from compliance.words.texts import say

# Whatever writes old rows down writes all of them down: a few of each table say where.
_ROWS = 10
_VALUES = 20
# What is shorter stands anywhere.
_SHORTEST = 5
_SHOWN = 20
# Types whose values can hold a text, or a whole row as text.
_WRITTEN = (sa.String, sa.JSON, HSTORE)


class LeftOver(BaseModel):
    """The tables in which something erased was found, with how many rows, and how many tables could not be searched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    found: tuple[tuple[str, int], ...] = ()
    unread: int = 0

    def told(self, language: str) -> list[str]:
        """What is left and what is not known, in words; nothing where nothing is."""
        lines = []
        if self.found:
            tables = [say("left_over.table", language, table=table, rows=rows) for table, rows in self.found[:_SHOWN]]
            if len(self.found) > _SHOWN:
                tables.append("…")
            lines.append(say("left_over.found", language, told="; ".join(tables)))
        if self.unread:
            lines.append(say("left_over.unread", language, tables=self.unread))
        return lines


@dataclass(frozen=True)
class Named:
    """A table of the source; without a schema it is in that of the connection."""

    schema: str | None
    name: str

    @classmethod
    def of(cls, text: str) -> Named:
        """A table as sources.toml names it: table, or schema.table."""
        schema, _, name = text.rpartition(".")
        return cls(schema or None, name)


def values(connection: sa.Connection, table: Named, key: sa.ColumnClause[Any], keys: Sequence[Any]) -> set[str]:
    """Texts of some of the rows that are to be erased by these keys."""
    columns = _plain(connection, table)
    if not columns:
        return set()
    chosen = sa.column(key.name, key.type).in_(keys[:_ROWS])
    rows = connection.execute(sa.select(*columns).select_from(_clause(table)).where(chosen).limit(_ROWS))
    return {value.strip() for row in rows for value in row if value and len(value.strip()) >= _SHORTEST}


def telling(connection: sa.Connection, tables: Iterable[Named], found: set[str]) -> list[str]:
    """Those of the texts that tell of whom was erased, once they are erased in the tables: what other rows there have
    too, such as the name of a town, says nothing. Addresses first, then the longest.
    """
    left = set(found)
    for table in tables:
        for column in _plain(connection, table):
            if left:
                others = sa.select(column).select_from(_clause(table)).where(column.in_(sorted(left)))
                left -= {value.strip() for value in connection.scalars(others.distinct())}
    return sorted(left, key=lambda text: ("@" not in text, -len(text), text))[:_VALUES]


def search(connection: sa.Connection, erased: Sequence[Named], told: Sequence[str]) -> LeftOver:
    """Where else the database has any of the texts: in every table that its user may read, but for those that were
    erased in. Each is asked by itself, so that one that may not be read hides no other.
    """
    found, unread = [], 0
    inspector = sa.inspect(connection)
    own = {(table.schema or inspector.default_schema_name, table.name) for table in erased}
    for schema in _schemas(connection, erased):
        reflected = inspector.get_multi_columns(schema=schema)
        connection.rollback()
        for (_, name), columns in sorted(reflected.items(), key=lambda one: one[0][1]):
            texts: list[sa.ColumnClause[Any]] = [
                sa.column(str(column["name"])) for column in columns if isinstance(column["type"], _WRITTEN)
            ]
            if (schema, name) in own or not texts:
                continue
            hit = sa.or_(
                sa.false(),
                *(sa.cast(column, sa.Text).contains(one, autoescape=True) for column in texts for one in told),
            )
            table = _clause(Named(schema, name))
            try:
                rows = connection.scalar(sa.select(sa.func.count()).select_from(table).where(hit))
            except sa.exc.DBAPIError:
                unread += 1
            else:
                if rows:
                    shown = name if schema == inspector.default_schema_name else f"{schema}.{name}"
                    found.append((shown, int(rows)))
            finally:
                connection.rollback()
    return LeftOver(found=tuple(found), unread=unread)


def beyond_rollback(connection: sa.Connection, erased: Sequence[Named]) -> str | None:
    """A table that a trigger of MariaDB or MySQL fills and that cannot roll back: what is written there stays, also
    where all the rest is taken back. None where there is none, as far as the database lets its user see its triggers.
    """
    written = " ".join(_triggers(connection, erased))
    if not written:
        return None
    tables = _schema("tables", "table_schema", "table_name", "engine", "table_type")
    engines = _schema("engines", "engine", "transactions")
    unable = connection.execute(
        sa.select(tables.c.table_schema, tables.c.table_name)
        .join(engines, tables.c.engine == engines.c.engine)
        .where(tables.c.table_type == "BASE TABLE", engines.c.transactions != "YES")
        .order_by(tables.c.table_schema, tables.c.table_name)
    )
    # What a procedure writes to stands in no trigger.
    calls = _has_word("call", written)
    schemas = {table.schema or sa.inspect(connection).default_schema_name for table in erased}
    for schema, name in unable:
        if _has_word(name, written) or (calls and schema in schemas):
            return f"{schema}.{name}"
    return None


def _schemas(connection: sa.Connection, erased: Sequence[Named]) -> list[str | None]:
    inspector = sa.inspect(connection)
    own = {table.schema or inspector.default_schema_name for table in erased}
    if connection.dialect.name == "postgresql":
        # A schema of its own is where an audit usually lies.
        own |= {name for name in inspector.get_schema_names() if name != "information_schema"}
    elif connection.dialect.name in ("mysql", "mariadb"):
        # Here schemas are databases, of whatever else: only those that a trigger names.
        written = " ".join(_triggers(connection, erased))
        own |= {name for name in inspector.get_schema_names() if _has_word(name, written)}
    return sorted(own, key=str)


def _triggers(connection: sa.Connection, erased: Sequence[Named]) -> Iterator[str]:
    """What triggers of these tables do, on MariaDB and MySQL."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return
    triggers = _schema("triggers", "event_object_schema", "event_object_table", "action_statement")
    for table in erased:
        yield from connection.scalars(
            sa.select(triggers.c.action_statement).where(
                triggers.c.event_object_schema == (table.schema or sa.func.database()),
                triggers.c.event_object_table == table.name,
            )
        )


def _has_word(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _schema(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns), schema="information_schema")


def _plain(connection: sa.Connection, table: Named) -> list[sa.ColumnClause[str]]:
    """The columns of a table that hold plain text."""
    return [
        sa.column(str(column["name"]), sa.Text)
        for column in sa.inspect(connection).get_columns(table.name, table.schema)
        if isinstance(column["type"], sa.String) and not isinstance(column["type"], sa.Enum)
    ]


def _clause(table: Named) -> sa.TableClause:
    return sa.table(table.name, schema=table.schema)
