"""What purging needs: batches, suppression, source systems, keys of builds, and more about holds."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("filters", sa.Text(), server_default="{}", nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=True),
        sa.Column("proposed_role", sa.String(length=10), nullable=True),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("large", sa.Boolean(), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_role", sa.String(length=10), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("approved_until", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=32), nullable=True),
        sa.Column("confirmed_role", sa.String(length=10), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("executed_by", sa.String(length=32), nullable=True),
        sa.Column("executed_role", sa.String(length=10), nullable=True),
        sa.Column("executed_at", Instant(), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("build_before", sa.Integer(), nullable=True),
        sa.Column("build_after", sa.Integer(), nullable=True),
        sa.Column("deleted", sa.Integer(), nullable=True),
        sa.Column("held", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_reason", sa.String(length=40), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("receipt_digest", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "kind in ('automatic', 'replayed') or state not in ('executing', 'executed', 'verified', 'resurfaced')"
            " or (approved_by is not null and proposed_by is not null)",
            name="batch_is_approved",
        ),
        sa.CheckConstraint("kind in ('rule', 'request', 'automatic', 'replayed')", name="batch_kind"),
        sa.CheckConstraint(
            "state in ('proposed', 'approved', 'executing', 'executed',"
            " 'verified', 'resurfaced', 'refused', 'expired')",
            name="batch_state",
        ),
        sa.CheckConstraint(
            "state not in ('executed', 'verified', 'resurfaced') or kind = 'replayed'"
            " or planned = deleted + held + changed + failed",
            name="batch_adds_up",
        ),
        sa.CheckConstraint("approved_by is null or approved_by <> proposed_by", name="batch_two_persons"),
        sa.PrimaryKeyConstraint("batch_id"),
        sa.UniqueConstraint("uid"),
    )
    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("basis_key", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "outcome in ('deleted', 'held', 'changed', 'failed', 'taken_out')", name="batch_item_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.batch_id"],
        ),
        sa.PrimaryKeyConstraint("batch_id", "basis_key"),
    )
    op.create_table(
        "batch_request",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.batch_id"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.request_id"],
        ),
        sa.PrimaryKeyConstraint("batch_id", "request_id"),
    )
    op.create_table(
        "build_key",
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["build_id"],
            ["build.build_id"],
        ),
        sa.PrimaryKeyConstraint("build_id"),
    )
    op.create_table(
        "source_task",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=True),
        sa.Column("keys", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_by", sa.String(length=32), nullable=True),
        sa.Column("fetched_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("decided_build", sa.Integer(), nullable=True),
        sa.Column("still_there", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind in ('database', 'order')", name="source_task_kind"),
        sa.CheckConstraint(
            "state in ('open', 'fetched', 'running', 'done', 'failed', 'verified', 'resurfaced')",
            name="source_task_state",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.batch_id"],
        ),
        sa.PrimaryKeyConstraint("task_id"),
        sa.UniqueConstraint("batch_id", "dataset", name="source_task_once"),
    )
    op.create_table(
        "suppression",
        sa.Column("suppression_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("record_digest", sa.String(length=32), nullable=False),
        sa.Column("email_digest", sa.String(length=32), nullable=True),
        sa.Column("phone_digest", sa.String(length=32), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("relation_started_on", sa.Date(), nullable=True),
        sa.Column("relation_ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.batch_id"],
        ),
        sa.PrimaryKeyConstraint("suppression_id"),
    )
    op.create_index("ix_suppression_batch_id", "suppression", ["batch_id"], unique=False)
    op.create_table(
        "reappearance",
        sa.Column("reappearance_id", sa.Integer(), nullable=False),
        sa.Column("suppression_id", sa.Integer(), nullable=False),
        sa.Column("record_digest", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("first_build", sa.Integer(), nullable=False),
        sa.Column("last_build", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=32), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.CheckConstraint("kind in ('kept_out', 'let_in')", name="reappearance_kind"),
        sa.ForeignKeyConstraint(
            ["suppression_id"],
            ["suppression.suppression_id"],
        ),
        sa.PrimaryKeyConstraint("reappearance_id"),
        sa.UniqueConstraint("suppression_id", "record_digest", "kind", name="reappearance_once"),
    )
    op.add_column("build", sa.Column("purges", sa.Integer(), server_default="0", nullable=False))
    op.add_column("hold", sa.Column("case_ref", sa.String(length=40), nullable=True))
    op.add_column("hold", sa.Column("placed_by", sa.String(length=32), nullable=True))
    op.add_column("hold", sa.Column("reviewed_on", sa.Date(), nullable=True))
    op.add_column("hold", sa.Column("released_by", sa.String(length=32), nullable=True))
    op.add_column("intake_run", sa.Column("kind", sa.String(length=10), server_default="intake", nullable=False))
