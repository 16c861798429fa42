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
from compliance.words.command import Exit, refuse
from compliance.words.refusal import Refused


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance demo prepare | exports."""
    options = _parser().parse_args(arguments)
    try:
        if options.action == "prepare":
            return start.main()
    except Refused as refused:
        return refuse(refused, options.language)
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
    exports.add_argument("--persons", type=int, default=5000, help="from 1,000 to 10,000,000")
    exports.add_argument("--as-of", type=dt.date.fromisoformat, required=True, help="the day they are made for")
    exports.add_argument("--out", type=Path, required=True)
    exports.add_argument("--seed", type=int, default=1)
    exports.add_argument("--week-before", action="store_true", help="as they would have been a week earlier")
    return parser
