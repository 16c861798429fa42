"""A process of its own that tries mutants of modules, each in a fork of a session of tests that has begun.

Reads the mutants, each as module.function__mutmut_number with the lines in which it is the unchanged function from its
first to where the mutant differs, the tests, and how many seconds a mutant may take at most or null, as JSON; answers a
line for each mutant: [mutant, what told it or null].

mutmut begins a session of tests for each mutant, and fixtures of a whole session are not made to end and begin in one
process: here all are of one, which stands still while its forks go on.
"""

from __future__ import annotations

import functools
import importlib
import json
import math
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

import coverage
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

ENDLESS = "never ended"
_LIVES, _SHARED = "=", ("module", "class", "package")
# How many times as long as it took a test may take, beside what a fork may take for nothing.
_SLOWER, _PATIENCE = 6.0, 30.0


class _Rest(NamedTuple):
    """Passes for the test that comes next, where what the session has made is to stay."""

    session: pytest.Session

    def listchain(self) -> list[pytest.Session]:
        return [self.session]


class Forks:
    """Goes through a session's tests once, unchanged, and then forks for each mutant with those that reach it."""

    def __init__(self, mutants: Sequence[tuple[str, int, int]], most: float | None, out: TextIO) -> None:
        self._mutants, self._most, self._out = mutants, most or math.inf, out
        self._modules = sorted({mutant.rpartition(".")[0] for mutant, _, _ in mutants})
        # By module and line, the tests that come there.
        self._lines: dict[str, dict[int, set[str]]] = {}
        self._seconds: dict[str, float] = {}
        self._sharing: set[Path] = set()
        self._red: dict[str, Counter[str]] = defaultdict(Counter)
        # What turns red in a fork where nothing is changed tells nothing.
        self._sound: dict[str, bool] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        reached = self._reached(session)
        for mutant, first, changed in self._mutants:
            function = mutant.partition("__mutmut_")[0]
            there = self._there(mutant.rpartition(".")[0], first, changed)
            items = {name: item for name, item in reached.get(function, {}).items() if there is None or name in there}
            told = self._by(session, items, function, mutant)
            if told is not None:
                self._red[function][told] += 1
            self._out.write(json.dumps([mutant, told]) + "\n")
            self._out.flush()
        return True

    def _by(self, session: pytest.Session, reached: dict[str, pytest.Item], function: str, mutant: str) -> str | None:
        """What tells a mutant: the first test that it alone turns red, or how it ended the fork."""
        while True:
            items = self._sorted(reached, function)
            told = self._told(session, items, mutant)
            if told == _LIVES:
                return None
            if told not in reached:
                return told
            if told not in self._sound:
                before = items[: [item.nodeid for item in items].index(told) + 1]
                self._sound[told] = self._told(session, before, "") == _LIVES
            if self._sound[told]:
                return told
            print(f"tells nothing, since it fails in any fork: {told}", file=sys.stderr, flush=True)
            del reached[told]

    def _there(self, module: str, first: int, changed: int) -> set[str] | None:
        """The tests that come to a line of a function, or to where what it is part of begins; None: it is its head."""
        lines = self._lines[module]
        return next((lines[line] for line in range(changed, first, -1) if line in lines), None)

    def _reached(self, session: pytest.Session) -> dict[str, dict[str, pytest.Item]]:
        """Which tests come to each function, by its name and theirs."""
        hits: set[str] = set()

        def hit(name: str, caller: str | None = None) -> None:
            del caller
            hits.add(name)

        paths = {module: str(importlib.import_module(module).__file__) for module in self._modules}
        lines = coverage.Coverage(data_file=None, config_file=False, include=list(paths.values()))
        with pytest.MonkeyPatch.context() as patch, lines.collect():
            patch.setattr(trampoline, "record_trampoline_hit", hit)
            trampoline.set_mutant_under_test("stats")
            reached = self._gone_through(session, hits, lines.switch_context)
        together: dict[str, set[str]] = defaultdict(set)
        for item in session.items:
            if item.path in self._sharing:
                together[str(item.path)].add(item.nodeid)
        beside = {name: names for names in together.values() for name in names}
        for module, path in paths.items():
            told = lines.get_data().contexts_by_lineno(path)
            self._lines[module] = {
                line: set[str]().union(*(beside.get(name, {name}) for name in names)) for line, names in told.items()
            }
        return reached

    def _gone_through(
        self, session: pytest.Session, hits: set[str], begin: Callable[[str], object]
    ) -> dict[str, dict[str, pytest.Item]]:
        reached: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
        shared: dict[Path, tuple[set[str], list[pytest.Item]]] = defaultdict(lambda: (set(), []))
        for item, following in zip(session.items, [*session.items[1:], _Rest(session)], strict=True):
            self._forget()
            hits.clear()
            begin(item.nodeid)
            began = time.monotonic()
            reports = runtestprotocol(item, nextitem=following, log=False)  # type: ignore[arg-type]
            self._seconds[item.nodeid] = time.monotonic() - began
            if any(report.failed for report in reports):
                raise RuntimeError(f"red before anything is changed: {item.nodeid}")
            for function in hits:
                reached[function][item.nodeid] = item
            scopes = {one[-1].scope for one in item._fixtureinfo.name2fixturedefs.values()}  # type: ignore[attr-defined]
            if scopes.intersection(_SHARED):
                shared[item.path][0].update(hits)
                shared[item.path][1].append(item)
        # What several tests share was made for the first of them.
        self._sharing = set(shared)
        for functions, items in shared.values():
            for function in functions:
                reached[function].update({item.nodeid: item for item in items})
        return reached

    def _sorted(self, items: dict[str, pytest.Item], function: str) -> list[pytest.Item]:
        """The tests that have told others first, then the quick ones; those that share something together."""
        files: Counter[Path] = Counter()
        for name, item in items.items():
            files[item.path] += int(1000 * self._seconds[name])
        told = self._red[function]
        best = {name for name, _ in told.most_common(5)}

        def rank(item: pytest.Item) -> tuple[bool, int, str, float]:
            seconds = self._seconds[item.nodeid]
            if item.nodeid not in best and item.path in self._sharing:
                return True, files[item.path], str(item.path), seconds
            return item.nodeid not in best, int(1000 * seconds), str(item.path), seconds

        return sorted(items.values(), key=rank)

    def _told(self, session: pytest.Session, items: Sequence[pytest.Item], mutant: str) -> str:
        """The first test that a mutant turns red, or what else ended it, or that it lives."""
        if not items:
            return _LIVES
        factory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        folder = Path(tempfile.mkdtemp(dir=factory.getbasetemp()))
        out, into = os.pipe()
        child = os.fork()
        if not child:
            factory._basetemp = folder
            trampoline.set_mutant_under_test(mutant)
            self._forget()
            os.write(into, self._ran(session, items).encode())
            os._exit(0)
        os.close(into)
        patience = _PATIENCE + _SLOWER * sum(self._seconds[item.nodeid] for item in items)
        ready, _, _ = select.select([out], [], [], min(patience, self._most))
        told = os.read(out, 1 << 16).decode() if ready else ENDLESS
        os.close(out)
        if not ready:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
        return told or "ended the process"

    def _ran(self, session: pytest.Session, items: Sequence[pytest.Item]) -> str:
        try:
            for item, following in zip(items, [*items[1:], _Rest(session)], strict=True):
                reports = runtestprotocol(item, nextitem=following, log=False)  # type: ignore[arg-type]
                if any(report.failed for report in reports):
                    return item.nodeid
        except BaseException as error:
            return type(error).__name__
        return _LIVES

    def _forget(self) -> None:
        """What the modules' functions have answered before is no answer of a mutant."""
        for module in self._modules:
            for one in vars(importlib.import_module(module)).values():
                if isinstance(one, functools._lru_cache_wrapper):
                    one.cache_clear()


def main() -> int:
    mutants, tests, most = json.loads(sys.stdin.readline())
    # Tests write where they like: answers leave by a way of their own.
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        # What a red test would say of itself takes longer than the test, and nobody reads it.
        arguments = ["-q", "-n", "0", "-p", "no:cacheprovider", "--timeout", "120", "--tb=native", "--assert=plain"]
        choice = ["-k", "not postgresql and not mariadb", "-m", "not real_writer and not browser"]
        return int(pytest.main([*arguments, *choice, *tests], plugins=[Forks(mutants, most, out)]))


if __name__ == "__main__":
    sys.exit(main())
