"""What goes with a purge, what stays, and what the suppression list keeps: told once more and slowly, by chance.

Written from the rules, never from the statements that apply them:

- Of a person nothing is left where no entry stays but vouchers, which say nobody's name; a tombstone is no entry that
  stays. A request goes where nothing is left of anybody it may be about.
- An engagement of which no record is left is named by the digest of its last record from then on.
- What tells of whoever goes proves something where nobody who stays, or asks, has it too.
- The list keeps each record's own key, and each address and number unless an entry of the same kind stays. What two
  had, or a mailbox or line of many, tells only who may be meant; a mobile number is kept without the name where one
  person had it, or a couple.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance.build.builder import workbench
from compliance.builds import vault
from compliance.identity.normalise import one_spelling
from compliance.words import queries
from compliance.words.keys import Key
from tests.identity.who import ageless

KEY = Key("new", b"k" * 32)
STAFF = ("EMPLOYEE", "CONTRACTOR")
CATEGORIES = (*STAFF, "PROSPECT", "PROSPECT", "VOUCHER")
NAMES = ("anna berg", "2 anna berg", "anna berg sr", "jurgen mueller", None)
TABLES = {
    "basis": "basis_id varchar, person_id varchar, category varchar, starts_on date, ends_on date, erased_on date",
    "basis_record": "record_id varchar, dataset varchar, source varchar, source_key varchar, basis_id varchar",
    "record": "record_id varchar, source varchar, source_key varchar, category varchar, relation_key varchar,"
    " name varchar, name_key varchar, email varchar, email_key varchar, phone varchar, phone_key varchar,"
    " cookie_name varchar",
    "further_identifier": "record_id varchar, dataset varchar, kind varchar, key varchar",
    "request_key": "source varchar, reference varchar, email_key varchar, phone_key varchar, name_key varchar",
}
Row = dict[str, Any]


def _names(table: str) -> list[str]:
    return [column.split()[0] for column in TABLES[table].split(", ")]


class Told(NamedTuple):
    """What the statements find, table by table."""

    gone: list[tuple[Any, ...]]
    persons: list[tuple[Any, ...]]
    requests: list[tuple[Any, ...]]
    unlinked: list[tuple[Any, ...]]
    records: list[tuple[Any, ...]]
    texts: list[tuple[Any, ...]]
    entries: list[tuple[Any, ...]]


class Chance:
    """Persons with a few entries of few records each, some of which go; who asks; and keys that some have together."""

    def __init__(self, seed: int, persons: int = 150, *, goes_alone: bool = False) -> None:
        self.random = random.Random(seed)
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.keys = itertools.count(100)
        for person in range(persons):
            self._person(f"p{person}")
        names = [one["basis_id"] for one in self.rows["basis"]]
        self.doomed = [*(name for name in names if self.seldom(0.5)), "nobody's"]
        if goes_alone:
            self._alone()
        everybody = [f"p{person}" for person in range(persons)]
        self.asked = [
            ("form", f"R{number}", person)
            for number in range(80)
            for person in self.random.sample(everybody, self.random.choice((1, 1, 2)))
        ]
        for number in range(90):
            mail, call = self._mail(person=number), self._call(number)
            self.rows["request_key"].append({
                "source": self.random.choice(("form", "form", "post")), "reference": f"R{number}",
                "email_key": mail if self.seldom(0.3) else None, "phone_key": call if self.seldom(0.3) else None,
                "name_key": self.random.choice(NAMES) if self.seldom(0.05) else None,
            })  # fmt: skip

    def _alone(self) -> None:
        """Somebody of one record, of which each key is theirs alone: that is all that goes."""
        self.doomed, own = ["alone"], {"record_id": "crm:K1", "source": "crm", "source_key": "K1"}
        days = dict.fromkeys(("starts_on", "ends_on", "erased_on"))
        self.rows["basis"].append({"basis_id": "alone", "person_id": "alone", "category": "PROSPECT", **days})
        self.rows["basis_record"].append({**own, "dataset": "crm", "basis_id": "alone"})
        keys = {"email_key": "alone@x", "phone_key": "+46709999999"}
        self.rows["record"].append({**dict.fromkeys(_names("record")), **own, "category": "PROSPECT", **keys})
        self.rows["further_identifier"].append(
            {"record_id": "crm:K1", "dataset": "crm", "kind": "phone", "key": "+46708888888"}
        )

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def day(self) -> dt.date | None:
        return dt.date(2020, 1, self.random.randrange(1, 4)) if self.seldom(0.8) else None

    def _mail(self, person: int) -> str:
        alone = (f"a{person}@x", f"b{person}@x", f"info@x{person}")
        return self.random.choice((*alone, *alone, f"both{person // 2}@x", f"info@y{person // 2}"))

    def _call(self, person: int) -> str:
        alone = (f"+46701{person:06}", f"+468{person:06}")
        several = (f"+46702{person // 2:06}", f"+46703{person // 3:06}", f"+468{900 + person // 2:06}")
        return self.random.choice((*alone, *several))

    def _person(self, person: str) -> None:
        kinds = self.random.choice(CATEGORIES), self.random.choice(CATEGORIES)
        for number in range(self.random.choice((1, 1, 2, 3))):
            basis_id, category = f"{person}.{number}", kinds[self.seldom(0.3)]
            self.rows["basis"].append({
                "basis_id": basis_id, "person_id": person, "category": category, "starts_on": self.day(),
                "ends_on": self.day(), "erased_on": self.day() if self.seldom(0.1) else None,
            })  # fmt: skip
            for _ in range(self.random.choice((1, 1, 2))):
                self._record(int(person[1:]), basis_id, category)

    def _record(self, person: int, basis_id: str, category: str) -> None:
        source = self.random.choice(("hr", "mail"))
        # Staff is known by few keys, so that an engagement has several records, and others have a key of theirs.
        is_few = category in STAFF or self.seldom(0.3)
        key = f"E{self.random.randrange(150)}" if is_few else f"K{next(self.keys)}"
        dataset = f"{source}_{next(self.keys)}"
        record_id = f"{dataset}:{key}"
        own = {"source": source, "source_key": key, "record_id": record_id}
        self.rows["basis_record"].append({**own, "dataset": dataset, "basis_id": basis_id})
        mail = self._mail(person) if category != "VOUCHER" and self.seldom(0.7) else None
        call = self._call(person) if category != "VOUCHER" and self.seldom(0.6) else None
        told = [one for one in (mail and mail.upper(), f"c{person}@x" if self.seldom(0.3) else None) if one]
        self.rows["record"].append({
            **own, "category": category,
            "relation_key": f"E{self.random.randrange(150)}" if category == "VOUCHER" else None,
            "name": f"Name {person}" if self.seldom(0.5) else None, "name_key": self.random.choice(NAMES),
            "email": ", ".join(told) or None, "email_key": mail, "phone": call and call[3:], "phone_key": call,
            "cookie_name": f"cookie {person // 2}" if self.seldom(0.2) else None,
        })  # fmt: skip
        for kind, key in (("email", self._mail(person)), ("phone", self._call(person))):
            if self.seldom(0.25) and key not in (mail, call):
                self.rows["further_identifier"].append(
                    {"record_id": record_id, "dataset": dataset, "kind": kind, "key": key}
                )


# Many go, and one entry alone.
CHANCES = Chance(0), Chance(1), Chance(2, goes_alone=True)


class Made:
    """What the statements make of the rows, again and again."""

    def __init__(self, folder: Path, told: Chance) -> None:
        self.con = con = workbench(folder, threads=1)
        con.execute("attach ':memory:' as old")
        for table, columns in TABLES.items():
            names = _names(table)
            con.execute(f"create table old.{table} ({columns})")
            con.executemany(
                f"insert into old.{table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",
                [[row[name] for name in names] for row in told.rows[table]],
            )
        con.execute("create temp table doomed_frame (basis_id varchar)")
        con.executemany("insert into doomed_frame values (?)", [(one,) for one in told.doomed])
        con.execute("create temp table asked_frame (source varchar, reference varchar, person_id varchar)")
        con.executemany("insert into asked_frame values (?, ?, ?)", told.asked)
        for name in ("further", "record_before"):
            con.execute(queries.load(name))
        vault.digest_with(con, KEY)

    def now(self) -> Told:
        """As the statements are now."""
        for name in ("doomed", "surviving"):
            self.con.execute(queries.load(name))
        gone = self.con.execute(queries.load("persons_gone")).fetchall()
        entries = self.con.execute(queries.load("suppression_entries")).fetchall()
        tables = ("doomed_person", "surviving_request_key", "unlinked", "surviving_record", "doomed_string")
        found = [_sorted(self.con.execute(f"from {table}").fetchall()) for table in tables]
        return Told(*[gone, *found, _sorted(entries)])

    def close(self) -> None:
        self.con.close()


def _sorted(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


class Slowly:
    """The same, entry by entry."""

    def __init__(self, told: Chance) -> None:
        self.told, self.rows = told, told.rows
        self.basis = {one["basis_id"]: one for one in self.rows["basis"]}
        self.going = {one: self.basis[one] for one in told.doomed if one in self.basis}
        self.of = {one["record_id"]: self.basis[one["basis_id"]] for one in self.rows["basis_record"]}
        self.stays: dict[str, set[str]] = defaultdict(set)
        for one in self.rows["basis"]:
            if one["basis_id"] not in self.going and one["erased_on"] is None:
                self.stays[one["person_id"]].add(one["category"])
        self.doomed = [one for one in self.rows["record"] if self.of[one["record_id"]]["basis_id"] in self.going]
        self.left = [one for one in self.rows["record"] if self.of[one["record_id"]]["basis_id"] not in self.going]
        self.has: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.rows["record"]:
            own = [("email", one["email_key"]), ("phone", one["phone_key"])]
            self.has[one["record_id"]] += [(kind, key) for kind, key in own if key]
        for one in self.rows["further_identifier"]:
            self.has[one["record_id"]].append((one["kind"], one["key"]))

    def now(self) -> Told:
        persons = {one["person_id"] for one in self.going.values()}
        self.persons = {one for one in persons if not self.stays[one] - {"VOUCHER"}}
        unlinked = {place: KEY.digest(f"record|{last}") for place, last in self._unlinked()}
        records = [
            {**one, "relation_key": unlinked.get((one["source"], one["relation_key"]), one["relation_key"])}
            for one in self.left
        ]
        requests = self._requests()
        return Told(
            [(len([one for one in persons if not self.stays[one]]),)],
            _sorted([(one,) for one in self.persons]),
            _sorted([tuple(one[name] for name in _names("request_key")) for one in requests]),
            _sorted([(*place, digest) for place, digest in unlinked.items()]),
            _sorted([tuple(one[name] for name in _names("record")) for one in records]),
            _sorted([(text,) for text in self._texts(self.doomed) - self._texts(records) - self._asks(requests)]),
            _sorted(list(self._entries())),
        )

    def _requests(self) -> list[Row]:
        about = defaultdict(set)
        for source, reference, person in self.told.asked:
            about[source, reference].add(person)
        return [
            one for one in self.rows["request_key"]
            if not (there := about[one["source"], one["reference"]]) or there - self.persons
        ]  # fmt: skip

    def _unlinked(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Engagements of which nothing is left, and their last records."""
        there = {(one["source"], one["source_key"]) for one in self.left if one["category"] in STAFF}
        ended = defaultdict(list)
        for one in self.doomed:
            if one["category"] in STAFF:
                end = self.of[one["record_id"]]["ends_on"] or dt.date.min
                ended[one["source"], one["source_key"]].append((-end.toordinal(), one["record_id"]))
        yield from ((place, min(several)[1]) for place, several in ended.items() if place not in there)

    def _texts(self, records: Sequence[Row]) -> set[str]:
        """All by which somebody is told there; whom a voucher is for tells of whoever stays alone."""
        found: set[str] = set()
        for one in records:
            names = ("record_id", "source_key", "name", "name_key", "email_key", "phone", "phone_key", "cookie_name")
            email = one["email"] or ""
            texts = {one[name] for name in names} | {email.lower(), *email.split(", ")}
            texts |= {key for _, key in self.has[one["record_id"]]}
            if records is not self.doomed:
                texts.add(one["relation_key"])
            found |= texts - {None, ""}
        return found

    def _asks(self, requests: Sequence[Row]) -> set[str]:
        return {one[name] for one in requests for name in ("email_key", "phone_key", "name_key") if one[name]}

    def _bear(self, kind: str, key: str) -> set[str]:
        return {self.of[record]["person_id"] for record, has in self.has.items() if (kind, key) in has}

    def _entries(self) -> Iterator[tuple[Any, ...]]:
        for one in self.doomed:
            basis = self.of[one["record_id"]]
            has = [] if basis["category"] in self.stays[basis["person_id"]] else self.has[one["record_id"]]
            mails, calls = (sorted(key for kind, key in has if kind == of) or ("",) for of in ("email", "phone"))
            name = one["name_key"] and one_spelling(one["name_key"].removeprefix("2 "))
            place = next(two for two in self.rows["basis_record"] if two["record_id"] == one["record_id"])
            is_staff = basis["category"] in STAFF
            for mail, call in itertools.zip_longest(mails, calls):
                bear, is_fixed = len(self._bear("phone", call or "")), (call or "").startswith("+468")
                digests = (
                    f"record|{one['record_id']}",
                    name and f"name|{name}",
                    mail and f"email|{mail}",
                    mail and name and f"email|{mail}|{name}",
                    call and name and f"phone|{call}|{ageless(name)}",
                    call and bear <= 2 and not is_fixed and f"number|{call}",
                )
                yield (
                    *(KEY.digest(text) if text else None for text in digests),
                    bool(mail) and (len(self._bear("email", mail)) > 1 or mail.startswith("info@")),
                    bool(call) and (bear > 1 or is_fixed),
                    None if basis["person_id"] in self.persons else basis["category"],
                    place["source"],
                    place["dataset"],
                    basis["starts_on"] if is_staff else None,
                    basis["ends_on"] if is_staff else None,
                )
