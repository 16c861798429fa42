"""Who is one person: exact identifiers tie, names speak against it, and what is in doubt is put before somebody."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.identity.normalise import name_key
from tests.world import World, table

Spoken = tuple[str | None, str | None, str | None]
MAIL, OTHER_MAIL, ROLE_MAIL = "vd@bolaget.example", "anna@bolaget.example", "info@bolaget.example"
MOBILE, OTHER_MOBILE, SWITCHBOARD = "+46701740605", "+46701740606", "+4684650000"


def persons(
    folder: Path, *records: Spoken, further: Iterable[tuple[int, str, str]] = ()
) -> tuple[list[set[int]], list[tuple[set[str], set[str]]]]:
    """Which of the records (name, e-mail, phone) are one person each, and what speaks for and against each pair that
    may be one. `further` are more identifiers: number of the record, kind, key.
    """
    world = World(folder)
    for number, (name, email, phone) in enumerate(records):
        world.person(
            "PROSPECT", f"P{number}", registered_on="2020-01-01", name=name, email=email, phone=phone,
            name_key=name_key(name) if name else None, phone_key=phone,
        )  # fmt: skip
    for number, kind, key in further:
        record_id = f"crm_prospect:P{number}"
        world._add("further_identifier", record_id=record_id, dataset="crm_prospect", kind=kind, key=key)
    reading = world.reading()
    by_basis = {row["basis_id"]: row["person_id"] for row in table(reading, "basis")}
    found: dict[str, set[int]] = {}
    for row in table(reading, "basis_record"):
        found.setdefault(by_basis[row["basis_id"]], set()).add(int(row["source_key"][1:]))
    assert sorted(found) == sorted(row["person_id"] for row in table(reading, "person"))
    pairs = [(set(row["speaks_for"]), set(row["speaks_against"])) for row in table(reading, "possible_double")]
    return sorted(found.values(), key=min), pairs


@pytest.mark.parametrize(
    "records",
    [
        (("Anna Berg", MAIL, None), ("Anna Berg", MAIL, None)),
        (("Anna Berg", MAIL, None), ("Berg, Anna", MAIL, MOBILE)),
        (("Anna Berg", MAIL, None), ("Anna Maria Berg", MAIL, None)),
        (("Anna Berg", MAIL, None), (None, MAIL, None)),
        (("Anna Berg", ROLE_MAIL, None), ("Anna Berg", ROLE_MAIL, None)),
        (("Anna Berg", MAIL, MOBILE), ("Anna Berg", OTHER_MAIL, MOBILE)),
        (("J\u00fcrgen M\u00fcller", None, MOBILE), ("Mueller, Juergen", None, MOBILE)),
        (("\u00c5sa \u00c5kesson", ROLE_MAIL, None), ("Aasa Aakesson", ROLE_MAIL, None)),
        (("S\u00f8ren S\u00f8rensen", MAIL, MOBILE), ("Soeren Soerensen", MAIL, OTHER_MOBILE)),
        (("Karl Berg", MAIL, None), ("Karl Berg Sr", MAIL, None)),
        (("Karl Berg", MAIL, MOBILE), ("Karl Berg d.y.", OTHER_MAIL, MOBILE)),
        (("Karl Berg", ROLE_MAIL, None), ("Karl Berg, senior", ROLE_MAIL, None)),
        (("Anna Berg 2", MAIL, None), ("Anna Berg 3", MAIL, None)),
        (("Anna Berg - kopia", MAIL, MOBILE), ("Anna Berg", OTHER_MAIL, MOBILE)),
        (("Fru Berg", MAIL, None), ("Anna Berg", MAIL, None)),
        (("Fru Berg", None, MOBILE), ("Frau Berg", None, MOBILE)),
        (("Herr Berg", MAIL, None), ("Berg", MAIL, None)),
        (("Karl Berg (far)", MAIL, None), ("Karl Berg", MAIL, None)),
        (("Anna Berg / Bo Dahl", MAIL, None), ("Bo Dahl / Anna Berg", MAIL, None)),
    ],
    ids=[
        "the same", "family name first", "a second given name", "no name", "role mailbox", "phone and name",
        "u with dots, phone", "a with a ring, role mailbox", "o with a stroke, address", "the elder, address",
        "the younger, phone", "the elder, role mailbox", "records of one name, address", "a copy, phone",
        "a woman and her whole name", "a woman", "a man and no more", "the father", "of a couple",
    ],
)  # fmt: skip
def test_exact_identifiers_tie(tmp_path: Path, records: tuple[Spoken, ...]) -> None:
    assert persons(tmp_path, *records) == ([{0, 1}], [])


@pytest.mark.parametrize("keys", [(MAIL, None), (None, MOBILE)], ids=["address", "number"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berg (mamma)", "Anna Berg (mormor)"),
        ("Karl Berg (farfar)", "Karl Berg (sonson)"),
        ("Anna Berg (barn)", "Anna Berg (målsman)"),
        ("Anna Berg (vårdnadshavare)", "Anna Berg (elev)"),
        ("Berg (mannen)", "Berg (frun)"),
        ("Karl Berg (A)", "Karl Berg (B)"),
        ("Smith (John)", "Smith (Jane)"),
        ("Anna Berg (f. 1980)", "Anna Berg (f. 2010)"),
        ("Anna Berg född 1980-01-01", "Anna Berg född 2010-01-01"),
        ("Anna Berg (8 år)", "Anna Berg (38 år)"),
        ("Anna Berg, åk 3", "Anna Berg, åk 9"),
        ("Anna Berg -80", "Anna Berg -10"),
        ("Herra Berg", "Rouva Berg"),
        ("Neiti Berg", "Rouva Berg"),
        ("Fröken Berg", "Fru Berg"),
        ("Miss Berg", "Mrs Berg"),
        ("Master Berg", "Mr Berg"),
        ("Sr. Berg", "Sra. Berg"),
        ("Sig. Berg", "Sig.ra Berg"),
        ("M. Berg", "Mme Berg"),
        ("Mlle Berg", "Mme Berg"),
        ("María José Berg", "José María Berg"),
        ("Karl/Eva Berg", "Eva Berg"),
        ("Berg, Karl / Berg, Eva", "Berg, Eva"),
        ("Karl;Eva Berg", "Eva Berg"),
        ("Anna+Bo Ek", "Bo Ek"),
        ("Anna Berg, Bo Dahl", "Bo Dahl"),
        ("Anna Berg -> Bo Dahl", "Bo Dahl"),
        ("Anna Berg via Bo Dahl", "Bo Dahl"),
        ("Anna Berg för Bo Dahl", "Bo Dahl"),
        ("Anna Berg gm Bo Dahl", "Bo Dahl"),
        ("Anna Berg i.V. Bo Dahl", "Bo Dahl"),
        ("Mamma till Bo Dahl", "Bo Dahl"),
        ("Mutter von Bo Dahl", "Bo Dahl"),
        ("God man för Bo Dahl", "Bo Dahl"),
        ("Dödsboet efter Bo Dahl", "Bo Dahl"),
    ],
)
def test_whoever_may_be_two_by_what_stands_with_the_name_is_asked_about(
    tmp_path: Path, one: str, other: str, keys: tuple[str | None, str | None]
) -> None:
    found, pairs = persons(tmp_path, (one, *keys), (other, *keys))
    assert (found, len(pairs)) == ([{0}, {1}], 1)


@pytest.mark.parametrize("keys", [(MAIL, None), (None, MOBILE)], ids=["address", "number"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berg (mormor)", "Anna Berg"),
        ("Anna Berg (f. 1980)", "Anna Berg (1980)"),
        ("Anna Berg (mormor till Bo)", "Anna Berg (mormor)"),
        ("Neiti Anna Berg", "Anna Berg"),
        ("Fröken Berg", "Miss Berg"),
        ("Holmqvist, Lisa", "Lisa Holmqvist"),
        ("Dahl Berg, Anna Maria", "Anna Maria Dahl Berg"),
        ("María José Berg", "Berg, María José"),
        ("Anna Berg (mobil)", "Anna Berg (privat)"),
    ],
)
def test_what_is_said_of_one_alone_or_of_both_alike_tells_nobody_apart(
    tmp_path: Path, one: str, other: str, keys: tuple[str | None, str | None]
) -> None:
    assert persons(tmp_path, (one, *keys), (other, *keys)) == ([{0, 1}], [])


def test_a_name_in_another_spelling_alone_joins_nobody(tmp_path: Path) -> None:
    records = ("J\u00fcrgen M\u00fcller", MAIL, MOBILE), ("Juergen Mueller", OTHER_MAIL, OTHER_MOBILE)
    assert persons(tmp_path, *records) == ([{0}, {1}], [])


@pytest.mark.parametrize(
    ("records", "speaks_for", "speaks_against"),
    [
        ((("Anna Berg", MAIL, None), ("Bo Dahl", MAIL, None)), {"email"}, {"other_name"}),
        ((("Anna Berg", MAIL, None), ("Anna och Bo Berg", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Anna Berg", MAIL, None), ("Anna & Bo Berg", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        (
            (("Anna Berg", MAIL, MOBILE), ("Bo Dahl", MAIL, OTHER_MOBILE)),
            {"email"},
            {"other_name", "other_phone"},
        ),
        ((("Anna Berg", MAIL, MOBILE), ("Anders Berg", MAIL, MOBILE)), {"email", "phone", "name_part"}, {"other_name"}),
        ((("Anna Berg", None, MOBILE), ("Anna Dahl", None, MOBILE)), {"phone", "name_part"}, {"other_name"}),
        (
            (("Anna Berg", MAIL, MOBILE), ("Anna Dahl", OTHER_MAIL, MOBILE)),
            {"phone", "name_part"},
            {"other_name", "other_email"},
        ),
        ((("Anna Berg", None, MOBILE), ("Lo Berg", None, MOBILE)), {"phone", "name_part"}, {"other_name"}),
        ((("Anna Berg", ROLE_MAIL, None), ("Bo Dahl", ROLE_MAIL, None)), {"email"}, {"other_name"}),
        ((("Karl Berg Sr", MAIL, None), ("Karl Berg Jr", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Karl Berg d.ä.", None, MOBILE), ("Berg, Karl (jr)", None, MOBILE)), {"phone", "name_part"}, {"other_name"}),
        ((("Karl Berg II", MAIL, None), ("Karl Berg III", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Karl Berg (far)", MAIL, None), ("Karl Berg (son)", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Herr Berg", MAIL, None), ("Fru Berg", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Herr Berg (sälj)", MAIL, None), ("Fru Berg (f. Ek)", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Hr Berg", MAIL, None), ("Fr Berg", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Dr Anna Eva Berg / Bo Dahl", MAIL, None), ("Bo Dahl", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Mr Berg", None, MOBILE), ("Mrs Berg", None, MOBILE)), {"phone", "name_part"}, {"other_name"}),
        ((("Herr Berg", ROLE_MAIL, None), ("Herr Berg", ROLE_MAIL, None)), {"email", "name"}, set()),
        ((("Anna Berg / Bo Dahl", MAIL, None), ("Bo Dahl", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        ((("Anna o Bo Berg", MAIL, None), ("Anna Berg", MAIL, None)), {"email", "name_part"}, {"other_name"}),
        # Who counts persons of one name may mean two of them: at a number nothing says that it is one.
        (
            (("Anna Berg", None, SWITCHBOARD), ("Anna Berg 2", None, SWITCHBOARD)),
            {"phone", "name_part"},
            {"other_name"},
        ),
        ((("Anna", ROLE_MAIL, None), ("Anna", ROLE_MAIL, None)), {"email", "name"}, set()),
        ((("Anna Berg", ROLE_MAIL, None), (None, ROLE_MAIL, None)), {"email"}, set()),
    ],
    ids=[
        "successor", "a couple by its names", "a couple by a sign", "successor with phones", "couple", "new name",
        "new name and address", "mother and child",
        "successor in a role", "the elder and the younger, address", "the elder and the younger, phone", "numbered",
        "father and son", "man and wife, address", "man and wife, remarks", "man and wife, in short",
        "a couple with a title",
        "man and wife, phone", "a family's name in a role",
        "a couple by a stroke", "a couple in short",
        "counted at a switchboard", "a first name", "no name",
    ],
)  # fmt: skip
def test_what_is_in_doubt_is_two_persons_and_one_question(
    tmp_path: Path, records: tuple[Spoken, ...], speaks_for: set[str], speaks_against: set[str]
) -> None:
    assert persons(tmp_path, *records) == ([{0}, {1}], [(speaks_for, speaks_against)])


@pytest.mark.parametrize("keys", [(MAIL, None), (None, MOBILE), (ROLE_MAIL, None)], ids=["mail", "phone", "role"])
def test_who_is_called_neither_the_elder_nor_the_younger_of_two_may_be_either(
    tmp_path: Path, keys: tuple[str | None, str | None]
) -> None:
    mail, phone = keys
    records = [(name, mail, phone) for name in ("Karl Berg Sr", "Karl Berg", "Karl Berg Jr", "Karl Berg, senior")]
    found, pairs = persons(tmp_path, *records)
    assert (found, len(pairs)) == ([{0, 3}, {1}, {2}], 3)


def test_the_elder_behind_a_switchboard_of_many_is_who_is_called_nothing_more_there(tmp_path: Path) -> None:
    letters = [f"Namn{letter} Ek" for letter in "bcdfghjklmnpqr"]
    records = [
        (name, None, SWITCHBOARD) for name in (*letters, f"{letters[0]} Sr", f"{letters[1]} Sr", f"{letters[1]} Jr")
    ]
    found, _ = persons(tmp_path, *records)
    assert [one for one in found if len(one) > 1] == [{0, 14}]
    assert len(found) == 16


def test_whoever_has_nothing_but_a_mobile_number_in_common_is_neither_joined_nor_asked_about(tmp_path: Path) -> None:
    records = ("Anna Berg", MAIL, MOBILE), ("Lo Falk", OTHER_MAIL, MOBILE)
    assert persons(tmp_path, *records) == ([{0}, {1}], [])


def test_colleagues_at_a_switchboard_are_no_question(tmp_path: Path) -> None:
    assert persons(tmp_path, ("Anna Berg", MAIL, SWITCHBOARD), ("Bo Dahl", OTHER_MAIL, SWITCHBOARD)) == ([{0}, {1}], [])


@pytest.mark.parametrize("names", [3, 12, 13, 40])
def test_a_name_that_is_twice_behind_a_number_is_one_person_however_many_share_it(tmp_path: Path, names: int) -> None:
    """Above a dozen names a number is looked at by its names alone: nothing may come out of that but the same."""
    letters = [f"Namn{'bcdfghjk'[number // 8]}{'bcdfghjk'[number % 8]} Ek" for number in range(names)]
    found, pairs = persons(tmp_path, *((name, None, SWITCHBOARD) for name in [*letters, letters[0], None]))
    assert ({0, names} in found, len(found), [pair for pair in pairs if names > 6]) == (True, names + 1, [])


def test_a_mailbox_of_many_asks_no_question_of_each_pair(tmp_path: Path) -> None:
    names = ["Anna Berg", "Bo Dahl", "Cilla Ek", "Dan Falk", "Eva Gren", "Filip Holm", "Gun Ivarsson"]
    found, pairs = persons(tmp_path, *((name, ROLE_MAIL, None) for name in names))
    assert (len(found), pairs) == (7, [])


@pytest.mark.parametrize("bridge", [None, "Anna"])
def test_no_chain_of_ties_leads_from_one_name_to_another(tmp_path: Path, bridge: str | None) -> None:
    # Whoever has both addresses would make one of two persons.
    records = (("Anna Berg", MAIL, None), ("Anna Dahl", OTHER_MAIL, None), (bridge, MAIL, None))
    found, pairs = persons(tmp_path, *records, further=[(2, "email", OTHER_MAIL)])
    assert found == [{0}, {1}, {2}]
    assert len(pairs) == 2


def test_every_address_of_a_cell_ties(tmp_path: Path) -> None:
    records = (("Anna Berg", MAIL, None), ("Anna Berg", OTHER_MAIL, None), ("Anna Berg", "c@bolaget.example", None))
    more = [(0, "email", OTHER_MAIL), (2, "email", MAIL)]
    assert persons(tmp_path, *records, further=more) == ([{0, 1, 2}], [])


def contradict(one: str | None, other: str | None) -> bool:
    """Whether neither name has all words of the other: said once more, without looking."""
    if one is None or other is None:
        return False
    first, second = set((name_key(one) or "").split()), set((name_key(other) or "").split())
    return not (first <= second or second <= first)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Anna Berg", "Anna", "Anna Dahl", "Bo Dahl", "Bo Erik Dahl", None]),
            st.sampled_from([MAIL, OTHER_MAIL, ROLE_MAIL, None]),
            st.sampled_from([MOBILE, SWITCHBOARD, None]),
        ),
        min_size=2,
        max_size=7,
    )
)
def test_nobody_becomes_somebody_else_unasked(tmp_path_factory: pytest.TempPathFactory, records: list[Spoken]) -> None:
    found, pairs = persons(tmp_path_factory.mktemp("ties"), *records)
    of = {number: place for place, group in enumerate(found) for number in group}
    asked = 0
    for one, other in itertools.combinations(range(len(records)), 2):
        (name, mail, phone), (its_name, its_mail, its_phone) = records[one], records[other]
        if of[one] == of[other]:
            # One person never has two names, and has something in common with itself.
            assert not contradict(name, its_name)
        else:
            same_name = name is not None and name_key(name) == name_key(its_name or "")
            # The same name and number, or the same whole name and address, is one person.
            assert not (same_name and phone is not None and phone == its_phone)
            assert not (same_name and " " in (name or "") and mail is not None and mail == its_mail)
            asked += mail is not None and mail == its_mail
    if asked and len(records) <= 6:
        assert pairs
