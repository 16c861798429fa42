"""From staged rows to a build: what is loaded, what stays out and why, who is the same person, what carries over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compliance.build import dates, reader
from compliance.build.builder import Builder, ExportMeta, Loaded, Report, shape
from compliance.demo.generate import HEADERS
from compliance.sources.catalogue import Catalogue, load_catalogue
from tests.world import CONFIG, TAKEN_IN

CONTACT_HEADERS = (
    "Kontakt-ID;Förnamn;Efternamn;E-post;Telefon;Befattning;Kund-ID;Kundnamn;Typ;Utsedd;Slutat hos kund;"
    "Raderad;Personnummer;Matpreferens;Hobby"
)


class Intake:
    """Takes texts in as exports of the demo company and keeps the finished build."""

    def __init__(self, folder: Path, memory: str | None = None, spilled: str = "8GB") -> None:
        self.folder, self.memory, self.spilled = folder, memory, spilled
        self.catalogue: Catalogue = load_catalogue(CONFIG / "sources.toml")
        self.previous: Path | None = None
        self.count = 0
        self.accepted: set[tuple[str, int, int]] = set()

    def take_in(self, **exports: str) -> tuple[Report, Mapping[str, Loaded]]:
        """Dataset id -> CSV text. Returns the build's report and what became of each export."""
        self.count += 1
        path = self.folder / f"{self.count}.duckdb"
        loaded: dict[str, Loaded] = {}
        with Builder(
            path, self.previous, self.folder, number=self.count, accepted=self.accepted, memory=self.memory
        ) as builder:
            builder.con.execute(f"set max_temp_directory_size = '{self.spilled}'")
            for name, text in exports.items():
                file = self.folder / f"{name}.csv"
                file.write_text(text, encoding="utf-8")
                inspection = reader.inspect(file, f"{name}.csv")
                headers = inspection.sheets[0].headers
                dataset = self.catalogue.find(name)
                staged = reader.stage(builder.con, inspection, 0, dataset.fields_for(headers), self.folder)
                formats, questions = dates.answered(dates.decide(builder.con), {})
                assert not questions
                meta = ExportMeta(inspection.digest, name, TAKEN_IN, "taken_in", TAKEN_IN)
                dates.read(builder.con, formats)
                shape(builder.con)
                loaded[name] = builder.load(dataset, meta, staged, headers)
                assert loaded[name].rows_in == loaded[name].loaded + sum(loaded[name].quarantined.values())
            self.kept = builder.con.execute("from quarantine_row order by dataset, row_no").fetchall()
            self.form = list(builder.form_rows())
            report = builder.finish()
        self.previous = path
        return report, loaded

    def forget_moves(self) -> None:
        """Makes the newest build one of a version that compared nothing, and wrote every entry and person."""
        with duckdb.connect(str(self.previous)) as con:
            for name in ("person", "basis"):
                con.execute(f"create table stood as from {name}")
                con.execute(f"drop view {name}")
                con.execute(f"alter table stood rename to {name}")
            for column in ("moved_build", "moved_field", "moved_to", "told", "own_basis_id", "own_person_id"):
                con.execute(f"alter table record drop column {column}")

    def change(self, statement: str) -> None:
        """Changes the newest build, into one of another version or one that is damaged."""
        with duckdb.connect(str(self.previous)) as con:
            con.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the newest build."""
        with duckdb.connect(str(self.previous), read_only=True) as con:
            return con.execute(query).fetchall()


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


def contacts(*rows: str) -> str:
    return "\n".join((CONTACT_HEADERS, *rows)) + "\n"


def test_every_row_is_loaded_or_stays_out_with_its_reason(intake: Intake) -> None:
    _, loaded = intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;anna@kund.example;;Systemägare;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            ";Bo;Dahl;bo@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C3;;;;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C1;Annika;Berg;annika@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C5;Cia;Ek;cia@kund.example;;;K1;Kund;Användare i kundmiljö;2019-01-01;;;;;",
            "C6;för;få",
        )
    )
    assert loaded["crm_contacts"].quarantined == {
        "duplicate_key": 1,
        "env_user": 1,
        "no_identity": 1,
        "no_key": 1,
        "wrong_columns": 1,
    }
    assert intake.rows("select source_key, name from record") == [("C1", "Anna Berg")]


# What stands for a name in rows of groups, totals and means.
FIGURES = (
    "1", "1 st", "(12 st.)", "34,5", "2 kpl", "2 stk.", "2 Stück", "3 personer", "2 rows", "1 234 kr", "12 %",
    "7,5 tim", "-", "***", "—",
)  # fmt: skip


@pytest.mark.parametrize("beside", [";", "-;-", "2 st;", ";2 st"])
def test_a_figure_or_a_sign_is_no_name(intake: Intake, beside: str) -> None:
    row = "{};{};{};{};;K1;Kund;Kontaktperson;2019-01-01;;;;;".format
    out, kept = [], []
    for place, name in enumerate(FIGURES):
        out += [row(f"Stockholm {place}", name, "", beside), row(f"Lund {place}", "", name, beside)]
        # With an address or a number it is somebody's.
        kept += [row(f"C{place}", name, "", f"cia{place}@kund.example;")]
        kept += [row(f"D{place}", name, "", f";070-174{place + 1000}")]
    kept += [
        row(f"E{place}", name, "", beside) for place, name in enumerate(("Li 2", "李明", "2 st Ek", "Åsa", "St 2"))
    ]
    _, loaded = intake.take_in(crm_contacts=contacts(*out, *kept))
    assert loaded["crm_contacts"].quarantined == {"no_identity": 2 * len(FIGURES)}
    found = {key for (key,) in intake.rows("select source_key from record")}
    assert found == {line.split(";")[0] for line in kept}


@pytest.mark.parametrize("sign", ["\ufeff", "\u200b", "\u00ad", "\u202a", "\u2066", "'"])
def test_a_key_with_a_sign_that_nobody_sees_is_the_same_persons(intake: Intake, sign: str) -> None:
    row = "{}C1;Anna;{};{};;;{}K1;Kund;Kontaktperson;2019-01-01;;;;;".format
    intake.take_in(crm_contacts=contacts(row(sign, "Berg", "anna@kund.example", sign)))
    first = intake.rows("select record_id, source_key, org_id from record")
    report, _ = intake.take_in(crm_contacts=contacts(row("", "Lund", "anna@ny.example", "")))
    assert intake.rows("select record_id, source_key, org_id from record") == first
    assert first == [("crm_contacts:C1", "C1", "crm:K1")]
    assert (report.new_bases, report.gone_bases) == (0, 0)


def test_users_of_customers_leave_no_trace_in_the_quarantine(intake: Intake) -> None:
    intake.take_in(crm_contacts=contacts("C5;Cia;Ek;cia@kund.example;;;K1;Kund;Användare i kundmiljö;2019-01-01;;;;;"))
    assert intake.kept == [("crm_contacts", 1, "env_user", None)]


def test_columns_that_may_not_be_kept_are_counted_and_dropped(intake: Intake) -> None:
    intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;anna@kund.example;;Ägare;K1;Kund;Kontaktperson;2019-01-01;;;"
            "19811218-9876;vegan;811218-9876 ridning",
            "C2;Bo;Dahl;bo@kund.example;;Ägare;K1;Kund;Nyhetsbrev;2019-01-01;;;;;",
        )
    )
    found = intake.rows("select category, column_name, field, filled, rows from left_out order by all")
    assert ("CUSTOMER_CONTACT", "Personnummer", "personnummer", 1, 1) in found
    assert ("CUSTOMER_CONTACT", "Matpreferens", "health", 1, 1) in found
    assert ("CUSTOMER_CONTACT", "Hobby", "other", 1, 1) in found
    # A number where none is expected is found by its check digit.
    assert ("CUSTOMER_CONTACT", "Hobby", "personnummer", 1, 1) in found
    assert intake.previous is not None and b"ridning" not in intake.previous.read_bytes()


@pytest.mark.parametrize("left_out", [True, False])
@pytest.mark.parametrize(
    ("family_name", "role", "kept", "column"),
    [
        ("Berg", "811218-9876", ("Anna Berg", None), "Befattning"),
        ("Berg", "Vd 811218-9876", ("Anna Berg", None), "Befattning"),
        ("Berg 811218-9876", "Vd", (None, "Vd"), "Efternamn"),
        ("Berg198112189876", "Vd", (None, "Vd"), "Efternamn"),
    ],
)
def test_a_personnummer_in_a_kept_field_is_not_kept(
    intake: Intake, left_out: bool, family_name: str, role: str, kept: tuple[str | None, str | None], column: str
) -> None:
    table = contacts(f"C1;Anna;{family_name};anna@kund.example;;{role};K1;Kund;Kontaktperson;2019-01-01;;;;;")
    if not left_out:
        table = "\n".join(";".join(line.split(";")[:12]) for line in table.splitlines())
    intake.take_in(crm_contacts=table)
    assert intake.rows("select name, role from record") == [kept]
    found = intake.rows("select column_name, field, filled from left_out where field = 'personnummer' and filled > 0")
    assert found == [(column, "personnummer", 1)]


@pytest.mark.parametrize(
    ("left", "code"),
    [
        ("1970-01-01", "sentinel_date"),
        ("9999-12-31", "sentinel_date"),
        ("42698", "unreadable_date"),
        ("2019-02-30", "unreadable_date"),
    ],
)
def test_an_impossible_date_keeps_its_reason(intake: Intake, left: str, code: str) -> None:
    filler = "C2;Bo;Dahl;bo@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;2020-12-24;;;;"
    intake.take_in(
        crm_contacts=contacts(f"C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;{left};;;;", filler)
    )
    assert intake.rows("select fault_code, fault_field, fault_value from record where source_key = 'C1'") == [
        (code, "left_org_on", left)
    ]


def test_a_day_of_being_designated_that_cannot_be_read_is_no_silence(intake: Intake) -> None:
    filler = "C2;Bo;Dahl;bo@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;2020-12-24;;;;"
    intake.take_in(
        crm_contacts=contacts("C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-02-30;;;;;", filler)
    )
    assert intake.rows("select fault_code, fault_field, fault_value from record where source_key = 'C1'") == [
        ("unreadable_date", "designated_on", "2019-02-30")
    ]


def test_a_row_that_says_erased_but_still_names_somebody_is_doubtful(intake: Intake) -> None:
    intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;2024-05-01;;;",
            "C2;;;;;;K1;Kund;Kontaktperson;2019-01-01;;2024-05-01;;;",
        )
    )
    found = intake.rows("select source_key, fault_code, erased_on from basis order by source_key")
    assert found == [("C1", "erased_but_present", None), ("C2", None, dt.date(2024, 5, 1))]
    assert intake.rows("select count(*) from person") == [(1,)]


@pytest.mark.parametrize("word", ["", "-", "saknas", "0000-00-00"])
def test_a_word_for_no_day_says_of_nobody_that_they_were_erased(intake: Intake, word: str) -> None:
    _, loaded = intake.take_in(crm_contacts=contacts(f"C2;;;;;;K1;Kund;Kontaktperson;2019-01-01;;{word};;;"))
    assert loaded["crm_contacts"].quarantined == {"no_identity": 1}


HR_HEADERS = "Anställningsnummer;Förnamn;Efternamn;E-post;Mobil;Befattning;Anställd från;Sista anställningsdag;Status"


@pytest.mark.parametrize(
    ("cells", "email", "phone"),
    [
        ("Anna <anna@kund.example>;Berg;;", "anna@kund.example", None),
        ("Anna;Berg;;anna@kund.example", "anna@kund.example", None),
        ("Anna 070-123 45 67;Berg;;", None, "+46701234567"),
        ("Anna;Berg;070-1234567;", None, "+46701234567"),
    ],
)
def test_an_address_or_a_number_in_anothers_column_tells_whose_a_row_is(
    intake: Intake, cells: str, email: str | None, phone: str | None
) -> None:
    intake.take_in(crm_contacts=contacts(f"C1;{cells};Ägare;K1;Kund;Kontaktperson;2019-01-01;;;;;"))
    assert intake.rows("select email_key, phone_key from record") == [(email, phone)]


@pytest.mark.parametrize(
    ("name", "email", "phone"),
    [("anna@kund.example", "anna@kund.example", None), ("Anna Berg 070-1234567", None, "+46701234567")],
)
def test_so_it_does_where_a_name_is_in_one_column(
    intake: Intake, name: str, email: str | None, phone: str | None
) -> None:
    row = {"Prospekt-ID": "P1", "Namn": name, "Registrerad": "2024-05-01"}
    headers = HEADERS["crm_prospects"]
    intake.take_in(crm_prospects=f"{';'.join(headers)}\n{';'.join(row.get(one, '') for one in headers)}\n")
    assert intake.rows("select email_key, phone_key from record") == [(email, phone)]


def test_spellings_of_one_address_are_one_person(intake: Intake) -> None:
    report, _ = intake.take_in(
        crm_contacts=contacts("C1;Anna;Berg;Anna.Berg+crm@Kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;"),
        hr_employees=f"{HR_HEADERS}\n7;Anna;Berg;anna.berg@kund.example;;Utvecklare;2012-01-01;2018-01-01;Avslutad\n",
    )
    assert (report.persons, report.bases) == (1, 2)
    assert intake.rows("select sources, bases from person") == [(2, 2)]


@pytest.mark.parametrize(
    ("given_name", "family_name", "key"),
    [
        ("Åsa", "Berg", "asa berg"),
        # Of more than two words, with a title, and such as is read word by word.
        ("Åsa Maria", "Berg", "asa berg maria"),
        ("Dr Åsa", "Berg", "asa berg"),
        ("Åsa", "Berg (vd)", "asa berg"),
        ("", "???", None),
    ],
)
def test_a_name_is_kept_as_its_key_however_it_is_written(
    intake: Intake, given_name: str, family_name: str, key: str | None
) -> None:
    intake.take_in(
        crm_contacts=contacts(f"C1;{given_name};{family_name};;070-1740605;;K1;Kund;Kontaktperson;2019-01-01;;;;;")
    )
    assert intake.rows("select name_key from record") == [(key,)]


def test_one_number_and_one_name_are_one_person_and_a_number_alone_is_not(intake: Intake) -> None:
    report, _ = intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;;070-174 06 05;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C2;Bo;Dahl;;0701740605;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
        ),
        hr_employees=f"{HR_HEADERS}\n7;Anna;Berg;;+46 (0)70-174 06 05;Utvecklare;2012-01-01;;Anställd\n",
    )
    assert (report.persons, report.bases) == (2, 3)


@pytest.mark.parametrize("phone", ["070-000 00 00", "+46700000000", "1111111111"])
def test_what_is_typed_where_a_number_must_be_makes_nobody_one(intake: Intake, phone: str) -> None:
    rows = [f"C{number};Anna;Berg;;{phone};;K1;Kund;Kontaktperson;2019-01-01;;;;;" for number in (1, 2)]
    report, _ = intake.take_in(crm_contacts=contacts(*rows))
    assert report.persons == 2
    assert intake.rows("select distinct phone, phone_key from record") == [(phone, None)]
    # It is told as a cell that says nothing.
    assert intake.rows("select field, rows from unread_cell") == [("phone", 2)]


def test_what_is_read_of_cells_with_several_addresses_stays_when_another_export_comes(intake: Intake) -> None:
    intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;anna@kund.example, berg@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C2;Bo;Dahl;finns ej;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
        )
    )
    kept = "select record_id, key from further_identifier"
    unread = "select dataset, field, rows from unread_cell"
    before = intake.rows(kept), intake.rows(unread)
    assert before == ([("crm_contacts:C1", "berg@kund.example")], [("crm_contacts", "email", 1)])
    report, _ = intake.take_in(
        hr_employees=f"{HR_HEADERS}\n7;Anna;Berg;berg@kund.example;;Utvecklare;2012-01-01;;Anställd\n"
    )
    assert (intake.rows(kept), intake.rows(unread)) == before
    assert report.persons == 2


def test_a_mailbox_that_many_read_makes_nobody_one(intake: Intake) -> None:
    report, _ = intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;info@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C2;Bo;Dahl;info@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
        )
    )
    assert report.persons == 2


def test_an_address_in_other_letters_is_the_same_in_ascii(intake: Intake) -> None:
    report, _ = intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;anna@räksmörgås.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C2;Anna;Berg;anna@xn--rksmrgs-5wao1o.example;;;K2;Kund;Kontaktperson;2019-01-01;;;;;",
        )
    )
    assert report.persons == 1


def test_what_was_not_delivered_again_carries_over(intake: Intake) -> None:
    one = "C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;"
    two = "C2;Bo;Dahl;bo@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;"
    intake.take_in(crm_contacts=contacts(one, two))
    report, _ = intake.take_in(
        hr_employees=f"{HR_HEADERS}\n7;Cia;Ek;cia@antura.example;;Utvecklare;2012-01-01;;Anställd\n"
    )
    assert (report.persons, report.new_persons, report.gone_persons) == (3, 1, 0)
    report, _ = intake.take_in(crm_contacts=contacts(one))
    assert (report.persons, report.new_persons, report.gone_persons) == (2, 0, 1)
    assert sorted(intake.rows("select dataset from export")) == [("crm_contacts",), ("hr_employees",)]


def test_ids_stay_the_same_from_build_to_build(intake: Intake) -> None:
    rows = contacts("C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;")
    intake.take_in(crm_contacts=rows)
    before = intake.rows("select person_id, basis_id from basis")
    intake.take_in(crm_contacts=rows)
    assert intake.rows("select person_id, basis_id from basis") == before


def test_two_rows_of_one_relationship_are_one_basis_on_both(intake: Intake) -> None:
    intake.take_in(
        crm_contacts=contacts(
            "C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;",
            "C2;Anna;Berg;ANNA@kund.example;;;K1;Kund;Kontaktperson;2019-03-01;;;;;",
        )
    )
    ((basis, records),) = intake.rows("select basis_id, records from basis")
    assert records == 2
    assert intake.rows("select basis_id, source_key from basis_record order by source_key") == [
        (basis, "C1"),
        (basis, "C2"),
    ]


def test_the_erasure_form_goes_to_the_register_and_finds_its_person(intake: Intake) -> None:
    intake.take_in(
        crm_contacts=contacts("C1;Anna;Berg;anna@kund.example;;;K1;Kund;Kontaktperson;2019-01-01;;;;;"),
        erasure_form=(
            "Ärendenummer;Inkom;Jag är;Ärendetyp;Namn;E-post;Telefon;Meddelande\n"
            "R1;2026-01-15T23:30:00Z;Kontaktperson;Radering;Anna Berg;Anna@kund.example;;radera mig\n"
            "R2;;Kontaktperson;Radering;Bo;bo@kund.example;;\n"
        ),
    )
    (form,) = intake.form
    assert form["reference"] == "R1"
    assert form["received_at"] == dt.datetime(2026, 1, 15, 23, 30, tzinfo=dt.UTC)
    assert intake.rows("select reference from request_person join person using (person_id)") == [("R1",)]
    assert ("erasure_form", 2, "no_received") in {row[:3] for row in intake.kept}
