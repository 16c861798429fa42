"""A short run of the fuzz, always over the same files; `make fuzz` tries others, and many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from compliance.build.builder import workbench
from compliance.words.settings import Settings
from tests.fuzz import trial


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = workbench(tmp_path_factory.mktemp("workbench"))
    yield opened
    opened.close()


@pytest.mark.parametrize("start", range(0, 150, 30))
def test_a_file_in_any_shape_is_read_as_its_rows_or_refused_in_words(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, start: int
) -> None:
    became = {trial.try_one(con, tmp_path / "one", seed) for seed in range(start, start + 30)}
    assert "read" in became


def test_a_run_of_any_file_adds_up_or_leaves_the_build_as_it_was(settings: Settings, tmp_path: Path) -> None:
    assert "taken" in {trial.run_one(settings, tmp_path / "run", seed) for seed in (0, 1, 2, 3)}
