"""Who is one person, who may be and whom a request is from agrees with what going through the records makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.identity import who
from tests.twice import differences


@pytest.mark.parametrize("told", [who.Chance(0), who.Chance(1), who.ONLY], ids=["0", "1", "only"])
def test_who_is_one_person_is_told_alike_twice(tmp_path: Path, told: who.Chance) -> None:
    slowly = who.Slowly(told).now()
    made = who.Made(tmp_path, told)
    try:
        assert differences(made.now(), slowly) == {}
    finally:
        made.close()
