"""How whoever asks is drawn."""

from __future__ import annotations

import streamlit as st

from compliance.requests import verbs as requests
from compliance.ui import Session, explain
from compliance.words.refusal import Refused


def requester(session: Session, source: str, reference: str) -> None:
    """Who a request is from, after a click, and recorded."""
    if not st.button(session.say("erasure.who"), key=f"who_{source}_{reference}", icon=":material/visibility:"):
        return
    try:
        build = session.reading.build if session.reading else None
        person = requests.person_of(session.at(), source, reference, build=build)
    except Refused as refused:
        explain(refused)
        return
    with st.container(border=True):
        st.markdown(f"#### {person.name or session.say('common.unknown')}")
        st.write(" · ".join(part for part in (person.email, person.phone) if part))
