"""Reads scans of cookies: recordings of a browser (HAR), lists of scanners and browsers (JSON), and tables (CSV).

What a cookie holds is never kept. What cannot be read is counted with why and where, and what can be is taken.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from compliance import ledger
from compliance.cookies import lifetimes
from compliance.cookies.lifetimes import Lifetime, SetCookie
from compliance.cookies.tables import How, Party, Quarantined
from compliance.words.refusal import Refused

# A recording of an hour's visit is far below that.
MOST_BYTES = 200_000_000
MOST_COOKIES = 20_000
_NAME = 200


class Format(StrEnum):
    """What a scan's file is. Texts: `cookie_format.<value>`."""

    HAR = "har"
    COLLECTOR = "collector"
    BROWSER = "browser"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True)
class Seen:
    """A cookie that a scan saw. `domain` is empty and `party` None where the file does not say."""

    name: str
    domain: str
    party: Party | None
    how: How
    lifetime: Lifetime


@dataclass
class Left:
    """What of a file could not be read: how many rows by reason, and where the first of them stands."""

    rows: dict[Quarantined, int] = field(default_factory=dict)
    first_at: dict[Quarantined, int] = field(default_factory=dict)

    def add(self, reason: Quarantined, at: int) -> None:
        """Counts a row, the `at`-th of the file."""
        self.rows[reason] = self.rows.get(reason, 0) + 1
        self.first_at.setdefault(reason, at)


@dataclass(frozen=True)
class Scan:
    """What a file says: what it is, when the scan was made where it says so, what was seen, what could not be read."""

    format: Format
    scanned_at: dt.datetime | None
    seen: tuple[Seen, ...]
    left: Left


# What the columns of tables, and the members of lists, are called; told by letters and digits alone.
_HEADERS: Mapping[str, frozenset[str]] = {
    "name": frozenset(
        {
            "name", "cookie", "cookiename", "cookieid", "cookiekey", "cookiedatakeyname", "trackername", "namn",
            "kaka", "kakansnamn", "kaknamn", "cookienamn",
        }
    ),
    "domain": frozenset(
        {"domain", "cookiedomain", "host", "hostname", "provider", "cookiehost", "domän", "kakansdomän"}
    ),
    "ends": frozenset({"expirationdate", "expiresutc", "expires", "expiresmaxage", "expirydate", "expirationtime"}),
    "lifetime": frozenset(
        {
            "expiry", "duration", "lifespan", "lifetime", "retention", "retentionperiod", "cookieduration", "maxage",
            "length", "expiration", "storageduration", "livslängd", "giltighetstid", "varaktighet", "lagringstid",
        }
    ),
    "seconds": frozenset({"maxageseconds", "durationseconds", "expiryseconds", "lifetimeseconds"}),
    "days": frozenset({"expiresdays", "lifespandays", "lengthdays", "durationdays", "expirydays", "dagar"}),
    "session": frozenset({"session", "issession", "sessioncookie"}),
    "third": frozenset({"thirdparty", "isthirdparty", "tredjepart"}),
    "first": frozenset({"firstparty", "isfirstparty", "firstpartystorage", "förstapart"}),
    "party": frozenset({"party", "firstthirdparty", "cookietype", "part"}),
}  # fmt: skip
_FIELDS = {header: name for name, headers in _HEADERS.items() for header in headers}
_YES = frozenset({"true", "yes", "1", "ja", "x", "sant"})


def read(data: bytes, site: str, scanned_at: dt.datetime | None, *, has_cookies: bool = False) -> Scan:
    """A scan of `site` by its file.

    Raises Refused `scan_too_large`, `scan_empty`, `scan_not_text`, `scan_json_broken` with the line, `scan_har_broken`,
    `scan_unknown` for what is no scan, `scan_no_names` for a table without a column of names, with its columns,
    `scan_time_missing` where neither the file nor `scanned_at` says when, `scan_without_cookies` for a recording that
    has none, unless it `has_cookies`, `scan_too_many`, and `scan_unreadable` where nothing of what it has can be read.
    """
    if len(data) > MOST_BYTES:
        raise Refused("scan_too_large", field="file", most=MOST_BYTES // 1_000_000)
    text = _text(data)
    if not text.strip():
        raise Refused("scan_empty", field="file")
    found = _json(text, site, scanned_at) if text.lstrip()[0] in "{[" else _table(text, site, scanned_at)
    if len(found.seen) > MOST_COOKIES:
        raise Refused("scan_too_many", field="file", most=MOST_COOKIES)
    if not found.seen and found.left.rows:
        raise Refused("scan_unreadable", field="file", reason=next(iter(found.left.rows)).value)
    if not found.seen and found.format is Format.HAR and not has_cookies:
        raise Refused("scan_without_cookies", field="has_cookies")
    return found


def host_of(text: str) -> str:
    """The host of an address, or of what is one already. Raises Refused `scan_site_unreadable`."""
    told = text.strip().casefold()
    try:
        host = urlsplit(told if "//" in told else f"//{told}").hostname or ""
    except ValueError:
        host = ""
    if not re.fullmatch(r"[a-z0-9åäöüéø-]+(\.[a-z0-9åäöüéø-]+)+|localhost", host) or len(host) > 120:
        raise Refused("scan_site_unreadable", field="site")
    return host


def _text(data: bytes) -> str:
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("scan_not_text", field="file")


def _json(text: str, site: str, scanned_at: dt.datetime | None) -> Scan:
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused("scan_json_broken", field="file", line=error.lineno) from None
    except (RecursionError, ValueError):
        # Nested deeper than anybody writes, or a number of thousands of digits.
        raise Refused("scan_json_broken", field="file", line=1) from None
    if isinstance(told, dict) and isinstance(told.get("log"), dict):
        return _har(told["log"], site, scanned_at)
    rows = _listed(told)
    if rows is None:
        raise Refused("scan_unknown", field="file")
    begun_at = _instant(told.get("start_time")) if isinstance(told, dict) else None
    ended_at = _instant(told.get("end_time")) if isinstance(told, dict) else None
    seen_at = ended_at or scanned_at or begun_at
    if seen_at is None:
        raise Refused("scan_time_missing", field="scanned_at")
    left = Left()
    seen = [*_rows((row if isinstance(row, dict) else None for row in rows), site, seen_at, begun_at, left)]
    format_ = Format.COLLECTOR if begun_at else Format.LIST
    if any(isinstance(row, dict) and {"expirationDate", "expires"} & row.keys() for row in rows) and not begun_at:
        format_ = Format.BROWSER
    return Scan(format_, ended_at or begun_at, _merged(seen), left)


def _listed(told: Any) -> list[Any] | None:
    """The list of cookies in what a scanner wrote: all of it, or its member of that name, on top or in the report."""
    if isinstance(told, list):
        return told
    if not isinstance(told, dict):
        return None
    for place in (told, told.get("reports"), told.get("data"), told.get("result"), told.get("report")):
        if isinstance(place, dict):
            for name, value in place.items():
                if name.casefold() in ("cookies", "trackers", "cookie_list") and isinstance(value, list):
                    return value
    return None


def _table(text: str, site: str, scanned_at: dt.datetime | None) -> Scan:
    rows = list(_lines(text))
    place = next((number for number, row in enumerate(rows[:20]) if "name" in _named(row)), None)
    if place is None:
        if len(rows) < 2 and len(rows[0]) < 2:
            raise Refused("scan_unknown", field="file")
        raise Refused("scan_no_names", field="file", columns=", ".join(cell.strip() for cell in rows[0] if cell)[:200])
    if scanned_at is None:
        raise Refused("scan_time_missing", field="scanned_at")
    header, left = rows[place], Left()
    told = [dict(zip(header, row, strict=False)) for row in rows[place + 1 :] if any(cell.strip() for cell in row)]
    return Scan(Format.TABLE, None, _merged(_rows(told, site, scanned_at, None, left)), left)


def _lines(text: str) -> Iterator[list[str]]:
    """The rows of a table, by whichever sign parts most of its first lines alike."""
    head = text.splitlines()[:20]
    sign = max(",;\t|", key=lambda sign: (sum(sign in line for line in head), sum(line.count(sign) for line in head)))
    csv.field_size_limit(10_000_000)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    except csv.Error:
        raise Refused("scan_unknown", field="file") from None


def _named(headers: Iterable[str]) -> dict[str, str]:
    """Which header says what: the first of each kind, as the file has it."""
    found: dict[str, str] = {}
    for header in headers:
        letters = "".join(sign for sign in str(header).casefold() if sign.isalnum())
        if letters in _FIELDS:
            found.setdefault(_FIELDS[letters], header)
    return found


def _rows(
    rows: Iterable[Mapping[str, Any] | None],
    site: str,
    seen_at: dt.datetime,
    begun_at: dt.datetime | None,
    left: Left,
) -> Iterator[Seen]:
    """The cookies of a list or a table, row by row."""
    for at, row in enumerate(rows, 1):
        named = {} if row is None else {name: row[header] for name, header in _named(row).items()}
        if "name" not in named:
            left.add(Quarantined.NOT_A_COOKIE if row is None else Quarantined.NO_NAME, at)
            continue
        name = _name(named["name"], at, left)
        if name is None:
            continue
        lifetime = _lifetime(named, row or {}, seen_at, begun_at)
        if lifetime is None:
            left.add(Quarantined.LIFETIME_UNREADABLE, at)
        domain = _domain(named.get("domain"))
        yield Seen(name, domain, _party(named, domain, site), How.STORED, lifetime or lifetimes.UNKNOWN)


def _name(told: Any, at: int, left: Left) -> str | None:
    """A cookie's name; None where it is counted as one that cannot be kept."""
    name = told.strip() if isinstance(told, str) else ""
    if not name:
        left.add(Quarantined.NO_NAME, at)
    elif len(name) > _NAME:
        left.add(Quarantined.NAME_TOO_LONG, at)
    elif not name.isprintable():
        left.add(Quarantined.NAME_UNREADABLE, at)
    elif ledger.looks_personal(name):
        left.add(Quarantined.NAME_PERSONAL, at)
    else:
        return name
    return None


def _domain(told: Any) -> str:
    """A domain as it is compared; empty where what stands there is none, such as a provider's name."""
    try:
        return host_of(str(told).lstrip(". "))
    except Refused:
        return ""


def _is(told: Any) -> bool:
    return told is True or str(told).strip().casefold() in _YES


def _party(named: Mapping[str, Any], domain: str, site: str) -> Party | None:
    if str(named.get("third", "")).strip() != "":
        return Party.THIRD if _is(named["third"]) else Party.FIRST
    if str(named.get("first", "")).strip() != "":
        return Party.FIRST if _is(named["first"]) else Party.THIRD
    told = str(named.get("party", "")).casefold()
    if told.startswith(("first", "förs", "1")):
        return Party.FIRST
    if told.startswith(("third", "tred", "3")):
        return Party.THIRD
    return party_of(domain, site)


def party_of(domain: str, site: str) -> Party | None:
    """Whose a domain is, seen from a site: its own, one above or below it, or another's; None where it is not known."""
    if not domain:
        return None
    own = site.removeprefix("www.")
    one, other = f".{domain}", f".{own}"
    # One above: what a site shares with all that end alike has a dot at least, so that .se is nobody's own.
    is_own = one.endswith(other) or (other.endswith(one) and "." in domain)
    return Party.FIRST if is_own else Party.THIRD


def _lifetime(
    named: Mapping[str, Any], row: Mapping[str, Any], seen_at: dt.datetime, begun_at: dt.datetime | None
) -> Lifetime | None:
    """How long a cookie of a list lives; None where it says something that cannot be read."""
    if _is(named.get("session", "")):
        return lifetimes.SESSION
    if (found := _ending(named.get("ends"), seen_at, begun_at)) is not None:
        return found
    for name, seconds in (("seconds", 1), ("days", 86_400)):
        number = _number(named.get(name))
        if number is not None:
            return lifetimes.exactly(number * seconds) if number > 0 else lifetimes.SESSION
    said = [str(named[name]) for name in ("lifetime", "ends") if str(named.get(name) or "").strip()]
    if not said:
        return lifetimes.UNKNOWN
    header = _named(row).get("lifetime", "").casefold()
    number = _number(said[0])
    if number is not None:
        # A number alone says nothing; the column may say of what.
        letters = "".join(sign for sign in header if sign.isalnum())
        return lifetimes.exactly(number) if letters == "maxage" else None
    return lifetimes.of_words(said[0])


def _ending(told: Any, seen_at: dt.datetime, begun_at: dt.datetime | None) -> Lifetime | None:
    """A lifetime by when it ends: seconds since 1970, or a time in words. -1 and 0 are how browsers write none."""
    number = _number(told)
    if number is not None and number <= 0:
        return lifetimes.SESSION
    ends_at = _since_1970(number) if number is not None else _instant(told)
    return None if ends_at is None else lifetimes.until(ends_at, seen_at, begun_at)


def _number(told: Any) -> float | None:
    if isinstance(told, bool) or told is None:
        return None
    try:
        number = float(str(told).strip().replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < 1e18 else None


def _since_1970(seconds: float) -> dt.datetime | None:
    # Some count in thousandths.
    seconds = seconds / 1000 if seconds > 1e11 else seconds
    return dt.datetime.fromtimestamp(min(seconds, 4e9), dt.UTC) if seconds > 1e8 else None


def _instant(told: Any) -> dt.datetime | None:
    """An instant that says its zone, as programs write it."""
    if not isinstance(told, str):
        return None
    text = told.strip()
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return lifetimes.header_instant(text) if re.search(r"(GMT|UTC)$", text) else None
    try:
        return found.astimezone(dt.UTC) if found.tzinfo else None
    except OverflowError:
        return None


def _har(log: Mapping[str, Any], site: str, scanned_at: dt.datetime | None) -> Scan:
    entries = log.get("entries")
    if not isinstance(entries, list):
        raise Refused("scan_har_broken", field="file")
    left = Left()
    headers: dict[tuple[str, str], list[SetCookie]] = {}
    sent: dict[tuple[str, str], None] = {}
    ended_at: dt.datetime | None = None
    for at, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            left.add(Quarantined.NOT_A_COOKIE, at)
            continue
        host, begun_at = _host(entry), _instant(entry.get("startedDateTime"))
        for one in _set(entry, begun_at, at, left):
            name = _name(one.name, at, left)
            if name is not None:
                headers.setdefault((name, one.domain or host), []).append(one)
        for told in _sent(entry):
            name = _name(told, at, left)
            if name is not None:
                sent.setdefault((name, host))
        if begun_at is not None:
            ended_at = begun_at if ended_at is None else max(ended_at, begun_at)
    if ended_at is None and scanned_at is None:
        raise Refused("scan_time_missing", field="scanned_at")
    return Scan(Format.HAR, ended_at, _merged(_of_recording(headers, sent, site)), left)


def _of_recording(
    headers: Mapping[tuple[str, str], Sequence[SetCookie]], sent: Iterable[tuple[str, str]], site: str
) -> Iterator[Seen]:
    for (name, domain), told in headers.items():
        by_path: dict[str, list[SetCookie]] = {}
        for one in told:
            by_path.setdefault(one.path, []).append(one)
        for of_one in by_path.values():
            lifetime = lifetimes.of_headers(of_one)
            if lifetime is not None:
                yield Seen(name, domain, party_of(domain, site), How.SET, lifetime)
    for name, host in sent:
        # Set for a domain above is sent to every host below it.
        if not any(name == known and f".{host}".endswith(f".{domain}") for known, domain in headers):
            yield Seen(name, host, party_of(host, site), How.SENT, lifetimes.UNKNOWN)


def _host(entry: Mapping[str, Any]) -> str:
    request = entry.get("request")
    return _domain(request.get("url")) if isinstance(request, dict) else ""


def _set(entry: Mapping[str, Any], begun_at: dt.datetime | None, at: int, left: Left) -> Iterator[SetCookie]:
    """The headers of an answer that set cookies; several may stand in one, each on its line."""
    response = entry.get("response")
    told = list(_values(response, "set-cookie"))
    if not told:
        return
    # By the clock of whoever wrote the end of the lifetime, where the answer says it: the browser's may be another.
    dated = next((lifetimes.header_instant(value) for value in _values(response, "date")), None)
    set_at = dated or (begun_at and _answered(entry, begun_at))
    if set_at is None:
        left.add(Quarantined.NO_TIME, at)
        return
    for value in told:
        for line in value.splitlines():
            one = lifetimes.read_header(line, set_at) if line.strip() else None
            if one is None:
                left.add(Quarantined.NO_NAME, at)
                continue
            if not one.is_readable:
                left.add(Quarantined.LIFETIME_UNREADABLE, at)
            yield one


def _answered(entry: Mapping[str, Any], begun_at: dt.datetime) -> dt.datetime:
    """When the answer to a request was there."""
    return begun_at + dt.timedelta(milliseconds=min(max(_number(entry.get("time")) or 0, 0), 3_600_000))


def _sent(entry: Mapping[str, Any]) -> Iterator[str]:
    """The names of the cookies that a request had with it."""
    request = entry.get("request")
    for value in _values(request, "cookie"):
        for pair in value.split(";"):
            name, equals, _ = pair.partition("=")
            if equals and name.strip():
                yield name.strip()
    for cookie in _list(request, "cookies"):
        if isinstance(cookie.get("name"), str) and cookie["name"].strip():
            yield cookie["name"].strip()


def _values(message: Any, header: str) -> Iterator[str]:
    for one in _list(message, "headers"):
        if str(one.get("name")).casefold() == header and isinstance(one.get("value"), str):
            yield one["value"]


def _list(message: Any, name: str) -> list[dict[str, Any]]:
    told = message.get(name) if isinstance(message, dict) else None
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _merged(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """Each cookie once, by name and domain, with the longest lifetime that was seen of it."""
    found: dict[tuple[str, str], Seen] = {}
    for one in seen:
        before = found.get((one.name, one.domain))
        if before is not None:
            lifetime = before.lifetime.longer(one.lifetime)
            party, how = before.party or one.party, min(before.how, one.how, key=list(How).index)
            one = Seen(one.name, one.domain, party, how, lifetime)
        found[one.name, one.domain] = one
    return tuple(found.values())
