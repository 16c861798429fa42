"""What a build may take of the machine's memory grows with the machine, and is never too little for thousands."""

from __future__ import annotations

import duckdb
import pytest

from compliance.builds import vault


@pytest.mark.parametrize(
    ("told", "room"),
    [
        ("18.8 GiB", 18.8 * 2**30 / 3),
        ("1.5 TiB", 2**39),
        # A third would be less than a gigabyte.
        ("2.5 GiB", 1e9),
        ("953.6 MiB", 1e9),
    ],
)
def test_a_build_has_a_third_of_what_there_is_and_a_gigabyte_at_least(told: str, room: float) -> None:
    assert vault._room(told) == f"{room:.0f}B"


def test_it_is_understood_by_what_takes_it() -> None:
    with duckdb.connect(":memory:") as whole, duckdb.connect(":memory:", config={"memory_limit": vault.room()}) as con:
        all_of_it, room = (
            str(one.execute("select current_setting('memory_limit')").fetchall()[0][0]) for one in (whole, con)
        )
    assert vault._room(all_of_it) == vault.room() and room != all_of_it
