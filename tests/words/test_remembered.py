"""What costs to find is found once for all who ask at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from compliance.words.remembered import Remembered

_ASKERS = 6


def test_one_finds_for_all_who_ask_at_once() -> None:
    kept, found = Remembered[int](2), []
    begun, may_end = threading.Event(), threading.Event()

    def find() -> int:
        found.append(1)
        begun.set()
        assert may_end.wait(10)
        return len(found)

    with ThreadPoolExecutor(_ASKERS) as askers:
        asked = [askers.submit(kept.of, "a", find) for _ in range(_ASKERS)]
        assert begun.wait(10)
        # Another answer is not waited for.
        assert kept.of("b", lambda: 7) == 7
        may_end.set()
        assert [one.result(10) for one in asked] == [1] * _ASKERS


def test_who_waited_for_what_failed_finds_it() -> None:
    kept, tries = Remembered[int](2), []
    begun, may_end = threading.Event(), threading.Event()

    def find() -> int:
        tries.append(1)
        if len(tries) == 1:
            begun.set()
            assert may_end.wait(10)
            raise ValueError("not this time")
        return 3

    with ThreadPoolExecutor(2) as askers:
        first = askers.submit(kept.of, "a", find)
        assert begun.wait(10)
        second = askers.submit(kept.of, "a", find)
        may_end.set()
        with pytest.raises(ValueError, match="not this time"):
            first.result(10)
        assert second.result(10) == 3
    assert len(tries) == 2 and kept.of("a", find) == 3 and len(tries) == 2


def test_the_last_that_were_asked_for_are_kept() -> None:
    kept = Remembered[str](2)
    for asked in ("a", "b", "a", "c"):
        kept.of(asked, lambda: "known")
    assert [kept.of(asked, lambda: "new") for asked in ("a", "c", "b")] == ["known", "known", "new"]
