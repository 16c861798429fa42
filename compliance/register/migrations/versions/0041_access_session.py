"""Sessions in customers' environments."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_session",
        sa.Column("session_id", sa.Integer(), primary_key=True),
        sa.Column("reference", sa.String(80), nullable=False, unique=True),
        sa.Column("environment_key", sa.String(200), nullable=False),
        sa.Column("who_digest", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ticket", sa.String(80)),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=False),
    )
