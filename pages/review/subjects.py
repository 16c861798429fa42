"""Who is stored: by category, source, purpose and ground; which fields; and, for those who may, the persons."""

import streamlit as st

from compliance import ui
from compliance.review import asks
from compliance.review import view as review_view
from compliance.sources import freshness
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "subjects")
reading = ui.something_to_read(session)
tongue = session.language
sources = ui.source_names(session)
stale = freshness.stale_sources(session.fresh())
weekly = reading.one(asks.WEEKLY)

ui.sentence(
    session.say("subjects.unknown" if stale else "subjects.sentence", persons=weekly.persons, bases=weekly.bases),
    alarm=bool(stale),
)
st.caption(session.say("subjects.distinct"))

review_view.stored(session, reading, stale)
