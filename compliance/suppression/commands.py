"""The suppression list from the command line."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Sequence

from compliance.access.at import at_command
from compliance.register import engine as register_engine
from compliance.suppression.verbs import forget_expired, prune, rotate
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance suppression rotate | prune."""
    os.umask(0o077)
    parser = command.parser(
        "compliance suppression",
        "Tends the suppression list: rotate adds a key, prune removes expired entries and unused keys.",
    )
    parser.add_argument("action", choices=["rotate", "prune"])
    options = parser.parse_args(arguments)
    return attempt(lambda: _tend(options.action, options.language), options.language)


def _tend(action: str, language: str) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    if action == "rotate":
        sys.stdout.write(say("suppression_command.rotated", language, key=rotate(at)) + "\n")
    else:
        entries = forget_expired(at)
        dropped = prune(at)
        sys.stdout.write(say("suppression_command.pruned", language, entries=entries, keys=len(dropped)) + "\n")
    return Exit.DONE
