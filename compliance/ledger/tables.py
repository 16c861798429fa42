"""The lines of the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata

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
    # What the rows are that have changed, by keyed digests (compliance.ledger.state). Null in lines that changed none,
    # and in all of an earlier version.
    sa.Column("state", sa.Text),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    # What somebody has done within a day is counted before the next of it (compliance.access.limits).
    sa.Index("ledger_event_at", "event", "at"),
)
