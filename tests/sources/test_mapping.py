"""Which column is what: usual products are recognised, anything else is proposed, never assumed."""

# ruff: noqa: E501 - header rows are as long as they are.

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.sources.catalogue import Dataset, from_columns, load_catalogue
from compliance.words.refusal import Refused
from compliance.words.vocabulary import STORED_FIELDS, Category, RecordType
from tests.world import CONFIG

CATALOGUE = load_catalogue(CONFIG / "sources.toml")

PRODUCTS = {
    "hubspot_contacts": "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Lifecycle Stage,Company Name,Create Date",
    "salesforce_contacts": "Contact ID,First Name,Last Name,Title,Account Name,Email,Phone,Mailing City,Created Date,Birthdate",
    "salesforce_accounts": "Account ID,Account Name,Type,Industry,Billing City",
    "dynamics_contacts": "(Do Not Modify) Contact,Full Name,Email,Company Name,Business Phone,Job Title,Created On,Status",
    "lime_contacts": "idperson,Förnamn,Efternamn,Befattning,E-post,Mobiltelefon,Företag,Skapad",
    "superoffice_contacts": "Kontaktperson-ID,Förnamn,Efternamn,Titel,E-post,Direkttelefon,Företag,Företags-ID,Registrerad",
    "upsales_contacts": "Kontakt: ID,Kontakt: Namn,Kontakt: E-post,Kontakt: Telefon,Kontakt: Titel,Företag: ID,Företag: Namn",
    "hogia_employees": "Anställningsnr,Förnamn,Efternamn,Personnummer,Anställningsdatum,Avgångsdatum,Befattning,Månadslön",
    "visma_employees": "Anställningsnummer,Förnamn,Efternamn,Personnummer,E-post,Anställningsdatum,Avgångsdatum,Yrkestitel",
    "personio_employees": "ID,First name,Last name,Email,Position,Hire date,Termination date,Status,Birthday,IBAN",
    "bamboohr_employees": "Employee #,First Name,Last Name,Work Email,Job Title,Hire Date,Termination Date,Employment Status,SSN",
}


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_a_products_export_is_recognised_by_its_headers(product: str) -> None:
    headers = PRODUCTS[product].split(",")
    found = CATALOGUE.match("export (3).csv", headers)
    assert found is not None and found.id == product
    fields = found.fields_for(headers)
    assert fields and all(field in STORED_FIELDS or field.startswith("left_out_") for field in fields)
    assert len(set(fields)) == len(fields)


def test_headers_are_compared_without_case_and_surplus_spaces() -> None:
    headers = [f"  {header.upper()} " for header in PRODUCTS["lime_contacts"].split(",")]
    found = CATALOGUE.match("x.csv", headers)
    assert found is not None and found.id == "lime_contacts"


def test_a_header_that_says_that_it_must_be_filled_in_is_the_same_header() -> None:
    plain = ["Prospekt-ID", "Namn", "E-post", "Telefon", "Registrerad", "Senaste möte"]
    marked = ["Prospekt-ID *", "Namn\n(obligatoriskt)", "*E-post", "Telefon (valfritt)", "Registrerad:", "Senaste möte"]
    found = CATALOGUE.match("crm_prospekt_2026-11-20.csv", marked)
    assert found is not None
    assert found.fields_for(marked) == found.fields_for(plain)


def test_a_name_alone_recognises_nothing() -> None:
    assert CATALOGUE.match("crm_kontakter_2026-11-24.csv", ["a", "b", "c"]) is None


def test_a_mapping_survives_being_saved() -> None:
    made = from_columns(
        dataset_id="nya_kontakter",
        source="crm",
        record=RecordType.PERSON,
        category=Category.PROSPECT,
        headers=["Nr", "Namn", "Hälsa"],
        fields=["source_key", "name", "left_out:health"],
        files=["nya_kontakter*"],
    )
    assert Dataset.model_validate_json(made.model_dump_json()) == made
    known = load_catalogue(CONFIG / "sources.toml", [made])
    found = known.match("nya_kontakter_2.csv", ["nr", "NAMN", "hälsa", "ny kolumn"])
    assert found == made
    assert found.fields_for(["nr", "NAMN", "hälsa", "ny kolumn"]) == ["source_key", "name", "left_out_2", "left_out_3"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (["source_key", "name", "name"], "mapping_twice"),
        (["name", "email", "left_out:other"], "mapping_missing"),
        (["source_key", "name", "nonsense"], "mapping_invalid"),
        (["name", "left_out:other", "left_out:other"], "mapping_missing"),
    ],
)
def test_a_mapping_that_does_not_fit_together_is_refused(fields: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        from_columns(
            dataset_id="x",
            source="crm",
            record=RecordType.PERSON,
            category=Category.PROSPECT,
            headers=["a", "b", "c"],
            fields=fields,
        )
    assert refused.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        ('source = "crm"\nrecord = "organisation"', 'source = "nowhere"\nrecord = "organisation"'),
        ('source_key = ["Kund-ID"]', 'source_key = ["Kund-ID", "Kundnamn"]'),
        ('org_name = ["Kundnamn"]', 'org_nam = ["Kundnamn"]'),
        ('id = "crm_contracts"', 'id = "crm_organisations"'),
        ('record = "contract"', 'record = "kontrakt"'),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    text = (CONFIG / "sources.toml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "sources.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_catalogue(path)
    assert refused.value.code == "sources_unreadable"


def test_of_two_columns_for_a_field_the_one_that_the_mapping_names_first_is_read() -> None:
    made = Dataset(
        id="x", source="crm", record=RecordType.PERSON, category=Category.PROSPECT,
        headers={"source_key": ("Nr",), "name": ("Namn",), "role": ("Befattning", "Titel")},
    )  # fmt: skip
    assert made.fields_for(["Nr", "Titel", "Namn", "Befattning"]) == ["source_key", "left_out_1", "name", "role"]
    assert made.fields_for(["Nr", "Titel", "Namn"]) == ["source_key", "role", "name"]


def test_a_mapping_with_marks_is_only_for_files_that_have_one() -> None:
    plain = ["First Name", "Last Name", "Email Address", "Company", "Position"]
    assert CATALOGUE.match("x.csv", plain) is None
    found = CATALOGUE.match("x.csv", [*plain, "Connected On"])
    assert found is not None and found.id == "linkedin_connections"
    assert found.key_is_email and found.needs_category(plain)


def test_a_category_is_needed_where_neither_mapping_nor_column_tells_it() -> None:
    hubspot = CATALOGUE.find("hubspot_contacts")
    assert hubspot.needs_category(["Record ID", "First Name", "Email"])
    assert not hubspot.needs_category(["Record ID", "First Name", "Email", "Lifecycle Stage"])
    assert not CATALOGUE.find("bamboohr_employees").needs_category(["Employee #", "Name"])
    assert not CATALOGUE.find("crm_contracts").needs_category(["Avtals-ID"])
