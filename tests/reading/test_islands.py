"""When an organisation was a customer: its contracts and those of whoever took it over, as stretches without a gap."""

from __future__ import annotations

import pytest

from tests.world import World, day, table

Span = tuple[str | None, str | None]


def islands(world: World, org_id: str) -> list[tuple[object, object]]:
    rows = [row for row in table(world.reading(), "island") if row["org_id"] == org_id]
    return sorted(((row["starts_on"], row["ends_on"]) for row in rows), key=str)


def spans(*told: Span) -> list[tuple[object, object]]:
    return [(day(start), day(end)) for start, end in told]


@pytest.mark.parametrize(
    ("contracts", "wanted"),
    [
        pytest.param(
            [("2010-01-01", "2013-12-31"), ("2014-01-01", "2019-12-31")],
            [("2010-01-01", "2019-12-31")],
            id="the next day goes on",
        ),
        pytest.param(
            [("2010-01-01", "2013-12-31"), ("2014-01-02", "2019-12-31")],
            [("2010-01-01", "2013-12-31"), ("2014-01-02", "2019-12-31")],
            id="a day between is a gap",
        ),
        pytest.param(
            [("2010-01-01", "2013-12-31"), ("2013-12-31", "2019-12-31")],
            [("2010-01-01", "2019-12-31")],
            id="on the last day",
        ),
        pytest.param(
            [("2010-01-01", "2020-12-31"), ("2011-01-01", "2012-12-31"), ("2015-01-01", "2016-12-31")],
            [("2010-01-01", "2020-12-31")],
            id="within another, after one that is over",
        ),
        pytest.param(
            [("2010-01-01", "2012-12-31"), ("2010-01-01", None), ("2020-01-01", "2021-12-31")],
            [("2010-01-01", None)],
            id="an open one takes in all that follow",
        ),
        pytest.param(
            [("2010-01-01", "2012-12-31"), ("2020-01-01", None)],
            [("2010-01-01", "2012-12-31"), ("2020-01-01", None)],
            id="an open one after a gap",
        ),
        pytest.param(
            [(None, "2012-12-31"), ("2013-01-01", "2013-12-31")],
            [("2012-12-31", "2013-12-31")],
            id="of one whose end alone is known, its end",
        ),
        pytest.param(
            [("2010-01-01", "2012-12-31"), ("2010-01-01", "2012-12-31")],
            [("2010-01-01", "2012-12-31")],
            id="told twice",
        ),
        pytest.param(
            [("2010-01-01", "2010-12-31"), ("2012-01-01", "2012-12-31"), ("2014-01-01", "2014-12-31")],
            [("2010-01-01", "2010-12-31"), ("2012-01-01", "2012-12-31"), ("2014-01-01", "2014-12-31")],
            id="three with gaps",
        ),
    ],
)
def test_contracts_without_a_gap_are_one_stretch(world: World, contracts: list[Span], wanted: list[Span]) -> None:
    other = world.customer("2000-01-01", "2030-12-31")
    org = world.organisation("K1")
    for start, end in contracts:
        world.contract(org, start, end)
    assert islands(world, org) == spans(*wanted)
    assert islands(world, other) == spans(("2000-01-01", "2030-12-31"))


def test_a_contract_with_a_fault_is_no_time_as_a_customer(world: World) -> None:
    org = world.organisation("K1")
    world.contract(org, "2010-01-01", "2012-12-31")
    world.contract(org, "2014-01-01", fault_code="unreadable_date", fault_field="contract.ends_on", fault_value="x")
    assert islands(world, org) == spans(("2010-01-01", "2012-12-31"))


def test_of_two_contracts_with_a_fault_the_one_with_the_smaller_key_is_told(world: World) -> None:
    org = world.organisation("K1")
    for value in ("first", "second"):
        fault = {"fault_code": "unreadable_date", "fault_field": "contract.ends_on", "fault_value": value}
        world.contract(org, "2014-01-01", **fault)
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2015-01-01")
    assert world.status()["reason_value"] == "first"


def chain(world: World, length: int) -> str:
    """An organisation that was taken over, whose heir was, and so on; the last one has the contract."""
    for step in range(length):
        world.organisation(f"H{step}", successor=f"H{step + 1}")
    world.contract(world.organisation(f"H{length}"), "2010-01-01", "2012-12-31")
    return "crm:H0"


@pytest.mark.parametrize(("steps", "found"), [(1, 1), (2, 1), (10, 1), (11, 0)])
def test_contracts_of_heirs_count_through_ten_steps(world: World, steps: int, found: int) -> None:
    assert islands(world, chain(world, steps)) == spans(("2010-01-01", "2012-12-31")) * found


def test_whoever_took_over_is_not_a_customer_by_the_contracts_of_those_it_took_over(world: World) -> None:
    heir = world.organisation("K2")
    org = world.organisation("K1", successor="K2")
    world.contract(org, "2010-01-01", "2012-12-31")
    world.contract(heir, "2013-01-01", None)
    assert islands(world, org) == spans(("2010-01-01", None))
    assert islands(world, heir) == spans(("2013-01-01", None))


def test_two_that_took_over_each_other_share_their_contracts(world: World) -> None:
    for one, two, start, end in (("K1", "K2", "2010-01-01", "2012-12-31"), ("K2", "K1", "2020-01-01", None)):
        world.contract(world.organisation(one, successor=two), start, end)
    both = spans(("2010-01-01", "2012-12-31"), ("2020-01-01", None))
    assert islands(world, "crm:K1") == islands(world, "crm:K2") == both
