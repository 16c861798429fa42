"""Reviews of the week: which were signed, which weeks were missed, and what was decided in between."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import ledger
from compliance.ledger.tables import ledger as lines
from compliance.review import snapshots
from compliance.review.bridges import SIGNED_DAYS
from compliance.review.snapshots import Snapshot
from compliance.review.tables import review

_WEEK = dt.timedelta(weeks=1)

# Somebody said something by it.
DECISIONS = (
    ledger.Event.BATCH_PROPOSED,
    ledger.Event.BATCH_TAKEN_OUT,
    ledger.Event.BATCH_APPROVED,
    ledger.Event.BATCH_CONFIRMED,
    ledger.Event.BATCH_REFUSED,
    ledger.Event.BATCH_EXECUTED,
    ledger.Event.HOLD_PLACED,
    ledger.Event.HOLD_REVIEWED,
    ledger.Event.HOLD_RELEASED,
    ledger.Event.HOLD_SETTLED,
    ledger.Event.MARK_PLACED,
    ledger.Event.MARK_REVIEWED,
    ledger.Event.MARK_LIFTED,
    ledger.Event.MARK_SETTLED,
    ledger.Event.RECTIFICATION_ASKED,
    ledger.Event.RECTIFICATION_WITHDRAWN,
    ledger.Event.IDENTITY_SAME,
    ledger.Event.IDENTITY_DIFFERENT,
    ledger.Event.IDENTITY_OVER,
    ledger.Event.REQUEST_PERSON_CHOSEN,
    ledger.Event.REQUEST_CLOSED,
    ledger.Event.RETURN_CONFIRMED,
    ledger.Event.RETURN_DECIDED,
    ledger.Event.SOURCE_VOUCHED,
    ledger.Event.SOURCE_RETRIED,
    ledger.Event.CLOCKS_ACCEPTED,
    ledger.Event.CLOCKS_REJECTED,
    ledger.Event.RULES_PROPOSED,
    ledger.Event.RULES_APPROVED,
    ledger.Event.RULES_REFUSED,
    ledger.Event.RULES_WITHDRAWN,
    ledger.Event.MAPPING_SAVED,
    ledger.Event.LIMIT_EXTENDED,
    ledger.Event.INCIDENT_RECORDED,
)


@dataclass(frozen=True)
class Review:
    """A week that was signed. `signed_by` and `countersigned_by` are pseudonyms; `decided` is event -> how often."""

    review_id: int
    week: str
    as_of: dt.date
    snapshot_id: int | None
    is_late: bool
    note: str
    decided: Mapping[str, int]
    signed_by: str
    signed_role: str
    signed_at: dt.datetime
    countersigned_by: str | None
    countersigned_role: str | None
    countersigned_at: dt.datetime | None


def week_of(day: dt.date) -> str:
    """A day's week by ISO 8601, as 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def last_day(week: str) -> dt.date:
    """The Sunday of a week. Raises ValueError for what is none."""
    return dt.date.fromisoformat(f"{week}-7")


def signed(register: sa.Engine) -> list[Review]:
    """Every review, that of the latest week first."""
    with register.connect() as connection:
        return [_review(row) for row in connection.execute(sa.select(review).order_by(review.c.week.desc())).mappings()]


def missed(found: Sequence[Review], as_of: dt.date) -> list[str]:
    """The weeks before that of `as_of` which nobody has signed, since the first one that somebody has."""
    if not found:
        return []
    known = {one.week for one in found}
    day, weeks = last_day(min(known)), []
    while (day := day + _WEEK) < as_of:
        if week_of(day) not in known:
            weeks.append(week_of(day))
    return weeks


def start(register: sa.Engine, found: Sequence[Review], as_of: dt.date) -> Snapshot | None:
    """Where the bridge of a day starts: at the last review that was signed in time and is up to 20 days old, else at
    the snapshot of a week before; None where there is neither.
    """
    for one in sorted(found, key=lambda one: one.as_of, reverse=True):
        if not one.is_late and one.snapshot_id is not None and 0 < (as_of - one.as_of).days < SIGNED_DAYS:
            return snapshots.by_number(register, one.snapshot_id)
    return snapshots.week_before(register, as_of)


def since(found: Sequence[Review], now: dt.datetime) -> dt.datetime:
    """Since when decisions belong to the next review: since the last one that was signed in time, else a week ago."""
    times = [one.signed_at for one in found if not one.is_late]
    return max(times) if times else now - _WEEK


def decided(connection: sa.Connection, since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    """How often each thing was decided after `since`, by the ledger's events, in the order of `DECISIONS`."""
    events = connection.scalars(
        sa.select(lines.c.event).where(
            lines.c.event.in_([one.value for one in DECISIONS]), lines.c.at > since, lines.c.at <= until
        )
    )
    counted = Counter(events)
    return {one.value: counted[one.value] for one in DECISIONS if counted[one.value]}


def _review(row: Mapping[Any, Any]) -> Review:
    return Review(**{**row, "decided": json.loads(row["decided"])})
