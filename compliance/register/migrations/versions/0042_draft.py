"""What somebody has begun to fill in has one room, whatever form it is of."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_BEFORE = ("request_draft", "incident_draft")


def upgrade() -> None:
    draft = op.create_table(
        "draft",
        sa.Column("pseudonym", sa.String(32), primary_key=True),
        sa.Column("form", sa.String(120), primary_key=True),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
    )
    columns = [column.name for column in draft.c]
    for name in _BEFORE:
        # Somebody may be typing while the program is replaced.
        before = sa.table(name, *map(sa.column, columns))
        op.execute(sa.insert(draft).from_select(columns, sa.select(*before.c)))
        op.drop_table(name)
