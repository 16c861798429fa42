"""What is said for and against that a record is an erased one's, and what keeps it out once that is decided."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from compliance.suppression import verbs

# A record that an entry was met by, with nothing in common but what a case adds: by its address alone, that is.
ROW: dict[str, Any] = {
    "record_digest": "another record", "name_digest": None, "email_name_digest": None, "phone_digest": None,
    "erased_record": "record", "erased_name": "name", "erased_email_name": "address, name",
    "erased_phone": "number, name", "is_shared_email": False, "is_shared_phone": False,
}  # fmt: skip
SHARED = {"is_shared_email": True, "is_shared_phone": True}


@pytest.mark.parametrize(
    ("row", "speaks_for", "against"),
    [
        ({}, {"email"}, set()),
        (SHARED, {"email"}, {"shared_email"}),
        ({"name_digest": "another"}, {"email"}, set()),
        ({"name_digest": None, "erased_name": None}, {"email"}, set()),
        ({"email_name_digest": "address, name"}, {"email", "name"}, set()),
        ({"email_name_digest": "address, another"}, {"email"}, {"other_name"}),
        ({"email_name_digest": "address, another", **SHARED}, {"email"}, {"other_name", "shared_email"}),
        # Of before an address was kept with its name.
        ({"email_name_digest": "address, name", "name_digest": "name", "erased_email_name": None}, {"email"}, set()),
        ({"phone_digest": "number, name", "name_digest": "name"}, {"phone", "name"}, set()),
        ({"phone_digest": "number, another", "name_digest": "another"}, {"phone"}, {"other_name"}),
        (
            {"phone_digest": "number, another", "name_digest": "another", **SHARED},
            {"phone"}, {"other_name", "shared_phone"},
        ),
        ({"phone_digest": "number, none"}, {"phone"}, set()),
        ({"phone_digest": "number, name", "email_name_digest": "address, name"}, {"email", "phone", "name"}, set()),
        ({"name_digest": "name"}, {"name"}, {"only_name"}),
        ({"name_digest": "name", **SHARED}, {"name"}, {"only_name"}),
        ({"record_digest": "record", "name_digest": "another"}, {"key"}, {"other_name"}),
        ({"record_digest": "record", **SHARED}, {"key"}, {"other_name"}),
        ({"record_digest": "record", "email_name_digest": "address, another"}, {"key", "email"}, {"other_name"}),
    ],
)  # fmt: skip
def test_what_speaks_for_and_against_is_what_they_have_in_common(
    row: dict[str, Any], speaks_for: set[str], against: set[str]
) -> None:
    told: Any = SimpleNamespace(**{**ROW, **row})
    assert verbs._speaks(told) == (speaks_for, against)


@pytest.mark.parametrize(
    ("category", "is_engaged"), [("EMPLOYEE", True), ("CONTRACTOR", True), ("PROSPECT", False), (None, False)]
)
def test_who_is_the_erased_one_is_kept_out_by_each_address_and_number(category: str | None, is_engaged: bool) -> None:
    erased, kept, began, ended = (dt.date(2026, month, 1) for month in (1, 2, 3, 4))
    row: Any = SimpleNamespace(
        reappearance_id=7, batch_id=3, key_id="key", record_digest="record", name_digest="name", category="EMPLOYEE",
        email_name_digest="address", phone_digest=None, erased_source="hr", erased_dataset="hr_people",
        erased_on=erased, expires_on=kept,
    )  # fmt: skip
    entry = {
        "batch_id": 3, "key_id": "key", "record_digest": "record", "name_digest": "name",
        "email_name_digest": "address", "phone_digest": None, "number_digest": None,
        "is_shared_email": False, "is_shared_phone": False, "category": "EMPLOYEE", "source": "hr",
        "dataset": "hr_people", "erased_on": erased, "expires_on": kept,
        "relation_started_on": began if is_engaged else None, "relation_ended_on": ended if is_engaged else None,
    }  # fmt: skip
    record: Any = SimpleNamespace(category=category, starts_on=began, ends_on=ended)
    known = {7: [("email", "address"), ("email", "another"), ("phone", "number")]}
    engaged = {7: record} if category else {}
    # A record that was met twice has each entry once.
    assert verbs._entries_of([row, row], engaged, known) == [
        entry,
        {**entry, "email_name_digest": "another"},
        {**entry, "email_name_digest": None, "phone_digest": "number"},
    ]
    assert verbs._entries_of([row], engaged, {}) == [entry]
    other: Any = SimpleNamespace(**{**vars(row), "email_name_digest": "a third"})
    assert verbs._entries_of([row, other], engaged, {}) == [entry, {**entry, "email_name_digest": "a third"}]
