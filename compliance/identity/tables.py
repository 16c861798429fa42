"""What people have decided about persons who may be one."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Answer(StrEnum):
    """Whether two persons are one. Texts: `identity_answer.<value>`."""

    SAME = "same"
    DIFFERENT = "different"


class Side(StrEnum):
    """Which of the two a trace leads to."""

    ONE = "one"
    OTHER = "other"


identity_decision = sa.Table(
    "identity_decision",
    metadata,
    sa.Column("decision_id", sa.Integer, primary_key=True),
    sa.Column("answer", sa.String(10), nullable=False),
    # Whom it was about in the copy that it was decided in, by keyed digest; in later ones the traces lead to them.
    sa.Column("build_id", sa.Integer, nullable=False),
    sa.Column("one_key", sa.String(32), nullable=False),
    sa.Column("other_key", sa.String(32), nullable=False),
    sa.Column("decided_by", sa.String(32), nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    one_of("answer", Answer, name="identity_decision_answer"),
)

identity_trace = sa.Table(
    "identity_trace",
    metadata,
    sa.Column("decision_id", sa.ForeignKey("identity_decision.decision_id"), primary_key=True),
    sa.Column("side", sa.String(5), primary_key=True),
    # Keyed digest (compliance.words.keys.pseudonyms) of a record, or of an identifier together with the name.
    sa.Column("digest", sa.String(32), primary_key=True),
    one_of("side", Side, name="identity_trace_side"),
)

# Of whom a decision was that is found no longer since an intake. Until they are found again, or somebody lets the
# decision go, what came new with that intake or later, in the category and from the source that they had entries in, is
# not purged, nor is the other of the two.
identity_loss = sa.Table(
    "identity_loss",
    metadata,
    sa.Column("loss_id", sa.Integer, primary_key=True),
    sa.Column("decision_id", sa.ForeignKey("identity_decision.decision_id"), nullable=False),
    sa.Column("side", sa.String(5), nullable=False),
    sa.Column("build_id", sa.Integer, nullable=False),
    # Null where the build before does not tell, so that nobody knows: then it is any.
    sa.Column("source", sa.String(60)),
    sa.Column("category", sa.String(40)),
    sa.Column("lost_at", Instant, nullable=False),
    one_of("side", Side, name="identity_loss_side"),
)
