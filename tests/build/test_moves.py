"""Which clocks a source moved agrees with what going through its records one by one makes of it."""

from __future__ import annotations

import pytest

from tests.build import moves


@pytest.mark.parametrize("seed", range(2))
def test_what_moved_is_told_alike_twice(seed: int) -> None:
    told = moves.Chance(seed)
    made, slowly = moves.Made(told).now(), moves.slowly(told)
    assert made == slowly
    assert {field for _, _, _, field, *_ in slowly} == set(moves.DATES)
