"""Records what happened to a request: its step, its row that follows from it, and the line of the ledger, at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from compliance import ledger
from compliance.identity.normalise import addresses, numbers
from compliance.requests import steps
from compliance.requests.along import forget
from compliance.requests.steps import Facts, Recorded
from compliance.requests.tables import Role, Step, request, request_choice, request_sender, request_step
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

CONTACT = ("name", "email", "phone")
# What the ledger does not say: names of organisations, which may be named after somebody.
_UNTOLD = ("customer", "recipient")
_CLOSING = (Step.CLOSED, Step.WITHDRAWN)


def settings_of(connection: sa.Connection) -> Settings:
    """The settings of the register that a connection is to: its keys are where they say."""
    found: Settings = connection.get_execution_options()["register_settings"]
    return found


def row_of(connection: sa.Connection, number: int) -> Mapping[str, Any]:
    """A request's row by its number. Raises Refused `request_unknown`."""
    row = connection.execute(sa.select(request).where(request.c.request_id == number)).mappings().one_or_none()
    if row is None:
        raise Refused("request_unknown")
    return dict(row)


def recorded(connection: sa.Connection, number: int) -> list[Recorded]:
    """A request's recorded steps, in the order in which they happened."""
    return steps.history(connection, request_step.c.request_id == number).get(number, [])


def enter(
    connection: sa.Connection,
    number: int,
    step: Step,
    day: dt.date,
    facts: Facts,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    corrects: int | None = None,
    told: Mapping[str, ledger.Detail] | None = None,
) -> int:
    """Records a step in the caller's transaction and returns its number.

    What an export has said of the same is kept as a step of its own, before it is the desk's.
    """
    row = row_of(connection, number)
    before = recorded(connection, number)
    if step is not Step.RECEIVED or corrects is not None:
        _keep_told(connection, row, before, steps.about(step, facts))
    step_id = _insert(connection, number, step, day, facts, corrects, now, author.pseudonym if author else None)
    _follow(connection, number, now)
    details: dict[str, ledger.Detail] = {"request": number, "step": step.value, "day": day.isoformat()}
    if corrects is not None:
        details["corrects"] = corrects
    shown = facts.model_dump(mode="json", exclude=set(_UNTOLD), exclude_none=True)
    # A decision by its number is another line's.
    shown = {"decided_as" if name == "decision" else name: value for name, value in shown.items()}
    event = {Step.RECEIVED: ledger.Event.REQUEST_REGISTERED, **dict.fromkeys(_CLOSING, ledger.Event.REQUEST_CLOSED)}
    ledger.append(
        connection,
        ledger.Event.REQUEST_STEP if corrects is not None else event.get(step, ledger.Event.REQUEST_STEP),
        author=author,
        now=now,
        details={**details, **shown, **(told or {})},
    )
    return step_id


def kept(connection: sa.Connection, row: Mapping[str, Any], step: Step) -> int:
    """The number of the step that an export has told, made one that can be corrected. Raises Refused
    `request_step_unknown` where it has told none.
    """
    before = recorded(connection, row["request_id"])
    told = next((one for one in steps.of_row(row, before) if one.step is step), None)
    if told is None:
        raise Refused("request_step_unknown")
    return _keep_told(connection, row, before, steps.about(step, told.facts))[step]


def _keep_told(
    connection: sa.Connection, row: Mapping[str, Any], before: Sequence[Recorded], columns: Sequence[str]
) -> dict[Step, int]:
    """Makes what an export has told of some columns steps of their own; returns their numbers."""
    return {
        one.step: _insert(
            connection, row["request_id"], one.step, one.happened_on, one.facts, None, row["updated_at"], None
        )
        for one in steps.of_row(row, before)
        if set(steps.about(one.step, one.facts)) & set(columns)
    }


def forgotten(connection: sa.Connection, source: str, reference: str) -> int | None:
    """The number of a request of which the register keeps nothing but what is counted; None where it has let go of
    none by that reference.
    """
    digest = keys.pseudonyms(settings_of(connection)).digest(f"request|{source}|{reference}")
    number: int | None = connection.scalar(
        sa.select(request.c.request_id).where(
            request.c.source == source, request.c.reference == digest, request.c.forgotten_on.is_not(None)
        )
    )
    return number


def know_sender(connection: sa.Connection, number: int, contact: Mapping[str, Any]) -> None:
    """Keeps by what the sender of a request is known again, as keyed digests of the addresses and numbers it gives."""
    pseudonyms = keys.pseudonyms(settings_of(connection))
    given = {*addresses(contact["email"] or "").keys, *numbers(contact["phone"] or "").keys}
    connection.execute(sa.delete(request_sender).where(request_sender.c.request_id == number))
    if given:
        digests = sorted(pseudonyms.digest(f"request|{one}") for one in given)
        connection.execute(sa.insert(request_sender), [{"request_id": number, "digest": digest} for digest in digests])


def give_sender(
    connection: sa.Connection,
    row: Mapping[str, Any],
    contact: Mapping[str, Any],
    *,
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    """Puts another sender in the place of who an open request was from, in the caller's transaction: what was said of
    who that is goes, since it was said of somebody else.
    """
    number = row["request_id"]
    told = {name: contact[name] for name in CONTACT}
    connection.execute(sa.update(request).where(request.c.request_id == number).values(**told, updated_at=now))
    know_sender(connection, number, told)
    forget(connection, request_choice.c.request_id == number)
    details: dict[str, ledger.Detail] = {
        "request": number, "kind": row["kind"], "role": row["role"], "closed": False, "step": Step.RECEIVED.value,
    }  # fmt: skip
    ledger.append(connection, ledger.Event.REQUEST_UPDATED, author=author, now=now, details=details)


def _insert(
    connection: sa.Connection,
    number: int,
    step: Step,
    day: dt.date,
    facts: Facts,
    corrects: int | None,
    now: dt.datetime,
    by: str | None,
) -> int:
    inserted = connection.scalars(
        sa.insert(request_step)
        .values(
            request_id=number, step=step.value, happened_on=day, corrects=corrects, recorded_at=now, recorded_by=by,
            facts=facts.model_dump_json(exclude_none=True),
        )
        .returning(request_step.c.step_id)
    ).one()  # fmt: skip
    return int(inserted)


def _follow(connection: sa.Connection, number: int, now: dt.datetime) -> None:
    """Makes the request's row what follows from its steps; what nobody needs any more goes."""
    values = steps.columns_of(recorded(connection, number))
    if values.get("closed_on") is not None:
        values |= dict.fromkeys(CONTACT)
    connection.execute(sa.update(request).where(request.c.request_id == number).values(**values, updated_at=now))
    let_go(connection, number)


def let_go(connection: sa.Connection, number: int) -> None:
    """Forgets whom a request is from, by what digests tell of it, once nothing waits for that: it is closed, and none
    of what it kept goes later, or it is a customer's, who is not looked for. In the caller's transaction.
    """
    row = row_of(connection, number)
    is_waited_for = row["closed_on"] is None or steps.may_go_later(
        row["kind"], row["outcome"], recorded(connection, number)
    )
    if row["role"] == Role.PROCESSOR or not is_waited_for:
        forget(connection, request_choice.c.request_id == number)


def governed(told: Sequence[Recorded]) -> frozenset[str]:
    """The columns of a request's row that are the desk's, whatever an export says of them. What was asked for, and in
    what capacity, is so once something was done to somebody for it.
    """
    acted_for = ("kind", "role", "requester") if steps.has_acted(told) else ()
    return frozenset((*acted_for, *(column for one in told for column in steps.about(one.step, one.facts))))
