"""The page of roles and controls, by the real Streamlit app: what is wrong comes first, and each form records."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from compliance.controls import state
from compliance.controls.facts import Figure, Office, Told
from compliance.findings.tables import Owner
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests import demo_store
from tests.pages.test_pages import opened


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_store.copied(tmp_path_factory.mktemp("controls"))


@pytest.fixture
def settings_here(store: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in demo_store.environment(store).items():
        monkeypatch.setenv(name, value)
    return settings_of.load()


def page(role: Role, language: str) -> AppTest:
    return opened(role, language, "controls/controls", {})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_vacant_office_stands_first_and_is_filled_by_its_form(settings_here: Settings, language: str) -> None:
    app = page(Role.DPO, language)
    findings = list(app.dataframe[0].value[say("column.finding", language)])
    assert findings and "{" not in "".join(findings)
    place = "control_office_new"
    before = len(state.known(engine(settings_here)).entries)
    app.selectbox(key=f"{place}_office").set_value(Office.CISO)
    app.text_input(key=f"{place}_holder").set_value("ciso@bolaget.example")
    first = {"sv": "2019-01-01", "en": "2018-01-01"}[language]
    app.text_input(key=f"{place}_from_on").set_value(first)
    app.text_input(key=f"{place}_until_on").set_value(first.replace("-01-01", "-12-31"))
    app.multiselect(key=f"{place}_functions").set_value([Owner.LEGAL])
    app.button(key=f"{place}_button").click().run()
    assert [one.value for one in app.error] == [refusal("control_personal", language, {})]
    app.text_input(key=f"{place}_holder").set_value("Avtal C-1")
    app.button(key=f"{place}_button").click().run()
    assert not app.error and say("controls.recorded", language, entry=before + 1) in [one.value for one in app.success]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_runs_the_systems_tells_figures_and_nothing_else(settings_here: Settings, language: str) -> None:
    app = page(Role.ADMIN, language)
    keys = {button.key for button in app.button}
    assert "control_figure_new_button" in keys
    assert not {"control_office_new_button", "control_measure_new_button"} & keys
    place = "control_figure_new"
    app.selectbox(key=f"{place}_figure").set_value(Figure.ORPHAN_FILES)
    app.text_input(key=f"{place}_place").set_value("M-003")
    app.text_input(key=f"{place}_value").set_value("-1")
    app.text_input(key=f"{place}_counted_on").set_value("2026-01-02")
    app.text_input(key=f"{place}_source").set_value("Nattjobb")
    app.button(key=f"{place}_button").click().run()
    assert [one.value for one in app.error] == [refusal("field_count", language, {})]
    app.text_input(key=f"{place}_value").set_value("6")
    app.button(key=f"{place}_button").click().run()
    assert not app.error
    last = state.known(engine(settings_here)).entries[-1]
    assert last.role == "admin" and last.facts == Told(
        figure=Figure.ORPHAN_FILES, place="M-003", value=6, counted_on=dt.date(2026, 1, 2), source="Nattjobb"
    )


@pytest.mark.usefixtures("settings_here")
def test_the_auditor_reads_and_records_nothing() -> None:
    app = page(Role.AUDITOR, "sv")
    assert len(app.dataframe) >= 4 and not list(app.text_area)
