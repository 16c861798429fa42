"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class Rectifiable(NamedTuple):
    """A row of a source with what it says, and whose it is."""

    person_id: str
    category: str
    dataset: str
    source: str
    source_key: str
    name: str | None
    email: str | None
    phone: str | None
    role: str | None
    org_name: str | None
    registered_on: dt.date | None
    met_on: dt.date | None
    inbound_on: dt.date | None
    designated_on: dt.date | None
    role_until: dt.date | None
    left_org_on: dt.date | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    replaced_on: dt.date | None


RECTIFIABLE = Query("rectifiable", Rectifiable)
