"""Rules are changed by proposals that a second person approves, and what the files said is kept."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0024"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_change",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_role", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_role", sa.String(length=10), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_because", sa.String(length=400), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.CheckConstraint("state in ('proposed', 'approved', 'refused', 'withdrawn')", name="rule_change_state"),
        sa.CheckConstraint(
            "state not in ('approved', 'refused') or (decided_by is not null and decided_by <> proposed_by)",
            name="rule_change_two_persons",
        ),
        sa.CheckConstraint(
            "state <> 'withdrawn' or (decided_by is not null and decided_by = proposed_by)", name="rule_change_own"
        ),
        sa.CheckConstraint("(state = 'proposed') = (decided_at is null)", name="rule_change_decided"),
        sa.CheckConstraint("(state = 'approved') = (in_force_from is not null)", name="rule_change_in_force"),
        sa.CheckConstraint("in_force_from is null or in_force_from >= holds_from", name="rule_change_not_before"),
        sa.CheckConstraint(
            "reason <> '' and (state not in ('refused', 'withdrawn') or coalesce(decided_because, '') <> '')",
            name="rule_change_says_why",
        ),
        sa.PrimaryKeyConstraint("change_id"),
    )
    op.create_table(
        "rule_change_value",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("setting", sa.String(length=80), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.CheckConstraint("before <> after", name="rule_change_value_changes"),
        sa.ForeignKeyConstraint(["change_id"], ["rule_change.change_id"]),
        sa.PrimaryKeyConstraint("change_id", "setting"),
    )
    op.create_table(
        "rule_file",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("file_id"),
    )
