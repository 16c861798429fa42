"""Takes what somebody has said of the persons of requests along to a new build, where their ids may be others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from compliance import ledger
from compliance.builds import Build
from compliance.reading.tracer import Tracer
from compliance.requests.tables import Verdict, request_choice, request_choice_person, request_choice_trace
from compliance.words import keys
from compliance.words.settings import Settings


@dataclass
class _Place:
    """Who is meant by a choice in a build, each with whether it is still the same by name, and known by what."""

    persons: dict[str, bool] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)


def take_along(
    settings: Settings,
    connection: sa.Connection,
    fresh: Build,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    purged: bool = False,
) -> None:
    """Finds whom choices are about in the new build, in the transaction that makes it current.

    A person is the same where the name and one thing more are: the record's key, an address or a number. Where only the
    key is, the person is to be asked about again. Who was confirmed and is nobody now is told in the ledger; after a
    purge (`purged`), which has taken them, the choice goes instead.
    """
    before = _known(connection)
    if not before:
        return
    with Tracer(fresh.path, keys.pseudonyms(settings), key=fresh.key) as tracer:
        after = _found(tracer, before)
    moved, lost = 0, []
    for choice_id, was in before.items():
        place = after.get(choice_id, _Place())
        if purged and was.persons and not place.persons:
            forget(connection, request_choice.c.choice_id == choice_id)
            continue
        # Known by its key alone, it is known by all that it was known by before.
        digests = place.digests if any(place.persons.values()) else was.digests
        _keep(connection, choice_id, was, _Place(place.persons, digests))
        moved += place.persons != was.persons
        if any(was.persons.values()) and not any(place.persons.values()):
            lost.append(choice_id)

    def told(event: ledger.Event, details: dict[str, ledger.Detail]) -> None:
        ledger.append(connection, event, author=author, now=now, build=fresh.build_id, details=details)

    if moved:
        told(ledger.Event.REQUEST_CHOICE_MOVED, {"choices": moved})
    confirmed = sa.select(request_choice.c.request_id).where(
        request_choice.c.choice_id.in_(lost), request_choice.c.verdict == Verdict.CONFIRMED
    )
    for request_id in sorted(set(connection.scalars(confirmed))):
        told(ledger.Event.REQUEST_CHOICE_LOST, {"request": request_id})


def forget(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Forgets choices, with whom they were about, in the caller's transaction."""
    gone = sa.select(request_choice.c.choice_id).where(which)
    for table in (request_choice_person, request_choice_trace):
        connection.execute(sa.delete(table).where(table.c.choice_id.in_(gone)))
    connection.execute(sa.delete(request_choice).where(which))


def _known(connection: sa.Connection) -> dict[int, _Place]:
    known: dict[int, _Place] = {}
    for choice_id, digest in connection.execute(sa.select(request_choice_trace)):
        known.setdefault(choice_id, _Place()).digests.add(digest)
    for choice_id, person_id, is_same in connection.execute(sa.select(request_choice_person)):
        known.setdefault(choice_id, _Place()).persons[person_id] = is_same
    return known


def _found(tracer: Tracer, known: Mapping[int, _Place]) -> dict[int, _Place]:
    """Where choices lead: first among the persons they led to, since a digest of all the others costs much."""
    persons = {person for place in known.values() for person in place.persons}
    found = _places(tracer.choices(_pairs(known), persons))
    left = {one: place for one, place in known.items() if not place.digests <= found.get(one, _Place()).digests}
    return found | _places(tracer.choices(_pairs(left)))


def _pairs(known: Mapping[int, _Place]) -> set[tuple[int, str]]:
    return {(choice_id, digest) for choice_id, place in known.items() for digest in place.digests}


def _places(rows: Iterable[tuple[int, str, bool, str]]) -> dict[int, _Place]:
    found: dict[int, _Place] = {}
    for choice_id, person_id, is_same, digest in rows:
        place = found.setdefault(choice_id, _Place())
        place.persons[person_id] = is_same or place.persons.get(person_id, False)
        place.digests.add(digest)
    return found


def _keep(connection: sa.Connection, choice_id: int, was: _Place, place: _Place) -> None:
    if place.persons != was.persons:
        table = request_choice_person
        connection.execute(sa.delete(table).where(table.c.choice_id == choice_id))
        if place.persons:
            rows = [
                {"choice_id": choice_id, "person_id": person_id, "is_same": is_same}
                for person_id, is_same in sorted(place.persons.items())
            ]
            connection.execute(sa.insert(table), rows)
    if place.digests != was.digests:
        trace = request_choice_trace
        connection.execute(sa.delete(trace).where(trace.c.choice_id == choice_id))
        rows = [{"choice_id": choice_id, "digest": digest} for digest in sorted(place.digests)]
        connection.execute(sa.insert(trace), rows)
