"""The register of corrections: what is stored, what it is to be, and what the source's exports say of it since."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class State(StrEnum):
    """Where a correction stands; but for the first and the last two, an export says it.
    Texts: `rectification_state.<value>`.
    """

    AWAITED = "awaited"
    VERIFIED = "verified"
    STILL_OLD = "still_old"
    # The source has something else by now, neither the old value nor the new one.
    OTHER = "other"
    # The row is not in the export under its key any more.
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    PURGED = "purged"


# Of these somebody waits for the source.
OPEN = (State.AWAITED, State.STILL_OLD, State.OTHER, State.MISSING)

rectification = sa.Table(
    "rectification",
    metadata,
    sa.Column("rectification_id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("field", sa.String(30), nullable=False),
    # The row's key at its source, and what it says and is to say; null where that is nothing. They go with the person,
    # and when the correction is old: then it is told only that there was one.
    sa.Column("source_key", sa.Text),
    sa.Column("old_value", sa.Text),
    sa.Column("new_value", sa.Text),
    # Where what shows that the new value is right is kept: a reference, never the thing itself.
    sa.Column("evidence", sa.String(40)),
    sa.Column("request_id", sa.ForeignKey("request.request_id")),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("asked_by", sa.String(32), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("fetched_by", sa.String(32)),
    sa.Column("fetched_at", Instant),
    # The build of the export that said it last.
    sa.Column("decided_build", sa.Integer),
    sa.Column("decided_at", Instant),
    sa.Column("withdrawn_by", sa.String(32)),
    one_of("state", State, name="rectification_state"),
)

# Who else has the data and is told (article 19).
rectification_recipient = sa.Table(
    "rectification_recipient",
    metadata,
    sa.Column("rectification_id", sa.ForeignKey(rectification.c.rectification_id), primary_key=True),
    sa.Column("recipient", sa.String(60), primary_key=True),
    sa.Column("told_by", sa.String(32)),
    sa.Column("told_at", Instant),
)
