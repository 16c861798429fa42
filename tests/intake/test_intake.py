"""Intake as a whole: by page and command line, while readers read, when files are bad, when processes die."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from compliance import access, builds, ledger, runs
from compliance.access.at import At
from compliance.builds import central, vault
from compliance.demo.generate import write_exports
from compliance.intake import commands as command_line
from compliance.intake import orders, run, service
from compliance.intake import rows as intake_rows
from compliance.intake.orders import FileOrder, Order, Result
from compliance.intake.service import Upload
from compliance.ledger import tables as ledger_tables
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.runs import tables as runs_tables
from compliance.sources import asks as sources_asks
from compliance.sources import verbs as sources_verbs
from compliance.sources.catalogue import catalogue_of
from compliance.words import settings as settings_of
from compliance.words.command import Exit
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Category, RecordType, Role
from tests.world import TODAY, acting, shipped_parameters, shipped_policy, table

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
PROSPECTS = "Prospekt-ID;Namn;E-post;Telefon;Titel;Registrerad\n"


@pytest.fixture
def register(settings: Settings) -> sa.Engine:
    """The register of a store of one's own."""
    return engine(settings)


def at(settings: Settings, register: sa.Engine, role: Role = Role.DPO, now: dt.datetime = NOW) -> At:
    actor = next(one for one in access.demo_actors(settings) if one.role is role)
    return acting(settings, register, actor, now)


def prospects(folder: Path, *rows: str, day: str = "2026-11-24") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crm_prospekt_{day}.csv"
    path.write_text(PROSPECTS + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def take_in(settings: Settings, *paths: Path, now: dt.datetime = NOW, allow_older: bool = False, **more: Any) -> Result:
    register = engine(settings)
    files = []
    for path in paths:
        made, made_from = service.exported_at(path.name, now, "file_time", now)
        files.append(FileOrder(path=path, name=path.name, exported_at=made, exported_at_from=made_from, **more))
    order = Order(files=tuple(files), allow_older=allow_older)
    return run.execute(settings, register, runs.queue(register, None, now), order, lambda: now)


def reading(settings: Settings) -> Reading | None:
    return copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())


def persons(settings: Settings) -> int:
    found = reading(settings)
    return len(table(found, "person")) if found else 0


def events(register: sa.Engine) -> list[str]:
    with register.connect() as connection:
        assert ledger.verify(connection).broken_at is None
        return list(
            connection.execute(sa.select(ledger_tables.ledger.c.event).order_by(ledger_tables.ledger.c.seq)).scalars()
        )


def codes(result: Result) -> list[str | None]:
    return [file.refused.code if file.refused else None for file in result.files]


ANNA = "P1;Anna Berg;anna@kund.example;;Chef;2020-05-03"
BO = "P2;Bo Dahl;bo@kund.example;;Chef;2021-05-03"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("crm_2026-11-24.csv", dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC)),
        ("crm_20261124T0704.csv", dt.datetime(2026, 11, 24, 6, 4, tzinfo=dt.UTC)),
        # Whose clock is ahead by more than some minutes is not believed, and nobody exports tomorrow.
        ("crm_20261124T0706.csv", None),
        ("crm_2026-11-25.csv", None),
        ("crm_2027-06-30.csv", None),
        ("crm.csv", None),
    ],
)
def test_the_date_in_a_file_name_is_believed_unless_it_lies_ahead(name: str, made: dt.datetime | None) -> None:
    now = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
    written = now - dt.timedelta(days=3)
    expected = (written, "file_time") if made is None else (made, "file_name")
    assert service.exported_at(name, written, "file_time", now) == expected


def test_a_file_becomes_a_build_and_the_ledger_says_so(settings: Settings, register: sa.Engine, tmp_path: Path) -> None:
    result = take_in(settings, prospects(tmp_path / "in", ANNA, BO))
    assert result.all_taken and result.changes is not None
    assert (result.changes.persons, result.changes.new_persons) == (2, None)
    assert persons(settings) == 2
    assert events(register) == ["intake:started", "export:taken", "intake:done"]


def test_the_ledger_names_nobody_and_no_file(settings: Settings, register: sa.Engine, tmp_path: Path) -> None:
    path = prospects(tmp_path / "in", ANNA)
    named = path.rename(path.with_name("crm_prospekt_anna_berg_2026-11-24.csv"))
    take_in(settings, named)
    with register.connect() as connection:
        told = json.dumps([tuple(row) for row in connection.execute(sa.select(ledger_tables.ledger))], default=str)
        results = json.dumps([tuple(row) for row in connection.execute(sa.select(runs_tables.intake_run))], default=str)
    for word in ("anna", "Anna", "berg", "kund.example"):
        assert word not in told + results


def test_the_same_file_twice_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    path = prospects(tmp_path / "in", ANNA)
    take_in(settings, path)
    before = reading(settings)
    result = take_in(settings, path)
    assert [file.outcome for file in result.files] == ["unchanged"]
    assert result.changes is None
    assert reading(settings) is before


def test_the_same_content_exported_later_keeps_the_source_fresh(settings: Settings, tmp_path: Path) -> None:
    take_in(settings, prospects(tmp_path / "a", ANNA, day="2026-11-17"))
    take_in(settings, prospects(tmp_path / "b", ANNA, day="2026-11-24"))
    found = reading(settings)
    assert found is not None
    (export,) = found.rows(sources_asks.EXPORTS)
    assert export.exported_at.astimezone(dt.UTC).date() >= dt.date(2026, 11, 23)


def test_an_older_export_does_not_replace_a_newer_one(settings: Settings, tmp_path: Path) -> None:
    take_in(settings, prospects(tmp_path / "a", ANNA, BO, day="2026-11-24"))
    older = prospects(tmp_path / "b", ANNA, day="2026-11-17")
    result = take_in(settings, older)
    assert codes(result) == ["export_older"]
    # With the time of day, since two exports may be of one day.
    (refused,) = [file.refused for file in result.files]
    assert refused is not None and re.fullmatch(r"2026-11-17 \d\d:\d\d", refused.values["exported"])
    assert persons(settings) == 2
    assert take_in(settings, older, allow_older=True).all_taken
    assert persons(settings) == 1


BAD: dict[str, bytes] = {
    "file_empty": b"",
    "file_only_headers": PROSPECTS.encode(),
    "columns_missing": b"Namn;E-post\nAnna;a@kund.example\n",
    "file_binary": b"\x7fELF" + bytes(500),
    "file_truncated_workbook": b"PK\x03\x04" + bytes(300),
    "file_encoding": PROSPECTS.encode() + "P1;Åsa Öberg Ström;a@x.example;;;2020-01-01\n".encode() + b"P2;\xc3;;;;\n",
    "file_too_many_columns": (";".join(f"k{n}" for n in range(10_000)) + "\n1\n").encode(),
    "file_line_too_long": PROSPECTS.encode() + b"P1;" + b"x" * 1_100_000 + b";;;;\n",
    "file_web_page": b"<html><table><tr><td>Namn</td></tr><tr><td>Anna</td></tr></table></html>",
    "file_keys_spoilt": PROSPECTS.encode() + b"1,23457E+11;Anna;a@x.example;;;2020-01-01\n" * 3,
    "file_all_misfit": PROSPECTS.encode() + b"P1;Anna Berg;anna@kund.example;;Chef;2020-05-03;;Ring\n",
    "file_unclosed_quote": PROSPECTS.encode() + b'P1;"Anna;a@x.example;;;2020-01-01\n',
}


@pytest.mark.parametrize("code", sorted(BAD))
def test_a_bad_file_is_refused_in_words_and_the_old_build_stands(settings: Settings, tmp_path: Path, code: str) -> None:
    take_in(settings, prospects(tmp_path / "in", ANNA))
    before = reading(settings)
    bad = tmp_path / "crm_prospekt_2026-11-25.csv"
    bad.write_bytes(BAD[code])
    result = take_in(settings, bad)
    assert codes(result) == [code]
    assert reading(settings) is before
    told = result.files[0].refused
    assert told is not None
    for language in LANGUAGES:
        words = refusal(told.code, language, told.values)
        assert len(words) > 20 and "{" not in words and code not in words


# The highest mark of the program itself: what a parent held before it counts in ru_maxrss.
_MEASURED = """
import sys
from pathlib import Path
from compliance.intake.commands import main
code = main(sys.argv[1:])
print("peak", Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
sys.exit(code)
"""
# What the row opens with and what it repeats, 100 million bytes in all, and what is said of it.
LONG: dict[str, tuple[bytes, bytes, str]] = {
    "one field": (b"", b"x" * 100, "is longer than"),
    "many fields": (b"", b"x;" * 50, "is longer than"),
    # Short lines by themselves: inside quotes the end of a line ends no row.
    "one quoted field": (b'"', b"x" * 99 + b"\n", "is not closed within"),
    "many quoted fields": (b"", b'"x\n";' * 20, "is not closed within"),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_row_of_100_megabytes_is_refused_in_little_memory_and_the_old_build_stands(
    settings: Settings, tmp_path: Path, kind: str
) -> None:
    take_in(settings, prospects(tmp_path / "in", ANNA))
    before = reading(settings)
    opening, piece, words = LONG[kind]
    path = tmp_path / "crm_prospekt_2026-11-25.csv"
    with path.open("wb") as sink:
        sink.write(PROSPECTS.encode() + b"P1;Bo;b@x.example;;;2024-01-02\nP2;" + opening)
        for _ in range(100):
            sink.write(piece * 10_000)
        sink.write(b"\n")
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "COMPLIANCE_STORE": str(settings.store)},
    )  # fmt: skip
    assert done.returncode == Exit.REFUSED
    assert "ine 3 " in done.stderr and words in done.stderr
    assert int(done.stdout.split("peak")[1]) < 700_000
    assert reading(settings) is before


def test_a_file_that_nobody_knows_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "något.csv"
    path.write_text("a;b\n1;2\n")
    assert codes(take_in(settings, path)) == ["file_unknown"]
    assert reading(settings) is None


def test_of_two_files_the_good_one_is_taken(settings: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "crm_kontakter_2026-11-24.csv"
    bad.write_bytes(b"")
    result = take_in(settings, bad, prospects(tmp_path / "in", ANNA))
    assert codes(result) == ["file_empty", None]
    assert not result.all_taken
    assert persons(settings) == 1


def test_dates_that_cannot_decide_are_asked(settings: Settings, tmp_path: Path) -> None:
    path = prospects(tmp_path / "in", "P1;Anna;a@kund.example;;;03/04/2020", "P2;Bo;b@kund.example;;;05/06/2021")
    assert codes(take_in(settings, path)) == ["dates_undecided"]
    assert take_in(settings, path, dates={"registered_on": "mdy"}).all_taken
    found = reading(settings)
    assert found is not None
    assert {row["start_on"] for row in table(found, "basis_status")} == {dt.date(2020, 3, 4), dt.date(2021, 5, 6)}


def test_a_reader_goes_on_reading_while_a_new_build_is_made(settings: Settings, tmp_path: Path) -> None:
    take_in(settings, prospects(tmp_path / "a", ANNA))
    old = reading(settings)
    assert old is not None
    take_in(settings, prospects(tmp_path / "b", ANNA, BO, day="2026-11-25"))
    assert len(table(old, "person")) == 1
    new = reading(settings)
    assert new is not None and len(table(new, "person")) == 2
    assert old.key != new.key
    # Nothing but the current build is left on the disk.
    assert len(list(settings.builds.iterdir())) == 1


def test_what_an_intake_leaves_on_the_disk_is_for_its_user_alone(settings: Settings, tmp_path: Path) -> None:
    take_in(settings, prospects(tmp_path / "in", ANNA, ";Ingen Nyckel;x@kund.example;;;2020-01-01"))
    kept = [path for path in settings.store.rglob("*") if path.is_file()]
    assert {path.parent.name for path in kept} >= {"builds", "quarantine"}
    for path in (settings.builds, settings.quarantine, settings.inbox):
        assert path.stat().st_mode & 0o077 == 0
    assert list(settings.inbox.iterdir()) == []


def test_quarantined_rows_can_be_taken_out_by_those_who_may(settings: Settings, tmp_path: Path) -> None:
    take_in(settings, prospects(tmp_path / "in", ANNA, ";Ingen Nyckel;x@kund.example;;;2020-01-01", "P3;kort"))
    columns, chunks = service.quarantined_rows(at(settings, engine(settings)), "crm_prospects")
    rows = [dict(zip(columns, row, strict=True)) for chunk in chunks for row in chunk]
    assert [(row["row_no"], row["reason"]) for row in rows] == [(2, "no_key"), (3, "wrong_columns")]
    assert "Ingen Nyckel" in str(rows[0]["line"])
    with pytest.raises(Refused, match="not_allowed"):
        service.quarantined_rows(at(settings, engine(settings), Role.ADMIN), "crm_prospects")


def test_two_intakes_at_once_are_one_after_the_other(settings: Settings, register: sa.Engine, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    first = runs.queue(register, None, now)
    runs.claim(register, first, now)
    with pytest.raises(Refused, match="intake_running"):
        take_in(settings, prospects(tmp_path / "in", ANNA), now=now)
    assert reading(settings) is None


def test_threads_that_start_together_make_one_build_each_or_wait(settings: Settings, tmp_path: Path) -> None:
    outcomes: list[str] = []

    def go(number: int) -> None:
        path = prospects(
            tmp_path / str(number), ANNA, f"P{number + 5};Person {number};p{number}@kund.example;;;2020-01-01"
        )
        try:
            outcomes.append(take_in(settings, path, now=dt.datetime.now(dt.UTC)).files[0].outcome)
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 4 and set(outcomes) <= {"taken", "intake_running"} and "taken" in outcomes
    assert persons(settings) == 2
    assert len(list(settings.builds.iterdir())) == 1


def test_a_preview_is_a_recorded_look_and_loads_nothing(settings: Settings, register: sa.Engine) -> None:
    content = (PROSPECTS + ANNA + "\n").encode()
    found = service.preview(at(settings, register), Upload("crm_prospekt.csv", content, {}, {}))
    assert found.sheets[0].dataset is not None and found.sheets[0].dataset.id == "crm_prospects"
    assert found.sheets[0].sample[0][1] == "Anna Berg"
    assert events(register) == ["persons:seen"]
    assert reading(settings) is None
    assert list(settings.inbox.iterdir()) == []
    with pytest.raises(Refused, match="not_allowed"):
        service.preview(at(settings, register, Role.CISO), Upload("x.csv", content, {}, {}))


def test_a_saved_mapping_serves_the_command_line(
    settings: Settings, register: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = service.mapping_of(
        "massan", "crm", RecordType.PERSON, Category.PROSPECT, ["Nr", "Vem", "När"],
        ["source_key", "name", "registered_on"], "massan.csv",
    )  # fmt: skip
    sources_verbs.save_mapping(at(settings, register), made)
    path = tmp_path / "massan.csv"
    path.write_text("Nr;Vem;När\n1;Anna Berg;2020-05-03\n", encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    assert command_line.main([str(path)]) == 0
    assert persons(settings) == 1
    assert "mapping:saved" in events(register)


def test_the_command_line_says_how_it_went_and_names_nobody(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    path = prospects(tmp_path / "in", ANNA, ";Ingen Nyckel;x@kund.example;;;2020-01-01")
    bad = tmp_path / "crm_kontakter.csv"
    bad.write_bytes(b"")
    assert command_line.main([str(path)]) == 0
    assert command_line.main([str(path)]) == 0
    assert command_line.main([str(bad)]) == 1
    with pytest.raises(SystemExit) as missing:
        command_line.main([])
    assert missing.value.code == 2
    assert command_line.main(["--status", "--language", "sv"]) == 0
    told = capsys.readouterr()
    assert "2 rows in = 1 loaded + 1 quarantined" in told.out
    for word in ("Anna", "kund.example", "Ingen Nyckel"):
        assert word not in told.out + told.err


def test_a_run_of_the_page_is_a_process_of_its_own(
    settings: Settings, register: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    content = (PROSPECTS + ANNA + "\n").encode()
    now = dt.datetime.now(dt.UTC)
    upload = Upload("crm_prospekt_2026-11-24.csv", content, {}, {})
    run_id = service.submit(at(settings, register, now=now), [upload])
    for _ in range(300):
        row = service.progress(register, run_id)
        assert row is not None
        if row.ended:
            break
        time.sleep(0.1)
    assert row.state == runs_tables.State.DONE
    assert service.result_of(row).all_taken
    assert persons(settings) == 1


@cache
def large() -> tuple[Path, ...]:
    """Exports that take a while."""
    folder = Path(tempfile.mkdtemp(prefix="large-"))
    write_exports(folder, 5000, TODAY)
    return tuple(sorted(folder.glob("*_2026-11-24.*")))


@pytest.mark.parametrize("after", [0.0, 0.6, 0.8, 1.0, 1.2, 1.5])
def test_an_intake_that_is_killed_leaves_the_old_build_and_the_next_one_works(
    settings: Settings, register: sa.Engine, tmp_path: Path, after: float
) -> None:
    take_in(settings, prospects(tmp_path / "a", ANNA))
    files = [str(path) for path in large()]
    environment = {**os.environ, "COMPLIANCE_STORE": str(settings.store)}
    process = subprocess.Popen(
        [sys.executable, "-m", "compliance.intake", *files], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    started = time.monotonic()
    while "intake:started" not in events(register)[3:] and process.poll() is None and time.monotonic() - started < 30:
        time.sleep(0.02)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)
    process.wait()
    done = events(register).count("intake:done")
    assert persons(settings) == 1 if done == 1 else persons(settings) > 4000
    # The next run takes the dead one's place, however soon it comes.
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
    result = take_in(settings, *[Path(file) for file in files], now=later, allow_older=True)
    assert result.all_taken
    assert persons(settings) > 4000
    assert len(list(settings.builds.iterdir())) == 1
    assert [path for path in settings.quarantine.iterdir() if path.suffix != ".parquet"] == []
    with register.connect() as connection:
        states = connection.execute(sa.select(runs_tables.intake_run.c.state)).scalars().all()
    assert "running" not in states


def test_a_copy_that_was_thrown_away_is_made_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = prospects(tmp_path / "in", ANNA)
    take_in(settings, path)
    shutil.rmtree(settings.builds)
    if central.is_used(settings):
        with central.maker(settings).connect() as connection:
            assert all(central.drop(connection, name) for name in central._schemas(connection))
    another_day = dt.date(2020, 1, 1)
    # Whoever has it open reads on; whoever opens it anew is told that there is none.
    monkeypatch.setattr(copy, "_copies", {})
    assert copy.current(settings, engine(settings), another_day, shipped_policy(), shipped_parameters()) is None
    assert take_in(settings, path).all_taken
    assert persons(settings) == 1


CELL = st.one_of(
    st.sampled_from(["", " ", "Anna", "P1", "P2", "2020-05-03", "1900-01-01", "a@kund.example", 'Å;"Ö', "rad\nbryt"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=6),
)


# Few files of many rows: a file takes half a second, a row next to nothing.
ROWS = st.integers(1, 30).flatmap(
    lambda size: st.lists(st.lists(CELL, min_size=4, max_size=8), min_size=size, max_size=size)
)


@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_every_row_in_is_loaded_or_quarantined(tmp_path: Path, rows: list[list[str]]) -> None:
    import csv

    folder = tmp_path / "one"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "crm_prospekt_2026-11-24.csv"
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([PROSPECTS.strip().split(";"), *rows])
    path.write_bytes(text.getvalue().encode())
    own = settings_of.load({"COMPLIANCE_STORE": str(folder / "store")})
    result = take_in(own, path)
    (file,) = result.files
    if file.refused:
        assert file.refused.code in {
            "file_unclosed_quote", "dates_undecided", "file_only_headers", "file_binary", "file_all_misfit",
        }  # fmt: skip
        return
    (taken,) = file.taken
    no_data = sum(one.rows for one in taken.no_data)
    assert taken.rows_in == taken.loaded + sum(taken.quarantined.values()) + no_data == len(rows)
    # A line of signs alone is drawn between others, as a blank one stands there.
    assert no_data == sum(not re.search(r"[^\W_]", "".join(row)) for row in rows)
    with engine(own).connect() as connection:
        build = builds.current(own, connection)
    assert build is not None
    with duckdb.connect() as con:
        vault.attach(con, build.path, "build", key=build.key, read_only=True)
        (records,) = con.execute("select count(*) from build.record").fetchone() or (0,)
        assert records == taken.loaded
    kept = own.quarantine / "crm_prospects.parquet"
    (quarantined,) = duckdb.sql(f"select count(*) from '{kept}'").fetchone() or (0,)
    assert quarantined == sum(taken.quarantined.values())


def test_an_export_of_many_sheets_is_taken_whole(settings: Settings, tmp_path: Path) -> None:
    write_exports(tmp_path / "demo", 1000, TODAY)
    result = take_in(settings, tmp_path / "demo" / "hr_2026-11-24.xlsx")
    assert [taken.dataset for taken in result.files[0].taken] == ["hr_employees", "hr_contractors", "hr_vouchers"]


def test_a_row_with_a_byte_that_is_nothing_stays_out_with_its_reason_and_no_other(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "crm_prospekt_2026-11-24.csv"
    path.write_text(PROSPECTS + ANNA.replace("Anna", "An\0na", 1) + f"\n{BO}\n", encoding="utf-8")
    (taken,) = take_in(settings, path).files[0].taken
    assert (taken.loaded, dict(taken.quarantined)) == (1, {"nul_character": 1})


def test_lines_without_data_are_told_by_page_and_command_line_in_both_languages(
    settings: Settings, register: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "crm_prospekt_2026-11-24.csv"
    path.write_text(f"Rapport Anna Berg\n\n{PROSPECTS}{ANNA}\n{PROSPECTS}{BO}\nTotalt;2;;;;\n", encoding="utf-8")
    result = take_in(settings, path)
    (taken,) = result.files[0].taken
    assert (taken.rows_in, taken.loaded, dict(taken.quarantined)) == (6, 2, {})
    assert [(one.reason, one.rows, one.lines) for one in taken.no_data] == [
        ("title", 1, (1,)),
        ("blank", 1, (2,)),
        ("total", 1, (7,)),
        ("repeated_header", 1, (5,)),
    ]
    shown = {language: intake_rows.no_data_rows(result, language) for language in LANGUAGES}
    assert [(row["reason"], row["lines"]) for row in shown["sv"]][:2] == [
        ("Titel ovanför rubrikerna", "1"),
        ("Tom rad", "2"),
    ]
    assert shown["en"][0]["reason"] == "Title above the headers"
    assert ("no_data", 4) in intake_rows.result_figures(result)
    command_line._print(result, [path.name], catalogue_of(settings, register), "sv")
    told = capsys.readouterr().out
    assert "6 rader in = 2 inlästa + 0 i karantän + 4 utan uppgifter" in told
    assert "Summa eller antal: 1 (rad 7)" in told
    # What a title says may name somebody: its line is kept, its text is not.
    assert "Anna" not in result.model_dump_json() + told


def test_a_hidden_sheet_is_told_by_its_place(settings: Settings, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (PROSPECTS, ANNA, BO):
        sheet.append(row.strip().split(";"))
    book.create_sheet("Anna Berg").sheet_state = "hidden"
    path = tmp_path / "crm_prospekt_2026-11-24.xlsx"
    book.save(path)
    (file,) = take_in(settings, path).files
    assert [(one.place, one.reason) for one in file.aside] == [(2, "hidden")]
    assert "Blad 2 är dolt" in intake_rows.asides(file, "sv")[0]
    assert "Anna" not in file.model_dump_json()


def test_the_files_of_an_archive_are_known_by_their_own_names(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "export_2026-11-24.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("crm_prospekt.csv", f"{PROSPECTS}{ANNA}\n{BO}\n")
        package.writestr("crm_kunder.csv", "Kund-ID;Kundnamn;Kundstatus\nK1;Bolaget;Aktiv\n")
    result = take_in(settings, path)
    assert {taken.dataset: taken.loaded for taken in result.files[0].taken} == {
        "crm_prospects": 2,
        "crm_organisations": 1,
    }


def test_an_order_cannot_lead_out_of_the_inbox(settings: Settings) -> None:
    with pytest.raises(Refused, match="run_unknown"):
        orders.read(settings, "../../etc")
