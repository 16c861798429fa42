"""Over any sequence of exports: who was purged comes back to nobody's surprise, who is held stays, nobody innocent is
kept out, two persons who share something never become one unasked, and no clock starts anew because a source moved it.

Dozens of small circles of people live beside each other in one source, so that an export tries them all. People and
their records are told apart by the truth, which the product never sees; what it may take for the same is judged here by
rules of this module's own. A longer run:
SEQUENCES=20 SEQUENCE_STEPS=14 python -m pytest tests/suppression/test_sequences.py --timeout 0
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.holds import losses
from compliance.holds import verbs as holds
from compliance.holds.tables import Ground, Scope
from compliance.purge import execute
from compliance.purge import verbs as purge_verbs
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict
from compliance.words.refusal import Refused
from tests.purging import Desk, WriterHere, prospects
from tests.world import TODAY, table

SEQUENCES = int(os.environ.get("SEQUENCES", "1"))
STEPS = int(os.environ.get("SEQUENCE_STEPS", "3"))
SEED = int(os.environ.get("SEQUENCE_SEED", "1"))
CIRCLES = 24
GIVEN = ("Åsa", "Bo", "Cilla", "Dan", "Eva", "Frej", "Gun", "Håkan")
FAMILY = ("Berg", "Ek", "Falk", "Gren", "Holm", "Åström", "Lind", "Öst")
# Marks that nobody sees, as programs and people leave them in cells.
UNSEEN = ("\ufeff", "\u200b", "\u00ad", "\u2060")


@dataclasses.dataclass(frozen=True)
class Card:
    """What a record says of somebody: plain, before anybody has written it in a way of their own."""

    key: str
    name: str
    mails: frozenset[str]
    phones: frozenset[str]
    registered: dt.date


@dataclasses.dataclass
class Somebody:
    """One human being, with the card that the source has of them; None where it has none."""

    circle: int
    number: int
    card: Card | None
    purged: list[Erased] = dataclasses.field(default_factory=list)
    held: bool = False


@dataclasses.dataclass(frozen=True)
class Erased:
    """A card that a purge removed, with those mails and phones that somebody else had as well, or may have."""

    card: Card
    shared: frozenset[str]
    batch: int


def plain(name: str) -> frozenset[str]:
    """The words of a name."""
    return frozenset(name.lower().split())


def may_be(card: Card, erased: Erased) -> bool:
    """Whether a card has anything in common with one that was purged by which somebody would ask."""
    by_phone = card.phones & erased.card.phones and plain(card.name) == plain(erased.card.name)
    by_phone = by_phone or any(not phone.startswith("+468") for phone in card.phones & erased.card.phones)
    return bool(card.key == erased.card.key or card.mails & erased.card.mails or by_phone)


def is_sure(card: Card, erased: Erased) -> bool:
    """Whether nobody could tell the two apart: the name, and the key or something that was one person's."""
    same_name = plain(card.name) == plain(erased.card.name)
    own = (card.mails & erased.card.mails | card.phones & erased.card.phones) - erased.shared
    return same_name and bool(card.key == erased.card.key or own)


def alike(one: Card, other: Card) -> bool:
    """Whether two cards could be one person's: one name is in the other, and they have something in common."""
    words, others = plain(one.name), plain(other.name)
    return (words <= others or others <= words) and bool(one.mails & other.mails or one.phones & other.phones)


class Spelling:
    """Writes what cards say as people and systems do."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def address(self, mail: str) -> str:
        """One address in one of its ways."""
        rng = self.rng
        local, domain = mail.split("@")
        if rng.random() < 0.3:
            local += f"+{rng.choice(('crm', 'x1', 'nyhet'))}"
        text = f"{local}@{domain}"
        text = rng.choice((text, text.upper(), text.title()))
        text = unicodedata.normalize(rng.choice(("NFC", "NFD")), text)
        if rng.random() < 0.2:
            text = text.replace("@", "\uff20")
        if rng.random() < 0.2:
            place = rng.randrange(len(text) + 1)
            text = text[:place] + rng.choice(UNSEEN) + text[place:]
        return rng.choice(("{}", "{}", "<{}>", "mailto:{}", "Växeln <{}>", " {} ", "{}.", "{}\t", "\u00a0{}")).format(
            text
        )

    def number(self, phone: str) -> str:
        """One number, given as +46..., in one of its ways."""
        home = phone.removeprefix("+46")
        return self.rng.choice(
            (phone, f"0{home}", f"0046 {home}", f"+46 (0){home[:2]} {home[2:]}", f"0{home[:2]}-{home[2:5]} {home[5:]}",
             f"0{home} (mobil)", f" 46{home}")
        )  # fmt: skip

    def name(self, name: str) -> str:
        """A name in one of its ways."""
        *given, family = name.split()
        first = " ".join(given)
        text = self.rng.choice((name, f"{family}, {first}", f"{family} {first}", f" {first}  {family}", name.upper()))
        text = unicodedata.normalize(self.rng.choice(("NFC", "NFD")), text)
        return self.rng.choice(("{}", "{}", "{}", "Dr {}", "{} (konsult)")).format(text)

    def row(self, card: Card) -> dict[str, str]:
        """A card as a row of an export."""
        mails = [self.address(mail) for mail in sorted(card.mails)]
        phones = [self.number(phone) for phone in sorted(card.phones)]
        self.rng.shuffle(mails)
        return {
            "Prospekt-ID": card.key,
            "Namn": self.name(card.name),
            "E-post": self.rng.choice(("; ", ", ", " / ")).join(mails),
            "Telefon": "; ".join(phones),
            "Registrerad": f"{card.registered:%d/%m/%Y}",
        }


class Town:
    """The circles with their source, the installation, and what was done in it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.folder = folder
        self.spelling = Spelling(self.rng)
        self.desk = Desk(folder / "store", COMPLIANCE_BUILDS="plain")
        self.people: list[Somebody] = []
        # Everything that was ever purged, and of whom.
        self.erased: list[tuple[Somebody, Erased]] = []
        self.kept_out: set[tuple[str, frozenset[str]]] = set()
        # Cards that were said to be somebody's who was purged, which the next export may not bring.
        self.said_same: set[Card] = set()
        # Whom each hold is on, and every key that a circle ever had.
        self.holds: dict[int, Somebody] = {}
        self.keys: dict[int, set[str]] = {circle: set() for circle in range(CIRCLES)}
        # What the source said of somebody in the last export, and from when their clock ran.
        self.clocks: dict[int, tuple[Card, dt.date]] = {}
        self.moved = 0
        self.story: list[str] = []
        self.days = 0
        self.numbers = 0
        for circle in range(CIRCLES):
            for _ in range(3):
                self.arrive(circle)

    # The circles

    def mails(self, circle: int, number: int) -> list[str]:
        """Addresses that somebody may have: of their own, and those that a circle shares."""
        return [
            f"p{number}.{self.rng.randrange(3)}@c{circle}.example",
            f"kansli@c{circle}.example",
            f"paret@c{circle}.example",
        ]

    def phones(self, circle: int, number: int) -> list[str]:
        """Numbers that somebody may have: of their own, and the switchboard of a circle."""
        return [f"+4670{1_000_000 + number * 10 + self.rng.randrange(3)}", f"+468{5_000_000 + circle}"]

    def name(self, circle: int) -> str:
        """A name: few in each circle, so that some have the same."""
        return f"{GIVEN[(circle + self.rng.randrange(3)) % 8]} {FAMILY[(circle + self.rng.randrange(2)) % 8]}"

    def some(self, of: list[str]) -> frozenset[str]:
        return frozenset(self.rng.sample(of, self.rng.choice((0, 1, 1, 1, 2))))

    def arrive(self, circle: int) -> None:
        """Somebody new, now and then with a key that somebody else had."""
        self.numbers += 1
        number = self.numbers
        free = sorted(self.keys[circle] - {one.card.key for one in self.people if one.card is not None})
        key = self.rng.choice(free) if free and self.rng.random() < 0.5 else f"K{circle}-{number}"
        mails = self.some(self.mails(circle, number))
        phones = self.some(self.phones(circle, number))
        registered = dt.date(2010, 1, 5) + dt.timedelta(days=number)
        self.keys[circle].add(key)
        self.people.append(Somebody(circle, number, Card(key, self.name(circle), mails, phones, registered)))

    def live(self) -> None:
        """A week in every circle."""
        for circle in range(CIRCLES):
            self.rng.choice(
                (self.someone_changes, self.someone_changes, self.someone_leaves, self.arrive, self.someone_returns,
                 self.all_are_new)
            )(circle)  # fmt: skip

    def of(self, circle: int) -> list[Somebody]:
        return [one for one in self.people if one.circle == circle and one.card is not None]

    def someone_changes(self, circle: int) -> None:
        """One or several things about somebody become others."""
        if not (there := self.of(circle)):
            return
        one = self.rng.choice(there)
        assert one.card is not None
        was = one.card
        for what in self.rng.sample(("key", "name", "mails", "phones", "registered"), self.rng.choice((1, 1, 2, 3))):
            self.numbers += 1
            now: Callable[[], object] = {
                "key": lambda: f"K{circle}-{self.numbers}",
                "name": lambda: f"{one.card.name.split()[0]} {self.rng.choice(FAMILY)}",
                "mails": lambda: self.some(self.mails(circle, one.number)),
                "phones": lambda: self.some(self.phones(circle, one.number)),
                "registered": lambda: one.card.registered + dt.timedelta(days=self.rng.choice((-400, 400))),
            }[what]
            one.card = dataclasses.replace(one.card, **{what: now()})
        self.tell(one, f"{was} became {one.card}")

    def all_are_new(self, circle: int) -> None:
        """A migration: all records of a circle were created on one day."""
        for one in self.of(circle):
            assert one.card is not None
            one.card = dataclasses.replace(one.card, registered=TODAY - dt.timedelta(days=30))
            self.tell(one, f"was created anew: {one.card}")

    def someone_leaves(self, circle: int) -> None:
        if there := [one for one in self.of(circle) if not one.held]:
            one = self.rng.choice(there)
            self.tell(one, f"left: {one.card}")
            one.card = None

    def someone_returns(self, circle: int) -> None:
        """The source has somebody purged again, as they were or nearly."""
        gone = [one for one in self.people if one.circle == circle and one.card is None and one.purged]
        if not gone:
            self.arrive(circle)
            return
        one = self.rng.choice(gone)
        taken = {other.card.key for other in self.people if other.card is not None}
        card = one.purged[-1].card
        if card.key in taken or self.rng.random() < 0.5:
            self.numbers += 1
            card = dataclasses.replace(card, key=f"K{circle}-{self.numbers}")
        one.card = card
        self.tell(one, f"is in the source again: {card}")

    def tell(self, one: Somebody, what: str) -> None:
        self.story.append(f"day {self.days}: {one.number} {what}")

    # The installation

    def export(self) -> None:
        """Takes in what the source has, and judges what came of it."""
        self.days += 1
        day = TODAY + dt.timedelta(days=self.days)
        self.desk.on(day)
        rows = [self.spelling.row(one.card) for one in self.people if one.card is not None]
        self.rng.shuffle(rows)
        result = self.desk.take_in(prospects(self.folder / "in", rows, f"{day}T0400"))
        assert result.all_taken, result
        self.judge()

    def stored(self) -> dict[str, str]:
        """The person behind each key in the copy."""
        reading = self.desk.reading()
        by_basis = {row["basis_id"]: row["person_id"] for row in table(reading, "basis")}
        return {row["source_key"]: by_basis[row["basis_id"]] for row in table(reading, "basis_record")}

    def asked(self) -> dict[str, list[suppression.Doubt]]:
        """What waits for the DPO, by person."""
        at = self.desk.at(self.desk.petra)
        behind = suppression.waiting_persons(at, self.desk.reading())
        found: dict[str, list[suppression.Doubt]] = {}
        for doubt in suppression.doubts(at):
            found.setdefault(behind[doubt.number], []).append(doubt)
        return found

    def judge(self) -> None:
        """What must be true after every export."""
        stored, asked = self.stored(), self.asked()
        there = [one for one in self.people if one.card is not None]
        for one in there:
            assert one.card is not None
            told = self.told(one)
            near = [(who, erased) for who, erased in self.erased if may_be(one.card, erased)]
            mine = [erased for who, erased in near if who is one]
            if one.card.key not in stored:
                # Nobody is kept out who could be told apart from everybody purged.
                is_known = mine or any(is_sure(one.card, erased) for _, erased in near)
                # By its key it is kept out from then on, under that name, whatever else the source says of it.
                known_by = one.card.key, frozenset(plain(one.card.name))
                assert is_known or known_by in self.kept_out, f"kept out: {told}"
                self.kept_out.add(known_by)
            elif mine:
                # Nobody who was purged returns without being put before the DPO.
                assert stored[one.card.key] in asked, f"returned: {told}"
                assert one.card not in self.said_same, f"was said to be purged: {told}"
        self.judge_clocks(there)
        for one in there:
            for other in there:
                if one.number < other.number and one.card and other.card and one.circle == other.circle:
                    same = stored.get(one.card.key, one) == stored.get(other.card.key, other)
                    assert not same or self.chained(one, other), f"became one: {self.told(one)} and {self.told(other)}"

    def judge_clocks(self, there: list[Somebody]) -> None:
        """Of whom the source says the same but for a later start, that start is not believed."""
        reading = self.desk.reading()
        records: dict[str, list[str]] = {}
        for row in table(reading, "basis_record"):
            records.setdefault(row["basis_id"], []).append(row["source_key"])
        # An entry of several records has the clock of one of them.
        now = {
            records[row["basis_id"]][0]: row["registered_on"]
            for row in table(reading, "basis")
            if len(records[row["basis_id"]]) == 1
        }
        for one in there:
            was, ran_from = self.clocks.get(one.number, (None, None))
            assert one.card is not None
            if was is None or ran_from is None or one.card.key not in now:
                continue
            if dataclasses.replace(was, registered=one.card.registered) == one.card:
                assert now[one.card.key] <= ran_from, f"starts anew: {self.told(one)}"
                self.moved += one.card.registered > was.registered
        self.clocks = {one.number: (one.card, now[one.card.key]) for one in there if one.card and one.card.key in now}

    def chained(self, one: Somebody, other: Somebody) -> bool:
        """Whether a chain of cards that are alike leads from one to the other."""
        cards = [who.card for who in self.of(one.circle) if who.card is not None]
        assert one.card is not None
        reached = {one.card}
        while more := {card for card in cards if card not in reached and any(alike(card, known) for known in reached)}:
            reached |= more
        return other.card in reached

    def told(self, one: Somebody) -> str:
        """What is known of somebody, for whoever reads why a sequence failed."""
        near = [line for line in self.story if f": {one.number} " in line]
        erased = [(who.number, erased) for who, erased in self.erased if one.card and may_be(one.card, erased)]
        return "\n".join(("", f"seed {self.seed}, day {self.days}", str(one.card), *near, *map(str, erased)))

    def purge(self) -> None:
        """Purges some of whom the copy has, as far as it may, and judges who went."""
        stored = self.stored()
        keys = {one.card.key: one for one in self.people if one.card is not None and one.card.key in stored}
        rows = [row for row in self.desk.entries() if self.rng.random() < 0.35]
        if not rows:
            return
        shared = self.shared()
        try:
            batch = self.desk.propose(rows, picked=True)
        except Refused as refused:
            # All of them stay, for a hold, say.
            assert refused.code == "batch_empty", refused
            return
        if not self.desk.going(batch):
            return
        self.desk.finish(batch)
        left = self.stored()
        # In one order: what follows is drawn by chance, of which a seed is to say all.
        for key in sorted(stored.keys() - left.keys()):
            if (one := keys.get(key)) is None:
                continue
            assert one.card is not None
            assert not one.held, f"went in spite of a hold: {self.told(one)}"
            self.tell(one, f"purged: {one.card}")
            self.purged(one, Erased(one.card, shared, batch.batch_id))
            # A source erases, late or never.
            if self.rng.random() < 0.6:
                one.card = None

    def shared(self) -> frozenset[str]:
        """What several have who are not one person in the copy, and what is nobody's alone whatever the cards say: two
        of one name at one address cannot be told apart.
        """
        had: dict[str, set[str]] = {}
        stored = self.stored()
        for one in self.people:
            for what in (one.card.mails | one.card.phones) if one.card is not None and one.card.key in stored else ():
                had.setdefault(what, set()).add(stored[one.card.key])
        several = {what for what, who in had.items() if len(who) > 1}
        return frozenset(several | {what for what in had if what.startswith(("kansli@", "+468"))})

    def purged(self, one: Somebody, erased: Erased) -> None:
        one.purged.append(erased)
        self.erased.append((one, erased))

    def decide(self) -> None:
        """The DPO says the truth about some who wait."""
        stored, asked = self.stored(), self.asked()
        self.said_same.clear()
        for one in self.people:
            if one.card is None or one.card.key not in stored or self.rng.random() < 0.4:
                continue
            person = stored[one.card.key]
            # Where several records are one person's nobody knows which of them is asked about.
            if list(stored.values()).count(person) > 1 or (one.held and one.purged):
                continue
            for doubt in asked.get(person, ()):
                mine = [erased for erased in one.purged if erased.batch == doubt.batch_id and may_be(one.card, erased)]
                verdict = Verdict.SAME if mine else Verdict.OTHER
                try:
                    purge_verbs.decide(self.desk.at(self.desk.petra), self.desk.reading(), [doubt.number], verdict)
                except Refused as refused:
                    # The key that a hold is on is theirs by now.
                    assert refused.code == "doubt_held", refused
                    continue
                self.tell(one, f"said to be {verdict}: {one.card}")
                if mine:
                    self.said_same.add(one.card)
                for erased in mine:
                    common = {
                        "mails": one.card.mails & erased.card.mails,
                        "phones": one.card.phones & erased.card.phones,
                    }
                    self.purged(one, Erased(dataclasses.replace(one.card, **common), frozenset(), erased.batch))

    def hold(self) -> None:
        """Places holds on some, and again on those whom a hold has lost."""
        stored = self.stored()
        for loss in losses.waiting(self.desk.register):
            one = self.holds[loss.hold_id]
            if one.card is not None and one.card.key in stored:
                self.place(one, stored[one.card.key])
            losses.settle(self.desk.at(self.desk.axel), loss.hold_id)
        for one in self.people:
            if one.card is not None and one.card.key in stored and not one.held and self.rng.random() < 0.05:
                self.place(one, stored[one.card.key])

    def place(self, one: Somebody, person_id: str) -> None:
        terms = holds.Terms(
            Ground.DISPUTE, "legal", self.desk.at().today + dt.timedelta(days=60), f"F{len(self.holds)}"
        )
        target = holds.Target(Scope.PERSON, person_id)
        self.holds[holds.place(self.desk.at(self.desk.axel), self.desk.reading(), target, terms)] = one
        one.held = True
        self.tell(one, f"held: {one.card}")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(execute, "new_writer", WriterHere)
    yield


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(SEED, SEED + SEQUENCES))
@pytest.mark.usefixtures("here")
def test_over_any_sequence_of_exports_everybody_is_told_apart(tmp_path: Path, seed: int) -> None:
    town = Town(tmp_path, seed)
    town.export()
    for _ in range(STEPS):
        town.hold()
        town.purge()
        town.live()
        town.export()
        town.decide()
    assert town.erased and town.moved
    town.desk.register.dispose()
