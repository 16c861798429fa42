"""Who should have had a digest by mail and has not: a digest that is not sent cannot say so itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance.access.readers import Reader, readers
from compliance.digest.tables import State, Why, digest_sending
from compliance.review import reviews
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say

# From the Monday of the week that was last told: the next one has its Monday, and a day for what has to wait.
_LONGEST = dt.timedelta(days=8)


class Silent(StrEnum):
    """How a reader was not told. Texts: `silence.<value>`."""

    FAILED = "failed"
    LATE = "late"
    NEVER = "never"


@dataclass(frozen=True)
class Silence:
    """A reader who was not told. `last` is the last week that they were told of, `why` and `answer` of a failure."""

    pseudonym: str
    role: str
    what: Silent
    last: str | None
    why: Why | None = None
    answer: int | None = None


def silences(settings: Settings, register: sa.Engine, today: dt.date) -> list[Silence]:
    """Each reader whose last digest failed, who was told too long ago, or never; none where nothing is mailed.

    Raises Refused as compliance.access.readers does.
    """
    return [] if settings.mail is None else _silences(register, readers(settings).told, today)


def _silences(register: sa.Engine, wanted: Sequence[Reader], today: dt.date) -> list[Silence]:
    table = digest_sending
    of: dict[str, list[sa.Row[Any]]] = {reader.actor.pseudonym: [] for reader in wanted}
    with register.connect() as connection:
        for row in connection.execute(sa.select(table).where(table.c.reader.in_(of)).order_by(table.c.week.desc())):
            of[row.reader].append(row)
    found = []
    for reader in wanted:
        rows = of[reader.actor.pseudonym]
        last = next((row.week for row in rows if row.state == State.SENT), None)
        who = (reader.actor.pseudonym, reader.actor.role.value)
        if rows and rows[0].state == State.FAILED:
            found.append(Silence(*who, Silent.FAILED, last, Why(rows[0].why), rows[0].answer))
        elif last is None:
            found.append(Silence(*who, Silent.NEVER, None))
        elif today - (reviews.last_day(last) - dt.timedelta(days=6)) >= _LONGEST:
            found.append(Silence(*who, Silent.LATE, last))
    return found


def told(settings: Settings, register: sa.Engine, today: dt.date, language: str) -> list[str]:
    """The same in words, with what keeps anybody from being told at all."""
    if settings.mail is None:
        return []
    try:
        listed = readers(settings)
    except Refused as refused:
        return [refusal(refused.code, language, refused.values)]
    return [
        *(say("silence.without_role", language, place=place) for place in listed.without_role),
        *(_in_words(one, language) for one in _silences(register, listed.told, today)),
    ]


def _in_words(one: Silence, language: str) -> str:
    why = why_in_words(one.why, one.answer, language) if one.why else ""
    return say(
        f"silence.{one.what}", language, role=say(f"role.{one.role}", language), who=reference(one.pseudonym),
        last=one.last, why=why,
    )  # fmt: skip


def why_in_words(why: Why, answer: int | None, language: str) -> str:
    """Why a digest did not go out, with the server's number where it answered."""
    told = say(f"digest_why.{why}", language)
    return told if answer is None else say("digest_why.answer", language, why=told, answer=str(answer))
