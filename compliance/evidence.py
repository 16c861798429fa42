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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict

from compliance import ledger, receipts
from compliance.files import publish, sweep
from compliance.receipts import Receipt
from compliance.refusal import Refused
from compliance.register import builds
from compliance.register.engine import reading, writing
from compliance.register.schema import batch, batch_request, request, suppression
from compliance.settings import Settings

# What a proposal says of itself more exactly than its receipt does.
_KNOWN_BETTER = {"build_id", "persons", "large"}
_NAME = re.compile(r"batch-([0-9a-f]{32})\.json")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Suppressed(_Frozen):
    """An entry of the suppression list, without the numbers that only one register gives it."""

    key_id: str
    record_digest: str
    email_digest: str | None
    phone_digest: str | None
    category: str | None
    source: str
    dataset: str
    erased_on: dt.date
    expires_on: dt.date
    relation_started_on: dt.date | None
    relation_ended_on: dt.date | None


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
    requests: tuple[ClosedRequest, ...]


@dataclass(frozen=True)
class Replayed:
    """How many purges a register was told of, how many entries its suppression list got, and whether the copy went."""

    batches: int
    entries: int
    thrown_away: bool


def write(settings: Settings, register: sa.Engine, batch_id: int) -> Path:
    """Keeps the evidence of an executed batch as the register has it now, in place of what was kept of it before.

    Also after entries of the suppression list expired, since they are not to outlive that here.
    Raises Refused `receipt_missing` or `receipt_damaged` for a batch without a receipt that can be read, and
    `file_unwritable` where the folder does not take it.
    """
    with reading(register) as connection:
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
            .where(batch.c.state.in_(builds.EXECUTED), batch.c.receipt.is_not(None))
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
    return kept - set(connection.scalars(sa.select(batch.c.uid).where(batch.c.state.in_(builds.EXECUTED))))


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
        kept = Evidence.model_validate_json(orjson.dumps(content))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise Refused("evidence_damaged", file=path.name) from None
    if told != _digest(kept) or path.name != file_of_uid(kept.receipt.uid):
        raise Refused("evidence_damaged", file=path.name)
    return kept


def file_of(settings: Settings, uid: str) -> Path:
    """Where the evidence of a purge is kept."""
    return settings.evidence / file_of_uid(uid)


def file_of_uid(uid: str) -> str:
    """The name of the file of a purge."""
    return f"batch-{uid}.json"


def replay(settings: Settings, register: sa.Engine, now: dt.datetime) -> Replayed:
    """Tells the register of every purge that it does not know, and throws the copy away where it is older than one.

    All in one transaction; the copy's files go after it. The suppression list then keeps the purged out of the exports
    that are taken in anew. Raises Refused `evidence_damaged`, before anything has changed.

    Of a purge of this register without evidence none is written here: it would say that its files are wiped.
    """
    with writing(register) as connection:
        told = [read(file_of(settings, uid)) for uid in unknown(settings, connection)]
        # In the order in which they were made, as the ledger should have them.
        for kept in sorted(told, key=lambda one: (one.receipt.executed.at, one.receipt.uid)):
            _replay_one(connection, kept, now)
        outdated = builds.throw_away_outdated(connection, now)
    if outdated:
        builds.remove_files(settings, register, overwrite=True)
    return Replayed(len(told), sum(len(kept.suppression) for kept in told), outdated)


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
        sa.select(*(suppression.c[name] for name in names))
        .where(suppression.c.batch_id == batch_id)
        .order_by(suppression.c.suppression_id)
    )
    closed = connection.execute(
        sa.select(*(request.c[name] for name in ClosedRequest.model_fields))
        .join(batch_request, batch_request.c.request_id == request.c.request_id)
        .where(batch_request.c.batch_id == batch_id, request.c.closed_on.is_not(None))
        .order_by(request.c.source, request.c.reference)
    ).mappings()
    return row.uid, {
        "receipt": receipt.model_dump(mode="json"),
        # There may be a hundred thousand, and a model for each would take longer than all else.
        "suppression": [dict(zip(names, entry, strict=True)) for entry in entries],
        "requests": [ClosedRequest(**one).model_dump(mode="json") for one in closed],
    }


def _content(told: Mapping[str, Any]) -> bytes:
    canonical = _canonical(told)
    # Sorted as all the other names are: "digest" comes first.
    return b'{"digest":"' + _digest_of(canonical).encode() + b'",' + canonical[1:] + b"\n"


def _digest(kept: Evidence) -> str:
    return _digest_of(_canonical(kept.model_dump(mode="json")))


def _digest_of(canonical: bytes) -> str:
    return hashlib.sha256(canonical).hexdigest()


def _canonical(told: Mapping[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def _replay_one(connection: sa.Connection, kept: Evidence, now: dt.datetime) -> None:
    batch_id = _enter(connection, kept.receipt)
    if kept.suppression:
        connection.execute(
            sa.insert(suppression), [{**entry.model_dump(), "batch_id": batch_id} for entry in kept.suppression]
        )
    for closed in kept.requests:
        request_id = _close(connection, closed, now)
        connection.execute(sa.delete(batch_request).where(*_answers(batch_id, request_id)))
        connection.execute(sa.insert(batch_request).values(batch_id=batch_id, request_id=request_id))
    receipt = kept.receipt
    details: dict[str, ledger.Detail] = {
        "batch": batch_id,
        "uid": receipt.uid,
        "receipt": receipts.digest(receipt),
        "suppression": len(kept.suppression),
        "requests": len(kept.requests),
    }
    ledger.append(connection, ledger.Event.BATCH_REPLAYED, author=None, now=now, details=details)


def _answers(batch_id: int, request_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return batch_request.c.batch_id == batch_id, batch_request.c.request_id == request_id


def _close(connection: sa.Connection, closed: ClosedRequest, now: dt.datetime) -> int:
    """Closes a request again. One that this register has never seen is entered as closed, so that the form's next
    export does not open it anew with its contact details.
    """
    values = {**closed.model_dump(), "name": None, "email": None, "phone": None, "updated_at": now}
    known = connection.scalar(
        sa.select(request.c.request_id).where(
            request.c.source == closed.source, request.c.reference == closed.reference
        )
    )
    if known is None:
        entered = sa.insert(request).values(**values, first_seen_at=now).returning(request.c.request_id)
        return int(connection.scalars(entered).one())
    connection.execute(sa.update(request).where(request.c.request_id == known).values(**values))
    return int(known)


def _enter(connection: sa.Connection, receipt: Receipt) -> int:
    """The batch's row, made from its receipt; in place of one that knows the purge as not yet made."""
    values = _values(receipt)
    known = connection.scalar(sa.select(batch.c.batch_id).where(batch.c.uid == receipt.uid))
    if known is None:
        return int(connection.scalars(sa.insert(batch).values(**values).returning(batch.c.batch_id)).one())
    told = {name: value for name, value in values.items() if name not in _KNOWN_BETTER}
    connection.execute(sa.update(batch).where(batch.c.batch_id == known).values(**told))
    connection.execute(sa.delete(suppression).where(suppression.c.batch_id == known))
    return int(known)


def _values(receipt: Receipt) -> Mapping[str, Any]:
    approved, confirmed = receipt.approved, receipt.confirmed
    return {
        "uid": receipt.uid,
        "state": "executed",
        "kind": "replayed",
        "proposed_by": receipt.proposed.pseudonym,
        "proposed_role": receipt.proposed.role,
        "proposed_at": receipt.proposed.at,
        "build_id": receipt.build_before,
        "as_of": receipt.as_of,
        "policy_digest": receipt.policy_digest,
        "policy_version": receipt.policy_version,
        "digest": receipt.keys_digest,
        "planned": receipt.planned,
        "persons": receipt.persons_gone,
        "large": confirmed is not None,
        "approved_by": approved.pseudonym if approved else None,
        "approved_role": approved.role if approved else None,
        "approved_at": approved.at if approved else None,
        "confirmed_by": confirmed.pseudonym if confirmed else None,
        "confirmed_role": confirmed.role if confirmed else None,
        "confirmed_at": confirmed.at if confirmed else None,
        "executed_by": receipt.executed.pseudonym,
        "executed_role": receipt.executed.role,
        "executed_at": receipt.executed.at,
        "build_before": receipt.build_before,
        "build_after": receipt.build_after,
        "deleted": receipt.deleted,
        "held": receipt.held,
        "changed": receipt.changed,
        "failed": receipt.failed,
        "ended_by": None,
        "ended_at": None,
        "ended_reason": None,
        "receipt": receipts.canonical(receipt).decode(),
        "receipt_digest": receipts.digest(receipt),
    }
