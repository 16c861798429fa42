"""Opens what people deliver: finds out what a file really is, refuses what cannot be read, stages the rest.

A file is judged by its content, not by its name. Whatever is wrong is said before a row is read: nothing below
trusts a size, an encoding or a structure that was not checked here.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal, TextIO

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from compliance.words import queries
from compliance.words.refusal import Refused

Kind = Literal["csv", "xlsx", "parquet", "database"]
_BLOCK = 8 * 1024 * 1024
_SAMPLE = 50
_HEAD = 256 * 1024
# Where two fit alike: what texts seldom hold before what they often do, and a comma last, since it is in decimals.
_DELIMITERS = ("\t", "|", ";", ",")
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True)
class Limits:
    """What a file may be at most; more is a mistake or an attack, not an export."""

    file_bytes: int = 8 * 1024**3
    line_bytes: int = 1_000_000
    columns: int = 500
    header_chars: int = 200
    unpacked_bytes: int = 2 * 1024**3


@dataclass(frozen=True)
class Sheet:
    """One table of a file: its name (workbooks only), its column names, and its first rows as text."""

    name: str | None
    headers: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True)
class Inspection:
    """What a file is. `digest` is SHA-256 of its bytes; encoding and delimiter only for CSV."""

    path: Path
    name: str
    kind: Kind
    digest: str
    sheets: tuple[Sheet, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    table: str | None = None


@dataclass(frozen=True)
class Staged:
    """How many rows came in and became of them: rows_in = rows_staged + rows_rejected, always."""

    rows_in: int
    rows_staged: int
    rows_rejected: int


def inspect(path: Path, name: str, limits: Limits | None = None) -> Inspection:
    """Finds out what a file is and whether it can be read. `name` is what its owner calls it.

    Raises Refused `file_...` with what is wrong and where.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size == 0:
        raise Refused("file_empty")
    if size > limits.file_bytes:
        raise Refused("file_too_large", megabytes=size // 1024**2, allowed=limits.file_bytes // 1024**2)
    with path.open("rb") as file:
        head = file.read(8)
        if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
            return _inspect_xlsx(path, name, limits)
        if head.startswith(b"PAR1"):
            return _inspect_parquet(path, name, limits)
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise Refused("file_old_excel")
        if head.startswith((b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")):
            raise Refused("file_packed")
        if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"MZ")):
            raise Refused("file_binary")
        return _inspect_csv(file, path, name, limits)


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
) -> Staged:
    """Reads one table into `raw` (row_no and a text column per field, blank is null) and the misfits into `reject`.

    `fields` names the columns in order. Raises Refused where reading shows what inspection could not.
    """
    con.execute("create or replace temp table reject (row_no bigint, reason varchar, line varchar)")
    con.execute("drop view if exists raw cascade")
    con.execute("drop table if exists raw_text")
    if inspection.kind == "csv":
        return _stage_csv(con, inspection, fields, workdir, tick)
    if inspection.kind == "parquet":
        con.register("incoming", _renamed(pq.read_table(inspection.path), fields))
        con.execute(queries.load("raw_from_incoming"))
        con.unregister("incoming")
        con.execute(queries.load("raw_in_order"))
    else:
        rows = (
            _sheet_rows(inspection, sheet)
            if inspection.kind == "xlsx"
            else _table_rows(str(url), str(inspection.table))
        )
        _stage_rows(con, rows, fields)
    tick(1.0)
    counted = con.execute("select count(*) from raw").fetchone()
    staged = int(counted[0]) if counted else 0
    rejected = _rejected(con)
    return Staged(staged + rejected, staged, rejected)


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


# CSV


def _inspect_csv(file: BinaryIO, path: Path, name: str, limits: Limits) -> Inspection:
    encoding, digest = _survey(file, limits)
    with path.open("r", encoding=encoding, errors="replace", newline="") as text:
        head = text.read(_HEAD)
    complete = path.stat().st_size <= len(head)
    delimiter = _delimiter(head)
    rows = list(islice(_records(io.StringIO(head, newline=""), delimiter), _SAMPLE + 2))
    if not rows:
        raise Refused("file_empty")
    headers = _headers(rows[0], limits)
    body = rows[1:] if complete or len(rows) > _SAMPLE else rows[1:-1]
    if not rows[1:]:
        raise Refused("file_only_headers")
    width = len(headers)
    sample = tuple(tuple((cell.strip() or None) for cell in row[:width]) for row in body[:_SAMPLE] if len(row) == width)
    return Inspection(path, name, "csv", digest, (Sheet(None, headers, sample),), encoding, delimiter)


def _records(text: io.StringIO, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_HEAD * 8)
    try:
        for row in csv.reader(text, delimiter=delimiter):
            if _is_record(row):
                yield row
    except csv.Error:
        return


def _is_record(row: Sequence[str]) -> bool:
    """A line with nothing but space is no record; one with delimiters and nothing between them is."""
    return len(row) > 1 or any(cell.strip() for cell in row)


def _survey(file: BinaryIO, limits: Limits) -> tuple[str, str]:
    """Reads all bytes once: the encoding that fits every one of them, and their digest. Bounded memory."""
    file.seek(0)
    start = file.read(4)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    marked = start.startswith(codecs.BOM_UTF8)
    encoding = "utf-16" if wide else "utf-8-sig" if marked else "utf-8"
    file.seek(0)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    broken_at: int | None = None
    lines = since_newline = 0
    while block := file.read(_BLOCK):
        digest.update(block)
        if not wide:
            since_newline = _longest_line(block, since_newline, limits, lines)
            if b"\x00" in block:
                raise Refused("file_binary")
        if broken_at is None:
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                if wide or encoding == "utf-8-sig":
                    raise Refused("file_encoding", line=lines + block[: error.start].count(b"\n") + 1) from None
                broken_at = lines + block[: error.start].count(b"\n") + 1
        lines += block.count(b"\n")
    if broken_at is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            if wide or encoding == "utf-8-sig":
                raise Refused("file_encoding", line=lines + 1) from None
            broken_at = lines + 1
    if broken_at is not None:
        if not _reads_as_1252(file):
            raise Refused("file_encoding", line=broken_at)
        encoding = "cp1252"
    return encoding, digest.hexdigest()


def _reads_as_1252(file: BinaryIO) -> bool:
    """Whether a file that is no UTF-8 is Windows-1252 rather than UTF-8 with damage.

    Windows-1252 has hardly a pair of bytes that reads as one UTF-8 letter; a damaged UTF-8 file has many.
    """
    file.seek(0)
    letters = 0
    while block := file.read(_BLOCK):
        letters += len(_UTF8_SEQUENCE.findall(block))
        if letters > 2 or _UNDEFINED_1252.search(block):
            return False
    return True


def _longest_line(block: bytes, since_newline: int, limits: Limits, lines: int) -> int:
    """Bytes since the last newline after this block. Refuses a line that is longer than any export's."""
    first = block.find(b"\n")
    if first == -1:
        if since_newline + len(block) > limits.line_bytes:
            raise Refused("file_line_too_long", line=lines + 1, allowed=limits.line_bytes)
        return since_newline + len(block)
    if since_newline + first > limits.line_bytes:
        raise Refused("file_line_too_long", line=lines + 1, allowed=limits.line_bytes)
    last = block.rfind(b"\n")
    place = first
    while place < last:
        # Jumps from newline to newline at the limit's distance: cheap, and exact about what is too long.
        step = block.rfind(b"\n", place + 1, min(place + 1 + limits.line_bytes, last + 1))
        if step == -1:
            line = lines + block[:place].count(b"\n") + 2
            raise Refused("file_line_too_long", line=line, allowed=limits.line_bytes)
        place = step
    return len(block) - last - 1


def _delimiter(head: str) -> str:
    """The sign by which the first records agree best on a width: signs inside quotes are text.

    Measured against DuckDB's sniff_csv and csv.Sniffer on tests/build/test_reader.py's files and 600 invented ones:
    both take a comma in decimals or in text for the delimiter, and the former a file with some short rows, too.
    """
    return max(_DELIMITERS, key=lambda mark: _agreement(head, mark))


def _agreement(head: str, delimiter: str) -> tuple[bool, float, int]:
    """Whether the header has columns, the share of the records after it that are as wide, and how wide it is."""
    widths: list[int] = []
    csv.field_size_limit(_HEAD * 8)
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True):
            if _is_record(row):
                widths.append(len(row))
            if len(widths) > _SAMPLE:
                break
    except csv.Error:
        # Text right after a closing quote: the quotes are another delimiter's, or the file is damaged.
        widths.append(0)
    if not widths:
        return False, 0.0, 0
    header, *body = widths
    return header > 1, body.count(header) / len(body) if body else 1.0, header


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


def _stage_csv(
    con: duckdb.DuckDBPyConnection,
    inspection: Inspection,
    fields: Sequence[str],
    workdir: Path,
    tick: Callable[[float], None],
) -> Staged:
    path = inspection.path
    if inspection.encoding not in ("utf-8", "utf-8-sig"):
        path = _transcoded(inspection, workdir)
    tick(0.2)
    binds = {
        "path": str(path),
        "delimiter": inspection.delimiter,
        "columns": dict.fromkeys(fields, "VARCHAR"),
    }
    try:
        con.execute(queries.load("raw_from_csv"), binds)
        clean = True
    except duckdb.Error:
        clean = False
    if clean:
        con.execute(queries.load("raw_in_order"))
    else:
        con.execute("drop table if exists raw_text")
        _stage_rows(con, _exact_records(path, inspection.delimiter, Limits()), fields)
    tick(1.0)
    counted = con.execute("select count(*) from raw").fetchone()
    staged = int(counted[0]) if counted else 0
    rejected = _rejected(con)
    return Staged(staged + rejected, staged, rejected)


def _transcoded(inspection: Inspection, workdir: Path) -> Path:
    target = workdir / f"{inspection.digest[:16]}.utf8.csv"
    with (
        inspection.path.open("r", encoding=inspection.encoding, newline="") as source,
        target.open("w", encoding="utf-8", newline="") as sink,
    ):
        while text := source.read(_BLOCK):
            sink.write(text)
    return target


def _exact_records(path: Path, delimiter: str, limits: Limits) -> Iterator[Sequence[str | None]]:
    """Every record as RFC 4180 has it, header left out. Raises Refused where a quote is never closed or a record
    is longer than a line may be.
    """
    csv.field_size_limit(limits.line_bytes)
    with path.open("r", encoding="utf-8-sig", newline="") as text:
        lines = _RecordLines(text, limits.line_bytes)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header_seen = False
        try:
            for row in reader:
                if _is_record(row):
                    if header_seen:
                        yield row
                    header_seen = True
                lines.end_record()
        except csv.Error:
            raise Refused("file_unclosed_quote", line=lines.begun) from None


class _RecordLines:
    """The lines of a file for as long as no record is longer than allowed.

    A quoted field may run over lines, so that short lines can make a record of any size, of which the parser would
    hold every field in memory. `begun` is the line at which the record at hand begins.
    """

    def __init__(self, text: TextIO, allowed: int) -> None:
        self.begun = 1
        self._text = text
        self._allowed = allowed
        self._read = 0
        self._length = 0

    def __iter__(self) -> _RecordLines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._allowed + 1)
        if not line:
            raise StopIteration
        self._read += 1
        self._length += len(line)
        if self._length > self._allowed:
            code = "file_line_too_long" if self._read == self.begun else "file_quote_runs_on"
            raise Refused(code, line=self.begun, allowed=self._allowed)
        return line

    def end_record(self) -> None:
        """What comes next is another record."""
        self.begun = self._read + 1
        self._length = 0


# Workbooks


def _inspect_xlsx(path: Path, name: str, limits: Limits) -> Inspection:
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > limits.unpacked_bytes:
                raise Refused(
                    "file_unpacks_too_large",
                    megabytes=unpacked // 1024**2,
                    allowed=limits.unpacked_bytes // 1024**2,
                )
            if not any(member.filename == "xl/workbook.xml" for member in members):
                raise Refused("file_packed")
            if package.testzip() is not None:
                raise Refused("file_truncated_workbook")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError):
        raise Refused("file_truncated_workbook") from None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    sheets: list[Sheet] = []
    with _workbook(path) as book:
        for sheet in book.worksheets:
            rows = _cells(sheet)
            first = next(rows, None)
            if first is None:
                continue
            headers = _headers(first, limits)
            width = len(headers)
            sample = tuple(_fitted(row, width) for row in islice(rows, _SAMPLE))
            if sample:
                sheets.append(Sheet(sheet.title, headers, sample))
    if not sheets:
        raise Refused("file_only_headers")
    return Inspection(path, name, "xlsx", digest, tuple(sheets))


class _workbook:
    """Opens a workbook for reading only; whatever the library stumbles over is a damaged workbook."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Any:
        # By path the library would judge the file by its name.
        self._file = self._path.open("rb")
        try:
            self._book = openpyxl.load_workbook(self._file, read_only=True, data_only=True)
        except Exception:
            self._file.close()
            raise Refused("file_truncated_workbook") from None
        return self._book

    def __exit__(self, *_: object) -> None:
        self._book.close()
        self._file.close()


def _cells(sheet: Any) -> Iterator[tuple[str | None, ...]]:
    for row in sheet.iter_rows(values_only=True):
        texts = tuple(_as_text(value) for value in row)
        if any(texts):
            yield texts


def _fitted(row: Sequence[str | None], width: int) -> tuple[str | None, ...]:
    return (*row[:width], *[None] * (width - len(row)))


def _sheet_rows(inspection: Inspection, sheet: int) -> Iterator[Sequence[str | None]]:
    wanted = inspection.sheets[sheet]
    with _workbook(inspection.path) as book:
        rows = _cells(book[wanted.name])
        next(rows, None)
        for row in rows:
            # A workbook pads its rows with empty cells; only filled ones beyond the headers are too many.
            beyond = any(row[len(wanted.headers) :])
            yield row if beyond else _fitted(row, len(wanted.headers))


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


def _stage_rows(con: duckdb.DuckDBPyConnection, rows: Iterator[Sequence[str | None]], fields: Sequence[str]) -> None:
    """Numbers the rows and stages those of the right width; the others go to `reject` with their text."""
    width = len(fields)
    names = ["row_no", *fields]
    kinds = [pa.int64(), *[pa.string()] * width]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    con.register("incoming", pa.Table.from_batches([], schema))
    con.execute(queries.load("raw_like_incoming"))
    con.execute(queries.load("raw_numbered"))
    con.unregister("incoming")
    numbered = enumerate(rows, start=1)
    while chunk := [(number, _unpadded(row, width)) for number, row in islice(numbered, 50_000)]:
        good = [(number, *row) for number, row in chunk if len(row) == width]
        bad = [
            (number, "wrong_columns", " ; ".join(cell or "" for cell in row))
            for number, row in chunk
            if len(row) != width
        ]
        if good:
            columns = [pa.array(column, kind) for column, kind in zip(zip(*good, strict=True), kinds, strict=True)]
            con.register("incoming", pa.Table.from_arrays(columns, schema=schema))
            con.execute(queries.load("raw_add_incoming"))
            con.unregister("incoming")
        if bad:
            con.executemany("insert into reject values (?, ?, ?)", bad)


def _unpadded(row: Sequence[str | None], width: int) -> Sequence[str | None]:
    """A row without the empty cells that some systems put after the last column."""
    end = len(row)
    while end > width and not (row[end - 1] or "").strip():
        end -= 1
    return row[:end]


def _rejected(con: duckdb.DuckDBPyConnection) -> int:
    counted = con.execute("select count(*) from reject").fetchone()
    return int(counted[0]) if counted else 0
