"""Which person a pseudonym stands for."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata

actor = sa.Table(
    "actor",
    metadata,
    sa.Column("pseudonym", sa.String(32), primary_key=True),
    sa.Column("email", sa.String(320), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
)
