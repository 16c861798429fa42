"""An entry that was put together from several records is named after the first of them, by its key, and knows all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.world import World, table


@pytest.mark.parametrize("first", ["crm_prospects", "crm_leads"])
def test_the_record_with_the_smallest_key_gives_the_entry_its_place(tmp_path: Path, first: str) -> None:
    world = World(tmp_path)
    second = {"crm_prospects": "crm_leads", "crm_leads": "crm_prospects"}[first]
    # The order in which the records come does not matter.
    for key, dataset in (("B", second), ("A", first), ("C", second)):
        world.person("PROSPECT", key, dataset, registered_on="2020-01-01", email="eva@bolaget.example")
    reading = world.reading()
    (basis,) = table(reading, "basis")
    its_id = hashlib.md5(f"PROSPECT|{first}:A".encode()).hexdigest()
    assert (basis["basis_id"], basis["dataset"], basis["source_key"]) == (its_id, first, "A")
    assert (basis["source"], basis["records"], basis["reclassified_from"]) == ("crm", 3, None)
    assert {(row["basis_id"], row["record_id"]) for row in table(reading, "basis_record")} == {
        (its_id, f"{second}:B"),
        (its_id, f"{first}:A"),
        (its_id, f"{second}:C"),
    }


def test_two_of_no_customer_that_are_one_prospect_are_told_as_such(tmp_path: Path) -> None:
    world = World(tmp_path)
    org = world.organisation("K1")
    for key in ("B", "A"):
        world.person("CUSTOMER_CONTACT", key, org_id=org, role="Inköpare", email="eva@bolaget.example")
    (basis,) = table(world.reading(), "basis")
    told = {name: basis[name] for name in ("category", "reclassified_from", "records", "org_id", "org_name", "role")}
    assert told == {
        "category": "PROSPECT",
        "reclassified_from": "CUSTOMER_CONTACT",
        "records": 2,
        "org_id": "crm:K1",
        "org_name": "Bolaget K1",
        "role": "Inköpare",
    }
    assert basis["basis_id"] == hashlib.md5(b"CUSTOMER_CONTACT|crm_customer_contact:A").hexdigest()


def test_a_voucher_is_an_entry_of_its_own_on_its_own_record(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.person("EMPLOYEE", "E", starts_on="2010-01-01")
    world.person("VOUCHER", "V", "hr_vouchers", relation_key="E", fiscal_year=2020, name=None, email=None)
    reading = world.reading()
    its_id = hashlib.md5(b"VOUCHER|hr_vouchers:V").hexdigest()
    (basis,) = [row for row in table(reading, "basis") if row["category"] == "VOUCHER"]
    assert (basis["basis_id"], basis["dataset"], basis["records"]) == (its_id, "hr_vouchers", 1)
    assert (its_id, "hr_vouchers:V") in {(row["basis_id"], row["record_id"]) for row in table(reading, "basis_record")}
    assert len({row["person_id"] for row in table(reading, "basis")}) == 1


def test_records_of_two_sources_are_two_entries_of_one_person(tmp_path: Path) -> None:
    world = World(tmp_path)
    for dataset in ("crm_prospects", "mail_prospects"):
        world.person("PROSPECT", "A", dataset, registered_on="2020-01-01", email="eva@bolaget.example")
    rows = table(world.reading(), "basis")
    assert sorted((row["source"], row["records"]) for row in rows) == [("crm", 1), ("mail", 1)]
    assert len({row["person_id"] for row in rows}) == 1


def test_engagements_with_a_day_between_them_are_one_and_with_two_they_are_two(tmp_path: Path) -> None:
    world = World(tmp_path)
    for who, begins in (("ida", "2020-02-02"), ("bo", "2020-02-03"), ("eva", "2020-02-04")):
        email = f"{who}@bolaget.example"
        world.person("EMPLOYEE", f"{who}1", starts_on="2019-01-01", ends_on="2020-01-31", email=email)
        world.person("EMPLOYEE", f"{who}2", starts_on=begins, email=email)
    entries = sorted((row["source_key"], row["records"]) for row in table(world.reading(), "basis"))
    assert entries == [("bo1", 1), ("bo2", 1), ("eva1", 1), ("eva2", 1), ("ida1", 2)]
