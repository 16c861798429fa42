"""Closed erasures of which something was kept that nothing keeps any more: the erasure is to be taken up again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.reading.copy import Reading
from compliance.requests import asks, rest, steps
from compliance.requests.tables import Resumed, Role, request, request_choice, request_step


@dataclass(frozen=True)
class Waiting:
    """A closed request, by its number, with how many entries may go now, what has ended of what kept them, and since
    when they may; None where nobody knows.
    """

    number: int
    bases: int
    why: Resumed
    since: dt.date | None


def waiting(register: sa.Engine, reading: Reading, *, number: int | None = None) -> list[Waiting]:
    """The closed requests of which something may go now on the day of the reading, by their number; or the one of a
    number, if it is. Raises copy.Retired.
    """
    known = request.c.request_id.in_(sa.select(request_choice.c.request_id))
    which = known if number is None else sa.and_(known, request.c.request_id == number)
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(request.c.request_id, request.c.source, request.c.reference)
            .where(request.c.closed_on <= reading.as_of, request.c.role == Role.CONTROLLER, which)
            .order_by(request.c.request_id)
        ).all()
        told = steps.history(connection, request_step.c.request_id.in_([row.request_id for row in rows]))
    wanted = asks.ALL if number is None or not rows else {name: getattr(rows[0], name) for name in asks.ALL}
    entries = rest.of_each(reading.rows(asks.REQUEST_ENTRIES, **wanted) if rows else ())
    found = []
    for row in rows:
        decided = rest.decisions(told.get(row.request_id, ()))
        freed = rest.freed(decided, entries.get((row.source, row.reference), ()), reading.as_of)
        if freed is not None:
            since = None if freed.until_on is None else freed.until_on + dt.timedelta(days=1)
            if freed.why is Resumed.HOLD_RELEASED:
                since = reading.one(asks.REQUEST_RELEASES, source=row.source, reference=row.reference).released_on
            found.append(Waiting(row.request_id, freed.bases, freed.why, since))
    return found


def numbers(register: sa.Engine, reading: Reading) -> list[str]:
    """The numbers of those requests, as pages show them. Raises copy.Retired."""
    return [str(one.number) for one in waiting(register, reading)]
