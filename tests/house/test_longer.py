"""What `make quick` leaves out is what takes longer, and is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests import longer

ROOT = Path(__file__).parents[2]


def test_a_test_is_longer_by_the_mean_of_its_examples_and_by_what_its_file_needs() -> None:
    calls = {
        "a.py::test_short": [0.2, 0.1],
        "a.py::test_one_long": [0.1, 1.8],
        "a.py::test_long": [0.3, 2.0],
        "b.py::test_short": [0.1],
    }
    setups = {"a.py": [0.1, 3.0, 0.0, 0.0], "b.py": [4.0]}
    assert longer.longer(calls, setups) == ["a.py::test_long", "b.py::test_short"]


def test_each_that_is_left_out_is_there() -> None:
    named = longer.LIST.read_text("utf-8").split()
    assert named == sorted(set(named)) and named
    for name in named:
        file, _, test = name.partition("::")
        assert re.search(rf"^def {test}\(", (ROOT / file).read_text("utf-8"), re.M), name
