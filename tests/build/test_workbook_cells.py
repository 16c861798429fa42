"""What a workbook keeps in a cell beside plain text: formulas, errors, rich text, merged and hidden cells."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from compliance.build import reader
from compliance.build.builder import workbench
from compliance.build.reader import Staged

FIELDS = ["source_key", "name", "email", "registered_on", "left_out_4"]
HEADERS = ["Prospekt-ID", "Namn", "E-post", "Registrerad", "Anteckning"]


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = workbench(tmp_path)
    yield opened
    opened.close()


def sheet_of(*rows: list[object]) -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (HEADERS, *rows):
        sheet.append(row)
    return book, sheet


def staged(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[Staged, list[tuple[str | None, ...]]]:
    inspection = reader.inspect(path, path.name, workdir=path.parent)
    counts = reader.stage(con, inspection, 0, FIELDS, path.parent)
    return counts, con.execute("select * exclude (row_no) from raw order by row_no").fetchall()


def test_a_row_with_a_formula_that_nobody_has_worked_out_stays_out_with_its_reason(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    book, _ = sheet_of(
        ["P1", "Anna Berg", "anna@kund.example", "2020-01-02", "=1+1"],
        ["P2", '="Bo"&" Dahl"', "bo@kund.example", "2020-01-03", "ring"],
        ["P3", "Eva Ek", "eva@kund.example", "=TODAY()", None],
        ["P4", "Karin Holm", "karin@kund.example", "2020-01-05", None],
    )
    book.save(tmp_path / "kontakter.xlsx")
    counts, rows = staged(con, tmp_path / "kontakter.xlsx")
    # In a column that is not read it changes nothing.
    assert [row[0] for row in rows] == ["P1", "P4"]
    assert con.execute("select reason, line from reject order by row_no").fetchall() == [
        ("formula_without_value", "P2 ; #FORMULA? ; bo@kund.example ; 2020-01-03 ; ring"),
        ("formula_without_value", "P3 ; Eva Ek ; eva@kund.example ; #FORMULA? ; "),
    ]
    assert (counts.rows_in, counts.rows_staged, counts.rows_rejected) == (4, 2, 2)


def test_a_formula_with_what_it_gives_is_read_as_that_and_an_empty_text_as_nothing(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    book, _ = sheet_of(["P1", "=X", "=Y", "2020-01-02", None])
    path = tmp_path / "kontakter.xlsx"
    book.save(path)
    change(path, b'<c r="B2"><f>X</f><v></v></c>', b'<c r="B2" t="str"><f>X</f><v>Anna Berg</v></c>')
    change(path, b'<c r="C2"><f>Y</f><v></v></c>', b'<c r="C2" t="str"><f>Y</f><v></v></c>')
    counts, rows = staged(con, path)
    assert rows == [("P1", "Anna Berg", None, "2020-01-02", None)]
    assert counts.rows_rejected == 0


def change(path: Path, old: bytes, new: bytes) -> None:
    """Replaces a cell of the first sheet as it is written."""
    with zipfile.ZipFile(path) as package:
        content = {name: package.read(name) for name in package.namelist()}
    sheet = content["xl/worksheets/sheet1.xml"].replace(b"<v />", b"<v></v>")
    assert old in sheet, sheet
    content["xl/worksheets/sheet1.xml"] = sheet.replace(old, new)
    with zipfile.ZipFile(path, "w") as package:
        for name, told in content.items():
            package.writestr(name, told)


@pytest.mark.parametrize("exactly", [False, True], ids=["at once", "row by row"])
def test_cells_that_a_spreadsheet_could_not_work_out_are_nothing_and_counted(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, exactly: bool
) -> None:
    rows = [
        "P1;Anna Berg;#N/A;2020-01-02;",
        "P2;#REF!;bo@kund.example;#SAKNAS!;#VALUE!",
        "P3;#1 Mannen;eva@kund.example;2020-01-04;",
    ]
    # A row of another width has the file read row by row.
    rows += ["P4;för;många;celler;i;raden"] if exactly else []
    path = tmp_path / "kontakter.csv"
    path.write_text("\n".join([";".join(HEADERS), *rows, ""]), encoding="utf-8")
    counts, found = staged(con, path)
    assert [row[1:4] for row in found] == [
        ("Anna Berg", None, "2020-01-02"),
        (None, "bo@kund.example", None),
        ("#1 Mannen", "eva@kund.example", "2020-01-04"),
    ]
    assert counts.errors == {"email": 1, "name": 1, "registered_on": 1}


def test_an_error_of_a_workbook_is_counted_too(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    book, sheet = sheet_of(["P1", "#REF!", "anna@kund.example", "#N/A", "#N/A"])
    assert {sheet["B2"].data_type, sheet["D2"].data_type} == {"e"}
    book.save(tmp_path / "kontakter.xlsx")
    counts, rows = staged(con, tmp_path / "kontakter.xlsx")
    assert rows == [("P1", None, "anna@kund.example", None, None)]
    assert counts.errors == {"name": 1, "registered_on": 1}


def test_rich_text_dates_as_text_truth_and_hidden_rows_and_columns_are_read_as_they_are_shown(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rich = CellRichText("Anna ", TextBlock(InlineFont(b=True), "Berg"))
    book, sheet = sheet_of(
        ["P1", rich, "anna@kund.example", dt.date(2020, 1, 2), True],
        ["P2", "Bo Dahl", "bo@kund.example", "2020-01-03", False],
        ["P3", "Eva Ek", "eva@kund.example", dt.datetime(2020, 1, 4, 9, 30), None],
    )
    # Hidden or filtered away, they are stored all the same.
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.save(tmp_path / "kontakter.xlsx")
    counts, rows = staged(con, tmp_path / "kontakter.xlsx")
    assert rows == [
        ("P1", "Anna Berg", "anna@kund.example", "2020-01-02", "True"),
        ("P2", "Bo Dahl", "bo@kund.example", "2020-01-03", "False"),
        ("P3", "Eva Ek", "eva@kund.example", "2020-01-04 09:30:00", None),
    ]
    assert (counts.rows_rejected, counts.errors) == (0, {})
