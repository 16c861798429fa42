"""The register of what is done on customers' behalf: a row per environment, what it lacks, its versions and files."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from compliance.controls import verbs as controls
from compliance.controls.facts import Measure, Sort
from compliance.findings.tables import Owner
from compliance.processing import assigned, rows, state, verbs
from compliance.processing.documents import Document
from compliance.processing.facts import Entrusted
from compliance.processing.tables import Transfer
from compliance.reading.copy import Reading
from compliance.show.extract import Stamp
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.notices.test_state import Office as Desk
from tests.world import TODAY, World, shipped_parameters

PARAMETERS = shipped_parameters()
DAY = dt.timedelta(days=1)
TOLD = Entrusted(categories="Drift och lagring", transfers=Transfer.NONE, reviewed_on=TODAY)
GUARD = Measure(name="Kryptering", sort=Sort.TECHNICAL, guards="Data", owner=Owner.IT, test_months=12)


@pytest.fixture
def desk(settings: Any) -> Desk:
    return Desk(settings)


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    world = World(tmp_path)
    customer = world.customer("2020-01-01")
    world.environment("M2", customer, agreement=None)
    world.environment("M1", customer, agreement="PUB-1")
    world.environment("M3", customer, agreement="PUB-3", closed_on="2026-11-01")
    return world.reading()


def codes(desk: Desk, reading: Reading | None, today: dt.date = TODAY) -> list[str]:
    found = assigned.judged(assigned.known(desk.register, reading), PARAMETERS, today)
    assert bool(found.unjudged) is (reading is None)
    return [one.code for one in found.findings]


def content(desk: Desk, reading: Reading | None, before: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    return assigned.known(desk.register, reading).content(before or {})


def test_each_open_environment_is_a_row_with_what_is_alike_in_all_of_them(desk: Desk, reading: Reading) -> None:
    assert codes(desk, reading) == ["assigned_undescribed", "assigned_no_measures"]
    # Nobody has said where the data go: that is not known, and not nowhere.
    assert content(desk, reading)["environment:M1"]["transfers"] is None
    verbs.describe_assigned(desk.at(), TOLD)
    controls.record(desk.at(), GUARD)
    assert codes(desk, reading) == []
    assert content(desk, reading) == {
        f"environment:{key}": {
            "agreement": agreement, "categories": "Drift och lagring", "subprocessors": "", "transfers": "none",
            "safeguards": "", "measures": ["Kryptering"], "reviewed_on": TODAY.isoformat(),
        }
        for key, agreement in (("M1", "PUB-1"), ("M2", None))
    }  # fmt: skip
    listed = rows.assigned_rows(assigned.known(desk.register, reading), "sv")
    assert [(one["environment"], bool(one["customer"])) for one in listed] == [("M1", True), ("M2", True)]
    assert listed[1]["processing_agreement"] == say("common.unknown", "sv")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"transfers": Transfer.THIRD_COUNTRY}, ["assigned_unguarded"]),
        ({"transfers": Transfer.THIRD_COUNTRY, "safeguards": "Klausuler"}, []),
        ({"reviewed_on": dt.date(2025, 11, 24)}, []),
        ({"reviewed_on": dt.date(2025, 11, 23)}, ["assigned_not_reviewed"]),
    ],
)
def test_what_the_register_lacks_is_found(
    desk: Desk, reading: Reading, changes: dict[str, Any], found: list[str]
) -> None:
    controls.record(desk.at(), GUARD)
    verbs.describe_assigned(desk.at(), TOLD.model_copy(update=changes))
    assert codes(desk, reading) == codes(desk, None) == found


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"categories": "Fråga nils@bolaget.example"}, "processing_personal", "categories"),
        ({"reviewed_on": TODAY + DAY}, "processing_day_future", "reviewed_on"),
        ({}, "processing_same", None),
    ],
)
def test_what_may_not_be_said_is_told_of_its_field(
    desk: Desk, changes: dict[str, Any], code: str, field: str | None
) -> None:
    verbs.describe_assigned(desk.at(), TOLD)
    with pytest.raises(Refused) as told:
        verbs.describe_assigned(desk.at(), TOLD.model_copy(update=changes))
    assert (told.value.code, told.value.values.get("field")) == (code, field)


def test_a_version_holds_both_halves_and_what_changed_is_told(desk: Desk, reading: Reading) -> None:
    verbs.describe_assigned(desk.at(), TOLD)
    verbs.make_version(desk.at(), reading, "Första")
    (before,) = state.versions(desk.register)
    assert {"environment:M1", "environment:M2", "PROSPECT"} <= set(before.content)
    # Whose environment it is is a name, and in no version for ever.
    assert "Bolaget" not in str(before.content)
    # Without a copy nobody knows that an environment is gone.
    with pytest.raises(Refused, match="processing_unchanged"):
        verbs.make_version(desk.at(), None, "")
    controls.record(desk.at(), GUARD)
    changed = state.differences(
        {name: told for name, told in before.content.items() if name.startswith(assigned.PREFIX)},
        content(desk, reading),
    )
    assert [(one.category, one.field, one.after) for one in changed] == [
        (f"environment:{key}", "measures", ["Kryptering"]) for key in ("M1", "M2")
    ]
    for language in LANGUAGES:
        told = [value for row in rows.difference_rows(changed, language, {}) for value in row.values()]
        assert "Kryptering" in told and not any("{" in str(value) or "environment:" in str(value) for value in told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_whole", [True, False])
def test_a_version_leaves_to_print_and_as_a_workbook(
    desk: Desk, reading: Reading, language: str, is_whole: bool
) -> None:
    verbs.describe_assigned(desk.at(), TOLD)
    controls.record(desk.at(), GUARD)
    verbs.make_version(desk.at(), reading, "Höstens #genomgång")
    (version,) = state.versions(desk.register)
    document = Document(
        version, Stamp(1, version.as_of, ""), language, {}, {"M1": "=Bolaget *A*"}, "Avtal D-77", is_whole
    )
    ((content_of_pdf, things),) = document.parts("pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content_of_pdf)).pages)
    assert things == len(version.content)
    for told in ("Avtal D-77", "PUB-1", "=Bolaget *A*", TODAY.isoformat()):
        assert told in text
    # What people wrote leaves with whoever may take out names alone.
    assert ("Drift och lagring" in text) is ("Höstens #genomgång" in text) is is_whole
    ((book, _),) = document.parts("xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(book)).worksheets
    cells = [str(cell.value) for sheet in sheets for row in sheet for cell in row]
    assert "PUB-1" in cells and ("Drift och lagring" in cells) is is_whole
    assert not any(cell.startswith("=") for cell in cells)
    # In the order in which they are read, as the page has them.
    for sheet, fields, free in ((sheets[1], state.FIELDS, state.FREE), (sheets[2], assigned.FIELDS, assigned.FREE)):
        shown = [say(f"column.processing_{field}", language) for field in fields if is_whole or field not in free]
        assert [cell.value for cell in sheet[1]][1 : len(shown) + 1] == shown


def test_only_the_dpo_describes_it(desk: Desk) -> None:
    for role in Role:
        if role is not Role.DPO:
            with pytest.raises(Refused, match="not_allowed"):
                verbs.describe_assigned(desk.at(role), TOLD)
