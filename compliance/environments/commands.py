"""Support access from the command line: the log of sessions that a system writes is taken in by cron."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.access.at import at_command
from compliance.environments import sessions
from compliance.register import engine as register_engine
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance access sessions FILE."""
    os.umask(0o077)
    parser = command.parser(
        "compliance access",
        "Takes in a CSV file of sessions in customers' environments: the number of each, environment, account or "
        "holder, started, ended, ticket. Who it was is kept as a keyed digest, and the file is not kept.",
    )
    parser.add_argument("action", choices=["sessions"])
    parser.add_argument("file", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    return attempt(lambda: _sessions(options), options.language)


def _sessions(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    try:
        data = options.file.read_bytes()
    except OSError:
        raise Refused("sessions_no_file", file=str(options.file)) from None
    taken = sessions.take_in_by_command(at, data)
    told = say("access_command.taken", options.language, new=taken.new, changed=taken.changed)
    sys.stdout.write(f"{told}\n")
    if not taken.unread:
        return Exit.DONE
    lines = ", ".join(map(str, taken.unread[:10]))
    sys.stderr.write(say("access_command.unread", options.language, rows=len(taken.unread), lines=lines) + "\n")
    return Exit.REFUSED
