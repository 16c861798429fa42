"""What must go when: the months and weeks ahead, what is overdue by age, and the list with the reason."""

import datetime as dt

import streamlit as st

from compliance import ui
from compliance.review import figures as review
from compliance.review import rows as review_rows
from compliance.review import view as review_view
from compliance.sources import freshness
from compliance.ui import charts
from compliance.words.vocabulary import Category, Permission, Status

LISTED = (Status.OVERDUE, Status.DUE, Status.EXPIRING, Status.HELD, Status.STATUTORY, Status.UNDETERMINED)
HORIZONS = ("30", "90", "365")

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "expiries")
reading = ui.something_to_read(session)
tongue = session.language
sources = ui.source_names(session)
stale = freshness.stale_sources(session.fresh())
weekly = reading.one("weekly")

ui.sentence(
    session.say("expiries.unknown" if stale else "expiries.sentence", **weekly),
    alarm=bool(stale or weekly["overdue"]),
)
with st.container(horizontal=True):
    category = ui.choice(session, "category", list(Category), ui.coded(session, "category"))
    source = ui.choice(session, "source", list(sources), sources.__getitem__)
    owners = sorted({rule.owner for rule in session.policy.rules.values()})
    owner = ui.choice(session, "owner", owners, ui.coded(session, "owner"))
st.caption(session.say("expiries.filters_help"))
cut = {"category": category, "source": source, "owner": owner}

labels = {code: session.say(f"category.{code}") for code in Category}
months, weeks, late = st.tabs([session.say(f"expiries.{name}") for name in ("months", "weeks", "late")])
with months:
    starts = review.month_starts(reading.as_of, 24)
    series = review_rows.expiries(reading, "month", starts, review.month_starts(reading.as_of, 25)[-1], cut)
    places = [f"{start:%Y-%m}" for start in starts]
    ui.chart(charts.stacked(places, series, labels, tongue), charts.in_words(places, series, labels, tongue), "months")
    ui.table(
        session,
        "expiries_months",
        review_rows.series_columns(series, labels, tongue),
        review_rows.series_rows(places, series),
        filters=cut,
    )
with weeks:
    starts = review.week_starts(reading.as_of, 13)
    series = review_rows.expiries(reading, "week", starts, starts[-1] + dt.timedelta(weeks=1), cut)
    places = [session.say("expiries.week", number=str(start.isocalendar().week)) for start in starts]
    ui.chart(charts.stacked(places, series, labels, tongue), charts.in_words(places, series, labels, tongue), "weeks")
    ui.table(
        session,
        "expiries_weeks",
        review_rows.series_columns(series, labels, tongue),
        review_rows.series_rows(places, series),
        filters=cut,
    )
with late:
    series = review_rows.overdue_by_age(reading, cut)
    places = [session.say(f"age.{age}") for age in review_rows.AGES]
    ui.chart(charts.stacked(places, series, labels, tongue), charts.in_words(places, series, labels, tongue), "late")
    ui.table(
        session,
        "overdue_ages",
        review_rows.series_columns(series, labels, tongue, "filter.age"),
        review_rows.series_rows(places, series),
        filters=cut,
    )

st.subheader(session.say("expiries.list"), anchor=False)
with st.container(horizontal=True):
    status = ui.choice(session, "status", list(LISTED), ui.coded(session, "status"))
    horizon = ui.choice(session, "horizon", HORIZONS, lambda days: session.say("expiries.within", days=int(days)))
    age = ui.choice(session, "age", review_rows.AGES, ui.coded(session, "age"))
    reason = ui.choice(session, "reason", review_rows.DOUBTS, ui.coded(session, "doubt"))
if status is None:
    st.caption(session.say("persons.pressing"))
filters = {**cut, "status": status, "horizon": horizon, "age": age, "reason": reason}
review_view.entry_list(session, "expiries", filters, pressing=True)
