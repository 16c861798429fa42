"""The register of legal holds."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Ground(StrEnum):
    """Why something is kept from being purged (GDPR articles 17.3 e and 18). Texts: `hold_ground.<value>`."""

    LEGAL_CLAIM = "legal_claim"
    AUTHORITY_REQUEST = "authority_request"
    DISPUTE = "dispute"
    AUDIT = "audit"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    EXTENSION = "extension"


class Scope(StrEnum):
    """What a hold is on. Texts: `hold_scope.<value>`."""

    CATEGORY = "category"
    ORGANISATION = "organisation"
    PERSON = "person"
    BASIS = "basis"


# What stands for the id of a person or an entry that a hold needs no more.
FORGOTTEN = ""

hold = sa.Table(
    "hold",
    metadata,
    sa.Column("hold_id", sa.Integer, primary_key=True),
    sa.Column("scope", sa.String(20), nullable=False),
    # Empty once a hold on a person or an entry is over and neither is stored any more.
    sa.Column("scope_key", sa.String(120), nullable=False),
    sa.Column("ground", sa.String(40), nullable=False),
    sa.Column("owner", sa.String(60), nullable=False),
    sa.Column("placed_on", sa.Date, nullable=False),
    sa.Column("review_on", sa.Date, nullable=False),
    sa.Column("released_on", sa.Date),
    # Several holds for one dispute share its reference.
    sa.Column("case_ref", sa.String(40)),
    sa.Column("placed_by", sa.String(32)),
    sa.Column("reviewed_on", sa.Date),
    sa.Column("released_by", sa.String(32)),
    # The number of the hold that somebody placed, for one that has followed it to another id. They are one hold.
    sa.Column("follows", sa.Integer),
    one_of("scope", Scope, name="hold_scope"),
    sa.CheckConstraint("released_on is null or released_on >= placed_on", name="hold_span"),
)

# What holds that are one are known by.
hold_number: sa.ColumnElement[int] = sa.func.coalesce(hold.c.follows, hold.c.hold_id)


# The records that a hold on a person or an entry covers, or did: the ids it is on may be others in the next build.
hold_record = sa.Table(
    "hold_record",
    metadata,
    sa.Column("hold_id", sa.ForeignKey("hold.hold_id"), primary_key=True),
    # Keyed digest of the record_id (compliance.words.keys.pseudonyms); who has no key cannot tell whose it is.
    sa.Column("record_key", sa.String(32), primary_key=True),
)

# Whom such records were about, an identifier together with the name: who has new records is found again.
hold_identity = sa.Table(
    "hold_identity",
    metadata,
    sa.Column("hold_id", sa.ForeignKey("hold.hold_id"), primary_key=True),
    # Keyed digest, as above.
    sa.Column("identity_key", sa.String(32), primary_key=True),
)

# Holds that cover nothing since an intake, or records that their source has given to somebody else. Until somebody has
# settled it, what came new with that intake or later, in the category and from the source that the hold was on, is not
# purged.
hold_loss = sa.Table(
    "hold_loss",
    metadata,
    sa.Column("loss_id", sa.Integer, primary_key=True),
    # The number of the hold.
    sa.Column("hold_id", sa.ForeignKey("hold.hold_id"), nullable=False),
    sa.Column("build_id", sa.Integer, nullable=False),
    # Null where the build before is gone, so that nobody knows: then it is any.
    sa.Column("source", sa.String(60)),
    sa.Column("category", sa.String(40)),
    # Whether it still covers the records, which are somebody else's by now as far as they say.
    sa.Column("is_given_on", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("lost_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    # Nobody, where the hold covers something again.
    sa.Column("settled_by", sa.String(32)),
)

# Organisations that may be what a lost hold was on, with what speaks for it, as long as nobody has settled it.
hold_candidate = sa.Table(
    "hold_candidate",
    metadata,
    # The number of the hold.
    sa.Column("hold_id", sa.ForeignKey("hold.hold_id"), primary_key=True),
    sa.Column("candidate_key", sa.String(120), primary_key=True),
    # Joined by commas.
    sa.Column("because", sa.String(60), nullable=False),
)

# What the organisation that a lost hold was on said of itself, by which it may be known with a later export; as long as
# nobody has settled it.
hold_trace = sa.Table(
    "hold_trace",
    metadata,
    # The number of the hold.
    sa.Column("hold_id", sa.ForeignKey("hold.hold_id"), primary_key=True),
    # Keyed digest, as above.
    sa.Column("digest", sa.String(32), primary_key=True),
)

# Of losses joined with their holds: those that stop purges, since the hold is on and nobody has settled it.
loss_waits: tuple[sa.ColumnElement[bool], ...] = (hold_loss.c.settled_at.is_(None), hold.c.released_on.is_(None))
