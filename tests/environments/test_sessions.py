"""Sessions in environments: read as systems write them, held against grants, kept without a name and for a time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import command
from compliance.access.at import At
from compliance.environments import figures, findings, rows, sessions
from compliance.environments.state import Room, room
from compliance.environments.tables import access_session
from compliance.ledger.tables import ledger
from compliance.register.engine import engine
from compliance.show import findings as listed
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES
from tests.environments.test_findings import Access
from tests.world import TODAY, acting

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
HEADER = "Sessions-ID;Miljö-ID;Förvaltningskonto;Startad;Avslutad;Ärende"


def file(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *lines)).encode()


class Log:
    """A register, and a company whose grants are held against what was taken in."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.register = settings, engine(settings)
        self.access = Access(folder)
        self.access.environment()

    def at(self, now: dt.datetime = NOW) -> At:
        made = acting(self.settings, self.register, None, now)
        return dataclasses.replace(made, today=now.date())

    def take(self, *lines: str, now: dt.datetime = NOW) -> sessions.Taken:
        return sessions.take_in_by_command(self.at(now), file(*lines))

    def room(self) -> Room:
        return room(dataclasses.replace(self.at(), today=TODAY), self.access.reading(), named=False)

    def codes(self) -> list[tuple[str, str]]:
        found = findings.judged(self.room()).findings
        return sorted((one.code, one.thing) for one in found if one.code.startswith("session_"))


@pytest.fixture
def log(settings: Settings, tmp_path: Path) -> Log:
    return Log(settings, tmp_path)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("S1;M1;fk-1;2026-11-20 09:00;2026-11-20 10:00;SUP-1", None),
        # The account is told as systems tell it, in whatever letters.
        ("S1;M1;FK-1;2026-11-20 09:00;2026-11-20 10:00;SUP-1", None),
        # One that goes on goes on today, when the grant is over.
        ("S1;M1;fk-1;2026-11-20 09:00;;SUP-1", "session_beyond"),
        ("S1;M1;fk-1;2026-11-20 09:00;2026-11-20 10:00;", "session_without_ticket"),
        ("S1;M1;fk-9;2026-11-20 09:00;2026-11-20 10:00;SUP-1", "session_ungranted"),
        ("S1;M2;fk-1;2026-11-20 09:00;2026-11-20 10:00;SUP-1", "session_ungranted"),
        # Given on 1 September, until 22 November: both days are days of it.
        ("S1;M1;fk-1;2026-08-31 23:59;2026-08-31 23:59;SUP-1", "session_ungranted"),
        ("S1;M1;fk-1;2026-09-01 00:00;2026-09-01 00:10;SUP-1", None),
        ("S1;M1;fk-1;2026-11-22 23:00;2026-11-22 23:59;SUP-1", None),
        ("S1;M1;fk-1;2026-11-22 23:00;2026-11-23 00:01;SUP-1", "session_beyond"),
        ("S1;M1;fk-1;2026-11-22 23:00;;SUP-1", "session_beyond"),
        ("S1;M1;fk-1;2026-11-23 00:00;2026-11-23 00:10;SUP-1", "session_ungranted"),
        # By the Stockholm clock: half past eleven in UTC is the next day here.
        ("S1;M1;fk-1;2026-11-22T23:30:00+00:00;2026-11-22T23:40:00+00:00;SUP-1", "session_ungranted"),
        # Before what a review looks back on.
        ("S1;M1;fk-9;2026-08-25 09:00;2026-08-25 10:00;SUP-1", None),
        ("S1;M1;fk-9;2026-08-26 09:00;2026-08-26 10:00;SUP-1", "session_ungranted"),
    ],
)
def test_a_session_is_held_against_the_grants_of_its_account(log: Log, row: str, code: str | None) -> None:
    log.access.grant(granted_on="2026-09-01", valid_until="2026-11-22")
    assert log.take(row).new == 1
    assert log.codes() == ([] if code is None else [(code, "S1")])


def test_what_a_log_tells_by_the_holder_is_held_against_who_holds_it(log: Log) -> None:
    log.access.grant(holder="7", account=None)
    header = HEADER.replace("Förvaltningskonto", "Innehavare")
    lines = ("S1;M1;7;2026-11-20 09:00;;SUP-1", "S2;M1;8;2026-11-20 09:00;;SUP-1")
    sessions.take_in_by_command(log.at(), file(*lines, header=header))
    assert log.codes() == [("session_ungranted", "S2")]
    # Who was erased has another word in the grants than in the log: nobody can say whose it was.
    log.access.grant(holder="x" * 32, holder_erased=True)
    assert log.codes() == []
    told = {one.reference: one for one in log.room().sessions}
    assert say("environments.session_unknown", "sv") in str(rows.session_row(told["S2"], log.room(), "sv")["stands"])


def test_a_session_that_has_ended_since_is_changed_and_nobody_is_named(log: Log) -> None:
    row = "S1;M1;fk-1;2026-11-20 09:00;{ended};SUP-1"
    assert log.take(row.format(ended="")) == sessions.Taken(1, 0, ())
    assert log.take(row.format(ended="2026-11-20 10:00"), "S2;M1;fk-1;2026-11-20 09:00;;") == sessions.Taken(1, 1, ())
    assert log.take(row.format(ended="2026-11-20 10:00")) == sessions.Taken(0, 0, ())
    with log.register.connect() as connection:
        kept = connection.execute(sa.select(access_session).order_by(access_session.c.reference)).all()
        lines = connection.scalars(sa.select(ledger.c.details).where(ledger.c.event == "access:sessions_taken")).all()
    assert [one.reference for one in kept] == ["S1", "S2"] and "fk-1" not in str(kept)
    assert len(lines) == 3 and "S1" not in "".join(lines)


def test_what_is_older_than_it_may_be_is_not_kept(log: Log) -> None:
    assert log.take("S1;M1;fk-1;2024-11-24 00:00;;", "S2;M1;fk-1;2024-11-23 23:59;;").new == 1
    # A day later the first has gone as well.
    log.take("S3;M1;fk-1;2026-11-20 09:00;;", now=NOW + dt.timedelta(days=1))
    with log.register.connect() as connection:
        assert connection.scalars(sa.select(access_session.c.reference)).all() == ["S3"]


@pytest.mark.parametrize(
    "line",
    [
        ";M1;fk-1;2026-11-20 09:00;;", "S1;;fk-1;2026-11-20 09:00;;", "S1;M1;;2026-11-20 09:00;;",
        "S1;M1;fk-1;igår;;", "S1;M1;fk-1;0001-01-01 00:00;;", "S1;M1;fk-1;0001-01-01T00:00+02:00;;",
        "S1;M1;fk-1;2026-11-20 09:00;snart;", "S1;M1;fk-1;2026-11-20 09:00;2026-11-20 08:59;",
        "nils@bolaget.example;M1;fk-1;2026-11-20 09:00;;", f"{'S' * 81};M1;fk-1;2026-11-20 09:00;;",
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_told_by_its_line(log: Log, line: str) -> None:
    assert log.take("S9;M1;fk-1;2026-11-20 09:00;;", "", line) == sessions.Taken(1, 0, (4,))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"a;b;c\n1;2;3", "Sessions-ID;Miljö-ID;Startad\nS1;M1;2026-11-20 09:00".encode()]
)
def test_a_file_without_its_columns_is_refused(log: Log, data: bytes) -> None:
    with pytest.raises(Refused, match="sessions_unreadable"):
        sessions.take_in_by_command(log.at(), data)


@pytest.mark.parametrize(
    "data",
    [
        file("S1;M1;fk-1;2026-11-20 09:00;;SUP-1"),
        "Session ID,Environment,Account,Started,Ticket\nS1,M1,fk-1,2026-11-20T09:00:00+01:00,SUP-1".encode("utf-8-sig"),
        "Session\tMiljö\tKonto\tStart\tÄrende\nS1\tM1\tfk-1\t2026-11-20 09:00\tSUP-1".encode("cp1252"),
    ],
)
def test_files_are_read_as_systems_write_them(data: bytes) -> None:
    (one,) = sessions.read(data).sessions
    started = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    assert one == sessions.Told("S1", "M1", "fk-1", "", started, None, "SUP-1")


def test_the_figure_is_of_the_list_and_unknown_without_one(log: Log) -> None:
    log.access.grant()
    assert figures.figures(log.room())["sessions_without_ticket"] is None
    log.take("S1;M1;fk-1;2026-11-20 09:00;;", "S2;M1;fk-1;2026-11-21 09:00;;SUP-1", "S3;M1;fk-1;2026-11-22 09:00;;")
    counted = figures.figures(log.room())["sessions_without_ticket"]
    assert counted == sum(one.ticket is None for one in log.room().sessions) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_and_row_has_words(log: Log, language: str) -> None:
    log.access.grant(granted_on="2026-09-01", valid_until="2026-11-22")
    log.take(
        "S1;M1;fk-9;2026-11-20 09:00;;",
        "S2;M1;fk-1;2026-11-22 09:00;;SUP-1",
        "S3;M1;fk-1;2026-11-20 09:00;2026-11-20 10:00;S",
    )
    here = log.room()
    told = [one for one in findings.judged(here).findings if one.code in findings.OF_SESSIONS]
    assert {one.code for one in told} == set(findings.OF_SESSIONS)
    for row in (
        *listed.listing(told, TODAY, language, {}),
        *(rows.session_row(one, here, language) for one in here.sessions),
    ):
        assert not any("{" in str(value) for value in row.values())


def test_cron_takes_a_log_in_and_hears_of_what_was_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    path = tmp_path / "log.csv"
    path.write_bytes(file("S1;M1;fk-1;2026-11-20 09:00;;SUP-1"))
    assert command.main(["--language", "sv", "access", "sessions", str(path)]) == 0
    assert say("access_command.taken", "sv", new=1, changed=0) in capsys.readouterr().out
    path.write_bytes(file("S2;M1;fk-1;igår;;SUP-1"))
    assert command.main(["--language", "sv", "access", "sessions", str(path)]) == 1
    assert say("access_command.unread", "sv", rows=1, lines="2") in capsys.readouterr().err
    assert command.main(["access", "sessions", str(tmp_path / "none.csv")]) == 1
    with engine(settings_of.load()).connect() as connection:
        assert connection.scalars(sa.select(access_session.c.reference)).all() == ["S1"]
