"""Measures the pages' statements beside other engines that hold the same rows, in one run.

`python -m tests.bench peers --persons 1000000`, or `--store FOLDER`. Each engine gets the tables that the dashboard
reads, with indexes where it has any use for them, and runs queries/*.sql as it is written; what one cannot run is told
as such and not written anew for it. Answers are compared before times are.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import sqlalchemy as sa

from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.review import asks as review_asks
from compliance.review.figures import month_starts
from compliance.show.entries import entry_binds
from compliance.words import queries
from compliance.words import settings as settings_of
from tests import servers
from tests.asked import ASKED
from tests.bench import stores

TODAY = stores.TODAY
_TIMES = 5
# A statement that is slower than this is not run as often.
_SLOW = 2.0
_BIND = re.compile(r"(?<![:\w]):([a-z_]+)")
_OPEN: Mapping[str, None] = dict.fromkeys(("category", "source", "owner"))

# Where the dashboard has each table: made for the day, or part of the build.
TABLES: Mapping[str, str] = {
    "basis_status": "day", "person_status": "day", "rule": "day", "person": "build", "basis": "build", "sought": "day",
}  # fmt: skip
# What no other engine has a type for, and none of the questions asks.
_LEFT_OUT: Mapping[str, str] = {"basis": "exclude (told)"}
INDEXES = (
    "create unique index basis_status_basis on basis_status (basis_id)",
    "create index basis_status_person on basis_status (person_id)",
    "create index basis_status_status on basis_status (status, deadline_on)",
    "create index basis_status_cut on basis_status (category, source, status, person_id)",
    "create index basis_status_late on basis_status (status, days_overdue desc, basis_id)",
    "create unique index person_status_person on person_status (person_id)",
    "create index person_status_status on person_status (status)",
    "create unique index person_person on person (person_id)",
)
# SQLite would run some of these and answer something else: it takes a cast to a date for one to a number.
_NOT_IN_SQLITE: Mapping[str, str] = {
    r"\binterval '": "interval",
    r"\bas date\)": "a date type",
    r"\bdate_trunc\(": "date_trunc",
    r"\bposition\([^()]*(\([^()]*\))* in ": "position",
}


@dataclass(frozen=True)
class Question:
    """A statement of a page, by its file and what is bound."""

    name: str
    query: str
    binds: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bound(self) -> dict[str, Any]:
        """What the statement wants bound, all of it."""
        given = {"as_of": TODAY, **self.binds}
        return {name: given[name] for name in queries.binds(self.query)}


QUESTIONS = (
    Question("weekly figures", "weekly"),
    Question("stored per category", "stored_by_category"),
    Question("persons per purpose", "stored_by", {"cut": "purpose"}),
    Question("expiries per month", "expiries", {"unit": "month", "until": month_starts(TODAY, 25)[-1], **_OPEN}),
    Question("overdue by age", "overdue_by_age", _OPEN),
    Question("persons per status", "persons_by_status"),
    Question("why undetermined", "undetermined_by_cause"),
    Question("the oldest", "oldest"),
    Question("how many are pressing", "entries_count", entry_binds({}, named=False, pressing=True)),
    Question("top 50 overdue", "entries", {**entry_binds({"status": "OVERDUE"}, named=False), "rows": 50, "skip": 0}),
    Question("top 50 of all", "entries", {**entry_binds({}, named=False), "rows": 50, "skip": 0}),
    Question("page 51 of all", "entries", {**entry_binds({}, named=False), "rows": 50, "skip": 2500}),
)

Rows = list[tuple[Any, ...]]
# Pandas' own types know too little of what a group-by gives.
Frame = Any


class Unable(Exception):
    """The engine cannot run a statement; its text says what it lacks."""


@dataclass(frozen=True)
class Peer:
    """An engine with the rows in it. `ask` gives all rows of a question. Raises Unable."""

    name: str
    ask: Callable[[Question], Rows]
    loaded_in: float


# The rows


def reading_of(store: Path) -> Reading:
    """The store's build as the dashboard sees it on TODAY."""
    from tests.world import shipped_parameters, shipped_policy

    settings = settings_of.load({"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()})
    found = copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())
    assert found is not None
    return found


def export(reading: Reading, folder: Path) -> None:
    """Each table once as Parquet, and once as text for whoever reads nothing else."""
    cursor = reading._root.cursor()
    for table, of in TABLES.items():
        place = f"memory.{reading._space}" if of == "day" else "build.main"
        rows = f"(select * {_LEFT_OUT.get(table, '')} from {place}.{table})"
        cursor.execute(f"copy {rows} to '{folder / table}.parquet' (format parquet)")
        cursor.execute(f"copy {rows} to '{folder / table}.csv' (header false)")
    cursor.close()


# The peers


def dashboard(reading: Reading) -> Peer:
    """The dashboard's own reading, with what it remembers forgotten before each question."""

    def ask(question: Question) -> Rows:
        reading._figures.clear()
        return [tuple(row) for row in reading.rows(ASKED[question.query], **question.binds)]

    return Peer("dashboard", ask, 0.0)


def bare(folder: Path) -> Peer:
    """DuckDB alone, on a file of its own."""
    start = time.perf_counter()
    con = duckdb.connect(str(folder / "bare.duckdb"), config={"threads": 2})
    for table in TABLES:
        con.execute(f"create table {table} as from '{folder / table}.parquet'")
    con.execute("checkpoint")
    loaded = time.perf_counter() - start

    def ask(question: Question) -> Rows:
        return con.execute(_BIND.sub(r"$\1", queries.load(question.query)), question.bound).fetchall()

    return Peer("DuckDB", ask, loaded)


def sqlite(folder: Path) -> Peer:
    """SQLite on a file; dates are ISO text, which sorts and compares as dates do."""
    start = time.perf_counter()
    con = sqlite3.connect(folder / "peer.sqlite")
    con.execute("pragma journal_mode = off")
    con.execute("pragma synchronous = off")
    con.execute("pragma cache_size = -1000000")
    for table in TABLES:
        file = pq.ParquetFile(folder / f"{table}.parquet")
        names = file.schema_arrow.names
        con.execute(f"create table {table} ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        for batch in file.iter_batches(50_000):
            columns = [
                batch.column(name).cast("string").to_pylist()
                if str(batch.schema.field(name).type).startswith("date")
                else batch.column(name).to_pylist()
                for name in names
            ]
            con.executemany(f"insert into {table} values ({marks})", zip(*columns, strict=True))
    con.commit()
    for statement in INDEXES:
        con.execute(statement)
    con.execute("analyze")
    loaded = time.perf_counter() - start

    def ask(question: Question) -> Rows:
        statement = queries.load(question.query)
        lacking = [what for pattern, what in _NOT_IN_SQLITE.items() if re.search(pattern, statement)]
        if lacking:
            raise Unable(", ".join(lacking))
        bound = {
            name: value.isoformat() if isinstance(value, dt.date) else value for name, value in question.bound.items()
        }
        try:
            return [tuple(row) for row in con.execute(statement, bound).fetchall()]
        except sqlite3.Error as problem:
            raise Unable(str(problem)) from None

    return Peer("SQLite", ask, loaded)


@contextmanager
def postgresql(folder: Path) -> Iterator[Peer]:
    """PostgreSQL with memory enough for all rows, as its manual has it for a machine of its own."""
    types = {"VARCHAR": "text", "INTEGER": "integer", "BIGINT": "bigint", "DATE": "date", "BOOLEAN": "boolean"}
    with servers.postgresql(shared_buffers="1GB") as socket:
        url = servers.create(socket, "peer")
        start = time.perf_counter()
        with duckdb.connect() as described, servers.connect(socket, "peer") as con:
            for table in TABLES:
                found = described.execute(f"describe from '{folder / table}.parquet'").fetchall()
                columns = ", ".join(f"{name} {types[str(kind)]}" for name, kind, *_ in found)
                con.execute(f"create table {table} ({columns})")
                with (
                    (folder / f"{table}.csv").open("rb") as source,
                    con.cursor() as cursor,
                    cursor.copy(f"copy {table} from stdin (format csv)") as sink,
                ):
                    while block := source.read(1 << 20):
                        sink.write(block)
            for statement in INDEXES:
                con.execute(statement)
            con.execute("vacuum analyze")
        loaded = time.perf_counter() - start
        opened = sa.create_engine(url, connect_args={"options": "-c work_mem=256MB"})
        with opened.connect() as connection:

            def ask(question: Question) -> Rows:
                try:
                    result = connection.execute(sa.text(queries.load(question.query)), question.bound)
                except sa.exc.DBAPIError as problem:
                    connection.rollback()
                    raise Unable(str(problem.orig).splitlines()[0]) from None
                return [tuple(row) for row in result]

            yield Peer("PostgreSQL", ask, loaded)
        opened.dispose()


def pandas(folder: Path) -> Peer:
    """Pandas with all rows in memory, codes as categories and dates as its own; for what is a group-by or a sort."""
    start = time.perf_counter()
    frames = {
        table: pd.read_parquet(folder / f"{table}.parquet") for table in ("basis_status", "person_status", "rule")
    }
    for frame in frames.values():
        for name in frame.columns:
            if name.endswith("_on"):
                frame[name] = pd.to_datetime(frame[name])
            elif name in ("category", "source", "status", "reason"):
                frame[name] = frame[name].astype("category")
    loaded = time.perf_counter() - start

    def ask(question: Question) -> Rows:
        work = _IN_PANDAS.get(question.name)
        if work is None:
            raise Unable("not a simple group-by")
        return work(frames["basis_status"], frames["person_status"], frames["rule"])

    return Peer("pandas", ask, loaded)


def _pandas_weekly(entries: Frame, persons: Frame, _: Frame) -> Rows:
    statuses, of_persons = entries["status"].value_counts(), persons["status"].value_counts()
    ahead = entries.loc[entries["status"].isin(["DUE", "EXPIRING"]), "deadline_on"]
    return [
        (
            len(persons),
            len(persons) - of_persons.get("OVERDUE", 0) - of_persons.get("UNDETERMINED", 0),
            of_persons.get("OVERDUE", 0),
            len(entries) - statuses.get("PURGED", 0),
            (ahead <= pd.Timestamp(TODAY) + pd.Timedelta(days=30)).sum(),
            (ahead <= pd.Timestamp(TODAY) + pd.Timedelta(days=90)).sum(),
            statuses.get("OVERDUE", 0),
            entries["days_overdue"].max(),
            statuses.get("UNDETERMINED", 0),
            statuses.get("HELD", 0),
        )
    ]


def _pandas_stored(entries: Frame, _: Frame, __: Frame) -> Rows:
    kept = entries[entries["status"] != "PURGED"]
    cut = ["category", "source"]
    persons = kept.groupby(cut, observed=True)["person_id"].nunique()
    counted = kept.groupby([*cut, "status"], observed=True).size().unstack(fill_value=0)
    order = ("ACTIVE", "RETAINED", "EXPIRING", "DUE", "OVERDUE", "HELD", "STATUTORY", "UNDETERMINED")
    return [
        (*place, persons[place], row.sum(), *(row.get(status, 0) for status in order))
        for place, row in counted.iterrows()
    ]


def _pandas_purposes(entries: Frame, _: Frame, rules: Frame) -> Rows:
    kept = entries.loc[entries["status"] != "PURGED", ["category", "person_id"]]
    known = rules[["category", "purpose", "ground"]].astype({"category": str})
    # The few categories are told apart before the many entries are looked at.
    joined = kept.assign(category=kept["category"].astype(str)).merge(known, on="category", how="left")
    grouped = joined.fillna({"purpose": "-", "ground": "-"}).groupby(["purpose", "ground"])["person_id"]
    return [(*place, *counts) for place, counts in grouped.agg(["nunique", "size"]).iterrows()]


def _pandas_expiries(entries: Frame, _: Frame, __: Frame) -> Rows:
    until = pd.Timestamp(month_starts(TODAY, 25)[-1])
    ahead = entries[entries["status"].isin(["DUE", "EXPIRING", "RETAINED"]) & (entries["deadline_on"] < until)]
    months = ahead["deadline_on"].dt.to_period("M").dt.to_timestamp()
    counted = ahead.groupby([months, "category"], observed=True).size()
    return [(month.date(), category, count) for (month, category), count in counted.items()]


def _pandas_late(entries: Frame, _: Frame, __: Frame) -> Rows:
    late = entries[entries["status"] == "OVERDUE"]
    ages = pd.cut(late["days_overdue"], [0, 30, 90, 365, 10**6], labels=["1-30", "31-90", "91-365", "366-"])
    grouped = late.groupby(["category", ages], observed=True)["person_id"]
    return [(*place, *counts) for place, counts in grouped.agg(["size", "nunique"]).iterrows()]


def _pandas_statuses(_: Frame, persons: Frame, __: Frame) -> Rows:
    return list(persons["status"].value_counts().items())


def _pandas_causes(entries: Frame, _: Frame, __: Frame) -> Rows:
    doubtful = entries[entries["status"] == "UNDETERMINED"]
    past = doubtful["provisional_on"] < pd.Timestamp(TODAY)
    counted = past.groupby(doubtful["reason"], observed=True).agg(["size", "sum"])
    return [(reason, *counts) for reason, counts in counted.iterrows()]


def _pandas_oldest(entries: Frame, _: Frame, __: Frame) -> Rows:
    late = entries.loc[entries["status"] == "OVERDUE"]
    longest = late[late["days_overdue"] == late["days_overdue"].max()]
    found = longest.sort_values("basis_id").head(1)
    return [tuple(row) for row in found[["category", "source", "deadline_on", "days_overdue"]].itertuples(index=False)]


_IN_PANDAS: Mapping[str, Callable[[Frame, Frame, Frame], Rows]] = {
    "weekly figures": _pandas_weekly,
    "stored per category": _pandas_stored,
    "persons per purpose": _pandas_purposes,
    "expiries per month": _pandas_expiries,
    "overdue by age": _pandas_late,
    "persons per status": _pandas_statuses,
    "why undetermined": _pandas_causes,
    "the oldest": _pandas_oldest,
}


# Comparing


def plain(rows: Rows) -> list[tuple[str, ...]]:
    """Rows in a form that is the same whoever gave them: numbers, dates and truth as text, in one order."""

    def one(value: Any) -> str:
        if value is None or value is pd.NaT or value != value:
            return "-"
        if isinstance(value, bool) or type(value).__name__ == "bool":
            return str(int(value))
        if isinstance(value, dt.datetime):
            return value.date().isoformat()
        if isinstance(value, str):
            return value
        return value.isoformat() if isinstance(value, dt.date) else str(int(value))

    return sorted(tuple(one(value) for value in row) for row in rows)


@dataclass(frozen=True)
class Answer:
    """What one engine made of one question."""

    ms: float | None
    rows: list[tuple[str, ...]] | None
    lacking: str | None = None


def answer(peer: Peer, question: Question) -> Answer:
    """The best time of a few, and the rows."""
    best, rows = float("inf"), Rows()
    for _ in range(_TIMES):
        start = time.perf_counter()
        try:
            rows = peer.ask(question)
        except Unable as problem:
            return Answer(None, None, str(problem))
        best = min(best, time.perf_counter() - start)
        if best > _SLOW:
            break
    return Answer(best * 1000, plain(rows))


def compare(store: Path) -> bool:
    """Prints the table; whether all answers were equal."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        reading = reading_of(store)
        export(reading, folder)
        peers = [dashboard(reading), bare(folder), sqlite(folder)]
        if servers.installed():
            peers.append(stack.enter_context(postgresql(folder)))
        peers.append(pandas(folder))
        answers = [(question, [answer(peer, question) for peer in peers]) for question in QUESTIONS]
        entries = reading.one(review_asks.WEEKLY).bases
    print(f"the pages' statements on the same {entries:,} entries, best of {_TIMES}, in ms:")
    print(f"  {'':22} {'rows':>5}" + "".join(f"{peer.name:>12}" for peer in peers) + "  answers")
    notes: dict[str, list[str]] = {}
    equal = True
    for question, given in answers:
        reference = given[0].rows
        unequal = [
            peer.name for peer, one in zip(peers, given, strict=True) if one.lacking is None and one.rows != reference
        ]
        equal = equal and not unequal
        times = "".join(f"{'–' if one.ms is None else f'{one.ms:.1f}':>12}" for one in given)
        told = "equal" if not unequal else "NOT EQUAL: " + ", ".join(unequal)
        print(f"  {question.name:22} {len(reference or ()):>5}{times}  {told}")
        for peer, one in zip(peers, given, strict=True):
            if one.lacking:
                notes.setdefault(f"{peer.name} lacks: {one.lacking}", []).append(question.name)
    print(f"  {'loaded in, s':22} {'':>5}" + "".join(f"{peer.loaded_in:>12.1f}" for peer in peers))
    for what, where in notes.items():
        print(f"  – {what} ({', '.join(where)})")
    return equal


def main(arguments: Sequence[str]) -> int:
    """One store, all engines."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench peers")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path, help="a store that is there, instead of one made for this run")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        store = given.store.resolve() if given.store else stores.made(Path(name), given.persons)
        return 0 if compare(store) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
