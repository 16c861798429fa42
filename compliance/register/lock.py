"""Work that one process does at a time; the lock of a process that dies is gone with it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

_SOURCES = 7293
# No source task has these numbers.
_WIPING = 0
_MAILING = -1
_PAUSE_SECONDS = 0.1


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
