"""Incidents from the command line: who watches systems at night begins one, and what happens is recorded by steps."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

from pydantic import AwareDatetime, ValidationError
from pydantic.fields import FieldInfo

from compliance.access.at import At, at_command
from compliance.incidents import facts, rows, state, verbs
from compliance.incidents.facts import Facts, Reported
from compliance.incidents.tables import StepKind
from compliance.register import engine as register_engine
from compliance.words import command, times
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance incidents report | list | step."""
    os.umask(0o077)
    options = _parser().parse_args(arguments)
    return attempt(lambda: _work(options), options.language)


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compliance incidents",
        "Incidents, step by step. A fact is NAME=VALUE: several codes with commas between them, times as "
        "2026-03-27 16:00 by the Stockholm clock, yes or no; texts come from standard input (NAME=-) or a file "
        "(NAME=@FILE), since others can see arguments. The steps and what each of them says: "
        + "; ".join(f"{kind} ({', '.join(model.model_fields)})" for kind, model in facts.MODELS.items()),
    )
    actions = parser.add_subparsers(dest="action", required=True)
    reported = actions.add_parser("report")
    listed = actions.add_parser("list")
    listed.add_argument("--all", action="store_true", help="those that are closed and drills too")
    step = actions.add_parser("step")
    step.add_argument("number", type=command.number)
    step.add_argument("kind", choices=[one.value for one in facts.MODELS if one is not StepKind.REPORTED])
    step.add_argument(
        "--corrects", type=command.number, metavar="STEP", help="the number of the step in whose place it stands"
    )
    for one in (reported, step):
        command.add_facts(one)
    return parser


def _work(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))
    if options.action == "list":
        return _list(at, options)
    try:
        return _enter(at, options)
    except Refused as refused:
        raise Refused(refused.code, **rows.refusal_values(refused.values, options.language)) from None


def _enter(at: At, options: argparse.Namespace) -> Exit:
    if options.action == "report":
        told = _told(Reported, options)
        assert isinstance(told, Reported)
        number = verbs.report_by_command(at, told)
        sys.stdout.write(say("incidents_command.reported", options.language, incident=number) + "\n")
        return Exit.DONE
    told = _told(facts.MODELS[StepKind(options.kind)], options)
    step = verbs.record_by_command(at, options.number, told, corrects=options.corrects)
    sys.stdout.write(say("incidents_command.recorded", options.language, incident=options.number, step=step) + "\n")
    return Exit.DONE


def _list(at: At, options: argparse.Namespace) -> Exit:
    """A line for each: its number, how it stands, what waits, and what runs out first, by the Stockholm clock."""
    for one in state.every(at.register) if options.all else state.going_on(at.register):
        row = rows.incident_row(one, at.parameters, at.now, options.language)
        told = (one.incident_id, row["incident_state"], row["waits"], row["next_clock"])
        sys.stdout.write(command.line(told))
    return Exit.DONE


def _told(model: type[Facts], options: argparse.Namespace) -> Facts:
    """What a step says. Raises Refused `incident_fact`, with the names that there are, and what command.facts,
    command.refuse_seen and times.read do.
    """
    names = ", ".join(model.model_fields)
    values: dict[str, Any] = {}
    for one in command.facts(options.fact):
        if one.name not in model.model_fields:
            raise Refused("incident_fact", fact=one.name, names=names)
        command.refuse_seen(one, model.model_fields[one.name], options.language)
        values[one.name] = _value(model.model_fields[one.name], one.value)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Refused("incident_fact", fact=str(error.errors()[0]["loc"][0]), names=names) from None


def _value(field: FieldInfo, text: str) -> Any:
    kinds = set(_kinds(field.annotation))
    if tuple in kinds:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return times.read(text) if AwareDatetime in kinds else text.strip()


def _kinds(annotation: Any) -> Iterator[Any]:
    """What a field takes, taken apart as far as its name tells."""
    yield get_origin(annotation) or annotation
    if get_origin(annotation) is not tuple:
        for one in get_args(annotation):
            yield from _kinds(one)
