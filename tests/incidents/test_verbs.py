"""Incidents are recorded step by step: each refusal, each line of the ledger, and what two people do at once."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
import sqlalchemy as sa

from compliance import access
from compliance.access.at import At
from compliance.incidents import facts, state, verbs
from compliance.incidents.facts import DataKind, Facts, Nature, Risk, Side, Verdict
from compliance.incidents.tables import incident_step
from compliance.ledger.tables import ledger as lines
from compliance.register.engine import engine
from compliance.review import ledger as ledger_page
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Role
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DETECTED = facts.Detected(detected_at=NOW - 30 * HOUR, how="Larm.")
AWARE = facts.Aware(aware_at=NOW - 24 * HOUR, reason="Logg.")
AFFECTED = facts.Affected(persons=12, data=(DataKind.CONTACT,))
UNLIKELY = facts.Assessed(risk=Risk.UNLIKELY, reason="Krypterat.", consequences="Inga.")
HIGH = facts.Assessed(risk=Risk.HIGH, reason="Lösenord.", consequences="Kapade konton.")
CLOSED = facts.Closed(learnt="Något.")


def reported(called: str = "Fel mottagare", **more: object) -> facts.Reported:
    return facts.Reported.model_validate(
        {"called": called, "what": "En lista.", "natures": (Nature.DISCLOSURE,), **more}
    )


class Office:
    """Petra (DPO) and Axel (CISO) record; Agnes, Olle and Ada may not."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.register = settings, engine(settings)
        self.people = {actor.role: actor for actor in access.demo_actors(settings)}

    def at(self, role: Role | None = Role.DPO, now: dt.datetime = NOW) -> At:
        """An act of somebody, or of nobody."""
        return acting(self.settings, self.register, None if role is None else self.people[role], now)

    def begun(self, *steps: Facts, **more: object) -> int:
        """An incident with these steps."""
        number = verbs.report(self.at(), reported(**more))
        for step in steps:
            verbs.record(self.at(), number, step)
        return number

    def kinds(self, number: int) -> list[str]:
        """The steps that stand."""
        return [step.kind.value for step in state.find(self.register, number).standing]


@pytest.fixture
def office(settings: Settings) -> Office:
    return Office(settings)


def refused(work: object, code: str, field: str | None = None) -> None:
    assert callable(work)
    with pytest.raises(Refused) as told:
        work()
    assert told.value.code == code
    assert field is None or told.value.values["field"] == field
    for language in LANGUAGES:
        assert refusal(code, language, told.value.values)


def test_an_incident_from_report_to_end_and_its_lines(office: Office) -> None:
    number = office.begun(DETECTED, AWARE, AFFECTED, UNLIKELY, facts.Decided(notify=False, reason="Osannolik."))
    verbs.record(office.at(Role.CISO), number, CLOSED)
    assert not state.find(office.register, number).is_open
    with office.register.connect() as connection:
        told = [
            json.loads(row)
            for row in connection.scalars(sa.select(lines.c.details).where(lines.c.event == "incident:recorded"))
        ]
        whole = " ".join(connection.scalars(sa.select(lines.c.details)))
    assert [one["kind"] for one in told] == [
        "reported", "detected", "aware", "affected", "assessed", "decided", "closed",
    ]  # fmt: skip
    # The ledger outlives the register: it says that something was recorded, and not what.
    assert "Larm" not in whole and "Fel mottagare" not in whole
    assert not ledger_page.check_rows(office.settings, office.register, NOW).differences


@pytest.mark.parametrize("role", list(Role))
def test_who_may_record(office: Office, role: Role) -> None:
    if role in (Role.DPO, Role.CISO):
        assert verbs.report(office.at(role), reported())
    else:
        refused(lambda: verbs.report(office.at(role), reported()), "not_allowed")
    refused(lambda: verbs.report(office.at(None), reported()), "not_signed_in")


@pytest.mark.parametrize("text", ["Anna, anna@kund.example", "ring 070-174 06 05", "19121212-1212"])
def test_what_may_be_a_persons_is_refused_with_its_field(office: Office, text: str) -> None:
    refused(lambda: verbs.report(office.at(), reported(what=text)), "incident_personal", "what")
    number = office.begun()
    refused(
        lambda: verbs.record(office.at(), number, facts.Detected(detected_at=NOW, how=text)), "incident_personal", "how"
    )
    assert office.kinds(number) == ["reported"]


@pytest.mark.parametrize(
    ("before", "step", "code", "field"),
    [
        ((), facts.Detected(detected_at=NOW + HOUR, how="."), "incident_time_ahead", "detected_at"),
        ((), AWARE, "incident_rests_on", "aware_at"),
        ((DETECTED,), facts.Aware(aware_at=NOW - 31 * HOUR, reason="."), "incident_order", "aware_at"),
        ((DETECTED, AWARE), AWARE, "incident_stands", None),
        ((DETECTED, AWARE), facts.Occurred(began_at=NOW - 29 * HOUR), "incident_order", "detected_at"),
        ((), facts.Occurred(began_at=NOW - HOUR, ended_at=NOW - 2 * HOUR), "incident_order", "ended_at"),
        ((DETECTED, AWARE), facts.Decided(notify=True, reason="."), "incident_rests_on", "notify"),
        ((DETECTED, AWARE, HIGH), facts.Decided(notify=False, reason="."), "incident_risk_is_there", "notify"),
        (
            (DETECTED, AWARE, UNLIKELY, facts.Decided(notify=False, reason=".")),
            facts.Notified(notified_at=NOW), "incident_not_decided", "notified_at",
        ),
        (
            (DETECTED, AWARE, HIGH),
            facts.SubjectsDecided(verdict=Verdict.NOT_HIGH, reason="."), "incident_risk_is_high", "verdict",
        ),
        (
            (DETECTED, AWARE, HIGH, facts.SubjectsDecided(verdict=Verdict.AVERTED, reason=".")),
            facts.SubjectsInformed(informed_at=NOW, how="."), "incident_not_to_inform", "informed_at",
        ),
        ((DETECTED, AWARE), facts.Customer(customer="Ett"), "incident_side", "customer"),
        ((DETECTED, AWARE), CLOSED, "incident_waits", "learnt"),
        ((), facts.Reopened(reason="."), "incident_not_closed", None),
        ((), facts.TakenBack(reason="."), "incident_step_unknown", None),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_field_and_changes_nothing(
    office: Office, before: tuple[Facts, ...], step: Facts, code: str, field: str | None
) -> None:
    number = office.begun(*before)
    kinds = office.kinds(number)
    refused(lambda: verbs.record(office.at(), number, step), code, field)
    assert office.kinds(number) == kinds


def test_later_than_in_time_needs_its_reason(office: Office) -> None:
    at = NOW + 60 * HOUR
    number = office.begun(DETECTED, AWARE, HIGH, facts.Decided(notify=True, reason="."))
    late = facts.Notified(notified_at=NOW + 49 * HOUR)
    refused(lambda: verbs.record(office.at(now=at), number, late), "incident_late_reason", "late_reason")
    verbs.record(office.at(now=at), number, late.model_copy(update={"late_reason": "Helg."}))


def test_a_customer_is_told_by_the_name_it_was_recorded_with(office: Office) -> None:
    number = office.begun(DETECTED, AWARE, facts.Customer(customer="Ett AB"), sides=(Side.PROCESSOR,))
    informed = facts.ControllerInformed(customer="Två AB", informed_at=NOW, how=".")
    refused(lambda: verbs.record(office.at(), number, informed), "incident_customer_unknown", "customer")
    verbs.record(office.at(), number, informed.model_copy(update={"customer": "ett ab"}))
    again = facts.Customer(customer="Ett AB")
    refused(lambda: verbs.record(office.at(), number, again), "incident_twice")


def test_a_step_is_corrected_once_and_by_its_own_kind(office: Office) -> None:
    number = office.begun(DETECTED, AWARE)
    step = state.find(office.register, number).steps[-1].step_id
    sooner = facts.Aware(aware_at=NOW - 26 * HOUR, reason="Loggen igen.")
    refused(lambda: verbs.record(office.at(), number, DETECTED, corrects=step), "incident_step_unknown")
    newer = verbs.record(office.at(Role.CISO), number, sooner, corrects=step)
    assert state.find(office.register, number).aware_at == sooner.aware_at
    refused(lambda: verbs.record(office.at(), number, AWARE, corrects=step), "incident_step_unknown")
    # Nothing is unwritten: both are there, and the one says which it stands for.
    assert [one.corrects for one in state.find(office.register, number).steps] == [None, None, None, step]
    verbs.record(office.at(), number, facts.TakenBack(reason="Fel incident."), corrects=newer)
    assert state.find(office.register, number).aware_at is None


def test_what_others_rest_on_is_not_taken_away(office: Office) -> None:
    number = office.begun(DETECTED, AWARE)
    first, detected = (state.find(office.register, number).steps[place].step_id for place in (0, 1))
    gone = facts.TakenBack(reason="x")
    refused(lambda: verbs.record(office.at(), number, gone, corrects=detected), "incident_rests_on")
    refused(lambda: verbs.record(office.at(), number, gone, corrects=first), "incident_report_stands")


def test_what_is_closed_is_reopened_first(office: Office) -> None:
    number = office.begun(DETECTED, AWARE, AFFECTED, UNLIKELY, facts.Decided(notify=False, reason="."), CLOSED)
    measure = facts.Measure(measure="Mer.")
    refused(lambda: verbs.record(office.at(), number, measure), "incident_closed")
    verbs.record(office.at(), number, facts.Reopened(reason="Fler berörda."))
    verbs.record(office.at(), number, measure)
    verbs.record(office.at(), number, CLOSED)
    again = verbs.record(office.at(), number, facts.Reopened(reason="Igen."))
    assert state.find(office.register, number).is_open
    # Its reason can be put right like any other.
    verbs.record(office.at(), number, facts.Reopened(reason="Fler igen."), corrects=again)
    assert state.find(office.register, number).is_open


def test_one_that_is_open_and_called_the_same_is_pointed_at(office: Office) -> None:
    number = office.begun()
    with pytest.raises(Refused, match="incident_called_twice") as told:
        verbs.report(office.at(), reported("fel MOTTAGARE"))
    assert told.value.values["incident"] == number


def test_two_who_record_the_same_at_once_record_it_once(office: Office) -> None:
    number = office.begun(DETECTED)
    outcome: list[str] = []

    def click() -> None:
        try:
            verbs.record(office.at(), number, AWARE)
            outcome.append("recorded")
        except Refused as told:
            outcome.append(told.code)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(outcome) == ["incident_stands"] * 3 + ["recorded"]


def test_a_step_changed_by_hand_is_found(office: Office) -> None:
    number = office.begun(DETECTED, AWARE)
    later = AWARE.model_copy(update={"aware_at": NOW - HOUR})
    with office.register.begin() as connection:
        connection.execute(
            sa.update(incident_step).where(incident_step.c.kind == "aware").values(facts=later.model_dump_json())
        )
    assert state.find(office.register, number).aware_at == NOW - HOUR
    assert ledger_page.check_rows(office.settings, office.register, NOW).differences


def test_one_that_is_not_there_is_said_so(office: Office) -> None:
    refused(lambda: verbs.record(office.at(), 99, DETECTED), "incident_unknown")
    refused(lambda: state.find(office.register, 99), "incident_unknown")


def test_incidents_are_asked_for_anew_once_something_is_recorded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, asked, load = Office(settings), [], state.load

    def counted(*told: object) -> object:
        asked.append(told)
        return load(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(state, "load", counted)
    number = office.begun(DETECTED)
    asked.clear()
    assert [len(one.steps) for _ in range(3) for one in state.going_on(office.register)] == [2, 2, 2]
    assert len(asked) == 1
    verbs.record(office.at(), number, AWARE)
    asked.clear()
    assert [len(one.steps) for one in state.every(office.register)] == [3]
    assert len(asked) == 1
