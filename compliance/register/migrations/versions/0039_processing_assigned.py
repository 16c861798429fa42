"""What is described of processing on customers' behalf."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "processing_assigned",
        sa.Column("entry_id", sa.Integer(), primary_key=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(32), nullable=False),
        sa.Column("recorded_role", sa.String(10), nullable=False),
    )
