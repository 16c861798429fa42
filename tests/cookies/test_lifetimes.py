"""How long a cookie lives: by worked cases, by words, and by every row of headers that a slow count agrees on."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.cookies import lifetimes
from compliance.cookies.lifetimes import SESSION, UNKNOWN, Lifetime, SetCookie, of_headers, of_words, read_header
from compliance.words.deadlines import cookie_expires_at
from compliance.words.policy import Parameters
from tests.cookies import slow

SET = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
DAY = 86_400
MOST = 179 * DAY


def header(text: str, at: dt.datetime = SET) -> SetCookie:
    found = read_header(text, at)
    assert found is not None
    return found


def test_c01_a_cookie_of_179_days_of_86400_seconds_is_as_promised_and_a_second_more_is_not() -> None:
    kept = header("pe1=x; Max-Age=15465600")
    assert kept.ends_at == dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC) == cookie_expires_at(SET, Parameters())
    assert of_headers([kept]) == Lifetime(MOST, MOST)
    assert Lifetime(MOST, MOST).is_over(MOST) is False
    found = of_headers([header("pe1=x; Max-Age=15465601")])
    assert found is not None and found.is_over(MOST) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Max-Age goes before Expires, in whatever order they stand, and the last of each counts.
        ("a=1; Max-Age=60; Expires=Wed, 09 Jun 2032 10:18:14 GMT", Lifetime(60, 60)),
        ("a=1; Expires=Wed, 09 Jun 2032 10:18:14 GMT; max-age=60", Lifetime(60, 60)),
        ("a=1; Max-Age=90; Max-Age=60", Lifetime(60, 60)),
        # One that no browser reads is as if it were not there.
        ("a=1; Max-Age=soon; Expires=Mon, 01 Jun 2026 12:00:30 GMT", Lifetime(30, 30)),
        ("a=1; Max-Age=60; Max-Age=", Lifetime(60, 60)),
        # As older servers write it.
        ("a=1; expires=Mon, 01-Jun-2026 12:01:00 GMT", Lifetime(60, 60)),
        ("a=1; Path=/; Secure; HttpOnly", SESSION),
        ("a=1; Expires=next summer", UNKNOWN),
        # Far beyond what a clock can write.
        ("a=1; Max-Age=999999999999999999", Lifetime(36_500 * DAY, 36_500 * DAY)),
        # Taken away.
        ("a=; Max-Age=0", None),
        ("a=; Max-Age=-1", None),
        ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_a_header_says_how_long(text: str, expected: Lifetime | None) -> None:
    assert of_headers([header(text)]) == expected


def test_what_a_cookie_holds_is_in_nothing_that_is_read_of_it() -> None:
    assert "secret" not in repr(header("a=secret; Max-Age=60; Path=/"))
    # Without a name all that there is would be what it holds.
    assert read_header("secret", SET) is None and read_header("=secret; Path=/", SET) is None


def test_setting_a_cookie_again_makes_it_no_new_one() -> None:
    again = [header("a=1; Max-Age=8640000"), header("a=2; Max-Age=8640000", SET + dt.timedelta(days=99))]
    assert of_headers(again) == Lifetime(199 * DAY, 199 * DAY)
    # Once it was over, or was taken away, it is one.
    over = [header("a=1; Max-Age=60"), header("a=2; Max-Age=60", SET + dt.timedelta(seconds=60))]
    assert of_headers(over) == Lifetime(60, 60)
    gone = header("a=; Max-Age=0", SET + dt.timedelta(seconds=1))
    assert of_headers([header("a=1; Max-Age=60"), gone, header("a=1; Max-Age=60", gone.set_at)]) == Lifetime(60, 60)


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(-2, 60))),
        min_size=1, max_size=6, unique_by=lambda header: header[0],
    )
)  # fmt: skip
def test_every_row_of_headers_comes_to_what_a_slow_count_says(headers: list[slow.Header]) -> None:
    told = [
        header("a=1" + ("" if lasts is None else f"; Max-Age={lasts}"), SET + dt.timedelta(seconds=at))
        for at, lasts in headers
    ]
    found = of_headers(told)
    expected = slow.longest(headers)
    if expected is None:
        assert found is None
    else:
        assert found is not None and found.least == found.most == expected
        assert found.is_session is (expected == 0)


@given(st.integers(0, 10**9), st.integers(0, 400))
def test_it_is_over_exactly_where_the_clock_says_so(seconds: int, days: int) -> None:
    expires = SET + dt.timedelta(seconds=seconds)
    is_late = expires > SET + dt.timedelta(days=days)
    assert lifetimes.exactly(seconds).is_over(days * DAY) is is_late


@pytest.mark.parametrize(
    ("words", "days", "over"),
    [
        ("179 days", (179, 179), False),
        ("180 Days", (180, 180), True),
        ("6 months", (181, 184), True),
        ("5 månader", (150, 153), False),
        ("1 year", (365, 366), True),
        ("1 år", (365, 366), True),
        ("2 years", (730, 731), True),
        ("1 year 1 month 4 days", (397, 401), True),
        ("1,5 dag", (1.5, 1.5), False),
        ("30 minutes", (1 / 48, 1 / 48), False),
        ("13 Monate", (393, 397), True),
        ("aldrig", (36_500, 36_500), True),
    ],
)
def test_words_say_how_long_as_far_as_months_have_a_length(words: str, days: tuple[float, float], over: bool) -> None:
    assert of_words(words) == Lifetime(int(days[0] * DAY), int(days[1] * DAY))
    found = of_words(words)
    assert found is not None and found.is_over(MOST) is over


def test_words_that_say_nothing_are_unknown_and_others_unreadable() -> None:
    assert of_words("Session") == SESSION
    assert of_words("Persistent") == of_words("") == UNKNOWN and UNKNOWN.is_over(MOST) is None
    assert of_words("a while") is None and of_words("3 fortnights") is None


def test_one_that_was_there_already_lived_at_least_from_when_it_was_seen() -> None:
    ends_at = SET + dt.timedelta(days=100)
    assert lifetimes.until(ends_at, SET, None) == Lifetime(100 * DAY, None)
    begun_at = SET - dt.timedelta(minutes=1)
    assert lifetimes.until(ends_at, SET, begun_at) == Lifetime(100 * DAY, 100 * DAY + 60)
    assert lifetimes.until(SET - dt.timedelta(days=1), SET, None) == Lifetime(0, None)
