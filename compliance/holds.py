"""Legal holds: placed, reviewed, released, and taken along where the id of what they are on changes.

A hold suspends purge and erasure, not the ceiling (domain.md A20): queries/status.sql reads holds from the register
and gives the days of grace after a release, so that nothing else needs to be stored when one ends.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance import access, ledger
from compliance.access import Actor
from compliance.copy import Reading
from compliance.deadlines import review_due_on
from compliance.keys import Key
from compliance.policy import Parameters
from compliance.refusal import Refused
from compliance.register.engine import writing
from compliance.register.schema import hold, hold_number, hold_record, pointer
from compliance.vocabulary import Category, Permission

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{1,39}")
_REFERENCE = re.compile(r"[0-9a-f]{8,32}")
_OWNER_LENGTH = 60
# What stands for the id of a person or an entry that a hold needs no more.
FORGOTTEN = ""
_FOUND = 20


class Ground(StrEnum):
    """Why something is kept from being purged (GDPR articles 17.3 e and 18). Texts: `hold_ground.<value>`."""

    LEGAL_CLAIM = "legal_claim"
    AUTHORITY_REQUEST = "authority_request"
    DISPUTE = "dispute"
    AUDIT = "audit"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    EXTENSION = "extension"


class Scope(StrEnum):
    """What a hold is on. Texts: `hold_scope.<value>`."""

    CATEGORY = "category"
    ORGANISATION = "organisation"
    PERSON = "person"
    BASIS = "basis"


@dataclass(frozen=True)
class Entry:
    """A hold as the register keeps it. `placed_by` and `released_by` are pseudonyms."""

    scope: str
    scope_key: str
    ground: str
    owner: str
    placed_on: dt.date
    review_on: dt.date
    case_ref: str | None = None
    placed_by: str | None = None
    reviewed_on: dt.date | None = None
    released_on: dt.date | None = None
    released_by: str | None = None
    # The number of the hold that this one followed to another id.
    follows: int | None = None


@dataclass(frozen=True)
class Coverage:
    """What a hold covers on a day: entries and persons, entries whose purge it stops now, and those of them that are
    past their last lawful day.
    """

    bases: int
    persons: int
    held: int
    past_ceiling: int


@dataclass(frozen=True)
class HoldRow:
    """A hold on a day, with those that followed it. `keys` are the ids it is on, the newest first; of persons and
    entries, those that somebody is behind as far as anybody is.

    `coverage` is None for one that is released, and where there is no copy to count in.
    """

    hold_id: int
    entry: Entry
    keys: tuple[str, ...]
    as_of: dt.date
    coverage: Coverage | None

    @property
    def active(self) -> bool:
        """Whether it holds on the day."""
        return self.entry.released_on is None or self.entry.released_on > self.as_of

    @property
    def days_to_review(self) -> int | None:
        """Days until it must have been reviewed, negative where that day is past; None for one that is released."""
        return (self.entry.review_on - self.as_of).days if self.active else None

    @property
    def past_review(self) -> bool:
        """Whether the day of its review has passed without one."""
        return self.active and self.entry.review_on < self.as_of


@dataclass(frozen=True)
class Summary:
    """The figures of holds on a day (domain.md K30). `total` counts each entry once; None without a copy."""

    active: int
    past_review: int
    without_owner: int
    total: Coverage | None


def place(
    register: sa.Engine,
    reading: Reading,
    actor: Actor,
    scope: str,
    key: str,
    *,
    ground: str,
    owner: str,
    review_on: dt.date,
    case_ref: str | None = None,
    pseudonyms: Key,
    parameters: Parameters,
    now: dt.datetime,
    today: dt.date,
) -> int:
    """Places a hold on `key` from today and returns its number; by `pseudonyms` the records it covers are remembered.

    Raises Refused `not_allowed`, `hold_scope_unknown`, `hold_ground_unknown`, `hold_key_unknown` (it would cover
    nothing in the copy), `hold_review_past`, `hold_review_too_far`, `hold_owner_missing`, `hold_owner_invalid`,
    `hold_case_invalid`, `hold_twice`, `hold_build_changed` (`key` may mean nothing in the copy of now).
    """
    access.require(actor, Permission.MANAGE_HOLDS)
    if scope not in list(Scope):
        raise Refused("hold_scope_unknown")
    entry = _new(actor, scope, key, ground, owner, review_on, case_ref, parameters, today)
    covered = target(reading, scope, key)
    if not covered["bases"]:
        raise Refused("hold_key_unknown")
    with writing(register) as connection:
        if connection.execute(sa.select(pointer.c.build_id)).scalar() != reading.build:
            raise Refused("hold_build_changed")
        twin = connection.execute(sa.select(hold_number).where(*_active_twin(entry))).scalar()
        if twin is not None:
            raise Refused("hold_twice", hold=str(twin))
        inserted = connection.execute(sa.insert(hold).values(**dataclasses.asdict(entry))).inserted_primary_key
        assert inserted is not None
        remember(connection, _covered(reading, pseudonyms, [entry]))
        details: dict[str, ledger.Detail] = {
            **_told(inserted[0], entry),
            "bases": covered["bases"],
            "persons": covered["persons"],
        }
        if scope == Scope.CATEGORY:
            details["category"] = key
        ledger.append(
            connection,
            ledger.Event.HOLD_PLACED,
            author=actor.author,
            now=now,
            build=reading.build,
            details=details,
        )
        return int(inserted[0])


def take_out(
    connection: sa.Connection,
    reading: Reading,
    basis_ids: Iterable[str],
    *,
    ground: str,
    owner: str,
    review_on: dt.date,
    case_ref: str | None = None,
    actor: Actor,
    pseudonyms: Key,
    parameters: Parameters,
    now: dt.datetime,
    today: dt.date,
) -> int:
    """Holds single entries of `reading` that are taken out of a purge, in the caller's transaction; returns how many.

    Whoever may propose a purge may leave entries out of it; an extension is a hold with a day and a ground. Entries
    that the same case holds already are left as they are. Raises Refused as `place` does.
    """
    if not access.may(actor, Permission.MANAGE_HOLDS):
        access.require(actor, Permission.PROPOSE_PURGE)
    entries = [
        _new(actor, Scope.BASIS, key, ground, owner, review_on, case_ref, parameters, today)
        for key in dict.fromkeys(basis_ids)
    ]
    if not entries:
        return 0
    held = set(
        connection.scalars(
            sa.select(hold.c.scope_key).where(
                hold.c.scope == Scope.BASIS,
                hold.c.released_on.is_(None),
                hold.c.case_ref.is_not_distinct_from(case_ref),
            )
        )
    )
    entries = [entry for entry in entries if entry.scope_key not in held]
    enter(connection, entries)
    remember(connection, _covered(reading, pseudonyms, entries))
    if entries:
        ledger.append(
            connection,
            ledger.Event.HOLD_PLACED,
            author=actor.author,
            now=now,
            details={
                "scope": Scope.BASIS.value,
                "ground": str(ground),
                "review_on": review_on.isoformat(),
                "holds": len(entries),
                "bases": len(entries),
            },
        )
    return len(entries)


def enter(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Enters holds as they are; the ledger line is the caller's."""
    if entries:
        connection.execute(sa.insert(hold), [dataclasses.asdict(entry) for entry in entries])


def review(
    register: sa.Engine,
    actor: Actor,
    hold_id: int,
    *,
    review_on: dt.date,
    parameters: Parameters,
    now: dt.datetime,
    today: dt.date,
    reading: Reading | None = None,
) -> None:
    """Keeps a hold, and those that followed it, until a new day of review. `reading` lets the ledger say how many
    entries it covers.

    Raises Refused `not_allowed`, `hold_unknown`, `hold_released`, `hold_review_past`, `hold_review_too_far`.
    """
    access.require(actor, Permission.MANAGE_HOLDS)
    _check_review(review_on, parameters, today)
    bases = _bases(reading, hold_id)
    with writing(register) as connection:
        entry = _open(connection, hold_id)
        connection.execute(sa.update(hold).where(*_on(hold_id)).values(review_on=review_on, reviewed_on=today))
        kept = dataclasses.replace(entry, review_on=review_on)
        _record(connection, ledger.Event.HOLD_REVIEWED, actor, now, hold_id, kept, reading, bases)


def release(
    register: sa.Engine,
    actor: Actor,
    hold_id: int,
    now: dt.datetime,
    today: dt.date,
    *,
    reading: Reading | None = None,
) -> None:
    """Ends a hold today, and those that followed it; from today its entries stand where the rules put them, with the
    days of grace they have.

    Raises Refused `not_allowed`, `hold_unknown`, `hold_released`.
    """
    access.require(actor, Permission.MANAGE_HOLDS)
    bases = _bases(reading, hold_id)
    with writing(register) as connection:
        entry = _open(connection, hold_id)
        connection.execute(
            sa.update(hold)
            .where(*_on(hold_id))
            .values(released_on=max(today, entry.placed_on), released_by=actor.pseudonym)
        )
        _record(connection, ledger.Event.HOLD_RELEASED, actor, now, hold_id, entry, reading, bases)


def release_case(register: sa.Engine, actor: Actor, case_ref: str, now: dt.datetime, today: dt.date) -> int:
    """Ends every hold of a case today and returns how many. Raises Refused `not_allowed`, `hold_case_unknown`."""
    access.require(actor, Permission.MANAGE_HOLDS)
    with writing(register) as connection:
        ends = (hold.c.case_ref == case_ref, hold.c.released_on.is_(None), hold.c.placed_on <= today)
        released = connection.scalar(sa.select(sa.func.count(sa.distinct(hold_number))).where(*ends)) or 0
        if not released:
            raise Refused("hold_case_unknown")
        connection.execute(sa.update(hold).where(*ends).values(released_on=today, released_by=actor.pseudonym))
        ledger.append(
            connection,
            ledger.Event.HOLD_RELEASED,
            author=actor.author,
            now=now,
            details={"case": case_ref, "holds": released},
        )
        return released


def listing(register: sa.Engine, reading: Reading | None, as_of: dt.date) -> list[HoldRow]:
    """Every hold of the register, with those that followed it as one: those past review first, then by the day of
    their review, the released ones last.
    """
    covered = {
        row["hold_id"]: Coverage(row["bases"], row["persons"], row["held"], row["past_ceiling"])
        for row in (reading.rows("hold_coverage") if reading else ())
    }
    with register.connect() as connection:
        rows = connection.execute(sa.select(hold, hold_number.label("number")).order_by(hold.c.hold_id)).mappings()
        groups: dict[int, list[sa.RowMapping]] = {}
        for row in rows:
            groups.setdefault(row["number"], []).append(row)
        found_behind = set(connection.scalars(sa.select(hold_record.c.hold_id).distinct()))
    found: list[HoldRow] = []
    for number, group in groups.items():
        behind = [row for row in group if row["hold_id"] in found_behind] or group
        ids = dict.fromkeys(row["scope_key"] for row in reversed(behind) if row["scope_key"] != FORGOTTEN)
        one = HoldRow(number, _entry(group[0]), tuple(ids), as_of, covered.get(number))
        found.append(one if one.active else dataclasses.replace(one, coverage=None))
    return sorted(
        found,
        key=lambda one: (
            not one.active,
            one.entry.review_on.toordinal() if one.active else -(one.entry.released_on or as_of).toordinal(),
            one.hold_id,
        ),
    )


def summary(register: sa.Engine, reading: Reading | None, as_of: dt.date) -> Summary:
    """How many holds are on, how many of them wait for review or have no owner, and what all of them cover."""
    active = [one for one in listing(register, None, as_of) if one.active]
    total = reading.one("hold_totals") if reading else None
    return Summary(
        len(active),
        sum(one.past_review for one in active),
        sum(not one.entry.owner.strip() for one in active),
        Coverage(**total) if total else None,
    )


def target(reading: Reading, scope: str, key: str) -> dict[str, Any]:
    """What a hold on `key` would cover today: bases, persons, and pressing ones (due, overdue or held already)."""
    return reading.one("hold_target", scope=str(scope), scope_key=key)


def organisations(reading: Reading, actor: Actor, search: str) -> list[dict[str, Any]]:
    """The first organisations whose name or key has `search` in it. Raises Refused `not_allowed`."""
    access.require(actor, Permission.MANAGE_HOLDS)
    return reading.rows("find_organisations", search=search, rows=_FOUND) if search else []


def persons(reading: Reading, actor: Actor, search: str) -> list[dict[str, Any]]:
    """The first persons whose reference begins with `search` or, for those who may see persons, whose name or e-mail
    address has it in it; the caller records that look. Without that right a reference needs its eight signs.

    Raises Refused `not_allowed`.
    """
    access.require(actor, Permission.MANAGE_HOLDS)
    named = access.may(actor, Permission.SEE_PERSONS)
    if not search or not (named or _REFERENCE.fullmatch(search.lower())):
        return []
    return reading.rows("find_persons", search=search, named=named, rows=_FOUND)


def keys(connection: sa.Connection) -> list[tuple[str, str]]:
    """What is, or was, held by an id that can change from build to build, as (scope, key).

    Released holds too: their days of grace go with them.
    """
    rows = connection.execute(
        sa.select(hold.c.scope, hold.c.scope_key)
        .where(hold.c.scope.in_([Scope.PERSON, Scope.BASIS]), hold.c.scope_key != FORGOTTEN)
        .distinct()
    )
    return [(scope, key) for scope, key in rows]


def records(connection: sa.Connection) -> set[tuple[str, str, str]]:
    """What is known of the records behind what is, or was, held by such an id, as (scope, key, keyed digest)."""
    rows = connection.execute(
        sa.select(hold.c.scope, hold.c.scope_key, hold_record.c.record_key).join(
            hold_record, hold_record.c.hold_id == hold.c.hold_id
        )
    )
    return {(scope, key, record_key) for scope, key, record_key in rows}


def remember(connection: sa.Connection, covered: Iterable[tuple[str, str, str]]) -> None:
    """Keeps which records are behind what is held, as (scope, key, keyed digest), in the caller's transaction.

    A copy that is made from nothing knows no earlier ids, and finds them again by these.
    """
    by_target: dict[tuple[str, str], list[int]] = {}
    for hold_id, scope, key in connection.execute(sa.select(hold.c.hold_id, hold.c.scope, hold.c.scope_key)):
        by_target.setdefault((scope, key), []).append(hold_id)
    known = {(hold_id, record_key) for hold_id, record_key in connection.execute(sa.select(hold_record))}
    told = {(hold_id, record_key) for scope, key, record_key in covered for hold_id in by_target.get((scope, key), ())}
    if told - known:
        connection.execute(
            sa.insert(hold_record),
            [{"hold_id": hold_id, "record_key": record_key} for hold_id, record_key in sorted(told - known)],
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
        connection.execute(sa.delete(hold_record).where(hold_record.c.hold_id == its_id), gone)
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


def _new(
    actor: Actor,
    scope: str,
    key: str,
    ground: str,
    owner: str,
    review_on: dt.date,
    case_ref: str | None,
    parameters: Parameters,
    today: dt.date,
) -> Entry:
    if ground not in list(Ground):
        raise Refused("hold_ground_unknown")
    if scope == Scope.CATEGORY and key not in list(Category):
        raise Refused("hold_key_unknown")
    owner = " ".join(owner.split())
    if not owner:
        raise Refused("hold_owner_missing")
    if len(owner) > _OWNER_LENGTH or ledger.looks_personal(owner):
        raise Refused("hold_owner_invalid", length=_OWNER_LENGTH)
    if case_ref is not None and (not _CASE.fullmatch(case_ref) or ledger.looks_personal(case_ref)):
        raise Refused("hold_case_invalid")
    _check_review(review_on, parameters, today)
    return Entry(str(scope), key, str(ground), owner, today, review_on, case_ref, actor.pseudonym)


def _covered(reading: Reading, pseudonyms: Key, entries: Iterable[Entry]) -> list[tuple[str, str, str]]:
    """The records behind persons and entries as `remember` keeps them, by the same digest as Tracer's."""
    return [
        (entry.scope, entry.scope_key, pseudonyms.digest(f"held|{row['record_id']}"))
        for entry in entries
        if entry.scope in (Scope.PERSON, Scope.BASIS)
        for row in reading.rows("hold_records", scope=entry.scope, scope_key=entry.scope_key)
    ]


def _check_review(review_on: dt.date, parameters: Parameters, today: dt.date) -> None:
    latest = review_due_on(today, parameters.hold_review_days)
    if review_on <= today:
        raise Refused("hold_review_past")
    if review_on > latest:
        raise Refused("hold_review_too_far", days=parameters.hold_review_days, latest=latest)


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
    rows = reading.rows("hold_coverage") if reading else []
    return next((row["bases"] for row in rows if row["hold_id"] == hold_id), None)


def _open(connection: sa.Connection, hold_id: int) -> Entry:
    """A hold that is on. Raises Refused `hold_unknown`, `hold_released`."""
    rows = connection.execute(sa.select(hold).where(hold_number == hold_id).order_by(hold.c.hold_id)).mappings().all()
    if not rows:
        raise Refused("hold_unknown", hold=str(hold_id))
    on = [row for row in rows if row["released_on"] is None]
    if not on:
        raise Refused("hold_released", hold=str(hold_id), day=rows[0]["released_on"])
    return _entry(on[0])


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(**{name.name: row[name.name] for name in dataclasses.fields(Entry)})


def _identity(entry: Entry) -> Entry:
    """What makes two rows of one hold the same; a review of one of them does not tell them apart."""
    return dataclasses.replace(entry, review_on=dt.date.min, reviewed_on=None, placed_by=None, released_by=None)


def _told(hold_id: int, entry: Entry) -> dict[str, ledger.Detail]:
    """What the ledger says of a hold: its number, never what it is on, since that may be a person."""
    return {
        "hold": hold_id,
        "scope": entry.scope,
        "ground": entry.ground,
        "review_on": entry.review_on.isoformat(),
    }


def _record(
    connection: sa.Connection,
    event: ledger.Event,
    actor: Actor,
    now: dt.datetime,
    hold_id: int,
    entry: Entry,
    reading: Reading | None,
    bases: int | None,
) -> None:
    details = _told(hold_id, entry)
    if bases is not None:
        details["bases"] = bases
    ledger.append(
        connection,
        event,
        author=actor.author,
        now=now,
        build=reading.build if reading else None,
        details=details,
    )
