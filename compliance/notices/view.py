"""How notices are drawn: where prospects come from, who is still to be told, and the forms that record it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from compliance import ui
from compliance.notices import asks, facts, rows, state, verbs
from compliance.notices.facts import Informed, Meant, Struck
from compliance.notices.state import Known
from compliance.reading.copy import Reading
from compliance.register.entries import Entry, Facts
from compliance.show import findings as listed
from compliance.show import recorded
from compliance.show.columns import columns
from compliance.ui import Session
from compliance.words.vocabulary import Permission


def show(session: Session, reading: Reading, found: Known, sources: Mapping[str, str]) -> None:
    """How things stand, what is found, where prospects come from, and the forms of whoever may record."""
    groups = state.groups(found, reading.rows(asks.PROSPECTS_BY_ORIGIN, as_of=reading.as_of), reading.as_of)
    findings = state.judged(groups, session.policy, reading.as_of).findings
    text, alarm = rows.sentence(groups, reading.as_of, session.language)
    ui.sentence(text, alarm=alarm)
    ui.table(
        session,
        "notice_findings",
        columns(session.language, *listed.COLUMNS),
        listed.listing(findings, reading.as_of, session.language, sources),
        empty="notices.none_found",
    )  # fmt: skip
    st.subheader(session.say("notices.sources"), anchor=False)
    st.caption(session.say("notices.sources_help"))
    ui.table(
        session,
        "notice_sources",
        columns(
            session.language, "source_name", "notice_word", "notice_origin", "notice_persons:number",
            "notice_met:number", "notice_waiting:number", "notice_late:number", "notice_told_late:number",
            "notice_next:date",
        ),
        [rows.group_row(one, reading.as_of, sources, session.language) for one in groups],
        empty="notices.no_prospects",
    )  # fmt: skip
    if session.may(Permission.RECORD_NOTICES) and session.actor.categories is None:
        with st.expander(session.say("notices.inform")):
            st.caption(session.say("notices.inform_help", sources=", ".join(sorted({one.source for one in groups}))))
            _form(session, Informed, None)
        with st.expander(session.say("notices.mean")):
            st.caption(session.say("notices.mean_help"))
            _form(session, Meant, None)
    _entries(session, found)


def _entries(session: Session, found: Known) -> None:
    st.subheader(session.say("notices.entries"), anchor=False)
    may = session.may(Permission.RECORD_NOTICES) and session.actor.categories is None
    chosen = ui.table(
        session,
        "notice_entries",
        columns(
            session.language, "entry:number", "recorded", "notice_kind", "told:long", "stands", "corrects:number",
            "role", "recorded_by",
        ),
        recorded.rows(found.entries, "notice", rows.in_words, session.language),
        by=("entry",),
        select=may,
        empty="notices.no_entries",
    )  # fmt: skip
    entry = next((one for one in found.standing if chosen and one.entry_id == chosen["entry"]), None)
    if may and entry is not None:
        st.markdown(f"#### {session.say('notices.correct', entry=entry.entry_id)}")
        _form(session, type(entry.facts), entry)
        with st.expander(session.say("notices.strike")):
            _form(session, Struck, entry)


def _form(session: Session, model: type[Facts], entry: Entry | None) -> None:
    number = None if entry is None else entry.entry_id

    def hand_on(told: Facts) -> None:
        recorded = verbs.record(ui.at_once(session), told, corrects=number)
        ui.done(session.plain("notices.recorded", entry=recorded))

    ui.form(
        session,
        f"notice_{model.KIND}_{number or 'new'}",
        model,
        hand_on,
        words="notice_field",
        code=lambda value: rows.in_words(value, session.language),
        button="notices.strike_button" if model is facts.Struck else "notices.record_button",
        before=entry.facts if entry is not None and type(entry.facts) is model else None,
        primary=entry is None,
    )
