"""What happened to one person's data and what will, day by day: in the sources, by the rules, and in the register.

The register tells of purges of other entries as far as it can without a name: by keyed digests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance.access.at import At
from compliance.holds import listing as holds
from compliance.identity.tables import identity_decision
from compliance.marks import listing as marks
from compliance.person import asks
from compliance.person.statement import Basis, Statement
from compliance.purge.tables import batch, batch_item
from compliance.reading.copy import Reading
from compliance.rectification import listing as corrections
from compliance.requests.facts import due_days
from compliance.requests.tables import Role, request
from compliance.suppression import known
from compliance.suppression.tables import Seen
from compliance.words import keys
from compliance.words.deadlines import local_date
from compliance.words.vocabulary import Permission


class Kind(StrEnum):
    """What an event is. Texts: `person_event.<value>`."""

    TOLD = "told"
    CLOCK = "clock"
    CEILING = "ceiling"
    DEADLINE = "deadline"
    PROVISIONAL = "provisional"
    STATUTORY = "statutory"
    HOLD_PLACED = "hold_placed"
    HOLD_REVIEW = "hold_review"
    HOLD_RELEASED = "hold_released"
    MARK_PLACED = "mark_placed"
    MARK_REVIEW = "mark_review"
    REQUEST_RECEIVED = "request_received"
    REQUEST_DUE = "request_due"
    REQUEST_CLOSED = "request_closed"
    PURGE_PROPOSED = "purge_proposed"
    PURGE_STAYED = "purge_stayed"
    PURGED = "purged"
    PURGED_WHOLE = "purged_whole"
    RETURNED = "returned"
    RETURN_CONFIRMED = "return_confirmed"
    RETURN_POSSIBLE = "return_possible"
    RETURN_DECIDED = "return_decided"
    SAME = "decided_same"
    DIFFERENT = "decided_different"
    CORRECTION_ASKED = "correction_asked"
    CORRECTION_DECIDED = "correction_decided"
    TODAY = "today"


@dataclass(frozen=True)
class Event:
    """Something on a day, of one entry or of the person; `told` are codes, numbers and dates for its words."""

    day: dt.date
    kind: Kind
    basis: Basis | None = None
    source: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


# Dates of rows that tell of the relation.
_DATES = (
    "registered_on", "designated_on", "met_on", "inbound_on", "starts_on", "role_until", "left_org_on", "replaced_on",
    "ends_on", "opted_out_on",
)  # fmt: skip


def events(at: At, reading: Reading, statement: Statement, owned: str | None) -> list[Event]:
    """All events in the order of their days, today among them.

    Raises Refused `not_allowed`, and what compliance.words.keys.pseudonyms and compliance.words.keys.suppression do.
    """
    at.require(Permission.SEE_PERSONS)
    person = statement.person.person_id
    pseudonyms = keys.pseudonyms(at.settings)
    found = [Event(reading.as_of, Kind.TODAY)]
    for basis in statement.bases:
        found += _relation(basis)
        found += _rule(basis)
    found += _holds(at, reading, person, owned)
    found += _marks(at, reading, person)
    found += _corrections(at, statement)
    by_key = {pseudonyms.digest(f"basis|{one.entry.basis_id}"): one for one in statement.bases}
    with at.register.connect() as connection:
        found += _purges(connection, by_key)
        # These belong to no category, so who answers for some may not see them.
        if not statement.limited:
            found += _requests(connection, at, reading, person)
            found += _decisions(connection, reading, pseudonyms.digest(f"person|{person}"))
    if not statement.limited:
        found += _suppressed(at, statement)
    return sorted(found, key=lambda one: (one.day, one.kind is Kind.TODAY))


def _relation(basis: Basis) -> list[Event]:
    days = {
        (name, day): record.source
        for record in basis.records
        for name in _DATES
        if (day := record._asdict()[name]) is not None
    }
    return [Event(day, Kind.TOLD, basis, source, {"field": name}) for (name, day), source in days.items()]


def _rule(basis: Basis) -> list[Event]:
    entry = basis.entry
    days = {
        Kind.CLOCK: entry.start_on,
        Kind.CEILING: entry.ceiling_on,
        Kind.DEADLINE: entry.deadline_on if entry.deadline_on != entry.ceiling_on else None,
        Kind.PROVISIONAL: entry.provisional_on,
        Kind.STATUTORY: entry.statutory_until,
    }
    return [Event(day, kind, basis) for kind, day in days.items() if day is not None]


def _marks(at: At, reading: Reading, person: str) -> list[Event]:
    """Of those that are on: whom one was on that is over is forgotten."""
    found: list[Event] = []
    for one in marks.on_person(at.register, person, reading.as_of):
        told = {"mark": str(one.entry.mark_id), "mark_kind": one.entry.kind}
        found.append(Event(local_date(one.entry.placed_at), Kind.MARK_PLACED, told=told))
        if one.entry.review_on is not None:
            found.append(Event(one.entry.review_on, Kind.MARK_REVIEW, told=told))
    return found


def _holds(at: At, reading: Reading, person: str, owned: str | None) -> list[Event]:
    scopes: dict[int, str] = {}
    for row in reading.rows(asks.PERSON_HOLDS, person=person, owned=owned):
        scopes.setdefault(row.hold_id, row.scope)
    found: list[Event] = []
    for one in holds.listing(at.register, None, reading.as_of) if scopes else ():
        if one.hold_id not in scopes:
            continue
        told = {"hold": str(one.hold_id), "scope": scopes[one.hold_id], "ground": one.entry.ground}
        found.append(Event(one.entry.placed_on, Kind.HOLD_PLACED, told=told))
        if one.entry.released_on is not None:
            found.append(Event(one.entry.released_on, Kind.HOLD_RELEASED, told=told))
        else:
            found.append(Event(one.entry.review_on, Kind.HOLD_REVIEW, told=told))
    return found


def _corrections(at: At, statement: Statement) -> list[Event]:
    found: list[Event] = []
    for one in corrections.of_records(at.register, [(row.dataset, row.source_key) for row in statement.records]):
        told = {"rectification": str(one.rectification_id), "field": one.field, "rectification_state": one.state}
        found.append(Event(local_date(one.asked_at), Kind.CORRECTION_ASKED, None, one.source, told))
        if one.decided_at is not None:
            found.append(Event(local_date(one.decided_at), Kind.CORRECTION_DECIDED, None, one.source, told))
    return found


def _requests(connection: sa.Connection, at: At, reading: Reading, person: str) -> list[Event]:
    asked_for = reading.rows(asks.PERSON_REQUESTS, person=person)
    theirs = [
        sa.and_(request.c.source == asked.source, request.c.reference == asked.reference) for asked in asked_for
    ]  # fmt: skip
    rows = [dict(row) for row in connection.execute(sa.select(request).where(sa.or_(sa.false(), *theirs))).mappings()]
    due = due_days(connection, rows, at.parameters, reading.as_of)
    known = {(row["source"], row["reference"]): row for row in rows}
    found: list[Event] = []
    for asked in asked_for:
        row = known.get((asked.source, asked.reference))
        if row is None:
            continue
        told = {
            "reference": asked.reference,
            "request": row["kind"],
            "sure": asked.is_sure or asked.verdict is not None,
            "outcome": row["outcome"],
        }
        found.append(Event(row["received_on"], Kind.REQUEST_RECEIVED, None, asked.source, told))
        if row["closed_on"] is not None:
            found.append(Event(row["closed_on"], Kind.REQUEST_CLOSED, None, asked.source, told))
        elif row["role"] == Role.CONTROLLER:
            found.append(Event(due[row["request_id"]], Kind.REQUEST_DUE, None, asked.source, told))
    return found


def _purges(connection: sa.Connection, by_key: dict[str, Basis]) -> list[Event]:
    """The purges that entries are in, and those that they stayed in."""
    rows = connection.execute(
        sa.select(
            batch.c.batch_id, batch.c.state, batch.c.proposed_at, batch.c.executed_at, batch_item.c.basis_key,
            batch_item.c.outcome, batch_item.c.reason,
        )
        .join(batch, batch.c.batch_id == batch_item.c.batch_id)
        .where(batch_item.c.basis_key.in_(by_key))
        .order_by(batch.c.batch_id)
    )  # fmt: skip
    found: list[Event] = []
    for row in rows:
        told = {"batch": str(row.batch_id), "state": row.state, "stays": row.reason}
        basis = by_key[row.basis_key]
        if row.executed_at is None:
            found.append(Event(local_date(row.proposed_at), Kind.PURGE_PROPOSED, basis, told=told))
        elif row.outcome is not None:
            found.append(Event(local_date(row.executed_at), Kind.PURGE_STAYED, basis, told=told))
    return found


def _decisions(connection: sa.Connection, reading: Reading, digest: str) -> list[Event]:
    """What was decided in this copy of the person and another one."""
    rows = connection.execute(
        sa.select(identity_decision.c.decision_id, identity_decision.c.answer, identity_decision.c.decided_at).where(
            identity_decision.c.build_id == reading.build,
            sa.or_(identity_decision.c.one_key == digest, identity_decision.c.other_key == digest),
        )
    )
    return [
        Event(local_date(row.decided_at), Kind(f"decided_{row.answer}"), told={"decision": str(row.decision_id)})
        for row in rows
    ]


def _suppressed(at: At, statement: Statement) -> list[Event]:
    """What was erased of the person before, and that somebody erased came back."""
    erased, back = known.of_records(at.settings, at.register, statement.records)
    found = [
        Event(
            one.erased_on,
            Kind.PURGED_WHOLE if one.category is None else Kind.PURGED,
            None,
            one.source,
            {"batch": str(one.batch_id), "category": one.category},
        )
        for one in erased
    ]
    for one in back:
        found += _returns(one)
    return found


def _returns(one: known.Back) -> Sequence[Event]:
    let_in = one.kind == Seen.LET_IN
    told = {"returned": str(one.reappearance_id), "verdict": one.verdict, "reason": one.reason}
    first = Event(
        local_date(one.first_seen_at), Kind.RETURNED if let_in else Kind.RETURN_POSSIBLE, None, one.source, told
    )
    if one.confirmed_at is None:
        return [first]
    kind = Kind.RETURN_CONFIRMED if let_in else Kind.RETURN_DECIDED
    return [first, Event(local_date(one.confirmed_at), kind, None, one.source, told)]
