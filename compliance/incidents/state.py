"""What is known of an incident by its steps: what stands, how long there is left, and what is still to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import sqlalchemy as sa

from compliance import ledger
from compliance.incidents import facts
from compliance.incidents.facts import Facts, Nis2Stage, Risk, Side, Verdict
from compliance.incidents.tables import StepKind, incident, incident_step
from compliance.words.deadlines import (
    breach_due_at,
    controller_due_at,
    nis2_notification_due_at,
    nis2_report_due_at,
    nis2_warning_due_at,
    supplement_due_at,
)
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused
from compliance.words.remembered import Remembered

F = TypeVar("F", bound=Facts)


class ClockKind(StrEnum):
    """Whom there is a time to tell. Texts: `incident_clock.<value>`."""

    AUTHORITY = "authority"
    CONTROLLER = "controller"
    SUBJECTS = "subjects"
    SUPPLEMENT = "supplement"
    NIS2_WARNING = "nis2_warning"
    NIS2_NOTIFICATION = "nis2_notification"
    NIS2_REPORT = "nis2_report"


class ClockState(StrEnum):
    """How a clock stands. Texts: `incident_clock_state.<value>`."""

    RUNNING = "running"
    PASSED = "passed"
    MET = "met"
    MISSED = "missed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class Clock:
    """A time within which somebody is told. `due_at` is None where the law gives no hours: without delay, then.
    `whom` names a customer.
    """

    kind: ClockKind
    started_at: dt.datetime
    due_at: dt.datetime | None
    stopped_at: dt.datetime | None
    state: ClockState
    whom: str = ""

    def is_open(self) -> bool:
        """Whether somebody is still to be told."""
        return self.state in (ClockState.RUNNING, ClockState.PASSED)

    def left(self, now: dt.datetime) -> dt.timedelta | None:
        """How long there is left, less than nothing once it has passed; None where the law gives no hours."""
        return None if self.due_at is None else self.due_at - now


@dataclass(frozen=True)
class Step:
    """One step as it was recorded. `by` is a pseudonym, None for the command line."""

    step_id: int
    kind: StepKind
    facts: Facts
    corrects: int | None
    at: dt.datetime
    by: str | None
    role: str | None


@dataclass(frozen=True)
class Incident:
    """An incident by all its steps, the oldest first."""

    incident_id: int
    opened_at: dt.datetime
    steps: tuple[Step, ...]

    @property
    def standing(self) -> tuple[Step, ...]:
        """The steps that no other corrects, each in the place of the one that it corrects; one that takes another back
        says nothing of the incident.
        """
        places: dict[int, int] = {}
        for step in self.steps:
            places[step.step_id] = step.step_id if step.corrects is None else places[step.corrects]
        gone = {step.corrects for step in self.steps}
        found = [step for step in self.steps if step.step_id not in gone and step.kind is not StepKind.TAKEN_BACK]
        return tuple(sorted(found, key=lambda step: places[step.step_id]))

    def every(self, model: type[F]) -> list[F]:
        """What stands of a kind, the oldest first."""
        return [step.facts for step in self.standing if isinstance(step.facts, model)]

    def last(self, model: type[F]) -> F | None:
        """What stands of a kind that is told once; None as long as nobody has said so."""
        found = self.every(model)
        return found[-1] if found else None

    def instant(self, model: type[Facts], field: str) -> dt.datetime | None:
        """What the last step of a kind says of when; None where there is none, or it does not know."""
        found = self.last(model)
        return None if found is None else getattr(found, field)

    def when(self, kind: StepKind) -> Step | None:
        """The last step of a kind that stands."""
        return next((step for step in reversed(self.standing) if step.kind is kind), None)

    @property
    def reported(self) -> facts.Reported:
        """How it began. An incident always has that."""
        found = self.last(facts.Reported)
        assert found is not None
        return found

    @property
    def is_open(self) -> bool:
        """Whether it is not closed, or open again."""
        ends = [step.kind for step in self.standing if step.kind in (StepKind.CLOSED, StepKind.REOPENED)]
        return not ends or ends[-1] is StepKind.REOPENED

    @property
    def aware_at(self) -> dt.datetime | None:
        """From when the hours count."""
        return self.instant(facts.Aware, "aware_at")

    def clocks(self, parameters: Parameters, now: dt.datetime) -> list[Clock]:
        """Whom there is a time to tell, and how it stands at `now`."""
        return list(_clocks(self, parameters, now))

    def waits(self, parameters: Parameters, now: dt.datetime) -> list[StepKind]:
        """What is still to be recorded before it can be closed, in the order in which it is told."""
        return sorted(set(_waits(self, parameters, now)), key=list(StepKind).index)


def _clock(
    kind: ClockKind,
    started_at: dt.datetime,
    due_at: dt.datetime | None,
    stopped_at: dt.datetime | None,
    now: dt.datetime,
    *,
    needed: bool = True,
    whom: str = "",
) -> Clock:
    if stopped_at is not None:
        state = ClockState.MET if due_at is None or stopped_at <= due_at else ClockState.MISSED
    elif not needed:
        state = ClockState.NOT_NEEDED
    else:
        state = ClockState.PASSED if due_at is not None and now > due_at else ClockState.RUNNING
    return Clock(kind, started_at, due_at, stopped_at, state, whom)


def _clocks(one: Incident, parameters: Parameters, now: dt.datetime) -> Iterator[Clock]:
    aware_at, sides = one.aware_at, one.reported.sides
    if aware_at is None:
        return
    notified, decided = one.last(facts.Notified), one.last(facts.Decided)
    if Side.CONTROLLER in sides:
        yield _clock(
            ClockKind.AUTHORITY, aware_at, breach_due_at(aware_at, parameters),
            one.instant(facts.Notified, "notified_at"), now, needed=decided is None or decided.notify,
        )  # fmt: skip
    if Side.PROCESSOR in sides:
        told = _first((row.customer.casefold(), row.informed_at) for row in one.every(facts.ControllerInformed))
        for customer in [row.customer for row in one.every(facts.Customer)] or [""]:
            yield _clock(
                ClockKind.CONTROLLER, aware_at, controller_due_at(aware_at, parameters),
                told.get(customer.casefold()), now, whom=customer,
            )  # fmt: skip
    assessed = one.when(StepKind.ASSESSED)
    if Side.CONTROLLER in sides and assessed is not None and _risk(one) is Risk.HIGH:
        verdict = one.last(facts.SubjectsDecided)
        yield _clock(
            ClockKind.SUBJECTS, assessed.at, None, one.instant(facts.SubjectsInformed, "informed_at"), now,
            needed=verdict is None or verdict.verdict is Verdict.INFORM,
        )  # fmt: skip
    if notified is not None and notified.supplements:
        sent_at = min((row.sent_at for row in one.every(facts.Supplemented) if row.is_last), default=None)
        due_at = supplement_due_at(notified.notified_at, parameters)
        yield _clock(ClockKind.SUPPLEMENT, notified.notified_at, due_at, sent_at, now)
    if parameters.nis2_clock:
        yield from _nis2(one, aware_at, parameters, now)


def _nis2(one: Incident, aware_at: dt.datetime, parameters: Parameters, now: dt.datetime) -> Iterator[Clock]:
    sent = _first((row.stage, row.sent_at) for row in one.every(facts.Nis2))
    notification_due = nis2_notification_due_at(aware_at, parameters)
    # The month of the report counts from the notification, or from when that was due.
    notified_at = sent.get(Nis2Stage.NOTIFICATION, notification_due)
    for kind, stage, due_at in (
        (ClockKind.NIS2_WARNING, Nis2Stage.WARNING, nis2_warning_due_at(aware_at, parameters)),
        (ClockKind.NIS2_NOTIFICATION, Nis2Stage.NOTIFICATION, notification_due),
        (ClockKind.NIS2_REPORT, Nis2Stage.REPORT, nis2_report_due_at(notified_at, parameters)),
    ):
        yield _clock(kind, aware_at, due_at, sent.get(stage), now)


def _first(told: Iterable[tuple[str, dt.datetime]]) -> dict[str, dt.datetime]:
    """When each was told first, in whatever order it was recorded."""
    found: dict[str, dt.datetime] = {}
    for whom, at in told:
        found[whom] = min(at, found.get(whom, at))
    return found


def _risk(one: Incident) -> Risk | None:
    assessed = one.last(facts.Assessed)
    return None if assessed is None else assessed.risk


_STOPPED_BY = {
    ClockKind.AUTHORITY: StepKind.NOTIFIED,
    ClockKind.CONTROLLER: StepKind.CONTROLLER_INFORMED,
    ClockKind.SUBJECTS: StepKind.SUBJECTS_INFORMED,
    ClockKind.SUPPLEMENT: StepKind.SUPPLEMENTED,
    ClockKind.NIS2_WARNING: StepKind.NIS2,
    ClockKind.NIS2_NOTIFICATION: StepKind.NIS2,
    ClockKind.NIS2_REPORT: StepKind.NIS2,
}


def _waits(one: Incident, parameters: Parameters, now: dt.datetime) -> Iterator[StepKind]:
    """What is asked of every incident, of each side, and by what was decided."""
    sides = one.reported.sides
    for kind in (StepKind.DETECTED, StepKind.AWARE, StepKind.AFFECTED, StepKind.ASSESSED):
        if one.when(kind) is None:
            yield kind
    if Side.CONTROLLER in sides:
        decided, verdict = one.last(facts.Decided), one.last(facts.SubjectsDecided)
        if decided is None:
            yield StepKind.DECIDED
        if _risk(one) is Risk.HIGH and verdict is None:
            yield StepKind.SUBJECTS_DECIDED
        # Decided of a lower risk, it holds all the same.
        if verdict is not None and verdict.verdict is Verdict.INFORM and one.when(StepKind.SUBJECTS_INFORMED) is None:
            yield StepKind.SUBJECTS_INFORMED
    if Side.PROCESSOR in sides and one.when(StepKind.CUSTOMER) is None:
        yield StepKind.CUSTOMER
    for clock in _clocks(one, parameters, now):
        asks_first = (clock.kind is ClockKind.AUTHORITY and one.when(StepKind.DECIDED) is None) or (
            clock.kind is ClockKind.SUBJECTS and one.when(StepKind.SUBJECTS_DECIDED) is None
        )
        if clock.is_open() and not asks_first and (clock.whom or clock.kind is not ClockKind.CONTROLLER):
            yield _STOPPED_BY[clock.kind]


def may_follow(one: Incident, parameters: Parameters) -> list[StepKind]:
    """What can be recorded of an incident as it stands, in the order in which it is told."""
    if not one.is_open:
        return [StepKind.REOPENED]
    stands = {step.kind for step in one.standing}
    return [
        kind
        for kind, model in facts.MODELS.items()
        if kind not in _APART
        and (model.SEVERAL or kind not in stands or kind is StepKind.CLOSED)
        and _SIDES.get(kind) in (None, *one.reported.sides)
        and (kind is not StepKind.NIS2 or parameters.nis2_clock)
    ]


def check(one: Incident, parameters: Parameters, now: dt.datetime) -> None:
    """That what stands of an incident fits together.

    Raises Refused, each with the field that it is about: `incident_time_ahead` for what has not happened yet,
    `incident_order` for what came before what it follows, `incident_rests_on` for a step without the one it needs,
    `incident_side` for one of a role that the company does not have here, `incident_not_decided`,
    `incident_risk_is_high`, `incident_late_reason`, `incident_customer_unknown`, and `incident_waits` for one that is
    closed with something left to do.
    """
    for step in one.standing:
        for name, value in step.facts:
            if isinstance(value, dt.datetime) and value > now:
                raise Refused("incident_time_ahead", field=name)
    _check_order(one)
    _check_needs(one)
    _check_told(one, parameters)
    if not one.is_open:
        left = one.waits(parameters, now)
        if left:
            raise Refused("incident_waits", field="learnt", steps=",".join(left))


def _check_order(one: Incident) -> None:
    began_at = one.instant(facts.Occurred, "began_at")
    detected_at = one.instant(facts.Detected, "detected_at")
    notified_at = one.instant(facts.Notified, "notified_at")
    follows: list[tuple[str, dt.datetime | None, str, dt.datetime | None]] = [
        ("ended_at", one.instant(facts.Occurred, "ended_at"), "began_at", began_at),
        ("detected_at", detected_at, "began_at", began_at),
        ("aware_at", one.aware_at, "detected_at", detected_at),
        ("aware_at", one.aware_at, "began_at", began_at),
        ("contained_at", one.instant(facts.Contained, "contained_at"), "began_at", began_at),
        ("notified_at", notified_at, "aware_at", one.aware_at),
    ]
    informed: list[dt.datetime] = [row.informed_at for row in one.every(facts.ControllerInformed)]
    informed += [row.informed_at for row in one.every(facts.SubjectsInformed)]
    for at in informed:
        follows.append(("informed_at", at, "detected_at", detected_at))
    for sent in one.every(facts.Supplemented):
        follows.append(("sent_at", sent.sent_at, "notified_at", notified_at))
    for field, later, before, earlier in follows:
        if later is not None and earlier is not None and later < earlier:
            raise Refused("incident_order", field=field, before=before)


# What a step needs before it; both may be recorded in any order afterwards, but neither can be taken away alone.
_NEEDS = {
    StepKind.AWARE: StepKind.DETECTED,
    StepKind.DECIDED: StepKind.ASSESSED,
    StepKind.NOTIFIED: StepKind.DECIDED,
    StepKind.SUPPLEMENTED: StepKind.NOTIFIED,
    StepKind.SUBJECTS_DECIDED: StepKind.ASSESSED,
    StepKind.SUBJECTS_INFORMED: StepKind.SUBJECTS_DECIDED,
    StepKind.ASSESSED: StepKind.AWARE,
    StepKind.CONTROLLER_INFORMED: StepKind.CUSTOMER,
}
# In what role the company takes a step; any other step in both.
_SIDES = {
    StepKind.DECIDED: Side.CONTROLLER,
    StepKind.NOTIFIED: Side.CONTROLLER,
    StepKind.SUPPLEMENTED: Side.CONTROLLER,
    StepKind.SUBJECTS_DECIDED: Side.CONTROLLER,
    StepKind.SUBJECTS_INFORMED: Side.CONTROLLER,
    StepKind.CUSTOMER: Side.PROCESSOR,
    StepKind.CONTROLLER_INFORMED: Side.PROCESSOR,
}
# What is said of an incident by other ways than a step of its own.
_APART = (StepKind.REPORTED, StepKind.REOPENED, StepKind.TAKEN_BACK)


def _check_needs(one: Incident) -> None:
    kinds = {step.kind for step in one.standing}
    for step in one.standing:
        field = next(iter(type(step.facts).model_fields))
        needed = _NEEDS.get(step.kind)
        if needed is not None and needed not in kinds:
            raise Refused("incident_rests_on", field=field, step=step.kind.value, needed=needed.value)
        side = _SIDES.get(step.kind)
        if side is not None and side not in one.reported.sides:
            raise Refused("incident_side", field=field, step=step.kind.value, side=side.value)


def _check_told(one: Incident, parameters: Parameters) -> None:
    decided, notified, aware_at = one.last(facts.Decided), one.last(facts.Notified), one.aware_at
    if decided is not None and not decided.notify and _risk(one) is not Risk.UNLIKELY:
        # Only where a risk is unlikely does the law let the notification be left out.
        raise Refused("incident_risk_is_there", field="notify")
    if notified is not None and aware_at is not None:
        if decided is None or not decided.notify:
            raise Refused("incident_not_decided", field="notified_at")
        if notified.notified_at > breach_due_at(aware_at, parameters) and not notified.late_reason:
            raise Refused("incident_late_reason", field="late_reason", hours=parameters.breach_hours)
    verdict = one.last(facts.SubjectsDecided)
    if verdict is not None:
        if verdict.verdict is Verdict.NOT_HIGH and _risk(one) is Risk.HIGH:
            raise Refused("incident_risk_is_high", field="verdict")
        if verdict.verdict is not Verdict.INFORM and one.when(StepKind.SUBJECTS_INFORMED) is not None:
            raise Refused("incident_not_to_inform", field="informed_at")
    known = {row.customer.casefold() for row in one.every(facts.Customer)}
    for row in one.every(facts.ControllerInformed):
        if row.customer.casefold() not in known:
            raise Refused("incident_customer_unknown", field="customer")


def load(connection: sa.Connection, number: int | None = None) -> list[Incident]:
    """Every incident, or one, the newest first; none where there is no such number."""
    heads = sa.select(incident).order_by(incident.c.incident_id.desc())
    rows = sa.select(incident_step).order_by(incident_step.c.step_id)
    if number is not None:
        heads = heads.where(incident.c.incident_id == number)
        rows = rows.where(incident_step.c.incident_id == number)
    steps: dict[int, list[Step]] = {}
    for row in connection.execute(rows):
        steps.setdefault(row.incident_id, []).append(step_of(row))
    return [
        Incident(head.incident_id, head.opened_at, tuple(steps.get(head.incident_id, ())))
        for head in connection.execute(heads)
    ]


def step_of(row: sa.Row[tuple[object, ...]]) -> Step:
    """A step as the register keeps it."""
    return Step(
        row.step_id, StepKind(row.kind), facts.read(row.kind, row.facts), row.corrects, row.recorded_at,
        row.recorded_by, row.recorded_role,
    )  # fmt: skip


# A page asks for them in several places.
_every: Remembered[tuple[Incident, ...]] = Remembered(2)


def every(register: sa.Engine) -> Sequence[Incident]:
    """Every incident, the newest first; asked anew only once the ledger has another line, as each step has one."""
    with register.connect() as connection:
        return _every.of((register, ledger.last_change(connection)), lambda: tuple(load(connection)))


def going_on(register: sa.Engine) -> list[Incident]:
    """Those that are open and no drill, the newest first: what alarms, waits and stands in calendars."""
    return [one for one in every(register) if one.is_open and not one.reported.is_drill]


def find(register: sa.Engine, number: int) -> Incident:
    """An incident by its number. Raises Refused `incident_unknown`."""
    with register.connect() as connection:
        found = load(connection, number)
    if not found:
        raise Refused("incident_unknown", incident=number)
    return found[0]


def as_known(found: Iterable[Incident], at: dt.datetime) -> Sequence[Incident]:
    """Incidents as they were known at an instant: without the steps recorded later, and those that had none then."""
    known = (
        Incident(one.incident_id, one.opened_at, tuple(step for step in one.steps if step.at <= at)) for one in found
    )
    return [one for one in known if one.steps]
