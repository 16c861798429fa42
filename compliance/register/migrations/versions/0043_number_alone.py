"""Who was erased and returns with nothing but the number, under another name, is asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Entries that there are have none: nobody knows any more what the number was.
    op.add_column("suppression", sa.Column("number_digest", sa.String(length=32), nullable=True))
