"""The inventory of cookies, scans, and what they saw."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None

_QUARANTINED = (
    "'no_name', 'name_unreadable', 'name_too_long', 'name_personal', 'not_a_cookie', 'no_time', 'lifetime_unreadable'"
)


def upgrade() -> None:
    op.create_table(
        "cookie_entry",
        sa.Column("entry_id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Integer(), sa.ForeignKey("cookie_entry.entry_id"), unique=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(32)),
        sa.Column("recorded_role", sa.String(10)),
        sa.CheckConstraint("kind in ('listed', 'struck')", name="cookie_entry_kind"),
        sa.CheckConstraint("kind <> 'struck' or corrects is not null", name="cookie_entry_strikes_one"),
    )
    op.create_table(
        "cookie_scan",
        sa.Column("scan_id", sa.Integer(), primary_key=True),
        sa.Column("site", sa.String(120), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("file_digest", sa.String(64), nullable=False),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_in_by", sa.String(32)),
        sa.Column("taken_in_role", sa.String(10)),
        sa.Column("set_aside_at", sa.DateTime(timezone=True)),
        sa.Column("set_aside_by", sa.String(32)),
        sa.Column("set_aside_because", sa.String(400)),
        sa.CheckConstraint("phase in ('before_choice', 'refused', 'accepted', 'unknown')", name="cookie_scan_phase"),
        sa.CheckConstraint(
            "(set_aside_at is null) = (set_aside_because is null)", name="cookie_scan_set_aside_with_reason"
        ),
    )
    op.create_table(
        "cookie_seen",
        sa.Column("scan_id", sa.Integer(), sa.ForeignKey("cookie_scan.scan_id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("party", sa.String(10)),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("is_session", sa.Boolean(), nullable=False),
        sa.Column("least_s", sa.BigInteger(), nullable=False),
        sa.Column("most_s", sa.BigInteger()),
        sa.CheckConstraint("party in ('first', 'third')", name="cookie_seen_party"),
        sa.CheckConstraint("how in ('set', 'sent', 'stored')", name="cookie_seen_how"),
        sa.CheckConstraint("least_s >= 0 and (most_s is null or most_s >= least_s)", name="cookie_seen_lifetime"),
    )
    op.create_table(
        "cookie_quarantined",
        sa.Column("scan_id", sa.Integer(), sa.ForeignKey("cookie_scan.scan_id"), primary_key=True),
        sa.Column("reason", sa.String(20), primary_key=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"reason in ({_QUARANTINED})", name="cookie_quarantined_reason"),
    )
