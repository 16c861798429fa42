"""Which records a hold covers, by keyed digest: a copy that is made from nothing finds them again.

And nobody is kept by a request that is closed.
"""

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
    request = sa.table("request", sa.column("name"), sa.column("email"), sa.column("phone"), sa.column("closed_on"))
    op.execute(sa.update(request).where(request.c.closed_on.is_not(None)).values(name=None, email=None, phone=None))
