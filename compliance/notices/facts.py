"""What an entry of the register of notices says: one model each, from which the forms on the page are made too."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from compliance.notices.tables import EntryKind
from compliance.register.entries import Facts


class Origin(StrEnum):
    """Where a prospect comes from. Texts: `notice_origin.<value>`."""

    # As the policy says: sales meetings, fairs, conferences and other meetings.
    MET = "met"
    # The person got in touch: the data are the person's own (article 13).
    INBOUND = "inbound"
    # From somebody else (article 14).
    REFERRED = "referred"
    BOUGHT = "bought"
    COLLECTED = "collected"
    # A customer's environment, from which nothing may be taken.
    ENVIRONMENT = "environment"
    UNKNOWN = "unknown"


# Of these the person has to be told within a month.
ELSEWHERE = (Origin.REFERRED, Origin.BOUGHT, Origin.COLLECTED, Origin.ENVIRONMENT, Origin.UNKNOWN)

Text = Annotated[str, Field(min_length=1, max_length=400)]
Word = Annotated[str, Field(max_length=80)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class Meant(Facts):
    """What a word of a source for where prospects come from means."""

    KIND = EntryKind.MEANT
    word: Annotated[str, Field(min_length=1, max_length=80)]
    origin: Origin


class Informed(Facts):
    """Whoever a source has with a word, and registered between two days, has been told: when and how. An empty word is
    that the source says nothing.
    """

    KIND = EntryKind.INFORMED
    source: Name
    word: Word = ""
    registered_from: dt.date
    registered_until: dt.date
    informed_on: dt.date
    how: Text


class Struck(Facts):
    """An entry was wrong, and nothing stands in its place."""

    KIND = EntryKind.STRUCK
    reason: Text


MODELS: dict[EntryKind, type[Facts]] = {model.KIND: model for model in (Meant, Informed, Struck)}


def folded(word: str | None) -> str:
    """A word as words are compared."""
    return " ".join((word or "").casefold().split())


@cache
def words() -> Mapping[str, Origin]:
    """What words mean of themselves, in small letters: origins.toml."""
    told = tomllib.loads((Path(__file__).parent / "origins.toml").read_text(encoding="utf-8"))
    return {folded(word): Origin(origin) for origin, of_one in told.items() for word in of_one}
