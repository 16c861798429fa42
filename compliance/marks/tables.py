"""The register of marks on persons."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Kind(StrEnum):
    """What a mark says of a person. Texts: `mark_kind.<value>`."""

    # Stored and nothing else (GDPR article 18): not purged, in no extract with names, not mailed.
    RESTRICTED = "restricted"
    # No mailings (article 21.2 and 21.3). Neither erasure nor a stop of it.
    OPTED_OUT = "opted_out"
    # Against what rests on a legitimate interest (article 21.1).
    OBJECTED = "objected"


class Ground(StrEnum):
    """Why the data of a person are restricted (article 18.1 a to d). Texts: `mark_ground.<value>`."""

    ACCURACY_CONTESTED = "accuracy_contested"
    UNLAWFUL = "unlawful"
    NEEDED_FOR_CLAIMS = "needed_for_claims"
    OBJECTION_PENDING = "objection_pending"


class Ending(StrEnum):
    """Why a mark is over. Texts: `mark_ending.<value>`."""

    # The ground is no more.
    GROUND_ENDED = "ground_ended"
    # The person has taken it back.
    WITHDRAWN = "withdrawn"
    # Compelling grounds weigh more (article 21.1), which they never do for mailings.
    OVERRIDDEN = "overridden"
    # Somebody else was meant.
    MISTAKE = "mistake"
    # Nothing is stored of the person any more.
    PURGED = "purged"


mark = sa.Table(
    "mark",
    metadata,
    sa.Column("mark_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("ground", sa.String(20)),
    # When the person asked for it, and since when it acts.
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("placed_at", Instant, nullable=False),
    sa.Column("placed_by", sa.String(32), nullable=False),
    sa.Column("case_ref", sa.String(40)),
    sa.Column("review_on", sa.Date),
    sa.Column("reviewed_on", sa.Date),
    # When the person was told that the restriction would be lifted (article 18.3).
    sa.Column("told_on", sa.Date),
    sa.Column("ended_at", Instant),
    # Nobody, where a purge took the person.
    sa.Column("ended_by", sa.String(32)),
    sa.Column("ending", sa.String(12)),
    one_of("kind", Kind, name="mark_kind"),
    one_of("ground", Ground, name="mark_ground"),
    one_of("ending", Ending, name="mark_ending"),
    sa.CheckConstraint(
        "(kind = 'restricted') = (ground is not null) and (kind = 'restricted') = (review_on is not null)",
        name="mark_restriction_has_ground",
    ),
    sa.CheckConstraint("(ended_at is null) = (ending is null)", name="mark_ends_with_reason"),
    # Lifted behind the person's back it would not be what the law asks, whatever the code believes.
    sa.CheckConstraint(
        "kind <> 'restricted' or ending is null or ending in ('mistake', 'purged') or told_on is not null",
        name="mark_person_is_told_first",
    ),
    sa.CheckConstraint("kind <> 'opted_out' or ending is null or ending <> 'overridden'", name="mark_no_mailings"),
)

# Who a mark is on in the current build, each with whether it is still the same by name.
mark_person = sa.Table(
    "mark_person",
    metadata,
    sa.Column("mark_id", sa.ForeignKey("mark.mark_id"), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Column("is_same", sa.Boolean, nullable=False),
)

# What that person is known by, and found by in later builds: keyed digests (compliance.words.keys.pseudonyms).
mark_trace = sa.Table(
    "mark_trace",
    metadata,
    sa.Column("mark_id", sa.ForeignKey("mark.mark_id"), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
)

# The addresses that are not to be mailed as long as the mark is on, wherever the person has gone: by the keys of the
# suppression list, as its own entries.
mark_address = sa.Table(
    "mark_address",
    metadata,
    sa.Column("mark_id", sa.ForeignKey("mark.mark_id"), primary_key=True),
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
)

# Marks whose person is found no longer since an intake. Until somebody has settled that, what came new with that intake
# or later, in the category and from the source that they had entries in, is not purged where the mark is a restriction.
mark_loss = sa.Table(
    "mark_loss",
    metadata,
    sa.Column("loss_id", sa.Integer, primary_key=True),
    sa.Column("mark_id", sa.ForeignKey("mark.mark_id"), nullable=False),
    sa.Column("build_id", sa.Integer, nullable=False),
    # Null where the build before is gone, so that nobody knows: then it is any.
    sa.Column("source", sa.String(60)),
    sa.Column("category", sa.String(40)),
    sa.Column("lost_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    # Nobody, where the person is found again.
    sa.Column("settled_by", sa.String(32)),
)
