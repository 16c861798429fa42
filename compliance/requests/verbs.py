"""Requests from data subjects: kept in the register, counted against the law's deadlines, matched with the
copy.

Somebody who uses the product inside a customer's environment is the customer's data subject: such a request
is passed on (GDPR article 28.3 e) and stays out of the figures of article 12.3.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from compliance import access, ledger
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.reading.copy import Reading, Retired
from compliance.reading.followed import known_by
from compliance.register.engine import writing
from compliance.requests import along, asks, effects, record, steps
from compliance.requests.along import forget
from compliance.requests.steps import Decided
from compliance.requests.tables import (
    SOURCE,
    ExtensionReason,
    Kind,
    Outcome,
    Requester,
    Role,
    Step,
    Verdict,
    request,
    request_choice,
    request_choice_person,
    request_choice_trace,
)
from compliance.words.deadlines import (
    local_date,
)
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

E = TypeVar("E", bound=StrEnum)


# What forms write, in Swedish and English, casefolded; the codes themselves are understood too.
_KINDS = {
    "radering": Kind.ERASURE,
    "delete": Kind.ERASURE,
    "registerutdrag": Kind.ACCESS,
    "tillgång": Kind.ACCESS,
    "rättelse": Kind.RECTIFICATION,
    "invändning": Kind.OBJECTION,
    "avregistrering": Kind.OPT_OUT,
    "inga utskick": Kind.OPT_OUT,
    "unsubscribe": Kind.OPT_OUT,
    "begränsning": Kind.RESTRICTION,
    "dataportabilitet": Kind.PORTABILITY,
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


class FormRow(BaseModel):
    """One row of a form's export, as compliance.build.builder hands it over. Dates are dates, the instant is
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

    A request that is closed here stays closed when an export still has it open, and what somebody has recorded of it
    at the desk stays, whatever an export says of the same. Who a closed request was from is
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
    if known is None and record.forgotten(connection, form.source, form.reference) is not None:
        return "kept_closed"
    if known is None:
        request_id = connection.scalars(
            sa.insert(request)
            .values(source=form.source, reference=form.reference, **values, first_seen_at=now, updated_at=now)
            .returning(request.c.request_id)
        ).one()
        if values["closed_on"] is None:
            record.know_sender(connection, request_id, values)
        _record(connection, ledger.Event.REQUEST_REGISTERED, request_id, values, author, now)
        return "new"
    own = record.governed(record.recorded(connection, known["request_id"]))
    if known["closed_on"] is not None and (values["closed_on"] is None or "closed_on" in own):
        return "kept_closed"
    if "closed_on" in own and form.closed_on is not None:
        # Open again here: of who asks a form that has it closed says nothing.
        own |= set(record.CONTACT)
    values = {name: value for name, value in values.items() if name not in own}
    if all(known[name] == value for name, value in values.items()):
        return "unchanged"
    connection.execute(
        sa.update(request).where(request.c.request_id == known["request_id"]).values(**values, updated_at=now)
    )
    merged = {**known, **values}
    if merged["closed_on"] is not None:
        record.let_go(connection, known["request_id"])
    elif any(known[name] != merged[name] for name in record.CONTACT):
        # What was said was of who the request was from then.
        forget(connection, request_choice.c.request_id == known["request_id"])
        record.know_sender(connection, known["request_id"], merged)
    _record(connection, ledger.Event.REQUEST_UPDATED, known["request_id"], merged, author, now)
    return "updated"


def carried_out(
    connection: sa.Connection,
    source: str,
    reference: str,
    *,
    outcome: Outcome,
    is_over: bool,
    by_law: Sequence[Decided],
    batch_id: int,
    today: dt.date,
    author: ledger.Author | None,
    now: dt.datetime,
) -> bool:
    """Records that a purge carried out what an open request asks, in its transaction: all of it or a part (`outcome`),
    and what the law keeps of it (`by_law`). Where nothing more goes (`is_over`) it closes the request, and lets go of
    who it was from and of what was said of that.

    One that came in by hand stays open until its sender was answered: no form's system knows any more who that is.
    Says whether there was one to close.
    """
    row = connection.execute(
        sa.select(request).where(
            request.c.source == source, request.c.reference == reference, request.c.closed_on.is_(None)
        )
    ).one_or_none()
    if row is None:
        return False
    for decided in by_law:
        record.enter(connection, row.request_id, Step.DECIDED, today, decided, author=None, now=now)
    executed = steps.Executed(batch=batch_id, outcome=outcome)
    record.enter(connection, row.request_id, Step.EXECUTED, today, executed, author=author, now=now)
    if not is_over or (row.source == SOURCE and row.answered_on is None):
        return False
    ended = steps.Closed(outcome=outcome)
    told: dict[str, ledger.Detail] = {"batch": batch_id}
    record.enter(connection, row.request_id, Step.CLOSED, today, ended, author=author, now=now, told=told)
    return True


def answered(connection: sa.Connection) -> frozenset[tuple[str, str]]:
    """Source and reference of the requests that are closed: no build may hold keys to find those persons by."""
    rows = connection.execute(sa.select(request.c.source, request.c.reference).where(request.c.closed_on.is_not(None)))
    return frozenset((row.source, row.reference) for row in rows)


def _values(form: FormRow) -> dict[str, Any]:
    requester = _code(form.requester, _REQUESTERS, Requester, Requester.OTHER)
    # The form goes on listing what it once took down.
    contact = {name: getattr(form, name) if form.closed_on is None else None for name in record.CONTACT}
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


def person_of(at: At, source: str, reference: str, *, build: int | None) -> Person:
    """Who a request is from; the look is in the ledger before the answer is given.

    Raises Refused `not_allowed`, also for a data owner whose role is limited to categories, since a request
    belongs to none; Refused `request_unknown` where there is no such request.
    """
    at.require_of_all(Permission.SEE_PERSONS)
    with at.register.connect() as connection:
        row = _find(connection, source, reference)
    access.looked_at_persons(at, "request", rows=1, build=build, filters={"request": row.request_id})
    return Person(row.name, row.email, row.phone)


def offered(
    at: At, reading: Reading, source: str, reference: str, *, named: bool
) -> tuple[Person | None, list[asks.OfferedPerson]]:
    """Of whom somebody has to say, or has said, whether a request is from them; `named` with their names, and with who
    the request is from, which is a look that the caller records.

    Raises Refused `not_allowed` as `person_of` does, and `request_unknown`.
    """
    at.require_of_all(Permission.SEE_PERSONS)
    persons = reading.rows(asks.OFFERED_PERSONS, source=source, reference=reference, named=named)
    if not named:
        return None, persons
    with at.register.connect() as connection:
        row = _find(connection, source, reference)
    return Person(row.name, row.email, row.phone), persons


def choose(at: At, reading: Reading, source: str, reference: str, person_id: str, verdict: Verdict) -> None:
    """Says of a person of `reading` whether an open request is from them, in place of what was said before.

    What the person is known by is kept, as keyed digests, until the request is closed: the answer counts in the builds
    that follow. Raises Refused `not_allowed`, also for a data owner whose role is limited to categories;
    `request_unknown`, `request_already_closed`, `request_not_offered` for whom nobody has to be asked about, and
    `request_build_changed` where the copy is another by now. What has taken effect before takes effect on who is
    confirmed, for which it raises what compliance.requests.effects.take does.
    """
    actor = at.require_of_all(Permission.DECIDE_IDENTITY)
    try:
        persons = reading.rows(asks.OFFERED_PERSONS, source=source, reference=reference, named=False)
        person = next((one for one in persons if one.person_id == person_id), None)
        digests, is_gone = known_by(at.settings, reading, person_id), False
    except Retired:
        person, digests, is_gone = None, set(), True
    with writing(at.register) as connection:
        row = _find(connection, source, reference)
        if row.closed_on is not None:
            raise Refused("request_already_closed")
        if is_gone or connection.scalar(sa.select(pointer.c.build_id)) != reading.build:
            # Its ids may mean nothing in the copy of now.
            raise Refused("request_build_changed")
        if person is None or row.role != Role.CONTROLLER:
            raise Refused("request_not_offered")
        _take_back(connection, row.request_id, person_id, digests, verdict)
        along.enter(
            connection, row.request_id, verdict, person_id, person.speaks_for, digests, now=at.now, by=actor.pseudonym
        )  # fmt: skip
        ledger.append(
            connection, ledger.Event.REQUEST_PERSON_CHOSEN, author=at.author, now=at.now, build=reading.build,
            details={"request": row.request_id, "verdict": str(verdict), "bases": person.bases},
        )  # fmt: skip
        found = steps.Found(verdict=verdict, bases=person.bases)
        record.enter(connection, row.request_id, Step.FOUND, at.today, found, author=at.author, now=at.now)
        if verdict is Verdict.CONFIRMED:
            effects.follow(connection, at, reading, record.row_of(connection, row.request_id), person_id)


def _take_back(connection: sa.Connection, request_id: int, person_id: str, digests: set[str], verdict: Verdict) -> None:
    """Takes a person out of what was said before of a request's persons; what is about nobody else goes. Who was found
    stays missed as long as nobody is confirmed, and no longer: a record that may be somebody else's is no reason.
    """
    its_own = request_choice.c.request_id == request_id
    confirmed = (
        sa.select(request_choice.c.choice_id)
        .join(request_choice_person, request_choice_person.c.choice_id == request_choice.c.choice_id)
        .where(
            its_own,
            request_choice.c.verdict == Verdict.CONFIRMED,
            request_choice_person.c.is_same,
            request_choice_person.c.person_id != person_id,
        )
    )
    is_settled = verdict is Verdict.CONFIRMED or connection.execute(confirmed).first() is not None
    if not is_settled:
        its_own = sa.and_(its_own, request_choice.c.verdict != Verdict.FOUND)
    own = sa.select(request_choice.c.choice_id).where(its_own)
    whom, trace = request_choice_person, request_choice_trace
    led_here = set(
        connection.scalars(sa.select(whom.c.choice_id).where(whom.c.choice_id.in_(own), whom.c.person_id == person_id))
    )
    connection.execute(sa.delete(trace).where(trace.c.choice_id.in_(own), trace.c.digest.in_(sorted(digests))))
    connection.execute(sa.delete(whom).where(whom.c.choice_id.in_(own), whom.c.person_id == person_id))
    if is_settled:
        found = sa.select(request_choice.c.choice_id).where(its_own, request_choice.c.verdict == Verdict.FOUND)
        led_here |= set(connection.scalars(found))
    elsewhere = set(
        connection.scalars(
            sa.select(whom.c.choice_id)
            .join(request_choice, request_choice.c.choice_id == whom.c.choice_id)
            .where(whom.c.choice_id.in_(led_here), whom.c.is_same | (request_choice.c.verdict != Verdict.FOUND))
        )
    )
    forget(connection, request_choice.c.choice_id.in_(led_here - elsewhere))


def _find(connection: sa.Connection, source: str, reference: str) -> sa.Row[Any]:
    row = connection.execute(
        sa.select(request).where(request.c.source == source, request.c.reference == reference)
    ).one_or_none()
    if row is None:
        raise Refused("request_unknown")
    return row
