"""A full disk: said beforehand where it can be, never anything half done, and all goes on once there is room."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from compliance import builds, runs, wipe
from compliance.intake import commands as intake_line
from compliance.ledger import tables as ledger_tables
from compliance.operations import backup, verify
from compliance.purge import batches, rewrite
from compliance.purge.tables import State
from compliance.show.extract import Sheet, Stamp, extract
from compliance.words import disks, files, keys
from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Permission
from tests.faults.disk import Disk, disk
from tests.purging import Desk, prospect, prospects

# Enough for the register's lines, too little for a build.
LITTLE = 600_000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with disk(tmp_path_factory.mktemp("faults") / "small") as made:
        yield made


@pytest.fixture(scope="module")
def desk(small: Disk) -> Iterator[Desk]:
    """Sixty people whose store and exports are on the small disk."""
    made = Desk(small.folder / "store", small.folder / "exports")
    keys.suppression(made.settings)
    keys.signing(made.settings)
    result = made.take_in(prospects(small.folder / "exports", [prospect(number) for number in range(60)]))
    assert result.all_taken
    yield made
    made.register.dispose()


@pytest.fixture
def unlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks beforehand: as if the room went while a run was under way."""
    monkeypatch.setattr(disks, "need", lambda *_: None)


def promises(desk: Desk, before: set[str], small: Disk) -> None:
    """Nothing is left of what was tried, and what was there before is there."""
    assert small.files() == before
    assert not verify.register(desk.settings, desk.register).faults


def test_room_is_asked_for_before_anything_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = verify.register(desk.settings, desk.register).lines
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=9_000_000, free=5_000_000))
    result = desk.take_in(prospects(desk.settings.store.parent / "more", [prospect(1)]))
    assert result.refused is not None and result.refused.code == "disk_too_small"
    values = result.refused.values
    assert values["folder"] == str(desk.settings.builds)
    assert values["missing"] == values["needed"] - values["free"] > 0
    with pytest.raises(Refused, match="disk_too_small"):
        backup.save(desk.register, desk.settings.store.parent / "backup.db", desk.now)
    for language in LANGUAGES:
        assert str(desk.settings.builds) in refusal("disk_too_small", language, values)
    # That it was tried is all that the ledger has of it.
    assert verify.register(desk.settings, desk.register).lines == lines + 1


@pytest.mark.parametrize("answers", [True, False])
def test_a_disk_that_does_not_say_how_much_room_it_has_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, answers: bool
) -> None:
    def usage(_: Path) -> SimpleNamespace:
        if answers:
            return SimpleNamespace(total=0, used=0, free=0)
        raise OSError(errno.ENOSYS, "")

    monkeypatch.setattr(shutil, "disk_usage", usage)
    disks.need(tmp_path, 10**15)
    assert not disks.is_full(tmp_path) and not disks.is_short(tmp_path)
    # Where it gave out all the same, how much is left is unknown and no zero.
    told = disks.refused(OSError(errno.ENOSPC, ""), tmp_path)
    assert told is not None and told.code == "disk_full"
    assert all("MB: –." in refusal(told.code, language, told.values) for language in LANGUAGES)


@pytest.mark.usefixtures("unlooked")
def test_an_intake_that_fills_the_disk_leaves_nothing_and_goes_on_with_room(desk: Desk, small: Disk) -> None:
    export = prospects(small.folder / "exports", [prospect(number) for number in range(70)], "2026-11-24T0600")
    before = small.files()
    with small.full_but_for(LITTLE):
        result = desk.take_in(export)
        assert result.refused is not None and result.refused.code == "disk_full"
        promises(desk, before, small)
    with desk.register.connect() as connection:
        current = builds.current(desk.settings, connection)
    assert current is not None and current.path.exists()
    assert desk.take_in(export).all_taken
    assert len(desk.entries()) == 70


@pytest.mark.usefixtures("unlooked")
def test_a_purge_that_fills_the_disk_gives_its_batch_back(desk: Desk, small: Disk) -> None:
    batch = desk.propose(desk.entries()[:5])
    desk.approve(batch)
    desk.claim(batch)
    people, before = len(desk.entries()), small.files()
    with small.full_but_for(LITTLE):
        with pytest.raises(Refused, match="disk_full"):
            desk.carry_out(batch)
        promises(desk, before, small)
    given_back = batches.find(desk.register, batch.batch_id)
    assert given_back.state is State.APPROVED and len(desk.entries()) == people
    desk.claim(given_back)
    assert desk.carry_out(given_back).deleted == 5
    assert len(desk.entries()) == people - 5
    assert not verify.register(desk.settings, desk.register).faults


@pytest.mark.usefixtures("unlooked")
def test_a_backup_that_fills_the_disk_is_none(desk: Desk, small: Disk) -> None:
    target, before = small.folder / "backup.db", small.files()
    # What SQLite has written ahead lies on the same disk, and gives its room back whenever it is taken in: the last
    # connection that is closed takes it in.
    desk.register.dispose()
    assert not list(small.folder.rglob("*-wal"))
    with small.full_but_for(160_000), pytest.raises(Refused, match="disk_full") as full:
        backup.save(desk.register, target, desk.now)
    assert full.value.values["folder"] == str(small.folder)
    promises(desk, before, small)

    def told() -> list[str]:
        line = ledger_tables.ledger.c
        with desk.register.connect() as connection:
            return list(
                connection.scalars(sa.select(line.event).where(line.event.like("register:%")).order_by(line.seq))
            )

    # The ledger never says of a backup that it was done before it was.
    assert told() == ["register:saving"]
    assert backup.save(desk.register, target, desk.now) > 0
    assert told() == ["register:saving", "register:saving", "register:saved"]


@pytest.mark.files("the disk of the register's file is full")
def test_nothing_leaves_and_nothing_begins_where_the_register_has_no_room(desk: Desk, small: Disk) -> None:
    sheet = Sheet("entries", (), "en", "plain", Stamp(1, dt.date(2026, 11, 24), ""))
    before = small.files()
    with small.full_but_for(0):
        with pytest.raises(Refused, match="disk_full"):
            extract(desk.at(desk.petra), sheet, [(b"", 0)], Permission.EXTRACT_PERSONS, desk.clock)
        with pytest.raises(Refused, match="disk_full"):
            desk.take_in(desk.settings.store.parent / "none.csv")
        with pytest.raises(Refused, match="disk_full"):
            files.publish(small.folder / "checkpoint", [bytes(100_000)])
    promises(desk, before, small)


def test_what_a_run_that_died_has_left_makes_room(
    desk: Desk, small: Disk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = [desk.settings.builds / "000099-dead.duckdb", desk.settings.work / "dead" / "survivors" / "x.parquet"]
    before = small.files()
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1_000_000))
    wipe.make_room(desk.settings, desk.register, desk.now)
    # While there is room, whoever comes clears it and says so.
    assert all(path.exists() for path in left)
    monkeypatch.setattr(disks, "is_short", lambda _: True)
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_EXPORTS", str(desk.settings.exports))
    assert intake_line.main([str(small.folder / "none.csv"), "--language", "sv"]) == 1
    assert "Filen finns inte" in capsys.readouterr().err
    assert small.files() == before


def test_a_run_that_begins_while_room_is_made_keeps_its_build(
    desk: Desk, small: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = small.files()
    made = [desk.settings.builds / "000099-begun.duckdb", desk.settings.work / "begun" / "survivors.parquet"]

    def nobody(*_: object) -> None:
        for path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"somebody")

    monkeypatch.setattr(disks, "is_short", lambda _: True)
    monkeypatch.setattr(runs, "alive", nobody)
    wipe.make_room(desk.settings, desk.register, desk.now)
    assert all(path.exists() for path in made)
    # Once it has died they go.
    wipe.make_room(desk.settings, desk.register, desk.now)
    assert small.files() == before


def test_the_writer_of_a_purge_says_no_more_than_that_there_was_no_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = rewrite.RewriteOrder(
        survivors=Path(), path=desk.settings.builds / "x", key=None, twin=Path(), workdir=Path(), control=(),
        today=dt.date(2026, 11, 24),
    )  # fmt: skip
    told = SimpleNamespace(buffer=SimpleNamespace(readline=lambda: order.model_dump_json().encode()))

    def full(_order: object) -> None:
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(rewrite.sys, "stdin", told)
    monkeypatch.setattr(rewrite.threading.Thread, "start", lambda _: None)
    monkeypatch.setattr(rewrite, "rewrite", full)
    assert rewrite.main() == errno.ENOSPC


def test_what_cannot_be_removed_beside_a_file_keeps_nobody_from_writing_it(tmp_path: Path) -> None:
    (tmp_path / f".checkpoint.{2**22}.0123abcd").mkdir()
    files.publish(tmp_path / "checkpoint", [b"whole"])
    assert (tmp_path / "checkpoint").read_bytes() == b"whole"


def test_what_a_killed_process_has_left_beside_a_file_goes_with_the_next_one(desk: Desk, small: Disk) -> None:
    before = small.files()
    target, living = small.folder / "saved[1].db", small.folder / f".saved[1].db.saving.{os.getpid()}.0123abcd"
    # That of another night too: nobody gives a backup the name of one that there is.
    dead = [
        small.folder / f".{name}.saving.{2**22}.0123abcd{end}"
        for name in ("saved[1].db", "x")
        for end in ("", "-journal")
    ]
    other = small.folder / f".other.db.{2**22}.0123abcd"
    for path in (*dead, living, other):
        path.write_bytes(b"somebody")
    backup.save(desk.register, target, desk.now)
    assert small.files() - before == {target.name, living.name, other.name}
    for path in (target, living, other):
        path.unlink()
