"""What corrections count for among the figures (domain.md K24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

import sqlalchemy as sa

from compliance.rectification.tables import State, rectification
from compliance.words.deadlines import local_date, request_deadline, since
from compliance.words.policy import Parameters


class Which(StrEnum):
    """Which corrections a figure counts: those that a source has still to make, those that an export has shown in the
    last 30 days, and those that were due then. Texts: `corrections.<value>`.
    """

    OPEN = "open"
    MADE = "made"
    DUE = "due"


@dataclass(frozen=True)
class Asked:
    """A correction as it stood on a day, by its number: when it was asked for, when the source had made it, by when it
    had to.
    """

    rectification_id: int
    asked_on: dt.date
    made_on: dt.date | None
    expected_by: dt.date

    @property
    def in_time(self) -> bool:
        """Whether the source had made it by its day."""
        return self.made_on is not None and self.made_on <= self.expected_by

    @property
    def took(self) -> int | None:
        """In how many days it was made; None where it was not."""
        return None if self.made_on is None else (self.made_on - self.asked_on).days

    def belongs(self, which: Which, as_of: dt.date) -> bool:
        """Whether a figure of a day counts it."""
        match which:
            case Which.OPEN:
                return self.made_on is None
            case Which.MADE:
                return self.made_on is not None and self.made_on > since(as_of)
            case Which.DUE:
                # Due today is not missed before the day is over.
                is_ahead = self.made_on is None and self.expected_by == as_of
                return since(as_of) < self.expected_by <= as_of and not is_ahead


def figures(
    register: sa.Engine, as_of: dt.date, parameters: Parameters, requests_due: Mapping[int, dt.date]
) -> dict[str, float | None]:
    """How many corrections a source had still to make on a day, in how many days (the median) those were made that an
    export has shown in the last 30 days, and what share of those that were due then was made by its day.

    One that answers a request is due when that is (`requests_due`, by its number), any other a month after it was asked
    for. What was withdrawn, or whose person was purged, is in none.
    """
    found = known(register, as_of, parameters, requests_due)
    made = [one.took for one in found if one.belongs(Which.MADE, as_of) and one.took is not None]
    due = [one for one in found if one.belongs(Which.DUE, as_of)]
    return {
        "corrections_open": sum(one.belongs(Which.OPEN, as_of) for one in found),
        "days_to_correct": median(made) if made else None,
        "corrections_on_time": sum(one.in_time for one in due) / len(due) if due else None,
    }


def known(
    register: sa.Engine, as_of: dt.date, parameters: Parameters, requests_due: Mapping[int, dt.date]
) -> list[Asked]:
    """The corrections that figures of a day are about, as they stood then; `requests_due` as of `figures`."""
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(
                rectification.c.rectification_id, rectification.c.request_id, rectification.c.state,
                rectification.c.asked_at, rectification.c.decided_at,
            ).order_by(rectification.c.rectification_id)
        ).all()  # fmt: skip
    found: list[Asked] = []
    for row in rows:
        asked_on = local_date(row.asked_at)
        decided_on = None if row.decided_at is None else local_date(row.decided_at)
        is_over = decided_on is not None and decided_on <= as_of
        if asked_on > as_of or (is_over and row.state in (State.WITHDRAWN, State.PURGED)):
            continue
        made_on = decided_on if is_over and row.state == State.VERIFIED else None
        expected_by = requests_due.get(row.request_id) or request_deadline(asked_on, parameters).due_on
        found.append(Asked(row.rectification_id, asked_on, made_on, expected_by))
    return found
