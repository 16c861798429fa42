"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class Entry(NamedTuple):
    """The entries that a filter shows, most pressing first; the names only where the caller may see persons."""

    basis_id: str
    person_id: str
    name: str | None
    email: str | None
    phone: str | None
    category: str
    source: str
    status: str
    reason: str
    reason_field: str | None
    reason_value: str | None
    start_on: dt.date | None
    ceiling_on: dt.date | None
    deadline_on: dt.date | None
    days_overdue: int | None
    provisional_on: dt.date | None
    hold_since: dt.date | None
    statutory_until: dt.date | None
    former_role: bool
    opted_out: bool
    objected: bool
    restricted: bool
    has_hold: bool
    open_request: bool
    moved_by_source: bool
    moved_field: str | None
    moved_to: dt.date | None
    period: str | None
    section: str | None
    owner: str | None


class EntriesWindow(NamedTuple):
    """Between which urgencies a page of entries lies, and how many entries of its filter come before them."""

    low: int | None
    high: int | None
    earlier: int


class EntryCount(NamedTuple):
    """How many entries and persons a filter of queries/show/entries.sql shows; of the entries that are `due` the time
    has come, and no others go with a list.
    """

    bases: int
    persons: int
    due: int


ENTRIES = Query("entries", Entry)


ENTRIES_COUNT = Query("entries_count", EntryCount)
ENTRIES_WINDOW = Query("entries_window", EntriesWindow)
