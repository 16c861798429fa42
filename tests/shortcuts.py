"""Short cuts of a test session: the same result for what costs time in every test, and is not what they ask about.

They count in the tests' own process alone: what a test starts as a process of its own goes the whole way, and so does
whoever calls the functions themselves, as the tests of migrations do.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import duckdb_sqlalchemy
import pytest
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import magic
from streamlit.testing.v1 import local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from compliance.register import engine as engines
from compliance.words.settings import Settings

Migrate = Callable[[sa.Connection], None]
Open = Callable[[Settings], sa.Engine]

# Files in memory, where nobody waits for a disk after each transaction and each file that is wiped; and what it must
# have free so that a session does not fill it.
_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3
_NAME = "compliance-tests"


def folder() -> Path:
    """A new folder for all that a session makes, in memory where there is room for it.

    What a session left that was killed goes: it would hold its memory until the machine is started anew.
    """
    for left in _MEMORY.glob(f"{_NAME}-*-*"):
        if not Path("/proc", left.name.removeprefix(f"{_NAME}-").partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
    roomy = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    made = Path(tempfile.mkdtemp(prefix=f"{_NAME}-{os.getpid()}-", dir=_MEMORY if roomy else None))
    # Database servers are other users: they may pass through, and see nothing on their way.
    made.chmod(0o711)
    return made


def take(patch: pytest.MonkeyPatch) -> None:
    """Takes all of them, for as long as the patch lasts."""
    patch.setattr(duckdb, "connect", thrifty(duckdb.connect))
    patch.setattr(engines, "migrate", played_again(engines.migrate))
    patch.setattr(engines, "_open", compiling_once(patch, engines._open))
    # Each app of a test looks through the metadata of all that is installed for components, and finds the same.
    patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
    # Each run of an app reads and changes the syntax of its scripts anew, where a server keeps what it has compiled: a
    # third of a page's time. It is kept by the script's text.
    patch.setattr(magic, "add_magic", cache(magic.add_magic))
    patch.setattr(local_script_runner, "require_widgets_deltas", until_it_has_run)
    # Sign by sign it is looked what kind of statement one is, thousands of them each time that entries are decided on.
    words = "_top_level_sql_words"
    patch.setattr(duckdb_sqlalchemy, words, cache(getattr(duckdb_sqlalchemy, words)))


def until_it_has_run(runner: LocalScriptRunner, timeout: float = 3) -> None:
    """Waits until the script of an app has run, without asking a thousand times a second what all has happened so far.

    Raises RuntimeError where it takes longer than `timeout` seconds, as what it stands for does.
    """
    if runner._script_thread is not None:
        runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise RuntimeError(f"the script of an app ran for more than {timeout} s")


def thrifty(connect: Callable[..., duckdb.DuckDBPyConnection]) -> Callable[..., duckdb.DuckDBPyConnection]:
    """Connections that do not check the signature of DuckDB's own extension again, and work in one thread.

    Every connection to an encrypted build loads it, and computes a digest of its twenty megabytes first: a tenth of a
    second each time. A handful of rows is never shared between threads, which are planned for and woken all the same:
    a seventh of an intake's time.
    """

    @functools.wraps(connect)
    def connected(*given: Any, config: dict[str, Any] | None = None, **named: Any) -> duckdb.DuckDBPyConnection:
        thrift = {"allow_unsigned_extensions": "true", "threads": 1}
        return connect(*given, config={**(config or {}), **thrift}, **named)

    return connected


def compiling_once(patch: pytest.MonkeyPatch, opening: Open) -> Open:
    """Registers that share what is compiled for them: every test opens one of its own, and asks it the same.

    What is compiled is kept for a dialect, so all of one kind pass for the same one.
    """
    shared: LRUCache[Any, Any] = LRUCache(5000)
    patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
    patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))

    @functools.wraps(opening)
    def opened(settings: Settings) -> sa.Engine:
        register = opening(settings)
        register._compiled_cache = shared
        return register

    return opened


def played_again(migrate: Migrate) -> Migrate:
    """Migrations that are worked out once per kind of database, and whose statements every empty one after it gets.

    One that has them all already, as a copy of another, is not asked what it lacks: that means to read all migrations.
    """
    known: dict[str, list[tuple[str, Any]]] = {}
    newest = cache(engines._heads)

    @functools.wraps(migrate)
    def migrated(connection: sa.Connection) -> None:
        tables = sa.inspect(connection).get_table_names()
        if tables:
            version = sa.select(sa.column("version_num", sa.String)).select_from(sa.table("alembic_version"))
            if "alembic_version" not in tables or {*connection.scalars(version)} != newest():
                migrate(connection)
            return
        kind = connection.dialect.name
        if kind in known:
            # By the driver itself: SQLAlchemy would look through the answer of each of them.
            cursor = connection.connection.cursor()
            for statement, parameters in known[kind]:
                cursor.execute(statement, parameters or ())
            cursor.close()
            return
        told: list[tuple[str, Any]] = []

        def record(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
            told.append((statement, parameters))

        sa.event.listen(connection, "before_cursor_execute", record)
        try:
            migrate(connection)
        finally:
            sa.event.remove(connection, "before_cursor_execute", record)
        known[kind] = _as_it_is(connection) if kind == "sqlite" else told

    return migrated


def _as_it_is(connection: sa.Connection) -> list[tuple[str, Any]]:
    """The statements that make an SQLite database as it is, without how it came to be: a third of them."""
    master = "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite~_%' escape '~'"
    found = connection.exec_driver_sql(f"{master} order by rowid").all()
    tables = [(sql, ()) for kind, _, sql in found if kind == "table"]
    others = [(sql, ()) for kind, _, sql in found if kind != "table"]
    rows = [
        (f'insert into "{name}" values ({", ".join("?" * len(row))})', tuple(row))
        for kind, name, _ in found
        if kind == "table"
        for row in connection.exec_driver_sql(f'select * from "{name}"')
    ]
    return [*tables, *rows, *others]
