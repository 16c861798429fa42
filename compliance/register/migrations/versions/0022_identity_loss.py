"""Decisions on who is one person that have lost somebody stop purges until somebody lets them go."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_loss",
        sa.Column("loss_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("lost_at", Instant(), nullable=False),
        sa.CheckConstraint("side in ('one', 'other')", name="identity_loss_side"),
        sa.ForeignKeyConstraint(["decision_id"], ["identity_decision.decision_id"]),
        sa.PrimaryKeyConstraint("loss_id"),
    )
