"""Which marks there are and whom they are on."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.marks import asks
from compliance.marks.tables import Kind, mark, mark_loss, mark_person
from compliance.reading.copy import Reading
from compliance.words.deadlines import add_working_days, local_date

# A working day from receipt is the longest that an objection to mailings may take (article 21.3: at once).
OPT_OUT_WORKING_DAYS = 1


@dataclass(frozen=True)
class Entry:
    """A mark as the register keeps it."""

    mark_id: int
    kind: str
    ground: str | None
    received_on: dt.date
    placed_at: dt.datetime
    case_ref: str | None
    review_on: dt.date | None
    told_on: dt.date | None
    ended_at: dt.datetime | None
    ending: str | None


@dataclass(frozen=True)
class MarkRow:
    """A mark on a day. `persons` are whom it is on in the copy, by id, `doubtful` those of them of whom only the key of
    a record is still the same; `lost_at` is since when it waits for somebody to say whom it is on, None where it does
    not.
    """

    entry: Entry
    as_of: dt.date
    persons: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    lost_at: dt.datetime | None = None

    @property
    def active(self) -> bool:
        """Whether it acts."""
        return self.entry.ended_at is None

    @property
    def days_to_review(self) -> int | None:
        """Days until a restriction must have been reviewed, negative where that day is past; None for all others."""
        if not self.active or self.entry.review_on is None:
            return None
        return (self.entry.review_on - self.as_of).days

    @property
    def past_review(self) -> bool:
        """Whether the day of its review has passed without one."""
        return self.days_to_review is not None and self.days_to_review < 0

    @property
    def days_to_effect(self) -> int:
        """Days from the day on which it was asked for until it acted."""
        return (local_date(self.entry.placed_at) - self.entry.received_on).days

    @property
    def is_late(self) -> bool:
        """Whether an objection to mailings acted later than by the end of the next working day."""
        latest = add_working_days(self.entry.received_on, OPT_OUT_WORKING_DAYS)
        return self.entry.kind == Kind.OPTED_OUT and local_date(self.entry.placed_at) > latest


@dataclass(frozen=True)
class Summary:
    """The figures of marks on a day. Persons are counted in the copy, None without one: those whom the register marks,
    and of mailings those of whom their source says it.
    """

    totals: asks.MarkTotals | None
    restrictions: int
    past_review: int
    lost: int
    opt_outs_late: int


def listing(register: sa.Engine, as_of: dt.date) -> list[MarkRow]:
    """Every mark of the register: what waits for somebody first, then what is to be reviewed, then the newest; what is
    over last.
    """
    return _listed(register, as_of, sa.true())


def on_person(register: sa.Engine, person_id: str, as_of: dt.date) -> list[MarkRow]:
    """The marks that act on a person of the copy, in the same order."""
    theirs = sa.select(mark_person.c.mark_id).where(mark_person.c.person_id == person_id)
    return _listed(register, as_of, sa.and_(mark.c.mark_id.in_(theirs), mark.c.ended_at.is_(None)))


def _listed(register: sa.Engine, as_of: dt.date, which: sa.ColumnElement[bool]) -> list[MarkRow]:
    numbers = sa.select(mark.c.mark_id).where(which)
    with register.connect() as connection:
        entries = [
            Entry(**{one.name: row[one.name] for one in dataclasses.fields(Entry)})
            for row in connection.execute(sa.select(mark).where(which)).mappings()
        ]
        on: dict[int, dict[str, bool]] = {}
        for mark_id, person_id, is_same in connection.execute(
            sa.select(mark_person).where(mark_person.c.mark_id.in_(numbers))
        ):
            on.setdefault(mark_id, {})[person_id] = is_same
        waiting = connection.execute(
            sa.select(mark_loss.c.mark_id, sa.func.min(mark_loss.c.lost_at).label("since"))
            .where(mark_loss.c.settled_at.is_(None), mark_loss.c.mark_id.in_(numbers))
            .group_by(mark_loss.c.mark_id)
        )
        lost = {row.mark_id: row.since for row in waiting}
    found = [
        MarkRow(
            entry,
            as_of,
            tuple(sorted(on.get(entry.mark_id, {}))),
            tuple(sorted(person for person, is_same in on.get(entry.mark_id, {}).items() if not is_same)),
            lost.get(entry.mark_id),
        )
        for entry in entries
    ]
    return sorted(
        found,
        key=lambda one: (
            not one.active,
            one.lost_at is None,
            one.entry.review_on or dt.date.max,
            -one.entry.placed_at.timestamp(),
        ),
    )


def summary(found: Sequence[MarkRow], reading: Reading | None) -> Summary:
    """How many persons are marked, which marks (of `listing`) wait for somebody, and how many opt-outs acted late."""
    active = [one for one in found if one.active]
    return Summary(
        reading.one(asks.MARK_TOTALS) if reading else None,
        sum(one.entry.kind == Kind.RESTRICTED for one in active),
        sum(one.past_review for one in active),
        sum(one.lost_at is not None for one in active),
        sum(one.is_late for one in found),
    )
