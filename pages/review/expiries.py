"""What must go when: the months and weeks ahead, what is overdue by age, and the list with the reason."""

import streamlit as st

from compliance import ui
from compliance.review import asks
from compliance.review import view as review_view
from compliance.sources import freshness
from compliance.words.vocabulary import Category, Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "expiries")
reading = ui.something_to_read(session)
sources = ui.source_names(session)
stale = freshness.stale_sources(session.fresh())
weekly = reading.one(asks.WEEKLY)

ui.sentence(
    session.say("expiries.unknown" if stale else "expiries.sentence", **weekly._asdict()),
    alarm=bool(stale or weekly.overdue),
)
with st.container(horizontal=True):
    category = ui.choice(session, "category", list(Category), ui.coded(session, "category"))
    source = ui.choice(session, "source", list(sources), sources.__getitem__)
    owners = sorted({rule.owner for rule in session.policy.rules.values()})
    owner = ui.choice(session, "owner", owners, ui.coded(session, "owner"))
st.caption(session.say("expiries.filters_help"))
cut = {"category": category, "source": source, "owner": owner}

review_view.what_presses(session, reading, cut)
