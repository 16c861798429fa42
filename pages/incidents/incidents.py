"""Personal data breaches: which are open, whom there is a time to tell, and the form that begins one."""

import streamlit as st

from compliance import ui
from compliance.incidents import rows, state, view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_LEDGER)
ui.header(session, "incidents")
ui.told_before()
if not view.running(session):
    ui.sentence(rows.sentence(state.going_on(session.engine), session.language))
st.subheader(session.say("incidents.list"), anchor=False)
view.listing(session, state.every(session.engine))
if session.may(Permission.HANDLE_INCIDENTS):
    st.subheader(session.say("incidents.report"), anchor=False)
    view.report(session)
