"""Who asked to be erased and still waits: by age against the deadline, and what stands in the way."""

import streamlit as st

from compliance import ui
from compliance.letters import view as letters_view
from compliance.purge import view as purge_view
from compliance.requests import backlog
from compliance.requests import rows as requests_rows
from compliance.requests import view as requests_view
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.words.deadlines import RequestState
from compliance.words.vocabulary import Permission

STATES = (
    RequestState.OVERDUE,
    RequestState.DUE_SOON,
    RequestState.OPEN,
    RequestState.PAUSED,
    RequestState.REDIRECTED,
)

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "erasure")
reading = ui.something_to_read(session)
tongue = session.language
stale = freshness.FORM in freshness.stale_sources(session.fresh())
items = backlog.backlog(session.engine, reading, reading.as_of, session.parameters)
requests_view.sentence(session, items, stale=stale)
state = ui.choice(session, "state", list(STATES), ui.coded(session, "request_state"), alone=True)
rows = [requests_rows.request_row(item, tongue) for item in items if state in (None, item.state)]
# A request belongs to no category, so an owner of some may not see who it is from.
may_ask = session.may(Permission.SEE_PERSONS) and session.actor.categories is None
if may_ask and rows:
    st.caption(session.say("erasure.choose"))
chosen = ui.choose_rows(
    session,
    "requests",
    tables.columns(
        tongue,
        "reference", "kind", "request_state", "received_on:date", "due_on:date", "days_left:number", "age_days:number",
        "blocks:wide", "persons_found:number", "bases:number", "remark",
    ),
    rows,
    by=("source", "reference"),
    filters={"state": state},
    select=may_ask,
    order=("reference", "request_state", "due_on", "days_left", "blocks", "kind", "received_on", "age_days",
           "persons_found", "bases", "remark"),
)  # fmt: skip
if len(chosen) == 1:
    requests_view.sender(session, reading, chosen[0]["source"], chosen[0]["reference"])
    letters_view.offer(session, chosen[0]["request_id"])
if may_ask and session.may(Permission.PROPOSE_PURGE):
    purge_view.offer_purge_for_requests(session, [(row["source"], row["reference"]) for row in chosen])
requests_view.buckets(session, items)
st.caption(session.say("erasure.help"))
