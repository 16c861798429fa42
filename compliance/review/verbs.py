"""Keeps the figures of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.bridge import verbs as starts
from compliance.bridge.tables import Place
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.review import bridges, measures, snapshots
from compliance.review.tables import Occasion, snapshot
from compliance.sources.freshness import freshness


def keep(at: At, reading: Reading, occasion: Occasion) -> int:
    """Measures every figure and keeps it; returns the snapshot's number. Nothing changes a snapshot that is kept."""
    fresh = freshness(at.settings, reading, at.now, "en")
    figures = snapshots.written(measures.measure(at, reading, fresh))
    found = bridges.places(at.settings, reading)
    with writing(at.register) as connection:
        return _enter(connection, at, reading, occasion, figures, found)


def ensure_snapshot(at: At, reading: Reading) -> None:
    """Keeps the day's figures unless this build's are kept already."""
    kept = (
        sa.select(snapshot.c.snapshot_id)
        .where(snapshot.c.as_of == reading.as_of, snapshot.c.build_id == reading.build)
        .limit(1)
    )
    with at.register.connect() as connection:
        if connection.execute(kept).first() is not None:
            return
    keep(at, reading, Occasion.BUILD)


def _enter(
    connection: sa.Connection,
    at: At,
    reading: Reading,
    occasion: Occasion,
    figures: str,
    found: Mapping[Place, Sequence[str]],
) -> int:
    entered = connection.execute(
        sa.insert(snapshot).values(
            as_of=reading.as_of,
            build_id=reading.build,
            made_at=at.now,
            occasion=occasion,
            policy_digest=at.policy.digest,
            figures=figures,
        )
    ).inserted_primary_key
    assert entered is not None
    number = int(entered[0])
    starts.enter(connection, number, found)
    starts.keep_only(connection, bridges.wanted(connection, reading.as_of))
    ledger.append(
        connection,
        ledger.Event.FIGURES_KEPT,
        author=at.author if occasion is Occasion.SIGNED else None,
        now=at.now,
        build=reading.build,
        details={"snapshot": number, "occasion": occasion.value},
    )
    return number
