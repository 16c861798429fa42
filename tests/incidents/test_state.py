"""What is known of an incident, and its clocks: by hand, and against a second, slow telling of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.incidents import facts, figures
from compliance.incidents.facts import DataKind, Facts, Nature, Nis2Stage, Risk, Side, Verdict
from compliance.incidents.state import Clock, ClockKind, ClockState, Incident, Step, may_follow
from compliance.incidents.tables import StepKind
from compliance.words import times
from compliance.words.refusal import Refused
from tests.world import shipped_parameters

PARAMETERS = shipped_parameters()
NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
AWARE = NOW - 40 * HOUR


def told(*steps: Facts, sides: tuple[Side, ...] = (Side.CONTROLLER,), at: dt.datetime = AWARE) -> Incident:
    """An incident of these steps, each recorded at one instant."""
    begun = facts.Reported(called="x", what="y", sides=sides, natures=(Nature.LOSS,))
    found = [Step(number, one.KIND, one, None, at, "p", "dpo") for number, one in enumerate((begun, *steps), 1)]
    return Incident(1, at, tuple(found))


def aware(at: dt.datetime = AWARE) -> tuple[Facts, ...]:
    return facts.Detected(detected_at=at, how="."), facts.Aware(aware_at=at, reason=".")


def assessed(risk: Risk = Risk.RISK) -> facts.Assessed:
    return facts.Assessed(risk=risk, reason=".", consequences=".")


DECIDED = facts.Decided(notify=True, reason=".")
LEFT_OUT = facts.Decided(notify=False, reason=".")


def clock(one: Incident, kind: ClockKind, now: dt.datetime = NOW, **parameters: object) -> Clock | None:
    found = one.clocks(PARAMETERS.model_copy(update=parameters), now)
    return next((clock for clock in found if clock.kind is kind), None)


def test_hours_run_from_when_it_was_known_over_both_nights_on_which_the_clock_changes() -> None:
    for written, due in (("2026-03-27 16:00", "2026-03-30 17:00"), ("2026-10-24 02:30", "2026-10-27 01:30")):
        found = clock(told(*aware(times.read(written))), ClockKind.AUTHORITY)
        assert found is not None and found.due_at == times.read(due)
    twice = clock(told(*aware(times.read("2026-10-25 02:30"))), ClockKind.AUTHORITY)
    # The first of the two: no deadline is later than it has to be.
    assert twice is not None and twice.due_at == dt.datetime(2026, 10, 28, 0, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("case", ["I01", "I03", "I04", "I06"])
def test_the_worked_cases_hold(case: str) -> None:
    # The instants of the reference of dates, by hand.
    given_at, due, kind, sides = {
        "I01": ("2026-03-27T16:00+01:00", "2026-03-30T17:00+02:00", ClockKind.AUTHORITY, (Side.CONTROLLER,)),
        "I03": ("2026-12-24T15:00+01:00", "2026-12-27T15:00+01:00", ClockKind.AUTHORITY, (Side.CONTROLLER,)),
        "I04": ("2026-10-25T02:30+02:00", "2026-10-28T01:30+01:00", ClockKind.AUTHORITY, (Side.CONTROLLER,)),
        "I06": ("2026-10-24T20:00+02:00", "2026-10-25T19:00+01:00", ClockKind.CONTROLLER, (Side.PROCESSOR,)),
    }[case]
    one = told(*aware(dt.datetime.fromisoformat(given_at)), sides=sides)
    found = clock(one, kind, dt.datetime.fromisoformat(given_at))
    assert found is not None and found.due_at == dt.datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("steps", "now", "state"),
    [
        ((), AWARE + 72 * HOUR, ClockState.RUNNING),
        ((), AWARE + 72 * HOUR + dt.timedelta(microseconds=1), ClockState.PASSED),
        ((assessed(), DECIDED), NOW, ClockState.RUNNING),
        ((assessed(), DECIDED, facts.Notified(notified_at=AWARE + 72 * HOUR)), NOW, ClockState.MET),
        ((assessed(), DECIDED, facts.Notified(notified_at=AWARE + 73 * HOUR, late_reason=".")), NOW, ClockState.MISSED),
        ((assessed(Risk.UNLIKELY), LEFT_OUT), AWARE + 99 * HOUR, ClockState.NOT_NEEDED),
    ],
)
def test_the_authoritys_clock(steps: Sequence[Facts], now: dt.datetime, state: ClockState) -> None:
    found = clock(told(*aware(), *steps), ClockKind.AUTHORITY, now)
    assert found is not None and found.state is state
    assert found.is_open() is (state in (ClockState.RUNNING, ClockState.PASSED))


def test_each_customer_has_a_clock_and_nobody_named_is_still_one() -> None:
    one = told(*aware(), sides=(Side.PROCESSOR,))
    assert [found.whom for found in one.clocks(PARAMETERS, NOW)] == [""]
    told_at = AWARE + HOUR
    one = told(
        *aware(), facts.Customer(customer="Ett"), facts.Customer(customer="Två"),
        facts.ControllerInformed(customer="ETT", informed_at=told_at, how="."), sides=(Side.PROCESSOR,),
    )  # fmt: skip
    assert [(found.whom, found.state, found.stopped_at) for found in one.clocks(PARAMETERS, NOW)] == [
        ("Ett", ClockState.MET, told_at), ("Två", ClockState.PASSED, None),
    ]  # fmt: skip


def test_persons_are_to_be_told_at_a_high_risk_alone() -> None:
    for risk in Risk:
        found = clock(told(*aware(), assessed(risk)), ClockKind.SUBJECTS)
        assert (found is not None) is (risk is Risk.HIGH)
    for verdict in (Verdict.UNINTELLIGIBLE, Verdict.AVERTED, Verdict.PUBLIC):
        one = told(*aware(), assessed(Risk.HIGH), facts.SubjectsDecided(verdict=verdict, reason="."))
        found = clock(one, ClockKind.SUBJECTS)
        assert found is not None and found.state is ClockState.NOT_NEEDED
    one = told(*aware(), assessed(Risk.HIGH), facts.SubjectsDecided(verdict=Verdict.INFORM, reason="."))
    found = clock(one, ClockKind.SUBJECTS, NOW + 1000 * HOUR)
    assert found is not None and found.state is ClockState.RUNNING and found.due_at is None


def test_what_was_announced_is_waited_for() -> None:
    notified = facts.Notified(notified_at=AWARE + HOUR, supplements=True)
    one = told(*aware(), assessed(), DECIDED, notified)
    found = clock(one, ClockKind.SUPPLEMENT)
    assert found is not None and found.due_at == AWARE + HOUR + dt.timedelta(weeks=4)
    part = facts.Supplemented(sent_at=AWARE + 2 * HOUR, what=".")
    last = facts.Supplemented(sent_at=AWARE + 3 * HOUR, what="!", is_last=True)
    for steps, state in (((part,), ClockState.RUNNING), ((part, last), ClockState.MET)):
        found = clock(told(*aware(), assessed(), DECIDED, notified, *steps), ClockKind.SUPPLEMENT)
        assert found is not None and found.state is state
    assert clock(told(*aware(), assessed(), DECIDED, facts.Notified(notified_at=AWARE)), ClockKind.SUPPLEMENT) is None


def test_the_second_clock_is_off_until_it_is_turned_on() -> None:
    one = told(*aware(), facts.Nis2(stage=Nis2Stage.NOTIFICATION, sent_at=AWARE + 10 * HOUR))
    assert all(not found.kind.startswith("nis2") for found in one.clocks(PARAMETERS, NOW))
    warning, notification, report = (
        clock(one, kind, nis2_clock=True)
        for kind in (ClockKind.NIS2_WARNING, ClockKind.NIS2_NOTIFICATION, ClockKind.NIS2_REPORT)
    )
    assert warning is not None and warning.due_at == AWARE + 24 * HOUR and warning.state is ClockState.PASSED
    assert notification is not None and notification.state is ClockState.MET
    # A month by the Stockholm clock after the notification: 2026-11-23 03:00 there.
    assert report is not None and report.due_at == times.read("2026-12-23 03:00")


def test_what_is_corrected_does_not_stand_and_what_corrects_a_correction_does() -> None:
    one = told(*aware())
    later = facts.Aware(aware_at=AWARE + HOUR, reason="?")
    latest = facts.Aware(aware_at=AWARE + 2 * HOUR, reason="!")
    steps = (
        *one.steps,
        Step(4, StepKind.AWARE, later, 3, NOW, "p", "dpo"),
        Step(5, StepKind.AWARE, latest, 4, NOW, "p", "dpo"),
    )
    assert Incident(1, AWARE, steps).aware_at == AWARE + 2 * HOUR
    gone = Step(6, StepKind.TAKEN_BACK, facts.TakenBack(reason="."), 5, NOW, "p", "dpo")
    assert Incident(1, AWARE, (*steps, gone)).aware_at is None


def test_a_correction_stands_in_the_place_of_what_it_corrects() -> None:
    one = told(*aware(), facts.Closed(learnt="?"), facts.Reopened(reason="."))
    assert one.is_open
    corrected = Step(7, StepKind.CLOSED, facts.Closed(learnt="!"), 4, NOW, "p", "dpo")
    again = Incident(1, AWARE, (*one.steps, corrected))
    assert again.is_open and again.last(facts.Closed) == facts.Closed(learnt="!")
    # Also one that corrects a correction.
    twice = Step(8, StepKind.CLOSED, facts.Closed(learnt="!!"), 7, NOW, "p", "dpo")
    assert Incident(1, AWARE, (*again.steps, twice)).is_open


@pytest.mark.parametrize("order", [(10, 30), (30, 10)])
def test_whoever_was_told_twice_was_told_when_it_was_first(order: tuple[int, int]) -> None:
    informed = [
        facts.ControllerInformed(customer="Ett", informed_at=AWARE + hours * HOUR, how=str(hours)) for hours in order
    ]
    theirs = told(*aware(), facts.Customer(customer="Ett"), *informed, sides=(Side.PROCESSOR,))
    found = clock(theirs, ClockKind.CONTROLLER)
    assert found is not None and (found.state, found.stopped_at) == (ClockState.MET, AWARE + 10 * HOUR)
    # A word put right afterwards makes nobody late.
    first = next(step for step in theirs.steps if step.facts == informed[0])
    right = informed[0].model_copy(update={"how": "Telefon."})
    corrected = Step(9, first.kind, right, first.step_id, NOW, "p", "dpo")
    found = clock(Incident(1, AWARE, (*theirs.steps, corrected)), ClockKind.CONTROLLER)
    assert found is not None and found.state is ClockState.MET
    sent = [facts.Nis2(stage=Nis2Stage.WARNING, sent_at=AWARE + hours * HOUR) for hours in order]
    warned = clock(told(*aware(), *sent), ClockKind.NIS2_WARNING, nis2_clock=True)
    assert warned is not None and warned.stopped_at == AWARE + 10 * HOUR
    notified = facts.Notified(notified_at=AWARE, supplements=True)
    last = [facts.Supplemented(sent_at=AWARE + hours * HOUR, what=str(hours), is_last=True) for hours in order]
    more = clock(told(*aware(), assessed(), DECIDED, notified, *last), ClockKind.SUPPLEMENT)
    assert more is not None and more.stopped_at == AWARE + 10 * HOUR


def test_what_keeps_an_incident_open_besides() -> None:
    affected = facts.Affected(data=(DataKind.CONTACT,))
    inform = facts.SubjectsDecided(verdict=Verdict.INFORM, reason=".")
    lower = told(*aware(), affected, assessed(Risk.UNLIKELY), LEFT_OUT, inform)
    # Decided at a lower risk, it holds all the same.
    assert lower.waits(PARAMETERS, NOW) == [StepKind.SUBJECTS_INFORMED]
    named = told(*aware(), affected, assessed(), facts.Customer(customer="Ett"), sides=(Side.PROCESSOR,))
    assert named.waits(PARAMETERS, NOW) == [StepKind.CONTROLLER_INFORMED]
    over = told(*aware(), affected, assessed(Risk.UNLIKELY), LEFT_OUT)
    with_nis2 = PARAMETERS.model_copy(update={"nis2_clock": True})
    assert over.waits(with_nis2, NOW) == [StepKind.NIS2] and not over.waits(PARAMETERS, NOW)


@pytest.mark.parametrize("side", list(Side))
def test_what_may_follow_is_of_the_role_that_the_company_has(side: Side) -> None:
    offered = set(may_follow(told(*aware(), sides=(side,)), PARAMETERS))
    theirs = {StepKind.CUSTOMER, StepKind.CONTROLLER_INFORMED}
    own = {StepKind.DECIDED, StepKind.NOTIFIED, StepKind.SUPPLEMENTED, StepKind.SUBJECTS_DECIDED}
    assert (theirs <= offered, own <= offered) == (side is Side.PROCESSOR, side is Side.CONTROLLER)
    assert StepKind.AWARE not in offered and StepKind.NIS2 not in offered
    assert may_follow(told(facts.Closed(learnt=".")), PARAMETERS) == [StepKind.REOPENED]


def test_an_incident_is_done_when_nothing_is_left() -> None:
    affected = facts.Affected(data=(DataKind.CONTACT,))
    waits = told().waits(PARAMETERS, NOW)
    assert waits == [StepKind.DETECTED, StepKind.AWARE, StepKind.AFFECTED, StepKind.ASSESSED, StepKind.DECIDED]
    one = told(*aware(), affected, assessed(Risk.HIGH), DECIDED)
    assert one.waits(PARAMETERS, NOW) == [StepKind.NOTIFIED, StepKind.SUBJECTS_DECIDED]
    one = told(
        *aware(), affected, assessed(Risk.HIGH), DECIDED, facts.Notified(notified_at=AWARE, supplements=True),
        facts.SubjectsDecided(verdict=Verdict.INFORM, reason="."),
    )  # fmt: skip
    assert one.waits(PARAMETERS, NOW) == [StepKind.SUPPLEMENTED, StepKind.SUBJECTS_INFORMED]
    assert told(*aware(), affected, assessed(Risk.UNLIKELY), LEFT_OUT).waits(PARAMETERS, NOW) == []
    theirs = told(*aware(), affected, assessed(), sides=(Side.PROCESSOR,))
    assert theirs.waits(PARAMETERS, NOW) == [StepKind.CUSTOMER]


def test_unknown_is_not_zero_and_a_drill_counts_nowhere() -> None:
    none = figures.figures([], PARAMETERS, NOW)
    assert none["breaches_on_time"] is None and none["hours_to_aware"] is None and none["incidents_open"] == 0
    begun, *others = told(*aware()).steps
    in_play = begun.facts.model_copy(update={"is_drill": True})
    drill = Incident(1, AWARE, (dataclasses.replace(begun, facts=in_play), *others))
    assert figures.figures([drill], PARAMETERS, NOW) == none


def test_the_figures_by_hand() -> None:
    contained = facts.Contained(contained_at=AWARE + 6 * HOUR, how=".")
    began = facts.Occurred(began_at=AWARE - 10 * HOUR)
    found = [
        told(*aware(), began, contained, assessed(), DECIDED, facts.Notified(notified_at=AWARE + HOUR)),
        told(*aware(AWARE - 90 * HOUR), assessed(), DECIDED),
        told(*aware(), assessed(Risk.UNLIKELY), LEFT_OUT),
        told(*aware(), assessed(Risk.HIGH)),
        # Known more than a year ago, and closed since: no figure is of it.
        told(*aware(AWARE - 400 * 24 * HOUR), assessed(Risk.UNLIKELY), LEFT_OUT, facts.Closed(learnt=".")),
        told(*aware(AWARE), facts.Customer(customer="E"), sides=(Side.PROCESSOR,)),
    ]
    assert figures.figures(found, PARAMETERS, NOW) == {
        "incidents_open": 5,
        # The second's and the fourth's to the authority, the fourth's to the persons, the last one's to the customer.
        "incident_clocks": 4,
        "incidents_undecided": 1,
        "breaches_on_time": 0.5,
        "controllers_on_time": 0.0,
        "hours_to_aware": 10.0,
        "hours_to_contain": 6.0,
        "subjects_waiting": 1,
    }


# A second telling, that counts minute by minute.


def slow_due(aware_at: dt.datetime, hours: int) -> dt.datetime:
    """By counting quarters of an hour in UTC."""
    found = aware_at.astimezone(dt.UTC)
    for _ in range(hours * 4):
        found += dt.timedelta(minutes=15)
    return found


minutes = st.datetimes(
    dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC), allow_imaginary=False
).map(lambda at: at.replace(second=0, microsecond=0))


@given(aware_at=minutes, told_after=st.integers(0, 120 * 60), seen_after=st.integers(0, 120 * 60), done=st.booleans())
def test_a_clock_is_what_counting_says(aware_at: dt.datetime, told_after: int, seen_after: int, done: bool) -> None:
    due = slow_due(aware_at, 72)
    stopped = aware_at + dt.timedelta(minutes=told_after)
    now = aware_at + dt.timedelta(minutes=seen_after)
    steps = (facts.Notified(notified_at=stopped, late_reason="."),) if done else ()
    found = clock(told(*aware(aware_at), assessed(), DECIDED, *steps), ClockKind.AUTHORITY, now)
    assert found is not None and found.due_at == due
    expected = (
        (ClockState.MET if stopped <= due else ClockState.MISSED)
        if done
        else (ClockState.PASSED if now > due else ClockState.RUNNING)
    )
    assert found.state is expected
    # What is written can be read again, and is then no later.
    again = times.read(times.written(aware_at).split(" (")[0])
    assert again <= aware_at and aware_at - again in (dt.timedelta(0), HOUR)


@pytest.mark.parametrize("text", ["", "igår", "2026-11-24", "2026-02-30 10:00", "2026-11-24 24:10", "24/11 2026 10:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="time_unreadable"):
        times.read(text)


def test_a_time_that_the_clock_leaps_over_is_refused() -> None:
    with pytest.raises(Refused, match="time_skipped"):
        times.read("2026-03-29 02:30")


def test_every_field_of_a_step_survives_the_register() -> None:
    one = facts.Affected(persons=3, data=(DataKind.SPECIAL,), is_abroad=True)
    assert facts.read("affected", one.model_dump_json()) == one
    assert set(facts.MODELS) == set(StepKind)
