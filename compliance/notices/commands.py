"""Sources and notices from the command line: where prospects come from, and who is still to be told."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence

from compliance.access.at import At, at_command
from compliance.notices import asks, rows, state
from compliance.reading import copy
from compliance.register import engine as register_engine
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused

_COLUMNS = (
    "source_name",
    "notice_word",
    "notice_origin",
    "notice_persons",
    "notice_waiting",
    "notice_late",
    "notice_next",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance notices list."""
    os.umask(0o077)
    parser = command.parser(
        "compliance notices",
        "Lists where prospects come from, a line for each source, by its name in sources.toml, and word: what the word "
        "means, how many they are, how many are still to be told, how many should have been, and by when the next.",
    )
    parser.add_argument("action", choices=["list"])
    options = parser.parse_args(arguments)
    return attempt(lambda: _work(options), options.language)


def _work(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    for line in copy.retried(lambda: _lines(at, options.language)):
        sys.stdout.write(line)
    return Exit.DONE


def _lines(at: At, language: str) -> list[str]:
    """Raises Refused `build_missing` where nothing was taken in yet."""
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters, kept=False)
    if reading is None:
        raise Refused("build_missing")
    prospects = reading.rows(asks.PROSPECTS_BY_ORIGIN, as_of=reading.as_of)
    found = state.groups(state.known(at.register), prospects, reading.as_of)
    told = [rows.group_row(one, reading.as_of, {}, language) for one in found]
    return [command.line(row[name] for name in _COLUMNS) for row in told]
