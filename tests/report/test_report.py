"""The report says what the snapshot has, in both languages and every form, the same each time, and of no person."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdf
import pytest
import sqlalchemy as sa

from compliance.command import main
from compliance.ledger import tables as ledger_tables
from compliance.register.engine import engine
from compliance.report import content, document, files
from compliance.report.content import Report
from compliance.review import snapshots
from compliance.review.kpis import Measured, Unknown, kpis
from compliance.review.tables import Occasion, snapshot
from compliance.show import shades
from compliance.sources.freshness import freshness
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Category
from tests.world import TODAY, shipped_parameters

MADE = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


def figures(week: int) -> dict[str, Measured]:
    """Figures of so many weeks ago: each its own number, two of them unknown."""
    found = {
        code: Measured(round(0.9 + place / 1000, 3) if kpi.unit == "share" else float(1000 + 10 * place + week))
        for place, (code, kpi) in enumerate(kpis().items())
    }
    found["overdue"] = Measured(found["overdue"].value, None, {"PROSPECT/1-30": 3, "CUSTOMER_CONTACT/366-": 1234})
    found["undetermined"] = Measured(7, None, {"no_rule": 2, "missing_date": 5})
    found["bridge_unexplained"] = Measured(
        0, None, {"opening": 9, "closing": 7, "days": 7, "newly_due": 3, "purged": 4, "held": 1}
    )
    found["findings"] = Measured(
        2, None, {"CUSTOMER_CONTACT/crm/linkedin/not_allowed": 54, "EMPLOYEE/hr/trade_union/critical": 22}
    )
    found["on_time"] = Measured(None, Unknown.NOTHING)
    found["open_requests"] = Measured(None, Unknown.STALE)
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def register(store: Path) -> Iterator[sa.Engine]:
    opened = engine(settings_of.load({"COMPLIANCE_STORE": str(store)}))
    with opened.begin() as connection:
        for week in (3, 2, 1, 0):
            entered = {
                "as_of": TODAY - dt.timedelta(weeks=week), "build_id": 9 - week, "occasion": Occasion.BUILD,
                "made_at": MADE - dt.timedelta(weeks=week), "policy_digest": "x",
                "figures": snapshots.written(figures(week)),
            }  # fmt: skip
            connection.execute(sa.insert(snapshot).values(**entered))
    yield opened
    opened.dispose()


def sources(language: str) -> dict[str, str]:
    """What the sources of the catalogue are called."""
    return {one.source: one.name for one in freshness(settings_of.load(), None, MADE, language)}


def report(register: sa.Engine, language: str, number: int | None = None) -> Report:
    return content.of(register, number, shipped_parameters(), language, sources(language))


def words(pdf: bytes) -> str:
    """The text of a PDF on one line, with one kind of blank."""
    read = pypdf.PdfReader(io.BytesIO(pdf))
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read.pages))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_has_every_figure_of_the_snapshot(register: sa.Engine, language: str) -> None:
    made = report(register, language)
    pdf = document.pdf(made)
    text = words(pdf).replace("-", "").replace(" ", "")
    for code, kpi in kpis().items():
        shown = kpi.show(figures(0)[code], language)
        for told in (kpi.name(language), shown, kpi.formula(language)):
            assert re.sub(r"[\s-]", "", told) in text, (code, told)
    assert re.sub(r"[\s-]", "", made.sentence()) in text
    assert re.sub(r"[\s-]", "", say("report.named", language, number="4")).casefold() in text.casefold()
    read = pypdf.PdfReader(io.BytesIO(pdf))
    # Two pages for the board: what follows is for the file.
    assert say("report.file", language) in read.pages[2].extract_text()
    assert all(say("report.file", language) not in read.pages[place].extract_text() for place in (0, 1))
    # The bridge is there too, and each finding is told.
    hr = sources(language)["hr"]
    for told in (
        f"{say('bridge.newly_due', language)}3",
        f"{say('category.EMPLOYEE', language)}{hr}",
    ):
        assert re.sub(r"[\s-]", "", told) in text, told
    # Charts are drawn, and need no picture.
    assert not any(page.images for page in read.pages)


def test_its_heat_map_has_the_colours_of_the_page_by_sensitivity(
    register: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [(Category.EMPLOYEE, [2, 0, 0, 0]), (Category.PROSPECT, [3, 0, 0, 0])]
    monkeypatch.setattr(Report, "heat", lambda _: counted)
    made = report(register, "sv")
    told = document._told(made)
    assert [[cell["value"] for cell in row["cells"]] for row in told["heat"]] == [list("2000"), list("3000")]
    # An entry of staff weighs as three others.
    assert [row["cells"][0]["fill"] for row in told["heat"]] == [shades.shade(1), shades.shade(3 / 6)]
    assert told["heat"][0]["cells"][1]["fill"] == shades.shade(0)
    assert told["heat_help"] in words(document.pdf(made)) and "Anställd" in told["heat_help"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_and_the_zip_have_the_numbers_of_the_snapshot(register: sa.Engine, language: str) -> None:
    made = report(register, language)
    ((book, rows),) = files.parts(made, "xlsx")
    sheets = {
        sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(io.BytesIO(book))
    }
    label, *told = sheets[say("report_table.figures", language)]
    place = label.index(say("column.kpi_raw", language))
    unknown = say("common.unknown", language)
    expected = [unknown if one.value is None else pytest.approx(one.value) for one in figures(0).values()]
    assert [row[place] for row in told] == expected
    assert {row[-1] for row in told} == {made.named}
    heat = {row[0]: row[1:5] for row in sheets[say("report_table.heat", language)][1:]}
    assert heat[say("category.PROSPECT", language)] == (3, 0, 0, 0)
    assert heat[say("category.CUSTOMER_CONTACT", language)] == (0, 0, 0, 1234)
    causes = [row[:2] for row in sheets[say("report_table.causes", language)][1:]]
    assert causes == [(say("doubt.missing_date", language), 5), (say("doubt.no_rule", language), 2)]
    bridge = {row[0]: row[1] for row in sheets[say("report_table.bridge", language)][1:]}
    counts = {"newly_due": 3, "purged": -4, "held": -1, "extended": 0, "unexplained": 0, "closing": 7}
    assert {cause: bridge[say(f"bridge.{cause}", language)] for cause in counts} == counts
    assert bridge[say("bridge.opening", language, day=TODAY - dt.timedelta(days=7))] == 9
    assert sum(count for name, count in bridge.items() if name != say("bridge.closing", language)) == 7
    findings = [row[:5] for row in sheets[say("report_table.findings", language)][1:]]
    # The gravest first, whatever it counts.
    assert [(row[0], row[1], row[4]) for row in findings] == [
        (say("verdict.critical", language), say("category.EMPLOYEE", language), 22),
        (say("verdict.not_allowed", language), say("category.CUSTOMER_CONTACT", language), 54),
    ]
    trend = sheets[say("report_table.trend", language)]
    late = trend[0].index(kpis()["overdue"].name(language))
    assert [row[late] for row in trend[1:]] == [figures(week)["overdue"].value for week in (3, 2, 1, 0)]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(part for part, _ in files.parts(made, "zip"))))
    assert [len(archive.read(one).decode("utf-8-sig").splitlines()) for one in archive.namelist()[:-1]] == [
        len(sheets[name]) for name in list(sheets)[1:]
    ]
    assert rows == sum(len(sheets[name]) - 1 for name in list(sheets)[1:])


def test_the_same_snapshot_makes_the_same_bytes_also_once_another_came(register: sa.Engine) -> None:
    def made() -> list[bytes]:
        of = report(register, "sv", 3)
        return [b"".join(content for content, _ in files.parts(of, form)) for form in files.FORMS]

    first = made()
    with register.connect() as connection:
        # Of the same day as the one reported: it is another, and changes nothing of it.
        later = {
            "as_of": TODAY - dt.timedelta(weeks=1), "build_id": 8, "occasion": Occasion.NIGHT, "made_at": MADE,
            "policy_digest": "x", "figures": snapshots.written(figures(0)),
        }  # fmt: skip
        connection.execute(sa.insert(snapshot).values(**later))
        connection.commit()
        assert made() == first
        connection.execute(sa.delete(snapshot).where(snapshot.c.occasion == Occasion.NIGHT))
        connection.commit()


def test_what_is_unknown_is_said_to_be_and_is_never_zero(register: sa.Engine) -> None:
    made = report(register, "en")
    stale = Report(
        snapshots.Snapshot(4, TODAY, 9, MADE, Occasion.BUILD, {code: Measured(None, Unknown.STALE) for code in kpis()}),
        None, (None,), made.parameters, "en", {},
    )  # fmt: skip
    assert stale.sentence() == say("report.unknown", "en")
    assert stale.heat() is None and stale.causes() is None
    told = words(document.pdf(stale))
    assert say("report.heat_none", "en") not in told and say("report.all_well", "en") not in told
    cells = [row for table in stale.tables()[1:5] for part, _ in table.parts(table.sheet) for row in part.splitlines()]
    assert sum(say("common.unknown", "en").encode() in row for row in cells) == 4


def test_a_snapshot_that_is_not_there_is_said_to_be(register: sa.Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="snapshot_unknown"):
        report(register, "sv", 99)
    empty = engine(settings_of.load({"COMPLIANCE_STORE": str(tmp_path)}))
    with pytest.raises(Refused, match="snapshot_none"):
        report(empty, "sv")
    empty.dispose()


def test_the_command_writes_it_with_lines_of_the_ledger(
    register: sa.Engine,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(store))
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    out = tmp_path / "report.pdf"
    assert main(["report", "--language", "sv", "--snapshot", "4", "--out", str(out)]) == 0
    assert say("report.named", "sv", number="4") in capsys.readouterr().out
    assert out.read_bytes() == document.pdf(report(register, "sv"))
    # A file that is there is not written over.
    assert main(["report", "--snapshot", "latest", "--out", str(out)]) == 1
    with register.connect() as connection:
        line = ledger_tables.ledger.c
        asked = sa.select(ledger_tables.ledger).where(line.event.like("extract:%")).order_by(line.seq)
        lines = connection.execute(asked).all()
    told = {"what": "report", "snapshot": 4, "persons": False, "flavour": "pdf"}
    assert [(line.event, json.loads(line.details)) for line in lines[:2]] == [
        ("extract:begun", told), ("extract:made", {**told, "rows": len(kpis())})
    ]  # fmt: skip


def test_nothing_of_a_person_can_be_in_it(register: sa.Engine) -> None:
    """What it is made of are figures alone: no reading, no list of entries, and no digest of anybody."""
    made = report(register, "en")
    whole = words(document.pdf(made)) + "".join(
        part.decode() for table in made.tables() for part, _ in table.parts(table.sheet)
    )
    assert not re.search(r"[\w.]+@[\w.]+|\b\d{6,8}-\d{4}\b|\+46|\b[0-9a-f]{16,}\b", whole)
    code = "".join(path.read_text(encoding="utf-8") for path in Path(content.__file__).parent.glob("*.py"))
    assert not re.search(r"compliance\.(reading|identity|bridge|suppression|requests)\b", code)


@pytest.mark.parametrize(("language", "one", "many"), [("sv", "post", "poster"), ("en", "entry", "entries")])
def test_a_figure_of_one_is_not_told_as_of_many(language: str, one: str, many: str) -> None:
    overdue = kpis()["overdue"]
    assert overdue.unit_of(1.0, language) == one
    assert [overdue.unit_of(value, language) for value in (0, 2, None)] == [many] * 3
