"""Which hold one that followed it to another id belongs to, so that they are kept and released as one.

Those that followed before stay holds of their own: nothing tells them from two that somebody placed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hold", sa.Column("follows", sa.Integer(), nullable=True))
