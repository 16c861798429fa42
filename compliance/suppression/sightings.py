"""Rows of exports that belong, or may belong, to persons who were purged: how many, from where and since when."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from compliance.suppression.tables import Seen, reappearance, suppression
from compliance.words.deadlines import local_date

_DAYS = 7


class Returns(StrEnum):
    """Which of those rows. Texts: `returns.<value>`."""

    WEEK = "week"
    WAITING = "waiting"


@dataclass(frozen=True)
class Sighting:
    """So many rows of one export that belong to those of one purge, seen first and last on the same days: kept out, or
    in the copy until it is decided (`waits`) whether they are theirs. Names nobody.
    """

    source: str
    dataset: str
    batch_id: int
    kind: Seen
    waits: bool
    first_seen_on: dt.date
    last_seen_on: dt.date
    rows: int


def sightings(register: sa.Engine) -> list[Sighting]:
    """All of them, the newest first; not those that were let in since they are registered anew."""
    seen = reappearance
    query = (
        sa.select(
            seen.c.source,
            seen.c.dataset,
            suppression.c.batch_id,
            seen.c.kind,
            seen.c.confirmed_at.is_(None).label("is_open"),
            seen.c.first_seen_at,
            seen.c.last_seen_at,
            sa.func.count().label("rows"),
        )
        .join(suppression, suppression.c.suppression_id == seen.c.suppression_id)
        .where(seen.c.kind.in_((Seen.KEPT_OUT, Seen.POSSIBLE)))
        .group_by(
            seen.c.source, seen.c.dataset, suppression.c.batch_id, seen.c.kind, seen.c.confirmed_at.is_(None),
            seen.c.first_seen_at, seen.c.last_seen_at,
        )
    )  # fmt: skip
    counted: Counter[tuple[str, str, int, Seen, bool, dt.date, dt.date]] = Counter()
    with register.connect() as connection:
        for row in connection.execute(query):
            kind = Seen(row.kind)
            days = local_date(row.first_seen_at), local_date(row.last_seen_at)
            waits = kind is Seen.POSSIBLE and bool(row.is_open)
            counted[row.source, row.dataset, row.batch_id, kind, waits, *days] += row.rows
    found = [Sighting(*told, rows) for told, rows in counted.items()]
    return sorted(found, key=lambda one: (-one.last_seen_on.toordinal(), one.source, one.dataset, -one.batch_id))


def belongs(one: Sighting, which: Returns, as_of: dt.date) -> bool:
    """Whether rows were seen in the last seven days, or have waited for a decision for longer than that."""
    last_week = as_of - dt.timedelta(days=_DAYS)
    if which is Returns.WEEK:
        return last_week < one.last_seen_on <= as_of
    return one.waits and one.first_seen_on < last_week
