"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class Person(NamedTuple):
    """Contact details of a person, the status of the entries taken together, and how long the details may be kept."""

    person_id: str
    name: str | None
    email: str | None
    phone: str | None
    sources: int
    bases: int
    status: str
    core_until: dt.date | None


class Found(NamedTuple):
    """A person that was searched for, with the number of entries that the reader answers for."""

    person_id: str
    name: str | None
    email: str | None
    phone: str | None
    bases: int
    restricted: bool


class Record(NamedTuple):
    """A row of a source behind an entry of the person. The keys are for comparing, and are never shown.

    `org_name` may be the organisation's, `own_org_name` is the row's. Where the source has moved or dropped a date
    (`is_moved`), the earlier one counts, and `told_` is what it says of each by now.
    """

    basis_id: str
    category: str
    record_id: str
    dataset: str
    source: str
    source_key: str
    name: str | None
    email: str | None
    phone: str | None
    role: str | None
    org_name: str | None
    origin: str | None
    stated_status: str | None
    registered_on: dt.date | None
    met_on: dt.date | None
    inbound_on: dt.date | None
    designated_on: dt.date | None
    role_until: dt.date | None
    left_org_on: dt.date | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    replaced_on: dt.date | None
    opted_out_on: dt.date | None
    fiscal_year: int | None
    cookie_name: str | None
    set_at: dt.datetime | None
    org_id: str | None
    email_key: str | None
    phone_key: str | None
    name_key: str | None
    own_org_name: str | None
    is_moved: bool
    told_registered_on: dt.date | None
    told_designated_on: dt.date | None
    told_left_org_on: dt.date | None
    told_starts_on: dt.date | None
    told_ends_on: dt.date | None
    told_replaced_on: dt.date | None


class Held(NamedTuple):
    """A hold that covers the person, or did, by one of its scopes."""

    hold_id: int
    scope: str
    placed_on: dt.date
    released_on: dt.date | None


class Asked(NamedTuple):
    """A request that is from the person, or may be."""

    source: str
    reference: str
    is_sure: bool
    verdict: str | None
    speaks_for: str
    speaks_against: str


class Shared(NamedTuple):
    """An address or number of the person, in the form that matching uses, that others have too."""

    kind: str
    key: str


PERSON = Query("person", Person)
FOUND_PERSONS = Query("found_persons", Found)
PERSON_RECORDS = Query("person_records", Record)
PERSON_HOLDS = Query("person_holds", Held)
PERSON_REQUESTS = Query("person_requests", Asked)
SHARED_IDENTIFIERS = Query("shared_identifiers", Shared)
