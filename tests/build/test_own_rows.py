"""Whose record is all there is of them has no other rows in a build; what is asked of it is as if they had."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.build import builder
from compliance.demo.generate import HEADERS
from tests.build.test_build import Intake

ENTRIES = "select basis_id, person_id, source_key, registered_on from basis order by source_key"


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


def prospects(*persons: tuple[str, str]) -> str:
    """Prospects by key and address."""
    rows = [
        {"Prospekt-ID": key, "Namn": f"Person {key}", "E-post": mail, "Registrerad": "2024-05-01"}
        for key, mail in persons
    ]
    lines = [";".join(row.get(name, "") for name in HEADERS["crm_prospects"]) for row in rows]
    return "\n".join((";".join(HEADERS["crm_prospects"]), *lines)) + "\n"


ALONE = (("P1", "one@kund.example"), ("P2", "two@kund.example"))


def written(intake: Intake) -> list[tuple[int, ...]]:
    """How many rows there are of entries, of persons of several records, and of records that stand for both."""
    return intake.rows(
        "select (select count(*) from basis_made), (select count(*) from person_of_several), count(own_person_id)"
        " from record"
    )


def test_an_entry_that_its_record_tells_is_not_written_again(intake: Intake) -> None:
    intake.take_in(crm_prospects=prospects(*ALONE))
    assert written(intake) == [(0, 0, 2)]
    assert intake.rows("select name, email, sources, bases from person order by name") == [
        ("Person P1", "one@kund.example", 1, 1),
        ("Person P2", "two@kund.example", 1, 1),
    ]
    assert intake.rows("select record_id from basis_record join basis using (basis_id) order by record_id") == [
        ("crm_prospects:P1",),
        ("crm_prospects:P2",),
    ]


def test_whoever_gets_another_record_and_loses_it_stays_the_same_person(intake: Intake) -> None:
    intake.take_in(crm_prospects=prospects(*ALONE))
    before = intake.rows(ENTRIES)
    intake.take_in(crm_prospects=prospects(*ALONE, ("P3", "two@kund.example")))
    assert written(intake) == [(2, 2, 1)]
    assert len({person for _, person, *_ in intake.rows(ENTRIES)}) == 3
    intake.take_in(crm_prospects=prospects(*ALONE))
    assert written(intake) == [(0, 0, 2)]
    assert intake.rows(ENTRIES) == before


def test_what_another_export_brings_takes_the_place_of_what_is_carried_over(intake: Intake) -> None:
    """A record that spoke for its person in the build before does so no longer when an employee has its address."""
    intake.take_in(crm_prospects=prospects(*ALONE))
    employed = dict.fromkeys(HEADERS["hr_employees"], "") | {
        "Anställningsnummer": "E1", "Förnamn": "Person", "Efternamn": "P1", "E-post": "one@kund.example",
        "Anställd från": "2020-01-01",
    }  # fmt: skip
    text = ";".join(employed) + "\n" + ";".join(employed.values()) + "\n"
    intake.take_in(hr_employees=text)
    assert written(intake) == [(2, 1, 1)]
    assert intake.rows("select sources, bases from person order by bases") == [(1, 1), (2, 2)]


def test_who_is_paid_by_a_voucher_is_one_person_with_it(intake: Intake) -> None:
    """The voucher has no name: whose it is is told by the engagement alone, which then is not all there is."""
    employed = dict.fromkeys(HEADERS["hr_employees"], "") | {
        "Anställningsnummer": "E1", "Förnamn": "Person", "Efternamn": "P1", "Anställd från": "2020-01-01",
    }  # fmt: skip
    paid = dict(zip(HEADERS["hr_vouchers"], ("V1", "E1", "2024"), strict=False))
    intake.take_in(
        hr_employees=";".join(employed) + "\n" + ";".join(employed.values()) + "\n",
        hr_vouchers=";".join(paid) + "\n" + ";".join(paid.values()) + "\n",
    )
    assert written(intake) == [(2, 1, 0)]
    assert intake.rows("select name, sources, bases from person") == [("Person P1", 1, 2)]


def test_a_voucher_is_of_whoever_the_engagement_is_one_person_with(intake: Intake) -> None:
    """By the number and the name, though the employment has an address of its own."""
    employed = dict.fromkeys(HEADERS["hr_employees"], "") | {
        "Anställningsnummer": "E1", "Förnamn": "Person", "Efternamn": "P1", "Anställd från": "2020-01-01",
        "E-post": "work@bolaget.example", "Mobil": "070-174 06 05",
    }  # fmt: skip
    private = dict.fromkeys(HEADERS["crm_prospects"], "") | {
        "Prospekt-ID": "P1", "Namn": "Person P1", "E-post": "at.home@kund.example", "Telefon": "070-174 06 05",
        "Registrerad": "2024-05-01",
    }  # fmt: skip
    paid = dict(zip(HEADERS["hr_vouchers"], ("V1", "E1", "2024"), strict=False))
    given = {"hr_employees": employed, "crm_prospects": private, "hr_vouchers": paid}
    intake.take_in(**{one: ";".join(row) + "\n" + ";".join(row.values()) + "\n" for one, row in given.items()})
    assert intake.rows(
        "select bases, count(distinct person_id) from person join basis using (person_id) group by 1"
    ) == [(3, 1)]


def test_what_an_earlier_version_wrote_speaks_for_itself_once_it_is_carried_over(intake: Intake) -> None:
    intake.take_in(crm_prospects=prospects(*ALONE))
    before = intake.rows(ENTRIES)
    intake.forget_moves()
    intake.take_in()
    assert written(intake) == [(0, 0, 2)]
    assert intake.rows(ENTRIES) == before


def test_records_of_a_large_file_lie_in_the_order_of_their_persons(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = prospects(*((f"P{number}", f"p{number}@kund.example") for number in range(50)))
    as_they_lie = "select own_person_id from record order by rowid"
    intake.take_in(crm_prospects=many)
    assert intake.rows(as_they_lie) != sorted(intake.rows(as_they_lie))
    monkeypatch.setattr(builder, "_IN_ORDER_FROM", 50)
    intake.take_in(crm_prospects=many)
    assert intake.rows(as_they_lie) == sorted(intake.rows(as_they_lie))
