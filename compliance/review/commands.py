"""The review from the command line."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Sequence

from compliance.access.at import at_command
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.review import verbs
from compliance.review.tables import Occasion
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused

_TRIES = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance review keep."""
    os.umask(0o077)
    parser = command.parser(
        "compliance review", "Measures every figure of the day and keeps it, with a number: keep, once a night."
    )
    parser.add_argument("action", choices=["keep"])
    options = parser.parse_args(arguments)
    return attempt(_keep, options.language)


def _keep() -> Exit:
    settings = settings_of.load()
    if not settings.builds.exists():
        raise Refused("nothing_to_measure")
    at = at_command(settings, engine(settings), dt.datetime.now(dt.UTC))
    for _ in range(_TRIES):
        reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
        if reading is None:
            raise Refused("nothing_to_measure")
        try:
            number = verbs.keep(at, reading, Occasion.NIGHT)
        except copy.Retired:
            # A purge has just put another copy in its place: that one is measured.
            continue
        sys.stdout.write(f"review: snapshot {number} of {reading.as_of} kept\n")
        return Exit.DONE
    raise Refused("copy_changing")
