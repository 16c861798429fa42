"""A backup of the register comes back whole or not at all, into either database, and brings nobody purged with it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import evidence, ledger, wipe
from compliance.builds import tables as builds_tables
from compliance.holds import tables as holds_tables
from compliance.ledger import checkpoint
from compliance.ledger import tables as ledger_tables
from compliance.operations import backup, commands, replay
from compliance.operations import verify as check
from compliance.purge import tables as purge_tables
from compliance.reading import copy
from compliance.register import areas, metadata
from compliance.register.engine import engine, writing
from compliance.requests import tables as requests_tables
from compliance.review import tables as review_tables
from compliance.runs import tables as runs_tables
from compliance.sources import tables as sources_tables
from compliance.suppression import tables as suppression_tables
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests import servers
from tests.begun import Begin
from tests.purges import NOW, ask, make_build, propose, purge
from tests.world import TODAY, shipped_parameters, shipped_policy

LATER = NOW + dt.timedelta(hours=3)


def backed_up(settings: Settings) -> None:
    """A register with a little of everything, and its backup beside it."""
    fill(settings, engine(settings))
    backup.save(engine(settings), settings.store / "register.backup", NOW)


@pytest.fixture
def register_settings(begun: Callable[[Begin], Settings]) -> Settings:
    """An installation with a register that has a little of everything, once per database."""
    return begun(backed_up)


@pytest.fixture
def saved(register_settings: Settings, tmp_path: Path) -> Path:
    """The backup of that register."""
    file = tmp_path / "backups" / "register.backup"
    file.parent.mkdir()
    return (register_settings.store / "register.backup").rename(file)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, register_settings: Settings, tmp_path: Path) -> Settings:
    """The same installation with an empty register, once per database."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if request.param == "postgresql":
        url = servers.create(request.getfixturevalue("postgresql"), f"t{uuid.uuid4().hex}")
    return dataclasses.replace(register_settings, register_url=url)


def fill(settings: Settings, register: sa.Engine) -> None:
    ask(register)
    purge(settings, register, closes="F-1")
    ask(register, "F-2")
    make_build(settings, register)
    make_build(settings, register)
    with writing(register) as connection:
        batch_id = connection.scalar(sa.select(purge_tables.batch.c.batch_id))
        connection.execute(
            sa.insert(sources_tables.source_task).values(
                batch_id=batch_id,
                source="crm",
                dataset="crm_prospekt",
                kind="order",
                state="open",
                planned=2,
                keys=b"\x00\xff\x01",
            )
        )
        connection.execute(
            sa.insert(runs_tables.intake_run).values(
                run_id="r1", state="running", step="reading", share=0.25, started_at=NOW, heartbeat_at=NOW
            )
        )
        connection.execute(
            sa.insert(review_tables.earlier).values(as_of=TODAY, figure="persons", value=None, build_id=1)
        )
        connection.execute(
            sa.insert(holds_tables.hold).values(
                hold_id=1,
                scope="person",
                scope_key="f" * 32,
                ground="audit",
                owner="legal",
                placed_on=TODAY,
                review_on=LATER.date(),
            )
        )
        connection.execute(sa.insert(holds_tables.hold_record).values(hold_id=1, record_key="e" * 32))


def content(register: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for what a restore changes."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with register.connect() as connection:
        for table in metadata.metadata.sorted_tables:
            if table.name not in ("build_key", "pointer", "ledger", "build", "intake_run"):
                order = table.primary_key.columns
                found[table.name] = [tuple(row) for row in connection.execute(sa.select(table).order_by(*order))]
        chain = sa.select(ledger_tables.ledger).order_by(ledger_tables.ledger.c.seq)
        found["ledger"] = [
            tuple(row)
            for row in connection.execute(chain)
            if row.event not in ("register:saving", "register:saved", "register:restored")
        ]
    return found


def count(register: sa.Engine, table: sa.Table) -> int:
    with register.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_a_backup_comes_back_as_it_was_into_either_database(register: sa.Engine, saved: Path, empty: Settings) -> None:
    target = engine(empty)
    restored = backup.restore(empty, target, saved, LATER)
    assert content(target) == content(register)
    assert restored.replaced is None and restored.replayed == replay.Replayed(0, 0, False)
    with target.connect() as connection:
        states = list(
            connection.scalars(sa.select(builds_tables.build.c.state).order_by(builds_tables.build.c.build_id))
        )
        run = connection.execute(sa.select(runs_tables.intake_run)).one()
        events = list(connection.scalars(sa.select(ledger_tables.ledger.c.event).order_by(ledger_tables.ledger.c.seq)))
    assert states == ["retired", "retired"]
    assert (run.state, run.ended_at) == ("failed", LATER)
    assert events[-2:] == ["register:saving", "register:restored"]
    assert check.register(empty, target).faults == ()
    # Nothing of the copy came back; the purges that were made still count.
    assert copy.current(empty, target, TODAY, shipped_policy(), shipped_parameters()) is None
    make_build(empty, target)
    assert copy.current(empty, target, TODAY, shipped_policy(), shipped_parameters()) is not None


def test_a_restored_register_guards_its_ledger_and_goes_on_counting(
    register_settings: Settings, saved: Path, empty: Settings
) -> None:
    target = engine(empty)
    backup.restore(empty, target, saved, LATER)
    for verb in ("update ledger set role = 'x'", "delete from ledger"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(target) as connection:
            connection.execute(sa.text(verb))
    ask(target, "F-3")
    propose(target)
    purge(register_settings, target)
    with target.connect() as connection:
        assert sorted(connection.scalars(sa.select(requests_tables.request.c.request_id))) == [1, 2, 3]
        assert sorted(connection.scalars(sa.select(purge_tables.batch.c.batch_id))) == [1, 2, 3]
        assert ledger.verify(connection).broken_at is None


def test_a_backup_holds_no_key_and_is_for_this_user_alone(register: sa.Engine, saved: Path) -> None:
    with register.connect() as connection:
        keys = list(connection.scalars(sa.select(builds_tables.build_key.c.key)))
    bytes_of = saved.read_bytes()
    assert len(keys) == 1 and not any(key.encode() in bytes_of for key in keys)
    # The search can find: this reference is in the backup.
    assert b"F-2" in bytes_of
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with closing(sqlite3.connect(saved)) as raw:
        assert raw.execute("select (select count(*) from build_key) + (select count(*) from pointer)").fetchone() == (
            0,
        )
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_backup_does_not_replace_one(register: sa.Engine, saved: Path) -> None:
    lines = count(register, ledger_tables.ledger)
    assert refusal(lambda: backup.save(register, saved, LATER)) == "file_exists"
    assert count(register, ledger_tables.ledger) == lines


@pytest.mark.parametrize("has_version", [False, True], ids=["table", "version"])
def test_whoever_reads_one_table_and_then_another_is_waited_for_by_a_restore_and_not_broken_off(
    register: sa.Engine, register_settings: Settings, saved: Path, has_version: bool
) -> None:
    first, *_, last = areas.every_table().sorted_tables
    version = sa.table("alembic_version", sa.column("version_num"))
    waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as another, register.connect() as connection:
        connection.execute(sa.select(version if has_version else first).limit(1))
        restoring = another.submit(backup.restore, register_settings, register, saved, LATER, replace=True)
        if register.dialect.name == "postgresql":
            # In a SQLite whoever reads is in nobody's way.
            with register.connect() as watching:
                watching.execution_options(isolation_level="AUTOCOMMIT")
                while not restoring.done() and not watching.scalar(sa.text(waits)):
                    pass
        # Tables are dropped in the other order: by now whoever did one after the other has this one.
        connection.execute(sa.select(last).limit(1))
        connection.rollback()
        assert restoring.result().rows > 0


def test_a_register_that_is_not_empty_is_replaced_only_when_told_and_after_a_backup(
    register: sa.Engine, register_settings: Settings, saved: Path
) -> None:
    ask(register, "F-9")
    before = content(register)
    assert refusal(lambda: backup.restore(register_settings, register, saved, LATER)) == "register_not_empty"
    assert content(register) == before

    restored = backup.restore(register_settings, register, saved, LATER, replace=True)

    with register.connect() as connection:
        assert sorted(connection.scalars(sa.select(requests_tables.request.c.reference))) == ["F-1", "F-2"]
        keys = list(connection.scalars(sa.select(builds_tables.build_key.c.key)))
        assert ledger.verify(connection).broken_at is None
    assert keys == []
    assert list(register_settings.builds.iterdir()) == []
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(register) as connection:
        connection.execute(sa.text("delete from ledger"))
    # What was replaced can be brought back in its turn.
    assert restored.replaced is not None
    backup.restore(register_settings, register, restored.replaced, LATER + dt.timedelta(hours=1), replace=True)
    assert content(register) == before


def test_a_purge_made_after_the_backup_is_replayed(
    register: sa.Engine, register_settings: Settings, saved: Path, empty: Settings
) -> None:
    made = purge(register_settings, register, closes="F-2", now=LATER)
    target = engine(empty)
    restored = backup.restore(empty, target, saved, LATER)
    assert restored.replayed == replay.Replayed(1, 2, False)
    with target.connect() as connection:
        assert made.uid in set(connection.scalars(sa.select(purge_tables.batch.c.uid)))
        request = connection.execute(
            sa.select(requests_tables.request).where(requests_tables.request.c.reference == "F-2")
        ).one()
    assert count(target, suppression_tables.suppression) == 4
    assert (request.closed_on, request.name, request.email, request.phone) == (LATER.date(), None, None, None)
    assert check.register(empty, target).faults == ()


def test_what_is_restored_is_not_shown_before_the_replay(
    register: sa.Engine, register_settings: Settings, saved: Path, empty: Settings
) -> None:
    made = purge(register_settings, register, now=LATER)
    path = evidence.file_of(register_settings, made.uid)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    target = engine(empty)
    assert refusal(lambda: backup.restore(empty, target, saved, LATER)) == "evidence_gone"
    path.write_bytes(whole)
    assert backup.restore(empty, target, saved, LATER, agree=lambda _plan: False).replayed is None
    make_build(empty, target)

    def show() -> object:
        return copy.current(empty, target, TODAY, shipped_policy(), shipped_parameters())

    assert refusal(show) == "replay_needed"
    assert replay.replay(empty, target, LATER) == replay.Replayed(1, 2, True)
    assert show() is None


def test_a_restore_that_finds_less_evidence_than_the_backup_knew_is_refused_and_says_which(
    register_settings: Settings, saved: Path, tmp_path: Path
) -> None:
    fresh = dataclasses.replace(register_settings, register_url=f"sqlite:///{tmp_path / 'fresh.db'}")
    target = engine(fresh)
    aside = register_settings.evidence.rename(register_settings.evidence.with_name("aside"))
    # The disk is not mounted; then it is, and one file is gone.
    for back, named in ((lambda: None, "folder_gone"), (lambda: aside.rename(fresh.evidence), "batch-")):
        back()
        for path in fresh.evidence.glob("*.json"):
            path.unlink()
        with pytest.raises(Refused) as refused:
            backup.restore(fresh, target, saved, LATER)
        assert named in f"{refused.value.code} {refused.value.values}"
        # What the installation is, demo or real, is said of the store and not of the register.
        assert all(
            count(target, table) == 0 for table in metadata.metadata.sorted_tables if table.name != "installation"
        )

    restored = backup.restore(fresh, target, saved, LATER, accept_loss=True)

    assert restored.replayed == replay.Replayed(0, 0, False)
    with target.connect() as connection:
        assert evidence.losses(connection) == 1
    # The register knows that purge, so its evidence is made anew.
    wipe.settle(fresh, target, LATER)
    assert len(evidence.names(fresh)) == 1


def test_a_restore_that_finds_less_evidence_than_a_checkpoint_knew_is_refused(
    register: sa.Engine, register_settings: Settings, saved: Path, tmp_path: Path, empty: Settings
) -> None:
    made = purge(register_settings, register, now=LATER)
    checkpoint.write(register_settings, register, tmp_path / "checkpoint.json", LATER)
    key = keys.verifying(checkpoint.public_file(tmp_path / "checkpoint.json"))
    told = check.evidence_heads([tmp_path / "checkpoint.json"], key)
    assert [one.number for one in told] == [2]
    evidence.file_of(register_settings, made.uid).unlink()
    target = engine(empty)
    with pytest.raises(Refused) as refused:
        backup.restore(empty, target, saved, LATER, told=told)
    assert (refused.value.code, refused.value.values["file"]) == ("evidence_gone", "nr 2")
    # On purpose: with a line, an alarm that stays, and the next purge does not take the lost one's number.
    backup.restore(empty, target, saved, LATER, told=told, accept_loss=True)
    with target.connect() as connection:
        assert evidence.losses(connection) == 1
        assert evidence.lacking(empty, connection, told) == []
        assert evidence.head(connection).number == 2
    purge(empty, target, now=LATER)
    with target.connect() as connection:
        assert evidence.head(connection).number == 3


@pytest.mark.parametrize(
    "damage", ["ledger", "row", "missing row", "missing table", "cut", "text", "no text", "column", "index"]
)
def test_a_damaged_backup_is_refused_and_brings_nothing(saved: Path, empty: Settings, damage: str) -> None:
    if damage == "cut":
        saved.write_bytes(saved.read_bytes()[: 3 * 4096])
    elif damage == "text":
        saved.write_text("no database", encoding="utf-8")
    elif damage == "no text":
        # A byte that no text has, in a line of the ledger.
        saved.write_bytes(saved.read_bytes().replace(b"batch:executed", b"batch:exec\xffted"))
    elif damage == "column":
        saved.write_bytes(saved.read_bytes().replace(b"receipt_digest", b"receipt_digezt"))
    elif damage == "index":
        with closing(sqlite3.connect(saved)) as raw:
            (page,) = raw.execute(
                "select rootpage from sqlite_master where name = 'sqlite_autoindex_batch_1'"
            ).fetchone()
        content = bytearray(saved.read_bytes())
        content[page * 4096 - 40 : page * 4096] = bytes(40)
        saved.write_bytes(content)
    else:
        with closing(sqlite3.connect(saved)) as raw:
            raw.execute("drop trigger ledger_no_update")
            raw.execute(
                {
                    "ledger": "update ledger set role = 'x' where seq = 1",
                    "row": "update suppression set record_digest = 'f' where suppression_id = 1",
                    "missing row": "delete from snapshot",
                    "missing table": "drop table saved_mapping",
                }[damage]
            )
            raw.commit()
    target = engine(empty)
    assert refusal(lambda: backup.restore(empty, target, saved, LATER)) == "backup_damaged"
    tables = [table for table in metadata.metadata.sorted_tables if table.name != "installation"]
    assert all(count(target, table) == 0 for table in tables)


def test_a_ledger_rewritten_with_its_seal_is_refused(saved: Path, settings: Settings) -> None:
    """The seal shows damage; the chain shows who changes a line and seals the backup anew."""
    with closing(sqlite3.connect(saved)) as raw:
        raw.execute("drop trigger ledger_no_update")
        raw.execute("update ledger set role = 'x' where seq = 1")
        raw.execute("drop table saved_content")
        raw.commit()
    with backup._engine(sqlite3.connect(saved)) as opened, opened.begin() as connection:
        backup._seal(connection)
    with pytest.raises(Refused) as refused:
        backup.restore(settings, engine(settings), saved, LATER)
    assert refused.value.values == {"file": saved.name, "part": "ledger 1"}


def test_a_backup_of_a_newer_program_is_refused(saved: Path, settings: Settings) -> None:
    with closing(sqlite3.connect(saved)) as raw:
        raw.execute("update alembic_version set version_num = '9999'")
        raw.execute("drop table saved_content")
        raw.commit()
    with backup._engine(sqlite3.connect(saved)) as opened, opened.begin() as connection:
        backup._seal(connection)
    assert refusal(lambda: backup.restore(settings, engine(settings), saved, LATER)) == "backup_newer"


def test_what_is_no_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    register = engine(settings)
    assert refusal(lambda: backup.restore(settings, register, tmp_path / "none", LATER)) == "file_unreadable"
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert refusal(lambda: backup.save(register, tmp_path / "file" / "register", LATER)) == "file_unwritable"


_KILLED = """
import datetime as dt, os, signal, sys
from pathlib import Path
from compliance import ledger
from compliance.operations import backup
from compliance.words import settings
from compliance.register.engine import engine
whole = backup._advance_numbers
def killed(connection):
    whole(connection)
    os.kill(os.getpid(), signal.SIGKILL)
backup._advance_numbers = killed
told = settings.load()
backup.restore(told, engine(told), Path(sys.argv[1]), dt.datetime(2026, 11, 25, tzinfo=dt.UTC), replace=True)
"""


@pytest.mark.parametrize("replaces", [False, True])
def test_a_restore_that_is_killed_leaves_the_register_as_it_was(
    register: sa.Engine, saved: Path, empty: Settings, replaces: bool
) -> None:
    target = engine(empty)
    if replaces:
        ask(target, "F-7")
    before = content(target)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(saved)],
        env={
            **os.environ,
            "COMPLIANCE_STORE": str(empty.store),
            "COMPLIANCE_REGISTER_URL": empty.register_url,
        },
        timeout=200,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert content(target) == before
    backup.restore(empty, target, saved, LATER, replace=replaces)
    assert content(target) == content(register)


def test_the_command_lines_do_the_same_in_words(
    register_settings: Settings,
    register: sa.Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(register_settings.store))
    monkeypatch.setenv("COMPLIANCE_REGISTER_URL", register_settings.register_url)
    file = str(tmp_path / "register.backup")
    mask = os.umask(0o077)
    try:
        assert commands.register(["backup", file]) == 0
        assert commands.register(["backup", file]) == 1
        assert commands.register(["restore", file]) == 1
        assert commands.register(["restore", file, "--replace"]) == 0
        monkeypatch.setattr("sys.stdin", io.StringIO("nej\nja\n"))
        purge(register_settings, register, now=LATER)
        assert commands.register(["--language", "sv", "restore", file, "--replace"]) == 1
        assert commands.register(["--language", "sv", "replay"]) == 0
        assert commands.register(["--language", "sv", "replay", "--any-register"]) == 0
    finally:
        os.umask(mask)
    told = capsys.readouterr()
    for words in (
        "register.backup:", "was restored", "replaced register was backed up", "Inget att återspela",
        "Ska återspelas: gallring", "Inget är återspelat", "Återspelade gallringar: 1",
    ):  # fmt: skip
        assert words in told.out
    assert "exists already" in told.err and "not empty" in told.err
