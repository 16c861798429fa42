"""What must hold of every file, whatever it is: tried on one workbench, and now and then by a whole run of intake."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb

from compliance import runs
from compliance.build import reader
from compliance.intake import orders, run
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import has, refusal
from compliance.words.vocabulary import LANGUAGES
from tests.fuzz.shapes import FIELDS, HEADERS, Made, house_format, made
from tests.world import TODAY, shipped_parameters, shipped_policy

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
_LIMITS = reader.Limits(unpacked_bytes=200_000_000, workbook_bytes=2 * 1024**3)


def staged(con: duckdb.DuckDBPyConnection, folder: Path, content: bytes) -> tuple[reader.Staged, list[tuple[str, ...]]]:
    """What is staged of a file whose headers are the house's, by their names; of others only the sum is known."""
    path = folder / "export"
    path.write_bytes(content)
    inspection = reader.inspect(path, path.name, _LIMITS, folder)
    counts = reader.Staged(0, 0, 0)
    rows: list[tuple[str, ...]] = []
    for number, sheet in enumerate(inspection.sheets):
        known = {header.casefold(): field for header, field in zip(HEADERS, FIELDS, strict=True)}
        fields = [known.pop(header.casefold(), f"left_out_{place}") for place, header in enumerate(sheet.headers)]
        counts = reader.stage(con, inspection, number, fields, folder)
        told = sum(one.rows for one in counts.no_data)
        assert counts.rows_in == counts.rows_staged + counts.rows_rejected + told, counts
        assert con.execute("select count(*), count(distinct row_no) from raw").fetchone() == (counts.rows_staged,) * 2
        if not known:
            rows = con.execute(f"select {', '.join(FIELDS)} from raw order by row_no").fetchall()
    return counts, rows


def try_one(con: duckdb.DuckDBPyConnection, folder: Path, seed: int) -> str:
    """Tries the file of a seed and says what became of it: read, or a refusal's code. Raises AssertionError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    file = made(seed)
    try:
        counts, rows = staged(con, folder, file.content)
    except Refused as refused:
        in_both_languages(refused.code, refused.values)
        assert file.rows is None, (seed, file.how, refused)
        return refused.code
    if file.rows is not None:
        _same(con, folder, seed, file, counts, rows)
    return "read"


def in_both_languages(code: str, values: dict[str, object]) -> None:
    """A refusal has its own words, and none of their places is left open."""
    assert has(f"refusal.{code}"), code
    for language in LANGUAGES:
        told = refusal(code, language, values)
        assert "{" not in told and told != refusal("unknown", language, {}), (code, told)


def _same(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    seed: int,
    file: Made,
    counts: reader.Staged,
    rows: list[tuple[str, ...]],
) -> None:
    """The rows are those of the house's format, the others stay out, and every other line is told."""
    assert file.rows is not None
    rejected = con.execute("select line from reject order by row_no").fetchall()
    expected, _ = staged(con, folder, house_format(file.rows))
    _, plain = staged(con, folder, house_format(file.rows))
    assert expected.rows_staged == len(file.rows) == len(plain)
    ours = [tuple(_line_ends(cell) for cell in row) for row in rows]
    theirs = [tuple(_line_ends(cell) for cell in row) for row in plain]
    assert sorted(ours) == sorted(theirs), (seed, file.how)
    assert counts.rows_rejected == len(file.kept_out), (seed, file.how, rejected)
    for key, (line,) in zip(sorted(file.kept_out), sorted(rejected), strict=True):
        assert line.startswith(key), (seed, file.how, line)
    told = sum(one.rows for one in counts.no_data)
    assert told == file.no_data, (seed, file.how, counts.no_data)


def _line_ends(cell: str | None) -> str:
    return (cell or "").replace("\r\n", "\n")


def run_one(settings: Settings, folder: Path, seed: int) -> str:
    """The same by a whole run of intake: a refused file leaves the build as it was. Says what became of the file."""
    file = made(seed)
    folder.mkdir(exist_ok=True)
    path = folder / "crm_prospekt_2026-11-24"
    path.write_bytes(file.content)
    register = engine(settings)
    before = _persons(settings)
    told = orders.FileOrder(path=path, name=path.name, exported_at=NOW, exported_at_from="file_name")
    order = orders.Order(files=(told,))
    result = run.execute(settings, register, runs.queue(register, None, NOW), order, lambda: NOW)
    assert result.refused is None, (seed, file.how, result.refused)
    (one,) = result.files
    if one.refused is not None:
        in_both_languages(one.refused.code, dict(one.refused.values))
        assert _persons(settings) == before, (seed, file.how)
        return one.refused.code
    for taken in one.taken:
        no_data = sum(lines.rows for lines in taken.no_data)
        assert taken.rows_in == taken.loaded + sum(taken.quarantined.values()) + no_data, (seed, file.how)
        assert all(has(f"no_data.{lines.reason}") for lines in taken.no_data)
        assert all(has(f"quarantine.{reason}") for reason in taken.quarantined)
    if file.rows is not None and one.taken:
        assert sum(taken.loaded for taken in one.taken) == len(file.rows), (seed, file.how, one.taken)
    return one.outcome


def _persons(settings: Settings) -> int | None:
    found = copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())
    return None if found is None else found.build
