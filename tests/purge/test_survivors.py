"""What goes, what stays and what the list keeps of it agrees with what going through the entries makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.purge import survivors


@pytest.mark.parametrize("seed", range(2))
def test_what_survives_a_purge_is_told_alike_twice(tmp_path: Path, seed: int) -> None:
    told = survivors.Chance(seed)
    slowly = survivors.Slowly(told).now()
    assert all(slowly)
    made = survivors.Made(tmp_path, told)
    try:
        assert survivors.differences(made.now(), slowly) == {}
    finally:
        made.close()
