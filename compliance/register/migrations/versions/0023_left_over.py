"""Where else a source's database has what was erased in it, and since when an order that was fetched names fewer."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0023"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_task", sa.Column("left_over", sa.Text(), nullable=True))
    op.add_column("source_task", sa.Column("order_changed_at", Instant(), nullable=True))
