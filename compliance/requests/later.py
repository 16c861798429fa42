"""What a new build tells of open requests: whom those that came in by hand may be from, who were not in the copy
before, and which have been carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from compliance.reading.tracer import Tracer
from compliance.requests import given, record, steps
from compliance.requests.tables import SOURCE, Role, Step, Verdict, request, request_step
from compliance.words import settings as settings_of
from compliance.words.settings import Settings


def look(connection: sa.Connection, tracer: Tracer, *, now: dt.datetime, late: Collection[int] = ()) -> None:
    """Looks for whom open requests are from that came in by hand, in the transaction that makes the build current, once
    who was found before is taken along. Who is new is a step of the request, by nobody; so is whoever came too late
    for what was done by a request of a form, of which `late` has the numbers.
    """
    chosen = (
        sa.select(request)
        .where(request.c.source == SOURCE, request.c.closed_on.is_(None), request.c.role == Role.CONTROLLER)
        .order_by(request.c.request_id)
    )
    rows: list[dict[str, Any]] = [dict(row) for row in connection.execute(chosen).mappings()]
    today = settings_of.today(tracer.settings, now)
    holders = tracer.holders({key for row in rows for key in given.keys_of(row)})
    met = [(row, found) for row in rows if (found := given.matches(lambda key: holders.get(key, ()), row))]
    known_by = tracer.known_by({person for _, persons in met for person in persons})
    told = steps.history(connection, request_step.c.request_id.in_([row["request_id"] for row, _ in met]))
    new = dict.fromkeys(sorted(late), 1)
    for row, persons in met:
        number = row["request_id"]
        is_late = steps.is_acted_on(told.get(number, ()))
        new[number] = given.remember(connection, row, persons, known_by.__getitem__, now, is_late=is_late)
    for number, count in new.items():
        if count:
            facts = steps.Found(verdict=Verdict.FOUND, persons=count)
            record.enter(connection, number, Step.FOUND, today, facts, author=None, now=now)


def carried_out(connection: sa.Connection, settings: Settings, numbers: Iterable[int], *, now: dt.datetime) -> None:
    """Records of requests by their numbers that an export has shown them to be carried out, unless they are closed or
    that was recorded before; in the caller's transaction.
    """
    for number in numbers:
        is_open = record.row_of(connection, number)["closed_on"] is None
        done = {one.step for one in steps.effective(record.recorded(connection, number))}
        if is_open and Step.EXECUTED not in done:
            today = settings_of.today(settings, now)
            record.enter(connection, number, Step.EXECUTED, today, steps.Executed(), author=None, now=now)
