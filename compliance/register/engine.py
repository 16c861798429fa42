"""Opens the register and brings its schema up to date."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from compliance.register import kind, watch
from compliance.words import disks, files
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# How long a writer waits for another, on either database.
_PATIENCE_SECONDS: float = 30
# Shorter than the second after which PostgreSQL looks whether two wait for each other.
_ONE_TRY_SECONDS = 0.2
_WAL_TRIES = 200
_CANNOT = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
# What PostgreSQL says of a statement that it has broken off: too long, too much of its disk or its memory.
BROKEN_OFF = ("57014", "53400", "53200")
# What it says of itself: a lock that came not in time, a disk without room, a server that only reads, and so on.
_STATES = {
    "55P03": "register_busy",
    "40P01": "register_busy",
    "53100": "register_full",
    "25006": "register_closed",
    "42501": "register_not_allowed",
    **dict.fromkeys(BROKEN_OFF, "register_stopped"),
    # Texts that are too long or of no signs, numbers that are too large.
    "22001": "value_unfit",
    "22003": "value_unfit",
    "22021": "value_unfit",
}
# Of several hosts that an address names, the one that is written to: a replica knows nothing of a minute ago.
_PRIMARY = {"target_session_attrs": "primary"}
# Hosts die without a word: whoever waits for one gives it up within a minute or so, and not after hours.
_FAR = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# The same of the server, where what such a host did alone would stay its own for as long.
_LET_GO = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }.items()
)
# What the driver says where there is none.
_REPLICA = "hot standby"
# What keeps the register from answering this once, and says nothing of what it would have answered.
_UNANSWERED = frozenset(
    (
        "register_busy",
        "register_full",
        "register_closed",
        "register_not_allowed",
        "register_stopped",
        "register_unreachable",
        "register_unusable",
        "disk_full",
        "folder_closed",
    )
)
_WRITER_LOCK = 7292
_MIGRATIONS = Path(__file__).parent / "migrations"
_engines: dict[str, sa.Engine] = {}
_marked: set[tuple[str, Path, str]] = set()
_opening = threading.Lock()


def engine(settings: Settings) -> sa.Engine:
    """The register's engine, one per URL and process; the first call migrates the database.

    Raises Refused `store_is_real` for a demo where a store has been used with a sign-in, `store_open_to_others` where
    others can read it and that cannot be changed from here, `store_unusable` where it is no folder, `setting_invalid`
    for a URL of no register, and `register_newer` or `register_unusable` for a database that is not one of ours.
    """
    kind.check_folder(settings)
    asked = (settings.register_url, settings.store, settings.login)
    with _opening:
        if settings.register_url not in _engines:
            _engines[settings.register_url] = _open(settings)
        opened = _engines[settings.register_url]
        if asked not in _marked:
            _mark(settings, opened)
            _marked.add(asked)
        return opened


def _mark(settings: Settings, opened: sa.Engine) -> None:
    with opened.connect() as connection:
        wanted = kind.check(settings, connection)
    if wanted is not None:
        with writing(opened) as connection:
            kind.mark(settings, connection, wanted)


def reader(settings: Settings) -> sa.Engine:
    """The register, to be read alone: where it can be written as `engine` opens it, and else as it lies there, as on a
    disk that is mounted for reading.

    Raises Refused `register_missing`, `register_unreadable`, `register_older` where an earlier version has written it
    and nothing can be changed, and what `engine` does.
    """
    url = _url(settings)
    if url.get_backend_name() == "postgresql":
        _refuse_empty(url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return engine(settings)
    file = Path(url.database)
    if not file.exists():
        # To make one here would be to find nothing wrong where the disk is not mounted.
        raise Refused("register_missing", file=file.name)
    if all(os.access(path, os.W_OK) for path in (file, file.parent)):
        return engine(settings)
    opened = sa.create_engine(
        "sqlite://", creator=lambda: _connect_to_read(file), poolclass=sa.pool.NullPool, hide_parameters=True
    )
    opened.update_execution_options(register_settings=settings)
    try:
        with opened.connect() as connection:
            version = connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version")))
    except sa.exc.DatabaseError:
        raise Refused("register_unreadable", file=file.name) from None
    if version not in _heads():
        raise Refused("register_older", file=file.name)
    return opened


def _refuse_empty(url: sa.URL) -> None:
    """A database without a register is another than was meant: to make one there would be to find nothing wrong."""
    opened = sa.create_engine(url, poolclass=sa.pool.NullPool, hide_parameters=True, connect_args=far(url))
    sa.event.listen(opened, "handle_error", _told)
    with opened.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            raise Refused("register_missing", file=url.database)


def _connect_to_read(file: Path) -> sqlite3.Connection:
    """Without a lock, which could not be written; so only where nothing waits beside the file to be written into it."""
    waiting = file.with_name(f"{file.name}-wal")
    is_whole = not waiting.exists() or waiting.stat().st_size == 0
    uri = f"{file.resolve().as_uri()}?mode=ro{'&immutable=1' if is_whole else ''}"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _heads() -> set[str]:
    return set(ScriptDirectory(str(_MIGRATIONS)).get_heads())


@contextmanager
def writing(register: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: all of it or nothing, and one after the other.

    A hold that is placed and a purge that looks for holds can therefore never both believe they were first.
    """
    with _in_turn(register), register.connect() as connection:
        connection.execution_options(register_writes=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                # SQLite takes its write lock when the transaction begins; here this lock does the same.
                _wait_at_most(connection, _PATIENCE_SECONDS)
                connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
            with watch.watching(connection):
                yield connection


_turning = threading.Lock()
_turns: weakref.WeakKeyDictionary[sa.Engine, threading.RLock] = weakref.WeakKeyDictionary()


@contextmanager
def _in_turn(register: sa.Engine) -> Iterator[None]:
    """Has those of this process who would write to a SQLite wait for each other, before they ask it for its lock: it
    has whoever waits sleep and look again, longer and longer, and whoever came last may be first. Who waits too long
    is told by it as for another process.
    """
    if register.dialect.name != "sqlite":
        yield
        return
    with _turning:
        turn = _turns.setdefault(register, threading.RLock())
    has_it = turn.acquire(timeout=_PATIENCE_SECONDS)
    try:
        yield
    finally:
        if has_it:
            turn.release()


def hold_all(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Has nobody read these tables until the caller's transaction ends; whoever reads some of them already may read the
    others first. Raises Refused `register_busy` where they do not come to an end.

    Locks are taken one by one, and those of tables that are dropped too: whoever reads a second table while it is held,
    and is waited for because of a first one, would have the database break off one of the two.
    """
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.format_table
    wanted = sa.text(f"lock table {', '.join(map(quote, tables))} in access exclusive mode")
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            # What it has got goes back with the savepoint.
            with connection.begin_nested():
                _wait_at_most(connection, _ONE_TRY_SECONDS)
                connection.execute(wanted)
                _wait_at_most(connection, _PATIENCE_SECONDS)
                return
        except Refused as refused:
            if refused.code != "register_busy" or time.monotonic() > until:
                raise
        time.sleep(_ONE_TRY_SECONDS)


def _wait_at_most(connection: sa.Connection, seconds: float) -> None:
    told = sa.func.set_config("lock_timeout", f"{int(seconds * 1000)}ms", True)
    connection.execute(sa.select(told))


@contextmanager
def reading(register: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one moment of the register from its first statement to its last."""
    with register.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Brings a register's schema up to date, or to a state of before, in the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> frozenset[str]:
    """The names of every state of the schema that this program knows."""
    return frozenset(script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def _open(settings: Settings) -> sa.Engine:
    url = _url(settings)
    try:
        if url.get_backend_name() == "sqlite" and url.database:
            file = Path(url.database)
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite would let others read it; what it writes beside it has the same permissions.
            with suppress(OSError):
                file.touch(0o600)
            files.close_to_others(file)
        files.close_to_others(settings.store)
    except OSError as error:
        raise Refused("store_unusable", store=str(settings.store), why=error.strerror) from None
    is_file = url.get_backend_name() == "sqlite"
    how: dict[str, Any] = {"timeout": _PATIENCE_SECONDS} if is_file else far(url)
    # A server that was begun anew has let go of all connections: nobody is to notice by an act that fails.
    # Whoever comes to work with fifty others waits for none of them to be given a connection.
    opened = sa.create_engine(
        url, hide_parameters=True, connect_args=how, pool_pre_ping=not is_file, pool_size=5, max_overflow=45
    )
    sa.event.listen(opened, "handle_error", _told)
    # What the ledger's lines say of rows is keyed, and the keys are where the settings say.
    opened.update_execution_options(register_settings=settings)
    watch.listen(opened)
    if opened.dialect.name == "sqlite":
        _prepare_sqlite(opened)
    # Two processes that start at once migrate in turn, since writers do.
    try:
        with writing(opened) as connection:
            migrate(connection)
    except CommandError:
        raise Refused("register_newer") from None
    except (sqlite3.DatabaseError, sa.exc.DatabaseError) as error:
        # No database, a damaged one, or another program's: the driver's first line says so, and nothing that is in it.
        why = str(getattr(error, "orig", error)).partition("\n")[0]
        raise Refused("register_unusable", why=why) from None
    return opened


def far(url: sa.URL, options: str = "") -> dict[str, Any]:
    """How to connect to a PostgreSQL: to the host that is written to, and noticing when one has died. What the address
    says goes before, but for `options`, which are of the server.
    """
    told = " ".join(one for one in (_LET_GO, str(url.query.get("options", "")), options) if one)
    return {**{name: value for name, value in _FAR.items() if name not in url.query}, **_PRIMARY, "options": told}


def _url(settings: Settings) -> sa.URL:
    """The register's address; what is wrong with it is not repeated, since it may hold a password."""
    try:
        url = sa.make_url(settings.register_url)
        if url.get_backend_name() in ("sqlite", "postgresql"):
            url.get_dialect().import_dbapi()
            return url
    except (sa.exc.ArgumentError, ImportError, ValueError):
        pass
    allowed = "postgresql+psycopg://USER@HOST/NAME, sqlite:////srv/compliance/register.db"
    raise Refused("setting_invalid", name="COMPLIANCE_REGISTER_URL", allowed=allowed) from None


def is_unanswered(refused: Refused) -> bool:
    """Whether a refusal is that the register did not answer: what it was asked is unknown then, and not denied."""
    return refused.code in _UNANSWERED


def size(register: sa.Engine) -> int:
    """About how many bytes the database takes."""
    if register.dialect.name == "sqlite":
        file = Path(register.url.database or "")
        return sum(one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal")) if one.exists())
    with register.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.pg_database_size(register.url.database))) or 0)


@contextmanager
def driver(register: sa.Engine) -> Iterator[Any]:
    """A connection of the database's own driver, for what SQLAlchemy would put into a transaction.

    Raises Refused as every use of the register does.
    """
    with register.connect() as connection:
        try:
            yield connection.connection.driver_connection
        except sqlite3.OperationalError as error:
            raise _of_sqlite(error, register.url) or error from None


def _told(context: sa.engine.ExceptionContext) -> None:
    """Says in words what keeps the register from answering; everything else is a fault and stays one."""
    if context.engine is None:
        return
    error, url = context.original_exception, context.engine.url
    refused: Refused | None
    if isinstance(error, sqlite3.OperationalError):
        refused = _of_sqlite(error, url)
    elif isinstance(error, OverflowError | UnicodeEncodeError) or _has_zeros(context):
        # Said by the driver, before the database has seen it.
        refused = Refused("value_unfit")
    else:
        code = told_by_server(context, _STATES, unreachable="register_unreachable", closed="register_closed")
        refused = Refused(code, file=url.database, seconds=_PATIENCE_SECONDS) if code else None
    if refused is not None:
        raise refused


def told_by_server(
    context: sa.engine.ExceptionContext, states: Mapping[str, str], *, unreachable: str, closed: str
) -> str | None:
    """The code of what keeps a PostgreSQL from answering, by its state; `unreachable` where it does not, `closed` where
    only a replica does. None for everything else, which is a fault.
    """
    state = getattr(context.original_exception, "sqlstate", None)
    # A connection that could not be made has no state.
    lost = state is None and isinstance(context.sqlalchemy_exception, sa.exc.OperationalError)
    if lost and _REPLICA in str(context.original_exception):
        return closed
    return unreachable if context.is_disconnect or lost else states.get(str(state))


def _has_zeros(context: sa.engine.ExceptionContext) -> bool:
    """Whether PostgreSQL's driver has not handed on a text, of which zeros are the one thing that it minds."""
    state = getattr(context.original_exception, "sqlstate", None)
    return state is None and isinstance(context.sqlalchemy_exception, sa.exc.DataError)


def _of_sqlite(error: sqlite3.OperationalError, url: sa.URL) -> Refused | None:
    file = Path(url.database or "")
    # The code's low byte is its kind.
    kind = error.sqlite_errorcode & 0xFF
    if kind == sqlite3.SQLITE_FULL or (kind in _CANNOT and disks.is_full(file.parent)):
        # Where a disk is full, some of its files cannot even be opened.
        return disks.full(file.parent)
    if kind in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM) or (kind in _CANNOT and disks.is_closed(file.parent)):
        return Refused("folder_closed", folder=str(file.parent))
    if kind in _CANNOT:
        return Refused("register_unreachable", file=file.name)
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Refused("register_busy", file=file.name, seconds=_PATIENCE_SECONDS)
    return None


def _write_ahead(raw: Any) -> None:
    # SQLite does not wait for its lock here, so that two processes on a new file would trip over each other.
    for _ in range(_WAL_TRIES):
        try:
            raw.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.05)
    raw.execute("pragma journal_mode = wal")


def _prepare_sqlite(opened: sa.Engine) -> None:
    @sa.event.listens_for(opened, "connect")
    def _settings(raw: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: the listener below says when and how.
        raw.isolation_level = None
        _write_ahead(raw)
        raw.execute("pragma synchronous = full")
        raw.execute("pragma foreign_keys = on")
        raw.execute("pragma secure_delete = on")

    @sa.event.listens_for(opened, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("register_writes", False)
        # Readers begin fifty times in a run of a page, and wait for nobody: by the driver, which is what takes no time.
        begin = connection.exec_driver_sql if writes else connection.connection.cursor().execute
        # Two readers that both turn writer would deadlock; a writer says so at once.
        begin("begin immediate" if writes else "begin")
