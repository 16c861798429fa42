"""The pages of incidents, by the real Streamlit app: forms that lose nothing, clocks, corrections, the questions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from compliance import access
from compliance.access.at import At
from compliance.incidents import facts, state, verbs
from compliance.incidents.facts import DataKind, Nature, Risk
from compliance.register.engine import engine
from compliance.review import decisions
from compliance.ui import Kept, forms
from compliance.words import settings as settings_of
from compliance.words import times
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Permission, Role
from tests.pages.test_pages import offers
from tests.world import acting

ROOT = Path(__file__).parents[2]
HOUR = dt.timedelta(hours=1)


class Office:
    """A store without a copy: incidents are recorded before the first export is taken in."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.register = settings, engine(settings)
        self.people = {actor.role: actor for actor in access.demo_actors(settings)}
        self.now = dt.datetime.now(dt.UTC)

    def at(self) -> At:
        """An act of the DPO."""
        return acting(self.settings, self.register, self.people[Role.DPO], self.now)

    def known(self, before: dt.timedelta = 20 * HOUR) -> int:
        """An incident that is known since so long."""
        number = verbs.report(
            self.at(), facts.Reported(called="Fel mottagare", what="En lista.", natures=(Nature.DISCLOSURE,))
        )
        verbs.record(self.at(), number, facts.Detected(detected_at=self.now - before, how="Larm."))
        verbs.record(self.at(), number, facts.Aware(aware_at=self.now - before, reason="Logg."))
        return number

    def opened(self, role: Role, language: str, page: str, **query: str) -> AppTest:
        """A page as somebody sees it."""
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
        app.session_state["signed_in_email"] = self.people[role].email
        app.session_state["language"] = language
        app.run()
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        return app


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("COMPLIANCE_STORE", str(settings.store))
    return Office(settings_of.load())


def incidents(office: Office) -> list[state.Incident]:
    return state.every(office.register)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_that_is_not_whole_is_told_below_its_fields_and_nothing_typed_is_lost(
    office: Office, language: str
) -> None:
    app = office.opened(Role.CISO, language, "incidents/incidents")
    app.text_input(key="incident_new_reported_new_called").set_value("Lösenord i klartext")
    app.button(key="incident_new_reported_new_button").click().run()
    assert [error.value for error in app.error] == [refusal("field_missing", language, {})] * 2
    assert app.text_input(key="incident_new_reported_new_called").value == "Lösenord i klartext"
    app.text_area(key="incident_new_reported_new_what").set_value("Ring 070-174 06 05")
    app.multiselect(key="incident_new_reported_new_natures").set_value([Nature.ACCESS])
    app.button(key="incident_new_reported_new_button").click().run()
    assert [error.value for error in app.error] == [refusal("incident_personal", language, {})]
    assert not incidents(office)
    app.text_area(key="incident_new_reported_new_what").set_value("I en logg.")
    app.button(key="incident_new_reported_new_button").click().run()
    assert not app.error and say("incidents.reported", language, number=1) in [one.value for one in app.success]
    (one,) = incidents(office)
    assert one.reported == facts.Reported(called="Lösenord i klartext", what="I en logg.", natures=(Nature.ACCESS,))
    # The form is empty again for the next.
    assert app.text_input(key="incident_new_reported_new_called").value == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_is_recorded_and_its_time_read_by_the_stockholm_clock(office: Office, language: str) -> None:
    number = verbs.report(office.at(), facts.Reported(called="x", what="y", natures=(Nature.LOSS,)))
    app = office.opened(Role.DPO, language, "incidents/incident", incident=str(number))
    # What comes first is offered first.
    assert app.selectbox(key="incident_what_1").value == "detected"
    # A field whose hint changed with the minute would forget what somebody is typing; an example would look given.
    assert app.text_input(key="incident_1_detected_new_detected_at").placeholder == say("forms.time_shape", language)
    app.text_input(key="incident_1_detected_new_detected_at").set_value("den 29 mars")
    app.text_area(key="incident_1_detected_new_how").set_value("Larm.")
    app.button(key="incident_1_detected_new_button").click().run()
    assert [error.value for error in app.error] == [refusal("time_unreadable", language, {})]
    app.text_input(key="incident_1_detected_new_detected_at").set_value("2026-03-27 16:00")
    app.button(key="incident_1_detected_new_button").click().run()
    assert not app.error
    assert state.find(office.register, number).instant(facts.Detected, "detected_at") == times.read("2026-03-27 16:00")
    assert app.selectbox(key="incident_what_1").value == "aware"


def test_what_was_wrong_with_what_is_gone_is_not_said_of_what_is_empty(office: Office) -> None:
    verbs.report(office.at(), facts.Reported(called="x", what="y", natures=(Nature.LOSS,)))
    app = office.opened(Role.DPO, "en", "incidents/incident", incident="1")
    app.button(key="incident_1_detected_new_button").click().run()
    assert len(app.error) == 2
    # Streamlit lets go of fields that are not drawn.
    app.selectbox(key="incident_what_1").set_value("occurred").run()
    app.selectbox(key="incident_what_1").set_value("detected").run()
    assert not app.error and app.text_input(key="incident_1_detected_new_detected_at").value == ""


def test_a_second_click_on_what_has_been_handed_on_is_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[facts.Facts] = []
    monkeypatch.setattr(forms.st, "session_state", {"f_reason": "Ja."})
    session = SimpleNamespace(language="en", engine=office.register, actor=office.at().actor)
    kept = Kept(session, "f", tuple(facts.Reopened.model_fields))  # type: ignore[arg-type]
    for _ in range(2):
        forms._try(kept, facts.Reopened, handed.append)
    assert handed == [facts.Reopened(reason="Ja.")]


def test_who_may_not_see_incidents_is_told_of_no_decision_on_them(office: Office) -> None:
    office.known()
    for role in Role:
        at = acting(office.settings, office.register, office.people[role], office.now)
        found = list(decisions._of_incidents(at))
        assert bool(found) is (role in (Role.DPO, Role.CISO, Role.AUDITOR))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clock_stands_on_the_start_pages_for_whoever_sees_the_ledger(office: Office, language: str) -> None:
    office.known()
    kind = say("incident_clock.authority", language)
    for role, page in ((Role.DPO, "review/weekly"), (Role.CISO, "review/risk"), (Role.AUDITOR, "review/weekly")):
        told = [error.value for error in office.opened(role, language, page).error]
        assert any(kind in one and "51 h" in one for one in told), told
    assert not office.opened(Role.OWNER, language, "review/weekly").error


def test_a_drill_is_no_alarm_and_says_that_it_is_one(office: Office) -> None:
    told = facts.Reported(called="Övning", what="y", natures=(Nature.LOSS,), is_drill=True)
    number = verbs.report(office.at(), told)
    verbs.record(office.at(), number, facts.Detected(detected_at=office.now - HOUR, how="."))
    verbs.record(office.at(), number, facts.Aware(aware_at=office.now - HOUR, reason="."))
    assert not office.opened(Role.DPO, "en", "review/weekly").error
    app = office.opened(Role.DPO, "en", "incidents/incident", incident=str(number))
    assert say("incidents.is_drill", "en") in [one.value for one in app.info]
    assert app.error


def test_the_auditor_reads_and_records_nothing(office: Office) -> None:
    number = office.known()
    app = office.opened(Role.AUDITOR, "en", "incidents/incident", incident=str(number))
    assert not [button for button in app.button if str(button.key).startswith("incident_")]
    assert len(app.dataframe) == 3
    assert not list(office.opened(Role.AUDITOR, "en", "incidents/incidents").text_input)


def test_free_text_leaves_with_those_alone_who_may_take_out_names(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = offers(monkeypatch)
    number = office.known()
    kept = (("incidents", "Fel mottagare"), ("incident_steps", "En lista."), ("incident_form", "En lista."))
    for role, permission in ((Role.DPO, Permission.EXTRACT_PERSONS), (Role.CISO, Permission.EXTRACT_FIGURES)):
        offered.clear()
        office.opened(role, "sv", "incidents/incidents")
        office.opened(role, "sv", "incidents/incident", incident=str(number))
        at = acting(office.settings, office.register, office.people[role], office.now)
        for table, text in kept:
            offer = offered[f"csv_{table}_plain"]
            assert offer["permission"] is permission
            content = b"".join(offer["write"](at)).decode()
            assert (text in content) is (role is Role.DPO) and content.count("\n") > 1
        assert offered["together_zip"]["permission"] is permission


@pytest.mark.parametrize("number", ["", "99", "x", "9" * 40])
def test_an_address_with_no_incident_says_so(office: Office, number: str) -> None:
    app = office.opened(Role.DPO, "en", "incidents/incident", incident=number)
    assert len(app.error) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_authoritys_questions_are_answered_by_what_is_known(office: Office, language: str) -> None:
    number = office.known()
    verbs.record(office.at(), number, facts.Affected(persons=212, data=(DataKind.CONTACT, DataKind.IDENTITY)))
    verbs.record(office.at(), number, facts.Assessed(risk=Risk.HIGH, reason="r", consequences="Kapade konton."))
    app = office.opened(Role.DPO, language, "incidents/incident", incident=str(number))
    form = next(frame.value for frame in app.dataframe if say("column.question", language) in frame.value.columns)
    answers = dict(zip(form[say("column.question", language)], form[say("column.reply", language)], strict=True))
    assert answers[say("incident_form.persons", language)] == "212"
    assert answers[say("incident_form.consequences", language)] == "Kapade konton."
    assert answers[say("incident_form.informed", language)] == "–"
    assert answers[say("incident_form.aware", language)] == times.written(office.now - 20 * HOUR)
    assert answers[say("incident_form.data", language)].count(say("incident_data.contact", language)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_typed_is_there_after_the_page_is_loaded_anew_for_who_typed_it(office: Office, language: str) -> None:
    place = "incident_new_reported_new"
    app = office.opened(Role.CISO, language, "incidents/incidents")
    app.text_input(key=f"{place}_called").set_value("Fel mottagare").run()
    app.text_area(key=f"{place}_what").set_value("En lista med åtta rader.").run()
    app.multiselect(key=f"{place}_natures").set_value([Nature.DISCLOSURE]).run()
    app.checkbox(key=f"{place}_is_drill").check().run()
    assert not incidents(office)
    other = office.opened(Role.DPO, language, "incidents/incidents")
    assert other.text_area(key=f"{place}_what").value == ""
    again = office.opened(Role.CISO, language, "incidents/incidents")
    assert again.text_input(key=f"{place}_called").value == "Fel mottagare"
    assert again.text_area(key=f"{place}_what").value == "En lista med åtta rader."
    assert again.multiselect(key=f"{place}_natures").value == [Nature.DISCLOSURE]
    assert again.checkbox(key=f"{place}_is_drill").value is True
    assert say("forms.restored", language) in [one.value for one in again.caption]
    again.button(key=f"{place}_button").click().run()
    assert incidents(office)[0].reported == facts.Reported(
        called="Fel mottagare", what="En lista med åtta rader.", natures=(Nature.DISCLOSURE,), is_drill=True
    )
    # Handed on, it is nobody's draft any more.
    after = office.opened(Role.CISO, language, "incidents/incidents")
    assert after.text_area(key=f"{place}_what").value == ""
    assert say("forms.restored", language) not in [one.value for one in after.caption]
