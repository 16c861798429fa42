"""Support access: who may enter customers' environments, how those are set, reviews, and orders to revoke."""

import streamlit as st

from compliance import ui
from compliance.environments import view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "environments")
ui.told_before()
reading = ui.something_to_read(session)
first = st.container()
found, told = view.everything(session, reading)
with first:
    view.figures(session, found, told)
names = ("grants", "findings", "environments", "sessions", "orders")
grants, findings, environments, sessions, orders = st.tabs([session.say(f"environments.tab_{name}") for name in names])
with grants:
    view.grants(session, found)
with findings:
    view.found_here(session, told)
with environments:
    view.environments(session, found)
with sessions:
    view.sessions(session, found)
with orders:
    view.orders(session, found)
