"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from compliance.reading.copy import Reading
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


class RequestEntry(NamedTuple):
    """What is stored of whom each request is surely from, by what keeps it from being erased (a hold, a restriction,
    that claims may need it); of what the law keeps, until when.
    """

    source: str
    reference: str
    category: str
    held: bool
    restricted: bool
    needed: bool
    statutory_until: dt.date | None
    bases: int


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


class RequestReleases(NamedTuple):
    """When the last hold was released that was on something stored of whom a request is surely from; nothing where none
    was.
    """

    released_on: dt.date | None


class Undecided(NamedTuple):
    """How many open requests wait for somebody to say who they are from."""

    requests: int


class PersonPlace(NamedTuple):
    """In what categories somebody is stored, and from which sources: each row behind each of their entries."""

    category: str
    source: str


# What REQUEST_PERSONS and REQUEST_ENTRIES want bound for every request.
ALL: Mapping[str, None] = {"source": None, "reference": None}

GIVEN_PERSONS = Query("given_persons", GivenPerson)
OFFERED_PERSONS = Query("offered_persons", OfferedPerson)
PERSON_PLACES = Query("person_places", PersonPlace)
REQUEST_ENTRIES = Query("request_entries", RequestEntry)
REQUEST_RELEASES = Query("request_releases", RequestReleases)
REQUEST_PERSONS = Query("request_persons", RequestPerson)
UNDECIDED = Query("undecided", Undecided)


def persons_of(reading: Reading, row: Mapping[str, Any]) -> list[RequestPerson]:
    """The persons whom a request, by its row of the register, is from or may be from."""
    wanted = {"source": row["source"], "reference": row["reference"]}
    found = reading.rows(REQUEST_PERSONS, **wanted)
    return [one for one in found if (one.source, one.reference) == tuple(wanted.values())]
