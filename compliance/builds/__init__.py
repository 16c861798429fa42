"""The register's rows of builds: begun, made current, retired with their key, and which file is which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from compliance import ledger
from compliance.builds import central, vault
from compliance.builds.tables import build, build_key, pointer
from compliance.purge.tables import EXECUTED, batch
from compliance.register.engine import driver, writing
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_POINTER = "copy"
# In a statement of its own or within another, so that a build and this count are of the same moment.
PURGES = sa.select(sa.func.count()).select_from(batch).where(batch.c.state.in_(EXECUTED)).scalar_subquery()


@dataclass(frozen=True)
class Build:
    """A build's file and the key that opens it (None: plain)."""

    build_id: int
    path: Path
    key: str | None = field(repr=False)


def current(settings: Settings, connection: sa.Connection) -> Build | None:
    """The build that the pointer names; its file may be gone, since the copy may be thrown away."""
    row = connection.execute(
        sa.select(build.c.build_id, build.c.file_name, build_key.c.key)
        .join(pointer, pointer.c.build_id == build.c.build_id)
        .outerjoin(build_key, build_key.c.build_id == build.c.build_id)
        .where(pointer.c.name == _POINTER)
    ).one_or_none()
    return None if row is None else Build(row.build_id, settings.builds / row.file_name, row.key)


def at_hand(settings: Settings, connection: sa.Connection) -> Build | None:
    """The same, to work with: None where the copy was thrown away. Where the copy is in a central database and was made
    on another host, its file is written anew first.

    Raises Refused as compliance.builds.central does.
    """
    found = current(settings, connection)
    return found if found is not None and central.at_hand(settings, found.path, found.key) else None


def publish(settings: Settings, register: sa.Engine, begun: Build) -> None:
    """Puts a finished build where others read it, before it is made current. Raises what central.publish does."""
    central.publish(settings, register, begun.path, begun.key)


def begin(settings: Settings, connection: sa.Connection, run_id: str, now: dt.datetime) -> Build:
    """Enters a build that is to come, in the caller's transaction; a file without such a row is an orphan.

    Raises Refused `encryption_unavailable`.
    """
    build_id = 1 + (connection.execute(sa.select(sa.func.max(build.c.build_id))).scalar() or 0)
    name = f"{build_id:06d}-{run_id[:8]}.duckdb"
    key = vault.new_key(settings)
    connection.execute(
        sa.insert(build).values(
            build_id=build_id, file_name=name, state="building", created_at=now, purges=purges(connection)
        )
    )
    if key is not None:
        connection.execute(sa.insert(build_key).values(build_id=build_id, key=key))
    return Build(build_id, settings.builds / name, key)


def purges(connection: sa.Connection) -> int:
    """How many purges have been carried out; a build that is made now lacks what they removed."""
    return int(connection.execute(sa.select(PURGES)).scalar_one())


def make_current(
    connection: sa.Connection,
    build_id: int,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    purged: int | None = None,
) -> None:
    """Moves the pointer, retires every other build and destroys its key, in the caller's transaction.

    `purged` is how many purges the build lacks, where its making was one of them.
    """
    values: dict[str, object] = {"state": "current"}
    if purged is not None:
        values["purges"] = purged
    retired = list(
        connection.scalars(sa.select(build.c.build_id).where(build.c.state == "current", build.c.build_id != build_id))
    )
    connection.execute(sa.update(build).where(build.c.build_id.in_(retired)).values(state="retired", retired_at=now))
    connection.execute(sa.update(build).where(build.c.build_id == build_id).values(**values))
    moved = connection.execute(sa.update(pointer).where(pointer.c.name == _POINTER).values(build_id=build_id))
    if moved.rowcount == 0:
        connection.execute(sa.insert(pointer).values(name=_POINTER, build_id=build_id))
    for old in retired:
        _destroy_key(connection, old, author, now)


def lacks(connection: sa.Connection, build_id: int, purges: int) -> None:
    """Says of a build that stays current how many purges it lacks: one that removed nothing needs no new build."""
    connection.execute(sa.update(build).where(build.c.build_id == build_id).values(purges=purges))


def throw_away_outdated(connection: sa.Connection, now: dt.datetime) -> bool:
    """Takes the pointer and the key from a build that lacks fewer purges than there are, in the caller's transaction.

    Says whether there was one; its file is then for `remove_files` to overwrite.
    """
    outdated = list(
        connection.scalars(
            sa.select(build.c.build_id)
            .join(pointer, pointer.c.build_id == build.c.build_id)
            .where(pointer.c.name == _POINTER, build.c.purges < PURGES)
        )
    )
    connection.execute(sa.delete(pointer).where(pointer.c.build_id.in_(outdated)))
    connection.execute(sa.update(build).where(build.c.build_id.in_(outdated)).values(state="retired", retired_at=now))
    for old in outdated:
        _destroy_key(connection, old, None, now)
    return bool(outdated)


def abandon(connection: sa.Connection, build_id: int) -> None:
    """Forgets a build that never was anything a figure or a ledger line could refer to."""
    connection.execute(sa.delete(build_key).where(build_key.c.build_id == build_id))
    connection.execute(sa.delete(build).where(build.c.build_id == build_id, build.c.state == "building"))


def end_all(connection: sa.Connection, now: dt.datetime) -> None:
    """No build of a register that was brought back is current: a backup leaves out the keys that opened them."""
    connection.execute(sa.update(build).where(build.c.state == "current").values(state="retired", retired_at=now))
    connection.execute(sa.update(build).where(build.c.state == "building").values(state="failed"))


def recover(settings: Settings, register: sa.Engine) -> None:
    """Clears the builds that runs which died have left, and every file that is no build. Only a running run may."""
    with writing(register) as connection:
        fail_unfinished(connection)
    remove_files(settings, register)


def fail_unfinished(connection: sa.Connection) -> None:
    """Says in the running run's transaction that what it and those before it began is no build, and forgets its key."""
    unfinished = list(connection.scalars(sa.select(build.c.build_id).where(build.c.state == "building")))
    connection.execute(sa.update(build).where(build.c.build_id.in_(unfinished)).values(state="failed"))
    connection.execute(sa.delete(build_key).where(build_key.c.build_id.in_(unfinished)))


@contextmanager
def or_nothing(register: sa.Engine, begun: Build) -> Iterator[None]:
    """Removes the file of a build that is not finished by the end of the block, unless it is current by then.

    A full disk has room again before anybody writes to the register that there was none. Where the register does not
    answer, the file is left for `recover`.
    """
    try:
        yield
    except BaseException:
        # In the line of writers: whether a commit that nobody heard of went through is certain only then.
        with suppress(Refused, OSError, sa.exc.SQLAlchemyError), writing(register) as connection:
            state = connection.scalar(sa.select(build.c.state).where(build.c.build_id == begun.build_id))
            if state in (None, "building"):
                for name in (begun.path.name, f"{begun.path.name}.wal"):
                    begun.path.with_name(name).unlink(missing_ok=True)
        raise


def remove_files(settings: Settings, register: sa.Engine, *, overwrite: bool = False) -> None:
    """Removes every file but the current build's; what cannot be read without its destroyed key is gone with it.

    Who has a file open keeps reading it until done, unless it is overwritten as after a purge: then nobody may.
    """
    for file in replaced(settings, register):
        vault.shred(file) if overwrite else file.unlink(missing_ok=True)
    forget_keys(register)
    clear_central(settings, register, spare_last=not overwrite)


def clear_central(settings: Settings, register: sa.Engine, *, spare_last: bool = False) -> list[str]:
    """Drops what a central database holds of builds that are neither current nor being made; returns what it could not
    drop. Raises Refused as compliance.builds.central does.

    With `spare_last`, the build that was current last stays until the new one has been read: it stands in for it. Never
    where a purge lies between the two.
    """
    keep = _named(register, ["current", "building"])
    return central.clear(settings, register, sorted(keep | (_stands_in(register) if spare_last else set())))


def _stands_in(register: sa.Engine) -> set[str]:
    current = sa.select(build.c.purges).where(build.c.state == "current").scalar_subquery()
    last = (
        sa.select(build.c.file_name)
        .where(build.c.state == "retired", build.c.purges == current)
        .order_by(build.c.build_id.desc())
        .limit(1)
    )
    with register.connect() as connection:
        return set(connection.scalars(last))


def replaced(settings: Settings, register: sa.Engine) -> list[Path]:
    """The files in the folder of builds that are of none that is current or being made."""
    # Listed first: a build that is begun meanwhile is entered before it has a file.
    return _all_but(register, files(settings), ["current", "building"])


def files(settings: Settings) -> list[Path]:
    """What lies in the folder of builds."""
    return sorted(settings.builds.iterdir()) if settings.builds.exists() else []


def make_room(register: sa.Engine, listed: Sequence[Path]) -> None:
    """Removes of what `files` listed what is not the current build's, without a word to the register. Only where no run
    was alive once they were listed.
    """
    for file in _all_but(register, listed, ["current"]):
        file.unlink(missing_ok=True)


def _all_but(register: sa.Engine, listed: Sequence[Path], states: Sequence[str]) -> list[Path]:
    """Those of some files in the folder of builds that are of no build in one of these states by now."""
    keep = _named(register, states)
    return [file for file in listed if file.name.removesuffix(".wal") not in keep]


def _named(register: sa.Engine, states: Sequence[str]) -> set[str]:
    with register.connect() as connection:
        return set(connection.scalars(sa.select(build.c.file_name).where(build.c.state.in_(states))))


def forget_keys(register: sa.Engine) -> None:
    """Has the register's own files let go of destroyed keys and of what else was deleted, as far as the database can.

    SQLite overwrites what it deletes, and its write-ahead log is emptied here unless somebody is reading;
    PostgreSQL rewrites the table of keys and all from which persons go: requests that are answered, corrections, what
    was typed and used, the keys of sources. Its own log, replicas and backups age out by themselves.
    """
    if register.dialect.name == "sqlite":
        with driver(register) as raw:
            raw.execute("pragma wal_checkpoint(truncate)").fetchall()
    else:
        with register.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("vacuum full build_key"))
            connection.execute(sa.text("vacuum full request"))
            connection.execute(sa.text("vacuum full rectification"))
            connection.execute(sa.text("vacuum full draft"))
            connection.execute(sa.text("vacuum full source_task"))


def _destroy_key(connection: sa.Connection, build_id: int, author: ledger.Author | None, now: dt.datetime) -> None:
    destroyed = connection.execute(sa.delete(build_key).where(build_key.c.build_id == build_id)).rowcount
    if destroyed:
        ledger.append(connection, ledger.Event.KEY_DESTROYED, author=author, now=now, build=build_id)
