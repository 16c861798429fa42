"""What every room finds, in one: a room that finds something is named here."""

from __future__ import annotations

from compliance.access.at import At
from compliance.cookies import state as cookies
from compliance.environments import findings as environment_findings
from compliance.environments import state as environments
from compliance.findings import minimisation
from compliance.mailings import state as mailings
from compliance.marks import listing as marks
from compliance.notices import asks as notice_asks
from compliance.notices import state as notices
from compliance.processing import state as processing
from compliance.reading.copy import Reading
from compliance.words.finding import Finding, Judged

# Codes of what only a copy can tell.
_OF_COPY = frozenset(
    {"special_category", "field_not_allowed", "unread_cells", "processing_no_rule", *notices.Code, *mailings.Code}
)


def judged(at: At, reading: Reading | None) -> Judged:
    """What is found now, in the copy where there is one and in the registers."""
    seen = cookies.judged(cookies.known(at.register), at.policy, at.parameters, at.now)
    found: list[Finding] = [*seen.findings]
    unjudged: set[str] = {*seen.unjudged}
    if reading is None:
        unjudged |= _OF_COPY
        access = environment_findings.judged(None)
    else:
        found += minimisation.findings(reading, at.policy)
        rows = reading.rows(notice_asks.PROSPECTS_BY_ORIGIN, as_of=reading.as_of)
        groups = notices.groups(notices.known(at.register), rows, reading.as_of)
        found += notices.judged(groups, at.policy, reading.as_of).findings
        room = environments.room(at, reading, named=False)
        access = environment_findings.judged(room)
        mailed = mailings.mailed(reading, marks.listing(at.register, reading.as_of), at.parameters)
        told = mailings.judged(mailed, at.policy, at.parameters)
        found += told.findings
        unjudged |= told.unjudged
    found += access.findings
    unjudged |= access.unjudged
    found += processing.gaps(processing.activities(at.register, at.policy, reading), at.parameters, at.today)
    return Judged(tuple(found), frozenset(unjudged))
