"""The page of notices, by the real Streamlit app: who is still to be told, and the form that records it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from compliance import access
from compliance.notices import state
from compliance.notices.facts import Informed
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests import demo_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_store.copied(tmp_path_factory.mktemp("notices"))


@pytest.fixture
def settings_here(store: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in demo_store.environment(store).items():
        monkeypatch.setenv(name, value)
    return settings_of.load()


def opened(settings: Settings, role: Role, language: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    people = {actor.role: actor for actor in access.demo_actors(settings)}
    app.session_state["signed_in_email"] = people[role].email
    app.session_state["language"] = language
    app.run()
    app.switch_page("pages/notices/notices.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_should_have_been_told_stands_first_and_is_recorded_by_source_and_word(
    settings_here: Settings, language: str
) -> None:
    app = opened(settings_here, Role.DPO, language)
    findings = list(app.dataframe[0].value[say("column.finding", language)])
    assert findings and "{" not in "".join(findings) and any("köpt lista" in one for one in findings)
    place = "notice_informed_new"
    app.text_input(key=f"{place}_source").set_value("crm")
    app.text_input(key=f"{place}_word").set_value("Köpt lista")
    app.text_input(key=f"{place}_registered_from").set_value("1990-01-01")
    app.text_input(key=f"{place}_registered_until").set_value("igår")
    app.text_input(key=f"{place}_informed_on").set_value("2026-11-01")
    app.text_area(key=f"{place}_how").set_value("Brev.")
    app.button(key=f"{place}_button").click().run()
    assert [one.value for one in app.error] == [refusal("field_day", language, {})]
    app.text_input(key=f"{place}_registered_until").set_value("2026-11-01")
    before = len(state.known(engine(settings_here)).entries)
    app.button(key=f"{place}_button").click().run()
    assert not app.error and say("notices.recorded", language, entry=before + 1) in [one.value for one in app.success]
    assert isinstance(state.known(engine(settings_here)).entries[-1].facts, Informed)


def test_the_auditor_reads_and_records_nothing(settings_here: Settings) -> None:
    app = opened(settings_here, Role.AUDITOR, "sv")
    assert len(app.dataframe) >= 2 and not list(app.text_area)
