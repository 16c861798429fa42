"""Who signs in: sessions, so that one that has ended opens nothing again; the account besides the address; and what
the store is, a demo or real.
"""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_session",
        sa.Column("session_key", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_why", sa.String(length=12), nullable=True),
        sa.CheckConstraint("ended_why in ('signed_out', 'idle', 'age', 'role')", name="login_session_ended_why"),
        sa.PrimaryKeyConstraint("session_key"),
    )
    op.add_column("actor", sa.Column("subject", sa.String(length=64), nullable=True))
    op.create_index("actor_subject", "actor", ["subject"], unique=True)
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.CheckConstraint("number = 1", name="installation_one"),
        sa.CheckConstraint("kind in ('demo', 'real')", name="installation_kind"),
        sa.PrimaryKeyConstraint("number"),
    )
