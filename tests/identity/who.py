"""Who is one person, who may be, and whom a request is from: told once more and slowly, over records made by chance.

Written from the rules, never from the statements that apply them:

- Whoever has an address that is not shared is one person. It is shared where it is a mailbox of many by its name,
  where two names behind it contradict each other (a couple's is another one), and where more than a dozen use it.
- The same number and name is one person, and so is the same shared address and name, if that is of two words. Who is
  called the elder or the younger, or the man or the woman of a family's name, has the name without that, unless there
  is one of each; which record of one name it is says nothing against another.
- Where that makes one person of two names, or of two whom somebody told apart, what a name has not confirmed goes
  first, then everything but what somebody has said.
- Persons who share an address, or a number and a word of their names, may be one, unless somebody has said that they
  are two; what more than six share says nothing of two of them unless their names are the same, and no more does a
  number that more than a dozen names use.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance.build.builder import Builder
from tests.world import let_speak

NAMES = (
    "anna berg", "anna", "anna dahl", "anna berg maria", "bo dahl", "bo", "anna bo dahl och", "bo dahl sr",
    "bo dahl jr", "2 anna berg", "3 anna berg", "berg herr", "berg fru",
    "anna berg ~mormor", "anna berg ~barn", "berg ~froken", "anna berg bo dahl ~och", None,
)  # fmt: skip
# A man or a woman of a family's name is one of two as well.
ADDRESSED = {"herr", "fru"}
AGES = {"sr", "jr"} | ADDRESSED
# What is remarked stands behind this sign, a young woman's title and a comma between two names too.
MARK, UNWED, COMMA = "~", "~froken", "~och"
MANY = 12
Kept = tuple[str, str]


class Record(NamedTuple):
    """One record: its number is its place in the table."""

    name: str | None
    keys: tuple[Kept, ...]


class Request(NamedTuple):
    """One row of the form, with what the request gives."""

    reference: str
    mail: str | None
    phone: str | None
    name: str | None


class Chance:
    """Groups of a few records with a few addresses, numbers and names, and mailboxes and numbers of many."""

    def __init__(self, seed: int, groups: int = 70) -> None:
        self.random = random.Random(seed)
        self.records: list[Record] = []
        self.requests: list[Request] = []
        self.same: list[tuple[int, int]] = []
        self.different: list[tuple[int, int]] = []
        for number in range(groups):
            self._group(number)
        for number in range(groups):
            self._chain(number)
        # Every other company has one switchboard alone.
        for size in (2, 3, 4, 6, 14) if seed % 2 else (2, 3, 4, 6, 12, 13, 14):
            self._crowd(size)
        for size in (12, 13):
            self._numbered(size)
            self._few_behind(size, again=("namna ek",) if size == MANY else ())
        # Two without a name are nobody who is there again, and many records of few names are no switchboard's.
        self._few_behind(13, again=(None, None))
        self._few_behind(3, again=("namna ek",) * 8 + ("namnc ek",) * 4)
        # A mailbox of many in which one name is all there is.
        self.records += [Record("anna berg", (("email", "info@ensam.example"),))] * 2
        # Somebody whose one record has more of the name than the other, asked for by number and the whole of it.
        both: tuple[Kept, ...] = ("email", "e@bolaget.example"), ("phone", "+46739999999")
        self.records += [Record(name, both) for name in ("anna berg", "anna")]
        self.requests.append(Request("E", None, both[1][1], "anna berg"))

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def _group(self, number: int) -> None:
        mails = [f"a{number}@bolaget.example", f"b{number}@bolaget.example"]
        mails.append(f"info@bolag{number}.example" if self.seldom(0.4) else mails[0])
        calls = [f"+4670{number:05}", f"+468{number:05}"]
        first = len(self.records)
        for _ in range(self.random.choice((1, 2, 2, 3, 4, 5))):
            keys = [("email", self.random.choice(mails))] if self.seldom(0.75) else []
            keys += [("phone", self.random.choice(calls))] if self.seldom(0.6) else []
            # Further ones of the cells.
            keys += [("email", self.random.choice(mails))] if self.seldom(0.15) else []
            keys += [("phone", self.random.choice(calls))] if self.seldom(0.1) else []
            self.records.append(Record(self.random.choice(NAMES), tuple(dict.fromkeys(keys))))
        there = range(first, len(self.records))
        if len(there) > 1 and self.seldom(0.25):
            pair = tuple(self.random.sample(there, 2))
            self.random.choice((self.same, self.different)).append((pair[0], pair[1]))
        for turn in range(4):
            for _ in range(self.random.choice((1, 1, 2))):
                self.requests.append(Request(
                    f"R{number}-{turn}",
                    self.random.choice((*mails, None, "nobody@annan.example")),
                    self.random.choice((*calls, None, None)),
                    self.random.choice((*NAMES, "carl anna", "eva ek")),
                ))  # fmt: skip

    def _chain(self, number: int) -> None:
        """Two names, each with sure ties of their own, and perhaps somebody between them who could be either."""
        one, other, call = f"c{number}@bolaget.example", f"d{number}@bolaget.example", f"+4672{number:05}"
        first = len(self.records)
        told = [
            ("anna berg", [("email", one), ("phone", call)]),
            (self.random.choice(("anna berg", "anna", None)), [("email", one)]),
            (self.random.choice(("anna", "anna", None, "anna dahl")), [("email", one), ("email", other)]),
            (self.random.choice(("anna", None, "anna dahl")), [("email", other)]),
            ("anna dahl", [("email", other)]),
            (self.random.choice(("anna berg", "anna dahl")), [("phone", call)]),
            ("anna dahl", [("phone", call)] if self.seldom(0.5) else [("email", other), ("phone", call)]),
        ]
        self.records += [Record(name, tuple(keys)) for name, keys in told if self.seldom(0.8)]
        there = range(first, len(self.records))
        # Now and then both was said in what hangs together.
        for said in (self.same, self.different):
            if len(there) > 1 and self.seldom(0.3):
                pair = self.random.sample(there, 2)
                said.append((pair[0], pair[1]))

    def _crowd(self, size: int) -> None:
        """As many names as `size` behind one address and one number, and one of them twice by each; of somebody there
        twice the addresses are others, and of the largest number only that name is there again.
        """
        letters = [f"namn{chr(97 + number)} ek" for number in range(size)]
        for kind, key in (("email", f"alla{size}@bolaget.example"), ("phone", f"+46999{size}")):
            again = [] if size == 14 and kind == "phone" else [letters[0], None, "solo"]
            # A name of one word says nothing of who shares an address.
            for name in (*letters, *again, "solo"):
                self.records.append(Record(name, ((kind, key),)))
            if kind == "phone":
                mails = [f"{letter}{size}@bolaget.example" for letter in "uv"]
                name = f"ull{chr(97 + size)} ek"
                self.records += [Record(name, ((kind, key), ("email", mail))) for mail in mails]
                if size != 14:
                    # The elder has the name of the second one there, and of the third there are both.
                    self.records += [Record(f"{letters[1]} sr", ((kind, key),))]
                    self.records += [Record(f"{letters[-1]} {age}", ((kind, key),)) for age in ("sr", "jr")]
            # A word in common.
            self.records.append(Record("ek gun", ((kind, key), ("email", f"gun{size}{kind}@bolaget.example"))))
            self.requests.append(Request(f"C{size}{kind}", *_by(kind, key), letters[0]))
            self.requests.append(Request(f"N{size}{kind}", *_by(kind, key), None))

    def _numbered(self, size: int) -> None:
        """One name behind an address, by which number of record a source has it: so many names contradict nothing.
        Behind another one as many that do, and one of a single word twice.
        """
        key = "email", f"nummer{size}@bolaget.example"
        self.records += [Record(f"{number} anna berg" if number else "anna berg", (key,)) for number in range(size)]
        self.records.append(Record(None, (key,)))
        key = "email", f"flera{size}@bolaget.example"
        names = [f"namn{chr(97 + number)} ek" for number in range(size - 1)]
        self.records += [Record(name, (key,)) for name in (*names, "solo", "solo")]

    def _few_behind(self, size: int, again: Sequence[str | None]) -> None:
        """As many names behind one number, of three persons: somebody has said so of all but two."""
        key = "phone", f"+46888{size}{len(again):02}"
        first = len(self.records)
        names = [f"namn{chr(97 + number)} ek" for number in range(size)]
        self.records += [Record(name, (key,)) for name in (*names, *again)]
        self.same += [(first, first + number) for number in range(1, size - 2)]


class Only(Chance):
    """These records and no others, of whom nobody has asked or said anything."""

    def __init__(self, *records: Record) -> None:
        self.records, self.requests = list(records), []
        self.same, self.different = [], []


# One address and one number are all that anybody has in common, and nobody's first.
ONLY = Only(
    *(Record(None, (("email", f"{one}@bolaget.example"), ("email", "ab@bolaget.example"))) for one in "ab"),
    *(Record("anna berg", (("email", f"{one}@bolaget.example"), ("phone", "+46701"))) for one in "cd"),
    Record("anna berg", ()),
)


def _by(kind: str, key: str) -> tuple[str | None, str | None]:
    return (key, None) if kind == "email" else (None, key)


class Told(NamedTuple):
    """What is said of the records: who is one, by their numbers, who may be, and whom requests are from."""

    persons: list[list[int]]
    ids: list[tuple[list[int], str]]
    doubles: list[tuple[list[int], list[int], tuple[str, ...], tuple[str, ...]]]
    requests: list[tuple[str, list[int], bool, tuple[str, ...], tuple[str, ...]]]


class Made:
    """What the statements make of the records, again and again."""

    def __init__(self, folder: Path, told: Chance) -> None:
        self.told = told
        self.builder = Builder(folder / "who.duckdb", None, folder, threads=1).__enter__()
        con = self.builder.con
        con.execute("begin")
        records, further = [], []
        for number, record in enumerate(told.records):
            own: dict[str, str] = {}
            for kind, key in record.keys:
                if own.setdefault(kind, key) != key:
                    further.append((f"crm:{number:04}", "crm", kind, key))
            records.append((f"crm:{number:04}", f"{number:04}", record.name, own.get("email"), own.get("phone")))
        con.executemany(
            "insert into build.record"
            " (record_id, dataset, source, category, source_key, name_key, email_key, phone_key)"
            " values (?, 'crm', 'crm', 'PROSPECT', ?, ?, ?, ?)", records,
        )  # fmt: skip
        let_speak(con)
        same = [(rid, number) for number, pair in enumerate(told.same) for rid in pair]
        for statement, rows in (
            ("insert into build.further_identifier values (?, ?, ?, ?)", further),
            ("insert into build.request_key values ('form', 'form', ?, ?, ?, ?)", told.requests),
            ("insert into decided_same values (?, ?)", same),
            ("insert into decided_different values (?, ?)", told.different),
        ):
            if rows:
                con.executemany(statement, [tuple(row) for row in rows])
        con.execute("commit")

    def now(self) -> Told:
        """As the statements are now."""
        con = self.builder.con
        con.execute("begin")
        try:
            for name in ("identifiers", "links"):
                self.builder._run(name)
            self.builder._tie()
            for name in ("owners", "requested", "possible_doubles"):
                self.builder._run(name)
            persons: dict[str, list[int]] = defaultdict(list)
            for rid, person_id in con.execute("select rid, person_id from owned order by rid").fetchall():
                persons[person_id].append(rid)
            doubles = con.execute("from build.possible_double").fetchall()
            requests = con.execute("from build.request_person").fetchall()
        finally:
            con.execute("rollback")
        return Told(
            sorted(persons.values()),
            sorted((group, person_id) for person_id, group in persons.items()),
            sorted((*in_order(persons[one], persons[other]), tuple(speaks_for), tuple(against))
                   for one, other, speaks_for, against in doubles),
            sorted((reference, persons[person], is_sure, tuple(speaks_for), tuple(against))
                   for _, reference, person, is_sure, speaks_for, against in requests),
        )  # fmt: skip

    def close(self) -> None:
        self.builder.con.close()


def in_order(one: list[int], other: list[int]) -> tuple[list[int], list[int]]:
    return (one, other) if one < other else (other, one)


def contradict(one: str, other: str) -> bool:
    """Whether neither name has all words of the other, one is of two persons and the other is not, a man is meant by
    one and a woman by the other, both have a remark, and another one, or one may be of two and has not the same words.
    """
    first, second = (_uncounted(name) - marks(name) for name in (one, other))
    titles, remarks = [], []
    for name in (one, other):
        title = (ADDRESSED | {UNWED}) & set(name.split())
        titles.append(title)
        remarks.append((AGES - ADDRESSED | marks(name)) & set(name.split()) - title - ADDRESSED)
    return (
        not (first <= second or second <= first)
        or ("och" in first) != ("och" in second)
        or any(all(said) and said[0] != said[1] for said in (titles, remarks))
        or ((COMMA in one) != (COMMA in other) and first != second)
    )


def marks(name: str) -> set[str]:
    """What is no word of a name, nor whether it is the elder's: how somebody is addressed, and what is remarked."""
    return {word for word in name.split() if word in ADDRESSED or word.startswith(MARK)}


def ages(name: str) -> set[str]:
    """Which of two or more somebody is."""
    return AGES & set(name.split()) | marks(name)


def _uncounted(name: str) -> set[str]:
    words = name.split()
    return set(words[1:] if words[0].isdigit() and len(words) > 2 else words)


def ageless(name: str) -> str:
    """Without which of two somebody is."""
    return " ".join(word for word in name.split() if word not in ages(name))


def one_name(one: str, other: str) -> bool:
    """Whether two have one name, of which one may say no more than the other."""
    said = {frozenset(ages(name)) for name in (one, other)} - {frozenset()}
    return ageless(one) == ageless(other) and len(said) < 2


class Slowly:
    """The same, record by record."""

    def __init__(self, told: Chance) -> None:
        self.told, self.records = told, told.records
        self.has: dict[Kept, list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            for key in record.keys:
                self.has[key].append(number)
        self.names = {key: self._named(there) for key, there in self.has.items()}

    def now(self) -> Told:
        persons = self._persons()
        self.of = {one: person for person, group in enumerate(persons) for one in group}
        self.persons = persons
        return Told(persons, sorted(self._ids()), sorted(self._doubles()), sorted(self._requests()))

    def _named(self, there: Iterable[int]) -> set[str]:
        return {name for one in there if (name := self.records[one].name)}

    def _ids(self) -> Iterator[tuple[list[int], str]]:
        """The smallest of what a person's records are known by; what two persons have is nobody's."""
        by_name: dict[tuple[str, str | None], set[int]] = defaultdict(set)
        for one, record in enumerate(self.records):
            for _, key in record.keys:
                by_name[key, record.name].add(self.of[one])
        for group in self.persons:
            own = []
            for one in group:
                name, keys = self.records[one]
                mail = next((key for kind, key in keys if kind == "email"), None)
                call = next((key for kind, key in keys if kind == "phone"), None)
                if mail and len(self._holders(("email", mail))) == 1:
                    own.append(mail)
                elif mail and name and len(by_name[mail, name]) == 1:
                    own.append(f"{mail}|{name}")
                elif call and name and len(by_name[call, name]) == 1:
                    own.append(f"{call}|{name}")
                else:
                    own.append(f"crm:{one:04}")
            yield group, hashlib.md5(min(own).encode()).hexdigest()

    def _is_shared(self, key: Kept) -> bool:
        names = self.names[key]
        return (
            key[1].startswith("info@")
            or len(names) > MANY
            or any(contradict(one, other) for one, other in itertools.combinations(names, 2))
        )

    def _ties(self) -> Iterator[tuple[list[int], str]]:
        """Records that are one person, and how sure: 'weak', 'sure', 'said'."""
        for key, there in self.has.items():
            by_name: dict[str, list[int]] = defaultdict(list)
            for one in there:
                by_name[self.records[one].name or ""].append(one)
            said: dict[str, set[str]] = defaultdict(set)
            for name in filter(None, by_name):
                said[ageless(name)] |= ages(name)
            called: dict[str, list[int]] = defaultdict(list)
            for name, several in by_name.items():
                called[ageless(name) if len(said[ageless(name)]) < 2 else name].extend(several)
            is_shared = key[0] == "phone" or self._is_shared(key)
            if not is_shared:
                # Two without a name are confirmed by none.
                yield there, "weak" if len(by_name) > 1 or "" in by_name else "sure"
            for name, several in called.items():
                if name and (not is_shared or key[0] == "phone" or " " in name):
                    yield several, "sure"
        for pair in self.told.same:
            yield list(pair), "said"

    def _persons(self) -> list[list[int]]:
        ties = list(self._ties())
        for goes in ({"weak"}, {"weak", "sure"}):
            persons = joined(len(self.records), (there for there, _ in ties))
            torn = {one for group in persons if self._is_torn(group) for one in group}
            ties = [tie for tie in ties if tie[1] not in goes or not torn.intersection(tie[0])]
        return joined(len(self.records), (there for there, _ in ties))

    def _is_torn(self, group: Sequence[int]) -> bool:
        if any(one in group and other in group for one, other in self.told.different):
            return True
        if any(one in group for pair in self.told.same for one in pair):
            return False
        return any(contradict(one, other) for one, other in itertools.combinations(self._named(group), 2))

    def _known(self, person: int) -> tuple[set[str], set[str], set[str]]:
        """Names, addresses and numbers."""
        group = [self.records[one] for one in self.persons[person]]
        keys = {key for record in group for key in record.keys}
        return (
            {record.name for record in group if record.name},
            {key for kind, key in keys if kind == "email"},
            {key for kind, key in keys if kind == "phone"},
        )

    def _holders(self, key: Kept) -> set[int]:
        return {self.of[one] for one in self.has[key]}

    def _doubles(self) -> Iterator[tuple[list[int], list[int], tuple[str, ...], tuple[str, ...]]]:
        pairs = set()
        for key, there in self.has.items():
            holders = self._holders(key)
            # Behind a number that more than a dozen names use, only who has the same name meets anybody.
            is_crowd = key[0] == "phone" and len({ageless(self.records[one].name or "") for one in there}) > MANY
            for one, other in itertools.combinations(sorted(there), 2):
                has_name = self.records[one].name and self.records[one].name == self.records[other].name
                pair = tuple(sorted((self.of[one], self.of[other])))
                if pair[0] != pair[1] and (has_name or (len(holders) <= 6 and not is_crowd)):
                    pairs.add(pair)
        told_apart = {tuple(sorted((self.of[one], self.of[other]))) for one, other in self.told.different}
        for one, other in pairs - told_apart:
            (names, mails, calls), (its_names, its_mails, its_calls) = self._known(one), self._known(other)
            words, its_words = (
                set().union(*(set(name.split()) - marks(name) for name in several)) for several in (names, its_names)
            )
            same_name, same_word = bool(names & its_names), bool(words & its_words)
            same_mail, same_call = bool(mails & its_mails), bool(calls & its_calls)
            if same_mail or same_word:
                yield (
                    *in_order(self.persons[one], self.persons[other]),
                    told(email=same_mail, phone=same_call, name=same_name, name_part=same_word and not same_name),
                    told(
                        other_name=names and its_names and not same_name,
                        other_email=mails and its_mails and not same_mail,
                        other_phone=calls and its_calls and not same_call,
                    ),
                )

    def _requests(self) -> Iterator[tuple[str, list[int], bool, tuple[str, ...], tuple[str, ...]]]:
        by_reference: dict[str, list[Request]] = defaultdict(list)
        for row in self.told.requests:
            by_reference[row.reference].append(row)
        for reference, rows in by_reference.items():
            met: dict[int, list[tuple[Kept, str | None, str | None, bool]]] = defaultdict(list)
            for row in rows:
                for kind, value in (("email", row.mail), ("phone", row.phone)):
                    for one in self.has.get((kind, value or ""), ()):
                        met[self.of[one]].append(
                            ((kind, value or ""), row.name, self.records[one].name, bool(row.mail))
                        )
            for person, several in met.items():
                found = self._asked(several)
                if found:
                    yield reference, self.persons[person], *found

    def _asked(
        self, met: list[tuple[Kept, str | None, str | None, bool]]
    ) -> tuple[bool, tuple[str, ...], tuple[str, ...]] | None:
        """Whether a person who has what a request gives surely asks, and what speaks for and against it."""
        mails = [key for key, *_ in met if key[0] == "email"]
        sole = [key for key in mails if len(self._holders(key)) == 1]
        own = [key for key in sole if not key[1].startswith("info@")]
        compared = [(given, name) for _, given, name, _ in met if given and name]
        same = [given for given, name in compared if one_name(given, name)]
        is_full = any(" " in ageless(name) for name in same)
        has_word = any(set(given.split()) & set(name.split()) - marks(name) for given, name in compared)
        is_other = bool(compared) and all(contradict(given, name) for given, name in compared)
        gave_address = any(gave for *_, gave in met)
        if not mails and not has_word and (gave_address or is_other):
            return None
        by_mail = not is_other and bool(own)
        is_sure = by_mail if mails else not gave_address and is_full
        return (
            is_sure,
            told(email=mails, phone=len(mails) < len(met), name=same, name_part=has_word and not same),
            told(
                other_name=is_other,
                other_email=gave_address and not mails,
                shared_email=mails and not sole,
                role_mailbox=sole and not own,
            ),
        )


def told(**words: Any) -> tuple[str, ...]:
    """The words that hold."""
    return tuple(word for word, holds in words.items() if holds)


def joined(size: int, ties: Iterable[Sequence[int]]) -> list[list[int]]:
    """Numbers that ties lead to each other."""
    root = list(range(size))

    def top(one: int) -> int:
        while root[one] != one:
            one = root[one]
        return one

    for there in ties:
        for one, other in itertools.pairwise(there):
            root[max(top(one), top(other))] = min(top(one), top(other))
    groups: dict[int, list[int]] = defaultdict(list)
    for one in range(size):
        groups[top(one)].append(one)
    return sorted(groups.values())
