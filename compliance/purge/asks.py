"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class PersonBasis(NamedTuple):
    """Every entry of one person, with where it stands."""

    basis_id: str
    category: str
    source: str
    status: str
    deadline_on: dt.date | None


class PurgeCount(NamedTuple):
    """How many of a batch's entries go and how many stay, and why; with the rule of the category, null where it has
    none.
    """

    category: str
    source: str
    stays: str | None
    period: str | None
    section: str | None
    bases: int
    oldest_on: dt.date | None
    newest_on: dt.date | None


class Doomed(NamedTuple):
    """The entries that a batch deletes now, and those of its entries that stay with why."""

    basis_key: str
    basis_id: str | None
    person_id: str | None
    category: str
    source: str
    status: str
    deadline_on: dt.date | None
    stays: str | None


class Due(NamedTuple):
    """The entries of one category whose planned purge has come and that nothing keeps, the oldest first."""

    basis_id: str
    category: str
    source: str
    status: str
    deadline_on: dt.date | None


class PurgePersons(NamedTuple):
    """What a batch leaves of the persons that it concerns: nothing at all, or another entry and where that stands."""

    persons: int
    persons_gone: int
    persons_left: int
    bases_left: int


class PurgeRow(NamedTuple):
    """A batch's entries, those that stay first, then the oldest; the names only where the caller may see persons."""

    basis_key: str
    stays: str | None
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


class PurgeShare(NamedTuple):
    """How large a part of each category's entries a batch would delete."""

    category: str
    going: int
    stored: int


PERSON_BASES = Query("person_bases", PersonBasis)
PURGE_COUNTS = Query("purge_counts", PurgeCount)
PURGE_DOOMED = Query("purge_doomed", Doomed)
PURGE_DUE = Query("purge_due", Due)
PURGE_PERSONS = Query("purge_persons", PurgePersons)
PURGE_ROWS = Query("purge_rows", PurgeRow)
PURGE_SHARE = Query("purge_share", PurgeShare)
