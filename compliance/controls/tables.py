"""The register of roles and controls."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register import entries
from compliance.register.metadata import metadata


class EntryKind(StrEnum):
    """What an entry says. Texts: `control_kind.<value>`."""

    OFFICE = "office"
    MEASURE = "measure"
    TESTED = "tested"
    FIGURE = "figure"
    STRUCK = "struck"


control_entry = sa.Table("control_entry", metadata, *entries.columns_of("control_entry", EntryKind))
