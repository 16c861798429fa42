"""A request that came by mail, phone, letter or in person, entered by hand."""

import streamlit as st

from compliance import ui
from compliance.requests import view_new
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.HANDLE_REQUESTS)
ui.header(session, "request_new")
st.page_link("pages/requests/erasure.py", label=session.say("request_page.back"), icon=":material/arrow_back:")
if (number := st.session_state.pop(view_new.OPENED, None)) is not None:
    st.switch_page("pages/requests/request.py", query_params={"number": str(number)})
view_new.new(session)
