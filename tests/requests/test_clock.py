"""Where a request stands by all that was recorded of it, counted once more day by day from what counts of it."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from compliance.requests import clock, steps
from compliance.requests.steps import Recorded
from compliance.requests.tables import Step
from compliance.words.deadlines import RequestState
from tests.words import slow
from tests.words.test_slow import some_day
from tests.world import shipped_parameters

PARAMETERS = shipped_parameters()
EMPTY: dict[str, Any] = dict.fromkeys(
    (
        "clock_from", "identity_asked_on", "identity_answered_on", "extension_notice_on", "extension_reason",
        "closed_on", "effect_on", "answered_on",
    )
)  # fmt: skip


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


class Story:
    """A request's steps by chance, each as it happened or written wrong first, and what is true in the end."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self._numbers = rng, count(1)
        self.steps: list[Recorded] = []
        self._wrong: list[Recorded] = []
        self.received = self.starts = some_day(rng)
        self.pauses: list[slow.Pause] = []
        self.notice: dt.date | None = None
        self.reason: str | None = None
        self._add(Step.RECEIVED, self.received, kind="access", channel="mail")
        for _ in range(rng.choice((0, 1, 2, 3))):
            self._ask()
        if rng.random() < 0.3:
            if rng.random() < 0.5:
                self._add(Step.EXTENDED, self._last(), reason="complex")
            self.starts = self._last() + days(rng.randrange(1, 20))
            self._add(Step.CLOSED, self.starts, outcome="done")
            self._add(Step.REOPENED, self.starts, clock="anew")
            self.pauses, self.notice, self.reason = [], None, None
            self._ask()
        elif rng.random() < 0.3:
            self._add(Step.CLOSED, self._last(), outcome="done")
            self._add(Step.REOPENED, self._last(), clock="as_before")
        if rng.random() < 0.5:
            first = slow.due(self.starts, self.pauses)[0]
            self.notice = max(self._last(), first + days(rng.randrange(-3, 3)))
            self.reason = "complex"
            self._add(Step.EXTENDED, self.notice, reason="complex")
        for one in self._wrong:
            right = next(self._numbers)
            wrong = max(self.received, one.happened_on - days(rng.randrange(0, 5)))
            self.steps.append(replace(one, happened_on=wrong, corrected_by=right))
            self.steps.append(replace(one, step_id=right, corrects=one.step_id))

    def _last(self) -> dt.date:
        return max(one.happened_on for one in (*self.steps, *self._wrong))

    def _ask(self) -> None:
        asked = self._last() + days(self.rng.randrange(0, 4))
        answered = asked + days(self.rng.randrange(0, 12))
        self._add(Step.IDENTITY_ASKED, asked, doubt="other")
        self._add(Step.IDENTITY_ANSWERED, answered)
        self.pauses.append((asked, answered))

    def _add(self, step: Step, day: dt.date, **facts: str) -> None:
        number = next(self._numbers)
        told = steps.facts_from(step, facts)
        if step is not Step.RECEIVED and self.rng.random() < 0.2:
            # Recorded on a wrong day, and put right long after.
            self._wrong.append(Recorded(number, step, day, told))
            return
        if self.rng.random() < 0.15:
            # Recorded of something that never happened, and struck out.
            struck = next(self._numbers)
            self.steps.append(Recorded(number, Step.ANSWERED, day, steps.Nothing(), corrected_by=struck))
            self.steps.append(Recorded(struck, Step.NOT_SO, day, steps.Nothing(), corrects=number))
            number = next(self._numbers)
        self.steps.append(Recorded(number, step, day, told))


@pytest.mark.parametrize("seed", range(2))
def test_the_deadline_is_the_one_that_is_counted_from_what_is_true(seed: int) -> None:
    rng = random.Random(seed)
    moved = set()
    for _ in range(400):
        story = Story(rng)
        told = steps.in_order(story.steps)
        row = {**EMPTY, **steps.columns_of(told)}
        seen = story._last() + days(200)
        found = clock.standing(row, told, PARAMETERS, seen)
        last, waited, extended, _ = slow.due(story.starts, story.pauses, story.notice, story.reason, seen)
        assert (found.due_on, found.law.pause_days, found.law.extension_valid) == (last, waited, extended)
        assert (found.starts_on, found.state) == (story.starts, RequestState.OVERDUE)
        assert row["answered_on"] is None
        moved.add((story.starts != story.received, bool(waited), extended))
    assert len(moved) == 8


@pytest.mark.parametrize("seed", range(2))
def test_an_objection_is_due_on_the_next_working_day_until_it_has_taken_effect(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        received = some_day(rng)
        row = {**EMPTY, "kind": rng.choice(("objection", "opt_out")), "role": "controller", "received_on": received}
        found = clock.standing(row, [], PARAMETERS, received)
        assert found.due_on == found.effect_due_on == slow.working_days_after(received, 1)
        effect = {**row, "effect_on": received + days(rng.randrange(0, 9))}
        assert clock.standing(effect, [], PARAMETERS, received - days(1)).effect_due_on is not None
        after = clock.standing(effect, [], PARAMETERS, received + days(9))
        assert (after.effect_due_on, after.due_on) == (None, slow.due(received, [])[0])
