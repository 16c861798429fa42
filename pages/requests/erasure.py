"""Who asked for what and still waits: by age against the deadline, what comes next, and what stands in the way."""

import streamlit as st

from compliance import ui
from compliance.purge import view as purge_view
from compliance.requests import backlog
from compliance.requests import rows as requests_rows
from compliance.requests import view as requests_view
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "erasure")
ui.told_before()
reading = ui.something_to_read(session)
tongue, own = session.language, session.actor.pseudonym
stale = freshness.FORM in freshness.stale_sources(session.fresh())
items = backlog.remembered(session.engine, reading, reading.as_of, session.parameters)
requests_view.sentence(session, items, stale=stale)
filters = requests_view.filters(session)
if filters["over"]:
    requests_view.over_period(session, reading.as_of, filters["over"])
else:
    rows = [requests_rows.request_row(item, tongue, own) for item in items if requests_view.shown(item, filters, own)]
    # A request belongs to no category, so an owner of some may not see who it is from.
    may_ask = session.may(Permission.SEE_PERSONS) and session.actor.categories is None
    if rows:
        st.caption(session.say("erasure.choose" if may_ask else "request_page.choose_row"))
    chosen = ui.choose_rows(
        session,
        "requests",
        tables.columns(
            tongue,
            "request", "kind", "request_state", "due_on:date", "days_left:number", "next", "waits_for",
            "blocks", "handler", "channel", "received_on:date", "age_days:number", "persons_found:number",
            "bases:number", "reference", "remark",
        ),
        rows,
        by=("source", "reference"),
        filters=filters,
        select=True,
        order=(
            "request", "kind", "request_state", "due_on", "days_left", "next", "blocks",
        ),
    )  # fmt: skip
    requests_view.links(session, chosen)
    requests_view.together(session, chosen)
    if may_ask and len(chosen) == 1:
        requests_view.sender(session, reading, chosen[0]["source"], chosen[0]["reference"])
    if may_ask and session.may(Permission.PROPOSE_PURGE):
        purge_view.offer_purge_for_requests(session, [(row["source"], row["reference"]) for row in chosen])
requests_view.buckets(session, items)
st.caption(session.say("erasure.help"))
