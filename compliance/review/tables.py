"""What was measured on each day, kept as it was."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Occasion(StrEnum):
    """Why a snapshot was made. Texts: `occasion.<value>`."""

    # A new build, or the first look at it on a day.
    BUILD = "build"
    NIGHT = "night"
    SIGNED = "signed"


# Its number is what two readers call it by. Nothing changes it once it is made.
snapshot = sa.Table(
    "kpi_snapshot",
    metadata,
    sa.Column("snapshot_id", sa.Integer, primary_key=True),
    sa.Column("as_of", sa.Date, nullable=False, index=True),
    sa.Column("build_id", sa.Integer, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("occasion", sa.String(10), nullable=False),
    sa.Column("policy_digest", sa.String(64)),
    # Figure -> version, value or why there is none, and parts (compliance.review.snapshots).
    sa.Column("figures", sa.Text, nullable=False),
    one_of("occasion", Occasion, name="snapshot_occasion"),
)

# What versions before kept: eight figures a day. It is read, and written no more.
earlier = sa.Table(
    "snapshot",
    metadata,
    sa.Column("as_of", sa.Date, primary_key=True),
    sa.Column("figure", sa.String(40), primary_key=True),
    # Null is unknown, which is not zero.
    sa.Column("value", sa.BigInteger),
    sa.Column("build_id", sa.Integer, nullable=False),
)
