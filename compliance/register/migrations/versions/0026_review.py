"""Weeks that were gone through and signed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("review_id", sa.Integer(), primary_key=True),
        sa.Column("week", sa.String(8), nullable=False, unique=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("kpi_snapshot.snapshot_id"), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.String(32), nullable=False),
        sa.Column("signed_role", sa.String(10), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("countersigned_by", sa.String(32), nullable=True),
        sa.Column("countersigned_role", sa.String(10), nullable=True),
        sa.Column("countersigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "countersigned_by is null or countersigned_by <> signed_by", name="review_countersigned_by_another"
        ),
    )
