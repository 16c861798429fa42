"""All tables of a page leave in one file: as they are shown, by whom may, and with a line of the ledger."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from compliance.access.at import At
from compliance.ledger import tables as ledger_tables
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Permission, Role
from tests import demo_store
from tests.pages.test_pages import opened, register
from tests.world import TODAY


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = demo_store.copied(tmp_path_factory.mktemp("together"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPLIANCE_STORE", str(path))
        patch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
        yield path


@pytest.fixture
def offered(store: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Mapping[str, Any]]:
    """What every button of a file was drawn with, by its key."""
    assert store.exists()
    found: dict[str, Mapping[str, Any]] = {}

    def download(session: Any, label: Any, *, key: str, **told: Any) -> None:
        found[key] = {"session": session, "label": label, **told}

    monkeypatch.setattr(sys.modules["compliance.ui.table"], "download", download)
    return found


def fetched(offer: Mapping[str, Any]) -> bytes:
    at: At = offer["at"](offer["session"])
    at.require(offer["permission"])
    return b"".join(offer["write"](at))


def recorded() -> list[tuple[str, dict[str, Any]]]:
    with register().connect() as connection:
        lines = connection.execute(
            sa.select(ledger_tables.ledger)
            .where(ledger_tables.ledger.c.event.like("extract:%"))
            .order_by(ledger_tables.ledger.c.seq)
        ).mappings()
        return [(line["event"], json.loads(line["details"])) for line in lines]


def test_all_tables_of_a_page_are_in_its_zip_and_in_its_workbook(offered: dict[str, Mapping[str, Any]]) -> None:
    opened(Role.CISO, "en", "review/risk")
    # The dashboard opens another page first.
    page = offered["together_zip"]["session"]
    alone = [one for key, one in offered.items() if key.endswith("_excel") and one["session"] is page]
    before = len(recorded())
    archive = zipfile.ZipFile(io.BytesIO(fetched(offered["together_zip"])))
    contents = [archive.read(name) for name in archive.namelist()]
    rows = sum(len(list(csv.reader(io.StringIO(one.decode("utf-8-sig")), delimiter=";"))) - 1 for one in contents[:-1])
    told = {"what": "risk", "persons": False, "flavour": "zip"}
    assert recorded()[before:] == [("extract:begun", told), ("extract:made", {**told, "rows": rows})]
    assert rows > 0 and len(alone) > 1
    assert contents[:-1] == [fetched(one) for one in alone]
    assert archive.namelist()[:-1] == [one["name"] for one in alone]
    book = openpyxl.load_workbook(io.BytesIO(fetched(offered["together_xlsx"])), read_only=True)
    assert len(book.sheetnames) == len(contents)
    assert offered["together_xlsx"]["name"].endswith("-en.xlsx")
    assert recorded()[-1] == ("extract:made", {**told, "flavour": "xlsx", "rows": rows})


def test_names_leave_only_where_the_page_shows_them_and_as_an_extract_with_names(
    offered: dict[str, Mapping[str, Any]],
) -> None:
    app = opened(Role.DPO, "en", "review/subjects")
    name = say("column.name", "en").encode()
    assert offered["together_zip"]["permission"] is Permission.EXTRACT_FIGURES
    files = zipfile.ZipFile(io.BytesIO(fetched(offered["together_zip"])))
    assert not any(name in files.read(one).splitlines()[0].split(b";") for one in files.namelist())
    app.toggle(key="named_subjects").set_value(True).run()
    offer = offered["together_zip"]
    assert offer["permission"] is Permission.EXTRACT_PERSONS
    assert str(offer["session"].say("together.named", count=len(offer["session"].drawn.tables))) in {
        str(caption.value) for caption in app.caption
    }
    files = zipfile.ZipFile(io.BytesIO(fetched(offer)))
    assert any(name in files.read(one).splitlines()[0].split(b";") for one in files.namelist())
    assert recorded()[-1][1]["persons"] is True


def test_the_days_limit_counts_a_page_with_names_as_one_extract(offered: dict[str, Mapping[str, Any]]) -> None:
    app = opened(Role.DPO, "en", "review/subjects")
    app.toggle(key="named_subjects").set_value(True).run()
    offer = offered["together_xlsx"]
    at: At = offer["at"](offer["session"])
    used = sum(event == "extract:begun" and told["persons"] for event, told in recorded())
    most = dataclasses.replace(at, parameters=at.parameters.model_copy(update={"extracts_per_day": used + 1}))
    b"".join(offer["write"](most))
    with pytest.raises(Refused) as refused:
        offer["write"](most)
    assert refused.value.code == "limit_extracts"
