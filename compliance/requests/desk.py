"""What people do with requests at the desk: enter them by hand, record their steps, and correct what was recorded."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.identity.normalise import addresses, numbers
from compliance.reading.copy import Reading, Retired
from compliance.reading.followed import known_by
from compliance.register.engine import writing
from compliance.requests import along, asks, clock, effects, given, record, rest, resumed, steps
from compliance.requests.clock import Standing
from compliance.requests.steps import Decided, Facts, Received, Recorded
from compliance.requests.tables import (
    LENGTHS,
    SOURCE,
    Channel,
    Clock,
    Decision,
    Kind,
    Outcome,
    Requester,
    Role,
    Step,
    Verdict,
    request,
    request_step,
)
from compliance.words.deadlines import STOCKHOLM
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

_TEXTS = ("name", "email", "phone", "reference", "customer")
_REFERENCE = re.compile(r"[\w./:#-][\w ./:#-]*")
# No request is older: the regulation applies from this day.
SINCE = dt.date(2018, 5, 25)


@dataclass(frozen=True)
class Asked:
    """A request as somebody enters it. Of what it gives of its sender one thing is enough to answer by."""

    kind: str
    channel: str
    received_on: dt.date | None
    requester: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    reference: str | None = None
    customer: str | None = None

    def trimmed(self) -> Asked:
        """The same without blanks around what was typed, and nothing where that is all."""
        told = {name: " ".join((getattr(self, name) or "").split()) or None for name in _TEXTS}
        return Asked(self.kind, self.channel, self.received_on, self.requester or None, **told)


def problems(asked: Asked, today: dt.date) -> dict[str, str]:
    """What keeps a request from being entered, by field, as a word of `request_problem`; nothing where nothing does."""
    found: dict[str, str] = {}
    for field, codes in (("kind", Kind), ("channel", Channel)):
        if getattr(asked, field) not in list(codes):
            found[field] = "choose"
    if asked.requester is not None and asked.requester not in list(Requester):
        found["requester"] = "choose"
    if asked.received_on is None:
        found["received_on"] = "day"
    elif asked.received_on > today:
        found["received_on"] = "future"
    elif asked.received_on < SINCE:
        found["received_on"] = "long_ago"
    told = asked.trimmed()
    if told.email and not addresses(told.email).keys:
        found["email"] = "email"
    if told.phone and not numbers(told.phone).keys:
        found["phone"] = "phone"
    for field in ("reference", "customer"):
        if ledger.looks_personal(getattr(told, field) or ""):
            found[field] = "personal"
    if told.reference and not _REFERENCE.fullmatch(told.reference):
        found.setdefault("reference", "reference")
    if asked.requester == Requester.ENV_USER:
        if not told.customer:
            found["customer"] = "customer"
    elif not (told.name or told.email or told.phone):
        found["name"] = "nobody"
    for field in _TEXTS:
        if len(getattr(told, field) or "") > LENGTHS[field]:
            found[field] = "long"
    return found


def register(at: At, reading: Reading | None, asked: Asked) -> int:
    """Enters a request and returns its number; whom it may be from is looked for in `reading`, and told by the page.
    Where the copy is another by now, the next one finds them.

    Raises Refused `not_allowed`, `request_field_wrong` with the field and why, and `request_known` with the number of
    one that has the same reference.
    """
    _handles(at)
    asked = asked.trimmed()
    wrong = problems(asked, at.today)
    if wrong or asked.received_on is None:
        field = next(iter(wrong))
        raise Refused("request_field_wrong", field=field, problem=wrong[field])
    facts = Received(
        kind=Kind(asked.kind),
        channel=Channel(asked.channel),
        requester=Requester(asked.requester) if asked.requester else None,
        customer=asked.customer,
    )
    reference = asked.reference or f"{asked.received_on:%Y%m%d}-{secrets.token_hex(3)}"
    contact = {name: getattr(asked, name) for name in record.CONTACT}
    met = None if reading is None or facts.role is Role.PROCESSOR else _look(at, reading, contact)
    with writing(at.register) as connection:
        known = connection.scalar(
            sa.select(request.c.request_id).where(request.c.source == SOURCE, request.c.reference == reference)
        )
        known = known or record.forgotten(connection, SOURCE, reference)
        if known is not None:
            raise Refused("request_known", request=str(known))
        number = connection.scalars(
            sa.insert(request)
            .values(
                source=SOURCE, reference=reference, kind=facts.kind.value, role=facts.role.value,
                requester=facts.requester, channel=facts.channel.value, received_on=asked.received_on,
                received_at=_instant(asked.received_on, at), name=asked.name, email=asked.email, phone=asked.phone,
                customer=asked.customer, handler=at.author.pseudonym if at.author else None,
                first_seen_at=at.now, updated_at=at.now,
            )
            .returning(request.c.request_id)
        ).one()  # fmt: skip
        record.know_sender(connection, number, contact)
        record.enter(connection, number, Step.RECEIVED, asked.received_on, facts, author=at.author, now=at.now)
        if met is not None and met.is_current(connection):
            _keep_found(connection, at, record.row_of(connection, number), met)
        return int(number)


def match(at: At, reading: Reading, number: int) -> int:
    """Looks anew for whom an open request that came in by hand may be from; returns how many are offered besides.

    Raises Refused `not_allowed`, `request_unknown`, and `request_build_changed` where the copy is another by now.
    """
    _handles(at)
    with at.register.connect() as connection:
        row = record.row_of(connection, number)
    if row["source"] != SOURCE or not given.is_looked_for(row):
        return 0
    met = _look(at, reading, row)
    with writing(at.register) as connection:
        row = record.row_of(connection, number)
        if not given.is_looked_for(row):
            # Somebody has closed it meanwhile.
            return 0
        if met is None or not met.is_current(connection):
            raise Refused("request_build_changed")
        return _keep_found(connection, at, row, met)


def give_sender(at: At, reading: Reading | None, number: int, contact: Mapping[str, str | None]) -> int:
    """Says who an open request that came in by hand is from, in the place of who was given before, and looks for them;
    returns how many persons are offered. What `contact` does not give is not known.

    Raises Refused `not_allowed`, `request_unknown`, `request_already_closed`, `request_sender_exported` for one of a
    form, whose export says it, `request_sender_acted` where something was done to who was given before, and
    `request_field_wrong` with the field and why.
    """
    _handles(at)
    with at.register.connect() as connection:
        row = record.row_of(connection, number)
    names = {name: contact.get(name) for name in record.CONTACT}
    asked = Asked(row["kind"], row["channel"], row["received_on"], row["requester"], customer=row["customer"], **names)
    told = asked.trimmed()
    found = {name: getattr(told, name) for name in record.CONTACT}
    wrong = {field: problem for field, problem in problems(asked, at.today).items() if field in record.CONTACT}
    if wrong:
        field = next(iter(wrong))
        raise Refused("request_field_wrong", field=field, problem=wrong[field])
    met = _look(at, reading, found) if reading is not None and given.is_looked_for(row) else None
    with writing(at.register) as connection:
        row = record.row_of(connection, number)
        if row["closed_on"] is not None:
            raise Refused("request_already_closed")
        if row["source"] != SOURCE:
            raise Refused("request_sender_exported")
        is_given = any(row[name] for name in record.CONTACT)
        if is_given and steps.has_acted(record.recorded(connection, number)):
            raise Refused("request_sender_acted")
        record.give_sender(connection, row, found, author=at.author, now=at.now)
        if met is None or not met.is_current(connection):
            return 0
        return _keep_found(connection, at, row, met)


@dataclass(frozen=True)
class _Met:
    """Whom a request may be from in a build: what speaks for and against each person, and what they are known by."""

    build: int
    persons: Mapping[str, str]
    known_by: Mapping[str, set[str]]

    def is_current(self, connection: sa.Connection) -> bool:
        """Whether the build is the copy of now; in another, its ids may mean nothing."""
        return bool(connection.scalar(sa.select(pointer.c.build_id)) == self.build)


def _look(at: At, reading: Reading, contact: Mapping[str, Any]) -> _Met | None:
    """Asks the copy; before the register is locked, since that takes its time. None where the build has gone."""
    try:
        found = given.matches(lambda key: reading.rows(asks.GIVEN_PERSONS, key=key), contact)
        return _Met(reading.build, found, {person: known_by(at.settings, reading, person) for person in found})
    except Retired:
        return None


def _keep_found(connection: sa.Connection, at: At, row: Mapping[str, Any], met: _Met) -> int:
    is_late = steps.is_acted_on(record.recorded(connection, row["request_id"]))
    found = given.remember(connection, row, met.persons, met.known_by.__getitem__, at.now, is_late=is_late)
    if found:
        told = steps.Found(verdict=Verdict.FOUND, persons=found)
        record.enter(connection, row["request_id"], Step.FOUND, at.today, told, author=at.author, now=at.now)
    return found


def write(
    at: At,
    number: int,
    step: Step,
    day: dt.date,
    facts: Mapping[str, Any] | None = None,
    *,
    reading: Reading | None = None,
) -> int:
    """Records a step that happened on a day, and returns its number.

    Raises Refused `not_allowed`, `request_unknown`, `request_step_unfit` for one that does not come next,
    `request_day_wrong` for a day before the request or after today, or a closing or reopening that by its day would
    not count, what steps.facts_from and steps.check_decision raise, for one that would close it what `_check_end` does,
    and for one that takes effect what effects.take does.
    """
    _handles(at)
    told = steps.facts_from(step, facts or {})
    # Asked of the copy before the register is locked.
    looks = step in (Step.CLOSED, Step.EFFECTIVE, Step.DECIDED) and reading is not None
    asked_by = _persons(at, reading, number) if looks and reading is not None else None
    held = _held(at, reading, number, told) if looks and reading is not None else []
    with writing(at.register) as connection:
        row = record.row_of(connection, number)
        before = record.recorded(connection, number)
        if step not in may_follow(row, before):
            raise Refused("request_step_unfit", step=step.value)
        _check_day(at, row, day)
        standing = clock.standing(row, before, at.parameters, at.today)
        # Nobody can look for a customer's, or without a copy.
        stored = None if asked_by is None or row["role"] == Role.PROCESSOR else sum(
            one.bases for one in asked_by if one.is_sure
        )  # fmt: skip
        _check(connection, row, before, step, told, day, standing, stored)
        sure, in_doubt = _whom(connection, row, asked_by or [])
        done = effects.take(connection, at, reading, row, step, told, sure, in_doubt=in_doubt)
        for kept in held:
            record.enter(connection, number, Step.DECIDED, day, kept, author=None, now=at.now)
        step_id = record.enter(connection, number, step, day, told, author=at.author, now=at.now)
        if done is not None:
            record.enter(connection, number, done, at.today, steps.FACTS[done](), author=at.author, now=at.now)
        _check_stands(connection, at, row, step)
        return step_id


def take_up(at: At, reading: Reading, number: int) -> int:
    """Opens a closed erasure again of which something was kept that may go now, with a new month, and what has ended of
    what kept it as the reason; returns the number of the step.

    Raises Refused `not_allowed`, `request_unknown`, `request_nothing_freed` where everything that is stored is kept
    still, and what `write` does.
    """
    _handles(at)
    with at.register.connect() as connection:
        record.row_of(connection, number)
    found = resumed.waiting(at.register, reading, number=number)
    if not found:
        raise Refused("request_nothing_freed")
    facts = {"clock": Clock.ANEW, "resumes": found[0].why}
    return write(at, number, Step.REOPENED, at.today, facts, reading=reading)


def write_each(
    at: At, numbers: Iterable[int], step: Step, day: dt.date, facts: Mapping[str, Any] | None = None
) -> dict[int, Refused]:
    """Records a step of several requests, of each as `write` does it alone, with its own line; returns of which it was
    refused, and why. Raises Refused `not_allowed`.
    """
    _handles(at)
    refused = {}
    for number in numbers:
        try:
            write(at, number, step, day, facts)
        except Refused as why:
            refused[number] = why
    return refused


def waited_for(register: sa.Engine, numbers: Sequence[int]) -> list[str]:
    """The recipients that every one of some requests waits for."""
    with register.connect() as connection:
        told = steps.history(connection, request_step.c.request_id.in_(numbers))
    waits = [steps.open_recipients(told.get(number, [])) for number in numbers]
    return [one for one in waits[0] if all(one in others for others in waits)] if waits else []


def decide_in(connection: sa.Connection, at: At, number: int, decision: Decision) -> None:
    """Records that something was decided of all of an open request, by an act in whose transaction this is; nothing
    where that stands there already.

    Raises Refused `not_allowed`, `request_unknown`, `request_already_closed`, and what steps.check_decision does.
    """
    _handles(at)
    row = record.row_of(connection, number)
    if row["closed_on"] is not None:
        raise Refused("request_already_closed")
    told = Decided(decision=decision)
    steps.check_decision(Kind(row["kind"]), told, at.today)
    if told not in [one.facts for one in steps.effective(record.recorded(connection, number))]:
        record.enter(connection, number, Step.DECIDED, at.today, told, author=at.author, now=at.now)


def correct(at: At, number: int, which: int | Step, day: dt.date, facts: Mapping[str, Any] | None) -> int:
    """Puts another day and other facts in a step's place, or nothing where `facts` is None; what stood there stays to
    be read. `which` is the step's number, or its kind where an export has told it.

    Raises Refused `not_allowed`, `request_unknown`, `request_step_unknown`, `request_step_corrected` for one that has
    been corrected already, `request_step_fixed` for one that steps.may_correct or, where it is to be struck out,
    steps.may_strike says no of, `request_receipt_wrong` for a receipt after what followed it, `request_kind_acted` for
    one of something else, or somebody else's to answer, than what was done to whom it is from, `request_decision_acts`
    for a decision that would have to take effect, and what `write` does for the day and the facts.
    """
    _handles(at)
    with writing(at.register) as connection:
        row = record.row_of(connection, number)
        step_id = record.kept(connection, row, which) if isinstance(which, Step) else which
        recorded = record.recorded(connection, number)
        was = next((one for one in recorded if one.step_id == step_id), None)
        if was is None:
            raise Refused("request_step_unknown")
        if was.corrected_by is not None:
            raise Refused("request_step_corrected")
        if not (steps.may_strike(was) if facts is None else steps.may_correct(was)):
            raise Refused("request_step_fixed")
        step = Step.NOT_SO if facts is None else was.step
        told = steps.facts_from(step, facts or {})
        if steps.acts(told) and told != was.facts:
            # To put it right is not to do it.
            raise Refused("request_decision_acts")
        others = [one for one in recorded if one is not was]
        if was.step is Step.RECEIVED:
            _check_receipt(at, row, told, day, others)
        else:
            _check_day(at, row, day)
        _check(connection, row, others, step, told, day, clock.standing(row, others, at.parameters, day), None)
        entered = record.enter(connection, number, step, day, told, author=at.author, now=at.now, corrects=step_id)
        _check_stands(connection, at, row, step, corrects=True)
        return entered


def may_follow(row: Mapping[str, Any], told: Sequence[Recorded]) -> tuple[Step, ...]:
    """What people at the desk may record of a request next."""
    if row["closed_on"] is not None:
        return (Step.LETTER, Step.REOPENED, Step.LINKED) if row["forgotten_on"] is None else ()
    always = (Step.TAKEN, Step.LETTER, Step.ANSWERED, Step.LINKED, Step.CLOSED, Step.WITHDRAWN)
    if row["role"] == Role.PROCESSOR:
        return (*always, *([] if row["forwarded_on"] else [Step.FORWARDED]))
    is_asked = row["identity_asked_on"] is not None and row["identity_answered_on"] is None
    return (
        *always,
        Step.IDENTITY_ANSWERED if is_asked else Step.IDENTITY_ASKED,
        *([] if row["extension_notice_on"] else [Step.EXTENDED]),
        Step.DECIDED,
        *([Step.EFFECTIVE] if steps.takes_effect_at_once(row["kind"]) and not row["effect_on"] else []),
        # What is erased is erased by the purge desk alone.
        *([] if steps.erases(row["kind"], told) else [Step.EXECUTED]),
        Step.RECIPIENT_DUE,
        *([Step.RECIPIENT_TOLD] if steps.open_recipients(told) else []),
    )


def _check_day(at: At, row: Mapping[str, Any], day: dt.date) -> None:
    if not row["received_on"] <= day <= at.today:
        raise Refused("request_day_wrong", received_on=row["received_on"], today=at.today)


def _check_receipt(at: At, row: Mapping[str, Any], told: Facts, day: dt.date, others: Sequence[Recorded]) -> None:
    latest = min((one.happened_on for one in steps.effective(others)), default=at.today)
    if not SINCE <= day <= latest:
        raise Refused("request_receipt_wrong", since=SINCE, latest=latest)
    if not isinstance(told, Received):
        return
    if told.role is Role.PROCESSOR and told.customer is None:
        raise Refused("request_fact_wrong", fact="customer")
    if (told.kind, told.role) != (row["kind"], row["role"]) and steps.has_acted(others):
        # It was done to somebody for what was asked then.
        raise Refused("request_kind_acted")
    for one in steps.effective(others) if told.kind != row["kind"] else ():
        if isinstance(one.facts, Decided):
            steps.check_decision(told.kind, one.facts, one.happened_on)


def _check_stands(
    connection: sa.Connection, at: At, before: Mapping[str, Any], step: Step, *, corrects: bool = False
) -> None:
    """Raises Refused `request_day_wrong` where what follows from all steps, which go by their days, is not what the
    last one says: a closing, a reopening, a question or its answer stands before one that it was to come after.
    """
    now = record.row_of(connection, before["request_id"])
    ends = {} if corrects else {Step.CLOSED: True, Step.WITHDRAWN: True, Step.REOPENED: False}
    is_closed = ends.get(step, before["closed_on"] is not None)
    pauses = steps.pauses(now, record.recorded(connection, before["request_id"]))
    # What was asked before the month began anew waits for nothing.
    since = now["clock_from"] or dt.date.min
    waits = [one.answered_on is None for one in pauses if one.asked_on > since]
    if corrects:
        is_answered = step in (Step.IDENTITY_ASKED, Step.IDENTITY_ANSWERED) and (
            before["identity_answered_on"] is not None
        )
    else:
        is_answered = step is Step.IDENTITY_ANSWERED
    is_unheard = any(waits if is_answered else waits[:-1])
    if is_unheard or (now["closed_on"] is not None) is not is_closed:
        raise Refused("request_day_wrong", received_on=now["received_on"], today=at.today)


def _check(
    connection: sa.Connection,
    row: Mapping[str, Any],
    before: Sequence[Recorded],
    step: Step,
    facts: Facts,
    day: dt.date,
    standing: Standing,
    stored: int | None,
) -> None:
    if isinstance(facts, Decided):
        steps.check_decision(Kind(row["kind"]), facts, day)
    if isinstance(facts, steps.RecipientTold) and facts.recipient not in steps.open_recipients(before):
        raise Refused("request_recipient_unknown")
    if isinstance(facts, steps.Executed) and facts != steps.Executed():
        raise Refused("request_step_unfit", step=step.value)
    if isinstance(facts, steps.Linked):
        _check_link(connection, row["request_id"], facts.other)
    if isinstance(facts, steps.Closed):
        _check_end(row, before, facts.outcome, standing, stored)


def _check_end(
    row: Mapping[str, Any], before: Sequence[Recorded], outcome: Outcome, standing: Standing, stored: int | None
) -> None:
    """Raises Refused for an end that what was recorded does not bear: `request_end_unfit`, `request_not_forwarded`,
    `request_identity_wait`, `request_still_stored`, `request_no_effect`, `request_not_decided`,
    `request_recipients_open`, `request_not_answered`.
    """
    passes_on = row["role"] == Role.PROCESSOR
    if outcome in (Outcome.WITHDRAWN, Outcome.OTHER) or (outcome is Outcome.REDIRECTED) != passes_on:
        raise Refused("request_end_unfit")
    if passes_on:
        if row["forwarded_on"] is None:
            raise Refused("request_not_forwarded")
        return
    if outcome is Outcome.NOT_IDENTIFIED and not standing.unidentified:
        raise Refused("request_identity_wait")
    decided = [one.facts for one in steps.effective(before) if isinstance(one.facts, Decided)]
    is_done = any(one.step in (Step.EXECUTED, Step.EFFECTIVE) for one in steps.effective(before))
    if outcome is Outcome.NOT_FOUND and stored:
        raise Refused("request_still_stored", bases=stored)
    if outcome is Outcome.DONE:
        # Of whoever objects that is all gone which was to go, once a purge has taken it.
        is_gone = row["kind"] != Kind.ERASURE and steps.is_purged(before)
        if steps.erases(row["kind"], before) and stored and not is_gone:
            raise Refused("request_still_stored", bases=stored)
        if not (decided or is_done):
            raise Refused("request_not_decided")
    if outcome in (Outcome.DONE, Outcome.PARTIAL) and standing.effect_due_on is not None:
        raise Refused("request_no_effect")
    kept = {Decision.KEEP, Decision.REFUSE, *([Decision.RESTRICT] if row["kind"] == Kind.ERASURE else [])}
    if outcome in (Outcome.PARTIAL, Outcome.REFUSED) and not any(one.decision in kept for one in decided):
        raise Refused("request_not_decided")
    waits = steps.open_recipients(before)
    if waits:
        raise Refused("request_recipients_open", recipients=len(waits))
    if row["answered_on"] is None:
        raise Refused("request_not_answered")


def _persons(at: At, reading: Reading, number: int) -> list[asks.RequestPerson]:
    """The persons whom a request is or may be from. Raises Refused `request_unknown`."""
    with at.register.connect() as connection:
        row = record.row_of(connection, number)
    return asks.persons_of(reading, row)


def _held(at: At, reading: Reading, number: int, told: Facts) -> list[Decided]:
    """What a hold keeps of an erasure that is closed in part or refused, without that anybody has decided so, as a
    decision of each category would say it: once the hold is released, that is to be erased.
    """
    if not (isinstance(told, steps.Closed) and told.outcome in (Outcome.PARTIAL, Outcome.REFUSED)):
        return []
    with at.register.connect() as connection:
        row = record.row_of(connection, number)
        recorded = record.recorded(connection, number)
    if row["role"] == Role.PROCESSOR or not steps.erases(row["kind"], recorded):
        return []
    entries = reading.rows(asks.REQUEST_ENTRIES, source=row["source"], reference=row["reference"])
    return rest.kept_by_hold(rest.decisions(recorded), entries, at.today)


def _whom(
    connection: sa.Connection, row: Mapping[str, Any], asked_by: Sequence[asks.RequestPerson]
) -> tuple[set[str], bool]:
    """Whom a request is surely from, by what the copy told before the register was locked, by whom somebody has found
    since, and by what was said of it; and whether there are others whom it may be from.
    """
    number = row["request_id"]
    said = along.said(connection, number)
    confirmed = {person for person, verdict in said.items() if verdict is Verdict.CONFIRMED}
    told = {one.person_id: one.is_sure for one in asked_by}
    if row["source"] == SOURCE:
        # What a build finds for a form's comes with the build.
        since = along.found(connection, number)
        told = {**{person: not words & set(given.AGAINST) for person, words in since.items()}, **told}
    possible = {person for person in told if said.get(person) is not Verdict.REJECTED}
    unsaid = {person for person in possible - said.keys() if told[person]}
    # Of several, somebody says.
    sure = confirmed | (unsaid if len(unsaid) == 1 else set())
    return sure, bool(possible - sure)


def _check_link(connection: sa.Connection, number: int, other: int) -> None:
    if other == number:
        raise Refused("request_link_own")
    record.row_of(connection, other)


def _instant(day: dt.date, at: At) -> dt.datetime:
    """When it came in, as far as a day tells it."""
    return at.now if day == at.today else dt.datetime.combine(day, dt.time(12), STOCKHOLM)


def _handles(at: At) -> None:
    """Raises Refused `not_allowed` for who may not record; the command line, which is nobody, may."""
    if at.actor is not None:
        at.require_of_all(Permission.HANDLE_REQUESTS)
