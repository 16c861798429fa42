"""Keeps the figures of the day."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.review import asks
from compliance.review.figures import _figures
from compliance.review.tables import snapshot
from compliance.sources.freshness import freshness


def write_snapshot(at: At, reading: Reading) -> None:
    """Keeps the day's figures for the comparison a week later; a second time replaces the first."""
    fresh = freshness(at.settings, reading, at.now, "en")
    figures = _figures(at.register, reading, at.parameters, fresh, reading.one(asks.WEEKLY))
    with writing(at.register) as connection:
        connection.execute(sa.delete(snapshot).where(snapshot.c.as_of == reading.as_of))
        connection.execute(
            sa.insert(snapshot),
            [
                {"as_of": reading.as_of, "figure": figure.value, "value": value, "build_id": reading.build}
                for figure, value in figures.items()
            ],
        )
        ledger.append(connection, ledger.Event.FIGURES_KEPT, author=None, now=at.now, build=reading.build)


def ensure_snapshot(at: At, reading: Reading) -> None:
    """Keeps the day's figures unless this build's are kept already."""
    with at.register.connect() as connection:
        kept = connection.execute(
            sa.select(snapshot.c.build_id).where(snapshot.c.as_of == reading.as_of).limit(1)
        ).scalar()
    if kept != reading.build:
        write_snapshot(at, reading)
