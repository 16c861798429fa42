"""Batches that a register learns of by their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from compliance.evidence import receipts
from compliance.evidence.receipts import Receipt
from compliance.purge.tables import batch, batch_request

# What a proposal says of itself more exactly than its receipt does.
_KNOWN_BETTER = {"build_id", "persons", "large"}


def enter(connection: sa.Connection, receipt: Receipt) -> int:
    """The batch's row, made from its receipt; in place of one that has the purge as not made. Returns its number."""
    values = _values(receipt)
    known = connection.scalar(sa.select(batch.c.batch_id).where(batch.c.uid == receipt.uid))
    if known is None:
        return int(connection.scalars(sa.insert(batch).values(**values).returning(batch.c.batch_id)).one())
    told = {name: value for name, value in values.items() if name not in _KNOWN_BETTER}
    connection.execute(sa.update(batch).where(batch.c.batch_id == known).values(**told))
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


def answer(connection: sa.Connection, batch_id: int, request_id: int) -> None:
    """Says that a batch answered a request, once."""
    known = sa.select(batch_request).where(
        batch_request.c.batch_id == batch_id, batch_request.c.request_id == request_id
    )
    if connection.execute(known).first() is None:
        connection.execute(sa.insert(batch_request).values(batch_id=batch_id, request_id=request_id))
