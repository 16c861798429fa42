"""The page of cookies, by the real Streamlit app: what is wrong, a scan, the inventory, who may what."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from compliance.cookies import state, verbs
from compliance.cookies.facts import Consent, Life, Use
from compliance.cookies.tables import Party, Phase
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.cookies.made import SITE, of_cookies
from tests.cookies.test_state import LEADS, Site

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A store without a copy."""
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path))
    monkeypatch.setenv("COMPLIANCE_TODAY", "2026-11-24")
    return Site(tmp_path)


def opened(site: Site, role: Role, language: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"] = site.people[role].email
    app.session_state["language"] = language
    app.run()
    app.switch_page("pages/cookies/cookies.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_scan_found_stands_first_in_words(site: Site, language: str) -> None:
    verbs.record(site.at(), LEADS)
    site.scan(of_cookies("pe1", "_ga"), Phase.BEFORE_CHOICE)
    app = opened(site, Role.AUDITOR, language)
    assert app.warning[0].value == say("cookies.sentence_grave", language, grave=3, others=2)
    table = app.dataframe[0].value
    told = list(table[say("column.finding", language)])
    assert say("finding_told.cookie_undeclared", language, name="_ga", site=SITE) in told
    assert "{" not in " ".join(told) and len(told) == 5
    seen = next(one.value for one in app.dataframe if say("column.wrong", language) in one.value.columns)
    assert list(seen[say("column.cookie", language)]) == ["_ga", "pe1"]
    assert say("cookie_wrong.cookie_undeclared", language) in seen[say("column.wrong", language)][0]
    # The auditor reads and records nothing.
    assert not [one for one in app.button if str(one.key).startswith("cookie_")] and not list(app.text_area)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_scan_nothing_is_said_to_be_well(site: Site, language: str) -> None:
    app = opened(site, Role.DPO, language)
    assert app.warning[0].value == say("cookies.sentence_unknown", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cookie_is_listed_by_its_form_and_what_is_wrong_stands_below_its_field(site: Site, language: str) -> None:
    app = opened(site, Role.CISO, language)
    place = "cookie_entry_new"
    app.text_input(key=f"{place}_name").set_value("pe#")
    for name, code in (
        ("party", Party.FIRST), ("life", Life.PERSISTENT), ("use", Use.COMPANIES), ("consent", Consent.ASKED)
    ):  # fmt: skip
        app.selectbox(key=f"{place}_{name}").set_value(code)
    app.text_area(key=f"{place}_purpose").set_value("Företag.")
    app.text_input(key=f"{place}_provider").set_value("Besök AB")
    app.button(key=f"{place}_button").click().run()
    assert [one.value for one in app.error] == [refusal("cookie_life", language, {})]
    assert app.text_input(key=f"{place}_provider").value == "Besök AB"
    app.text_input(key=f"{place}_lifetime_days").set_value("179")
    app.button(key=f"{place}_button").click().run()
    assert not app.error and say("cookies.recorded", language, entry=1) in [one.value for one in app.success]
    assert state.known(site.register).listed == (LEADS,)


def test_a_scan_without_its_file_is_told_so_and_keeps_what_was_typed(site: Site) -> None:
    app = opened(site, Role.DPO, "sv")
    app.text_input(key="cookie_scan_new_site").set_value(SITE)
    app.selectbox(key="cookie_scan_new_phase").set_value(Phase.REFUSED)
    app.button(key="cookie_scan_new_button").click().run()
    assert [one.value for one in app.error] == [refusal("scan_file_missing", "sv", {})]
    assert app.text_input(key="cookie_scan_new_site").value == SITE and not state.known(site.register).scans
