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
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance review keep."""
    os.umask(0o077)
    parser = command.parser(
        "compliance review", "Measures every figure of the day and keeps it, with a number: keep, once a night."
    )
    parser.add_argument("action", choices=["keep"])
    options = parser.parse_args(arguments)
    return attempt(lambda: _keep(options.language), options.language)


def _keep(language: str) -> Exit:
    settings = settings_of.load()
    if not settings.builds.exists():
        raise Refused("nothing_to_measure")
    at = at_command(settings, engine(settings), dt.datetime.now(dt.UTC))

    def kept() -> tuple[int, dt.date]:
        reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
        if reading is None:
            raise Refused("nothing_to_measure")
        return verbs.keep(at, reading, Occasion.NIGHT), reading.as_of

    number, as_of = copy.retried(kept)
    sys.stdout.write(say("review_command.kept", language, number=str(number), as_of=as_of) + "\n")
    return Exit.DONE
