"""The figures of each day, for the comparison a week later."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.register.metadata import metadata

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("as_of", sa.Date, primary_key=True),
    sa.Column("figure", sa.String(40), primary_key=True),
    # Null is unknown, which is not zero.
    sa.Column("value", sa.BigInteger),
    sa.Column("build_id", sa.Integer, nullable=False),
)
