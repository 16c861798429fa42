"""Keeps the figures of the day."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.review import asks
from compliance.review.figures import _figures
from compliance.review.tables import snapshot
from compliance.sources.freshness import freshness
from compliance.words.policy import Parameters
from compliance.words.settings import Settings


def write_snapshot(
    settings: Settings, register: sa.Engine, reading: Reading, parameters: Parameters, now: dt.datetime
) -> None:
    """Keeps the day's figures for the comparison a week later; a second time replaces the first."""
    fresh = freshness(settings, reading, now, "en")
    figures = _figures(register, reading, parameters, fresh, reading.one(asks.WEEKLY))
    with writing(register) as connection:
        connection.execute(sa.delete(snapshot).where(snapshot.c.as_of == reading.as_of))
        connection.execute(
            sa.insert(snapshot),
            [
                {"as_of": reading.as_of, "figure": figure.value, "value": value, "build_id": reading.build}
                for figure, value in figures.items()
            ],
        )


def ensure_snapshot(
    settings: Settings, register: sa.Engine, reading: Reading, parameters: Parameters, now: dt.datetime
) -> None:
    """Keeps the day's figures unless this build's are kept already."""
    with register.connect() as connection:
        kept = connection.execute(
            sa.select(snapshot.c.build_id).where(snapshot.c.as_of == reading.as_of).limit(1)
        ).scalar()
    if kept != reading.build:
        write_snapshot(settings, register, reading, parameters, now)
