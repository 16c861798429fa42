"""The copy in a central PostgreSQL, where an installation has one: each build a schema, as DuckDB wrote its file.

What makes a build is DuckDB, in a file; the file's tables are then streamed into a schema of their own, compared with
it row by row, and read from there by whoever may only read. Whoever needs the file on another host has it written anew
from the schema. A schema is dropped when its build is no longer current: its files are the database's, and what its
log, replicas and backups keep of it ages by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy.schema import CreateSchema, DropSchema

from compliance import ledger
from compliance.builds import vault
from compliance.register.engine import BROKEN_OFF, far, told_by_server
from compliance.words import queries
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# A schema of the copy's says in its name what it is of; that of a reading's day follows that of the build.
_BUILD, _READING, _MAKING = "build_", "reading_", "making_"
_MARK = "compliance_copy"
# How long a schema that goes waits for those who read it still.
_PATIENCE = "30s"
# What PostgreSQL says of itself, by its state.
_STATES = {
    "53100": "copy_full",
    "42501": "copy_not_allowed",
    "55P03": "copy_busy",
    # Whoever reads and whoever drops have waited for each other.
    "40P01": "copy_busy",
    **dict.fromkeys(BROKEN_OFF, "copy_stopped"),
}
# A session that makes the copy is not meant to be one that may only read.
_MAKER_STATES = {**_STATES, "25006": "copy_closed"}
# The same as DuckDB hands it on, which has no states.
_SAID = {
    "No space left": "copy_full",
    "read-only transaction": "copy_closed",
    "permission denied": "copy_not_allowed",
    "deadlock detected": "copy_busy",
    "statement timeout": "copy_stopped",
    "temp_file_limit": "copy_stopped",
    "out of memory": "copy_stopped",
}
_TYPES = {"DOUBLE": "double precision", "UBIGINT": "numeric(20)", "HUGEINT": "numeric(39)"}
_STRUCT = "STRUCT("
# What rows are looked up and joined by: digests, and words of a closed list. Nothing of them is anybody's.
_IDS = ("basis_id", "person_id", "record_id", "org_id")
_COUNTED = (*_IDS, "category", "source", "dataset", "status", "reason", "kind")
_LOOKED_UP = (*_IDS, "source_key", "urgency")


class Column(NamedTuple):
    """A column of a table of DuckDB's, with its type there."""

    name: str
    kind: str

    @property
    def fields(self) -> str | None:
        """The fields of a row within the row, with their types; None for any other column."""
        return self.kind.removeprefix(_STRUCT).removesuffix(")") if self.kind.startswith(_STRUCT) else None


class Relations(NamedTuple):
    """What a schema holds: the names of its tables, and what its views select, by name."""

    tables: list[str]
    views: dict[str, str]


def is_used(settings: Settings) -> bool:
    """Whether the copy is in a PostgreSQL."""
    return settings.copy_url is not None


def database(settings: Settings) -> str | None:
    """The database's name, as refusals tell it."""
    return _url("COMPLIANCE_COPY_URL", settings.copy_url).database


def schema_of(file_name: str) -> str:
    """The schema of the build whose file would be called so."""
    return _BUILD + re.sub(r"\W", "_", file_name.removesuffix(".duckdb"))


def reading_of(build_schema: str, key: str) -> str:
    """The schema of a build as it stands on a day, under some rules and facts."""
    return f"{_READING}{build_schema.removeprefix(_BUILD)}_{key}"


def unfinished(schema: str) -> str:
    """What the schema of a reading is called until all of it is there."""
    return _MAKING + schema.removeprefix(_READING)


def unfinished_of(connection: sa.Connection, schema: str) -> list[str]:
    """What the database holds of those who began a reading and have not ended it."""
    return [name for name in _schemas(connection) if name.startswith(unfinished(schema))]


def maker(settings: Settings, *search_path: str) -> sa.Engine:
    """Connects as who makes the copy, for one act. Raises Refused as every use of the copy does: `copy_unreachable`,
    `copy_closed`, `copy_full`, `copy_stopped`, `copy_not_allowed`, `copy_busy`, and `setting_invalid` for a URL of no
    PostgreSQL.
    """
    # One statement over all entries, in memory; to compile it would take longer than it runs.
    how = " -c work_mem=256MB -c jit=off"
    made = _engine(
        "COMPLIANCE_COPY_URL", settings.copy_url, search_path, how, _MAKER_STATES, poolclass=sa.pool.NullPool
    )
    sa.event.listen(made, "connect", lambda own, _: writes_values(own, True))
    return made


def reader(settings: Settings, *search_path: str) -> sa.Engine:
    """Connects as who may only read; where that is nobody else than who makes, the session may not write.

    All of a process share their connections, whatever they read.
    """
    shared = _shared(settings.copy_url, settings.copy_reader_url)
    if not search_path:
        return shared
    path = ",".join(search_path)
    own = shared.execution_options()
    sa.event.listen(own, "engine_connect", lambda connection: connection.exec_driver_sql(f"set search_path to {path}"))
    return own


def reader_alone(settings: Settings, *search_path: str) -> sa.Engine:
    """Connects as who may only read, by one connection, whose tables of its own are nobody else's."""
    return _engine("COMPLIANCE_COPY_READER_URL", settings.copy_reader_url, search_path, poolclass=sa.pool.StaticPool)


def writes_values(own: psycopg.Connection, into_statements: bool) -> None:
    """Whether the driver writes values into statements, as one that makes a table wants it. Else they go beside: the
    server's log has statements that failed, and what pages ask by may be somebody's.
    """
    own.cursor_factory = psycopg.ClientCursor if into_statements else psycopg.Cursor


def attach(
    con: duckdb.DuckDBPyConnection, settings: Settings, name: str, *, read_only: bool, schema: str | None = None
) -> None:
    """Has a connection of DuckDB's see the database under a name, or one schema of it, which it looks through sooner.

    Raises Refused `copy_unreachable`.
    """
    vault.load(con, "postgres_scanner")
    url = _url("COMPLIANCE_COPY_URL", settings.copy_reader_url if read_only else settings.copy_url)
    _, options = url.get_dialect()().create_connect_args(url)
    password = options.pop("password", None)
    options.update(far(url))
    said = ["type postgres"]
    with _told(url):
        if password is not None:
            # Apart from the rest: DuckDB tells everybody who asks what was attached.
            con.execute(f"create or replace secret {name} (type postgres, password {_quoted(str(password))})")
            said.append(f"secret {name}")
        if read_only:
            said.append("read_only")
        if schema is not None:
            said.append(f"schema {_quoted(schema)}")
        con.execute(f"attach {_quoted(make_conninfo(**options))} as {name} ({', '.join(said)})")


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> list[Column]:
    """The columns of a table that the connection sees, in order."""
    return [Column(name, kind) for name, kind, *_ in con.execute(f"describe {table}").fetchall()]


def tables_of(con: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    """The names of the tables in a schema that the connection sees."""
    told = con.execute(queries.load("central_tables"), {"base": database, "schema": schema}).fetchall()
    return [name for (name,) in told]


def stream(
    con: duckdb.DuckDBPyConnection, connection: sa.Connection, tables: Mapping[str, str], schema: str, *, into: str
) -> None:
    """Makes tables in a schema of the database like those that the connection `con` sees, and fills them from there:
    `tables` says by its name where each is. `con` sees the database as `into`.

    They are there for others at once, and filled all together.
    """
    for name, table in tables.items():
        columns = columns_of(con, table)
        for column in columns:
            if column.fields is not None:
                connection.exec_driver_sql(f'create type "{schema}"."{name}_{column.name}" as ({column.fields})')
        told = ", ".join(f'"{column.name}" {_kind(schema, name, column)}' for column in columns)
        connection.exec_driver_sql(f'create table "{schema}"."{name}" ({told})')
    connection.commit()
    with _told(connection.engine.url):
        con.execute("call pg_clear_cache()")
        con.execute("begin")
        try:
            for name, table in tables.items():
                con.execute(f'insert into {into}."{schema}"."{name}" from {table}')
            con.execute("commit")
        except BaseException:
            # Whoever lets go of a connection with a transaction in it, whose server has gone, ends the whole process.
            with suppress(duckdb.Error):
                con.execute("rollback")
            raise


def hand_over(connection: sa.Connection, settings: Settings, schema: str) -> None:
    """Gives what a schema holds to who reads, with what finds its rows quickly, in the caller's transaction.

    Nothing that is anybody's goes into the database's own statistics, where it would stay when the schema has gone.
    """
    columns = connection.execute(sa.text(queries.load("central_columns")), {"schema": schema}).all()
    for table, column, is_text in columns:
        if column in _LOOKED_UP:
            connection.exec_driver_sql(f'create index on "{schema}"."{table}" ("{column}")')
        if is_text and column not in _COUNTED:
            connection.exec_driver_sql(f'alter table "{schema}"."{table}" alter column "{column}" set statistics 0')
    distribute(connection, schema)
    for table in sorted({table for table, _, _ in columns}):
        connection.exec_driver_sql(f'analyze "{schema}"."{table}"')
    if _user(settings.copy_reader_url) != _user(settings.copy_url):
        who = connection.dialect.identifier_preparer.quote(_user(settings.copy_reader_url) or "")
        connection.exec_driver_sql(f'grant usage on schema "{schema}" to {who}')
        connection.exec_driver_sql(f'grant select on all tables in schema "{schema}" to {who}')


def distribute(connection: sa.Connection, schema: str) -> int:
    """Spreads what a schema holds over the hosts of a Citus, in the caller's transaction: what is of persons by person,
    the rest whole on every host. Returns how many tables were spread; 0 in a PostgreSQL that is one host.
    """
    if not connection.scalar(sa.text(queries.load("central_distributes"))):
        return 0
    columns = connection.execute(sa.text(queries.load("central_columns")), {"schema": schema}).all()
    of_persons = {table for table, column, _ in columns if column == "person_id"}
    tables = list(connection.scalars(sa.text(queries.load("central_spread")), {"schema": schema}))
    # Whole ones first: what is spread may be joined with them from then on.
    for table in sorted(tables, key=lambda one: one in of_persons):
        how = "central_distribute" if table in of_persons else "central_replicate"
        connection.execute(sa.text(queries.load(how)), {"table": f'"{schema}"."{table}"'})
    return len(tables)


def distribute_all(settings: Settings, register: sa.Engine) -> dict[str, int] | None:
    """Spreads every schema of the copy that is there, as `distribute` does; says of how many tables of each. None where
    the database is one host. Raises Refused `copy_of_another`, and as every use of the copy does.
    """
    with maker(settings).connect() as connection:
        if not connection.scalar(sa.text(queries.load("central_distributes"))):
            return None
        if not _is_ours(connection, register):
            return {}
        spread = {name: distribute(connection, name) for name in _schemas(connection)}
        connection.commit()
        return spread


def publish(settings: Settings, register: sa.Engine, path: Path, key: str | None) -> None:
    """Puts a finished build, which nobody reads yet, into the database; does nothing where there is none.

    Raises Refused `copy_differs` where what is there then is not what the file holds, `copy_of_another` where the
    database is another register's, and as every use of the copy does.
    """
    if not is_used(settings):
        return
    schema = schema_of(path.name)
    with (
        maker(settings).connect() as connection,
        _bench(path, key, read_only=True) as con,
        alone(connection, schema),
    ):
        if not _is_ours(connection, register):
            connection.execute(CreateSchema(_MARK))
            connection.exec_driver_sql(f"comment on schema {_MARK} is '{_mark_of(register)}'")
        connection.execute(DropSchema(schema, cascade=True, if_exists=True))
        connection.execute(CreateSchema(schema))
        connection.commit()
        attach(con, settings, "copy", read_only=False, schema=schema)
        tables = {name: f'build.main."{name}"' for name in tables_of(con, "build", "main")}
        stream(con, connection, tables, schema, into="copy")
        connection.exec_driver_sql(f'set local search_path to "{schema}"')
        for name, made_by in con.execute(queries.load("central_views"), {"base": "build"}).fetchall():
            connection.exec_driver_sql(f'create view "{name}" as {made_by.partition(" AS ")[2].removesuffix(";")}')
        hand_over(connection, settings, schema)
        connection.commit()
        with _told(connection.engine.url):
            for name, table in tables.items():
                if _digest(con, table) != _digest(con, f'copy."{schema}"."{name}"'):
                    raise Refused("copy_differs", build=schema, table=name)


def at_hand(settings: Settings, path: Path, key: str | None) -> bool:
    """Whether the file of the current build is there, or could be written anew from the database.

    Raises Refused as every use of the copy does.
    """
    if path.exists():
        return True
    if not is_used(settings):
        return False
    schema = schema_of(path.name)
    with reader(settings).connect() as connection:
        if not is_there(connection, schema):
            return False
        held = relations(connection, schema)
    # One that is half written would be a build to the next who looks.
    half = path.with_suffix(".fetched")
    vault.shred(half)
    try:
        with _bench(half, key, read_only=False) as con, _told(_url("COMPLIANCE_COPY_URL", settings.copy_url)):
            attach(con, settings, "copy", read_only=True, schema=schema)
            con.execute("use build")
            for name in held.tables:
                con.execute(f'create table "{name}" as from copy."{schema}"."{name}"')
            for name, told in held.views.items():
                con.execute(f'create view "{name}" as {told}')
        half.chmod(0o600)
        half.rename(path)
    finally:
        for name in (half.name, f"{half.name}.wal"):
            vault.shred(half.with_name(name))
    return True


def is_there(connection: sa.Connection, schema: str) -> bool:
    """Whether the database has a schema of that name."""
    return bool(connection.scalar(sa.text(queries.load("central_is_there")), {"schema": schema}))


def stands(settings: Settings, *schemas: str) -> bool:
    """Whether all of these schemas are there. Raises Refused as every use of the copy does."""
    with reader(settings).connect() as connection:
        return all(is_there(connection, schema) for schema in schemas)


def may_read(settings: Settings, *schemas: str) -> bool:
    """Whether who reads sees into these schemas, which are there. Raises Refused as every use of the copy does."""
    asked = sa.text(queries.load("central_may_read"))
    with reader(settings).connect() as connection:
        return all(connection.scalar(asked, {"schema": schema}) for schema in schemas)


def relations(connection: sa.Connection, schema: str) -> Relations:
    """What a schema holds, its views as they select among its own tables. Ends the transaction."""
    # Else what a view selects would name the schema.
    connection.exec_driver_sql(f'set local search_path to "{schema}"')
    found = connection.execute(sa.text(queries.load("central_relations")), {"schema": schema}).all()
    connection.rollback()
    return Relations(
        [name for name, is_view, _ in found if not is_view],
        {name: told.rstrip().removesuffix(";") for name, is_view, told in found if is_view},
    )


def clear(settings: Settings, register: sa.Engine, keep: Sequence[str]) -> list[str]:
    """Drops what the database holds of builds that are not among the files named in `keep`, and of days of those.

    Returns what could not be dropped, since somebody reads it. Raises Refused `copy_of_another`, and as every use of
    the copy does.
    """
    if not is_used(settings):
        return []
    kept = {schema_of(name) for name in keep}
    with maker(settings).connect() as connection:
        if not _is_ours(connection, register):
            return []
        stays: list[str] = []
        has_dropped = False
        # A day that another dashboard was making of a build while that was dropped is there only then.
        while gone := [name for name in _schemas(connection) if _build_of(name) not in kept and name not in stays]:
            left = [name for name in gone if not drop(connection, name)]
            has_dropped = has_dropped or len(gone) > len(left)
            stays += left
    if has_dropped:
        # As far as it lets us; a database's owner may.
        with maker(settings).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum (skip_locked) pg_catalog.pg_statistic")
    return stays


def drop(connection: sa.Connection, schema: str) -> bool:
    """Drops a schema, in a transaction of its own; False where whoever reads it does not let it go."""
    connection.commit()
    try:
        connection.exec_driver_sql(f"set local lock_timeout = '{_PATIENCE}'")
        connection.execute(DropSchema(schema, cascade=True, if_exists=True))
        connection.commit()
    except Refused as refused:
        connection.rollback()
        if refused.code != "copy_busy":
            raise
        return False
    return True


def drop_older(connection: sa.Connection, build_schema: str, kept: int) -> None:
    """Drops all but the last few days of a build, and the builds before it: they stood in for it until it was read.
    Whoever still reads one asks anew.
    """
    held = _schemas(connection)
    days = [name for name in held if name.startswith(_READING) and _build_of(name) == build_schema]
    before = [name for name in held if _number(name) < _number(build_schema)]
    for name in [*before, *days[:-kept]]:
        drop(connection, name)


@contextmanager
def alone(connection: sa.Connection, what: str) -> Iterator[None]:
    """Nobody else does meanwhile, on any host, what bears this name."""
    number = {"number": int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)}
    connection.execute(sa.text(queries.load("central_lock")), number)
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(sa.text(queries.load("central_unlock")), number)
        connection.commit()


@contextmanager
def _bench(path: Path, key: str | None, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(":memory:", config={"threads": 2, "temp_directory": ""})
    try:
        vault.attach(con, path, "build", key=key, read_only=read_only)
        yield con
    finally:
        con.close()


def _digest(con: duckdb.DuckDBPyConnection, table: str) -> tuple[Any, ...] | None:
    """How many rows there are and what they hold, whatever their order."""
    return con.execute(f"select count(*), sum(hash(one)) from {table} as one").fetchone()  # noqa: S608 - names of our own


def _kind(schema: str, name: str, column: Column) -> str:
    if column.fields is not None:
        return f'"{schema}"."{name}_{column.name}"'
    return _TYPES.get(column.kind, column.kind)


def _is_ours(connection: sa.Connection, register: sa.Engine) -> bool:
    """Whether the copy is this register's; False where it is nobody's. Raises Refused `copy_of_another`."""
    found = connection.execute(sa.text(queries.load("central_mark")), {"mark": _MARK}).one_or_none()
    # PostgreSQL keeps no comment that is empty, as the mark of a register without lines is.
    if found is not None and (found.mark or "") != _mark_of(register):
        raise Refused("copy_of_another", database=connection.engine.url.database)
    return found is not None


def _mark_of(register: sa.Engine) -> str:
    with register.connect() as connection:
        return ledger.identity(connection)


def _schemas(connection: sa.Connection) -> list[str]:
    """What is the copy's in the database, in the order in which it was made."""
    names = connection.scalars(sa.text(queries.load("central_schemas")))
    return [name for name in names if name.startswith((_BUILD, _READING, _MAKING))]


def _build_of(schema: str) -> str:
    """The build that a schema is of; its own name for a build's."""
    for kind in (_READING, _MAKING):
        if schema.startswith(kind):
            return _BUILD + "_".join(schema.removeprefix(kind).split("_")[:2])
    return schema


def _number(schema: str) -> int:
    return int(_build_of(schema).split("_")[1])


@contextmanager
def told(settings: Settings) -> Iterator[None]:
    """Says in words what keeps the database from answering DuckDB; everything else is a fault and stays one. Raises
    Refused as every use of the copy does.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        # What the server could not be asked, or did not answer, has one of these two kinds; of its own DuckDB says
        # neither of a statement that is wrong.
        if type(error) is not duckdb.Error and not isinstance(error, duckdb.OperationalError):
            raise
        raise Refused(_code_of(error), database=database(settings)) from None


@contextmanager
def _told(url: sa.URL) -> Iterator[None]:
    """Says in words what DuckDB could not do in the database: what it quotes holds the address, or is somebody's."""
    try:
        yield
    except duckdb.Error as error:
        raise Refused(_code_of(error), database=url.database) from None


def _code_of(error: duckdb.Error) -> str:
    said = str(error)
    return next((code for text, code in _SAID.items() if text in said), "copy_unreachable")


@cache
def _shared(made_by: str | None, read_by: str | None) -> sa.Engine:
    only = " -c default_transaction_read_only=on" if _user(made_by) == _user(read_by) else ""
    return _engine("COMPLIANCE_COPY_READER_URL", read_by, (), only, pool_size=5, max_overflow=45, pool_pre_ping=True)


def _engine(
    name: str,
    told: str | None,
    search_path: Sequence[str],
    how: str = "",
    states: Mapping[str, str] = _STATES,
    **pool: Any,
) -> sa.Engine:
    url = _url(name, told)
    path = f" -c search_path={','.join(search_path)}" if search_path else ""
    options = far(url, f"-c timezone=UTC{path}{how}")
    opened = sa.create_engine(url, hide_parameters=True, connect_args=options, **pool)
    sa.event.listen(opened, "handle_error", partial(_refuse, states))
    return opened


def _refuse(states: Mapping[str, str], context: sa.engine.ExceptionContext) -> None:
    """Says in words what keeps the database from answering; everything else is a fault and stays one."""
    code = told_by_server(context, states, unreachable="copy_unreachable", closed="copy_closed")
    if code is not None and context.engine is not None:
        raise Refused(code, database=context.engine.url.database)


def _user(told: str | None) -> str | None:
    return _url("COMPLIANCE_COPY_URL", told).username


@cache
def _url(name: str, told: str | None) -> sa.URL:
    """The database's address; what is wrong with it is not repeated, since it may hold a password."""
    try:
        url = sa.make_url(told or "")
        if url.drivername == "postgresql+psycopg" and url.database:
            return url
    except (sa.exc.ArgumentError, ValueError):
        pass
    raise Refused("setting_invalid", name=name, allowed="postgresql+psycopg://USER@HOST/NAME")


def _quoted(told: str) -> str:
    return "'" + told.replace("'", "''") + "'"
