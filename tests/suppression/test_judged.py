"""What becomes of whoever is on the list agrees with what going through the hits makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.suppression import judged
from tests.twice import differences


@pytest.mark.parametrize("seed", range(2))
def test_who_stays_out_is_told_alike_twice(tmp_path: Path, seed: int) -> None:
    told = judged.Chance(seed)
    slowly = judged.Slowly(told).now()
    assert all(slowly)
    made = judged.Made(tmp_path, told)
    try:
        assert differences(made.now(), slowly) == {}
    finally:
        made.close()
