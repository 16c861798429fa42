"""Who holds which office, measures and their tests, and figures that the product's teams tell."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "control_entry",
        sa.Column("entry_id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Integer(), sa.ForeignKey("control_entry.entry_id"), unique=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(32)),
        sa.Column("recorded_role", sa.String(10)),
        sa.CheckConstraint("kind in ('office', 'measure', 'tested', 'figure', 'struck')", name="control_entry_kind"),
        sa.CheckConstraint("kind <> 'struck' or corrects is not null", name="control_entry_strikes_one"),
    )
