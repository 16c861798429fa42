"""The report from the command line."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.access.at import at_command
from compliance.register import engine as register_engine
from compliance.report import files
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance report [--snapshot N|latest] [--format pdf|xlsx|zip] --out FILE."""
    os.umask(0o077)
    parser = command.parser(
        "compliance report",
        "Writes the report of a snapshot: PDF for the board and the file, XLSX with a sheet per table, or ZIP of CSV. "
        "It holds figures and no persons; the same snapshot always gives the same figures.",
    )
    parser.add_argument("--snapshot", type=_number, default="latest", metavar="N|latest", help="which snapshot")
    parser.add_argument("--format", choices=files.FORMS, default="pdf", help="in which form")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the new file")
    options = parser.parse_args(arguments)
    return attempt(lambda: _write(options), options.language)


def _number(text: str) -> int | None:
    if text == "latest":
        return None
    try:
        return command.number(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor latest") from None


def _write(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    report = files.write(at, options.snapshot, options.format, options.language, options.out)
    sys.stdout.write(say("report.written", options.language, named=report.named, file=str(options.out)) + "\n")
    return Exit.DONE
