"""The page of one person, as people use it: nobody in the address, each look in the ledger before the answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance.drafts.tables import draft
from compliance.person.view import TABS
from compliance.rectification.tables import rectification
from compliance.requests import desk as requests
from compliance.requests import facts
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.overwritten import overwritten
from tests.pages.test_pages import frames, lines, opened
from tests.person.company import company, who
from tests.purging import Desk
from tests.world import TODAY


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    company(folder).register.dispose()
    return folder


@pytest.fixture(autouse=True)
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A company of one's own, where the page looks for it."""
    shutil.copytree(made, tmp_path / "own")
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "own" / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return Desk(tmp_path / "own" / "store")


def shown(app: AppTest) -> set[str]:
    """Every text of the page's tables."""
    return {str(value) for frame in frames(app) for value in frame.to_numpy().ravel()}


def test_a_search_finds_nobody_one_or_several_and_stays_out_of_address_and_ledger() -> None:
    app = opened(Role.DPO, "sv", "person/person")
    assert say("person.nobody_asked", "sv") in [info.value for info in app.info]
    search = app.text_input(key="person_asked")
    search.set_value("nobody@nowhere.example").run()
    assert say("person.none_found", "sv") in [warning.value for warning in app.warning]
    search.set_value("Ek").run()
    assert say("person.several_found", "sv", count=2) in [caption.value for caption in app.caption]
    assert {"Bo Ek", "Cia Ek"} <= shown(app) and not app.subheader
    search.set_value("Anna.Berg@bolaget.example").run()
    assert not app.exception and app.subheader[0].value == "Anna Berg"
    assert {"Utvecklare", "Ekens Bygg AB"} <= shown(app) and "Bo Ek" not in shown(app)
    assert [(line["what"], line["rows"]) for line in lines("persons:seen")] == [
        ("person_search", 0), ("person_search", 2), ("person_search", 1), ("person", 1)
    ]  # fmt: skip
    assert not any("anna" in str(one).casefold() for one in [dict(app.query_params), *lines("persons:seen")])
    # What is looked at again in the same session is the same look.
    app.run()
    assert len(lines("persons:seen")) == 4


def test_what_the_person_is_told_is_offered_and_what_concerns_others_is_asked_about() -> None:
    app = opened(Role.DPO, "en", "person/person")
    app.session_state[TABS] = say("person.disclosure", "en")
    app.text_input(key="person_asked").set_value("anna.berg@bolaget.example").run()
    assert {say("bundle.json", "en"), say("bundle.pdf", "en")} <= {
        one.proto.label for one in app.get("download_button")
    }
    assert any(say("bundle.answers", "en", request=1) == one.value for one in app.info) and not app.checkbox
    app.text_input(key="person_asked").set_value("cia@hem.example").run()
    assert [one.label for one in app.checkbox] == [say("bundle.include_others", "en", count=1)]
    assert not app.checkbox[0].value and not app.checkbox[0].check().run().exception


def test_a_row_of_a_list_leads_to_its_person(desk: Desk) -> None:
    app = opened(Role.DPO, "en", "person/person")
    app.session_state["person_chosen"] = who(desk, "Dan Falk")
    app.run()
    assert app.subheader[0].value == "Dan Falk"
    # Another build has them no more: gone, and not somebody else.
    app.session_state["person_chosen"] = "0" * 32
    app.run()
    assert not app.exception and say("person.gone", "en") in [warning.value for warning in app.warning]
    assert [line["rows"] for line in lines("persons:seen")] == [1, 0]


def test_a_data_owner_sees_the_own_categories_alone_and_is_told_so() -> None:
    app = opened(Role.OWNER, "en", "person/person")
    app.session_state[TABS] = say("person.disclosure", "en")
    app.text_input(key="person_asked").set_value("E77").run()
    assert not app.exception and say("person.limited", "en") in [caption.value for caption in app.caption]
    assert say("bundle.of_all", "en") in [caption.value for caption in app.caption]
    assert say("category.EMPLOYEE", "en") not in shown(app) and "Utvecklare" not in shown(app)
    assert "Ekens Bygg AB" in shown(app)
    assert "hold_place" not in {button.key for button in app.button}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_of_the_page_is_drawn_when_it_is_looked_at(language: str) -> None:
    app = opened(Role.DPO, language, "person/person")
    app.text_input(key="person_asked").set_value("anna.berg@bolaget.example").run()
    assert say("person_event.today", language) not in shown(app)
    app.session_state[TABS] = say("person.over_time", language)
    assert not app.run().exception and say("person_event.today", language) in shown(app)
    app.session_state[TABS] = say("person.doubles", language)
    told = [caption.value for caption in app.run().caption]
    assert not app.exception and say("person.doubles_none", language) in told


def test_a_hold_is_placed_from_the_page(desk: Desk) -> None:
    app = opened(Role.DPO, "en", "person/person")
    app.text_input(key="person_asked").set_value("Dan Falk").run()
    app.text_input(key=f"hold_{who(desk, 'Dan Falk')}_owner").set_value("sales")
    app.button(key="hold_place").click().run()
    assert not app.exception and not app.error
    assert say("flag.has_hold", "en") in shown(app)
    assert [line["scope"] for line in lines("hold:placed")] == ["person"]


def test_a_correction_is_asked_for_and_shown_as_awaited_and_what_was_typed_wrong_stays(desk: Desk) -> None:
    app = opened(Role.DPO, "en", "person/person")
    app.text_input(key="person_asked").set_value("Dan Falk").run()
    field, new, evidence = (f"rectification_{who(desk, 'Dan Falk')}_{name}" for name in ("field", "new", "evidence"))
    app.selectbox(key=field).set_value("phone").run()
    app.text_input(key=new).set_value("no number")
    app.text_input(key=evidence).set_value("CASE-7")
    app.button(key="rectification_ask").click().run()
    assert [one.value for one in app.error] == [say("refusal.rectification_phone_invalid", "en")]
    assert app.text_input(key=new).value == "no number"
    assert app.text_input(key=evidence).value == "CASE-7"
    # Loaded anew, by whoever typed it: it stands there.
    again = opened(Role.DPO, "en", "person/person")
    again.text_input(key="person_asked").set_value("Dan Falk").run()
    assert again.text_input(key=new).value == "no number"
    assert again.text_input(key=evidence).value == "CASE-7"
    app.text_input(key=new).set_value("070-174 06 99")
    app.button(key="rectification_ask").click().run()
    with desk.register.connect() as connection:
        assert connection.execute(sa.select(draft)).all() == []
    assert not app.error and say("rectification.asked", "en", rectification="1") in [one.value for one in app.success]
    assert {"070-174 06 99", say("rectification_state.awaited", "en")} <= shown(app)
    assert app.text_input(key=evidence).value == ""
    app.button(key="rectification_withdraw_1").click().run()
    assert not app.exception and say("rectification_state.withdrawn", "en") in shown(app)
    assert desk.register


def test_what_was_typed_of_one_person_is_not_shown_with_another_and_is_there_on_coming_back(desk: Desk) -> None:
    app = opened(Role.DPO, "en", "person/person")
    app.text_input(key="person_asked").set_value("Dan Falk").run()
    dan = f"rectification_{who(desk, 'Dan Falk')}_evidence"
    app.text_input(key=dan).set_value("CASE-7").run()
    assert overwritten(app.run(), "rectification") == []
    anna = who(desk, "anna.berg@bolaget.example")
    app.text_input(key="person_asked").set_value("anna.berg@bolaget.example").run()
    shown_here = [
        one for one in app.text_input if str(one.key).startswith("rectification") and str(one.key).endswith("evidence")
    ]
    assert [(one.key, one.value) for one in shown_here] == [(f"rectification_{anna}_evidence", "")]
    app.text_input(key="person_asked").set_value("Dan Falk").run()
    assert app.text_input(key=dan).value == "CASE-7"


def test_the_persons_open_requests_and_a_new_one_are_a_click_away() -> None:
    app = opened(Role.DPO, "en", "person/person")
    app.text_input(key="person_asked").set_value("anna.berg@bolaget.example").run()
    links = {one.proto.label for one in app.get("page_link")}
    assert {say("person.request", "en", reference="R1"), say("person.request_new", "en")} <= links
    app.text_input(key="person_asked").set_value("Dan Falk").run()
    assert say("person.request", "en", reference="R1") not in {one.proto.label for one in app.get("page_link")}


def test_a_request_for_rectification_leads_to_its_form_and_to_ask_is_to_decide(desk: Desk) -> None:
    asked = requests.Asked("rectification", "mail", TODAY, "prospect", name="Dan Falk", email="dan@bolaget.example")
    number = requests.register(desk.at(desk.petra), desk.reading(), asked)
    app = opened(Role.DPO, "sv", "requests/request", {"number": str(number)})
    app.button(key=f"correct_{who(desk, 'Dan Falk')}").click().run()
    assert not app.exception and app.subheader[0].value == "Dan Falk"
    assert app.session_state[TABS] == say("person.correct", "sv")
    app = opened(Role.DPO, "sv", "person/person")
    app.text_input(key="person_asked").set_value("Dan Falk").run()
    form = f"rectification_{who(desk, 'Dan Falk')}"
    assert app.selectbox(key=f"{form}_request").value == number
    app.selectbox(key=f"{form}_field").set_value("name").run()
    assert app.text_input(key=f"{form}_new").value == "Dan Falk"
    app.text_input(key=f"{form}_new").set_value("Dan Falck")
    app.text_input(key=f"{form}_evidence").set_value("CASE-8")
    app.button(key="rectification_ask").click().run()
    assert not app.exception and not app.error
    with desk.register.connect() as connection:
        told = facts.facts_of(connection, number, desk.parameters, TODAY)
        wanted = connection.execute(sa.select(rectification.c.request_id)).scalars().all()
    assert [one.decision for one in told.decided] == ["correct"] and wanted == [number]
