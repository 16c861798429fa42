"""Which person a pseudonym stands for, and the sessions of those who sign in."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Ended(StrEnum):
    """Why a session is over. Texts: `refusal.session_<value>`."""

    SIGNED_OUT = "signed_out"
    IDLE = "idle"
    AGE = "age"
    ROLE = "role"


actor = sa.Table(
    "actor",
    metadata,
    sa.Column("pseudonym", sa.String(32), primary_key=True),
    sa.Column("email", sa.String(320), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
    # A digest of provider and account: an address may be given to somebody else, an account is one person's.
    sa.Column("subject", sa.String(64)),
    sa.Index("actor_subject", "subject", unique=True),
)
login_session = sa.Table(
    "login_session",
    metadata,
    # A digest: what the browser keeps opens a session, what the register keeps does not.
    sa.Column("session_key", sa.String(64), primary_key=True),
    sa.Column("pseudonym", sa.String(32), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_why", sa.String(12)),
    one_of("ended_why", Ended, name="login_session_ended_why"),
)
