"""What an entry of the register of roles and controls says: one model each, from which the forms are made too."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from compliance.controls.tables import EntryKind
from compliance.findings.tables import Owner
from compliance.register.entries import Facts


class Office(StrEnum):
    """An office that the policy promises to be held. Texts: `office.<value>`."""

    DPO = "dpo"
    CISO = "ciso"


class Sort(StrEnum):
    """Of what kind a measure is (GDPR article 32). Texts: `measure_sort.<value>`."""

    TECHNICAL = "technical"
    ORGANISATIONAL = "organisational"


class Result(StrEnum):
    """What a test of a measure came to. Texts: `measure_result.<value>`."""

    PASSED = "passed"
    PARTLY = "partly"
    FAILED = "failed"


class Figure(StrEnum):
    """What only those who run the product can count. Texts: `told_figure.<value>`."""

    # Of an environment, or of all of them where no place is told.
    ORPHAN_FILES = "orphan_files"
    # Of a version of the product.
    MANDATORY_FIELDS = "mandatory_fields"
    OPEN_PAGES = "open_pages"
    # How many days the last of all backups holds what was erased.
    BACKUP_DAYS = "backup_days"


# Whoever answers for one of these decides what personal data are used for and how; who advises on the law does not.
DECIDING = frozenset(Owner) - {Owner.DATA_PROTECTION, Owner.LEGAL}

Text = Annotated[str, Field(min_length=1, max_length=400)]
Short = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(max_length=80)]


class Held(Facts):
    """Somebody holds an office, from the first day to the last (None: until further notice). `holder` is a reference;
    `functions` are what the same person answers for besides.
    """

    KIND = EntryKind.OFFICE
    office: Office
    holder: Annotated[str, Field(min_length=1, max_length=60)]
    from_on: dt.date
    until_on: dt.date | None = None
    functions: tuple[Owner, ...] = ()

    def covers(self, day: dt.date) -> bool:
        """Whether the office is held on a day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


class Measure(Facts):
    """A technical or organisational measure, whose it is, and how often it has to be tested."""

    KIND = EntryKind.MEASURE
    name: Short
    sort: Sort
    guards: Text
    owner: Owner | None = None
    test_months: Annotated[int, Field(ge=1, le=60)]


class TestTold(BaseModel):
    """A test as it is told of a measure that was chosen."""

    # Not a class of tests.
    __test__ = False
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    tested_on: dt.date
    result: Result
    evidence: Word = ""


class Tested(Facts):
    """A measure was tested. `measure` is the number of the first entry that told of it."""

    # Not a class of tests.
    __test__ = False
    KIND = EntryKind.TESTED
    measure: int
    tested_on: dt.date
    result: Result
    evidence: Word = ""


class Told(Facts):
    """A figure as it was counted on a day: of `place`, by whom or what `source` says. Several days of one place may
    stand; the newest counts.
    """

    KIND = EntryKind.FIGURE
    figure: Figure
    place: Word = ""
    value: Annotated[int, Field(ge=0, le=1_000_000_000)]
    counted_on: dt.date
    source: Short


class Struck(Facts):
    """An entry was wrong, or what it tells of is no more, and nothing stands in its place."""

    KIND = EntryKind.STRUCK
    reason: Text


MODELS: dict[EntryKind, type[Facts]] = {EntryKind(model.KIND): model for model in (Held, Measure, Tested, Told, Struck)}


def folded(word: str) -> str:
    """A word as words are compared."""
    return " ".join(word.casefold().split())
