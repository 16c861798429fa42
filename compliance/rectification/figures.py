"""What corrections count for among the figures (domain.md K24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import sqlalchemy as sa

from compliance.rectification.tables import State, rectification
from compliance.words.deadlines import local_date, request_deadline, since
from compliance.words.policy import Parameters


@dataclass(frozen=True)
class _Asked:
    """A correction as it stood on a day: when it was asked for, when the source had made it, by when it had to."""

    asked_on: dt.date
    made_on: dt.date | None
    expected_by: dt.date

    @property
    def in_time(self) -> bool:
        return self.made_on is not None and self.made_on <= self.expected_by


def figures(
    register: sa.Engine, as_of: dt.date, parameters: Parameters, requests_due: Mapping[int, dt.date]
) -> dict[str, float | None]:
    """How many corrections a source had still to make on a day, in how many days (the median) those were made that an
    export has shown in the last 30 days, and what share of those that were due then was made by its day.

    One that answers a request is due when that is (`requests_due`, by its number), any other a month after it was asked
    for. What was withdrawn, or whose person was purged, is in none.
    """
    found = _known(register, as_of, parameters, requests_due)
    made = [
        (one.made_on - one.asked_on).days for one in found if one.made_on is not None and one.made_on > since(as_of)
    ]
    # Due today is not missed before the day is over.
    due = [
        one
        for one in found
        if since(as_of) < one.expected_by <= as_of and not (one.made_on is None and one.expected_by == as_of)
    ]
    return {
        "corrections_open": sum(one.made_on is None for one in found),
        "days_to_correct": median(made) if made else None,
        "corrections_on_time": sum(one.in_time for one in due) / len(due) if due else None,
    }


def _known(
    register: sa.Engine, as_of: dt.date, parameters: Parameters, requests_due: Mapping[int, dt.date]
) -> list[_Asked]:
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(
                rectification.c.request_id, rectification.c.state, rectification.c.asked_at, rectification.c.decided_at
            )
        ).all()
    found: list[_Asked] = []
    for row in rows:
        asked_on = local_date(row.asked_at)
        decided_on = None if row.decided_at is None else local_date(row.decided_at)
        is_over = decided_on is not None and decided_on <= as_of
        if asked_on > as_of or (is_over and row.state in (State.WITHDRAWN, State.PURGED)):
            continue
        made_on = decided_on if is_over and row.state == State.VERIFIED else None
        expected_by = requests_due.get(row.request_id) or request_deadline(asked_on, parameters).due_on
        found.append(_Asked(asked_on, made_on, expected_by))
    return found
