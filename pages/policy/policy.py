"""The rules in force, what others would do, how they are changed by two people, and what they leave open."""

import streamlit as st

from compliance import ui
from compliance.policy import changes, verbs, view
from compliance.policy import rows as policy_rows
from compliance.show import columns as tables
from compliance.words import policy
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "policy_page")
tongue = session.language
verbs.note_files(session.at())
known = changes.listing(session.engine)

ui.sentence(
    session.say(
        "policy_page.sentence",
        rules=len(session.policy.rules),
        version=session.policy.version,
        defects=len(policy.DEFECTS),
    ),
    alarm=bool(policy.DEFECTS),
)
ui.told_before()
view.where_files_stray(session)
view.waiting(session, known)
st.subheader(session.say("policy_page.rules"), anchor=False)
ui.table(
    session,
    "rules",
    tables.columns(
        tongue, "category_name", "start_event:wrapped", "period", "ground_name:wrapped", "purpose_name:wrapped",
        "owner_name", "approval", "section:wrapped", "allowed:long"
    ),
    policy_rows.rule_rows(session.policy, tongue),
    order=("category_name", "start_event", "period", "ground_name", "purpose_name", "owner_name", "allowed"),
)  # fmt: skip

may_change = session.may(Permission.CHANGE_RULES)
st.subheader(session.say("policy_page.change_rules" if may_change else "policy_page.what_if"), anchor=False)
st.caption(session.say("policy_page.change_rules_help" if may_change else "policy_page.what_if_help"))
if session.reading is None:
    ui.nothing_to_read(session)
view.draft(session)

view.besides(session, known)
