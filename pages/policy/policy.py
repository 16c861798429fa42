"""The rules in force, what they leave open, and what another period would do before anything is saved."""

import streamlit as st

from compliance import ui
from compliance.policy import rows as policy_rows
from compliance.policy import view
from compliance.show import columns as tables
from compliance.words import policy
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "policy_page")
tongue = session.language

ui.sentence(
    session.say(
        "policy_page.sentence",
        rules=len(session.policy.rules),
        version=session.policy.version,
        defects=len(policy.DEFECTS),
    ),
    alarm=bool(policy.DEFECTS),
)
st.subheader(session.say("policy_page.rules"), anchor=False)
ui.table(
    session,
    "rules",
    tables.columns(
        tongue, "category_name", "start_event:wrapped", "period", "ground_name:wrapped", "purpose_name:wrapped",
        "owner_name", "approval", "section:wrapped", "allowed:long"
    ),
    policy_rows.rule_rows(session.policy, tongue),
)  # fmt: skip

st.subheader(session.say("policy_page.what_if"), anchor=False)
st.caption(session.say("policy_page.what_if_help"))
if session.reading is None:
    ui.nothing_to_read(session)
else:
    view.what_if(session, session.reading)

st.subheader(session.say("policy_page.uncovered"), anchor=False)
ui.table(
    session,
    "uncovered",
    tables.columns(tongue, "category_name", "bases:number", "reason:long"),
    policy_rows.uncovered_rows(session.policy, session.reading, tongue),
)
view.defects(session)
