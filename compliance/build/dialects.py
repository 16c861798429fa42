"""Delimited text in which quotes are not as RFC 4180 has them: rewritten, line for line, so that one reader reads it.

Databases write a backslash before a quote or a delimiter; a spreadsheet whose table was pasted into one column writes
each row as one quoted cell. What such a text says is certain only where all of it reads so; else it is left as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice

# What stands before a sign that would else end a cell. A Windows path has it too, so it proves nothing by itself.
ESCAPE = r"\\[\"',;\t|^~]"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# What a database writes after a backslash: the signs themselves, letters for those without a shape, and N for nothing.
_MEANT = frozenset("\"'\\,;\t|^~nrtbZ0N\r\n")
# Of a cell that is no table's part no other sign is its delimiter: texts with this one are refused as binary.
_NONE = "\x1f"
# More rows than this that fit in no width, of so many, and nothing is certain.
_MISFITS = 20


class Dialect(StrEnum):
    """How quotes and delimiters within cells are written. Texts, but for PLAIN: `intake.explain.dialect.<value>`."""

    PLAIN = "plain"
    ESCAPED = "escaped"
    WRAPPED = "wrapped"


def rewritten(lines: Iterable[str], dialect: Dialect, delimiter: str) -> Iterator[str]:
    """The records as RFC 4180 has them, each with as many line feeds as it had.

    Raises csv.Error where a line does not read so. A sign without a shape, as `\\n` in letters, is read as a space.
    """
    if dialect is Dialect.WRAPPED:
        for row in csv.reader(lines, delimiter=_NONE, strict=True):
            yield f"{row[0] if row else ''}\n"
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    for row in _escaped_rows(lines, delimiter):
        writer.writerow(row)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def begins(text: str, dialect: Dialect, delimiter: str, records: int) -> str | None:
    """The first records of a text, rewritten; None where they do not read so."""
    try:
        return "".join(islice(rewritten(io.StringIO(text, newline=""), dialect, delimiter), records))
    except csv.Error:
        return None


def may_be_wrapped(text: str, records: int) -> bool:
    """Whether many of the first lines begin or end a quoted cell, as far as a line shows it: a record of one has one
    line, or more where a text in it goes on.
    """
    lines = [line.rstrip("\r") for line in text.split("\n", records)[:records] if line.strip()]
    quoted = min(sum(line.startswith('"') for line in lines), sum(line.endswith('"') for line in lines))
    return quoted > 1 and 4 * quoted >= len(lines)


def is_table(text: str, inside: str, delimiter: str) -> bool:
    """Whether what is in the quoted cells of a text makes a table that the text itself is not: records of several
    cells, most of them as wide. In "Namn, förnamn" a space says that the sign is a text's.
    """
    plain = _misfits(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    told = _misfits(csv.reader(io.StringIO(inside, newline=""), delimiter=delimiter, strict=True))
    return (
        told is not None
        and 2 * told[0] < told[1]
        and told[1] - (plain[1] if plain else 0) > 1
        and f"{delimiter} " not in inside.split("\n", 1)[0]
    )


def means_escapes(text: str) -> bool:
    """Whether every backslash stands before a sign that is written so: in a path it stands before any letter."""
    return all(sign in _MEANT for sign in _ESCAPED.findall(text))


def is_escaped(as_plain: Iterable[str], as_escaped: Iterable[str], delimiter: str) -> bool:
    """Whether a whole text, given twice, reads with escapes, and as RFC 4180 has it not at all or less evenly."""
    csv.field_size_limit(max(csv.field_size_limit(), 1_000_000))
    escaped = _misfits(_escaped_rows(as_escaped, delimiter))
    if escaped is None or escaped[0] * _MISFITS > escaped[1]:
        return False
    plain = _misfits(csv.reader(as_plain, delimiter=delimiter, strict=True))
    return plain is None or escaped[0] < plain[0]


def _escaped_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(map(_meant, lines), delimiter=delimiter, escapechar="\\", strict=True)


def _meant(line: str) -> str:
    return _ESCAPED.sub(_sign, line) if "\\" in line else line


def _sign(found: re.Match[str]) -> str:
    # Nothing is told by N alone in a cell, which compliance.build.cells knows.
    return r"\\N" if found[1] == "N" else " " if found[1] in "nrtbZ0" else found[0]


def _misfits(rows: Iterable[list[str]]) -> tuple[int, int] | None:
    """How many rows of several filled cells are not as wide as most, and how many there are; None where they do not
    read. Empty rows and footers are as wide as somebody left them.
    """
    try:
        widths = Counter(len(row) for row in rows if sum(map(bool, row)) > 1)
    except csv.Error:
        return None
    return widths.total() - max(widths.values(), default=0), widths.total()
