"""What happens to a request is recorded step by step, and it may come in by hand."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0027"
down_revision = "0028"
branch_labels = None
depends_on = None

_STEPS = (
    "received", "taken", "identity_asked", "identity_answered", "found", "extended", "decided", "effective",
    "executed", "recipient_due", "recipient_told", "forwarded", "letter", "answered", "closed", "withdrawn",
    "reopened", "linked", "not_so",
)  # fmt: skip


def upgrade() -> None:
    for column in (
        sa.Column("channel", sa.String(20), nullable=False, server_default="form"),
        sa.Column("handler", sa.String(32)),
        sa.Column("clock_from", sa.Date()),
        sa.Column("effect_on", sa.Date()),
        sa.Column("answered_on", sa.Date()),
        sa.Column("customer", sa.String(120)),
        sa.Column("repeats", sa.Integer()),
        sa.Column("forgotten_on", sa.Date()),
    ):
        op.add_column("request", column)
    op.create_table(
        "request_step",
        sa.Column("step_id", sa.Integer(), primary_key=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("request.request_id"), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Integer(), sa.ForeignKey("request_step.step_id")),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(32)),
        sa.CheckConstraint(f"step in ({', '.join(map(repr, _STEPS))})", name="request_step_word"),
    )
    op.create_table(
        "request_sender",
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("request.request_id"), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
    )
    op.create_table(
        "request_draft",
        sa.Column("pseudonym", sa.String(32), primary_key=True),
        sa.Column("form", sa.String(60), primary_key=True),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
    )
