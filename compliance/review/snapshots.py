"""Snapshots: every figure of a day as it was measured, with a number by which two readers speak of the same ones."""

from __future__ import annotations

import datetime as dt
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.review.kpis import NOT_MEASURED, Measured, Unknown, kpis
from compliance.review.tables import Occasion, earlier, snapshot

_WEEK = 7
# A review may be some days late; beyond that a comparison with "last week" would mislead.
_LATEST_BEFORE = 10
# What an earlier version counted as is counted now, by their codes.
_EARLIER_VERSION = 1
_REMEMBERED = 500
_read: OrderedDict[str, Mapping[str, Measured]] = OrderedDict()
# Put together once: a run of a page asks them several times.
_EARLIER = sa.select(earlier).where(earlier.c.as_of.between(sa.bindparam("since"), sa.bindparam("until")))
_BETWEEN = (
    sa.select(snapshot)
    .where(snapshot.c.as_of.between(sa.bindparam("since"), sa.bindparam("until")))
    .order_by(snapshot.c.snapshot_id)
)


@dataclass(frozen=True)
class Snapshot:
    """The figures of a day, by their codes. `number` is None for what an earlier version kept, or is not kept yet."""

    number: int | None
    as_of: dt.date
    build: int
    made_at: dt.datetime | None
    occasion: Occasion | None
    figures: Mapping[str, Measured]

    def get(self, code: str) -> Measured:
        """A figure, unknown where it was not measured then."""
        return self.figures.get(code, NOT_MEASURED)


def written(figures: Mapping[str, Measured]) -> str:
    """Figures as they are kept: each with the version of its formula, its value or why there is none, and its parts."""
    told = {
        code: {
            "version": kpis()[code].version,
            "value": one.value,
            **({"unknown": one.unknown.value} if one.unknown else {}),
            **({"cuts": dict(one.cuts)} if one.cuts else {}),
        }
        for code, one in figures.items()
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Mapping[str, Measured]:
    """What `written` was given. A figure that is counted in another way by now is not the same: not measured."""
    if text in _read:
        _read.move_to_end(text)
        return _read[text]
    found: dict[str, Measured] = {}
    for code, told in json.loads(text).items():
        kpi = kpis().get(code)
        if kpi is not None and told["version"] == kpi.version:
            unknown = Unknown(told["unknown"]) if "unknown" in told else None
            found[code] = Measured(told["value"], unknown, told.get("cuts", {}))
    _read[text] = found
    while len(_read) > _REMEMBERED:
        _read.popitem(last=False)
    return found


def by_number(register: sa.Engine, number: int) -> Snapshot | None:
    """The snapshot of that number, None where there is none."""
    with register.connect() as connection:
        row = connection.execute(sa.select(snapshot).where(snapshot.c.snapshot_id == number)).first()
    return None if row is None else _snapshot(row)


def week_before(register: sa.Engine, as_of: dt.date) -> Snapshot | None:
    """The newest snapshot of a day that is a week before, or some days more; None where there is none."""
    latest, earliest = as_of - dt.timedelta(days=_WEEK), as_of - dt.timedelta(days=_LATEST_BEFORE)
    found = history(register, earliest, latest)
    return found[-1] if found else None


def history(register: sa.Engine, since: dt.date, until: dt.date) -> list[Snapshot]:
    """The last snapshot of each day from `since` to `until`, the oldest first."""
    days: dict[dt.date, Snapshot] = {}
    with register.connect() as connection:
        old: dict[tuple[dt.date, int], dict[str, Measured]] = {}
        for row in connection.execute(_EARLIER, {"since": since, "until": until}):
            value = Measured(None, Unknown.STALE) if row.value is None else Measured(row.value)
            old.setdefault((row.as_of, row.build_id), {})[row.figure] = value
        for (as_of, build), figures in old.items():
            known = {code: one for code, one in figures.items() if _counted_as_then(code)}
            days[as_of] = Snapshot(None, as_of, build, None, None, known)
        for row in connection.execute(_BETWEEN, {"since": since, "until": until}):
            days[row.as_of] = _snapshot(row)
    return [days[day] for day in sorted(days)]


def weekly(found: list[Snapshot], as_of: dt.date, weeks: int) -> list[Snapshot | None]:
    """Of a history, the last snapshot of each of so many weeks that end on `as_of`'s weekday, the oldest first."""
    chosen: list[Snapshot | None] = []
    for back in range(weeks - 1, -1, -1):
        end = as_of - dt.timedelta(weeks=back)
        inside = [one for one in found if end - dt.timedelta(days=_WEEK) < one.as_of <= end]
        chosen.append(inside[-1] if inside else None)
    return chosen


def _counted_as_then(code: str) -> bool:
    kpi = kpis().get(code)
    return kpi is not None and kpi.version == _EARLIER_VERSION


def _snapshot(row: sa.Row[tuple[object, ...]]) -> Snapshot:
    told = row._mapping
    return Snapshot(
        told["snapshot_id"], told["as_of"], told["build_id"], told["made_at"], Occasion(told["occasion"]),
        read(told["figures"]),
    )  # fmt: skip
