"""Backups of the register: one SQLite file, whatever the database, and the way back into either.

A backup is a register without the keys of the copy's builds and without the pointer to one: what a key opened stays
closed, and the copy is made anew from the exports. Everything else is there, contact details of open requests included,
so a backup is kept as well as the register is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from compliance import builds, evidence, ledger, runs
from compliance.access import sessions
from compliance.builds import tables as builds_tables
from compliance.ledger import tables as ledger_tables
from compliance.operations import replay
from compliance.register import areas, kind, metadata
from compliance.register import engine as engines
from compliance.register.engine import hold_all, migrate, reading, revisions, writing
from compliance.register.tables import installation
from compliance.words import disks, files
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_AT_ONCE = 5000
_SCRATCH = "saving"
_LEFT_OUT = {builds_tables.build_key.name, builds_tables.pointer.name}
_TABLES = [table for table in areas.every_table().sorted_tables if table.name not in _LEFT_OUT]

# Beside the tables of the register: how each looked when it was saved.
_contents = sa.Table(
    "saved_content",
    sa.MetaData(),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)


@dataclass(frozen=True)
class Restored:
    """How many rows came back, where the replaced register was saved, and what was replayed; None where nobody agreed
    to that, and nothing is shown.
    """

    rows: int
    replaced: Path | None
    replayed: replay.Replayed | None


def save(register: sa.Engine, file: Path, now: dt.datetime) -> int:
    """Backs the register up into a new file, and returns the number of rows. A line of the ledger says that it was
    begun, and once the file is whole another that it was done.

    The rows are those of one moment, and nobody waits meanwhile. Raises Refused `file_exists`, `disk_too_small`, and
    what files.unwritable says.
    """
    rows = _write(register, file, now)
    with writing(register) as connection:
        ledger.append(connection, ledger.Event.REGISTER_SAVED, author=None, now=now, details={"rows": rows})
    return rows


def _write(register: sa.Engine, file: Path, now: dt.datetime) -> int:
    """A backup whose last line, and the register's, is that it was begun."""
    if file.exists():
        raise Refused("file_exists", file=file.name)
    scratch = files.beside(file.with_name(f"{file.name}.{_SCRATCH}"))
    # Each night's has another name; what one that was killed has left holds contact details for longer than any backup.
    files.sweep_all(file.parent, _SCRATCH)
    disks.need(file.parent.resolve(), engines.size(register))
    try:
        scratch.touch(0o600, exist_ok=False)
        with writing(register) as connection:
            ledger.append(connection, ledger.Event.REGISTER_SAVING, author=None, now=now)
        with _engine(sqlite3.connect(scratch)) as target, reading(register) as source, target.begin() as sink:
            migrate(sink)
            rows = _copy(source, sink)
            _seal(sink)
        files.settle(scratch, file)
    except (OSError, sqlite3.OperationalError, sa.exc.OperationalError) as error:
        _remove(scratch)
        raise files.unwritable(file, error) from None
    finally:
        _remove(scratch)
    return rows


def _remove(scratch: Path) -> None:
    for suffix in ("", "-journal"):
        with suppress(OSError):
            scratch.with_name(scratch.name + suffix).unlink()


def restore(
    settings: Settings,
    register: sa.Engine,
    file: Path,
    now: dt.datetime,
    *,
    replace: bool = False,
    agree: replay.Agree = replay.always,
    unsigned: bool = False,
    any_register: bool = False,
    told: Sequence[evidence.Head] = (),
    accept_loss: bool = False,
) -> Restored:
    """Brings a backup back into an empty register, all of it or nothing, and replays the purges made since, as far as
    `agree` agrees (the other words are those of replay.replay).

    A backup knows how much evidence there was when it was made, and `told` how much checkpoints knew: a restore that
    finds less is refused, unless the loss is accepted, since it could not keep out whom it does not know.

    With `replace` the register need not be empty: it is first backed up beside `file`, then replaced. Builds that were
    current are retired and runs that were under way have failed, since neither survives without what is not saved.

    Raises Refused `file_unreadable`, `backup_damaged`, `backup_newer`, `register_not_empty`, `register_changed` where
    somebody wrote between its backup and its replacement, `evidence_gone`, `evidence_elsewhere`, and what `save` and
    replay.replay raise; all that before anything has changed.
    """
    with _checked(file) as source, source.connect() as saved:
        if not any_register:
            evidence.refuse_elsewhere(settings, saved)
        lacking = evidence.lacking(settings, saved, told, any_register=any_register)
        if lacking and not accept_loss:
            raise evidence.gone_refused(settings, lacking)
        if replace:
            # What an earlier version kept is signed by the register that knows it, as long as there is one.
            evidence.refresh(settings, register, now)
        aside = _save_aside(register, file, now, replace)
        with writing(register) as connection:
            before = _head(connection)
            if aside is None and not _is_empty(connection):
                raise Refused("register_not_empty")
            marked = kind.forget(connection)
            if aside is not None:
                with _checked(aside) as engine, engine.connect() as kept:
                    if _head(kept) != before:
                        raise Refused("register_changed")
                _clear(connection)
            rows = _copy(saved, connection)
            ledger.begin_again(connection)
            kind.settle(connection, marked)
            builds.end_all(connection, now)
            runs.end_all(connection, now)
            sessions.end_all(connection, now)
            _advance_numbers(connection)
            details: dict[str, ledger.Detail] = {"rows": rows, "replaced_lines": before[0]}
            if aside is not None:
                details["replaced_digest"] = before[1]
            ledger.append(connection, ledger.Event.REGISTER_RESTORED, author=None, now=now, details=details)
    builds.remove_files(settings, register, overwrite=True)
    replayed = replay.replay(
        settings, register, now, agree=agree, unsigned=unsigned, any_register=any_register, told=told,
        accept_loss=accept_loss,
    )  # fmt: skip
    return Restored(rows, aside, replayed)


@contextmanager
def _engine(raw: sqlite3.Connection) -> Iterator[sa.Engine]:
    """An engine over one connection, which is closed afterwards."""
    raw.isolation_level = None
    engine = sa.create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("begin")

    try:
        yield engine
    finally:
        engine.dispose()
        raw.close()


@contextmanager
def _checked(file: Path) -> Iterator[sa.Engine]:
    """A backup that is what was saved, with the schema of today.

    It is a copy without a name, which is gone with the process however that ends: a backup itself never changes.
    Raises Refused `file_unreadable`, `backup_damaged`, `backup_newer`.
    """
    if not file.is_file():
        raise Refused("file_unreadable", file=file.name)
    with _engine(sqlite3.connect("")) as engine:
        try:
            # Nobody writes to a backup, so that it may lie where nothing can be written, not even a lock.
            with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as original:
                original.backup(engine.raw_connection().driver_connection)  # type: ignore[arg-type]
            with engine.begin() as connection:
                _check(connection, file)
        # Damaged bytes come out as whatever they are taken for: no database, no text, no time, no JSON.
        except (sqlite3.DatabaseError, sa.exc.SQLAlchemyError, ValueError, TypeError, LookupError):
            if not os.access(file, os.R_OK):
                raise Refused("file_unreadable", file=file.name) from None
            raise Refused("backup_damaged", file=file.name, part="file") from None
        yield engine


def _copy(source: sa.Connection, sink: sa.Connection) -> int:
    total = 0
    for table in _TABLES:
        chosen = sa.select(table).order_by(*table.primary_key.columns)
        result = source.execute(chosen, execution_options={"yield_per": _AT_ONCE})
        for rows in result.mappings().partitions():
            sink.execute(sa.insert(table), [dict(row) for row in rows])
            total += len(rows)
    return total


def _seal(connection: sa.Connection) -> None:
    """Writes into a backup what its tables look like."""
    told = [_look(connection, name) for name in sa.inspect(connection).get_table_names()]
    _contents.create(connection)
    connection.execute(sa.insert(_contents), told)


def _look(connection: sa.Connection, name: str) -> dict[str, str | int]:
    """How many rows a table has, and the digest of them as the file holds them."""
    digest, count = hashlib.sha256(), 0
    every = sa.select(sa.text("*")).select_from(sa.table(name)).order_by(sa.text("rowid"))
    for row in connection.execute(every, execution_options={"yield_per": _AT_ONCE}):
        digest.update(repr(tuple(row)).encode())
        count += 1
    return {"name": name, "rows": count, "digest": digest.hexdigest()}


def _check(connection: sa.Connection, file: Path) -> None:
    # Rows are read in the order of their numbers, and copied in that of their keys: an index may lack some.
    if connection.exec_driver_sql("pragma integrity_check(1)").scalar() != "ok":
        raise Refused("backup_damaged", file=file.name, part="file")
    names = sa.inspect(connection).get_table_names()
    told = {row["name"]: dict(row) for row in connection.execute(sa.select(_contents)).mappings()}
    if set(names) - {_contents.name} != set(told):
        raise Refused("backup_damaged", file=file.name, part="tables")
    for name in told:
        if _look(connection, name) != told[name]:
            raise Refused("backup_damaged", file=file.name, part=name)
    if (
        connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version")))
        not in revisions()
    ):
        raise Refused("backup_newer", file=file.name)
    migrate(connection)
    for table in _TABLES:
        # The digests are of values, and say nothing of what their columns are called.
        connection.execute(sa.select(table).limit(0))
    verdict = ledger.verify(connection)
    if verdict.broken_at is not None:
        raise Refused("backup_damaged", file=file.name, part=f"ledger {verdict.broken_at}")


def _save_aside(register: sa.Engine, file: Path, now: dt.datetime, replace: bool) -> Path | None:
    with register.connect() as connection:
        if _is_empty(connection):
            return None
    if not replace:
        raise Refused("register_not_empty")
    aside = file.with_name(f"{file.name}.before-{now.astimezone(dt.UTC):%Y%m%dT%H%M%S%f}")
    # Nothing comes after its last line: so it is told that nobody has written meanwhile.
    _write(register, aside, now)
    return aside


def _is_empty(connection: sa.Connection) -> bool:
    return not any(
        connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
        for table in metadata.metadata.sorted_tables
        if table is not installation
    )


def _head(connection: sa.Connection) -> tuple[int, str]:
    last = connection.execute(
        sa.select(ledger_tables.ledger.c.seq, ledger_tables.ledger.c.digest)
        .order_by(ledger_tables.ledger.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return (last.seq, last.digest) if last else (0, ledger.GENESIS)


def _clear(connection: sa.Connection) -> None:
    """Makes the schema anew, since the ledger lets no line go."""
    every, version = areas.every_table(), sa.Table("alembic_version", sa.MetaData())
    hold_all(connection, [*every.sorted_tables, version])
    every.drop_all(connection)
    connection.execute(sa.schema.DropTable(version))
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("drop function ledger_is_append_only"))
    migrate(connection)


def _advance_numbers(connection: sa.Connection) -> None:
    """Has PostgreSQL go on counting after the numbers that were brought back; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in _TABLES:
        column = table.autoincrement_column
        if column is not None:
            highest = sa.select(sa.func.max(column)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, highest)))
