"""Requests that are ours to answer, over the last 30 days: which came in, were due and were closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance.requests import clock, steps
from compliance.requests.steps import Recorded
from compliance.requests.tables import Outcome, Role, request
from compliance.words.deadlines import RequestState, since
from compliance.words.policy import Parameters


class Over(StrEnum):
    """Which requests of the last 30 days. Texts: `request_over.<value>`."""

    DUE = "due"
    RECEIVED = "received"
    CLOSED = "closed"


class Kept:
    """A request of our own as it stood on a day."""

    def __init__(
        self, row: Mapping[str, Any], told: Sequence[Recorded], as_of: dt.date, parameters: Parameters
    ) -> None:
        self.request_id: int = row["request_id"]
        self.kind: str = row["kind"]
        self.received_on: dt.date = row["received_on"]
        self.closed_on = clock.by(row["closed_on"], as_of)
        self.outcome: str | None = row["outcome"] if self.closed_on is not None else None
        self.was_announced = clock.by(row["extension_notice_on"], as_of) is not None
        found = clock.standing({**row, "closed_on": self.closed_on}, told, parameters, self.closed_on or as_of)
        self.due_on, self.is_paused = found.due_on, found.law.provisional
        self.is_late = found.state is RequestState.OVERDUE
        self.pause_days, self.is_extended = found.law.pause_days, found.law.extension_valid

    @property
    def in_time(self) -> bool:
        """Whether it was closed by its day."""
        return self.closed_on is not None and self.closed_on <= self.due_on

    @property
    def days(self) -> int:
        """How many days it took; to be asked of one that is closed."""
        assert self.closed_on is not None
        return (self.closed_on - self.received_on).days


def own(connection: sa.Connection, as_of: dt.date, parameters: Parameters) -> list[Kept]:
    """Every request of our own that was received by the day, as it stood then."""
    received = connection.execute(
        sa.select(request).where(request.c.received_on <= as_of, request.c.role == Role.CONTROLLER)
    ).mappings()
    told = steps.history(connection)
    return [Kept(dict(row), told.get(row["request_id"], []), as_of, parameters) for row in received]


def among(found: Iterable[Kept], over: Over, as_of: dt.date) -> list[Kept]:
    """Those of the last 30 days that came in, were closed, or were due (domain.md K14): by their day, open ones too."""
    belongs = {Over.DUE: _was_due, Over.RECEIVED: _came_in, Over.CLOSED: _was_closed}[over]
    return [one for one in found if belongs(one, as_of)]


def _came_in(one: Kept, as_of: dt.date) -> bool:
    return one.received_on > since(as_of)


def _was_closed(one: Kept, as_of: dt.date) -> bool:
    return one.closed_on is not None and one.closed_on > since(as_of)


def _was_due(one: Kept, as_of: dt.date) -> bool:
    # Due today is not missed before the day is over.
    still_open = one.closed_on is None and (one.is_paused or one.due_on == as_of)
    return since(as_of) < one.due_on <= as_of and one.outcome != Outcome.WITHDRAWN and not still_open
