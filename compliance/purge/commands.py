"""Purging from the command line or from cron: compliance purge automatic."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import sqlalchemy as sa

from compliance import evidence, runs, wipe
from compliance.access.at import at_command
from compliance.purge import batches, execute, verbs
from compliance.purge.batches import Batch
from compliance.purge.tables import State
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.sources import tasks as sources
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import Category

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance purge automatic | resume | status: carries purges out."""
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    options = _parser().parse_args(arguments)
    return attempt(lambda: _do(options), options.language)


def _do(options: argparse.Namespace) -> int:
    settings = settings_of.load()
    register = engine(settings)
    if options.action != "status":
        wipe.make_room(settings, register, _now())
    if options.action == "run":
        return _run(settings, register, options)
    if options.action == "resume":
        return _resume(settings, register, options)
    if options.action == "automatic":
        return _automatic(settings, register, options)
    _status(register, options.language)
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = command.parser("compliance purge", "Carries purges out. Prints counts, never persons.")
    parser.add_argument("--wait", type=float, default=600.0, metavar="SECONDS", help="for another run to end")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("automatic", help="purge what rules marked automatic say is due, within their limit")
    actions.add_parser("resume", help="end what a process that died has left: claimed batches, wiping, sources")
    actions.add_parser("status", help="show the batches")
    run = actions.add_parser("run", help="carry out a batch that the dashboard has claimed")
    run.add_argument("batch", type=command.number)
    return parser


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _wait_and_carry_out(settings: Settings, register: sa.Engine, batch_id: int, seconds: float) -> Batch:
    patience = time.monotonic() + seconds
    while True:
        try:
            return execute.carry_out(settings, register, batch_id, _now)
        except Refused as refused:
            if refused.code != "intake_running" or time.monotonic() > patience:
                raise
            time.sleep(_PAUSE_SECONDS)


def _run(settings: Settings, register: sa.Engine, options: argparse.Namespace) -> int:
    name = _name(options.batch, options.language)
    return _attempt(options, name, lambda: _wait_and_carry_out(settings, register, options.batch, options.wait))


def _automatic(settings: Settings, register: sa.Engine, options: argparse.Namespace) -> int:
    ended = []
    for category, rule in at_command(settings, register, _now()).policy.rules.items():
        if rule.approval != "automatic":
            continue
        name = say(f"category.{category}", options.language)
        work = partial(_purge_category, settings, register, options, category, name)
        ended.append(_attempt(options, name, work))
    return command.worst(ended)


def _purge_category(
    settings: Settings,
    register: sa.Engine,
    options: argparse.Namespace,
    category: Category,
    name: str,
) -> None:
    _finish_earlier(settings, register, category, options)
    at = at_command(settings, register, _now())
    reading = copy.current(settings, register, at.today, at.policy, at.parameters)
    if reading is None:
        raise Refused("build_missing")
    try:
        batch = verbs.propose_automatic(at, reading, category)
    except Refused as refused:
        if refused.code != "batch_empty":
            raise
        print(say("purge.cli.nothing", options.language, category=name))
        return
    # A run is dead where nothing was heard of it for long, and a proposal may have taken long.
    claimed = _now()
    run_id = runs.queue(register, None, claimed, kind="purge")
    verbs.claim_automatic(register, batch.batch_id, run_id, claimed)
    _tell(_wait_and_carry_out(settings, register, batch.batch_id, options.wait), options.language, name)


def _finish_earlier(settings: Settings, register: sa.Engine, category: Category, options: argparse.Namespace) -> None:
    """Sees to it that no earlier batch of the category is open beside the one that comes.

    Raises Refused `automatic_under_way` while one is being carried out, and what carrying on with a dead one raises.
    """
    for batch in batches.automatic(register, category, [State.EXECUTING]):
        if not execute.interrupted(register, batch, _now()):
            raise Refused("automatic_under_way", batch=str(batch.batch_id))
        _take_up(settings, register, batch, options)
    verbs.supersede_automatic(register, category, _now())


def _resume(settings: Settings, register: sa.Engine, options: argparse.Namespace) -> int:
    ended = []
    for batch in batches.listing(register, [State.EXECUTING]):
        name = _name(batch.batch_id, options.language)
        ended.append(_attempt(options, name, partial(_take_up, settings, register, batch, options)))
    for batch_id in sorted({*evidence.unwiped(settings, register), *sources.unfinished(register)}):
        name = _name(batch_id, options.language)
        ended.append(_attempt(options, name, partial(execute.follow_up, settings, register, batch_id, _now)))
    return command.worst(ended)


def _take_up(settings: Settings, register: sa.Engine, batch: Batch, options: argparse.Namespace) -> None:
    """Raises Refused `batch_at_work` while its process may be alive, and what carrying on does."""
    execute.refuse_at_work(register, batch, _now())
    execute.resume(register, batch.batch_id, _now())
    done = _wait_and_carry_out(settings, register, batch.batch_id, options.wait)
    _tell(done, options.language, _name(batch.batch_id, options.language))


def _attempt(options: argparse.Namespace, name: str, work: Callable[[], object]) -> Exit:
    """Does one piece of work, and says in words what came between, so that the next piece is done all the same."""
    try:
        work()
    except Refused as refused:
        told = refusal(refused.code, options.language, refused.values)
        code = command.exit_of(refused)
    except Exception as error:
        runs.log_fault(_log, "purging", error)
        told = say("purge.cli.fault", options.language, name=name)
        code = Exit.REFUSED
    else:
        return Exit.DONE
    # A refusal may name a file of the company's. What the dashboard starts has the server's log for its errors.
    print(told, file=sys.stdout if options.action == "run" else sys.stderr)
    return code


def _name(batch_id: int, language: str) -> str:
    return say("purge.cli.batch", language, batch=str(batch_id))


def _status(register: sa.Engine, language: str) -> None:
    for batch in batches.listing(register, over=20):
        print(
            say(
                "purge.cli.status",
                language,
                batch=str(batch.batch_id),
                state=say(f"batch_state.{batch.state}", language),
                planned=batch.planned,
            )
        )


def _tell(batch: Batch, language: str, name: str) -> None:
    """Says what became of a batch. Raises Refused where it ended or went back instead of being carried out."""
    if batch.state is State.EXPIRED:
        raise Refused("approval_expired")
    if batch.state is State.PROPOSED:
        raise Refused("policy_changed", version=batch.policy_version)
    print(
        say(
            "purge.cli.done",
            language,
            name=name,
            planned=batch.planned,
            deleted=batch.deleted,
            held=batch.held,
            changed=batch.changed,
            failed=batch.failed,
        )
    )
