"""One incident: its clocks, what is left to do, the authority's questions, and every step."""

import streamlit as st

from compliance import ui
from compliance.incidents import state, view
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_LEDGER)
ui.header(session, "incidents")
st.page_link("pages/incidents/incidents.py", label=session.say("incidents.back"), icon=":material/arrow_back:")
ui.told_before()
number = st.query_params.get("incident", "")
try:
    # What stands in a URL may be anything; no incident has a number that long.
    view.show(session, state.find(session.engine, int(number) if number.isdecimal() and len(number) < 10 else 0))
except Refused as refusal:
    ui.explain(refusal)
