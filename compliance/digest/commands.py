"""Digests from the command line, for cron."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.access.at import At, at_command
from compliance.access.readers import readers
from compliance.digest import calendar, verbs
from compliance.digest.tables import State
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.review import silence
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt, worst
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.texts import say

_EXITS = {State.SENT: Exit.DONE, State.DELAYED: Exit.WAITING, State.FAILED: Exit.REFUSED}


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance digest send [--again] | check | calendar --out FILE."""
    os.umask(0o077)
    parser = command.parser(
        "compliance digest",
        "Tells each reader by mail, once a week, what waits for them and what has changed: send, once an hour, which "
        "sends what is due and tries again what was delayed. check says who was not told. calendar writes the "
        "deadlines as an iCalendar file. Nothing of it is about a person.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    send = actions.add_parser("send", help="the week's digest to whoever has not had it")
    send.add_argument("--again", action="store_true", help="also what failed today")
    actions.add_parser("check", help="who was not told, and why")
    calendars = actions.add_parser("calendar", help="the deadlines as a calendar")
    calendars.add_argument("--out", type=Path, required=True, metavar="FILE", help="the new file, as deadlines.ics")
    options = parser.parse_args(arguments)
    work = {"send": _send, "check": _check, "calendar": _calendar}[options.action]
    return attempt(lambda: work(options), options.language)


def _at() -> At:
    settings = settings_of.load()
    return at_command(settings, engine(settings), dt.datetime.now(dt.UTC))


def _read(at: At) -> Reading | None:
    if not at.settings.builds.exists():
        return None
    return copy.current(at.settings, at.register, at.today, at.policy, at.parameters)


def _send(options: argparse.Namespace) -> Exit:
    at, tongue = _at(), options.language
    done = copy.retried(lambda: verbs.send(at, lambda: _read(at), again=options.again))
    for one in done:
        who = {"role": say(f"role.{one.reader.actor.role}", tongue), "who": reference(one.reader.actor.pseudonym)}
        if one.outcome.why is None:
            sys.stdout.write(say("digest.done", tongue, **who) + "\n")
        else:
            why = silence.why_in_words(one.outcome.why, one.outcome.answer, tongue)
            state = say(f"digest_state.{one.outcome.state}", tongue)
            sys.stderr.write(say("digest.not_done", tongue, **who, state=state, why=why) + "\n")
    listed = readers(at.settings)
    if done:
        untold = [say("silence.without_role", tongue, place=place) for place in listed.without_role]
    else:
        # Nobody is due, which is no reason to be content where somebody was not told: what failed waits for its day.
        untold = silence.told(at.settings, at.register, at.today, tongue)
        if not untold:
            sys.stdout.write(say("digest.nothing_due" if listed.told else "digest.no_readers", tongue) + "\n")
    for line in untold:
        sys.stderr.write(line + "\n")
    return worst([*(_EXITS[one.outcome.state] for one in done), *(Exit.REFUSED for _ in untold)])


def _calendar(options: argparse.Namespace) -> Exit:
    at, tongue = _at(), options.language
    count = copy.retried(lambda: calendar.write(at, _read(at), tongue, options.out))
    sys.stdout.write(say("digest.calendar_written", tongue, count=count, file=str(options.out)) + "\n")
    return Exit.DONE


def _check(options: argparse.Namespace) -> Exit:
    at = _at()
    if at.settings.mail is None:
        raise Refused("mail_not_set")
    found = silence.told(at.settings, at.register, at.today, options.language)
    for line in found:
        sys.stderr.write(line + "\n")
    if not found:
        sys.stdout.write(say("digest.all_told", options.language) + "\n")
    return Exit.REFUSED if found else Exit.DONE
