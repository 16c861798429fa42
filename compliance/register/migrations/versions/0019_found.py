"""Whom a request is from is found again where what it gives leads nowhere any more."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        _alter()
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


def _rebuild() -> None:
    """SQLite puts a new table in the place of the old one. Dropping that while others refer to its rows is refused, and
    foreign keys cannot be switched off within a transaction: so the rows are put aside, and each is back before the
    transaction ends, which is when the keys are looked at.
    """
    connection = op.get_bind()
    choice = sa.table(
        "request_choice",
        *map(sa.column, ("choice_id", "request_id", "verdict", "spoke_for", "decided_by", "decided_at")),
    )
    connection.execute(sa.text("pragma defer_foreign_keys = on"))
    rows = [dict(row) for row in connection.execute(sa.select(choice)).mappings()]
    connection.execute(sa.delete(choice))
    _alter()
    if rows:
        connection.execute(sa.insert(choice), rows)


def _alter() -> None:
    with op.batch_alter_table("request_choice") as table:
        table.alter_column("decided_by", existing_type=sa.String(length=32), nullable=True)
        table.drop_constraint("request_choice_verdict", type_="check")
        table.create_check_constraint("request_choice_verdict", "verdict in ('confirmed', 'rejected', 'found')")
