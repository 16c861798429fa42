"""The rules in force, what they leave open, and what another period would do before anything is saved."""

import streamlit as st

from compliance import ui
from compliance.policy import rows as policy_rows
from compliance.reading import copy
from compliance.show import columns as tables
from compliance.words import policy
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "policy_page")
tongue = session.language


def what_if(reading: copy.Reading) -> None:
    """Asks for another period, and shows who would move by it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        category = st.selectbox(
            session.say("filter.category"),
            list(session.policy.rules),
            format_func=ui.coded(session, "category"),
            key="what_if_category",
        )
        rule = session.policy.rules[category]
        in_days = rule.period_days is not None
        longest_in_days = policy.MAX_COOKIE_DAYS if category is Category.WEB_VISITOR else policy.MAX_DAYS
        number = st.number_input(
            session.say("policy_page.days" if in_days else "policy_page.months"),
            1,
            longest_in_days if in_days else policy.MAX_MONTHS,
            rule.period_days if in_days else rule.period_months,
            key=f"what_if_{category}",
        )
    try:
        if number == (rule.period_days if in_days else rule.period_months):
            # The rule in force moves nobody, and to find that out would take a reading of the whole copy.
            st.markdown(session.say("policy_page.not_moved"))
            return
        changed = policy.policy_with(session.policy, category, f"P{number}{'D' if in_days else 'M'}")
        then = copy.current(session.settings, session.engine, session.today, changed, session.parameters)
        assert then is not None
        moved = policy_rows.moved(reading, then, category, tongue)
        st.markdown(
            session.say(
                "policy_page.moved" if moved else "policy_page.not_moved", persons=sum(row["persons"] for row in moved)
            )
        )
        if moved:
            ui.table(
                session,
                "what_if",
                tables.columns(tongue, "before", "after", "persons:number", "bases:number"),
                moved,
            )
    except Refused as refused:
        ui.explain(refused)


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
    what_if(session.reading)

st.subheader(session.say("policy_page.uncovered"), anchor=False)
ui.table(
    session,
    "uncovered",
    tables.columns(tongue, "category_name", "bases:number", "reason:long"),
    policy_rows.uncovered_rows(session.policy, session.reading, tongue),
)

st.subheader(session.say("policy_page.defects"), anchor=False)
for defect in policy.DEFECTS:
    with st.expander(f"{defect.upper()} · {session.say(f'policy.defect.{defect}.title')}"):
        st.write(session.say(f"policy.defect.{defect}.text"))
