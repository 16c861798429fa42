"""The CISO's overview: figures only, no names; each figure leads to its list."""

import streamlit as st

from compliance import ui
from compliance.holds import listing
from compliance.purge import batches
from compliance.purge.tables import State
from compliance.review import figures as review
from compliance.review import rows as review_rows
from compliance.review.figures import Figure
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.ui import charts
from compliance.words.texts import show_share
from compliance.words.vocabulary import Permission, Status

HOLDS, DESK = "pages/holds/holds.py", "pages/purge/purge.py"
EXPIRIES = "pages/review/expiries.py"

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "risk")
reading = ui.something_to_read(session)
tongue = session.language
fresh = session.fresh()
stale = freshness.stale_sources(fresh)
week = review.week(session.engine, reading, session.parameters, fresh)
risk = review_rows.risk(reading, week, stale)

ui.sentence(review_rows.sentence_of_risk(risk, tongue), alarm=risk.share_in_order is None or risk.share_in_order < 1)
unknown = session.say("common.unknown")
with ui.tiles():
    ui.tile(
        session.say("risk.in_order"),
        unknown if risk.share_in_order is None else show_share(risk.share_in_order, tongue),
        key="share",
        note=session.say("figure_help.in_order"),
        link=("pages/review/subjects.py", session.say("risk.to_list"), {}),
    )
    for figure, page, filters in (
        (Figure.OVERDUE, EXPIRIES, {"status": "OVERDUE"}),
        (Figure.UNDETERMINED, EXPIRIES, {"status": "UNDETERMINED"}),
        (Figure.OVERDUE_REQUESTS, "pages/requests/erasure.py", {"state": "OVERDUE"}),
    ):
        value = week.values[figure]
        ui.tile(
            session.say(f"figure.{figure.value}"),
            unknown if value.now is None else session.show(value.now),
            key=f"risk_{figure.value}",
            change=value.change,
            worse_when="up",
            link=(page, session.say("risk.to_list"), filters),
        )
    ui.tile(
        session.say("risk.stale"),
        session.show(len(stale)),
        key="stale",
        link=("pages/review/weekly.py", session.say("risk.to_list"), {}),
    )
    ui.tile(
        session.say("risk.oldest"),
        unknown if stale else session.say("risk.days", days=risk.oldest_days) if risk.oldest_days else "–",
        key="oldest",
        note=risk.oldest_category and session.say(f"category.{risk.oldest_category}"),
        link=(EXPIRIES, session.say("risk.to_list"), {"status": "OVERDUE", "category": risk.oldest_category or ui.ALL}),
    )
    ui.tile(
        session.say("risk.holds"),
        session.show(listing.summary(session.engine, None, reading.as_of).past_review),
        key="holds",
        note=session.say("holds.past_review_help"),
        link=(HOLDS, session.say("risk.to_list"), {}) if session.may(Permission.SEE_BATCHES) else None,
    )
    ui.tile(
        session.say("purge.tile.resurfaced"),
        session.show(len(batches.listing(session.engine, [State.RESURFACED]))),
        key="resurfaced",
        note=session.say("purge.sources_help"),
        link=(DESK, session.say("risk.to_list"), {}) if session.may(Permission.SEE_BATCHES) else None,
    )

if not stale:
    st.subheader(session.say("risk.statuses"), anchor=False)
    labels = {status: session.say(f"status.{status}") for status in Status}
    parts = review_rows.person_statuses(reading)
    ui.chart(
        charts.share(parts, labels, tongue),
        "; ".join(f"{labels[Status(code)]}: {session.show(count)}" for code, count in parts.items()),
        "statuses",
    )
st.subheader(session.say("risk.heat"), anchor=False)
ages = [session.say(f"age.{age}") for age in review_rows.AGES]
grid = review_rows.heat(reading, stale, tongue)
ui.chart(
    charts.heat(
        ages, [row["category_name"] for row in grid], [[row[age] for age in review_rows.AGES] for row in grid], tongue
    ),
    "; ".join(
        f"{row['category_name']}: " + ", ".join(session.show(row[age]) for age in review_rows.AGES) for row in grid
    ),
    "heat",
)
columns = [
    tables.Column("category_name", session.say("column.category_name")),
    *(tables.Column(age, session.say(f"age.{age}"), "number") for age in review_rows.AGES),
]
with st.expander(session.say("app.as_table")):
    ui.table(session, "overdue_heat", columns, grid)

st.subheader(session.say("risk.causes"), anchor=False)
ui.table(
    session,
    "undetermined_causes",
    tables.columns(tongue, "cause", "bases:number", "past_provisional:number"),
    review_rows.causes(reading, stale, tongue),
)
st.page_link(
    EXPIRIES,
    label=session.say("risk.causes_to_list"),
    query_params={"status": "UNDETERMINED"},
    icon=":material/arrow_forward:",
)

st.subheader(session.say("risk.findings"), anchor=False)
st.caption(session.say("risk.findings_help"))
ui.table(
    session,
    "findings",
    tables.columns(tongue, "severity", "category_name", "source_name", "field_name", "column_name", "filled:number"),
    review_rows.finding_rows(reading, tongue, ui.source_names(session)),
)
