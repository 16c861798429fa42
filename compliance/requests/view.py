"""How the backlog and whoever asks are drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from compliance.reading.copy import Reading
from compliance.requests import asks, backlog, desk, period, rows
from compliance.requests import verbs as requests
from compliance.requests.period import Over
from compliance.requests.tables import Channel, Kind, Role, Step, Telling, Verdict
from compliance.show import columns as tables
from compliance.ui import (
    Session,
    act,
    at_click,
    at_once,
    chart,
    charts,
    choice,
    coded,
    done,
    explain,
    names_wanted,
    record_look,
    told_before,
)
from compliance.ui import sentence as headline
from compliance.ui import table as ui_table
from compliance.words.deadlines import RequestState
from compliance.words.markup import literal
from compliance.words.references import reference as reference_of
from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import Permission

_STATES = (
    RequestState.OVERDUE,
    RequestState.DUE_SOON,
    RequestState.OPEN,
    RequestState.PAUSED,
    RequestState.REDIRECTED,
)
_FILTER = 210


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


def filters(session: Session) -> dict[str, str | None]:
    """What the queue is filtered by, as the address has it."""
    found: dict[str, str | None] = {}
    with st.container(horizontal=True, key="filters_requests"):
        for name, options, words in (
            ("state", _STATES, "request_state"),
            ("kind", tuple(Kind), "request_kind"),
            ("waits", tuple(backlog.Waits), "request_waits"),
            ("channel", tuple(Channel), "request_channel"),
            ("whose", ("own", "nobodys"), "request_whose"),
            ("role", tuple(Role), "request_role"),
            ("extension", ("void",), "request_extension"),
            ("over", tuple(Over), "request_over"),
        ):
            with st.container(width=_FILTER):
                found[name] = choice(session, name, list(options), coded(session, words))
    return found


def shown(item: backlog.BacklogItem, filters: Mapping[str, str | None], own: str) -> bool:
    """Whether a request is among those that are asked for; `own` is the pseudonym of who looks."""
    is_as = {
        "state": item.state, "kind": item.kind, "waits": item.waits_for, "channel": item.channel, "role": item.role,
    }  # fmt: skip
    whose = {"own": item.handler == own, "nobodys": item.handler is None}.get(filters["whose"] or "", True)
    extended = filters["extension"] is None or item.extension_void
    return whose and extended and all(filters[name] in (None, value) for name, value in is_as.items())


def over_period(session: Session, as_of: dt.date, over: str) -> None:
    """Our own requests of the last 30 days that came in, were due or were closed, however they ended; one that is
    chosen leads to its page.
    """
    with session.engine.connect() as connection:
        found = period.among(period.own(connection, as_of, session.parameters), Over(over), as_of)
    st.caption(session.say(f"erasure.over_{over}"))
    chosen = ui_table(
        session,
        "requests_over",
        tables.columns(
            session.language, "request", "kind", "received_on:date", "due_on:date", "request_closed_on:date", "outcome",
            "in_time", "took_days:number", "paused_days:number", "is_extended",
        ),
        [rows.period_row(one, session.language) for one in found],
        by=("request",),
        filters={"over": over},
        select=True,
    )  # fmt: skip
    links(session, [] if chosen is None else [chosen])


def links(session: Session, chosen: Sequence[Mapping[str, Any]]) -> None:
    """The ways from the queue: to the request that is chosen alone, and to the form for a new one."""
    with st.container(horizontal=True):
        if len(chosen) == 1:
            number = str(chosen[0]["request"])
            st.page_link(
                "pages/requests/request.py",
                label=session.say("request_page.open", number=number),
                query_params={"number": number},
                icon=":material/arrow_forward:",
            )
        if session.may(Permission.HANDLE_REQUESTS) and session.actor.categories is None:
            st.page_link("pages/requests/new.py", label=session.say("request_page.new"), icon=":material/add:")


def together(session: Session, chosen: Sequence[Mapping[str, Any]]) -> None:
    """What can be recorded of all that are chosen at once, and harms none of them: who takes them on, and that a
    recipient was told. What ends a request, or decides it, is done on its own page.
    """
    if not chosen or not session.may(Permission.HANDLE_REQUESTS) or session.actor.categories is not None:
        return
    numbers = [int(one["request_id"]) for one in chosen]
    count = len(numbers)
    recipients = desk.waited_for(session.engine, numbers)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            session.say("request_page.take_chosen", count=count), key="requests_take", on_click=act,
            args=(partial(_record_each, session, numbers, Step.TAKEN),),
        )  # fmt: skip
        if recipients:
            label = session.say("request_page.fact.recipient")
            st.selectbox(label, recipients, key="requests_recipient", width=_FILTER)
            st.button(
                session.say("request_page.tell_chosen", count=count), key="requests_told", on_click=act,
                args=(partial(_record_each, session, numbers, Step.RECIPIENT_TOLD),),
            )  # fmt: skip


def _record_each(session: Session, numbers: Sequence[int], step: Step) -> None:
    at = at_once(session)
    told = {"recipient": st.session_state["requests_recipient"], "telling": Telling.TOLD}
    refused = desk.write_each(at, numbers, step, at.today, told if step is Step.RECIPIENT_TOLD else None)
    if len(refused) < len(numbers):
        done(session.plain("request_page.recorded_each", count=len(numbers) - len(refused)))
    if refused:
        why: dict[str, list[int]] = {}
        for number, one in sorted(refused.items()):
            why.setdefault(refusal(one.code, session.language, one.values), []).append(number)
        left = " ".join(f"{', '.join(map(str, numbers))}: {told}" for told, numbers in why.items())
        raise Refused("requests_left", left=left)


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
    undecided = sum(backlog.Block.WHICH_PERSON in item.blocks for item in items)
    if undecided and session.may(Permission.DECIDE_IDENTITY):
        st.write(f":material/person_search: {session.say('erasure.undecided', requests=undecided)}")


def sender(session: Session, reading: Reading, source: str, reference: str) -> None:
    """Who a request is from: what it says of that, and the persons of whom somebody has to say, or has said, whether it
    is from them, each with its buttons. Names on asking, which is recorded.
    """
    _, persons = requests.offered(session.at(), reading, source, reference, named=False)
    if not persons:
        _requester(session, reading, source, reference)
        return
    st.subheader(session.say("erasure.which"), anchor=False)
    st.caption(session.say("erasure.which_help"))
    if names_wanted(session, "which"):
        record_look(session, "request_persons", len(persons), {}, marks=(source, reference))
        asking, persons = requests.offered(session.at(), reading, source, reference, named=True)
        if asking is not None:
            st.caption(session.say("erasure.requester"))
            st.text(_in_a_line(session, asking))
    for person in persons:
        _answer(session, reading, source, reference, person)
    told_before()


def _requester(session: Session, reading: Reading, source: str, reference: str) -> None:
    """Who a request is from, after a click, and recorded."""
    if not st.button(session.say("erasure.who"), key=f"who_{source}_{reference}", icon=":material/visibility:"):
        return
    try:
        person = requests.person_of(session.at(), source, reference, build=reading.build)
    except Refused as refused:
        explain(refused)
        return
    with st.container(border=True):
        # An anchor would put the name into the address of who presses it.
        st.subheader(literal(person.name or session.say("common.unknown")), anchor=False)
        st.text(" · ".join(part for part in (person.email, person.phone) if part))


def _answer(session: Session, reading: Reading, source: str, reference: str, person: asks.OfferedPerson) -> None:
    """One person, what speaks for and against, what was said, and the buttons to say it or something else."""

    def choose(verdict: Verdict) -> None:
        at, current = at_click(session)
        if current.build != reading.build:
            raise Refused("request_build_changed")
        requests.choose(at, current, source, reference, person.person_id, verdict)

    with st.container(border=True):
        known_as = session.say("erasure.person", reference=reference_of(person.person_id), bases=person.bases)
        st.markdown(f"**{known_as}**")
        if person.name or person.email or person.phone:
            st.text(_in_a_line(session, person))
        reasons = backlog.Reasons.of(person)
        for words in ("speaks_for", "speaks_against"):
            told = ", ".join([session.say(f"{words}.{word}") for word in getattr(reasons, words)])
            if told:
                st.write(f"{session.say(f'column.{words}')}: {told}")
        if person.verdict:
            icon = "check_circle" if person.verdict == Verdict.CONFIRMED else "cancel"
            st.write(f":material/{icon}: {session.say(f'request_verdict.{person.verdict}')}")
        if session.may(Permission.DECIDE_IDENTITY):
            with st.container(horizontal=True, gap="small"):
                for verdict, text in ((Verdict.CONFIRMED, "confirm"), (Verdict.REJECTED, "reject")):
                    if person.verdict != verdict:
                        st.button(
                            session.say(f"erasure.{text}"),
                            key=f"{text}_{source}_{reference}_{person.person_id}",
                            on_click=act,
                            args=(partial(choose, verdict),),
                        )


def _in_a_line(session: Session, person: requests.Person | asks.OfferedPerson) -> str:
    return " · ".join(filter(None, (person.name, person.email, person.phone))) or session.plain("common.unknown")
