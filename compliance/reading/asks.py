"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class StatusCount(NamedTuple):
    """How many entries and persons have each status, per category."""

    category: str
    status: str
    bases: int
    persons: int


class Trace(NamedTuple):
    """What somebody or an entry is found again by in another build, before it is digested: a record, or whom it is
    about.
    """

    trace: str
    is_record: bool


class NamedRecord(NamedTuple):
    """The keys of one person's records, each together with the name, before they are digested."""

    trace: str


class BasisOf(NamedTuple):
    """An entry of a person, or a certain entry."""

    basis_id: str


class Reach(NamedTuple):
    """Between which urgencies a person's entries lie; None of somebody who has none."""

    low: int | None
    high: int | None


BASES_OF = Query("bases_of", BasisOf)
NAMED_RECORDS = Query("named_records", NamedRecord)
PERSON_REACH = Query("person_reach", Reach)
STATUS_COUNTS = Query("status_counts", StatusCount)
TRACES = Query("traces", Trace)
