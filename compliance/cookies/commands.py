"""Cookies from the command line: a scan that a scanner makes at night is taken in by cron."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.access.at import at_command
from compliance.cookies import rows, verbs
from compliance.cookies.facts import ScanTold
from compliance.cookies.tables import Phase
from compliance.register import engine as register_engine
from compliance.words import command, times
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance cookies scan FILE --site HOST --phase PHASE [--scanned-at TIME] [--with-cookies]."""
    os.umask(0o077)
    parser = command.parser(
        "compliance cookies",
        "Takes in a scan of cookies: a recording of a browser (HAR), what a scanner or a browser lists (JSON), or a "
        "table (CSV). Names, domains and lifetimes are kept, never what a cookie holds.",
    )
    parser.add_argument("action", choices=["scan"])
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--site", required=True, metavar="HOST", help="the site that was visited")
    parser.add_argument("--phase", choices=[one.value for one in Phase], required=True, help="what had been chosen")
    parser.add_argument("--scanned-at", metavar="TIME", help="as 2026-03-27 16:00, where the file does not say")
    parser.add_argument("--with-cookies", action="store_true", help="the recording was saved with its cookies")
    options = parser.parse_args(arguments)
    return attempt(lambda: _scan(options), options.language)


def _scan(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    try:
        data = options.file.read_bytes()
    except OSError:
        raise Refused("scan_file_unreadable", file=str(options.file)) from None
    told = ScanTold(
        site=options.site, phase=Phase(options.phase), has_cookies=options.with_cookies,
        scanned_at=times.read(options.scanned_at) if options.scanned_at else None,
    )  # fmt: skip
    try:
        number = verbs.take_in_by_command(at, data, told)
    except Refused as refused:
        raise Refused(refused.code, **rows.refusal_values(refused.values, options.language)) from None
    sys.stdout.write(say("cookies.taken_in", options.language, scan=number) + "\n")
    return Exit.DONE
