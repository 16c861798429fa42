"""The register of processing from the command line: what it lacks, and its newest version as a file."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.access.at import At, at_command
from compliance.controls import state as controls
from compliance.controls.facts import Office
from compliance.processing import assigned, state
from compliance.processing.documents import FORMS, WHAT, Document
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register import engine as register_engine
from compliance.show import findings as listed
from compliance.show.extract import Stamp, to_file
from compliance.sources.freshness import freshness
from compliance.words import command
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.refusal import Refused
from compliance.words.texts import say


def main(arguments: Sequence[str] | None = None) -> int:
    """compliance processing gaps | write --out FILE."""
    os.umask(0o077)
    parser = command.parser(
        "compliance processing",
        "The register of processing: a line for each thing that it lacks, or its newest version as a file, without "
        "what people wrote in words of their own.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("gaps")
    written = actions.add_parser("write")
    written.add_argument("--form", choices=FORMS, default=FORMS[0])
    written.add_argument("--out", type=Path, required=True, metavar="FILE", help="the new file")
    options = parser.parse_args(arguments)
    return attempt(lambda: _work(options), options.language)


def _work(options: argparse.Namespace) -> Exit:
    settings = settings_of.load()
    at = at_command(settings, register_engine.engine(settings), dt.datetime.now(dt.UTC))

    def work() -> str:
        reading = copy.current(settings, at.register, at.today, at.policy, at.parameters, kept=False)
        sources = {one.source: one.name for one in freshness(settings, reading, at.now, options.language)}
        if options.action == "gaps":
            return _gaps(at, reading, sources, options.language)
        return _write(at, reading, sources, options)

    sys.stdout.write(copy.retried(work))
    return Exit.DONE


def _gaps(at: At, reading: Reading | None, sources: dict[str, str], language: str) -> str:
    found = state.activities(at.register, at.policy, reading)
    entrusted = assigned.known(at.register, reading)
    gaps = (
        *state.judged(found, at.parameters, at.today, has_copy=reading is not None).findings,
        *assigned.judged(entrusted, at.parameters, at.today).findings,
    )
    return "".join(
        command.line((listed.severity(one.severity, language), listed.told(one, language, sources))) for one in gaps
    )


def _write(at: At, reading: Reading | None, sources: dict[str, str], options: argparse.Namespace) -> str:
    """Raises Refused `processing_no_version` where none was made yet, and what show.extract.to_file does."""
    versions = state.versions(at.register)
    if not versions:
        raise Refused("processing_no_version")
    newest = versions[0]
    environments = assigned.known(at.register, reading).environments or ()
    officer = controls.known(at.register).holder(Office.DPO, at.today)
    stamp = Stamp(reading.build if reading else None, newest.as_of, "")
    document = Document(
        newest, stamp, options.language, sources, {one.environment_key: one.org_name or "" for one in environments},
        officer.holder if officer else None, is_whole=False,
    )  # fmt: skip
    told = {"what": WHAT, "persons": False, "flavour": options.form}
    to_file(at, stamp.build, told, options.out, document.parts(options.form))
    return say("processing.written", options.language, version=newest.version_id, file=str(options.out)) + "\n"
