"""Who shares a mailbox or a switchboard with somebody erased is let in and told; who surely was erased stays out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from compliance.purge import verbs as purge_verbs
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict
from tests.purging import Desk, prospect, prospects

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
