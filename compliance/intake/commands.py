"""Takes exports in from the command line or from cron: compliance intake FILE..."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from compliance import runs, wipe
from compliance.build.dates import ANSWERS, is_answer
from compliance.intake import explain, orders, run, service
from compliance.intake.orders import FileOrder, FileResult, Order, Refusal, Result
from compliance.intake.rows import asides, lines_in_words, moved_in_words, purged_in_words
from compliance.intake.service import Preview
from compliance.register.engine import engine
from compliance.sources.catalogue import Catalogue, catalogue_of
from compliance.words import command, times
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say, show
from compliance.words.vocabulary import DATE_FIELDS, INSTANT_FIELDS, Category

_PAUSE_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Done is: everything is in the copy."""
    # What intake writes is for this user alone.
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.files or options.table or options.status or options.run):
        parser.error("the following arguments are required: FILE")
    return attempt(lambda: _do(options), options.language)


def _do(options: argparse.Namespace) -> int:
    settings = settings_of.load()
    register = engine(settings)
    if options.status:
        return _show_status(register, options.language)
    wipe.make_room(settings, register, _now())
    if options.run:
        return _carry_out_queued(settings, register, options)
    order = _order(options, settings_of.latest(settings, _now()))
    if options.explain:
        return _explain(settings, register, order, options)
    names = [file.name for file in order.files]
    catalogue = catalogue_of(settings, register, order.source)
    result = _wait_and_execute(settings, register, runs.queue(register, None, _now()), order, options)
    _print(result, names, catalogue, options.language)
    return Exit.DONE if result.all_taken else Exit.REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compliance intake", "Takes exports into the copy. Prints counts; persons only with --explain."
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="CSV, XLSX, XLS, ODS, Parquet, or a ZIP")
    parser.add_argument(
        "--table",
        action="append",
        default=[],
        type=_table,
        metavar="URL::TABLE",
        help="a table of a source database; URL may be the name of an environment variable that holds it",
    )
    parser.add_argument("--source", help="match only the mappings of this source")
    parser.add_argument(
        "--dates",
        action="append",
        default=[],
        type=_answer,
        metavar="FIELD=ORDER",
        help="how a date column is written that cannot decide it itself: one or more, joined by +, of "
        + ", ".join(ANSWERS),
    )
    parser.add_argument(
        "--category",
        type=Category,
        choices=[*Category],
        metavar="CATEGORY",
        help=f"in what capacity persons are stored, where neither mapping nor column tells: {', '.join(Category)}",
    )
    parser.add_argument(
        "--put-right", action="store_true", help="read letters that were written twice as they were meant"
    )
    parser.add_argument("--explain", action="store_true", help="say what would be understood, and load nothing")
    parser.add_argument("--json", action="store_true", help="what --explain says, as JSON")
    parser.add_argument("--skip-sheet", action="append", default=[], metavar="NAME", help="leave a sheet out")
    parser.add_argument("--allow-older", action="store_true", help="take an export older than the loaded one")
    parser.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="for another intake to end")
    parser.add_argument("--status", action="store_true", help="show the last runs")
    parser.add_argument("--run", metavar="RUN_ID", help="carry out a run that the dashboard queued")
    return parser


def _answer(text: str) -> tuple[str, str]:
    field, _, value = text.partition("=")
    if field not in (*DATE_FIELDS, *INSTANT_FIELDS) or not is_answer(value):
        raise argparse.ArgumentTypeError(f"{text}: expected a date field, =, and one of {', '.join(ANSWERS)}")
    return field, value


def _table(text: str) -> tuple[str, str]:
    url, _, table = text.rpartition("::")
    if not url or not table:
        # The text is not repeated: it may hold a password.
        raise argparse.ArgumentTypeError("expected URL::TABLE")
    return os.environ.get(url, url), table


def _order(options: argparse.Namespace, now: dt.datetime) -> Order:
    dates = dict(options.dates)
    skipped = tuple(options.skip_sheet)
    files: list[FileOrder] = []
    for path in options.files:
        changed = path.stat().st_mtime if path.is_file() else now.timestamp()
        written = min(dt.datetime.fromtimestamp(changed, dt.UTC), now)
        made, made_from = service.exported_at(path.name, written, "file_time", now)
        files.append(
            FileOrder(
                path=path.resolve(),
                name=path.name,
                exported_at=made,
                exported_at_from=made_from,
                dates=dates,
                skip_sheets=skipped,
                category=options.category,
                put_right=options.put_right,
                seen=path.is_file(),
            )
        )
    files.extend(
        FileOrder(
            path=Path(table),
            name=table,
            exported_at=now,
            exported_at_from="taken_in",
            dates=dates,
            category=options.category,
            put_right=options.put_right,
            url=SecretStr(url),
        )
        for url, table in options.table
    )
    return Order(files=tuple(files), source=options.source, allow_older=options.allow_older)


def _explain(settings: Settings, register: sa.Engine, order: Order, options: argparse.Namespace) -> int:
    """Shows three values of each column, so each file is a recorded look at persons."""
    found: list[Preview] = []
    refused: list[tuple[str, Refused]] = []
    for file in order.files:
        try:
            found.append(service.explained(settings, register, file, order.source, _now()))
        except Refused as one:
            refused.append((file.name, one))
    if options.json:
        print(json.dumps([explain.as_json(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for preview in found:
            for line in explain.in_words(preview, options.language):
                command.tell(line)
    for name, told in refused:
        command.tell(f"{name}: {refusal(told.code, options.language, told.values)}", wrong=True)
    return Exit.REFUSED if refused else Exit.DONE


def _carry_out_queued(settings: Settings, register: sa.Engine, options: argparse.Namespace) -> int:
    """The dashboard's run: it reads the outcome from the register."""
    order = orders.read(settings, options.run)
    result = _wait_and_execute(settings, register, options.run, order, options)
    return Exit.DONE if result.all_taken else Exit.REFUSED


def _wait_and_execute(
    settings: Settings, register: sa.Engine, run_id: str, order: Order, options: argparse.Namespace
) -> Result:
    until = time.monotonic() + options.wait
    while True:
        try:
            return run.execute(settings, register, run_id, order, _now)
        except Refused as refused:
            if refused.code != "intake_running" or time.monotonic() >= until:
                runs.refuse(register, run_id, refused.code, _now())
                orders.clean(settings, run_id)
                raise
            time.sleep(_PAUSE_SECONDS)
        except runs.TakenOver:
            raise Refused("intake_died") from None


def _show_status(register: sa.Engine, language: str) -> int:
    for row in service.latest(register):
        state = say(f"intake.state.{row.state}", language)
        step = "" if row.ended else f" · {say(f'intake.step.{row.step}', language)} {row.share:.0%}"
        build = f" · {say('intake.cli.build', language, build=str(row.build_id))}" if row.build_id else ""
        command.tell(f"{times.written(row.started_at)} · {state}{step}{build}")
    return Exit.DONE


def _print(result: Result, names: Sequence[str], catalogue: Catalogue, language: str) -> None:
    for file in result.files:
        _print_file(file, names[file.number], catalogue, language)
    if result.changes:
        changes = result.changes
        command.tell(say("intake.cli.copy", language, persons=changes.persons, bases=changes.bases))
        if changes.new_persons is not None:
            command.tell(say("intake.cli.changes", language, new=changes.new_persons, gone=changes.gone_persons))
    elif result.refused is None:
        command.tell(say("intake.cli.nothing_new", language))
    if result.refused:
        command.tell(_refusal(result.refused, language), wrong=True)


def _print_file(file: FileResult, name: str, catalogue: Catalogue, language: str) -> None:
    outcome = say(f"intake.outcome.{file.outcome}", language)
    if file.refused:
        command.tell(f"{name}: {outcome}. {_refusal(file.refused, language)}", wrong=True)
    else:
        command.tell(f"{name}: {outcome}")
    for line in purged_in_words(file, language):
        command.tell(f"  {line}", wrong=True)
    for table in file.taken:
        source = catalogue.sources[table.source].name[language]
        command.tell(
            f"  {source}, {table.dataset}: "
            + say(
                "intake.cli.rows",
                language,
                rows_in=table.rows_in,
                loaded=table.loaded,
                quarantined=sum(table.quarantined.values()),
                no_data=sum(one.rows for one in table.no_data),
            )
        )
        for one in table.no_data:
            where = say("intake.cli.lines", language, lines=lines_in_words(one, language))
            command.tell(f"    {say(f'no_data.{one.reason}', language)}: {show(one.rows, language)} ({where})")
        for reason, rows in sorted(table.quarantined.items()):
            command.tell(f"    {say(f'quarantine.{reason}', language)}: {show(rows, language)}")
        if table.unread_keys:
            told = say("intake.result.unread_keys", language, dataset=table.dataset, rows=table.unread_keys)
            command.tell(f"    {told}")
        for line in (
            *explain.unread_in_words(table.unread_cells, language),
            *explain.garbled_counts_in_words(table, language),
            *moved_in_words(table, language),
        ):
            command.tell(f"    {line}")
        for column in table.left_out:
            command.tell("    " + say("intake.cli.left_out", language, column=column.column, filled=column.filled))
    for line in asides(file, language):
        command.tell(f"  {line}")


def _refusal(told: Refusal, language: str) -> str:
    return refusal(told.code, language, told.values)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
