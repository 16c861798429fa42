"""Delimited text: its encoding, its delimiter, where its table begins and ends, and its records, exactly.

All bytes are read once, in bounded memory, before a row is believed.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TextIO

from compliance.build import dialects, layout
from compliance.build.dialects import Dialect
from compliance.build.layout import Layout, NoData, Record
from compliance.build.limits import BLOCK, Limits
from compliance.words.refusal import Refused

_HEAD = 256 * 1024
_TAIL = 32 * 1024
_SAMPLE = 50
# Records that are looked at for the headers, those of the sample, and the one that the head may cut.
_LOOKED_AT = _SAMPLE + 41
# Where two fit alike: what texts seldom hold before what they often do, a comma last of those that are usual, since it
# is in decimals, and then what few systems write.
_DELIMITERS = ("\t", "|", ";", ",", "^", "~")
# Of rows as wide as their headers fewer are none that the delimiter parts.
_FEW = 0.3
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SINGLE_BYTE = ("cp1252", "cp850", "mac_roman")
# Letters of Windows-1252, and within a word the letters of others: small ones beside a small one, capitals between
# capitals. The others have marks of quotations and frames of tables where Windows has these.
_WINDOWS_LETTERS = re.compile(rb"(?<![\x80-\xff])[\xc0-\xff](?=[A-Za-z])")
_DOS_LETTERS = re.compile(
    rb"(?<=[a-z])[\x81\x82\x84\x86\x94\x9b](?=[A-Za-z])|(?<=[A-Z])[\x81\x82\x84\x86\x94\x9b](?=[a-z])"
    rb"|(?<=[A-Z])[\x8e\x8f\x99](?=[A-Z])"
)
_MAC_LETTERS = re.compile(rb"(?<=[A-Za-z])[\x8a\x8c](?=[a-z])|(?<=[A-Z])[\x80\x81\x85](?=[A-Z])")
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# A line feed whose bytes are read the wrong way round: a byte is lost, and what follows says something else.
_SHIFTED = "\u0a00"
# What a cell may begin with that compliance.build.cells reads otherwise than as it is written.
_MARKS = re.compile(rb"#[A-Z]|=\"|'[0-9=+@-]|\\N")
# A sign that each of them has: one byte is found, or not, twenty times as fast.
_IN_MARKS = (b"#", b"=", b"'", b"\\")
_ESCAPE = re.compile(dialects.ESCAPE)
_ESCAPE_BYTES = re.compile(dialects.ESCAPE.encode())
# What no table's text holds, beside the NUL that a faulty system leaves and the old mark of a file's end.
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")
# What breaks a line, or looks like it.
_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Survey:
    """What all bytes of a text say. `lines` counts line feeds; `nuls` are bytes in a text that is otherwise whole.
    `marks`: there may be cells that compliance.build.cells reads otherwise than as they are written. `escapes`: a
    backslash stands before a sign that may part cells.
    """

    encoding: str
    digest: str
    lines: int
    nuls: int
    head: bytes
    tail: bytes
    complete: bool
    marks: bool
    escapes: bool = False


@dataclass(frozen=True)
class Text:
    """A table of delimited text. `begins` is the line of its headers, from 1, `ends_before` the line at which what is
    no data follows the last row (None: the rows go on to the end), and `width` how many cells a row has. `sample` are
    its first rows; `after` is what follows the rows, by line. `by_row`: it was the sheet of a workbook, and its lines
    are told as rows of that, in which the headers are row `header_row`. Where the `dialect` is not plain, all but its
    lines is said of what `prepared` makes of it.
    """

    survey: Survey
    delimiter: str
    layout: Layout
    begins: int
    ends_before: int | None
    width: int
    sample: tuple[tuple[str, ...], ...]
    titles: tuple[tuple[Record, NoData | None], ...]
    after: tuple[tuple[Record, NoData], ...]
    by_row: bool = False
    header_row: int = 1
    dialect: Dialect = Dialect.PLAIN

    def line_of(self, row: int) -> int:
        """The line at which a row begins, the first being 1 and the headers 0, where each line is a row."""
        if self.by_row:
            return self.header_row + row
        return self.begins if row == 0 else self.begins + self.header_lines - 1 + row

    @property
    def header_lines(self) -> int:
        """How many lines the header row takes."""
        return 1 + sum(cell.count("\n") for cell in self.layout.repeats[0])


def inspect(path: Path, limits: Limits, *, by_row: bool = False) -> Text:
    """Finds out how a text is written and where its table is. `by_row`: it is a sheet's, written by our own hand.

    Raises Refused `file_...` with what is wrong and where.
    """
    with path.open("rb") as file:
        survey = _survey(file, limits)
    head = survey.head.decode(survey.encoding, errors="replace").removeprefix("\ufeff")
    first, _, rest = head.partition("\n")
    told = None if by_row else layout.separator_of(first)
    body, above = (head, 0) if told is None else (rest, 1)
    delimiter = "," if by_row else _told_or_found(body, told)
    dialect = Dialect.PLAIN
    if not by_row and survey.lines:
        dialect, delimiter = _dialect(path, survey, body, delimiter)
        if dialect is not Dialect.PLAIN:
            body = dialects.begins(body, dialect, delimiter, _LOOKED_AT + 1) or body
        if dialect is Dialect.WRAPPED:
            survey = _unwrapped_tail(survey)
    records = _head_records(body, delimiter, survey.complete, above)
    if not any(record.filled for record in records):
        raise Refused("file_empty" if told is None else "file_only_headers")
    if max(len(record.cells) for record in records) > limits.columns:
        wide = layout.without_padding(max((record.cells for record in records), key=len))
        if len(wide) > limits.columns:
            raise Refused("file_too_many_columns", columns=len(wide), allowed=limits.columns)
    found = layout.find(records)
    if found is None:
        raise Refused("file_no_headers")
    header = records[found.first]
    rows = [record for record in records[found.first + 1 :] if is_record(record.cells)]
    width = _width(max(len(found.names), len(header.cells)), rows, limits)
    after = () if by_row else _after(survey, delimiter, width, found)
    ends_before = after[0][0].line if after else None
    rows = [row for row in rows if ends_before is None or row.line < ends_before]
    if not any(record.filled for record in rows):
        raise Refused("file_only_headers")
    sample = [row.cells for row in rows if len(row.cells) == width and not layout.judge(row.cells, found.repeats)]
    titles = tuple((Record(nth, one.cells) if by_row else one, why) for nth, (one, why) in enumerate(found.titles, 1))
    if told is not None:
        why = NoData.SEPARATOR if told in ("", delimiter) else NoData.WRONG_SEPARATOR
        titles = ((Record(1, (first.strip(),)), why), *titles)
    return Text(
        survey,
        delimiter,
        found,
        header.line,
        ends_before,
        width,
        tuple(sample[:_SAMPLE]),
        titles,
        after,
        by_row,
        found.first + 1,
        dialect,
    )


def _told_or_found(body: str, told: str | None) -> str:
    """The delimiter that the first line tells, unless the rows do not use it and surely use another: few of them may
    agree by chance, yet text that stands beside a closing quote has another delimiter.
    """
    if told and _agreement(body, told)[:2] == (True, True):
        return told
    found = _delimiter(body)
    if (
        told
        and _agreement(body, found)[:2] != (True, True)
        and _strict_records(body, told)[1] <= _strict_records(body, found)[1]
    ):
        return told
    return found


def _dialect(path: Path, survey: Survey, body: str, delimiter: str) -> tuple[Dialect, str]:
    """How quotes are written within cells, and the delimiter of that. Only what is certain is other than plain."""
    parted, _, _, share, _ = _agreement(body, delimiter)
    if (not parted or share < _FEW) and dialects.may_be_wrapped(body, _LOOKED_AT):
        inside = dialects.begins(body, Dialect.WRAPPED, delimiter, _LOOKED_AT)
        if inside is not None:
            mark = _delimiter(inside)
            if dialects.is_table(body, inside, mark):
                return Dialect.WRAPPED, mark
    if survey.escapes and dialects.means_escapes(body):
        heads = {mark: dialects.begins(body, Dialect.ESCAPED, mark, _LOOKED_AT) for mark in _DELIMITERS}
        mark = max(_DELIMITERS, key=lambda one: _agreement(heads[one] or "", one))
        with (
            path.open(encoding=survey.encoding, newline="") as plainly,
            path.open(encoding=survey.encoding, newline="") as again,
        ):
            if _agreement(heads[mark] or "", mark)[0] and dialects.is_escaped(plainly, again, mark):
                return Dialect.ESCAPED, mark
    return Dialect.PLAIN, delimiter


def _unwrapped_tail(survey: Survey) -> Survey:
    lines = survey.tail.decode("utf-8", errors="replace").split("\n")
    inside = [dialects.begins(line, Dialect.WRAPPED, "", 1) for line in lines]
    told = [line if one is None else one.removesuffix("\n") for line, one in zip(lines, inside, strict=True)]
    return replace(survey, tail="\n".join(told).encode())


def _width(headers: int, rows: list[Record], limits: Limits) -> int:
    """How many cells a row has: as the headers, or more where systems end rows, but not headers, with a delimiter."""
    widths = Counter(len(row.cells) for row in rows)
    common = widths.most_common(1)[0][0] if widths else headers
    if not headers <= common <= limits.columns or any(not layout.is_blank(row.cells[headers:]) for row in rows):
        return headers
    return common


def prepared(path: Path, text: Text, folder: Path) -> tuple[Path, int]:
    """A UTF-8 file that begins with the headers and ends with the last row, and how many lines it has: the file itself
    where it is so, else a copy in `folder`. All of the copy's headers break their lines as the file ends them: a reader
    that takes the first break for the end of every line would find no rows.
    """
    survey = text.survey
    if text.dialect is not Dialect.PLAIN:
        path, survey = _rewritten(path, text, folder), replace(survey, encoding="utf-8")
    broken = any(sign in cell for cell in text.layout.repeats[0] for sign in "\r\n")
    whole = text.begins == 1 and text.ends_before is None and not broken
    if whole and survey.encoding in ("utf-8", "utf-8-sig") and (survey.lines or b"\r" not in survey.tail):
        ends_open = bool(survey.tail) and not survey.tail.endswith(b"\n")
        return path, survey.lines + ends_open
    target = folder / f"{survey.digest[:16]}.utf8.csv"
    # Old systems end lines with a carriage return alone, which not every reader takes for an end.
    newline = "" if survey.lines or b"\r" not in survey.tail else None
    with (
        path.open("r", encoding=survey.encoding, newline=newline) as source,
        target.open("w", encoding="utf-8", newline="") as sink,
    ):
        above = sum(source.readline().count("\n") for _ in range(text.begins - 1))
        left = None if text.ends_before is None else text.ends_before - 1 - above
        lines, ended = 0, True
        if broken:
            head = _header(source, text.header_lines)
            sink.write(head)
            lines, ended = head.count("\n"), head.endswith("\n")
            left = None if left is None else left - lines
        while (left is None or left > 0) and (block := source.read(BLOCK)):
            feeds = block.count("\n")
            if left is not None and feeds >= left:
                block, feeds = block[: _place_of(block, left)], left
            sink.write(block)
            lines += feeds
            ended = block.endswith("\n")
            left = None if left is None else left - feeds
    return target, lines + (not ended)


def _header(source: TextIO, lines: int) -> str:
    """The header row of so many lines, each of which ends as its last one does."""
    head = ""
    while head.count("\n") < lines and (line := source.readline()):
        head += line
    end = "\r\n" if head.endswith("\r\n") else "\n"
    # A carriage return alone ends no line here.
    return _BREAK.sub(lambda found: end if found[0].endswith("\n") else " ", head)


def _rewritten(path: Path, text: Text, folder: Path) -> Path:
    """The whole file as RFC 4180 has it, with the lines it had."""
    target = folder / f"{text.survey.digest[:16]}.plain.csv"
    csv.field_size_limit(1_000_000)
    with (
        path.open("r", encoding=text.survey.encoding, newline="") as source,
        target.open("w", encoding="utf-8", newline="") as sink,
    ):
        line = 1
        try:
            for record in dialects.rewritten(source, text.dialect, text.delimiter):
                sink.write(record)
                line += record.count("\n")
        except csv.Error:
            raise Refused("file_unclosed_quote", line=line) from None
    return target


def _place_of(block: str, nth: int) -> int:
    """Where the nth line of a block ends."""
    place = 0
    for _ in range(nth):
        place = block.index("\n", place) + 1
    return place


def exact_records(path: Path, delimiter: str, limits: Limits, begins: int) -> Iterator[Record]:
    """Every record as RFC 4180 has it, blank lines too, the header row first, of a file whose first line is line
    `begins` of what was delivered. Raises Refused where a quote is never closed or a record is longer than a line may
    be.
    """
    csv.field_size_limit(limits.line_bytes)
    with path.open("r", encoding="utf-8-sig", newline="") as text:
        lines = _RecordLines(text, limits.line_bytes, begins)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                yield Record(lines.begun, tuple(row))
                lines.end_record()
        except csv.Error:
            raise Refused("file_unclosed_quote", line=lines.begun) from None


def is_record(cells: tuple[str, ...]) -> bool:
    """A line with nothing but space is no record; one with delimiters and nothing between them is."""
    return len(cells) > 1 or any(cell.strip() for cell in cells)


class _RecordLines:
    """The lines of a file for as long as no record is longer than allowed.

    A quoted field may run over lines, so that short lines can make a record of any size, of which the parser would
    hold every field in memory. `begun` is the line at which the record at hand begins.
    """

    def __init__(self, text: TextIO, allowed: int, begins: int) -> None:
        self.begun = begins
        self._text = text
        self._allowed = allowed
        self._read = begins - 1
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


# Bytes


def _survey(file: BinaryIO, limits: Limits) -> Survey:
    """Reads all bytes once: the encoding that fits every one of them, and their digest. Bounded memory."""
    start = file.read(4)
    width, encoding, mark = _written(start)
    wide = width > 1
    file.seek(0)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    broken_at: int | None = None
    lines = since_newline = nuls = size = 0
    odd = escapes = False
    marks = wide
    head = tail = b""
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
        marks = marks or (any(sign in block for sign in _IN_MARKS) and _MARKS.search(block) is not None)
        escapes = escapes or (not wide and b"\\" in block and _ESCAPE_BYTES.search(block) is not None)
        head = head if len(head) >= _HEAD else (head + block)[:_HEAD]
        tail = (tail + block)[-_TAIL:]
        if not wide:
            since_newline = _longest_line(block, since_newline, limits, lines)
            nuls += block.count(b"\x00")
            odd = odd or (nuls > 0 and _CONTROL.search(block) is not None)
            # A text has a NUL here and there; what is made of them is something else.
            if odd or nuls * 20 > size:
                raise Refused("file_binary")
        if broken_at is None:
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                if wide or encoding == "utf-8-sig":
                    raise Refused("file_encoding", line=lines + block[: error.start].count(b"\n") + 1) from None
                broken_at = lines + block[: error.start].count(b"\n") + 1
            else:
                if wide:
                    if _SHIFTED in text:
                        raise Refused("file_encoding", line=lines + text[: text.index(_SHIFTED)].count("\n") + 1)
                    nuls += text.count("\x00")
                    lines += text.count("\n")
                    escapes = escapes or _ESCAPE.search(text) is not None
        if not wide:
            lines += block.count(b"\n")
    if broken_at is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            if wide or encoding == "utf-8-sig":
                raise Refused("file_encoding", line=lines + 1) from None
            broken_at = lines + 1
    if broken_at is not None:
        told = _single_byte(file)
        if told is None:
            raise Refused("file_encoding", line=broken_at)
        encoding = told
    if wide:
        # What follows is cut by letters, not by bytes.
        tail = tail[len(tail) % width :].decode(mark, errors="replace").encode()
    elif encoding in _SINGLE_BYTE:
        tail = tail.decode(encoding, errors="replace").encode()
    return Survey(encoding, digest.hexdigest(), lines, nuls, head, tail, size <= _HEAD, marks, escapes)


def _written(start: bytes) -> tuple[int, str, str]:
    """By its first four bytes: how many bytes a text's letters have, its encoding, and that of a piece of it.

    Without a mark, two plain letters of two bytes each tell that all are.
    """
    for width, marks in (
        (4, (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
        (2, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
    ):
        for mark, order in zip(marks, ("le", "be"), strict=True):
            if start.startswith(mark):
                return width, f"utf-{8 * width}", f"utf-{8 * width}-{order}"
    for letters, zeros, order in ((start[::2], start[1::2], "le"), (start[1::2], start[::2], "be")):
        if zeros == b"\x00\x00" and all(0x20 <= letter < 0x7F for letter in letters):
            return 2, f"utf-16-{order}", f"utf-16-{order}"
    marked = start.startswith(codecs.BOM_UTF8)
    return 1, "utf-8-sig" if marked else "utf-8", "utf-8"


def _single_byte(file: BinaryIO) -> str | None:
    """How a file is written that is no UTF-8: in Windows-1252, or as programs that go on from DOS or old Macs write;
    None where it is UTF-8 with damage.

    Windows-1252 has hardly a pair of bytes that reads as one UTF-8 letter; a damaged UTF-8 file has many. Of the others
    it is what most letters within words are of. On a Mac's ö alone, which is a letter of Windows-1252, too, it is that.
    """
    file.seek(0)
    letters = dos = mac = windows = 0
    is_undefined = False
    while block := file.read(BLOCK):
        letters += len(_UTF8_SEQUENCE.findall(block))
        if letters > 2:
            return None
        dos += len(_DOS_LETTERS.findall(block))
        mac += len(_MAC_LETTERS.findall(block))
        windows += len(_WINDOWS_LETTERS.findall(block))
        is_undefined = is_undefined or _UNDEFINED_1252.search(block) is not None
    if max(dos, mac) > windows:
        return "cp850" if dos >= mac else "mac_roman"
    return None if is_undefined else "cp1252"


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


# Records of the head and of the end


def _head_records(head: str, delimiter: str, complete: bool, above: int) -> list[Record]:
    """The first records, below so many lines; one that the head cuts is not among them."""
    csv.field_size_limit(_HEAD * 8)
    found: list[Record] = []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    before = above
    try:
        for row in reader:
            found.append(Record(before + 1, tuple(row)))
            before = above + reader.line_num
            if len(found) > _LOOKED_AT:
                return found
    except csv.Error:
        return found
    return found if complete else found[:-1]


def _delimiter(head: str) -> str:
    """The sign by which the first records agree best on a width: signs inside quotes are text.

    Measured against DuckDB's sniff_csv and csv.Sniffer on tests/build/test_reader.py's files and 600 invented ones:
    both take a comma in decimals or in text for the delimiter, and the former a file with some short rows, too.
    """
    return max(_DELIMITERS, key=lambda mark: _agreement(head, mark))


def _strict_records(head: str, delimiter: str) -> tuple[list[Record], bool]:
    """The first records, and whether they end in damage: text right after a closing quote, where the quotes are another
    delimiter's or the file's rows are broken.
    """
    found: list[Record] = []
    csv.field_size_limit(_HEAD * 8)
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True):
            found.append(Record(len(found) + 1, tuple(row)))
            if len(found) > _LOOKED_AT:
                break
    except csv.Error:
        return found, True
    return found, False


def _agreement(head: str, delimiter: str) -> tuple[bool, bool, bool, float, int]:
    """Whether the headers have columns, whether many rows are as wide (and what stands above them is surely a title),
    whether nothing stands above them, the share of the records after them that are as wide, and how wide they are.
    """
    records, damaged = _strict_records(head, delimiter)
    filled = [record for record in records if is_record(record.cells)]
    if not filled:
        return False, False, False, 0.0, 0
    found = layout.find(records)
    first = records[found.first] if found else filled[0]
    width = len(first.cells)
    body = [len(record.cells) for record in filled if record.line > first.line]
    if damaged:
        body.append(0)
    share = body.count(width) / len(body) if body else 1.0
    untitled = all(len(record.cells) > 1 for record in filled if record.line < first.line)
    # What looks like a title may be the headers, by another delimiter: three words make no title.
    words = [cell.strip().casefold() for cell in first.cells]
    plain = width > 2 and layout.reads_as_headers(first) and len(set(words)) == width
    if untitled:
        return width > 1, plain or share >= 0.3, True, share, width
    sure = found is not None and (found.over > 1 or (found.over == 1 and body.count(width) > 1))
    return width > 1, share >= 0.3 and sure, False, share, width


def _after(survey: Survey, delimiter: str, width: int, found: Layout) -> tuple[tuple[Record, NoData], ...]:
    """The last lines that are no rows: single texts without delimiters, among them a total or a footer, and blanks."""
    if width < 2:
        return ()
    lines = survey.tail.decode("utf-8", errors="replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    total = survey.lines + (not survey.tail.endswith(b"\n"))
    single: list[tuple[int, tuple[str, ...]]] = []
    for back, line in enumerate(reversed(lines[1:])):
        # A quote that is open here began above, or another ends here: what it is part of is a row.
        text = line.strip("\r\x1a")
        if text.count('"') % 2 or "\r" in text:
            break
        cells = next(csv.reader([text], delimiter=delimiter), [])
        if len(cells) > 1 or layout.has_address(cells):
            break
        single.append((total - back, tuple(cells)))
    single.reverse()
    if not single:
        return ()
    reasons = layout.judge_end([(*cells, "") for _, cells in single], found.repeats)
    begin = len(single)
    while begin and reasons[begin - 1] in set(NoData):
        begin -= 1
    told = [
        (Record(line, cells), NoData(str(reason)))
        for (line, cells), reason in zip(single[begin:], reasons[begin:], strict=True)
    ]
    return tuple(told)
