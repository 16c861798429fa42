"""How long a cookie lives, in seconds, from when it was first set: of the headers that set it, and of words for it.

RFC 6265 says how a header is read: each attribute's last value counts, Max-Age goes before Expires, and a time that has
passed removes the cookie. The standard library's own reader leaves out what it cannot read and says nothing; here
nothing is left out.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache

from compliance.words.deadlines import add_months

_MAX_AGE = re.compile(r"-?[0-9]{1,18}")
_AMOUNT = re.compile(r"(\d{1,9}(?:[.,]\d{1,6})?)\s*([a-zåäö]+)")
# What an amount may be followed by, in the languages that scanners write; a unit is told by how its word begins.
_SECONDS = {
    1: ("s", "sec", "second", "seconds", "sek", "sekund", "sekunder", "sekunden"),
    60: ("min", "mins", "minute", "minutes", "minut", "minuter", "minuten"),
    3600: ("h", "hour", "hours", "hrs", "tim", "timme", "timmar", "stunde", "stunden"),
    86_400: ("d", "day", "days", "dag", "dagar", "tag", "tage", "tagen"),
    604_800: ("w", "week", "weeks", "vecka", "veckor", "woche", "wochen"),
}
_MONTHS = {
    1: ("mo", "month", "months", "mån", "månad", "månader", "monat", "monate", "monaten"),
    12: ("y", "yr", "yrs", "year", "years", "år", "jahr", "jahre", "jahren"),
}
_SESSION = re.compile(r"session|sitzung", re.I)
# Of web storage, which has no end, and of what scanners call that.
_ENDLESS = re.compile(r"never|aldrig|nie(mals)?", re.I)
_UNSAID = re.compile(r"|-|–|n/?a|unknown|okänd|persistent|permanent|beständig", re.I)
_DAY = 86_400
_MOST = 36_500 * _DAY


@dataclass(frozen=True)
class Lifetime:
    """Between `least` and `most` seconds; `most` is None where nobody can tell. `is_session`: until the browser is
    closed, and then both are 0.
    """

    least: int
    most: int | None
    is_session: bool = False

    def is_over(self, seconds: int) -> bool | None:
        """Whether it is longer than so many seconds; None where it may be."""
        if self.least > seconds:
            return True
        return False if self.most is not None and self.most <= seconds else None

    def longer(self, other: Lifetime) -> Lifetime:
        """The longer of two that were seen of one cookie."""
        most = None if self.most is None or other.most is None else max(self.most, other.most)
        return Lifetime(max(self.least, other.least), most, self.is_session and other.is_session)


SESSION = Lifetime(0, 0, True)
UNKNOWN = Lifetime(0, None)


def exactly(seconds: float) -> Lifetime:
    """So many seconds and no more; none that is past."""
    known = min(max(math.ceil(seconds), 0), _MOST)
    return Lifetime(known, known)


@dataclass(frozen=True)
class SetCookie:
    """A header that sets a cookie, without its value. `ends_at` is None for one until the browser is closed, and where
    `is_readable` is false, for one of which nobody can tell.
    """

    name: str
    domain: str
    path: str
    set_at: dt.datetime
    ends_at: dt.datetime | None
    is_readable: bool = True

    @property
    def removes(self) -> bool:
        """Whether it takes the cookie away."""
        return self.ends_at is not None and self.ends_at <= self.set_at


def read_header(text: str, set_at: dt.datetime) -> SetCookie | None:
    """A Set-Cookie header as it is received; None for one without a name, of which what it has would be a value."""
    pair, *attributes = text.split(";")
    name, equals, _ = pair.partition("=")
    if not equals or not name.strip():
        return None
    told: dict[str, str] = {}
    for attribute in attributes:
        key, _, value = attribute.partition("=")
        key, value = key.strip().casefold(), value.strip()
        # One that says nothing a browser can read leaves what stood before it.
        if key != "max-age" or _MAX_AGE.fullmatch(value):
            told[key] = value
    ends_at, is_readable = _end(told, set_at)
    domain = told.get("domain", "").lstrip(".").casefold()
    return SetCookie(name.strip(), domain, told.get("path", ""), set_at, ends_at, is_readable)


def _end(told: dict[str, str], set_at: dt.datetime) -> tuple[dt.datetime | None, bool]:
    if "max-age" in told:
        lives = dt.timedelta(seconds=min(max(int(told["max-age"]), 0), _MOST))
        # A recording may say that it was made at the end of all calendars.
        return set_at + min(lives, dt.datetime.max.replace(tzinfo=dt.UTC) - set_at), True
    if "expires" not in told:
        return None, True
    ends_at = header_instant(told["expires"])
    return ends_at, ends_at is not None


def header_instant(text: str) -> dt.datetime | None:
    """An instant as headers write it, old ways too; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, IndexError):
        return None


def of_headers(headers: Iterable[SetCookie]) -> Lifetime | None:
    """The longest that the headers of one cookie let it live, from when it was first set until it is over: setting it
    again before that makes it no new one. None where all of them take it away.
    """
    found: Lifetime | None = None
    began_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    for one in sorted(headers, key=lambda one: one.set_at):
        if one.removes:
            began_at = None
            continue
        if began_at is None or (ends_at is not None and ends_at <= one.set_at):
            began_at = one.set_at
        ends_at = one.ends_at
        if not one.is_readable:
            lifetime = UNKNOWN
        else:
            lifetime = SESSION if ends_at is None else exactly((ends_at - began_at).total_seconds())
        found = lifetime if found is None else found.longer(lifetime)
    return found


def until(ends_at: dt.datetime, seen_at: dt.datetime, begun_at: dt.datetime | None) -> Lifetime:
    """Of a cookie that was there at `seen_at` and was set nobody knows when; after `begun_at`, where that is known."""
    least = min(max(math.floor((ends_at - seen_at).total_seconds()), 0), _MOST)
    if begun_at is None:
        return Lifetime(least, None)
    return Lifetime(least, max(least, exactly((ends_at - begun_at).total_seconds()).least))


def of_words(text: str) -> Lifetime | None:
    """A lifetime as scanners write it, such as "1 year", "6 månader" or "Session"; None where that says nothing that
    can be read. A month is as long as months are.
    """
    told = " ".join(text.casefold().split())
    if _UNSAID.fullmatch(told):
        return UNKNOWN
    if _ENDLESS.search(told):
        return Lifetime(_MOST, _MOST)
    amounts = _AMOUNT.findall(told)
    if not amounts:
        return SESSION if _SESSION.search(told) else None
    least, most = 0.0, 0.0
    for number, unit in amounts:
        span = _span(float(number.replace(",", ".")), unit.rstrip("."))
        if span is None:
            return None
        least, most = least + span[0], most + span[1]
    return Lifetime(min(math.floor(least), _MOST), min(math.ceil(most), _MOST))


def _span(count: float, unit: str) -> tuple[float, float] | None:
    for seconds, words in _SECONDS.items():
        if unit in words:
            return count * seconds, count * seconds
    for months, words in _MONTHS.items():
        if unit in words:
            whole = count * months
            # Part of a month is as long as the month that it is of.
            shortest, longest = _days(min(math.floor(whole), 1200))[0], _days(min(math.ceil(whole), 1200))[1]
            return shortest * _DAY, longest * _DAY
    return None


@cache
def _days(months: int) -> tuple[int, int]:
    """The fewest and the most days that so many months have."""
    starts = [dt.date(year, month, 1) for year in range(2024, 2028) for month in range(1, 13)]
    spans = [(add_months(start, months) - start).days for start in starts]
    return min(spans), max(spans)
