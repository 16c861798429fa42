"""In a real browser: an objection takes effect at once, wherever somebody is listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from compliance.requests.tables import Step
from compliance.words.texts import say
from tests.browsing import browser, fetched
from tests.purging import Desk, prospect, prospects
from tests.requests.test_browser import address, comes_next, enter, go_to, known, petra, record, table_of
from tests.world import TODAY

__all__ = ["address", "browser", "petra"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]
EVA = {"E-post": "eva.lind@bolaget.example", "Telefon": "070-174 06 31"}
PROSPECTS = [
    prospect(1, "2024-02-21", Namn="Eva Lind", **EVA),
    prospect(2, "2024-02-21", Namn="Frans Malm", **{"E-post": "frans@bolaget.example"}),
    prospect(3, "2024-02-21"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company: Eva, Frans and another are prospects."""
    folder = tmp_path_factory.mktemp("ends")
    desk = Desk(folder / "store")
    assert desk.take_in(prospects(folder, PROSPECTS)).all_taken
    desk.register.dispose()
    return folder / "store"


def test_an_objection_takes_effect_at_once_and_shows_in_lists_and_among_who_may_not_be_mailed(
    petra: Page, store: Path
) -> None:
    number = enter(petra, "objection", "phone", name="Frans Malm", email="frans@bolaget.example")
    comes_next(petra, "stop")
    record(petra, number, "decided", decision=say("request_decision.stop", "sv"))
    comes_next(petra, "answer")
    go_to(petra, "subjects")
    petra.get_by_role("tab", name=say("subjects.list", "sv")).click()
    petra.locator(".st-key-named_subjects label").click()
    expect(petra.locator(".st-key-search_subjects input")).to_be_visible()
    rows = table_of(petra, "entries_subjects")
    flagged = {
        row[say("column.name", "sv")] for row in rows if say("flag.objected", "sv") in row[say("column.flags", "sv")]
    }
    assert len(rows) > 2 and flagged == {"Frans Malm"}
    go_to(petra, "marks")
    petra.get_by_role("tab", name=say("marks.mailing", "sv")).click()
    assert "frans@bolaget.example" in fetched(petra, "may_not_mail_plain_plain").path().read_text(encoding="utf-8-sig")
    told = known(store, number)
    assert [one.step for one in told.shown][-2:] == [Step.DECIDED, Step.EFFECTIVE]
    assert told.effect_on == TODAY
