"""Text that was garbled before it came: written in UTF-8, read as something else and written again ("Ã…sa" for "Åsa"),
or with a sign where a letter was lost ("Bj\ufffdrk").

What was written twice is certain where every sign of the cell, or of one of its words, goes back to bytes that are
UTF-8: nobody writes that by chance. It is told with what it would be, and put right only where somebody says so. What
was lost is only told. The known library for this, ftfy, guesses more than that and has had no release since 2024.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa

from compliance.words import queries

# As what UTF-8 is taken for: by Windows, by Excel for Mac, by programs that go on from DOS.
_TAKEN_FOR = ("cp1252", "mac_roman", "cp850", "cp437")
# Garbled once by each of two systems, at most.
_TIMES = 2
LOST = "\ufffd"
# A space that breaks no line is the half of a letter in what was written twice.
_WORDS = re.compile(r"([ \t\r\n]+)")


class Garbled(NamedTuple):
    """So many cells of a field were garbled; one of them, and what it would be, None where that is lost. Both may be of
    a person.
    """

    rows: int
    was: str
    meant: str | None


def meant(text: str) -> str | None:
    """What a text was before it was written twice; None where it was not, or where that is not certain.

    Two systems may each have written some of its words: those that were not written twice stay.
    """
    if (whole := _meant(text)) is not None:
        return whole
    told = "".join(_meant(word) or word for word in _WORDS.split(text))
    return told if told != text else None


def _meant(text: str) -> str | None:
    found: str | None = None
    for _ in range(_TIMES):
        once = next((told for name in _TAKEN_FOR if (told := _undone(found or text, name)) is not None), None)
        if once is None:
            break
        found = once
    return found


def _undone(text: str, taken_for: str) -> str | None:
    if text.isascii():
        return None
    try:
        told = b"".join(_byte(sign, taken_for) for sign in text).decode("utf-8")
    except ValueError:
        return None
    # A letter for two signs, and no sign that nobody writes.
    return told if told.isprintable() and len(told) < len(text) else None


def _byte(sign: str, taken_for: str) -> bytes:
    # Bytes that Windows-1252 has no sign for are taken for those of Latin-1.
    if taken_for == "cp1252" and 0x80 <= ord(sign) < 0xA0:
        return bytes([ord(sign)])
    return sign.encode(taken_for)


def find(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Garbled, ...]]:
    """What is garbled in the columns of the staged table `raw` that are read, by field."""
    found: dict[str, tuple[Garbled, ...]] = {}
    for name, cells in _suspects(con):
        twice = [(rows, text, told) for text, rows in cells if (told := meant(text)) is not None]
        lost = [(rows, text, None) for text, rows in cells if LOST in text]
        garbled = tuple(Garbled(sum(one[0] for one in some), *some[0][1:]) for some in (twice, lost) if some)
        if garbled:
            found[name] = garbled
    return found


def put_right(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Writes what was written twice as it was meant; how many cells, by field."""
    done: dict[str, int] = {}
    for name, cells in _suspects(con):
        pairs = [(text, told, rows) for text, rows in cells if (told := meant(text)) is not None]
        if pairs:
            con.register(
                "meant_frame", pa.table({"was": [one[0] for one in pairs], "meant": [one[1] for one in pairs]})
            )
            con.execute(queries.load("put_right").replace("the_field", name))
            con.unregister("meant_frame")
            done[name] = sum(one[2] for one in pairs)
    return done


def _suspects(con: duckdb.DuckDBPyConnection) -> list[tuple[str, list[tuple[str, int]]]]:
    """The cells that may be garbled, each with how often it is there, by the column."""
    result = con.execute(queries.load("garbled_columns"))
    names = [str(column[0]) for column in result.description or ()]
    return [
        (name, con.execute(queries.load("garbled_cells").replace("the_field", name)).fetchall())
        for name, is_there in zip(names, result.fetchone() or (), strict=True)
        if is_there
    ]


def counted(found: Mapping[str, Sequence[Garbled]]) -> tuple[dict[str, int], dict[str, int]]:
    """How many cells were written twice, and how many have lost letters, by field."""
    twice = {name: one.rows for name, told in found.items() for one in told if one.meant is not None}
    lost = {name: one.rows for name, told in found.items() for one in told if one.meant is None}
    return twice, lost
