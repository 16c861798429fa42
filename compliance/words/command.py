"""What every command line says alike: exit codes, languages, and why something was refused."""

from __future__ import annotations

import argparse
import sys
from enum import IntEnum
from typing import Any

from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES


class Exit(IntEnum):
    """The exit codes of every command, for cron."""

    # Done, or nothing to do.
    DONE = 0
    # Something was refused, failed, or is not as it was written.
    REFUSED = 1
    # No such call; nothing was tried. argparse ends with this one, too.
    USAGE = 2


EXIT_CODES = (
    "Exit codes: 0 done or nothing to do, 1 something was refused, failed or is not as it was written, 2 wrong call."
)


def parser(prog: str, description: str, **options: Any) -> argparse.ArgumentParser:
    """A parser that tells the exit codes and takes `--language`."""
    made = argparse.ArgumentParser(prog=prog, description=description, epilog=EXIT_CODES, **options)
    made.add_argument("--language", choices=LANGUAGES, default="en")
    return made


def refuse(refused: Refused, language: str) -> Exit:
    """Says on standard error, in words, why something was refused."""
    sys.stderr.write(refusal(refused.code, language, refused.values) + "\n")
    return Exit.REFUSED
