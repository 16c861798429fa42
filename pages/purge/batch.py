"""One purge: what it would do or did, its entries, and the next step for whoever may take it."""

import streamlit as st

from compliance import ui
from compliance.purge import batches, view_batch
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_BATCHES)
ui.header(session, "purge")
st.page_link("pages/purge/purge.py", label=session.say("purge.back"), icon=":material/arrow_back:")
number = st.query_params.get("batch", "")
try:
    # What stands in a URL may be anything; no batch has a number that long.
    view_batch.show(
        session, batches.find(session.engine, int(number) if number.isdecimal() and len(number) < 10 else 0)
    )
except Refused as refusal:
    ui.explain(refusal)
