"""All tables of a page in one file: each as its own CSV is, in a ZIP and in a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
import pytest

from compliance.show.columns import Column
from compliance.show.extract import Part, Sheet, Stamp, parts_of
from compliance.show.together import Table, workbook, zipped
from compliance.words.refusal import Refused

DAY = dt.date(2026, 11, 24)
COLUMNS = [
    Column("who", "Namn"), Column("days", "Dagar", "number"), Column("ends", "Slutar", "date"), Column("phone", "Tel")
]  # fmt: skip
ROWS = [
    {"who": "=1+1", "days": -3, "ends": DAY, "phone": "+46701740605"},
    {"who": "Åsa; Ek\n2", "days": 1.5, "ends": None, "phone": None},
    {"who": "0123", "days": "okänt", "ends": "okänt", "phone": "-x"},
]


def table(title: str, rows: Sequence[dict[str, Any]], filtered: str = "status: @x") -> Table:
    sheet = Sheet(title, COLUMNS, "sv", "excel", Stamp(7, DAY, filtered))
    return Table(title, sheet, lambda of: parts_of(of, [rows[:1], rows[1:]]))


def of_zip(tables: Sequence[Table]) -> tuple[dict[str, list[list[str]]], int]:
    """The cells of each file of a ZIP, and how many rows are said to have left."""
    parts = list(zipped(tables, "sv"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(content for content, _ in parts)))
    assert archive.testzip() is None
    found = {}
    for name in archive.namelist():
        text = io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")
        found[name] = list(csv.reader(text, delimiter=";"))
    return found, sum(rows for _, rows in parts)


def cells(book: bytes) -> dict[str, list[list[Any]]]:
    read = openpyxl.load_workbook(io.BytesIO(book))
    assert all(cell.data_type != "f" for sheet in read for row in sheet.iter_rows() for cell in row)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in read}


def test_a_zip_holds_each_table_as_its_own_csv_and_says_what_is_in_it() -> None:
    tables = [table("poster", ROWS), table("tomma", [])]
    files, rows = of_zip(tables)
    assert list(files) == [f"{stem}-2026-11-24-build-7-sv.csv" for stem in ("poster", "tomma", "innehall")]
    alone = b"".join(content for content, _ in parts_of(tables[0].sheet, [ROWS]))
    text = io.StringIO(alone.decode("utf-8-sig"), newline="")
    assert next(iter(files.values())) == list(csv.reader(text, delimiter=";"))
    assert files["innehall-2026-11-24-build-7-sv.csv"][1:] == [
        ["poster", "3", "7", "2026-11-24", "status: @x"], ["tomma", "0", "7", "2026-11-24", "status: @x"]
    ]  # fmt: skip
    assert rows == 3


def test_a_zip_is_written_while_it_is_read() -> None:
    asked = []

    def parts(_: Sheet) -> Iterator[Part]:
        for number in range(3):
            asked.append(number)
            yield b"x" * 200_000, 1

    sheet = table("poster", []).sheet
    written = zipped([Table("poster", sheet, parts)], "sv")
    assert next(written)[1] == 1
    assert asked == [0]


def test_a_workbook_has_the_cells_of_the_csv_as_what_they_are() -> None:
    book, rows = workbook([table("poster", ROWS), table("tomma", [])], "sv")
    sheets = cells(book)
    when, stamp = dt.datetime(2026, 11, 24), [7, dt.datetime(2026, 11, 24), "status: @x"]
    assert sheets["poster"] == [
        ["Namn", "Dagar", "Slutar", "Tel", "Utdrag ur bygge", "Läget den", "Filter"],
        ["'=1+1", -3, when, "+46 70 174 06 05", *stamp],
        ["Åsa; Ek\n2", 1.5, None, None, *stamp],
        ["0123", "okänt", "okänt", "'-x", *stamp],
    ]
    assert sheets["tomma"] == [sheets["poster"][0]]
    assert sheets["innehall"][1:] == [["poster", 3, *stamp], ["tomma", 0, *stamp]]
    assert rows == 3


def test_the_same_tables_make_the_same_bytes() -> None:
    tables = [table("poster", ROWS)]
    assert workbook(tables, "sv") == workbook(tables, "sv")
    assert list(zipped(tables, "sv")) == list(zipped(tables, "sv"))


def test_names_of_sheets_are_short_and_told_apart() -> None:
    tables = [table(title, []) for title in ("a" * 40, "a" * 41, "A" * 40, "innehall")]
    assert list(cells(workbook(tables, "sv")[0])) == [
        "innehall", "a" * 31, f"{'a' * 27}-2", f"{'A' * 27}-3", "innehall-2"
    ]  # fmt: skip


@pytest.mark.parametrize("most", [2, 5])
def test_a_workbook_of_too_many_rows_is_refused_before_it_leaves(most: int) -> None:
    with pytest.raises(Refused) as refused:
        workbook([table("poster", ROWS), table("andra", ROWS)], "sv", most=most)
    assert refused.value.code == "workbook_large"
