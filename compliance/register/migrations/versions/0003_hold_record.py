"""Which records a hold covers, by keyed digest: a copy that is made from nothing finds them again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold_record",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("record_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["hold.hold_id"],
        ),
        sa.PrimaryKeyConstraint("hold_id", "record_key"),
    )
