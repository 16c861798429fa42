"""What the pages show of incidents, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from compliance.incidents import facts
from compliance.incidents.facts import Facts
from compliance.incidents.state import Clock, ClockState, Incident, Step
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.policy import Parameters
from compliance.words.texts import listed, say, show

_MARKS = {
    ClockState.RUNNING: "◆",
    ClockState.PASSED: "▲",
    ClockState.MET: "●",
    ClockState.MISSED: "▲",
    ClockState.NOT_NEEDED: "○",
}
# The words of a code: prefix of the text for each enum.
_WORDS: dict[type[StrEnum], str] = {
    facts.Side: "incident_side",
    facts.Nature: "incident_nature",
    facts.Cause: "incident_cause",
    facts.DataKind: "incident_data",
    facts.Risk: "incident_risk",
    facts.Verdict: "incident_verdict",
    facts.Nis2Stage: "incident_nis2",
}


def in_words(value: Any, language: str) -> str:
    """A value of a step as it is read; a dash where it is not known."""
    if value is None or value == "" or value == ():
        return "–"
    if isinstance(value, bool):
        return say("common.yes" if value else "common.no", language)
    if isinstance(value, dt.datetime):
        return times.written(value)
    if isinstance(value, tuple):
        return listed([in_words(one, language) for one in value], language)
    if isinstance(value, StrEnum):
        return say(f"{_WORDS.get(type(value), 'category')}.{value.value}", language)
    return show(value, language)


def told(step: Facts, language: str) -> str:
    """All that a step says, field by field."""
    return "; ".join(
        f"{say(f'incident_field.{name}', language)}: {in_words(value, language)}"
        for name, value in step
        if value not in (None, "", ())
    )


def duration(left: dt.timedelta, language: str) -> str:
    """Hours and minutes, without a sign; days where it is more than a week."""
    minutes = int(abs(left).total_seconds()) // 60
    if minutes >= 7 * 24 * 60:
        return say("incidents.days", language, days=minutes // (24 * 60))
    return say("incidents.hours", language, hours=minutes // 60, minutes=f"{minutes % 60:02}")


def clock_told(clock: Clock, now: dt.datetime, language: str) -> str:
    """How a clock stands, in words."""
    kind = say(f"incident_clock.{clock.kind}", language)
    whom = f"{kind} ({clock.whom})" if clock.whom else kind
    left = clock.left(now)
    if not clock.is_open() or left is None:
        state = say(f"incident_clock_state.{clock.state}", language)
        return f"{whom}: {state}"
    key = "incidents.left" if clock.state is ClockState.RUNNING else "incidents.late"
    assert clock.due_at is not None
    return say(key, language, what=whom, time=duration(left, language), due=times.written(clock.due_at))


def clock_row(clock: Clock, now: dt.datetime, language: str) -> Row:
    """A clock as a row of a table."""
    left = clock.left(now)
    return {
        "clock": say(f"incident_clock.{clock.kind}", language),
        "customer": clock.whom,
        "clock_started": times.written(clock.started_at),
        "clock_due": None if clock.due_at is None else times.written(clock.due_at),
        "clock_stopped": None if clock.stopped_at is None else times.written(clock.stopped_at),
        "clock_state": f"{_MARKS[clock.state]} {say(f'incident_clock_state.{clock.state}', language)}",
        "clock_left": duration(left, language) if left is not None and clock.is_open() else None,
    }


def refusal_values(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What fills the text of a refusal, its codes of fields, steps and roles in words."""
    words = {"before": "incident_field", "step": "incident_kind", "needed": "incident_kind", "side": "incident_side"}
    told = dict(values)
    for name, prefix in words.items():
        if name in told:
            told[name] = say(f"{prefix}.{told[name]}", language)
    if "steps" in told:
        told["steps"] = ", ".join(say(f"incident_kind.{kind}", language) for kind in str(told["steps"]).split(","))
    return told


def incident_row(one: Incident, parameters: Parameters, now: dt.datetime, language: str) -> Row:
    """An incident as the list shows it."""
    clocks = [clock for clock in one.clocks(parameters, now) if clock.is_open()]
    first = min((clock for clock in clocks if clock.due_at), key=lambda clock: clock.due_at or now, default=None)
    waits = one.waits(parameters, now)
    affected, assessed = one.last(facts.Affected), one.last(facts.Assessed)
    state = "open" if one.is_open else "closed"
    return {
        "incident": one.incident_id,
        "called": one.reported.called,
        "incident_state": say(f"incident_state.{'drill_' if one.reported.is_drill else ''}{state}", language),
        "sides": in_words(one.reported.sides, language),
        "aware": None if one.aware_at is None else times.written(one.aware_at),
        "next_clock": None if first is None else clock_told(first, now, language),
        "waits": "; ".join(say(f"incident_kind.{kind}", language) for kind in waits) if one.is_open else "",
        "risk": in_words(assessed and assessed.risk, language),
        "persons": affected and affected.persons,
    }


def step_row(step: Step, corrected: frozenset[int], language: str) -> Row:
    """A step as the table of an incident's steps shows it."""
    return {
        "step": step.step_id,
        "recorded": times.written(step.at),
        "step_kind": say(f"incident_kind.{step.kind}", language),
        "told": told(step.facts, language),
        "stands": say("incidents.corrected" if step.step_id in corrected else "incidents.stands", language),
        "corrects": step.corrects,
        "role": say(f"role.{step.role}", language) if step.role else say("incidents.nobody", language),
        "recorded_by": step.by,
    }


def step_rows(one: Incident, language: str) -> list[Row]:
    """Every step of an incident, the newest first."""
    corrected = frozenset(step.corrects for step in one.steps if step.corrects is not None)
    return [step_row(step, corrected, language) for step in reversed(one.steps)]


def form_rows(one: Incident, language: str) -> list[Row]:
    """The authority's questions in the order of its e-service, as it was read in 2025, with what is known of each; what
    the company knows of itself is filled in there.
    """
    occurred, detected, notified = one.last(facts.Occurred), one.last(facts.Detected), one.last(facts.Notified)
    affected, assessed, caused = one.last(facts.Affected), one.last(facts.Assessed), one.last(facts.Caused)
    verdict, informed = one.last(facts.SubjectsDecided), one.last(facts.SubjectsInformed)
    contained, own = one.last(facts.Contained), say("incidents.fill_in", language)
    is_informed = None if verdict is None else verdict.verdict is facts.Verdict.INFORM
    answers: Sequence[tuple[str, Any]] = (
        ("organisation", own),
        ("organisation_number", own),
        ("address", own),
        ("reference", f"{say('incidents.number', language, number=one.incident_id)}: {one.reported.called}"),
        ("contact", own),
        ("began", occurred and occurred.began_at),
        ("ended", occurred and (occurred.ended_at or say("incidents.ongoing", language))),
        ("detected", detected and detected.detected_at),
        ("detected_how", detected and detected.how),
        ("aware", one.aware_at),
        ("late", notified and notified.late_reason),
        ("natures", one.reported.natures),
        ("what", one.reported.what),
        ("cause", caused and caused.cause),
        ("explained", caused and caused.explained),
        ("persons", affected and affected.persons),
        ("groups", affected and affected.categories),
        ("data", affected and affected.data),
        ("abroad", affected and affected.is_abroad),
        ("consequences", assessed and assessed.consequences),
        ("severity", assessed and assessed.risk),
        ("severity_why", assessed and assessed.reason),
        ("contained", contained and f"{times.written(contained.contained_at)}: {contained.how}"),
        ("measures", _measures(one.every(facts.Measure), language)),
        ("informed", is_informed),
        ("informed_when", informed and informed.informed_at),
        ("informed_how", informed and informed.how),
        ("informed_not", verdict.reason if verdict is not None and not is_informed else None),
    )
    return [
        {"number": place, "question": say(f"incident_form.{key}", language), "reply": in_words(answer, language)}
        for place, (key, answer) in enumerate(answers, 1)
    ]


def _measures(found: Iterable[facts.Measure], language: str) -> str:
    return "; ".join(
        f"{row.measure} ({say('incidents.done' if row.is_done else 'incidents.planned', language)})" for row in found
    )


def sentence(going_on: Sequence[Incident], language: str) -> str:
    """How many incidents are open, in one sentence."""
    return say("incidents.sentence_open" if going_on else "incidents.sentence_none", language, open=len(going_on))
