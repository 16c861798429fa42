"""A key that a source gives to somebody else is told from the erased one's by the name."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("suppression", "reappearance"):
        op.add_column(table, sa.Column("name_digest", sa.String(length=32), nullable=True))
