"""Whom a request is from is found again where what it gives leads nowhere any more."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("request_choice") as table:
        table.alter_column("decided_by", existing_type=sa.String(length=32), nullable=True)
        table.drop_constraint("request_choice_verdict", type_="check")
        table.create_check_constraint("request_choice_verdict", "verdict in ('confirmed', 'rejected', 'found')")
    op.create_table(
        "request_loss",
        sa.Column("loss_id", sa.Integer(), nullable=False),
        sa.Column("choice_id", sa.Integer(), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["choice_id"], ["request_choice.choice_id"]),
        sa.PrimaryKeyConstraint("loss_id"),
    )
