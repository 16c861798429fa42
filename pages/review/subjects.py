"""Who is stored: by category, source, purpose and ground; which fields; and, for those who may, the persons."""

import streamlit as st

from compliance import ui
from compliance.review import rows as review_rows
from compliance.review import view as review_view
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.ui import charts
from compliance.words.vocabulary import Category, Permission, Status

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "subjects")
reading = ui.something_to_read(session)
tongue = session.language
sources = ui.source_names(session)
stale = freshness.stale_sources(session.fresh())
weekly = reading.one("weekly")

ui.sentence(
    session.say("subjects.unknown" if stale else "subjects.sentence", persons=weekly["persons"], bases=weekly["bases"]),
    alarm=bool(stale),
)
st.caption(session.say("subjects.distinct"))

by_category, by_source, by_purpose = st.tabs(
    [session.say(f"subjects.by_{cut}") for cut in ("category", "source", "purpose")]
)
with by_category:
    rows = review_rows.stored_by_category(reading, stale, tongue)
    known = [row for row in rows if row["persons"] is not None]
    ui.chart(
        charts.bars(
            [row["category_name"] for row in known],
            [row["persons"] for row in known],
            tongue,
            [charts.CATEGORY_COLOURS[row["category"]] for row in known],
        ),
        "; ".join(f"{row['category_name']}: {session.show(row['persons'])}" for row in rows),
        "stored_by_category",
    )
    names = (
        "persons",
        "bases",
        "overdue",
        "due",
        "expiring",
        "held",
        "statutory",
        "undetermined",
        "retained",
        "active",
    )
    ui.table(
        session,
        "stored_by_category",
        tables.columns(tongue, "category_name", *(f"{name}:number" for name in names)),
        rows,
    )
with by_source:
    ui.table(
        session,
        "stored_by_source",
        tables.columns(tongue, "source_name", "persons:number", "bases:number"),
        review_rows.stored_by(reading, "source", stale, tongue, sources),
    )
with by_purpose:
    ui.table(
        session,
        "stored_by_purpose",
        tables.columns(tongue, "purpose_name", "ground_name", "persons:number", "bases:number"),
        review_rows.stored_by(reading, "purpose", stale, tongue, sources),
    )

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
