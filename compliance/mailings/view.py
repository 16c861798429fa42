"""How mailings are drawn: what was sent that should not have been, each mailing, opt-outs, and who hears nothing."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from compliance import ui
from compliance.mailings import rows, state
from compliance.mailings.state import Mailed
from compliance.show import findings as listed
from compliance.show.columns import columns
from compliance.ui import Session


def show(session: Session, found: Mailed, sources: Mapping[str, str]) -> None:
    """How things stand, what is found, and all else behind tabs."""
    findings = state.judged(found, session.policy, session.parameters).findings
    text, alarm = rows.sentence(found, session.language)
    ui.sentence(text, alarm=alarm)
    ui.table(
        session,
        "mailing_findings",
        columns(session.language, *listed.COLUMNS),
        listed.listing(findings, found.as_of, session.language, sources),
        empty="mailings.none_found",
    )  # fmt: skip
    names = ("sent", "opt_outs", "unmailed")
    sent, opt_outs, unmailed = st.tabs([session.say(f"mailings.tab_{name}") for name in names])
    with sent:
        st.caption(session.say("mailings.sent_help", months=session.parameters.mailing_months))
        ui.table(
            session,
            "mailings_sent",
            columns(
                session.language, "mailing_called", "source_name", "mailing_use", "mailing_first:date",
                "mailing_last:date", "mailing_sends:number", "mailing_wrong:wide",
            ),
            [rows.sent_row(row, found, sources, session.language) for row in found.sent],
            empty="mailings.none_sent",
        )  # fmt: skip
    with opt_outs:
        st.caption(session.say("mailings.opt_outs_help", days=session.parameters.optout_working_days))
        ui.table(
            session,
            "tool_opt_outs",
            columns(
                session.language, "opt_out_asked:date", "opt_out_acts:date", "opt_out_days:number",
                "opt_out_count:number", "opt_out_state",
            ),
            [rows.opt_out_row(row, session.parameters, found.as_of, session.language) for row in found.opt_outs],
            empty="mailings.no_opt_outs",
        )  # fmt: skip
        st.page_link("pages/marks/marks.py", label=session.say("mailings.to_marks"), icon=":material/arrow_forward:")
    with unmailed:
        st.caption(session.say("mailings.unmailed_help", months=session.parameters.mailing_months))
        ui.table(
            session,
            "unmailed",
            columns(
                session.language, "category", "unmailed_persons:number", "unmailed_opted_out:number",
                "unmailed_without:number",
            ),
            [rows.unmailed_row(row, session.language) for row in found.unmailed],
            empty="mailings.all_mailed",
        )  # fmt: skip
