"""How the figures of the risk overview are drawn over time."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from compliance.reading.copy import Reading
from compliance.review import rows as review_rows
from compliance.review.kpis import Measured, Unit, Unknown, kpis
from compliance.show import columns as tables
from compliance.ui import Session, chart, charts, table
from compliance.words.markup import literal
from compliance.words.vocabulary import Status


def trends(session: Session, reading: Reading, measured: Mapping[str, Measured]) -> None:
    """How each of the CISO's figures with a target went in 52 weeks, and a word on what is not known now."""
    tongue = session.language
    unknown = [kpi.name(tongue) for code, kpi in kpis().items() if measured[code].unknown is Unknown.STALE]
    if unknown:
        st.caption(literal(session.plain("risk.what_is_unknown", names=", ".join(unknown))))
    st.subheader(session.say("risk.trends"), anchor=False)
    found = review_rows.trends(session.engine, reading.as_of, measured, session.parameters, tongue)
    lines = [
        charts.Line(one.title, one.values, one.target, one.late, kpis()[one.code].unit is Unit.SHARE, one.marks)
        for one in found.lines
    ]
    chart(charts.small_lines(found.days, lines), "; ".join(one.title for one in found.lines), "trends")
    st.caption(session.say("risk.trends_help"))
    with st.expander(session.say("risk.what_happened")):
        table(
            session,
            "what_happened",
            tables.columns(tongue, "happened_on", "what_happened", "happened_count:number"),
            [
                {"happened_on": one.on, "what_happened": session.plain(f"what.{one.what}"), "happened_count": one.count}
                for one in found.happened
            ],
        )
    with st.expander(session.say("risk.glossary")):
        found_now = review_rows.kpi_rows(measured, session.parameters, tongue)
        table(session, "kpis", tables.columns(tongue, *review_rows.KPI_COLUMNS), found_now)


def shares(session: Session, reading: Reading) -> None:
    """What part of the persons is where."""
    st.subheader(session.say("risk.statuses"), anchor=False)
    labels: dict[str, str] = {status: session.say(f"status.{status}") for status in Status}
    parts = review_rows.person_statuses(reading)
    chart(
        charts.share(parts, labels, session.language),
        "; ".join(f"{labels[Status(code)]}: {session.show(count)}" for code, count in parts.items()),
        "statuses",
    )
