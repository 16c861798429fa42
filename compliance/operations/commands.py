"""The command lines of the register, of the ledger and of the keys."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance import builds, ledger
from compliance.access.at import at_command
from compliance.builds import central
from compliance.ledger import checkpoint
from compliance.operations import backup, renewal, replay, verify
from compliance.register.engine import engine, reader, reading
from compliance.suppression.verbs import rotate
from compliance.words import command
from compliance.words import keys as key_files
from compliance.words import settings as settings_of
from compliance.words.command import Exit, attempt
from compliance.words.files import publish
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say

# The key of pseudonyms is in every digest of holds and decisions: another would find none of them.
_ROTATED = ("signing", "suppression")
# A checkpoint that was taken since an older register was put in place fits it; that of the night before does not.
_NIGHTS = 2


def register(arguments: Sequence[str] | None = None) -> int:
    """compliance register backup FILE | restore FILE | replay."""
    return _do(_register_parser().parse_args(arguments), _register)


def check(arguments: Sequence[str] | None = None) -> int:
    """compliance ledger verify | checkpoint FILE | export FILE."""
    options = _ledger_parser().parse_args(arguments)
    if options.action == "verify":
        return _do(options, _verify, Exit.UNCHECKED)
    return _do(options, {"checkpoint": _sign, "export": _export}[options.action])


def keys(arguments: Sequence[str] | None = None) -> int:
    """compliance keys init [KIND...] | rotate KIND: makes what is missing, never in place of what is there or lost."""
    return _do(_keys_parser().parse_args(arguments), _tend_keys)


def copy(arguments: Sequence[str] | None = None) -> int:
    """compliance copy publish | distribute: the copy in a PostgreSQL, where COMPLIANCE_COPY_URL names one."""
    return _do(_copy_parser().parse_args(arguments), _copy)


def _do(
    options: argparse.Namespace,
    work: Callable[[Settings, argparse.Namespace], Exit],
    refused_as: Exit = Exit.REFUSED,
) -> int:
    # What is written is for this user alone.
    os.umask(0o077)
    return attempt(lambda: work(settings_of.load(), options), options.language, refused_as=refused_as)


# The register


def _register_parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compliance register",
        "Backs the register up, brings a backup back, and replays purges that the register does not know.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    saved = actions.add_parser(
        "backup",
        help="write the register into a new file",
        description="Writes the register, SQLite or PostgreSQL, into one new file. The keys of the copy's builds are "
        "left out, so that a backup opens no build that was destroyed. It holds the contact details of open requests.",
    )
    saved.add_argument("file", type=Path)
    restored = actions.add_parser(
        "restore",
        help="bring a backup back into an empty register",
        description="Checks the backup, brings it back whole or not at all, and replays the purges made since. "
        "The copy is then made anew by taking the exports in.",
    )
    restored.add_argument("file", type=Path)
    restored.add_argument(
        "--replace", action="store_true", help="replace a register that is not empty, after a backup of it beside FILE"
    )
    replayed = actions.add_parser(
        "replay",
        help="tell the register of purges that it does not know, from the evidence",
        description="Shows which purges the register is to be told of, and asks. Evidence is believed if it is signed.",
    )
    for one in (restored, replayed):
        one.add_argument("--yes", action="store_true", help="replay what is shown without asking, for scripts")
        one.add_argument(
            "--unsigned",
            action="store_true",
            help="believe evidence without a signature, as earlier versions wrote it; only if you know its origin",
        )
        one.add_argument(
            "--any-register",
            action="store_true",
            help="believe signed evidence of another register, or that does not say of which; only if this one is to "
            "know its purges",
        )
        one.add_argument(
            "--accept-loss",
            action="store_true",
            help="go on although evidence is missing; the ledger and the start page keep saying so",
        )
        _add_checkpoints(one, "know how much evidence there must be")
    return parser


def _add_checkpoints(parser: argparse.ArgumentParser, why: str) -> None:
    parser.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"{why}; of a folder those of the last two nights",
    )
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="of the checkpoints; without it that of the signing key here"
    )


def _register(settings: Settings, options: argparse.Namespace) -> Exit:
    register, now, language = engine(settings), dt.datetime.now(dt.UTC), options.language
    if options.action == "backup":
        rows = backup.save(register, options.file, now)
        print(say("register_cli.saved", language, rows=rows, file=options.file.name))
        return Exit.DONE
    checkpoints = _checkpoints(options)
    how: dict[str, Any] = {
        "agree": partial(_agree, options),
        "unsigned": options.unsigned,
        "any_register": options.any_register,
        "told": verify.evidence_heads(checkpoints, _key(settings, options, checkpoints)),
        "accept_loss": options.accept_loss,
    }
    if options.action == "replay":
        return _tell(replay.replay(settings, register, now, **how), language)
    restored = backup.restore(settings, register, options.file, now, replace=options.replace, **how)
    if restored.replaced is not None:
        print(say("register_cli.replaced", language, file=restored.replaced.name))
    print(say("register_cli.restored", language, rows=restored.rows))
    return _tell(restored.replayed, language)


def _agree(options: argparse.Namespace, plan: replay.Plan) -> bool:
    """Shows what a replay is about to do, and asks whether it may."""
    language = options.language
    for name, trust in plan.left_aside:
        print(say("register_cli.left_aside", language, file=name, why=say(f"evidence_trust.{trust}", language)))
    for name in plan.lacking:
        print(say("register_cli.lost", language, file=name))
    for purge in plan.purges:
        kept = purge.evidence
        values = {"uid": kept.receipt.uid, "at": kept.receipt.executed.at, "deleted": kept.receipt.deleted}
        counts = {"entries": len(kept.suppression), "requests": len(kept.requests), "orders": len(kept.orders)}
        print(say("register_cli.planned", language, **values, **counts))
    if options.yes or not (plan.purges or plan.lacking):
        return True
    print(say("register_cli.ask", language), end=" ", flush=True)
    return sys.stdin.readline().strip().casefold() in ("ja", "j", "yes", "y")


def _tell(replayed: replay.Replayed | None, language: str) -> Exit:
    if replayed is None:
        print(say("register_cli.not_replayed", language))
        return Exit.REFUSED
    if replayed.batches:
        print(say("register_cli.replayed", language, batches=replayed.batches, entries=replayed.entries))
    if replayed.thrown_away:
        print(say("register_cli.thrown_away", language))
    if not replayed.batches and not replayed.thrown_away:
        print(say("register_cli.nothing_to_replay", language))
    return Exit.DONE


# The copy


def _copy_parser() -> argparse.ArgumentParser:
    parser = command.parser("compliance copy", "Tends the copy in the PostgreSQL that COMPLIANCE_COPY_URL names.")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser(
        "publish",
        help="put the copy that lies in files there",
        description="For the day on which an installation moves: puts the current build, which lies in the store's "
        "files, into the database and compares it. Intakes and purges do so by themselves from then on.",
    )
    actions.add_parser(
        "distribute",
        help="spread the copy over the hosts of a Citus",
        description="Where the extension citus was made in the database after the copy was: tables with persons are "
        "spread by person, all others are put on every host. Later builds are spread as they are made.",
    )
    return parser


def _copy(settings: Settings, options: argparse.Namespace) -> Exit:
    register, language = engine(settings), options.language
    if not central.is_used(settings):
        raise Refused("setting_invalid", name="COMPLIANCE_COPY_URL", allowed="postgresql+psycopg://USER@HOST/NAME")
    if options.action == "publish":
        with register.connect() as connection:
            found = builds.current(settings, connection)
        if found is not None and central.stands(settings, central.schema_of(found.path.name)):
            print(say("copy_cli.there", language, build=found.build_id))
            return Exit.DONE
        if found is None or not found.path.exists():
            raise Refused("build_missing")
        builds.publish(settings, register, found)
        print(say("copy_cli.published", language, build=found.build_id))
        return Exit.DONE
    spread = central.distribute_all(settings, register)
    if spread is None:
        raise Refused("copy_on_one_host")
    print(say("copy_cli.distributed", language, schemas=len(spread), tables=sum(spread.values())))
    return Exit.DONE


# The ledger


def _ledger_parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compliance ledger", "Checks the ledger and the receipts, and makes what they can be checked against elsewhere."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    checked = actions.add_parser("verify", help="check the chain and every receipt")
    checked.add_argument("--file", type=Path, help="check an exported chain instead of the register's")
    checked.add_argument("--receipts", type=Path, metavar="FOLDER", help="check the receipts of this folder too")
    _add_checkpoints(checked, "find what was cut off or rewritten")
    checked.add_argument(
        "--since",
        type=Path,
        metavar="CHECKPOINT",
        help="read no line before this checkpoint again, as long as the chain agrees with it; for every night",
    )
    sign = actions.add_parser("checkpoint", help="sign the chain as it is now; keep the file elsewhere")
    sign.add_argument("file", type=Path)
    export = actions.add_parser("export", help="write the chain as JSON lines, for verify --file")
    export.add_argument("file", type=Path)
    return parser


def _verify(settings: Settings, options: argparse.Namespace) -> Exit:
    since = [] if options.since is None else [options.since]
    named = _checkpoints(options)
    checkpoints = [*named, *since]
    key = _key(settings, options, checkpoints)
    if options.file is None:
        try:
            report = verify.register(
                settings,
                reader(settings),
                folder=options.receipts,
                checkpoints=checkpoints,
                key=key,
                since=options.since,
            )
        except sa.exc.OperationalError:
            raise Refused("register_unreadable", file="") from None
    else:
        report = verify.file(options.file, folder=options.receipts, checkpoints=named, key=key)
    for fault in report.faults:
        command.tell(say(f"ledger_fault.{fault.code}", options.language, **fault.values))
    if not any(fault.code.startswith("line_") for fault in report.faults):
        print(say("ledger_check.intact", options.language, lines=report.lines))
    if report.receipts:
        print(say("ledger_check.receipts", options.language, count=report.receipts))
    for name, lines in report.checkpoints:
        print(say("ledger_check.checkpoint", options.language, file=name, lines=lines))
    return Exit.REFUSED if report.faults else Exit.DONE


def _checkpoints(options: argparse.Namespace) -> list[Path]:
    """The checkpoints that a call names. Raises what checkpoint.newest does."""
    told = ([one] if not one.is_dir() else checkpoint.newest(one, _NIGHTS) for one in options.checkpoint)
    return [path for paths in told for path in paths]


def _key(settings: Settings, options: argparse.Namespace, checkpoints: Sequence[Path]) -> Ed25519PublicKey | None:
    if options.public_key is not None:
        return key_files.verifying(options.public_key)
    # A key that would be made just now has signed nothing.
    if checkpoints and settings.signing_key.exists():
        return key_files.signing(settings).public_key()
    return None


def _sign(settings: Settings, options: argparse.Namespace) -> Exit:
    made = checkpoint.write(settings, engine(settings), options.file, dt.datetime.now(dt.UTC))
    public = checkpoint.public_file(options.file).name
    print(say("ledger_check.signed", options.language, lines=made.lines, file=options.file.name, public=public))
    return Exit.DONE


def _export(settings: Settings, options: argparse.Namespace) -> Exit:
    written = 0

    def content() -> Iterator[bytes]:
        nonlocal written
        with reading(engine(settings)) as connection:
            for line in ledger.lines(connection):
                written += 1
                yield ledger.to_json(line).encode() + b"\n"

    publish(options.file, content())
    print(say("ledger_check.exported", options.language, lines=written, file=options.file.name))
    return Exit.DONE


# The keys


def _keys_parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compliance keys",
        "init makes the keys of pseudonyms, of the suppression list and of signatures that are missing, where the "
        "settings say, and none where something was made with one that was lost. rotate replaces the key that signs, "
        "or adds one to the suppression list.",
    )
    kinds = ", ".join(key_files.KINDS)
    parser.add_argument("words", nargs="*", metavar="init [KIND...] | rotate KIND", help=f"KIND is one of {kinds}")
    return parser


def _tend_keys(settings: Settings, options: argparse.Namespace) -> Exit:
    words, language = list(options.words), options.language
    # As it was called when there was nothing but making them.
    action = words.pop(0) if words and words[0] in ("init", "rotate") else "init"
    allowed = _ROTATED if action == "rotate" else key_files.KINDS
    if any(kind not in allowed for kind in words) or (action == "rotate" and len(words) != 1):
        _keys_parser().print_usage(sys.stderr)
        return Exit.USAGE
    register, now = engine(settings), dt.datetime.now(dt.UTC)
    if action == "rotate":
        if words == ["signing"]:
            key, resigned = renewal.replace_signing(settings, register, now)
            print(say("keys.replaced", language, key=key, files=resigned))
        else:
            print(say("keys.added", language, key=rotate(at_command(settings, register, now))))
        return Exit.DONE
    kinds = words or key_files.missing(settings)
    for path in renewal.make(settings, register, kinds):
        print(say("keys.made", language, file=str(path)))
    if not kinds:
        print(say("keys.none_missing", language))
    return Exit.DONE
