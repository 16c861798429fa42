"""What may go wrong around an act: folders that are read-only, a source that goes away, a clock that is set back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from compliance import evidence, runs
from compliance.build import reader
from compliance.intake import orders, run
from compliance.intake.orders import FileOrder, Result
from compliance.operations import backup, verify
from compliance.purge import batches
from compliance.purge.tables import State
from compliance.runs import tables as runs_tables
from compliance.words import disks, keys
from compliance.words.deadlines import STOCKHOLM
from compliance.words.refusal import Refused
from tests import servers
from tests.purging import Desk, prospect, prospects

PEOPLE = [prospect(number) for number in range(60)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `desk` is copied from. Read it, do not change it."""
    data = tmp_path_factory.mktemp("acts") / "data"
    desk = Desk(data / "store", data / "exports")
    for make in (keys.suppression, keys.signing):
        make(desk.settings)
    assert desk.take_in(prospects(data / "exports", PEOPLE)).all_taken
    desk.register.dispose()
    return data


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    """Sixty people who must be gone."""
    shutil.copytree(made, tmp_path / "data")
    copied = Desk(tmp_path / "data" / "store", tmp_path / "data" / "exports")
    yield copied
    copied.register.dispose()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody writes into a folder, not even root."""
    if subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], check=False).returncode:
        pytest.skip("a folder cannot be made read-only: run as root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def claimed(desk: Desk) -> batches.Batch:
    """A batch of five that is to be carried out."""
    batch = desk.propose(desk.entries()[:5])
    desk.approve(batch)
    desk.claim(batch)
    return batches.find(desk.register, batch.batch_id)


def intact(desk: Desk) -> bool:
    return not verify.register(desk.settings, desk.register).faults


@pytest.mark.parametrize("name", ["builds", "inbox", "quarantine"])
def test_an_intake_names_the_folder_that_is_read_only(desk: Desk, name: str) -> None:
    folder = desk.settings.store / name
    folder.mkdir(exist_ok=True)
    with read_only(folder):
        result = desk.take_in(prospects(desk.settings.store.parent / "more", [*PEOPLE, prospect(70)]))
        assert result.refused is not None and result.refused.code == "folder_closed"
        assert Path(result.refused.values["folder"]).is_relative_to(folder)
        assert len(desk.entries()) == 60 and intact(desk)
    assert not any(desk.settings.quarantine.glob("*.parquet.*")) and len(list(desk.settings.builds.iterdir())) == 1


def test_an_intake_whose_uploads_cannot_be_removed_says_what_came_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*_: object) -> None:
        raise PermissionError(errno.EPERM, "")

    monkeypatch.setattr(orders, "clean", stuck)
    failed = desk.take_in(desk.settings.store / "none.csv")
    assert not failed.all_taken
    monkeypatch.setattr(disks, "need", lambda *_: (_ for _ in ()).throw(Refused("disk_too_small")))
    refused = desk.take_in(prospects(desk.settings.store.parent / "more", [*PEOPLE, prospect(70)]))
    assert refused.refused is not None and refused.refused.code == "disk_too_small"
    with desk.register.connect() as connection:
        run_rows = list(connection.scalars(sa.select(runs_tables.intake_run.c.state)))
    assert runs_tables.State.RUNNING not in run_rows and runs_tables.State.FAILED in run_rows
    assert intact(desk)


def test_a_purge_and_a_backup_name_the_folder_that_is_read_only(desk: Desk) -> None:
    batch = claimed(desk)
    with read_only(desk.settings.builds), pytest.raises(Refused, match="folder_closed") as told:
        desk.carry_out(batch)
    assert told.value.values["folder"] == str(desk.settings.builds)
    given_back = batches.find(desk.register, batch.batch_id)
    assert given_back.state is State.APPROVED and len(desk.entries()) == 60 and intact(desk)
    with read_only(desk.settings.builds), pytest.raises(Refused, match="folder_closed"):
        backup.save(desk.register, desk.settings.builds / "backup.db", desk.now)


def test_a_purge_whose_evidence_has_no_folder_to_be_in_is_taken_up_again(desk: Desk) -> None:
    desk.settings.evidence.mkdir()
    batch = claimed(desk)
    with read_only(desk.settings.evidence):
        with pytest.raises(Refused, match="folder_closed") as told:
            desk.carry_out(batch)
        assert told.value.values["folder"] == str(desk.settings.evidence)
        # The purge was made, and only what comes after it was not.
        assert batches.find(desk.register, batch.batch_id).deleted == 5 and len(desk.entries()) == 55
    assert desk.take_in(prospects(desk.settings.store.parent / "more", PEOPLE, "2026-11-24T0700")).all_taken
    assert evidence.missing(desk.settings, desk.register) == [] and intact(desk)


def test_a_source_that_goes_away_while_it_is_read_is_told_and_read_again(
    desk: Desk, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"s{uuid.uuid4().hex}"
    url = servers.create(postgresql, name)
    with servers.connect(postgresql, name) as connection:
        columns = [*PEOPLE[0]]
        connection.execute("create table crm_prospekt ({})".format(", ".join(f'"{one}" text' for one in columns)))
        connection.execute(
            "insert into crm_prospekt select 'P' || n, 'Person' || n || ' Provsson', "
            "'person' || n || '@bolaget.example', '21/03/2010' from generate_series(0, 2999) n"
        )
    file = FileOrder(
        path=Path("crm_prospekt"), name="crm_prospekt", exported_at=desk.now, exported_at_from="taken_in",
        url=SecretStr(url),
    )  # fmt: skip

    def take_in() -> Result:
        waiting = runs.queue(desk.register, None, desk.clock())
        return run.execute(desk.settings, desk.register, waiting, orders.Order(files=(file,)), desk.clock)

    real, read = reader._as_text, iter(range(1_000_000))

    def going(value: object) -> str | None:
        if next(read) == 2_000:
            with servers.connect(postgresql) as server:
                server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        return real(value)

    monkeypatch.setattr(reader, "_as_text", going)
    (told,) = take_in().files
    assert told.refused is not None and told.refused.code == "database_unreadable"
    assert len(desk.entries()) == 60 and intact(desk)
    monkeypatch.undo()
    assert take_in().all_taken and len(desk.entries()) == 3000


def test_whoever_was_heard_of_in_the_future_is_alive_while_its_process_is(register: sa.Engine) -> None:
    now = dt.datetime(2026, 10, 25, 1, tzinfo=dt.UTC)
    run_id = runs.queue(register, None, now)
    runs.claim(register, run_id, now)
    back = now - dt.timedelta(hours=1)
    assert runs.alive(register, back) is not None
    with register.begin() as connection:
        connection.execute(sa.update(runs_tables.intake_run).values(process=2**22))
    # A little may be another machine's clock.
    assert runs.alive(register, now - dt.timedelta(minutes=1)) is not None
    assert runs.alive(register, back) is None


# Before and after: the hour that comes twice, the hour that is not there, and a clock that somebody sets.
@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param("2027-10-31T00:40", "2027-10-31T01:10", id="autumn"),
        pytest.param("2027-03-28T00:50", "2027-03-28T01:05", id="spring"),
        pytest.param("2026-11-24T23:30", "2026-11-24T22:30", id="set back over midnight"),
    ],
)
def test_a_purge_over_a_night_of_summer_time_and_a_clock_set_back(desk: Desk, first: str, then: str) -> None:
    desk.settings = dataclasses.replace(desk.settings, today_override=None)
    desk.now = dt.datetime.fromisoformat(f"{first}+00:00")
    batch = claimed(desk)
    desk.now = dt.datetime.fromisoformat(f"{then}+00:00")
    assert desk.carry_out(batch).deleted == 5
    stamp = f"{desk.now.astimezone(STOCKHOLM):%Y-%m-%dT%H%M}"
    assert desk.take_in(prospects(desk.settings.store.parent / "more", PEOPLE, stamp)).all_taken
    assert len(desk.entries()) == 55 and intact(desk)
