"""Lets go of what tells of whom a purge was, once nothing needs it any more."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.purge.tables import EXECUTED, ItemOutcome, batch, batch_item
from compliance.reading.tracer import Tracer

_STAYED = (ItemOutcome.HELD, ItemOutcome.CHANGED)
_AT_ONCE = 500


def forget_done(connection: sa.Connection, tracer: Tracer | None) -> None:
    """Forgets the entries of purges that were carried out, but for those that stayed and that the new build still has,
    in the transaction that makes it current; without a new one (None) nobody of those has gone.

    Whom the sources are to erase, who comes back and what a replay brings is told by the suppression list and the
    evidence, and how many entries there were by the batch and its receipt. Of the entries themselves only those that
    stayed are shown afterwards, with why, for as long as they are stored.
    """
    executed = batch_item.c.batch_id.in_(sa.select(batch.c.batch_id).where(batch.c.state.in_(EXECUTED)))
    stayed = batch_item.c.outcome.in_(_STAYED)
    connection.execute(sa.delete(batch_item).where(executed, sa.not_(sa.func.coalesce(stayed, sa.false()))))
    if tracer is None:
        return
    columns = [batch_item.c[name] for name in ("basis_key", "category", "source")]
    left = connection.execute(sa.select(*columns).where(executed, stayed).distinct()).all()
    if not left:
        return
    stored = tracer.stored_bases([(row.basis_key, row.category, row.source) for row in left])
    gone = sorted({row.basis_key for row in left} - stored)
    for start in range(0, len(gone), _AT_ONCE):
        part = gone[start : start + _AT_ONCE]
        connection.execute(sa.delete(batch_item).where(executed, batch_item.c.basis_key.in_(part)))
