"""The start of the weekly review: how things stand, what changed, and how fresh it is."""

import streamlit as st

from compliance import ui
from compliance.holds import listing
from compliance.purge import batches
from compliance.purge import rows as desk
from compliance.purge import tables as purge_tables
from compliance.review import figures as review
from compliance.review import verbs as review_verbs
from compliance.review.figures import Figure
from compliance.show import columns as tables
from compliance.sources import rows as sources_rows
from compliance.words.vocabulary import Permission

EXPIRIES, SUBJECTS, ERASURE = "pages/review/expiries.py", "pages/review/subjects.py", "pages/requests/erasure.py"
HOLDS, DESK = "pages/holds/holds.py", "pages/purge/purge.py"
TILES = (
    (Figure.PERSONS, "never", SUBJECTS, {}),
    (Figure.IN_ORDER, "down", "pages/review/risk.py", {}),
    (Figure.DUE_30, "never", EXPIRIES, {"horizon": "30"}),
    (Figure.DUE_90, "never", EXPIRIES, {"horizon": "90"}),
    (Figure.OVERDUE, "up", EXPIRIES, {"status": "OVERDUE"}),
    (Figure.UNDETERMINED, "up", EXPIRIES, {"status": "UNDETERMINED"}),
    (Figure.OPEN_REQUESTS, "never", ERASURE, {}),
    (Figure.OVERDUE_REQUESTS, "up", ERASURE, {"state": "OVERDUE"}),
)

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "weekly")
reading = ui.something_to_read(session)
fresh = session.fresh()
review_verbs.ensure_snapshot(session.at(), reading)
week = review.week(session.engine, reading, session.parameters, fresh)

ui.sentence(review.sentence_of_the_week(week, session.language), alarm=review.alarming(week))
with ui.tiles():
    for figure, worse_when, page, filters in TILES:
        value = week.values[figure]
        ui.tile(
            session.say(f"figure.{figure.value}"),
            session.say("common.unknown") if value.now is None else session.show(value.now),
            key=figure.value,
            change=value.change,
            worse_when=worse_when,
            note=session.say(f"figure_help.{figure.value}"),
            link=(page, session.say("weekly.to_list"), filters),
        )
if week.compared_on:
    st.caption(session.say("weekly.compared", day=week.compared_on))
else:
    st.caption(session.say("weekly.not_compared"))

late = listing.summary(session.engine, None, reading.as_of).past_review
if late and session.may(Permission.SEE_BATCHES):
    st.page_link(HOLDS, label=session.say("holds.late_line", late=late), icon=":material/pan_tool:")

if session.may(Permission.SEE_BATCHES):
    for text, count in desk.weekly_lines(batches.listing(session.engine, purge_tables.UNSETTLED)):
        st.page_link(DESK, label=session.say(text, count=count), icon=":material/delete_sweep:")

st.subheader(session.say("weekly.freshness"), anchor=False)
st.caption(session.say("weekly.freshness_help"))
ui.table(
    session,
    "freshness",
    tables.columns(
        session.language, "source_name", "exported_on:date", "age_hours:number", "max_age_hours:number", "state"
    ),
    sources_rows.freshness_rows(fresh, session.language),
)
