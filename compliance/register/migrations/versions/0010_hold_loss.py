"""Whom holds are on is kept by who they are about as well; holds that cover nothing any more are told; and what people
have decided about persons who may be one.
"""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold_identity",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("identity_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.hold_id"]),
        sa.PrimaryKeyConstraint("hold_id", "identity_key"),
    )
    op.create_table(
        "hold_loss",
        sa.Column("loss_id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("lost_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.hold_id"]),
        sa.PrimaryKeyConstraint("loss_id"),
    )
    op.create_table(
        "identity_decision",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("one_key", sa.String(length=32), nullable=False),
        sa.Column("other_key", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("answer in ('same', 'different')", name="identity_decision_answer"),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_table(
        "identity_trace",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.CheckConstraint("side in ('one', 'other')", name="identity_trace_side"),
        sa.ForeignKeyConstraint(["decision_id"], ["identity_decision.decision_id"]),
        sa.PrimaryKeyConstraint("decision_id", "side", "digest"),
    )
