"""Twenty weeks of invented events: the bridge tells what became of every entry, as counted without it.

Another run of weeks: BRIDGE_SEED=7 python -m pytest tests/review/test_bridge_weeks.py
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from compliance.holds import verbs as holds
from compliance.review import bridges, snapshots, verbs
from compliance.review.bridges import COMES, GOES, Cause
from compliance.review.tables import Occasion
from compliance.words.deadlines import add_months
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY

SEED = int(os.environ.get("BRIDGE_SEED", "281128"))
WEEKS = 20
TEN_YEARS = 120


@dataclass
class Lead:
    """A prospect as the source has it, and what happened to it since the last snapshot."""

    number: int
    registered: dt.date | None
    met: dt.date | None = None
    # The source writes something of which nobody can say when it was.
    blurred: bool = False
    hold: int | None = None

    @property
    def row(self) -> dict[str, str]:
        shown = prospect(self.number)
        shown["Registrerad"] = f"{self.registered:%d/%m/%Y}" if self.registered else ""
        if self.blurred:
            shown["Registrerad"] = "våren, någon gång"
        shown["Senaste möte"] = self.met.isoformat() if self.met else ""
        return shown

    def place(self, day: dt.date) -> str:
        """Where it stands, by the rule of ten years after the last contact, worked out here alone."""
        start = self.met or self.registered
        if start is None or self.blurred:
            return "undetermined"
        late = day > add_months(start, TEN_YEARS)
        if self.hold is not None and day >= add_months(start, TEN_YEARS) - dt.timedelta(days=30):
            return "held"
        return "overdue" if late else "else"

    def due(self) -> dt.date:
        start = self.met or self.registered
        assert start is not None
        return add_months(start, TEN_YEARS)


@dataclass
class Company:
    """The source, and what was purged from it."""

    dice: random.Random
    leads: dict[int, Lead] = field(default_factory=dict)
    purged: set[int] = field(default_factory=set)
    made: int = 0

    def add(self, day: dt.date, *, late: bool) -> None:
        self.made += 1
        days = self.dice.randint(1, 400) if late else -self.dice.randint(0, 60)
        self.leads[self.made] = Lead(self.made, add_months(day, -TEN_YEARS) - dt.timedelta(days=days))

    def some(self, day: dt.date, place: str, most: int) -> list[Lead]:
        found = [lead for lead in self.leads.values() if lead.place(day) == place]
        return self.dice.sample(found, min(most, len(found)))

    def places(self, day: dt.date) -> dict[int, str]:
        return {number: lead.place(day) for number, lead in self.leads.items()}


def expected(company: Company, was: dict[int, str], since: dt.date, day: dt.date) -> Counter[Cause]:
    """The bars, counted by looking at each prospect."""
    bars: Counter[Cause] = Counter()
    now = company.places(day)
    for number, place in now.items():
        if place == "overdue" and was.get(number) != "overdue":
            before = was.get(number)
            if before == "undetermined":
                bars[Cause.NEWLY_DETERMINED] += 1
            elif before == "held":
                bars[Cause.RELEASED] += 1
            elif company.leads[number].due() >= since:
                bars[Cause.NEWLY_DUE] += 1
            else:
                bars[Cause.ARRIVED] += 1
    for number, place in was.items():
        if place != "overdue" or now.get(number) == "overdue":
            continue
        if number in company.purged:
            bars[Cause.PURGED] += 1
        elif number not in now:
            bars[Cause.GONE] += 1
        elif now[number] == "held":
            bars[Cause.HELD] += 1
        elif now[number] == "undetermined":
            bars[Cause.CORRECTED] += 1
        else:
            bars[Cause.EXTENDED] += 1
    return bars


def test_the_bridge_adds_up_over_twenty_weeks(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    company = Company(random.Random(SEED))
    for number in range(40):
        company.add(TODAY, late=number % 3 == 0)
    for number in range(4):
        company.leads[1000 + number] = Lead(1000 + number, None)
    seen: Counter[Cause] = Counter()
    was: dict[int, str] = {}
    since = TODAY
    for week in range(WEEKS + 1):
        day = TODAY + dt.timedelta(weeks=week)
        desk.on(day)
        if week:
            _purge(desk, company, week)
            _change(company, day)
        _take_in(desk, company, tmp_path / "in", day)
        _holds(desk, company, day)
        reading = desk.reading()
        if week:
            before = snapshots.week_before(desk.register, day)
            assert before is not None and before.as_of == since
            bridge = bridges.between(desk.at(), reading, before)
            assert bridge is not None
            bars = expected(company, was, since, day)
            told = {cause: count for cause, count in bridge.bars.items() if count}
            assert told == {cause: count for cause, count in bars.items() if count}, f"week {week}, seed {SEED}"
            assert bridge.opening == sum(place == "overdue" for place in was.values())
            assert bridge.closing == sum(place == "overdue" for place in company.places(day).values())
            assert bridge.unexplained == 0
            for cause in (*COMES, *GOES):
                if cause not in bridges.WITHOUT_ROWS:
                    assert len(bridges.rows(reading, bridge, cause, 1000)) == bridge.bars[cause]
            seen += bars
        verbs.keep(desk.at(), reading, Occasion.BUILD)
        was, since, company.purged = company.places(day), day, set()
    # A run of weeks in which a bar never moves says nothing of it. Nobody comes back from a purge here.
    assert {*COMES, *GOES} - set(seen) == {Cause.REAPPEARED}


def _change(company: Company, day: dt.date) -> None:
    """What a week brings in the source."""
    for late in (True, False, False):
        company.add(day, late=late)
    for lead in company.some(day, "overdue", 1):
        lead.met = day - dt.timedelta(days=company.dice.randint(0, 300))
    for lead in company.some(day, "overdue", 1):
        del company.leads[lead.number]
    for lead in company.some(day, "undetermined", 1):
        lead.blurred = False
        lead.registered = add_months(day, -TEN_YEARS) - dt.timedelta(days=company.dice.randint(20, 90))
    if day.isocalendar().week % 4 == 0:
        for lead in company.some(day, "overdue", 1):
            lead.blurred = True
    company.made += 1
    company.leads[company.made] = Lead(company.made, None)


def _take_in(desk: Desk, company: Company, folder: Path, day: dt.date) -> None:
    path = prospects(folder / str(day), [lead.row for lead in company.leads.values()], f"{day}T0400")
    assert desk.take_in(path).all_taken


def _holds(desk: Desk, company: Company, day: dt.date) -> None:
    """Every other week one overdue prospect is held, and one that was is not any more."""
    if day.isocalendar().week % 2:
        return
    for lead in company.some(day, "held", 1):
        assert lead.hold is not None
        holds.release(desk.at(desk.petra), lead.hold, reading=desk.reading())
        lead.hold = None
    for lead in company.some(day, "overdue", 2):
        entry = next(one for one in desk.entries() if one.name == lead.row["Namn"])
        terms = holds.Terms("audit", "legal", day + dt.timedelta(days=90), None)
        lead.hold = holds.place(desk.at(desk.petra), desk.reading(), holds.Target("person", entry.person_id), terms)


def _purge(desk: Desk, company: Company, week: int) -> None:
    """Every fifth week some of the overdue ones are purged, before the week's export comes, which lacks them."""
    if week % 5:
        return
    chosen = {lead.row["Namn"]: lead.number for lead in company.some(desk.reading().as_of, "overdue", 4)}
    entries = [one for one in desk.entries(status="OVERDUE") if one.name in chosen]
    batch = desk.purge(entries, picked=True)
    assert batch.deleted == len(entries) > 0
    for entry in entries:
        number = chosen[str(entry.name)]
        company.purged.add(number)
        del company.leads[number]
