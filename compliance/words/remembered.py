"""What costs to find and is asked for again: kept by all that it depends on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The answers that were asked for last, so many of them. Whoever asks names all that the answer depends on, and
    changes none that is handed out. Safe to share between threads: of those who ask at once for what is not known yet,
    one finds it and the others wait.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, T] = OrderedDict()
        self._finding: dict[Hashable, threading.Lock] = {}
        self._keeping = threading.Lock()

    def of(self, asked: Hashable, find: Callable[[], T]) -> T:
        """What is known under `asked`, else what `find` says, which is kept unless it raises: then whoever waits for it
        finds it. `find` must not ask for `asked` again.
        """
        with self._keeping:
            if asked in self._known:
                self._known.move_to_end(asked)
                return self._known[asked]
            finding = self._finding.setdefault(asked, threading.Lock())
        with finding:
            with self._keeping:
                if asked in self._known:
                    return self._known[asked]
            try:
                found = find()
                with self._keeping:
                    self._known[asked] = found
                    while len(self._known) > self._most:
                        self._known.popitem(last=False)
                return found
            finally:
                with self._keeping:
                    self._finding.pop(asked, None)
