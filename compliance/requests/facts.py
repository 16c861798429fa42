"""The facts of a request: what a letter, a report or a list may say of it, and who it is from nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance.requests import clock, record, steps
from compliance.requests.clock import Standing
from compliance.requests.steps import Decided, Executed, IdentityAsked, Letter, Recorded
from compliance.requests.tables import (
    Decision,
    Verdict,
    request,
    request_choice,
    request_choice_person,
    request_sender,
    request_step,
)
from compliance.words.deadlines import add_months
from compliance.words.policy import Parameters


@dataclass(frozen=True)
class RequestFacts:
    """A request on a day, with all that was recorded of it, by codes and days.

    `shown` are its steps in order, also those that an export told and those that others correct. `decided` are the
    decisions that count, `kept` those of them that something stays by. `purges` are the numbers of the purges that
    carried it out, and `repeats` that of the request that it repeats.
    """

    number: int
    source: str
    reference: str
    kind: str
    role: str
    channel: str
    requester: str | None
    handler: str | None
    received_on: dt.date
    standing: Standing
    identity_asked_on: dt.date | None
    identity_answered_on: dt.date | None
    doubt: str | None
    extension_notice_on: dt.date | None
    extension_reason: str | None
    effect_on: dt.date | None
    forwarded_on: dt.date | None
    customer: str | None
    answered_on: dt.date | None
    closed_on: dt.date | None
    outcome: str | None
    repeats: int | None
    decided: tuple[Decided, ...]
    kept: tuple[Decided, ...]
    purges: tuple[int, ...]
    recipients_open: tuple[str, ...]
    letters: tuple[tuple[dt.date, Letter], ...]
    shown: tuple[Recorded, ...]
    row: Mapping[str, Any]

    @property
    def due_on(self) -> dt.date:
        """The day that the law gives for the answer; for one that is passed on, for passing it on."""
        return self.standing.law.due_on if self.role == "controller" else self.standing.due_on

    @property
    def extended_to(self) -> dt.date | None:
        """The new day, where an extension counts."""
        return self.standing.law.due_on if self.standing.law.extension_valid else None


def facts_of(connection: sa.Connection, number: int, parameters: Parameters, as_of: dt.date) -> RequestFacts:
    """The facts of a request by its number. Raises Refused `request_unknown`."""
    row = record.row_of(connection, number)
    told = record.recorded(connection, number)
    counted = steps.effective(told)
    stands = clock.standing(row, told, parameters, as_of)
    decided = tuple(one.facts for one in counted if isinstance(one.facts, Decided))
    asked = [one.facts for one in counted if isinstance(one.facts, IdentityAsked)]
    names = (
        "source", "reference", "kind", "role", "channel", "requester", "handler", "received_on", "identity_asked_on",
        "identity_answered_on", "extension_notice_on", "extension_reason", "effect_on", "forwarded_on", "customer",
        "answered_on", "closed_on", "outcome", "repeats",
    )  # fmt: skip
    return RequestFacts(
        number=number,
        standing=stands,
        doubt=asked[-1].doubt.value if asked else None,
        decided=decided,
        kept=tuple(one for one in decided if one.decision in (Decision.KEEP, Decision.RESTRICT)),
        purges=tuple(
            one.facts.batch for one in counted if isinstance(one.facts, Executed) and one.facts.batch is not None
        ),
        recipients_open=tuple(steps.open_recipients(told)),
        letters=tuple((one.happened_on, one.facts) for one in counted if isinstance(one.facts, Letter)),
        shown=tuple(steps.in_order([*steps.of_row(row, told), *told])),
        row=row,
        **{name: row[name] for name in names},
    )


def due_days(
    connection: sa.Connection, rows: Collection[Mapping[str, Any]], parameters: Parameters, as_of: dt.date
) -> dict[int, dt.date]:
    """By when something must be done of requests, by their numbers; `rows` are theirs of the table `request`."""
    told = steps.history(connection, request_step.c.request_id.in_([row["request_id"] for row in rows]))
    return {
        row["request_id"]: clock.standing(row, told.get(row["request_id"], []), parameters, as_of).due_on
        for row in rows
    }


def repeated(connection: sa.Connection, number: int) -> list[int]:
    """The numbers of other requests by who gave the same address or number within a year before or after, or may be the
    same person in the copy as long as it is known whom both are from, and of those that were linked with it. Raises
    Refused `request_unknown`.
    """
    row = record.row_of(connection, number)
    year = (add_months(row["received_on"], -12), add_months(row["received_on"], 12))
    own = sa.select(request_sender.c.digest).where(request_sender.c.request_id == number)
    same = sa.select(request_sender.c.request_id).where(request_sender.c.digest.in_(own))
    # Who was found and said not to be it is both.
    theirs = (
        sa.select(request_choice.c.request_id, request_choice_person.c.person_id)
        .join(request_choice_person, request_choice_person.c.choice_id == request_choice.c.choice_id)
        .where(request_choice_person.c.is_same)
        .group_by(request_choice.c.request_id, request_choice_person.c.person_id)
        .having(sa.func.count().filter(request_choice.c.verdict == Verdict.REJECTED) == 0)
        .subquery()
    )
    persons = sa.select(theirs.c.person_id).where(theirs.c.request_id == number)
    of_them = sa.select(theirs.c.request_id).where(theirs.c.person_id.in_(persons))
    linked = [request.c.repeats == number]
    if row["repeats"] is not None:
        linked += [request.c.request_id == row["repeats"], request.c.repeats == row["repeats"]]
    alike = sa.and_(
        request.c.received_on.between(*year), sa.or_(request.c.request_id.in_(same), request.c.request_id.in_(of_them))
    )
    chosen = (
        sa.select(request.c.request_id)
        .where(request.c.request_id != number, sa.or_(alike, *linked))
        .order_by(request.c.request_id)
    )
    return list(connection.scalars(chosen))
