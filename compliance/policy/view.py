"""How the rules are drawn: what another period would do, and where the policy falls short of the law."""

from __future__ import annotations

import streamlit as st

from compliance import ui
from compliance.policy import rows as policy_rows
from compliance.reading import copy
from compliance.show import columns as tables
from compliance.ui import Session
from compliance.words import policy
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category


def what_if(session: Session, reading: copy.Reading) -> None:
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
        moved = policy_rows.moved(reading, then, category, session.language)
        st.markdown(
            session.say(
                "policy_page.moved" if moved else "policy_page.not_moved", persons=sum(row["persons"] for row in moved)
            )
        )
        if moved:
            ui.table(
                session,
                "what_if",
                tables.columns(session.language, "before", "after", "persons:number", "bases:number"),
                moved,
            )
    except Refused as refused:
        ui.explain(refused)


def defects(session: Session) -> None:
    """What the policy itself leaves wrong or open, each behind a click."""
    st.subheader(session.say("policy_page.defects"), anchor=False)
    for defect in policy.DEFECTS:
        with st.expander(f"{literal(defect.upper())} · {session.say(f'policy.defect.{defect}.title')}"):
            st.write(session.say(f"policy.defect.{defect}.text"))
