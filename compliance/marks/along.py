"""Takes marks along to a new build, where the ids of whom they are on may be others, and tells those that are lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from compliance import ledger
from compliance.marks.tables import Ending, Kind, mark, mark_address, mark_loss, mark_person, mark_trace
from compliance.reading.followed import Place, found_again, places_lost
from compliance.reading.tracer import Tracer
from compliance.words import keys
from compliance.words.keys import Key


def take_along(
    connection: sa.Connection,
    tracer: Tracer,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    purged: bool = False,
) -> None:
    """Finds whom marks are on in the new build, in the transaction that makes it current.

    A person is the same where the name and one thing more are: the record's key, an address or a number. Where only the
    key is, the mark stays on whoever has it now, and is told as lost besides: somebody says who that is. A mark whose
    person is nowhere is told in the ledger and entered as lost, with where the person had entries in the build before;
    after a purge (`purged`), which has taken them, the mark is over.
    """
    before = known(connection)
    if not before:
        return
    after = found_again(tracer, before)
    gone, lost, again = set(), set(), set()
    missed = _missed(connection)
    moved = 0
    for mark_id, was in before.items():
        place = after.get(mark_id, Place())
        if purged and was.is_found and not place.persons:
            gone.add(mark_id)
            continue
        # Known by a key alone, the person is known by all that was known before.
        digests = place.digests if place.is_found else was.digests
        keep(connection, mark_id, was, Place(place.persons, digests))
        moved += place.persons != was.persons
        if was.is_found and not place.is_found:
            lost.add(mark_id)
        elif place.is_found and mark_id in missed:
            again.add(mark_id)

    def told(event: ledger.Event, details: dict[str, ledger.Detail]) -> None:
        ledger.append(connection, event, author=author, now=now, build=tracer.build.build_id, details=details)

    if moved:
        told(ledger.Event.MARK_MOVED, {"marks": moved})
    _enter_lost(connection, tracer, {one: before[one] for one in lost}, now)
    for mark_id in sorted(lost):
        told(ledger.Event.MARK_LOST, {"mark": mark_id})
    for mark_id in sorted(again):
        settle(connection, mark_id, None, now)
        told(ledger.Event.MARK_FOUND, {"mark": mark_id})
    if gone:
        end(connection, gone, Ending.PURGED, now)
        told(ledger.Event.MARK_FORGOTTEN, {"marks": len(gone)})
    _learn_addresses(connection, tracer)


def possible(connection: sa.Connection) -> bool:
    """Whether a restriction is on that an intake may lose: what comes new with it must then be told from what was
    there.
    """
    on = sa.select(mark.c.mark_id).where(mark.c.kind == Kind.RESTRICTED, mark.c.ended_at.is_(None)).limit(1)
    return connection.execute(on).first() is not None


def known(connection: sa.Connection) -> dict[int, Place]:
    """Whom the marks that are on are on in the current build, and what those are known by."""
    on = sa.select(mark.c.mark_id).where(mark.c.ended_at.is_(None))
    found = {mark_id: Place() for mark_id in connection.scalars(on)}
    if found:
        for mark_id, digest in connection.execute(sa.select(mark_trace)):
            if mark_id in found:
                found[mark_id].digests.add(digest)
        for mark_id, person_id, is_same in connection.execute(sa.select(mark_person)):
            if mark_id in found:
                found[mark_id].persons[person_id] = is_same
    return found


def keep(connection: sa.Connection, mark_id: int, was: Place, place: Place) -> None:
    """Keeps whom a mark is on and what they are known by, in place of what was, in the caller's transaction."""
    if place.persons != was.persons:
        connection.execute(sa.delete(mark_person).where(mark_person.c.mark_id == mark_id))
        if place.persons:
            connection.execute(
                sa.insert(mark_person),
                [
                    {"mark_id": mark_id, "person_id": person_id, "is_same": is_same}
                    for person_id, is_same in sorted(place.persons.items())
                ],
            )
    if place.digests != was.digests:
        connection.execute(sa.delete(mark_trace).where(mark_trace.c.mark_id == mark_id))
        if place.digests:
            connection.execute(
                sa.insert(mark_trace), [{"mark_id": mark_id, "digest": digest} for digest in sorted(place.digests)]
            )


def keep_addresses(connection: sa.Connection, key: Key, addresses: Iterable[tuple[int, str]]) -> None:
    """Keeps by keyed digests which addresses (mark, address) are not to be mailed, in the caller's transaction."""
    rows = connection.execute(sa.select(mark_address))
    before = {(mark_id, key_id, digest) for mark_id, key_id, digest in rows}
    told = {(mark_id, key.key_id, key.digest(address_text(address))) for mark_id, address in addresses}
    if told - before:
        names = mark_address.columns.keys()
        connection.execute(
            sa.insert(mark_address), [dict(zip(names, row, strict=True)) for row in sorted(told - before)]
        )


def address_text(address: str) -> str:
    """What of an address is digested: the same as in an entry of the suppression list
    (queries/build/purge/suppression_entries.sql). `address` is as records are matched by.
    """
    return f"email|{address}"


def end(
    connection: sa.Connection,
    marks: Collection[int],
    ending: Ending,
    now: dt.datetime,
    *,
    by: str | None = None,
    told_on: dt.date | None = None,
) -> None:
    """Ends marks and forgets whom they were on, in the caller's transaction; that they were there, why and until when
    stays. The ledger line is the caller's.
    """
    for table in (mark_person, mark_trace, mark_address):
        connection.execute(sa.delete(table).where(table.c.mark_id.in_(marks)))
    connection.execute(
        sa.update(mark_loss)
        .where(mark_loss.c.mark_id.in_(marks), mark_loss.c.settled_at.is_(None))
        .values(settled_at=now, settled_by=by)
    )
    connection.execute(
        sa.update(mark)
        .where(mark.c.mark_id.in_(marks))
        .values(ended_at=now, ended_by=by, ending=ending, told_on=told_on)
    )


def settle(connection: sa.Connection, mark_id: int, by: str | None, now: dt.datetime) -> int:
    """Says of a mark that its loss waits for nobody any more; returns how many rows that took. In the caller's
    transaction.
    """
    waits = (mark_loss.c.mark_id == mark_id, mark_loss.c.settled_at.is_(None))
    return connection.execute(sa.update(mark_loss).where(*waits).values(settled_at=now, settled_by=by)).rowcount


def _missed(connection: sa.Connection) -> set[int]:
    return set(connection.scalars(sa.select(mark_loss.c.mark_id).where(mark_loss.c.settled_at.is_(None)).distinct()))


def _enter_lost(connection: sa.Connection, tracer: Tracer, lost: Mapping[int, Place], now: dt.datetime) -> None:
    build = tracer.build.build_id
    rows = [
        {"mark_id": mark_id, "build_id": build, "source": source, "category": category, "lost_at": now}
        for mark_id, source, category in places_lost(tracer, lost)
    ]
    if rows:
        connection.execute(sa.insert(mark_loss), rows)


def _learn_addresses(connection: sa.Connection, tracer: Tracer) -> None:
    """Keeps the addresses of those who are still the same: a source may have given the record of another on."""
    on: dict[str, set[int]] = {}
    for mark_id, person_id in connection.execute(
        sa.select(mark_person.c.mark_id, mark_person.c.person_id).where(mark_person.c.is_same)
    ):
        on.setdefault(person_id, set()).add(mark_id)
    if on:
        found = tracer.addresses(on.keys())
        keep_addresses(
            connection,
            keys.suppression(tracer.settings)[0],
            [(one, address) for person, address in found for one in on[person]],
        )
