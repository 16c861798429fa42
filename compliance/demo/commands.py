"""The demo company from the command line."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.demo import start
from compliance.demo.generate import write_exports
from compliance.words import command
from compliance.words.command import Exit, attempt

_FEWEST, _MOST = 1_000, 10_000_000
_FIRST_YEAR, _LAST_YEAR = 1980, 2099


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance demo prepare | exports."""
    options = _parser().parse_args(arguments)
    return attempt(lambda: start.main() if options.action == "prepare" else _exports(options), options.language)


def _exports(options: argparse.Namespace) -> Exit:
    manifest = write_exports(
        options.out, options.persons, options.as_of, seed=options.seed, this_week=not options.week_before
    )
    sys.stdout.write(f"{manifest.persons} persons, {sum(manifest.bases.values())} bases, in {options.out}\n")
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = command.parser("compliance demo", "An invented company, to look at and to measure with.")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("prepare", help="bring the demo's store up to today; nothing where a sign-in is configured")
    exports = actions.add_parser("exports", help="write the company's exports")
    exports.add_argument("--persons", type=_persons, default=5000, help="from 1,000 to 10,000,000")
    exports.add_argument("--as-of", type=_day, required=True, help="the day they are made for, as 2026-11-24")
    exports.add_argument("--out", type=Path, required=True)
    exports.add_argument("--seed", type=int, default=1)
    exports.add_argument("--week-before", action="store_true", help="as they would have been a week earlier")
    return parser


def _persons(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not _FEWEST <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text}: expected a number from {_FEWEST:,} to {_MOST:,}")
    return int(text)


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    # The company's history goes decades back, and its contracts years ahead.
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text}: expected a day from {_FIRST_YEAR} to {_LAST_YEAR}, as 2026-11-24")
    return day
