"""Marks on persons: restriction, objection and opt-out, whom they are on and what of theirs is lost."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0028"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("mark_id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("ground", sa.String(20), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("placed_by", sa.String(32), nullable=False),
        sa.Column("case_ref", sa.String(40), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(32), nullable=True),
        sa.Column("ending", sa.String(12), nullable=True),
        sa.CheckConstraint("kind in ('restricted', 'opted_out', 'objected')", name="mark_kind"),
        sa.CheckConstraint(
            "ground in ('accuracy_contested', 'unlawful', 'needed_for_claims', 'objection_pending')", name="mark_ground"
        ),
        sa.CheckConstraint(
            "ending in ('ground_ended', 'withdrawn', 'overridden', 'mistake', 'purged')", name="mark_ending"
        ),
        sa.CheckConstraint(
            "(kind = 'restricted') = (ground is not null) and (kind = 'restricted') = (review_on is not null)",
            name="mark_restriction_has_ground",
        ),
        sa.CheckConstraint("(ended_at is null) = (ending is null)", name="mark_ends_with_reason"),
        sa.CheckConstraint(
            "kind <> 'restricted' or ending is null or ending in ('mistake', 'purged') or told_on is not null",
            name="mark_person_is_told_first",
        ),
        sa.CheckConstraint("kind <> 'opted_out' or ending is null or ending <> 'overridden'", name="mark_no_mailings"),
    )
    op.create_table(
        "mark_person",
        sa.Column("mark_id", sa.Integer(), sa.ForeignKey("mark.mark_id"), primary_key=True),
        sa.Column("person_id", sa.String(40), primary_key=True),
        sa.Column("is_same", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "mark_trace",
        sa.Column("mark_id", sa.Integer(), sa.ForeignKey("mark.mark_id"), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
    )
    op.create_table(
        "mark_address",
        sa.Column("mark_id", sa.Integer(), sa.ForeignKey("mark.mark_id"), primary_key=True),
        sa.Column("key_id", sa.String(16), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
    )
    op.create_table(
        "mark_loss",
        sa.Column("loss_id", sa.Integer(), primary_key=True),
        sa.Column("mark_id", sa.Integer(), sa.ForeignKey("mark.mark_id"), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(60), nullable=True),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("lost_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(32), nullable=True),
    )
