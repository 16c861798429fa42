"""Who shares a mailbox or a switchboard with somebody erased is let in and told; who surely was erased stays out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from compliance.purge import verbs as purge_verbs
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict
from tests.purging import Desk, prospect, prospects
from tests.world import table

ANNA = prospect(1, Namn="Anna Berg", **{"E-post": "anna.berg@bolaget.example", "Telefon": "070-174 06 05"})
BO = prospect(2, "2024-01-25", Namn="Bo Dahl", **{"E-post": "kansli@bolaget.example", "Telefon": "08-465 00 00"})
CLERK = prospect(3, Namn="Cilla Ek", **{"E-post": "kansli@bolaget.example", "Telefon": "08-465 00 00"})
SPELLINGS = (
    "Anna.Berg@BOLAGET.example", "anna.berg+nyhet@bolaget.example", "mailto:anna.berg@bolaget.example",
    "Anna Berg <anna.berg@bolaget.example>", "anna.berg@bolaget.example; anna@privat.example",
    "anna@privat.example;anna.berg@bolaget.example", "anna.berg@bolaget.example.", "anna.berg＠bolaget.example",
    "\ufeffanna.berg@bolaget.example", "anna.berg@bolaget.example\t", "anna.berg (at) bolaget.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def purged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """A desk where Anna and Cilla were purged; Bo has Cilla's mailbox and switchboard."""
    folder = tmp_path_factory.mktemp("shared")
    desk = Desk(folder / "store")
    assert desk.take_in(prospects(folder / "1", [ANNA, BO, CLERK], "2026-11-24T0100")).all_taken
    desk.purge(desk.entries(status="OVERDUE"))
    return desk, folder


def test_no_spelling_brings_anybody_back_and_nobody_else_stays_out(purged: tuple[Desk, Path]) -> None:
    desk, folder = purged
    back = [{**ANNA, "Prospekt-ID": f"N{place}", "E-post": text, "Telefon": ""} for place, text in enumerate(SPELLINGS)]
    by_phone = {**ANNA, "Prospekt-ID": "N90", "E-post": "", "Telefon": "+46 (0)70 174 06 05", "Namn": "Berg, Anna"}
    # Somebody new at the same desk, and somebody of the same name behind the same switchboard.
    fresh = prospect(50, "2024-02-25", Namn="Dan Falk", **{"E-post": "kansli@bolaget.example"})
    namesake = prospect(
        51, "2024-02-25", Namn="Cilla Ek", **{"E-post": "cilla@annat.example", "Telefon": "08-465 00 00"}
    )
    other = prospect(52, "2024-02-25", Namn="Eva Gren", **{"E-post": "eva@annat.example", "Telefon": "08-465 00 00"})
    rows = [*back, by_phone, BO, fresh, namesake, other]
    result = desk.take_in(prospects(folder / "2", rows, f"{dt.date(2026, 11, 24)}T2300"))
    assert result.all_taken, result
    assert sorted(row.name or "" for row in desk.entries()) == ["Bo Dahl", "Cilla Ek", "Dan Falk", "Eva Gren"]
    assert suppression.returned(desk.at(desk.petra)) == []
    # Dan has the mailbox, Cilla's namesake number and name; Bo stood beside her, and Eva has only the switchboard.
    waiting = suppression.doubts(desk.at(desk.petra))
    assert [one.speaks_for for one in waiting] == [("email",), ("phone", "name")]
    purge_verbs.decide(desk.at(desk.petra), desk.reading(), [one.number for one in waiting], Verdict.OTHER)
    assert suppression.doubts(desk.at(desk.petra)) == []


SURELY = [
    {"Namn": "anna.berg@bolaget.example"},
    {"Namn": "Anna Berg <anna.berg@bolaget.example>"},
    {"Namn": "Anna Berg;anna.berg@bolaget.example"},
    {"Namn": "anna.berg@bolaget.example", "E-post": "anna.berg@bolaget.example"},
    {"Namn": "Anna Berg", "Telefon": "anna.berg@bolaget.example"},
    {"Namn": "Anna Berg", "E-post": "070-174 06 05"},
    {"Namn": "Anna Berg (070-174 06 05)"},
    {"Namn": "Anna Berg 0701740605"},
    {"Namn": "Anna Berg", "Telefon": "+460701740605"},
    {"Namn": "Anna Berg", "Telefon": "070-l74 06 05"},
    {"Namn": "Anna Berg", "E-post": "anna.berg@@bolaget.example"},
    {"Namn": "Anna Berg", "E-post": "anna.berg@bolaget,example"},
    {"Namn": "Anna Berg", "E-post": "anna . berg @ bolaget . example"},
    {"Namn": "Anna Berg", "E-post": "\u0430nna.berg@bolaget.example"},
    {"Namn": "N/A", "E-post": "anna.berg@bolaget.example"},
    {"Namn": "Ok\u00e4nd", "E-post": "anna.berg@bolaget.example"},
    {"Namn": "1234", "E-post": "anna.berg@bolaget.example"},
    {"Namn": "Anna Berg, VD", "E-post": "anna.berg@bolaget.example"},
]
# With what speaks for and against that it is her.
PERHAPS = [
    ("A. Berg", "anna.berg@bolaget.example", "email", "other_name"),
    ("Anna", "anna.berg@bolaget.example", "email", "other_name"),
    ("Berg", "anna.berg@bolaget.example", "email", "other_name"),
    ("Anna B.", "anna.berg@bolaget.example", "email", "other_name"),
    ("Anna Maria Berg", "anna.berg@bolaget.example", "email", "other_name"),
    ("Anna Lind", "anna.berg@bolaget.example", "email", "other_name"),
    ("annaberg", "anna.berg@bolaget.example", "email", "other_name"),
    ("Anna Berg", "anna.berg@bolaget", "name", "only_name"),
    ("Anna Berg", "anna.bergbolaget.example", "name", "only_name"),
    ("Berg, Anna", "", "name", "only_name"),
]


def blank(number: int, **told: str) -> dict[str, str]:
    return prospect(number, **{"Namn": "", "E-post": "", "Telefon": "", **told})


def persons(desk: Desk) -> dict[str, str]:
    return {one["source_key"]: one["person_id"] for one in table(desk.reading(), "basis")}


def test_in_whatever_column_an_identifier_stands_it_keeps_out_and_what_is_doubtful_is_asked_about(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path / "store")
    namesake = blank(70, Namn="Anna Berg")
    assert desk.take_in(prospects(tmp_path / "1", [ANNA, namesake], "2026-11-24T0100")).all_taken
    hers = persons(desk)[ANNA["Prospekt-ID"]]
    desk.purge([one for one in desk.entries() if one.person_id == hers], picked=True)

    back = [blank(100 + place, **told) for place, told in enumerate(SURELY)]
    perhaps = [blank(200 + place, Namn=name, **{"E-post": mail}) for place, (name, mail, _, _) in enumerate(PERHAPS)]
    # Another address that can be read, or another name without one, is somebody else's, and so is who stood beside her.
    others = [blank(300, Namn="Anna Berg", **{"E-post": "anna@annat.example"}), blank(301, Namn="Bo Dahl"), namesake]
    result = desk.take_in(prospects(tmp_path / "2", [*back, *perhaps, *others], "2026-11-24T2300"))
    assert dict(result.files[0].taken[0].quarantined) == {"suppressed": len(SURELY)}
    stored = persons(desk)
    assert stored.keys() == {one["Prospekt-ID"] for one in (*perhaps, *others)}

    waiting = suppression.doubts(desk.at(desk.petra))
    person = suppression.waiting_persons(desk.at(desk.petra), desk.reading())
    asked = {person[one.number]: (one.speaks_for, one.speaks_against) for one in waiting}
    # By what is one person's in the copy: all with that address and a part of her name are.
    assert asked == {
        stored[row["Prospekt-ID"]]: ((speaks_for,), (against,))
        for row, (_, _, speaks_for, against) in zip(perhaps, PERHAPS, strict=True)
    }
    assert len(waiting) == len(PERHAPS)

    by_name = [one for one in waiting if one.speaks_for == ("name",)]
    purge_verbs.decide(desk.at(desk.petra), desk.reading(), [by_name[0].number], Verdict.SAME)
    purge_verbs.decide(desk.at(desk.petra), desk.reading(), [one.number for one in by_name[1:]], Verdict.OTHER)
    again = desk.take_in(prospects(tmp_path / "3", [*perhaps, *others], "2026-11-24T2330"))
    assert dict(again.files[0].taken[0].quarantined) == {"suppressed": 1}
    assert {one.speaks_for for one in suppression.doubts(desk.at(desk.petra))} == {("email",)}


@pytest.mark.parametrize(
    ("erased", "again"),
    [("J\u00fcrgen M\u00fcller", "Juergen Mueller"), ("Soeren Soerensen", "S\u00f8ren S\u00f8rensen")],
)
def test_who_was_erased_comes_back_by_no_other_spelling_of_the_name(tmp_path: Path, erased: str, again: str) -> None:
    desk = Desk(tmp_path / "store")
    told = {"E-post": "j@bolaget.example", "Telefon": "070-174 06 05"}
    assert desk.take_in(prospects(tmp_path / "1", [prospect(1, Namn=erased, **told)], "2026-11-24T0100")).all_taken
    desk.purge(desk.entries(), picked=True)
    back = [
        prospect(2, Namn=again, **{**told, "Telefon": ""}),
        prospect(3, Namn=again, **{**told, "E-post": ""}),
        # By the key of the erased record.
        prospect(1, Namn=again, **{"E-post": "", "Telefon": ""}),
        prospect(4, Namn=again, **{"E-post": "", "Telefon": ""}),
    ]
    result = desk.take_in(prospects(tmp_path / "2", back, "2026-11-24T2300"))
    assert dict(result.files[0].taken[0].quarantined) == {"suppressed": 3}
    (waiting,) = suppression.doubts(desk.at(desk.petra))
    assert (waiting.speaks_for, waiting.speaks_against) == (("name",), ("only_name",))


def test_who_was_erased_stays_out_where_the_source_makes_two_rows_of_one_or_one_of_two(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    anna = {**ANNA, "E-post": "anna.berg@bolaget.example; anna@privat.example"}
    eva = prospect(4, Namn="Eva Gren", **{"E-post": "eva@bolaget.example"})
    zed = prospect(9, Namn="Zed", **{"E-post": "zed@bolaget.example"})
    assert desk.take_in(prospects(tmp_path / "1", [anna, eva, zed], "2026-11-24T0100")).all_taken
    desk.purge([one for one in desk.entries() if one.name != "Zed"], picked=True)
    parts = [
        {**anna, "E-post": "", "Telefon": ""},
        {**anna, "Prospekt-ID": "N1", "E-post": "anna@privat.example", "Telefon": ""},
        {**anna, "Prospekt-ID": "N2", "E-post": "anna.berg@bolaget.example", "Telefon": ""},
        {**anna, "Prospekt-ID": "N3", "E-post": ""},
    ]
    one = {**anna, "Prospekt-ID": "N4", "E-post": "eva@bolaget.example; anna@privat.example"}
    # In somebody else's row, and under both their names, it may be either.
    told = {**zed, "E-post": "zed@bolaget.example; anna@privat.example"}
    couple = prospect(5, Namn="Anna Berg & Eva Gren", **{"E-post": "eva@bolaget.example"})
    result = desk.take_in(prospects(tmp_path / "2", [*parts, one, told, couple], "2026-11-24T2300"))
    assert dict(result.files[0].taken[0].quarantined) == {"suppressed": 5}
    waiting = suppression.doubts(desk.at(desk.petra))
    person = suppression.waiting_persons(desk.at(desk.petra), desk.reading())
    stored = persons(desk)
    assert {person[one.number] for one in waiting} == {stored[zed["Prospekt-ID"]], stored[couple["Prospekt-ID"]]}
    assert {(one.speaks_for, one.speaks_against) for one in waiting} == {(("email",), ("other_name",))}


@pytest.mark.parametrize(
    ("gone", "stays"),
    [
        ("Herr Berg", "Fru Berg"),
        ("Herr von Berg", "Fru von Berg"),
        ("Karl Berg (far)", "Karl Berg (son)"),
        ("Anna Berg / Bo Dahl", "Bo Dahl"),
    ],
)
def test_who_shares_a_familys_address_with_somebody_erased_stays(tmp_path: Path, gone: str, stays: str) -> None:
    desk = Desk(tmp_path / "store")
    mail = {"E-post": "familjen@hem.example"}
    rows = [prospect(1, Namn=gone, **mail), prospect(2, "2024-01-25", Namn=stays, **mail)]
    assert desk.take_in(prospects(tmp_path / "1", rows, "2026-11-24T0100")).all_taken
    desk.purge(desk.entries(status="OVERDUE"))
    assert [row.name for row in desk.entries()] == [stays]
    back = {**rows[0], "Prospekt-ID": "N1"}
    assert desk.take_in(prospects(tmp_path / "2", [back, rows[1]], "2026-11-24T2300")).all_taken
    # Behind an address of two a name alone is not surely the same: somebody is asked.
    assert [one.speaks_for for one in suppression.doubts(desk.at(desk.petra))] == [("email", "name")]
