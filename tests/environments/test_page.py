"""The page of support access, by the real Streamlit app: what each role sees, reviews, and what is wrong there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from compliance.environments.view import Decision
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.environments.test_reviews import GRANTS, STAFF, room
from tests.pages.test_pages import opened
from tests.purging import Desk, employees, environments, grants
from tests.world import TODAY

ENVIRONMENT = {
    "Miljö-ID": "M1", "PUB-avtal": "P1", "Automatisk rensning": "nej", "Standardinställningar": "ja",
    "Senaste återläsningstest": "2026-05-01",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access")
    desk = Desk(folder / "store", COMPLIANCE_BUILDS="plain")
    assert desk.take_in(employees(folder, STAFF), environments(folder, [ENVIRONMENT]), grants(folder, GRANTS)).all_taken
    desk.register.dispose()
    return folder / "store"


@pytest.fixture
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    store = shutil.copytree(made, tmp_path / "store")
    for name, value in (("STORE", str(store)), ("TODAY", TODAY.isoformat()), ("BUILDS", "plain")):
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)
    return Desk(Path(store), COMPLIANCE_BUILDS="plain")


def page(role: Role, language: str = "sv") -> AppTest:
    return opened(role, language, "environments/access")


def text(app: AppTest) -> str:
    return "\n".join(frame.value.to_csv() for frame in app.dataframe)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("desk")
def test_the_page_tells_grants_findings_and_environments_and_nobody_by_name(language: str) -> None:
    app = page(Role.AUDITOR, language)
    told = text(app)
    assert "B1" in told and "M1" in told and "fk-1" in told
    assert say("finding_told.environment_not_cleaning", language, thing="M1", customer="–") in told
    assert say("access_state.open", language) in told
    assert not any(name in told for name in ("Bo", "Cia", "@antura.example"))
    # Who may not review is offered no form.
    assert not app.text_area


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_of_an_environment_is_recorded_and_what_is_wrong_stands_at_its_field(
    desk: Desk, language: str
) -> None:
    app = page(Role.CISO, language)
    assert say("environments.review_choose", language) in [one.value for one in app.caption]
    app.selectbox(key="access_environment").set_value("M1").run()
    told = say("environments.review_place", language, count=2, environment="M1")
    assert told in [one.value for one in app.caption]
    app.button(key="access_review_button").click().run()
    assert [one.value for one in app.error] == [refusal("field_missing", language, {})] * 2
    app.selectbox(key="access_review_decision").set_value(Decision.REVOKE)
    app.text_area(key="access_review_reason").set_value("Sagt av bo.ek@antura.example")
    app.button(key="access_review_button").click().run()
    assert [one.value for one in app.error] == [refusal("review_personal", language, {})]
    assert not room(desk).orders
    app.text_area(key="access_review_reason").set_value("Ärendet är stängt.")
    app.button(key="access_review_button").click().run()
    assert not app.error
    assert say("environments.reviewed", language, grants=2, orders=2, withdrawn=0) in [one.value for one in app.success]
    assert [one.state.value for one in room(desk).orders] == ["awaited", "awaited"]
    assert say("revocation_state.awaited", language) in text(app)


@pytest.mark.usefixtures("desk")
def test_names_are_shown_to_who_may_and_asked_for_them() -> None:
    app = page(Role.DPO)
    assert "Bo Ek" not in text(app)
    app.toggle(key="named_access").set_value(True).run()
    assert "Bo Ek" in text(app)
    assert not [one for one in page(Role.CISO).toggle if one.key == "named_access"]


def test_a_store_without_grants_says_that_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    for name, value in (("STORE", str(tmp_path / "store")), ("TODAY", TODAY.isoformat()), ("BUILDS", "plain")):
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)
    assert desk.take_in(employees(tmp_path, STAFF)).all_taken
    app = page(Role.CISO, "en")
    assert say("environments.sentence_nothing", "en") in [one.value for one in app.info]
    assert {metric.value for metric in app.metric} == {say("common.unknown", "en")}
