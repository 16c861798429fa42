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


class Trace(NamedTuple):
    """What somebody or an entry is found again by in another build, before it is digested: a record, or whom it is
    about.
    """

    trace: str
    is_record: bool


STATUS_COUNTS = Query("status_counts", StatusCount)
TRACES = Query("traces", Trace)
