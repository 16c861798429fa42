"""What goes, what stays and what the list keeps of it agrees with what going through the entries makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.purge import survivors
from tests.twice import differences


@pytest.mark.parametrize("told", survivors.CHANCES, ids=["many", "many more", "one"])
def test_what_survives_a_purge_is_told_alike_twice(tmp_path: Path, told: survivors.Chance) -> None:
    slowly = survivors.Slowly(told).now()
    assert slowly.texts and slowly.entries
    made = survivors.Made(tmp_path, told)
    try:
        assert differences(made.now(), slowly) == {}
    finally:
        made.close()
