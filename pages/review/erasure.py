"""Who asked to be erased and still waits: by age against the deadline, and what stands in the way."""

import streamlit as st

from compliance import charts, lists, requests, review, tables, ui
from compliance.deadlines import RequestState
from compliance.vocabulary import Permission

STATES = (
    RequestState.OVERDUE,
    RequestState.DUE_SOON,
    RequestState.OPEN,
    RequestState.PAUSED,
    RequestState.REDIRECTED,
)

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "erasure")
reading = ui.something_to_read(session)
tongue = session.language
stale = review.FORM in review.stale_sources(session.fresh())
items = requests.backlog(session.engine, reading, reading.as_of, session.parameters)
own = [item for item in items if item.state is not RequestState.REDIRECTED]
late = [item for item in own if item.state is RequestState.OVERDUE]

ui.sentence(
    session.say(
        "erasure.unknown" if stale else "erasure.sentence_late" if late else "erasure.sentence",
        waiting=len(own),
        late=len(late),
        oldest=max((item.age_days for item in own), default=0),
    ),
    alarm=bool(late or stale),
)
counted = requests.buckets(items)
shown = [bucket for bucket in requests.Bucket if counted[bucket]]
names = [session.say(f"backlog_bucket.{bucket.value}") for bucket in shown]
ui.chart(
    charts.bars(
        names,
        [counted[bucket] for bucket in shown],
        tongue,
        [charts.alarm(bucket in (requests.Bucket.OVERDUE, requests.Bucket.OVERDUE_MONTH)) for bucket in shown],
    ),
    "; ".join(f"{name}: {session.show(counted[bucket])}" for name, bucket in zip(names, shown, strict=True)),
    "backlog",
)
st.caption(session.say("erasure.help"))
state = ui.choice(session, "state", list(STATES), ui.coded(session, "request_state"))
rows = [lists.request_row(item, tongue) for item in items if state in (None, item.state)]
chosen = ui.table(
    session,
    "requests",
    tables.columns(
        tongue,
        "reference", "kind", "request_state", "received_on:date", "due_on:date", "days_left:number", "age_days:number",
        "blocks:long", "persons_found:number", "bases:number", "remark",
    ),
    rows,
    filters={"state": state},
    select=session.may(Permission.SEE_PERSONS),
)  # fmt: skip
if chosen:
    ui.requester(session, chosen["source"], chosen["reference"])
