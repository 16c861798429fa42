"""The register of notices: what a source's words for where prospects come from mean, and which of them were told."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register import entries
from compliance.register.metadata import metadata


class EntryKind(StrEnum):
    """What an entry says. Texts: `notice_kind.<value>`."""

    MEANT = "meant"
    INFORMED = "informed"
    STRUCK = "struck"


notice_entry = sa.Table("notice_entry", metadata, *entries.columns_of("notice_entry", EntryKind))
