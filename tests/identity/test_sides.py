"""Which records a decision is about in a later build agrees with what going through them one by one makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.identity import sides


@pytest.mark.parametrize("seed", range(2))
def test_whom_decisions_are_about_is_told_alike_twice(tmp_path: Path, seed: int) -> None:
    told = sides.Chance(seed)
    made = sides.Made(tmp_path, told)
    try:
        assert sides.differences(made.now(), sides.slowly(told)) == {}
    finally:
        made.close()
