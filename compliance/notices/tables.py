"""The register of notices: what a source's words for where prospects come from mean, and which of them were told."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class EntryKind(StrEnum):
    """What an entry says. Texts: `notice_kind.<value>`."""

    MEANT = "meant"
    INFORMED = "informed"
    STRUCK = "struck"


notice_entry = sa.Table(
    "notice_entry",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    # JSON, by compliance.notices.facts. Of no person: it is refused where it seems to be.
    sa.Column("facts", sa.Text, nullable=False),
    # The entry that this one stands for; an entry is corrected once at most.
    sa.Column("corrects", sa.ForeignKey("notice_entry.entry_id"), unique=True),
    sa.Column("recorded_at", Instant, nullable=False),
    # Null for the command line.
    sa.Column("recorded_by", sa.String(32)),
    sa.Column("recorded_role", sa.String(10)),
    one_of("kind", EntryKind, name="notice_entry_kind"),
    sa.CheckConstraint("kind <> 'struck' or corrects is not null", name="notice_entry_strikes_one"),
)
