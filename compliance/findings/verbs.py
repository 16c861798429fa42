"""What is found is kept, and what people say to it, each with its line of the ledger."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.findings import state
from compliance.findings.state import Step
from compliance.findings.tables import Owner, StepKind, finding, finding_step
from compliance.register.engine import writing
from compliance.words.deadlines import add_months
from compliance.words.finding import Finding, Judged
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

REASON_CHARACTERS = 500
_OF_ONE = sa.update(finding).where(finding.c.finding_id == sa.bindparam("its_id"))


@dataclass(frozen=True)
class Seen:
    """What a look came to: how many are new, came back, are mended, or are of another severity than before."""

    new: int = 0
    back: int = 0
    mended: int = 0
    regraded: int = 0


def look(at: At, judged: Judged, build: int | None) -> Seen:
    """Keeps what is found now: since when, and of what is found no more that it is mended, by which build of the copy.

    One line of the ledger where anything changed. What cannot be judged stays as it was.
    """
    with writing(at.register) as connection:
        return _look(connection, at, judged, build)


def assign(at: At, judged: Judged, code: str, thing: str, *, owner: Owner, mend_by: dt.date | None, note: str) -> None:
    """Says which function answers for a finding, and by when where it is not the usual day.

    Raises Refused `not_allowed`, `finding_gone` for one that is not found now, `finding_day_past`, and for the note
    `finding_personal`, `field_too_long`.
    """
    at.require(Permission.HANDLE_FINDINGS)
    told = _text(note, "note")
    if mend_by is not None and mend_by < at.today:
        raise Refused("finding_day_past", field="mend_by")
    with writing(at.register) as connection:
        number = _number(connection, at, judged, code, thing)
        _append(connection, at, number, StepKind.ASSIGNED, told, owner=owner, mend_by=mend_by)


def propose(at: At, judged: Judged, code: str, thing: str, *, until: dt.date, reason: str) -> None:
    """Proposes to accept a finding until a day; it stays open until a second person says so.

    Raises Refused as `assign`, `field_missing` for the reason, `finding_too_long` for a day later than parameters
    allow, and `finding_waits` where a proposal waits already.
    """
    at.require(Permission.HANDLE_FINDINGS)
    why = _reason(reason)
    if until < at.today:
        raise Refused("finding_day_past", field="until")
    latest = add_months(at.today, at.parameters.finding_accepted_months)
    if until > latest:
        raise Refused("finding_too_long", field="until", latest=latest)
    with writing(at.register) as connection:
        number = _number(connection, at, judged, code, thing)
        if state.waiting(_lately(connection, number)) is not None:
            raise Refused("finding_waits")
        _append(connection, at, number, StepKind.PROPOSED, why, until=until)


def accept(at: At, finding_id: int, step_id: int) -> None:
    """Accepts a finding as it was proposed, as the second person.

    Raises Refused `not_allowed`, `finding_unknown`, `finding_answered` where the proposal does not wait any more,
    `finding_own` for who proposed it, and `finding_day_past` where its last day is over.
    """
    actor = at.require(Permission.HANDLE_FINDINGS)
    with writing(at.register) as connection:
        proposal = _proposal(connection, finding_id, step_id)
        if proposal.by == actor.pseudonym:
            raise Refused("finding_own")
        if proposal.until is None or proposal.until < at.today:
            raise Refused("finding_day_past", field="until")
        _append(connection, at, finding_id, StepKind.ACCEPTED, "", answers=step_id)


def refuse(at: At, finding_id: int, step_id: int, *, reason: str) -> None:
    """Says no to a proposal; who made it takes it back by that. Raises Refused as `accept` and `propose`."""
    at.require(Permission.HANDLE_FINDINGS)
    why = _reason(reason)
    with writing(at.register) as connection:
        _proposal(connection, finding_id, step_id)
        _append(connection, at, finding_id, StepKind.REFUSED, why, answers=step_id)


def end(at: At, finding_id: int, *, reason: str) -> None:
    """Ends an acceptance before its day: the finding is open again. One person is enough for that.

    Raises Refused `not_allowed`, `finding_unknown`, `finding_not_accepted` and, for the reason, as `propose`.
    """
    at.require(Permission.HANDLE_FINDINGS)
    why = _reason(reason)
    with writing(at.register) as connection:
        accepted = state.acceptance(_lately(connection, finding_id))
        if accepted is None or accepted.until is None or accepted.until < at.today:
            raise Refused("finding_not_accepted")
        _append(connection, at, finding_id, StepKind.ENDED, why)


def _look(connection: sa.Connection, at: At, judged: Judged, build: int | None) -> Seen:
    kept = {(row.code, row.thing): row for row in connection.execute(sa.select(finding))}
    found = {one.known_as: one for one in judged.findings}
    gone = [
        row.finding_id
        for known_as, row in kept.items()
        if known_as not in found and row.gone_at is None and row.code not in judged.unjudged
    ]
    if gone:
        connection.execute(_OF_ONE.values(gone_at=at.now, gone_build=build), [{"its_id": one} for one in gone])
    return _enter(connection, at, found, kept, build, mended=len(gone))


def _enter(
    connection: sa.Connection,
    at: At,
    found: Mapping[tuple[str, str], Finding],
    kept: Mapping[tuple[str, str], sa.Row[tuple[object, ...]]],
    build: int | None,
    *,
    mended: int = 0,
) -> Seen:
    """Keeps what is found now beside the rows that are kept of it, and tells it with what is mended; nothing is told
    where nothing changed.
    """
    new = [one for known_as, one in found.items() if known_as not in kept]
    again = [(found[known_as], row._mapping) for known_as, row in kept.items() if known_as in found]
    back = [{"its_id": row["finding_id"], "its_times": row["times"] + 1} for _, row in again if row["gone_at"]]
    regraded = [
        {"its_id": row["finding_id"], "its_severity": one.severity.value}
        for one, row in again
        if row["severity"] != one.severity
    ]
    if new:
        connection.execute(sa.insert(finding), [_row(one, at.now) for one in new])
    if back:
        came = {"came_at": at.now, "times": sa.bindparam("its_times"), "gone_at": None, "gone_build": None}
        connection.execute(_OF_ONE.values(**came), back)
    if regraded:
        connection.execute(_OF_ONE.values(severity=sa.bindparam("its_severity")), regraded)
    seen = Seen(len(new), len(back), mended, len(regraded))
    if seen != Seen():
        details: dict[str, ledger.Detail] = dataclasses.asdict(seen)
        ledger.append(
            connection, ledger.Event.FINDINGS_SEEN, author=None, now=at.now, build=build, details=details
        )  # fmt: skip
    return seen


def _row(one: Finding, now: dt.datetime) -> dict[str, object]:
    return {
        "code": one.code, "thing": one.thing, "severity": one.severity.value, "first_seen_at": now, "came_at": now,
        "times": 1,
    }  # fmt: skip


def _number(connection: sa.Connection, at: At, judged: Judged, code: str, thing: str) -> int:
    """The number of a finding that is found now, kept if it was not yet. Raises Refused `finding_gone`."""
    found = next((one for one in judged.findings if one.known_as == (code, thing)), None)
    if found is None:
        raise Refused("finding_gone")
    kept = sa.select(finding).where(finding.c.code == code, finding.c.thing == thing)
    _enter(
        connection, at, {found.known_as: found}, {(row.code, row.thing): row for row in connection.execute(kept)}, None
    )
    return int(connection.scalars(kept.with_only_columns(finding.c.finding_id)).one())


def _lately(connection: sa.Connection, finding_id: int) -> list[Step]:
    """What was said to a finding since it came; nothing of one that is mended. Raises Refused `finding_unknown`."""
    kept = sa.select(finding.c.came_at, finding.c.gone_at).where(finding.c.finding_id == finding_id)
    row = connection.execute(kept).one_or_none()
    if row is None:
        raise Refused("finding_unknown")
    if row.gone_at is not None:
        return []
    rows = connection.execute(
        sa.select(finding_step)
        .where(finding_step.c.finding_id == finding_id, finding_step.c.recorded_at >= row.came_at)
        .order_by(finding_step.c.step_id)
    )
    return [state.step_of(row) for row in rows]


def _proposal(connection: sa.Connection, finding_id: int, step_id: int) -> Step:
    found = state.waiting(_lately(connection, finding_id))
    if found is None or found.step_id != step_id:
        raise Refused("finding_answered")
    return found


def _append(
    connection: sa.Connection,
    at: At,
    finding_id: int,
    kind: StepKind,
    reason: str,
    *,
    owner: Owner | None = None,
    mend_by: dt.date | None = None,
    until: dt.date | None = None,
    answers: int | None = None,
) -> None:
    assert at.actor is not None
    step_id = connection.scalars(
        sa.insert(finding_step)
        .values(
            finding_id=finding_id, kind=kind.value, owner=owner and owner.value, mend_by=mend_by, until=until,
            reason=reason, answers=answers, recorded_at=at.now, recorded_by=at.actor.pseudonym,
            recorded_role=at.actor.role.value,
        )
        .returning(finding_step.c.step_id)
    ).one()  # fmt: skip
    details: dict[str, ledger.Detail] = {"finding": finding_id, "step": step_id, "kind": kind.value}
    if until is not None:
        details["until"] = until.isoformat()
    ledger.append(connection, ledger.Event.FINDING_RECORDED, author=at.author, now=at.now, details=details)


def _reason(told: str) -> str:
    why = _text(told, "reason")
    if not why:
        raise Refused("field_missing", field="reason")
    return why


def _text(told: str, field: str) -> str:
    text = told.strip()
    if len(text) > REASON_CHARACTERS:
        raise Refused("field_too_long", field=field, most=REASON_CHARACTERS)
    if ledger.looks_personal(text):
        raise Refused("finding_personal", field=field)
    return text
