"""What every command line says alike: exit codes, languages, and why something was refused."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
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
    # Somebody else is at it, or may be: the same call is good later.
    WAITING = 3
    # What was to be checked could not be: nothing is said of whether it is as it was written.
    UNCHECKED = 4


EXIT_CODES = (
    "Exit codes: 0 done or nothing to do, 1 something was refused, failed or is not as it was written, 2 wrong call, "
    "3 somebody else is or may be at work, try again later, "
    "4 what was to be checked could not be."
)
_LATER = ("automatic_under_way", "batch_at_work", "intake_running", "register_busy")


def parser(prog: str, description: str, **options: Any) -> argparse.ArgumentParser:
    """A parser that tells the exit codes and takes `--language`."""
    made = argparse.ArgumentParser(prog=prog, description=description, epilog=EXIT_CODES, **options)
    made.add_argument("--language", choices=LANGUAGES, default="en")
    return made


def exit_of(refused: Refused) -> Exit:
    """The exit code of a refusal."""
    return Exit.WAITING if refused.code in _LATER else Exit.REFUSED


def worst(ended: Iterable[Exit]) -> Exit:
    """The exit code of several pieces of work: what was refused is worse than what has to wait."""
    told = set(ended)
    return next((code for code in (Exit.REFUSED, Exit.WAITING) if code in told), Exit.DONE)


def attempt(work: Callable[[], int], *languages: str, refused_as: Exit = Exit.REFUSED) -> int:
    """Does a command's work and returns its exit code; says in words why it was refused, and what a file did not do.

    What was refused and need not wait ends with `refused_as`.
    """
    try:
        return work()
    except Refused as refused:
        told = refuse(refused, *languages)
        return told if told is Exit.WAITING else refused_as
    except BrokenPipeError:
        # Whoever read the answer has read enough (`| head`); what is left of it is for nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return refused_as
    except OSError as error:
        refuse(Refused("file_failed", file=str(error.filename or "–"), why=error.strerror or ""), *languages)
        return refused_as


def refuse(refused: Refused, *languages: str) -> Exit:
    """Says on standard error, in words, why something was refused; in several languages where nobody has chosen one."""
    for language in languages:
        sys.stderr.write(refusal(refused.code, language, refused.values) + "\n")
    return exit_of(refused)
