"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class Export(NamedTuple):
    """What the build was made of, and how old each export is."""

    dataset: str
    source: str
    mapping: str
    exported_at: dt.datetime
    exported_at_from: str
    taken_in_at: dt.datetime
    rows_in: int
    rows_loaded: int
    rows_quarantined: int


class Moved(NamedTuple):
    """What one export moved of the dates that clocks begin with: how many entries keep an earlier one.

    With a `number` it is one person's alone, whose earlier date is of a row that bore another name.
    """

    dataset: str
    source: str
    build: int
    number: int
    entries: int
    persons: int
    overdue: int


class MovedPerson(NamedTuple):
    """Who keeps a date that may be somebody else's."""

    dataset: str
    build: int
    number: int
    person_id: str


EXPORTS = Query("exports", Export)
MOVED_CLOCKS = Query("moved_clocks", Moved)
MOVED_PERSONS = Query("moved_persons", MovedPerson)
