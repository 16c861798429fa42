"""Which organisations may be those of which nothing is left, told once more over firms made by chance.

- Numbered alike: by the ten digits of an organisation number, with the century or as a VAT number, whatever the source;
  in the same source by its own number, whatever zeros stand before it.
- Called alike, but for the legal form and how that is written, and where it stands.
- Reached alike: somebody's address or number, the domain of an address, or a name in any spelling, that people of one
  organisation alone had before.

Only what has entries can be one of them, and nothing is what it was itself.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from compliance.words import queries

SOURCES = ("crm", "mail")
# What an id says, the organisation number in it, and the source's own number.
CODES: dict[str, tuple[str | None, str | None]] = {
    "556703-7485": ("5567037485", "5567037485"), "5567037485": ("5567037485", "5567037485"),
    "165567037485": ("5567037485", "165567037485"), "16 556703-7485": ("5567037485", "165567037485"),
    "SE556703748501": ("5567037485", "556703748501"), "SE 5567037485-01": ("5567037485", "556703748501"),
    "5560125790": ("5560125790", "5560125790"), "165560125790": ("5560125790", "165560125790"),
    "5560125791": ("5560125791", "5560125791"), "SE556012579101": ("5560125791", "556012579101"),
    "65567037485": (None, "65567037485"), "556703748": (None, "556703748"), "5670374850": ("5670374850", "5670374850"),
    "556703748502": (None, "556703748502"), "195567037485": (None, "195567037485"),
    "155670374850": (None, "155670374850"),
    # Those are born on some day.
    "8101017485": (None, "8101017485"), "168101017485": (None, "168101017485"),
    "42": (None, "42"), "0042": (None, "42"), "142": (None, "142"), "K-42": (None, "K42"), "k42": (None, "K42"),
    "M42": (None, "M42"), "K:42": (None, "K42"), "0": (None, None), "00": (None, None),
}  # fmt: skip
# The last is called as several people are.
STEMS = ("alfa", "beta bygg", "gamma", "delta ab bygg", "bo ek")
FORMS = (
    "{} AB", "{} Aktiebolag", "AB {}", "{} A/S", "{} Oy", "{} HB", "{} kommanditbolag", "{} Ltd.", "{} Inc", "{}, LLC",
    "{} GmbH", "{} AG", "{} ApS", "  {}",
)  # fmt: skip
# What is part of the name: a form that is not one of those, or one that is followed by something.
NAMED = (("AB", "ab"), ("Alfa Stiftelse", "alfa stiftelse"), ("Alfa AB Norr", "alfa ab norr"), (None, None))
NAMES = (("dag muller", "dag mueller"), ("asa ek", "aasa ek"), ("bo ek", "bo ek"))
DOMAINS = ("a.example", "b.example", "c.example")


class Firm(NamedTuple):
    """An organisation of one of the builds; `bare`: what it is called without its form."""

    org_id: str
    source: str
    name: str | None
    bare: str | None
    number: str | None
    own: str | None


class Somebody(NamedTuple):
    """Whoever is behind a record, and the name in the one spelling."""

    org_id: str | None
    email: str | None
    phone: str | None
    name: str | None
    spelled: str | None


class Side(NamedTuple):
    """A build, as far as it matters here."""

    firms: list[Firm]
    people: list[Somebody]


class Chance:
    """Two builds with few numbers, names and domains, so that much is alike."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.before, self.now = self._side(), self._side()
        ids = sorted({firm.org_id for side in (self.before, self.now) for firm in side.firms})
        self.wanted = [key for key in ids if self.seldom(0.6)]
        self.with_entries = [key for key in ids if self.seldom(0.6)]

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def _side(self) -> Side:
        firms = []
        for source in SOURCES:
            told = [(code, *self._called(), *CODES[code]) for code in self.random.sample(sorted(CODES), 18)]
            # Those of the same key alone.
            told += [(f"own{n}", f"own{n}", f"own{n}", None, f"OWN{n}") for n in range(6)]
            firms += [Firm(f"{source}:{code}", source, *more) for code, *more in told]
        people = []
        for firm in firms:
            domain = f"{self.random.randrange(60)}.example"
            people += [self._somebody(firm.org_id, domain) for _ in range(3)]
        return Side(firms, people)

    def _called(self) -> tuple[str | None, str | None]:
        if self.seldom(0.3):
            return self.random.choice(NAMED)
        stem = self.random.choice(STEMS)
        return self.random.choice(FORMS).format(stem.title()), stem

    def _somebody(self, org_id: str, domain: str) -> Somebody:
        mail = f"{self.random.choice(('anna', 'info', 'bo'))}@{domain}"
        phone = f"+4670{self.random.randrange(150)}"
        name = self.random.choice(NAMES) if self.seldom(0.1) else 2 * (f"eva {self.random.randrange(150)}",)
        is_named = self.seldom(0.8)
        return Somebody(
            org_id if self.seldom(0.9) else None, mail if self.seldom(0.7) else None,
            phone if self.seldom(0.7) else None, self.random.choice(name) if is_named else None,
            name[0] if is_named else None,
        )  # fmt: skip


class Told(NamedTuple):
    """What those that are wanted may be known by, and which ones of now may be which: by id, in order."""

    known_by: list[tuple[str, str, str]]
    may_be: list[tuple[str, str, str]]


class Made:
    """What the statement makes of them, again and again."""

    def __init__(self, told: Chance) -> None:
        self.con, self._wanted = duckdb.connect(":memory:", config={"threads": 1}), told.wanted
        self.con.execute(queries.load("normalise"))
        for schema, side in (("old", told.before), ("build", told.now)):
            self.con.execute(f"create schema {schema}")
            self._put(f"{schema}.organisation", ("org_id", "source", "org_name"), side.firms)
            self._put(f"{schema}.record", ("org_id", "email_key", "phone_key", "name_key"), side.people)
        self._put("build.basis", ("org_id",), [(key,) for key in told.with_entries])

    def _put(self, table: str, columns: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> None:
        told = ", ".join(f"unnest(?::varchar[]) as {name}" for name in columns)
        values = [[row[at] for row in rows] for at in range(len(columns))]
        self.con.execute(f"create table {table} as select {told}", values)

    def now(self) -> Told:
        self.con.execute(queries.load("organisation_says"))
        self.con.execute(queries.load("lost_organisations"), {"keys": self._wanted})
        known_by = self.con.execute("from lost_organisation").fetchall()
        may_be = self.con.execute(queries.load("possible_organisations")).fetchall()
        return Told(sorted(known_by), may_be)


def slowly(told: Chance) -> Told:
    """The same, firm by firm."""
    had, reached = _said(told.before.people), _said(told.now.people)
    known_by = {(firm.org_id, kind, said) for firm in told.before.firms for kind, said in _codes(firm)}
    known_by |= {(org_id, kind, said) for (kind, said), firms in had.items() if len(firms) == 1 for org_id in firms}
    known_by = {one for one in known_by if one[0] in told.wanted}
    for firm in told.now.firms:
        for kind, said in _codes(firm):
            reached[kind, said].add(firm.org_id)
    may_be = {
        (before, now, kind)
        for before, kind, said in known_by
        for now in reached.get((kind, said), ())
        if now in told.with_entries and now != before
    }
    return Told(sorted(known_by), sorted(may_be))


def _codes(firm: Firm) -> set[tuple[str, str]]:
    """What an organisation says of itself."""
    own = firm.own and f"{firm.source}:{firm.own}"
    return {(kind, said) for kind, said in (("number", firm.number), ("number", own), ("name", firm.bare)) if said}


def _said(people: Sequence[Somebody]) -> dict[tuple[str, str], set[str]]:
    """The organisations that somebody says something of, by its kind and what it is."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in people:
        told = [("people", one.email), ("people", one.phone), ("names", one.spelled)]
        told.append(("domain", one.email.split("@")[1] if one.email else None))
        for kind, said in told:
            if said and one.org_id:
                found[kind, said].add(one.org_id)
    return found
