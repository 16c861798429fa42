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

# A week that was gone through, once each. Its figures are those of its snapshot, as they were then.
review = sa.Table(
    "review",
    metadata,
    sa.Column("review_id", sa.Integer, primary_key=True),
    # By ISO 8601, as 2026-W48.
    sa.Column("week", sa.String(8), nullable=False, unique=True),
    sa.Column("as_of", sa.Date, nullable=False),
    # Null for a week that was missed and of which nothing was kept.
    sa.Column("snapshot_id", sa.Integer, sa.ForeignKey("kpi_snapshot.snapshot_id")),
    sa.Column("is_late", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    # What was decided since the review before: event of the ledger -> how often.
    sa.Column("decided", sa.Text, nullable=False),
    sa.Column("signed_by", sa.String(32), nullable=False),
    sa.Column("signed_role", sa.String(10), nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
    sa.Column("countersigned_by", sa.String(32)),
    sa.Column("countersigned_role", sa.String(10)),
    sa.Column("countersigned_at", Instant),
    sa.CheckConstraint(
        "countersigned_by is null or countersigned_by <> signed_by", name="review_countersigned_by_another"
    ),
)
