"""What the register knows of the evidence outside it: which files there must be, their order, what is in them."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.register.metadata import metadata

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("evidence_id", sa.Integer, primary_key=True),
    # Counted from 1 over all purges of an installation, whatever register they were made with; 0 says that somebody
    # went on without evidence that could be made anew.
    sa.Column("number", sa.Integer, nullable=False),
    # Null where somebody went on without it.
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), unique=True),
    # The head of the one before it, and its own, as compliance.evidence.seal makes it.
    sa.Column("previous", sa.String(64)),
    sa.Column("head", sa.String(64)),
    # Digests of its content: as it was first, which the purge's line of the ledger names, and as it must be now.
    sa.Column("made", sa.String(64)),
    sa.Column("content", sa.String(64)),
    # Whether its file was written; until then files that the purge has left may not be wiped yet.
    sa.Column("is_kept", sa.Boolean, nullable=False),
    # What of those may not be wiped, as JSON (compliance.evidence.content.LeftBehind); null where nothing is left.
    sa.Column("left_behind", sa.Text),
)
