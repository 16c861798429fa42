"""The weekly review, as an agenda from what is fresh to the signature."""

import streamlit as st

from compliance import ui
from compliance.digest import view as digest_view
from compliance.incidents import view as incidents_view
from compliance.review import figures as review
from compliance.review import measures, view_week
from compliance.review import verbs as review_verbs
from compliance.review import view as review_view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "weekly")
ui.told_before()
looked = review_view.alarms_first(session)
incidents_view.running(session)
review_view.first_steps(session)
reading = ui.something_to_read(session)
fresh = session.fresh()
at = session.at()
review_verbs.ensure_snapshot(at, reading)
measured = measures.remembered(at, reading, fresh)
week = review.week(session.engine, reading, measured, fresh)

ui.sentence(review.sentence_of_the_week(week, session.language), alarm=review.alarming(week))
view_week.show(session, view_week.looked_at(session, reading, measured, fresh, looked))
st.subheader(session.say("weekly.figures"), anchor=False)
with ui.folded_where_narrow(session, "figures"):
    review_view.week_tiles(session, week)
digest_view.offer_calendar(session, reading)
