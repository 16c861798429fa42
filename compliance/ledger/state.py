"""What the lines of the ledger say of the register's rows: keyed digests of each column, as it is after the line.

A digest is keyed, so that who has the register without the keys can neither tell what was in a row nor make one that
fits a row of their own. `latest` puts the lines together, and `differences` compares what they say with what is there.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from compliance.ledger.tables import ledger
from compliance.register import areas, covered
from compliance.register.watch import Touched
from compliance.words import keys
from compliance.words.settings import Settings

_BYTES = 8
_AT_ONCE = 5000
_IN_ONE_QUERY = 500


@dataclass(frozen=True)
class Difference:
    """Rows that are not as the lines say. `field` is the column that was changed, None for rows that came or went, of
    which `rows` says how many. `number` is as in compliance.register.covered, `line` the line that last told.
    """

    table: str
    number: str
    what: Literal["changed", "added", "deleted"]
    field: str | None
    rows: int
    line: int | None

    @property
    def values(self) -> dict[str, Any]:
        """What texts say of it."""
        told = {"table": self.table, "number": self.number, "field": self.field, "rows": self.rows}
        return {**told, "line": self.line or "–"}


@dataclass(frozen=True)
class Told:
    """What the last line about a number of a table says: how many rows it had, and a digest for each column."""

    line: int
    columns: tuple[str, ...]
    rows: int
    digests: bytes


Latest = dict[tuple[str, str], Told]


def of(connection: sa.Connection, settings: Settings, touched: Touched) -> str | None:
    """What a line says of the rows that were touched, as JSON; None where there is nothing to say.

    Raises what compliance.words.keys.pseudonyms does.
    """
    if not touched:
        return None
    key, told = _key(settings), {}
    for table in sorted(touched, key=lambda table: table.name):
        found: dict[str, list[Any]] = {number: [0, ""] for number in map(str, touched[table])}
        for number, rows, digests in _digests(connection, table, key, touched[table]):
            found[number] = [rows, digests.hex()]
        told[table.name] = {"columns": [column.name for column in covered.columns_of(table)], "rows": found}
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def everything(connection: sa.Connection) -> Touched:
    """Every row that is covered, as if all had just been touched."""
    found: Touched = {}
    for table in _tables():
        number = table.c[covered.NUMBERS[table.name]]
        numbers = set(connection.scalars(sa.select(number).distinct()))
        if numbers:
            found[table] = numbers
    return found


def is_told(connection: sa.Connection) -> bool:
    """Whether any line says something of rows; none of an earlier version does."""
    return connection.execute(sa.select(ledger.c.seq).where(ledger.c.state.is_not(None)).limit(1)).first() is not None


def latest(connection: sa.Connection, known: Latest | None = None, after: int = 0) -> tuple[Latest, int]:
    """What the lines say last of every row, and the last line that was read; going on from what is `known`."""
    found = dict(known or {})
    lines = sa.select(ledger.c.seq, ledger.c.state).where(ledger.c.seq > after, ledger.c.state.is_not(None))
    for seq, text in connection.execute(lines.order_by(ledger.c.seq), execution_options={"yield_per": _AT_ONCE}):
        for table, told in _parsed(text).items():
            columns = tuple(told["columns"])
            for number, (rows, digests) in told["rows"].items():
                found[table, number] = Told(seq, columns, rows, bytes.fromhex(digests))
        after = seq
    return found, after


def pack(told: Latest) -> bytes:
    """What the lines say of rows, to be kept in a file."""
    rows = [
        [table, number, one.line, one.columns, one.rows, one.digests.hex()]
        for (table, number), one in sorted(told.items())
    ]
    return zlib.compress(orjson.dumps(rows), 1)


def unpack(packed: bytes) -> Latest:
    """What `pack` was given."""
    return {
        (table, number): Told(line, tuple(columns), rows, bytes.fromhex(digests))
        for table, number, line, columns, rows, digests in orjson.loads(zlib.decompress(packed))
    }


def differences(connection: sa.Connection, settings: Settings, told: Latest) -> list[Difference]:
    """Where the register's rows are not as the lines say. Raises what compliance.words.keys.pseudonyms does."""
    key = _key(settings)
    found: list[Difference] = []
    for table in _tables():
        name = table.name
        names = [column.name for column in covered.columns_of(table)]
        unseen = {number: one for (its_table, number), one in told.items() if its_table == name and one.rows}
        for number, rows, digests in _digests(connection, table, key):
            one = unseen.pop(number, None) or told.get((name, number), Told(0, (), 0, b""))
            line = one.line or None
            if rows > one.rows:
                found.append(Difference(name, number, "added", None, rows - one.rows, line))
            elif rows < one.rows:
                found.append(Difference(name, number, "deleted", None, one.rows - rows, line))
            else:
                untold = {
                    column: _digest(key, f"{name}|{number}|{column}", [covered.GIVEN.get(f"{name}.{column}")] * rows)
                    for column in set(names).difference(one.columns)
                }
                found += [
                    Difference(name, number, "changed", field, rows, line)
                    for field in _changed(one, names, digests, untold)
                ]
        found += [Difference(name, number, "deleted", None, one.rows, one.line) for number, one in unseen.items()]
    return found


def _changed(told: Told, names: Sequence[str], digests: bytes, untold: Mapping[str, bytes]) -> list[str]:
    """The columns that are not as a line tells them; those of a later version, `untold`, are as they were made."""
    is_now = dict(zip(names, _cut(digests), strict=True))
    was = {**dict(zip(told.columns, _cut(told.digests), strict=True)), **untold}
    # A column that a later version has taken away says nothing any more.
    return [name for name, digest in was.items() if is_now.get(name, digest) != digest]


def _cut(digests: bytes) -> list[bytes]:
    return [digests[start : start + _BYTES] for start in range(0, len(digests), _BYTES)]


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        told = orjson.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _tables() -> list[sa.Table]:
    return [table for table in areas.every_table().sorted_tables if table.name in covered.NUMBERS]


def _digests(
    connection: sa.Connection, table: sa.Table, key: bytes, numbers: Iterable[Any] | None = None
) -> Iterator[tuple[str, int, bytes]]:
    """How many rows each number has, and their digests, one for each column; of those numbers that have any."""
    columns = covered.columns_of(table)
    number = table.c[covered.NUMBERS[table.name]]
    query = sa.select(number.label("its_number"), *columns).order_by(number)
    place = [columns.index(column) for column in table.primary_key.columns if column in columns]
    for part in _parts(numbers):
        chosen = query if part is None else query.where(number.in_(part))
        rows = connection.execute(chosen, execution_options={"yield_per": _AT_ONCE})
        for its_number, group in groupby(rows, lambda row: row[0]):
            # By their keys, in Python: databases order texts each in its own way.
            ordered = sorted((tuple(row[1:]) for row in group), key=lambda row: [str(row[at]) for at in place])
            yield (
                str(its_number),
                len(ordered),
                b"".join(
                    _digest(key, f"{table.name}|{its_number}|{column.name}", values)
                    for column, values in zip(columns, zip(*ordered, strict=True), strict=True)
                ),
            )


def _parts(numbers: Iterable[Any] | None) -> Iterator[list[Any] | None]:
    if numbers is None:
        yield None
        return
    every = list(numbers)
    for start in range(0, len(every), _IN_ONE_QUERY):
        yield every[start : start + _IN_ONE_QUERY]


def _digest(key: bytes, name: str, values: Sequence[Any]) -> bytes:
    made = hashlib.blake2b(name.encode() + b"\0", key=key, digest_size=_BYTES)
    made.update(orjson.dumps(values, default=_plain))
    return made.digest()


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(type(value).__name__)


def _key(settings: Settings) -> bytes:
    # Another key than the one of the pseudonyms, made from it: no digest of one can pass for one of the other.
    return keys.pseudonyms(settings).derived(b"rows of the register 1")
