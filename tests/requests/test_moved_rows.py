"""Open requests while their source makes one row of two, two of one, gives them other keys and spellings, and moves
dates: nobody is lost without a word, and nobody else is erased.
"""

from __future__ import annotations

import dataclasses
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from compliance.requests import verbs as requests
from compliance.requests.backlog import Block
from compliance.words.refusal import Refused
from tests.purging import request as asked
from tests.requests.test_choices import ANNA, BO, FORM, OWN, TOVE, YES, Asked, stored
from tests.world import table

SEQUENCES = int(os.environ.get("SEQUENCES", "2"))
STEPS = int(os.environ.get("SEQUENCE_STEPS", "4"))
SEED = int(os.environ.get("SEQUENCE_SEED", "1"))
NAMES = ("Anna Berg", "Bo Dahl", "Eva Müller", "Åsa Öst", "Tove Wik", "Dan Ek")
_ZED = stored("Z1", "Zed Zander", "zed@zander.example")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path / "store")
    yield made
    made.register.dispose()


def keys(desk: Asked) -> set[str]:
    return {row["source_key"] for row in table(desk.reading(), "basis") if row["erased_on"] is None}


def row(number: int, person: dict[str, str], **more: str) -> dict[str, str]:
    """A request that says of its sender what a row has."""
    return asked(number, 0, **{"Namn": person["Namn"], "E-post": person["E-post"], **more})


def test_a_row_that_was_made_of_two_under_the_others_name_is_asked_about(desk: Asked, tmp_path: Path) -> None:
    bo = {**BO, "E-post": "bo@dahl.example"}
    desk.export(tmp_path / "1", bo, TOVE, forms=(OWN,))
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)
    both = {**bo, "E-post": f"{bo['E-post']}; {TOVE['E-post']}"}
    desk.export(tmp_path / "2", both, _ZED)
    assert desk.item(3).persons_found == 0
    # That who was found is not there any more is told as well.
    assert set(desk.item(3).blocks) == {Block.CONFIRMED_GONE, Block.WHICH_PERSON}
    with pytest.raises(Refused, match="request_undecided"):
        desk.propose_for("R3")
    # Parted again, it is from whom it was.
    desk.export(tmp_path / "3", {**bo, "Prospekt-ID": "N1"}, {**TOVE, "Prospekt-ID": "N2"}, _ZED)
    assert (desk.item(3).blocks, desk.item(3).persons_found) == ((), 1)
    desk.finish(desk.propose_for("R3"))
    assert keys(desk) == {"N1", "Z1"}


def test_what_was_said_of_one_of_two_holds_when_the_rows_become_one_and_two_again(desk: Asked, tmp_path: Path) -> None:
    forms = (asked(1, 0, **{"Namn": "Anna Berg", "E-post": "vd@bolaget.example"}),)
    desk.export(tmp_path / "1", ANNA, BO, forms=forms)
    desk.say(1, "Anna Berg", YES)
    both = {**ANNA, "Namn": "Bo Dahl", "Telefon": f"{ANNA['Telefon']}; {BO['Telefon']}"}
    desk.export(tmp_path / "2", both, _ZED)
    # The row with her key bears his name: nobody takes it for hers.
    assert desk.item(1).persons_found == 0 or Block.WHICH_PERSON in desk.item(1).blocks
    with pytest.raises(Refused):
        desk.propose_for("R1")
    desk.export(tmp_path / "3", {**ANNA, "Prospekt-ID": "N1"}, {**BO, "Prospekt-ID": "N2"}, _ZED)
    assert {name: one.verdict for name, one in desk.offered(1).items()} == {"Anna Berg": YES, "Bo Dahl": None}


def test_both_halves_of_a_row_are_whom_the_request_is_from(desk: Asked, tmp_path: Path) -> None:
    anna = {**ANNA, "E-post": "anna@berg.example"}
    given = row(1, anna, Telefon=anna["Telefon"])
    desk.export(tmp_path / "1", anna, _ZED, forms=(given,))
    assert (desk.item(1).blocks, desk.item(1).persons_found) == ((), 1)
    halves = [{**anna, "Telefon": ""}, {**anna, "Prospekt-ID": "N1", "E-post": ""}]
    desk.export(tmp_path / "2", *halves, _ZED)
    # Nothing ties them any more but the name: each is put before somebody, the second for what it was part of.
    at = desk.at(desk.petra)
    _, offered = requests.offered(at, desk.reading(), FORM, "R1", named=True)
    assert sorted(one.speaks_for for one in offered) == ["email,name", "phone,name,earlier"]
    for one in offered:
        requests.choose(desk.at(desk.petra), desk.reading(), FORM, "R1", one.person_id, YES)
    desk.finish(desk.propose_for("R1"))
    assert keys(desk) == {"Z1"}


@dataclasses.dataclass(frozen=True)
class Card:
    """A row of the source, in plain form: whose name it bears, and what it has of whom."""

    key: str
    name: str
    mails: tuple[str, ...]
    phones: tuple[str, ...]
    year: int = 2010


class Source:
    """A source that moves its rows by chance."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.keys = 0
        self.cards = [
            Card(self.key(), name, (f"p{place}@hem.example",), (f"070-174 06 {place:02d}",))
            for place, name in enumerate(NAMES, 10)
        ]

    def key(self) -> str:
        self.keys += 1
        return f"K{self.keys}"

    def move(self) -> None:
        """One row of two, two of one, another key, or another date."""
        rng = self.rng
        one = rng.choice(self.cards)
        what = rng.choice(("merge", "part", "part", "rekey", "date"))
        if what == "merge" and len(self.cards) > 2:
            other = rng.choice([card for card in self.cards if card is not one])
            self.cards = [card for card in self.cards if card not in (one, other)]
            key = rng.choice((one.key, other.key, self.key()))
            self.cards.append(Card(key, one.name, one.mails + other.mails, one.phones + other.phones, one.year))
        elif what == "part" and len(one.mails) + len(one.phones) > 1:
            self.cards.remove(one)
            half, rest = one.mails[:1], one.mails[1:]
            self.cards += [
                dataclasses.replace(one, mails=half, phones=()),
                dataclasses.replace(one, key=self.key(), mails=rest),
            ]
        elif what == "rekey":
            self.cards[self.cards.index(one)] = dataclasses.replace(one, key=self.key())
        elif what == "date":
            self.cards[self.cards.index(one)] = dataclasses.replace(one, year=one.year + rng.choice((-3, 3)))

    def rows(self) -> list[dict[str, str]]:
        """The rows as an export has them, names in any of their ways."""
        return [self.row(card) for card in self.rng.sample(self.cards, len(self.cards))]

    def row(self, card: Card) -> dict[str, str]:
        given, family = card.name.split()
        plain = card.name.replace("ü", "ue").replace("Å", "Aa").replace("Ö", "Oe")
        name = self.rng.choice((card.name, f"{family}, {given}", plain))
        told = stored(card.key, name, "; ".join(card.mails), "; ".join(card.phones))
        return {**told, "Registrerad": f"21/01/{min(card.year, 2015)}"}


def chained(cards: Sequence[Card], name: str, mail: str) -> set[str]:
    """The keys of the rows that are one person's of that name: they have the address, or something of one that is."""
    mine = [card for card in cards if card.name == name]
    found = {card.key for card in mine if mail in card.mails}
    while True:
        had = {what for card in mine if card.key in found for what in (*card.mails, *card.phones)}
        more = {card.key for card in mine if had & {*card.mails, *card.phones}} | found
        if more == found:
            return found
        found = more


@pytest.mark.parametrize("seed", range(SEED, SEED + SEQUENCES))
def test_over_any_moves_of_rows_a_request_is_its_senders_or_asked_about(desk: Asked, tmp_path: Path, seed: int) -> None:
    source = Source(seed)
    senders = [(place, name, f"p{place}@hem.example") for place, name in enumerate(NAMES, 10) if place % 2 == 0]
    forms = tuple(asked(place, 0, **{"Namn": name, "E-post": mail}) for place, name, mail in senders)
    desk.export(tmp_path / "0", *source.rows(), _ZED, forms=forms)
    for step in range(1, STEPS + 1):
        for _ in range(3):
            source.move()
        desk.export(tmp_path / str(step), *source.rows(), _ZED)
        for place, name, mail in senders:
            item = desk.item(place)
            there = [card for card in source.cards if mail in card.mails]
            told = (seed, step, name, there, item)
            assert bool(item.persons_found) or Block.WHICH_PERSON in item.blocks, told
            if any(card.name != name for card in there):
                # Its address stands in a row of another name, of which nobody has said whose it is.
                assert not item.persons_found or Block.WHICH_PERSON in item.blocks, told
    for place, name, mail in senders:
        before = keys(desk)
        try:
            batch = desk.propose_for(f"R{place}")
        except Refused as refused:
            # It may be another's row by now, and wait for what that one has asked.
            assert refused.code in ("request_undecided", "batch_empty"), (seed, name, refused)
            continue
        desk.finish(batch)
        gone = before - keys(desk)
        assert gone == chained(source.cards, name, mail), (seed, name, source.cards)
