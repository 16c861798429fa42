"""Rows are what their query says: each shape has the query's columns, in their order and of their types."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from compliance.reading.copy import Reading
from compliance.words import queries
from compliance.words.keys import Key
from tests.asked import ASKED
from tests.world import TODAY, World

pytestmark = pytest.mark.files("asks DuckDB how it would go about a query; test_portable asks a PostgreSQL")

# What the reading makes once, and asks nobody's shape for.
MADE_ONCE = {
    "person_addresses",
    "status",
    "person_status",
    "request_status",
    "request_rest",
    "needed_for_claims",
    "purge_decision",
}
TYPES = {
    "VARCHAR": str,
    "BIGINT": int,
    "INTEGER": int,
    "DATE": dt.date,
    "BOOLEAN": bool,
    "TIMESTAMP WITH TIME ZONE": dt.datetime,
}
BINDS: dict[str, Any] = {
    "as_of": TODAY, "category": None, "cut": "category", "due_within": None, "high": None, "kind": "rule",
    "late_from": None, "low": None, "late_to": None, "named": False, "owned": None, "owner": None, "person": None,
    "person_id": "-", "pressing": False, "reason": None, "reference": None, "rows": 5, "scope": "person",
    "scope_key": "-", "search": None, "skip": 0, "sought": None, "source": None, "status": None, "unit": "month",
    "cause": "held", "start": 1, "in_order": None, "former_before": None, "past": None,
    "reader": None, "since": TODAY, "until": TODAY, "key": "-", "record": "-",
}  # fmt: skip


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """A reading of one prospect, which is only read."""
    world = World(tmp_path_factory.mktemp("asks"))
    world.person("PROSPECT", registered_on="2020-01-01")
    return world.reading()


def planned(reading: Reading, name: str) -> str:
    """How DuckDB goes about a query."""
    binds = {bind: BINDS[bind] for bind in queries.binds(name)}
    statement = re.sub(r"(?<![:\w]):([a-z_]+)", r"$\1", queries.load(name))
    with reading.choosing(Key("test", bytes(32)), []) as choice:
        return "".join(str(row) for row in choice._cursor.execute(f"explain {statement}", binds).fetchall())


@pytest.mark.parametrize("name", ["entries", "entries_window", "entries_count"])
def test_a_list_gathers_nobody_whom_its_filter_does_not_ask_for(reading: Reading, name: str) -> None:
    plan = planned(reading, name)
    assert "basis_status" in plan and "person_status" not in plan


def described(reading: Reading, name: str) -> list[tuple[str, str]]:
    """The columns of a query and their types, as DuckDB says them."""
    binds = {bind: BINDS[bind] for bind in queries.binds(name)}
    statement = re.sub(r"(?<![:\w]):([a-z_]+)", r"$\1", queries.load(name))
    with reading.choosing(Key("test", bytes(32)), []) as choice:
        choice.decide("rule")
        return [(row[0], row[1]) for row in choice._cursor.execute(f"describe {statement}", binds).fetchall()]


def fits(kind: str, hint: Any) -> bool:
    """Whether a column of a type gives what the shape says, or nothing where it may be nothing."""
    choices = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if kind.startswith("STRUCT"):
        return any(get_origin(one) is Mapping for one in choices)
    if kind.endswith("[]"):
        return any(get_origin(one) in (list, Sequence) and get_args(one) == (TYPES[kind[:-2]],) for one in choices)
    return TYPES[kind] in choices


def test_every_portable_query_has_a_shape() -> None:
    assert set(ASKED) == set(queries.names()) - MADE_ONCE


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_shape_has_the_columns_of_its_query(reading: Reading, name: str) -> None:
    row = ASKED[name].row
    columns = described(reading, name)
    assert list(row._fields) == [column for column, _ in columns]
    hints = get_type_hints(row)
    for column, kind in columns:
        assert fits(kind, hints[column]), column
