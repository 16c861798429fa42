"""How grants stand on a day: their reviews, their last day, and the days of access without a contract."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.environments.asks import GrantRow
from compliance.environments.state import Access, Review, access_of, review_due, uncovered
from tests.world import TODAY, shipped_parameters

DAY = dt.timedelta(days=1)


def grant(**told: dt.date | None) -> GrantRow:
    """A grant of somebody of staff, of which only days matter."""
    nothing = dict.fromkeys(GrantRow._fields)
    return GrantRow(**{**nothing, "source": "support_access", "grant_key": "B1", "unread": [], **told})  # type: ignore[arg-type]


def looked(day: dt.date) -> Review:
    return Review(True, "Behövs", dt.datetime.combine(day, dt.time(12), dt.UTC), "x", "ciso", None)


@pytest.mark.parametrize(
    ("told", "reviews", "due"),
    [
        # G01: reviewed 1 August, every 90 days.
        ({"reviewed_on": dt.date(2026, 8, 1)}, [], dt.date(2026, 10, 30)),
        ({"reviewed_on": dt.date(2026, 8, 1)}, [dt.date(2026, 11, 1)], dt.date(2027, 1, 30)),
        # A later review of the source counts, and nothing that is to come.
        ({"reviewed_on": dt.date(2026, 11, 10)}, [dt.date(2026, 11, 1)], dt.date(2027, 2, 8)),
        ({"reviewed_on": dt.date(2027, 8, 1), "granted_on": dt.date(2026, 8, 1)}, [], dt.date(2026, 10, 30)),
        # Never reviewed: from when it was given; where nobody knows that, nothing is known.
        ({"granted_on": dt.date(2026, 8, 1)}, [], dt.date(2026, 10, 30)),
        ({}, [], None),
    ],
)
def test_a_review_is_due_so_many_days_after_the_last_one(
    told: dict[str, dt.date], reviews: list[dt.date], due: dt.date | None
) -> None:
    assert review_due(grant(**told), [looked(day) for day in reviews], TODAY, shipped_parameters()) == due
    if due == dt.date(2026, 10, 30):
        assert (TODAY - due).days == 25


@pytest.mark.parametrize(
    ("told", "access"),
    [
        ({}, Access.OPEN),
        # The last day is a day of access still.
        ({"valid_until": TODAY}, Access.OPEN),
        ({"valid_until": TODAY - DAY}, Access.EXPIRED),
        ({"valid_until": TODAY - DAY, "revoked_on": TODAY}, Access.REVOKED),
        ({"revoked_on": TODAY + DAY}, Access.OPEN),
        ({"granted_on": TODAY + DAY}, Access.PLANNED),
    ],
)
def test_a_grant_lets_in_until_it_is_revoked(told: dict[str, dt.date], access: Access) -> None:
    assert access_of(grant(**told), TODAY) is access


@pytest.mark.parametrize(
    ("starts", "times", "days", "since"),
    [
        # A contract over on 31 October: November until today, the 24th.
        ("2026-08-16", [("2020-01-01", "2026-10-31")], 24, "2026-11-01"),
        ("2026-08-16", [("2020-01-01", None)], 0, None),
        ("2026-08-16", [("2020-01-01", "2026-11-24")], 0, None),
        ("2026-08-16", [("2020-01-01", "2026-11-23")], 1, "2026-11-24"),
        # Before the contract began and after it was over.
        ("2026-10-30", [("2026-11-02", "2026-11-20")], 3 + 4, "2026-11-21"),
        ("2026-10-30", [("2026-11-25", None)], 26, "2026-10-30"),
    ],
)
def test_the_days_without_a_contract_are_counted(
    starts: str, times: list[tuple[str, str | None]], days: int, since: str | None
) -> None:
    spans = [(dt.date.fromisoformat(one), dt.date.fromisoformat(two) if two else None) for one, two in times]
    found = uncovered(dt.date.fromisoformat(starts), TODAY, spans)
    assert found == (days, since and dt.date.fromisoformat(since))


_NUMBER = st.integers(min_value=0, max_value=60)


@given(_NUMBER, _NUMBER, st.lists(st.tuples(_NUMBER, st.none() | _NUMBER), max_size=5))
def test_counting_day_by_day_says_the_same(one: int, other: int, spans: list[tuple[int, int | None]]) -> None:
    starts, last = TODAY + DAY * min(one, other), TODAY + DAY * max(one, other)
    times = [
        (TODAY + DAY * begins, None if length is None else TODAY + DAY * (begins + length)) for begins, length in spans
    ]
    without = [
        day
        for day in (starts + DAY * number for number in range((last - starts).days + 1))
        if not any(begins <= day and (ends is None or day <= ends) for begins, ends in times)
    ]
    since = None
    for day in reversed([starts + DAY * number for number in range((last - starts).days + 1)]):
        if day not in without:
            break
        since = day
    assert uncovered(starts, last, times) == (len(without), since)
