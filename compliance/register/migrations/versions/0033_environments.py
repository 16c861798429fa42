"""Reviews of grants to customers' environments, and orders to revoke them."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grant_review",
        sa.Column("review_id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("grant_key", sa.String(200), nullable=False),
        sa.Column("environment_key", sa.String(200)),
        sa.Column("holder_digest", sa.String(32)),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(32), nullable=False),
        sa.Column("reviewed_role", sa.String(10), nullable=False),
    )
    op.create_index("ix_grant_review_grant", "grant_review", ["source", "grant_key"])
    op.create_table(
        "revocation",
        sa.Column("revocation_id", sa.Integer(), primary_key=True),
        sa.Column("review_id", sa.Integer(), sa.ForeignKey("grant_review.review_id"), nullable=False, unique=True),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("dataset", sa.String(60), nullable=False),
        sa.Column("grant_key", sa.String(200), nullable=False),
        sa.Column("environment_key", sa.String(200)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(32), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True)),
        sa.Column("fetched_by", sa.String(32)),
        sa.Column("decided_build", sa.Integer()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('awaited', 'verified', 'still_there', 'withdrawn')", name="revocation_state"),
    )
