"""The register of builds: which files there are, which one is current, and the keys that open them."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class State(StrEnum):
    """What became of a build."""

    BUILDING = "building"
    CURRENT = "current"
    RETIRED = "retired"
    FAILED = "failed"


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
    one_of("state", State, name="build_state"),
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
