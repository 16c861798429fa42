"""What words for where prospects come from mean, and which prospects were told."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_entry",
        sa.Column("entry_id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Integer(), sa.ForeignKey("notice_entry.entry_id"), unique=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(32)),
        sa.Column("recorded_role", sa.String(10)),
        sa.CheckConstraint("kind in ('meant', 'informed', 'struck')", name="notice_entry_kind"),
        sa.CheckConstraint("kind <> 'struck' or corrects is not null", name="notice_entry_strikes_one"),
    )
