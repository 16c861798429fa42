"""Incidents are recorded step by step, each with its line of the ledger; the line says which step, and nothing of what
it tells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.incidents import state
from compliance.incidents.facts import Facts, Reported, TakenBack
from compliance.incidents.state import Incident
from compliance.incidents.tables import StepKind, incident, incident_step
from compliance.register.engine import writing
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission


def report(at: At, told: Reported) -> int:
    """Begins an incident and returns its number.

    Raises Refused `not_allowed`, `incident_personal` for a text with what may be an address or a number of somebody's,
    and `incident_called_twice` while another that is open is called the same.
    """
    at.require(Permission.HANDLE_INCIDENTS)
    return _report(at, told)


def report_by_command(at: At, told: Reported) -> int:
    """The same as `report`, for nobody. Raises Refused `command_line_only` for somebody."""
    at.require_nobody()
    return _report(at, told)


def _report(at: At, told: Reported) -> int:
    ledger.refuse_personal(told, "incident_personal")
    with writing(at.register) as connection:
        for other in state.load(connection):
            if other.is_open and other.reported.called.casefold() == told.called.casefold():
                raise Refused("incident_called_twice", field="called", incident=other.incident_id)
        number = _opened(connection, at.now)
        _append(connection, at, Incident(number, at.now, ()), told, None)
    return number


def record(at: At, number: int, told: Facts, *, corrects: int | None = None) -> int:
    """Records a step of an incident, in place of step `corrects` where that is given, and returns its number.

    Raises Refused `not_allowed`, `incident_unknown`, `incident_personal`, `incident_closed` for what is not recorded
    once it is closed, `incident_not_closed`, `incident_stands` for a second step of a kind that is told once,
    `incident_twice` for one that says what another says, `incident_step_unknown` for a step to be corrected that is
    none of these or is corrected already, and what compliance.incidents.state.check raises.
    """
    at.require(Permission.HANDLE_INCIDENTS)
    return _record(at, number, told, corrects)


def record_by_command(at: At, number: int, told: Facts, *, corrects: int | None = None) -> int:
    """The same as `record`, for nobody. Raises Refused `command_line_only` for somebody."""
    at.require_nobody()
    return _record(at, number, told, corrects)


def _record(at: At, number: int, told: Facts, corrects: int | None) -> int:
    ledger.refuse_personal(told, "incident_personal")
    with writing(at.register) as connection:
        found = state.load(connection, number)
        if not found:
            raise Refused("incident_unknown", incident=number)
        return _append(connection, at, found[0], told, corrects)[1]


def enter_invented(at: At, told: Sequence[Sequence[tuple[dt.datetime, Facts]]]) -> None:
    """Enters incidents of the demo, each by its steps and when they are said to have been recorded; the lines say that
    they are invented. Raises Refused `command_line_only` for somebody, and what `record` does.
    """
    at.require_nobody()
    with writing(at.register) as connection:
        for steps in told:
            one = Incident(_opened(connection, steps[0][0]), steps[0][0], ())
            for recorded_at, step in steps:
                one, _ = _append(connection, at, one, step, None, recorded_at=recorded_at)


def _opened(connection: sa.Connection, opened_at: dt.datetime) -> int:
    return int(
        connection.scalars(sa.insert(incident).values(opened_at=opened_at).returning(incident.c.incident_id)).one()
    )


def _append(
    connection: sa.Connection,
    at: At,
    one: Incident,
    told: Facts,
    corrects: int | None,
    *,
    recorded_at: dt.datetime | None = None,
) -> tuple[Incident, int]:
    """Records a step in the caller's transaction; returns the incident with it, and its number. `recorded_at` is of one
    that is invented.
    """
    _refuse_out_of_turn(one, told, corrects)
    row = connection.execute(
        sa.insert(incident_step)
        .values(
            incident_id=one.incident_id,
            kind=told.KIND.value,
            facts=told.model_dump_json(),
            corrects=corrects,
            recorded_at=recorded_at or at.now,
            recorded_by=at.actor.pseudonym if at.actor else None,
            recorded_role=at.actor.role.value if at.actor else None,
        )
        .returning(*incident_step.c)
    ).one()
    after = Incident(one.incident_id, one.opened_at, (*one.steps, state.step_of(row)))
    # What is wrong with it undoes what was just written.
    state.check(after, at.parameters, at.now)
    details: dict[str, ledger.Detail] = {"incident": one.incident_id, "step": row.step_id, "kind": told.KIND.value}
    if corrects is not None:
        details["corrects"] = corrects
    if after.reported.is_drill:
        details["drill"] = True
    if recorded_at is not None:
        details["invented"] = True
    ledger.append(connection, ledger.Event.INCIDENT_RECORDED, author=at.author, now=at.now, details=details)
    return after, int(row.step_id)


def _refuse_out_of_turn(one: Incident, told: Facts, corrects: int | None) -> None:
    standing = one.standing
    if corrects is None and isinstance(told, TakenBack):
        raise Refused("incident_step_unknown")
    if corrects is not None:
        before = next((step for step in standing if step.step_id == corrects), None)
        if before is None or not (isinstance(told, TakenBack) or before.kind is told.KIND):
            raise Refused("incident_step_unknown")
        if before.kind is StepKind.REPORTED and isinstance(told, TakenBack):
            raise Refused("incident_report_stands")
    if one.steps and told.KIND is StepKind.REOPENED and one.is_open and corrects is None:
        raise Refused("incident_not_closed")
    if one.steps and not one.is_open and corrects is None and told.KIND is not StepKind.REOPENED:
        raise Refused("incident_closed")
    same = [step for step in standing if step.kind is told.KIND and step.step_id != corrects]
    if told.KIND in (StepKind.CLOSED, StepKind.REOPENED):
        return
    if same and not told.SEVERAL:
        raise Refused("incident_stands")
    if any(step.facts == told for step in same):
        raise Refused("incident_twice")
