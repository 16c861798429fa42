"""What people decided of grants, and what the owner of the system is to revoke."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class OrderState(StrEnum):
    """Where an order to revoke a grant stands; but for the first and the last, an export says it.
    Texts: `revocation_state.<value>`.
    """

    AWAITED = "awaited"
    VERIFIED = "verified"
    STILL_THERE = "still_there"
    # A later review kept the grant.
    WITHDRAWN = "withdrawn"


# Of these somebody waits for the owner of the system.
OPEN = (OrderState.AWAITED, OrderState.STILL_THERE)

# A review of a grant. None is changed: the next one stands beside it.
grant_review = sa.Table(
    "grant_review",
    metadata,
    sa.Column("review_id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    # As the source calls it; of no person.
    sa.Column("grant_key", sa.String(200), nullable=False),
    sa.Column("environment_key", sa.String(200)),
    # Keyed digest of whom the grant was of: of another holder it says nothing.
    sa.Column("holder_digest", sa.String(32)),
    sa.Column("is_kept", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("build_id", sa.Integer, nullable=False),
    sa.Column("reviewed_at", Instant, nullable=False),
    sa.Column("reviewed_by", sa.String(32), nullable=False),
    sa.Column("reviewed_role", sa.String(10), nullable=False),
    sa.Index("ix_grant_review_grant", "source", "grant_key"),
)

revocation = sa.Table(
    "revocation",
    metadata,
    sa.Column("revocation_id", sa.Integer, primary_key=True),
    # The review that decided it.
    sa.Column("review_id", sa.ForeignKey(grant_review.c.review_id), nullable=False, unique=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("grant_key", sa.String(200), nullable=False),
    sa.Column("environment_key", sa.String(200)),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("asked_by", sa.String(32), nullable=False),
    sa.Column("fetched_at", Instant),
    sa.Column("fetched_by", sa.String(32)),
    # The build of the export that said it last.
    sa.Column("decided_build", sa.Integer),
    sa.Column("decided_at", Instant),
    one_of("state", OrderState, name="revocation_state"),
)

# When somebody was in an environment, as its system tells it. Who is a keyed digest: a finding is of the session.
access_session = sa.Table(
    "access_session",
    metadata,
    sa.Column("session_id", sa.Integer, primary_key=True),
    # As the system calls it; of no person.
    sa.Column("reference", sa.String(80), nullable=False, unique=True),
    sa.Column("environment_key", sa.String(200), nullable=False),
    # Of the account, or of the holder where the system tells none.
    sa.Column("who_digest", sa.String(32), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    # Null while it goes on.
    sa.Column("ended_at", Instant),
    sa.Column("ticket", sa.String(80)),
    sa.Column("taken_in_at", Instant, nullable=False),
)
