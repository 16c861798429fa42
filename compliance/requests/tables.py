"""The register of requests from data subjects."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Kind(StrEnum):
    """What is asked for. Texts: `request_kind.<value>`."""

    ERASURE = "erasure"
    ACCESS = "access"
    RECTIFICATION = "rectification"
    OBJECTION = "objection"


class Requester(StrEnum):
    """In what capacity somebody says to ask."""

    CUSTOMER_CONTACT = "customer_contact"
    PROSPECT = "prospect"
    STAFF = "staff"
    REPRESENTATIVE = "representative"
    ENV_USER = "env_user"
    OTHER = "other"


class Outcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    PARTIAL = "partial"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    NOT_IDENTIFIED = "not_identified"
    NOT_FOUND = "not_found"
    OTHER = "other"


class ExtensionReason(StrEnum):
    """Why the answer may take longer; article 12.3 knows two reasons."""

    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"
    OTHER = "other"


class Role(StrEnum):
    """In what role the company answers: its own request, or one that belongs to a customer."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class Verdict(StrEnum):
    """What is known of a person whom a request may be about: what somebody has said, or, of who was found by what the
    request gives and nobody had to be asked about, `found`. Texts: `request_verdict.<value>`.
    """

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    FOUND = "found"


request = sa.Table(
    "request",
    metadata,
    sa.Column("request_id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("reference", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("requester", sa.String(30)),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("name", sa.String(200)),
    sa.Column("email", sa.String(320)),
    sa.Column("phone", sa.String(60)),
    sa.Column("identity_asked_on", sa.Date),
    sa.Column("identity_answered_on", sa.Date),
    sa.Column("extension_notice_on", sa.Date),
    sa.Column("extension_reason", sa.String(40)),
    sa.Column("forwarded_on", sa.Date),
    sa.Column("closed_on", sa.Date),
    sa.Column("outcome", sa.String(30)),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("source", "reference", name="request_reference"),
    one_of("role", Role, name="request_role"),
)

# What somebody has said of a person whom an open request may be about, and who was found without: the source may say
# something else of them in the next export.
request_choice = sa.Table(
    "request_choice",
    metadata,
    sa.Column("choice_id", sa.Integer, primary_key=True),
    sa.Column("request_id", sa.ForeignKey("request.request_id"), nullable=False),
    sa.Column("verdict", sa.String(10), nullable=False),
    # What spoke for the person then, joined by commas: of one who was rejected, something new asks again.
    sa.Column("spoke_for", sa.String(80), nullable=False),
    # Nobody, of who was found.
    sa.Column("decided_by", sa.String(32)),
    sa.Column("decided_at", Instant, nullable=False),
    one_of("verdict", Verdict, name="request_choice_verdict"),
)

# What the person was known by, as keyed digests: the id may be another in the next build.
request_choice_trace = sa.Table(
    "request_choice_trace",
    metadata,
    sa.Column("choice_id", sa.ForeignKey("request_choice.choice_id"), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
)

# Who that is in the current build: nobody where no trace leads to one, several where the records went apart.
request_choice_person = sa.Table(
    "request_choice_person",
    metadata,
    sa.Column("choice_id", sa.ForeignKey("request_choice.choice_id"), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True),
    # False: a record of the same key, of which the export says another name now.
    sa.Column("is_same", sa.Boolean, nullable=False),
)

# Whom a request was from and who is found no longer: as long as it is open and they are not found again, what came new
# with that intake or later, in the category and from the source that they had entries in, is not purged.
request_loss = sa.Table(
    "request_loss",
    metadata,
    sa.Column("loss_id", sa.Integer, primary_key=True),
    sa.Column("choice_id", sa.ForeignKey("request_choice.choice_id"), nullable=False),
    sa.Column("build_id", sa.Integer, nullable=False),
    # Null where the build before is gone, so that nobody knows: then it is any.
    sa.Column("source", sa.String(60)),
    sa.Column("category", sa.String(40)),
)
