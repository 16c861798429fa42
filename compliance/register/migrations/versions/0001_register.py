"""The register as it began."""

import sqlalchemy as sa
from alembic import op

from compliance.register.migrations.instant import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY_SQLITE = """
create trigger ledger_no_{verb} before {verb} on ledger
begin
    select raise(abort, 'the ledger is append-only');
end
"""
_APPEND_ONLY_POSTGRESQL = (
    """
create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only';
end
$$
""",
    """
create trigger ledger_no_change before update or delete on ledger
for each row execute function ledger_is_append_only()
""",
    """
create trigger ledger_no_truncate before truncate on ledger
for each statement execute function ledger_is_append_only()
""",
)


def upgrade() -> None:
    op.create_table(
        "actor",
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym"),
    )
    op.create_table(
        "build",
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.CheckConstraint("state in ('building', 'current', 'retired', 'failed')", name="build_state"),
        sa.PrimaryKeyConstraint("build_id"),
        sa.UniqueConstraint("file_name"),
    )
    op.create_table(
        "hold",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("scope_key", sa.String(length=120), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.CheckConstraint("scope in ('basis', 'person', 'organisation', 'category')", name="hold_scope"),
        sa.CheckConstraint("released_on is null or released_on >= placed_on", name="hold_span"),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("build_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "request",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("requester", sa.String(length=30), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("identity_asked_on", sa.Date(), nullable=True),
        sa.Column("identity_answered_on", sa.Date(), nullable=True),
        sa.Column("extension_notice_on", sa.Date(), nullable=True),
        sa.Column("extension_reason", sa.String(length=40), nullable=True),
        sa.Column("forwarded_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("role in ('controller', 'processor')", name="request_role"),
        sa.PrimaryKeyConstraint("request_id"),
        sa.UniqueConstraint("source", "reference", name="request_reference"),
    )
    op.create_table(
        "saved_mapping",
        sa.Column("mapping_id", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("mapping_id"),
    )
    op.create_table(
        "snapshot",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", "figure"),
    )
    op.create_table(
        "intake_run",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("heartbeat_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("process", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=32), nullable=True),
        sa.Column("build_id", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint("state in ('queued', 'running', 'done', 'refused', 'failed')", name="intake_run_state"),
        sa.ForeignKeyConstraint(
            ["build_id"],
            ["build.build_id"],
        ),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index(
        "one_running_intake",
        "intake_run",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "pointer",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("build_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["build_id"],
            ["build.build_id"],
        ),
        sa.PrimaryKeyConstraint("name"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(_APPEND_ONLY_SQLITE.format(verb=verb))
    else:
        for statement in _APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
