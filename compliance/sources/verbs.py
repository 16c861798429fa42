"""What people say of sources: mappings for later exports, and whether dates that an export moved are right."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.sources import asks
from compliance.sources.catalogue import Dataset
from compliance.sources.tables import Word, moved_clock, moved_person, moves_said, saved_mapping
from compliance.words.refusal import Refused
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


def decide_moved(at: At, reading: Reading, dataset: str, build: int, word: Word, number: int = 0) -> None:
    """Says once for all that an export moved whether its dates or the earlier ones are right; with a `number`, of the
    one person alone whose earlier date is of a row that bore another name.

    Accepted dates count at once, and the next build has them in the place of the earlier ones; rejected ones are asked
    about no more as long as the source repeats them. Raises Refused `not_allowed`, `moved_unknown` where nothing of
    that export is kept, or `moved_decided` where somebody was first.
    """
    actor = at.require(Permission.DECIDE_MOVED)
    found = [
        one
        for one in reading.rows(asks.MOVED_CLOCKS)
        if (one.dataset, one.build, one.number) == (dataset, build, number)
    ]
    if not found:
        raise Refused("moved_unknown")
    entries = sum(one.entries for one in found)
    with writing(at.register) as connection:
        if (dataset, build, number) in decided_moves(connection):
            raise Refused("moved_decided")
        said = {
            "dataset": dataset,
            "build_id": build,
            "word": word.value,
            "actor": actor.pseudonym,
            "decided_at": at.now,
        }
        if number:
            connection.execute(sa.insert(moved_person).values(number=number, **said))
        else:
            connection.execute(sa.insert(moved_clock).values(entries=entries, **said))
        ledger.append(
            connection,
            ledger.Event.CLOCKS_ACCEPTED if word is Word.ACCEPTED else ledger.Event.CLOCKS_REJECTED,
            author=at.author,
            now=at.now,
            build=reading.build,
            details={
                "dataset": dataset,
                "since_build": build,
                "entries": entries,
                "overdue": sum(one.overdue for one in found),
                "another_name": number > 0,
            },
        )


def decided_moves(connection: sa.Connection) -> dict[tuple[str, int, int], Word]:
    """What was decided of the dates that exports moved, by dataset, the build that saw it first and the number there:
    0 for all but those of whom it is asked one by one.
    """
    return {(dataset, build, number): Word(word) for dataset, build, number, word in connection.execute(moves_said)}
