"""Which organisations may be what lost holds were on."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold_candidate",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("candidate_key", sa.String(length=120), nullable=False),
        sa.Column("because", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.hold_id"]),
        sa.PrimaryKeyConstraint("hold_id", "candidate_key"),
    )
