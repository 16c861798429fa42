"""What may be a lost organisation agrees with what going through all of them one by one makes of it."""

from __future__ import annotations

import pytest

from tests.holds import firms


@pytest.mark.parametrize("seed", range(2))
def test_what_organisations_may_be_is_told_alike_twice(seed: int) -> None:
    told = firms.Chance(seed)
    made, slowly = firms.Made(told).now(), firms.slowly(told)
    assert made == slowly
    assert {because for _, _, because in slowly.may_be} == {"number", "name", "people", "domain", "names"}
