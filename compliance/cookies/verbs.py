"""The inventory of cookies is kept, and scans are taken in, each with its line of the ledger; the line says which, and
nothing of what it tells.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.cookies import files, state
from compliance.cookies.facts import Listed, ScanTold, SetAside
from compliance.cookies.files import Scan
from compliance.cookies.tables import EntryKind, cookie_entry, cookie_quarantined, cookie_scan, cookie_seen
from compliance.register import entries
from compliance.register.engine import writing
from compliance.register.entries import Facts
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission


def record(at: At, told: Facts, *, corrects: int | None = None) -> int:
    """Lists a cookie, in place of entry `corrects` where that is given, or strikes that; returns the entry's number.

    Raises Refused `not_allowed`, `cookie_personal` for a text with what may be an address or a number of somebody's,
    `cookie_entry_unknown` for an entry to be corrected that is none or is corrected already, and what
    compliance.cookies.state.check raises.
    """
    at.require(Permission.HANDLE_COOKIES)
    ledger.refuse_personal(told, "cookie_personal")
    with writing(at.register) as connection:
        return _enter(connection, at, told, corrects, at.now)


def take_in(at: At, data: bytes, told: ScanTold) -> int:
    """Takes a scan in by its file, which is not kept, and returns its number.

    Raises Refused `not_allowed`, what compliance.cookies.files does, `scan_ahead` for one that is of later than now,
    and `scan_twice` for a file that was taken in already.
    """
    at.require(Permission.HANDLE_COOKIES)
    return _take_in(at, data, told)


def take_in_by_command(at: At, data: bytes, told: ScanTold) -> int:
    """The same as `take_in`, for nobody. Raises Refused `command_line_only` for somebody."""
    at.require_nobody()
    return _take_in(at, data, told)


def set_aside(at: At, number: int, told: SetAside) -> None:
    """Has a scan count no more: of another site, or in another phase than was said. It stays.

    Raises Refused `not_allowed`, `cookie_personal`, `scan_unknown_number`, and `scan_set_aside` for one that is set
    aside already.
    """
    actor = at.require(Permission.HANDLE_COOKIES)
    ledger.refuse_personal(told, "cookie_personal")
    with writing(at.register) as connection:
        row = connection.execute(
            sa.select(cookie_scan.c.set_aside_at).where(cookie_scan.c.scan_id == number)
        ).one_or_none()
        if row is None:
            raise Refused("scan_unknown_number", scan=number)
        if row.set_aside_at is not None:
            raise Refused("scan_set_aside", field="reason")
        connection.execute(
            sa.update(cookie_scan)
            .where(cookie_scan.c.scan_id == number)
            .values(set_aside_at=at.now, set_aside_by=actor.pseudonym, set_aside_because=told.reason)
        )
        ledger.append(
            connection, ledger.Event.COOKIE_SCAN_SET_ASIDE, author=at.author, now=at.now, details={"scan": number}
        )


def enter_invented(
    at: At, listed: Sequence[Listed], scans: Sequence[tuple[dt.datetime, ScanTold, bytes]], listed_at: dt.datetime
) -> None:
    """Enters the inventory and the scans of the demo; the lines say that they are invented.

    Raises Refused `command_line_only` for somebody, and what `record` and `take_in` do.
    """
    at.require_nobody()
    taken = [(taken_in_at, _read(data, told)) for taken_in_at, told, data in scans]
    with writing(at.register) as connection:
        for one in listed:
            _enter(connection, at, one, None, listed_at, invented=True)
        for taken_in_at, read in taken:
            _keep(connection, at, read, taken_in_at, invented=True)


def _enter(
    connection: sa.Connection,
    at: At,
    told: Facts,
    corrects: int | None,
    recorded_at: dt.datetime,
    *,
    invented: bool = False,
) -> int:
    found = state.inventory(connection)
    entries.corrected(found.standing, told, corrects, "cookie_entry_unknown")
    if isinstance(told, Listed):
        state.check(found, told, corrects)
    number = connection.scalars(
        sa.insert(cookie_entry)
        .values(entries.values(told, corrects, recorded_at, at.author))
        .returning(cookie_entry.c.entry_id)
    ).one()
    details: dict[str, ledger.Detail] = {**entries.details(number, corrects)}
    if invented:
        details["invented"] = True
    event = ledger.Event.COOKIE_STRUCK if told.KIND is EntryKind.STRUCK else ledger.Event.COOKIE_LISTED
    ledger.append(connection, event, author=at.author, now=at.now, details=details)
    return int(number)


@dataclass(frozen=True)
class _Read:
    """A scan's file as it was read, before anything of the register is asked."""

    told: ScanTold
    site: str
    digest: str
    found: Scan


def _read(data: bytes, told: ScanTold) -> _Read:
    site = files.host_of(told.site)
    found = files.read(data, site, told.scanned_at, has_cookies=told.has_cookies)
    return _Read(told, site, hashlib.sha256(data).hexdigest(), found)


def _take_in(at: At, data: bytes, told: ScanTold) -> int:
    # A file may be large, and nobody else writes while the register is locked.
    read = _read(data, told)
    with writing(at.register) as connection:
        return _keep(connection, at, read, at.now)


def _keep(connection: sa.Connection, at: At, read: _Read, taken_in_at: dt.datetime, *, invented: bool = False) -> int:
    told, site, digest, found = read.told, read.site, read.digest, read.found
    # What somebody says of when goes before what the file does.
    scanned_at = told.scanned_at or found.scanned_at
    if scanned_at is None:
        raise Refused("scan_time_missing", field="scanned_at")
    if scanned_at > taken_in_at:
        raise Refused("scan_ahead", field="scanned_at")
    twin = connection.scalar(
        sa.select(cookie_scan.c.scan_id).where(
            cookie_scan.c.file_digest == digest,
            cookie_scan.c.site == site,
            cookie_scan.c.phase == told.phase,
            cookie_scan.c.set_aside_at.is_(None),
        )
    )
    if twin is not None:
        raise Refused("scan_twice", field="file", scan=twin)
    number = connection.scalars(
        sa.insert(cookie_scan)
        .values(
            site=site,
            phase=told.phase.value,
            scanned_at=scanned_at,
            format=found.format.value,
            file_digest=digest,
            taken_in_at=taken_in_at,
            taken_in_by=at.actor.pseudonym if at.actor else None,
            taken_in_role=at.actor.role.value if at.actor else None,
        )
        .returning(cookie_scan.c.scan_id)
    ).one()
    _keep_seen(connection, number, found)
    details: dict[str, ledger.Detail] = {
        "scan": number, "phase": told.phase.value, "format": found.format.value, "cookies": len(found.seen),
        "quarantined": sum(found.left.rows.values()),
    }  # fmt: skip
    if invented:
        details["invented"] = True
    ledger.append(connection, ledger.Event.COOKIE_SCAN_TAKEN, author=at.author, now=at.now, details=details)
    return int(number)


def _keep_seen(connection: sa.Connection, number: int, found: Scan) -> None:
    seen = [
        {
            "scan_id": number, "place": place, "name": one.name, "domain": one.domain, "party": one.party,
            "how": one.how.value, "is_session": one.lifetime.is_session, "least_s": one.lifetime.least,
            "most_s": one.lifetime.most,
        }
        for place, one in enumerate(found.seen, 1)
    ]  # fmt: skip
    if seen:
        connection.execute(sa.insert(cookie_seen), seen)
    left = [
        {"scan_id": number, "reason": reason.value, "rows": rows, "first_at": found.left.first_at[reason]}
        for reason, rows in found.left.rows.items()
    ]
    if left:
        connection.execute(sa.insert(cookie_quarantined), left)
