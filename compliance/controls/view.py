"""How roles and controls are drawn: what is wrong, who holds which office, measures with their tests, figures that are
told, and the forms of whoever may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from pydantic import BaseModel

from compliance import ui
from compliance.controls import rows, state, verbs
from compliance.controls.facts import Held, Measure, Struck, Tested, TestTold, Told
from compliance.controls.state import Guard, Known
from compliance.controls.tables import EntryKind
from compliance.register.entries import Entry, Facts
from compliance.show import findings as listed
from compliance.show import recorded
from compliance.show.columns import columns
from compliance.ui import Session
from compliance.words.vocabulary import Permission

M = TypeVar("M", bound=BaseModel)


def show(session: Session, found: Known) -> None:
    """How things stand, what is wrong, and all else behind tabs."""
    findings = state.judged(found, session.parameters, session.today).findings
    text, alarm = rows.sentence(found, findings, session.today, session.language)
    ui.sentence(text, alarm=alarm)
    ui.table(
        session,
        "control_findings",
        columns(session.language, *listed.COLUMNS),
        listed.listing(findings, session.today, session.language, ui.source_names(session)),
        empty="controls.none_found",
    )
    names = ["offices", "measures", "figures", "entries"]
    offices, measures, told, entries = st.tabs([session.say(f"controls.tab_{name}") for name in names])
    with offices:
        _offices(session, found)
    with measures:
        _measures(session, found)
    with told:
        _figures(session, found)
    with entries:
        _entries(session, found)


def _offices(session: Session, found: Known) -> None:
    may = session.may(Permission.RECORD_CONTROLS)
    chosen = ui.table(
        session,
        "control_offices",
        columns(
            session.language, "office", "stands", "office_holder", "office_from:date", "office_until:date",
            "office_functions:wide", "entry:number",
        ),
        rows.office_rows(found, session.today, session.language),
        by=("entry",),
        select=may,
    )  # fmt: skip
    if may:
        st.caption(session.say("controls.office_help"))
        _edit(session, found, Held, chosen["entry"] if chosen else None, "controls.new_office", verbs.record)


def _measures(session: Session, found: Known) -> None:
    may = session.may(Permission.RECORD_CONTROLS)
    chosen = ui.table(
        session,
        "control_measures",
        columns(
            session.language, "control_measure", "stands", "measure_sort", "measure_guards:wide", "owner",
            "tested_on:date", "measure_result", "measure_evidence", "test_months:number", "next_test_on:date",
            "measure_no:number",
        ),
        [rows.guard_row(one, session.today, session.language) for one in found.guards],
        by=("measure_no",),
        select=may,
        free=("measure_guards",),
        empty="controls.no_measures",
    )  # fmt: skip
    if not may:
        return
    guard = next((one for one in found.guards if chosen and one.number == chosen["measure_no"]), None)
    if guard is not None:
        _test(session, guard)
    else:
        st.caption(session.say("controls.measure_help"))
    number = None if guard is None else guard.entry.entry_id
    _edit(session, found, Measure, number, "controls.new_measure", verbs.record)


def _test(session: Session, guard: Guard) -> None:
    """The form of a test of the chosen measure."""

    def hand_on(told: TestTold) -> int:
        tested = Tested(measure=guard.number, **dict(told))
        return verbs.record(ui.at_once(session), tested)

    # Without an anchor, which would have the name in the page's address.
    st.subheader(session.say("controls.test", measure=guard.told.name), anchor=False)
    _form(session, f"control_test_{guard.number}", TestTold, hand_on, primary=True)


def _figures(session: Session, found: Known) -> None:
    may = session.may(Permission.TELL_FIGURES)
    chosen = ui.table(
        session,
        "control_figures",
        columns(
            session.language, "told_figure", "control_place", "told_value:number", "stands", "counted_on:date",
            "figure_source", "entry:number",
        ),
        rows.figure_rows(found, session.parameters, session.today, session.language),
        by=("entry",),
        select=may,
    )  # fmt: skip
    st.caption(session.say("controls.figure_help", days=session.parameters.figure_max_days))
    if may:
        _edit(session, found, Told, chosen["entry"] if chosen else None, "controls.new_figure", verbs.tell)


def _entries(session: Session, found: Known) -> None:
    """Every entry as it was recorded; of a test there is no other place to correct it."""
    chosen = ui.table(
        session,
        "control_entries",
        columns(
            session.language, "entry:number", "recorded", "control_kind", "told:long", "stands", "corrects:number",
            "role", "recorded_by",
        ),
        recorded.rows(found.entries, "control", rows.in_words, session.language),
        by=("entry",),
        select=session.may(Permission.RECORD_CONTROLS),
        free=("told",),
        empty="controls.no_entries",
    )  # fmt: skip
    entry = next((one for one in found.standing if chosen and one.entry_id == chosen["entry"]), None)
    if entry is None or entry.kind is not EntryKind.TESTED or not session.may(Permission.RECORD_CONTROLS):
        return
    tested = entry.facts
    assert isinstance(tested, Tested)
    number = entry.entry_id

    def hand_on(told: TestTold) -> int:
        mended = Tested(measure=tested.measure, **dict(told))
        return verbs.record(ui.at_once(session), mended, corrects=number)

    st.markdown(f"#### {session.say('controls.correct', entry=number)}")
    before = TestTold(**{name: value for name, value in tested if name != "measure"})
    _form(session, f"control_mend_{number}", TestTold, hand_on, before=before)
    _strike(session, entry, verbs.record)


def _edit(
    session: Session,
    found: Known,
    model: type[Facts],
    number: int | None,
    new: str,
    record: Callable[..., int],
) -> None:
    """The form of a new entry, or of the one that was chosen, which can be struck as well."""
    entry = next((one for one in found.standing if one.entry_id == number), None)
    heading = session.say(new) if entry is None else session.say("controls.correct", entry=entry.entry_id)
    st.markdown(f"#### {heading}")
    if entry is not None:
        st.caption(session.say("controls.correct_help"))
    _form(
        session, f"control_{model.KIND}_{number or 'new'}", model,
        lambda told: record(ui.at_once(session), told, corrects=number),
        before=entry.facts if entry is not None and type(entry.facts) is model else None, primary=entry is None,
    )  # fmt: skip
    if entry is not None:
        _strike(session, entry, record)


def _strike(session: Session, entry: Entry, record: Callable[..., int]) -> None:
    with st.expander(session.say("controls.strike")):
        _form(
            session, f"control_strike_{entry.entry_id}", Struck,
            lambda told: record(ui.at_once(session), told, corrects=entry.entry_id), button="controls.strike_button",
        )  # fmt: skip


def _form(
    session: Session,
    key: str,
    model: type[M],
    work: Callable[[M], int],
    *,
    button: str = "controls.record_button",
    before: M | None = None,
    primary: bool = False,
) -> None:
    ui.form(
        session, key, model, lambda told: ui.done(session.plain("controls.recorded", entry=work(told))),
        words="control_field", code=lambda value: rows.in_words(value, session.language), button=button,
        before=before, primary=primary,
    )  # fmt: skip
