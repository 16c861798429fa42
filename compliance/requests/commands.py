"""Requests from the command line. Names and addresses are read from standard input: others can see arguments."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from compliance.access.at import At, at_command
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.requests import backlog, desk, forget, mail, tickets
from compliance.requests.desk import Asked
from compliance.requests.tables import Channel, Kind, Requester, Step
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.deadlines import RequestState, local_date
from compliance.words.refusal import Refused
from compliance.words.texts import say

_CONTACT = ("name", "email", "phone")


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance requests register | list | step | mail | tickets | forget."""
    os.umask(0o077)
    options = _parser().parse_args(arguments)
    return attempt(lambda: _work(options), options.language)


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compliance requests",
        "Requests of data subjects. register reads name, e-mail and phone from standard input, a line each.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    entered = actions.add_parser("register")
    entered.add_argument("--kind", choices=list(Kind), required=True)
    entered.add_argument("--channel", choices=list(Channel), required=True)
    entered.add_argument("--received", type=dt.date.fromisoformat, help="the day, as 2026-11-24; today unless said")
    entered.add_argument("--requester", choices=list(Requester))
    entered.add_argument("--reference", help="the number in another system")
    entered.add_argument("--customer", help="whose request it is, for a user of a customer's environment")
    listed = actions.add_parser("list")
    listed.add_argument("--kind", choices=list(Kind))
    listed.add_argument("--state", choices=list(RequestState))
    step = actions.add_parser("step")
    step.add_argument("number", type=int)
    step.add_argument("step", choices=[one for one in Step if one not in (Step.RECEIVED, Step.FOUND, Step.NOT_SO)])
    step.add_argument("--day", type=dt.date.fromisoformat, help="the day it happened; today unless said")
    step.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE")
    letters = actions.add_parser("mail")
    letters.add_argument("file", type=Path, help="an .eml or mbox file; only who wrote and when is read")
    letters.add_argument("--kind", choices=list(Kind), required=True)
    exported = actions.add_parser("tickets")
    exported.add_argument("file", type=Path, help="a ticket system's CSV export; only number, day and sender are read")
    exported.add_argument("--kind", choices=list(Kind), required=True)
    actions.add_parser("forget")
    return parser


def _work(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, engine(settings), dt.datetime.now(dt.UTC))
    if options.action == "forget":
        sys.stdout.write(f"requests: {forget.forget_closed(at)} forgotten but for what is counted\n")
        return Exit.DONE
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters) if _has_copy(at) else None
    if options.action == "list":
        return _list(at, reading, options)
    if options.action in ("mail", "tickets"):
        return _enter(at, reading, options, (_letters if options.action == "mail" else _tickets)(options))
    if options.action == "register":
        sys.stdout.write(f"requests: {_register(at, reading, options)} registered\n")
        return Exit.DONE
    facts = dict(one.partition("=")[::2] for one in options.fact)
    desk.write(at, options.number, Step(options.step), options.day or at.today, facts, reading=reading)
    sys.stdout.write(f"requests: {options.number} {options.step} recorded\n")
    return Exit.DONE


def _has_copy(at: At) -> bool:
    return at.settings.builds.exists()


def _register(at: At, reading: Reading | None, options: argparse.Namespace) -> int:
    told = {field: _line(field) for field in _CONTACT}
    asked = Asked(
        options.kind, options.channel, options.received or at.today, options.requester,
        reference=options.reference, customer=options.customer, **told,
    )  # fmt: skip
    return desk.register(at, reading, asked)


def _line(field: str) -> str | None:
    if sys.stdin.isatty():
        sys.stderr.write(f"{field}: ")
        sys.stderr.flush()
    return sys.stdin.readline().strip() or None


def _list(at: At, reading: Reading | None, options: argparse.Namespace) -> Exit:
    for item in backlog.backlog(at.register, reading, at.today, at.parameters):
        if options.kind in (None, item.kind) and options.state in (None, item.state):
            told = (item.request_id, item.kind, item.state, item.due_on, item.days_left, item.next)
            sys.stdout.write("\t".join(map(str, told)) + "\n")
    return Exit.DONE


def _letters(options: argparse.Namespace) -> Iterator[tuple[str, Asked | None]]:
    """What is asked for in each message, with why where that cannot be told, in words."""
    for one in mail.messages(options.file):
        if isinstance(one, int):
            yield say("requests_command.no_sender", options.language, place=one), None
        else:
            yield "", Asked(
                options.kind, Channel.MAIL, local_date(one.sent_at), name=one.name, email=one.email,
                reference=one.reference,
            )  # fmt: skip


def _tickets(options: argparse.Namespace) -> Iterator[tuple[str, Asked | None]]:
    """What is asked for in each ticket, with where it stands and, where that cannot be told, why."""
    for one in tickets.tickets(options.file):
        if isinstance(one, tickets.Left):
            why = say(f"ticket_problem.{one.why}", options.language)
            yield say("requests_command.row", options.language, line=one.line, why=why), None
        else:
            line, ticket = one
            # Two systems may count from one: a ticket's number is not that of another's.
            yield say("requests_command.row", options.language, line=line, why=""), Asked(
                options.kind, Channel.TICKET, ticket.created_on, name=ticket.name, email=ticket.email,
                phone=ticket.phone, reference=f"ticket-{ticket.reference}",
            )  # fmt: skip


def _enter(
    at: At, reading: Reading | None, options: argparse.Namespace, found: Iterable[tuple[str, Asked | None]]
) -> Exit:
    """Enters what a file asks for; what cannot be entered is told with its place and its reason, and is left there."""
    new = known = 0
    ended = Exit.DONE
    for place, asked in found:
        if asked is None:
            sys.stderr.write(place + "\n")
            ended = Exit.REFUSED
            continue
        try:
            desk.register(at, reading, asked)
            new += 1
        except Refused as refused:
            if refused.code == "request_known":
                known += 1
                continue
            sys.stderr.write(place)
            ended = command.refuse(refused, options.language)
    sys.stdout.write(f"requests: {new} registered, {known} known\n")
    return ended
