"""What the page shows of roles and controls, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from compliance.controls import facts, state
from compliance.controls.facts import Office, Told
from compliance.controls.state import Code, Guard, Known
from compliance.findings.tables import Owner
from compliance.register.entries import Entry
from compliance.show.columns import Row
from compliance.words.finding import Finding
from compliance.words.policy import Parameters
from compliance.words.texts import listed, say, show

# The words of a code: prefix of the text for each enum.
_WORDS: dict[type[StrEnum], str] = {
    facts.Office: "office",
    facts.Sort: "measure_sort",
    facts.Result: "measure_result",
    facts.Figure: "told_figure",
    Owner: "owner",
}


def in_words(value: Any, language: str) -> str:
    """A value as it is read; a dash where there is none."""
    if value is None or value in ("", ()):
        return "–"
    if isinstance(value, tuple):
        return listed([in_words(one, language) for one in value], language)
    if isinstance(value, StrEnum):
        return say(f"{_WORDS[type(value)]}.{value.value}", language)
    return show(value, language)


def sentence(found: Known, findings: Sequence[Finding], today: dt.date, language: str) -> tuple[str, bool]:
    """How things stand, in one sentence, and whether there is something to do at once."""
    vacant = [office for office in Office if found.holder(office, today) is None]
    if vacant:
        offices = listed([say(f"office_inside.{office}", language) for office in vacant], language)
        return say("controls.sentence_vacant", language, offices=offices), True
    if any(one.code in state.OF_OFFICES for one in findings):
        return say("controls.sentence_conflict", language), True
    measures = len(found.guards)
    waiting = len({one.thing for one in findings if one.code in (Code.UNTESTED, Code.OVERDUE)})
    key = "controls.sentence_waiting" if waiting else "controls.sentence_well"
    return say(key, language, measures=measures, waiting=waiting), False


def office_rows(found: Known, today: dt.date, language: str) -> list[Row]:
    """Who holds and held which office: each office with who holds it now first."""
    rows: list[Row] = []
    for office in Office:
        own = [one for one in found.standing if isinstance(one.facts, facts.Held) and one.facts.office is office]
        if found.holder(office, today) is None:
            stands = f"■ {say('controls.vacant', language)}"
            rows.append({"entry": None, "office": in_words(office, language), "stands": stands})
        for entry in sorted(own, key=lambda one: _from_on(one), reverse=True):
            rows.append(_term_row(entry, today, language))
    return rows


def _from_on(entry: Entry) -> dt.date:
    assert isinstance(entry.facts, facts.Held)
    return entry.facts.from_on


def _term_row(entry: Entry, today: dt.date, language: str) -> Row:
    told = entry.facts
    assert isinstance(told, facts.Held)
    if told.covers(today):
        stands = f"● {say('controls.holds', language)}"
    elif told.from_on > today:
        stands = f"○ {say('controls.to_come', language)}"
    else:
        stands = f"× {say('controls.over', language)}"
    return {
        "entry": entry.entry_id,
        "office": in_words(told.office, language),
        "stands": stands,
        "office_holder": told.holder,
        "office_from": told.from_on,
        "office_until": told.until_on,
        "office_functions": in_words(told.functions, language),
    }


def guard_row(one: Guard, today: dt.date, language: str) -> Row:
    """A measure with its last test and when the next is due."""
    last, next_on = one.last, one.next_on
    if last is None or next_on is None:
        stands = f"▲ {say('controls.never_tested', language)}"
    elif next_on < today:
        stands = f"▲ {say('controls.overdue', language)}"
    elif last.result is not facts.Result.PASSED:
        stands = f"▲ {in_words(last.result, language)}"
    else:
        stands = f"● {say('controls.tested', language)}"
    return {
        "measure_no": one.number,
        "control_measure": one.told.name,
        "stands": stands,
        "measure_sort": in_words(one.told.sort, language),
        "measure_guards": one.told.guards,
        "owner": in_words(one.told.owner, language),
        "test_months": one.told.test_months,
        "tested_on": None if last is None else last.tested_on,
        "measure_result": "–" if last is None else in_words(last.result, language),
        "measure_evidence": "–" if last is None else in_words(last.evidence, language),
        "next_test_on": next_on,
    }


def figure_rows(found: Known, parameters: Parameters, today: dt.date, language: str) -> list[Row]:
    """Each figure as it was told last, of each place; one that nobody has told is unknown."""
    rows: list[Row] = []
    for figure in facts.Figure:
        newest = found.newest(figure)
        if not newest:
            rows.append(
                {
                    "entry": None, "told_figure": in_words(figure, language), "control_place": "–",
                    "told_value": None, "stands": f"? {say('controls.not_told', language)}",
                }
            )  # fmt: skip
        rows += [_figure_row(one.told, one.entry_id, parameters, today, language) for one in newest]
    return rows


def _figure_row(told: Told, number: int, parameters: Parameters, today: dt.date, language: str) -> Row:
    is_old = state.is_old(told, today, parameters)
    return {
        "entry": number,
        "told_figure": in_words(told.figure, language),
        "control_place": in_words(told.place, language),
        "told_value": told.value,
        "stands": f"? {say('controls.too_old', language)}" if is_old else f"● {say('controls.counts', language)}",
        "counted_on": told.counted_on,
        "figure_source": told.source,
    }
