"""Evidence of purges, kept outside the register: what an older register needs to be told when it is brought back.

One file per purge holds its receipt, its entries of the suppression list and the references of the requests it closed:
digests, codes and dates, no contact details. `replay` tells a register of them, so that nobody purged is shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict

from compliance.evidence import receipts
from compliance.evidence.receipts import Receipt
from compliance.purge import tables as purge_tables
from compliance.purge.tables import batch, batch_request
from compliance.register.engine import reading
from compliance.requests.tables import request
from compliance.suppression.tables import Verdict, reappearance, suppression
from compliance.words.files import publish, sweep
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_NAME = re.compile(r"batch-([0-9a-f]{32})\.json")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Suppressed(_Frozen):
    """An entry of the suppression list, without the numbers that only one register gives it."""

    key_id: str
    record_digest: str
    email_digest: str | None
    phone_digest: str | None
    # Evidence of an earlier version lacks the next three.
    email_name_digest: str | None = None
    is_shared_email: bool | None = None
    is_shared_phone: bool | None = None
    category: str | None
    source: str
    dataset: str
    erased_on: dt.date
    expires_on: dt.date
    relation_started_on: dt.date | None
    relation_ended_on: dt.date | None


class Another(_Frozen):
    """A record that was decided to be another person's than whose an entry is, which is the `entry`th of its purge."""

    entry: int
    record_digest: str
    email_name_digest: str | None
    phone_digest: str | None
    source: str
    dataset: str
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    confirmed_by: str | None
    confirmed_at: AwareDatetime | None


class ClosedRequest(_Frozen):
    """A request that a purge closed, without who asked."""

    source: str
    reference: str
    kind: str
    role: str
    requester: str | None
    received_at: AwareDatetime
    received_on: dt.date
    closed_on: dt.date
    outcome: str | None


class Evidence(_Frozen):
    """All that is kept of one purge."""

    receipt: Receipt
    suppression: tuple[Suppressed, ...]
    # Evidence of an earlier version has none.
    others: tuple[Another, ...] = ()
    requests: tuple[ClosedRequest, ...]


def write(settings: Settings, register: sa.Engine, batch_id: int) -> Path:
    """Keeps the evidence of an executed batch as the register has it now, in place of what was kept of it before.

    Also after entries of the suppression list expired, since they are not to outlive that here.
    Raises Refused `receipt_missing` or `receipt_damaged` for a batch without a receipt that can be read, and
    `file_unwritable` where the folder does not take it.
    """
    with reading(register) as connection:
        return _write(settings, connection, batch_id)


def rewrite(settings: Settings, connection: sa.Connection, batch_id: int) -> None:
    """Keeps the evidence of a batch as the caller's transaction is about to leave it, where there is any: that of one
    whose files are not wiped yet is written once they are.

    A transaction that fails afterwards leaves evidence of more than it did, which keeps out who would be asked about
    else. Raises what `write` does.
    """
    uid = connection.scalar(sa.select(batch.c.uid).where(batch.c.batch_id == batch_id))
    if uid in names(settings):
        _write(settings, connection, batch_id)


def _write(settings: Settings, connection: sa.Connection, batch_id: int) -> Path:
    uid, told = _gather(connection, batch_id)
    path = file_of(settings, uid)
    sweep(path)
    publish(path, [_content(told)], replace=True)
    return path


def missing(settings: Settings, register: sa.Engine) -> list[int]:
    """The executed batches of which there is no evidence yet, as after a crash."""
    kept = names(settings)
    with register.connect() as connection:
        executed = connection.execute(
            sa.select(batch.c.batch_id, batch.c.uid)
            .where(batch.c.state.in_(purge_tables.EXECUTED), batch.c.receipt.is_not(None))
            .order_by(batch.c.batch_id)
        ).all()
    return [row.batch_id for row in executed if row.uid not in kept]


def write_missing(settings: Settings, register: sa.Engine) -> int:
    """Keeps the evidence of every executed batch that has none; returns how many there were.

    Only once the files that they have left are wiped, since that is what evidence says. Raises what `write` does.
    """
    found = missing(settings, register)
    for batch_id in found:
        write(settings, register, batch_id)
    return len(found)


def unknown(settings: Settings, connection: sa.Connection) -> frozenset[str]:
    """The purges that were made and that this register does not know as made: it is older than they are."""
    kept = names(settings)
    if not kept:
        return kept
    return kept - set(connection.scalars(sa.select(batch.c.uid).where(batch.c.state.in_(purge_tables.EXECUTED))))


def names(settings: Settings) -> frozenset[str]:
    """The purges of which there is evidence."""
    # Read each time: a folder's time of change is too coarse to tell whether a remembered listing still holds.
    try:
        with os.scandir(settings.evidence) as entries:
            found = [_NAME.fullmatch(entry.name) for entry in entries]
    except FileNotFoundError:
        return frozenset()
    return frozenset(match[1] for match in found if match)


def read(path: Path) -> Evidence:
    """What a file holds. Raises Refused `evidence_damaged` where it is not what was written under that name."""
    try:
        content = orjson.loads(path.read_bytes())
        told = content.pop("digest")
        # Of what stands there, since what an earlier version wrote lacks what is kept today.
        digest = _digest_of(_canonical(content))
        kept = Evidence.model_validate_json(orjson.dumps(content))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise Refused("evidence_damaged", file=path.name) from None
    if told != digest or path.name != file_of_uid(kept.receipt.uid):
        raise Refused("evidence_damaged", file=path.name)
    return kept


def file_of(settings: Settings, uid: str) -> Path:
    """Where the evidence of a purge is kept."""
    return settings.evidence / file_of_uid(uid)


def file_of_uid(uid: str) -> str:
    """The name of the file of a purge."""
    return f"batch-{uid}.json"


def _gather(connection: sa.Connection, batch_id: int) -> tuple[str, Mapping[str, Any]]:
    """A batch's uid, and what Evidence holds of it in values that JSON has, and dates."""
    row = connection.execute(sa.select(batch.c.uid, batch.c.receipt).where(batch.c.batch_id == batch_id)).one_or_none()
    if row is None or row.receipt is None:
        raise Refused("receipt_missing", batch=batch_id)
    try:
        receipt = receipts.parse(row.receipt)
    except ValueError:
        raise Refused("receipt_damaged", batch=batch_id) from None
    names = list(Suppressed.model_fields)
    entries = connection.execute(
        sa.select(suppression.c.suppression_id, *(suppression.c[name] for name in names))
        .where(suppression.c.batch_id == batch_id)
        .order_by(suppression.c.suppression_id)
    ).all()
    places = {entry.suppression_id: place for place, entry in enumerate(entries)}
    others = connection.execute(
        sa.select(reappearance)
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(suppression.c.batch_id == batch_id, reappearance.c.verdict == Verdict.OTHER)
        .order_by(reappearance.c.reappearance_id)
    ).mappings()
    closed = connection.execute(
        sa.select(*(request.c[name] for name in ClosedRequest.model_fields))
        .join(batch_request, batch_request.c.request_id == request.c.request_id)
        .where(batch_request.c.batch_id == batch_id, request.c.closed_on.is_not(None))
        .order_by(request.c.source, request.c.reference)
    ).mappings()
    return row.uid, {
        "receipt": receipt.model_dump(mode="json"),
        # There may be a hundred thousand, and a model for each would take longer than all else.
        "suppression": [dict(zip(names, entry[1:], strict=True)) for entry in entries],
        "others": [
            Another(
                entry=places[one["suppression_id"]],
                **{name: one[name] for name in Another.model_fields if name != "entry"},
            ).model_dump(mode="json")
            for one in others
        ],
        "requests": [ClosedRequest(**one).model_dump(mode="json") for one in closed],
    }


def _content(told: Mapping[str, Any]) -> bytes:
    canonical = _canonical(told)
    # Sorted as all the other names are: "digest" comes first.
    return b'{"digest":"' + _digest_of(canonical).encode() + b'",' + canonical[1:] + b"\n"


def _digest_of(canonical: bytes) -> str:
    return hashlib.sha256(canonical).hexdigest()


def _canonical(told: Mapping[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
