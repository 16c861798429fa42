"""Who is stored: by category, source, purpose and ground; which fields; and, for those who may, the persons."""

import streamlit as st

from compliance import ui
from compliance.review import asks
from compliance.review import rows as review_rows
from compliance.review import view as review_view
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.words.vocabulary import Category, Permission, Status

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

st.subheader(session.say("subjects.fields"), anchor=False)
st.caption(session.say("subjects.fields_help"))
ui.table(
    session,
    "fields",
    tables.columns(
        tongue, "category_name", "source_name", "field_name", "column_name", "filled:number", "rows:number", "verdict"
    ),
    review_rows.field_rows(reading, stale, tongue, sources),
)

st.subheader(session.say("subjects.list"), anchor=False)
with st.container(horizontal=True):
    category = ui.choice(session, "category", list(Category), ui.coded(session, "category"))
    source = ui.choice(session, "source", list(sources), sources.__getitem__)
    status = ui.choice(
        session, "status", [one for one in Status if one is not Status.PURGED], ui.coded(session, "status")
    )
filters = {"category": category, "source": source, "status": status}
review_view.entry_list(session, "subjects", filters, searchable=True)
