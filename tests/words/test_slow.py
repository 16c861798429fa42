"""Deadlines of requests as counted by chance on both ways: by the module, and day by day."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from compliance.words.deadlines import (
    Pause,
    RequestState,
    add_months,
    add_working_days,
    is_working_day,
    redirect_due_on,
    request_deadline,
    request_state,
)
from tests.words import slow
from tests.world import shipped_parameters

PARAMETERS = {eves: shipped_parameters().model_copy(update={"eves_as_holidays": eves}) for eves in (False, True)}


def some_day(rng: random.Random) -> dt.date:
    """Often about a month's end, Easter, midsummer or the turn of the year."""
    year = rng.randrange(2024, 2034)
    near = rng.choice(
        (slow.easter(year), dt.date(year, 6, 24), dt.date(year, 12, 25), dt.date(year, 2, 28), dt.date(year, 8, 31))
    )
    month_before = near - dt.timedelta(days=rng.choice((0, 28, 30, 31, 91, 92)))
    return month_before + dt.timedelta(days=rng.randrange(-4, 5))


def some_pauses(rng: random.Random, received: dt.date) -> list[slow.Pause]:
    pauses: list[slow.Pause] = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        asked = received + dt.timedelta(days=rng.randrange(-1, 8))
        answered = asked + dt.timedelta(days=rng.randrange(-1, 15))
        pauses.append((asked, rng.choice((answered, answered, None))))
    return pauses


@pytest.mark.parametrize("seed", range(4))
def test_a_deadline_is_the_same_counted_day_by_day(seed: int) -> None:
    rng = random.Random(seed)
    seen: set[tuple[bool, bool, bool]] = set()
    for _ in range(250):
        received, eves = some_day(rng), rng.random() < 0.2
        pauses = some_pauses(rng, received)
        seen_on = rng.choice((None, received + dt.timedelta(days=rng.randrange(40))))
        first = slow.due(received, pauses, seen=seen_on, eves=eves)[0]
        notice = rng.choice((None, first + dt.timedelta(days=rng.randrange(-2, 3))))
        reason = rng.choice((None, "", "many requests", "many requests"))
        last, days, extended, moves = slow.due(received, pauses, notice, reason, seen_on, eves)
        told = request_deadline(
            received,
            PARAMETERS[eves],
            pauses=[Pause(*pause) for pause in pauses],
            extension_notice_on=notice,
            extension_reason=reason,
            seen_on=seen_on,
        )
        case = (received, pauses, notice, reason, seen_on, eves)
        assert (told.due_on, told.pause_days, told.extension_valid, told.provisional) == (
            last, days, extended, moves
        ), case  # fmt: skip
        seen.add((days > 0, extended, moves))
        for step in (-8, -7, 0, 1):
            as_of = last + step * slow.ONE_DAY
            going = RequestState.OVERDUE if step > 0 else RequestState.DUE_SOON if step >= -7 else RequestState.OPEN
            wanted = RequestState.PAUSED if moves else going
            assert request_state(told, as_of, PARAMETERS[eves], closed_on=None) is wanted, case
    # Waited or not, extended or not, still moving or not.
    assert len(seen) == 8


@pytest.mark.parametrize("eves", [False, True])
def test_free_days_are_those_of_the_church_and_the_law(eves: bool) -> None:
    day = dt.date(2024, 1, 1)
    while day.year < 2034:
        assert is_working_day(day, eves=eves) is not slow.is_free(day, eves), day
        day += slow.ONE_DAY


def test_spans_are_the_same_counted_one_by_one() -> None:
    rng = random.Random(7)
    for _ in range(300):
        day, eves = some_day(rng), rng.random() < 0.5
        months, count = rng.randrange(1, 130), rng.randrange(0, 9)
        assert add_months(day, months) == slow.months_after(day, months)
        assert add_working_days(day, count, eves=eves) == slow.working_days_after(day, count, eves)
        assert redirect_due_on(day, PARAMETERS[eves]) == slow.working_days_after(day, 5, eves)
