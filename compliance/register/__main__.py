"""The register's command line: python -m compliance.register backup FILE | restore FILE | replay."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from compliance.operations import backup, replay
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES

DONE, REFUSED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 refused, 2 wrong usage."""
    os.umask(0o077)
    options = _parser().parse_args(arguments)
    try:
        settings = settings_of.load()
        _carry_out(settings, engine(settings), options, dt.datetime.now(dt.UTC))
    except Refused as refused:
        print(refusal(refused.code, options.language, refused.values), file=sys.stderr)
        return REFUSED
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m compliance.register",
        description="Backs the register up, brings a backup back, and replays purges that the register does not know.",
        epilog="Exit codes: 0 done, 1 refused, 2 wrong usage.",
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    actions = parser.add_subparsers(dest="action", required=True)
    saved = actions.add_parser(
        "backup",
        help="write the register into a new file",
        description="Writes the register, SQLite or PostgreSQL, into one new file. The keys of the copy's builds are "
        "left out, so that a backup opens no build that was destroyed. It holds the contact details of open requests.",
    )
    saved.add_argument("file", type=Path)
    restored = actions.add_parser(
        "restore",
        help="bring a backup back into an empty register",
        description="Checks the backup, brings it back whole or not at all, and replays the purges made since. "
        "The copy is then made anew by taking the exports in.",
    )
    restored.add_argument("file", type=Path)
    restored.add_argument(
        "--replace", action="store_true", help="replace a register that is not empty, after a backup of it beside FILE"
    )
    actions.add_parser("replay", help="tell the register of purges that it does not know, from the evidence")
    return parser


def _carry_out(settings: Settings, register: sa.Engine, options: argparse.Namespace, now: dt.datetime) -> None:
    if options.action == "backup":
        rows = backup.save(register, options.file, now)
        print(say("register_cli.saved", options.language, rows=rows, file=options.file.name))
    elif options.action == "restore":
        restored = backup.restore(settings, register, options.file, now, replace=options.replace)
        if restored.replaced is not None:
            print(say("register_cli.replaced", options.language, file=restored.replaced.name))
        print(say("register_cli.restored", options.language, rows=restored.rows))
        _tell(restored.replayed, options.language)
    else:
        _tell(replay.replay(settings, register, now), options.language)


def _tell(replayed: replay.Replayed, language: str) -> None:
    if replayed.batches:
        print(say("register_cli.replayed", language, batches=replayed.batches, entries=replayed.entries))
    if replayed.thrown_away:
        print(say("register_cli.thrown_away", language))
    if not replayed.batches and not replayed.thrown_away:
        print(say("register_cli.nothing_to_replay", language))


if __name__ == "__main__":
    sys.exit(main())
