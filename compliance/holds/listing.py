"""What holds there are and what they cover."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from compliance import access
from compliance.access import Actor
from compliance.holds import asks, losses
from compliance.holds.tables import FORGOTTEN, Scope, hold, hold_number, hold_record
from compliance.identity import search as identity
from compliance.identity.normalise import without_legal_form
from compliance.reading.copy import Reading
from compliance.show.asks import Entry as EntryShown
from compliance.words.references import is_whole
from compliance.words.vocabulary import Permission, Status

_FOUND = 20


@dataclass(frozen=True)
class Entry:
    """A hold as the register keeps it. `placed_by` and `released_by` are pseudonyms."""

    scope: str
    scope_key: str
    ground: str
    owner: str
    placed_on: dt.date
    review_on: dt.date
    case_ref: str | None = None
    placed_by: str | None = None
    reviewed_on: dt.date | None = None
    released_on: dt.date | None = None
    released_by: str | None = None
    # The number of the hold that this one followed to another id.
    follows: int | None = None


@dataclass(frozen=True)
class Coverage:
    """What a hold covers on a day: entries and persons, entries whose purge it stops now, and those of them that are
    past their last lawful day.
    """

    bases: int
    persons: int
    held: int
    past_ceiling: int


@dataclass(frozen=True)
class HoldRow:
    """A hold on a day, with those that followed it. `keys` are the ids it is on, the newest first; of persons and
    entries, those that somebody is behind as far as anybody is.

    `coverage` is None for one that is released, and where there is no copy to count in. `is_lost` is one that covers
    nothing since an intake, or somebody else, and that nobody has settled.
    """

    hold_id: int
    entry: Entry
    keys: tuple[str, ...]
    as_of: dt.date
    coverage: Coverage | None
    is_lost: bool = False

    @property
    def active(self) -> bool:
        """Whether it holds on the day."""
        return self.entry.released_on is None or self.entry.released_on > self.as_of

    @property
    def days_to_review(self) -> int | None:
        """Days until it must have been reviewed, negative where that day is past; None for one that is released."""
        return (self.entry.review_on - self.as_of).days if self.active else None

    @property
    def past_review(self) -> bool:
        """Whether the day of its review has passed without one."""
        return self.active and self.entry.review_on < self.as_of


class Holds(StrEnum):
    """Which of the holds that are on. Texts: `holds.<value>`."""

    ACTIVE = "active"
    PAST_REVIEW = "past_review"
    WITHOUT_OWNER = "without_owner"
    LOST = "lost"


def belongs(one: HoldRow, which: Holds) -> bool:
    """Whether a hold is on and, besides, past its review, without an owner, or lost."""
    wanting = {
        Holds.PAST_REVIEW: one.past_review,
        Holds.WITHOUT_OWNER: not one.entry.owner.strip(),
        Holds.LOST: one.is_lost,
    }
    return one.active and wanting.get(which, True)


@dataclass(frozen=True)
class Summary:
    """The figures of holds on a day (domain.md K30). `total` counts each entry once; None without a copy."""

    active: int
    past_review: int
    without_owner: int
    total: Coverage | None


def listing(register: sa.Engine, reading: Reading | None, as_of: dt.date) -> list[HoldRow]:
    """Every hold of the register, with those that followed it as one: those past review first, then by the day of
    their review, the released ones last.
    """
    covered = {
        row.hold_id: Coverage(row.bases, row.persons, row.held, row.past_ceiling)
        for row in (reading.rows(asks.HOLD_COVERAGE) if reading else ())
    }
    with register.connect() as connection:
        rows = connection.execute(sa.select(hold, hold_number.label("number")).order_by(hold.c.hold_id)).mappings()
        groups: dict[int, list[sa.RowMapping]] = {}
        for row in rows:
            groups.setdefault(row["number"], []).append(row)
        found_behind = set(connection.scalars(sa.select(hold_record.c.hold_id).distinct()))
    lost = {one.hold_id for one in losses.waiting(register)}
    found: list[HoldRow] = []
    for number, group in groups.items():
        behind = [row for row in group if row["hold_id"] in found_behind] or group
        ids = dict.fromkeys(row["scope_key"] for row in reversed(behind) if row["scope_key"] != FORGOTTEN)
        one = HoldRow(number, _entry(group[0]), tuple(ids), as_of, covered.get(number), number in lost)
        found.append(one if one.active else dataclasses.replace(one, coverage=None))
    return sorted(
        found,
        key=lambda one: (
            not one.active,
            one.entry.review_on.toordinal() if one.active else -(one.entry.released_on or as_of).toordinal(),
            one.hold_id,
        ),
    )


def summary(register: sa.Engine, reading: Reading | None, as_of: dt.date) -> Summary:
    """How many holds are on, how many of them wait for review or have no owner, and what all of them cover."""
    found = listing(register, None, as_of)
    total = reading.one(asks.HOLD_TOTALS) if reading else None
    return Summary(
        sum(belongs(one, Holds.ACTIVE) for one in found),
        sum(belongs(one, Holds.PAST_REVIEW) for one in found),
        sum(belongs(one, Holds.WITHOUT_OWNER) for one in found),
        Coverage(*total) if total else None,
    )


def target_of(entries: Sequence[EntryShown]) -> asks.HoldTarget:
    """What `target` says, where all of the entries that it would cover are at hand."""
    pressing = sum(one.status in (Status.OVERDUE, Status.DUE, Status.HELD) for one in entries)
    return asks.HoldTarget(len(entries), len({one.person_id for one in entries}), pressing)


def target(reading: Reading, scope: str, key: str) -> asks.HoldTarget:
    """What a hold on `key` would cover today: bases, persons, and pressing ones (due, overdue or held already)."""
    low, high = reading.window_of(key) if scope == Scope.PERSON else (None, None)
    return reading.one(asks.HOLD_TARGET, scope=str(scope), scope_key=key, low=low, high=high)


def organisations(reading: Reading, actor: Actor, search: str) -> list[asks.FoundOrganisation]:
    """The first organisations whose name, whatever its legal form, or key has `search` in it.

    Raises Refused `not_allowed`.
    """
    access.require(actor, Permission.MANAGE_HOLDS)
    wanted = without_legal_form(search)
    return reading.rows(asks.FIND_ORGANISATIONS, search=wanted, rows=_FOUND) if wanted else []


def persons(reading: Reading, actor: Actor, search: str) -> list[asks.FoundPerson]:
    """The first persons whose reference begins with `search` or, for those who may see persons, whom it finds by
    `compliance.identity.search`; the caller records that look. Without that right a reference must be whole.

    Raises Refused `not_allowed`.
    """
    access.require(actor, Permission.MANAGE_HOLDS)
    named = access.may(actor, Permission.SEE_PERSONS)
    sought = identity.sought(search, named=named)
    if sought is None or not (named or is_whole(search)):
        return []
    return reading.rows(asks.FIND_PERSONS, sought=sought, named=named, rows=_FOUND)


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(**{name.name: row[name.name] for name in dataclasses.fields(Entry)})
