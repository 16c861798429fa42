"""The register of the entries that bridges start from."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import metadata, one_of


class Place(StrEnum):
    """Where an entry stood, of those that a bridge may have to account for."""

    OVERDUE = "overdue"
    HELD = "held"
    UNDETERMINED = "undetermined"


# Gone once no bridge can start there any more.
bridge_start = sa.Table(
    "bridge_start",
    metadata,
    # The number of the snapshot (compliance.review.tables).
    sa.Column("snapshot_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.String(12), primary_key=True),
    # How many stood there, and how many of them a purge has removed since.
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("purged", sa.Integer, nullable=False, server_default="0"),
    # The keyed digests of those that no purge has removed, in order, one after the other (compliance.bridge.digests).
    sa.Column("digests", sa.LargeBinary, nullable=False),
    one_of("place", Place, name="bridge_start_place"),
)
