"""The copy as it is read where it lies in a central PostgreSQL: the same statements, asked of that database.

A day under some rules and facts is a schema beside the build's, made once for all dashboards that read the copy. What
is small (rules, holds, requests) is laid beside it by DuckDB as for a file, and then put there; queries/reading/
status.sql is run in the database. Statements that are DuckDB's own see the database's tables through DuckDB.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.schema import CreateSchema, DropSchema

from compliance.builds import central
from compliance.reading import asks
from compliance.reading.copy import FEW, Choice, Copy, Facts, Item, Reading, Retired, changed, take_over
from compliance.words import queries
from compliance.words.keys import Key
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# What is decided in the database; all else of a reading's schema is laid down by DuckDB.
_DECIDED = ("basis_status", "person_status", "request_status", "request_rest")
# What stands in the place of a build's own table where dates were accepted, or the build is of an earlier version.
_OVER = ("basis", "record", "island")
_CHANGED = ("scope", "scope_key")
_CHOSEN = ("chosen", "answered", "kept_of")
# Days of a build that stay, for the dashboards that read them.
_KEPT = 8
_AT_ONCE = 100_000


@dataclass(frozen=True)
class CentralReading(Reading):
    """A build in the database, seen on one day."""

    _settings: Settings | None = field(default=None, repr=False, compare=False)
    _schemas: tuple[str, str] = field(default=("", ""), repr=False, compare=False)

    def _lasts(self) -> bool:
        return not self._is_gone()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """See Reading. Raises Refused as every use of the copy does."""
        assert self._settings is not None
        with _asked(self._settings, self._schemas):
            yield

    def _run(self, connection: sa.Connection, query: str, binds: dict[str, Any]) -> sa.CursorResult[Any]:
        with self.asked():
            return super()._run(connection, query, binds)

    def window_of(self, person_id: str) -> tuple[int | None, int | None]:
        """See Reading. Raises Retired."""
        return self.one(asks.PERSON_REACH, person_id=person_id)

    def _show_bridge(self, cursor: duckdb.DuckDBPyConnection, number: int) -> None:
        """Where all dashboards read it, unless one of them has."""
        schema, _ = self._schemas
        assert self._settings is not None
        with (
            central.maker(self._settings, schema).connect() as connection,
            central.alone(connection, f"{schema} bridge"),
        ):
            if not connection.scalar(sa.text(queries.load("central_bridge_known")), {"number": number}):
                found = f"memory.{self._space}.bridge_entry where start_number = $number"
                cursor.execute(f'insert into made."{schema}".bridge_entry from {found}', {"number": number})

    def _choice(
        self,
        pseudonyms: Key,
        items: Sequence[Item],
        answered: Sequence[tuple[str, str]],
        kept: Sequence[tuple[str, str, str, str]],
    ) -> Choice:
        with self.asked():
            return _CentralChoice(self, pseudonyms, items, answered, kept)

    def _show_sought(self, connection: sa.Connection, found: pa.Table) -> None:
        connection.exec_driver_sql("set transaction read write")
        connection.exec_driver_sql("create temp table sought (person_id varchar not null) on commit drop")
        fill(connection, "sought", found)
        connection.exec_driver_sql("analyze sought")


class _CentralChoice(Choice):
    """Entries that were picked out, in tables of a session in the database that are nobody else's."""

    def __init__(
        self,
        reading: CentralReading,
        pseudonyms: Key,
        items: Sequence[Item],
        answered: Sequence[tuple[str, str]],
        kept: Sequence[tuple[str, str, str, str]],
    ) -> None:
        super().__init__(reading, pseudonyms, items, answered, kept)
        assert reading._settings is not None
        self._engine = central.reader_alone(reading._settings, *reading._schemas)
        keys = self._cursor.execute(queries.load("basis_keys_chosen")).to_arrow_table()
        with self._engine.connect() as connection:
            tables = {name: self._cursor.execute(f"from temp.{name}").to_arrow_table() for name in _CHOSEN}
            for name, rows in {**tables, "basis_key": keys}.items():
                told = ", ".join(
                    f"{column} {'date' if pa.types.is_date(kind) else 'varchar'}"
                    for column, kind in zip(rows.schema.names, rows.schema.types, strict=True)
                )
                connection.exec_driver_sql(f"create temp table {name} ({told})")
                fill(connection, name, rows)
                connection.exec_driver_sql(f"analyze {name}")
            connection.commit()

    def decide(self, kind: str) -> None:
        """See Choice."""
        with self._engine.connect() as connection:
            own = connection.connection.driver_connection
            # What few entries have, if any, is found out by a look at all. PostgreSQL takes that for done once, and
            # does it again for each entry that was chosen: ten thousand of a million took hours.
            connection.exec_driver_sql("set enable_nestloop = off")
            # What cannot be done otherwise is taken for so dear then that all would be compiled, for seconds.
            connection.exec_driver_sql("set jit = off")
            connection.commit()
        assert own is not None
        central.writes_values(own, True)
        assert isinstance(self._reading, CentralReading)
        try:
            with self._reading.asked():
                super().decide(kind)
        finally:
            central.writes_values(own, False)
        with self._engine.connect() as connection:
            connection.exec_driver_sql("reset enable_nestloop")
            connection.exec_driver_sql("reset jit")
            connection.commit()

    def _close(self) -> None:
        self._engine.dispose()
        super()._close()


class CentralCopy(Copy):
    """A build's schema in the database, as long as somebody reads it."""

    def __init__(self, settings: Settings, file_name: str, build: int) -> None:
        """`file_name` is what the build's file would be called. Raises FileNotFoundError where the build has been
        retired meanwhile, and Refused as compliance.builds.central does.
        """
        self._settings = settings
        self._schema = central.schema_of(file_name)
        if not central.stands(settings, self._schema):
            raise FileNotFoundError(file_name)
        self._open(build, 2)
        try:
            with _asked(settings, [self._schema]):
                self._see()
        except Retired:
            raise FileNotFoundError(file_name) from None

    def _see(self) -> None:
        """Has DuckDB see what the database holds."""
        settings = self._settings
        central.attach(self._root, settings, "copy", read_only=True)
        central.attach(self._root, settings, "made", read_only=False)
        # The build as DuckDB's own statements know it.
        self._root.execute("attach ':memory:' as build")
        with central.reader(settings).connect() as connection:
            held = central.relations(connection, self._schema)
        for name in [*held.tables, *held.views]:
            self._root.execute(f'create view build.main."{name}" as from copy."{self._schema}"."{name}"')
        self._look()

    def _begin(
        self, space: str, as_of: dt.date, key: str, made_from: str, facts: Facts, *, kept: bool
    ) -> CentralReading:
        # What nobody else goes on reading is nobody else's, and goes with who asked.
        told = hashlib.sha256(f"{key}|{_statements()}".encode()).hexdigest()[:24] if kept else secrets.token_hex(12)
        schemas = (central.reading_of(self._schema, told), self._schema)
        engine = central.reader(self._settings, *schemas)
        reading = CentralReading(
            self.build, as_of, key, partial(_is_gone, self._settings, schemas), engine, self._root, space,
            _made_from=made_from, _facts=facts, _settings=self._settings, _schemas=schemas,
        )  # fmt: skip
        if not kept:
            weakref.finalize(reading, _let_go, self._settings, schemas[0])
        return reading

    def _keeps(self) -> int:
        return _KEPT

    def _evaluate(self, *told: Any) -> None:
        with _asked(self._settings, [self._schema]):
            super()._evaluate(*told)

    def _decide(
        self,
        cursor: duckdb.DuckDBPyConnection,
        space: str,
        reading: Reading,
        facts: Facts,
        before: Reading | None,
        binds: Mapping[str, Any],
    ) -> None:
        assert isinstance(reading, CentralReading)
        schema, build = reading._schemas
        # Of its own: who loses the connection loses the right to be alone, and may not notice before it has written.
        making = f"{central.unfinished(schema)}_{secrets.token_hex(3)}"
        with (
            central.maker(self._settings, making, build).connect() as connection,
            central.alone(connection, schema),
        ):
            if not central.is_there(connection, schema):
                if not central.is_there(connection, build):
                    raise Retired
                try:
                    _clear_unfinished(connection, schema)
                    self._lay(cursor, space, connection, making)
                    if not self._decide_part(connection, making, reading, facts, before, binds):
                        self._decide_all(connection, making, binds)
                    for name in _DECIDED[2:]:
                        _make_table(connection, f'"{making}".{name}', name)
                    central.hand_over(connection, self._settings, making)
                    connection.commit()
                    connection.exec_driver_sql(f'alter schema "{making}" rename to "{schema}"')
                    connection.commit()
                except Exception:
                    # A purge may have taken the build away meanwhile: what was made of it must not stay.
                    connection.rollback()
                    for name in (making, _part_of(making)):
                        central.drop(connection, name)
                    if not central.is_there(connection, build):
                        raise Retired from None
                    raise
                central.drop_older(connection, build, _KEPT)
        # Another may have made it since this connection of DuckDB's looked last.
        cursor.execute("call pg_clear_cache()")
        for name in _DECIDED:
            cursor.execute(f'create view memory.{space}.{name} as from copy."{schema}".{name}')
        cursor.execute(f"create view memory.{space}.needed_for_claims as {queries.load('needed_for_claims')}")
        cursor.close()

    def _lay(self, cursor: duckdb.DuckDBPyConnection, space: str, connection: sa.Connection, making: str) -> None:
        """Puts what lies beside the build into a schema of the database."""
        connection.execute(CreateSchema(making))
        connection.commit()
        asked = queries.load("has_view")
        over = [name for name in _OVER if cursor.execute(asked, {"space": space, "name": name}).fetchone() == (True,)]
        names = [*central.tables_of(cursor, "memory", space), *over]
        central.stream(cursor, connection, {name: f"memory.{space}.{name}" for name in names}, making, into="made")
        connection.execute(sa.text(queries.load("person_addresses")))
        _analyse(connection, making, names)

    def _decide_all(self, connection: sa.Connection, making: str, binds: Mapping[str, Any]) -> None:
        _make_table(connection, f'"{making}".basis_status', "status", binds)
        _make_table(connection, f'"{making}".person_status', "person_status")
        _show_claims(connection, making)

    def _decide_part(
        self,
        connection: sa.Connection,
        making: str,
        reading: CentralReading,
        facts: Facts,
        before: Reading | None,
        binds: Mapping[str, Any],
    ) -> bool:
        """Decides what new facts touch, and takes the rest from the reading before, as Copy does. False, and nothing is
        decided, where that is not there any more, or more than few are touched.
        """
        if not isinstance(before, CentralReading) or before._facts.accepted_moves != facts.accepted_moves:
            return False
        old, build = before._schemas
        if not central.is_there(connection, old):
            return False
        part = _part_of(making)
        connection.execute(CreateSchema(part))
        connection.exec_driver_sql(f"set search_path to {part},{old},{build}")
        told = changed(before._facts, facts)
        connection.exec_driver_sql("create table changed (scope varchar, scope_key varchar)")
        fill(connection, "changed", pa.table({name: [one[at] for one in told] for at, name in enumerate(_CHANGED)}))
        _make_table(connection, f"{part}.basis", "touched")
        few = connection.scalar(sa.text(queries.load("few_touched_of")), {"few": FEW, "build": build})
        if few:
            _make_table(connection, f"{part}.island", "touched_islands")
            _analyse(connection, part, ("basis", "island"))
            connection.exec_driver_sql(f"set search_path to {part},{making},{build}")
            _make_table(connection, f"{part}.now", "status", binds)
            for name, table in (("status_before", "basis_status"), ("persons_before", "person_status")):
                # From what was there before, by its name alone.
                connection.exec_driver_sql(f'create view {part}.{name} as table "{old}".{table}')
            _make_table(connection, f'"{making}".basis_status', "status_with_touched")
            _show_claims(connection, making)
            _make_table(connection, f"{part}.basis_status", "status_of_touched_persons")
            _make_table(connection, f'"{making}".person_status', "persons_untouched")
            connection.execute(sa.text(f'insert into "{making}".person_status {queries.load("person_status")}'))
            if connection.scalar(sa.text(queries.load("stored_as_before"))):
                take_over(before, reading)
        connection.exec_driver_sql(f"set search_path to {making},{build}")
        connection.execute(DropSchema(part, cascade=True))
        connection.commit()
        return bool(few)


def _clear_unfinished(connection: sa.Connection, schema: str) -> None:
    """Drops what those have left of a reading who began it, and died or lost their connection."""
    for name in central.unfinished_of(connection, schema):
        central.drop(connection, name)


def _part_of(making: str) -> str:
    """Where what few facts touch is decided, beside what is being made."""
    return f"{making}_part"


def _make_table(connection: sa.Connection, name: str, query: str, binds: Mapping[str, Any] | None = None) -> None:
    told = {bind: value for bind, value in (binds or {}).items() if bind in queries.binds(query)}
    connection.execute(sa.text(f"create table {name} as {queries.load(query)}"), told)


def _show_claims(connection: sa.Connection, schema: str) -> None:
    connection.execute(sa.text(f'create view "{schema}".needed_for_claims as {queries.load("needed_for_claims")}'))


def _analyse(connection: sa.Connection, schema: str, names: Iterable[str]) -> None:
    """Has the database know how large tables are, which it would guess else, and be slow for it."""
    for name in names:
        connection.exec_driver_sql(f'analyze "{schema}"."{name}"')


def fill(connection: sa.Connection, name: str, rows: pa.Table) -> None:
    """Puts rows into a table of the session's own, in the caller's transaction."""
    own = connection.connection.driver_connection
    assert own is not None
    with own.cursor().copy(f"copy {name} from stdin") as copy:
        for batch in rows.to_batches(_AT_ONCE):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)


@contextmanager
def _asked(settings: Settings, schemas: Sequence[str]) -> Iterator[None]:
    """Says in words what keeps the database from answering. Raises Retired where one of the schemas has gone."""
    try:
        with central.told(settings):
            yield
    except (duckdb.Error, sa.exc.DBAPIError, Refused):
        if _is_gone(settings, schemas):
            raise Retired from None
        if not central.may_read(settings, *schemas):
            # PostgreSQL looks for tables past a schema that somebody may not see into, and says that there are none.
            raise Refused("copy_not_allowed", database=central.database(settings)) from None
        raise


def _is_gone(settings: Settings, schemas: Sequence[str]) -> bool:
    return not central.stands(settings, *schemas)


def _let_go(settings: Settings, schema: str) -> None:
    with central.maker(settings).connect() as connection:
        central.drop(connection, schema)


@cache
def _statements() -> str:
    """Changes with what decides: dashboards of two versions read what each has made."""
    told = "\n".join(queries.load(name) for name in sorted(queries.paths()))
    return hashlib.sha256(told.encode()).hexdigest()
