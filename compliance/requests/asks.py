"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class RequestPerson(NamedTuple):
    """Whom of the stored persons each request is about, and what of theirs must stay for now."""

    source: str
    reference: str
    person_id: str
    bases: int
    held: int
    statutory: int


REQUEST_PERSONS = Query("request_persons", RequestPerson)
