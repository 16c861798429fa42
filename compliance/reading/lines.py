"""A list of entries as lines of a file, however many there are: part by part in the list's order, written by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa

from compliance.reading.copy import Reading, Retired
from compliance.words import queries

# Of a million lines so many are in memory at once.
_PART = 20_000
# Names are looked up for so many parts at once: all persons are gone through for it, in whatever order they lie.
_NAMED_AT_ONCE = 8
Row = tuple[Any, ...]


class Part(NamedTuple):
    """A part of a list: from one urgency to another, or of one urgency after and up to an entry."""

    low: int
    high: int
    after: str | None = None
    until: str | None = None


class Lines:
    """The entries of a filter, with a connection of its own. Has to be closed."""

    def __init__(self, reading: Reading, filters: Mapping[str, Any]) -> None:
        """`filters` are the binds of queries/show/entries.sql. With names, nobody restricted is among them."""
        self._reading = reading
        self._named = bool(filters.get("named"))
        self._cursor = reading._root.cursor()
        self._cursor.execute(f"set search_path = 'memory.{reading._space},build.main'")
        if sought := filters.get("sought"):
            self._cursor.register("sought", reading._seek(sought))
            filters = {**filters, "sought": True}
        for name in ("category", "source", "status", "owner", "reason", "owned", "due_within", "late_from", "late_to",
                     "pressing", "person", "in_order", "former_before", "past", "sought",
                     "named"):  # fmt: skip
            self._cursor.execute(f"set variable {name} = $told", {"told": filters.get(name)})
        self._cursor.execute("set variable as_of = $told", {"told": reading.as_of})
        with reading.asked():
            self._cursor.execute(queries.load("entries_listed"))
        self._cursor.execute(queries.load("entries_named_none"))

    def close(self) -> None:
        """Lets the connection go."""
        self._cursor.close()

    def sayings(self) -> list[Row]:
        """Each way in which a reason is said, as queries/reading/entry_sayings.sql tells them."""
        return self._rows("entry_sayings", {})

    def tell(self, sayings: pa.Table, words: pa.Table) -> None:
        """What queries/reading/entry_lines.sql puts in place of codes."""
        for name, table in (("saying", sayings), ("word", words)):
            self._cursor.register(f"{name}_frame", table)
            self._cursor.execute(f"create or replace temp table {name} as from {name}_frame")
            self._cursor.unregister(f"{name}_frame")

    def parts(self) -> Iterator[Part]:
        """The list in parts that fit into memory, each to be asked for before the next. Raises Retired."""
        found = list(self._parts())
        for start in range(0, len(found), _NAMED_AT_ONCE):
            together = found[start : start + _NAMED_AT_ONCE]
            if self._named:
                first, last = together[0], together[-1]
                self._rows("entries_named", Part(first.low, last.high, first.after, last.until)._asdict())
            yield from together

    def _parts(self) -> Iterator[Part]:
        low = high = None
        size = 0
        for urgency, entries in self._rows("entries_counted", {}):
            if size + entries > _PART and low is not None and high is not None:
                yield Part(low, high)
                low, size = None, 0
            if entries > _PART:
                yield from self._cut(urgency, entries)
                continue
            low, high, size = urgency if low is None else low, urgency, size + entries
        if low is not None and high is not None:
            yield Part(low, high)

    def _cut(self, urgency: int, entries: int) -> Iterator[Part]:
        number = -(-entries // _PART)
        shares = [place / number for place in range(1, number)]
        cuts: Sequence[str] = [one for (one,) in self._rows("entries_cut", {"urgency": urgency, "shares": shares})]
        for after, until in zip([None, *cuts], [*cuts, None], strict=True):
            yield Part(urgency, urgency, after, until)

    def of(self, part: Part, told: Mapping[str, Any]) -> pa.Table:
        """The lines of a part as two texts and the phone number between them. Raises Retired."""
        with self._asked():
            return self._cursor.execute(queries.load("entry_lines"), {**part._asdict(), **told}).to_arrow_table()

    def _rows(self, query: str, binds: Mapping[str, Any]) -> list[Row]:
        with self._asked():
            return self._cursor.execute(queries.load(query), dict(binds)).fetchall()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        if self._reading._is_gone():
            raise Retired
        with self._reading.asked():
            yield
