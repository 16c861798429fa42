"""The ready texts: files in data/letters, which the data protection officer can change, or put others beside.

A file is `<kind>.<language>.txt`: its first line the heading, then the text in paragraphs. What stands in {{ }} is
filled in; each such word is one of PLACEHOLDERS. A text that cannot be used is told by its file and what is wrong.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from compliance.words.refusal import Refused
from compliance.words.settings import ROOT, Settings

_SHIPPED = ROOT / "data" / "letters"
_SENDER = "sender.toml"


class Kind(StrEnum):
    """What a letter is for. Texts: `letter_kind.<value>`."""

    RECEIPT = "receipt"
    IDENTITY = "identity"
    EXTENSION = "extension"
    REDIRECTION = "redirection"
    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"
    OPT_OUT = "opt_out"
    RECTIFIED = "rectified"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    ACCESS = "access"
    NOT_IDENTIFIED = "not_identified"
    NOT_FOUND = "not_found"


# What a text may name (texts: `letter_word.<value>`), and the function that marks what is to be filled in by hand.
PLACEHOLDERS = (
    "greeting", "number", "request", "company", "contact", "today", "received_on", "due_on", "doubt",
    "identity_asked_on", "identity_answer_by", "extended_to", "extension_reason", "customer", "forwarded_on",
    "effect_on", "lifted_on", "erased", "rest_erased", "kept", "refused", "recipients_open", "backups_until",
)  # fmt: skip
MISSING = "missing"


@dataclass(frozen=True)
class Letter:
    """A heading and a text in paragraphs, as they leave."""

    heading: str
    text: str


def fill(settings: Settings, kind: Kind, language: str, values: Mapping[str, Any]) -> Letter:
    """A ready text with its words filled in; `values` has one for each of PLACEHOLDERS but who it is from, and MISSING.

    Raises Refused `letter_unreadable`, `letter_wrong` with the line, `letter_word_unknown` with the word,
    `letter_forbidden`, `letter_empty`, and `letter_sender_wrong`.
    """
    path = _path(settings, f"{kind}.{language}.txt")
    template = _template(path.name, _read(path))
    try:
        filled = template.render({**sender(settings), **values})
    except SecurityError:
        raise Refused("letter_forbidden", file=path.name) from None
    except (TemplateError, ArithmeticError, AttributeError, TypeError, ValueError, LookupError):
        # What is no such word of a word, as {{ kept.when }}, or is reckoned with as if it were a number.
        raise Refused("letter_unfillable", file=path.name) from None
    heading, _, text = filled.strip().partition("\n")
    if not heading.strip() or not text.strip():
        raise Refused("letter_empty", file=path.name)
    return Letter(heading.strip(), _tidy(text))


def sender(settings: Settings) -> dict[str, str]:
    """Who letters are from. Raises Refused `letter_unreadable` and `letter_sender_wrong`."""
    path = _path(settings, _SENDER)
    try:
        told = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError:
        raise Refused("letter_sender_wrong", file=path.name) from None
    found = {name: told.get(name) for name in ("company", "contact")}
    if set(told) != set(found) or not all(isinstance(value, str) and value.strip() for value in found.values()):
        raise Refused("letter_sender_wrong", file=path.name)
    return {name: str(value) for name, value in found.items()}


def _path(settings: Settings, name: str) -> Path:
    """A file of the folder that the settings name, else the one that is shipped."""
    own = settings.letters / name if settings.letters else None
    return own if own is not None and own.exists() else _SHIPPED / name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refused("letter_unreadable", file=path.name) from None


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # A letter is filled in; it reckons nothing and asks nobody.
    made.globals.clear()
    return made


@lru_cache(maxsize=64)
def _template(name: str, text: str) -> Template:
    _check_words(name, text)
    return _environment().from_string(text)


def _check_words(name: str, text: str) -> None:
    try:
        found = meta.find_undeclared_variables(_environment().parse(text))
    except TemplateSyntaxError as error:
        raise Refused("letter_wrong", file=name, line=error.lineno) from None
    for word in sorted(found):
        if word not in (*PLACEHOLDERS, MISSING):
            raise Refused("letter_word_unknown", file=name, word=word)


def _tidy(text: str) -> str:
    """Paragraphs with one empty line between them, whatever the conditions around them have left."""
    paragraphs: list[list[str]] = [[]]
    for line in (one.rstrip() for one in text.strip().splitlines()):
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
