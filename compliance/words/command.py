"""What every command line says alike: exit codes, languages, and why something was refused."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO, cast, get_args

from pydantic.fields import FieldInfo

from compliance.words import processes
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES


class Exit(IntEnum):
    """The exit codes of every command, for cron."""

    # Done, or nothing to do.
    DONE = 0
    # Something was refused, failed, or is not as it was written.
    REFUSED = 1
    # No such call; nothing was tried. argparse ends with this one, too.
    USAGE = 2
    # Somebody else is at it, or may be: the same call is good later.
    WAITING = 3
    # What was to be checked could not be: nothing is said of whether it is as it was written.
    UNCHECKED = 4


EXIT_CODES = (
    "Exit codes: 0 done or nothing to do, 1 something was refused, failed or is not as it was written, 2 wrong call, "
    "3 somebody else is or may be at work, try again later, "
    "4 what was to be checked could not be."
)
# What argparse says of wrong calls. Texts: `usage.<key>`.
_WRONG = (
    (r"the following arguments are required: (?P<names>.+)", "required"),
    (r"unrecognized arguments: (?P<names>.+)", "unknown"),
    (r"invalid choice: (?P<value>.+) \(choose from (?P<names>.+)\)", "choice"),
    (r"invalid \w+ value: (?P<value>.+)", "value"),
    (r"expected one argument", "one"),
    (r"expected at least one argument", "some"),
    (r"expected (?P<number>\d+) arguments", "number"),
    (r"not allowed with argument (?P<names>.+)", "together"),
    (r"one of the arguments (?P<names>.+) is required", "one_of"),
)
# What stands for a value that is read from standard input, and before the name of the file that it is read from.
_INPUT, _FILE = "-", "@"
# Characters of a name or a reference, in which no story is told.
_SHORT = 200
# All but tabs and line feeds, with what turns the direction of a text or ends its lines.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
# The highest number that a row can have, on either database.
_HIGHEST = 2**31 - 1
_LATER = (
    "automatic_under_way",
    "batch_at_work",
    "copy_busy",
    "copy_changing",
    "digest_under_way",
    "intake_running",
    "register_busy",
)


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in the language that the call asks for."""

    # Of the call that is being read: a part of it does not know what stands before.
    _language = "en"

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, once it is known in which language."""
        given = list(sys.argv[1:] if args is None else args)
        Parser._language = asked_for(given)
        return super().parse_known_args(given, namespace)

    def add_subparsers(self, **options: Any) -> Any:
        """As argparse does; the parts answer in the language of the whole."""
        return super().add_subparsers(**{"parser_class": _Part, **options})

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and ends with USAGE."""
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {wrong(message, Parser._language)}\n")


class _Part(Parser):
    parse_known_args = argparse.ArgumentParser.parse_known_args


def parser(prog: str, description: str, **options: Any) -> argparse.ArgumentParser:
    """A parser that tells the exit codes and takes `--language`."""
    made = Parser(prog=prog, description=description, epilog=EXIT_CODES, **options)
    made.add_argument("--language", choices=LANGUAGES, default="en")
    return made


def line(cells: Iterable[object]) -> str:
    """A line of a list, for a person and for the next program: its cells with tabs between them, a dash for none."""
    return "\t".join("–" if cell is None or cell == "" else " ".join(str(cell).split()) for cell in cells) + "\n"


def tell(told: str, *, wrong: bool = False) -> None:
    """A line on standard output, or on standard error for what is `wrong`: one, whatever names in it are called."""
    # What begins a line elsewhere as well, by which a name could say what nobody has said.
    (sys.stderr if wrong else sys.stdout).write(" ".join(told.splitlines()) + "\n")


class _Plain:
    """A stream that has no control characters, whatever is written to it: names of files, columns and persons come from
    outside, and a terminal does what such characters tell it.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Writes a text as far as it is one, and what is not by its number."""
        return self._out.write(_CONTROL.sub(lambda one: f"\\u{ord(one[0]):04x}", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


@contextmanager
def plain_streams() -> Iterator[None]:
    """Lets nothing that is printed until the end of the block tell a terminal what to do."""
    out, wrong = (cast(TextIO, _Plain(one)) for one in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(wrong):
        yield


def number(text: str) -> int:
    """What numbers a row of the register, as an argument. Raises ValueError for what no row is numbered by."""
    found = int(text)
    if not 0 < found <= _HIGHEST:
        raise ValueError
    return found


def typed(read: Callable[[], str]) -> str:
    """What stands on standard input, where others cannot see it as they see arguments.

    Raises Refused `input_unreadable` for what is no text: bytes of another encoding, or zeros, which no database takes.
    """
    try:
        told = read()
        told.encode()
    except UnicodeError:
        raise Refused("input_unreadable") from None
    if "\0" in told:
        raise Refused("input_unreadable")
    return told


class Fact(NamedTuple):
    """A fact of a call: NAME=VALUE. `is_seen` says that its value stood among the arguments, where others see it."""

    name: str
    value: str
    is_seen: bool


def add_facts(taker: argparse.ArgumentParser) -> None:
    """Has a command take `--fact`, as often as there is one."""
    taker.add_argument(
        "--fact",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="NAME=- reads the value from standard input, NAME=@FILE from a file: others can see arguments",
    )


def facts(given: Iterable[str]) -> list[Fact]:
    """What `--fact` told, by names that are each told once.

    Raises Refused `fact_twice` for one that is told again, `input_twice` where a second one is to come from standard
    input, and what `typed` does.
    """
    found: dict[str, Fact] = {}
    is_read = False
    for one in given:
        name, _, value = one.partition("=")
        if name in found:
            raise Refused("fact_twice", fact=name)
        is_seen = value != _INPUT and not value.startswith(_FILE)
        if value == _INPUT:
            if is_read:
                raise Refused("input_twice", fact=name)
            value, is_read = typed(sys.stdin.read), True
        elif not is_seen:
            value = typed(partial(Path(value.removeprefix(_FILE)).read_text, encoding="utf-8"))
        found[name] = Fact(name, value.strip(), is_seen)
    return list(found.values())


def refuse_seen(told: Fact, field: FieldInfo, language: str) -> None:
    """Raises Refused `fact_seen` for a text among the arguments in which somebody may be told of, as long as it may be;
    of a short one it says on standard error that others could see it.
    """
    longest = _longest_text(field)
    if told.is_seen and longest > _SHORT:
        raise Refused("fact_seen", fact=told.name)
    if told.is_seen and longest:
        sys.stderr.write(say("usage.fact_seen", language, fact=told.name) + "\n")


def _longest_text(field: FieldInfo) -> int:
    """How many characters a field takes of what somebody makes up; none where it takes codes, numbers or days."""
    told = list(field.metadata)
    kinds = [field.annotation]
    while kinds:
        kind = kinds.pop()
        told += getattr(kind, "__metadata__", ())
        kinds += get_args(kind)
    return max((getattr(one, "max_length", None) or 0 for one in told), default=0)


def asked_for(given: Sequence[str], default: str = "en") -> str:
    """The language that a call asks for; the default where that is none that there is."""
    first = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    first.add_argument("--language", choices=LANGUAGES, default=default)
    try:
        language: str = first.parse_known_args(given)[0].language
    except argparse.ArgumentError:
        return default
    return language


def wrong(message: str, language: str) -> str:
    """What argparse says of a wrong call, in a language; as it says it where that is not known here."""
    place = re.fullmatch(r"argument (?P<place>.+?): (?P<what>.+)", message, re.DOTALL)
    what = place["what"] if place else message
    for pattern, key in _WRONG:
        if found := re.fullmatch(pattern, what, re.DOTALL):
            what = say(f"usage.{key}", language, **found.groupdict())
            break
    return say("usage.at", language, place=place["place"], what=what) if place else what


def exit_of(refused: Refused) -> Exit:
    """The exit code of a refusal."""
    return Exit.WAITING if refused.code in _LATER else Exit.REFUSED


def worst(ended: Iterable[Exit]) -> Exit:
    """The exit code of several pieces of work: what was refused is worse than what has to wait."""
    told = set(ended)
    return next((code for code in (Exit.REFUSED, Exit.WAITING) if code in told), Exit.DONE)


def attempt(work: Callable[[], int], *languages: str, refused_as: Exit = Exit.REFUSED) -> int:
    """Does a command's work and returns its exit code; says in words why it was refused, and what a file did not do.

    What was refused and need not wait ends with `refused_as`.
    """
    processes.dump_nothing()
    with plain_streams():
        return _attempt(work, *languages, refused_as=refused_as)


def _attempt(work: Callable[[], int], *languages: str, refused_as: Exit) -> int:
    try:
        return work()
    except Refused as refused:
        told = refuse(refused, *languages)
        return told if told is Exit.WAITING else refused_as
    except BrokenPipeError:
        # Whoever read the answer has read enough (`| head`); what is left of it is for nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return refused_as
    except OSError as error:
        refuse(Refused("file_failed", file=str(error.filename or "–"), why=error.strerror or ""), *languages)
        return refused_as


def refuse(refused: Refused, *languages: str) -> Exit:
    """Says on standard error, in words, why something was refused; in several languages where nobody has chosen one."""
    for language in languages:
        tell(refusal(refused.code, language, refused.values), wrong=True)
    return exit_of(refused)
