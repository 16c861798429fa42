"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class Prospects(NamedTuple):
    """How many prospects a source has with a word for where they come from, by whether they were met, since when, and
    on which day something was first mailed to them after that, as far as that is known.

    The word is in small letters, and empty where the source says nothing.
    """

    source: str
    word: str
    is_met: bool
    registered_on: dt.date | None
    first_mailed_on: dt.date | None
    persons: int


PROSPECTS_BY_ORIGIN = Query("prospects_by_origin", Prospects)
