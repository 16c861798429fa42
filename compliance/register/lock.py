"""Work that one process does at a time; the lock of a process that dies is gone with it."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from compliance.words.refusal import Refused

_SOURCES = 7293
# No source task has these numbers.
_WIPING = 0
_MAILING = -1
_PAUSE_SECONDS = 0.1
_WORK = 7294


@contextmanager
def alone(register: sa.Engine, task_id: int) -> Iterator[bool]:
    """Whether nobody else works at this source task, and nobody will until the end of the block.

    Does not wait. A task that a register calls running while its lock is free was left by a process that died.
    """
    if register.dialect.name == "sqlite":
        # SQLite has no such locks, but everybody who uses it is on this machine.
        with _file(Path(f"{register.url.database}.task-{task_id}.lock")) as held:
            yield held
        return
    with register.connect() as connection:
        # The lock belongs to the session; an open transaction would only be in the way of others.
        connection.execution_options(isolation_level="AUTOCOMMIT")
        held = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_SOURCES, task_id))))
        try:
            yield held
        finally:
            if held:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_SOURCES, task_id)))


@contextmanager
def wiping(register: sa.Engine) -> Iterator[None]:
    """Nobody else wipes until the end of the block; waits for whoever is wiping now."""
    while True:
        with alone(register, _WIPING) as held:
            if held:
                yield
                return
        time.sleep(_PAUSE_SECONDS)


class AtWork:
    """Tells all hosts that a process is at a piece of work, for as long as it is: by a lock of a session that it keeps
    open in the register's database. Says nothing where the register is SQLite, which the hosts of one machine use.
    """

    def __init__(self, register: sa.Engine, work: str) -> None:
        self._register = register
        self._work = work
        self._session: sa.Connection | None = None

    def keep(self) -> None:
        """Takes the lock, or takes it again where the server has lost the session."""
        if self._register.dialect.name == "sqlite":
            return
        if self._session is not None:
            with suppress(Refused):
                self._session.execute(sa.select(1))
                return
            self.end()
        # A register that does not answer for a while stops no work.
        with suppress(Refused), ExitStack() as stack:
            session = stack.enter_context(self._register.connect())
            session.execution_options(isolation_level="AUTOCOMMIT")
            # While the server still holds the lost session's lock for it, that one tells; then this takes it.
            if session.scalar(sa.select(sa.func.pg_try_advisory_lock(_WORK, _number(self._work)))):
                self._session = session
                stack.pop_all()

    def end(self) -> None:
        """Lets the lock go, and its session."""
        if self._session is not None:
            # A server notices that a session is closed when it gets to it: until then the work would look under way.
            if not self._session.invalidated:
                with suppress(Refused):
                    self._session.execute(sa.select(sa.func.pg_advisory_unlock(_WORK, _number(self._work))))
            self._session.invalidate()
            self._session.close()
            self._session = None


def at_work(connection: sa.Connection, works: Iterable[str]) -> set[str]:
    """At which of these pieces of work a process is, on whatever host. None of them where the register is SQLite."""
    if connection.dialect.name == "sqlite":
        return set()
    names = ("locktype", "classid", "objid", "database")
    held, base = (
        sa.table("pg_locks", *map(sa.column, names)),
        sa.table("pg_database", *map(sa.column, ("oid", "datname"))),
    )
    # Told of as it is stored there, without a sign.
    number = sa.cast(held.c.objid, sa.BigInteger)
    asked = (
        sa.select(number)
        .join_from(held, base, base.c.oid == held.c.database)
        .where(base.c.datname == connection.engine.url.database, held.c.locktype == "advisory", held.c.classid == _WORK)
    )
    found = set(connection.scalars(asked))
    return {work for work in works if _number(work) % 2**32 in found}


def _number(work: str) -> int:
    return int.from_bytes(hashlib.sha256(work.encode()).digest()[:4], "big", signed=True)


def mailing(register: sa.Engine) -> AbstractContextManager[bool]:
    """Whether nobody else mails digests, and nobody will until the end of the block. Does not wait."""
    return alone(register, _MAILING)


@contextmanager
def _file(path: Path) -> Iterator[bool]:
    # Never a mere file in its place where a file system knows no locks: that one would outlive its process.
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        if sys.platform != "win32":
            # Removed while it is held: who has opened it meanwhile is refused, since a lock on a file without a name
            # is none. Windows removes no open file; there the library does, once it is closed.
            path.unlink(missing_ok=True)
        lock.release()
