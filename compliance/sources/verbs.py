"""What people say of sources: mappings for later exports."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from compliance import ledger
from compliance.access import Actor, require
from compliance.register.engine import writing
from compliance.sources.catalogue import Dataset
from compliance.sources.tables import saved_mapping
from compliance.words.vocabulary import Permission


def save_mapping(register: sa.Engine, actor: Actor, dataset: Dataset, now: dt.datetime) -> None:
    """Keeps a mapping for later exports, by page and command line alike; one of the same id is replaced."""
    require(actor, Permission.RUN_INTAKE)
    values = {
        "source": dataset.source,
        "body": dataset.model_dump_json(exclude={"erase"}),
        "saved_at": now,
        "actor": actor.pseudonym,
    }
    with writing(register) as connection:
        known = connection.execute(
            sa.update(saved_mapping).where(saved_mapping.c.mapping_id == dataset.id).values(values)
        )
        if known.rowcount == 0:
            connection.execute(sa.insert(saved_mapping).values(mapping_id=dataset.id, **values))
        ledger.append(
            connection,
            ledger.Event.MAPPING_SAVED,
            author=actor.author,
            now=now,
            details={"dataset": dataset.id, "source": dataset.source, "columns": len(dataset.headers)},
        )
