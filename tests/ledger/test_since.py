"""A check goes on from a checkpoint, reads a register that cannot be written, and says where it could not look."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import Author, Event, checkpoint
from compliance.ledger.tables import ledger as table
from compliance.operations import commands, verify
from compliance.register.engine import engine, reader, writing
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.command import Exit
from compliance.words.settings import Settings
from tests import servers
from tests.purges import NOW, ask, purge


@pytest.fixture
def made(register: sa.Engine, register_settings: Settings, tmp_path: Path) -> Path:
    """A checkpoint of a ledger that tells of a request and a purge, and that has gone on since."""
    ask(register)
    purge(register_settings, register, closes="F-1")
    file = tmp_path / "kept" / "checkpoint.json"
    checkpoint.write(register_settings, register, file, NOW)
    with writing(register) as connection:
        ledger.append(connection, Event.EXTRACT_MADE, author=Author("ab", "dpo"), now=NOW)
    return file


def faults(settings: Settings, register: sa.Engine, file: Path) -> list[str]:
    key = keys.signing(settings).public_key()
    report = verify.register(settings, register, checkpoints=[file], key=key, since=file)
    return [one.code for one in report.faults]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the lines that were read one by one."""
    seen: list[int] = []
    lines = ledger.lines

    def noted(connection: sa.Connection, after: int = 0) -> Iterator[Mapping[str, Any]]:
        for line in lines(connection, after):
            seen.append(line["seq"])
            yield line

    monkeypatch.setattr(ledger, "lines", noted)
    return seen


def test_no_line_before_the_checkpoint_is_read_again(
    register: sa.Engine, register_settings: Settings, made: Path, read: list[int]
) -> None:
    signed = checkpoint.read(made)
    assert signed is not None
    assert faults(register_settings, register, made) == []
    assert read == [signed.lines + 1, signed.lines + 2]
    assert verify.register(register_settings, register).faults == ()
    assert read[2] == 1


def meddle(register: sa.Engine, statement: str, **values: object) -> None:
    with register.begin() as connection:
        connection.execute(sa.text(statement), values)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update suppression set expires_on = '2026-01-01' where suppression_id = 1", "rows_changed"),
        ("delete from batch_request", "rows_deleted"),
        ("update ledger set role = 'x' where seq = (select max(seq) from ledger)", "line_changed"),
    ],
)
def test_what_is_changed_is_named_as_by_a_check_of_everything(
    register: sa.Engine,
    register_settings: Settings,
    made: Path,
    unguarded: Callable[[sa.Engine], None],
    statement: str,
    found: str,
) -> None:
    unguarded(register)
    meddle(register, statement)
    assert faults(register_settings, register, made) == [found]
    assert [one.code for one in verify.register(register_settings, register).faults] == [found]


def test_rows_that_nobody_signed_are_not_gone_by(register: sa.Engine, register_settings: Settings, made: Path) -> None:
    meddle(register, "update suppression set expires_on = '2026-01-01' where suppression_id = 1")
    # As if nothing were known of it: what lines before the checkpoint say is read again instead.
    with register.connect() as connection:
        told, _ = ledger.state.latest(connection)
    for spoilt in (ledger.state.pack({key: one for key, one in told.items() if key[0] != "suppression"}), b"", None):
        rows = checkpoint.rows_file(made)
        rows.unlink(missing_ok=True)
        if spoilt is not None:
            rows.write_bytes(spoilt)
        assert faults(register_settings, register, made) == ["rows_changed"]


def test_a_chain_that_does_not_agree_with_the_checkpoint_is_read_from_its_beginning(
    register: sa.Engine,
    register_settings: Settings,
    made: Path,
    unguarded: Callable[[sa.Engine], None],
    read: list[int],
) -> None:
    signed = checkpoint.read(made)
    assert signed is not None
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.delete(table).where(table.c.seq >= signed.lines))
    assert "checkpoint_shorter" in faults(register_settings, register, made)
    assert read[0] == 1


# A register that cannot be written


@pytest.fixture
def closed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation on a disk that is mounted for reading."""
    register = engine(settings)
    ask(register)
    purge(settings, register)
    register.dispose()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: mode != os.W_OK and may(path, mode, **more))
    return settings


def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(commands.settings_of, "load", lambda: settings)
    return commands.check([str(one) for one in arguments])


@pytest.mark.files("a register's file that may only be read, or is none")
def test_a_register_that_cannot_be_written_is_checked(
    closed: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = closed.store / "register.db"
    before = {path.name: path.read_bytes() for path in closed.store.glob("register.db*")}
    assert command(closed, monkeypatch, "verify") == Exit.DONE
    assert "chain intact" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in closed.store.glob("register.db*")} == before
    with pytest.raises(sa.exc.OperationalError, match="readonly"), writing(reader(closed)) as connection:
        ledger.append(connection, Event.EXTRACT_MADE, author=None, now=NOW)
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("update suppression set expires_on = '2026-01-01'")
        raw.commit()
        raw.execute("pragma wal_checkpoint(truncate)")
    assert command(closed, monkeypatch, "verify") == Exit.REFUSED


@pytest.mark.files("a register's file that may only be read, or is none")
@pytest.mark.parametrize(
    ("what", "code"), [("missing", "is not there"), ("older", "earlier version"), ("broken", "cannot be read")]
)
def test_what_cannot_be_checked_is_not_told_as_changed(
    closed: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str, code: str
) -> None:
    file = closed.store / "register.db"
    if what == "missing":
        closed = dataclasses.replace(closed, register_url=f"sqlite:///{closed.store / 'gone.db'}")
    elif what == "older":
        with closing(sqlite3.connect(file)) as raw:
            raw.execute("update alembic_version set version_num = '0001'")
            raw.commit()
            raw.execute("pragma wal_checkpoint(truncate)")
    else:
        file.write_bytes(b"no database")
    assert command(closed, monkeypatch, "verify") == Exit.UNCHECKED
    assert code in capsys.readouterr().err


@pytest.mark.files("the register's file is not there")
def test_where_no_register_lies_none_is_made_to_be_found_in_order(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.store.mkdir()
    assert command(settings, monkeypatch, "verify") == Exit.UNCHECKED
    assert "is not there" in capsys.readouterr().err
    assert list(settings.store.iterdir()) == []


def test_an_empty_database_is_no_register_that_is_in_order(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = servers.create(postgresql, "not_the_one_that_was_meant")
    settings = settings_of.load({"COMPLIANCE_STORE": str(tmp_path / "store"), "COMPLIANCE_REGISTER_URL": url})
    settings.store.mkdir()
    assert command(settings, monkeypatch, "verify") == Exit.UNCHECKED
    assert "is not there" in capsys.readouterr().err
    with servers.connect(postgresql, "not_the_one_that_was_meant") as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
