"""What other rules would do, before anybody decides: counted by the one statement that decides status, on a day and a
year after it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.policy import asks
from compliance.reading import copy
from compliance.reading.copy import Move, Reading
from compliance.words.settings import Settings
from compliance.words.versions import Rules

WEEKS = 52
_WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class Week:
    """How many entries become due and overdue in a week that begins on a Monday, by the rules before and after."""

    starts_on: dt.date
    due_before: int
    due_after: int
    overdue_before: int
    overdue_after: int


@dataclass(frozen=True)
class WhatIf:
    """What other rules would do from `on`: who goes from which status to which on that day, and what the year that
    follows brings. It counts what is known today: no new exports, no holds to come, and in no week who cannot be
    determined today.
    """

    on: dt.date
    persons: int
    moves: tuple[Move, ...]
    weeks: tuple[Week, ...]


def what_if(settings: Settings, register: sa.Engine, on: dt.date, before: Rules, after: Rules) -> WhatIf | None:
    """Counts it; None where nothing was taken in yet. Raises what compliance.reading.copy.current does."""
    until = on + WEEKS * _WEEK

    def seen(day: dt.date, rules: Rules) -> Reading | None:
        # Nobody goes on reading these: they must not push out what pages read.
        return copy.current(settings, register, day, rules.policy, rules.parameters, kept=False)

    now, then = seen(on, before), seen(on, after)
    if now is None or then is None:
        return None
    if now.build != then.build:
        # An intake has come between the two.
        return what_if(settings, register, on, before, after)
    moved = copy.moves(now, then)
    # Let go before the next two are made: of a large copy each takes some hundred megabytes.
    del now, then
    weeks = [_weeks(seen(until, rules), on) for rules in (before, after)]
    return WhatIf(
        on,
        sum(one.persons for one in moved if one.category is None),
        tuple(one for one in moved if one.category is not None),
        tuple(
            Week(day, *(told[day, what] for what in ("due", "overdue") for told in weeks))
            for day in (_monday(on) + number * _WEEK for number in range(WEEKS + 1))
        ),
    )


def _weeks(reading: Reading | None, since: dt.date) -> Counter[tuple[dt.date, str]]:
    rows = reading.rows(asks.RULE_WEEKS, since=since) if reading is not None else []
    return Counter({(row.starts_on, row.becomes): row.bases for row in rows})


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
