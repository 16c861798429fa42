"""What explains that a figure jumps: purges, exports that were not taken, large intakes, lost holds, changed rules.

All come from the ledger, but for the rules: each snapshot says by which it was measured.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance.ledger import Event as Line
from compliance.ledger.tables import ledger
from compliance.review.tables import snapshot
from compliance.words.deadlines import local_date

# An intake brings something every night; one that changes the number of entries by so much is told.
_LARGE = 0.01


class What(StrEnum):
    """What happened. Texts: `what.<value>`."""

    PURGE = "purge"
    INTAKE = "intake"
    REFUSED = "refused"
    HOLD_LOST = "hold_lost"
    RULES = "rules"


_OF_LINES = {
    Line.BATCH_EXECUTED.value: What.PURGE,
    Line.INTAKE_DONE.value: What.INTAKE,
    Line.EXPORT_REFUSED.value: What.REFUSED,
    Line.HOLD_LOST.value: What.HOLD_LOST,
}


@dataclass(frozen=True)
class Happened:
    """Something that explains a jump. `count` is of entries purged or come, of exports refused or of holds lost that
    day; None for a change of the rules.
    """

    on: dt.date
    what: What
    count: int | None


def of(register: sa.Engine, since: dt.date, until: dt.date) -> list[Happened]:
    """What happened from `since` to `until`, the oldest first, each kind once a day."""
    counts: dict[tuple[dt.date, What], int] = {}
    stored: int | None = None
    with register.connect() as connection:
        lines = connection.execute(
            sa.select(ledger.c.at, ledger.c.event, ledger.c.details)
            .where(ledger.c.event.in_(list(_OF_LINES)))
            .order_by(ledger.c.seq)
        ).all()
        invented = connection.scalars(
            sa.select(ledger.c.details).where(
                ledger.c.event == Line.FIGURES_KEPT.value, ledger.c.details.contains('"invented":true', autoescape=True)
            )
        ).all()
        days = {
            row.snapshot_id: (row.as_of, row.policy_digest)
            for row in connection.execute(
                sa.select(snapshot.c.snapshot_id, snapshot.c.as_of, snapshot.c.policy_digest)
                .where(snapshot.c.as_of.between(since, until))
                .order_by(snapshot.c.as_of, snapshot.c.snapshot_id)
            )
        }
    for row in lines:
        told: Mapping[str, Any] = json.loads(row.details)
        what, on, count = _OF_LINES[row.event], local_date(row.at), 1
        if what is What.PURGE:
            count = int(told.get("deleted") or 0)
        elif what is What.INTAKE:
            if "bases" not in told:
                # Nothing in it was new.
                continue
            before, stored = stored, int(told["bases"])
            count = 0 if not before or abs(stored - before) < _LARGE * before else stored - before
        if count and since <= on <= until:
            counts[on, what] = counts.get((on, what), 0) + count
    for text in invented:
        told = json.loads(text)
        if "what" in told and told["snapshot"] in days:
            on = days[told["snapshot"]][0]
            counts[on, What(told["what"])] = int(told["entries"])
    found = [Happened(on, what, count) for (on, what), count in counts.items()]
    rules: str | None = None
    for on, digest in days.values():
        if rules is not None and digest is not None and digest != rules:
            found.append(Happened(on, What.RULES, None))
        rules = digest or rules
    return sorted(found, key=lambda one: (one.on, one.what))
