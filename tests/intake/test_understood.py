"""What a file's columns are taken for decides what is loaded: a name is never left out, nor is an opt-out lost."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from compliance import access, builds, runs
from compliance.builds import vault
from compliance.intake import commands as command_line
from compliance.intake import explain, rows, run, service
from compliance.intake.orders import FileOrder, Order, Result
from compliance.intake.service import Preview, Upload
from compliance.ledger import tables as ledger_tables
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.review import rows as review_rows
from compliance.sources.catalogue import Dataset
from compliance.sources.recognise import Because, propose
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import catalogue
from compliance.words.vocabulary import LANGUAGES, Category, RecordType, Role
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
CONTACTS = "Record ID,First Name,Last Name,Email,Contact owner,Unsubscribed from all email date\n"


def take_in(settings: Settings, folder: Path, name: str, text: str, **more: Any) -> Result:
    """One file, as the command line would take it in."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    made, made_from = service.exported_at(name, NOW, "file_time", NOW)
    order = Order(
        files=(FileOrder(path=folder / name, name=name, exported_at=made, exported_at_from=made_from, **more),)
    )
    register = engine(settings)
    return run.execute(settings, register, runs.queue(register, None, NOW), order, lambda: NOW)


def asked(settings: Settings, question: str) -> list[tuple[Any, ...]]:
    """What the current build answers."""
    with engine(settings).connect() as connection:
        build = builds.current(settings, connection)
    assert build is not None
    with duckdb.connect() as con:
        vault.attach(con, build.path, "build", key=build.key, read_only=True)
        return con.execute(question).fetchall()


def refusal(result: Result) -> tuple[str, Any]:
    """Why the file was refused, and what it names."""
    (file,) = result.files
    assert file.refused is not None
    return file.refused.code, file.refused.values.get("column")


def test_a_file_whose_names_a_mapping_does_not_read_is_refused_with_the_column_named(
    settings: Settings, tmp_path: Path
) -> None:
    rows = "1,anna@kund.example,2015-01-02,Anna Berg\n2,bo@kund.example,2016-01-02,Bo Dahl\n"
    told = "ID,Email,Hire date,Vem\n"
    assert refusal(take_in(settings, tmp_path / "in", "x.csv", told + rows)) == ("name_unread", "Vem")
    assert refusal(take_in(settings, tmp_path / "in", "x.csv", told.replace("Vem", "Anställd namn") + rows)) == (
        "name_unread",
        "Anställd namn",
    )


def test_the_name_of_case_03_is_read(settings: Settings, tmp_path: Path) -> None:
    text = (
        "Anställnings-ID\tNamn\tE-post\tAnställningsdatum\tSlutdatum\n"
        "1\tÅke Ö\take@antura.example\t2001-02-03\t2014-05-06\n"
    )
    assert take_in(settings, tmp_path / "in", "utdrag_2026-11-20.csv", text).all_taken
    assert asked(settings, "select name, starts_on, ends_on from build.record") == [
        ("Åke Ö", dt.date(2001, 2, 3), dt.date(2014, 5, 6))
    ]


def test_a_category_is_asked_for_where_nothing_tells_it_and_by_the_command_line_too(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CONTACTS + "101,Eva,Ek,eva@bolaget.example,Kim Ek,\n"
    assert refusal(take_in(settings, tmp_path / "in", "all-contacts.csv", text))[0] == "category_needed"
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    path = str(tmp_path / "in" / "all-contacts.csv")
    assert command_line.main([path]) == 1
    assert "--category" in capsys.readouterr().err
    assert command_line.main([path, "--category", "PROSPECT"]) == 0
    assert asked(settings, "select name, category from build.record") == [("Eva Ek", "PROSPECT")]
    with pytest.raises(SystemExit):
        command_line.main([path, "--category", "FRIEND"])


def test_an_answer_changes_no_category_that_the_file_tells(settings: Settings, tmp_path: Path) -> None:
    text = "Prospekt-ID;Namn;E-post;Registrerad\n1;Anna Berg;anna@kund.example;2020-01-02\n"
    taken = take_in(settings, tmp_path / "in", "crm_prospekt.csv", text, category=Category.EMPLOYEE)
    assert taken.all_taken
    assert asked(settings, "select category from build.record") == [("PROSPECT",)]


OPT_OUTS: dict[str, dt.date | None] = {
    "2019-03-04": dt.date(2019, 3, 4),
    "yes": dt.date(1, 1, 1),
    "Ja": dt.date(1, 1, 1),
    "1": dt.date(1, 1, 1),
    "någon gång i våras": dt.date(1, 1, 1),
    "": None,
    "No": None,
    "nej": None,
    "0": None,
    "FALSE": None,
    "0000-00-00": None,
    "1900-01-01": None,
}


def test_an_opt_out_is_kept_whether_its_day_is_known_or_not(settings: Settings, tmp_path: Path) -> None:
    told_rows = [f"{n},Eva,Ek{n},e{n}@bolaget.example,Kim Ek,{said}\n" for n, said in enumerate(OPT_OUTS)]
    assert take_in(
        settings, tmp_path / "in", "all.csv", CONTACTS + "".join(told_rows), category=Category.PROSPECT
    ).all_taken
    told = asked(settings, "select opted_out_on from build.basis order by cast(source_key as integer)")
    assert dict(zip(OPT_OUTS, [row[0] for row in told], strict=True)) == OPT_OUTS


# A header of each language and product, a no and a yes as they write it there.
CONSENTS = [
    ("Vill ha utskick", "Nej", "Ja"),
    ("Newsletter", "no", "yes"),
    ("Samtycke", "nej", "ja"),
    ("Marketing consent", "false", "true"),
    ("Samtycke till utskick", "Nej tack", "Ja tack"),
    ("Opt-in", "0", "1"),
    ("Accepts Email Marketing", "no", "yes"),
    ("Email Marketing Status", "Unsubscribed", "Subscribed"),
    ("Email subscription status", "Opted out", "Opted in"),
    ("Bulk Email", "Do Not Allow", "Allow"),
    ("Massutskick", "Till\u00e5t inte", "Till\u00e5t"),
    ("Einwilligung Newsletter", "Nein", "Ja"),
    ("Werbeeinwilligung", "Widerrufen", "Erteilt"),
    ("Samtykke til markedsf\u00f8ring", "Nei", "Ja"),
    ("\u00d8nsker nyhedsbrev", "Nej", "Ja"),
    ("Markkinointilupa", "Ei", "Kyll\u00e4"),
]


@pytest.mark.parametrize(("header", "no", "yes"), CONSENTS)
def test_whether_mailings_are_wanted_is_recognised(header: str, no: str, yes: str) -> None:
    rows = [[str(n), f"Anna Berg{n}", said] for n, said in enumerate((no, yes, "", no, yes))]
    assert propose("kontakter.csv", ["Kundnr", "Namn", header], rows).fields[2] == "mail_consent"
    # The day of a consent is no answer.
    days = [[str(n), f"Anna Berg{n}", f"202{n}-01-02"] for n in range(5)]
    assert propose("kontakter.csv", ["Kundnr", "Namn", header], days).fields[2] != "mail_consent"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Till\u00e5t inte massutskick av e-post", ("Till\u00e5t inte", "Till\u00e5t")),
        ("Do not allow Bulk Emails", ("Do Not Allow", "Allow")),
        ("Opted out of email: Marketing Information", ("Yes", "No")),
        ("Samtycke \u00e5terkallat", ("2020-01-02", "2021-03-04")),
        ("Consent withdrawn date", ("2020-01-02", "")),
        ("Einwilligung widerrufen am", ("02.01.2020", "14.03.2021")),
    ],
)
def test_an_opt_out_is_recognised_by_whatever_a_product_calls_it(header: str, values: tuple[str, str]) -> None:
    rows = [[str(n), f"Anna Berg{n}", values[n % 2]] for n in range(6)]
    assert propose("kontakter.csv", ["Kundnr", "Namn", header], rows).fields[2] == "opted_out_on"


def test_what_is_allowed_is_no_opt_out(settings: Settings, tmp_path: Path) -> None:
    made = Dataset(
        id="crm_x", source="crm", record=RecordType.PERSON, category=Category.PROSPECT, files=("crm_x*",),
        headers={"source_key": ("Id",), "name": ("Namn",), "opted_out_on": ("Massutskick",)},
    )  # fmt: skip
    said = ("Till\u00e5t", "Till\u00e5t inte", "Allow", "Do Not Allow")
    text = "Id;Namn;Massutskick\n" + "".join(f"{n};Anna Berg{n};{word}\n" for n, word in enumerate(said))
    assert take_in(settings, tmp_path / "in", "crm_x.csv", text, mappings={0: made}).all_taken
    told = asked(settings, "select opted_out_on from build.basis order by source_key")
    assert [day for (day,) in told] == [None, dt.date(1, 1, 1)] * 2


def test_the_last_day_of_work_ends_an_engagement() -> None:
    headers = ["Personalnummer", "Vorname", "Nachname", "Eintrittsdatum", "Letzter Arbeitstag"]
    rows = [["0012", "Anna", "Berg", "01.02.2019", "31.03.2020"], ["0013", "Bo", "Dahl", "15.03.2018", "14.03.2021"]]
    assert propose("personal.csv", headers, rows).fields[3:] == ("starts_on", "ends_on")


def test_no_to_mailings_is_an_opt_out_of_an_unknown_day_and_yes_and_nothing_are_none(
    settings: Settings, tmp_path: Path
) -> None:
    said = [word for _, no, yes in CONSENTS for word in (no, no.upper(), yes, yes.upper())]
    made = Dataset(
        id="crm_x", source="crm", record=RecordType.PERSON, category=Category.PROSPECT, files=("crm_x*",),
        headers={"source_key": ("Id",), "name": ("Namn",), "mail_consent": ("Utskick",), "opted_out_on": ("Avreg",)},
    )  # fmt: skip
    rows = [f"{n};Anna Berg{n};{word};\n" for n, word in enumerate([*said, "", "Unknown"])]
    # A day of its own counts before a no without one.
    text = "Id;Namn;Utskick;Avreg\n" + "".join(rows) + "900;Bo Dahl;Nej;2020-05-06\n901;Eva Ek;Ja;2020-05-06\n"
    assert take_in(settings, tmp_path / "in", "crm_x.csv", text, mappings={0: made}).all_taken
    told = [day for (day,) in asked(settings, "select opted_out_on from build.basis order by cast(source_key as int)")]
    unknown = dt.date(1, 1, 1)
    assert told == [unknown, unknown, None, None] * len(CONSENTS) + [None, None, *[dt.date(2020, 5, 6)] * 2]


def test_an_answer_about_mailings_that_nobody_understands_is_told(settings: Settings, tmp_path: Path) -> None:
    made = Dataset(
        id="crm_x", source="crm", record=RecordType.PERSON, category=Category.PROSPECT, files=("crm_x*",),
        headers={"source_key": ("Id",), "name": ("Namn",), "mail_consent": ("Utskick",)},
    )  # fmt: skip
    text = "Id;Namn;Utskick\n1;Anna Berg;Nej\n2;Bo Dahl;kanske\n3;Eva Ek;\n"
    taken = take_in(settings, tmp_path / "in", "crm_x.csv", text, mappings={0: made}).files[0].taken[0]
    assert taken.unread_cells == {"mail_consent": 1}
    assert asked(settings, "select opted_out_on from build.basis order by source_key") == [
        (dt.date(1, 1, 1),), (None,), (None,),
    ]  # fmt: skip


def test_the_address_is_the_key_where_an_export_has_none(settings: Settings, tmp_path: Path) -> None:
    text = (
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Anna,Berg,,Anna@Kund.example,Kund AB,VD,2021-03-04\nBo,Dahl,,,Kund AB,VD,2021-03-04\n"
    )
    taken = take_in(settings, tmp_path / "in", "Connections.csv", text, category=Category.PROSPECT)
    assert taken.files[0].taken[0].quarantined == {"no_key": 1}
    assert asked(settings, "select source_key, email, name from build.record") == [
        ("anna@kund.example", "anna@kund.example", "Anna Berg")
    ]


def test_a_new_column_of_a_special_category_is_counted_as_one_whatever_the_mapping_knows(
    settings: Settings, tmp_path: Path
) -> None:
    made = Dataset(
        id="hr_x", source="hr", record=RecordType.PERSON, category=Category.EMPLOYEE, files=("hr_x*",),
        headers={"source_key": ("Id",), "name": ("Namn",)}, left_out={"other": ("Grupp",)},
    )  # fmt: skip
    text = "Id;Namn;Grupp;RaceDesc\n1;Anna Berg;Unionen;White\n2;Bo Dahl;Kommunal;Asian\n3;Eva Ek;Unionen;\n"
    taken = take_in(settings, tmp_path / "in", "hr_x.csv", text, mappings={0: made})
    assert [(one.column, one.field, one.filled) for one in taken.files[0].taken[0].left_out] == [
        ("Grupp", "trade_union", 3),
        ("RaceDesc", "ethnic_origin", 2),
    ]
    assert asked(settings, "select column_name, field, filled from build.left_out order by 1") == [
        ("Grupp", "trade_union", 3),
        ("RaceDesc", "ethnic_origin", 2),
    ]


HR = """Employee_Name,EmpID,State,DateofHire,EmploymentStatus,RaceDesc,Termd
"Berg, Anna",1001,MA,1/15/2020,Active,White,0
"Dahl, Bo",1002,TX,2/16/2021,Terminated,Asian,1
"Ek, Eva",1003,MA,3/17/2022,Active,White,0
,,,,,,
"""


def explained(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
    *arguments: str,
    exit_code: int = 0,
) -> Any:
    """What --explain says, as JSON."""
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    assert command_line.main(["--explain", "--json", *arguments]) == exit_code
    return json.loads(capsys.readouterr().out)


def test_what_would_be_understood_is_told_and_nothing_is_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hr.csv"
    path.write_text(HR, encoding="utf-8")
    (told,) = explained(monkeypatch, capsys, settings, str(path))
    assert (told["kind"], told["encoding"], told["delimiter"]) == ("csv", "utf-8", ",")
    (sheet,) = told["tables"]
    assert (sheet["mapping"], sheet["record"]) == (None, "person")
    columns = {one["header"]: one for one in sheet["columns"]}
    assert {header: one["field"] for header, one in columns.items()} == {
        "Employee_Name": "name",
        "EmpID": "source_key",
        "State": "left_out:address",
        "DateofHire": "starts_on",
        "EmploymentStatus": "status",
        "RaceDesc": "left_out:ethnic_origin",
        "Termd": "left_out:other",
    }
    assert columns["Employee_Name"]["values"] == ["Berg, Anna", "Dahl, Bo", "Ek, Eva"]
    assert (columns["Employee_Name"]["sure"], columns["Termd"]["sure"]) == ("sure", "unknown")
    assert columns["DateofHire"]["dates"]["read"][0] == ["1/15/2020", "2020-01-15"]
    assert sheet["rows"] == {
        "in": 4,
        "would_load": 3,
        "would_be_quarantined": {},
        "unread_cells": {},
        "garbled_cells": [],
        "put_right": {},
        "no_data": [{"because": "blank", "rows": 1, "lines": [5]}],
    }
    assert sheet["category"] == {"known": "EMPLOYEE", "needed": False}
    (sheet,) = explained(monkeypatch, capsys, settings, str(path), "--category", "EMPLOYEE")[0]["tables"]
    assert not sheet["category"]["needed"]
    with engine(settings).connect() as connection:
        assert builds.current(settings, connection) is None
        events = connection.execute(sa.select(ledger_tables.ledger.c.event)).scalars().all()
    # Three values of each column are a look at persons, whoever looks.
    assert events == ["persons:seen", "persons:seen"]


def test_what_is_told_counts_what_the_intake_then_does(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "Prospekt-ID;Namn;E-post;Registrerad;Skonummer\n1;Anna Berg;anna@kund.example;2020-01-02;41\n"
        "1;Bo Dahl;bo@kund.example;2020-01-02;42\n;Eva Ek;;2020-01-02;\n4;;;2020-01-02;40\n"
    )
    taken = take_in(settings, tmp_path / "in", "crm_prospekt.csv", text).files[0].taken[0]
    (sheet,) = explained(monkeypatch, capsys, settings, str(tmp_path / "in" / "crm_prospekt.csv"))[0]["tables"]
    assert sheet["rows"] == {
        "in": taken.rows_in,
        "would_load": taken.loaded,
        "would_be_quarantined": dict(taken.quarantined),
        "unread_cells": {},
        "garbled_cells": [],
        "put_right": {},
        "no_data": [],
    }
    assert sheet["left_out"] == {one.column: one.field for one in taken.left_out}


def test_cells_that_cannot_be_read_are_told_before_and_after_with_what_to_do(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "Prospekt-ID;Namn;E-post;Telefon;Registrerad\n1;Anna Berg;se anteckning;okänt;2020-01-02\n"
        "2;Bo Dahl;bo(at)kund.example;070-174 06 05 (mobil);2020-01-02\n3;Eva Ek;eva@kund;;2020-01-02\n"
        # A row that stays out is told as that.
        ";Ida Nord;saknas;-;2020-01-02\n"
    )
    result = take_in(settings, tmp_path / "in", "crm_prospekt.csv", text)
    (taken,) = result.files[0].taken
    assert (taken.loaded, taken.unread_cells) == (3, {"email": 2, "phone": 1})
    path = str(tmp_path / "in" / "crm_prospekt.csv")
    (sheet,) = explained(monkeypatch, capsys, settings, path)[0]["tables"]
    assert sheet["rows"]["unread_cells"] == {"email": 2, "phone": 1}
    with engine(settings).connect() as connection:
        facts = copy.facts_of(connection)
        build = builds.current(settings, connection)
    assert build is not None
    at = acting(settings, engine(settings), None, NOW)
    for language in LANGUAGES:
        told = explain.unread_in_words(taken.unread_cells, language)
        assert len(told) == 2 and {"2", "1"} == {"".join(filter(str.isdigit, line)) for line in told}
        ((_, lines),) = rows.result_files(result, language)
        assert [f"{taken.dataset}: {line}" for line in told] == lines[2:4]
        with copy.opened(build.path, build.build_id, key=build.key) as opened:
            found = review_rows.unread_rows(
                opened.reading(at.today, at.policy, at.parameters, facts), language, {"crm": "CRM"}
            )
        assert [(one["source_name"], one["dataset"], one["rows"]) for one in found] == [
            ("CRM", "crm_prospects", 2), ("CRM", "crm_prospects", 1),
        ]  # fmt: skip


REPORT = """sep=;
Rapport: Kontakter

Id;Namn;E-post;Skapad;Kategori
1;Anna Berg;anna@kund.example;2020-01-02;Kund
Id;Namn;E-post;Skapad;Kategori
2;Bo Dahl;bo@kund.example;2020-01-02;Kund

3;Eva Ek;eva@kund.example;2020-01-02;Kund
Totalt: 3 rader
Skapad av rapportverktyget 2026-11-20
"""


def test_every_line_that_is_no_row_is_told_with_its_reason_before_anything_is_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rapport.csv"
    path.write_text(REPORT, encoding="utf-8")
    (sheet,) = explained(monkeypatch, capsys, settings, str(path))[0]["tables"]
    no_data = {line: one["because"] for one in sheet["rows"]["no_data"] for line in one["lines"]}
    assert no_data == {
        1: "separator", 2: "title", 3: "blank", 6: "repeated_header", 8: "blank", 10: "total", 11: "footer"
    }  # fmt: skip
    assert sheet["rows"]["in"] == 10 and sheet["rows"]["would_load"] == 3
    (shown,) = previewed(settings, path.name, REPORT).sheets
    told = explain.skipped(shown, "sv")
    assert [(line, text) for line, _, text in told] == [
        ("1", "sep=;"), ("2", "Rapport: Kontakter"), ("3", ""), ("6", ""), ("8", ""),
        ("10", "Totalt: 3 rader"), ("11", "Skapad av rapportverktyget 2026-11-20"),
    ]  # fmt: skip
    assert told[3][1] == catalogue()["no_data.repeated_header"]["sv"]
    assert dict(rows.trial_figures(shown)) == {
        "rows_in": 10, "loaded": 3, "quarantined": 0, "no_data": 7, "left_out": 0
    }  # fmt: skip


def test_of_many_lines_alike_the_first_are_named(settings: Settings) -> None:
    text = "Id;Namn;E-post\n" + "".join(f"{n};Anna Berg;a{n}@kund.example\n;;\n" for n in range(30))
    (shown,) = previewed(settings, "luckor.csv", text).sheets
    ((lines, _, _),) = explain.skipped(shown, "sv")
    assert lines.startswith("3, 5, 7") and lines.endswith(", 41 …")


def test_every_order_that_fits_is_asked_with_the_dates_that_it_would_make(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Id;Namn;Skapad;Senaste möte\n" + "".join(
        f"{n};Anna Berg;{day};{met}\n"
        for n, day, met in [(1, "01/02/03", "43831"), (2, "04/05/06", "43900"), (3, "2020-01-02", "2020-01-05")]
    )
    path = tmp_path / "datum.csv"
    path.write_text(text, encoding="utf-8")
    (sheet,) = explained(monkeypatch, capsys, settings, str(path))[0]["tables"]
    asked_of = {one["field"]: one["orders"] for one in sheet["questions"]}
    assert {order: told[0] for order, told in asked_of["registered_on"].items()} == {
        "dmy2": ["01/02/03", "2003-02-01"], "mdy2": ["01/02/03", "2003-01-02"], "ymd2": ["01/02/03", "2001-02-03"]
    }  # fmt: skip
    assert {order: told[0] for order, told in asked_of["met_on"].items()} == {
        "excel_1900": ["43831", "2020-01-01"], "excel_1904": ["43831", "2024-01-02"]
    }  # fmt: skip
    # What is asked changes nothing of what is known.
    read = {one["field"]: one["dates"] for one in sheet["columns"]}
    assert read["registered_on"] is None
    capsys.readouterr()
    assert command_line.main(["--explain", str(path), "--language", "sv"]) == 0
    assert "--dates registered_on=mdy2" in (told := capsys.readouterr().out) and "01/02/03 → 2003-01-02" in told


@pytest.mark.parametrize(
    ("epoch", "day"), [(CALENDAR_WINDOWS_1900, dt.date(2020, 1, 1)), (CALENDAR_MAC_1904, dt.date(2024, 1, 2))]
)
def test_numbers_of_a_workbook_are_days_from_where_it_says(
    settings: Settings, tmp_path: Path, epoch: dt.datetime, day: dt.date
) -> None:
    book = openpyxl.Workbook()
    book.epoch = epoch
    sheet = book.active
    assert sheet is not None
    for row in (["Prospekt-ID", "Namn", "E-post", "Registrerad"], ["P1", "Anna Berg", "anna@kund.example", 43831]):
        sheet.append(row)
    path = tmp_path / "crm_prospekt.xlsx"
    book.save(path)
    actor = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    upload = Upload(path.name, path.read_bytes(), {}, {})
    (shown,) = service.preview(acting(settings, engine(settings), actor, NOW), upload).sheets
    assert shown.columns[3].read == (("43831", day),)
    order = FileOrder(path=path, name=path.name, exported_at=NOW, exported_at_from="file_time")
    register = engine(settings)
    run.execute(settings, register, runs.queue(register, None, NOW), Order(files=(order,)), lambda: NOW)
    assert asked(settings, "select registered_on from build.record") == [(day,)]


def test_what_was_said_of_a_tables_dates_is_kept_with_its_mapping(settings: Settings) -> None:
    text = "Id;Namn;Skapad\n1;Anna Berg;03/04/2021\n2;Bo Dahl;05/06/2021\n"
    (sheet,) = previewed(settings, "x.csv", text).sheets
    assert [one.field for one in sheet.questions] == ["registered_on"]
    fields = ["source_key", "name", "registered_on"]
    made = service.mapping_of("x_1", "crm", RecordType.PERSON, Category.PROSPECT, sheet.headers, fields, "x.csv")
    said = made.model_copy(update={"dates": {"registered_on": "mdy"}})
    (sheet,) = previewed(settings, "x.csv", text, mappings={0: said}).sheets
    assert sheet.questions == () and sheet.formats["registered_on"] == "mdy"
    assert sheet.columns[2].read[0] == ("03/04/2021", dt.date(2021, 3, 4))


def test_it_is_told_in_words_too_and_what_cannot_be_read_is_said(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    path, empty = tmp_path / "hr.csv", tmp_path / "tom.csv"
    path.write_text(HR, encoding="utf-8")
    empty.touch()
    assert command_line.main(["--explain", str(path), str(empty), "--language", "sv"]) == 1
    told = capsys.readouterr()
    assert "● Employee_Name" in told.out and "säkert, av namn och värden" in told.out
    assert "○ Termd" in told.out and "1/15/2020 → 2020-01-15" in told.out
    assert "3 som skulle läsas in + 0 som skulle stanna i karantän + 1 utan uppgifter" in told.out
    assert "tom" in told.err.lower()


def previewed(settings: Settings, name: str, text: str, **more: Any) -> Preview:
    """A file as the page looks into it."""
    actor = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    upload = Upload(name, text.encode(), {}, more.pop("mappings", {}), **more)
    return service.preview(acting(settings, engine(settings), actor, NOW), upload)


@pytest.mark.parametrize(
    ("text", "delimiter", "dialect", "told"),
    [
        (CONTACTS + '1,"Eva \\"E\\", M",Ek,eva@bolaget.example,,\n', ",", "escaped", "omvänt snedstreck"),
        (
            "".join(f'"{line}"\n' for line in f"{CONTACTS}1,Eva,Ek,,,\n".splitlines()),
            ",",
            "wrapped",
            "inom citattecken",
        ),
        (f"{CONTACTS}1,Eva,Ek,,,\n".replace(",", "^"), "^", "plain", "cirkumflex"),
        (f"sep=;\n{CONTACTS}1,Eva,Ek,,,\n", ",", "plain", "komma"),
    ],
)
def test_how_a_file_parts_its_cells_is_told_in_words(
    settings: Settings, text: str, delimiter: str, dialect: str, told: str
) -> None:
    found = previewed(settings, "export.csv", text)
    assert (found.delimiter, explain.as_json(found)["dialect"]) == (delimiter, dialect)
    assert told in explain.file_in_words(found, "sv")
    if text.startswith("sep"):
        assert "ett annat skiljetecken" in "\n".join(explain.in_words(found, "sv"))


def test_the_page_asks_about_what_is_not_sure_and_about_nothing_else(settings: Settings) -> None:
    text = "Nr;Vem;Hur;Skapad;Skonummer\n1;Anna Berg;anna@kund.example;2020-01-02;41\n2;Bo Dahl;bo@kund.example;;42\n"
    (sheet,) = previewed(settings, "massan.csv", text).sheets
    assert [one.column.header for one in sheet.columns if service.is_asked(one)] == ["Vem", "Hur"]
    assert [one.column.header for one in sheet.columns if service.is_left_out(one)] == ["Skonummer"]
    fields = ["source_key", "left_out:other_person", "email", "registered_on", "left_out:other"]
    corrected = service.said(sheet.columns, fields)
    assert [one.column.because for one in corrected if one not in sheet.columns] == [Because.SAID]
    assert sheet.proposal is not None and service.likely_source(sheet.proposal, ["crm", "hr"]) == "crm"


def test_the_system_and_the_category_are_proposed_with_the_columns_that_tell_them(settings: Settings) -> None:
    text = "Employee ID,Full Name,Department,Hire Date,Manager\n1,Eva Ek,Finance,2015-01-02,Bo Al\n"
    found = previewed(settings, "utdrag.csv", text)
    (sheet,) = found.sheets
    assert sheet.proposal is not None and service.likely_source(sheet.proposal, ["crm", "hr"]) == "hr"
    # A source of that kind is not among the known ones.
    assert service.likely_source(sheet.proposal, ["crm"]) == "crm"
    lines = explain.in_words(found, "sv")
    assert "  Troligt källsystem: HR-system, efter Employee ID, Department, Hire Date, Manager." in lines
    (told,) = explain.as_json(found)["tables"]
    assert told["system"] == {"likely": "hr", "because": ["Employee ID", "Department", "Hire Date", "Manager"]}
    assert told["category"] == {"known": "EMPLOYEE", "needed": False}


def test_a_mapping_that_reads_no_name_is_not_used_but_told_and_one_of_a_persons_own_is_refused(
    settings: Settings,
) -> None:
    text = "ID,Email,Hire date,Vem\n1,anna@kund.example,2015-01-02,Anna Berg\n2,bo@kund.example,2016-01-02,Bo Dahl\n"
    (sheet,) = previewed(settings, "x.csv", text).sheets
    assert (sheet.dataset, sheet.unread, sheet.nearly) == (None, "Vem", "personio_employees")
    assert sheet.proposal is not None and "name" in sheet.proposal.fields
    made = service.mapping_of(
        "utan_namn", "hr", RecordType.PERSON, Category.EMPLOYEE, sheet.headers,
        ["source_key", "email", "starts_on", "left_out:other"], "x.csv",
    )  # fmt: skip
    with pytest.raises(Refused, match="name_unread"):
        previewed(settings, "x.csv", text, mappings={0: made})
    # However names are written there, a column that is called nothing else holds them.
    head = "Kontakt-ID;Namn;E-post;Skapad"
    odd = f'{head}\n1;"Eva ""Evis"" Ek";eva@kund.example;2015-01-02\n2;"Bo; Al";bo@kund.example;2016-02-03\n'
    (sheet,) = previewed(settings, "y.csv", odd).sheets
    assert (sheet.dataset, sheet.unread, sheet.nearly) == (None, "Namn", "crm_contacts")


def test_the_words_of_a_column_are_asked_and_their_answers_are_used(settings: Settings, tmp_path: Path) -> None:
    text = "Id;Namn;Typ\n1;Anna Berg;Kund\n2;Bo Dahl;Gäst\n3;Eva Ek;\n"
    (sheet,) = previewed(settings, "x.csv", text).sheets
    assert sheet.proposal is not None
    fields = ["source_key", "name", "category"]
    assert service.words_in(sheet, fields, "category") == ["Kund", "Gäst"]
    assert service.words_in(sheet, fields, "status") == []
    made = service.mapping_of(
        "gaster", "crm", RecordType.PERSON, None, sheet.headers, fields, "x.csv",
        category_values={**sheet.proposal.category_values, "Gäst": Category.PROSPECT},
    )  # fmt: skip
    assert take_in(settings, tmp_path / "in", "x.csv", text, mappings={0: made}).all_taken
    assert asked(settings, "select category from build.record order by source_key") == [
        ("CUSTOMER_CONTACT",),
        ("PROSPECT",),
        ("UNCLASSIFIED",),
    ]


def test_past_intakes_say_what_came_of_them_and_who_keeps_the_rows_that_stayed_out(
    settings: Settings, tmp_path: Path
) -> None:
    text = "Prospekt-ID;Namn;E-post;Registrerad\n1;Anna Berg;a@kund.example;2020-01-02\n;Bo Dahl;b@kund.example;\n"
    take_in(settings, tmp_path / "a", "crm_prospekt_2026-11-20.csv", text)
    take_in(settings, tmp_path / "b", "crm_prospekt_2026-11-21.csv", text + "2;Eva Ek;e@kund.example;2020-01-02\n")
    register = engine(settings)
    newest, first = service.latest(register)
    shown = rows.run_rows([newest, first], "sv")
    assert [(one["exports"], one["loaded"], one["quarantined"]) for one in shown] == [
        ("crm_prospects", 2, 1),
        ("crm_prospects", 1, 1),
    ]
    assert service.keeps_quarantine(register, newest.run_id, "crm_prospects")
    assert not service.keeps_quarantine(register, first.run_id, "crm_prospects")


@pytest.mark.parametrize("language", LANGUAGES)
def test_for_every_kind_of_row_that_stays_out_something_to_do_is_said(language: str) -> None:
    reasons = [key.removeprefix("quarantine.") for key in catalogue() if key.startswith("quarantine.")]
    assert reasons and all(rows.to_do(reason, language).endswith(".") for reason in reasons)
