"""Holds whose records a source has given to somebody else."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hold_loss", sa.Column("is_given_on", sa.Boolean(), nullable=False, server_default=sa.false()))
