"""A rule may be told in days: the ceiling, the provisional date and the eras of a customer all count by it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from compliance.words import texts
from compliance.words.deadlines import add_months
from compliance.words.policy import MAX_DAYS, Policy, policy_with, read_period
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category
from tests.world import TODAY, World, day, shipped_parameters, shipped_policy, table

DAYS = 3600
ENDED = TODAY - dt.timedelta(days=DAYS)
IN_MONTHS = tuple(category for category in shipped_policy().rules if category is not Category.WEB_VISITOR)


def in_days(category: Category, days: int = DAYS) -> Policy:
    return policy_with(shipped_policy(), category, f"P{days}D")


def ending(world: World, category: Category, ends: dt.date) -> str:
    """Somebody of a category whose clock starts on a day."""
    dates: dict[str, Any] = {"starts_on": "2010-01-01", "ends_on": ends.isoformat()}
    if category is Category.CUSTOMER_CONTACT:
        return world.person(category, org_id=world.customer("2010-01-01", ends.isoformat()))
    if category is Category.PROSPECT:
        return world.person(category, registered_on=ends.isoformat())
    if category is Category.VOUCHER:
        world.person("EMPLOYEE", "E1", **dates)
        return world.person(category, relation_key="E1", fiscal_year=2012, name=None, email=None)
    return world.person(category, **dates)


@pytest.mark.parametrize("category", IN_MONTHS)
def test_the_last_day_of_a_span_in_days_is_in_time_and_the_next_is_not(world: World, category: Category) -> None:
    ending(world, category, ENDED)
    made, facts = world.made()
    rows = {}
    for as_of in (TODAY, TODAY + dt.timedelta(days=1)):
        reading = made.reading(as_of, in_days(category), shipped_parameters(), facts)
        (rows[as_of],) = [row for row in table(reading, "basis_status") if row["category"] == category]
    assert [row["ceiling_on"] for row in rows.values()] == [TODAY, TODAY]
    assert [row["status"] for row in rows.values()] == ["DUE", "OVERDUE"]


@pytest.mark.parametrize(
    ("returned", "status", "ceiling"),
    [(DAYS, "ACTIVE", None), (DAYS + 1, "OVERDUE", DAYS)],
    ids=["on the last day of the span", "the day after"],
)
def test_a_return_after_a_span_in_days_cures_nothing(
    world: World, returned: int, status: str, ceiling: int | None
) -> None:
    ended = dt.date(2010, 1, 31)
    org = world.organisation("K1", "open")
    world.contract(org, "2005-01-01", ended.isoformat())
    world.contract(org, (ended + dt.timedelta(days=returned)).isoformat())
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2005-02-01")
    row = world.status(policy=in_days(Category.CUSTOMER_CONTACT))
    assert row["status"] == status
    assert row["ceiling_on"] == (ended + dt.timedelta(days=ceiling) if ceiling else None)


def test_a_provisional_date_counts_in_days_too(world: World) -> None:
    world.person("EMPLOYEE", starts_on="2019-05-01", ends_on="2018-05-01")
    row = world.status(policy=in_days(Category.EMPLOYEE))
    assert (row["status"], row["provisional_on"]) == ("UNDETERMINED", dt.date(2018, 5, 1) + dt.timedelta(days=DAYS))


def test_a_span_in_months_ends_with_a_shorter_month(world: World) -> None:
    ending(world, Category.CONTRACTOR, dt.date(2024, 8, 31))
    row = world.status(policy=policy_with(shipped_policy(), Category.CONTRACTOR, "P18M"))
    assert row["ceiling_on"] == day("2026-02-28")


def test_no_span_in_days_that_is_let_in_is_longer_than_ten_years() -> None:
    first, last = dt.date(1950, 1, 1), dt.date(2100, 12, 31)
    days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    assert min((add_months(start, 120) - start).days for start in days) == MAX_DAYS


@pytest.mark.parametrize("category", IN_MONTHS)
def test_ten_years_in_days_are_let_in_and_a_day_more_is_not(category: Category) -> None:
    assert read_period(f"P{MAX_DAYS}D", category) == (None, MAX_DAYS)
    with pytest.raises(Refused, match="rule_period_too_long") as caught:
        read_period(f"P{MAX_DAYS + 1}D", category)
    for language, told in (("sv", "3 651"), ("en", "3,651")):
        assert told in texts.refusal(caught.value.code, language, caught.value.values)


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("P10Y", "10 years"),
        ("P1Y", "1 year"),
        ("P1Y6M", "18 months"),
        ("P10Y0M", "10 years"),
        ("P0Y6M", "6 months"),
        ("P3600D", "3,600 days"),
        ("P1Y0D", "1 year"),
    ],
)
def test_a_period_is_told_as_it_is_counted(period: str, told: str) -> None:
    assert texts.period_in_words(period, "en") == told
