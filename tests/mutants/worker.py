"""A process of its own that tries mutants of one statement, one after the other, and says of each whether it lived.

Reads the statement's name and the texts, one JSON list a line: [name, [[number, text], ...]]; answers one line each.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.words import queries
from tests.mutants.targets import TARGETS, Target

# A statement that never ends takes memory until it is stopped.
_MEMORY = 6 << 30
_PYTEST = (
    "-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", "not postgresql and not mariadb", "-m",
    "not real_writer and not browser", "--timeout", "120",
)  # fmt: skip
_told: dict[str, str] = {}


def _load(name: str, plain: Callable[[str], str] = queries.load) -> str:
    return _told.get(name) or plain(name)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    kept = os.dup(1), os.dup(2)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            for at, was in enumerate(kept, 1):
                os.dup2(was, at)
                os.close(was)


def _red(target: Target, check: object) -> str | None:
    """What first told the mutant; None where nothing did."""
    if callable(check):
        try:
            check()
        except Exception as error:
            return type(error).__name__
    if target.tests:
        ended = pytest.main([*_PYTEST, *target.tests])
        if ended != pytest.ExitCode.OK:
            return f"tests: {ended.name if isinstance(ended, pytest.ExitCode) else ended}"
    return None


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    name, texts = json.loads(sys.stdin.readline())
    queries.load = _load  # type: ignore[assignment]
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        check = target.check(Path(folder)) if target.check else None
        for number, text in texts:
            _told[name] = text
            with _silent():
                red = _red(target, check)
            print(json.dumps([number, red]), flush=True)


if __name__ == "__main__":
    main()
