"""Sessions in customers' environments, as an export of the system that lets people in tells them: kept without a name,
and held against the grants of the copy.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.environments.tables import access_session
from compliance.ledger import looks_personal
from compliance.register.engine import writing
from compliance.words import keys, times
from compliance.words.deadlines import add_months, first_instant
from compliance.words.keys import Key
from compliance.words.refusal import Refused

_MOST_BYTES = 50_000_000
_ENCODINGS = ("utf-8-sig", "cp1252")
_DELIMITERS = (";", ",", "\t")
# What each column is called, in small letters.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "reference": ("sessions-id", "session id", "session", "session_id", "id"),
    "environment": ("miljö-id", "miljö", "environment", "environment id", "environment_id"),
    "account": ("förvaltningskonto", "konto", "account", "management account"),
    "holder": ("innehavare", "användare", "holder", "user"),
    "started": ("startad", "start", "started", "started at", "started_at"),
    "ended": ("avslutad", "slut", "ended", "ended at", "ended_at"),
    "ticket": ("ärende", "ticket", "case"),
}
_NEEDED = ("reference", "environment", "started")


@dataclass(frozen=True)
class Told:
    """A session as a row of the export tells it; of `account` and `holder` there is one at least."""

    reference: str
    environment: str
    account: str
    holder: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    ticket: str | None


@dataclass(frozen=True)
class Export:
    """What an export tells, and the lines of rows that could not be read."""

    sessions: tuple[Told, ...]
    unread: tuple[int, ...]


@dataclass(frozen=True)
class Taken:
    """What taking an export in came to."""

    new: int
    changed: int
    unread: tuple[int, ...]


def read(data: bytes) -> Export:
    """The sessions of a CSV file. Raises Refused `sessions_unreadable` for one in which the columns are not found, or
    which is too large.
    """
    if len(data) > _MOST_BYTES:
        raise Refused("sessions_unreadable", columns=", ".join(_HEADERS))
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    for delimiter in _DELIMITERS:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        places = _places(next(rows, []))
        if all(name in places for name in _NEEDED) and {"account", "holder"} & set(places):
            return _export(rows, places)
    raise Refused("sessions_unreadable", columns=", ".join(_HEADERS))


def take_in_by_command(at: At, data: bytes) -> Taken:
    """Takes an export in: sessions that are new, and those that say something else by now, as that they have ended.
    What is older than a parameter says goes. Raises Refused `command_line_only` for somebody, and what `read` does.
    """
    at.require_nobody()
    export = read(data)
    pseudonyms = keys.pseudonyms(at.settings)
    new = changed = 0
    with writing(at.register) as connection:
        oldest = _first_of(add_months(at.today, -at.parameters.access_sessions_months))
        connection.execute(sa.delete(access_session).where(access_session.c.started_at < oldest))
        known = {row.reference: row for row in connection.execute(sa.select(access_session))}
        for one in export.sessions:
            if one.started_at < oldest:
                continue
            values = {
                "environment_key": one.environment,
                "who_digest": digest_of(pseudonyms, one.account, one.holder),
                "started_at": one.started_at,
                "ended_at": one.ended_at,
                "ticket": one.ticket,
            }
            before = known.get(one.reference)
            if before is None:
                connection.execute(
                    sa.insert(access_session).values(reference=one.reference, taken_in_at=at.now, **values)
                )
                new += 1
            elif any(before._mapping[name] != value for name, value in values.items()):
                connection.execute(
                    sa.update(access_session).where(access_session.c.session_id == before.session_id).values(**values)
                )
                changed += 1
        ledger.append(
            connection, ledger.Event.ACCESS_SESSIONS_TAKEN, author=at.author, now=at.now,
            details={"new": new, "changed": changed, "unread": len(export.unread)},
        )  # fmt: skip
    return Taken(new, changed, export.unread)


def digest_of(pseudonyms: Key, account: str | None, holder: str | None) -> str:
    """How a session remembers whose it was: by the account where it is told, else by who held it."""
    if account:
        return pseudonyms.digest(f"account|{account.casefold()}")
    return pseudonyms.digest(f"session holder|{(holder or '').casefold()}")


def _first_of(day: dt.date) -> dt.datetime:
    return first_instant(dt.datetime.combine(day, dt.time()))


def _places(header: list[str]) -> dict[str, int]:
    told = [" ".join(cell.casefold().split()) for cell in header]
    return {
        name: told.index(word)
        for name, words in _HEADERS.items()
        if (word := next((w for w in words if w in told), None))
    }


def _export(rows: Iterator[list[str]], places: Mapping[str, int]) -> Export:
    found: dict[str, Told] = {}
    unread: list[int] = []
    for line, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        one = _session({name: row[place].strip() if place < len(row) else "" for name, place in places.items()})
        if one is None:
            unread.append(line)
        else:
            found[one.reference] = one
    return Export(tuple(found.values()), tuple(unread))


def _session(cells: Mapping[str, str]) -> Told | None:
    account, holder, ended = cells.get("account", ""), cells.get("holder", ""), cells.get("ended", "")
    ticket = cells.get("ticket", "")
    try:
        started_at = _instant(cells["started"])
        ended_at = _instant(ended) if ended else None
    except (Refused, ValueError, OverflowError):
        return None
    texts = (cells["reference"], cells["environment"], ticket)
    is_whole = all(texts[:2]) and (account or holder) and (ended_at is None or ended_at >= started_at)
    if not is_whole or any(len(text) > 80 or looks_personal(text) for text in texts):
        return None
    return Told(cells["reference"], cells["environment"], account, holder, started_at, ended_at, ticket or None)


def _instant(text: str) -> dt.datetime:
    """A time with its distance from UTC, or by the Stockholm clock."""
    try:
        told = dt.datetime.fromisoformat(text)
    except ValueError:
        return times.read(text)
    return told.astimezone(dt.UTC) if told.tzinfo else first_instant(told)
