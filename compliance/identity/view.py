"""How persons who may be one are drawn, and how somebody decides."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from compliance import ui
from compliance.identity import rows as identity_rows
from compliance.identity import verbs as identity
from compliance.identity.asks import Double
from compliance.identity.tables import Answer
from compliance.reading.copy import Reading
from compliance.show.columns import columns
from compliance.ui import Session
from compliance.words.vocabulary import Permission

_PICK_WIDTH = 720


def doubles(session: Session, reading: Reading) -> None:
    """The pairs that wait, and the choice for those who may decide."""
    first = st.container()
    named = ui.names_wanted(session, "doubles")
    found = identity.waiting(session.settings, session.engine, reading, named=named)
    if named:
        ui.record_look(session, "doubles", len(found), {})
    text = "doubles.sentence" if found else "doubles.sentence_none"
    with first:
        ui.sentence(session.say(text, pairs=len(found)), alarm=bool(found))
    st.caption(session.say("doubles.help"))
    people = ("name_one", "name_other", "email_one", "email_other") if named else ()
    ui.table(
        session,
        "doubles",
        columns(session.language, "one", "other", *people, "speaks_for", "speaks_against", "on_hold"),
        [identity_rows.double_row(pair, session.language) for pair in found],
        permission=Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES,
    )
    if found and session.may(Permission.DECIDE_IDENTITY):
        _decide(session, reading, found)


def lost(session: Session) -> None:
    """The decisions that have lost somebody they were about, and the way to let go of them."""
    found = identity.lost(session.engine)
    if not found:
        return
    st.error(session.say("doubles.lost_line", count=len(found)), icon=":material/group_off:")
    st.subheader(session.say("doubles.lost"), anchor=False)
    st.caption(session.say("doubles.lost_help"))
    ui.table(
        session,
        "lost_decisions",
        columns(session.language, "decision", "answer", "decided_on:date", "lost_on:date"),
        [identity_rows.lost_row(one, session.language) for one in found],
    )
    if session.may(Permission.DECIDE_IDENTITY):
        with st.container(horizontal=True):
            for one in found:
                st.button(
                    session.say("doubles.let_go", decision=one.decision_id),
                    key=f"let_go_{one.decision_id}",
                    on_click=ui.act,
                    args=(_letter(session, one.decision_id),),
                )


def _letter(session: Session, number: int) -> Callable[[], None]:
    return lambda: identity.let_go(ui.at_once(session), number)


def _decide(session: Session, reading: Reading, found: list[Double]) -> None:
    st.subheader(session.say("doubles.decide"), anchor=False)
    st.caption(session.say("doubles.decided_help"))
    number = st.selectbox(
        session.say("doubles.which"),
        range(len(found)),
        format_func=lambda place: identity_rows.pair_label(found[place], session.language),
        width=_PICK_WIDTH,
    )
    pair = found[number or 0]
    with st.container(horizontal=True):
        for answer in Answer:
            st.button(
                session.say(f"doubles.{answer.value}"),
                key=f"decide_{answer.value}_{pair.person_a}_{pair.person_b}",
                on_click=ui.act,
                args=(_decider(session, reading, pair, answer),),
            )


def _decider(session: Session, reading: Reading, pair: Double, answer: Answer) -> Callable[[], object]:
    return lambda: identity.decide(ui.at_once(session), reading, pair.person_a, pair.person_b, answer)
