"""A voucher has its engagement's clock, and its doubts: what cannot be told of the one cannot be told of the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, table

# What an engagement says of itself, and where it and its voucher then stand on 2026-11-24.
ENGAGEMENTS: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"starts_on": "2000-01-01", "ends_on": "1999-06-30"}, "UNDETERMINED", "end_before_start"),
    (
        {"starts_on": "2000-01-01", "ends_on": "2005-06-30", "stated_status": "open"},
        "UNDETERMINED",
        "status_contradicts",
    ),
    ({"starts_on": "2000-01-01", "stated_status": "ended"}, "UNDETERMINED", "ended_without_date"),
    ({"stated_status": "open"}, "ACTIVE", "open_engagement"),
    ({}, "UNDETERMINED", "missing_date"),
    ({"starts_on": "2000-01-01"}, "ACTIVE", "open_engagement"),
    ({"registered_on": "2000-01-01"}, "ACTIVE", "open_engagement"),
)


@pytest.mark.parametrize(("engagement", "status", "reason"), ENGAGEMENTS)
def test_a_voucher_stands_where_its_engagement_does(
    world: World, engagement: dict[str, Any], status: str, reason: str
) -> None:
    world.person("EMPLOYEE", "E1", dataset="hr_employees", **engagement)
    world.person("VOUCHER", "V1", dataset="hr_vouchers", relation_key="E1", fiscal_year=2001, name=None, email=None)
    rows = {row["category"]: row for row in table(world.reading(), "basis_status")}
    assert (rows["EMPLOYEE"]["status"], rows["EMPLOYEE"]["reason"]) == (status, reason)
    assert (rows["VOUCHER"]["status"], rows["VOUCHER"]["reason"]) == (status, reason)


def test_a_voucher_of_no_known_engagement_waits_for_none(world: World) -> None:
    world.person("VOUCHER", "V1", dataset="hr_vouchers", relation_key="E9", fiscal_year=2001, name=None, email=None)
    (row,) = table(world.reading(), "basis_status")
    assert (row["status"], row["reason"]) == ("OVERDUE", "voucher_year")
