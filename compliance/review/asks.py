"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.show.asks import Entry
from compliance.words.queries import Query


class BridgeCount(NamedTuple):
    """How many entries stand behind each bar of the bridge."""

    cause: str
    bases: int


class Expiry(NamedTuple):
    """How many entries must go by when: deadlines ahead per month or week, entries past theirs apart."""

    starts_on: dt.date
    category: str
    bases: int


class Oldest(NamedTuple):
    """The entry that has been past its last lawful day the longest."""

    category: str
    source: str
    deadline_on: dt.date
    days_overdue: int


class OverdueByAge(NamedTuple):
    """How long entries have been past their last lawful day."""

    category: str
    age: str
    bases: int
    persons: int


class PersonsByStatus(NamedTuple):
    """How many persons have each status, a person having the worst of its entries'."""

    status: str
    persons: int


class StoredBy(NamedTuple):
    """How many distinct persons are stored along one cut: category, source, or purpose with ground."""

    value: str
    ground: str
    persons: int
    bases: int


class StoredByCategory(NamedTuple):
    """How many persons and entries are stored per category and source, and how they stand."""

    category: str
    source: str
    persons: int
    bases: int
    active: int
    retained: int
    expiring: int
    due: int
    overdue: int
    held: int
    statutory: int
    undetermined: int


class UndeterminedByCause(NamedTuple):
    """Why entries cannot be determined, and how many would be overdue if the worst were true."""

    reason: str
    bases: int
    past_provisional: int


class Weekly(NamedTuple):
    """The figures of the weekly review."""

    persons: int
    in_order: int
    overdue_persons: int
    bases: int
    due_30: int
    due_90: int
    overdue: int
    oldest_days: int | None
    undetermined: int
    held: int


BRIDGE_COUNTS = Query("bridge_counts", BridgeCount)
BRIDGE_ROWS = Query("bridge_rows", Entry)
EXPIRIES = Query("expiries", Expiry)
OLDEST = Query("oldest", Oldest)
OVERDUE_BY_AGE = Query("overdue_by_age", OverdueByAge)
PERSONS_BY_STATUS = Query("persons_by_status", PersonsByStatus)
STORED_BY = Query("stored_by", StoredBy)
STORED_BY_CATEGORY = Query("stored_by_category", StoredByCategory)
UNDETERMINED_BY_CAUSE = Query("undetermined_by_cause", UndeterminedByCause)
WEEKLY = Query("weekly", Weekly)
