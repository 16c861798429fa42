"""Digests by mail: which went out, and which did not."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_sending",
        sa.Column("sending_id", sa.Integer(), primary_key=True),
        sa.Column("reader", sa.String(32), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("why", sa.String(20), nullable=True),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("reader", "week", name="digest_sending_once"),
        sa.CheckConstraint("state in ('sent', 'delayed', 'failed')", name="digest_sending_state"),
        sa.CheckConstraint("(state = 'sent') = (why is null)", name="digest_sending_why"),
    )
