"""The CISO's overview: figures only, no names; each figure leads to its list."""

import streamlit as st

from compliance import ui
from compliance.holds import listing
from compliance.purge import batches
from compliance.purge.tables import State
from compliance.report import view as report_view
from compliance.review import figures as review
from compliance.review import measures, view_risk
from compliance.review import rows as review_rows
from compliance.review import view as review_view
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "risk")
ui.told_before()
review_view.alarms_first(session)
reading = ui.something_to_read(session)
tongue = session.language
fresh = session.fresh()
stale = freshness.stale_sources(fresh)
measured = measures.measure(session.at(), reading, fresh)
week = review.week(session.engine, reading, measured, fresh)
risk = review_rows.risk(reading, week, stale)

ui.sentence(review_rows.sentence_of_risk(risk, tongue), alarm=risk.share_in_order is None or risk.share_in_order < 1)
report_view.offer_report(session)
review_view.risk_tiles(
    session, risk, week, stale,
    late=listing.summary(session.engine, None, reading.as_of).past_review,
    resurfaced=len(batches.listing(session.engine, [State.RESURFACED])),
)  # fmt: skip
review_view.heat(session, reading, stale)
view_risk.trends(session, reading, measured)
if not stale:
    view_risk.shares(session, reading)
review_view.causes(session, reading, stale)

st.subheader(session.say("risk.findings"), anchor=False)
st.caption(session.say("risk.findings_help"))
ui.table(
    session,
    "findings",
    tables.columns(tongue, "severity", "category_name", "source_name", "field_name", "column_name", "filled:number"),
    review_rows.finding_rows(reading, tongue, ui.source_names(session)),
)

unread = review_rows.unread_rows(reading, tongue, ui.source_names(session))
if unread:
    st.subheader(session.say("risk.unread"), anchor=False)
    st.caption(session.say("risk.unread_help"))
    ui.table(session, "unread", tables.columns(tongue, "source_name", "dataset", "field_name", "rows:number"), unread)
