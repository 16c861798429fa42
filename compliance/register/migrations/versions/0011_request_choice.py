"""Whom a request is about where the copy cannot tell: decided once, and found again in the builds that follow."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_choice",
        sa.Column("choice_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("spoke_for", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("verdict in ('confirmed', 'rejected')", name="request_choice_verdict"),
        sa.ForeignKeyConstraint(["request_id"], ["request.request_id"]),
        sa.PrimaryKeyConstraint("choice_id"),
    )
    op.create_table(
        "request_choice_trace",
        sa.Column("choice_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["choice_id"], ["request_choice.choice_id"]),
        sa.PrimaryKeyConstraint("choice_id", "digest"),
    )
    op.create_table(
        "request_choice_person",
        sa.Column("choice_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["choice_id"], ["request_choice.choice_id"]),
        sa.PrimaryKeyConstraint("choice_id", "person_id"),
    )
