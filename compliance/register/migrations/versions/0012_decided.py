"""Who may have been erased is decided once, by what the two have in common."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("email_name_digest", "phone_digest"):
        op.add_column("reappearance", sa.Column(name, sa.String(length=32), nullable=True))
    # Whoever was confirmed until now was said to be another person.
    op.execute("update reappearance set verdict = 'other' where kind = 'possible' and confirmed_at is not null")
