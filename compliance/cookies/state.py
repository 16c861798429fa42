"""What the inventory and the scans come to: which entries stand, which scans count, and what is not as the policy says.

The newest scan of a site in each phase counts; what it no longer sees is mended. The policy declares one cookie
(compliance.words.deadlines.cookie_declared): an entry of the inventory declares none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

import sqlalchemy as sa

from compliance.cookies import facts
from compliance.cookies.facts import Consent, Life, Listed
from compliance.cookies.files import Seen
from compliance.cookies.lifetimes import Lifetime
from compliance.cookies.tables import (
    How,
    Party,
    Phase,
    Quarantined,
    cookie_entry,
    cookie_quarantined,
    cookie_scan,
    cookie_seen,
)
from compliance.register import entries
from compliance.register.entries import Entry
from compliance.words.deadlines import cookie_declared, local_date
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Parameters, Policy
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category

PAGE = "cookies/cookies"
_DAY = 86_400
# What only a visitor's choice can let in.
_UNCHOSEN = (Phase.BEFORE_CHOICE, Phase.REFUSED)


class Code(StrEnum):
    """What can be found. Texts: `finding_name.<value>`, `finding_told.<value>`."""

    UNDECLARED = "cookie_undeclared"
    TOO_LONG = "cookie_too_long"
    BEFORE_CONSENT = "cookie_before_consent"
    AFTER_REFUSAL = "cookie_after_refusal"
    UNLISTED = "cookie_unlisted"
    LIFETIME_UNKNOWN = "cookie_lifetime_unknown"
    CONSENT_NOT_ASKED = "cookie_consent_not_asked"
    NO_AGREEMENT = "cookie_no_agreement"
    SCAN_OLD = "cookie_scan_old"
    SCAN_PARTIAL = "cookie_scan_partial"
    NOT_TRIED = "cookie_not_tried"
    NEVER_SCANNED = "cookie_never_scanned"


_SEVERITY = {
    Code.UNDECLARED: Severity.CRITICAL,
    Code.TOO_LONG: Severity.CRITICAL,
    Code.BEFORE_CONSENT: Severity.CRITICAL,
    Code.AFTER_REFUSAL: Severity.CRITICAL,
    Code.CONSENT_NOT_ASKED: Severity.CRITICAL,
    Code.UNLISTED: Severity.MAJOR,
    Code.NO_AGREEMENT: Severity.MAJOR,
    Code.SCAN_OLD: Severity.MAJOR,
    Code.NEVER_SCANNED: Severity.MAJOR,
    Code.NOT_TRIED: Severity.MINOR,
    Code.LIFETIME_UNKNOWN: Severity.MINOR,
    Code.SCAN_PARTIAL: Severity.MINOR,
}


@dataclass(frozen=True)
class Scan:
    """A scan as it was taken in, with what it saw and what of its file could not be read."""

    scan_id: int
    site: str
    phase: Phase
    scanned_at: dt.datetime
    format: str
    taken_in_at: dt.datetime
    set_aside_at: dt.datetime | None
    set_aside_because: str | None
    seen: tuple[Seen, ...]
    left: tuple[tuple[Quarantined, int, int], ...]


@dataclass(frozen=True)
class Known:
    """All entries, the oldest first, and all scans, the newest first."""

    entries: tuple[Entry, ...]
    scans: tuple[Scan, ...]

    @cached_property
    def standing(self) -> tuple[Entry, ...]:
        """The cookies of the inventory, each by the entry that no other corrects."""
        return entries.standing(self.entries)

    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        """What the inventory says of each cookie."""
        return tuple(entry.facts for entry in self.standing if isinstance(entry.facts, Listed))

    @cached_property
    def counting(self) -> tuple[Scan, ...]:
        """The scans that are not set aside, the newest first."""
        return tuple(scan for scan in self.scans if scan.set_aside_at is None)

    @cached_property
    def newest(self) -> tuple[Scan, ...]:
        """The newest scan of each site in each phase."""
        found: dict[tuple[str, Phase], Scan] = {}
        for scan in self.counting:
            found.setdefault((scan.site, scan.phase), scan)
        return tuple(found.values())

    def of(self, name: str) -> Listed | None:
        """What the inventory says of a cookie that was seen; None where it lists none of that name."""
        return next((one for one in self.listed if is_called(one.name, name)), None)


@lru_cache(maxsize=4096)
def _pattern(listed: str) -> re.Pattern[str]:
    parts = {"#": r"(#|\d+)", "*": ".*"}
    return re.compile("".join(parts.get(sign, re.escape(sign)) for sign in listed), re.S)


def is_called(listed: str, name: str) -> bool:
    """Whether a cookie's name is one that the inventory lists: # stands for digits, * for anything."""
    return listed == name or _pattern(listed).fullmatch(name) is not None


def inventory(connection: sa.Connection) -> Known:
    """What is recorded of the inventory, without the scans."""
    return Known(entries.load(connection, cookie_entry, facts.MODELS), ())


def load(connection: sa.Connection) -> Known:
    """All that is recorded."""
    seen: dict[int, list[Seen]] = {}
    for row in connection.execute(sa.select(cookie_seen).order_by(cookie_seen.c.scan_id, cookie_seen.c.place)):
        lifetime = Lifetime(row.least_s, row.most_s, row.is_session)
        party = None if row.party is None else Party(row.party)
        seen.setdefault(row.scan_id, []).append(Seen(row.name, row.domain, party, How(row.how), lifetime))
    left: dict[int, list[tuple[Quarantined, int, int]]] = {}
    for row in connection.execute(sa.select(cookie_quarantined).order_by(cookie_quarantined.c.reason)):
        left.setdefault(row.scan_id, []).append((Quarantined(row.reason), row.rows, row.first_at))
    scans = connection.execute(
        sa.select(cookie_scan).order_by(cookie_scan.c.scanned_at.desc(), cookie_scan.c.scan_id.desc())
    )
    return Known(
        inventory(connection).entries,
        tuple(
            Scan(
                row.scan_id, row.site, Phase(row.phase), row.scanned_at, row.format, row.taken_in_at,
                row.set_aside_at, row.set_aside_because, tuple(seen.get(row.scan_id, ())),
                tuple(left.get(row.scan_id, ())),
            )
            for row in scans
        ),
    )  # fmt: skip


def known(register: sa.Engine) -> Known:
    """All that is recorded."""
    with register.connect() as connection:
        return load(connection)


def as_known(found: Known, at: dt.datetime) -> Known:
    """What was known at an instant: without what was recorded, taken in or set aside later."""
    return Known(
        tuple(entry for entry in found.entries if entry.at <= at),
        tuple(_as_it_was(scan, at) for scan in found.scans if scan.taken_in_at <= at and scan.scanned_at <= at),
    )


def _as_it_was(scan: Scan, at: dt.datetime) -> Scan:
    if scan.set_aside_at is None or scan.set_aside_at <= at:
        return scan
    return Scan(
        scan.scan_id, scan.site, scan.phase, scan.scanned_at, scan.format, scan.taken_in_at, None, None, scan.seen,
        scan.left,
    )  # fmt: skip


def check(found: Known, told: Listed, corrects: int | None) -> None:
    """That an entry of the inventory fits together and with the others.

    Raises Refused, each with the field that it is about: `cookie_life` for a lifetime of one without, or none of one
    with; `cookie_listed` for a name that another entry has; `cookie_necessary` for one that needs no consent and is
    said to be for something else than what is necessary.
    """
    if (told.life is Life.SESSION) is not (told.lifetime_days is None):
        raise Refused("cookie_life", field="lifetime_days")
    if told.consent is Consent.NOT_NEEDED and told.use is not facts.Use.NECESSARY:
        raise Refused("cookie_necessary", field="consent")
    for entry in found.standing:
        if isinstance(entry.facts, Listed) and entry.facts.name == told.name and entry.entry_id != corrects:
            raise Refused("cookie_listed", field="name", entry=entry.entry_id)


def needs_consent(found: Known, name: str) -> bool:
    """Whether a cookie may be set only after a choice: every one that the inventory does not call necessary."""
    listed = found.of(name)
    return listed is None or listed.consent is not Consent.NOT_NEEDED


def of_scan(found: Known, scan: Scan, parameters: Parameters) -> dict[tuple[Code, str], Seen]:
    """What a scan saw that is not as it has to be, by the inventory of `found`: each with the cookie."""
    wrong: dict[tuple[Code, str], Seen] = {}
    for seen in scan.seen:
        for code in _of_cookie(found, scan, seen, parameters):
            wrong.setdefault((code, seen.name), seen)
    return wrong


def _of_cookie(found: Known, scan: Scan, seen: Seen, parameters: Parameters) -> Iterator[Code]:
    if not cookie_declared(seen.name):
        yield Code.UNDECLARED
    if found.of(seen.name) is None:
        yield Code.UNLISTED
    is_over = seen.lifetime.is_over(parameters.cookie_max_days * _DAY)
    if is_over:
        yield Code.TOO_LONG
    elif is_over is None:
        yield Code.LIFETIME_UNKNOWN
    if scan.phase in _UNCHOSEN and needs_consent(found, seen.name):
        yield Code.BEFORE_CONSENT if scan.phase is Phase.BEFORE_CHOICE else Code.AFTER_REFUSAL


def judged(found: Known, policy: Policy, parameters: Parameters, now: dt.datetime) -> Judged:
    """What is not as the policy has it, by the newest scan of each site and phase and by the inventory. A scan that is
    too old, or could be read in part only, cannot show that something is mended.
    """
    rule = policy.rules.get(Category.WEB_VISITOR)
    owner = None if rule is None else rule.owner
    rows: dict[tuple[str, str], Finding] = {}
    for one in (
        *_of_scans(found, owner, parameters),
        *_of_inventory(found, owner),
        *_of_sites(found, owner, parameters, now),
    ):
        rows.setdefault(one.known_as, one)
    unjudged: set[str] = set()
    if not found.counting or any(is_old(scan, parameters, now) or scan.left for scan in found.newest):
        unjudged |= {Code.UNDECLARED, Code.TOO_LONG, Code.UNLISTED, Code.LIFETIME_UNKNOWN}
    for phase, code in ((Phase.BEFORE_CHOICE, Code.BEFORE_CONSENT), (Phase.REFUSED, Code.AFTER_REFUSAL)):
        of_phase = [scan for scan in found.newest if scan.phase is phase]
        if not of_phase or any(is_old(scan, parameters, now) or scan.left for scan in of_phase):
            unjudged.add(code)
    return Judged(tuple(rows.values()), frozenset(unjudged))


def is_old(scan: Scan, parameters: Parameters, now: dt.datetime) -> bool:
    """Whether a scan is older than it may be."""
    return days_old(scan, now) > parameters.cookie_scan_max_days


def days_old(scan: Scan, now: dt.datetime) -> int:
    """How many days ago a scan was made."""
    return (local_date(now) - local_date(scan.scanned_at)).days


def _finding(code: Code, thing: str, since: dt.date | None, owner: str | None, **told: str | int) -> Finding:
    return Finding(code, thing, _SEVERITY[code], PAGE, since, owner, {}, told)


def _of_scans(found: Known, owner: str | None, parameters: Parameters) -> Iterator[Finding]:
    for newest in found.newest:
        history = [scan for scan in found.counting if (scan.site, scan.phase) == (newest.site, newest.phase)]
        wrong = [of_scan(found, scan, parameters) for scan in history]
        for (code, name), seen in wrong[0].items():
            since = newest.scanned_at
            for scan, of_it in zip(history, wrong, strict=True):
                if (code, name) not in of_it:
                    break
                since = scan.scanned_at
            thing = f"{name} ({newest.site})"
            days = max(seen.lifetime.least // _DAY, 0)
            yield _finding(
                code, thing, local_date(since), owner, name=name, site=newest.site, days=days,
                most=parameters.cookie_max_days,
            )  # fmt: skip
        if newest.left:
            rows = sum(count for _, count, _ in newest.left)
            yield _finding(
                Code.SCAN_PARTIAL, f"{newest.site} ({newest.scan_id})", local_date(newest.scanned_at), owner,
                site=newest.site, scan=newest.scan_id, rows=rows,
            )  # fmt: skip


def _of_inventory(found: Known, owner: str | None) -> Iterator[Finding]:
    for entry in found.standing:
        told, since = entry.facts, local_date(entry.at)
        if not isinstance(told, Listed):
            continue
        if told.consent is Consent.NOT_ASKED:
            yield _finding(Code.CONSENT_NOT_ASKED, told.name, since, owner, name=told.name)
        if told.party is Party.THIRD and not told.agreement:
            yield _finding(Code.NO_AGREEMENT, told.name, since, owner, name=told.name, provider=told.provider)


def _of_sites(found: Known, owner: str | None, parameters: Parameters, now: dt.datetime) -> Iterator[Finding]:
    if not found.counting:
        yield _finding(Code.NEVER_SCANNED, "–", None, owner)
    for site in sorted({scan.site for scan in found.counting}):
        newest = {scan.phase: scan for scan in found.newest if scan.site == site}
        last = max(newest.values(), key=lambda scan: scan.scanned_at)
        if is_old(last, parameters, now):
            since = local_date(last.scanned_at) + dt.timedelta(days=parameters.cookie_scan_max_days + 1)
            days = days_old(last, now)
            yield _finding(
                Code.SCAN_OLD, site, since, owner, site=site, days=days, most=parameters.cookie_scan_max_days
            )
        for phase in _UNCHOSEN:
            if phase not in newest:
                yield _finding(Code.NOT_TRIED, f"{site} ({phase})", None, owner, site=site, cookie_phase=phase.value)


def count(found: Iterable[Finding], *codes: Code) -> int:
    """How many cookies are found with one of the codes, each site's for itself."""
    return len({one.thing for one in found if one.code in codes})


def scans_of(found: Known, phase: Phase) -> Sequence[Scan]:
    """The newest scan of each site in a phase."""
    return [scan for scan in found.newest if scan.phase is phase]
