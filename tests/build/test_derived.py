"""What a build derives from its records agrees with what going through them row by row makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.build import derived


@pytest.mark.parametrize("seed", range(2))
def test_entries_are_what_their_records_make_them(tmp_path: Path, seed: int) -> None:
    rows = derived.Chance(seed).rows
    slowly = derived.Slowly(rows).tables()
    assert all(slowly.values())
    made = derived.Made(tmp_path, rows)
    try:
        assert derived.differences(made.tables(), slowly) == {}
    finally:
        made.close()


def test_an_entry_of_several_organisations_has_the_name_of_the_one_it_says(tmp_path: Path) -> None:
    """A prospect's entry bore one company's id and another one's name: a hold on the one missed whom it named."""
    rows = derived.Chance(0).rows
    names = {row["org_id"]: row["org_name"] for row in rows["organisation"]}
    made = derived.Made(tmp_path, rows)
    try:
        told = {(row["org_id"], row["org_name"]) for row in made.tables()["basis"] if row["org_id"] in names}
    finally:
        made.close()
    assert all(name == names[org_id] for org_id, name in told if names[org_id])
