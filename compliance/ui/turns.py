"""Runs of pages take turns. Python works at one of them at a time: where many share it all of them end late, and a
third of the time goes into changing from one to another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Longer than nearly every run. A slow one, as a first opening or a file that is looked into, goes on beside the next.
_LEASE_SECONDS = 0.4


class Turns:
    """One turn after the other, in the order in which they were asked for; nobody waits for one that lasts longer than
    the lease.
    """

    def __init__(self, lease: float = _LEASE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease = lease
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._whose: object | None = None
        self._until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn until the end of the block, once it comes."""
        mine = object()
        with self._changed:
            self._waiting.append(mine)
            try:
                while self._waiting[0] is not mine or self._left() > 0:
                    # Only the next one looks at the clock.
                    self._changed.wait(self._left() if self._waiting[0] is mine else None)
            finally:
                # Whatever ends the wait: all that come after it would wait for ever.
                self._waiting.remove(mine)
                self._changed.notify_all()
            self._whose, self._until = mine, self._clock() + self._lease
        try:
            yield
        finally:
            with self._changed:
                if self._whose is mine:
                    self._whose = None
                    self._changed.notify_all()

    def _left(self) -> float:
        return 0.0 if self._whose is None else self._until - self._clock()


turns = Turns()
