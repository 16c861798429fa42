"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class Double(NamedTuple):
    """Two persons who may be one, with what speaks for that and against it, each as words with commas between."""

    person_a: str
    person_b: str
    name_a: str | None
    name_b: str | None
    email_a: str | None
    email_b: str | None
    speaks_for: str
    speaks_against: str
    held: bool
    restricted: bool


class DoubleCount(NamedTuple):
    """How many pairs of persons may be one."""

    pairs: int


DOUBLES = Query("doubles", Double)
DOUBLE_COUNT = Query("double_count", DoubleCount)
