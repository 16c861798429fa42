"""Takes whom requests are from along to a new build, where their ids may be others and what the request gives may lead
nowhere any more: those of whom somebody has said so, and those who were found without.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from compliance import ledger
from compliance.builds import Build
from compliance.reading.followed import Place, found_again, places_lost
from compliance.reading.tracer import Tracer
from compliance.requests import steps
from compliance.requests.tables import (
    Role,
    Verdict,
    request,
    request_choice,
    request_choice_person,
    request_choice_trace,
    request_loss,
    request_step,
)
from compliance.words.settings import Settings

# What speaks against somebody who came into the copy only after something was decided or done for whoever the request
# was from: it is not done to them until somebody has said that it is they.
LATER = "later"


def remember(settings: Settings, connection: sa.Connection, previous: Build | None, *, now: dt.datetime) -> None:
    """Remembers whom open requests are surely from by what they give, as the build before an intake has it: those of
    whom nobody is remembered yet, since an earlier version remembered none.

    In the transaction that makes the new build current, before the form's rows are registered: they may say that a
    request is from somebody else.
    """
    asking = _asking(connection)
    known = set(
        connection.scalars(sa.select(request_choice.c.request_id).where(request_choice.c.verdict != Verdict.REJECTED))
    )
    lacking = {reference: number for reference, number in asking.items() if number not in known}
    if previous is None or not lacking:
        return
    with Tracer(settings, previous) as tracer:
        # They were there when what is done was done.
        _remember(connection, tracer, lacking, set(), now)


def take_along(
    connection: sa.Connection,
    tracer: Tracer,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    purged: bool = False,
) -> set[int]:
    """Finds whom choices are about in the new build, in the transaction that makes it current, and remembers whom open
    requests are surely from by what they give; returns the numbers of the requests for which something was decided or
    done before that person came into the copy.

    A person is the same where the name and one thing more are: the record's key, an address or a number. Where only the
    key is, the person is to be asked about again. Who was confirmed or found for an open request and is nobody now is
    told in the ledger and entered as lost, with where they had entries in the build before; after a purge (`purged`),
    which has taken them, the choice goes instead.
    """
    before = _known(connection)
    asking = {} if purged else _asking(connection)
    if not before and not asking:
        return set()
    after = found_again(tracer, before) if before else {}
    moved, lost = 0, set()
    for choice_id, was in before.items():
        place = after.get(choice_id, Place())
        if purged and was.persons and not place.persons:
            forget(connection, request_choice.c.choice_id == choice_id)
            continue
        # Known by its key alone, it is known by all that it was known by before.
        digests = place.digests if place.is_found else was.digests
        _keep(connection, choice_id, was, Place(place.persons, digests))
        moved += place.persons != was.persons
        if was.is_found and not place.is_found:
            lost.add(choice_id)
    # A closed one keeps nothing from being purged, and nobody is to look for whom it was from.
    lost -= set(
        connection.scalars(
            sa.select(request_choice.c.choice_id)
            .join(request, request.c.request_id == request_choice.c.request_id)
            .where(request.c.closed_on.is_not(None))
        )
    )
    told = steps.history(connection, request_step.c.request_id.in_(asking.values()))
    acted_on = {number for number, recorded in told.items() if steps.is_acted_on(recorded)}
    again, late = _remember(connection, tracer, asking, acted_on, now)
    lost -= again
    _enter_lost(connection, tracer, {one: before[one] for one in lost})

    def tell(event: ledger.Event, details: dict[str, ledger.Detail]) -> None:
        ledger.append(connection, event, author=author, now=now, build=tracer.build.build_id, details=details)

    if moved:
        tell(ledger.Event.REQUEST_CHOICE_MOVED, {"choices": moved})
    whose = sa.select(request_choice.c.request_id).where(
        request_choice.c.choice_id.in_(lost), request_choice.c.verdict != Verdict.REJECTED
    )
    for request_id in sorted(set(connection.scalars(whose))):
        tell(ledger.Event.REQUEST_CHOICE_LOST, {"request": request_id})
    return late


def possible(connection: sa.Connection) -> bool:
    """Whether a request is open whose sender an intake may lose: what comes new with it must then be told from what was
    there.
    """
    return bool(_asking(connection))


def said(connection: sa.Connection, request_id: int) -> dict[str, Verdict]:
    """What somebody has said of persons of the current build whether a request is from them; of one of whom both was
    said, nothing.
    """
    rows = connection.execute(
        sa.select(request_choice_person.c.person_id, request_choice.c.verdict)
        .join(request_choice, request_choice.c.choice_id == request_choice_person.c.choice_id)
        .where(
            request_choice.c.request_id == request_id,
            request_choice.c.verdict != Verdict.FOUND,
            request_choice_person.c.is_same,
        )
    )
    told: dict[str, set[Verdict]] = {}
    for person_id, verdict in rows:
        told.setdefault(person_id, set()).add(Verdict(verdict))
    return {person_id: verdicts.pop() for person_id, verdicts in told.items() if len(verdicts) == 1}


def found(connection: sa.Connection, request_id: int) -> dict[str, set[str]]:
    """The persons of the current build who were found by what a request gives, with what spoke for and against then."""
    rows = connection.execute(
        sa.select(request_choice_person.c.person_id, request_choice.c.spoke_for)
        .join(request_choice, request_choice.c.choice_id == request_choice_person.c.choice_id)
        .where(
            request_choice.c.request_id == request_id,
            request_choice.c.verdict == Verdict.FOUND,
            request_choice_person.c.is_same,
        )
    )
    return {person_id: set(spoke_for.split(",")) for person_id, spoke_for in rows}


def enter(
    connection: sa.Connection,
    request_id: int,
    verdict: Verdict,
    person_id: str,
    spoke_for: str,
    known_by: set[str],
    *,
    now: dt.datetime,
    by: str | None = None,
) -> None:
    """Keeps what is known of a person whom a request may be from, with what they are known by, in the caller's
    transaction; `by` is the pseudonym of who has said it.
    """
    choice_id = connection.scalars(
        sa.insert(request_choice)
        .values(request_id=request_id, verdict=verdict, spoke_for=spoke_for, decided_by=by, decided_at=now)
        .returning(request_choice.c.choice_id)
    ).one()
    _keep(connection, choice_id, Place(), Place({person_id: True}, known_by))


def forget(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Forgets choices, with whom they were about, in the caller's transaction."""
    gone = sa.select(request_choice.c.choice_id).where(which)
    for table in (request_loss, request_choice_person, request_choice_trace):
        connection.execute(sa.delete(table).where(table.c.choice_id.in_(gone)))
    connection.execute(sa.delete(request_choice).where(which))


def _asking(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """The numbers of the open requests that are the company's to answer, by source and reference."""
    rows = connection.execute(
        sa.select(request.c.source, request.c.reference, request.c.request_id).where(
            request.c.closed_on.is_(None), request.c.role == Role.CONTROLLER
        )
    )
    return {(source, reference): number for source, reference, number in rows}


def _remember(
    connection: sa.Connection,
    tracer: Tracer,
    asking: Mapping[tuple[str, str], int],
    acted_on: Collection[int],
    now: dt.datetime,
) -> tuple[set[int], set[int]]:
    """Keeps whom requests are surely from, unless somebody has said whom or another was found before; who comes after
    something was decided or done (`acted_on`) is kept as one who came later. Returns the choices that this found again,
    and the requests of those who came later.
    """
    senders: dict[int, dict[str, str]] = {}
    sole: dict[int, str] = {}
    for source, reference, person, speaks_for, is_sole in tracer.senders() if asking else ():
        if (request_id := asking.get((source, reference))) is not None:
            senders.setdefault(request_id, {})[person] = speaks_for
            if is_sole:
                sole[request_id] = person
    known_by = tracer.known_by({person for persons in senders.values() for person in persons})
    places = _known(connection)
    said: dict[int, dict[int, Verdict]] = {}
    for request_id, choice_id, verdict in connection.execute(
        sa.select(request_choice.c.request_id, request_choice.c.choice_id, request_choice.c.verdict).where(
            request_choice.c.request_id.in_(senders)
        )
    ):
        said.setdefault(request_id, {})[choice_id] = Verdict(verdict)
    again, late = set(), set()
    for request_id, persons in sorted(senders.items()):
        verdicts = said.get(request_id, {})
        led_to = {person for choice_id in verdicts for person in places[choice_id].persons}
        found = next((choice_id for choice_id, verdict in verdicts.items() if verdict is Verdict.FOUND), None)
        if found is not None:
            # The record of then, under another name it may be, and what the request gives: that is two things.
            if places[found].persons and places[found].persons.keys() <= persons.keys():
                again.add(found)
                known = set().union(*(known_by[person] for person in places[found].persons))
                _keep(connection, found, places[found], Place(dict.fromkeys(places[found].persons, True), known))
        elif Verdict.CONFIRMED not in verdicts.values() and (one := sole.get(request_id)) and one not in led_to:
            told = f"{persons[one]},{LATER}" if request_id in acted_on else persons[one]
            enter(connection, request_id, Verdict.FOUND, one, told, known_by[one], now=now)
            late |= {request_id} & set(acted_on)
    return again, late


def _enter_lost(connection: sa.Connection, tracer: Tracer, lost: Mapping[int, Place]) -> None:
    """Enters where those were who are lost since this build, and takes out who is found again."""
    still = sa.select(request_choice_person.c.choice_id).where(request_choice_person.c.is_same)
    connection.execute(sa.delete(request_loss).where(request_loss.c.choice_id.in_(still)))
    rejected = set(
        connection.scalars(sa.select(request_choice.c.choice_id).where(request_choice.c.verdict == Verdict.REJECTED))
    )
    waited_for = {choice_id: place for choice_id, place in lost.items() if choice_id not in rejected}
    build = tracer.build.build_id
    rows = [
        {"choice_id": choice_id, "build_id": build, "source": source, "category": category}
        for choice_id, source, category in places_lost(tracer, waited_for)
    ]
    if rows:
        connection.execute(sa.insert(request_loss), rows)


def _known(connection: sa.Connection) -> dict[int, Place]:
    known: dict[int, Place] = {}
    for choice_id, digest in connection.execute(sa.select(request_choice_trace)):
        known.setdefault(choice_id, Place()).digests.add(digest)
    for choice_id, person_id, is_same in connection.execute(sa.select(request_choice_person)):
        known.setdefault(choice_id, Place()).persons[person_id] = is_same
    return known


def _keep(connection: sa.Connection, choice_id: int, was: Place, place: Place) -> None:
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
