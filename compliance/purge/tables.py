"""The register of batches: what is proposed, what is in it, and which requests it answers."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class State(StrEnum):
    """Where a batch stands. Texts: `batch_state.<value>`."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    EXECUTING = "executing"
    EXECUTED = "executed"
    VERIFIED = "verified"
    RESURFACED = "resurfaced"
    REFUSED = "refused"
    EXPIRED = "expired"


class Kind(StrEnum):
    """Why a batch is purged. Texts: `batch_kind.<value>`."""

    RULE = "rule"
    REQUEST = "request"
    AUTOMATIC = "automatic"
    REPLAYED = "replayed"


class ItemOutcome(StrEnum):
    """What became of an entry of a batch."""

    DELETED = "deleted"
    HELD = "held"
    CHANGED = "changed"
    FAILED = "failed"
    TAKEN_OUT = "taken_out"


class Stays(StrEnum):
    """Why an entry of a batch stays where it is. Texts: `stays.<value>`."""

    GONE = "gone"
    HELD = "held"
    # Who may be held: came new when a hold lost whom it was on, or may be the same person as somebody on hold.
    HOLD_LOST = "hold_lost"
    MAYBE_HELD = "maybe_held"
    # Restricted, which a purge does not lift, and who may be.
    RESTRICTED = "restricted"
    MARK_LOST = "mark_lost"
    MAYBE_RESTRICTED = "maybe_restricted"
    # Who may be somebody a lost decision on doubles was about, or is who is left of the two.
    DECISION_LOST = "decision_lost"
    STATUTORY = "statutory"
    OPEN_REQUEST = "open_request"
    REQUEST_CLOSED = "request_closed"
    # As was decided of the request that the batch answers, or of other parts of it alone.
    KEPT = "kept"
    NOT_DECIDED = "not_decided"
    EMPLOYMENT = "employment"
    # Due by a date that may be somebody else's, of another name under another key.
    WHOSE_DATE = "whose_date"
    CATEGORY_CHANGED = "category_changed"
    NO_RULE = "no_rule"
    NEEDS_APPROVAL = "needs_approval"
    UNDETERMINED = "undetermined"
    RELATION_OPEN = "relation_open"
    NOT_DUE = "not_due"
    DEADLINE_MOVED = "deadline_moved"
    NOT_SHOWN = "not_shown"
    IN_BATCH = "in_batch"


# Of these the purge was carried out.
EXECUTED = (State.EXECUTED, State.VERIFIED, State.RESURFACED)
OPEN = (State.PROPOSED, State.APPROVED, State.EXECUTING)
# What somebody must act on.
UNSETTLED = (State.PROPOSED, State.APPROVED, State.RESURFACED)
# What nobody waits for any more.
OVER = tuple(state for state in State if state not in (*OPEN, *UNSETTLED))

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("batch_id", sa.Integer, primary_key=True),
    # Names the batch outside this register: an older register that is brought back may use its number again.
    sa.Column("uid", sa.String(32), nullable=False, unique=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    # Codes of the filter that chose the entries; nothing of it is about a person.
    sa.Column("filters", sa.Text, nullable=False, server_default="{}"),
    sa.Column("proposed_by", sa.String(32)),
    sa.Column("proposed_role", sa.String(10)),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("build_id", sa.Integer),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("policy_digest", sa.String(64), nullable=False),
    sa.Column("policy_version", sa.String(40), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("planned", sa.Integer, nullable=False),
    sa.Column("persons", sa.Integer, nullable=False),
    sa.Column("large", sa.Boolean, nullable=False),
    sa.Column("approved_by", sa.String(32)),
    sa.Column("approved_role", sa.String(10)),
    sa.Column("approved_at", Instant),
    sa.Column("approved_until", sa.Date),
    sa.Column("confirmed_by", sa.String(32)),
    sa.Column("confirmed_role", sa.String(10)),
    sa.Column("confirmed_at", Instant),
    sa.Column("executed_by", sa.String(32)),
    sa.Column("executed_role", sa.String(10)),
    sa.Column("executed_at", Instant),
    sa.Column("run_id", sa.String(36)),
    sa.Column("build_before", sa.Integer),
    sa.Column("build_after", sa.Integer),
    sa.Column("deleted", sa.Integer),
    sa.Column("held", sa.Integer),
    sa.Column("changed", sa.Integer),
    sa.Column("failed", sa.Integer),
    sa.Column("ended_by", sa.String(32)),
    sa.Column("ended_at", Instant),
    sa.Column("ended_reason", sa.String(40)),
    sa.Column("receipt", sa.Text),
    sa.Column("receipt_digest", sa.String(80)),
    one_of("state", State, name="batch_state"),
    one_of("kind", Kind, name="batch_kind"),
    sa.CheckConstraint("approved_by is null or approved_by <> proposed_by", name="batch_two_persons"),
    # A batch that people choose cannot run without a second person, whatever the code believes.
    sa.CheckConstraint(
        "kind in ('automatic', 'replayed') or state not in ('executing', 'executed', 'verified', 'resurfaced')"
        " or (approved_by is not null and proposed_by is not null)",
        name="batch_is_approved",
    ),
    sa.CheckConstraint(
        "state not in ('executed', 'verified', 'resurfaced') or kind = 'replayed'"
        " or planned = deleted + held + changed + failed",
        name="batch_adds_up",
    ),
)

# Once a batch is carried out, only the entries that stayed are kept, for as long as they are stored
# (compliance.purge.along).
batch_item = sa.Table(
    "batch_item",
    metadata,
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), primary_key=True),
    # Keyed digest of the basis_id (compliance.suppression.verbs); who has no key cannot tell whose it is.
    sa.Column("basis_key", sa.String(32), primary_key=True),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("deadline_on", sa.Date),
    sa.Column("outcome", sa.String(10)),
    sa.Column("reason", sa.String(40)),
    one_of("outcome", ItemOutcome, name="batch_item_outcome"),
)

# How long after their last lawful day a batch deleted entries: what is left of them for the figures. Negative is ahead
# of it, null where there was none.
batch_lag = sa.Table(
    "batch_lag",
    metadata,
    sa.Column("lag_id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), nullable=False, index=True),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("days", sa.Integer),
    sa.Column("entries", sa.Integer, nullable=False),
)

# The requests that a batch answers; what is left of them afterwards holds no contact details.
batch_request = sa.Table(
    "batch_request",
    metadata,
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), primary_key=True),
    sa.Column("request_id", sa.ForeignKey("request.request_id"), primary_key=True),
)
