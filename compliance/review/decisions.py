"""What waits for somebody: one list of decisions, the most urgent first, for the page, the digest and the report.

A decision names nobody. It says what waits, how much of it, since when, who may take it, and where that is done.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import sqlalchemy as sa

from compliance import access, ledger
from compliance.access import Actor
from compliance.access.at import At
from compliance.controls import state as controls
from compliance.findings import gather
from compliance.findings import state as findings
from compliance.holds import listing, losses
from compliance.identity import verbs as identity
from compliance.incidents import state as incidents
from compliance.incidents.tables import StepKind
from compliance.marks import listing as marks
from compliance.policy import tables as policy_tables
from compliance.purge import batches
from compliance.purge import tables as purge_tables
from compliance.purge.batches import Batch
from compliance.purge.tables import State
from compliance.reading.copy import Reading
from compliance.rectification import listing as corrections
from compliance.rectification.tables import State as Corrected
from compliance.requests import asks as requests_asks
from compliance.requests import backlog, resumed
from compliance.review import alarms, asks
from compliance.review.alarms import Looked
from compliance.review.kpis import Measured
from compliance.sources import rows as sources_rows
from compliance.sources.freshness import Freshness
from compliance.suppression import verbs as suppression
from compliance.words.deadlines import RequestState, local_date
from compliance.words.refusal import Refused
from compliance.words.remembered import Remembered
from compliance.words.vocabulary import Permission, Role


class Urgency(IntEnum):
    """What comes first."""

    # Something is not as it has to be, or a day that the law sets has passed.
    ALARM = 0
    # It keeps others waiting, or its day comes within the week.
    NOW = 1
    OPEN = 2


class Kind(StrEnum):
    """What is to be decided, in the order in which it is told. Texts: `decision.<value>`, `decision_do.<value>`."""

    LEDGER = "ledger"
    EVIDENCE = "evidence"
    INCIDENT = "incident"
    OFFICES = "offices"
    STALE = "stale"
    REQUESTS_LATE = "requests_late"
    RESURFACED = "resurfaced"
    HOLDS_LOST = "holds_lost"
    MARKS_LOST = "marks_lost"
    DECISIONS_LOST = "decisions_lost"
    OVERDUE = "overdue"
    INTERRUPTED = "interrupted"
    REQUESTS_SOON = "requests_soon"
    APPROVE = "approve"
    CONFIRM = "confirm"
    CARRY_OUT = "carry_out"
    CLOCKS = "clocks"
    RULES = "rules"
    FINDINGS_ANSWER = "findings_answer"
    WHO_FROM = "who_from"
    RESUME = "resume"
    HOLDS_REVIEW = "holds_review"
    RESTRICTIONS_REVIEW = "restrictions_review"
    LET_IN = "let_in"
    POSSIBLE = "possible"
    NOT_CORRECTED = "not_corrected"
    CORRECTIONS = "corrections"
    UNCONFIRMED = "unconfirmed"
    KEPT_OUT = "kept_out"
    DOUBLES = "doubles"
    UNDETERMINED = "undetermined"
    FINDINGS = "findings"


@dataclass(frozen=True)
class _Way:
    """How a kind of decision is taken: how urgent it is, what one has to be allowed, and on which page."""

    urgency: Urgency
    permission: Permission | None
    page: str | None


_BATCH, _DESK, _HOLDS = "pages/purge/batch.py", "pages/purge/purge.py", "pages/holds/holds.py"
_MARKS, _PERSON = "pages/marks/marks.py", "pages/person/person.py"
_ERASURE, _EXPIRIES = "pages/requests/erasure.py", "pages/review/expiries.py"
_REQUEST = "pages/requests/request.py"
_FINDINGS = "pages/findings/findings.py"
_DOUBLES, _INTAKE = "pages/identity/doubles.py", "pages/intake/intake.py"
_WAYS: Mapping[Kind, _Way] = {
    Kind.LEDGER: _Way(Urgency.ALARM, None, "pages/review/ledger.py"),
    Kind.EVIDENCE: _Way(Urgency.ALARM, None, None),
    Kind.OFFICES: _Way(Urgency.ALARM, Permission.RECORD_CONTROLS, "pages/controls/controls.py"),
    Kind.INCIDENT: _Way(Urgency.ALARM, Permission.HANDLE_INCIDENTS, "pages/incidents/incident.py"),
    Kind.STALE: _Way(Urgency.ALARM, Permission.RUN_INTAKE, _INTAKE),
    Kind.REQUESTS_LATE: _Way(Urgency.ALARM, Permission.PROPOSE_PURGE, _ERASURE),
    Kind.RESURFACED: _Way(Urgency.ALARM, Permission.FETCH_ORDERS, _BATCH),
    Kind.HOLDS_LOST: _Way(Urgency.ALARM, Permission.MANAGE_HOLDS, _HOLDS),
    Kind.MARKS_LOST: _Way(Urgency.ALARM, Permission.MARK_PERSONS, _MARKS),
    Kind.DECISIONS_LOST: _Way(Urgency.ALARM, Permission.DECIDE_IDENTITY, _DOUBLES),
    Kind.OVERDUE: _Way(Urgency.ALARM, Permission.PROPOSE_PURGE, _EXPIRIES),
    Kind.INTERRUPTED: _Way(Urgency.NOW, Permission.EXECUTE_PURGE, _BATCH),
    Kind.REQUESTS_SOON: _Way(Urgency.NOW, Permission.PROPOSE_PURGE, _ERASURE),
    Kind.APPROVE: _Way(Urgency.NOW, Permission.APPROVE_PURGE, _BATCH),
    Kind.CONFIRM: _Way(Urgency.NOW, Permission.EXECUTE_PURGE, _BATCH),
    Kind.CARRY_OUT: _Way(Urgency.NOW, Permission.EXECUTE_PURGE, _BATCH),
    # Taken where it is shown.
    Kind.CLOCKS: _Way(Urgency.NOW, Permission.DECIDE_MOVED, None),
    Kind.FINDINGS_ANSWER: _Way(Urgency.NOW, Permission.HANDLE_FINDINGS, _FINDINGS),
    Kind.RULES: _Way(Urgency.NOW, Permission.CHANGE_RULES, "pages/policy/policy.py"),
    Kind.WHO_FROM: _Way(Urgency.NOW, Permission.DECIDE_IDENTITY, _ERASURE),
    Kind.RESUME: _Way(Urgency.NOW, Permission.HANDLE_REQUESTS, _REQUEST),
    Kind.HOLDS_REVIEW: _Way(Urgency.NOW, Permission.MANAGE_HOLDS, _HOLDS),
    Kind.RESTRICTIONS_REVIEW: _Way(Urgency.NOW, Permission.MARK_PERSONS, _MARKS),
    Kind.LET_IN: _Way(Urgency.NOW, Permission.PROPOSE_PURGE, _DESK),
    Kind.POSSIBLE: _Way(Urgency.NOW, Permission.PROPOSE_PURGE, _DESK),
    Kind.NOT_CORRECTED: _Way(Urgency.NOW, Permission.CORRECT_PERSONS, _PERSON),
    Kind.CORRECTIONS: _Way(Urgency.OPEN, Permission.CORRECT_PERSONS, _PERSON),
    Kind.UNCONFIRMED: _Way(Urgency.OPEN, Permission.FETCH_ORDERS, _DESK),
    Kind.KEPT_OUT: _Way(Urgency.OPEN, Permission.FETCH_ORDERS, _DESK),
    Kind.DOUBLES: _Way(Urgency.OPEN, Permission.DECIDE_IDENTITY, _DOUBLES),
    Kind.UNDETERMINED: _Way(Urgency.OPEN, Permission.SEE_PERSONS, _EXPIRIES),
    Kind.FINDINGS: _Way(Urgency.OPEN, Permission.HANDLE_FINDINGS, _FINDINGS),
}
# For so many readers, each with a role and categories of their own.
_REMEMBERED = 50
# Only who owns every category may say.
_OF_ALL = (Kind.LET_IN, Kind.POSSIBLE, Kind.RESUME)


@dataclass(frozen=True)
class Decision:
    """Something that waits. `may` is whether who acts may take it, `roles` who may besides; nobody by role is whoever
    runs the server. `page` is None where it is taken where it is shown. `told` fills the texts; nothing in it is about
    a person.
    """

    kind: Kind
    urgency: Urgency
    count: int
    since: dt.date | None
    roles: tuple[Role, ...]
    may: bool
    page: str | None
    filters: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str | int | dt.date] = field(default_factory=dict)

    def days(self, as_of: dt.date) -> int | None:
        """How many days it has waited; None where nobody knows since when."""
        return None if self.since is None else max(0, (as_of - self.since).days)


def decisions(
    at: At,
    reading: Reading,
    measured: Mapping[str, Measured],
    fresh: Sequence[Freshness],
    looked: Looked | None = None,
) -> list[Decision]:
    """All that waits for a decision, the most urgent first and of those what has waited longest. `looked` is what the
    caller has found already of what is not as it was written.

    What a source that is too old leaves unknown is not told; that it is too old is. Raises copy.Retired.
    """
    order = list(Kind)
    with at.register.connect() as connection:
        head = ledger.last_change(connection)
    found = [
        *_of_the_ledger(at, looked),
        *_of_incidents(at),
        *_of_offices(at),
        *_of_sources(at, reading, fresh),
        *_recorded.of(
            (at.register, head, at.actor, at.today, at.parameters.as_json, reading.key),
            lambda: _of_the_register(at, reading),
        ),
        *_of_entries(at, reading, measured),
        *_of_findings(at, reading, measured),
    ]
    return sorted(found, key=lambda one: (one.urgency, order.index(one.kind), one.since or dt.date.max))


# Asked anew only once the ledger has another line, as each change of these has one.
_recorded: Remembered[Sequence[Decision]] = Remembered(_REMEMBERED)


def _of_the_register(at: At, reading: Reading) -> Sequence[Decision]:
    return (
        *_of_batches(at),
        *_of_rules(at),
        *_of_requests(at, reading),
        *_of_holds(at, reading.as_of),
        *_of_marks(at, reading.as_of),
        *_of_corrections(at),
        *_of_identity(at, reading),
        *_of_returns(at),
    )


def _decision(
    at: At,
    kind: Kind,
    count: int,
    since: dt.date | None = None,
    *,
    not_by: str | None = None,
    filters: Mapping[str, str] | None = None,
    **told: str | int | dt.date,
) -> Decision:
    way = _WAYS[kind]
    roles = tuple(role for role in Role if way.permission is not None and way.permission in access.TABLE[role])
    may = at.actor is not None and at.actor.role in roles and at.actor.pseudonym != not_by
    if kind in _OF_ALL and at.actor is not None and at.actor.categories is not None:
        may = False
    return Decision(kind, way.urgency, count, since, roles, may, way.page, filters or {}, {"count": count, **told})


def _of_the_ledger(at: At, looked: Looked | None) -> Iterator[Decision]:
    if at.actor is not None and not access.may(at.actor, Permission.SEE_LEDGER):
        return
    try:
        found = looked or alarms.look(at.settings, at.register, at.now)
    except Refused:
        # What keeps it from being checked is an alarm of its own; not checked it is all the same.
        yield _decision(at, Kind.LEDGER, 1)
        return
    if found.faults:
        yield _decision(at, Kind.LEDGER, found.faults)
    if found.missing:
        yield _decision(at, Kind.EVIDENCE, found.missing)


def _of_offices(at: At) -> Iterator[Decision]:
    """Who is DPO and who is CISO, where nobody is or the two cannot be one. What was accepted is told all the same."""
    found = controls.alerts(controls.known(at.register), at.today)
    if found:
        days = [one.since for one in found if one.since is not None]
        yield _decision(at, Kind.OFFICES, len(found), min(days, default=None))


def _of_incidents(at: At) -> Iterator[Decision]:
    """An incident that is open: loud while somebody is still to be told, quiet afterwards. For whoever may see them."""
    if at.actor is not None and not access.may(at.actor, Permission.SEE_LEDGER):
        return
    for one in incidents.going_on(at.register):
        waits = one.waits(at.parameters, at.now)
        told = _decision(
            at, Kind.INCIDENT, 1, local_date(one.aware_at or one.opened_at),
            filters={"incident": str(one.incident_id)},
            incident=one.incident_id, step=(waits or [StepKind.CLOSED])[0],
        )  # fmt: skip
        is_loud = any(clock.is_open() for clock in one.clocks(at.parameters, at.now))
        yield told if is_loud else dataclasses.replace(told, urgency=Urgency.OPEN)


def _of_sources(at: At, reading: Reading, fresh: Sequence[Freshness]) -> Iterator[Decision]:
    for one in fresh:
        if one.stale and one.exported_at is not None:
            since = local_date(one.exported_at + dt.timedelta(hours=one.max_age_hours))
            yield _decision(at, Kind.STALE, 1, since, source=one.name)
    moved = sources_rows.undecided(at.register, reading)
    if moved:
        exports = {(one.dataset, one.build) for one in moved}
        yield _decision(at, Kind.CLOCKS, len(exports), persons=sum(one.persons for one in moved))


def _of_batches(at: At) -> Iterator[Decision]:
    kinds = {State.PROPOSED: Kind.APPROVE, State.EXECUTING: Kind.INTERRUPTED, State.RESURFACED: Kind.RESURFACED}
    for batch in batches.listing(at.register, (*purge_tables.UNSETTLED, State.EXECUTING)):
        kind = kinds.get(batch.state)
        since = batch.executed_at or batch.approved_at or batch.proposed_at
        not_by = None
        if batch.state is State.APPROVED:
            kind = Kind.CONFIRM if batch.large and batch.confirmed_by is None else Kind.CARRY_OUT
        if batch.state is State.PROPOSED:
            not_by = batch.proposed_by
        if kind is not None:
            told = _decision(
                at, kind, batch.planned, local_date(since), not_by=not_by, filters={"batch": str(batch.batch_id)},
                batch=str(batch.batch_id),
            )  # fmt: skip
            yield told if _owns(at.actor, batch) else _others(told)
    unconfirmed = batches.count_unconfirmed(at.register)
    if unconfirmed:
        yield _decision(at, Kind.UNCONFIRMED, unconfirmed)


def _owns(actor: Actor | None, batch: Batch) -> bool:
    """Whether a batch is of nothing but what the actor owns, as far as its list says."""
    return actor is None or actor.categories is None or batch.filters.get("category") in actor.categories


def _others(one: Decision) -> Decision:
    return dataclasses.replace(one, may=False)


def _of_rules(at: At) -> Iterator[Decision]:
    change = policy_tables.rule_change
    with at.register.connect() as connection:
        waiting = connection.execute(
            sa.select(change.c.change_id, change.c.holds_from, change.c.proposed_at, change.c.proposed_by)
            .where(change.c.state == policy_tables.State.PROPOSED)
            .order_by(change.c.change_id)
        ).all()
    for one in waiting:
        yield _decision(
            at, Kind.RULES, 1, local_date(one.proposed_at), not_by=one.proposed_by,
            number=str(one.change_id), day=one.holds_from,
        )  # fmt: skip


def _of_requests(at: At, reading: Reading) -> Iterator[Decision]:
    found = backlog.remembered(at.register, reading, reading.as_of, at.parameters)
    late = [one for one in found if one.state is RequestState.OVERDUE]
    soon = [one for one in found if one.state is RequestState.DUE_SOON]
    if late:
        oldest = min(one.due_on for one in late)
        yield _decision(at, Kind.REQUESTS_LATE, len(late), oldest, filters={"state": RequestState.OVERDUE.value})
    if soon:
        first = min(one.received_on for one in soon)
        yield _decision(at, Kind.REQUESTS_SOON, len(soon), first, filters={"state": RequestState.DUE_SOON.value})
    undecided = reading.one(requests_asks.UNDECIDED).requests
    if undecided:
        yield _decision(at, Kind.WHO_FROM, undecided)
    for one in resumed.waiting(at.register, reading):
        yield _decision(
            at, Kind.RESUME, one.bases, one.since, filters={"number": str(one.number)},
            number=str(one.number), why=one.why.value,
        )  # fmt: skip


def _of_holds(at: At, as_of: dt.date) -> Iterator[Decision]:
    lost = losses.waiting(at.register)
    if lost:
        yield _decision(at, Kind.HOLDS_LOST, len(lost), local_date(min(one.lost_at for one in lost)))
    late = [one for one in listing.listing(at.register, None, as_of) if one.past_review]
    if late:
        yield _decision(at, Kind.HOLDS_REVIEW, len(late), min(one.entry.review_on for one in late))


def _of_corrections(at: At) -> Iterator[Decision]:
    found = corrections.waiting(at.register)
    # An export has said of these that the source has not done it.
    refused = [one for one in found if one.is_open and one.state is not Corrected.AWAITED]
    for kind, some in (
        (Kind.NOT_CORRECTED, refused),
        (Kind.CORRECTIONS, [one for one in found if one not in refused]),
    ):
        if some:
            yield _decision(at, kind, len(some), local_date(min(one.asked_at for one in some)))


def _of_marks(at: At, as_of: dt.date) -> Iterator[Decision]:
    found = marks.listing(at.register, as_of)
    lost = [one.lost_at for one in found if one.lost_at is not None]
    if lost:
        yield _decision(at, Kind.MARKS_LOST, len(lost), local_date(min(lost)))
    late = [one.entry.review_on for one in found if one.past_review and one.entry.review_on is not None]
    if late:
        yield _decision(at, Kind.RESTRICTIONS_REVIEW, len(late), min(late))


def _of_identity(at: At, reading: Reading) -> Iterator[Decision]:
    lost = identity.lost(at.register)
    if lost:
        yield _decision(at, Kind.DECISIONS_LOST, len(lost), local_date(min(one.lost_at for one in lost)))
    doubles = identity.count_waiting(at.register, reading)
    if doubles:
        yield _decision(at, Kind.DOUBLES, doubles)


def _of_returns(at: At) -> Iterator[Decision]:
    let_in, first = suppression.let_in(at.register)
    if let_in:
        yield _decision(at, Kind.LET_IN, let_in, None if first is None else local_date(first))
    possible = suppression.count_doubts(at.register)
    if possible:
        yield _decision(at, Kind.POSSIBLE, possible)
    kept_out = sum(suppression.kept_out(at.register).values())
    if kept_out:
        yield _decision(at, Kind.KEPT_OUT, kept_out)


def _of_entries(at: At, reading: Reading, measured: Mapping[str, Measured]) -> Iterator[Decision]:
    overdue = measured["overdue"].value
    if overdue:
        oldest = reading.as_of - dt.timedelta(days=int(measured["oldest_overdue"].value or 0))
        yield _decision(at, Kind.OVERDUE, int(overdue), oldest, filters={"status": "OVERDUE"})
    if measured["undetermined"].value:
        for row in reading.rows(asks.UNDETERMINED_BY_CAUSE):
            filters = {"status": "UNDETERMINED", "reason": row.reason}
            yield _decision(at, Kind.UNDETERMINED, row.bases, filters=filters, reason=row.reason)


def _of_findings(at: At, reading: Reading, measured: Mapping[str, Measured]) -> Iterator[Decision]:
    """All that is open in one, loud once some of it is past its day; and each proposal to accept one, for others than
    who made it.
    """
    if not measured["findings_open"].value:
        return
    going_on = [
        one for one in gather.standing(at, reading) if findings.belongs(one, findings.Which.GOING_ON, reading.as_of)
    ]
    late = sum(one.is_late(reading.as_of) for one in going_on)
    told = _decision(
        at, Kind.FINDINGS, len(going_on), min(one.since for one in going_on),
        filters={"findings": findings.Which.GOING_ON.value}, late=late,
        critical=sum(one.is_grave for one in going_on),
    )  # fmt: skip
    yield dataclasses.replace(told, urgency=Urgency.NOW) if late else told
    waiting = [(one, one.proposal) for one in going_on if one.proposal is not None]
    for proposer in sorted({proposal.by for _, proposal in waiting}):
        days = [local_date(proposal.at) for _, proposal in waiting if proposal.by == proposer]
        yield _decision(
            at, Kind.FINDINGS_ANSWER, len(days), min(days), not_by=proposer,
            filters={"findings": findings.Which.PROPOSED.value},
        )  # fmt: skip
