"""What organisations that holds have lost may be known by with a later export."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold_trace",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.hold_id"]),
        sa.PrimaryKeyConstraint("hold_id", "digest"),
    )
