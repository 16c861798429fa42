"""Grants to customers' environments stay when whoever holds them is purged, and name nobody then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.purge import select
from compliance.purge.tables import State
from compliance.words import keys
from compliance.words.refusal import Refused
from tests.purge.test_vouchers import ANNA, BO, copied
from tests.purging import Desk, contractors, employees, environments, grants, prospect, prospects

ANNAS = ("100017", "anna.b@bolaget.example")


def grant(number: int, holder: str, **more: str) -> dict[str, str]:
    row = {"Behörighets-ID": f"B{number}", "Miljö-ID": "M1", "Innehavare": holder, "Förvaltningskonto": f"fk-{number}"}
    return {**row, "Ärende": f"SUP-{number}", "Godkänd av": "17", "Beviljad": "2026-01-10", **more}


GRANTS = [
    grant(1, "100017", Förvaltningskonto="fk-100017"),
    grant(2, "Anna.B@bolaget.example"),
    grant(3, "17", **{"Godkänd av": "100017"}),
]
TOLD = "select grant_key, holder, account, approver, holder_erased from access_grant order by grant_key"


@pytest.fixture
def purged(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    taken = desk.take_in(
        employees(folder, [ANNA, BO]), environments(folder, [{"Miljö-ID": "M1"}]), grants(folder, GRANTS)
    )
    assert taken.all_taken
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    return desk


def test_a_purge_leaves_the_grant_and_nothing_of_who_holds_it(purged: Desk, tmp_path: Path) -> None:
    digest = keys.suppression(purged.settings)[0].digest("record|hr_employees:100017")
    expected = [
        ("B1", digest, None, "17", True),
        ("B2", digest, "fk-2", "17", True),
        ("B3", "17", "fk-3", digest, False),
    ]
    assert copied(purged, TOLD) == expected
    # Nor does the next export bring it back, nor one of something else, with which they are carried over.
    folder = tmp_path / "in2"
    spoilt = grant(4, "100017") | {"Behörighets-ID": ""}
    assert purged.take_in(grants(folder, [*GRANTS, spoilt], "2026-11-24T0600")).all_taken
    assert copied(purged, TOLD) == expected
    kept = [path.read_bytes() for path in purged.settings.quarantine.iterdir()]
    assert kept and not any(text.encode() in content for content in kept for text in ANNAS)
    assert purged.take_in(prospects(folder, [prospect(1)], "2026-11-24T0700")).all_taken
    assert copied(purged, TOLD) == expected


def test_a_number_that_is_somebodys_again_is_told_again(purged: Desk, tmp_path: Path) -> None:
    anew = ANNA | {"Förnamn": "Cilla", "Efternamn": "Dahl", "E-post": "cilla@bolaget.example", "Mobil": ""}
    anew |= {"Anställd från": "2026-11-24", "Sista anställningsdag": "", "Status": "Anställd"}
    folder = tmp_path / "in2"
    taken = purged.take_in(employees(folder, [anew, BO], "2026-11-24T0600"), grants(folder, GRANTS, "2026-11-24T0600"))
    assert taken.all_taken
    assert copied(purged, TOLD)[0] == ("B1", "100017", "fk-100017", "17", False)


SHARED = "support@bolaget.example"


def shared(person: dict[str, str]) -> dict[str, str]:
    return person | {"E-post": f"{person['E-post']}, {SHARED}"}


def shared_first(person: dict[str, str]) -> dict[str, str]:
    return person | {"E-post": f"{SHARED}, {person['E-post']}"}


@pytest.mark.parametrize("among", [shared, shared_first])
def test_an_address_that_somebody_who_stays_has_too_is_not_gone(
    tmp_path: Path, among: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    held = [grant(1, SHARED)]
    taken = desk.take_in(
        employees(folder, [among(ANNA), among(BO)]), environments(folder, [{"Miljö-ID": "M1"}]), grants(folder, held)
    )
    assert taken.all_taken
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    expected = [("B1", SHARED, "fk-1", "17", False)]
    assert copied(desk, TOLD) == expected


def test_a_number_that_somebody_who_stays_has_too_is_not_gone(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    eva = {"Uppdrags-ID": "100017", "Namn": "Eva Ek", "E-post": "eva@konsult.example", "Från": "2020-01-01"}
    taken = desk.take_in(
        employees(folder, [ANNA, BO]), contractors(folder, [eva]), environments(folder, [{"Miljö-ID": "M1"}]),
        grants(folder, [grant(1, "100017")]),
    )  # fmt: skip
    assert taken.all_taken
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    assert copied(desk, TOLD) == [("B1", "100017", "fk-1", "17", False)]


def test_an_erased_ones_address_that_is_anothers_further_one_is_told(purged: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "in2"
    others = BO | {"E-post": f"{BO['E-post']}, {ANNAS[1]}"}
    taken = purged.take_in(employees(folder, [others], "2026-11-24T0600"), grants(folder, GRANTS, "2026-11-24T0600"))
    assert taken.all_taken
    assert copied(purged, TOLD)[1] == ("B2", ANNAS[1], "fk-2", "17", False)


# What a source calls a grant and what it refers to, in words that name whoever goes; and words that only look so.
NAMING = [
    grant(1, "17", Förvaltningskonto="Anna.B@bolaget.example (adm)", Ärende="SUP-1 Anna Bergqvist"),
    grant(2, "17", Förvaltningskonto="fk-2", Ärende="SUP-100017"),
    grant(3, "17", Förvaltningskonto="fk-johanna.b@bolaget.example", **{"Godkänd av": "anna.b@bolaget.example/adm"}),
    grant(4, "17", **{"Behörighets-ID": "M1/anna.b@bolaget.example"}),
    grant(5, "17", Förvaltningskonto="anna.b@bolaget.example"),
]
WORDS = "select grant_key, account, ticket, approver from access_grant order by ticket, grant_key"


def test_a_text_with_the_address_of_somebody_who_is_stored_stays(purged: Desk, tmp_path: Path) -> None:
    # Two share the mailbox that was Anna's alone: one of the texts is about whoever writes from it now.
    theirs = [
        prospect(1, **{"E-post": "anna.b@bolaget.example", "Namn": "Disa Ek"}),
        prospect(2, **{"E-post": "anna.b@bolaget.example", "Namn": "Ebbe Fors"}),
    ]
    named = [grant(5, "17", Ärende="SUP-5 anna.b@bolaget.example")]
    stored = "select count(*) from record where email_key = 'anna.b@bolaget.example'"
    tickets = "select ticket from access_grant where grant_key = 'B5'"
    assert purged.take_in(grants(tmp_path / "in2", named, "2026-11-24T0600")).all_taken
    assert (copied(purged, stored), copied(purged, tickets)) == ([(0,)], [(None,)])
    taken = purged.take_in(
        prospects(tmp_path / "in3", theirs, "2026-11-24T0700"), grants(tmp_path / "in3", named, "2026-11-24T0700")
    )
    assert taken.all_taken
    assert (copied(purged, stored), copied(purged, tickets)) == ([(2,)], [("SUP-5 anna.b@bolaget.example",)])


def test_what_a_source_writes_of_somebody_beside_a_grant_goes_with_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    taken = desk.take_in(
        employees(folder, [ANNA, BO]), environments(folder, [{"Miljö-ID": "M1"}]), grants(folder, NAMING)
    )
    assert taken.all_taken
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    key = keys.suppression(desk.settings)[0]
    expected = [
        # A number is not anybody's because it is written like one, and a longer address is another's.
        ("B2", "fk-2", "SUP-100017", "17"),
        ("B3", "fk-johanna.b@bolaget.example", "SUP-3", key.digest("text|anna.b@bolaget.example/adm")),
        (key.digest("text|M1/anna.b@bolaget.example"), "fk-4", "SUP-4", "17"),
        ("B5", None, "SUP-5", "17"),
        ("B1", None, None, "17"),
    ]
    assert copied(desk, WORDS) == expected
    # Nor does the source's next export bring an address back that it still has in a text.
    assert desk.take_in(grants(tmp_path / "in2", NAMING, "2026-11-24T0600")).all_taken
    # A name does come back in one, of which no digest can tell.
    again = copied(desk, WORDS)
    assert sorted(again) == sorted([*expected[:4], ("B1", None, "SUP-1 Anna Bergqvist", "17")])


def test_a_name_that_was_left_beside_a_grant_does_not_explain_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    desk.take_in(employees(folder, [ANNA, BO]), environments(folder, [{"Miljö-ID": "M1"}]), grants(folder, NAMING))

    def leave(selection: select.Selection) -> None:
        selection.con.execute("create or replace temp table naming_text (text varchar, digest varchar)")

    monkeypatch.setattr(select.Selection, "_find_texts", leave)
    with pytest.raises(Refused, match="proof_failed"):
        desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert copied(desk, "select count(*) from record where email_key = 'anna.b@bolaget.example'") == [(1,)]
