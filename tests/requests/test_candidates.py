"""Whom a request may be from: sure by what was given, or offered with what speaks for and against."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from compliance.identity.normalise import name_key
from compliance.person import statement
from compliance.reading import asks as reading_asks
from compliance.reading import copy
from compliance.reading.copy import Copy, Facts, Reading
from compliance.requests import asks, given, recipients
from compliance.requests.backlog import Reasons
from compliance.requests.rows import possible_match
from compliance.words import queries
from tests.purging import Desk, prospects, request, requests_made
from tests.world import TODAY, World, shipped_parameters, shipped_policy, table

Row = dict[str, str]


def stored(key: str, name: str, email: str = "", phone: str = "") -> Row:
    return {"Prospekt-ID": key, "Namn": name, "E-post": email, "Telefon": phone, "Registrerad": "21/01/2024"}


PERSONS = [
    # An address of two, of a couple, of a successor in a role, of a mailbox that several read.
    stored("vd1", "Anna Berg", "vd@bolaget.example", "070-174 06 05"),
    stored("vd2", "Bo Dahl", "vd@bolaget.example", "070-174 06 06"),
    stored("ek1", "Karin Ek", "ek@hem.example"),
    stored("ek2", "Per Ek", "ek@hem.example"),
    stored("ch1", "Lena Ros", "ekonomichef@firman.example"),
    stored("ch2", "Nils Alm", "ekonomichef@firman.example"),
    stored("in1", "Ulla Lund", "info@lund.example"),
    # One address and one number of their own each.
    stored("an1", "Eva Sten", "eva@stenbolaget.example", "070-174 06 15"),
    stored("sa1", "Sara Holm", "sara@holm.example", "070-174 06 16"),
    stored("vx1", "Olle Frid", "olle@frid.example", "08-123 456 00"),
    stored("vx2", "Mona Rask", "mona@rask.example", "08-123 456 00"),
    stored("li1", "Lisa Ling", "Lisa Ling <LISA@ling.example>; lisa.ling@hem.example"),
    stored("tw1", "Tove Wik", "tove@wik.example"),
    stored("tw2", "Tove Wik", "tove.wik@annan.example"),
    stored("sr1", "Karl Wall Sr", "wall@hem.example", "070-174 06 41"),
    stored("jr1", "Karl Wall d.y.", "wall@hem.example"),
    stored("on1", "Gun", "gun@ensam.example", "070-174 06 17"),
]  # fmt: skip


STORED_AS = "held|crm_prospects:"


class Told(NamedTuple):
    """Of whom (by source key), whether that is sure, and what speaks for and against."""

    key: str
    is_sure: bool
    speaks_for: str
    speaks_against: str = ""


CASES: list[tuple[str, Row, list[Told]]] = [
    ("by an address of two, with the name of one", {"Namn": "Anna Berg", "E-post": "vd@bolaget.example"}, [
        Told("vd1", False, "email,name", "shared_email"), Told("vd2", False, "email", "other_name,shared_email")]),
    ("by an address of two, without a name", {"E-post": "vd@bolaget.example"}, [
        Told("vd1", False, "email", "shared_email"), Told("vd2", False, "email", "shared_email")]),
    ("one of a couple", {"Namn": "Ek, Karin", "E-post": "ek@hem.example"}, [
        Told("ek1", False, "email,name", "shared_email"),
        Told("ek2", False, "email,name_part", "other_name,shared_email")]),
    ("a third one in a role", {"Namn": "Ida Nord", "E-post": "ekonomichef@firman.example"}, [
        Told("ch1", False, "email", "other_name,shared_email"),
        Told("ch2", False, "email", "other_name,shared_email")]),
    ("by a mailbox that many read, without a name", {"E-post": "info@lund.example"}, [
        Told("in1", False, "email", "role_mailbox")]),
    ("by a mailbox that many read, by somebody else", {"Namn": "Rune Falk", "E-post": "info@lund.example"}, [
        Told("in1", False, "email", "other_name,role_mailbox")]),
    ("by a mailbox that many read, by its only one", {"Namn": "Ulla Lund", "E-post": "info@lund.example"}, [
        Told("in1", False, "email,name", "role_mailbox")]),
    ("by another address, with number and name",
        {"Namn": "Eva Sten", "E-post": "eva.privat@hem.example", "Telefon": "0701740615"}, [
        Told("an1", False, "phone,name", "other_email")]),
    ("by number and name alone", {"Namn": "EVA STEN", "Telefon": "+46 (0)70-174 06 15"}, [
        Told("an1", True, "phone,name")]),
    ("by two numbers in one cell, the switchboard's first",
        {"Namn": "Eva Sten", "Telefon": "08-765 43 21, mobil 070-174 06 15"}, [Told("an1", True, "phone,name")]),
    ("by another address and two numbers",
        {"Namn": "Eva Sten", "E-post": "eva.ny@hem.example", "Telefon": "08-765 43 21 / 070-174 06 15"}, [
        Told("an1", False, "phone,name", "other_email")]),
    ("in the name of a couple, by the address of one", {"Namn": "Tove och Ulf Wik", "E-post": "tove@wik.example"}, [
        Told("tw1", False, "email,name_part", "other_name")]),
    ("by number and a single name", {"Namn": "Gun", "Telefon": "0701740617"}, [Told("on1", False, "phone,name")]),
    ("by number under a new family name",
        {"Namn": "Sara Ek", "E-post": "sara.ek@hem.example", "Telefon": "070-1740616"}, [
        Told("sa1", False, "phone,name_part", "other_name,other_email")]),
    ("by a switchboard's number", {"Namn": "Rut Nord", "E-post": "rut@nord.example", "Telefon": "0812345600"}, []),
    ("by a switchboard's number alone, with another name", {"Namn": "Rut Nord", "Telefon": "0812345600"}, []),
    ("by a switchboard's number, with the name of one",
        {"Namn": "Mona Rask", "E-post": "mona@hem.example", "Telefon": "0812345600"}, [
        Told("vx2", False, "phone,name", "other_email")]),
    ("by the address in full-width signs, with a name before it",
        {"Namn": "Lisa Ling", "E-post": "Ling, Lisa <ＬＩＳＡ＠ｌｉｎｇ．ｅｘａｍｐｌｅ>"}, [
        Told("li1", True, "email,name")]),
    ("by the second address of a cell", {"Namn": "Lisa Ling", "E-post": "mailto:lisa.ling@hem.example"}, [
        Told("li1", True, "email,name")]),
    ("by two addresses in one cell", {"E-post": "lisa@ling.example, lisa.ling@hem.example"}, [
        Told("li1", True, "email")]),
    ("by an address, under another name", {"Namn": "Rune Falk", "E-post": "tove@wik.example"}, [
        Told("tw1", False, "email", "other_name")]),
    # Each address is one person's own, and still somebody is to say that both of them ask.
    ("by the addresses of two", {"Namn": "Tove Wik", "E-post": "tove@wik.example; tove.wik@annan.example"}, [
        Told("tw1", False, "email,name"), Told("tw2", False, "email,name")]),
    ("by the address of the elder and the younger", {"Namn": "Karl Wall", "E-post": "wall@hem.example"}, [
        Told("sr1", False, "email,name", "shared_email"), Told("jr1", False, "email,name", "shared_email")]),
    ("as the elder", {"Namn": "Karl Wall, senior", "E-post": "wall@hem.example"}, [
        Told("sr1", False, "email,name", "shared_email"),
        Told("jr1", False, "email,name_part", "other_name,shared_email")]),
    ("by number and name, without which of two it is", {"Namn": "Karl Wall", "Telefon": "070-174 06 41"}, [
        Told("sr1", True, "phone,name")]),
    ("as the younger, by the number of the elder", {"Namn": "Karl Wall Jr", "Telefon": "070-174 06 41"}, [
        Told("sr1", False, "phone,name_part", "other_name")]),
    ("by an address that nobody has", {"Namn": "Anna Berg", "E-post": "anna@annan.example"}, []),
]  # fmt: skip


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """All of them at once: who is stored, and who asks."""
    folder = tmp_path_factory.mktemp("candidates")
    desk = Desk(folder / "store")
    asked = [request(number, 0, **{"Namn": "", "E-post": "", **given}) for number, (_, given, _) in enumerate(CASES)]
    assert desk.take_in(prospects(folder, PERSONS), requests_made(folder, asked)).all_taken
    return desk.reading()


@pytest.mark.parametrize(("number", "told"), [(number, told) for number, (_, _, told) in enumerate(CASES)],
                         ids=[name for name, _, _ in CASES])  # fmt: skip
def test_whom_a_request_may_be_from(reading: Reading, number: int, told: list[Told]) -> None:
    found = [row for row in reading.rows(asks.REQUEST_PERSONS, **asks.ALL) if row.reference == f"R{number}"]
    assert sorted(
        Told(record.trace.removeprefix(STORED_AS), row.is_sure, row.speaks_for, row.speaks_against)
        for row in found
        for record in reading.rows(reading_asks.TRACES, scope="person", scope_key=row.person_id)
        if record.is_record
    ) == sorted(told)


@pytest.mark.parametrize(
    ("wanted", "has", "told"),
    [
        ("Karl Wall", "Karl Wall Sr", "email,name"),
        ("Karl Wall Sr", "Karl Wall", "email,name"),
        ("Karl Wall, senior", "Karl Wall Jr", "email,other_name"),
        ("Anna Wall 2", "Anna Wall 3", "email,name_part"),
        ("Anna Wall - kopia", "Anna Wall", "email,name"),
        ("Herr Wall", "Wall", "email,name"),
        ("Herr Wall", "Fru Wall", "email,other_name"),
        ("Fru Wall", "Anna Wall", "email,name_part"),
    ],
)
def test_by_hand_the_elder_and_the_younger_are_told_apart_and_numbers_speak_neither_way(
    wanted: str, has: str, told: str
) -> None:
    row = {"name": wanted, "email": "wall@hem.example", "phone": ""}
    assert given.matches(lambda _: [("p", name_key(has))], row) == {"p": told}


@pytest.mark.parametrize(
    ("told", "sv", "en"),
    [
        (
            Told("", False, "phone,name", "other_email"),
            "Möjlig träff: samma telefonnummer och samma namn, men annan e-postadress",
            "Possible match: same phone number and same name, but another e-mail address",
        ),
        (Told("", False, "email,phone,name"), "Möjlig träff: samma e-postadress, samma telefonnummer och samma namn",
         "Possible match: same e-mail address, same phone number and same name"),
        (Told("", False, "email", "role_mailbox"),
         "Möjlig träff: samma e-postadress, men adressen är en brevlåda som flera kan läsa",
         "Possible match: same e-mail address, but the address is a mailbox that several people may read"),
        (Told("", False, ""), "Möjlig träff", "Possible match"),
    ],
)  # fmt: skip
def test_reasons_are_told_in_words(told: Told, sv: str, en: str) -> None:
    reasons = Reasons.of(told)
    assert (possible_match(reasons, "sv"), possible_match(reasons, "en")) == (sv, en)


# What somebody has said


Said = tuple[str, str, bool, str]
A, B = (hashlib.md5(f"{key}@bolaget.example".encode()).hexdigest() for key in "ab")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Two who have an address of their own, and a request by the first one's, under another name."""
    world = World(tmp_path_factory.mktemp("said"))
    for key in ("a", "b"):
        world.person("PROSPECT", key, registered_on="2010-01-01", name_key=f"{key} {key}")
    world.request("R", "a@bolaget.example", name_key="c c")
    return world.made()[0]


def said(*told: Said, reference: str = "R", source: str = "form") -> Facts:
    """One open request, and what somebody has said: (person, verdict, whether it is the same, what spoke for it)."""
    choices = tuple((source, reference, *one) for one in told)
    return Facts(open_requests=(("form", "R"),), choices=choices)


A_YES, A_NO = (A, "confirmed", True, "email"), (A, "rejected", True, "email")
B_YES = (B, "confirmed", True, "phone,name")
# What was said, whom the request is about (and whether that is sure), and of whom nothing goes before it is answered.
ANSWERS: list[tuple[str, Facts, list[tuple[str, bool]], set[str]]] = [
    ("nothing", said(), [(A, False)], {A}),
    ("not from the first one", said(A_NO), [], set()),
    ("from the first one", said(A_YES), [(A, True)], {A}),
    # Whom the copy does not find may have been found when that was said.
    ("from the second one", said(A_NO, B_YES), [(B, True)], {B}),
    ("from both", said(A_YES, B_YES), [(A, True), (B, True)], {A, B}),
    ("not from whom the copy does not find", said((B, "rejected", True, "phone,name")), [(A, False)], {A}),
    # As when two persons become one, of whom one was confirmed and one rejected.
    ("one and the other", said(A_YES, A_NO), [(A, False)], {A}),
    ("not from the first one, before it had the address", said((A, "rejected", True, "phone,name")), [(A, False)], {A}),
    ("not from the first one, who had another name", said((A, "rejected", False, "email")), [(A, False)], {A}),
    ("from the second one, who had another name", said((B, "confirmed", False, "email")),
        [(A, False), (B, False)], {A, B}),
    ("of another request", said(A_NO, reference="R2"), [(A, False)], {A}),
    ("of another source's request", said(A_NO, source="post"), [(A, False)], {A}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "asked", "waiting"), [pytest.param(*told, id=name) for name, *told in ANSWERS])
def test_what_was_said_counts(made: Copy, facts: Facts, asked: list[tuple[str, bool]], waiting: set[str]) -> None:
    reading = made.reading(TODAY, shipped_policy(), shipped_parameters(), facts)
    found = [(row.person_id, row.is_sure) for row in reading.rows(asks.REQUEST_PERSONS, **asks.ALL)]
    assert sorted(found) == sorted(asked)
    assert {row["person_id"] for row in table(reading, "basis_status") if row["open_request"]} == waiting


def test_a_reading_after_an_answer_is_what_it_would_be_anew(made: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy, "FEW", 1.0)
    whole = Copy(made._path, made.build)
    for facts in (said(), ANSWERS[1][1], ANSWERS[3][1], said(), Facts()):
        part, full = (one.reading(TODAY, shipped_policy(), shipped_parameters(), facts) for one in (made, whole))
        whole._readings.clear()
        for name in ("basis_status", "person_status", "request_status"):
            assert sorted(map(repr, table(part, name))) == sorted(map(repr, table(full, name)))


def test_what_speaks_against_somebody_is_the_same_where_it_is_found_and_where_it_is_read() -> None:
    (told,) = re.findall(r"\[([^\]]*)\] as against", queries.load("request_candidates"))
    assert tuple(re.findall(r"\w+", told)) == given.AGAINST


def test_who_has_what_is_stored_is_told_by_every_row_of_somebody_however_many(tmp_path: Path) -> None:
    world = World(tmp_path)
    anna = {"name": "Anna Berg", "name_key": "anna berg", "email": "anna@kund.example"}
    for number in range(501):
        world.person("CUSTOMER_CONTACT", f"C{number}", org_id=f"crm:K{number}", **anna)
    # The last to be listed, and the only one of its source.
    world.person("PROSPECT", "P1", "fair_prospect", registered_on="2026-11-01", **anna)
    world.request("R1", "anna@kund.example", name_key="anna berg")
    reading, policy = world.reading(), shipped_policy()
    row = {"source": "form", "reference": "R1"}
    (person,) = asks.persons_of(reading, row)
    found = statement.of(reading, policy, person.person_id, None)
    assert found is not None and len(found.bases) > 500
    told = recipients.of(reading, policy, row)
    assert {"crm", "fair"} <= set(told)
    # As the form for a correction says it of each entry.
    assert told == tuple(sorted({one for ones in statement.recipients(found).values() for one in ones}))
