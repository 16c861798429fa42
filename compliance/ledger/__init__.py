"""The ledger: an append-only hash chain of what was done, without personal data.

Each line's digest covers the line and the digest before it, so that a changed, removed or inserted line
shows. A line is written in the transaction of the change that it records.
`python -m compliance.ledger verify` checks it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance.ledger import state
from compliance.ledger.tables import ledger
from compliance.register import watch
from compliance.words.refusal import Refused
from compliance.words.remembered import Remembered
from compliance.words.settings import Settings

GENESIS = "0" * 64
_PERSONAL = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+"  # an e-mail address
    r"|(?<!\d)(?:\d{2})?\d{6}[-+]\d{4}(?!\d)"  # a personnummer
    r"|(?<![\w.-])(?:\+|00)\d[\d ()/-]{7,}\d"  # an international phone number
    r"|(?<![\w.-])0\d{1,3}[ /-]\d[\d -]{4,}\d"  # a national one
)
# A digest may begin with two zeros and a row of digits, which would pass for a phone number.
_DIGEST = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{1,39}")
_READ_AT_ONCE = 2000
# So many rows in one line, so that none is longer than a few hundred kilobytes.
_TOLD_AT_ONCE = 1000

Detail = str | int | float | bool | None


class Event(StrEnum):
    """What can be recorded, as subject:action. Retired words stay listed: old lines use them."""

    INTAKE_STARTED = "intake:started"
    INTAKE_DONE = "intake:done"
    INTAKE_REFUSED = "intake:refused"
    INTAKE_FAILED = "intake:failed"
    EXPORT_TAKEN = "export:taken"
    EXPORT_REFUSED = "export:refused"
    PERSONS_SEEN = "persons:seen"
    EXTRACT_BEGUN = "extract:begun"
    EXTRACT_MADE = "extract:made"
    EXTRACT_BROKEN = "extract:broken"
    REQUEST_REGISTERED = "request:registered"
    REQUEST_UPDATED = "request:updated"
    MAPPING_SAVED = "mapping:saved"
    REQUEST_CLOSED = "request:closed"
    REQUEST_STEP = "request:step"
    REQUEST_FORGOTTEN = "request:forgotten"
    REQUEST_PERSON_CHOSEN = "request:person_chosen"
    REQUEST_CHOICE_MOVED = "request:choice_moved"
    REQUEST_CHOICE_LOST = "request:choice_lost"
    HOLD_PLACED = "hold:placed"
    HOLD_REVIEWED = "hold:reviewed"
    HOLD_RELEASED = "hold:released"
    HOLD_MOVED = "hold:moved"
    HOLD_FORGOTTEN = "hold:forgotten"
    IDENTITY_SAME = "identity:same"
    IDENTITY_DIFFERENT = "identity:different"
    IDENTITY_LOST = "identity:lost"
    IDENTITY_FOUND = "identity:found"
    IDENTITY_OVER = "identity:over"
    HOLD_LOST = "hold:lost"
    HOLD_GIVEN_ON = "hold:given_on"
    HOLD_FOUND = "hold:found"
    HOLD_SETTLED = "hold:settled"
    MARK_PLACED = "mark:placed"
    MARK_REVIEWED = "mark:reviewed"
    MARK_LIFTED = "mark:lifted"
    MARK_MOVED = "mark:moved"
    MARK_LOST = "mark:lost"
    MARK_FOUND = "mark:found"
    MARK_SETTLED = "mark:settled"
    MARK_FORGOTTEN = "mark:forgotten"
    BATCH_PROPOSED = "batch:proposed"
    BATCH_TAKEN_OUT = "batch:taken_out"
    BATCH_APPROVED = "batch:approved"
    BATCH_CONFIRMED = "batch:confirmed"
    BATCH_RETURNED = "batch:returned"
    BATCH_REFUSED = "batch:refused"
    BATCH_EXPIRED = "batch:expired"
    BATCH_CLAIMED = "batch:claimed"
    BATCH_STOPPED = "batch:stopped"
    BATCH_EXECUTED = "batch:executed"
    BATCH_VERIFIED = "batch:verified"
    BATCH_RESURFACED = "batch:resurfaced"
    BATCH_REPLAYED = "batch:replayed"
    ORDER_FETCHED = "order:fetched"
    SOURCE_ERASED = "source:erased"
    SOURCE_FAILED = "source:failed"
    SOURCE_RETRIED = "source:retried"
    SOURCE_VERIFIED = "source:verified"
    SOURCE_VOUCHED = "source:vouched"
    SOURCE_RESURFACED = "source:resurfaced"
    PERSONS_KEPT_OUT = "persons:kept_out"
    PERSONS_POSSIBLE = "persons:possible"
    PERSONS_RETURNED = "persons:returned"
    RETURN_CONFIRMED = "return:confirmed"
    RETURN_DECIDED = "return:decided"
    SUPPRESSION_EXPIRED = "suppression:expired"
    KEY_ADDED = "key:added"
    KEY_DROPPED = "key:dropped"
    KEY_REPLACED = "key:replaced"
    KEY_DESTROYED = "key:destroyed"
    EVIDENCE_RENEWED = "evidence:renewed"
    EVIDENCE_LOST = "evidence:lost"
    RECEIPT_READ = "receipt:read"
    STATE_BEGUN = "state:begun"
    ROWS_CHANGED = "rows:changed"
    FIGURES_KEPT = "figures:kept"
    REVIEW_SIGNED = "review:signed"
    REVIEW_COUNTERSIGNED = "review:countersigned"
    DIGEST_SENT = "digest:sent"
    DIGEST_DELAYED = "digest:delayed"
    DIGEST_FAILED = "digest:failed"
    CHECKPOINT_MADE = "checkpoint:made"
    REGISTER_SAVING = "register:saving"
    REGISTER_SAVED = "register:saved"
    REGISTER_RESTORED = "register:restored"
    CLOCKS_MOVED = "clocks:moved"
    CLOCKS_ACCEPTED = "clocks:accepted"
    CLOCKS_REJECTED = "clocks:rejected"
    RECTIFICATION_ASKED = "rectification:asked"
    RECTIFICATION_ORDERED = "rectification:ordered"
    RECTIFICATION_VERIFIED = "rectification:verified"
    RECTIFICATION_NOT_VERIFIED = "rectification:not_verified"
    RECTIFICATION_TOLD = "rectification:told"
    RECTIFICATION_WITHDRAWN = "rectification:withdrawn"
    RECTIFICATION_FORGOTTEN = "rectification:forgotten"
    GRANT_REVIEWED = "grant:reviewed"
    REVOCATION_ASKED = "revocation:asked"
    REVOCATION_ORDERED = "revocation:ordered"
    REVOCATION_WITHDRAWN = "revocation:withdrawn"
    REVOCATION_VERIFIED = "revocation:verified"
    REVOCATION_NOT_VERIFIED = "revocation:not_verified"
    ACCESS_SESSIONS_TAKEN = "access:sessions_taken"
    SIGNED_IN = "user:signed_in"
    SIGNED_OUT = "user:signed_out"
    SIGN_IN_REFUSED = "user:refused"
    LIMIT_REACHED = "limit:reached"
    LIMIT_EXTENDED = "limit:extended"
    RULES_PROPOSED = "rules:proposed"
    RULES_APPROVED = "rules:approved"
    RULES_REFUSED = "rules:refused"
    RULES_WITHDRAWN = "rules:withdrawn"
    RULES_FILE = "rules:file"
    INCIDENT_RECORDED = "incident:recorded"
    PROCESSING_DESCRIBED = "processing:described"
    PROCESSING_VERSION = "processing:version"
    PROCESSING_ASSIGNED = "processing:assigned"
    FINDINGS_SEEN = "findings:seen"
    FINDING_RECORDED = "finding:recorded"
    NOTICE_MEANT = "notice:meant"
    NOTICE_GIVEN = "notice:given"
    NOTICE_STRUCK = "notice:struck"
    COOKIE_LISTED = "cookie:listed"
    COOKIE_STRUCK = "cookie:struck"
    COOKIE_SCAN_TAKEN = "cookie:scan_taken"
    COOKIE_SCAN_SET_ASIDE = "cookie:scan_set_aside"
    CONTROL_OFFICE = "control:office"
    CONTROL_MEASURE = "control:measure"
    CONTROL_TESTED = "control:tested"
    CONTROL_FIGURE = "control:figure"
    CONTROL_STRUCK = "control:struck"


# Who came, went and looked. What anything is, or how it stands, no such line changes.
_LOOKING = (
    Event.SIGNED_IN,
    Event.SIGNED_OUT,
    Event.SIGN_IN_REFUSED,
    Event.PERSONS_SEEN,
    Event.EXTRACT_BEGUN,
    Event.EXTRACT_MADE,
    Event.EXTRACT_BROKEN,
)


@dataclass(frozen=True)
class Author:
    """Who a line is about: a pseudonym and a role, never a name."""

    pseudonym: str
    role: str


@dataclass(frozen=True)
class Mark:
    """A line by its number, and the digest that the next one must name."""

    line: int
    digest: str


@dataclass(frozen=True)
class Verdict:
    """The chain's state. `broken_at` is the first line that does not fit, `why` one of changed, missing."""

    lines: int
    broken_at: int | None = None
    why: str | None = None


def append(
    connection: sa.Connection,
    event: Event,
    *,
    author: Author | None,
    now: dt.datetime,
    build: int | None = None,
    details: Mapping[str, Detail] | None = None,
) -> int:
    """Writes one line in the caller's transaction (register.engine.writing) and returns its number.

    Raises ValueError for details that look like an e-mail address, a personnummer or a phone number.
    """
    details = dict(details or {})
    for name, value in details.items():
        if isinstance(value, str) and looks_personal(value):
            raise ValueError(f"the detail {name} looks like personal data")
    touched = watch.take(connection)
    _begin(connection, touched, now)
    return _write(connection, event, author, now, build, details, touched)


def _write(
    connection: sa.Connection,
    event: Event,
    author: Author | None,
    now: dt.datetime,
    build: int | None,
    details: Mapping[str, Detail],
    touched: watch.Touched,
) -> int:
    before = last(connection)
    line: dict[str, Any] = {
        "seq": before.seq + 1,
        "at": now.astimezone(dt.UTC),
        "event": event.value,
        "actor": author.pseudonym if author else None,
        "role": author.role if author else None,
        "build_id": build,
        "details": json.dumps(details, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
        "state": state.of(connection, _settings(connection), touched),
        "previous": before.digest,
    }
    connection.execute(sa.insert(ledger).values(**line, digest=_digest(line)))
    return int(line["seq"])


def _settings(connection: sa.Connection) -> Settings:
    found: Settings = connection.get_execution_options()["register_settings"]
    return found


# Registers of which some line says something of rows.
_begun: set[str] = set()


def begin_again(connection: sa.Connection) -> None:
    """To be called where the lines of another register have come into this one, in the caller's transaction: what they
    say of rows is what counts, and where they say nothing, lines will.
    """
    watch.take(connection)
    _begun.discard(str(connection.engine.url))


def _begin(connection: sa.Connection, touched: watch.Touched, now: dt.datetime) -> None:
    """Has lines say what all rows are that no line could say before: of a register of an earlier version, once."""
    url = str(connection.engine.url)
    if url in _begun:
        return
    if not state.is_told(connection):
        rows = [
            (table, number)
            for table, numbers in state.everything(connection).items()
            for number in numbers - touched.get(table, set())
        ]
        for start in range(0, len(rows), _TOLD_AT_ONCE):
            part: watch.Touched = {}
            for table, number in rows[start : start + _TOLD_AT_ONCE]:
                part.setdefault(table, set()).add(number)
            _write(connection, Event.STATE_BEGUN, None, now, None, {"rows": sum(map(len, part.values()))}, part)
        if not rows and not touched:
            return
    _begun.add(url)


def _tell_leftover(connection: sa.Connection) -> None:
    """A line for rows that changed after the last one of their transaction, at the time of the last that there is."""
    at = connection.scalar(sa.select(ledger.c.at).order_by(ledger.c.seq.desc()).limit(1))
    touched = watch.take(connection)
    now = at or dt.datetime.fromtimestamp(0, dt.UTC)
    _begin(connection, touched, now)
    rows = sum(map(len, touched.values()))
    _write(connection, Event.ROWS_CHANGED, None, now, None, {"rows": rows}, touched)


watch.told_by(_tell_leftover)


@dataclass(frozen=True)
class Position:
    """A place in the chain: a line's number and digest; 0 and GENESIS before the first."""

    seq: int
    digest: str


def last(connection: sa.Connection) -> Position:
    """Where the chain ends."""
    return _last(connection, _NEWEST)


def last_change(connection: sa.Connection) -> Position:
    """The last line that tells of more than that somebody came, went or looked. Whatever is found in the register and
    is not about these stays as it is until there is another.
    """
    # A line's digest covers all lines before it.
    end = last(connection)
    return _changes.of(end, lambda: _last(connection, _NEWEST_CHANGE, end.seq))


_changes: Remembered[Position] = Remembered(10)
# Put together once: a run of a page asks them half a dozen times.
_NEWEST = sa.select(ledger.c.seq, ledger.c.digest).order_by(ledger.c.seq.desc()).limit(1)
# Others may have written meanwhile.
_NEWEST_CHANGE = _NEWEST.where(ledger.c.event.not_in(_LOOKING), ledger.c.seq <= sa.bindparam("until"))


def _last(connection: sa.Connection, which: sa.Select[tuple[int, str]], until: int | None = None) -> Position:
    row = connection.execute(which, {} if until is None else {"until": until}).one_or_none()
    return Position(int(row.seq), str(row.digest)) if row else Position(0, GENESIS)


_FIRST_DIGEST = sa.select(ledger.c.digest).where(ledger.c.seq == 1)


def identity(connection: sa.Connection) -> str:
    """What tells a register from every other one, and is the same in its backups: the digest of its first line, which
    names its moment and its author. Nothing for a register without lines.
    """
    return str(connection.scalar(_FIRST_DIGEST) or "")


def is_keyed(connection: sa.Connection) -> bool:
    """Whether any line has something that the key of the pseudonyms has made: whose it is, or digests of rows."""
    keyed = sa.or_(ledger.c.actor.is_not(None), ledger.c.state.is_not(None))
    return connection.execute(sa.select(ledger.c.seq).where(keyed).limit(1)).first() is not None


def taken_exports(register: sa.Engine) -> frozenset[str]:
    """The digests (`sha256-...`) of every export that was ever taken in."""
    with register.connect() as connection:
        told = connection.scalars(sa.select(ledger.c.details).where(ledger.c.event == Event.EXPORT_TAKEN))
        return frozenset(str(json.loads(details).get("digest")) for details in told)


def looks_personal(text: str) -> bool:
    """Whether a text holds what may be an e-mail address, a personnummer or a phone number."""
    return _DIGEST.fullmatch(text) is None and _PERSONAL.search(text) is not None


def refuse_personal(told: Iterable[tuple[str, object]], code: str) -> None:
    """Raises Refused `code`, with the field, for the first text of a model in which somebody may be named so."""
    for name, value in told:
        if isinstance(value, str) and looks_personal(value):
            raise Refused(code, field=name)


def is_case(text: str) -> bool:
    """Whether a text may be the reference of a case, as a ledger line has it: short, of letters and digits with . / -
    between them, and nothing that looks personal.
    """
    return _CASE.fullmatch(text) is not None and not looks_personal(text)


# As it is read, by the columns of the table.
Line = tuple[Any, ...]


def verify(connection: sa.Connection, after: Mark | None = None) -> Verdict:
    """Reads the whole chain and says whether every line is as it was written.

    With `after`, a line that was verified before, only what follows it: a change before it does not show.
    """
    return verify_lines(lines(connection, 0 if after is None else after.line), after)


def verify_again(connection: sa.Connection, known: Sequence[Line]) -> tuple[Verdict, list[Line]]:
    """What `verify` says of the whole chain, and its lines, to be `known` the next time.

    Every line is read. Where the chain begins with lines that were found to be as they were written, to the letter,
    they are so still, and digests are made of the others alone. For chains that fit into memory.
    """
    read = [tuple(row) for row in connection.execute(_FOLLOWING, {"after": 0})]
    same = len(known) if known and read[: len(known)] == list(known) else 0
    after = Mark(read[same - 1][_AT_SEQ], read[same - 1][_AT_DIGEST]) if same else None
    return verify_lines((dict(zip(_NAMES, line, strict=True)) for line in read[same:]), after), read


def mark(connection: sa.Connection, line: int) -> Mark | None:
    """A line of the chain to go on from, None where there is no such line."""
    digest = connection.scalar(_DIGEST_OF, {"line": line})
    return None if digest is None else Mark(line, str(digest))


def lines(connection: sa.Connection, after: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every line in order, by the columns of the table; or those that follow a line."""
    read = connection.execute(_FOLLOWING, {"after": after}, execution_options={"yield_per": _READ_AT_ONCE})
    for row in read:
        yield dict(zip(_NAMES, row, strict=True))


# Put together once, like those above.
_FOLLOWING = sa.select(ledger).where(ledger.c.seq > sa.bindparam("after")).order_by(ledger.c.seq)
_DIGEST_OF = sa.select(ledger.c.digest).where(ledger.c.seq == sa.bindparam("line"))
_NAMES = tuple(str(column.name) for column in ledger.c)
_AT_SEQ, _AT_DIGEST = _NAMES.index("seq"), _NAMES.index("digest")


def verify_lines(lines: Iterable[Mapping[str, Any]], after: Mark | None = None) -> Verdict:
    """Whether lines, from the register or from an export of it, are a chain; reads no further than the first fault.

    `after` is the line that they follow, where they are not all.
    """
    previous, expected = (GENESIS, 1) if after is None else (after.digest, after.line + 1)
    for row in lines:
        if row.get("seq") != expected:
            return Verdict(expected - 1, expected, "missing")
        line = {name: row[name] for name in row if name != "digest"}
        if row.get("previous") != previous or _digest(line) != row.get("digest"):
            return Verdict(expected - 1, expected, "changed")
        previous, expected = row["digest"], expected + 1
    return Verdict(expected - 1)


def to_json(line: Mapping[str, Any]) -> str:
    """A line as one line of JSON, with every byte that its digest covers."""
    return _canonical(line)


def from_json(text: str, number: int) -> Mapping[str, Any]:
    """A line from its JSON; what cannot be read comes back as line `number` without content, which fits no chain."""
    try:
        line = json.loads(text)
        return {**line, "at": dt.datetime.fromisoformat(line["at"]).astimezone(dt.UTC)}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return {"seq": number, "at": dt.datetime.fromtimestamp(0, dt.UTC)}


def _digest(line: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(line).encode()).hexdigest()


def _canonical(line: Mapping[str, Any]) -> str:
    told = {**line, "at": line["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")}
    if told.get("state") is None:
        # Lines of an earlier version keep their digest.
        told.pop("state", None)
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
