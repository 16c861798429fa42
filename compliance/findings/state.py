"""How each finding stands on a day: by what the rooms find now, and by what people said to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import sqlalchemy as sa

from compliance.findings.tables import StepKind, finding, finding_step
from compliance.words.deadlines import local_date
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Parameters


class State(StrEnum):
    """How a finding stands, in the order of the list. Texts: `finding_state.<value>`."""

    OPEN = "open"
    # Somebody wants it accepted; until a second person says so it is as open as before.
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    MENDED = "mended"


class Which(StrEnum):
    """What of the findings is listed, and counted by the figure that leads there. Texts: `findings_which.<value>`."""

    GOING_ON = "going_on"
    LATE = "late"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    MENDED = "mended"


@dataclass(frozen=True)
class Step:
    """What somebody said to a finding; `tables.finding_step` says what each field is."""

    step_id: int
    kind: StepKind
    owner: str | None
    mend_by: dt.date | None
    until: dt.date | None
    reason: str
    answers: int | None
    at: dt.datetime
    by: str
    role: str


@dataclass(frozen=True)
class Standing:
    """A finding on a day. `finding_id` is None for one that is found now and was not seen before; `now` is what its
    room says of it, None where it is not found (or cannot be judged, which `is_judged` tells).
    """

    finding_id: int | None
    code: str
    thing: str
    severity: Severity
    first_on: dt.date
    came_on: dt.date
    times: int
    gone_on: dt.date | None
    gone_build: int | None
    steps: tuple[Step, ...]
    state: State
    mend_by: dt.date
    owner: str | None
    accepted_until: dt.date | None
    proposal: Step | None
    now: Finding | None
    is_judged: bool

    @property
    def known_as(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.code, self.thing

    @property
    def since(self) -> dt.date:
        """From when on it is so: by the data, else from when it was seen."""
        return (self.now.since if self.now else None) or self.came_on

    @property
    def is_going_on(self) -> bool:
        """Whether it is neither mended nor accepted: also while somebody wants it accepted."""
        return self.state in (State.OPEN, State.PROPOSED)

    @property
    def is_grave(self) -> bool:
        """Whether it is critical, and nobody has accepted it."""
        return self.is_going_on and self.severity is Severity.CRITICAL

    def is_late(self, today: dt.date) -> bool:
        """Whether it should have been mended by now, and nobody has accepted that it is not."""
        return self.is_going_on and self.mend_by < today


def belongs(one: Standing, which: Which, today: dt.date) -> bool:
    """Whether a finding is one of those: for the list, and for every figure and decision that leads to it."""
    match which:
        case Which.GOING_ON:
            return one.is_going_on
        case Which.LATE:
            return one.is_late(today)
        case Which.PROPOSED:
            return one.state is State.PROPOSED
        case Which.ACCEPTED:
            return one.state is State.ACCEPTED
        case Which.MENDED:
            return one.state is State.MENDED


def standing(register: sa.Engine, judged: Judged, parameters: Parameters, today: dt.date) -> list[Standing]:
    """Every finding there is or was: the open before the accepted before the mended, the gravest and the first due
    first.
    """
    found = {one.known_as: one for one in judged.findings}
    with register.connect() as connection:
        rows = connection.execute(sa.select(finding)).all()
        steps = _steps(connection)
    kept = [
        _standing(row, steps.get(row.finding_id, ()), found.get((row.code, row.thing)), judged, parameters, today)
        for row in rows
    ]
    seen = {(row.code, row.thing) for row in rows}
    kept += [_new(one, parameters, today) for known_as, one in found.items() if known_as not in seen]
    states, grades = list(State), list(Severity)
    return sorted(
        kept,
        key=lambda one: (states.index(one.state), grades.index(one.severity), one.mend_by, one.code, one.thing),
    )


def figures(found: Iterable[Standing], today: dt.date) -> dict[str, tuple[float, dict[str, float]]]:
    """What is counted of findings, each with its parts by severity."""
    whole = list(found)
    counted = {
        "findings_open": Which.GOING_ON,
        "findings_late": Which.LATE,
        "findings_accepted": Which.ACCEPTED,
    }
    return {code: _by_severity(one for one in whole if belongs(one, which, today)) for code, which in counted.items()}


def _by_severity(found: Iterable[Standing]) -> tuple[float, dict[str, float]]:
    parts: dict[str, float] = {}
    for one in found:
        parts[one.severity.value] = parts.get(one.severity.value, 0) + 1
    return sum(parts.values()), parts


def _steps(connection: sa.Connection) -> dict[int, tuple[Step, ...]]:
    rows = connection.execute(sa.select(finding_step).order_by(finding_step.c.finding_id, finding_step.c.step_id)).all()
    return {
        finding_id: tuple(step_of(row) for row in some)
        for finding_id, some in groupby(rows, lambda row: int(row.finding_id))
    }


def step_of(row: sa.Row[tuple[object, ...]]) -> Step:
    """A step by its row."""
    told = row._mapping
    return Step(
        told["step_id"], StepKind(told["kind"]), told["owner"], told["mend_by"], told["until"], told["reason"],
        told["answers"], told["recorded_at"], told["recorded_by"], told["recorded_role"],
    )  # fmt: skip


def _standing(
    row: sa.Row[tuple[object, ...]],
    steps: tuple[Step, ...],
    now: Finding | None,
    judged: Judged,
    parameters: Parameters,
    today: dt.date,
) -> Standing:
    told = row._mapping
    # It was mended and is found again, which nobody has looked at yet.
    is_back = now is not None and told["gone_at"] is not None
    # What was said to it before it was mended was not said to what came back.
    lately = [] if is_back else [one for one in steps if one.at >= told["came_at"]]
    proposal, accepted = waiting(lately), acceptance(lately)
    is_judged = told["code"] not in judged.unjudged
    is_there = now is not None or (told["gone_at"] is None and not is_judged)
    is_accepted = accepted is not None and accepted.until is not None and accepted.until >= today
    severity = now.severity if now else Severity(told["severity"])
    assigned = next((one for one in reversed(lately) if one.kind is StepKind.ASSIGNED), None)
    came_on = today if is_back else local_date(told["came_at"])
    if not is_there:
        state = State.MENDED
    elif is_accepted:
        state = State.ACCEPTED
    else:
        state = State.OPEN if proposal is None else State.PROPOSED
    return Standing(
        finding_id=told["finding_id"],
        code=told["code"],
        thing=told["thing"],
        severity=severity,
        first_on=local_date(told["first_seen_at"]),
        came_on=came_on,
        times=told["times"] + (1 if is_back else 0),
        gone_on=None if told["gone_at"] is None or is_there else local_date(told["gone_at"]),
        gone_build=None if is_there else told["gone_build"],
        steps=steps,
        state=state,
        mend_by=(assigned.mend_by if assigned else None) or mend_by(severity, came_on, parameters),
        owner=(assigned.owner if assigned else None) or (now.owner if now else None),
        accepted_until=accepted.until if accepted else None,
        proposal=proposal,
        now=now,
        is_judged=is_judged,
    )


def _new(one: Finding, parameters: Parameters, today: dt.date) -> Standing:
    return Standing(
        finding_id=None, code=one.code, thing=one.thing, severity=one.severity, first_on=today, came_on=today, times=1,
        gone_on=None, gone_build=None, steps=(), state=State.OPEN, mend_by=mend_by(one.severity, today, parameters),
        owner=one.owner, accepted_until=None, proposal=None, now=one, is_judged=True,
    )  # fmt: skip


def mend_by(severity: Severity, came_on: dt.date, parameters: Parameters) -> dt.date:
    """The day by which a finding is to be mended, counted from when it was seen; an assignment may say another."""
    days = {
        Severity.CRITICAL: parameters.finding_critical_days,
        Severity.MAJOR: parameters.finding_major_days,
        Severity.MINOR: parameters.finding_minor_days,
    }
    return came_on + dt.timedelta(days=days[severity])


def waiting(steps: Iterable[Step]) -> Step | None:
    """The proposal to accept it that nobody has answered, if there is one."""
    found = list(steps)
    answered = {one.answers for one in found}
    return next((one for one in found if one.kind is StepKind.PROPOSED and one.step_id not in answered), None)


def acceptance(steps: Iterable[Step]) -> Step | None:
    """The proposal that was accepted last and not ended since, whether or not its time is over."""
    proposals: dict[int, Step] = {}
    found: Step | None = None
    for one in steps:
        if one.kind is StepKind.PROPOSED:
            proposals[one.step_id] = one
        elif one.kind is StepKind.ACCEPTED and one.answers is not None:
            found = proposals[one.answers]
        elif one.kind is StepKind.ENDED:
            found = None
    return found
