"""What was decided of dates that a source moved later or dropped: its word counts, or the earlier one does."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moved_clock",
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("build_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("word in ('accepted', 'rejected')", name="moved_clock_word"),
        sa.PrimaryKeyConstraint("dataset", "build_id"),
    )
