"""No statement puts everybody beside everybody: what never ends with a million rows, a thousand already show.

Of each statement that an intake, a page or a purge asks of DuckDB it is looked, by DuckDB's own account of it, how many
rows were made on the way, and how many pairs were looked at where no condition could be looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import duckdb
import pytest

from compliance.words import queries
from tests import demo_store
from tests.asked import ASKED
from tests.purging import Desk
from tests.reading.test_asks import BINDS

pytestmark = pytest.mark.files("asks DuckDB how it went about its statements")

# Joins that go through every pair.
PAIRWISE = {"BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "CROSS_PRODUCT", "PIECEWISE_MERGE_JOIN", "IE_JOIN"}
# The company has five thousand records, and a purge looks for eleven texts of each; all of them beside each other were
# twenty-five million.
MOST = 80_000


class Watched:
    """A connection, or a cursor of it, that says of each statement how much it put beside each other."""

    def __init__(self, con: Any, seen: dict[str, int]) -> None:
        self._con, self._seen = con, seen
        con.execute("pragma enable_profiling = 'no_output'")

    def execute(self, statement: Any, *given: Any, **named: Any) -> Self:
        self._con.execute(statement, *given, **named)
        told = self._con.get_profiling_information(format="json")
        rows = max((_rows(one) for one in json.loads(told).get("children", [])), default=0) if told else 0
        key = " ".join(re.sub(r"--[^\n]*", "", str(statement)).split())[:200]
        self._seen[key] = max(rows, self._seen.get(key, 0))
        return self

    def cursor(self) -> Watched:
        return Watched(self._con.cursor(), self._seen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def _rows(operator: Mapping[str, Any]) -> int:
    """The most rows that an operator, or one below it, has made or put beside each other."""
    below = operator.get("children", [])
    rows = int(operator.get("operator_cardinality", 0))
    if operator.get("operator_type") in PAIRWISE and len(below) == 2:
        one, other = (int(side.get("operator_cardinality", 0)) for side in below)
        rows = max(rows, one * other)
    return max(rows, *(_rows(one) for one in below)) if below else rows


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """The most rows of each statement that has been asked meanwhile."""
    rows: dict[str, int] = {}
    connect = duckdb.connect
    with monkeypatch.context() as patch:
        patch.setattr(duckdb, "connect", lambda *given, **named: Watched(connect(*given, **named), rows))
        yield rows


def later(file: Path, folder: Path) -> Path:
    """The same export with all its days a year later, as a migration may leave them."""
    made = folder / file.name.replace("-24.", "-24T0900.")
    text = re.sub(r"\b20\d\d\b", lambda year: str(int(year[0]) + 1), file.read_text("utf-8-sig"))
    made.write_text(text, "utf-8-sig", newline="")
    return made


def test_nobody_is_put_beside_everybody(tmp_path: Path, seen: dict[str, int]) -> None:
    exports = demo_store.made()[0] / "exports" / "today"
    desk = Desk(demo_store.copied(tmp_path))
    files = [later(exports / f"crm_{name}_2026-11-24.csv", tmp_path) for name in ("avtal", "kontakter", "prospekt")]
    assert desk.take_in(*files).all_taken
    reading = desk.reading()
    for name, query in sorted(ASKED.items()):
        if not name.startswith("purge_"):
            reading.rows(query, **{bind: BINDS[bind] for bind in queries.binds(name)})
    desk.purge(desk.entries(status="OVERDUE"))
    assert len(seen) > 200
    assert {statement: rows for statement, rows in seen.items() if rows > MOST} == {}
