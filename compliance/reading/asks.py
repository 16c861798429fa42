"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class StatusCount(NamedTuple):
    """How many entries and persons have each status, per category."""

    category: str
    status: str
    bases: int
    persons: int


STATUS_COUNTS = Query("status_counts", StatusCount)
