"""When a request must be answered, told once more and slowly: day by day and with its own holidays, for tests alone.

From the rules: a month is the same date in the next, or its last day; days on which we waited to be told who somebody
is are added if we asked within three working days; then the last day moves, once, off Saturdays, Sundays and Swedish
public holidays. Told of before that day and with a reason, it becomes three months from receipt, counted alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

ONE_DAY = dt.timedelta(days=1)
ASK_WITHIN, EXTENDED_MONTHS, SOON = 3, 3, 7
FIXED = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 25), (12, 26)}
EVES = {(12, 24), (12, 31)}
# A question of who somebody is: asked, and answered or not yet.
Pause = tuple[dt.date, dt.date | None]


def easter(year: int) -> dt.date:
    """Easter Sunday: the Sunday after the first full moon of the church on or after 21 March."""
    golden = year % 19
    century = year // 100
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    full = dt.date(year, 3, 21) + dt.timedelta(days=moon)
    day = full + ONE_DAY
    while day.weekday() != 6:
        day += ONE_DAY
    return day


def is_free(day: dt.date, eves: bool = False) -> bool:
    """Saturdays, Sundays, public holidays, and the eves where they count."""
    if day.weekday() in (5, 6) or (day.month, day.day) in FIXED:
        return True
    from_easter = (day - easter(day.year)).days
    # Good Friday, Easter Monday, Ascension. Whitsun, midsummer's day and all saints' are Saturdays or Sundays.
    if from_easter in (-2, 1, 39):
        return True
    midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4
    return eves and ((day.month, day.day) in EVES or midsummer_eve)


def rolled(day: dt.date, eves: bool = False) -> dt.date:
    """The day itself, or the next that is not free."""
    while is_free(day, eves):
        day += ONE_DAY
    return day


def working_days_after(day: dt.date, count: int, eves: bool = False) -> dt.date:
    """So many days on which somebody works."""
    while count:
        day += ONE_DAY
        if not is_free(day, eves):
            count -= 1
    return day


def months_after(day: dt.date, months: int) -> dt.date:
    """The same date, or the month's last."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for last in range(day.day, 0, -1):
        try:
            return dt.date(year, month, last)
        except ValueError:
            continue
    raise AssertionError


def waited(received: dt.date, pauses: Sequence[Pause], seen: dt.date | None, eves: bool) -> int:
    """Days, each once, on which an answer was waited for that had been asked for in time."""
    latest = working_days_after(received, ASK_WITHIN, eves)
    days: set[dt.date] = set()
    for asked, answered in pauses:
        if asked > latest:
            continue
        until = answered or seen
        day = max(asked, received)
        while until is not None and day < until:
            days.add(day)
            day += ONE_DAY
    return len(days)


def due(
    received: dt.date,
    pauses: Sequence[Pause] = (),
    notice: dt.date | None = None,
    reason: str | None = None,
    seen: dt.date | None = None,
    eves: bool = False,
) -> tuple[dt.date, int, bool, bool]:
    """The last day, days waited, whether the extension holds, and whether the day still moves."""
    days = waited(received, pauses, seen, eves)
    last = rolled(months_after(received, 1) + days * ONE_DAY, eves)
    extended = notice is not None and notice <= last and bool(reason)
    if extended:
        last = rolled(months_after(received, EXTENDED_MONTHS) + days * ONE_DAY, eves)
    latest = working_days_after(received, ASK_WITHIN, eves)
    return last, days, extended, any(asked <= latest and answered is None for asked, answered in pauses)
