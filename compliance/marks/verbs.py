"""Marks on persons: placed, reviewed, lifted, and settled where nobody knows any more whom they are on.

A mark acts from the moment it is placed: the reading takes it from the register (queries/reading/status.sql), and with
it every list, extract and purge. No new build is needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access import Actor
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.identity.normalise import addresses as addresses_in
from compliance.marks import along, asks
from compliance.marks.tables import Ending, Ground, Kind, mark, mark_address, mark_person
from compliance.reading.copy import Reading, refused_where_retired
from compliance.reading.followed import Place, known_by
from compliance.register.engine import writing
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.deadlines import local_date, review_due_on
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

# What somebody may say of why a mark is over; of mailings no ground weighs more than the objection (article 21.3).
LIFTED_BECAUSE = {
    Kind.RESTRICTED: (Ending.GROUND_ENDED, Ending.WITHDRAWN, Ending.MISTAKE),
    Kind.OPTED_OUT: (Ending.WITHDRAWN, Ending.MISTAKE),
    Kind.OBJECTED: (Ending.WITHDRAWN, Ending.OVERRIDDEN, Ending.MISTAKE),
}


@dataclass(frozen=True)
class Terms:
    """What a person has asked for and when; a restriction has a ground and a day by which it is reviewed."""

    kind: Kind
    received_on: dt.date
    ground: Ground | None = None
    review_on: dt.date | None = None
    case_ref: str | None = None


def place(at: At, reading: Reading, person_id: str, terms: Terms) -> int:
    """Marks a person of `reading` at once and returns the mark's number. Raises as `place_in`."""
    at.require(Permission.MARK_PERSONS)
    with writing(at.register) as connection:
        return place_in(connection, at, reading, person_id, terms)


def place_in(connection: sa.Connection, at: At, reading: Reading, person_id: str, terms: Terms) -> int:
    """The same as `place`, in the caller's transaction.

    Raises Refused `not_allowed`, `mark_person_unknown`, `mark_kind_unknown`, `mark_ground_missing`,
    `mark_ground_extra`, `mark_review_missing`, `mark_review_past`, `mark_review_too_far`, `mark_received_ahead`,
    `mark_case_invalid`, `mark_twice` with the number of the mark that is on already, `mark_build_changed` (the id may
    mean nobody in the copy of now), and what the keys of pseudonyms and of the suppression list do.
    """
    actor = at.require(Permission.MARK_PERSONS)
    _check(at, terms)
    with refused_where_retired("mark_build_changed"):
        digests = known_by(at.settings, reading, person_id)
    if not digests:
        raise Refused("mark_person_unknown")
    if connection.scalar(sa.select(pointer.c.build_id)) != reading.build:
        raise Refused("mark_build_changed")
    twin = connection.scalar(
        sa.select(mark.c.mark_id)
        .join(mark_person, mark_person.c.mark_id == mark.c.mark_id)
        .where(
            mark.c.kind == terms.kind,
            mark.c.ground.is_not_distinct_from(terms.ground),
            mark.c.ended_at.is_(None),
            mark_person.c.person_id == person_id,
            mark_person.c.is_same,
        )
    )
    if twin is not None:
        raise Refused("mark_twice", mark=str(twin))
    addresses = [row.address for row in reading.rows(asks.MARK_ADDRESSES, person_id=person_id)]
    mark_id = _enter(connection, at, actor, terms, addresses, reading.build)
    along.keep(connection, mark_id, Place(), Place({person_id: True}, digests))
    return mark_id


def place_address_in(connection: sa.Connection, at: At, address: str, terms: Terms) -> int:
    """Keeps the addresses in a text from being mailed, in the caller's transaction: of somebody who is not stored, and
    may be in the mailing tool all the same. They are kept by keyed digest alone, those that are not kept yet; returns
    the mark's number.

    Raises Refused as `place_in`, `mark_twice` only where all of them are kept, `mark_kind_unknown` for anything but an
    opt-out, `mark_address_unreadable`.
    """
    actor = at.require(Permission.MARK_PERSONS)
    if terms.kind != Kind.OPTED_OUT:
        raise Refused("mark_kind_unknown")
    _check(at, terms)
    found = addresses_in(address).keys
    if not found:
        raise Refused("mark_address_unreadable")
    digests = {key.digest(along.address_text(one)): one for key in keys.suppression(at.settings) for one in found}
    twins = {
        digests[digest]: mark_id
        for digest, mark_id in connection.execute(
            sa.select(mark_address.c.digest, mark.c.mark_id)
            .join(mark, mark.c.mark_id == mark_address.c.mark_id)
            .where(mark.c.kind == Kind.OPTED_OUT, mark.c.ended_at.is_(None), mark_address.c.digest.in_(digests))
        )
    }
    fresh = [one for one in found if one not in twins]
    if not fresh:
        raise Refused("mark_twice", mark=str(twins[found[0]]))
    return _enter(connection, at, actor, terms, fresh, None)


def _enter(
    connection: sa.Connection, at: At, actor: Actor, terms: Terms, addresses: Iterable[str], build: int | None
) -> int:
    mark_id = connection.scalars(
        sa.insert(mark)
        .values(
            kind=terms.kind, ground=terms.ground, received_on=terms.received_on, placed_at=at.now,
            placed_by=actor.pseudonym, case_ref=terms.case_ref, review_on=terms.review_on,
        )
        .returning(mark.c.mark_id)
    ).one()  # fmt: skip
    along.keep_addresses(connection, keys.suppression(at.settings)[0], [(mark_id, one) for one in addresses])
    _record(connection, at, ledger.Event.MARK_PLACED, build, {
        **_told(mark_id, terms.kind, terms.ground), "received_on": terms.received_on.isoformat(),
        "review_on": _iso(terms.review_on), "case": terms.case_ref,
    })  # fmt: skip
    return int(mark_id)


def lift(at: At, mark_id: int, because: Ending, *, told_on: dt.date | None = None) -> None:
    """Ends a mark at once. Raises as `lift_in`."""
    at.require(Permission.MARK_PERSONS)
    with writing(at.register) as connection:
        lift_in(connection, at, mark_id, because, told_on=told_on)


def lift_in(
    connection: sa.Connection, at: At, mark_id: int, because: Ending, *, told_on: dt.date | None = None
) -> None:
    """The same as `lift`, in the caller's transaction. `told_on` is when the person was told that the restriction would
    be lifted, which comes first (article 18.3); who was marked by mistake was never told of it.

    Raises Refused `not_allowed`, `mark_unknown`, `mark_over`, `mark_ending_wrong`, `mark_told_missing`,
    `mark_told_ahead` for a day after today, `mark_told_early` for one before the mark.
    """
    actor = at.require(Permission.MARK_PERSONS)
    row = _on(connection, mark_id)
    if because not in LIFTED_BECAUSE[Kind(row.kind)]:
        raise Refused("mark_ending_wrong")
    if row.kind == Kind.RESTRICTED and because != Ending.MISTAKE:
        if told_on is None:
            raise Refused("mark_told_missing")
        if told_on > at.today:
            raise Refused("mark_told_ahead")
        if told_on < (since := settings_of.today(at.settings, row.placed_at)):
            raise Refused("mark_told_early", day=since)
    else:
        told_on = None
    along.end(connection, [mark_id], because, at.now, by=actor.pseudonym, told_on=told_on)
    _record(connection, at, ledger.Event.MARK_LIFTED, None, {
        **_told(mark_id, row.kind, row.ground), "because": str(because), "told_on": _iso(told_on),
    })  # fmt: skip


def review(at: At, mark_id: int, review_on: dt.date) -> None:
    """Keeps a restriction until a new day of review.

    Raises Refused `not_allowed`, `mark_unknown`, `mark_over`, `mark_not_reviewed` for a mark that is no restriction,
    `mark_review_past`, `mark_review_too_far`.
    """
    at.require(Permission.MARK_PERSONS)
    _check_review(at, review_on)
    with writing(at.register) as connection:
        row = _on(connection, mark_id)
        if row.kind != Kind.RESTRICTED:
            raise Refused("mark_not_reviewed")
        connection.execute(
            sa.update(mark).where(mark.c.mark_id == mark_id).values(review_on=review_on, reviewed_on=at.today)
        )
        _record(connection, at, ledger.Event.MARK_REVIEWED, None, {
            **_told(mark_id, row.kind, row.ground), "review_on": review_on.isoformat(),
        })  # fmt: skip


def settle(at: At, reading: Reading, mark_id: int, *, is_same: bool) -> None:
    """Says of a mark that has lost whom it was on whether who has the key of their record now is that person. Where
    nobody has, or somebody else, the mark stays on nobody who is stored, and keeps nothing from being purged any more.

    Raises Refused `not_allowed`, `mark_unknown`, `mark_over`, `mark_not_lost`, `mark_nobody_there` where `is_same` is
    said of nobody, `mark_build_changed`.
    """
    actor = at.require(Permission.MARK_PERSONS)
    with writing(at.register) as connection:
        row = _on(connection, mark_id)
        if connection.scalar(sa.select(pointer.c.build_id)) != reading.build:
            raise Refused("mark_build_changed")
        was = along.known(connection)[mark_id]
        if is_same and not was.persons:
            raise Refused("mark_nobody_there")
        if not along.settle(connection, mark_id, actor.pseudonym, at.now):
            raise Refused("mark_not_lost", mark=str(mark_id))
        place = Place(dict(was.persons) if was.is_found else {}, set(was.digests))
        if is_same:
            place.persons = dict.fromkeys(was.persons, True)
            place.digests |= {digest for person in was.persons for digest in known_by(at.settings, reading, person)}
        along.keep(connection, mark_id, was, place)
        _record(connection, at, ledger.Event.MARK_SETTLED, reading.build, {
            **_told(mark_id, row.kind, row.ground), "same": is_same,
        })  # fmt: skip


def _check(at: At, terms: Terms) -> None:
    if terms.kind not in list(Kind):
        raise Refused("mark_kind_unknown")
    if terms.kind == Kind.RESTRICTED:
        if terms.ground not in list(Ground):
            raise Refused("mark_ground_missing")
        if terms.review_on is None:
            raise Refused("mark_review_missing")
        _check_review(at, terms.review_on)
    elif terms.ground is not None or terms.review_on is not None:
        raise Refused("mark_ground_extra")
    if terms.received_on > at.today:
        raise Refused("mark_received_ahead")
    case_ref = terms.case_ref
    if case_ref is not None and not ledger.is_case(case_ref):
        raise Refused("mark_case_invalid")


def _check_review(at: At, review_on: dt.date) -> None:
    # As often as a hold, which restricts too.
    days = at.parameters.hold_review_days
    latest = review_due_on(at.today, days)
    if review_on <= at.today:
        raise Refused("mark_review_past")
    if review_on > latest:
        raise Refused("mark_review_too_far", days=days, latest=latest)


def _on(connection: sa.Connection, mark_id: int) -> sa.Row[tuple[object, ...]]:
    row = connection.execute(sa.select(mark).where(mark.c.mark_id == mark_id)).one_or_none()
    if row is None:
        raise Refused("mark_unknown", mark=str(mark_id))
    if row.ended_at is not None:
        raise Refused("mark_over", mark=str(mark_id), day=local_date(row.ended_at))
    return row


def _told(mark_id: int, kind: str, ground: str | None) -> dict[str, ledger.Detail]:
    """What the ledger says of a mark: its number and what it says, never whom it is on."""
    told: dict[str, ledger.Detail] = {"mark": mark_id, "kind": str(kind)}
    return told if ground is None else {**told, "ground": str(ground)}


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _record(
    connection: sa.Connection, at: At, event: ledger.Event, build: int | None, details: dict[str, ledger.Detail]
) -> None:
    known = {name: value for name, value in details.items() if value is not None}
    ledger.append(connection, event, author=at.author, now=at.now, build=build, details=known)
