"""What somebody has begun to fill in."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata

# As many characters as the name of a form has; a longer one is known by its digest.
FORM_CHARACTERS = 120

# Until it is used or a day has passed. What is typed may be about anybody: it is nobody's but whose pseudonym it has.
draft = sa.Table(
    "draft",
    metadata,
    sa.Column("pseudonym", sa.String(32), primary_key=True),
    sa.Column("form", sa.String(FORM_CHARACTERS), primary_key=True),
    # JSON, by the names of the form's fields.
    sa.Column("typed", sa.Text, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
)
