"""Tests that take longer than others, which `make quick` leaves to `make test`: one in eight, and most of the time.

Which they are stands in tests/longer.txt. A run of all tests with `--note-times` writes it anew.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import fmean

import pytest

LIST = Path(__file__).with_name("longer.txt")
# Seconds, of one test or one example of it, on two slow cores with three at work.
_LONG = 1.0

_calls: dict[str, list[float]] = defaultdict(list)
_setups: dict[str, list[float]] = defaultdict(list)


def options(parser: pytest.Parser) -> None:
    """The command line's two words about them."""
    group = parser.getgroup("longer")
    group.addoption("--quick", action="store_true", help="leave out the tests that tests/longer.txt names")
    group.addoption("--note-times", action="store_true", help="write tests/longer.txt anew, after a run of all tests")


def heed(report: pytest.TestReport) -> None:
    """Takes in how long a step of a test took."""
    if report.when == "call":
        _calls[function(report.nodeid)].append(report.duration)
    elif report.when == "setup":
        _setups[file(report.nodeid)].append(report.duration)


def note(config: pytest.Config) -> None:
    """Writes the list, where that was asked for."""
    if config.getoption("--note-times"):
        LIST.write_text("".join(f"{one}\n" for one in longer(_calls, _setups)), "utf-8")


def longer(calls: dict[str, list[float]], setups: dict[str, list[float]]) -> list[str]:
    """The functions whose examples take long, and all of a file in which what they need does."""
    slow = {one for one, times in setups.items() if fmean(times) > _LONG}
    return sorted(one for one, times in calls.items() if file(one) in slow or fmean(times) > _LONG)


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves them out, where that was asked for."""
    if config.getoption("--quick"):
        named = set(LIST.read_text("utf-8").split())
        config.hook.pytest_deselected(items=[item for item in items if function(item.nodeid) in named])
        items[:] = [item for item in items if function(item.nodeid) not in named]


def tell(reporter: pytest.TerminalReporter) -> None:
    """Says what was not run."""
    if reporter.config.getoption("--quick"):
        reporter.write_line("Quick: the tests that tests/longer.txt names are left to `make test`.")


def function(nodeid: str) -> str:
    """A test without its example."""
    return nodeid.partition("[")[0]


def file(nodeid: str) -> str:
    """The file of a test."""
    return nodeid.partition("::")[0]
