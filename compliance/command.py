"""The one command: `compliance AREA ...`. Each area has its part, in its commands.py."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from compliance.words.command import Exit, Parser, asked_for
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES

# Imported when it is called: whoever asks for help, or backs up the register, does not wait for the rest.
COMMANDS = {
    "serve": "compliance.command:serve",
    "intake": "compliance.intake.commands:main",
    "purge": "compliance.purge.commands:main",
    "register": "compliance.operations.commands:register",
    "ledger": "compliance.operations.commands:check",
    "suppression": "compliance.suppression.commands:main",
    "marks": "compliance.marks.commands:main",
    "report": "compliance.report.commands:main",
    "requests": "compliance.requests.commands:main",
    "review": "compliance.review.commands:main",
    "incidents": "compliance.incidents.commands:main",
    "access": "compliance.environments.commands:main",
    "cookies": "compliance.cookies.commands:main",
    "controls": "compliance.controls.commands:main",
    "findings": "compliance.findings.commands:main",
    "notices": "compliance.notices.commands:main",
    "processing": "compliance.processing.commands:main",
    "digest": "compliance.digest.commands:main",
    "keys": "compliance.operations.commands:keys",
    "copy": "compliance.operations.commands:copy",
    "demo": "compliance.demo.commands:main",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Hands the call on to its area, with the language that was asked for before it. Returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser(asked_for(given)).parse_args(given)
    module, _, function = COMMANDS[options.command].partition(":")
    work: Callable[[list[str]], int] = getattr(import_module(module), function)
    told = ["--language", options.language] if options.language else []
    return work([*told, *options.rest])


def _parser(language: str) -> argparse.ArgumentParser:
    areas = "\n".join(f"  {name:<12} {say(f'command.{name}', language)}" for name in COMMANDS)
    codes = "\n".join(f"  {int(code):<12} {say(f'exit.{code.name.lower()}', language)}" for code in Exit)
    parser = Parser(
        prog="compliance",
        description=f"{say('command.about', language)}\n\n{areas}\n\n{say('exit.about', language)}\n\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--language", choices=LANGUAGES, help=say("command.language", language))
    parser.add_argument("command", choices=COMMANDS, metavar="AREA", help=say("command.area", language))
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help=say("command.rest", language))
    return parser


def serve(arguments: list[str]) -> int:
    """The dashboard, as `python -m compliance.serve` starts it; Streamlit reads its options from the process's own."""
    sys.argv[1:] = arguments
    runpy.run_module("compliance.serve", run_name="__main__", alter_sys=True)
    return Exit.DONE
