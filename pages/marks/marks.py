"""Marks on persons: who is restricted, has objected or gets no mailings; the list for the mailing tool."""

import streamlit as st

from compliance import ui
from compliance.marks import listing, view
from compliance.requests import resumed
from compliance.sources import freshness
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_BATCHES)
ui.header(session, "marks")
ui.told_before()
reading = ui.something_to_read(session)
unknown = bool(freshness.stale_of_persons(session.fresh()))
found = listing.listing(session.engine, reading.as_of)

view.figures(session, listing.summary(found, None if unknown else reading))
st.subheader(session.say("marks.list"), anchor=False)
st.caption(session.say("marks.list_help"))
view.table(session, found)
if session.may(Permission.MARK_PERSONS):
    names = [session.say(f"marks.{name}") for name in ("act", "place", "mailing")]
    deciding, placing, mailing = st.tabs(names, key=view.TABS, on_change="rerun")
    with deciding:
        view.decide(session, found, lambda: resumed.numbers(session.engine, ui.at_click(session)[1]))
    with placing:
        st.caption(session.say("marks.place_help"))
        st.page_link("pages/person/person.py", label=session.say("marks.place_link"), icon=":material/person_search:")
    # How many addresses it has is asked of the whole copy.
    if mailing.open:
        with mailing:
            view.may_not_mail(session, reading)
