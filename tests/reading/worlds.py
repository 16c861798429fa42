"""Worlds made by chance, crowded at the bounds, in which the statement and its slow twin must agree on every entry.

`python -m tests.reading.worlds [--worlds 200] [--seed N]` tries many; a seed that fails makes its world again.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from compliance.reading.copy import Copy, Facts
from compliance.words.policy import Policy, policy_with
from compliance.words.vocabulary import Category
from tests.reading import slow
from tests.world import World, shipped_parameters, shipped_policy, table

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ENTRIES = 150
# Ends of months and years, and leap days, beside a day like any other.
CENTRES = tuple(
    dt.date.fromisoformat(day)
    for day in ("2026-11-24", "2026-02-28", "2028-02-29", "2030-03-01", "2026-12-31", "2027-01-01", "2034-02-28")
)
STAFF = ("EMPLOYEE", "CONTRACTOR")
CATEGORIES = (
    *("CUSTOMER_CONTACT",) * 4, *("PROSPECT",) * 2, *STAFF, "SUPPLIER_REP", "PARTNER_REP", "VOUCHER", "VOUCHER",
    "WEB_VISITOR", "UNCLASSIFIED",
)  # fmt: skip
PRESSING = ("OVERDUE", "UNDETERMINED", "DUE", "HELD", "STATUTORY", "EXPIRING", "RETAINED")
FLAGS = ("moved_by_source", "opted_out", "former_role", "open_request", "has_hold")
IDLE = {
    "CUSTOMER_CONTACT": ("starts_on", "ends_on", "replaced_on", "set_on"),
    "PROSPECT": ("starts_on", "ends_on", "replaced_on", "left_org_on", "set_on"),
    "SUPPLIER_REP": ("left_org_on", "met_on", "inbound_on", "set_on"),
    "PARTNER_REP": ("left_org_on", "met_on", "inbound_on", "set_on"),
    "WEB_VISITOR": ("registered_on", "starts_on", "ends_on", "met_on", "inbound_on", "left_org_on", "replaced_on"),
}
DATASETS = {"VOUCHER": "hr_vouchers", "WEB_VISITOR": "web_leads"}


class Chance:
    """Chooses for one world, so that days fall on bounds and beside them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.centre = CENTRES[seed % len(CENTRES)]
        # Rules are mostly as they are shipped.
        self.periods = dict(slow.SHIPPED)
        if seed % 3 == 2:
            self.periods |= {"CUSTOMER_CONTACT": (36, 0), "PROSPECT": (0, 3600), "CONTRACTOR": (18, 0)}

    def seldom(self, share: float = 0.1) -> bool:
        return self.random.random() < share

    def bound(self, category: str) -> dt.date:
        """A day whose ceiling, notice or planned purge is about the centre."""
        months, days = self.periods.get(category, (120, 0))
        ahead = self.random.choice((0, 0, 0, 30, 90, 14, -14)) + self.random.choice((-1, 0, 0, 1))
        day = self.centre + dt.timedelta(days=ahead - days)
        return slow.after(day, (-months, 0)) if months == 0 else _years_before(day, months)

    def near(self) -> dt.date:
        return self.centre + dt.timedelta(days=self.random.choice((-2, -1, 0, 0, 1, 2, -14, -15, 30, -400)))

    def day(self, category: str) -> dt.date:
        """A day on a bound, about the centre, or anywhere."""
        kind = self.random.random()
        if kind < 0.5:
            return self.bound(category)
        if kind < 0.75:
            return self.near()
        return dt.date(self.random.randrange(1998, self.centre.year), self.random.randrange(1, 13), 28)

    def maybe(self, category: str, share: float = 0.5) -> slow.Day:
        return self.day(category) if self.seldom(share) else None

    def beside(self, day: slow.Day, category: str) -> slow.Day:
        """The day itself, the one before or after, or some other."""
        if day is None or self.seldom(0.4):
            return self.maybe(category)
        return day + dt.timedelta(days=self.random.choice((-1, 0, 1)))


def _years_before(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def made(seed: int) -> tuple[slow.World, Chance]:
    """The world of a seed."""
    chance = Chance(seed)
    orgs = tuple(organisation(chance, f"K{number}") for number in range(ENTRIES // 5))
    entries: list[slow.Entry] = []
    erased: list[tuple[str, slow.Day, slow.Day]] = []
    for number in range(ENTRIES):
        category = chance.random.choice(CATEGORIES)
        # Several capacities of one person now and then.
        person = f"p{number - number % 3 if chance.seldom(0.3) else number}"
        if capacity(category) in {capacity(one.category) for one in entries if one.person == person} - set(STAFF):
            person = f"p{number}"
        key = f"E{number:04}"
        if category == "VOUCHER":
            entry, gone = voucher(chance, key, entries)
            erased += gone
            entries.append(entry)
        elif category in STAFF:
            entries += staff(chance, key, person, category)
        else:
            entries.append(other(chance, key, person, category, orgs))
    entries = [more_told(chance, one) if one.category not in STAFF else one for one in entries]
    named = sorted({one.person for one in entries if one.category not in DATASETS})
    asked = frozenset(chance.random.sample(named, len(named) // 10))
    world = slow.World(orgs, tuple(entries), (), asked, tuple(erased))
    return dataclasses.replace(world, holds=tuple(holds(chance, world))), chance


def more_told(chance: Chance, entry: slow.Entry) -> slow.Entry:
    """What may be said of an entry besides its clock, and now and then a date that could not be read."""
    told = dataclasses.replace(
        entry,
        faulty=fault(chance, entry.category),
        erased_on=chance.near() if chance.seldom(0.1) and entry.category == "PROSPECT" else None,
        opted_out_on=chance.near() if entry.category not in DATASETS and chance.seldom(0.2) else None,
        role_until=chance.near() if entry.category == "CUSTOMER_CONTACT" and chance.seldom(0.3) else None,
        moved_to=chance.near() if entry.category in ("PROSPECT", "SUPPLIER_REP") and chance.seldom() else None,
        is_accepted=chance.seldom(0.5),
    )
    nothing: dict[str, Any] = {told.faulty: None} if told.faulty else {}
    # A day that only the clocks of other categories go by is nothing to this one's.
    nothing |= {name: chance.near() for name in IDLE.get(entry.category, ()) if chance.seldom(0.15)}
    return dataclasses.replace(told, **nothing)


def capacity(category: str) -> str:
    """The contact of a company that never signed is a prospect, and one with the prospect that it is elsewhere."""
    return "PROSPECT" if category == "CUSTOMER_CONTACT" else category


def fault(chance: Chance, category: str) -> str | None:
    """Now and then a date that could not be read, of those on which the category's clock may hang."""
    if not chance.seldom(0.06):
        return None
    return chance.random.choice(("left_org_on", "designated_on")) if category == "CUSTOMER_CONTACT" else "registered_on"


def organisation(chance: Chance, key: str) -> slow.Organisation:
    """A customer once, twice, three times, or never, with pauses that just outlast the period or do not."""
    category = "CUSTOMER_CONTACT"
    contracts = []
    start = slow.after(chance.bound(category), (0, -3650 * chance.random.randrange(1, 3)))
    for _ in range(chance.random.choice((0, 1, 1, 1, 2, 2, 3))):
        end: slow.Day = max(start, chance.day(category))
        if chance.seldom(0.2):
            end = None
        contracts.append(slow.Contract(start, end, faulty=chance.seldom(0.03)))
        if end is None:
            start = chance.day(category)
            continue
        pauses = (
            end + slow.ONE_DAY,
            end + 2 * slow.ONE_DAY,
            end - slow.ONE_DAY,
            slow.after(end, chance.periods[category]),
            slow.after(end, chance.periods[category]) + slow.ONE_DAY,
            chance.near(),
            chance.day(category),
        )
        start = chance.random.choice(pauses)
    successor = f"K{chance.random.randrange(ENTRIES // 5)}" if chance.seldom() else None
    stated = chance.random.choice((None, None, None, "open", "ended"))
    return slow.Organisation(key, tuple(contracts), stated, successor)


def staff(chance: Chance, key: str, person: str, category: str) -> Iterator[slow.Entry]:
    """One engagement, or one that was taken up again after no gap, a day's, or two days'."""
    start, end = chance.maybe(category, 0.8), chance.maybe(category, 0.8)
    if start and end and end < start and not chance.seldom():
        start, end = end, start
    stated = chance.random.choice((None, None, None, "open", "ended"))
    faulty = fault(chance, category)
    registered = None if faulty else chance.maybe(category, 0.2)
    again = start and end and end >= start and chance.seldom(0.3)
    if not again:
        yield slow.Entry(
            key, person, category, stated=stated, starts_on=start, ends_on=end, registered_on=registered, faulty=faulty
        )
        return
    assert end
    yield slow.Entry(key, person, category, starts_on=start, ends_on=end)
    back = end + dt.timedelta(days=chance.random.choice((0, 1, 2, 3)))
    until = chance.maybe(category, 0.8)
    yield slow.Entry(f"{key}b", person, category, starts_on=back, ends_on=max(back, until) if until else None)


def voucher(
    chance: Chance, key: str, entries: list[slow.Entry]
) -> tuple[slow.Entry, list[tuple[str, slow.Day, slow.Day]]]:
    """A voucher of an engagement that is there, that was erased, or of none; its year about the law's last day."""
    year = None if chance.seldom() else chance.centre.year - chance.random.choice((7, 8, 10, 11, 3))
    there = [one for one in entries if one.category in STAFF and not one.key.endswith("b")]
    kind = chance.random.random()
    if there and kind < 0.6:
        # One that was taken up again is one with its second part.
        of = chance.random.choice(there)
        return slow.Entry(key, of.person, "VOUCHER", fiscal_year=year, engagement=of.key), []
    if kind < 0.8:
        start, end = chance.maybe("VOUCHER"), chance.day("VOUCHER")
        end = min(end, chance.centre - dt.timedelta(days=3))
        gone: list[tuple[str, slow.Day, slow.Day]] = [(f"G{key}", min(start, end) if start else None, end)]
        return slow.Entry(key, f"of {key}", "VOUCHER", fiscal_year=year, engagement=f"G{key}"), gone
    engagement = "nobody's" if chance.seldom(0.5) else None
    return slow.Entry(key, f"of {key}", "VOUCHER", fiscal_year=year, engagement=engagement), []


def other(chance: Chance, key: str, person: str, category: str, orgs: tuple[slow.Organisation, ...]) -> slow.Entry:
    told: dict[str, Any] = {"registered_on": chance.maybe(category, 0.8)}
    if category == "CUSTOMER_CONTACT":
        org = chance.random.choice(orgs)
        told["org"] = "nobody's" if chance.seldom(0.03) else org.key
        ends = [one.ends_on for one in org.contracts if one.ends_on]
        of = chance.random.choice(ends) if ends else None
        told["registered_on"] = chance.beside(of, category)
        told["designated_on"] = chance.beside(of, category) if chance.seldom(0.3) else None
        if chance.seldom(0.3):
            told["left_org_on"] = chance.beside(of, category)
        told |= {"met_on": chance.maybe(category, 0.2), "inbound_on": chance.maybe(category, 0.2)}
    elif category == "PROSPECT":
        told["met_on"] = chance.maybe(category, 0.4)
        told["inbound_on"] = chance.beside(told["met_on"], category) if chance.seldom(0.5) else None
    elif category == "WEB_VISITOR":
        told, person = {"set_on": chance.maybe(category, 0.9)}, f"of {key}"
    elif category in ("SUPPLIER_REP", "PARTNER_REP"):
        told["starts_on"], told["ends_on"] = chance.maybe(category, 0.7), chance.maybe(category, 0.7)
        told["replaced_on"] = (
            chance.beside(told["ends_on"] or told["starts_on"], category) if chance.seldom(0.5) else None
        )
        told["stated"] = chance.random.choice((None, None, None, "open", "ended"))
        told["org"] = chance.random.choice(orgs).key if chance.seldom(0.5) else None
    return slow.Entry(key, person, category, **told)


def holds(chance: Chance, world: slow.World) -> Iterator[slow.Hold]:
    """Holds on all that can be held, placed and released on ceilings, the days about them, and the centre."""
    ceilings = {
        key: standing.ceiling_on or chance.centre
        for key, standing in slow.standings(world, chance.centre, chance.periods).items()
    }
    by_key = {one.key: one for one in world.entries}
    for key in chance.random.sample(sorted(ceilings), len(ceilings) // 3):
        entry, ceiling = by_key[key], min(ceilings[key], chance.centre + dt.timedelta(days=60))
        placed = ceiling + dt.timedelta(days=chance.random.choice((-30, -1, 0, 0, 1)))
        if chance.seldom(0.4):
            placed = chance.near()
        released = chance.random.choice(
            (None, ceiling, ceiling + slow.ONE_DAY, chance.centre, chance.centre - 14 * slow.ONE_DAY, chance.near())
        )
        if released is not None and released < placed:
            released = placed
        scope = chance.random.choice(("entry", "entry", "person", "organisation"))
        whose = {"entry": key, "person": entry.person, "organisation": entry.org}[scope]
        if whose is not None and not (scope == "person" and entry.category in DATASETS):
            yield slow.Hold((scope, whose), placed, released)
    if chance.seldom(0.3):
        yield slow.Hold(("category", chance.random.choice(("VOUCHER", "PARTNER_REP"))), chance.near())


def rules_of(chance: Chance) -> Policy:
    """The shipped rules, with the periods that were chosen."""
    policy = shipped_policy()
    for category, (months, days) in chance.periods.items():
        if (months, days) != slow.SHIPPED[category]:
            policy = policy_with(policy, Category(category), f"P{months}M" if months else f"P{days}D")
    return policy


def built(world: slow.World, folder: Path) -> tuple[Copy, Facts]:
    """The same world as a build, and what the register says beside it."""
    build = World(folder)
    for org in world.organisations:
        build.organisation(org.key, org.stated, org.successor)
        for contract in org.contracts:
            fault = {"fault_code": "unreadable_date", "fault_field": "contract.ends_on"} if contract.faulty else {}
            build.contract(f"crm:{org.key}", _told(contract.starts_on), _told(contract.ends_on), **fault)
    for entry in world.entries:
        _put(build, entry)
    for key, start, end in world.erased:
        build.erased(key, _told(start), _told(end))
    for number, person in enumerate(sorted(world.asked)):
        build.request(f"R{number}", _mailbox(person))
    copy, facts = build.made()
    bare = copy.reading(dt.date(2026, 1, 1), shipped_policy(), shipped_parameters(), facts)
    ids = {}
    for row in table(bare, "basis"):
        ids["entry", row["source_key"]] = row["basis_id"]
    persons = {row["source_key"]: row["person_id"] for row in table(bare, "basis")}
    for entry in world.entries:
        if entry.key in persons:
            ids["person", entry.person] = persons[entry.key]
        ids["organisation", entry.org or ""] = f"crm:{entry.org}"
        ids["category", entry.category] = entry.category
    scopes = {"entry": "basis"}
    held = tuple(
        (number, scopes.get(hold.on[0], hold.on[0]), ids[hold.on], hold.placed_on, hold.released_on)
        for number, hold in enumerate(world.holds, 1)
    )
    return copy, dataclasses.replace(facts, holds=held)


def _told(day: slow.Day) -> str | None:
    return day.isoformat() if day else None


def _mailbox(person: str) -> str:
    return f"{person}@bolaget.example"


def _put(build: World, entry: slow.Entry) -> None:
    days = (
        "registered_on", "designated_on", "met_on", "inbound_on", "left_org_on", "starts_on", "ends_on", "replaced_on",
        "opted_out_on", "role_until", "erased_on",
    )  # fmt: skip
    told: dict[str, Any] = {name: _told(getattr(entry, name)) for name in days}
    told |= {"stated_status": entry.stated, "fiscal_year": entry.fiscal_year, "relation_key": entry.engagement}
    told |= {"org_id": f"crm:{entry.org}" if entry.org else None, "cookie_name": None, "set_at": None}
    told |= {"fault_code": "unreadable_date" if entry.faulty else None, "fault_field": entry.faulty}
    is_moved = entry.moved_to is not None
    told |= {"moved_field": "registered_on" if is_moved else None, "moved_to": entry.moved_to}
    told["moved_build"] = 1 if is_moved and not entry.is_accepted else None
    if entry.category == "WEB_VISITOR":
        told["cookie_name"] = "pe1"
    if entry.set_on:
        # About midnight, which is another day elsewhere.
        told["set_at"] = dt.datetime.combine(entry.set_on, dt.time(0, 30), STOCKHOLM)
    named = {"name": None, "email": None} if entry.category in DATASETS else {"email": _mailbox(entry.person)}
    build.person(entry.category, entry.key, DATASETS.get(entry.category), **told, **named)


def differences(
    world: slow.World, chance: Chance, copy: Copy, facts: Facts, as_of: dt.date
) -> Iterator[tuple[str, Any, Any]]:
    """Where the statement and its slow twin do not agree on a day, as (key, slow, statement)."""
    reading = copy.reading(as_of, rules_of(chance), shipped_parameters(), facts)
    # What both have is told as basis_status has it.
    standing = "(select basis.source_key, basis_status.* from basis_status join basis using (basis_id)) as standing"
    rows = table(reading, standing)
    yield from of_entries(world, chance, as_of, rows)
    persons = {row["source_key"]: row["person_id"] for row in rows}
    yield from of_persons(world, chance, as_of, persons, table(reading, "person_status"))


def of_entries(
    world: slow.World, chance: Chance, as_of: dt.date, rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Any, Any]]:
    """The same, of the rows of basis_status with their source_key."""
    right = slow.standings(world, as_of, chance.periods)
    by_key = {row["source_key"]: row for row in rows}
    if len(by_key) != len(rows):
        yield "rows", len(by_key), len(rows)
    if by_key.keys() != right.keys():
        yield "entries", sorted(right.keys() - by_key.keys()), sorted(by_key.keys() - right.keys())
    for key in sorted(by_key.keys() & right.keys()):
        told = _standing(by_key[key])
        if told != right[key]:
            yield key, right[key], told
        moved = (by_key[key]["moved_field"], by_key[key]["moved_to"])
        if {value is not None for value in moved} != {"moved_by_source" in right[key].flags}:
            yield key, right[key].flags, moved
        # Yes or no: whoever asks for those who are not so would miss those of whom nothing is said.
        unsaid = [flag for flag in ("opted_out", "objected", "restricted") if by_key[key][flag] is None]
        if unsaid:
            yield key, (), unsaid
        if by_key[key]["urgency"] != urgency(by_key[key]):
            yield key, urgency(by_key[key]), by_key[key]["urgency"]


def urgency(row: Mapping[str, Any]) -> int:
    """Entries are listed by their kind, then by their day, and those without a day last."""
    kind = PRESSING.index(row["status"]) if row["status"] in PRESSING else len(PRESSING)
    day = row["deadline_on"] or row["provisional_on"]
    return (kind + 1) * 10_000_000 + ((day - dt.date.min).days if day else 9_999_999)


def of_persons(
    world: slow.World, chance: Chance, as_of: dt.date, person_of: Mapping[str, str], rows: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, Any, Any]]:
    """The same, of the rows of person_status; `person_of` tells whose an entry is."""
    right = slow.standings(world, as_of, chance.periods)
    persons: dict[str, list[slow.Standing]] = {}
    for key, person in person_of.items():
        persons.setdefault(person, []).append(right[key])
    stored = {row["person_id"]: (row["status"], row["core_until"], row["bases"]) for row in rows}
    for person, several in persons.items():
        there = sum(one.status != "PURGED" for one in several)
        wanted = (slow.person_status(several), slow.core_until(several), there) if there else None
        if wanted != stored.pop(person, None):
            yield person, wanted, rows
    for person in stored:
        yield person, None, stored[person]


def _standing(row: Mapping[str, Any]) -> slow.Standing:
    return slow.Standing(
        row["status"],
        row["start_on"],
        row["ceiling_on"],
        row["deadline_on"],
        row["days_overdue"],
        row["statutory_until"],
        frozenset(name for name in FLAGS if row[name]),
    )


def days(chance: Chance, more: int = 1) -> list[dt.date]:
    """The centre with the day before it and after, and days far away."""
    around = [chance.centre + step * slow.ONE_DAY for step in (-1, 0, 1)]
    return around + [chance.centre + dt.timedelta(days=chance.random.randrange(-900, 900)) for _ in range(more)]


def tried(seed: int, folder: Path, seen: Counter[str]) -> list[str]:
    """What a world says twice and differently, in words."""
    world, chance = made(seed)
    copy, facts = built(world, folder)
    by_key = {one.key: one for one in world.entries}
    orgs = {one.key: one for one in world.organisations}
    found = []
    for as_of in days(chance):
        seen.update(one.status for one in slow.standings(world, as_of, chance.periods).values())
        for key, slowly, stated in differences(world, chance, copy, facts, as_of):
            entry = by_key.get(key)
            org = orgs.get(entry.org or "") if entry else None
            held = [hold for hold in world.holds if entry and hold.on[1] in (key, entry.person, entry.org)]
            found.append(
                f"seed {seed} on {as_of}: {entry or key}\n  {org} {held}\n  slow      {slowly}\n  statement {stated}"
            )
    return found


def main() -> int:
    """0 where all worlds agree; else what they say twice and differently is printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.reading.worlds")
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    given = parser.parse_args()
    seen: Counter[str] = Counter()
    failed = 0
    for seed in range(given.seed, given.seed + given.worlds):
        with tempfile.TemporaryDirectory() as name:
            found = tried(seed, Path(name), seen)
        failed += len(found)
        print("\n".join(found[:10]), end="\n" if found else "", flush=True)
        if failed > 50:
            break
    print(f"{given.worlds} worlds from seed {given.seed}: {failed} differences; seen {dict(seen.most_common())}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
