"""What somebody has begun to fill in of an incident."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_draft",
        sa.Column("pseudonym", sa.String(32), primary_key=True),
        sa.Column("form", sa.String(80), primary_key=True),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
    )
