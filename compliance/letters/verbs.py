"""What is done with a letter: it leaves as a file, and that it went out is recorded. Nothing is sent from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from compliance.access.at import At
from compliance.letters import case, documents
from compliance.letters.documents import Form
from compliance.letters.wording import Kind, Letter
from compliance.requests import desk
from compliance.requests.tables import Step
from compliance.show.extract import Stamp, Whole, extract, file_name
from compliance.show.leaving import Written
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Permission

LONGEST = 20_000


def name(number: int, kind: Kind, language: str, stamp: Stamp, form: Form) -> str:
    """A name for the file, which names nobody."""
    return file_name(f"{say(f'letter_kind.{kind}', language)} {number}", stamp, language, form)


def leave(
    at: At,
    number: int,
    letter: Letter,
    language: str,
    stamp: Stamp,
    form: Form,
    clock: Callable[[], dt.datetime],
    *,
    named: bool,
) -> Written:
    """A letter as a file that leaves. The ledger has its digest and the request that it answers. One that is `named`,
    or that somebody may have been named in by hand, counts as an extract with names.

    Raises Refused `not_allowed`, `limit_extracts`, and what `check` does.
    """
    at.require_of_all(Permission.HANDLE_REQUESTS)
    check(letter, language)
    file = documents.content(letter, form, language, at.today)
    whole = Whole("letter", form, stamp, documents.digest(letter), number)
    permission = Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES
    return extract(at, whole, [(file, 1)], permission, clock)


def sent(at: At, number: int, kind: Kind, letter: Letter, language: str, day: dt.date) -> None:
    """Records that a letter went out on a day, by the digest of its text: a step of the request, with its line.

    Raises Refused as `check` and compliance.requests.desk.write do.
    """
    at.require_of_all(Permission.HANDLE_REQUESTS)
    check(letter, language)
    facts = {"letter": kind.value, "language": language, "digest": documents.digest(letter)}
    desk.write(at, number, Step.LETTER, day, facts)


def check(letter: Letter, language: str) -> None:
    """Raises Refused `letter_gaps` for one in which something is still to be filled in, `letter_empty_text`, and
    `letter_long`.
    """
    letter = documents.held(letter)
    if not letter.heading.strip() or not letter.text.strip():
        raise Refused("letter_empty_text")
    if len(letter.heading) + len(letter.text) > LONGEST:
        raise Refused("letter_long", most=LONGEST)
    found = case.gaps(letter, language)
    if found:
        raise Refused("letter_gaps", gaps=", ".join(found))
