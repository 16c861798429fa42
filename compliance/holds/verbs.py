"""Legal holds: placed, reviewed, released, and taken along where the id of what they are on changes.

A hold suspends purge and erasure, not the ceiling: queries/reading/status.sql reads holds from the register and gives
the days of grace after a release, so that nothing else needs to be stored when one ends.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import access, ledger
from compliance.access import Actor
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.holds import asks
from compliance.holds.listing import Entry, _entry
from compliance.holds.listing import target as covered_by
from compliance.holds.tables import FORGOTTEN, Ground, Scope, hold, hold_identity, hold_number, hold_record
from compliance.reading import asks as reading_asks
from compliance.reading.copy import Reading, refused_where_retired
from compliance.register.engine import writing
from compliance.words import keys as keys_of
from compliance.words.deadlines import review_due_on
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

_OWNER_LENGTH = 60


@dataclass(frozen=True)
class Target:
    """What a hold is on: a key of `reading`, or a category, by a word of Scope."""

    scope: str
    key: str


@dataclass(frozen=True)
class Terms:
    """Why something is held, whose word that is, and until when."""

    ground: str
    owner: str
    review_on: dt.date
    case_ref: str | None = None


def place(at: At, reading: Reading, target: Target, terms: Terms) -> int:
    """Places a hold on `target` from today and returns its number; the records it covers are remembered.

    Raises Refused `not_allowed`, `hold_scope_unknown`, `hold_ground_unknown`, `hold_key_unknown` (it would cover
    nothing in the copy), `hold_review_past`, `hold_review_too_far`, `hold_owner_missing`, `hold_owner_invalid`,
    `hold_case_invalid`, `hold_twice`, `hold_build_changed` (its key may mean nothing in the copy of now).
    """
    actor = at.require(Permission.MANAGE_HOLDS)
    if target.scope not in list(Scope):
        raise Refused("hold_scope_unknown")
    entry = _new(at, actor, target, terms)
    with refused_where_retired("hold_build_changed"):
        covered = covered_by(reading, target.scope, target.key)
    if not covered.bases:
        raise Refused("hold_key_unknown")
    with writing(at.register) as connection:
        if connection.execute(sa.select(pointer.c.build_id)).scalar() != reading.build:
            raise Refused("hold_build_changed")
        twin = connection.execute(sa.select(hold_number).where(*_active_twin(entry))).scalar()
        if twin is not None:
            raise Refused("hold_twice", hold=str(twin))
        inserted = connection.execute(sa.insert(hold).values(**dataclasses.asdict(entry))).inserted_primary_key
        assert inserted is not None
        remember(connection, *_covered(at, reading, [entry]))
        details: dict[str, ledger.Detail] = {
            **_told(inserted[0], entry),
            "bases": covered.bases,
            "persons": covered.persons,
        }
        if target.scope == Scope.CATEGORY:
            details["category"] = target.key
        ledger.append(
            connection,
            ledger.Event.HOLD_PLACED,
            author=at.author,
            now=at.now,
            build=reading.build,
            details=details,
        )
        return int(inserted[0])


def take_out(connection: sa.Connection, at: At, reading: Reading, basis_ids: Iterable[str], terms: Terms) -> int:
    """Holds single entries of `reading` that are taken out of a purge, in the caller's transaction; returns how many.

    Whoever may propose a purge may leave entries out of it; an extension is a hold with a day and a ground. Entries
    that the same case holds already are left as they are. Raises Refused as `place` does.
    """
    manages = at.actor is not None and access.may(at.actor, Permission.MANAGE_HOLDS)
    actor = at.require(Permission.MANAGE_HOLDS if manages else Permission.PROPOSE_PURGE)
    entries = [_new(at, actor, Target(Scope.BASIS, key), terms) for key in dict.fromkeys(basis_ids)]
    if not entries:
        return 0
    held = set(
        connection.scalars(
            sa.select(hold.c.scope_key).where(
                hold.c.scope == Scope.BASIS,
                hold.c.released_on.is_(None),
                hold.c.case_ref.is_not_distinct_from(terms.case_ref),
            )
        )
    )
    entries = [entry for entry in entries if entry.scope_key not in held]
    enter(connection, entries)
    remember(connection, *_covered(at, reading, entries))
    if entries:
        ledger.append(
            connection,
            ledger.Event.HOLD_PLACED,
            author=at.author,
            now=at.now,
            details={
                "scope": Scope.BASIS.value,
                "ground": str(terms.ground),
                "review_on": terms.review_on.isoformat(),
                "holds": len(entries),
                "bases": len(entries),
            },
        )
    return len(entries)


def enter(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Enters holds as they are; the ledger line is the caller's."""
    if entries:
        connection.execute(sa.insert(hold), [dataclasses.asdict(entry) for entry in entries])


def review(at: At, hold_id: int, review_on: dt.date, *, reading: Reading | None = None) -> None:
    """Keeps a hold, and those that followed it, until a new day of review. `reading` lets the ledger say how many
    entries it covers.

    Raises Refused `not_allowed`, `hold_unknown`, `hold_released`, `hold_review_past`, `hold_review_too_far`.
    """
    at.require(Permission.MANAGE_HOLDS)
    _check_review(at, review_on)
    bases = _bases(reading, hold_id)
    with writing(at.register) as connection:
        entry = _open(connection, hold_id)
        connection.execute(sa.update(hold).where(*_on(hold_id)).values(review_on=review_on, reviewed_on=at.today))
        kept = dataclasses.replace(entry, review_on=review_on)
        _record(connection, at, ledger.Event.HOLD_REVIEWED, _told(hold_id, kept, bases), reading)


def release(at: At, hold_id: int, *, reading: Reading | None = None) -> None:
    """Ends a hold today, and those that followed it; from today its entries stand where the rules put them, with the
    days of grace they have.

    Raises Refused `not_allowed`, `hold_unknown`, `hold_released`.
    """
    actor = at.require(Permission.MANAGE_HOLDS)
    bases = _bases(reading, hold_id)
    with writing(at.register) as connection:
        entry = _open(connection, hold_id)
        connection.execute(
            sa.update(hold)
            .where(*_on(hold_id))
            .values(released_on=max(at.today, entry.placed_on), released_by=actor.pseudonym)
        )
        _record(connection, at, ledger.Event.HOLD_RELEASED, _told(hold_id, entry, bases), reading)


def release_case(at: At, case_ref: str) -> int:
    """Ends every hold of a case today and returns how many. Raises Refused `not_allowed`, `hold_case_unknown`."""
    actor = at.require(Permission.MANAGE_HOLDS)
    with writing(at.register) as connection:
        ends = (hold.c.case_ref == case_ref, hold.c.released_on.is_(None), hold.c.placed_on <= at.today)
        released = connection.scalar(sa.select(sa.func.count(sa.distinct(hold_number))).where(*ends)) or 0
        if not released:
            raise Refused("hold_case_unknown")
        connection.execute(sa.update(hold).where(*ends).values(released_on=at.today, released_by=actor.pseudonym))
        ledger.append(
            connection,
            ledger.Event.HOLD_RELEASED,
            author=at.author,
            now=at.now,
            details={"case": case_ref, "holds": released},
        )
        return released


def keys(connection: sa.Connection) -> list[tuple[str, str]]:
    """What is, or was, held by an id that can change from build to build, as (scope, key): all but categories.

    Released holds too: their days of grace go with them.
    """
    rows = connection.execute(
        sa.select(hold.c.scope, hold.c.scope_key)
        .where(hold.c.scope != Scope.CATEGORY, hold.c.scope_key != FORGOTTEN)
        .distinct()
    )
    return [(scope, key) for scope, key in rows]


def records(connection: sa.Connection) -> set[tuple[str, str, str]]:
    """What is known of the records behind what is, or was, held by such an id, as (scope, key, keyed digest)."""
    return _traces(connection, hold_record.c.record_key)


def identities(connection: sa.Connection) -> set[tuple[str, str, str]]:
    """What is known of whom such records are about, as (scope, key, keyed digest)."""
    return _traces(connection, hold_identity.c.identity_key)


def _traces(connection: sa.Connection, trace: sa.Column[str]) -> set[tuple[str, str, str]]:
    rows = connection.execute(
        sa.select(hold.c.scope, hold.c.scope_key, trace).join(trace.table, trace.table.c.hold_id == hold.c.hold_id)
    )
    return {(scope, key, digest) for scope, key, digest in rows}


def remember(
    connection: sa.Connection,
    records: Iterable[tuple[str, str, str]],
    people: Iterable[tuple[str, str, str]],
) -> None:
    """Keeps which records are behind what is held and whom they are about, as (scope, key, keyed digest), in the
    caller's transaction.

    A copy that is made from nothing knows no earlier ids, and finds them again by these.
    """
    by_target: dict[tuple[str, str], list[int]] = {}
    for hold_id, scope, key in connection.execute(sa.select(hold.c.hold_id, hold.c.scope, hold.c.scope_key)):
        by_target.setdefault((scope, key), []).append(hold_id)
    for table, traces in ((hold_record, records), (hold_identity, people)):
        number, trace = table.primary_key.columns
        known = {(hold_id, digest) for hold_id, digest in connection.execute(sa.select(number, trace))}
        told = {(hold_id, digest) for scope, key, digest in traces for hold_id in by_target.get((scope, key), ())}
        if told - known:
            connection.execute(
                sa.insert(table),
                [{number.name: hold_id, trace.name: digest} for hold_id, digest in sorted(told - known)],
            )


def leave(connection: sa.Connection, gone: Iterable[tuple[str, str, str]]) -> None:
    """Forgets records behind what is held, as (scope, key, keyed digest), in the caller's transaction."""
    by_target: dict[tuple[str, str], list[str]] = {}
    for scope, key, record_key in gone:
        by_target.setdefault((scope, key), []).append(record_key)
    for (scope, key), record_keys in sorted(by_target.items()):
        held = sa.select(hold.c.hold_id).where(hold.c.scope == scope, hold.c.scope_key == key)
        connection.execute(
            sa.delete(hold_record).where(hold_record.c.hold_id.in_(held), hold_record.c.record_key.in_(record_keys))
        )


def follow(
    connection: sa.Connection,
    moves: Iterable[tuple[str, str, str]],
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    build: int | None = None,
) -> int:
    """Holds the new ids of what is held, in the caller's transaction; returns how many holds that took.

    `moves` are (scope, key before, key now). A hold that is on the new id already stays as it is, but another's hold on
    it is no reason not to follow: it may be released first. No hold is closed: a record may stay behind under the old
    id, or come back to it.
    """
    moves = list(moves)
    if not moves:
        return 0
    kept = connection.execute(sa.select(hold, hold_number.label("number")).order_by(hold.c.hold_id)).mappings()
    known = [dataclasses.replace(_entry(row), follows=row["number"]) for row in kept]
    seen = {_identity(entry) for entry in known}
    by_key: dict[tuple[str, str], list[Entry]] = {}
    for entry in known:
        by_key.setdefault((entry.scope, entry.scope_key), []).append(entry)
    added: list[Entry] = []
    for scope, old_key, new_key in moves:
        for entry in by_key.get((scope, old_key), ()):
            followed = dataclasses.replace(entry, scope_key=new_key)
            if _identity(followed) not in seen:
                seen.add(_identity(followed))
                added.append(followed)
    enter(connection, added)
    moved = {entry.follows for entry in added}
    if added:
        active = {entry.follows for entry in added if entry.released_on is None}
        ledger.append(
            connection,
            ledger.Event.HOLD_MOVED,
            author=author,
            now=now,
            build=build,
            details={"holds": len(moved), "active": len(active)},
        )
    return len(moved)


def forget(
    connection: sa.Connection,
    stored: Iterable[tuple[str, str]],
    released_before: dt.date,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    build: int | None = None,
) -> int:
    """Forgets whom holds were on that are released since before a day and cover nothing of `stored`, (scope, key).

    That there was a hold, why and until when stays; an id that no row has any more would still single somebody out.
    In the caller's transaction; returns how many holds that were.
    """
    left = set(stored)
    over = connection.execute(
        sa.select(hold.c.hold_id, hold_number, hold.c.scope, hold.c.scope_key).where(
            hold.c.scope.in_([Scope.PERSON, Scope.BASIS]),
            hold.c.scope_key != FORGOTTEN,
            hold.c.released_on < released_before,
        )
    )
    numbers: set[int] = set()
    gone: list[dict[str, int]] = []
    for hold_id, number, scope, key in over:
        if (scope, key) not in left:
            numbers.add(number)
            gone.append({"its_id": hold_id})
    if gone:
        its_id: sa.BindParameter[int] = sa.bindparam("its_id")
        for table in (hold_record, hold_identity):
            connection.execute(sa.delete(table).where(table.c.hold_id == its_id), gone)
        connection.execute(sa.update(hold).where(hold.c.hold_id == its_id).values(scope_key=FORGOTTEN), gone)
        ledger.append(
            connection,
            ledger.Event.HOLD_FORGOTTEN,
            author=author,
            now=now,
            build=build,
            details={"holds": len(numbers)},
        )
    return len(numbers)


def _new(at: At, actor: Actor, target: Target, terms: Terms) -> Entry:
    if terms.ground not in list(Ground):
        raise Refused("hold_ground_unknown")
    if target.scope == Scope.CATEGORY and target.key not in list(Category):
        raise Refused("hold_key_unknown")
    owner = " ".join(terms.owner.split())
    if not owner:
        raise Refused("hold_owner_missing")
    if len(owner) > _OWNER_LENGTH or ledger.looks_personal(owner):
        raise Refused("hold_owner_invalid", length=_OWNER_LENGTH)
    case_ref = terms.case_ref
    if case_ref is not None and not ledger.is_case(case_ref):
        raise Refused("hold_case_invalid")
    _check_review(at, terms.review_on)
    return Entry(
        str(target.scope), target.key, str(terms.ground), owner, at.today, terms.review_on, case_ref, actor.pseudonym
    )


def _covered(
    at: At, reading: Reading, entries: Iterable[Entry]
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """The records behind persons and entries and whom they are about, by the same digests as Tracer's."""
    pseudonyms = keys_of.pseudonyms(at.settings)
    records: list[tuple[str, str, str]] = []
    people: list[tuple[str, str, str]] = []
    for entry in entries:
        if entry.scope in (Scope.PERSON, Scope.BASIS):
            for row in reading.rows(reading_asks.TRACES, scope=entry.scope, scope_key=entry.scope_key):
                into = records if row.is_record else people
                into.append((entry.scope, entry.scope_key, pseudonyms.digest(row.trace)))
    return records, people


def _check_review(at: At, review_on: dt.date) -> None:
    days = at.parameters.hold_review_days
    latest = review_due_on(at.today, days)
    if review_on <= at.today:
        raise Refused("hold_review_past")
    if review_on > latest:
        raise Refused("hold_review_too_far", days=days, latest=latest)


def _active_twin(entry: Entry) -> list[sa.ColumnElement[bool]]:
    return [
        hold.c.scope == entry.scope,
        hold.c.scope_key == entry.scope_key,
        hold.c.case_ref.is_not_distinct_from(entry.case_ref),
        hold.c.released_on.is_(None),
    ]


def _on(hold_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """A hold as far as it is on, with those that followed it."""
    return hold_number == hold_id, hold.c.released_on.is_(None)


def _bases(reading: Reading | None, hold_id: int) -> int | None:
    """How many entries a hold covers; None where the reading knows nothing of the hold."""
    rows = reading.rows(asks.HOLD_COVERAGE) if reading else []
    return next((row.bases for row in rows if row.hold_id == hold_id), None)


def _open(connection: sa.Connection, hold_id: int) -> Entry:
    """A hold that is on. Raises Refused `hold_unknown`, `hold_released`."""
    rows = connection.execute(sa.select(hold).where(hold_number == hold_id).order_by(hold.c.hold_id)).mappings().all()
    if not rows:
        raise Refused("hold_unknown", hold=str(hold_id))
    on = [row for row in rows if row["released_on"] is None]
    if not on:
        raise Refused("hold_released", hold=str(hold_id), day=rows[0]["released_on"])
    return _entry(on[0])


def _identity(entry: Entry) -> Entry:
    """What makes two rows of one hold the same; a review of one of them does not tell them apart."""
    return dataclasses.replace(entry, review_on=dt.date.min, reviewed_on=None, placed_by=None, released_by=None)


def _told(hold_id: int, entry: Entry, bases: int | None = None) -> dict[str, ledger.Detail]:
    """What the ledger says of a hold: its number, never what it is on, since that may be a person."""
    told: dict[str, ledger.Detail] = {
        "hold": hold_id,
        "scope": entry.scope,
        "ground": entry.ground,
        "review_on": entry.review_on.isoformat(),
    }
    return told if bases is None else {**told, "bases": bases}


def _record(
    connection: sa.Connection,
    at: At,
    event: ledger.Event,
    details: dict[str, ledger.Detail],
    reading: Reading | None,
) -> None:
    ledger.append(
        connection,
        event,
        author=at.author,
        now=at.now,
        build=reading.build if reading else None,
        details=details,
    )
