"""Whose a date is that a row has from one with another name, is decided for each person alone."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moved_person",
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("build_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("word in ('accepted', 'rejected')", name="moved_person_word"),
        sa.PrimaryKeyConstraint("dataset", "build_id", "number"),
    )
