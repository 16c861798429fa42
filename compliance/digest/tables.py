"""Which digests went out, and which did not."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class State(StrEnum):
    """What became of a digest. Texts: `digest_state.<value>`."""

    SENT = "sent"
    # The server said to come again, or was not there: the next run tries again.
    DELAYED = "delayed"
    # Somebody has to do something; it is tried once a day nevertheless.
    FAILED = "failed"


class Why(StrEnum):
    """Why a digest did not go out. Texts: `digest_why.<value>`."""

    UNREACHABLE = "unreachable"
    BROKEN_OFF = "broken_off"
    DEFERRED = "deferred"
    CERTIFICATE = "certificate"
    TLS = "tls"
    NO_TLS = "no_tls"
    NO_SIGN_IN = "no_sign_in"
    SIGN_IN = "sign_in"
    ADDRESS = "address"
    RECIPIENT = "recipient"
    REFUSED = "refused"


# One for each reader and week, as the last try left it; the ledger has every try.
digest_sending = sa.Table(
    "digest_sending",
    metadata,
    sa.Column("sending_id", sa.Integer, primary_key=True),
    sa.Column("reader", sa.String(32), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    # By ISO 8601, as 2026-W48.
    sa.Column("week", sa.String(8), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    # Null exactly for one that was sent.
    sa.Column("why", sa.String(20)),
    # The number that the server answered with, where it answered.
    sa.Column("answer", sa.Integer),
    # SHA-256 of what it said.
    sa.Column("content", sa.String(64), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", Instant, nullable=False),
    sa.UniqueConstraint("reader", "week", name="digest_sending_once"),
    one_of("state", State, name="digest_sending_state"),
    sa.CheckConstraint("(state = 'sent') = (why is null)", name="digest_sending_why"),
)
