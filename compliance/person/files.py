"""The bundle of a person as a file that leaves: JSON for machines, PDF for people. It is kept nowhere."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from compliance.access.at import At
from compliance.person.bundle import Bundle
from compliance.show import typeset
from compliance.show.extract import Stamp, Whole, extract, file_name
from compliance.show.leaving import Written
from compliance.words.deadlines import STOCKHOLM
from compliance.words.texts import say
from compliance.words.vocabulary import Permission

Form = Literal["json", "pdf"]
FORMS: tuple[Form, ...] = ("json", "pdf")
_TEMPLATE = Path(__file__).parent / "bundle.typ"
_WORDS = (
    "title", "sentence", "entries", "purpose", "ground", "recipients", "period", "until", "stored", "requests",
    "corrections", "erased", "erased_help", "rights", "notes", "left_out", "none", "no_rule", "source", "received",
    "closed",
)  # fmt: skip


def content(told: Bundle, form: Form) -> bytes:
    """The bundle in a form. The same bundle makes the same bytes."""
    if form == "json":
        return told.model_dump_json(indent=2).encode() + b"\n"
    made_at = dt.datetime.combine(told.as_of, dt.time(), STOCKHOLM)
    return typeset.pdf(_TEMPLATE, _told(told), made_at)


def _told(told: Bundle) -> dict[str, Any]:
    words = {word: say(f"bundle.{word}", told.language) for word in _WORDS}
    words["left_out"] = say("bundle.left_out", told.language, count=told.left_out)
    stamp = say("bundle.stamp", told.language, as_of=told.as_of, build=str(told.build), reference=told.reference)
    return {**told.model_dump(mode="json"), "say": words, "stamp": stamp}


def name(reference: str, as_of: dt.date, build: int, language: str, form: Form) -> str:
    """A name for the file, which names nobody."""
    return file_name(f"{say('bundle.file', language)} {reference}", Stamp(build, as_of, ""), language, form)


def write(
    at: At, made: Callable[[At], Bundle], form: Form, request: int | None, clock: Callable[[], dt.datetime]
) -> Written:
    """The bundle as it leaves. The ledger has what left, by whom, its digest and which request it answers, and nobody's
    name; it counts as an extract with names.

    Raises Refused `not_allowed` for whoever may not extract persons, or those of some categories alone,
    `limit_extracts`, and what compliance.person.bundle.of does.
    """
    at.require_of_all(Permission.EXTRACT_PERSONS)
    told = made(at)
    file = content(told, form)
    values = sum(len(row.values) for entry in told.entries for row in entry.rows)
    digest = hashlib.sha256(file).hexdigest()
    whole = Whole("person_bundle", form, Stamp(told.build, told.as_of, ""), digest, request)
    return extract(at, whole, [(file, values)], Permission.EXTRACT_PERSONS, clock)
