"""What of the files that a purge has left may not be wiped yet, once its evidence is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("left_behind", sa.Text(), nullable=True))
