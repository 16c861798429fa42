"""Runs of pages take turns, in order, and nobody waits for a slow one longer than its lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from compliance.ui.turns import Turns


class Run:
    """A run of a page in a thread of its own, which ends when it is told to."""

    def __init__(self, turns: Turns, began: list[Run]) -> None:
        self._end = threading.Event()
        self._turns, self._began = turns, began
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        with self._turns.turn():
            self._began.append(self)
            self._end.wait(120)

    def end(self) -> None:
        self._end.set()
        self._thread.join(60)


@pytest.fixture
def began() -> Iterator[list[Run]]:
    """The runs that had their turn, in order; all of them end with the test."""
    runs: list[Run] = []
    yield runs
    for one in runs:
        one.end()


def until(what: Callable[[], bool]) -> None:
    for _ in range(2000):
        if what():
            return
        time.sleep(0.01)
    raise TimeoutError


def waiting(turns: Turns, number: int) -> None:
    until(lambda: len(turns._waiting) == number)


def test_they_come_one_after_the_other_in_the_order_in_which_they_asked(began: list[Run]) -> None:
    turns = Turns(lease=1000)
    runs = []
    for place in range(4):
        runs.append(Run(turns, began))
        waiting(turns, place) if place else until(lambda: len(began) == 1)
    for place, one in enumerate(runs):
        until(lambda: len(began) == place + 1)  # noqa: B023 - asked before the next turn of the loop
        assert began == runs[: place + 1]
        one.end()


def test_one_that_lasts_longer_than_its_lease_goes_on_beside_the_next(began: list[Run]) -> None:
    now = [0.0]
    turns = Turns(lease=10, clock=lambda: now[0])

    def pass_to(moment: float) -> None:
        now[0] = moment
        with turns._changed:
            turns._changed.notify_all()

    slow = Run(turns, began)
    until(lambda: len(began) == 1)
    second = Run(turns, began)
    waiting(turns, 1)
    pass_to(9.9)
    time.sleep(0.1)
    assert began == [slow]
    pass_to(10)
    until(lambda: began == [slow, second])
    # The slow one has no turn any more that it could end.
    third = Run(turns, began)
    waiting(turns, 1)
    slow.end()
    time.sleep(0.1)
    assert began == [slow, second]
    second.end()
    until(lambda: began == [slow, second, third])


def test_a_run_that_breaks_off_ends_its_turn(began: list[Run]) -> None:
    turns = Turns(lease=1000)
    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0
    Run(turns, began)
    until(lambda: len(began) == 1)


def test_a_lease_runs_out_by_itself(began: list[Run]) -> None:
    turns = Turns(lease=0.05)
    slow, second = Run(turns, began), Run(turns, began)
    until(lambda: sorted(map(id, began)) == sorted(map(id, (slow, second))))
