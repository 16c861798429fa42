"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class EnvironmentRow(NamedTuple):
    """An environment as its system told it last. None is not told; `unread` are fields that could not be read."""

    source: str
    environment_key: str
    org_id: str | None
    org_name: str | None
    contract_key: str | None
    agreement: str | None
    has_defaults: bool | None
    auto_clean: bool | None
    period_customised: bool | None
    default_days: int | None
    period_days: int | None
    period_changed_on: dt.date | None
    cleaned_on: dt.date | None
    restore_tested_on: dt.date | None
    closed_on: dt.date | None
    unread: list[str]


class CustomerTime(NamedTuple):
    """A time in which an organisation was a customer; without an end it goes on."""

    org_id: str
    starts_on: dt.date
    ends_on: dt.date | None


class GrantRow(NamedTuple):
    """A grant as its system told it last. `holder_is`: staff, left, unsure (by dates that contradict each other),
    several (persons of staff are known so), unknown or erased.
    """

    source: str
    dataset: str
    grant_key: str
    environment_key: str | None
    holder: str | None
    holder_erased: bool
    person_id: str | None
    holder_is: str
    name: str | None
    restricted: bool
    is_readers: bool
    account: str | None
    purpose: str | None
    ticket: str | None
    approver: str | None
    approver_id: str | None
    granted_on: dt.date | None
    valid_until: dt.date | None
    reviewed_on: dt.date | None
    revoked_on: dt.date | None
    unread: list[str]


class StaffCount(NamedTuple):
    """How many persons are of staff today."""

    staff: int


CUSTOMER_TIMES = Query("customer_times", CustomerTime)
ENVIRONMENT_STATES = Query("environment_states", EnvironmentRow)
GRANTS_HELD = Query("grants_held", GrantRow)
STAFF_COUNT = Query("staff_count", StaffCount)
