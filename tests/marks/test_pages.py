"""Marks as people place and lift them on the pages, and what of restricted persons leaves."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance.access.at import At
from compliance.marks import mailing
from compliance.marks.tables import Kind
from compliance.marks.view import TABS
from compliance.reading.copy import Reading
from compliance.words.texts import say
from compliance.words.vocabulary import Role
from tests.marks.desk import ANNA, EVA, Marked, copied
from tests.pages.test_pages import frames, lines, opened
from tests.world import TODAY

FLAVOURS = ("excel", "plain")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Marked:
    """A company of one's own, where the page looks for it."""
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return copied(tmp_path)


def shown(app: Any) -> set[str]:
    return {str(value) for frame in frames(app) for value in frame.to_numpy().ravel()}


def test_petra_restricts_somebody_and_lifts_it_once_they_have_been_told(desk: Marked) -> None:
    batch = desk.propose(desk.entries())
    app = opened(Role.DPO, "sv", "person/person")
    anna = desk.whom("Anna Berg").person_id
    app.session_state["person_chosen"] = anna
    app.run()
    # Nothing is restricted without a ground, and nothing typed is lost.
    app.text_input(key=f"mark_{anna}_case").set_value("DSR-7")
    app.button(key="mark_place").click().run()
    assert say("refusal.mark_ground_missing", "sv") in app.error[0].value
    assert app.text_input(key=f"mark_{anna}_case").value == "DSR-7"
    app.selectbox(key=f"mark_{anna}_ground").select_index(0)
    app.button(key="mark_place").click().run()
    assert not app.error and not app.exception
    assert say("marks.placed", "sv", mark="1") in app.success[0].value
    assert say("marks.in_purge_stays", "sv", batches=str(batch.batch_id)) in app.success[0].value
    assert say("flag.restricted", "sv") in shown(app)
    assert [line["case"] for line in lines("mark:placed")] == ["DSR-7"]

    app.switch_page("pages/marks/marks.py").run()
    assert not app.exception and say("mark_state.active", "sv") in shown(app)
    app.radio(key="mark_lift_1_because").set_value("ground_ended").run()
    app.button(key="mark_lift").click().run()
    assert say("refusal.mark_told_missing", "sv") in app.error[0].value
    app.date_input(key="mark_lift_1_told_on").set_value(TODAY)
    app.button(key="mark_lift").click().run()
    assert not app.error and not app.exception
    assert say("mark_state.over", "sv") in shown(app) and not desk.flags()["Anna Berg"]


def test_a_hold_says_that_the_person_is_in_an_open_purge(desk: Marked) -> None:
    batch = desk.propose([desk.whom("Bo Dahl")])
    app = opened(Role.DPO, "en", "person/person")
    for name, told in (("Anna Berg", False), ("Bo Dahl", True)):
        app.session_state["person_chosen"] = desk.whom(name).person_id
        app.run()
        app.text_input(key=f"hold_{desk.whom(name).person_id}_owner").set_value("legal")
        app.button(key="hold_place").click().run()
        text = say("holds.in_purge", "en", batches=str(batch.batch_id))
        assert any(text in one.value for one in app.success) is told


def test_petra_says_who_stands_under_the_key_of_somebody_restricted(desk: Marked, tmp_path: Path) -> None:
    desk.place("Anna Berg", Kind.RESTRICTED)
    desk.place("Bo Dahl", Kind.RESTRICTED)
    married = {**ANNA, "Namn": "Anna Lund", "E-post": "a@lund.example", "Telefon": ""}
    desk.export(tmp_path / "one", married, EVA)
    app = opened(Role.DPO, "en", "marks/marks")
    assert say("marks.sentence_lost", "en", lost=2) in [one.value for one in app.warning]
    app.selectbox(key="mark_chosen").set_value("1").run()
    app.button(key="mark_settle_same_1").click().run()
    app.selectbox(key="mark_chosen").set_value("2").run()
    assert "mark_settle_same_2" not in {button.key for button in app.button}
    app.button(key="mark_settle_nobody_2").click().run()
    assert not app.exception and not app.error
    assert desk.row(1).doubtful == () and [desk.row(n).lost_at for n in (1, 2)] == [None, None]


def test_axel_sees_marks_by_reference_and_places_none(desk: Marked) -> None:
    desk.place("Anna Berg", Kind.OPTED_OUT)
    app = opened(Role.CISO, "en", "marks/marks")
    assert say("mark_kind.opted_out", "en") in shown(app)
    assert not any("Berg" in one or "@" in one for one in shown(app))
    assert not app.tabs and "mark_lift" not in {button.key for button in app.button}


def test_the_list_for_mailings_is_asked_for_when_it_is_looked_at(desk: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def only_digests(_: At, reading: Reading) -> int:
        asked.append(reading.build)
        return 3

    monkeypatch.setattr(mailing, "only_digests", only_digests)
    app = opened(Role.DPO, "en", "marks/marks")
    buttons = {say(f"marks.mailing_{how}_{flavour}", "en") for how in ("keyed", "plain") for flavour in FLAVOURS}

    def drawn() -> set[str]:
        return buttons & {one.proto.label for one in app.get("download_button")}

    assert not app.exception and not drawn() and not asked
    app.session_state[TABS] = say("marks.mailing", "en")
    assert say("marks.mailing_rest", "en", count=3) in [one.value for one in app.run().caption]
    assert not app.exception and drawn() == buttons and asked == [desk.reading().build]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Mapping[str, Any]]:
    """What every button of a file was drawn with, by its key."""
    found: dict[str, Mapping[str, Any]] = {}

    def download(session: Any, label: Any, *, key: str, **told: Any) -> None:
        found[key] = {"session": session, "label": label, **told}

    monkeypatch.setattr(sys.modules["compliance.ui.table"], "download", download)
    return found


def fetched(offer: Mapping[str, Any]) -> list[dict[str, str]]:
    at: At = offer["at"](offer["session"])
    at.require(offer["permission"])
    return list(csv.DictReader(io.StringIO(b"".join(offer["write"](at)).decode())))


def test_who_is_restricted_is_shown_as_that_and_in_no_extract_with_names(
    desk: Marked, offered: dict[str, Mapping[str, Any]]
) -> None:
    desk.place("Anna Berg", Kind.RESTRICTED)
    batch = desk.propose(desk.entries())
    app = opened(Role.DPO, "en", "review/expiries")
    assert len(fetched(offered["csv_entries_expiries_plain"])) == 4
    app.toggle(key="named_expiries").set_value(True).run()
    assert {"Anna Berg", say("flag.restricted", "en")} <= shown(app)
    rows = fetched(offered["csv_entries_expiries_plain"])
    assert {row["name"] for row in rows} == {"Bo Dahl", "Eva Sten", "Tove Wik"}
    assert {row["filter"].rpartition("; ")[2] for row in rows} == {say("filter.not_restricted", "en")}

    app = opened(Role.DPO, "en", "purge/batch", {"batch": str(batch.batch_id)})
    app.toggle(key="named_batch").set_value(True).run()
    assert say("stays.restricted", "en") in " ".join(shown(app))
    assert {row["name"] for row in fetched(offered["csv_batch_entries_plain"])} == {"Bo Dahl", "Eva Sten", "Tove Wik"}

    # The page of one person is what they get themselves.
    app = opened(Role.DPO, "en", "person/person")
    app.session_state["person_chosen"] = desk.whom("Anna Berg").person_id
    app.run()
    assert len(fetched(offered["csv_person_entries_plain"])) == 1
    # Nothing is left out of it, and nothing says so.
    whole = fetched(offered["csv_person_values_plain"])
    assert whole and not any(say("filter.not_restricted", "en") in row["filter"] for row in whole)
