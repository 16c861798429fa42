"""What is drawn of sources: dates that an export moved, for somebody to decide."""

from __future__ import annotations

import streamlit as st

from compliance import ui
from compliance.reading.copy import Reading
from compliance.show import columns as tables
from compliance.sources import asks, rows
from compliance.sources import verbs as sources
from compliance.sources.tables import Word
from compliance.ui import Session
from compliance.words.vocabulary import Permission


def moved_clocks(session: Session, reading: Reading) -> None:
    """The exports whose moved dates wait for a decision, and its buttons for those who may."""
    found = rows.undecided(session.engine, reading)
    if not found:
        return
    whose = rows.whose(reading, found)
    st.subheader(session.say("moved.title"), anchor=False)
    st.caption(session.say("moved.help"))
    ui.table(
        session,
        "moved_clocks",
        tables.columns(
            session.language,
            "export",
            "source_name",
            "build_id:number",
            "whose",
            "bases:number",
            "persons:number",
            "overdue:number",
        ),
        rows.moved_rows(found, ui.source_names(session), whose),
    )
    if not session.may(Permission.DECIDE_MOVED):
        return
    for one in found:
        asked = "whose" if one.number else "which"
        told = {"export": one.dataset, "build": str(one.build), "entries": one.entries, "person": whose.get(one, "")}
        # Both answers stand beside each other, however long the question is.
        with st.container(gap="xsmall"):
            st.markdown(session.say(f"moved.{asked}", **told))
            answers = st.container(horizontal=True)
        with answers:
            for word in Word:
                st.button(
                    session.say(f"moved.{asked}_{word.value}_button"),
                    key=f"moved_{word.value}_{one.dataset}_{one.build}_{one.number}",
                    on_click=ui.act,
                    args=(lambda one=one, word=word: _decide(session, one, word),),
                )


def _decide(session: Session, one: asks.Moved, word: Word) -> None:
    at, current = ui.at_click(session)
    sources.decide_moved(at, current, one.dataset, one.build, word, one.number)
