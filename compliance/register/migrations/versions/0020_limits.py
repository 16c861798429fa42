"""What somebody has done within a day is found without reading the whole ledger."""

from alembic import op

revision = "0020"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ledger_event_at", "ledger", ["event", "at"])
