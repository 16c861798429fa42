"""Where an entry stands on a day, told once more and slowly: loops over dates, for tests alone.

Written from the rules, never from the statement that applies them, so that the two err apart:

- The last lawful day of an entry is the day its clock started plus the period, the day before a shorter month's end
  being its last; that day is still in time, the next is not. It never moves off a weekend.
- A customer's contact has no clock while any contract of the organisation, or of whoever took it over, covers the day.
  Contracts that touch or overlap are one time as a customer. Who was a contact before a pause that outlasted the
  period should have been erased in it, and a customer's return makes up for nothing. A contact who left the
  organisation goes by the earlier of the two ends.
- A prospect, and the contact of an organisation that never signed, goes by the last meeting or contact of its own
  making that has been, else by registration.
- Staff go by the last day of the engagement, a new one of the same kind within a day's gap being the same; who
  represents a supplier or partner, by being replaced or the relation's end, whichever came first.
- A voucher goes by its engagement's clock, or by its year where it has none, but bookkeeping law keeps it through the
  seventh calendar year after. A cookie lives 179 days.
- Dates that are missing, lie ahead where the clock should have begun, or contradict each other or what the source says
  of the relation leave an entry undetermined: neither over nor endless.
- A hold stops the purge and moves no last day, but gives two weeks from its release where it was on through that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

NOTICE, LEAD, GRACE = 90, 30, 14
WORST_FIRST = ("OVERDUE", "UNDETERMINED", "HELD", "DUE", "STATUTORY", "EXPIRING", "RETAINED", "ACTIVE")
ONE_DAY = dt.timedelta(days=1)
Day = dt.date | None
# A period is so many months, or so many days.
Periods = Mapping[str, tuple[int, int]]
TEN_YEARS = (120, 0)
SHIPPED: Periods = {
    "CUSTOMER_CONTACT": TEN_YEARS,
    "PROSPECT": TEN_YEARS,
    "EMPLOYEE": TEN_YEARS,
    "CONTRACTOR": TEN_YEARS,
    "SUPPLIER_REP": TEN_YEARS,
    "PARTNER_REP": TEN_YEARS,
    "VOUCHER": TEN_YEARS,
    "WEB_VISITOR": (0, 179),
}


@dataclass(frozen=True)
class Contract:
    """One contract; no end is open-ended. `faulty`: a date of it could not be read."""

    starts_on: dt.date
    ends_on: Day = None
    faulty: bool = False


@dataclass(frozen=True)
class Organisation:
    """A company with its contracts, what the source says of it, and who took it over."""

    key: str
    contracts: tuple[Contract, ...] = ()
    stated: str | None = None
    successor: str | None = None


@dataclass(frozen=True)
class Hold:
    """A hold on whatever `on` names, as (scope, whose)."""

    on: tuple[str, str]
    placed_on: dt.date
    released_on: Day = None

    def is_on(self, day: dt.date) -> bool:
        """From the day it is placed to the day before it is released."""
        if day < self.placed_on:
            return False
        return self.released_on is None or day < self.released_on


@dataclass(frozen=True)
class Entry:
    """One row of a source about one person."""

    key: str
    person: str
    category: str
    org: str | None = None
    stated: str | None = None
    registered_on: Day = None
    designated_on: Day = None
    met_on: Day = None
    inbound_on: Day = None
    left_org_on: Day = None
    starts_on: Day = None
    ends_on: Day = None
    replaced_on: Day = None
    opted_out_on: Day = None
    role_until: Day = None
    erased_on: Day = None
    set_on: Day = None
    # What the source says now of the registration, where it moved that; nobody tells of it once it is accepted.
    moved_to: Day = None
    is_accepted: bool = False
    fiscal_year: int | None = None
    engagement: str | None = None
    # Several rows that are one engagement, by their keys.
    parts: tuple[str, ...] = ()
    # The field of a date that could not be read.
    faulty: str | None = None


@dataclass(frozen=True)
class World:
    """All that is known: companies, entries, holds, and persons who asked to be erased."""

    organisations: tuple[Organisation, ...]
    entries: tuple[Entry, ...]
    holds: tuple[Hold, ...] = ()
    asked: frozenset[str] = frozenset()
    # Engagements that were erased, as (key, start, end): a voucher keeps their clock.
    erased: tuple[tuple[str, Day, Day], ...] = ()


@dataclass(frozen=True)
class Standing:
    """Where an entry stands. `start_on` is when its clock began, or will as far as is known."""

    status: str
    start_on: Day = None
    ceiling_on: Day = None
    deadline_on: Day = None
    days_overdue: int | None = None
    statutory_until: Day = None
    flags: frozenset[str] = field(default=frozenset())


class Undetermined(Exception):
    """Nobody can tell when the clock began."""


@dataclass(frozen=True)
class Clock:
    """When an entry's clock began or will; `open`: the relation is going on."""

    start_on: Day
    open: bool = False


def after(start: dt.date, period: tuple[int, int]) -> dt.date:
    """The last lawful day."""
    months, days = period
    if days:
        return start + dt.timedelta(days=days)
    year, month = start.year, start.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    last = start.day
    while True:
        try:
            return dt.date(year, month, last)
        except ValueError:
            last -= 1


def standings(world: World, as_of: dt.date, periods: Periods = SHIPPED) -> dict[str, Standing]:
    """Where every entry stands, by its key; of engagements that are one, by the smallest of their keys."""
    entries = rehired(world.entries)
    found = {}
    for entry in entries:
        found[entry.key] = standing(world, entries, entry, as_of, periods)
    return found


def rehired(entries: Iterable[Entry]) -> list[Entry]:
    """Engagements of one person and kind with at most a day between them are one, as far as their dates are sure."""
    left = []
    going: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        whole = not entry.faulty and entry.starts_on and (entry.ends_on is None or entry.ends_on >= entry.starts_on)
        if entry.category in ("EMPLOYEE", "CONTRACTOR") and whole:
            going.setdefault((entry.person, entry.category), []).append(entry)
        else:
            left.append(entry)
    for several in going.values():
        several.sort(key=lambda one: (one.starts_on or dt.date.max, one.ends_on or dt.date.max))
        stretch = [several[0]]
        for one in several[1:]:
            until = last_end(stretch)
            assert one.starts_on
            if until is None or one.starts_on <= until + 2 * ONE_DAY:
                stretch.append(one)
            else:
                left.append(as_one(stretch))
                stretch = [one]
        left.append(as_one(stretch))
    return left


def last_end(stretch: Sequence[Entry]) -> Day:
    if any(one.ends_on is None for one in stretch):
        return None
    return max(one.ends_on for one in stretch if one.ends_on)


def as_one(stretch: Sequence[Entry]) -> Entry:
    if len(stretch) == 1:
        return stretch[0]
    stated = {one.stated for one in stretch}
    return replace(
        stretch[0],
        key=min(one.key for one in stretch),
        parts=tuple(one.key for one in stretch),
        starts_on=min(one.starts_on for one in stretch if one.starts_on),
        ends_on=last_end(stretch),
        stated="open" if "open" in stated else "ended" if "ended" in stated else None,
    )


def standing(world: World, entries: Sequence[Entry], entry: Entry, as_of: dt.date, periods: Periods) -> Standing:
    flags = set()
    if entry.opted_out_on and entry.opted_out_on <= as_of:
        flags.add("opted_out")
    if entry.role_until and entry.role_until < as_of:
        flags.add("former_role")
    if entry.moved_to and not entry.is_accepted:
        flags.add("moved_by_source")
    category = entry.category
    if category == "CUSTOMER_CONTACT" and never_signed(world, entry):
        category = "PROSPECT"
    holds = [hold for hold in world.holds if bears_on(hold, entry, category)]
    held = any(hold.is_on(as_of) for hold in holds)
    if held:
        flags.add("has_hold")
    if entry.person in world.asked:
        flags.add("open_request")
    if entry.erased_on:
        return Standing("PURGED", flags=frozenset(flags))
    by_law = None
    if category == "VOUCHER" and entry.fiscal_year:
        by_law = dt.date(entry.fiscal_year + 7, 12, 31)
    told = frozenset(flags)
    if category not in periods:
        return Standing("UNDETERMINED", flags=told)
    try:
        clock = clock_of(world, entries, entry, category, as_of, periods)
    except Undetermined:
        return Standing("UNDETERMINED", statutory_until=by_law, flags=told)
    ceiling = after(clock.start_on, periods[category]) if clock.start_on else None
    if clock.open:
        return Standing("ACTIVE", clock.start_on, ceiling, statutory_until=by_law, flags=told)
    assert ceiling
    deadline = ceiling
    for hold in holds:
        through = hold.placed_on <= ceiling and hold.released_on is not None and hold.released_on > ceiling
        if through and hold.released_on and hold.released_on <= as_of:
            deadline = max(deadline, hold.released_on + dt.timedelta(days=GRACE))
    planned = deadline - dt.timedelta(days=LEAD)
    late = None
    if held and as_of >= planned:
        status = "HELD"
    elif by_law and by_law >= as_of and as_of >= planned:
        status = "STATUTORY"
    elif as_of > deadline:
        status, late = "OVERDUE", (as_of - deadline).days
    elif as_of >= planned:
        status = "DUE"
    elif as_of >= ceiling - dt.timedelta(days=NOTICE):
        status = "EXPIRING"
    else:
        status = "RETAINED"
    return Standing(status, clock.start_on, ceiling, deadline, late, by_law, told)


def bears_on(hold: Hold, entry: Entry, category: str) -> bool:
    scope, whose = hold.on
    if scope == "entry":
        return whose == entry.key
    if scope == "person":
        return whose == entry.person
    if scope == "organisation":
        return whose == entry.org
    return whose == category


def clock_of(
    world: World, entries: Sequence[Entry], entry: Entry, category: str, as_of: dt.date, periods: Periods
) -> Clock:
    if category == "CUSTOMER_CONTACT":
        return contact(world, entry, as_of, periods[category])
    if entry.faulty:
        raise Undetermined
    if category == "PROSPECT":
        return prospect(entry, as_of)
    if category == "WEB_VISITOR":
        return been(entry.set_on, as_of)
    if category == "VOUCHER":
        return voucher(world, entries, entry, as_of)
    return relation(entry, as_of)


def been(day: Day, as_of: dt.date) -> Clock:
    if day is None or day > as_of:
        raise Undetermined
    return Clock(day)


def prospect(entry: Entry, as_of: dt.date) -> Clock:
    latest = None
    for day in (entry.met_on, entry.inbound_on):
        if day and day <= as_of and (latest is None or day > latest):
            latest = day
    return Clock(latest) if latest else been(entry.designated_on or entry.registered_on, as_of)


def relation(entry: Entry, as_of: dt.date) -> Clock:
    """Staff, and who represents somebody: the clock starts with the first of all ends."""
    ends = [day for day in (entry.ends_on, entry.replaced_on) if day]
    end = min(ends) if ends else None
    if entry.starts_on and any(day < entry.starts_on for day in ends):
        raise Undetermined
    if end is None:
        if entry.stated == "ended":
            raise Undetermined
        if entry.stated != "open" and not entry.starts_on and not entry.registered_on:
            raise Undetermined
        return Clock(None, open=True)
    if end >= as_of:
        if entry.stated == "ended":
            raise Undetermined
        return Clock(end, open=True)
    if entry.stated == "open":
        raise Undetermined
    return Clock(end)


def voucher(world: World, entries: Sequence[Entry], entry: Entry, as_of: dt.date) -> Clock:
    if entry.fiscal_year is None:
        raise Undetermined
    # An employment and an assignment by one key: the employment.
    for category in ("EMPLOYEE", "CONTRACTOR"):
        for one in entries:
            if one.category == category and entry.engagement in (one.key, *one.parts):
                if one.faulty:
                    raise Undetermined
                return relation(one, as_of)
    ends = [end for key, _, end in world.erased if key == entry.engagement and end]
    if ends:
        return Clock(max(ends), open=max(ends) >= as_of)
    return Clock(dt.date(entry.fiscal_year, 12, 31))


def contracts_of(world: World, org: str | None) -> list[Contract] | None:
    """The contracts of a company and of whoever took it over; None where nobody knows the company."""
    known = {one.key: one for one in world.organisations}
    if org not in known:
        return None
    found: list[Contract] = []
    met: set[str] = set()
    at: str | None = org
    while at in known and at not in met:
        met.add(at)
        found.extend(known[at].contracts)
        at = known[at].successor
    return found


def never_signed(world: World, entry: Entry) -> bool:
    return contracts_of(world, entry.org) == []


def times_as_customer(contracts: Iterable[Contract]) -> list[tuple[dt.date, Day]]:
    """Contracts that touch or overlap are one stretch."""
    stretches: list[tuple[dt.date, Day]] = []
    for contract in sorted(contracts, key=lambda one: one.starts_on):
        if stretches:
            start, end = stretches[-1]
            if end is None:
                continue
            if contract.starts_on <= end + ONE_DAY:
                later = None if contract.ends_on is None else max(end, contract.ends_on)
                stretches[-1] = (start, later)
                continue
        stretches.append((contract.starts_on, contract.ends_on))
    return stretches


def contact(world: World, entry: Entry, as_of: dt.date, period: tuple[int, int]) -> Clock:
    contracts = contracts_of(world, entry.org)
    if contracts is None or entry.faulty == "left_org_on" or any(one.faulty for one in contracts):
        raise Undetermined
    # Made a contact anew is what counts; where that day could not be read, the first registration says nothing of it.
    since = entry.designated_on
    if since is None and entry.faulty != "designated_on":
        since = entry.registered_on
    stretches = [one for one in times_as_customer(contracts) if one[0] <= as_of]
    if not stretches:
        raise Undetermined
    stated = next(one.stated for one in world.organisations if one.key == entry.org)
    customer_today = stretches[-1][1] is None or stretches[-1][1] >= as_of
    # A pause that outlasted the period ends what was before it, for whoever was a contact then.
    until: Day = stretches[-1][1]
    for (_, end), (back, _) in pairwise(stretches):
        assert end
        if back > after(end, period):
            if since is None:
                raise Undetermined
            if since <= end:
                until = end
                break
    if stated is not None and (stated == "open") is not customer_today:
        raise Undetermined
    if entry.left_org_on and (until is None or entry.left_org_on < until):
        until = entry.left_org_on
    return Clock(until, open=until is None or until >= as_of)


def person_status(standings_of_person: Iterable[Standing]) -> str | None:
    """The worst that is stored of somebody; None where nothing is."""
    named = {one.status for one in standings_of_person}
    return next((status for status in WORST_FIRST if status in named), None)


def core_until(standings_of_person: Iterable[Standing]) -> Day:
    """When the last of a person's entries goes; None where one is open or in doubt."""
    stored = [one for one in standings_of_person if one.status != "PURGED"]
    if any(one.status in ("ACTIVE", "UNDETERMINED") for one in stored):
        return None
    days = [day for one in stored for day in (one.deadline_on, one.statutory_until) if day]
    return max(days, default=None)
