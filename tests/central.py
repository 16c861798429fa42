"""A reading's tables in a PostgreSQL, as a central copy would have them: what portable queries are asked there."""

from __future__ import annotations

import io
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as arrow_csv
import sqlalchemy as sa

from compliance.reading.copy import Choice, Reading
from tests import servers

_TYPES = {"UBIGINT": "numeric(20)", "TIMESTAMP WITH TIME ZONE": "timestamptz", "DOUBLE": "double precision"}
_STRUCT = "STRUCT("
# Lists are of words, and what a source told beside a date that it moved is of dates: nothing in them needs quotes.
_LIST = "'{{' || array_to_string({0}, ',') || '}}'"
_FIELDS = "'(' || concat_ws(',', {0}) || ')'"


def _fields(kind: str) -> list[tuple[str, str]]:
    inner = kind.removeprefix(_STRUCT).removesuffix(")")
    return [(name.strip('"'), of) for name, of in (one.split(" ", 1) for one in inner.split(", "))]


def stream(tables: Any, schema: str, name: str, into: psycopg.Connection) -> None:
    """Makes a table of DuckDB's, `tables` being a cursor that sees it, in a schema of PostgreSQL, and fills it."""
    columns, told = [], []
    for column, kind, *_ in tables.execute(f"describe {name}").fetchall():
        if kind.startswith(_STRUCT):
            fields = _fields(kind)
            made = f"{schema}.told_{'_'.join(field.split('_')[0] for field, _ in fields)}"
            if into.execute("select to_regtype(%s)", [made]).fetchone() == (None,):
                into.execute(f"create type {made} as ({', '.join(f'{field} {of}' for field, of in fields)})")
            columns.append(f"{column} {made}")
            parts = ", ".join(f"coalesce(cast({column}.{field} as varchar), '')" for field, _ in fields)
            told.append(f"case when {column} is not null then {_FIELDS.format(parts)} end as {column}")
        else:
            columns.append(f"{column} {_TYPES.get(kind, kind.lower())}")
            told.append(f"{_LIST.format(column)} as {column}" if kind.endswith("[]") else column)
    into.execute(f"create table {schema}.{name} ({', '.join(columns)})")
    read = tables.execute(f"select {', '.join(told)} from {name}").to_arrow_reader(100_000)
    written = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with into.cursor().copy(f"copy {schema}.{name} from stdin (format csv)") as copy:
        for batch in read:
            content = io.BytesIO()
            arrow_csv.write_csv(pa.Table.from_batches([batch]), content, written)
            copy.write(content.getvalue())


def published(reading: Reading, choice: Choice, socket: str, database: str) -> sa.Engine:
    """A database with all that queries over the reading, and over the choice from it, can ask for."""
    url = servers.create(socket, database)
    tables = choice._cursor
    names = tables.execute(
        "select table_name from information_schema.tables"
        " where table_catalog in ('temp', 'build') or table_schema = $space order by all",
        {"space": reading._space},
    ).fetchall()
    with servers.connect(socket, database) as into:
        into.execute("create schema copy")
        for (name,) in dict.fromkeys(names):
            stream(tables, "copy", name, into)
        into.execute("analyze")
    return sa.create_engine(url, connect_args={"options": "-c search_path=copy -c timezone=UTC"})
