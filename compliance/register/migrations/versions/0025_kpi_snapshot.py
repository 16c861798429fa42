"""Figures are kept as they were measured, where bridges start, and how late purges were once their entries are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"
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
        "bridge_start",
        sa.Column("snapshot_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("place", sa.String(12), primary_key=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("purged", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("place in ('overdue', 'held', 'undetermined')", name="bridge_start_place"),
    )
    op.create_table(
        "batch_lag",
        sa.Column("lag_id", sa.Integer(), primary_key=True),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("batch.batch_id"), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
    )
    op.create_index("ix_batch_lag_batch_id", "batch_lag", ["batch_id"])
