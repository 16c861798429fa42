"""One request: its clock, its steps, what can be done next, and who it is from for whoever may see that."""

import streamlit as st

from compliance import ui
from compliance.letters import view as letters_view
from compliance.person import view as person_view
from compliance.purge import view as purge_view
from compliance.requests import view_request
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "request_page")
st.page_link("pages/requests/erasure.py", label=session.say("request_page.back"), icon=":material/arrow_back:")
reading = ui.something_to_read(session)
number = st.query_params.get("number", "")
try:
    # What stands in a URL may be anything; no request has a number that long.
    known = int(number) if number.isdecimal() and len(number) < 10 else 0
    told = view_request.request(session, reading, known)
    person_view.offer_correction(session, reading, told)
    if view_request.is_erasable(session, told):
        purge_view.offer_purge_for_requests(session, [(told.source, told.reference)])
    letters_view.offer(session, told)
except Refused as refusal:
    ui.explain(refusal)
