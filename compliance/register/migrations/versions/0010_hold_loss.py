"""Whom holds are on is kept by who they are about as well, and holds that cover nothing any more are told."""

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
