"""Marks from the command line: the list of who may not be mailed, for the mailing tool."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.access.at import at_command
from compliance.marks import mailing
from compliance.reading import copy
from compliance.register import engine as register_engine
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance marks may-not-mail [--addresses] --out FILE."""
    os.umask(0o077)
    parser = command.parser(
        "compliance marks",
        "Writes the list of who may not be mailed, for the mailing tool: who has opted out by the register or by the "
        "source, has objected, is restricted, or is stored for nothing but a hold or the law. It is CSV of keyed "
        "digests (the first 128 bits of HMAC-SHA-256 of email|address, by the key of the suppression list that key_id "
        "names; the address in lower case, its domain in ASCII); whoever was erased is among them.",
    )
    parser.add_argument("action", choices=["may-not-mail"])
    parser.add_argument(
        "--addresses", action="store_true", help="the addresses themselves, as far as the copy knows them"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the new file")
    options = parser.parse_args(arguments)
    return attempt(lambda: _write(options), options.language)


def _write(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))

    def written() -> int:
        reading = copy.current(settings, at.register, at.today, at.policy, at.parameters, kept=False)
        if reading is None:
            raise Refused("build_missing")
        return mailing.write(at, reading, options.out, options.language, "plain", plain=options.addresses)

    rows = copy.retried(written)
    sys.stdout.write(say("marks.written", options.language, rows=rows, file=str(options.out)) + "\n")
    return Exit.DONE
