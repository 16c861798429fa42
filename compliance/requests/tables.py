"""The register of requests from data subjects."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of

# Where requests come from that no export brings.
SOURCE = "desk"


class Kind(StrEnum):
    """What is asked for. Texts: `request_kind.<value>`."""

    ERASURE = "erasure"
    ACCESS = "access"
    RECTIFICATION = "rectification"
    OBJECTION = "objection"
    # Article 21.2: to mailings, which ends them whatever the reason.
    OPT_OUT = "opt_out"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"


# What takes effect at once, however long the answer may take (articles 21.3 and 18.1 d).
AT_ONCE = (Kind.OBJECTION, Kind.OPT_OUT)


class Channel(StrEnum):
    """How a request came in. Texts: `request_channel.<value>`."""

    FORM = "form"
    MAIL = "mail"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"
    CUSTOMER = "customer"
    TICKET = "ticket"


class Step(StrEnum):
    """What can happen to a request. Texts: `request_act.<value>`."""

    RECEIVED = "received"
    TAKEN = "taken"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_ANSWERED = "identity_answered"
    FOUND = "found"
    EXTENDED = "extended"
    DECIDED = "decided"
    EFFECTIVE = "effective"
    EXECUTED = "executed"
    RECIPIENT_DUE = "recipient_due"
    RECIPIENT_TOLD = "recipient_told"
    FORWARDED = "forwarded"
    LETTER = "letter"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    LINKED = "linked"
    # That a step was recorded which did not happen.
    NOT_SO = "not_so"


class Decision(StrEnum):
    """What is decided of what is asked for, of all or of one basis. Texts: `request_decision.<value>`."""

    ERASE = "erase"
    KEEP = "keep"
    RESTRICT = "restrict"
    CORRECT = "correct"
    HAND_OUT = "hand_out"
    STOP = "stop"
    REDIRECT = "redirect"
    NOT_IDENTIFIED = "not_identified"
    REFUSE = "refuse"


class Why(StrEnum):
    """On what ground something is kept or refused. Texts: `request_why.<value>`."""

    BOOKKEEPING = "bookkeeping"
    OTHER_LAW = "other_law"
    CLAIMS = "claims"
    HOLD = "hold"
    EMPLOYMENT = "employment"
    COMPELLING = "compelling"
    ACCURATE = "accurate"
    NOT_PORTABLE = "not_portable"
    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"


class Doubt(StrEnum):
    """Why somebody was asked who they are (article 12.6). Texts: `request_doubt.<value>`."""

    UNKNOWN_ADDRESS = "unknown_address"
    SEVERAL_PERSONS = "several_persons"
    FOR_ANOTHER = "for_another"
    OTHER = "other"


class Telling(StrEnum):
    """What became of telling a recipient (article 19). Texts: `request_telling.<value>`."""

    TOLD = "told"
    IMPOSSIBLE = "impossible"
    DISPROPORTIONATE = "disproportionate"


class Clock(StrEnum):
    """From when the month runs of a request that is open again: its closing was wrong, or something new came with it.
    Texts: `request_clock.<value>`.
    """

    AS_BEFORE = "as_before"
    ANEW = "anew"


class Resumed(StrEnum):
    """Why a closed erasure is taken up again: what kept some of it has ended. Texts: `request_resumes.<value>`."""

    HOLD_RELEASED = "hold_released"
    KEEP_ENDED = "keep_ended"
    RESTRICTION_LIFTED = "restriction_lifted"


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
    sa.Column("channel", sa.String(20), nullable=False, server_default=Channel.FORM),
    # Who has taken it on, by pseudonym.
    sa.Column("handler", sa.String(32)),
    # From when the month runs, where it is not the day of receipt: something new came with it when it was open again.
    sa.Column("clock_from", sa.Date),
    # When an objection took effect, which is before it is answered.
    sa.Column("effect_on", sa.Date),
    sa.Column("answered_on", sa.Date),
    # The organisation whose request it is, for one that is passed on.
    sa.Column("customer", sa.String(120)),
    # The number of the request that it repeats.
    sa.Column("repeats", sa.Integer),
    # When the register let go of all that it need not know of a closed one.
    sa.Column("forgotten_on", sa.Date),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("source", "reference", name="request_reference"),
    one_of("role", Role, name="request_role"),
)

# How long a text about a request may be, by its name.
LENGTHS: dict[str, int] = {
    **{one.name: one.type.length for one in request.c if isinstance(one.type, sa.String) and one.type.length},
    "recipient": 80,
}

# What happened to a request, as people at the desk recorded it. Nothing is unwritten: a step that is wrong is named by
# the one that corrects it, and `request` is what follows from those that no other corrects.
request_step = sa.Table(
    "request_step",
    metadata,
    sa.Column("step_id", sa.Integer, primary_key=True),
    sa.Column("request_id", sa.ForeignKey("request.request_id"), nullable=False),
    sa.Column("step", sa.String(20), nullable=False),
    sa.Column("happened_on", sa.Date, nullable=False),
    # The step's facts as JSON, by its model in compliance.requests.steps: codes, days and numbers.
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("corrects", sa.ForeignKey("request_step.step_id")),
    sa.Column("recorded_at", Instant, nullable=False),
    # Nobody, of what a run or a command recorded.
    sa.Column("recorded_by", sa.String(32)),
    one_of("step", Step, name="request_step_word"),
)

# Who a request was from, as keyed digests of the addresses and numbers that it gave: for a year, by which one that
# repeats it is known after its contact details are gone.
request_sender = sa.Table(
    "request_sender",
    metadata,
    sa.Column("request_id", sa.ForeignKey("request.request_id"), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
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
