"""How wide the columns of a table are: those of long texts give way, down to what can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from compliance.show.columns import Column
from compliance.ui.table import _ROOM, _cells, _config, _fitted, _needed, _row_height


def column(name: str, kind: str = "text") -> Column:
    return Column(name, name, kind)  # type: ignore[arg-type]


def fitted(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    return _fitted(columns, rows, _cells(columns, rows, "en"), boxes=False)


def test_a_long_text_gives_way_to_the_columns_after_it_and_no_further_than_it_can_be_read() -> None:
    roomy = [column("why", "long"), column("owner")]
    rows = [{"why": "because " * 40, "owner": "sales", **{f"more{number}": "x" * 20 for number in range(9)}}]
    assert fitted(roomy, rows) == {"why": 400}
    narrow = [*roomy, *(column(f"more{number}") for number in range(4))]
    (width,) = fitted(narrow, rows).values()
    cells = _cells(narrow, rows, "en")
    taken = sum(_needed(one, cells[one.name]) for one in narrow if one.name != "why")
    assert 220 < width < 400 and taken + width <= _ROOM
    full = [*roomy, *(column(f"more{number}") for number in range(9))]
    assert fitted(full, rows) == {"why": 220}


def test_a_row_is_as_high_as_the_narrower_column_makes_its_text() -> None:
    rows = [{"why": "because " * 20}]
    assert _row_height({"why": 400}, rows) < _row_height({"why": 220}, rows)


def test_a_column_is_no_narrower_than_its_longest_word() -> None:
    rows = [{"ground": "berättigat intresse (intresseavvägning)", "purpose": "a b c"}]
    crowd = [column("ground", "wrapped"), column("purpose", "wrapped"), *(column("x" * 20 + str(n)) for n in range(7))]
    widths = fitted(crowd, rows)
    # As measured in a browser: one pixel less tears it.
    assert widths["purpose"] == 112 and 143 <= widths["ground"] < 165


@pytest.mark.parametrize("cells", [["", ""], ["", "", "", "", "", "", "", "", "", "abc"], ["x", "", "", "abcde"]])
def test_a_column_is_no_narrower_than_its_title_however_little_is_in_it(cells: list[str]) -> None:
    holder = Column("holder", "Innehavare")
    width = _config(holder, cells, None)["width"]
    assert width is None or width >= _needed(holder, cells)
    assert _config(Column("note", ""), ["", "a", "b" * 30], None)["width"] == 30 * 6 + 18


def test_a_column_that_no_row_has_anything_in_leaves_its_room_to_the_others() -> None:
    rows = [{"why": "because " * 40, "flags": ""}]
    columns = [column("why", "long"), column("flags", "wrapped"), *(column("x" * 14 + str(n)) for n in range(5))]
    empty = fitted(columns, rows)
    filled = fitted(columns, [{**rows[0], "flags": "on hold"}])
    assert "flags" not in empty and empty["why"] > filled["why"]


def test_a_row_is_higher_for_long_words_that_do_not_fit_beside_each_other() -> None:
    long, short = "representanter " * 5, "i å " * 19
    assert len(long) < len(short)
    assert _row_height({"purpose": 150}, [{"purpose": long}]) > _row_height({"purpose": 150}, [{"purpose": short}])
