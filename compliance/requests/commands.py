"""Requests from the command line. Names and addresses are read from standard input: others can see arguments."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from compliance.access.at import At, at_command
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.requests import backlog, desk, forget, mail, tickets
from compliance.requests.desk import Asked
from compliance.requests.steps import FACTS
from compliance.requests.tables import Channel, Kind, Requester, Step
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.deadlines import RequestState, local_date
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say

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
    entered.add_argument("--kind", choices=[one.value for one in Kind], required=True)
    entered.add_argument("--channel", choices=[one.value for one in Channel], required=True)
    entered.add_argument("--received", type=dt.date.fromisoformat, help="the day, as 2026-11-24; today unless said")
    entered.add_argument("--reference", help="the number in another system")
    listed = actions.add_parser("list")
    listed.add_argument("--kind", choices=[one.value for one in Kind])
    listed.add_argument("--state", choices=[one.value for one in RequestState])
    step = actions.add_parser("step")
    step.add_argument("number", type=command.number)
    step.add_argument(
        "step", choices=[one.value for one in Step if one not in (Step.RECEIVED, Step.FOUND, Step.NOT_SO)]
    )
    step.add_argument("--day", type=dt.date.fromisoformat, help="the day it happened; today unless said")
    command.add_facts(step)
    letters = actions.add_parser("mail")
    letters.add_argument("file", type=Path, help="an .eml or mbox file; only who wrote and when is read")
    letters.add_argument("--kind", choices=[one.value for one in Kind], required=True)
    exported = actions.add_parser("tickets")
    exported.add_argument("file", type=Path, help="a ticket system's CSV export; only number, day and sender are read")
    exported.add_argument("--kind", choices=[one.value for one in Kind], required=True)
    exported.add_argument(
        "--system", type=_system, required=True, metavar="NAME",
        help="a short name of the system, the same each time, as jira: two systems may number alike",
    )  # fmt: skip
    for one in (entered, letters, exported):
        one.add_argument("--requester", choices=[one.value for one in Requester], help="in what capacity they ask")
        one.add_argument("--customer", help="whose request it is, for a user of a customer's environment")
    actions.add_parser("forget")
    return parser


def _system(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,20}", name):
        raise ValueError
    return name


def _work(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, engine(settings), dt.datetime.now(dt.UTC))
    if options.action == "forget":
        gone = copy.retried(lambda: forget.forget_closed(at, _reading(at)))
        sys.stdout.write(_say("forgotten", options, requests=gone))
        return Exit.DONE
    if options.action == "list":
        return copy.retried(lambda: _list(at, _reading(at), options))
    if options.action in ("mail", "tickets"):
        return _enter(at, options, (_letters if options.action == "mail" else _tickets)(options))
    if options.action == "register":
        sys.stdout.write(_say("registered", options, request=str(_register(at, options))))
        return Exit.DONE
    fields = FACTS[Step(options.step)].model_fields
    told = command.facts(options.fact)
    for one in told:
        if one.name in fields:
            command.refuse_seen(one, fields[one.name], options.language)
    facts = {one.name: one.value for one in told}
    day = options.day or at.today
    copy.retried(lambda: desk.write(at, options.number, Step(options.step), day, facts, reading=_reading(at)))
    sys.stdout.write(_say("recorded", options, request=str(options.number), step=options.step))
    return Exit.DONE


def _say(key: str, options: argparse.Namespace, **told: object) -> str:
    return say(f"requests_command.{key}", options.language, **told) + "\n"


def _reading(at: At) -> Reading | None:
    """The copy of now, which is asked for anew where a purge puts another in its place meanwhile."""
    if not at.settings.builds.exists():
        return None
    return copy.current(at.settings, at.register, at.today, at.policy, at.parameters)


def _register(at: At, options: argparse.Namespace) -> int:
    told = {field: _line(field) for field in _CONTACT}
    asked = Asked(
        options.kind, options.channel, options.received or at.today, options.requester,
        reference=options.reference, customer=options.customer, **told,
    )  # fmt: skip
    return copy.retried(partial(_one, at, asked))


def _line(field: str) -> str | None:
    if sys.stdin.isatty():
        sys.stderr.write(f"{field}: ")
        sys.stderr.flush()
    return command.typed(sys.stdin.readline).strip() or None


def _list(at: At, reading: Reading | None, options: argparse.Namespace) -> Exit:
    for item in backlog.backlog(at.register, reading, at.today, at.parameters):
        if options.kind in (None, item.kind) and options.state in (None, item.state):
            told = (item.request_id, item.kind, item.state, item.due_on, item.days_left, item.next)
            sys.stdout.write(command.line(told))
    return Exit.DONE


def _letters(options: argparse.Namespace) -> Iterator[tuple[str, int, Asked | str]]:
    """What is asked for in each message, or why that cannot be told, in words; with which kind of place it has, and
    which.
    """
    for place, one in mail.messages(options.file):
        yield "message", place, say("requests_command.no_sender", options.language) if one is None else Asked(
            options.kind, Channel.MAIL, local_date(one.sent_at), options.requester, name=one.name, email=one.email,
            reference=one.reference, customer=options.customer,
        )  # fmt: skip


def _tickets(options: argparse.Namespace) -> Iterator[tuple[str, int, Asked | str]]:
    """What is asked for in each ticket, in the same form."""
    for one in tickets.tickets(options.file):
        if isinstance(one, tickets.Left):
            yield "row", one.line, say(f"ticket_problem.{one.why}", options.language)
        else:
            line, ticket = one
            yield "row", line, Asked(
                options.kind, Channel.TICKET, ticket.created_on, options.requester, name=ticket.name,
                email=ticket.email, phone=ticket.phone, customer=options.customer,
                reference=f"ticket-{options.system}-{ticket.reference}",
            )  # fmt: skip


def _enter(at: At, options: argparse.Namespace, found: Iterable[tuple[str, int, Asked | str]]) -> Exit:
    """Enters what a file asks for; what cannot be entered is told with its place and its reason, and is left there."""
    new = known = 0
    ended = [Exit.DONE]
    for kind, place, asked in found:
        why = asked
        if isinstance(asked, Asked):
            try:
                copy.retried(partial(_one, at, asked))
                new += 1
                continue
            except Refused as refused:
                if refused.code == "request_known":
                    known += 1
                    continue
                ended.append(command.exit_of(refused))
                why = refusal(refused.code, options.language, refused.values)
        else:
            ended.append(Exit.REFUSED)
        told = say(f"requests_command.{kind}", options.language, file=options.file.name, place=place, why=str(why))
        sys.stderr.write(told + "\n")
    sys.stdout.write(_say("counted", options, new=new, known=known))
    return command.worst(ended)


def _one(at: At, asked: Asked) -> int:
    return desk.register(at, _reading(at), asked)
