"""What the register is the register of."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import metadata, one_of


class Kind(StrEnum):
    """Whether persons in a store are invented, and anybody at the machine may look at them."""

    DEMO = "demo"
    REAL = "real"


installation = sa.Table(
    "installation",
    metadata,
    sa.Column(
        "number",
        sa.Integer,
        sa.CheckConstraint("number = 1", name="installation_one"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("kind", sa.String(4), nullable=False),
    one_of("kind", Kind, name="installation_kind"),
)
