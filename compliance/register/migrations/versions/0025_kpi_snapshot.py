"""Figures of a day are kept as they were measured, with a number, and the entries that a bridge may start from."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_snapshot",
        sa.Column("snapshot_id", sa.Integer(), primary_key=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occasion", sa.String(10), nullable=False),
        sa.Column("policy_digest", sa.String(64), nullable=True),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.CheckConstraint("occasion in ('build', 'night', 'signed')", name="snapshot_occasion"),
    )
    op.create_index("ix_kpi_snapshot_as_of", "kpi_snapshot", ["as_of"])
    op.create_table(
        "kpi_snapshot_entries",
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("kpi_snapshot.snapshot_id"), primary_key=True),
        sa.Column("place", sa.String(12), primary_key=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("place in ('overdue', 'held', 'undetermined')", name="snapshot_entries_place"),
    )
