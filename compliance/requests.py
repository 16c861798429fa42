"""Requests from data subjects: kept in the register, counted against the law's deadlines, matched with the
copy.

Somebody who uses the product inside a customer's environment is the customer's data subject: such a request
is passed on (GDPR article 28.3 e) and stays out of the figures of article 12.3.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from compliance import access, ledger
from compliance.deadlines import (
    Pause,
    RequestDeadline,
    RequestState,
    local_date,
    redirect_due_on,
    request_deadline,
    request_state,
)
from compliance.policy import Parameters
from compliance.refusal import Refused
from compliance.register.schema import request
from compliance.vocabulary import Permission

E = TypeVar("E", bound=StrEnum)


class Kind(StrEnum):
    """What is asked for. Texts: `request_kind.<value>`."""

    ERASURE = "erasure"
    ACCESS = "access"
    RECTIFICATION = "rectification"
    OBJECTION = "objection"


class Requester(StrEnum):
    """In what capacity somebody says to ask."""

    CUSTOMER_CONTACT = "customer_contact"
    PROSPECT = "prospect"
    STAFF = "staff"
    REPRESENTATIVE = "representative"
    ENV_USER = "env_user"
    OTHER = "other"


class Outcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    PARTIAL = "partial"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    NOT_IDENTIFIED = "not_identified"
    NOT_FOUND = "not_found"
    OTHER = "other"


class ExtensionReason(StrEnum):
    """Why the answer may take longer; article 12.3 knows two reasons."""

    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"
    OTHER = "other"


class Block(StrEnum):
    """What stands in the way of closing a request. Texts: `block.<value>`."""

    PROCESSOR = "processor"
    IDENTITY_PENDING = "identity_pending"
    HELD = "held"
    STATUTORY = "statutory"
    NOT_FOUND_IN_COPY = "not_found_in_copy"
    SEVERAL_PERSONS = "several_persons"
    ACCESS_FIRST = "access_first"


class Bucket(StrEnum):
    """How far from its deadline a request is, for a chart. Texts: `backlog_bucket.<value>`."""

    OVERDUE_MONTH = "overdue_month"
    OVERDUE = "overdue"
    WITHIN_WEEK = "within_week"
    WITHIN_MONTH = "within_month"
    LATER = "later"
    PAUSED = "paused"
    REDIRECTED = "redirected"


# What forms write, in Swedish and English, casefolded; the codes themselves are understood too.
_KINDS = {
    "radering": Kind.ERASURE,
    "delete": Kind.ERASURE,
    "registerutdrag": Kind.ACCESS,
    "tillgång": Kind.ACCESS,
    "rättelse": Kind.RECTIFICATION,
    "invändning": Kind.OBJECTION,
}
_REQUESTERS = {
    "kundkontakt": Requester.CUSTOMER_CONTACT,
    "kontaktperson hos kund": Requester.CUSTOMER_CONTACT,
    "kund": Requester.CUSTOMER_CONTACT,
    "customer contact": Requester.CUSTOMER_CONTACT,
    "customer": Requester.CUSTOMER_CONTACT,
    "prospekt": Requester.PROSPECT,
    "anställd": Requester.STAFF,
    "tidigare anställd": Requester.STAFF,
    "konsult": Requester.STAFF,
    "employee": Requester.STAFF,
    "contractor": Requester.STAFF,
    "leverantör": Requester.REPRESENTATIVE,
    "partner": Requester.REPRESENTATIVE,
    "supplier": Requester.REPRESENTATIVE,
    "användare i kundmiljö": Requester.ENV_USER,
    "användare i en kunds miljö": Requester.ENV_USER,
    "användare": Requester.ENV_USER,
    "user in a customer's environment": Requester.ENV_USER,
    "user": Requester.ENV_USER,
}
_OUTCOMES = {
    "raderad": Outcome.DONE,
    "utförd": Outcome.DONE,
    "besvarad": Outcome.DONE,
    "erased": Outcome.DONE,
    "answered": Outcome.DONE,
    "delvis": Outcome.PARTIAL,
    "delvis raderad": Outcome.PARTIAL,
    "avslagen": Outcome.REFUSED,
    "nekad": Outcome.REFUSED,
    "hänvisad": Outcome.REDIRECTED,
    "vidarebefordrad": Outcome.REDIRECTED,
    "återkallad": Outcome.WITHDRAWN,
    "ej identifierad": Outcome.NOT_IDENTIFIED,
    "finns inte": Outcome.NOT_FOUND,
    "hittades inte": Outcome.NOT_FOUND,
}
_EXTENSION_REASONS = {
    "komplex": ExtensionReason.COMPLEX,
    "komplicerad": ExtensionReason.COMPLEX,
    "komplicerat": ExtensionReason.COMPLEX,
    "många förfrågningar": ExtensionReason.MANY_REQUESTS,
    "många ärenden": ExtensionReason.MANY_REQUESTS,
    "antal": ExtensionReason.MANY_REQUESTS,
}

# What says who a request is from.
_CONTACT = ("name", "email", "phone")


class FormRow(BaseModel):
    """One row of a form's export, as compliance.intake.build hands it over. Dates are dates, the instant is
    aware.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    source: str = Field(min_length=1, max_length=60)
    reference: str = Field(min_length=1, max_length=80)
    received_at: AwareDatetime
    request_kind: str | None = None
    requester: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    identity_asked_on: dt.date | None = None
    identity_answered_on: dt.date | None = None
    extended_on: dt.date | None = None
    extension_reason: str | None = None
    forwarded_on: dt.date | None = None
    closed_on: dt.date | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Counts:
    """What registering did. `kept_closed`: closed here, open in the export; they stay as they were."""

    new: int
    updated: int
    unchanged: int
    kept_closed: int


class CopyReading(Protocol):
    """The part of compliance.copy.Reading that the backlog asks."""

    def rows(self, query: str, **binds: Any) -> list[dict[str, Any]]:
        """All rows of queries/<query>.sql."""


@dataclass(frozen=True)
class BacklogItem:
    """One open request on a day, without who it is from.

    `due_on` is the day it must be answered, or for the role processor passed on; `days_left` counts to it
    and is negative after it. `persons_found` and `bases` are None where the copy was not asked: none yet,
    or not ours to search.
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
    blocks: tuple[Block, ...]
    persons_found: int | None
    bases: int | None

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


@dataclass(frozen=True)
class Person:
    """Who a request is from. For the eyes of those who may see persons."""

    name: str | None
    email: str | None
    phone: str | None


def register_form_rows(
    connection: sa.Connection,
    rows: Iterable[Mapping[str, Any]],
    *,
    author: ledger.Author | None,
    now: dt.datetime,
) -> Counts:
    """Adds and updates requests by source and reference, each change with its ledger line, in the caller's
    transaction.

    A request that is closed here stays closed when an export still has it open. Who a closed request was from is
    not kept: the form's own system knows, and nobody is to be found by it here. Of words that only the form knows,
    a code is kept and never the text. Raises Refused `request_unreadable` for a row that is no request.
    """
    counts: Counter[str] = Counter()
    for row in rows:
        try:
            form = FormRow.model_validate(dict(row))
        except ValidationError as error:
            raise Refused("request_unreadable", field=".".join(map(str, error.errors()[0]["loc"]))) from None
        counts[_register(connection, form, author, now)] += 1
    return Counts(counts["new"], counts["updated"], counts["unchanged"], counts["kept_closed"])


def _register(connection: sa.Connection, form: FormRow, author: ledger.Author | None, now: dt.datetime) -> str:
    values = _values(form)
    known = (
        connection.execute(
            sa.select(request).where(request.c.source == form.source, request.c.reference == form.reference)
        )
        .mappings()
        .one_or_none()
    )
    if known is None:
        request_id = connection.scalars(
            sa.insert(request)
            .values(source=form.source, reference=form.reference, **values, first_seen_at=now, updated_at=now)
            .returning(request.c.request_id)
        ).one()
        _record(connection, ledger.Event.REQUEST_REGISTERED, request_id, values, author, now)
        return "new"
    if known["closed_on"] is not None and values["closed_on"] is None:
        return "kept_closed"
    if all(known[name] == value for name, value in values.items()):
        return "unchanged"
    connection.execute(
        sa.update(request).where(request.c.request_id == known["request_id"]).values(**values, updated_at=now)
    )
    _record(connection, ledger.Event.REQUEST_UPDATED, known["request_id"], values, author, now)
    return "updated"


def answered(connection: sa.Connection) -> frozenset[tuple[str, str]]:
    """Source and reference of the requests that are closed: no build may hold keys to find those persons by."""
    rows = connection.execute(sa.select(request.c.source, request.c.reference).where(request.c.closed_on.is_not(None)))
    return frozenset((row.source, row.reference) for row in rows)


def _values(form: FormRow) -> dict[str, Any]:
    requester = _code(form.requester, _REQUESTERS, Requester, Requester.OTHER)
    # The form goes on listing what it once took down.
    contact = {name: getattr(form, name) if form.closed_on is None else None for name in _CONTACT}
    return {
        # A form for erasure that says nothing else asks for erasure.
        "kind": _code(form.request_kind, _KINDS, Kind, Kind.ERASURE) or Kind.ERASURE.value,
        "role": "processor" if requester == Requester.ENV_USER else "controller",
        "requester": requester,
        "received_at": form.received_at.astimezone(dt.UTC),
        "received_on": local_date(form.received_at),
        **contact,
        "identity_asked_on": form.identity_asked_on,
        "identity_answered_on": form.identity_answered_on,
        "extension_notice_on": form.extended_on,
        "extension_reason": _code(form.extension_reason, _EXTENSION_REASONS, ExtensionReason, ExtensionReason.OTHER),
        "forwarded_on": form.forwarded_on,
        "closed_on": form.closed_on,
        "outcome": _code(form.outcome, _OUTCOMES, Outcome, Outcome.OTHER),
    }


def _code(text: str | None, words: Mapping[str, E], codes: type[E], otherwise: E) -> str | None:
    word = " ".join((text or "").split()).casefold()
    if not word:
        return None
    return words.get(word, codes(word) if word in list(codes) else otherwise).value


def _record(
    connection: sa.Connection,
    event: ledger.Event,
    request_id: int,
    values: Mapping[str, Any],
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    # By its number here: a form's reference may hold anything.
    details = {
        "request": request_id,
        "kind": values["kind"],
        "role": values["role"],
        "closed": values["closed_on"] is not None,
    }
    ledger.append(connection, event, author=author, now=now, details=details)


def backlog(
    register: sa.Engine, reading: CopyReading | None, as_of: dt.date, parameters: Parameters
) -> list[BacklogItem]:
    """The requests that were received and not closed on `as_of`, the most urgent first."""
    with register.connect() as connection:
        rows = [
            dict(row)
            for row in connection.execute(
                sa.select(request).where(
                    request.c.received_on <= as_of,
                    sa.or_(request.c.closed_on.is_(None), request.c.closed_on > as_of),
                )
            ).mappings()
        ]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for person in reading.rows("request_persons") if reading is not None else ():
        found.setdefault((person["source"], person["reference"]), []).append(person)
    first_answered = {
        person["person_id"]
        for row in rows
        if row["role"] == "controller" and row["kind"] in (Kind.ACCESS, Kind.RECTIFICATION)
        for person in found.get((row["source"], row["reference"]), ())
    }
    items = []
    for row in rows:
        ours = row["role"] == "controller" and reading is not None
        persons = found.get((row["source"], row["reference"]), []) if ours else None
        items.append(_item(row, persons, first_answered, as_of, parameters))
    return sorted(items, key=lambda item: (item.due_on, item.received_on, item.source, item.reference))


def _item(
    row: Mapping[str, Any],
    persons: list[dict[str, Any]] | None,
    first_answered: set[str],
    as_of: dt.date,
    parameters: Parameters,
) -> BacklogItem:
    processor = row["role"] == "processor"
    deadline = deadline_of(row, parameters, as_of)
    due_on = redirect_due_on(row["received_on"], parameters) if processor else deadline.due_on
    return BacklogItem(
        request_id=row["request_id"],
        source=row["source"],
        reference=row["reference"],
        kind=row["kind"],
        role=row["role"],
        state=request_state(deadline, as_of, parameters, closed_on=None, redirected=processor),
        received_on=row["received_on"],
        due_on=due_on,
        days_left=(due_on - as_of).days,
        age_days=(as_of - row["received_on"]).days,
        provisional=deadline.provisional and not processor,
        extension_valid=deadline.extension_valid and not processor,
        blocks=_blocks(row, persons, first_answered, as_of),
        persons_found=None if persons is None else len(persons),
        bases=None if persons is None else sum(person["bases"] for person in persons),
    )


def deadline_of(row: Mapping[str, Any], parameters: Parameters, as_of: dt.date) -> RequestDeadline:
    """The deadline of a row of the register's table `request`, by what had happened on `as_of`."""
    asked_on, answered_on = _by(row["identity_asked_on"], as_of), _by(row["identity_answered_on"], as_of)
    return request_deadline(
        row["received_on"],
        parameters,
        pauses=[Pause(asked_on, answered_on)] if asked_on else [],
        extension_notice_on=_by(row["extension_notice_on"], as_of),
        extension_reason=row["extension_reason"],
    )


def _by(day: dt.date | None, as_of: dt.date) -> dt.date | None:
    return day if day is not None and day <= as_of else None


def _blocks(
    row: Mapping[str, Any], persons: list[dict[str, Any]] | None, first_answered: set[str], as_of: dt.date
) -> tuple[Block, ...]:
    if row["role"] == "processor":
        return (Block.PROCESSOR,)
    blocks = []
    if _by(row["identity_asked_on"], as_of) and not _by(row["identity_answered_on"], as_of):
        blocks.append(Block.IDENTITY_PENDING)
    if persons is None:
        return tuple(blocks)
    if not persons:
        blocks.append(Block.NOT_FOUND_IN_COPY)
    if len(persons) > 1:
        blocks.append(Block.SEVERAL_PERSONS)
    # A hold or a bookkeeping duty keeps data from erasure only, and a row in doubt is erased all the same.
    if row["kind"] == Kind.ERASURE:
        if any(person["held"] for person in persons):
            blocks.append(Block.HELD)
        if any(person["statutory"] for person in persons):
            blocks.append(Block.STATUTORY)
        # Who asked what is stored must be told before it is gone.
        if any(person["person_id"] in first_answered for person in persons):
            blocks.append(Block.ACCESS_FIRST)
    return tuple(blocks)


def buckets(items: Iterable[BacklogItem]) -> dict[Bucket, int]:
    """How many requests are in each bucket, in the order of the buckets, zeros included."""
    counted = Counter(item.bucket for item in items)
    return {bucket: counted[bucket] for bucket in Bucket}


def person_of(
    register: sa.Engine,
    actor: access.Actor,
    source: str,
    reference: str,
    *,
    build: int | None,
    now: dt.datetime,
) -> Person:
    """Who a request is from; the look is in the ledger before the answer is given.

    Raises Refused `not_allowed`, also for a data owner whose role is limited to categories, since a request
    belongs to none; Refused `request_unknown` where there is no such request.
    """
    access.require(actor, Permission.SEE_PERSONS)
    if actor.categories is not None:
        raise Refused("not_allowed", permission=Permission.SEE_PERSONS.value, role=actor.role.value)
    with register.connect() as connection:
        row = connection.execute(
            sa.select(request.c.request_id, request.c.name, request.c.email, request.c.phone).where(
                request.c.source == source, request.c.reference == reference
            )
        ).one_or_none()
    if row is None:
        raise Refused("request_unknown")
    access.looked_at_persons(
        register, actor, "request", rows=1, build=build, now=now, filters={"request": row.request_id}
    )
    return Person(row.name, row.email, row.phone)
