"""Several tables as one file: a ZIP of CSV files, written while it is read, or a workbook with a sheet for each.

Each is row for row, and cell for cell, what its own CSV file for Excel is: a workbook is made from that file, so that
what a spreadsheet would take for a formula is as harmless in the one as in the other.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from compliance.show.columns import columns
from compliance.show.extract import Part, Sheet, Stamp, dialect, file_name, head, to_csv
from compliance.words.refusal import Refused
from compliance.words.texts import say

Form = Literal["zip", "xlsx"]
MIMES: dict[str, str] = {
    "pdf": "application/pdf",
    "json": "application/json",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# A workbook is put together in memory, since a file on the way would hold persons: so many rows need 0.2 GB and
# 20 s of a busy machine.
MOST_ROWS = 50_000
_NAME = 31
_STAMPED = ("number", "date", "text")
_FLAVOUR: Literal["excel"] = "excel"


@dataclass(frozen=True)
class Table:
    """One of them: `sheet` is written as CSV for Excel, `parts` writes it, `title` is the stem of its name."""

    title: str
    sheet: Sheet
    parts: Callable[[Sheet], Iterable[Part]]


def zipped(tables: Sequence[Table], language: str) -> Iterator[Part]:
    """A ZIP of their CSV files and of a list of what is in it, part by part as it is read."""
    sink = _Sink()
    rows: list[int] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            name = file_name(table.title, table.sheet.stamp, language)
            with archive.open(_entry(name, table.sheet.stamp.as_of), "w", force_zip64=True) as file:
                rows.append(0)
                for content, count in table.parts(table.sheet):
                    file.write(content)
                    rows[-1] += count
                    yield sink.taken(), count
        name = file_name(say("extract.contents", language), tables[0].sheet.stamp, language)
        archive.writestr(_entry(name, tables[0].sheet.stamp.as_of), b"".join(_contents(tables, rows, language)))
    yield sink.taken(), 0


def workbook(tables: Sequence[Table], language: str, *, most: int = MOST_ROWS) -> tuple[bytes, int]:
    """A workbook, the list of what is in it on its first sheet, and how many rows its tables have. The same tables make
    the same bytes. Raises Refused `workbook_large` for more rows than `most`.
    """
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {
        "in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False
    })  # fmt: skip
    # When it was made is not what it is of.
    book.set_properties({"created": dt.datetime.combine(tables[0].sheet.stamp.as_of, dt.time())})
    date, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})

    def write(sheet: Worksheet, kinds: Sequence[str], lines: Iterable[list[str]]) -> int:
        last = -1
        for last, cells in enumerate(lines):
            if last > most:
                raise Refused("workbook_large", rows=most)
            for place, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
                if last == 0:
                    sheet.write_string(0, place, cell, bold)
                elif not _written(sheet, last, place, cell, kind, date):
                    sheet.write_string(last, place, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofit(300)
        return max(0, last)

    contents = book.add_worksheet(say("extract.contents", language)[:_NAME])
    names = {contents.name.casefold()}
    rows: list[int] = []
    for table in tables:
        sheet = book.add_worksheet(_free(table.title, names))
        kinds = [*(column.kind for column in table.sheet.shown), *_STAMPED]
        rows.append(write(sheet, kinds, _lines(content for content, _ in table.parts(table.sheet))))
        if sum(rows) > most:
            raise Refused("workbook_large", rows=most)
    write(contents, ("text", "number", *_STAMPED), _lines(_contents(tables, rows, language)))
    book.close()
    return made.getvalue(), sum(rows)


class _Sink(io.RawIOBase):
    """What is written into it can be taken out, once."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._held += content
        return len(content)

    def taken(self) -> bytes:
        """What has come since it was last asked."""
        found = bytes(self._held)
        self._held.clear()
        return found


def _entry(name: str, as_of: dt.date) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (as_of.year, as_of.month, as_of.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _contents(tables: Sequence[Table], rows: Sequence[int], language: str) -> Iterator[bytes]:
    """What is in the file, as CSV: each table, also one without rows, with its rows and its stamp."""
    named = [(column.name, column.label) for column in columns(language, "table", "rows:number")]
    yield head(named, language=language, flavour=_FLAVOUR)
    for table, count in zip(tables, rows, strict=True):
        stamp: Stamp = table.sheet.stamp
        yield from list(
            to_csv(named, [[(table.title, count)]], language=language, flavour=_FLAVOUR, stamp=stamp)
        )[1:]  # fmt: skip


def _lines(contents: Iterable[bytes]) -> Iterator[list[str]]:
    """The lines of a CSV file for Excel, its labels first. A part of it holds whole lines."""
    delimiter, _ = dialect(_FLAVOUR)
    for content in contents:
        yield from csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter)


def _written(sheet: Worksheet, row: int, place: int, cell: str, kind: str, date: object) -> bool:
    """Whether a cell was written as the number or the date that it is, or left empty."""
    if not cell:
        return True
    try:
        if kind == "number":
            sheet.write_number(row, place, float(cell.replace(",", ".")))
            return True
        if kind == "date":
            sheet.write_datetime(row, place, dt.datetime.fromisoformat(cell), date)
            return True
    except ValueError:
        # A word in place of it, such as unknown.
        return False
    return False


def _free(title: str, taken: set[str]) -> str:
    """A name that no other sheet has, as long as one may be."""
    name = title[:_NAME]
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{title[: _NAME - 4]}-{number}"
    taken.add(name.casefold())
    return name
