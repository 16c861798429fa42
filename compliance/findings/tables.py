"""What was found and when, and what people said to it."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of
from compliance.words.finding import THING_CHARACTERS, Severity


class StepKind(StrEnum):
    """What somebody said to a finding. Texts: `finding_said.<value>`."""

    ASSIGNED = "assigned"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"


class Owner(StrEnum):
    """Who may answer for a finding: a function, the rules' owners among them. Texts: `owner.<value>`."""

    SALES = "sales"
    MARKETING = "marketing"
    HR = "hr"
    PURCHASING = "purchasing"
    FINANCE = "finance"
    LEGAL = "legal"
    IT = "it"
    SECURITY = "security"
    DATA_PROTECTION = "data_protection"


# Once for each code and thing, for ever: what comes back is the same finding again.
finding = sa.Table(
    "finding",
    metadata,
    sa.Column("finding_id", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(60), nullable=False),
    # Of no person (compliance.words.finding).
    sa.Column("thing", sa.String(THING_CHARACTERS), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    # When it was seen after it had not been there: the first time, or when it came back.
    sa.Column("came_at", Instant, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    # Null while it is there; the build of the copy without it.
    sa.Column("gone_at", Instant),
    sa.Column("gone_build", sa.Integer),
    sa.UniqueConstraint("code", "thing"),
    one_of("severity", Severity, name="finding_severity"),
)

finding_step = sa.Table(
    "finding_step",
    metadata,
    sa.Column("step_id", sa.Integer, primary_key=True),
    sa.Column("finding_id", sa.ForeignKey("finding.finding_id"), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    # The function that answers for it, and by when, of an assignment.
    sa.Column("owner", sa.String(20)),
    sa.Column("mend_by", sa.Date),
    # The last day of an acceptance that is proposed.
    sa.Column("until", sa.Date),
    sa.Column("reason", sa.Text, nullable=False),
    # The proposal that is accepted or refused, once.
    sa.Column("answers", sa.ForeignKey("finding_step.step_id"), unique=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", sa.String(32), nullable=False),
    sa.Column("recorded_role", sa.String(10), nullable=False),
    one_of("kind", StepKind, name="finding_step_kind"),
    one_of("owner", Owner, name="finding_step_owner"),
)
