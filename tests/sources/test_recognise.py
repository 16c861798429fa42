"""Columns of files as other systems write them: each is what it is, by its name and by its values."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compliance.build import builder
from compliance.sources.catalogue import LEFT_OUT_FIELDS, Dataset, load_catalogue
from compliance.sources.recognise import Because, Column, Level, judged, kinds_of, propose, unread_name
from compliance.words.vocabulary import (
    FURTHER_FIELDS,
    PERSONNUMMER_FIELD,
    SPECIAL_CATEGORY_FIELDS,
    STORED_FIELDS,
    Category,
    RecordType,
    StatedStatus,
)
from tests.world import CONFIG

ROWS = 12
GIVEN = ["Eva", "Bo", "Anna", "Erik", "Lisa", "Mikael", "Sara", "Johan", "Karin", "Peter", "Ulla", "Nils"]
FAMILY = ["Ek", "Berg", "Holmqvist", "Dahl", "Lindgren", "Ahlberg", "Nyström", "Falk", "Sandin", "Öberg", "Wik", "Lund"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NUMBERS = ["19811228-9874", "19640823-3234", "20010911-2386", "19721021-1231", "670919-9530", "811218-9876"]


def _name(place: int) -> str:
    return f"{GIVEN[place % 12]} {FAMILY[(place * 5 + 3) % 12]}"


KINDS: dict[str, Callable[[int], str]] = {
    "id": lambda n: str(100234 + 7 * n),
    "sfid": lambda n: f"0035e00000{n:02}AbCAA0",
    "guid": lambda n: f"3f2504e0-4f89-11d3-9a0c-0305e82c33{n:02x}",
    "hex": lambda n: f"5f3ce1b{n:04x}",
    "username": lambda n: f"{GIVEN[n % 12].lower()}{n}",
    "given": lambda n: GIVEN[n % 12],
    "family": lambda n: FAMILY[(n * 5 + 3) % 12],
    "name": _name,
    "othername": lambda n: _name(n + 5),
    "lastfirst": lambda n: f"{FAMILY[n % 12]}, {GIVEN[n % 12]}",
    "email": lambda n: f"p{n}@bolaget.example",
    "mail2": lambda n: f"q{n}@hem.example",
    "phone": lambda n: ["070-174 06 0{}", "+46 70 174 06 1{}", "08-465 004 1{}"][n % 3].format(n % 10),
    "date": lambda n: f"20{n + 10}-0{n % 9 + 1}-1{n % 10}",
    "enddate": lambda n: f"2019-0{n % 9 + 1}-28" if n % 3 == 0 else "",
    "datetime": lambda n: f"2016-1{n % 3}-0{n % 9 + 1} 09:{n + 10}",
    "dayname": lambda n: f"{n + 1:02} Mar 2022",
    "birth": lambda n: f"19{n + 60}-0{n % 9 + 1}-12",
    "mdybirth": lambda n: f"{n % 12 + 1}/{n + 10}/19{n + 60}",
    "dedate": lambda n: f"{n + 13}.0{n % 9 + 1}.20{n + 10}",
    "clock": lambda n: f"2026-0{n % 9 + 1}-1{n % 10} 09:{n + 10}:{n + 20}",
    "isoz": lambda n: f"2024-0{n % 9 + 1}-1{n % 10}T09:{n + 10}:00Z",
    "dmy2": lambda n: f"{n + 13}-{MONTHS[n]}-{n + 10}",
    "birthyear": lambda n: str(1950 + 3 * n),
    "usdate": lambda n: f"{n % 12 + 1}/{n + 13}/20{n + 10}",
    "usenddate": lambda n: f"{n % 12 + 1}/{n + 13}/2021" if n % 3 == 0 else "",
    "birthday": lambda n: f"0{n % 9 + 1}/1{n % 10}",
    "org": lambda n: ["Bolaget AB", "Kranbygg i Norr AB", "Vattenverket", "Lunds kommun", "Nordic Parts Ltd"][n % 5],
    "role": lambda n: ["Inköpschef", "VD", "Project manager", "Controller", "IT-chef"][n % 5],
    "dept": lambda n: ["Sales", "IT/IS", "Production", "Finance"][n % 4],
    "text": lambda n: f"Ringde i veckan om avtal {n} och vill ha ett nytt möte snart",
    "empty": lambda _: "",
    "false": lambda _: "false",
    "bool": lambda n: str(int(n % 4 == 0)),
    "yes": lambda n: "Yes" if n % 5 == 0 else "No",
    "city": lambda n: ["Stockholm", "Umeå", "Göteborg", "Lund"][n % 4],
    "zip4": lambda n: f"0{n + 110}",
    "oid": lambda n: f"__export__.res_partner_{n + 40}_a{n}f3",
    "zip": lambda n: f"1{n % 10}3 4{n % 10}",
    "street": lambda n: f"Storgatan {n + 1}",
    "country": lambda n: ["Sverige", "Norge", "Sverige"][n % 3],
    "state": lambda n: ["MA", "TX", "MA", "CT"][n % 4],
    "url": lambda n: f"https://www.bolaget{n}.example",
    "linkedin": lambda n: f"https://www.linkedin.com/in/p{n}",
    "pnr": lambda n: NUMBERS[n % 6],
    "fnr": lambda n: "15108695088" if n % 2 else "01010750160",
    "orgnr": lambda n: ["556703-7485", "556016-0680", "212000-0142"][n % 3],
    "ip": lambda n: f"192.0.2.{n}",
    "iban": lambda _: "SE3550000000054910000003",
    "account": lambda n: f"{n + 10}45-61{n}",
    "money": lambda n: f"{31_000 + 450 * n}",
    "number": lambda n: f"{n}.{n}2",
    "seq": lambda n: str(n + 1),
    "repeated": lambda n: str(100 + n // 3),
    "keycode": lambda n: f"E{2387 + 7 * n:05}",
    "member": lambda n: f"M-{n + 1}",
    "callsign": lambda n: f"LA{n % 10}{chr(65 + n)}X",
    "stripe": lambda n: f"cus_N{n:02}xYz",
    "phone2": lambda n: f"08-465 005 1{n % 10}",
    "ssn": lambda n: f"{n + 110}-{n + 20}-{n + 4110}",
    "cpr": lambda n: f"{n + 1:02}0{n % 9 + 1}{n + 60}-123{n % 10}",
    "file": lambda n: f"bilaga_{n}.pdf",
}


@dataclass(frozen=True)
class Case:
    """A header row with the fields that are right for each column, and invented rows."""

    name: str
    dataset: str | None
    headers: list[str]
    right: list[set[str]]
    rows: list[list[str]]


def _case(told: dict[str, Any]) -> Case:
    lines = [[part.strip() for part in line.split("|")] for line in str(told["columns"]).strip().splitlines()]
    right = [{one.replace("~", "left_out:") for one in expected.split(",")} for _, expected, _ in lines]
    rows = []
    for number in range(ROWS):
        row = []
        for _, _, kind in lines:
            name, _, words = kind.partition(":")
            if name in ("words", "const"):
                choices = words.split(";")
                row.append(choices[number % len(choices)])
            else:
                row.append(KINDS[name](number))
        rows.append(row)
    return Case(str(told["name"]), told.get("dataset"), [header for header, _, _ in lines], right, rows)


CASES = [
    _case(told) for told in tomllib.loads((Path(__file__).parent / "headers.toml").read_text(encoding="utf-8"))["case"]
]


CATALOGUE = load_catalogue(CONFIG / "sources.toml")
# A column that nobody could tell without asking, in either way.
MOST_WRONG = 1
NOT_TOLD = ("medlemmer_no", "attendance_en")


def columns(headers: str, *rows: str) -> dict[str, Column]:
    """What each column of a small file is taken for."""
    names = headers.split(";")
    found = propose("file.csv", names, [[cell or None for cell in row.split(";")] for row in rows])
    return dict(zip(names, found.columns, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_column_of_a_real_header_row_is_what_it_is(case: Case) -> None:
    found = propose(f"{case.name}.csv", case.headers, case.rows)
    taken = list(zip(case.headers, found.fields, case.right, strict=True))
    wrong = [(header, field, right) for header, field, right in taken if field not in right]
    assert len(wrong) <= (MOST_WRONG if case.name in NOT_TOLD else 0), wrong
    read = [field for field in found.fields if not field.startswith("left_out:")]
    assert len(read) == len(set(read))


def test_of_all_columns_of_real_files_few_are_asked_about_and_fewer_are_wrong() -> None:
    told = [
        (column, right)
        for case in CASES
        for column, right in zip(propose(case.name, case.headers, case.rows).columns, case.right, strict=True)
    ]
    assert sum(column.field in right for column, right in told) > 0.97 * len(told)
    read = [column for column, _ in told if not column.field.startswith("left_out:")]
    assert sum(column.level is not Level.SURE for column in read) < 0.1 * len(told)


def test_what_is_said_to_be_sure_is_right() -> None:
    sure = [
        (column.field in right, case.name, column)
        for case in CASES
        for column, right in zip(propose(case.name, case.headers, case.rows).columns, case.right, strict=True)
        if column.level is Level.SURE
    ]
    assert [told for told in sure if not told[0]] == []
    # Most of a file needs no look at all.
    assert len(sure) > 0.7 * sum(len(case.headers) for case in CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.dataset], ids=lambda case: case.name)
def test_the_shipped_mapping_of_a_product_reads_its_real_columns_right(case: Case) -> None:
    found = CATALOGUE.match("export (3).csv", case.headers)
    assert found is not None and found.id == case.dataset
    fields = [
        f"left_out:{kind}" if kind else field
        for field, kind in zip(found.fields_for(case.headers), kinds_of(found, case.headers, case.rows), strict=True)
    ]
    told = zip(case.headers, fields, case.right, strict=True)
    assert [(header, field, right) for header, field, right in told if field not in right] == []
    assert unread_name(found, case.headers, case.rows) is None
    assert all(column.because is Because.MAPPING for column in judged(found, case.headers, case.rows))


def test_no_other_case_is_taken_for_a_product() -> None:
    taken = {case.name: CATALOGUE.match(f"{case.name}.csv", case.headers) for case in CASES if not case.dataset}
    assert {name: found.id for name, found in taken.items() if found} == {}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Employee_Name", "name"), ("EmpID", "source_key"), ("DateofHire", "starts_on"), ("Telefon, arbete", "phone"),
        ("Er referens", "name"), ("Person - Email - Work", "email"), ("RaceDesc", "left_out:ethnic_origin"),
        ("Kontakt: Förnamn", "given_name"), ("CONTACT_FIRST_NAME", "given_name"), ("Sähköposti", "email"),
        ("Geburtsdatum", "left_out:birth_date"), ("Ansættelsesdato", "starts_on"), ("Etternavn", "family_name"),
        ("Mobilnummerr", "phone"), ("Privat e-post", "left_out:private_email"),
        ("Lead Owner", "left_out:other_person"),
        ("Last modified on", "left_out:other"),
        ("Kontaktägare", "left_out:other_person"),
        ("Facklig tillhörighet", "left_out:trade_union"), ("Staatsangehörigkeit", "left_out:citizenship"),
        ("Straffregister", "left_out:criminal_record"), ("Skonummer", "left_out:other"),
    ],
)  # fmt: skip
def test_a_header_is_recognised_however_it_is_put_together(header: str, field: str) -> None:
    assert columns(header)[header].field == field


def test_values_decide_where_a_name_says_little_or_the_wrong_thing() -> None:
    by_state = [columns("State", *rows)["State"] for rows in (("MA", "TX", "MA"), ("Active", "Terminated", "Active"))]
    assert [one.field for one in by_state] == ["left_out:address", "status"]
    people = columns("Nr;Vem;Hur", "A1;Anna Berg;anna@kund.example", "A2;Bo Dahl;bo@kund.example", "A3;Eva Ek;")
    assert [one.field for one in people.values()] == ["source_key", "name", "email"]
    assert people["Vem"].because is Because.VALUES and people["Vem"].level is Level.LIKELY
    companies = columns("Namn;Kontaktperson", "Bolaget AB;Anna Berg", "Lunds kommun;Bo Dahl", "Vattenverket;Eva Ek")
    assert [one.field for one in companies.values()] == ["org_name", "name"]


@pytest.mark.parametrize("last", ["Email", "Start date"])
def test_a_product_is_not_taken_where_its_mapping_would_leave_out_what_decides(last: str) -> None:
    headers = ["Employee number", "First name", "Last name", "Department", "Job title", last]
    assert CATALOGUE.match("staff.csv", headers[:5]) == CATALOGUE.find("visma_employees")
    assert CATALOGUE.match("staff.csv", headers) == (CATALOGUE.find("visma_employees") if last == "Email" else None)


HOGIA = ["Anställningsnr", "Namn", "E-post", "Befattning", "Avdelning", "Anställningsdatum"]


@pytest.mark.parametrize(
    "last",
    [
        "T.o.m.", "Tom", "Till och med", "Avgångsdag", "Avslutsdag", "Slutade", "Sista dag", "Anställning t.o.m.",
        "Anställningens slut", "Datum för avslut", "Entlassungsdatum", "Letzter Tag",
    ],
)  # fmt: skip
def test_when_somebody_left_is_never_left_out_unasked(last: str) -> None:
    assert CATALOGUE.match("anstallda.csv", HOGIA) == CATALOGUE.find("hogia_employees")
    assert CATALOGUE.match("anstallda.csv", [*HOGIA, last]) is None
    found = propose(
        "anstallda.csv", [*HOGIA, last], [["1", "Eva Ek", "eva@x.example", "VD", "IT", "2005-03-01", "2012-05-31"]]
    )
    assert found.fields[-1] == "ends_on"


@pytest.mark.parametrize(
    ("name", "headers", "renamed"),
    [
        ("hr_anstallda_x.csv", "Anställningsnummer;Förnamn;Efternamn;E-post;Anställd från;Sista anställningsdag",
         "Slutdatum"),
        ("crm_avtal_x.csv", "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut", "Slutdatum"),
        ("crm_prospekt_x.csv", "Prospekt-ID;Namn;Registrerad;E-post", "E-postadress"),
        ("crm_prospekt_x.csv", "Prospekt-ID;Namn;E-post;Registrerad;Avregistrerad", "Avanmäld"),
    ],
)  # fmt: skip
def test_a_column_that_was_given_another_name_is_missed_whatever_the_file_is_called(
    name: str, headers: str, renamed: str
) -> None:
    known = headers.split(";")
    assert CATALOGUE.match(name, known) is not None
    assert CATALOGUE.match(name, [*known[:-1], renamed]) is None
    # One more that says little is left out and counted, as ever.
    assert CATALOGUE.match(name, [*known, "Skonummer"]) == CATALOGUE.match(name, known)


def test_a_status_of_a_product_is_understood_in_words_that_all_systems_have(tmp_path: Path) -> None:
    hired = CATALOGUE.find("bamboohr_employees")
    told = []
    with builder.workbench(tmp_path) as con:
        for dataset in (hired, hired.model_copy(update={"product": None})):
            builder._fill_words(con, dataset)
            told.append(dict(con.execute("select word, status from status_word").fetchall()))
    by_product, by_a_person = told
    assert by_product["resigned"] == by_product["terminated"] == "ended" and by_product["active"] == "open"
    # What a person has said of a column's words is all that there is.
    assert by_a_person.keys() == {word.casefold() for word in hired.status_values}


def test_no_activity_of_ours_is_taken_for_a_meeting() -> None:
    for dataset in CATALOGUE.datasets:
        met = [header.casefold() for header in dataset.headers.get("met_on", ())]
        assert not any("activity" in header or "aktivitet" in header for header in met), dataset.id


@pytest.mark.parametrize("header", ["Antal anställda", "Number of employees", "No. of employees", "# Employees"])
def test_how_large_a_company_is_makes_nobody_employed(header: str) -> None:
    headers = ["Namn", "E-post", "Företag", "Befattning", header, "Telefon"]
    found = propose(
        "massa.csv", headers, [["Anna Berg", "anna@bolaget.example", "Bolaget AB", "VD", "100", "0701740605"]]
    )
    assert (found.system.source, found.category) == ("crm", None)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("ExitDate", "ends_on"), ("termdate", "ends_on"), ("Date of Joining", "starts_on"), ("Leave date", "ends_on"),
        ("Ansettelsesdato", "starts_on"), ("Subscription Date", "registered_on"), ("Applied at", "registered_on"),
        ("Anmalningsdatum", "registered_on"), ("foedselsdato", "left_out:birth_date"), ("Fornamn", "given_name"),
        ("Strasse", "left_out:address"), ("Anstallningsdatum", "starts_on"),
        ("Joined", "starts_on"), ("Added", "registered_on"), ("Employment end", "ends_on"), ("Avtal från", "starts_on"),
        ("Vertrag Ende", "ends_on"), ("E-post [obligatorisk]", "email"), ("Startdatum (åååå-mm-dd)", "starts_on"),
        ("Submitted at (UTC)", "registered_on"),
        # Since when, and until when, in whatever order and language; a word that belongs to the one before is none.
        ("Ansatt siden", "starts_on"), ("Anställd sedan", "starts_on"), ("Beschäftigt seit", "starts_on"),
        ("Employed since", "starts_on"), ("contract_expiry_date", "ends_on"), ("EndeTätigkeit", "ends_on"),
        ("End of employment", "ends_on"), ("Anställning upphör", "ends_on"), ("Kontrakt utløper", "ends_on"),
        ("Lagt til dato", "registered_on"), ("Lagd till", "registered_on"), ("Skickat till datum", "left_out:other"),
        ("Membership date", "registered_on"), ("date_entered", "registered_on"), ("Innmeldt", "registered_on"),
        ("Utträdesdatum", "ends_on"), ("Document expiration date", "left_out:other"),
        ("source_file", "left_out:other"), ("LV-Name", "left_out:other"),
        ("Net earnings", "left_out:salary"), ("Taxable income", "left_out:salary"),
        # The number of a company is nobody's name, and in brackets may stand what matters.
        ("Account number", "left_out:bank_account"), ("E-post (privat)", "left_out:private_email"),
        # What is to come, or is about another thing, is none.
        ("Next review date", "left_out:other"), ("Lon", "left_out:other"), ("Lönperiod", "left_out:other"),
    ],
)  # fmt: skip
def test_a_date_is_known_by_what_somebody_did_on_it_and_a_word_in_any_spelling(header: str, field: str) -> None:
    assert columns(header)[header].field == field


@pytest.mark.parametrize(
    "header",
    [
        "Inträde",
        "Inträdesdatum",
        "Beitritt am",
        "Eintrittsdatum",
        "Eintritt",
        "Medlem sedan",
        "Gick med",
        "Joined on",
        "Date joined",
        "Member since",
        "Tiltrådt",
        "Tiltrædelse",
        "Tiltredelsesdato",
        "Aloituspvm",
        "Liittynyt",
    ],
)
@pytest.mark.parametrize("others", ["Anstnr;Namn", "Anstnr;Namn;Skapad", "Mitarbeiternummer;Name;Erstellt am"])
def test_where_persons_are_employed_when_they_joined_is_the_start_of_that(header: str, others: str) -> None:
    known = others.split(";")
    for headers in ([*known, header], [*known[:2], header, *known[2:]]):
        found = {one.header: one.field for one in propose("lista.csv", headers).columns}
        assert found[header] == "starts_on"
        assert [found[one] for one in known[2:]] == ["registered_on"] * len(known[2:])


@pytest.mark.parametrize("header", ["Inträde", "Beitritt am", "Medlem sedan", "Member since", "Liittynyt"])
def test_elsewhere_whoever_joined_is_known_of_since(header: str) -> None:
    assert propose("lista.csv", ["Medlemsnummer", "Namn", header]).fields[2] == "registered_on"


def test_what_is_called_just_the_start_of_an_employment_goes_before_when_somebody_joined() -> None:
    headers = ["Anstnr", "Namn", "Medlem sedan", "Anställningsdatum"]
    assert propose("lista.csv", headers).fields[2:] == ("left_out:other", "starts_on")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        # A question is what it asks for, and an answer to it is given in brackets.
        ("Har du några allergier?", "left_out:health"), ("Do you have a disability?", "left_out:health"),
        ("Är du medlem i facket?", "left_out:trade_union"), ("Har funktionsnedsättning (Ja/Nej)", "left_out:health"),
        ("What is your full name?", "name"), ("Vad heter du?", "name"),
        # Cut short by a full stop.
        ("Staatsang.", "left_out:citizenship"), ("Schwerbeh.", "left_out:health"), ("Befattn.", "role"),
        ("Anst.dat", "starts_on"), ("Avg.dat", "ends_on"), ("Eintrittsdat.", "starts_on"),
        # Whose it is, whatever word there is for what it is.
        ("Mobil privat", "left_out:private_phone"), ("Privat e-mail", "left_out:private_email"),
        ("Konto: Upsales-ID", "org_key"), ("Account Name.id", "org_key"),
        # Two parts of a name are the whole of it, in whatever language.
        ("Name, Vorname", "name"), ("Etternavn, fornavn", "name"), ("Sukunimi ja etunimi", "name"),
        ("First name / Last name", "name"), ("Förnamn", "given_name"),
        # What may not be kept is that of whomever, and beside whatever.
        ("Disability status", "left_out:health"), ("Behindertenausweis gültig ab", "left_out:health"),
        ("UnbefristeteAufenthaltserlaubnis", "left_out:citizenship"), ("Right to work", "left_out:citizenship"),
        ("Oppholdstillatelse til", "left_out:citizenship"), ("Kirche", "left_out:religion"),
        ("Tax ID (SSN)", "left_out:personnummer"),
        # Somebody who sells is not who is sold to.
        ("Salesperson", "left_out:other_person"), ("Coworker", "left_out:other"),
    ],
)  # fmt: skip
def test_a_question_a_word_cut_short_and_whose_it_is_are_understood(header: str, field: str) -> None:
    assert columns(header)[header].field == field


def test_a_number_is_no_organisations_because_one_of_it_has_its_check_digit() -> None:
    found = columns("Hem;Vad", *[f"{number};08-465 005 1{number}" for number in range(10)])["Vad"]
    assert (found.field, found.because) == ("phone", Because.VALUES)


def test_a_number_of_something_is_the_key_where_nothing_else_is_and_is_asked_about() -> None:
    rows = ("4711;Anna;Berg", "4712;Bo;Dahl", "4713;Eva;Ek")
    found = columns("Tåglagsnummer;Förnamn;Efternamn", *rows)["Tåglagsnummer"]
    assert (found.field, found.level) == ("source_key", Level.LIKELY)
    assert columns("Tåglagsnummer;Förnamn;Efternamn")["Tåglagsnummer"].field == "left_out:other"
    dated = columns("Besök;Namn", "2020-01-02;Anna Berg", "2020-01-03;Bo Dahl", "2020-01-04;Eva Ek")
    assert dated["Besök"].field != "source_key"


@pytest.mark.parametrize("header", ["Inskickad", "Received at"])
def test_when_something_came_in_is_since_when_a_person_is_known(header: str) -> None:
    rows = ("Anna Berg;a@kund.example;2020-01-02", "Bo Dahl;b@kund.example;2020-02-03")
    assert columns(f"Namn;E-post;{header}", *rows)[header].field == "registered_on"


def test_the_hours_of_a_form_are_no_employment() -> None:
    rows = [f"2020-01-0{n} 12:5{n}:45;2020-01-0{n} 13:1{n}:02;p{n}@kund.example" for n in range(1, 8)]
    found = columns("Start time;End date;E-post", *rows)
    assert found["Start time"].field != "starts_on" and found["End date"].field != "ends_on"
    midnight = [f"2020-01-0{n} 00:00:00;p{n}@kund.example" for n in range(1, 8)]
    assert columns("Start date;E-post", *midnight)["Start date"].field == "starts_on"
    # As a spreadsheet counts them.
    assert columns("Startdatum;E-post", "43831;a@b.example", "43900;c@b.example")["Startdatum"].field == "starts_on"


def test_names_are_told_apart_by_those_beside_them() -> None:
    german = columns("Personalnummer;Name;Vorname", "1;Müller;Anna", "2;Schmidt;Jan", "3;Weber;Eva")
    assert [one.field for one in german.values()] == ["source_key", "family_name", "given_name"]
    danish = columns("id;navn;efternavn", "1;Anna;Berg", "2;Jan;Dahl", "3;Eva;Ek")
    assert [one.field for one in danish.values()] == ["source_key", "given_name", "family_name"]
    shared = columns("Förnamn;Efternamn;Rum", "Anna;Berg;Bo Dahl", "Bo;Dahl;Eva Ek", "Eva;Ek;Anna Berg")
    assert shared["Rum"].field == "left_out:other_person"
    clubs = ["Anna;Berg;OK Linné", "Bo;Dahl;IFK Umeå", "Eva;Ek;Lunds OK"]
    assert columns("Förnamn;Efternamn;Namn", *clubs)["Namn"].field == "org_name"
    whole = columns("Förnamn;Efternamn;Namn", "Anna;Berg;Annie Berg", "Bo;Dahl;Dahl, Bo", "Eva;Ek;Eva Ek")
    assert whole["Namn"].field == "name"
    nobody = columns("Id;Name;Förnamn;Efternamn", *[f"{n};Anonymous;Anna;Berg" for n in range(5)])
    assert nobody["Name"].field.startswith("left_out:")


def test_a_special_category_is_found_within_a_few_words_too() -> None:
    told = columns("Titel;Namn", *[f"Utträde ur Svenska kyrkan;{name}" for name in ("Anna Berg", "Bo Dahl", "Eva Ek")])
    assert told["Titel"].field == "left_out:religion"


def test_a_name_that_its_values_contradict_is_not_believed() -> None:
    found = columns("E-post;Namn", "ja;101", "nej;102", "ja;103")
    assert [one.level for one in found.values()] == [Level.UNKNOWN, Level.UNKNOWN]
    assert found["E-post"].because is Because.CONTRADICTION
    assert all(one.field.startswith("left_out:") for one in found.values())


def test_the_likelier_of_two_columns_has_the_field_and_the_other_is_a_further_one() -> None:
    rows = ("1;;070-174 06 05", "2;;08-465 004 10", "3;08-465 004 11;070-174 06 06")
    found = columns("Nr;Telefon;Mobil", *rows)
    assert (found["Telefon"].field, found["Mobil"].field) == ("left_out:phone", "phone")
    assert found["Telefon"].because is Because.FURTHER
    # Whatever stands first.
    turned = columns("Nr;Mobil;Telefon", *rows)
    assert (turned["Telefon"].field, turned["Mobil"].field) == ("phone", "left_out:phone")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("ethnic_origin", ("White", "Black or African American", "White", "Asian")),
        ("trade_union", ("Unionen", "Kommunal", "Unionen")),
        ("religion", ("Svenska kyrkan", "Muslim", "Svenska kyrkan")),
        ("health", ("Glutenfri", "Nötallergi", "Laktosfri")),
        ("political_opinion", ("Moderaterna", "Socialdemokraterna", "Centerpartiet")),
        ("sexual_orientation", ("Heterosexual", "Gay", "Bisexual")),
        ("citizenship", ("US Citizen", "Eligible NonCitizen", "US Citizen")),
        ("criminal_record", ("Ostraffad", "Dömd", "Ostraffad")),
        ("personnummer", ("19811228-9874", "670919-9530", "811218-9876")),
    ],
)
def test_what_may_not_be_kept_is_found_whatever_it_is_called(kind: str, words: tuple[str, ...]) -> None:
    for header in ("Fält 7", "Department", "Övrigt", "Nr"):
        assert columns(header, *words)[header].field == f"left_out:{kind}"
    # A mapping that knows better, or nothing, does not hide it.
    made = Dataset(
        id="x", source="hr", record=RecordType.PERSON, category=Category.EMPLOYEE,
        headers={"source_key": ("Id",), "name": ("Namn",)}, left_out={"other": ("Grupp",)},
    )  # fmt: skip
    rows = [["1", "Anna Berg", word, word] for word in words]
    assert kinds_of(made, ["Id", "Namn", "Grupp", "Ny"], rows) == ("", "", kind, kind)


@pytest.mark.parametrize(
    "words", [("Svenska", "English"), ("White goods", "Black box"), ("Sales", "Transport"), ("A+", "B")]
)
def test_words_that_only_resemble_special_categories_are_none(words: tuple[str, ...]) -> None:
    kind = columns("Fält 7", *words)["Fält 7"].field.removeprefix("left_out:")
    assert kind not in SPECIAL_CATEGORY_FIELDS


def test_a_column_that_holds_the_name_is_told_where_a_mapping_reads_none() -> None:
    made = Dataset(
        id="x", source="hr", record=RecordType.PERSON, category=Category.EMPLOYEE,
        headers={"source_key": ("Id",), "given_name": ("Förnamn",), "family_name": ("Efternamn",), "email": ("Mejl",)},
        left_out={"other_person": ("Chef",), "other": ("Vem",)},
    )  # fmt: skip
    rows = [["1", "a@b.example", "Anna Berg"], ["2", "b@b.example", "Bo Dahl"], ["3", "c@b.example", "Eva Ek"]]
    assert unread_name(made, ["Id", "Mejl", "Namn"], []) == "Namn"
    assert unread_name(made, ["Id", "Mejl", "Ny kolumn"], rows) == "Ny kolumn"
    assert unread_name(made, ["Id", "Mejl", "Vem"], rows) == "Vem"
    # Somebody else's, as the mapping says; read already; no name at all.
    assert unread_name(made, ["Id", "Mejl", "Chef"], rows) is None
    assert unread_name(made, ["Id", "Förnamn", "Efternamn", "Namn"], []) is None
    assert unread_name(made, ["Id", "Mejl", "Ort"], [["1", "a@b.example", "Lund"]] * 3) is None
    assert unread_name(made, ["Id", "Förnamn", "Tredje"], [["1", "Anna", "Berg"], ["2", "Bo", "Dahl"]]) is None
    assert unread_name(made, ["Id", "Förnamn", "Surname"], []) == "Surname"


def test_a_mapping_is_doubted_where_its_values_speak_against_it() -> None:
    found = judged(
        CATALOGUE.find("crm_prospects"),
        ["Prospekt-ID", "Namn", "E-post", "Ny"],
        [["P1", "Anna Berg", "070-174 06 05", ""], ["P2", "Bo Dahl", "070-174 06 06", ""]],
    )
    assert [one.because for one in found] == [
        Because.MAPPING, Because.MAPPING, Because.CONTRADICTION, Because.NOTHING
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "record"),
    [
        ("Avtalsnummer;Kund-ID;Startdatum;Slutdatum", RecordType.CONTRACT),
        ("Ärendenummer;Inkom;Jag är;Begäran;E-post", RecordType.ERASURE_REQUEST),
        ("visitor id;cookie;first seen;company", RecordType.WEB_LEAD),
        ("Contact ID;First name;Last name;Email", RecordType.PERSON),
        ("Account ID;Account Name;Type;Industry;Billing City", RecordType.ORGANISATION),
        ("Verifikationsnummer;Gäller anställningsnummer;Räkenskapsår", RecordType.VOUCHER),
        ("Miljö-ID;Kund-ID;PUB-avtal;Automatisk rensning", RecordType.ENVIRONMENT),
        ("Environment ID;Account ID;Data processing agreement;Last restore test", RecordType.ENVIRONMENT),
        ("Grant ID;Environment;Granted to;Management account;Approved by;Expires", RecordType.ACCESS_GRANT),
    ],
)
def test_the_kind_of_rows_is_proposed_too(headers: str, record: RecordType) -> None:
    assert propose("export.csv", headers.split(";")).record is record


def test_a_column_is_called_by_what_it_is_in_such_records() -> None:
    headers = "Environment ID;Account ID;Contract ID;Data processing agreement;Last cleaned"
    found = propose("export.csv", headers.split(";"), [["M1", "K1", "A1", "P1", "2026-11-01"]])
    assert found.fields == ("source_key", "org_key", "contract_key", "agreement", "cleaned_on")
    headers = "Behörighets-ID;Miljö;Innehavare;Ärende;Giltig från;Giltig till"
    found = propose("export.csv", headers.split(";"), [["B1", "M1", "7", "S1", "2026-11-01", "2026-12-01"]])
    assert found.fields == ("source_key", "environment_key", "holder", "ticket", "granted_on", "valid_until")


def test_words_for_category_and_status_are_understood_in_the_sample() -> None:
    headers = ["Id", "Name", "Type", "Status"]
    found = propose(
        "x.csv", headers, [["1", "Anna Berg", "Customer", "Active"], ["2", "Bo Dahl", "Lead", "Terminated"]]
    )
    assert found.fields == ("source_key", "name", "category", "status")
    assert found.category_values == {"Customer": Category.CUSTOMER_CONTACT, "Lead": Category.PROSPECT}
    assert found.status_values == {"Active": StatedStatus.OPEN, "Terminated": StatedStatus.ENDED}
    assert found.category is None and not found.key_is_email


def test_without_a_key_the_address_is_proposed_as_one() -> None:
    found = propose("x.csv", ["First name", "Last name", "Email"], [["Anna", "Berg", "anna@kund.example"]])
    assert found.key_is_email and found.fields == ("given_name", "family_name", "email")


def test_every_field_that_the_synonyms_name_is_known() -> None:
    folder = Path(__file__).parents[2] / "compliance" / "sources"
    content = tomllib.loads((folder / "synonyms.toml").read_text(encoding="utf-8"))
    assert set(content["field"]) <= {*STORED_FIELDS, *LEFT_OUT_FIELDS, *(f"further_{one}" for one in FURTHER_FIELDS)}
    assert set(content["special"]) == set(SPECIAL_CATEGORY_FIELDS) - {"biometrics"}
    assert {PERSONNUMMER_FIELD, *SPECIAL_CATEGORY_FIELDS} <= set(content["field"])
    assert set(content["category"]) <= {*Category}
    for table in ("field", "special", "category"):
        words = [(field, word) for field, names in content[table].items() for word in names]
        assert len(words) == len({word for _, word in words}), sorted(
            one for one in words if [word for _, word in words].count(one[1]) > 1
        )


# Whose header rows are an HR system's, of those that were taken for a CRM's when only a salary or two dates told it.
OF_HR = (
    "sap_hr_de", "ansatte_no", "hr_portal_en", "motorph_employees", "desk_employees", "hospital_staff", "di_control_da",
    "employee_report_en", "os2mo_da", "loendata_da", "attendance_en", "broker_employees_en", "line_manager_en",
    "workday_custom_report", "mepco_fi", "hibob_en", "crona_sv", "lohn_zeitraum_de", "medarbetare_kompetens_sv",
    "hogia_lon_plus", "visma_lonn_no", "hr_dataset_v14", "workday_workers", "oracle_hr",
)  # fmt: skip
OF_CRM = (
    "hubspot_all_contacts", "salesforce_titles", "dynamics_sv", "pipedrive_people", "outlook_live", "google_contacts",
    "mailchimp_audience", "linkedin_connections", "kunden_de", "asiakkaat_fi", "surveymonkey", "candidates_jobs",
    "schueler_webuntis_de", "vereinsmitglieder_de", "rechnungen_de", "meta_lead_form",
)  # fmt: skip
OF_SUPPLIERS = ("leverantorskontakter_sv", "vendors_terms_en", "northwind_suppliers", "fribok_suppliers")


def test_the_system_that_a_file_is_from_is_told_by_its_columns() -> None:
    by_name = {case.name: case for case in CASES}
    for source, names, category in (
        ("hr", OF_HR, Category.EMPLOYEE),
        ("crm", OF_CRM, None),
        ("suppliers", OF_SUPPLIERS, Category.SUPPLIER_REP),
    ):
        for name in names:
            case = by_name[name]
            # What the file is called tells nothing here.
            found = propose("export.csv", case.headers, case.rows)
            assert found.system.source == source, name
            assert found.category == (None if "category" in found.fields else category), name
            assert set(found.system.because) <= set(case.headers) and (found.system.because or source == "crm"), name


def test_the_name_of_a_file_tells_its_system_where_its_columns_do_not() -> None:
    told = {
        name: (found.system.source, found.category)
        for name in ("x.csv", "anställda_2026.csv", "konsulter.csv", "Lieferanten.csv", "leads.csv")
        for found in [propose(name, ["Namn", "E-post"], [["Eva Ek", "eva@bolaget.example"]])]
    }
    assert told == {
        "x.csv": ("crm", None),
        "anställda_2026.csv": ("hr", Category.EMPLOYEE),
        "konsulter.csv": ("hr", Category.CONTRACTOR),
        "Lieferanten.csv": ("suppliers", Category.SUPPLIER_REP),
        "leads.csv": ("crm", None),
    }


@pytest.mark.parametrize(
    "header",
    ["Får ej kontaktas", "Kein Newsletter", "Newsletter-Sperre", "Reservert mot markedsføring", "Avböjt nyhetsbrev",
     "Uutiskirje peruttu", "Nyhetsbrev avregistrerad", "Inget nyhetsbrev", "Ikke nyhetsbrev", "Newsletter declined",
     "Reklamebeskyttelse", "Do Not Market", "No newsletter", "Ei uutiskirjettä", "Utan nyhetsbrev",
     "Newsletter widerrufen", "Nyhetsbrev återkallat", "Withdrawn marketing consent", "Newsletter denied"],
)  # fmt: skip
def test_what_says_that_no_mailings_are_wanted_is_no_consent(header: str) -> None:
    assert columns(f"Id;{header}", "1;Ja", "2;Nej", "3;Nej")[header].field == "opted_out_on"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Email Marketing Consent", ("SUBSCRIBED", "NEVER_SUBSCRIBED", "UNSUBSCRIBED")),
        ("Subscription status", ("Subscribed", "Reported as spam", "Subscribed")),
        ("Email Permission Status", ("Express", "Implied", "Unsubscribed")),
        ("Utskick tillåtet", ("Ja", "Nej", "Ja")), ("Marketing-Mails erhalten", ("Ja", "Nein", "Ja")),
        ("Newsletter", ("Ja", "Nein", "Ja")),
        # Both answers, a choice, and what says twice that they are not.
        ("Nyhetsbrev ja/nej", ("Ja", "Nej", "Ja")), ("Newsletter Ja/Nein", ("Ja", "Nein", "Ja")),
        ("Samtycke marknadsföring ja/nej", ("Ja", "Nej", "Ja")), ("Newsletter yes/no", ("Yes", "No", "Yes")),
        ("Vill ha nyhetsbrev eller inte", ("Ja", "Nej", "Ja")), ("Marketing consent (or not)", ("Yes", "No", "Yes")),
        ("Newsletter (not mandatory)", ("Yes", "No", "Yes")),
        ("Newsletter nicht abbestellt", ("Ja", "Nein", "Ja")), ("Nyhetsbrev ej avregistrerad", ("Ja", "Nej", "Ja")),
    ],
)  # fmt: skip
def test_what_says_whether_they_are_is_one(header: str, values: tuple[str, ...]) -> None:
    assert (
        columns(f"Id;{header}", *(f"{place};{value}" for place, value in enumerate(values)))[header].field
        == "mail_consent"
    )


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("KiSt-Merkmal", ("ev", "rk"), "religion"), ("Medlem af folkekirken", ("Ja", "Nej"), "religion"),
        ("GdB", ("50", "30"), "health"), ("Vaccinerad", ("Ja", "Nej"), "health"), ("Disabled?", ("Y", "N"), "health"),
        ("Arbetsskada", ("Ja", ""), "health"), ("Requires wheelchair access", ("Yes", "No"), "health"),
        ("Facklig org.", ("Unionen", "SI"), "trade_union"), ("Förbund", ("Kommunal", "Unionen"), "trade_union"),
        ("Bargaining Unit", ("Local 12", ""), "trade_union"), ("Indigenous Status", ("Y", "N"), "ethnic_origin"),
        ("Hautfarbe", ("hell", "dunkel"), "ethnic_origin"),
        ("DBS Certificate Number", ("001234", ""), "criminal_record"),
        ("Rikosrekisteriote", ("Tarkastettu", ""), "criminal_record"),
        ("Custom 3", ("Gay", "Bisexual", "Straight"), "sexual_orientation"),
        ("Kosthållning", ("Gluteeniton", "Laktoositon"), "health"),
    ],
)  # fmt: skip
def test_a_special_category_is_one_in_the_words_of_other_systems(
    header: str, values: tuple[str, ...], kind: str
) -> None:
    assert (
        columns(f"Id;{header}", *(f"{n};{value}" for n, value in enumerate(values)))[header].field == f"left_out:{kind}"
    )


@pytest.mark.parametrize("header", ["Eintrittsdatum", "Eintritt am", "Date joined", "Joined on"])
@pytest.mark.parametrize("key", ["Mitgliedsnummer", "Membership No", "Medlemsnummer", "Jäsennumero"])
def test_when_a_member_joined_they_became_known_of(header: str, key: str) -> None:
    assert propose("lista.csv", [key, "Name", header]).fields[2] == "registered_on"
    # Where another column says that, it does.
    assert propose("lista.csv", [key, "Name", header, "Skapad"]).fields[3] == "registered_on"
    assert propose("lista.csv", ["Personalnummer", "Name", header]).fields[2] == "starts_on"
