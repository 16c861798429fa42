"""Follows persons from build to build for what the register keeps of them.

A person's id comes from its smallest key and may be another one in the next build, so they are found again by keyed
digests of what they are known by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compliance.reading import asks
from compliance.reading.copy import Reading
from compliance.reading.tracer import Tracer
from compliance.words import keys
from compliance.words.settings import Settings


@dataclass
class Place:
    """Who is meant in a build, each with whether it is still the same by name, and known by what."""

    persons: dict[str, bool] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)

    @property
    def is_found(self) -> bool:
        """Whether somebody is there who is the same."""
        return any(self.persons.values())


def known_by(settings: Settings, reading: Reading, person_id: str) -> set[str]:
    """The keyed digests of what a person of `reading` is known by; nothing for somebody who is not stored. The same as
    `Tracer.known_by` finds in a build. Raises what the key of pseudonyms does.
    """
    pseudonyms = keys.pseudonyms(settings)
    told = [row.trace for row in reading.rows(asks.TRACES, scope="person", scope_key=person_id)]
    told += [row.trace for row in reading.rows(asks.NAMED_RECORDS, person_id=person_id)]
    return {pseudonyms.digest(trace) for trace in told}


def found_again(tracer: Tracer, known: Mapping[int, Place]) -> dict[int, Place]:
    """Where those are in the new build who were known so, by number: first among the persons they were, since a digest
    of all the others costs much. The same is who has the name and one thing more of what was known: the record's key,
    an address or a number. Who has but the key of a record is told as not the same.
    """
    persons = {person for place in known.values() for person in place.persons}
    found = _places(tracer.choices(_pairs(known), persons))
    left = {one: place for one, place in known.items() if not place.digests <= found.get(one, Place()).digests}
    return found | _places(tracer.choices(_pairs(left)))


def places_lost(tracer: Tracer, lost: Mapping[int, Place]) -> list[tuple[int, str | None, str | None]]:
    """Where those who are lost since had entries in the build before, as (number, source, category), in order: each
    once, and of whom nobody knows where with neither.
    """
    persons = sorted({("person", person) for place in lost.values() for person in place.persons})
    there: dict[str, set[tuple[str, str]]] = {}
    for _, person, source, category in tracer.before(persons) if tracer.previous is not None else ():
        there.setdefault(person, set()).add((source, category))
    found: list[tuple[int, str | None, str | None]] = []
    for number, was in sorted(lost.items()):
        places = sorted(set().union(*(there.get(person, set()) for person in was.persons)))
        found += [(number, *place) for place in places] or [(number, None, None)]
    return found


def _pairs(known: Mapping[int, Place]) -> set[tuple[int, str]]:
    return {(number, digest) for number, place in known.items() for digest in place.digests}


def _places(rows: Iterable[tuple[int, str, bool, str]]) -> dict[int, Place]:
    found: dict[int, Place] = {}
    for number, person_id, is_same, digest in rows:
        place = found.setdefault(number, Place())
        place.persons[person_id] = is_same or place.persons.get(person_id, False)
        place.digests.add(digest)
    return found
