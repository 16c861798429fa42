"""Roles and controls from the command line: a figure that a job of the product counts is told by it."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from compliance.access.at import at_command
from compliance.controls import verbs
from compliance.controls.facts import Figure, Told
from compliance.register import engine as register_engine
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance controls tell FIGURE VALUE --on DAY --source WHERE [--place PLACE]."""
    os.umask(0o077)
    parser = command.parser(
        "compliance controls",
        "Records a figure that only those who run the product know, with the day on which it was counted. The figure "
        "is of a place: of an environment, or of a version of the product.",
    )
    parser.add_argument("action", choices=["tell"])
    parser.add_argument("figure", choices=[one.value for one in Figure], metavar="FIGURE", help=", ".join(Figure))
    parser.add_argument("value", type=int, metavar="VALUE")
    parser.add_argument("--on", required=True, metavar="DAY", help="as 2026-03-27")
    parser.add_argument("--source", required=True, metavar="WHERE", help="who or what counted it; no person")
    parser.add_argument("--place", default="", metavar="PLACE", help="the environment, or the version of the product")
    options = parser.parse_args(arguments)
    return attempt(lambda: _tell(options), options.language)


def _tell(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    try:
        counted_on = dt.datetime.strptime(options.on, "%Y-%m-%d").date()
    except ValueError:
        raise Refused("field_day") from None
    try:
        told = Told(
            figure=Figure(options.figure), place=options.place, value=options.value, counted_on=counted_on,
            source=options.source,
        )  # fmt: skip
    except ValidationError as error:
        raise Refused("figure_unfit", field=str(error.errors()[0]["loc"][0])) from None
    number = verbs.tell_by_command(at, told)
    sys.stdout.write(say("controls.recorded", options.language, entry=number) + "\n")
    return Exit.DONE
