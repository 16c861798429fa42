"""The ledger's command line: python -m compliance.ledger verify | checkpoint FILE | export FILE."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance import ledger
from compliance.ledger import checkpoint
from compliance.operations import verify as check
from compliance.register.engine import engine, reading
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.files import publish
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES

INTACT, BROKEN, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 intact or done, 1 something is not as it was written, 2 wrong usage or refused."""
    os.umask(0o077)
    options = _parser().parse_args(arguments)
    try:
        settings = settings_of.load()
        if options.action == "verify":
            return _verify(settings, options)
        if options.action == "checkpoint":
            return _sign(settings, options)
        return _export(settings, options)
    except Refused as refused:
        print(refusal(refused.code, options.language, refused.values), file=sys.stderr)
        return BROKEN if refused.code == "chain_broken" else USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m compliance.ledger",
        description="Checks the ledger and the receipts, and makes what they can be checked against elsewhere.",
        epilog="Exit codes: 0 intact or done, 1 something is not as it was written, 2 wrong usage or refused.",
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    actions = parser.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", help="check the chain and every receipt")
    verify.add_argument("--file", type=Path, help="check an exported chain instead of the register's")
    verify.add_argument("--receipts", type=Path, metavar="FOLDER", help="check the receipts of this folder too")
    verify.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="find what was cut off or rewritten",
    )
    verify.add_argument(
        "--public-key", type=Path, metavar="FILE", help="of the checkpoints; without it that of the signing key here"
    )
    sign = actions.add_parser("checkpoint", help="sign the chain as it is now; keep the file elsewhere")
    sign.add_argument("file", type=Path)
    export = actions.add_parser("export", help="write the chain as JSON lines, for verify --file")
    export.add_argument("file", type=Path)
    return parser


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    key = _key(settings, options)
    if options.file is None:
        report = check.register(
            settings, engine(settings), folder=options.receipts, checkpoints=options.checkpoint, key=key
        )
    else:
        report = check.file(options.file, folder=options.receipts, checkpoints=options.checkpoint, key=key)
    for fault in report.faults:
        print(say(f"ledger_fault.{fault.code}", options.language, **fault.values))
    if not any(fault.code.startswith("line_") for fault in report.faults):
        print(say("ledger_check.intact", options.language, lines=report.lines))
    if report.receipts:
        print(say("ledger_check.receipts", options.language, count=report.receipts))
    for name, lines in report.checkpoints:
        print(say("ledger_check.checkpoint", options.language, file=name, lines=lines))
    return BROKEN if report.faults else INTACT


def _key(settings: Settings, options: argparse.Namespace) -> Ed25519PublicKey | None:
    if options.public_key is not None:
        return keys.verifying(options.public_key)
    # A key that would be made just now has signed nothing.
    if options.checkpoint and settings.signing_key.exists():
        return keys.signing(settings).public_key()
    return None


def _sign(settings: Settings, options: argparse.Namespace) -> int:
    made = checkpoint.write(settings, engine(settings), options.file, dt.datetime.now(dt.UTC))
    public = checkpoint.public_file(options.file).name
    print(say("ledger_check.signed", options.language, lines=made.lines, file=options.file.name, public=public))
    return INTACT


def _export(settings: Settings, options: argparse.Namespace) -> int:
    written = 0

    def content() -> Iterator[bytes]:
        nonlocal written
        with reading(engine(settings)) as connection:
            for line in ledger.lines(connection):
                written += 1
                yield ledger.to_json(line).encode() + b"\n"

    publish(options.file, content())
    print(say("ledger_check.exported", options.language, lines=written, file=options.file.name))
    return INTACT


if __name__ == "__main__":
    sys.exit(main())
