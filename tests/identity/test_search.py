"""However somebody is spelled, a search finds them, their records are one person's, and a request is from them."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from compliance.holds import asks as holds_asks
from compliance.identity.normalise import name_key, one_spelling
from compliance.identity.search import sought
from compliance.reading.copy import Reading
from compliance.requests import asks
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.words import queries
from compliance.words.references import reference
from tests.identity import spellings
from tests.purging import Desk, prospects, request, requests_made

Row = dict[str, str]


def stored(key: str, name: str, email: str = "", phone: str = "") -> Row:
    return {"Prospekt-ID": key, "Namn": name, "E-post": email, "Telefon": phone, "Registrerad": "21/01/2024"}


PERSONS = [
    stored("P1", "Åsa Märta Öberg", "asa@räksmörgås.example; asa.oberg@hem.example", "070-174 06 15 / 08-123 456 01"),
    stored("P2", "Åke Öberg", "ake@annan.example", "070-174 06 16"),
    stored("P3", "Anna Berg", "anna.berg@bolaget.example", "070-174 06 05"),
    # The same person, by an address that is spelled otherwise, with another number.
    stored("P4", "Berg, Anna", "Anna <ANNA.BERG@bolaget.example>", "08-123 456 07"),
    stored("P5", "Bo Dahl", "bo.dahl@bolaget.example", "08-123 456 00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    folder = tmp_path_factory.mktemp("search")
    desk = Desk(folder / "store")
    assert desk.take_in(prospects(folder, PERSONS)).all_taken
    return desk.reading()


def found(reading: Reading, text: str) -> set[str | None]:
    """Whom the lists find, and that the number of their entries and the search for a hold say the same."""
    binds = entry_binds({}, named=True, sought=sought(text))
    rows = reading.rows(show_asks.ENTRIES, rows=100, skip=0, **binds)
    assert reading.one(show_asks.ENTRIES_COUNT, **binds).bases == len(rows)
    held = reading.rows(holds_asks.FIND_PERSONS, sought=binds["sought"], named=True, rows=100)
    assert {row.name for row in held} == {row.name for row in rows}
    return {row.name for row in rows}


ASA, ANNA, AKE, BO = "Åsa Märta Öberg", "Anna Berg", "Åke Öberg", "Bo Dahl"
HOWEVER = st.one_of(
    spellings.addresses("asa@räksmörgås.example", ASA),
    spellings.addresses("asa.oberg@hem.example"),
    spellings.numbers("0701740615"),
    spellings.numbers("0812345601"),
    spellings.names("Åsa Märta Öberg"),
    spellings.names("Åsa Öberg"),
)


@settings(max_examples=60, deadline=None)
@given(HOWEVER)
def test_a_search_finds_a_person_by_any_spelling_and_nobody_else(reading: Reading, text: str) -> None:
    assert found(reading, text) == {ASA}


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("08-123 456 07", {ANNA}),
        ("asa@annan.example", set()),
        ("070-174 06 15, ake@annan.example", {ASA, AKE}),
        ("öb", {ASA, AKE}),
        ("oberg", {ASA, AKE}),
        ("märta", {ASA}),
        ("erg anna", set()),
        ("ber ann", {ANNA}),
        ("bolaget.example", {ANNA, BO}),
        ("070-174", {ASA, ANNA, AKE}),
        ("+46 8 123 456", {ASA, ANNA, BO}),
        ("456", set()),
        ("%", set()),
        ("a_na", set()),
    ],
)
def test_a_part_finds_who_has_it(reading: Reading, text: str, whom: set[str]) -> None:
    assert {name for name in found(reading, text) if name} == whom


SYLLABLES = st.sampled_from(["aa", "ae", "oe", "ue", "a", "o", "u", "e", "l", "n", "Å", "Ä", "ö", "ü"])
WORDS = st.lists(SYLLABLES, min_size=2, max_size=5).map("".join)
NAMES = st.lists(WORDS, min_size=1, max_size=2).map(" ".join)


@given(name=NAMES, other=NAMES, cuts=st.lists(st.integers(3, 10), min_size=2, max_size=2))
def test_whoever_is_sought_by_words_has_the_part_of_them_that_every_spelling_has(
    name: str, other: str, cuts: list[int]
) -> None:
    key = name_key(name)
    # Beginnings of its words, and words of another name, which may be the same in another spelling.
    for typed in (other, " ".join(word[:cut] for word, cut in zip(name.split(), cuts, strict=False))):
        asked = sought(typed)
        if key is None or asked is None or asked.words is None:
            continue
        pattern = re.escape(asked.words).replace("%", ".*")
        if re.fullmatch(pattern, f" {one_spelling(key)}"):
            assert asked.unspelled in key


@given(cell=st.text(), start=st.integers(0, 40), end=st.integers(0, 40), swapped=st.booleans())
def test_whatever_has_a_text_in_any_letters_has_the_part_of_it_that_has_none(
    cell: str, start: int, end: int, swapped: bool
) -> None:
    asked = sought(cell[start:end].swapcase() if swapped else cell[start:end])
    if asked is not None and asked.text is not None and asked.text in cell.lower():
        assert asked.fixed in cell


def test_nobody_is_sought_by_nothing_and_without_names_by_a_reference_alone() -> None:
    assert sought(" \t") is None
    assert sought("Anna Berg", named=False) == sought("Bo Dahl 0701740605", named=False)
    only = sought("ghjklmnp", named=False)
    assert only is not None
    assert (only.reference, only.text, only.identifiers) == ("01234567", None, ())


def test_by_a_whole_reference_nobody_else_is_sought(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = reading.rows(show_asks.ENTRIES, rows=9, skip=0, **entry_binds({}, named=True, sought=sought("Bo Dahl")))
    asked: list[str] = []
    load = queries.load
    monkeypatch.setattr(queries, "load", lambda name: asked.append(name) or load(name))
    # Also one of before, of eight letters.
    for told in (reference(row.person_id), reference(row.person_id)[:8].upper()):
        assert found(reading, told) == {BO}
    assert "sought_reference" in asked and not {"sought_words", "sought_identifiers"} & set(asked)
    # A part of one, one that nobody has, and its oldest writing, which may be a number, are looked for anywhere.
    for told in (reference(row.person_id)[:6], row.person_id[:9]):
        assert BO in found(reading, told)
    assert found(reading, "zzzzzzzzzzzz") == set()
    assert "sought_words" in asked


SPELLED = 12


@st.composite
def worlds(draw: st.DrawFn) -> list[tuple[Row, Row, Row]]:
    """Of each person two records and what a request says, each spelled in its own way."""
    made = []
    for number, letter in enumerate(string.ascii_lowercase[:SPELLED]):
        name, address, phone = f"Åsa{letter} Öberg", f"p{number}@räka.example", f"07017407{number:02}"
        one, other, asked = (
            (draw(spellings.names(name)), draw(spellings.addresses(address, name)), draw(spellings.numbers(phone)))
            for _ in range(3)
        )
        said = dict(zip(("Namn", "E-post", "Telefon"), asked, strict=True))
        made.append((stored(f"A{number}", *one), stored(f"B{number}", *other), said))
    return made


@settings(max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(worlds())
def test_however_they_are_spelled_records_are_one_persons_and_a_request_is_from_that_one(
    tmp_path_factory: pytest.TempPathFactory, world: list[tuple[Row, Row, Row]]
) -> None:
    # The first that is drawn is plain throughout.
    assume(any(asked["E-post"] != asked["E-post"].strip().lower() for _, _, asked in world))
    folder = tmp_path_factory.mktemp("spelled")
    desk = Desk(folder / "store")
    forms = [request(number, 0, **asked) for number, (_, _, asked) in enumerate(world)]
    records = [record for one, other, _ in world for record in (one, other)]
    assert desk.take_in(prospects(folder, records), requests_made(folder, forms)).all_taken
    reading = desk.reading()
    whom = {row.reference: (row.person_id, row.is_sure) for row in reading.rows(asks.REQUEST_PERSONS, **asks.ALL)}
    for number, (_, other, asked) in enumerate(world):
        for text in (other["E-post"], asked["Telefon"]):
            binds = entry_binds({}, named=True, sought=sought(text))
            (person,) = {entry.person_id for entry in reading.rows(show_asks.ENTRIES, rows=9, skip=0, **binds)}
            assert whom[f"R{number}"] == (person, True)
    assert len({person for person, _ in whom.values()}) == SPELLED
    desk.register.dispose()
