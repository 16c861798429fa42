"""The page of findings, by the real Streamlit app: two people, what is typed wrong, what leads where."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.state.session_state_proxy import get_session_state
from streamlit.testing.v1 import AppTest

from compliance.findings import gather, state, verbs
from compliance.findings.state import State
from compliance.review import verbs as review
from compliance.review.tables import Occasion
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Permission, Role
from tests.pages.test_pages import offers, opened
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY

DAY = dt.timedelta(days=1)
# No activity is described, of eight rules; and a column that no prospect may have is found once the export is taken in.
KEY = "finding_field_not_allowed_PROSPECT/crm/private_phone"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path / "store")
    made.take_in(prospects(tmp_path, [prospect(1, "2025-03-21", **{"Privat telefon": "070-174 06 05"})]))
    monkeypatch.setenv("COMPLIANCE_STORE", str(made.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return made


def chosen(role: Role, language: str = "sv", **query: str) -> AppTest:
    """The page as somebody sees it, with the finding chosen."""
    app = opened(role, language, "findings/findings", query)
    app.selectbox(key="finding_chosen").set_value("field_not_allowed|PROSPECT/crm/private_phone").run()
    assert not app.exception
    return app


def stands(desk: Desk) -> tuple[State, str | None]:
    """How the finding stands, and whose it is."""
    judged = gather.judged(desk.at(), desk.reading())
    found = state.standing(desk.register, judged, desk.parameters, TODAY)
    (one,) = [one for one in found if one.code == "field_not_allowed"]
    return one.state, one.owner


def test_two_people_accept_a_finding_until_a_day(desk: Desk) -> None:
    petra = chosen(Role.DPO)
    petra.text_input(key=f"{KEY}_propose_until").set_value("någon gång")
    petra.button(key=f"{KEY}_propose_button").click().run()
    # All that is wrong is told below its field, and what was typed stays.
    assert {told.value for told in petra.error} == {refusal("field_day", "sv", {}), refusal("field_missing", "sv", {})}
    assert petra.text_input(key=f"{KEY}_propose_until").value == "någon gång"
    petra.text_input(key=f"{KEY}_propose_until").set_value((TODAY + 30 * DAY).isoformat())
    petra.text_area(key=f"{KEY}_propose_reason").set_value("Fältet tas bort i vår.")
    petra.button(key=f"{KEY}_propose_button").click().run()
    assert say("finding_done.proposed", "sv") in petra.success[0].value
    assert stands(desk)[0] is State.PROPOSED
    # Who proposed it finds no button to accept it.
    assert f"{KEY}_accept" not in {button.key for button in petra.button}

    axel = chosen(Role.CISO, "en", findings="proposed")
    assert "Fältet tas bort i vår." in axel.info[-1].value
    axel.button(key=f"{KEY}_accept").click().run()
    assert stands(desk)[0] is State.ACCEPTED
    assert not axel.exception


def test_who_answers_for_it_is_said_and_others_only_read(desk: Desk) -> None:
    app = chosen(Role.CISO)
    app.selectbox(key=f"{KEY}_assign_owner").set_value("it")
    app.button(key=f"{KEY}_assign_button").click().run()
    assert stands(desk) == (State.OPEN, "it")
    for role in (Role.AUDITOR, Role.ADMIN, Role.OWNER):
        assert not [button for button in chosen(role).button if (button.key or "").startswith(KEY)]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_how_many_are_open_and_what_to_do(language: str) -> None:
    app = chosen(Role.AUDITOR, language)
    # The column, eight activities that nobody has described, and what no scan, no mailing and no notice says of a
    # prospect of whom nobody knows more; and nobody is DPO or CISO.
    sentence = say("findings.sentence", language, open=15)
    assert any(one.value.startswith(sentence) for one in (*app.markdown, *app.info, *app.warning))
    assert say("finding_help.field_not_allowed", language) in [one.value for one in app.caption]


def test_each_part_of_the_list_is_what_its_figure_counts(desk: Desk) -> None:
    reading = desk.reading()
    review.keep(desk.at(None), reading, Occasion.BUILD)
    judged = gather.judged(desk.at(), reading)
    one, other, *_ = judged.findings
    verbs.propose(desk.at(desk.petra), judged, *one.known_as, until=TODAY + DAY, reason="Skäl.")
    verbs.propose(desk.at(desk.petra), judged, *other.known_as, until=TODAY + DAY, reason="Skäl.")
    told = next(told for told in gather.standing(desk.at(), reading) if told.known_as == one.known_as)
    assert told.finding_id is not None and told.proposal is not None
    verbs.accept(desk.at(desk.axel), told.finding_id, told.proposal.step_id)
    found = gather.standing(desk.at(), reading)
    assert {one.known_as: one.state for one in found if one.state is not State.OPEN} == {
        one.known_as: State.ACCEPTED, other.known_as: State.PROPOSED,
    }  # fmt: skip
    figures = state.figures(found, TODAY)
    counted = {"going_on": figures["findings_open"][0], "accepted": 1, "proposed": 1, "mended": 0, "late": 0}
    assert counted["accepted"] == figures["findings_accepted"][0] and counted["going_on"] == len(found) - 1
    for which, count in counted.items():
        app = opened(Role.DPO, "sv", "findings/findings", {"findings": which})
        (shown,) = [frame.value for frame in app.dataframe] or [()]
        assert len(shown) == count, which
    # What is mended is looked up; all else is there unasked.
    (whole,) = opened(Role.DPO, "sv", "findings/findings").dataframe
    assert len(whole.value) == len(found)


@pytest.mark.usefixtures("desk")
def test_what_is_chosen_is_set_only_where_it_is_none_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    whole = st.selectbox

    def selectbox(*told: Any, **named: Any) -> Any:
        if named.get("key") == "finding_chosen":
            # What a page has set itself goes to the browser.
            sent.append("finding_chosen" in get_session_state()._state._new_session_state)
        return whole(*told, **named)

    monkeypatch.setattr(st, "selectbox", selectbox)
    app = chosen(Role.DPO)
    app.run()
    assert sent and not any(sent)
    app.selectbox(key="filter_severity").set_value("critical").run()
    assert sent[-1] and app.selectbox(key="finding_chosen").value is None
    app.run()
    assert not sent[-1]


def test_what_was_said_to_a_finding_leaves_with_names_or_without_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = gather.judged(desk.at(), desk.reading())
    (one,) = [one for one in judged.findings if one.code == "field_not_allowed"]
    verbs.propose(desk.at(desk.petra), judged, *one.known_as, until=TODAY + DAY, reason="Fältet tas bort.")
    offered = offers(monkeypatch)
    for actor, permission in ((desk.petra, Permission.EXTRACT_PERSONS), (desk.axel, Permission.EXTRACT_FIGURES)):
        chosen(actor.role)
        offer = offered["csv_finding_steps_plain"]
        assert offer["permission"] is permission
        content = b"".join(offer["write"](desk.at(actor))).decode()
        assert ("Fältet tas bort." in content) is (actor is desk.petra) and content.count("\n") > 1


def test_the_next_export_shows_that_it_is_mended(desk: Desk, tmp_path: Path) -> None:
    desk.clock()
    review.keep(desk.at(None), desk.reading(), Occasion.BUILD)
    assert stands(desk)[0] is State.OPEN
    desk.take_in(prospects(tmp_path / "next", [prospect(1, "2025-03-21")], "2026-11-24T0600"))
    review.keep(desk.at(None), desk.reading(), Occasion.BUILD)
    judged = gather.judged(desk.at(), desk.reading())
    every = state.standing(desk.register, judged, desk.parameters, TODAY)
    (one,) = [one for one in every if one.code == "field_not_allowed"]
    assert (one.state, one.gone_build) == (State.MENDED, desk.reading().build)
