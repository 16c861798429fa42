"""The register's tables. Changes go through migrations/versions; a test holds the two equal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Instant(sa.TypeDecorator[dt.datetime]):
    """An instant, stored in UTC; SQLite would forget the zone. Refuses a datetime without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """To UTC, and for SQLite without the zone that it cannot keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """Always aware, always UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


build = sa.Table(
    "build",
    metadata,
    sa.Column("build_id", sa.Integer, primary_key=True),
    sa.Column("file_name", sa.String(80), nullable=False, unique=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("retired_at", Instant),
    sa.CheckConstraint("state in ('building', 'current', 'retired', 'failed')", name="build_state"),
)

pointer = sa.Table(
    "pointer",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("build_id", sa.ForeignKey("build.build_id"), nullable=False),
)

intake_run = sa.Table(
    "intake_run",
    metadata,
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("step", sa.String(40), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("heartbeat_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("process", sa.Integer),
    sa.Column("actor", sa.String(32)),
    sa.Column("build_id", sa.ForeignKey("build.build_id")),
    # What the page shows afterwards: counts and reasons, no persons.
    sa.Column("result", sa.Text, nullable=False, server_default="{}"),
    sa.CheckConstraint("state in ('queued', 'running', 'done', 'refused', 'failed')", name="intake_run_state"),
)
# At most one intake runs at a time, whatever the processes believe.
sa.Index(
    "one_running_intake",
    intake_run.c.state,
    unique=True,
    sqlite_where=intake_run.c.state == "running",
    postgresql_where=intake_run.c.state == "running",
)

saved_mapping = sa.Table(
    "saved_mapping",
    metadata,
    sa.Column("mapping_id", sa.String(60), primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
)

request = sa.Table(
    "request",
    metadata,
    sa.Column("request_id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("reference", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("requester", sa.String(30)),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("name", sa.String(200)),
    sa.Column("email", sa.String(320)),
    sa.Column("phone", sa.String(60)),
    sa.Column("identity_asked_on", sa.Date),
    sa.Column("identity_answered_on", sa.Date),
    sa.Column("extension_notice_on", sa.Date),
    sa.Column("extension_reason", sa.String(40)),
    sa.Column("forwarded_on", sa.Date),
    sa.Column("closed_on", sa.Date),
    sa.Column("outcome", sa.String(30)),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("source", "reference", name="request_reference"),
    sa.CheckConstraint("role in ('controller', 'processor')", name="request_role"),
)

hold = sa.Table(
    "hold",
    metadata,
    sa.Column("hold_id", sa.Integer, primary_key=True),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("scope_key", sa.String(120), nullable=False),
    sa.Column("ground", sa.String(40), nullable=False),
    sa.Column("owner", sa.String(60), nullable=False),
    sa.Column("placed_on", sa.Date, nullable=False),
    sa.Column("review_on", sa.Date, nullable=False),
    sa.Column("released_on", sa.Date),
    sa.CheckConstraint("scope in ('basis', 'person', 'organisation', 'category')", name="hold_scope"),
    sa.CheckConstraint("released_on is null or released_on >= placed_on", name="hold_span"),
)

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("as_of", sa.Date, primary_key=True),
    sa.Column("figure", sa.String(40), primary_key=True),
    # Null is unknown, which is not zero.
    sa.Column("value", sa.BigInteger),
    sa.Column("build_id", sa.Integer, nullable=False),
)

actor = sa.Table(
    "actor",
    metadata,
    sa.Column("pseudonym", sa.String(32), primary_key=True),
    sa.Column("email", sa.String(320), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(32)),
    sa.Column("role", sa.String(10)),
    sa.Column("build_id", sa.Integer),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
)
