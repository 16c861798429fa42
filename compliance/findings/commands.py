"""Findings from the command line: the list of the page, for whoever watches by a job."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence

from compliance.access.at import At, at_command
from compliance.findings import gather, rows
from compliance.findings.state import State, Which, belongs
from compliance.reading import copy
from compliance.register import engine as register_engine
from compliance.sources.freshness import freshness
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt

_COLUMNS = ("severity", "finding", "finding_state", "since_on", "owner", "mend_by")


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance findings list [--which WHICH]."""
    os.umask(0o077)
    parser = command.parser(
        "compliance findings",
        "Lists what is not as the rules have it, of every register, a line for each: severity, what, how it stands, "
        "since when, whose it is, and by when.",
    )
    parser.add_argument("action", choices=["list"])
    parser.add_argument("--which", choices=[one.value for one in Which], help="all but the mended ones without it")
    options = parser.parse_args(arguments)
    return attempt(lambda: _work(options), options.language)


def _work(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    for line in copy.retried(lambda: _lines(at, options)):
        sys.stdout.write(line)
    return Exit.DONE


def _lines(at: At, options: argparse.Namespace) -> list[str]:
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters, kept=False)
    sources = {one.source: one.name for one in freshness(at.settings, reading, at.now, options.language)}
    shown = [
        one
        for one in gather.standing(at, reading)
        if (one.state is not State.MENDED if options.which is None else belongs(one, Which(options.which), at.today))
    ]
    return [
        command.line(row[name] for name in _COLUMNS) for row in rows.listing(shown, at.today, options.language, sources)
    ]
