"""Every portable query gives the same rows on Spark, a master and two workers, as in DuckDB and in PostgreSQL.

`make test-spark`, which prints for each query how many rows there were and their digest, one for all three. Over the
demo company's build as Parquet: Spark reads there what the dashboard reads in its own files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from compliance.words import queries
from tests.bench import spark
from tests.bench.peers import Question, Unable
from tests.reading.test_portable import MAKES, Both, both, rows_of, wanted_by

__all__ = ["both"]
# What Spark cannot run at all, by what it lacks: this one makes what the others read.
LACKING = {"status": "intervals of months and of days in one"}
# What it cannot run as it is written, and runs in its own words.
REWORDED = {
    "request_status": "array_to_string",
    "doubles": "array_to_string",
    "may_not_mail": "unnest of texts",
    "person_places": "as materialized",
    "person_records": "as materialized",
    "sends_against": "string_agg in an order",
    "shared_identifiers": "as materialized",
}


def tables_of(statement: str) -> set[str]:
    """The tables that a statement reads, without those that it makes itself on the way."""
    parsed = sqlglot.parse_one(statement, dialect="postgres")
    made = {one.alias for one in parsed.find_all(exp.CTE)}
    return {one.name for one in parsed.find_all(exp.Table) if isinstance(one.this, exp.Identifier)} - made


def plain(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows as text, in one order: Spark gives moments in the zone of this machine, without naming it."""
    told = ([one.astimezone(dt.UTC) if isinstance(one, dt.datetime) else one for one in row] for row in rows)
    return sorted(repr([one.asDict() if hasattr(one, "asDict") else one for one in row]) for row in told)


def asked(name: str, given: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What is bound each time a query is asked; never twice the same."""
    before: list[dict[str, Any]] = []
    for binds in (wanted_by(name, one) for one in given):
        if binds not in before:
            before.append(binds)
            yield binds


def digest(rows: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


@pytest.mark.timeout(1200)
def test_spark_gives_the_same_rows(both: Both, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spark.installed(), "make test-spark installs it"
    names = sorted(set(queries.names()) - MAKES, key=lambda name: (queries.paths()[name].parent.name, name))
    tables = sorted(set().union(*(tables_of(queries.load(name)) for name in names)))
    with both.duckdb.connect() as connection:
        for table in tables:
            connection.exec_driver_sql(f"copy (from {table}) to '{tmp_path / table}.parquet' (format parquet)")
    differ, unable, told = [], set(), []
    with spark.spark(tmp_path, tables, REWORDED) as there:
        for name in names:
            found: dict[str, list[str]] = {"DuckDB": [], "PostgreSQL": [], "Spark": []}
            for binds in asked(name, both.asked):
                found["DuckDB"] += plain(rows_of(both.duckdb, name, binds))
                found["PostgreSQL"] += plain(rows_of(both.postgresql, name, binds))
                try:
                    found["Spark"] += plain(there.ask(Question(name, name, binds)))
                except Unable:
                    unable.add(name)
            if name in unable:
                del found["Spark"]
            digests = {engine: digest(rows) for engine, rows in found.items()}
            if len({*digests.values()}) > 1:
                differ.append(f"{name}: {digests}")
            where = f"{queries.paths()[name].parent.name}/{name}"
            note = f"  in Spark's words for {REWORDED[name]}" if name in REWORDED else ""
            note = f"  not on Spark: {LACKING.get(name)}" if name in unable else note
            told.append(f"{where:44}{len(found['DuckDB']):>7}  {digests['DuckDB']}{note}")
    with capsys.disabled():
        counted = (
            f"{len(names)} queries, {len(REWORDED)} in Spark's words, {len(unable)} not on Spark, {len(differ)} unequal"
        )
        print("", *told, counted, sep="\n")
    assert not differ, "\n".join(differ)
    assert unable == set(LACKING)
