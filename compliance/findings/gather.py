"""What every room finds, in one: a room that finds something is named here."""

from __future__ import annotations

from compliance.access.at import At
from compliance.findings import minimisation
from compliance.reading.copy import Reading
from compliance.words.finding import Finding, Judged

# Codes of what only a copy can tell.
_OF_COPY = frozenset({"special_category", "field_not_allowed", "unread_cells"})


def judged(at: At, reading: Reading | None) -> Judged:
    """What is found now, in the copy where there is one and in the registers."""
    found: list[Finding] = []
    unjudged: set[str] = set()
    if reading is None:
        unjudged |= _OF_COPY
    else:
        found += minimisation.findings(reading, at.policy)
    return Judged(tuple(found), frozenset(unjudged))
