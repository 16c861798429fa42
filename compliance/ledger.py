"""The ledger: an append-only hash chain of what was done, without personal data.

Each line's digest covers the line and the digest before it, so that a changed, removed or inserted line
shows. A line is written in the transaction of the change that it records.
`python -m compliance.ledger verify` checks it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance import settings as settings_of
from compliance.refusal import Refused
from compliance.register import engine as register_engine
from compliance.register.schema import ledger

GENESIS = "0" * 64
_PERSONAL = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+"  # an e-mail address
    r"|(?<!\d)(?:\d{2})?\d{6}[-+]\d{4}(?!\d)"  # a personnummer
    r"|(?<![\w.-])(?:\+|00)\d[\d ()/-]{7,}\d"  # an international phone number
    r"|(?<![\w.-])0\d{1,3}[ /-]\d[\d -]{4,}\d"  # a national one
)

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
    EXTRACT_MADE = "extract:made"
    REQUEST_REGISTERED = "request:registered"
    REQUEST_UPDATED = "request:updated"
    MAPPING_SAVED = "mapping:saved"
    REQUEST_CLOSED = "request:closed"
    HOLD_PLACED = "hold:placed"
    HOLD_REVIEWED = "hold:reviewed"
    HOLD_RELEASED = "hold:released"
    HOLD_MOVED = "hold:moved"
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
    SOURCE_RESURFACED = "source:resurfaced"
    PERSONS_KEPT_OUT = "persons:kept_out"
    PERSONS_RETURNED = "persons:returned"
    RETURN_CONFIRMED = "return:confirmed"
    KEY_ADDED = "key:added"
    KEY_DESTROYED = "key:destroyed"
    RECEIPT_READ = "receipt:read"
    CHECKPOINT_MADE = "checkpoint:made"
    REGISTER_SAVED = "register:saved"
    REGISTER_RESTORED = "register:restored"
    SIGNED_IN = "user:signed_in"


@dataclass(frozen=True)
class Author:
    """Who a line is about: a pseudonym and a role, never a name."""

    pseudonym: str
    role: str


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
        if isinstance(value, str) and _PERSONAL.search(value):
            raise ValueError(f"the detail {name} looks like personal data")
    last = connection.execute(
        sa.select(ledger.c.seq, ledger.c.digest).order_by(ledger.c.seq.desc()).limit(1)
    ).one_or_none()
    line: dict[str, Any] = {
        "seq": last.seq + 1 if last else 1,
        "at": now.astimezone(dt.UTC),
        "event": event.value,
        "actor": author.pseudonym if author else None,
        "role": author.role if author else None,
        "build_id": build,
        "details": json.dumps(details, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
        "previous": last.digest if last else GENESIS,
    }
    connection.execute(sa.insert(ledger).values(**line, digest=_digest(line)))
    return int(line["seq"])


def verify(connection: sa.Connection) -> Verdict:
    """Reads the whole chain and says whether every line is as it was written."""
    previous, expected = GENESIS, 1
    for row in connection.execute(sa.select(ledger).order_by(ledger.c.seq)).mappings():
        if row["seq"] != expected:
            return Verdict(expected - 1, expected, "missing")
        line = {name: row[name] for name in row if name != "digest"}
        if row["previous"] != previous or _digest(line) != row["digest"]:
            return Verdict(expected - 1, expected, "changed")
        previous, expected = row["digest"], expected + 1
    return Verdict(expected - 1)


def _digest(line: Mapping[str, Any]) -> str:
    told = {**line, "at": line["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")}
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m compliance.ledger", description="Checks the ledger.")
    parser.add_argument("action", choices=["verify"])
    parser.parse_args(arguments)
    try:
        with register_engine.engine(settings_of.load()).connect() as connection:
            verdict = verify(connection)
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    if verdict.broken_at is None:
        sys.stdout.write(f"ledger: {verdict.lines} lines, chain intact\n")
        return 0
    sys.stdout.write(f"ledger: line {verdict.broken_at} is {verdict.why}; {verdict.lines} lines before it are intact\n")
    return 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
