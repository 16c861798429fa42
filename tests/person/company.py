"""Persons of several sources for tests: Anna is a prospect past her day and an employee, others are what they say."""

from __future__ import annotations

from pathlib import Path

from compliance.person import statement
from compliance.person.statement import Statement
from tests.purging import Desk, employees, prospect, prospects, request, requests_made

ANNA = {"Namn": "Anna Berg", "E-post": "anna.berg@bolaget.example", "Telefon": "070-174 06 05"}
HIRED = {
    "Anställningsnummer": "E77", "Förnamn": "Anna", "Efternamn": "Berg", "E-post": ANNA["E-post"],
    "Befattning": "Utvecklare", "Anställd från": "2020-03-01", "Status": "Aktiv",
}  # fmt: skip
# Two of one household share a mailbox; the third is somebody else of the same name as the first.
PROSPECTS = (
    prospect(1, **ANNA, Företag="Ekens Bygg AB"),
    prospect(2, "2024-01-15", Namn="Bo Ek", **{"E-post": "familjen.ek@hem.example"}),
    prospect(3, "2024-01-16", Namn="Cia Ek", **{"E-post": "familjen.ek@hem.example; cia@hem.example"}),
    prospect(4, "2024-01-17", Namn="Dan Falk", **{"E-post": "dan@bolaget.example"}),
    *(prospect(number, "2024-02-01") for number in range(5, 9)),
)


def company(folder: Path) -> Desk:
    """The store with all of them taken in, and Anna's request for access."""
    desk = Desk(folder / "store")
    asks = request(1, 1, Namn="Anna Berg", Ärendetyp="Registerutdrag", **{"E-post": ANNA["E-post"]})
    result = desk.take_in(prospects(folder, PROSPECTS), employees(folder, [HIRED]), requests_made(folder, [asks]))
    assert result.all_taken, result
    return desk


def who(desk: Desk, text: str) -> str:
    """The only person that somebody finds by what they type."""
    (found,) = statement.search(desk.reading(), desk.petra, text)
    return found.person_id


def stated(desk: Desk, text: str, owned: str | None = None) -> Statement:
    """What is stored of that person."""
    found = statement.of(desk.reading(), desk.policy, who(desk, text), owned)
    assert found is not None
    return found
