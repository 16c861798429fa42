"""Writes the sheets of a workbook as CSV files: run as a process of its own, with what it may use of memory.

`python -I workbook.py WORKBOOK FOLDER BYTES` writes `0.csv`, `1.csv`, ... and prints what each sheet is as JSON. The
library keeps a cell for every place between the first and the last filled one, so that a small file can ask for any
amount of memory, and ends the process where it does not get it: that process is this one, never the dashboard's.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import posixpath
import re
import struct
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import python_calamine

# What stands for what a formula would give, where nobody has worked it out: programs that make workbooks leave it to
# the spreadsheet.
UNWORKED = "#FORMULA?"
# A cell with a formula and no value, in a sheet's XML; a text of nothing is a value.
_UNWORKED = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
# A cell with an error, which the library gives as nothing.
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>', re.DOTALL
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_OF_INTEREST = re.compile(rb'<(?:\w+:)?f\b|\bt="e"')
_CELL_ENDS = b"c>"
_READ_AT_ONCE = 1 << 20
# Exit codes beside 0; whatever else is a workbook that cannot be read.
LOCKED = 3
# Above this a number in a cell has lost its last digits.
_EXACT = 10**15
_ZEROS = re.compile(r"0{2,}")
_FROM_1904 = rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true)"'
# How a workbook of before 2007 begins, and the numbers of its records; and of a binary one's.
_GLOBALS = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")
_DATE_MODE, _END = 0x22, 0x0A
_PROPERTIES = 0x99


def _text(value: object, zeros: int = 0) -> str:
    """A cell as a CSV file would have it, as far as a workbook tells."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.5E}" if abs(value) >= _EXACT else str(int(value)).zfill(zeros)
    return str(value)


def _zeros(path: Path, sheet: str) -> Mapping[tuple[int, int], int]:
    """Where a number is shown with leading zeros by its format, and of how many digits: (row, column) from 1.

    Only the slow library tells formats, so it is asked only of workbooks that have such a format at all.
    """
    with zipfile.ZipFile(path) as package:
        if "xl/styles.xml" not in package.namelist() or not re.search(
            rb'formatCode="0{2,}"', package.read("xl/styles.xml")
        ):
            return {}
    import openpyxl

    found: dict[tuple[int, int], int] = {}
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for row in book[sheet].iter_rows():
            for cell in row:
                if isinstance(cell.value, (int, float)) and _ZEROS.fullmatch(cell.number_format):
                    found[cell.row, cell.column] = len(cell.number_format)
        book.close()
    return found


def _sheet_parts(package: zipfile.ZipFile) -> Mapping[str, str]:
    """Where in the package each sheet of an .xlsx lies, by its name."""
    names = package.namelist()
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(names):
        return {}
    targets = {
        one.get("Id"): str(one.get("Target"))
        for one in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - expat bounds it
    }
    found: dict[str, str] = {}
    for one in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():  # noqa: S314 - the same
        if one.tag.rpartition("}")[2] == "sheet":
            number = next((value for name, value in one.items() if name.rpartition("}")[2] == "id"), None)
            target = targets.get(number, "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            if part in names:
                found[str(one.get("name"))] = part
    return found


def _without_value(package: zipfile.ZipFile, part: str) -> dict[tuple[int, int], str]:
    """The cells of a sheet, by (row, column) from 1, that hold a formula and not what it gives, and those that hold an
    error: UNWORKED, or the error as it is shown.
    """
    found: dict[tuple[int, int], str] = {}
    with package.open(part) as file:
        rest = b""
        while block := file.read(_READ_AT_ONCE):
            rest += block
            end = rest.rfind(_CELL_ENDS) + len(_CELL_ENDS)
            if end < len(_CELL_ENDS):
                continue
            whole, rest = rest[:end], rest[end:]
            if _OF_INTEREST.search(whole) is None:
                continue
            for cell in _UNWORKED.finditer(whole):
                if b't="str"' not in cell[1]:
                    found |= _at(cell[1], UNWORKED)
            for cell in _ERROR.finditer(whole):
                found |= _at(cell[1], cell[2].decode())
    return found


def _at(attributes: bytes, text: str) -> dict[tuple[int, int], str]:
    place = _PLACE.search(attributes)
    if place is None:
        return {}
    column = 0
    for letter in place[1]:
        column = 26 * column + letter - ord("A") + 1
    return {(int(place[2]), column): text}


def _counts_from_1904(path: Path) -> bool:
    """Whether a workbook says that its numbers, where they are days, are counted from 1904, as older Macs did."""
    if not zipfile.is_zipfile(path):
        return _old_counts_from_1904(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        if "xl/workbook.bin" in package.namelist():
            return _binary_counts_from_1904(package.read("xl/workbook.bin"))
        if "xl/workbook.xml" not in package.namelist():
            return False
        return re.search(_FROM_1904, package.read("xl/workbook.xml")) is not None


def _old_counts_from_1904(content: bytes) -> bool:
    """The same of one of before 2007, by the records that it begins with."""
    begins = _GLOBALS.search(content)
    place = begins.start() if begins else len(content)
    while place + 4 <= len(content):
        number, size = struct.unpack_from("<HH", content, place)
        if number == _DATE_MODE:
            return content[place + 4 : place + 6] == b"\x01\x00"
        if number in (0, _END):
            break
        place += 4 + size
    return False


def _binary_counts_from_1904(content: bytes) -> bool:
    """The same of a binary one: numbers and sizes of its records have seven bits in each byte."""

    def told(place: int, most: int) -> tuple[int, int]:
        value = 0
        for turn, byte in enumerate(content[place : place + most]):
            value |= (byte & 0x7F) << (7 * turn)
            if byte < 0x80:
                return value, place + turn + 1
        return value, place + most

    place = 0
    while place < len(content):
        number, begins = told(place, 2)
        size, begins = told(begins, 4)
        if number == _PROPERTIES:
            return bool(content[begins : begins + 1]) and content[begins] & 1 == 1
        place = begins + size
    return False


def write(path: Path, folder: Path) -> list[dict[str, object]]:
    """Writes each visible sheet of data as CSV and tells of all sheets their name, and why one was not written."""
    told: list[dict[str, object]] = []
    from_1904 = _counts_from_1904(path)
    package = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
    parts = _sheet_parts(package) if package else {}
    # By path the library would judge the file by its name.
    with path.open("rb") as file, python_calamine.CalamineWorkbook.from_filelike(file) as book:
        for number, about in enumerate(book.sheets_metadata):
            # A chart has no cells.
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if about.visible != python_calamine.SheetVisibleEnum.Visible:
                told.append({"name": about.name, "aside": "hidden"})
                continue
            sheet = book.get_sheet_by_name(about.name)
            without = _without_value(package, parts[about.name]) if package and about.name in parts else {}
            _write_sheet(sheet, folder / f"{number}.csv", _zeros(path, about.name) if package else {}, without)
            unworked = UNWORKED in without.values()
            told.append({"name": about.name, "file": f"{number}.csv", "from_1904": from_1904, "unworked": unworked})
    return told


def _write_sheet(
    sheet: python_calamine.CalamineSheet,
    target: Path,
    zeros: Mapping[tuple[int, int], int],
    without: Mapping[tuple[int, int], str],
) -> None:
    # Rows come from the sheet's first on, cells from the first filled column on.
    left = sheet.start[1] if sheet.start else 0
    # Of merged cells only the first has the value; below it the same is meant, beside it is not.
    merged = {
        (row, first[1] - left): first[0]
        for first, last in sheet.merged_cell_ranges or ()
        for row in range(first[0] + 1, min(last[0] + 1, sheet.total_height + 1))
    }
    begun = {(first, column) for (_, column), first in merged.items()}
    values: dict[tuple[int, int], str] = {}
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for at, row in enumerate(sheet.iter_rows()):
            if zeros:
                cells = [_text(value, zeros.get((at + 1, left + place + 1), 0)) for place, value in enumerate(row)]
            else:
                cells = [_text(value) for value in row]
            if without:
                cells = [cell or without.get((at + 1, left + place + 1), "") for place, cell in enumerate(cells)]
            if merged:
                for place in range(len(cells)):
                    if (at, place) in begun:
                        values[at, place] = cells[place]
                    elif (at, place) in merged and not cells[place]:
                        cells[place] = values.get((merged[at, place], place), "")
            writer.writerow(cells)


def main(path: str, folder: str, limit: str) -> int:
    """Exit code 0, LOCKED, or 1 where the workbook cannot be read."""
    os.umask(0o077)
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    except ImportError:
        # Where the operating system knows no such bound, the machine's memory is it.
        pass
    try:
        sys.stdout.write(json.dumps(write(Path(path), Path(folder))))
    except python_calamine.PasswordError:
        return LOCKED
    except (python_calamine.CalamineError, OSError, ValueError, MemoryError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
