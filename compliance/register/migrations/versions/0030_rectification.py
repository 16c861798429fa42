"""Corrections of what is stored, who is told of them, and why somebody erased is stored again."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rectification",
        sa.Column("rectification_id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("dataset", sa.String(60), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("field", sa.String(30), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("evidence", sa.String(40), nullable=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("request.request_id"), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.String(32), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("fetched_by", sa.String(32), nullable=True),
        sa.Column("fetched_at", Instant(), nullable=True),
        sa.Column("decided_build", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.String(32), nullable=True),
        sa.CheckConstraint(
            "state in ('awaited', 'verified', 'still_old', 'other', 'missing', 'withdrawn', 'purged')",
            name="rectification_state",
        ),
    )
    op.create_table(
        "rectification_recipient",
        sa.Column("rectification_id", sa.Integer(), sa.ForeignKey("rectification.rectification_id"), primary_key=True),
        sa.Column("recipient", sa.String(60), primary_key=True),
        sa.Column("told_by", sa.String(32), nullable=True),
        sa.Column("told_at", Instant(), nullable=True),
    )
    with op.batch_alter_table("reappearance") as table:
        table.add_column(sa.Column("reason", sa.String(length=12), nullable=True))
        table.create_check_constraint(
            "reappearance_reason", "reason in ('meeting', 'inbound', 'contract', 'engagement', 'other_person')"
        )
