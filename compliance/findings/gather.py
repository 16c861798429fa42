"""What every room finds, in one: a room that finds something is named here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance import ledger
from compliance.access.at import At
from compliance.controls import state as controls
from compliance.cookies import state as cookies
from compliance.environments import findings as environment_findings
from compliance.environments import state as environments
from compliance.findings import minimisation
from compliance.findings import state as findings
from compliance.findings.state import Standing
from compliance.mailings import state as mailings
from compliance.marks import listing as marks
from compliance.marks.listing import MarkRow
from compliance.notices import asks as notice_asks
from compliance.notices import state as notices
from compliance.processing import assigned
from compliance.processing import state as processing
from compliance.processing.assigned import Assigned
from compliance.processing.state import Activity
from compliance.reading.copy import Reading
from compliance.words.deadlines import local_date
from compliance.words.finding import Judged
from compliance.words.remembered import Remembered


@dataclass(frozen=True)
class OfCopy:
    """What the rooms know on a day by the copy."""

    reading: Reading
    prospects: Sequence[notice_asks.Prospects]
    access: environments.Room
    marks: Sequence[MarkRow]
    mailed: mailings.Mailed


@dataclass(frozen=True)
class Rooms:
    """What the rooms know on a day, asked for once: for what they find, and for what is counted of them. `of_copy` is
    None where there is no copy. Some of it is about persons, so it is kept for no longer than it is worked with.
    """

    cookies: cookies.Known
    notices: notices.Known
    controls: controls.Known
    activities: Sequence[Activity]
    assigned: Assigned
    of_copy: OfCopy | None


_REMEMBERED = 8
_standing: Remembered[tuple[Standing, ...]] = Remembered(_REMEMBERED)


def rooms(at: At, reading: Reading | None) -> Rooms:
    """What the rooms know now."""
    of_copy = None
    if reading is not None:
        marked = marks.listing(at.register, reading.as_of)
        of_copy = OfCopy(
            reading,
            reading.rows(notice_asks.PROSPECTS_BY_ORIGIN, as_of=reading.as_of),
            environments.room(at, reading, named=False),
            marked,
            mailings.mailed(reading, marked, at.parameters),
        )
    return Rooms(
        cookies.known(at.register),
        notices.known(at.register),
        controls.known(at.register),
        processing.activities(at.register, at.policy, reading),
        assigned.known(at.register, reading),
        of_copy,
    )


def judged(at: At, reading: Reading | None, known: Rooms | None = None) -> Judged:
    """What is found now, in the copy where there is one and in the registers; by `known`, where the caller has asked
    for it already.
    """
    if known is None:
        known = rooms(at, reading)
    here, policy = known.of_copy, at.policy
    groups = None if here is None else notices.groups(known.notices, here.prospects, here.reading.as_of)
    return Judged.joined(
        cookies.judged(known.cookies, policy, at.parameters, at.now),
        minimisation.judged(reading, policy),
        notices.judged(groups, policy, at.today),
        environment_findings.judged(None if here is None else here.access),
        mailings.judged(None if here is None else here.mailed, policy, at.parameters),
        controls.judged(known.controls, at.parameters, at.today),
        assigned.judged(known.assigned, at.parameters, at.today),
        processing.judged(known.activities, at.parameters, at.today, has_copy=here is not None),
    )


def standing(at: At, reading: Reading | None, known: Rooms | None = None) -> tuple[Standing, ...]:
    """How each finding stands today, in the order of the list; asked anew only once something has happened that can
    change it: what changes the register is a line of the ledger, and what changes the copy, its day or its rules makes
    another reading. The clock counts by the day.
    """
    with at.register.connect() as connection:
        head = ledger.last_change(connection)
    rules = at.policy.digest, at.parameters.as_json
    asked = at.register, head, None if reading is None else reading.key, *rules, at.today, local_date(at.now)

    def find() -> tuple[Standing, ...]:
        found = judged(at, reading, known)
        return tuple(findings.standing(at.register, found, at.parameters, at.today))

    return _standing.of(asked, find)
