"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compliance.reading.copy import Reading
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.words.policy import Policy
from compliance.words.queries import Query
from compliance.words.vocabulary import Category


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


# No person has as many entries.
_ENTRIES = 500

GIVEN_PERSONS = Query("given_persons", GivenPerson)
OFFERED_PERSONS = Query("offered_persons", OfferedPerson)
REQUEST_PERSONS = Query("request_persons", RequestPerson)
UNDECIDED = Query("undecided", Undecided)


def persons_of(reading: Reading, row: Mapping[str, Any]) -> list[RequestPerson]:
    """The persons whom a request, by its row of the register, is from or may be from."""
    wanted = (row["source"], row["reference"])
    return [one for one in reading.rows(REQUEST_PERSONS) if (one.source, one.reference) == wanted]


def recipients_of(reading: Reading, policy: Policy, row: Mapping[str, Any]) -> list[str]:
    """The systems that have what is stored of whom a request is surely from: by the rules, and by having rows of
    theirs. Of nobody who is stored, those of all rules: what was erased was there.
    """
    found: set[str] = set()
    for person in persons_of(reading, row):
        if person.is_sure:
            binds = entry_binds({}, named=False, person=person.person_id)
            for entry in reading.rows(show_asks.ENTRIES, rows=_ENTRIES, skip=0, **binds):
                rule = policy.rules.get(Category(entry.category))
                found |= {entry.source, *(rule.systems if rule else ())}
    return sorted(found or {system for rule in policy.rules.values() for system in rule.systems})
