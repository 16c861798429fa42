"""Which clocks a source moved, told once more over records made by chance.

- A date went later or away: of what may be over only where it was by then, of an employment not where it is a new one,
  which begins after the old one's end, on a day on which few do.
- So did the last contact where it was before that day, and went earlier or away: each of the two dates that did stays.
- Whose date may be somebody else's has a number, and so has whoever had one already: under the old key, if the names
  share no word, under another, if each has a word that the other lacks.
- It is the move that was told before as long as the source says the same of all that moved.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from compliance.words import queries

BUILD, DATASET = 9, "crm"
# The export before was made in the night, when it was this day in Stockholm already.
TOLD_ON = dt.date(2026, 11, 15)
EXPORTED_AT = dt.datetime(2026, 11, 14, 23, 30, tzinfo=dt.UTC)
# In the order in which a move is called after them, with what is no move while it was not over.
FIELDS = {
    "ends_on": True, "left_org_on": True, "replaced_on": True, "registered_on": False, "designated_on": False,
    "starts_on": False,
}  # fmt: skip
# A prospect's clock begins with the later of them.
CONTACTS = ("met_on", "inbound_on")
DATES = (*FIELDS, *CONTACTS)
NAMES = ("asa ek", "aasa ek", "asa bo", "ek", "dag muller", "dag mueller", "bo dag ek", None)
Dates = dict[str, dt.date | None]


class Before(NamedTuple):
    """What earlier exports said, and what they said otherwise where something had moved."""

    record_id: str
    name: str | None
    dates: Dates
    moved_build: int | None
    number: int | None
    told: Dates


class Now(NamedTuple):
    """What the export at hand says, and what it is compared with."""

    record_id: str
    name: str | None
    dates: Dates
    was: str | None


class Chance:
    """Records with few dates and names, and days on which many begin, few, or one."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.before = [self._before(f"r{number}") for number in range(500)]
        self.now = [self._now(was) for was in self.before]
        # What is compared with nothing, and what is not compared.
        self.now += [one._replace(record_id=f"n{one.record_id}", was=None) for one in self.now[:20]]
        self.compared = [self._seldom(0.95) for _ in self.now]

    def _seldom(self, share: float) -> bool:
        return self.random.random() < share

    def _day(self, field: str) -> dt.date | None:
        if self._seldom(0.25):
            return None
        wide = 120 if field in ("starts_on", "ends_on") and self._seldom(0.5) else 3
        return TOLD_ON + dt.timedelta(days=self.random.randrange(-3, wide))

    def _before(self, record_id: str) -> Before:
        dates = {field: self._day(field) for field in DATES}
        moved_build = self.random.choice((3, 4)) if self._seldom(0.5) else None
        number = self.random.randrange(1, 5) if moved_build and self._seldom(0.4) else None
        return Before(record_id, self.random.choice(NAMES), dates, moved_build, number, dict(dates))

    def _now(self, was: Before) -> Now:
        # Mostly one date is another, seldom several.
        others = {self.random.choice(DATES) for _ in range(self.random.choice((1, 1, 1, 2, 4)))}
        dates = {field: self._day(field) if field in others else was.dates[field] for field in DATES}
        if was.dates["ends_on"] and self._seldom(0.1):
            dates["starts_on"] = was.dates["ends_on"] + dt.timedelta(days=self.random.randrange(2))
        if was.moved_build:
            for field in DATES:
                was.told[field] = dates[field] if self._seldom(0.8) else self._day(field)
        name = was.name if self._seldom(0.4) else self.random.choice(NAMES)
        key = was.record_id if self._seldom(0.6) else f"x{was.record_id}"
        return Now(key, name, dates, was.record_id)


class Made:
    """What the statement makes of them, again and again."""

    def __init__(self, told: Chance) -> None:
        self.con = duckdb.connect(":memory:", config={"threads": 1})
        for name in ("working", "normalise"):
            self.con.execute(queries.load(name))
        for schema in ("old", "build"):
            self.con.execute(f"create schema {schema}")
        days = [(field, pa.date32()) for field in DATES]
        one = [("record_id", pa.string()), ("name_key", pa.string()), *days]
        self._put(
            "temp table earlier",
            [*one, ("moved_build", pa.int32()), ("number", pa.int32()), ("told", pa.struct(days))],
            [
                {"record_id": was.record_id, "name_key": was.name, **was.dates, "moved_build": was.moved_build}
                | {"number": was.number, "told": was.told if was.moved_build else None}
                for was in told.before
            ],
        )
        now = [{"record_id": one.record_id, "name_key": one.name, **one.dates} for one in told.now]
        self._put("table build.record", one, now)
        compared = [{"rid": rid, "record_id": one.was} for rid, one in enumerate(told.now) if told.compared[rid]]
        self._put("temp table compared", [("rid", pa.int64()), ("record_id", pa.string())], compared)
        exports = [
            {"dataset": name, "exported_at": EXPORTED_AT + dt.timedelta(days=days)}
            for name, days in ((DATASET, 0), ("hr", 2))
        ]
        self._put("table old.export", [("dataset", pa.string()), ("exported_at", pa.timestamp("us", "UTC"))], exports)

    def _put(self, what: str, columns: list[Any], rows: list[dict[str, Any]]) -> None:
        self.con.register("rows", pa.Table.from_pylist(rows, pa.schema(columns)))
        self.con.execute(f"create {what} as from rows")
        self.con.unregister("rows")

    def now(self) -> list[tuple[Any, ...]]:
        self.con.execute(queries.load("move"), {"build": BUILD, "dataset": DATASET})
        named = f"rid, moved_build, number, moved_field, moved_to, {', '.join(DATES)}"
        return self.con.execute(f"select {named} from move order by rid").fetchall()


def slowly(told: Chance) -> list[tuple[Any, ...]]:
    """The same, record by record."""
    before = {was.record_id: was for was in told.before}
    looked_at = [(rid, one, before[one.was]) for rid, one in enumerate(told.now) if told.compared[rid] and one.was]
    begin = Counter(one.dates["starts_on"] for _, one, was in looked_at if _ended_before(was, one))
    found: list[tuple[int, int | None, int | None, list[Any]]] = []
    new = []
    for rid, one, was in looked_at:
        is_new = (
            _ended_before(was, one)
            and was.dates["starts_on"] != one.dates["starts_on"]
            and begin[one.dates["starts_on"]] < 3
        )
        moved = [field for field in FIELDS if _has_moved(field, was.dates[field], one.dates[field], is_new)]
        last, kept_contacts = _contact_moved(was, one)
        if not moved and not last:
            continue
        is_of_other = was.number is not None or _is_of_other(was, one)
        is_known = (
            was.moved_build is not None
            and all(was.told[field] == one.dates[field] for field in (*moved, *(CONTACTS if last else ())))
            and (was.number is not None or not is_of_other)
        )
        kept = [(was if field in moved else one).dates[field] for field in FIELDS] + kept_contacts
        called = [*moved, last][0]
        if is_of_other and not is_known:
            new.append((one.record_id, rid))
        number = was.number if is_of_other else 0
        found.append((rid, was.moved_build if is_known else BUILD, number, [called, one.dates[called], *kept]))
    turns = {rid: turn for turn, (_, rid) in enumerate(sorted(new), start=1)}
    return [(rid, build, turns.get(rid, number), *more) for rid, build, number, more in found]


def _ended_before(was: Before, one: Now) -> bool:
    ended, begins = was.dates["ends_on"], one.dates["starts_on"]
    return ended is not None and begins is not None and ended < begins


def _has_moved(field: str, was: dt.date | None, now: dt.date | None, is_new: bool) -> bool:
    if was is None or (FIELDS[field] and was >= TOLD_ON) or (is_new and field in ("starts_on", "ends_on")):
        return False
    return now is None or now > was


def _contact_moved(was: Before, one: Now) -> tuple[str, list[dt.date | None]]:
    """Which of the two went back, the later one; empty where the last contact did not. And what is kept of each."""
    had = {field: day for field in CONTACTS if (day := was.dates[field]) and day <= TOLD_ON}
    has = {field: day for field in CONTACTS if (day := one.dates[field])}
    if not had or (has and max(has.values()) >= max(had.values())):
        return "", [one.dates[field] for field in CONTACTS]
    days = [[day for day in (had.get(field), has.get(field)) if day] for field in CONTACTS]
    return max(had, key=lambda field: (had[field], field == "met_on")), [max(day, default=None) for day in days]


def _is_of_other(was: Before, one: Now) -> bool:
    if not was.name or not one.name:
        return False
    had, has = (set(name.replace("aa", "a").replace("ue", "u").split()) for name in (was.name, one.name))
    return not had & has if one.record_id == was.record_id else bool(had - has and has - had)
