"""The suppression list, and who of it was seen again."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Seen(StrEnum):
    """What became of a row that an entry was made for."""

    KEPT_OUT = "kept_out"
    # Who may be somebody who was erased, and may be somebody else; in the copy until it is decided.
    POSSIBLE = "possible"
    LET_IN = "let_in"


class Verdict(StrEnum):
    """What somebody has decided about who may have been erased."""

    SAME = "same"
    OTHER = "other"


class Reason(StrEnum):
    """Why somebody erased is stored again: new circumstances, by the policy. Texts: `return_reason.<value>`."""

    MEETING = "meeting"
    INBOUND = "inbound"
    CONTRACT = "contract"
    ENGAGEMENT = "engagement"
    # Who has something in common with somebody erased, and is somebody else.
    OTHER_PERSON = "other_person"


suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("suppression_id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), nullable=False, index=True),
    # Which key made the digests; an old key stays until its last entry expires.
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("record_digest", sa.String(32), nullable=False),
    # Whose record it was: a source may give the key to somebody else. Null in entries of an earlier version.
    sa.Column("name_digest", sa.String(32)),
    sa.Column("email_digest", sa.String(32)),
    # The address together with the name, where there was one; without the address where the two were decided to be
    # somebody who was erased.
    sa.Column("email_name_digest", sa.String(32)),
    sa.Column("phone_digest", sa.String(32)),
    # The number alone, of whom it was or of a couple: who returns under another name is asked about. Null for others'
    # numbers, in entries of an earlier version and in those of what was decided.
    sa.Column("number_digest", sa.String(32)),
    # Whether others had the address or the number too: then it tells only who may be meant. Null in entries of an
    # earlier version, which did not ask.
    sa.Column("is_shared_email", sa.Boolean),
    sa.Column("is_shared_phone", sa.Boolean),
    # The category that e-mail and phone are kept out of; null where nothing of the person was left.
    sa.Column("category", sa.String(20)),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("erased_on", sa.Date, nullable=False),
    sa.Column("expires_on", sa.Date, nullable=False),
    # The span of an erased engagement, for the vouchers that the law keeps beyond it.
    sa.Column("relation_started_on", sa.Date),
    sa.Column("relation_ended_on", sa.Date),
)

reappearance = sa.Table(
    "reappearance",
    metadata,
    sa.Column("reappearance_id", sa.Integer, primary_key=True),
    sa.Column("suppression_id", sa.ForeignKey("suppression.suppression_id"), nullable=False),
    sa.Column("record_digest", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("first_build", sa.Integer, nullable=False),
    sa.Column("last_build", sa.Integer, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
    # Of one that is possible: the row's name, the address that the two have in common with that name, and the number
    # with it.
    sa.Column("name_digest", sa.String(32)),
    sa.Column("email_name_digest", sa.String(32)),
    sa.Column("phone_digest", sa.String(32)),
    # Who has looked at it and when; what was decided of one that is possible.
    sa.Column("confirmed_by", sa.String(32)),
    sa.Column("confirmed_at", Instant),
    sa.Column("verdict", sa.String(10)),
    # Of one that was let in, why it is stored again; null where an earlier version did not ask.
    sa.Column("reason", sa.String(12)),
    sa.UniqueConstraint("suppression_id", "record_digest", "kind", name="reappearance_once"),
    one_of("kind", Seen, name="reappearance_kind"),
    one_of("verdict", Verdict, name="reappearance_verdict"),
    one_of("reason", Reason, name="reappearance_reason"),
)
