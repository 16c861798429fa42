"""Personal data breaches and their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

_KINDS = (
    "'reported', 'occurred', 'detected', 'aware', 'contained', 'caused', 'affected', 'customer', "
    "'controller_informed', 'assessed', 'decided', 'notified', 'supplemented', 'subjects_decided', "
    "'subjects_informed', 'measure', 'nis2', 'closed', 'reopened', 'taken_back'"
)


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.Integer(), primary_key=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "incident_step",
        sa.Column("step_id", sa.Integer(), primary_key=True),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.incident_id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Integer(), sa.ForeignKey("incident_step.step_id"), unique=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(32)),
        sa.Column("recorded_role", sa.String(10)),
        sa.CheckConstraint(f"kind in ({_KINDS})", name="incident_step_kind"),
    )
    op.create_index("ix_incident_step_incident_id", "incident_step", ["incident_id"])
