"""What people say of sources: mappings for later exports."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.register.engine import writing
from compliance.sources.catalogue import Dataset
from compliance.sources.tables import saved_mapping
from compliance.words.vocabulary import Permission


def save_mapping(at: At, dataset: Dataset) -> None:
    """Keeps a mapping for later exports, by page and command line alike; one of the same id is replaced."""
    actor = at.require(Permission.RUN_INTAKE)
    values = {
        "source": dataset.source,
        "body": dataset.model_dump_json(exclude={"erase"}),
        "saved_at": at.now,
        "actor": actor.pseudonym,
    }
    with writing(at.register) as connection:
        known = connection.execute(
            sa.update(saved_mapping).where(saved_mapping.c.mapping_id == dataset.id).values(values)
        )
        if known.rowcount == 0:
            connection.execute(sa.insert(saved_mapping).values(mapping_id=dataset.id, **values))
        ledger.append(
            connection,
            ledger.Event.MAPPING_SAVED,
            author=at.author,
            now=at.now,
            details={"dataset": dataset.id, "source": dataset.source, "columns": len(dataset.headers)},
        )
