"""The start of the weekly review: how things stand, what changed, and how fresh it is."""

import streamlit as st

from compliance import ui
from compliance.holds import listing, losses
from compliance.identity import verbs as identity
from compliance.purge import batches
from compliance.purge import rows as desk
from compliance.purge import tables as purge_tables
from compliance.requests import asks as requests_asks
from compliance.review import figures as review
from compliance.review import measures
from compliance.review import verbs as review_verbs
from compliance.review import view as review_view
from compliance.show import columns as tables
from compliance.sources import rows as sources_rows
from compliance.sources import view as sources_view
from compliance.suppression import verbs as suppression
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "weekly")
ui.told_before()
review_view.alarms_first(session)
reading = ui.something_to_read(session)
fresh = session.fresh()
review_verbs.ensure_snapshot(session.at(), reading)
week = review.week(session.engine, reading, measures.measure(session.at(), reading, fresh), fresh)

ui.sentence(review.sentence_of_the_week(week, session.language), alarm=review.alarming(week))
review_view.week_tiles(session, week)
review_view.what_waits(
    session,
    listing.summary(session.engine, None, reading.as_of).past_review,
    len(losses.waiting(session.engine)),
    identity.count_waiting(session.engine, reading),
    len(identity.lost(session.engine)),
    reading.one(requests_asks.UNDECIDED).requests,
    desk.weekly_lines(
        batches.listing(session.engine, purge_tables.UNSETTLED),
        batches.count_unconfirmed(session.engine),
        suppression.count_doubts(session.engine),
        sum(suppression.kept_out(session.engine).values()),
    )
    if session.may(Permission.SEE_BATCHES)
    else (),
)

sources_view.moved_clocks(session, reading)
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
