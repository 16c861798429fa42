"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class FoundOrganisation(NamedTuple):
    """Organisations with entries in the copy, by a part of their name or of their key."""

    org_id: str
    org_name: str | None
    bases: int


class FoundPerson(NamedTuple):
    """Persons by the beginning of their reference or, with names, by a part of their name or e-mail address."""

    person_id: str
    name: str | None
    email: str | None
    bases: int


class HoldCoverage(NamedTuple):
    """How much each hold that is on covers today: entries, persons, those whose purge it stops now (on hold), and
    those of them that are past their last lawful day.
    """

    hold_id: int
    bases: int
    persons: int
    held: int
    past_ceiling: int


class HoldTarget(NamedTuple):
    """How much a hold of one scope and key would cover today, whether it is placed or not."""

    bases: int
    persons: int
    pressing: int


class HoldTotals(NamedTuple):
    """What holds cover today, each entry counted once: entries under a hold, those whose purge it stops now, and those
    of them that are past their last lawful day.
    """

    bases: int
    persons: int
    held: int
    past_ceiling: int


FIND_ORGANISATIONS = Query("find_organisations", FoundOrganisation)
FIND_PERSONS = Query("find_persons", FoundPerson)
HOLD_COVERAGE = Query("hold_coverage", HoldCoverage)
HOLD_TARGET = Query("hold_target", HoldTarget)
HOLD_TOTALS = Query("hold_totals", HoldTotals)
