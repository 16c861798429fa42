"""The bridge: from what was overdue when a snapshot was made to what is overdue now, and why.

Every entry is known by its keyed digest, so that each bar is counted from entries and none is what the others leave
over. What is left over is told beside them, and is nothing where all is well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from compliance.access.at import At
from compliance.bridge import digests
from compliance.bridge import verbs as starts
from compliance.bridge.tables import Place
from compliance.reading.copy import Reading
from compliance.review import asks
from compliance.review.snapshots import Snapshot
from compliance.review.tables import Occasion, snapshot
from compliance.show.asks import Entry
from compliance.suppression import verbs as suppression
from compliance.words.settings import Settings

# A bridge starts at the last review, or a week ago; a snapshot of a day is kept as a start for so long.
_DAYS = 11
# A review that is older than that is nothing to compare with.
SIGNED_DAYS = 21


class Cause(StrEnum):
    """Why an entry came to be overdue, or is overdue no more. Texts: `bridge.<value>`."""

    NEWLY_DUE = "newly_due"
    NEWLY_DETERMINED = "newly_determined"
    RELEASED = "released"
    REAPPEARED = "reappeared"
    ARRIVED = "arrived"
    PURGED = "purged"
    HELD = "held"
    EXTENDED = "extended"
    CORRECTED = "corrected"
    GONE = "gone"


COMES = (Cause.NEWLY_DUE, Cause.NEWLY_DETERMINED, Cause.RELEASED, Cause.REAPPEARED, Cause.ARRIVED)
GOES = (Cause.PURGED, Cause.HELD, Cause.EXTENDED, Cause.CORRECTED, Cause.GONE)
# How each changes what is overdue, in the order in which they are told.
SIGNS = {**dict.fromkeys(COMES, 1), **dict.fromkeys(GOES, -1)}
# Of these no entry is stored any more that could be shown.
WITHOUT_ROWS = (Cause.PURGED, Cause.GONE)
_STAYED = "stayed"


@dataclass(frozen=True)
class Bridge:
    """From `opening` entries that were overdue on `since` to `closing` now; `bars` counts each cause once."""

    number: int
    since: dt.date
    opening: int
    closing: int
    bars: dict[Cause, int]

    @property
    def unexplained(self) -> int:
        """What the bars leave over; anything but 0 is a fault."""
        return self.closing - self.opening - sum(sign * self.bars[cause] for cause, sign in SIGNS.items())


_OPENING, _CLOSING, _DAYS_SINCE = "opening", "closing", "days"


def written(bridge: Bridge, as_of: dt.date) -> dict[str, float]:
    """A bridge to `as_of` as the parts of a figure, in which it is kept."""
    return {
        _OPENING: bridge.opening, _CLOSING: bridge.closing, _DAYS_SINCE: (as_of - bridge.since).days,
        **{cause.value: count for cause, count in bridge.bars.items() if count},
    }  # fmt: skip


def read(parts: Mapping[str, float], as_of: dt.date) -> Bridge:
    """The bridge that `written` was given; it is one to be read, and leads to no rows any more."""
    return Bridge(
        0, as_of - dt.timedelta(days=parts[_DAYS_SINCE]), int(parts[_OPENING]), int(parts[_CLOSING]),
        {cause: int(parts.get(cause.value, 0)) for cause in Cause},
    )  # fmt: skip


def between(at: At, reading: Reading, before: Snapshot) -> Bridge | None:
    """The bridge from a snapshot to the reading's day; None where the snapshot's entries are not kept (any more).

    Raises copy.Retired.
    """
    start = None if before.number is None else starts.start(at.register, before.number)
    if start is None or before.get("overdue").value is None:
        return None
    if not reading.has_bridge(start.number):
        was = {place.value: some for place, some in start.left.items()}
        back = suppression.back_since(at, reading, before.made_at) if before.made_at else []
        reading.bridge(start.number, digests.secret(at.settings), before.as_of, was, back)
    counted = {row.cause: row.bases for row in reading.rows(asks.BRIDGE_COUNTS, start=start.number)}
    bars = {cause: counted.get(cause.value, 0) for cause in Cause}
    bars[Cause.PURGED] = start.purged
    stored = sum(counted.get(one, 0) for one in (_STAYED, Cause.HELD, Cause.EXTENDED, Cause.CORRECTED))
    bars[Cause.GONE] = len(start.left[Place.OVERDUE]) - stored
    opening = before.get("overdue").value
    return Bridge(start.number, before.as_of, int(opening or 0), reading.one(asks.WEEKLY).overdue, bars)


def rows(reading: Reading, bridge: Bridge, cause: Cause, rows: int, skip: int = 0) -> list[Entry]:
    """The entries behind a bar that has any, part by part, without whom they are about."""
    return reading.rows(asks.BRIDGE_ROWS, start=bridge.number, cause=cause.value, rows=rows, skip=skip)


def places(settings: Settings, reading: Reading) -> dict[Place, Sequence[str]]:
    """The digests of the entries that a later bridge starts from. Raises copy.Retired."""
    found = reading.places(digests.secret(settings))
    return {place: found.get(place.value, ()) for place in Place}


def wanted(connection: sa.Connection, as_of: dt.date) -> list[int]:
    """The snapshots that a bridge may still start from: those that were signed so lately that the
    next review starts from them, and the newest of each day.
    """
    newest = connection.scalars(
        sa.select(sa.func.max(snapshot.c.snapshot_id))
        .where(snapshot.c.as_of > as_of - dt.timedelta(days=_DAYS))
        .group_by(snapshot.c.as_of)
    )
    signed = connection.scalars(
        sa.select(snapshot.c.snapshot_id).where(
            snapshot.c.occasion == Occasion.SIGNED, snapshot.c.as_of > as_of - dt.timedelta(days=SIGNED_DAYS)
        )
    )
    return sorted({*newest, *signed})
