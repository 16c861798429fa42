"""Who waits for an answer, until when, and what stands in the way."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

from compliance import ledger
from compliance.requests import asks, clock, rest, steps
from compliance.requests.rest import Rest
from compliance.requests.steps import Decided, Recorded
from compliance.requests.tables import (
    Decision,
    Kind,
    Role,
    Step,
    Verdict,
    request,
    request_choice,
    request_choice_person,
    request_step,
)
from compliance.words.deadlines import RequestState
from compliance.words.policy import Parameters
from compliance.words.queries import Query, Row
from compliance.words.remembered import Remembered

_REMEMBERED = 8


class Block(StrEnum):
    """What stands in the way of closing a request. Texts: `block.<value>`."""

    PROCESSOR = "processor"
    IDENTITY_PENDING = "identity_pending"
    HELD = "held"
    RESTRICTED = "restricted"
    STATUTORY = "statutory"
    NOT_FOUND_IN_COPY = "not_found_in_copy"
    WHICH_PERSON = "which_person"
    CONFIRMED_GONE = "confirmed_gone"
    EMPLOYMENT = "employment"
    ACCESS_FIRST = "access_first"


class Next(StrEnum):
    """What comes next. Texts: `request_next.<value>`."""

    FORWARD = "forward"
    AWAIT_IDENTITY = "await_identity"
    END_UNIDENTIFIED = "end_unidentified"
    STOP = "stop"
    SAY_WHO = "say_who"
    DECIDE = "decide"
    DECIDE_REST = "decide_rest"
    PURGE = "purge"
    CARRY_OUT = "carry_out"
    TELL_RECIPIENTS = "tell_recipients"
    ANSWER = "answer"
    CLOSE = "close"


class Waits(StrEnum):
    """For whom a request waits. Texts: `request_waits.<value>`."""

    DESK = "desk"
    IDENTITY = "identity"
    PURGE = "purge"
    REQUESTER = "requester"
    RECIPIENTS = "recipients"


_WAITS: Mapping[Next, Waits] = {
    **dict.fromkeys(Next, Waits.DESK),
    Next.AWAIT_IDENTITY: Waits.REQUESTER,
    Next.SAY_WHO: Waits.IDENTITY,
    Next.PURGE: Waits.PURGE,
    Next.TELL_RECIPIENTS: Waits.RECIPIENTS,
}


class Bucket(StrEnum):
    """How far from its deadline a request is, for a chart. Texts: `backlog_bucket.<value>`."""

    OVERDUE_MONTH = "overdue_month"
    OVERDUE = "overdue"
    WITHIN_WEEK = "within_week"
    WITHIN_MONTH = "within_month"
    LATER = "later"
    PAUSED = "paused"
    REDIRECTED = "redirected"


class CopyReading(Protocol):
    """The part of compliance.reading.copy.Reading that the backlog asks."""

    @property
    def key(self) -> str:
        """Changes with everything that can change a row of the copy."""

    def rows(self, query: Query[Row], **binds: Any) -> list[Row]:
        """All rows of a query."""


class Reasons(NamedTuple):
    """What speaks for and against that a request is from a person: words of `speaks_for` and `speaks_against`."""

    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]

    @classmethod
    def of(cls, person: asks.RequestPerson | asks.OfferedPerson) -> Reasons:
        """What a query tells of a person."""
        return cls(*(tuple(filter(None, words.split(","))) for words in (person.speaks_for, person.speaks_against)))


@dataclass(frozen=True)
class BacklogItem:
    """One open request on a day, without who it is from.

    `due_on` is the day it must be answered, or for the role processor passed on; `days_left` counts to it
    and is negative after it. `persons_found` and `bases` are of whom it is surely from, and None where the copy was not
    asked: none yet, or not ours to search. `possible` is what speaks for and against each person of whom somebody has
    to say whether it is from them.
    """

    request_id: int
    source: str
    reference: str
    kind: str
    role: str
    state: RequestState
    received_on: dt.date
    due_on: dt.date
    days_left: int
    age_days: int
    provisional: bool
    extension_valid: bool
    # Announced, and so late or for such a reason that it does not count.
    extension_void: bool
    blocks: tuple[Block, ...]
    persons_found: int | None
    bases: int | None
    channel: str
    handler: str | None
    next: Next
    possible: tuple[Reasons, ...] = ()
    repeats: int | None = None

    @property
    def waits_for(self) -> Waits:
        """Who has to do what comes next."""
        return _WAITS[self.next]

    @property
    def bucket(self) -> Bucket:
        """Where the request stands in a chart of ages against the deadline."""
        if self.state is RequestState.REDIRECTED:
            return Bucket.REDIRECTED
        if self.state is RequestState.PAUSED:
            return Bucket.PAUSED
        if self.days_left < -30:
            return Bucket.OVERDUE_MONTH
        if self.days_left < 0:
            return Bucket.OVERDUE
        if self.days_left <= 7:
            return Bucket.WITHIN_WEEK
        return Bucket.WITHIN_MONTH if self.days_left <= 31 else Bucket.LATER


def backlog(
    register: sa.Engine, reading: CopyReading | None, as_of: dt.date, parameters: Parameters
) -> list[BacklogItem]:
    """The requests that were received and not closed on `as_of`, the most urgent first."""
    items = _items(register, reading, sa.true(), as_of, parameters)
    return sorted(items, key=lambda item: (item.due_on, item.received_on, item.source, item.reference))


_known: Remembered[tuple[BacklogItem, ...]] = Remembered(_REMEMBERED)


def remembered(
    register: sa.Engine, reading: CopyReading, as_of: dt.date, parameters: Parameters
) -> Sequence[BacklogItem]:
    """What `backlog` says of a copy, asked anew only once something has happened that can change it: what changes a
    request is a line of the ledger, and what changes the copy or who is found in it makes another reading.
    """
    with register.connect() as connection:
        head = ledger.last_change(connection)
    asked = (register, reading.key, head, as_of, parameters.as_json)
    return _known.of(asked, lambda: tuple(backlog(register, reading, as_of, parameters)))


def item(
    register: sa.Engine, reading: CopyReading | None, number: int, as_of: dt.date, parameters: Parameters
) -> BacklogItem | None:
    """A request as the backlog has it; None where it has it not."""
    found = _items(register, reading, request.c.request_id == number, as_of, parameters, is_one=True)
    return next(iter(found), None)


def _items(
    register: sa.Engine,
    reading: CopyReading | None,
    which: sa.ColumnElement[bool],
    as_of: dt.date,
    parameters: Parameters,
    *,
    is_one: bool = False,
) -> list[BacklogItem]:
    waiting = sa.and_(
        request.c.received_on <= as_of, sa.or_(request.c.closed_on.is_(None), request.c.closed_on > as_of)
    )
    asks_first = sa.and_(
        waiting, request.c.role == Role.CONTROLLER, request.c.kind.in_((Kind.ACCESS, Kind.RECTIFICATION))
    )
    with register.connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(request).where(waiting, which)).mappings()]
        first = connection.execute(sa.select(request.c.source, request.c.reference).where(asks_first)).all()
        gone = _confirmed_gone(connection)
        told = steps.history(connection, request_step.c.request_id.in_([row["request_id"] for row in rows]))
    found: dict[tuple[str, str], list[asks.RequestPerson]] = {}
    wanted = {name: rows[0][name] for name in asks.ALL} if rows and is_one else asks.ALL
    for person in reading.rows(asks.REQUEST_PERSONS, **wanted) if rows and reading is not None else ():
        found.setdefault((person.source, person.reference), []).append(person)
    entries = rest.of_each(reading.rows(asks.REQUEST_ENTRIES, **wanted) if rows and reading is not None else ())
    first_answered = {person.person_id for one in first for person in found.get((one.source, one.reference), ())}
    items = []
    for row in rows:
        ours = row["role"] == "controller" and reading is not None
        persons = found.get((row["source"], row["reference"]), []) if ours else None
        recorded = told.get(row["request_id"], [])
        is_gone = row["request_id"] in gone
        left = None
        if ours and steps.erases(row["kind"], recorded):
            stored = entries.get((row["source"], row["reference"]), [])
            left = rest.rest(rest.decisions(recorded), stored, as_of)
        items.append(_item(row, recorded, persons, left, first_answered, as_of, parameters, is_gone=is_gone))
    return items


def _item(
    row: Mapping[str, Any],
    recorded: list[Recorded],
    persons: list[asks.RequestPerson] | None,
    left: Rest | None,
    first_answered: set[str],
    as_of: dt.date,
    parameters: Parameters,
    *,
    is_gone: bool,
) -> BacklogItem:
    processor = row["role"] == "processor"
    stands = clock.standing(row, recorded, parameters, as_of)
    due_on = stands.due_on
    blocks = _blocks(row, persons, left, first_answered, as_of, is_gone=is_gone)
    sure = None if persons is None else [person for person in persons if person.is_sure]
    return BacklogItem(
        request_id=row["request_id"],
        source=row["source"],
        reference=row["reference"],
        kind=row["kind"],
        role=row["role"],
        state=stands.state,
        received_on=row["received_on"],
        due_on=due_on,
        days_left=(due_on - as_of).days,
        age_days=(as_of - row["received_on"]).days,
        provisional=stands.law.provisional and not processor,
        extension_valid=stands.law.extension_valid and not processor,
        extension_void=not processor
        and clock.by(row["extension_notice_on"], as_of) is not None
        and not stands.law.extension_valid,
        blocks=blocks,
        persons_found=None if sure is None else len(sure),
        bases=None if sure is None else sum(person.bases for person in sure),
        channel=row["channel"],
        handler=row["handler"],
        next=next_of(row, recorded, stands, blocks, left),
        possible=tuple(Reasons.of(person) for person in persons or () if not person.is_sure),
        repeats=row["repeats"],
    )


def next_of(
    row: Mapping[str, Any],
    recorded: Iterable[Recorded],
    stands: clock.Standing,
    blocks: Iterable[Block],
    left: Rest | None,
) -> Next:
    """What comes next for an open request: the first of what the law's order asks for and nobody has recorded. `left`
    is what is left of what is to be erased; None where that is not known, or nothing is.
    """
    if row["role"] == Role.PROCESSOR:
        return Next.FORWARD if row["forwarded_on"] is None else Next.CLOSE
    if stands.unidentified:
        return Next.END_UNIDENTIFIED
    if Block.IDENTITY_PENDING in blocks:
        return Next.AWAIT_IDENTITY
    if Block.WHICH_PERSON in blocks:
        return Next.SAY_WHO
    if stands.effect_due_on is not None:
        return Next.STOP
    counted = steps.effective(recorded)
    decided = {one.facts.decision for one in counted if isinstance(one.facts, Decided)}
    is_done = any(one.step in (Step.EXECUTED, Step.EFFECTIVE) for one in counted)
    if not decided and not is_done:
        return Next.DECIDE
    if steps.erases(row["kind"], counted):
        what = _next_of_erasure(counted, decided, None if Block.CONFIRMED_GONE in blocks else left)
        if what is not None:
            return what
    by_hand = {Decision.CORRECT, Decision.RESTRICT, Decision.HAND_OUT, Decision.STOP}
    # What of an erasure is restricted is so with the decision.
    if not is_done and decided & by_hand and row["kind"] != Kind.ERASURE:
        return Next.CARRY_OUT
    if steps.open_recipients(counted):
        return Next.TELL_RECIPIENTS
    return Next.ANSWER if row["answered_on"] is None else Next.CLOSE


def _next_of_erasure(counted: Sequence[Recorded], decided: set[Decision], left: Rest | None) -> Next | None:
    """What comes next before an erasure is answered; None where nothing does. Whether there is anything to do is told
    by what is left, and not by a purge that was carried out: it may have left something, and what was to be kept may
    have come to its end since.
    """
    is_purged = steps.is_purged(counted)
    if left is None:
        return Next.PURGE if Decision.ERASE in decided and not is_purged else None
    if left.going and (Decision.ERASE in decided or is_purged):
        return Next.PURGE
    is_another_matter = decided & {Decision.REDIRECT, Decision.NOT_IDENTIFIED}
    return Next.DECIDE_REST if left.going + left.waiting and not is_another_matter else None


def _confirmed_gone(connection: sa.Connection) -> set[int]:
    """The requests whose sender, as was confirmed or found, no build has any more."""
    still = sa.select(request_choice_person.c.choice_id).where(request_choice_person.c.is_same)
    gone = sa.select(request_choice.c.request_id).where(
        request_choice.c.verdict != Verdict.REJECTED, request_choice.c.choice_id.not_in(still)
    )
    return set(connection.scalars(gone))


def _blocks(
    row: Mapping[str, Any],
    persons: list[asks.RequestPerson] | None,
    left: Rest | None,
    first_answered: set[str],
    as_of: dt.date,
    *,
    is_gone: bool,
) -> tuple[Block, ...]:
    if row["role"] == "processor":
        return (Block.PROCESSOR,)
    blocks = []
    if clock.by(row["identity_asked_on"], as_of) and not clock.by(row["identity_answered_on"], as_of):
        blocks.append(Block.IDENTITY_PENDING)
    if persons is None:
        return tuple(blocks)
    if is_gone:
        blocks.append(Block.CONFIRMED_GONE)
    elif not persons:
        blocks.append(Block.NOT_FOUND_IN_COPY)
    if not all(person.is_sure for person in persons):
        blocks.append(Block.WHICH_PERSON)
    # A hold, a restriction or bookkeeping law keeps data from erasure only, and a row in doubt is erased all the same.
    if row["kind"] == Kind.ERASURE:
        if any(person.held for person in persons):
            blocks.append(Block.HELD)
        if any(person.restricted for person in persons):
            blocks.append(Block.RESTRICTED)
        if any(person.statutory for person in persons):
            blocks.append(Block.STATUTORY)
        if left is not None and left.employment:
            blocks.append(Block.EMPLOYMENT)
        # Who asked what is stored must be told before it is gone.
        if any(person.person_id in first_answered for person in persons):
            blocks.append(Block.ACCESS_FIRST)
    return tuple(blocks)


def buckets(items: Iterable[BacklogItem]) -> dict[Bucket, int]:
    """How many requests are in each bucket, in the order of the buckets, zeros included."""
    counted = Counter(item.bucket for item in items)
    return {bucket: counted[bucket] for bucket in Bucket}
