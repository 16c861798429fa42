"""What every room finds, and what people said to it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("thing", sa.String(200), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.Column("gone_build", sa.Integer()),
        sa.UniqueConstraint("code", "thing"),
        sa.CheckConstraint("severity in ('critical', 'major', 'minor')", name="finding_severity"),
    )
    op.create_table(
        "finding_step",
        sa.Column("step_id", sa.Integer(), primary_key=True),
        sa.Column("finding_id", sa.Integer(), sa.ForeignKey("finding.finding_id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("owner", sa.String(20)),
        sa.Column("mend_by", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answers", sa.Integer(), sa.ForeignKey("finding_step.step_id"), unique=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(32), nullable=False),
        sa.Column("recorded_role", sa.String(10), nullable=False),
        sa.CheckConstraint(
            "kind in ('assigned', 'proposed', 'accepted', 'refused', 'ended')", name="finding_step_kind"
        ),
        sa.CheckConstraint(
            "owner in ('sales', 'marketing', 'hr', 'purchasing', 'finance', 'legal', 'it', 'security', "
            "'data_protection')",
            name="finding_step_owner",
        ),
    )
    op.create_index("ix_finding_step_finding_id", "finding_step", ["finding_id"])
