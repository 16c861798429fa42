"""The copy as it is read: one immutable build, seen on one day under the rules and the register's facts of that day.

The build's file is attached read-only to a DuckDB in memory. What changes from day to day (rules, holds, open
requests) is loaded beside it, and queries/reading/status.sql is run once; everything else reads its result. Every run
has a cursor of its own: a connection shared by threads hands one user's rows to another.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy.pool import NullPool, StaticPool

from compliance import builds, evidence
from compliance.builds import tables as builds_tables
from compliance.builds import vault
from compliance.holds import tables as holds_tables
from compliance.identity import tables as identity_tables
from compliance.marks import tables as marks_tables
from compliance.reading.sought import Sought
from compliance.requests import tables as requests_tables
from compliance.sources import tables as sources_tables
from compliance.words import queries
from compliance.words.keys import Key
from compliance.words.policy import Parameters, Policy
from compliance.words.queries import Query, Row
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# The last ones, and fewer of a large build: of a million entries a reading takes 400 MB.
_READINGS_KEPT, _READINGS_AT_LEAST, _ENTRIES_KEPT = 6, 2, 2_000_000
# Where a new fact touches more than this share, the whole is as quickly evaluated.
FEW = 0.05
# So many entries are decided at once: of ten millions the work of one statement took eight gigabytes.
_DECIDED_AT_ONCE, _LOOKED_AT_FOR_EACH, _BEFORE_ALL, _AFTER_ALL = 1_000_000, 1_000, "", "\U0010ffff"
# Figures of what is stored, whatever its status: a hold or a request changes none of them.
_OF_WHAT_IS_STORED = ("stored_by", "fields", "exports")
_TRIES = 5
# So many seconds whoever looks waits for a new build, and so many the one before stands in for it.
PATIENCE, STANDS_IN = 4.0, 120.0
T = TypeVar("T")
_FIGURES_KEPT = 500
_SEARCHES_KEPT = 4
# Pages read for milliseconds: so often, and after so many seconds each time, it is tried between them.
_PRESSINGS, _BETWEEN_PRESSINGS = 40, 0.05
_REPLAY = "python -m compliance.register replay"


@dataclass(frozen=True)
class Facts:
    """What the register says today that bears on status: holds, requests that are open and whom those are about, and
    dates that sources moved and that were accepted.
    """

    holds: tuple[tuple[int, str, str, dt.date, dt.date | None], ...] = ()
    open_requests: tuple[tuple[str, str], ...] = ()
    # What holds that are lost keep from being purged, as (build, source, category).
    losses: tuple[tuple[int, str | None, str | None], ...] = ()
    # As (dataset, build, number); what was kept is of one person alone.
    accepted_moves: tuple[tuple[str, int, int], ...] = ()
    kept_moves: tuple[tuple[str, int, int], ...] = ()
    # What somebody has said of whom requests are from, and who was found.
    choices: tuple[tuple[str, str, str, str, bool, str], ...] = ()
    # Of open requests that are from nobody any more, what that keeps from being purged, as (source, reference, build,
    # source, category).
    lost_requests: tuple[tuple[str, str, int, str | None, str | None], ...] = ()
    # What decisions on doubles that have lost somebody keep from being purged, as (decision, build, source, category).
    lost_decisions: tuple[tuple[int, int, str | None, str | None], ...] = ()
    # Marks that are on, as (kind, person_id), and what restrictions that are lost keep from being purged, as (build,
    # source, category).
    marks: tuple[tuple[str, str], ...] = ()
    lost_marks: tuple[tuple[int, str | None, str | None], ...] = ()

    @property
    def digest(self) -> str:
        """Changes when any of the facts does."""
        told = [
            self.holds, self.open_requests, self.losses, self.accepted_moves, self.choices, self.lost_requests,
            self.lost_decisions, self.marks, self.lost_marks, self.kept_moves,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _facts_asked() -> dict[str, sa.Select[Any] | sa.CompoundSelect[Any]]:
    hold, request = holds_tables.hold, requests_tables.request
    choice, person = requests_tables.request_choice, requests_tables.request_choice_person
    loss, gone = holds_tables.hold_loss, requests_tables.request_loss
    missed = identity_tables.identity_loss
    mark, marked, unmarked = marks_tables.mark, marks_tables.mark_person, marks_tables.mark_loss
    is_open = sa.and_(request.c.closed_on.is_(None), request.c.role == "controller")
    return {
        "holds": sa.select(
            holds_tables.hold_number, hold.c.scope, hold.c.scope_key, hold.c.placed_on, hold.c.released_on
        ).order_by(hold.c.hold_id),
        "requests": sa.select(request.c.source, request.c.reference)
        .where(is_open)
        .order_by(request.c.source, request.c.reference),
        "losses": sa.select(loss.c.build_id, loss.c.source, loss.c.category)
        .join(hold, hold.c.hold_id == loss.c.hold_id)
        .where(*holds_tables.loss_waits)
        .distinct(),
        "moves": sources_tables.moves_said,
        "choices": sa.select(
            request.c.source, request.c.reference, person.c.person_id, choice.c.verdict, person.c.is_same,
            choice.c.spoke_for,
        )
        .join(choice, choice.c.request_id == request.c.request_id)
        .join(person, person.c.choice_id == choice.c.choice_id)
        .where(request.c.role == "controller")
        .order_by(choice.c.choice_id, person.c.person_id),
        "lost": sa.select(request.c.source, request.c.reference, gone.c.build_id, gone.c.source, gone.c.category)
        .join(choice, choice.c.request_id == request.c.request_id)
        .join(gone, gone.c.choice_id == choice.c.choice_id)
        .where(is_open)
        .order_by(gone.c.loss_id),
        "decisions": sa.select(missed.c.decision_id, missed.c.build_id, missed.c.source, missed.c.category).order_by(
            missed.c.loss_id
        ),
        "marks": sa.select(mark.c.kind, marked.c.person_id)
        .join(marked, marked.c.mark_id == mark.c.mark_id)
        .where(mark.c.ended_at.is_(None))
        .distinct(),
        "lost_marks": sa.select(unmarked.c.build_id, unmarked.c.source, unmarked.c.category)
        .join(mark, mark.c.mark_id == unmarked.c.mark_id)
        .where(unmarked.c.settled_at.is_(None), mark.c.kind == marks_tables.Kind.RESTRICTED)
        .distinct(),
    }  # fmt: skip


# Put together once: every run of a page asks for the facts, and that took longer than the answers.
_FACTS_ASKED = _facts_asked()


def facts_of(connection: sa.Connection) -> Facts:
    """Reads the register's facts. Holds as (number, scope, scope_key, placed_on, released_on); those that followed one
    have its number. Choices as (source, reference, person_id, verdict, whether that person is the same by name, what
    spoke for the person), of open requests, and of closed ones as long as something of what they kept may go later.
    """
    told = {name: [tuple(row) for row in connection.execute(statement)] for name, statement in _FACTS_ASKED.items()}
    moves = sorted(told["moves"])
    return Facts(
        tuple(told["holds"]),
        tuple(told["requests"]),
        tuple(sorted(told["losses"], key=str)),
        tuple(one[:3] for one in moves if one[3] == sources_tables.Word.ACCEPTED),
        tuple(one[:3] for one in moves if one[3] == sources_tables.Word.REJECTED and one[2]),
        tuple(told["choices"]),
        tuple(told["lost"]),
        tuple(told["decisions"]),
        tuple(sorted(told["marks"])),
        tuple(sorted(told["lost_marks"], key=str)),
    )


def changed(before: Facts, now: Facts) -> list[tuple[str, str]]:
    """What facts that are not the same in both bear on, as (scope, key): a hold's scope, or `request` and a source."""
    holds = set(now.holds) ^ set(before.holds)
    asked = set(now.open_requests) ^ set(before.open_requests)
    persons = {choice[2] for choice in set(now.choices) ^ set(before.choices)}
    persons |= {choice[2] for choice in (*now.choices, *before.choices) if choice[:2] in asked}
    persons |= {person for _, person in set(now.marks) ^ set(before.marks)}
    told = [(scope, key) for _, scope, key, _, _ in holds] + [("person", person) for person in sorted(persons)]
    return told + [(f"request {source}", name) for source, name in asked]


class StoredRecord(NamedTuple):
    """What stands on a record: whose it is and whether they are restricted, and the category, span and hold of its
    entry.
    """

    record_id: str
    person_id: str
    category: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    has_hold: bool
    restricted: bool


class Retired(Exception):
    """A purge has wiped the build that was being read; whoever asks again gets the new one."""


@dataclass(frozen=True)
class Reading:
    """One build seen on one day. Safe to share between threads; `key` changes with everything that can change a row."""

    build: int
    as_of: dt.date
    key: str
    # Whether what it reads has been taken away meanwhile.
    _is_gone: Callable[[], bool] = field(repr=False, compare=False)
    _engine: sa.Engine = field(repr=False, compare=False)
    _root: duckdb.DuckDBPyConnection = field(repr=False, compare=False)
    _space: str = field(repr=False, compare=False)
    _figures: dict[tuple[str, Any], list[Any]] = field(default_factory=dict, repr=False, compare=False)
    # What it was made from, besides the register's facts.
    _made_from: str = field(default="", repr=False, compare=False)
    _facts: Facts = field(default_factory=Facts, repr=False, compare=False)
    # By the key's id: which digests were looked for, and what stands on those that are stored.
    _traced: dict[str, tuple[frozenset[str], dict[str, StoredRecord]]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _keying: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _bridged: set[int] = field(default_factory=set, repr=False, compare=False)
    _found: OrderedDict[Sought, pa.Table] = field(default_factory=OrderedDict, repr=False, compare=False)
    _seeking: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def _lasts(self) -> bool:
        """Whether what was made for it is there still: a file stays open for whoever reads it."""
        return True

    def press(self) -> bool:
        """Has what was made for the day take a sixth of the memory, and be read faster: in memory, too, DuckDB
        compresses what a checkpoint writes. False, and it stays as it is, where somebody goes on reading what was there
        before.
        """
        with contextlib.closing(self._root.cursor()) as cursor:
            for _ in range(_PRESSINGS):
                try:
                    cursor.execute(queries.load("press"))
                except duckdb.TransactionException:
                    time.sleep(_BETWEEN_PRESSINGS)
                else:
                    return True
        return False

    @property
    def restricts(self) -> bool:
        """Whether the data of anybody are restricted, who then is in no extract with names."""
        return any(kind == marks_tables.Kind.RESTRICTED for kind, _ in self._facts.marks)

    def rows(self, query: Query[Row], **binds: Any) -> list[Row]:
        """All rows of a query; for results that are small by their nature.

        Figures are remembered, since nothing can change them; rows about persons never are.
        """
        if queries.holds_persons(query.name) or binds.get("sought"):
            return self._fetch(query, binds)
        asked = (query.name, tuple(sorted(binds.items())))
        if asked not in self._figures:
            if len(self._figures) >= _FIGURES_KEPT:
                self._figures.clear()
            self._figures[asked] = self._fetch(query, binds)
        return list(self._figures[asked])

    def one(self, query: Query[Row], **binds: Any) -> Row:
        """The single row of a query. Raises ValueError where there is not exactly one."""
        (row,) = self.rows(query, **binds)
        return row

    def window_of(self, person_id: str) -> tuple[int | None, int | None]:
        """Between which urgencies the entries of a person lie, for queries to read no others. Raises Retired."""
        with self._asking() as cursor:
            low, high = cursor.execute(queries.load("person_window"), {"person": person_id}).fetchone() or (None, None)
        return low, high

    @contextmanager
    def choosing(
        self,
        pseudonyms: Key,
        items: Sequence[Item],
        answered: Sequence[tuple[str, str]] = (),
        kept: Sequence[tuple[str, str, str, str]] = (),
    ) -> Iterator[Choice]:
        """Some entries by their keys; `answered` are the requests (source, reference) that a purge of them answers, and
        `kept` what it leaves as was decided of these: (source, reference, category, why).
        """
        choice = self._choice(pseudonyms, items, answered, kept)
        try:
            yield choice
        finally:
            choice._close()

    def _choice(
        self,
        pseudonyms: Key,
        items: Sequence[Item],
        answered: Sequence[tuple[str, str]],
        kept: Sequence[tuple[str, str, str, str]],
    ) -> Choice:
        return Choice(self, pseudonyms, items, answered, kept)

    def stored_by_digest(self, key: Key, digests: Sequence[str]) -> dict[str, StoredRecord]:
        """What stands on each record whose digest by `key` is given, as far as the record is stored.

        Remembered with whatever else was looked for at once, since every record must be digested to find one. Raises
        Retired.
        """
        wanted = frozenset(digests)
        known, found = self._traced.get(key.key_id, (frozenset[str](), {}))
        if not wanted <= known:
            with self._asking() as cursor:
                vault.digest_with(cursor, key)
                rows = cursor.execute(queries.load("stored_by_digest"), {"digests": sorted(wanted)}).fetchall()
            found = {str(digest): StoredRecord._make(told) for digest, *told in rows}
            self._traced[key.key_id] = wanted, found
        return {digest: found[digest] for digest in wanted & found.keys()}

    def known_as(self, key: Key, record_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """What records are known by, as far as they have a name: each address and number together with that name, as
        (kind, digest by `key`). Raises Retired.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        with self._asking() as cursor:
            vault.digest_with(cursor, key)
            rows = cursor.execute(queries.load("known_as"), {"records": sorted(set(record_ids))}).fetchall()
        for record_id, kind, digest in rows:
            found.setdefault(record_id, []).append((kind, digest))
        return found

    def places(self, secret: str) -> dict[str, list[str]]:
        """The digests of entries that a bridge may have to account for, by where they stand. Raises Retired."""
        found: dict[str, list[str]] = {}
        with self._asking() as cursor:
            for place, digest in cursor.execute(queries.load("bridge_places"), {"secret": secret}).fetchall():
                found.setdefault(place, []).append(digest)
        return found

    def has_bridge(self, number: int) -> bool:
        """Whether `bridge` was called with that number."""
        return number in self._bridged

    def bridge(
        self,
        number: int,
        secret: str,
        day: dt.date,
        was: Mapping[str, tuple[str, ...]],
        back: Sequence[tuple[str, str]],
    ) -> None:
        """Finds out what became of the entries that stood somewhere (`was`, digests by place) on `day`, and how others
        came to be overdue since, for queries to read under `number`. `back` is who came back from a purge since, as
        (person_id, category). Raises Retired.
        """
        with self._keying, self._asking() as cursor:
            if number in self._bridged:
                return
            digests = [(digest, place) for place, some in was.items() for digest in some]
            for name, columns, rows in (
                ("was", ("digest", "place"), digests),
                ("back", ("person_id", "category"), back),
            ):
                _register(cursor, name, {column: [row[at] for row in rows] for at, column in enumerate(columns)})
            binds = {"number": number, "secret": secret, "day": day}
            table, found = f"memory.{self._space}.bridge_entry", 0
            # Of one who could not end it.
            cursor.execute(f"delete from {table} where start_number = $number", {"number": number})  # noqa: S608 - our name
            for pressing in (True, False):
                cursor.execute(f"insert into {table} {queries.load('bridge_entries')}", {**binds, "pressing": pressing})
                met = cursor.execute(queries.load("bridge_met"), {"number": number}).fetchone()
                found = int(met[0]) if met else 0
                # A digest costs more than all else that is asked of an entry: only who is missing is looked for.
                if found == len(was.get("overdue", ())):
                    break
            self._show_bridge(cursor, number)
            self._bridged.add(number)

    def _show_bridge(self, cursor: duckdb.DuckDBPyConnection, number: int) -> None:
        """Puts what became of entries where queries read it."""

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Where DuckDB is asked of what the reading reads. Raises Retired where that has gone."""
        try:
            yield
        except duckdb.Error:
            if self._is_gone():
                raise Retired from None
            raise

    @contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees what the reading does. Raises Retired."""
        with contextlib.closing(self._root.cursor()) as cursor, self.asked():
            cursor.execute(f"set search_path = 'memory.{self._space},build.main'")
            yield cursor

    def _key_bases(self, cursor: duckdb.DuckDBPyConnection, pseudonyms: Key) -> None:
        """Gives entries their keyed digests, each once per reading, until every one in the table `chosen` is found.

        Those that are what the chosen ones were come first, since a digest costs more than all else that is asked of
        an entry; all the others follow only where somebody has changed since, or is gone.
        """
        with self._keying:
            vault.digest_with(cursor, pseudonyms)
            table = f"memory.{self._space}.basis_key"
            cursor.execute(f"create table if not exists {table} (basis_id varchar, basis_key varchar)")
            for query in ("basis_keys_alike", "basis_keys_other"):
                missing = cursor.execute(queries.load("chosen_missing")).fetchone()
                if missing == (0,):
                    return
                cursor.execute(f"insert into {table} {queries.load(f'{query}')}")

    def _fetch(self, query: Query[Row], binds: dict[str, Any]) -> list[Row]:
        with self._engine.connect() as connection:
            return _shaped(query, self._run(connection, query.name, binds))

    def _seek(self, sought: Sought) -> pa.Table:
        """The persons that are searched for; the last few searches are remembered, since every list is asked for its
        number, its place and its rows. Raises Retired.
        """
        with self._seeking:
            if sought in self._found:
                self._found.move_to_end(sought)
                return self._found[sought]
        with self._asking() as cursor:
            found = None
            if sought.whole:
                # Past the last digit that the rest can have.
                bounds = {"low": sought.whole, "high": f"{sought.whole}g"}
                found = cursor.execute(queries.load("sought_reference"), bounds).to_arrow_table()
            if not found and sought.identifiers:
                emails = [one for one in sought.identifiers if "@" in one]
                phones = [one for one in sought.identifiers if "@" not in one]
                told = {"emails": emails, "phones": phones, "text": sought.text, "fixed": sought.fixed}
                found = cursor.execute(queries.load("sought_identifiers"), told).to_arrow_table()
            if not found:
                names = ("text", "address", "words", "digits", "reference", "fixed", "unspelled")
                binds = {name: getattr(sought, name) for name in names}
                found = cursor.execute(queries.load("sought_words"), binds).to_arrow_table()
        with self._seeking:
            self._found[sought] = found
            while len(self._found) > _SEARCHES_KEPT:
                self._found.popitem(last=False)
        return found

    def _run(self, connection: sa.Connection, query: str, binds: dict[str, Any]) -> sa.CursorResult[Any]:
        if "as_of" in queries.binds(query):
            binds = {"as_of": self.as_of, **binds}
        try:
            if isinstance(sought := binds.get("sought"), Sought):
                self._show_sought(connection, self._seek(sought))
                binds = {**binds, "sought": True}
            return connection.execute(sa.text(queries.load(query)), binds)
        except sa.exc.DBAPIError:
            if self._is_gone():
                raise Retired from None
            raise

    def _show_sought(self, connection: sa.Connection, found: pa.Table) -> None:
        """For this connection alone, before the empty table that all others see."""
        own = connection.connection.driver_connection
        assert own is not None
        own.register("sought", found)


class Choice:
    """Entries that were picked out of a reading by their keys, and what queries tell of them.

    The tables `chosen`, `answered` and `kept_of` stand beside those of the reading, for this choice alone; `decided`
    holds what queries/purge/purge_decision.sql makes of them.
    """

    def __init__(
        self,
        reading: Reading,
        pseudonyms: Key,
        items: Sequence[Item],
        answered: Sequence[tuple[str, str]],
        kept: Sequence[tuple[str, str, str, str]],
    ):
        self._cursor = reading._root.cursor()
        self._cursor.execute(f"set search_path = 'memory.{reading._space},build.main'")
        self._reading = reading
        self._table("chosen", {name: [getattr(item, name) for item in items] for name in _ITEM})
        reading._key_bases(self._cursor, pseudonyms)
        for name, columns, rows in (("answered", _ANSWERED, answered), ("kept_of", _KEPT_OF, kept)):
            self._table(name, {column: [row[at] for row in rows] for at, column in enumerate(columns)})
        # One connection for the whole choice: its tables are nobody else's.
        self._engine = sa.create_engine(
            "duckdb://", creator=lambda: ConnectionWrapper(self._cursor), poolclass=StaticPool
        )

    def decide(self, kind: str) -> None:
        """Decides for every item whether it goes, by queries/purge/purge_decision.sql."""
        with self._engine.connect() as connection:
            connection.execute(sa.text("drop table if exists decided"))
            connection.execute(
                sa.text(f"create temp table decided as {queries.load('purge_decision')}"),
                {"kind": kind, "as_of": self._reading.as_of},
            )
            connection.commit()

    def rows(self, query: Query[Row], **binds: Any) -> list[Row]:
        """All rows of a query over the choice."""
        with self._engine.connect() as connection:
            return _shaped(query, self._reading._run(connection, query.name, binds))

    def one(self, query: Query[Row], **binds: Any) -> Row:
        """The single row of a query. Raises ValueError where there is not exactly one."""
        (row,) = self.rows(query, **binds)
        return row

    def _close(self) -> None:
        self._cursor.close()

    def _table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        _register(self._cursor, f"{name}_frame", columns)
        self._cursor.execute(f"create or replace temp table {name} as from {name}_frame")
        self._cursor.unregister(f"{name}_frame")


_TYPES = {"deadline_on": pa.date32()}


def _register(cursor: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """A table that only this cursor sees, of texts but for the columns of _TYPES."""
    told = {column: pa.array(values, _TYPES.get(column, pa.string())) for column, values in columns.items()}
    cursor.register(name, pa.table(told))


def _shaped(query: Query[Row], result: sa.CursorResult[Any]) -> list[Row]:
    return [query.row._make(row) for row in result]


@dataclass(frozen=True)
class Item:
    """An entry of a batch as it was when it was put there; `basis_key` is the keyed digest of its basis_id.

    `stayed` is why it would have stayed when the batch was approved, None for one that was to go.
    """

    basis_key: str
    category: str
    source: str
    status: str
    deadline_on: dt.date | None
    stayed: str | None = None


_ANSWERED = ("source", "reference")
_KEPT_OF = (*_ANSWERED, "category", "stays")
_ITEM = ("basis_key", "category", "source", "status", "deadline_on", "stayed")


class Move(NamedTuple):
    """How many go from one status to another; without a category and statuses, how many go anywhere."""

    category: str | None
    before: str | None
    after: str | None
    persons: int
    bases: int


def moves(before: Reading, after: Reading) -> list[Move]:
    """How entries go from status to status between two readings of the same build, per category and in all.

    Raises ValueError for readings of different builds.
    """
    if before._root is not after._root:
        raise ValueError("the readings are of different builds")
    cursor = before._root.cursor()
    try:
        for name, reading in (("before_change", before), ("after_change", after)):
            cursor.execute(f"create temp view {name} as from memory.{reading._space}.basis_status")
        return [Move._make(row) for row in cursor.execute(queries.load("moves")).fetchall()]
    finally:
        cursor.close()


class Copy:
    """One build's file, attached read-only for as long as somebody reads it."""

    def __init__(self, path: Path, build: int, *, key: str | None = None, threads: int = 2) -> None:
        """`key` opens an encrypted build. Raises FileNotFoundError where the build has been retired meanwhile."""
        if not path.exists():
            raise FileNotFoundError(path.name)
        self._path = path
        self._open(build, threads)
        vault.attach(self._root, path, "build", key=key, read_only=True)
        self._look()

    def _open(self, build: int, threads: int) -> None:
        self.build = build
        self._root = duckdb.connect(":memory:", config={"threads": threads})
        self._root.execute("set enable_progress_bar = false")
        # What does not fit into memory is an error, never a plain file in whatever folder this runs in.
        self._root.execute("set temp_directory = ''")
        self._lock = threading.Lock()
        self._readings: OrderedDict[str, Reading] = OrderedDict()
        self._making: dict[str, threading.Lock] = {}
        self._count = 0
        self._entries: int | None = None

    def _look(self) -> None:
        """Finds out what the build lacks that one of today has."""
        # A build that an earlier version made lacks tables until the next intake; there is nothing in them.
        self._is_of_today = self._is("is_of_today", {"base": "build"})
        self._has_contracts = self._is("has_contracts", {"base": "build"})
        self._lacks_contacts = self._is("lacks_contacts", {"base": "build"})
        self._has_environments = self._is("has_table", {"base": "build", "name": "environment"})
        self._has_mailings = self._is("has_table", {"base": "build", "name": "mailing"})
        self._has_successors = self._is("has_table", {"base": "build", "name": "successor"})

    def _is(self, query: str, binds: Mapping[str, str]) -> bool:
        # All of the answer is taken: what is left of one keeps its transaction, and all that was dropped since, alive.
        return self._root.execute(queries.load(query), binds).fetchall() == [(True,)]

    def reading(
        self, as_of: dt.date, policy: Policy, parameters: Parameters, facts: Facts, *, kept: bool = True
    ) -> Reading:
        """The build on `as_of`. The first call for a day, rules and facts runs the status statement, over what a new
        fact touches where only facts are new. Nobody waits for a reading that somebody else asked for.

        What is not `kept` takes no place from those that pages go on reading.
        """
        made_from = _made_from(self.build, as_of, policy, parameters)
        key = hashlib.sha256(f"{made_from}|{facts.digest}".encode()).hexdigest()[:24]
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._readings and self._readings[key]._lasts():
                    self._readings.move_to_end(key)
                    return self._readings[key]
                alike = [one for one in reversed(self._readings.values()) if one._made_from == made_from]
                self._count += 1
                space = f"reading_{self._count}"
            reading = self._begin(space, as_of, key, made_from, facts, kept=kept)
            try:
                self._evaluate(space, reading, policy, parameters, facts, alike[0] if alike else None)
            except BaseException:
                _drop(self._root, space)
                raise
            # Its tables go when the last user of the reading does, so that an extract under way is not cut off.
            weakref.finalize(reading, _drop, self._root, space)
            with self._lock:
                self._making.pop(key, None)
                if not kept:
                    return reading
                self._readings[key] = reading
                while len(self._readings) > self._keeps():
                    self._readings.popitem(last=False)
            return reading

    def _begin(
        self,
        space: str,
        as_of: dt.date,
        key: str,
        made_from: str,
        facts: Facts,
        *,
        kept: bool,  # noqa: ARG002
    ) -> Reading:
        """What is to be read in a schema that is yet to be filled."""
        path = self._path
        return Reading(
            self.build, as_of, key, lambda: not path.exists(), self._engine(space), self._root, space,
            _made_from=made_from, _facts=facts,
        )  # fmt: skip

    def _how_many(self) -> int:
        """How many entries the build has."""
        if self._entries is None:
            cursor = self._root.cursor()
            self._entries = int((cursor.execute(queries.load("how_many_bases")).fetchone() or (0,))[0])
            cursor.close()
        return self._entries

    def _keeps(self) -> int:
        return max(_READINGS_AT_LEAST, min(_READINGS_KEPT, _ENTRIES_KEPT // max(1, self._how_many())))

    def _engine(self, space: str) -> sa.Engine:
        def connect() -> ConnectionWrapper:
            cursor = self._root.cursor()
            cursor.execute(f"set search_path = 'memory.{space},build.main'")
            return ConnectionWrapper(cursor)

        return sa.create_engine("duckdb://", creator=connect, poolclass=NullPool)

    def _evaluate(
        self,
        space: str,
        reading: Reading,
        policy: Policy,
        parameters: Parameters,
        facts: Facts,
        before: Reading | None,
    ) -> None:
        cursor = self._root.cursor()
        cursor.execute(f"create schema memory.{space}")
        cursor.execute(f"set search_path = 'memory.{space},build.main'")
        cursor.execute(queries.load("reading"))
        if not self._is_of_today:
            cursor.execute(queries.load("of_before"))
        if not self._has_environments:
            cursor.execute(queries.load("no_environments"))
        if not self._has_mailings:
            cursor.execute(queries.load("no_mailings_yet"))
        cursor.execute(queries.load("person_addresses"))
        cursor.execute("insert into evaluation values (?, ?)", [reading.as_of, reading.build])
        if self._has_successors:
            cursor.execute(queries.load("entry_successors"))
        rules = [
            (
                rule.category.value,
                rule.start_event.value,
                rule.period_months,
                rule.period_days,
                rule.period,
                rule.ground,
                rule.purpose,
                rule.owner,
                rule.approval,
                rule.section,
                rule.statutory_years,
            )
            for rule in policy.rules.values()
        ]
        fields = [(rule.category.value, name) for rule in policy.rules.values() for name in rule.allowed_fields]
        for table, rows in (
            ("rule", rules),
            ("allowed_field", fields),
            ("hold", facts.holds),
            ("open_request", facts.open_requests),
            ("hold_loss", facts.losses),
            ("accepted_move", facts.accepted_moves),
            ("kept_move", facts.kept_moves),
            ("request_choice", facts.choices),
            ("request_loss", facts.lost_requests),
            ("identity_loss", facts.lost_decisions),
            ("mark_loss", facts.lost_marks),
        ):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                cursor.executemany(f"insert into {table} values ({marks})", list(rows))  # noqa: S608 - fixed names
        if facts.marks:
            kinds, persons = zip(*facts.marks, strict=True)
            _register(cursor, "marks_told", {"kind": kinds, "person_id": persons})
            cursor.execute(queries.load("marked"))
            cursor.unregister("marks_told")
        views = {}
        if self._is_of_today and facts.accepted_moves:
            views["basis_whole"] = queries.load("basis_without_contacts" if self._lacks_contacts else "basis_whole")
            views["basis"] = queries.load("basis_accepted")
        if not self._is_of_today:
            views["basis"] = queries.load("basis_unmoved")
            views["record"] = queries.load("record_unmoved")
        if not self._has_contracts:
            cursor.execute(queries.load("no_moved_contract"))
        elif facts.accepted_moves:
            views["island"] = queries.load("island_accepted")
        for name, statement in views.items():
            cursor.execute(f"create view memory.{space}.{name} as {statement}")
        for name in ("request_candidates", "open_request_person"):
            cursor.execute(queries.load(name))
        binds = {
            "as_of": reading.as_of,
            "notice_days": parameters.notice_days,
            "lead_days": parameters.planned_purge_lead_days,
            "grace_days": parameters.hold_release_grace_days,
        }
        self._decide(cursor, space, reading, facts, before, binds)

    def _decide(
        self,
        cursor: duckdb.DuckDBPyConnection,
        space: str,
        reading: Reading,
        facts: Facts,
        before: Reading | None,
        binds: Mapping[str, Any],
    ) -> None:
        """Decides where every entry stands, from what lies beside the build. Lets the cursor go."""
        part = f"{space}_part"
        try:
            # An accepted date is no fact of few: it may be all entries of an export.
            alike = before is not None and before._facts.accepted_moves == facts.accepted_moves
            if before is not None and alike and self._touched(cursor, part, before, facts):
                self._evaluate_part(cursor, part, reading, before, binds)
            elif len(bounds := self._bounds(cursor)) > 1:
                self._evaluate_in_parts(cursor, part, reading, bounds, binds)
            else:
                with reading._engine.connect() as connection:
                    for name in ("basis_status", "person_status"):
                        statement = queries.load("status" if name == "basis_status" else name)
                        connection.execute(
                            sa.text(f"create table memory.{space}.{name} as {statement}"),
                            binds if name == "basis_status" else {},
                        )
                    connection.commit()
            cursor.execute(f"set search_path = 'memory.{space},build.main'")
            cursor.execute(f"create table memory.{space}.person_place as {queries.load('person_urgencies')}")
            cursor.execute(f"create view memory.{space}.needed_for_claims as {queries.load('needed_for_claims')}")
        finally:
            cursor.execute(f"drop schema if exists memory.{part} cascade")
            cursor.close()
        with reading._engine.connect() as connection:
            # Who the requests are about is asked on every rerun, and looking through all persons each time is slow.
            for name in ("request_status", "request_rest"):
                connection.execute(sa.text(f"create table memory.{space}.{name} as {queries.load(name)}"))
            connection.commit()

    def _bounds(self, cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
        """From which person to before which, for each part that is decided at once."""
        entries = self._how_many()
        parts = round(entries / _DECIDED_AT_ONCE)
        if parts < 2:
            return [(_BEFORE_ALL, _AFTER_ALL)]
        every = max(1, entries // (parts * _LOOKED_AT_FOR_EACH))
        found = cursor.execute(queries.load("person_bounds"), {"every": every, "parts": parts}).fetchall()
        edges = [_BEFORE_ALL, *(person for (person,) in found), _AFTER_ALL]
        return list(pairwise(edges))

    def _evaluate_in_parts(
        self,
        cursor: duckdb.DuckDBPyConnection,
        part: str,
        reading: Reading,
        bounds: Sequence[tuple[str, str]],
        binds: Mapping[str, Any],
    ) -> None:
        """The same statements, over some persons at a time, each part pressed before the next: an entry's status hangs
        on no other person's entries. The entries lie in their order within each part.
        """
        new, status = f"memory.{reading._space}", queries.load("status")
        decided = f"{new}.basis_status"
        cursor.execute(f"set search_path = 'memory.{reading._space},build.main'")
        cursor.execute(f"drop schema if exists memory.{part} cascade")
        for number, (low, high) in enumerate(bounds):
            cursor.execute(f"create schema memory.{part}")
            between = {"low": low, "high": high}
            cursor.execute(f"create table memory.{part}.basis as {queries.load('basis_between')}", between)
            cursor.execute(f"set search_path = 'memory.{part},{new},build.main'")
            cursor.execute(f"create table memory.{part}.island as {queries.load('touched_islands')}")
            told = f"insert into {decided} {status}" if number else f"create table {new}.basis_status as {status}"
            with _alone(cursor) as connection:
                connection.execute(sa.text(told), dict(binds))
                connection.commit()
            cursor.execute(f"set search_path = 'memory.{reading._space},build.main'")
            cursor.execute(f"drop schema memory.{part} cascade")
            reading.press()
        cursor.execute(f"create table {new}.person_status as {queries.load('person_status')}")

    def _touched(self, cursor: duckdb.DuckDBPyConnection, part: str, before: Reading, facts: Facts) -> bool:
        """Gathers in the schema `part` the entries that facts bear on which are not those of the reading before, with
        the islands of their organisations; says whether they are few.
        """
        told = changed(before._facts, facts)
        cursor.execute(f"create schema memory.{part}")
        cursor.execute(f"create table memory.{part}.changed (scope varchar, scope_key varchar)")
        if told:
            cursor.executemany(f"insert into memory.{part}.changed values (?, ?)", told)  # noqa: S608 - fixed names
        cursor.execute(f"set search_path = 'memory.{part},memory.{before._space},build.main'")
        cursor.execute(f"create table memory.{part}.basis as {queries.load('touched')}")
        few = cursor.execute(queries.load("few_touched"), {"few": FEW}).fetchone()
        return few == (True,)

    def _evaluate_part(
        self,
        cursor: duckdb.DuckDBPyConnection,
        part: str,
        reading: Reading,
        before: Reading,
        binds: Mapping[str, Any],
    ) -> None:
        """The same statements, over the touched entries alone; all others stand as they did in the reading before.

        An entry's status hangs on its own row, its organisation's islands, the rules, the day, the holds on it and the
        open requests and marks of its person: on no other entry.
        """
        new, old = f"memory.{reading._space}", f"memory.{before._space}"
        cursor.execute(f"create table memory.{part}.island as {queries.load('touched_islands')}")
        cursor.execute(f"set search_path = 'memory.{part},{new},build.main'")
        with _alone(cursor) as connection:
            connection.execute(sa.text(f"create table memory.{part}.now as {queries.load('status')}"), dict(binds))
            connection.commit()
        for name, table in (("status_before", "basis_status"), ("persons_before", "person_status")):
            cursor.execute(f"create view memory.{part}.{name} as from {old}.{table}")
        # The touched ones first: the others stay in the order in which they lie.
        cursor.execute(f"create table {new}.basis_status as {queries.load('status_with_touched')}")
        cursor.execute(f"create table memory.{part}.basis_status as {queries.load('status_of_touched_persons')}")
        cursor.execute(f"create table {new}.person_status as {queries.load('persons_untouched')}")
        cursor.execute(f"insert into {new}.person_status {queries.load('person_status')}")
        if cursor.execute(queries.load("stored_as_before")).fetchone() == (True,):
            take_over(before, reading)


def _alone(cursor: duckdb.DuckDBPyConnection) -> sa.Connection:
    """A cursor as what runs portable statements."""
    return sa.create_engine("duckdb://", creator=lambda: ConnectionWrapper(cursor), poolclass=StaticPool).connect()


def take_over(before: Reading, reading: Reading) -> None:
    """Has a reading know the figures of the one before that tell what is stored, whatever its status."""
    kept = {asked: rows for asked, rows in before._figures.items() if asked[0] in _OF_WHAT_IS_STORED}
    reading._figures.update(kept)


@contextmanager
def opened(path: Path, build: int, *, key: str | None = None) -> Iterator[Copy]:
    """A build that nobody else reads yet; its file is let go at the end. Its readings must be let go before."""
    copy = Copy(path, build, key=key)
    try:
        yield copy
    finally:
        copy._readings.clear()
        copy._root.close()


def _drop(root: duckdb.DuckDBPyConnection, space: str) -> None:
    cursor = root.cursor()
    cursor.execute(f"drop schema memory.{space} cascade")
    cursor.close()


def _made_from(build: int, as_of: dt.date, policy: Policy, parameters: Parameters) -> str:
    return "|".join([str(build), as_of.isoformat(), policy.digest, parameters.as_json])


# By where the build is, after where the builds of its store are.
_copies: dict[tuple[str, str], Copy] = {}
# What pages were shown last, by the folder of its build, and the reading that they would have to wait for.
_shown: dict[Path, Reading] = {}
_awaited: dict[tuple[Path, str], tuple[float, threading.Event]] = {}
_opening = threading.Lock()


def retried(work: Callable[[], T]) -> T:
    """Does what reads the current copy, anew where a purge has just put another in its place.

    Raises Refused `copy_changing` where that goes on and on.
    """
    for _ in range(_TRIES):
        try:
            return work()
        except Retired:
            continue
    raise Refused("copy_changing")


@contextmanager
def refused_where_retired(code: str) -> Iterator[None]:
    """What decides by what a reading says: where that has gone meanwhile, the copy is another by now, which whoever
    decides is told as Refused by this code.
    """
    try:
        yield
    except Retired:
        raise Refused(code) from None


def current(
    settings: Settings,
    engine: sa.Engine,
    as_of: dt.date,
    policy: Policy,
    parameters: Parameters,
    *,
    kept: bool = True,
) -> Reading | None:
    """The current build on `as_of`, or None where nothing was taken in yet or the copy was thrown away.

    With `kept`, the last few are remembered for whoever asks again.

    A build that is retired between looking it up and opening it is looked up again. Raises Refused `replay_needed`
    where the register or the build is older than a purge that was made: nobody purged is shown; and
    `evidence_elsewhere` where nobody has said whether a purge was this register's.
    """
    for _ in range(_TRIES):
        with engine.connect() as connection:
            found = _pointed_at(settings, connection)
            if found is None:
                return None
            facts = facts_of(connection)
        try:
            copy = _open(settings, found.file_name, found.build_id, found.key)
        except FileNotFoundError:
            continue
        reading = copy.reading(as_of, policy, parameters, facts, kept=kept)
        stood = _shown.get(settings.builds)
        if stood is not None and stood.build != reading.build:
            # Nobody has to wait any more, so that nothing of the build before is kept.
            _shown.pop(settings.builds, None)
        return reading
    return None


def _pointed() -> sa.Select[Any]:
    build, key = builds_tables.build, builds_tables.build_key
    return (
        sa.select(
            build.c.build_id, build.c.file_name, key.c.key, build.c.purges,
            (build.c.purges < builds.PURGES).label("outdated"),
        )
        .join(builds_tables.pointer, builds_tables.pointer.c.build_id == build.c.build_id)
        .outerjoin(key, key.c.build_id == build.c.build_id)
    )  # fmt: skip


_POINTED = _pointed()
_POINTER = sa.select(builds_tables.pointer.c.build_id)


def _pointed_at(settings: Settings, connection: sa.Connection) -> sa.Row[Any] | None:
    """The build that is current, if any. Raises Refused `replay_needed` and `evidence_elsewhere`."""
    if evidence.unknown(settings, connection):
        evidence.refuse_elsewhere(settings, connection)
        raise Refused("replay_needed", command=_REPLAY)
    found = connection.execute(_POINTED).one_or_none()
    if found is not None and found.outdated:
        raise Refused("replay_needed", command=_REPLAY)
    return found


def shown(
    settings: Settings, engine: sa.Engine, as_of: dt.date, policy: Policy, parameters: Parameters
) -> tuple[Reading | None, bool]:
    """What whoever only looks is shown, and whether it stands in for the current build.

    It is what `current` gives, except where a new build takes longer than `PATIENCE` to be read for the first time:
    meanwhile the build that was shown before stands in for it, for `STANDS_IN` at most. Not where a purge lies between
    the two, nor for another day or under other rules. Raises what `current` does.
    """
    stood = _shown.get(settings.builds)
    new = None if stood is None else _may_stand_in_for(stood, settings, engine)
    if stood is None or new is None or stood._made_from != _made_from(stood.build, as_of, policy, parameters):
        _shown.pop(settings.builds, None)
    elif new != stood.build and stood._lasts():
        which = (settings.builds, _made_from(new, as_of, policy, parameters))
        begun, coming = _coming(which, lambda: current(settings, engine, as_of, policy, parameters))
        coming.wait(PATIENCE)
        if not coming.is_set() and time.monotonic() - begun < STANDS_IN:
            return stood, True
    reading = current(settings, engine, as_of, policy, parameters)
    if reading is not None:
        _shown[settings.builds] = reading
    return reading, False


def _may_stand_in_for(stood: Reading, settings: Settings, engine: sa.Engine) -> int | None:
    """The current build, where the one that is read may be shown in its place: no purge lies between the two. Raises
    Refused `replay_needed`.
    """
    build = builds_tables.build
    with engine.connect() as connection:
        now: int | None = connection.scalar(_POINTER)
        if now is None or now == stood.build:
            return now
        found = _pointed_at(settings, connection)
        before = connection.scalar(sa.select(build.c.purges).where(build.c.build_id == stood.build))
    return found.build_id if found is not None and found.purges == before else None


def _coming(which: tuple[Path, str], make: Callable[[], object]) -> tuple[float, threading.Event]:
    """Since when a reading is being made that nobody waits for, and what is set once it is, or cannot be."""
    with _opening:
        if which in _awaited:
            return _awaited[which]
        found = time.monotonic(), (ended := threading.Event())
        _awaited.clear()
        _awaited[which] = found

    def work() -> None:
        # Whoever asks for it next is told what is wrong.
        with contextlib.suppress(Exception):
            make()
        ended.set()

    threading.Thread(target=work, name="new reading", daemon=True).start()
    return found


def _open(settings: Settings, file_name: str, build: int, key: str | None) -> Copy:
    place = settings.copy_url or str(settings.builds)
    with _opening:
        if (place, file_name) not in _copies:
            if settings.copy_url is None:
                opened = Copy(settings.builds / file_name, build, key=key)
            else:
                # Only where it is used: what reads files needs nothing of it.
                from compliance.reading.central import CentralCopy

                opened = CentralCopy(settings, file_name, build)
            # Builds of the same store that were current before are let go; who still reads one keeps it until done.
            for other in [known for known in _copies if known[0] == place]:
                del _copies[other]
            _copies[place, file_name] = opened
        return _copies[place, file_name]
