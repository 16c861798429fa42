"""Rows in quarantine that may be anybody's, and alone keep a source from confirming an erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("unread_build", "unread_rows"):
        op.add_column("source_task", sa.Column(name, sa.Integer(), nullable=True))
