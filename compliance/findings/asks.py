"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class Field(NamedTuple):
    """How often each field of a person is filled, and whether the category's rule allows it; columns left out
    included.
    """

    category: str
    source: str
    field: str
    column_name: str | None
    filled: int
    rows: int
    is_allowed: bool


class UnreadCell(NamedTuple):
    """Filled cells in which no address or number could be read."""

    source: str
    dataset: str
    field: str
    rows: int


class GarbledCell(NamedTuple):
    """Cells that are stored garbled; `what` is twice, of letters that were written twice, or lost."""

    source: str
    dataset: str
    what: str
    field: str
    rows: int


FIELDS = Query("fields", Field)
UNREAD_CELLS = Query("unread_cells", UnreadCell)
GARBLED_CELLS = Query("garbled_cells_stored", GarbledCell)
