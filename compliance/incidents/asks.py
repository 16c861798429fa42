"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class CategoryPersons(NamedTuple):
    """How many persons are stored per category."""

    category: str
    persons: int


CATEGORY_PERSONS = Query("category_persons", CategoryPersons)
