"""Opens what people deliver: finds out what a file really is, refuses what cannot be read, stages the rest.

A file is judged by its content, not by its name. Whatever is wrong is said before a row is read: nothing below
trusts a size, an encoding or a structure that was not checked here. Every row is staged, rejected with its reason, or
told as no data with its line.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from compliance.build import cells, delimited, garbled, layout, unpack
from compliance.build.delimited import Text
from compliance.build.dialects import Dialect
from compliance.build.garbled import Garbled
from compliance.build.layout import DOUBTFUL, NoData, Record
from compliance.build.limits import Limits as Limits
from compliance.build.unpack import Aside as Aside
from compliance.build.unpack import Kind, Part
from compliance.build.workbook import UNWORKED
from compliance.words import queries
from compliance.words.refusal import Refused
from compliance.words.vocabulary import DATE_FIELDS, INSTANT_FIELDS

_SAMPLE = 50
# How many lines of one reason are named; of a million blank ones the number is enough.
_NAMED = 20
# Rows at the end of a table that are judged together.
_END = 30
# Fields by which a row of some kind is told from others.
_KEYS_OF_ROWS = ("source_key", "contract_key", "reference")
# What parts columns that were not: signs of no dialect, or all of them within one pair of quotes, or space.
_PARTED = tuple(re.compile(sign) for sign in (";", ",", r"\t", r"\|", "[§¦¤¬:]", "[\x1c-\x1f]", r"\S\s{2,}(?=\S)"))
# Fields that a spreadsheet spoils where it takes them for quantities.
_SPOILT = (*_KEYS_OF_ROWS, "org_key", "successor_key", "relation_key", "environment_key", "phone")
# Fields by which rows of one export or of several are the same one's.
_KEYS = (*_SPOILT[:-1], "mailing_key")
# What fields hold is told by its looks, and how that looks among others. Whether somebody wants mailings may be a word.
_KINDS: Mapping[str, str] = {
    "email": "address",
    "phone": "number",
    **dict.fromkeys({*DATE_FIELDS, *INSTANT_FIELDS} - {"opted_out_on"}, "day"),
}
_SHAPES: Mapping[str, str] = {"address": "address", "number": "number", "day": "date"}
_PUT_RIGHT = ("name", "given_name", "family_name", "phone")
# No cell stands there.
_NOWHERE: dict[str, object] = {"at": 0, "kind": "address"}


@dataclass(frozen=True)
class Skipped:
    """A line that is no data: its number in the file (the row of a sheet), why, and what it says, shortened. Where
    `reason` is None, nobody can say so for sure, and it goes to quarantine. May name persons, so it is shown and never
    kept.
    """

    line: int
    reason: NoData | None
    text: str


@dataclass(frozen=True)
class Sheet:
    """One table of a file: its name (of several, and of workbooks), its column names, and its first rows as text.

    `file` is set where it is a file in an archive, by whose name it may be known. `header_line` is where its headers
    are; `skipped` are lines above and below its rows that are no data, as far as its beginning and its end show them.
    """

    name: str | None
    headers: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]
    file: str | None = None
    header_line: int = 1
    skipped: tuple[Skipped, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    dialect: Dialect = Dialect.PLAIN
    # How its part of the file is read; None where the file tells it itself.
    text: Text | None = field(default=None, repr=False, compare=False)
    # Where it lies among what was unpacked; None where it is the file itself.
    part: str | None = field(default=None, repr=False)
    # Its workbook says that it counts days from 1904.
    from_1904: bool = False
    # It has formulas without what they give.
    unworked: bool = False


@dataclass(frozen=True)
class Inspection:
    """What a file is. `digest` is SHA-256 of its bytes; `aside` are the sheets and members that are not read."""

    path: Path
    name: str
    kind: Kind
    digest: str
    sheets: tuple[Sheet, ...]
    table: str | None = None
    aside: tuple[Aside, ...] = ()

    @property
    def encoding(self) -> str:
        """How the first table is written."""
        return self.sheets[0].encoding

    @property
    def delimiter(self) -> str:
        """By what the first table's columns are parted."""
        return self.sheets[0].delimiter


@dataclass(frozen=True)
class Lines:
    """How many lines are no data for one reason, and the first of them."""

    reason: NoData
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Staged:
    """How many rows came in and became of them: rows_in = rows_staged + rows_rejected + those of no_data, always."""

    rows_in: int
    rows_staged: int
    rows_rejected: int
    no_data: tuple[Lines, ...] = ()
    # Cells that say only that a spreadsheet could not work them out, by field, of those that are read.
    errors: Mapping[str, int] = field(default_factory=dict)
    # Cells that came garbled and are as they came, and how many were put right, by field.
    garbled: Mapping[str, tuple[Garbled, ...]] = field(default_factory=dict)
    put_right: Mapping[str, int] = field(default_factory=dict)


def inspect(path: Path, name: str, limits: Limits | None = None, workdir: Path | None = None) -> Inspection:
    """Finds out what a file is and whether it can be read. `name` is what its owner calls it.

    What has to be unpacked stays in `workdir` for `stage`; without one it is unpacked twice.
    Raises Refused `file_...` with what is wrong and where.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size == 0:
        raise Refused("file_empty")
    if size > limits.file_bytes:
        raise Refused("file_too_large", megabytes=size // 1024**2, allowed=limits.file_bytes // 1024**2)
    if not unpack.is_packed(path):
        return _inspected(path, name, unpack.unpack(path, path.parent, limits), limits)
    digest = unpack.digest(path)
    if workdir is not None:
        return _inspected(
            path, name, _unpacked(path, digest, workdir, limits), limits, _folder(digest, workdir), digest
        )
    with tempfile.TemporaryDirectory() as made:
        own = Path(made)
        return _inspected(path, name, _unpacked(path, digest, own, limits), limits, _folder(digest, own), digest)


def _folder(digest: str, workdir: Path) -> Path:
    return workdir / f"unpacked-{digest[:16]}"


def _unpacked(path: Path, digest: str, workdir: Path, limits: Limits) -> unpack.Unpacked:
    folder = _folder(digest, workdir)
    shutil.rmtree(folder, ignore_errors=True)
    return unpack.unpack(path, folder, limits)


def _inspected(
    path: Path,
    name: str,
    found: unpack.Unpacked,
    limits: Limits,
    folder: Path | None = None,
    digest: str | None = None,
) -> Inspection:
    if found.kind == "parquet":
        return _inspect_parquet(path, name, limits)
    aside = list(found.aside)
    sheets: list[Sheet] = []
    for part in found.parts:
        try:
            sheets.append(_inspect_text(part, limits, folder))
        except Refused as refused:
            # A sheet without anything is what a workbook has by itself.
            if refused.code == "file_empty" and part.by_row and (aside or len(found.parts) > 1):
                continue
            if len(found.parts) == 1:
                raise
            if refused.code not in ("file_empty", "file_only_headers"):
                raise unpack.of_part(refused, part.place) from None
            aside.append(Aside(part.place, str(part.name), "empty"))
    if not sheets:
        hidden = any(one.reason == "hidden" for one in aside)
        raise Refused("file_only_hidden" if hidden else "file_only_headers")
    if digest is None:
        text = sheets[0].text
        assert text is not None
        digest = text.survey.digest
    return Inspection(path, name, found.kind, digest, tuple(sheets), aside=tuple(aside))


def _inspect_text(part: Part, limits: Limits, folder: Path | None) -> Sheet:
    text = delimited.inspect(part.path, limits, by_row=part.by_row)
    headers = _headers(text.layout.names, limits)
    sample = tuple(tuple(cells.told(cell) for cell in row[: len(headers)]) for row in text.sample)
    _refuse_one_column(headers, sample)
    told = [*text.titles, *text.after]
    return Sheet(
        part.name,
        headers,
        sample,
        part.file_name,
        text.line_of(0),
        tuple(Skipped(record.line, reason, layout.shortened(record.cells)) for record, reason in told),
        text.survey.encoding,
        text.delimiter,
        text.dialect,
        text,
        str(part.path.relative_to(folder)) if folder else None,
        part.from_1904,
        part.unworked,
    )


def _refuse_one_column(headers: Sequence[str], sample: Sequence[Sequence[str | None]]) -> None:
    """Refuses rows that could not be parted though their header names several columns: the whole cell would be read as
    whatever is found in it, and the names beside it be lost.
    """
    if len(headers) != 1:
        return
    cells = [row[0] for row in sample if row and row[0]]
    for parted in _PARTED:
        times = len(parted.findall(headers[0]))
        if times >= 2 and cells and all(len(parted.findall(cell)) >= times for cell in cells):
            raise Refused("file_one_column")


def inspect_table(url: str, table: str) -> Inspection:
    """Looks at a table of a source database by SQLAlchemy URL. Raises Refused `database_...` without the URL."""
    engine = _source_engine(url)
    try:
        with engine.connect() as connection:
            selected = _reflected(connection, table)
            result = connection.execute(sa.select(selected).limit(_SAMPLE))
            headers = tuple(result.keys())
            sample = tuple(tuple(_as_text(value) for value in row) for row in result)
    except sa.exc.SQLAlchemyError as error:
        raise Refused("database_unreadable", why=type(error).__name__) from None
    finally:
        engine.dispose()
    digest = hashlib.sha256(f"{table}|{'|'.join(headers)}".encode()).hexdigest()
    return Inspection(Path(table), table, "database", digest, (Sheet(None, headers, sample),), table=table)


def stage(
    con: duckdb.DuckDBPyConnection,
    inspection: Inspection,
    sheet: int,
    fields: Sequence[str],
    workdir: Path,
    url: str | None = None,
    tick: Callable[[float], None] = lambda _: None,
    *,
    put_right: bool = False,
) -> Staged:
    """Reads one table into `raw` (row_no and a text column per field, blank is null) and the misfits into `reject`.

    `fields` names the columns in order. With `put_right`, cells whose letters were written twice are staged as
    they were meant, where that is certain. Raises Refused where reading shows what inspection could not.
    """
    con.execute("create or replace temp table reject (row_no bigint, reason varchar, line varchar, cells varchar[])")
    con.execute("drop view if exists raw cascade")
    con.execute("drop table if exists raw_text")
    told = inspection.sheets[sheet]
    no_data = _Tally()
    errors: dict[str, int] = {}
    if inspection.kind == "parquet":
        con.register("incoming", _renamed(pq.read_table(inspection.path), fields))
        con.execute(queries.load("raw_from_incoming"))
        con.unregister("incoming")
        con.execute(queries.load("raw_in_order"))
    elif inspection.kind == "database":
        _stage_rows(con, enumerate(_table_rows(str(url), str(inspection.table)), start=1), fields)
    else:
        errors = _stage_text(con, inspection, told, fields, workdir, no_data, tick)
    _take_off_unseen(con, fields)
    _refuse_spoilt(con, fields, told.headers)
    _make_whole(con, fields)
    is_read = any(not name.startswith("left_out_") for name in fields)
    righted = garbled.put_right(con) if is_read and put_right else {}
    left = garbled.find(con) if is_read else {}
    tick(1.0)
    counted = con.execute("select count(*) from raw").fetchone()
    staged = int(counted[0]) if counted else 0
    if not staged:
        _refuse_misfits(con, len(fields))
    rejected = _rejected(con)
    return Staged(staged + rejected + no_data.total, staged, rejected, no_data.lines(), errors, left, righted)


def set_aside(con: duckdb.DuckDBPyConnection, place: int) -> None:
    """Keeps the staged table under a number, so that another can be staged before it is loaded."""
    con.execute("drop view if exists raw cascade")
    for name in ("raw_text", "reject"):
        con.execute(f"drop table if exists {name}_{place}")
        con.execute(f"alter table {name} rename to {name}_{place}")


def bring_back(con: duckdb.DuckDBPyConnection, place: int) -> None:
    """Makes a table that was set aside the staged one again."""
    con.execute("drop view if exists raw cascade")
    for name in ("raw_text", "reject"):
        con.execute(f"drop table if exists {name}")
        con.execute(f"alter table {name}_{place} rename to {name}")
    numbered = any(row[0] == "row_no" for row in con.execute("describe raw_text").fetchall())
    con.execute(queries.load("raw_numbered" if numbered else "raw_in_order"))


# Text


class _Tally:
    """Counts lines of no data by reason, and remembers the first of each."""

    def __init__(self) -> None:
        self._rows: Counter[NoData] = Counter()
        self._lines: dict[NoData, list[int]] = {}

    def add(self, reason: NoData, lines: Sequence[int], rows: int | None = None) -> None:
        """More lines; `rows` says how many where not all of them are named."""
        count = len(lines) if rows is None else rows
        if count:
            self._rows[reason] += count
            known = self._lines.setdefault(reason, [])
            known.extend(lines[: max(0, _NAMED - len(known))])

    @property
    def total(self) -> int:
        """How many lines in all."""
        return self._rows.total()

    def lines(self) -> tuple[Lines, ...]:
        """What was counted, by reason."""
        return tuple(
            Lines(reason, self._rows[reason], tuple(sorted(self._lines[reason])))
            for reason in NoData
            if self._rows[reason]
        )


def _stage_text(
    con: duckdb.DuckDBPyConnection,
    inspection: Inspection,
    sheet: Sheet,
    fields: Sequence[str],
    workdir: Path,
    no_data: _Tally,
    tick: Callable[[float], None],
) -> dict[str, int]:
    text = sheet.text
    assert text is not None
    path, lines = delimited.prepared(_part(inspection, sheet, workdir), text, workdir)
    tick(0.2)
    rows = _Rows(con, path, text, fields, no_data)
    if not rows.read(lines):
        con.execute("drop table if exists raw_text")
        rows.read_exactly()
    for number, (record, reason) in enumerate(text.titles):
        if reason is None:
            _reject(con, -number, DOUBTFUL, record.cells)
        else:
            no_data.add(reason, [record.line])
    for record, reason in text.after:
        no_data.add(reason, [record.line])
    if sheet.unworked:
        _reject_unworked(con)
    if not text.by_row:
        _reject_shifted(con, fields, text, rows)
    return rows.errors()


def _reject_unworked(con: duckdb.DuckDBPyConnection) -> None:
    """Takes out the rows that lack what a formula gives in a column that is read: nobody knows what they say."""
    found = con.execute(queries.load("raw_unworked"), {"sign": UNWORKED}).fetchall()
    _take_out(con, {row[0]: row[1:] for row in found}, "formula_without_value")


def _reject_shifted(con: duckdb.DuckDBPyConnection, fields: Sequence[str], text: Text, rows: _Rows) -> None:
    """Takes out the rows whose cells stand beside their columns, though they have as many as others, or empty ones
    more: an address among the days would be nobody's, and a name be cut.
    """
    kinds = [_KINDS.get(field) for field in fields]
    told = [{"at": place + 1, "kind": kind} for place, kind in enumerate(kinds) if kind]
    if not told:
        return
    beside: list[dict[str, object]] = [
        {"at": place + far + 1, "kind": kind}
        for place, kind in enumerate(kinds)
        for far in (1, 2)
        if kind and place + far < len(fields) and _is_strange(kind, fields, place + far, text)
    ]
    names = [field for field in fields if field in _KINDS]
    if con.execute(queries.load("raw_may_be_shifted"), {"names": names}).fetchone() == (False,):
        return
    binds = {"names": names, "told": told, "beside": beside or [_NOWHERE], "wide": []}
    con.execute(queries.load("looks_like"))
    found = dict(con.execute(queries.load("raw_shifted"), binds).fetchall())
    if wide := rows.wide({number for number, texts in found.items() if texts is None}):
        found |= dict(con.execute(queries.load("raw_shifted"), {**binds, "wide": wide}).fetchall())
    _take_out(con, {number: texts for number, texts in found.items() if texts is not None}, "wrong_columns")


def _is_strange(kind: str, fields: Sequence[str], place: int, text: Text) -> bool:
    """Whether what looks so does not belong in a column: by its field, or by what it holds where it is not read."""
    field = fields[place]
    if not field.startswith("left_out_"):
        # An address in a name or among the numbers is somebody's way of writing, and read as what it is.
        return _KINDS.get(field) != kind and not (kind == "address" and field in _PUT_RIGHT)
    # What a column holds that is not read is known by the first rows.
    shapes = [layout.shape(row[place]) for row in text.sample if place < len(row) and row[place].strip()]
    return 2 * shapes.count(_SHAPES[kind]) < len(shapes)


def _take_out(con: duckdb.DuckDBPyConnection, found: Mapping[int, Sequence[str | None]], reason: str) -> None:
    for number, texts in found.items():
        _reject(con, number, reason, texts)
    if found:
        numbered = any(row[0] == "row_no" for row in con.execute("describe raw_text").fetchall())
        con.execute(queries.load("raw_without_numbered" if numbered else "raw_without"), {"rows": list(found)})


def _part(inspection: Inspection, sheet: Sheet, workdir: Path) -> Path:
    """The file of one table: the file itself, or what was unpacked of it, which is unpacked again if it has gone."""
    if sheet.part is None:
        return inspection.path
    folder = _folder(inspection.digest, workdir)
    if not (folder / sheet.part).exists():
        _unpacked(inspection.path, inspection.digest, workdir, Limits())
    return folder / sheet.part


class _Rows:
    """Reads the rows of a prepared text: at once where every one fits, else one by one."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, path: Path, text: Text, fields: Sequence[str], no_data: _Tally
    ) -> None:
        self._con = con
        self._path = path
        self._text = text
        self._fields = fields
        self._no_data = no_data
        self._errors: Counter[str] = Counter()
        self._key_at = next((fields.index(key) for key in _KEYS_OF_ROWS if key in fields), None)

    def read(self, lines: int) -> bool:
        """Has the database read all rows, of a file of so many lines; False where one of them does not fit."""
        beyond = [f"beyond_{place}" for place in range(self._text.width - len(self._fields))]
        binds = {
            "path": str(self._path),
            "delimiter": self._text.delimiter,
            "columns": dict.fromkeys([*self._fields, *beyond], "VARCHAR"),
        }
        try:
            marks = self._text.survey.marks
            self._con.execute(queries.load("raw_from_csv_as_meant" if marks else "raw_from_csv"), binds)
            if beyond and self._one("raw_beyond"):
                return False
        except (duckdb.Error, UnicodeDecodeError):
            # Its message repeats the line, cut anywhere: within a letter that is no text.
            return False
        if self._text.survey.marks:
            result = self._con.execute(queries.load("raw_errors"), binds)
            names = [str(column[0]) for column in result.description or ()]
            self._errors.update(dict(zip(names, result.fetchone() or (), strict=True)))
        for name in beyond:
            self._con.execute(f"alter table raw_text drop column {name}")
        # Lines that are no row of their own: those inside of quotes, and blank ones, which were passed over.
        surplus = 0 if self._text.by_row else lines - self._text.header_lines - self._one("count_raw")
        blank = surplus - self._one("raw_line_feeds") if surplus else 0
        if blank < 0:
            # More rows than lines: what ends a line is not the same throughout.
            return False
        self._set_apart(blank, exact=bool(surplus))
        self._con.execute(queries.load("raw_in_order"))
        return True

    def read_exactly(self) -> None:
        """Reads the rows as RFC 4180 has them, and rejects those of another width."""
        self._errors.clear()
        _stage_rows(self._con, self._data(), self._fields)

    def errors(self) -> dict[str, int]:
        """How many cells that are read say only that a spreadsheet could not work them out, by field."""
        return {
            name: times
            for name, times in sorted(self._errors.items())
            if times and name in self._fields and not name.startswith("left_out_")
        }

    def wide(self, numbers: set[int]) -> list[int]:
        """Which of the rows have more cells than the others, be they empty. The file is read once more for them."""
        found: list[int] = []
        number = 0
        for record in islice(self._records(), 1, None) if numbers else ():
            if self._text.width == 1 or delimited.is_record(record.cells):
                number += 1
                if number in numbers and len(record.cells) > self._text.width:
                    found.append(number)
        return found

    def _set_apart(self, blank: int, *, exact: bool) -> None:
        """Takes out of the rows what is no data, beside so many blank lines, and what cannot be read."""
        found: dict[int, NoData] = {}
        doubtful: dict[int, Sequence[str | None]] = {}
        last = self._con.execute(queries.load("raw_last")).fetchall()[::-1]
        told = layout.judge_end([row[1:] for row in last], self._text.layout.repeats, self._key_at)
        judged = [(row, reason) for row, reason in zip(last, told, strict=True)]
        above = last[0][0] if last else 0
        headers = sorted({cell.strip().lower() for header in self._text.layout.repeats for cell in header} - {""})
        binds = {"words": layout.SUSPECT, "headers": headers}
        for row in self._con.execute(queries.load("raw_suspects"), binds).fetchall():
            if row[0] < above:
                judged.append((row, layout.judge(row[1:], self._text.layout.repeats, self._key_at)))
        for row, reason in judged:
            if reason == DOUBTFUL:
                doubtful[row[0]] = row[1:]
            elif reason is not None and reason != NoData.BLANK:
                found[row[0]] = NoData(reason)
        with_nul = self._con.execute(queries.load("raw_with_nul")).fetchall() if self._text.survey.nuls else []
        empty = self._con.execute(queries.load("raw_blank")).fetchone()
        assert empty is not None
        if found or blank or empty[0]:
            at, blank_lines = self._places({*found, *(empty[1] or ())}, exact=exact)
            for number, reason in found.items():
                self._no_data.add(reason, [at[number]])
            self._no_data.add(NoData.BLANK, blank_lines, blank)
            self._no_data.add(NoData.BLANK, [at[number] for number in empty[1] or ()], empty[0])
        for row in with_nul:
            _reject(self._con, row[0], "nul_character", row[1:])
            found.pop(row[0], None)
        for number, texts in doubtful.items():
            _reject(self._con, number, DOUBTFUL, texts)
        out = {*found, *doubtful, *(row[0] for row in with_nul)}
        if out:
            self._con.execute(queries.load("raw_without"), {"rows": sorted(out)})
        if empty[0]:
            self._con.execute(queries.load("raw_without_blank"))

    def _places(self, numbers: set[int], *, exact: bool) -> tuple[dict[int, int], list[int]]:
        """The lines at which rows begin, by their numbers, and the first blank lines between them.

        Where each line is a row, that is a sum; else (`exact`) the file is read once more.
        """
        if not exact:
            return {number: self._text.line_of(number) for number in numbers}, []
        places: dict[int, int] = {}
        blank: list[int] = []
        number = 0
        for record in islice(self._records(), 1, None):
            # Of a single column every line is a row.
            if self._text.width == 1 or delimited.is_record(record.cells):
                number += 1
                if number in numbers:
                    places[number] = record.line
            elif len(blank) < _NAMED:
                blank.append(record.line)
        return places, blank

    def _records(self) -> Iterator[Record]:
        return delimited.exact_records(self._path, self._text.delimiter, Limits(), self._text.begins)

    def _data(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """The rows with their numbers; what is no data is counted, and what may be none is rejected."""
        number = 0
        for nth, (record, reason) in enumerate(self._judged()):
            line = self._text.line_of(nth + 1) if self._text.by_row else record.line
            if delimited.is_record(record.cells):
                number += 1
            if any("\x00" in cell for cell in record.cells):
                _reject(self._con, number, "nul_character", record.cells)
            elif reason == DOUBTFUL:
                _reject(self._con, number, DOUBTFUL, record.cells)
            elif reason is not None:
                self._no_data.add(NoData(reason), [line])
            else:
                if self._text.survey.marks:
                    told = zip(self._fields, record.cells, strict=False)
                    self._errors.update(name for name, cell in told if cells.is_error(cell))
                yield number, record.cells

    def _judged(self) -> Iterator[tuple[Record, str | None]]:
        repeats = self._text.layout.repeats
        waiting: deque[Record] = deque()
        for record in islice(self._records(), 1, None):
            waiting.append(record)
            if len(waiting) > _END:
                first = waiting.popleft()
                yield first, layout.judge(first.cells, repeats, self._key_at)
        told = layout.judge_end([record.cells for record in waiting], repeats, self._key_at)
        yield from zip(waiting, told, strict=True)

    def _one(self, name: str) -> int:
        row = self._con.execute(queries.load(f"{name}")).fetchone()
        return int(row[0]) if row else 0


def _reject(con: duckdb.DuckDBPyConnection, number: int, reason: str, cells: Sequence[str | None]) -> None:
    """Keeps a row out with its text, in which a NUL is shown as what it is."""
    texts = [(cell or "").strip().replace("\x00", "␀") for cell in cells]
    con.execute("insert into reject values (?, ?, ?, ?)", [number, reason, " ; ".join(texts), texts])


def _headers(row: Sequence[str | None], limits: Limits) -> tuple[str, ...]:
    while row and not (row[-1] or "").strip():
        row = row[:-1]
    if len(row) > limits.columns:
        raise Refused("file_too_many_columns", columns=len(row), allowed=limits.columns)
    names = [(cell or "").strip() for cell in row]
    if not any(names):
        raise Refused("file_no_headers")
    if any(len(name) > limits.header_chars for name in names):
        raise Refused("file_no_headers")
    seen: Counter[str] = Counter()
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        base = name or f"#{place}"
        seen[base.casefold()] += 1
        found.append(base if seen[base.casefold()] == 1 else f"{base} ({seen[base.casefold()]})")
    return tuple(found)


def _as_text(value: object) -> str | None:
    """A typed cell as the text a CSV would have had."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() and not value.tzinfo else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


# Parquet and databases


def _inspect_parquet(path: Path, name: str, limits: Limits) -> Inspection:
    try:
        with pq.ParquetFile(path) as file:
            headers = _headers(file.schema_arrow.names, limits)
            unpacked = sum(file.metadata.row_group(place).total_byte_size for place in range(file.num_row_groups))
            if unpacked > limits.unpacked_bytes:
                raise Refused(
                    "file_unpacks_too_large",
                    megabytes=unpacked // 1024**2,
                    allowed=limits.unpacked_bytes // 1024**2,
                )
            first = next(file.iter_batches(batch_size=_SAMPLE), None)
    except (pa.ArrowException, OSError):
        raise Refused("file_truncated_parquet") from None
    if first is None or first.num_rows == 0:
        raise Refused("file_only_headers")
    sample = tuple(tuple(_as_text(value) for value in row.values()) for row in first.to_pylist())
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Inspection(path, name, "parquet", digest, (Sheet(None, headers, sample),))


def _renamed(table: pa.Table, fields: Sequence[str]) -> pa.Table:
    return table.rename_columns(list(fields))


def _source_engine(url: str) -> sa.Engine:
    try:
        return sa.create_engine(url, hide_parameters=True)
    except (sa.exc.SQLAlchemyError, ImportError, ValueError):
        raise Refused("database_unreadable", why="URL") from None


def _reflected(connection: sa.Connection, table: str) -> sa.Table:
    schema, _, name = table.rpartition(".")
    return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)


def _table_rows(url: str, table: str) -> Iterator[Sequence[str | None]]:
    engine = _source_engine(url)
    try:
        with engine.connect().execution_options(stream_results=True) as connection:
            for row in connection.execute(sa.select(_reflected(connection, table))):
                yield tuple(_as_text(value) for value in row)
    except sa.exc.SQLAlchemyError as error:
        raise Refused("database_unreadable", why=type(error).__name__) from None
    finally:
        engine.dispose()


# Rows from Python


def _stage_rows(
    con: duckdb.DuckDBPyConnection, numbered: Iterator[tuple[int, Sequence[str | None]]], fields: Sequence[str]
) -> None:
    """Stages the rows of the right width under their numbers; the others go to `reject` with their text."""
    width = len(fields)
    names = ["row_no", *fields]
    kinds = [pa.int64(), *[pa.string()] * width]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    con.register("incoming", pa.Table.from_batches([], schema))
    con.execute(queries.load("raw_like_incoming"))
    con.execute(queries.load("raw_numbered"))
    con.unregister("incoming")
    while chunk := [(number, _unpadded(row, width)) for number, row in islice(numbered, 50_000)]:
        good = [(number, *row) for number, row in chunk if len(row) == width]
        if good:
            columns = [pa.array(column, kind) for column, kind in zip(zip(*good, strict=True), kinds, strict=True)]
            con.register("incoming", pa.Table.from_arrays(columns, schema=schema))
            con.execute(queries.load("raw_add_incoming"))
            con.unregister("incoming")
        for number, row in chunk:
            if len(row) != width:
                _reject(con, number, "wrong_columns", row)


def _unpadded(row: Sequence[str | None], width: int) -> Sequence[str | None]:
    """A row without the empty cells that some systems put after the last column."""
    end = len(row)
    while end > width and not (row[end - 1] or "").strip():
        end -= 1
    return row[:end]


def _rejected(con: duckdb.DuckDBPyConnection) -> int:
    counted = con.execute("select count(*) from reject").fetchone()
    return int(counted[0]) if counted else 0


def _refuse_misfits(con: duckdb.DuckDBPyConnection, width: int) -> None:
    """Refuses a table of which every row stays out by its width: with none of them, everybody would be gone from the
    copy, and the build before is nearer to the source.
    """
    found = con.execute(queries.load("reject_widths")).fetchone()
    if found is not None and found[0] and found[0] == found[1]:
        raise Refused("file_all_misfit", rows=found[0], columns=width, cells=found[2])


def _take_off_unseen(con: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> None:
    """A key with a sign that nobody sees is the one that everybody reads: else it would be another row's in the export
    that has the sign, and holds and purges would miss it.
    """
    names = [name for name in fields if name in _KEYS]
    if not names:
        return
    result = con.execute(queries.load("keys_unseen"), {"names": names})
    columns = [str(column[0]) for column in result.description or ()]
    for name, is_any in zip(columns, result.fetchone() or (), strict=True):
        if is_any:
            con.execute(queries.load("keys_seen").replace("the_field", name))


def _make_whole(con: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> None:
    """Keys that a tool has written as 1001.0 are 1001, as in the exports before it: else everybody would be new."""
    if not set(_SPOILT) - {"phone"} & set(fields):
        return
    result = con.execute(queries.load("whole_keys"))
    names = [str(column[0]) for column in result.description or ()]
    for name, is_whole in zip(names, result.fetchone() or (), strict=True):
        if is_whole:
            con.execute(f"update raw_text set {name} = regexp_replace({name}, '[.,]0+$', '')")  # noqa: S608 - fixed names


def _refuse_spoilt(con: duckdb.DuckDBPyConnection, fields: Sequence[str], headers: Sequence[str]) -> None:
    """Refuses a table of which a spreadsheet has spoilt keys: whom they mean cannot be told any more."""
    if not set(_SPOILT) & set(fields):
        return
    result = con.execute(queries.load("spoilt_keys"))
    names = [str(column[0]) for column in result.description or ()]
    counted = dict(zip(names, result.fetchone() or (), strict=True))
    spoilt = [name for name in fields if counted.get(name)]
    if spoilt:
        columns = ", ".join(headers[fields.index(name)] for name in spoilt)
        raise Refused("file_keys_spoilt", columns=columns, rows=max(counted[name] for name in spoilt))
