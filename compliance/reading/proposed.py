"""Which purges that are not over yet have entries of somebody: whoever keeps those from being purged wants to know."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.purge.tables import OPEN, ItemOutcome, batch, batch_item
from compliance.reading import asks
from compliance.reading.copy import Reading
from compliance.words import keys
from compliance.words.settings import Settings


def open_purges(settings: Settings, register: sa.Engine, reading: Reading, scope: str, key: str) -> list[int]:
    """The numbers of the purges that have an entry of a person or a certain entry (`scope` by the word of holds), and
    that nobody has taken it out of. Raises what the key of pseudonyms does.
    """
    pseudonyms = keys.pseudonyms(settings)
    entries = [row.basis_id for row in reading.rows(asks.BASES_OF, scope=str(scope), scope_key=key)]
    if not entries:
        return []
    digests = [pseudonyms.digest(f"basis|{basis_id}") for basis_id in entries]
    query = (
        sa.select(batch.c.batch_id)
        .join(batch_item, batch_item.c.batch_id == batch.c.batch_id)
        .where(
            batch.c.state.in_(OPEN),
            batch_item.c.basis_key.in_(digests),
            batch_item.c.outcome.is_distinct_from(ItemOutcome.TAKEN_OUT),
        )
        .distinct()
        .order_by(batch.c.batch_id)
    )
    with register.connect() as connection:
        return list(connection.scalars(query))
