"""Which records are on which side of what has been decided, told once more over two builds made by chance.

- A record is on a side by what it was known by when that was decided: by an address or number with the name of then, or
  by its key with that name, as it is or in the one spelling. Whatever leads to both sides tells nothing.
- By its key alone it is, where it was on that side in the build before, or was there when it was decided, and is nobody
  else's since: the same name as far as either says, or an address or number of one's own that was there before.
- Records that the build before knew on a side, and this one does not, are as if they came new.
"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from compliance.build.builder import workbench
from compliance.builds import vault
from compliance.words import queries
from compliance.words.keys import Key

KEY = Key("k", b"k" * 32)
NAMES = ("anna berg", "anna", "bo dahl", "anna dahl", "asa ek", "aasa ek", None)
BUILD = 7


class Record(NamedTuple):
    """A record with all that it is known by."""

    key: str
    name: str | None
    mail: str | None
    call: str | None
    further: tuple[tuple[str, str], ...]

    @property
    def record_id(self) -> str:
        return f"crm:{self.key}"

    def identifiers(self) -> list[tuple[str, str]]:
        """Every address, and every number where there is a name."""
        found = [("email", self.mail), ("phone", self.call), *self.further]
        return [(kind, value) for kind, value in found if value and (kind == "email" or self.name)]

    def texts(self, *, as_it_is: bool = False) -> list[tuple[str, bool]]:
        """What it is known by, and whether that tells the same person; by the name `as_it_is` alone, as once it was."""
        name = self.name or ""
        told = [(f"held|{self.record_id}", False)]
        for spelled in dict.fromkeys((name, name if as_it_is else name.replace("aa", "a"))):
            told.append((f"held|name|{self.record_id}|{spelled}", True))
            told += [(f"held||{kind}|{value}|{spelled}", True) for kind, value in self.identifiers()]
        return told


class Trace(NamedTuple):
    """What one side was known by when it was decided."""

    decision_id: int
    answer: str
    side: str
    digest: str
    is_new: bool


class Chance:
    """Records of a build, what became of them in the next, and decisions about pairs of the first."""

    def __init__(self, seed: int, records: int = 160) -> None:
        self.random = random.Random(seed)
        self.old = {f"{number:04}": self._record(f"{number:04}", number) for number in range(records)}
        self.new: dict[str, Record] = {}
        for number, record in enumerate(self.old.values()):
            if self.seldom(0.9):
                self.new[record.key] = self._later(record, number)
            if self.seldom(0.1):
                # Under another key too, or instead.
                self.new[f"N{number}"] = record._replace(key=f"N{number}")
        self.traces: list[Trace] = []
        self.sides: list[tuple[int, str, str, str]] = []
        for number in range(records // 2):
            self._decide(number)
        self._given_keys(records)
        self.arrivals = [(record_id, self.random.randrange(1, 6)) for record_id in self.ids() if self.seldom(0.3)]

    def ids(self) -> list[str]:
        return [record.record_id for record in self.new.values()]

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def _record(self, key: str, number: int) -> Record:
        mail = f"a{number}@bolaget.example" if self.seldom(0.5) else f"info@bolag{number}.example"
        call = f"+4670{number:05}" if self.seldom(0.5) else f"+468{number:05}"
        further = []
        if self.seldom(0.3):
            further.append(("email", f"b{number}@bolaget.example"))
        if self.seldom(0.2):
            further.append(("phone", f"+4672{number:05}"))
        return Record(
            key, self.random.choice(NAMES), mail if self.seldom(0.7) else None, call if self.seldom(0.5) else None,
            tuple(further),
        )  # fmt: skip

    def _later(self, record: Record, number: int) -> Record:
        kind = self.random.random()
        if kind < 0.3:
            return record
        if kind < 0.6:
            # Somebody else's, or the same person's under another name; with something of before perhaps.
            fresh = self._record(record.key, number + 5000)
            if self.seldom(0.3):
                fresh = fresh._replace(mail=record.mail)
            if self.seldom(0.2):
                fresh = fresh._replace(call=record.call)
            if self.seldom(0.2):
                fresh = fresh._replace(further=record.further)
            return fresh
        return record._replace(
            name="aasa ek" if record.name == "asa ek" else self.random.choice((record.name, *NAMES)),
            mail=self.random.choice((record.mail, None, "x@bolaget.example")),
        )

    def _given_keys(self, number: int) -> None:
        """Keys of before that somebody else has now: of the same side by an address, of another decision by the key."""
        anna, bo = (
            Record(f"G{nth}", name, f"g{nth}@bolaget.example", None, ())
            for nth, name in enumerate(("anna berg", "bo dahl"))
        )
        cilla = anna._replace(key="G2", mail="g2@bolaget.example")
        now = cilla._replace(name="bo dahl", mail="g3@bolaget.example")
        self.old |= {one.key: one for one in (anna, bo, cilla)}
        self.new |= {"G0": bo._replace(key="G0"), "G2": now}
        for decided, several in enumerate(((anna, bo), (cilla,), (now,)), number):
            texts = sorted({text for one in several for text, _ in one.texts()})
            self.traces += [Trace(decided, "same", "one", KEY.digest(text), False) for text in texts]

    def _decide(self, number: int) -> None:
        answer, is_new = self.random.choice(("same", "different")), self.seldom(0.5)
        keys, is_old = self.random.sample(sorted(self.old), 4), self.seldom(0.3)
        for side, several in (
            ("one", keys[: self.random.choice((1, 2))]),
            ("other", keys[2 : self.random.choice((3, 4))]),
        ):
            texts = {text for key in several for text, _ in self.old[key].texts(as_it_is=is_old)}
            if self.seldom(0.15):
                # What the other side is known by as well.
                texts |= {self.random.choice(self.old[keys[0]].texts())[0]}
            self.traces += [Trace(number, answer, side, KEY.digest(text), is_new) for text in sorted(texts)]
            # What the build before made of an older decision; not all of it is as it was decided.
            for key in several:
                if not is_new and self.seldom(0.7):
                    its_side = side if self.seldom(0.9) else "other"
                    self.sides.append((number, answer, self.old[key].record_id, its_side))


class Told(NamedTuple):
    """Who is on which side, what ties and tells apart, and what came new."""

    sides: list[tuple[int, str, str, str]]
    same: list[tuple[str, int]]
    different: list[tuple[str, str]]
    arrivals: list[tuple[str, int]]


class Made:
    """What the statements make of it, again and again."""

    def __init__(self, folder: Path, told: Chance) -> None:
        self.con = workbench(folder, threads=1)
        for name, records in (("old", told.old), ("build", told.new)):
            self.con.execute(f"attach ':memory:' as {name}")
            self.con.execute(f"use {name}")
            self.con.execute(queries.load("schema"))
            self._put("record (record_id, dataset, source, source_key, category, name_key, email_key, phone_key)", [
                (one.record_id, "crm", "crm", one.key, "PROSPECT", one.name, one.mail, one.call)
                for one in records.values()
            ])  # fmt: skip
            self._put("further_identifier", [
                (one.record_id, "crm", kind, value) for one in records.values() for kind, value in one.further
            ])  # fmt: skip
            self.con.execute("use memory")
        self._put("old.decided_record", told.sides)
        self._put("build.arrival", [(record_id, "crm", build) for record_id, build in told.arrivals])
        self.con.execute(
            "create temp table decision_trace"
            " (decision_id bigint, answer varchar, side varchar, digest varchar, is_new boolean)"
        )
        self._put("decision_trace", told.traces)
        vault.digest_with(self.con, KEY)
        self.con.execute(queries.load("identity"))
        self.con.execute(queries.load("further"))
        self.con.execute(queries.load("decided_before"))

    def _put(self, table: str, rows: list[Any]) -> None:
        marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
        self.con.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])

    def now(self) -> Told:
        """As the statements are now."""
        self.con.execute("begin")
        try:
            for name in ("decided", "given_on", "decided_still"):
                self.con.execute(queries.load(name))
            self.con.execute(queries.load("arrivals_undecided"), {"build": BUILD})
            for name in ("decided_records", "decided_ties"):
                self.con.execute(queries.load(name))
            ids = dict(self.con.execute("select rowid, record_id from build.record").fetchall())
            sides = self.con.execute("from build.decided_record").fetchall()
            same = self.con.execute("from decided_same").fetchall()
            different = self.con.execute("from decided_different").fetchall()
            arrivals = self.con.execute("select record_id, build from build.arrival").fetchall()
        finally:
            self.con.execute("rollback")
        return Told(
            sorted(sides), sorted((ids[rid], number) for rid, number in same),
            sorted((ids[one], ids[other]) for one, other in different), sorted(arrivals),
        )  # fmt: skip

    def close(self) -> None:
        self.con.close()


def slowly(told: Chance) -> Told:
    """The same, record by record."""
    by_digest: dict[str, list[Trace]] = defaultdict(list)
    for trace in told.traces:
        by_digest[trace.digest].append(trace)
    is_new = {trace.decision_id: trace.is_new for trace in told.traces}
    answer = {trace.decision_id: trace.answer for trace in told.traces}
    was_on = {(number, record_id, side) for number, _, record_id, side in told.sides}
    # What stood in the build before as this one's may be asked for: by key, or by whom it is about.
    known = {(number, record_id) for number, record_id, _ in was_on}
    sides: list[tuple[int, str, str, str]] = []
    for key, record in told.new.items():
        met: dict[int, set[tuple[str, bool]]] = defaultdict(set)
        named: set[tuple[int, str]] = set()
        for text, tells in record.texts():
            for trace in by_digest[KEY.digest(text)]:
                if text.startswith("held|name|"):
                    named.add((trace.decision_id, trace.side))
                else:
                    met[trace.decision_id].add((trace.side, tells))
        for number, found in met.items():
            if key in told.old and is_new[number]:
                known.add((number, record.record_id))
            if len({side for side, _ in found}) > 1:
                continue
            side = next(iter(found))[0]
            is_same = any(tells for _, tells in found) or (number, side) in named
            stood = is_new[number] or (number, record.record_id, side) in was_on
            if is_same or (key in told.old and stood and not given_on(told.old[key], record)):
                sides.append((number, answer[number], record.record_id, side))
    left = {(number, record_id) for number, _, record_id, _ in sides}
    there = set(told.ids())
    lost = {record_id for number, record_id in known - left if record_id in there}
    arrivals = [one for one in told.arrivals if one[0] not in lost] + [(record_id, BUILD) for record_id in lost]
    different = [
        (one, other)
        for number, _, one, side in sides
        for its_number, _, other, its_side in sides
        if (number, side, its_side) == (its_number, "one", "other") and answer[number] == "different"
    ]
    same = [(record_id, number) for number, what, record_id, _ in sides if what == "same"]
    return Told(sorted(sides), sorted(same), sorted(different), sorted(arrivals))


def given_on(was: Record, now: Record) -> bool:
    """Whether a record is somebody else's, as far as it says."""
    if not was.name or not now.name:
        return False
    one, other = (set(name.replace("aa", "a").split()) for name in (was.name, now.name))
    had = {value for _, value in was.further}
    if was.mail and not was.mail.startswith("info@"):
        had.add(was.mail)
    if was.call and not was.call.startswith("+468"):
        had.add(was.call)
    return not one <= other and not other <= one and not had & {value for _, value in now.identifiers()}


def differences(made: Told, slow: Told) -> dict[str, Any]:
    """What one of the two says and the other does not."""
    found = {}
    for name in Told._fields:
        one, other = getattr(made, name), getattr(slow, name)
        if one != other:
            found[name] = sorted(set(one) - set(other))[:5], sorted(set(other) - set(one))[:5], len(one), len(other)
    return found
