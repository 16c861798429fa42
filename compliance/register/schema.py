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
    # How many executed purges it already lacks; one with fewer than there are may not be shown.
    sa.Column("purges", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("state in ('building', 'current', 'retired', 'failed')", name="build_state"),
)

# A table of its own, so that a destroyed key leaves no trace in the space of rows that stay.
build_key = sa.Table(
    "build_key",
    metadata,
    sa.Column("build_id", sa.ForeignKey("build.build_id"), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
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
    # Whatever makes a build is a run, so that no two of them start from the same build.
    sa.Column("kind", sa.String(10), nullable=False, server_default="intake"),
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
# At most one run makes a build at a time, whatever the processes believe.
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
    # Empty once a hold on a person or an entry is over and neither is stored any more.
    sa.Column("scope_key", sa.String(120), nullable=False),
    sa.Column("ground", sa.String(40), nullable=False),
    sa.Column("owner", sa.String(60), nullable=False),
    sa.Column("placed_on", sa.Date, nullable=False),
    sa.Column("review_on", sa.Date, nullable=False),
    sa.Column("released_on", sa.Date),
    # Several holds for one dispute share its reference.
    sa.Column("case_ref", sa.String(40)),
    sa.Column("placed_by", sa.String(32)),
    sa.Column("reviewed_on", sa.Date),
    sa.Column("released_by", sa.String(32)),
    # The number of the hold that somebody placed, for one that has followed it to another id. They are one hold.
    sa.Column("follows", sa.Integer),
    sa.CheckConstraint("scope in ('basis', 'person', 'organisation', 'category')", name="hold_scope"),
    sa.CheckConstraint("released_on is null or released_on >= placed_on", name="hold_span"),
)

# What holds that are one are known by.
hold_number: sa.ColumnElement[int] = sa.func.coalesce(hold.c.follows, hold.c.hold_id)

# The records that a hold on a person or an entry covers, or did: the ids it is on may be others in the next build.
hold_record = sa.Table(
    "hold_record",
    metadata,
    sa.Column("hold_id", sa.ForeignKey("hold.hold_id"), primary_key=True),
    # Keyed digest of the record_id (compliance.keys.pseudonyms); who has no key cannot tell whose it is.
    sa.Column("record_key", sa.String(32), primary_key=True),
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("batch_id", sa.Integer, primary_key=True),
    # Names the batch outside this register: an older register that is brought back may use its number again.
    sa.Column("uid", sa.String(32), nullable=False, unique=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    # Codes of the filter that chose the entries; nothing of it is about a person.
    sa.Column("filters", sa.Text, nullable=False, server_default="{}"),
    sa.Column("proposed_by", sa.String(32)),
    sa.Column("proposed_role", sa.String(10)),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("build_id", sa.Integer),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("policy_digest", sa.String(64), nullable=False),
    sa.Column("policy_version", sa.String(40), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("planned", sa.Integer, nullable=False),
    sa.Column("persons", sa.Integer, nullable=False),
    sa.Column("large", sa.Boolean, nullable=False),
    sa.Column("approved_by", sa.String(32)),
    sa.Column("approved_role", sa.String(10)),
    sa.Column("approved_at", Instant),
    sa.Column("approved_until", sa.Date),
    sa.Column("confirmed_by", sa.String(32)),
    sa.Column("confirmed_role", sa.String(10)),
    sa.Column("confirmed_at", Instant),
    sa.Column("executed_by", sa.String(32)),
    sa.Column("executed_role", sa.String(10)),
    sa.Column("executed_at", Instant),
    sa.Column("run_id", sa.String(36)),
    sa.Column("build_before", sa.Integer),
    sa.Column("build_after", sa.Integer),
    sa.Column("deleted", sa.Integer),
    sa.Column("held", sa.Integer),
    sa.Column("changed", sa.Integer),
    sa.Column("failed", sa.Integer),
    sa.Column("ended_by", sa.String(32)),
    sa.Column("ended_at", Instant),
    sa.Column("ended_reason", sa.String(40)),
    sa.Column("receipt", sa.Text),
    sa.Column("receipt_digest", sa.String(80)),
    sa.CheckConstraint(
        "state in ('proposed', 'approved', 'executing', 'executed', 'verified', 'resurfaced', 'refused', 'expired')",
        name="batch_state",
    ),
    sa.CheckConstraint("kind in ('rule', 'request', 'automatic', 'replayed')", name="batch_kind"),
    sa.CheckConstraint("approved_by is null or approved_by <> proposed_by", name="batch_two_persons"),
    # A batch that people choose cannot run without a second person, whatever the code believes.
    sa.CheckConstraint(
        "kind in ('automatic', 'replayed') or state not in ('executing', 'executed', 'verified', 'resurfaced')"
        " or (approved_by is not null and proposed_by is not null)",
        name="batch_is_approved",
    ),
    sa.CheckConstraint(
        "state not in ('executed', 'verified', 'resurfaced') or kind = 'replayed'"
        " or planned = deleted + held + changed + failed",
        name="batch_adds_up",
    ),
)

batch_item = sa.Table(
    "batch_item",
    metadata,
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), primary_key=True),
    # Keyed digest of the basis_id (compliance.suppression); who has no key cannot tell whose it is.
    sa.Column("basis_key", sa.String(32), primary_key=True),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("deadline_on", sa.Date),
    sa.Column("outcome", sa.String(10)),
    sa.Column("reason", sa.String(40)),
    sa.CheckConstraint("outcome in ('deleted', 'held', 'changed', 'failed', 'taken_out')", name="batch_item_outcome"),
)

# The requests that a batch answers; what is left of them afterwards holds no contact details.
batch_request = sa.Table(
    "batch_request",
    metadata,
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), primary_key=True),
    sa.Column("request_id", sa.ForeignKey("request.request_id"), primary_key=True),
)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("suppression_id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), nullable=False, index=True),
    # Which key made the digests; an old key stays until its last entry expires.
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("record_digest", sa.String(32), nullable=False),
    sa.Column("email_digest", sa.String(32)),
    sa.Column("phone_digest", sa.String(32)),
    # The category that e-mail and phone are kept out of; null where nothing of the person was left.
    sa.Column("category", sa.String(20)),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("erased_on", sa.Date, nullable=False),
    sa.Column("expires_on", sa.Date, nullable=False),
    # The span of an erased engagement, for the vouchers that the law keeps beyond it.
    sa.Column("relation_started_on", sa.Date),
    sa.Column("relation_ended_on", sa.Date),
)

reappearance = sa.Table(
    "reappearance",
    metadata,
    sa.Column("reappearance_id", sa.Integer, primary_key=True),
    sa.Column("suppression_id", sa.ForeignKey("suppression.suppression_id"), nullable=False),
    sa.Column("record_digest", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("first_build", sa.Integer, nullable=False),
    sa.Column("last_build", sa.Integer, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
    sa.Column("confirmed_by", sa.String(32)),
    sa.Column("confirmed_at", Instant),
    sa.UniqueConstraint("suppression_id", "record_digest", "kind", name="reappearance_once"),
    sa.CheckConstraint("kind in ('kept_out', 'let_in')", name="reappearance_kind"),
)

source_task = sa.Table(
    "source_task",
    metadata,
    sa.Column("task_id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("planned", sa.Integer, nullable=False),
    sa.Column("affected", sa.Integer),
    # The source's own keys, compressed; they go once a later export has decided.
    sa.Column("keys", sa.LargeBinary),
    sa.Column("fetched_by", sa.String(32)),
    sa.Column("fetched_at", Instant),
    sa.Column("done_at", Instant),
    sa.Column("reason", sa.String(40)),
    sa.Column("decided_build", sa.Integer),
    sa.Column("still_there", sa.Integer),
    sa.UniqueConstraint("batch_id", "dataset", name="source_task_once"),
    sa.CheckConstraint("kind in ('database', 'order')", name="source_task_kind"),
    sa.CheckConstraint(
        "state in ('open', 'fetched', 'running', 'done', 'failed', 'verified', 'resurfaced')",
        name="source_task_state",
    ),
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
