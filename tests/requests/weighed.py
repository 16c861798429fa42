"""Whom requests are about, by what a build finds and by what somebody has said, told once more over rows by chance.

- Whom a build finds, or somebody confirmed or an earlier build found, is in question; whom somebody rejected, as long
  as the build finds them.
- Whoever was found by what the request gives, and is the same by name, is still who it is from by another address,
  unless the name speaks against it.
- Whoever came into the copy after something was done for whoever asked is not sure until somebody says so.
- What somebody says counts while it is of the same person and does not contradict itself; who was rejected is asked
  about again where something new speaks for them.
- No build finds whom a request by hand is from: whoever was found is in question with all that was said to speak for
  them and against, also who was rejected while they are the same; sure is of whom nothing speaks against.
- Where several are sure, or who asked is missed, whoever nobody has said anything of is not sure.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from typing import Any, NamedTuple

import duckdb

from compliance.requests import along, given
from compliance.requests.tables import SOURCE
from compliance.words import queries
from tests.world import TODAY

WORDS = ("email", "phone", "name", "name_part")
Key = tuple[str, str, str]


class Found(NamedTuple):
    """Somebody whom a build finds."""

    source: str
    reference: str
    person_id: str
    is_sure: bool
    speaks_for: list[str]
    speaks_against: list[str]


class Choice(NamedTuple):
    """What is kept of somebody."""

    source: str
    reference: str
    person_id: str
    verdict: str
    is_same: bool
    spoke_for: str


class Entry(NamedTuple):
    """An entry as it stands."""

    basis_id: str
    person_id: str
    status: str
    has_hold: bool
    statutory_until: dt.date | None


class Chance:
    """Requests with a few persons each, of two sources and by hand, which number them alike and are about the same."""

    def __init__(self, seed: int, requests: int = 400) -> None:
        self.random = random.Random(seed)
        self.found: list[Found] = []
        self.choices: list[Choice] = []
        self.open: list[tuple[str, str]] = []
        self.lost: list[tuple[str, str]] = []
        seen: set[tuple[str, str]] = set()
        people = [f"p{number:03}" for number in range(300)]
        for number in range(requests):
            key = (self.random.choice(("form", "post", SOURCE)), f"R{number // 3}")
            if key in seen:
                continue
            seen.add(key)
            if self.seldom(0.8):
                self.open.append(key)
            if self.seldom(0.15):
                # Told of two categories.
                self.lost += [key] * self.random.choice((1, 2))
            place = number // 3 * 2
            for person in self.random.sample(people[place : place + 4], self.random.choice((1, 1, 2, 3))):
                if key[0] != SOURCE and self.seldom(0.75):
                    against = [w for w in ("other_name", "other_email", "shared_email") if self.seldom(0.2)]
                    self.found.append(Found(*key, person, self.seldom(0.5), self._words(), against))
                for _ in range(self.random.choice((0, 0, 1, 1, 2))):
                    verdict = self.random.choice(("confirmed", "rejected", "found", "found"))
                    words = ",".join([*self._words(), *self._against(key[0])]) if self.seldom(0.9) else ""
                    self.choices.append(Choice(*key, person, verdict, self.seldom(0.7), words))
        self.entries = [
            Entry(
                f"b{number}", self.random.choice(people),
                self.random.choice(("OVERDUE", "STATUTORY", "HELD", "PURGED", "ACTIVE")), self.seldom(0.4),
                self.random.choice((None, TODAY, TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1))),
            )
            for number in range(400)
        ]  # fmt: skip

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def _against(self, source: str) -> list[str]:
        if source == SOURCE:
            return [word for word in given.AGAINST if self.seldom(0.1)]
        return [along.LATER] if self.seldom(0.1) else []

    def _words(self) -> list[str]:
        return [word for word in WORDS if self.seldom(0.4)] or ["email"]


class Told(NamedTuple):
    """What is said of requests, whose entries wait for an answer, and what of theirs must stay."""

    candidates: list[tuple[Any, ...]]
    waiting: list[str]
    status: list[tuple[Any, ...]]


class Made:
    """What the statements make of the rows, again and again."""

    def __init__(self, told: Chance) -> None:
        self.con = duckdb.connect(":memory:", config={"threads": 1})
        self.con.execute("attach ':memory:' as build")
        self.con.execute("use build")
        self.con.execute(queries.load("schema"))
        self.con.execute("use memory")
        self.con.execute(queries.load("reading"))
        self.con.execute("begin")
        self.con.execute("insert into evaluation values (?, 1)", [TODAY])
        self.con.execute(
            "create table basis_status"
            " (basis_id varchar, person_id varchar, status varchar, has_hold boolean, statutory_until date)"
        )
        self.con.execute("commit")
        self._put("build.request_person", told.found)
        self._put("request_choice", told.choices)
        self._put("open_request", told.open)
        self._put("basis_status", told.entries)
        self._put("request_loss", [(*key, 1, None, None) for key in told.lost])

    def _put(self, table: str, rows: list[Any]) -> None:
        marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
        self.con.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])

    def now(self) -> Told:
        """As the statements are now."""
        self.con.execute("begin")
        try:
            for name in ("request_candidates", "open_request_person"):
                self.con.execute(queries.load(name))
            candidates = self.con.execute("from request_candidate").fetchall()
            waiting = self.con.execute("from open_request_person").fetchall()
            status = self.con.execute(queries.load("request_status")).fetchall()
        finally:
            self.con.execute("rollback")
        return Told(_sorted(candidates), sorted(person for (person,) in waiting), _sorted(status))


def _sorted(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def slowly(told: Chance) -> Told:
    """The same, request by request."""
    candidates: dict[Key, dict[str, Any]] = {}
    for found in told.found:
        candidates[found[:3]] = {"sure": found.is_sure, "for": found.speaks_for, "against": found.speaks_against}
    kept: dict[Key, list[Choice]] = defaultdict(list)
    for choice in told.choices:
        kept[choice[:3]].append(choice)
    for key, choices in kept.items():
        if key[0] == SOURCE:
            told_of = [choice for choice in choices if choice.verdict != "rejected" or choice.is_same]
            spoke = sorted({word for choice in told_of for word in choice.spoke_for.split(",") if word})
            against = [word for word in spoke if word in given.AGAINST]
            spoken = {"for": [word for word in spoke if word not in given.AGAINST], "against": against}
            if told_of and all(choice.is_same for choice in told_of):
                candidates[key] = {"sure": not against, **spoken}
            elif told_of:
                candidates[key] = {"sure": False, "for": ["record"], "against": []}
            continue
        stays = [choice for choice in choices if choice.verdict != "rejected"]
        if stays and key not in candidates:
            is_same = all(choice.is_same for choice in stays)
            candidates[key] = {"sure": False, "for": [] if is_same else ["record"], "against": []}
    of_sources = {key: one for key, one in candidates.items() if key[0] != SOURCE}
    for key, one in of_sources.items():
        was_found = any(choice.verdict == "found" and choice.is_same for choice in kept[key])
        by_what_it_gives = {"email", "record"} & set(one["for"])
        if was_found and not one["sure"] and not by_what_it_gives and "other_name" not in one["against"]:
            one |= {"sure": True, "for": [*one["for"], "earlier"], "against": []}
        late = [choice for choice in kept[key] if choice.verdict == "found" and "later" in choice.spoke_for.split(",")]
        if late:
            one |= {"sure": False, "against": [*one["against"], "later"]}
    for key, one in candidates.items():
        said = [choice for choice in kept[key] if choice.verdict != "found"]
        verdicts = {choice.verdict for choice in said}
        one["verdict"] = None
        if said:
            verdict = verdicts.pop() if len(verdicts) == 1 and all(choice.is_same for choice in said) else None
            spoke_for = {word for choice in said for word in choice.spoke_for.split(",")}
            one["sure"] = verdict == "confirmed"
            if verdict == "confirmed" or set(one["for"]) <= spoke_for:
                one["verdict"] = verdict
    sure = Counter(key[:2] for key, one in candidates.items() if one["sure"])
    for key, one in candidates.items():
        if one["verdict"] is None and (sure[key[:2]] > 1 or key[:2] in told.lost):
            one["sure"] = False
    waiting = {key[2] for key, one in candidates.items() if key[:2] in told.open and one["verdict"] != "rejected"}
    status = []
    for key, one in candidates.items():
        entries = [entry for entry in told.entries if entry.person_id == key[2] and entry.status != "PURGED"]
        by_law = [e for e in entries if e.status == "STATUTORY" or (e.statutory_until and e.statutory_until >= TODAY)]
        if entries:
            words = (",".join(one["for"]), ",".join(one["against"]))
            counts = (len(entries), sum(entry.has_hold for entry in entries), len(by_law))
            status.append((*key, one["sure"], one["verdict"], *words, *counts))
    rows = [(*key, one["sure"], one["for"], one["against"], one["verdict"]) for key, one in candidates.items()]
    return Told(_sorted(rows), sorted(waiting), _sorted(status))


def differences(made: Told, slow: Told) -> dict[str, Any]:
    """What one of the two says and the other does not."""
    found = {}
    for name in Told._fields:
        one, other = (Counter(map(repr, getattr(told, name))) for told in (made, slow))
        if one != other:
            found[name] = sorted((one - other).elements())[:5], sorted((other - one).elements())[:5]
    return found
