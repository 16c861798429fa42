"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class RequestPerson(NamedTuple):
    """Whom of the stored persons each request is about, or may be about until somebody has said so, and what of theirs
    must stay for now.
    """

    source: str
    reference: str
    person_id: str
    is_sure: bool
    speaks_for: str
    speaks_against: str
    bases: int
    held: int
    statutory: int
    restricted: bool


class OfferedPerson(NamedTuple):
    """The persons of whom somebody has to say, or has said, whether a request is from them; their names only where the
    caller may see persons.
    """

    person_id: str
    name: str | None
    email: str | None
    phone: str | None
    verdict: str | None
    speaks_for: str
    speaks_against: str
    bases: int


class GivenPerson(NamedTuple):
    """Who has an address or a number that a request gives, with a name that stands with it."""

    person_id: str
    name_key: str | None


class Undecided(NamedTuple):
    """How many open requests wait for somebody to say who they are from."""

    requests: int


GIVEN_PERSONS = Query("given_persons", GivenPerson)
OFFERED_PERSONS = Query("offered_persons", OfferedPerson)
REQUEST_PERSONS = Query("request_persons", RequestPerson)
UNDECIDED = Query("undecided", Undecided)
