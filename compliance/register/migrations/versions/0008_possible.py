"""Who may have been erased and may be somebody else: told apart from who surely was, and decided once."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ("email_name_digest", sa.String(length=32)),
        ("is_shared_email", sa.Boolean()),
        ("is_shared_phone", sa.Boolean()),
    ):
        op.add_column("suppression", sa.Column(name, kind, nullable=True))
    with op.batch_alter_table("reappearance") as table:
        table.add_column(sa.Column("verdict", sa.String(length=10), nullable=True))
        table.drop_constraint("reappearance_kind", type_="check")
        table.create_check_constraint("reappearance_kind", "kind in ('kept_out', 'possible', 'let_in')")
        table.create_check_constraint("reappearance_verdict", "verdict in ('same', 'other')")
