"""How one request is drawn: its clock, its steps, what can be done next, and who it is from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from compliance import ui
from compliance.reading.copy import Reading
from compliance.requests import backlog, desk, facts, steps, view
from compliance.requests import rows as requests_rows
from compliance.requests.backlog import BacklogItem
from compliance.requests.facts import RequestFacts
from compliance.requests.steps import Recorded
from compliance.requests.tables import (
    SOURCE,
    Channel,
    Clock,
    Decision,
    Doubt,
    ExtensionReason,
    Kind,
    Outcome,
    Requester,
    Role,
    Step,
    Telling,
    Why,
)
from compliance.requests.view_kept import Kept
from compliance.show.columns import columns
from compliance.ui import Session, charts
from compliance.words.deadlines import RequestState
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

_TOLD = "request_told"
_WIDTH, _PICK_WIDTH = 320, 560
# What a step wants to be told besides its day.
_FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.RECEIVED: ("kind", "channel", "requester"),
    Step.IDENTITY_ASKED: ("doubt",),
    Step.EXTENDED: ("reason",),
    Step.DECIDED: ("decision", "category", "why", "until_on"),
    Step.RECIPIENT_DUE: ("recipient",),
    Step.RECIPIENT_TOLD: ("recipient", "telling"),
    Step.FORWARDED: ("customer",),
    Step.CLOSED: ("outcome",),
    Step.REOPENED: ("clock",),
    Step.LINKED: ("other",),
}
_ALL = ("step", "day_on", *dict.fromkeys(name for fields in _FIELDS.values() for name in fields))
# Beside which field a refusal is told.
_BESIDE = {
    "request_ground_missing": "why",
    "request_until_missing": "until_on",
    "request_decision_unfit": "decision",
    "request_day_wrong": "day_on",
    "request_link_own": "other",
    "request_unknown": "other",
    "request_recipient_unknown": "recipient",
    **dict.fromkeys(
        (
            "request_end_unfit", "request_not_forwarded", "request_identity_wait", "request_still_stored",
            "request_no_effect", "request_not_decided", "request_recipients_open", "request_not_answered",
        ),
        "outcome",
    ),
}  # fmt: skip
# Which step comes next, for the choice to begin with.
_NEXT = {
    backlog.Next.FORWARD: Step.FORWARDED,
    backlog.Next.AWAIT_IDENTITY: Step.IDENTITY_ANSWERED,
    backlog.Next.END_UNIDENTIFIED: Step.ANSWERED,
    backlog.Next.STOP: Step.EFFECTIVE,
    backlog.Next.DECIDE: Step.DECIDED,
    backlog.Next.CARRY_OUT: Step.EXECUTED,
    backlog.Next.TELL_RECIPIENTS: Step.RECIPIENT_TOLD,
    backlog.Next.ANSWER: Step.ANSWERED,
    backlog.Next.CLOSE: Step.CLOSED,
}


def request(session: Session, reading: Reading, number: int) -> RequestFacts:
    """One request by its number, in the order in which somebody needs it. Raises Refused `request_unknown`."""
    told = facts_now(session, number, reading.as_of)
    items = backlog.backlog(session.engine, reading, reading.as_of, session.parameters)
    item = next((one for one in items if one.request_id == number), None)
    kind = session.plain(f"request_kind.{told.kind}")
    st.subheader(session.say("request_page.head", number=str(number), kind=kind), anchor=False)
    late = told.standing.state is RequestState.OVERDUE
    ui.sentence(requests_rows.stands(told, item, session.language), alarm=late)
    _told_before()
    _head(session, told)
    clock(session, told, late=late)
    handles = session.may(Permission.HANDLE_REQUESTS) and session.actor.categories is None
    if handles:
        _next_step(session, told, item)
    st.subheader(session.say("request_page.steps"), anchor=False)
    ui.table(
        session,
        "request_steps",
        columns(session.language, "step_no:number", "happened_on:date", "act", "facts:wide", "by", "recorded_on",
                "remark"),
        [
            {**row, "recorded_on": ui.local_time(row["recorded_on"]) if row["recorded_on"] else "–"}
            for row in requests_rows.step_rows(told, session.language, session.actor.pseudonym)
        ],
    )  # fmt: skip
    _purges(session, told)
    _sender(session, reading, told, handles=handles)
    _repeated(session, number)
    if handles:
        _correct(session, told)
    return told


def is_erasable(session: Session, told: RequestFacts) -> bool:
    """Whether the reader may propose a purge that answers the request."""
    is_ours = told.kind == Kind.ERASURE and told.role == Role.CONTROLLER
    may = session.may(Permission.PROPOSE_PURGE) and session.actor.categories is None
    return is_ours and may and told.closed_on is None


def facts_now(session: Session, number: int, as_of: dt.date) -> RequestFacts:
    """What is known of a request. Raises Refused `request_unknown`."""
    with session.engine.connect() as connection:
        return facts.facts_of(connection, number, session.parameters, as_of)


def clock(session: Session, told: RequestFacts, *, late: bool) -> None:
    """The clock as a line, and the same in words."""
    ours = told.role == Role.CONTROLLER
    marks = requests_rows.clock_marks(told, ours, session.language)
    pauses = [(one.asked_on, one.answered_on or session.today) for one in told.standing.pauses if ours]
    in_words = [f"{words} {day}" for day, words in marks]
    in_words += [session.plain("request_page.paused", start=start, end=end) for start, end in pauses]
    in_words.append(f"{session.plain('request_page.clock.today')} {session.today}")
    ui.chart(
        charts.clock(
            [(day.isoformat(), words) for day, words in marks],
            [(start.isoformat(), end.isoformat()) for start, end in pauses],
            session.today.isoformat(),
            late,
        ),
        "; ".join(in_words),
        "request_clock",
    )
    st.caption(literal(" · ".join(in_words)))


def _head(session: Session, told: RequestFacts) -> None:
    """How it came in, by whom in what capacity, and what else is known of it."""
    parts = [
        session.plain(f"request_channel.{told.channel}"),
        session.plain(f"request_requester.{told.requester}") if told.requester else "",
        f"{session.plain('column.reference')}: {told.reference}",
        f"{session.plain('column.handler')}: "
        + requests_rows.who(told.handler, session.actor.pseudonym, session.language)
        if told.handler
        else "",
        f"{session.plain('request_page.fact.customer')}: {told.customer}" if told.customer else "",
    ]
    st.caption(literal(" · ".join(filter(None, parts))))


def _told_before() -> None:
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.success(literal(told), icon=":material/check:")
    ui.told_before()


def _next_step(session: Session, told: RequestFacts, item: BacklogItem | None) -> None:
    """What somebody may record now, the step that comes next first."""
    offered = [one for one in desk.may_follow(told.row, told.shown) if one is not Step.LETTER]
    if not offered:
        return
    kept = Kept(session, f"request_step_{told.number}", _ALL)
    kept.restore()
    first = _NEXT.get(item.next) if item is not None else None
    if kept.key("step") not in st.session_state:
        st.session_state[kept.key("step")] = first if first in offered else offered[0]
    st.session_state.setdefault(kept.key("day_on"), session.today)
    st.subheader(session.say("request_page.record"), anchor=False)
    kept.told_restored()
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width=_WIDTH):
            kept.pick("step", "request_page.field.step", offered, ui.coded(session, "request_act"))
        with st.container(width=_WIDTH):
            kept.day("day_on", "request_page.field.day", min_value=told.received_on, max_value=session.today)
    step = st.session_state.get(kept.key("step"))
    if step is None:
        return
    step = Step(step)
    if step is Step.EFFECTIVE:
        st.caption(session.say("request_page.effect_help"))
    if step is Step.EXECUTED and session.may(Permission.SEE_PERSONS):
        # Recorded is not done.
        st.caption(session.say("request_page.done_where"))
        st.page_link(
            "pages/person/person.py", label=session.say("request_page.done_there"), icon=":material/person_search:"
        )
    _ask(session, kept, step, told)
    st.button(
        session.say("request_page.record_button"), type="primary", key="request_record", on_click=ui.act,
        args=(lambda: _write(session, kept, told.number, step),),
    )  # fmt: skip


def _ask(session: Session, kept: Kept, step: Step, told: RequestFacts) -> None:
    """What a step wants to be told besides its day."""
    for field in _FIELDS.get(step, ()):
        with st.container(width=_PICK_WIDTH):
            if field in ("customer", "other") or (field == "recipient" and step is Step.RECIPIENT_DUE):
                kept.text(field, f"request_page.fact.{field}", 80)
            elif field == "until_on":
                decision = st.session_state.get(kept.key("decision"))
                if decision == Decision.KEEP:
                    kept.day(field, f"request_page.fact.{field}", value=None)
            else:
                options = _options(kept, field, told)
                if options:
                    prefix = _PREFIX.get(field)
                    words: Callable[[str], str] = ui.coded(session, prefix) if prefix else str
                    kept.pick(field, f"request_page.fact.{field}", options, words)


_PREFIX = {
    "kind": "request_kind",
    "channel": "request_channel",
    "requester": "request_requester",
    "doubt": "request_doubt",
    "reason": "extension_reason",
    "decision": "request_decision",
    "category": "category",
    "why": "request_why",
    "telling": "request_telling",
    "outcome": "request_outcome",
    "clock": "request_clock",
}


def _options(kept: Kept, field: str, told: RequestFacts) -> Sequence[str]:
    kind = Kind(told.kind)
    decision = st.session_state.get(kept.key("decision"))
    ends = [one for one in Outcome if one not in (Outcome.WITHDRAWN, Outcome.OTHER, Outcome.REDIRECTED)]
    found: dict[str, Sequence[str]] = {
        "kind": list(Kind),
        "channel": list(Channel),
        "requester": list(Requester),
        "doubt": list(Doubt),
        "reason": list(ExtensionReason),
        "decision": steps.DECISIONS[kind],
        "category": list(Category),
        "why": list(steps.grounds(kind, Decision(decision))) if decision else list[Why](),
        "recipient": told.recipients_open,
        "telling": list(Telling),
        "outcome": [Outcome.REDIRECTED] if told.role == Role.PROCESSOR else ends,
        "clock": list(Clock),
    }
    return found[field]


def _given(kept: Kept, step: Step) -> dict[str, Any]:
    typed = kept.values()
    given = {name: typed[name] for name in _FIELDS.get(step, ()) if typed[name] not in (None, "")}
    if given.get("decision") != Decision.KEEP:
        given.pop("until_on", None)
    return given


def _write(session: Session, kept: Kept, number: int, step: Step) -> None:
    at, reading = ui.at_once_with_copy(session)
    day = st.session_state.get(kept.key("day_on")) or at.today
    _tried(session, kept, lambda: desk.write(at, number, step, day, _given(kept, step), reading=reading))


def _tried(session: Session, kept: Kept, work: Callable[[], object]) -> None:
    """Does a step, and keeps why it was refused beside the field that it is about."""
    kept.begin()
    try:
        work()
    except Refused as refused:
        field = str(refused.values.get("fact") or refused.values.get("field") or _BESIDE.get(refused.code))
        if field not in kept.fields:
            raise
        kept.refuse(field, refused)
        return
    kept.forget()
    st.session_state[_TOLD] = session.plain("request_page.recorded")


def _purges(session: Session, told: RequestFacts) -> None:
    """The way to the purges that carried it out."""
    for batch in told.purges:
        st.page_link(
            "pages/purge/batch.py",
            label=session.say("request_page.to_purge", batch=str(batch)),
            query_params={"batch": str(batch)},
            icon=":material/delete_sweep:",
        )


def _sender(session: Session, reading: Reading, told: RequestFacts, *, handles: bool) -> None:
    """Who it is from, for whoever may see persons of all categories."""
    if told.closed_on is not None or told.role == Role.PROCESSOR or session.actor.categories is not None:
        return
    if session.may(Permission.SEE_PERSONS):
        st.subheader(session.say("request_page.sender"), anchor=False)
        view.sender(session, reading, told.source, told.reference)
    if handles and told.source == SOURCE:
        st.button(
            session.say("request_page.match"), key="request_match", on_click=ui.act,
            args=(lambda: desk.match(*ui.at_click(session), told.number),), icon=":material/person_search:",
        )  # fmt: skip


def _repeated(session: Session, number: int) -> None:
    """Other requests of the same person within a year."""
    with session.engine.connect() as connection:
        others = facts.repeated(connection, number)
    if not others:
        return
    st.subheader(session.say("request_page.repeated"), anchor=False)
    with st.container(horizontal=True):
        for other in others:
            st.page_link(
                "pages/requests/request.py",
                label=session.say("request_page.to_other", number=str(other)),
                query_params={"number": str(other)},
                icon=":material/link:",
            )


def _correct(session: Session, told: RequestFacts) -> None:
    """Puts another day and other facts in a step's place; what stood there stays to be read."""
    found = {str(one.step_id): one for one in requests_rows.correctable(told.shown)}
    if not found:
        return
    with st.expander(session.say("request_page.correct")):
        st.caption(session.say("request_page.correct_help"))
        kept = Kept(session, f"request_correct_{told.number}", ("which", "not_so", *_ALL))
        kept.restore()

        def in_words(number: str) -> str:
            one = found[number]
            words = session.plain(f"request_act.{one.step.value}")
            return f"{number} · {one.happened_on} · {words}"

        with st.container(width=_PICK_WIDTH):
            kept.pick("which", "request_page.field.which", list(found), in_words)
        chosen = found.get(st.session_state.get(kept.key("which")) or "")
        if chosen is None:
            return
        st.checkbox(session.say("request_page.not_so"), key=kept.key("not_so"), on_change=ui.act, args=(kept.save,))
        if not st.session_state.get(kept.key("not_so")):
            kept.day("day_on", "request_page.field.day", value=chosen.happened_on, max_value=session.today)
            _ask(session, kept, chosen.step, told)
        st.button(
            session.say("request_page.correct_button"), key="request_correct", on_click=ui.act,
            args=(lambda: _put_right(session, kept, told.number, chosen),),
        )  # fmt: skip


def _put_right(session: Session, kept: Kept, number: int, chosen: Recorded) -> None:
    at = ui.at_once(session)
    typed = kept.values()
    given = None if typed["not_so"] else _given(kept, chosen.step)
    day = typed["day_on"] or chosen.happened_on
    _tried(session, kept, lambda: desk.correct(at, number, chosen.step_id or 0, day, given))
