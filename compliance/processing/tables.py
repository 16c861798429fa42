"""What is said of an activity besides its rule, and the versions of the register."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata


class Transfer(StrEnum):
    """Where data go (GDPR chapter V). Texts: `processing_transfer.<value>`."""

    NONE = "none"
    ADEQUATE = "adequate"
    THIRD_COUNTRY = "third_country"


# One row each time that somebody describes an activity; the last of a category counts.
processing_entry = sa.Table(
    "processing_entry",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    sa.Column("category", sa.String(20), nullable=False, index=True),
    # JSON, by compliance.processing.facts.
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", sa.String(32), nullable=False),
    sa.Column("recorded_role", sa.String(10), nullable=False),
)

# One row each time that somebody describes what is done on customers' behalf; the last counts.
processing_assigned = sa.Table(
    "processing_assigned",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    # JSON, by compliance.processing.facts.
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", sa.String(32), nullable=False),
    sa.Column("recorded_role", sa.String(10), nullable=False),
)

# The whole register as it was on a day. Nothing changes a version that is made.
processing_version = sa.Table(
    "processing_version",
    metadata,
    sa.Column("version_id", sa.Integer, primary_key=True),
    sa.Column("as_of", sa.Date, nullable=False),
    # JSON: category or environment -> field -> value, in no language.
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("made_by", sa.String(32), nullable=False),
    sa.Column("made_role", sa.String(10), nullable=False),
)
