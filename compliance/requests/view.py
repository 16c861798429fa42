"""How the backlog and whoever asks are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from compliance.requests import backlog
from compliance.requests import verbs as requests
from compliance.ui import Session, chart, charts, explain
from compliance.ui import sentence as headline
from compliance.words.deadlines import RequestState
from compliance.words.markup import literal
from compliance.words.refusal import Refused


def buckets(session: Session, items: Sequence[backlog.BacklogItem]) -> None:
    """How many wait, by what is left until the answer is due."""
    st.subheader(session.say("erasure.buckets"), anchor=False)
    counted = backlog.buckets(items)
    shown = [bucket for bucket in backlog.Bucket if counted[bucket]]
    names = [session.say(f"backlog_bucket.{bucket.value}") for bucket in shown]
    chart(
        charts.bars(
            names,
            [counted[bucket] for bucket in shown],
            session.language,
            [charts.alarm(bucket in (backlog.Bucket.OVERDUE, backlog.Bucket.OVERDUE_MONTH)) for bucket in shown],
        ),
        "; ".join(f"{name}: {session.show(counted[bucket])}" for name, bucket in zip(names, shown, strict=True)),
        "backlog",
    )


def sentence(session: Session, items: Sequence[backlog.BacklogItem], *, stale: bool) -> None:
    """How many wait and how many are late; that nobody knows where the form's export is `stale`."""
    own = [item for item in items if item.state is not RequestState.REDIRECTED]
    late = [item for item in own if item.state is RequestState.OVERDUE]

    headline(
        session.say(
            f"erasure.{'unknown' if stale else 'sentence_late' if late else 'sentence' if own else 'sentence_none'}",
            waiting=len(own),
            late=len(late),
            oldest=max((item.age_days for item in own), default=0),
        ),
        alarm=bool(late or stale),
    )
    if len(items) > len(own) and not stale:
        st.caption(session.say("erasure.redirected", requests=len(items) - len(own)))


def requester(session: Session, source: str, reference: str) -> None:
    """Who a request is from, after a click, and recorded."""
    if not st.button(session.say("erasure.who"), key=f"who_{source}_{reference}", icon=":material/visibility:"):
        return
    try:
        build = session.reading.build if session.reading else None
        person = requests.person_of(session.at(), source, reference, build=build)
    except Refused as refused:
        explain(refused)
        return
    with st.container(border=True):
        # An anchor would put the name into the address of who presses it.
        st.subheader(literal(person.name or session.say("common.unknown")), anchor=False)
        st.text(" · ".join(part for part in (person.email, person.phone) if part))
