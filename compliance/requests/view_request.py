"""How one request is drawn: its clock, its steps, what can be done next, and who it is from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from compliance import ui
from compliance.reading.copy import Reading
from compliance.requests import asks, backlog, desk, facts, recipients, resumed, steps, view, view_new
from compliance.requests import rows as requests_rows
from compliance.requests.backlog import BacklogItem
from compliance.requests.facts import RequestFacts
from compliance.requests.steps import RecipientTold, Recorded
from compliance.requests.tables import (
    LENGTHS,
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
from compliance.show.columns import columns
from compliance.ui import Kept, Session, charts
from compliance.words import times
from compliance.words.deadlines import RequestState, review_due_on
from compliance.words.markup import literal
from compliance.words.vocabulary import Category, Permission

_WIDTH, _PICK_WIDTH, _DIGITS = 320, 560, 10
_FAR = dt.date(2199, 12, 31)
# What a step wants to be told besides its day.
_FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.RECEIVED: ("kind", "channel", "requester", "customer"),
    Step.IDENTITY_ASKED: ("doubt",),
    Step.EXTENDED: ("reason",),
    Step.DECIDED: ("decision", "category", "why", "until_on", "ground", "review_on"),
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
    "request_restriction_ground": "ground",
    "request_of_all": "category",
    **dict.fromkeys(("mark_review_missing", "mark_review_past", "mark_review_too_far"), "review_on"),
    "request_decision_unfit": "decision",
    "request_day_wrong": "day_on",
    "request_receipt_wrong": "day_on",
    "request_kind_acted": "kind",
    "request_decision_acts": "decision",
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
    backlog.Next.DECIDE_REST: Step.DECIDED,
    backlog.Next.CARRY_OUT: Step.EXECUTED,
    backlog.Next.TELL_RECIPIENTS: Step.RECIPIENT_TOLD,
    backlog.Next.ANSWER: Step.ANSWERED,
    backlog.Next.CLOSE: Step.CLOSED,
}


def request(session: Session, reading: Reading, number: int) -> RequestFacts:
    """One request by its number, in the order in which somebody needs it. Raises Refused `request_unknown`."""
    told = facts_now(session, number, reading.as_of)
    item = backlog.item(session.engine, reading, number, reading.as_of, session.parameters)
    kind = session.plain(f"request_kind.{told.kind}")
    st.subheader(session.say("request_page.head", number=str(number), kind=kind), anchor=False)
    late = told.standing.state is RequestState.OVERDUE
    ui.sentence(requests_rows.stands(told, item, session.language), alarm=late)
    ui.told_before()
    _head(session, told)
    clock(session, told, late=late)
    handles = session.may(Permission.HANDLE_REQUESTS) and session.actor.categories is None
    _freed(session, reading, told, handles=handles)
    if handles:
        _next_step(session, told, item)
    st.subheader(session.say("request_page.steps"), anchor=False)
    ui.table(
        session,
        "request_steps",
        columns(session.language, "step_no:number", "happened_on:date", "act", "facts:long", "by", "recorded_on",
                "remark:wrapped"),
        [
            {**row, "recorded_on": times.written(row["recorded_on"]) if row["recorded_on"] else "–"}
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
    is_ours = steps.erases(told.kind, told.shown) and told.role == Role.CONTROLLER
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


def _freed(session: Session, reading: Reading, told: RequestFacts, *, handles: bool) -> None:
    """That something which a closed request kept may go now, and the button that takes it up again."""
    found = resumed.waiting(session.engine, reading, number=told.number) if told.closed_on is not None else []
    for one in found:
        why = session.plain(f"request_resumes.{one.why}")
        text = (
            session.say("request_page.freed", bases=one.bases, why=why)
            if one.since is None
            else session.say("request_page.freed_since", bases=one.bases, why=why, day=one.since)
        )
        st.warning(text, icon=":material/restart_alt:")
        if handles:
            st.button(
                session.say("request_page.take_up"), type="primary", key="request_take_up", on_click=ui.act,
                args=(lambda: _take_up(session, told.number),),
            )  # fmt: skip


def _take_up(session: Session, number: int) -> None:
    desk.take_up(*ui.at_click(session), number)
    ui.done(session.plain("request_page.taken_up"))


def _next_step(session: Session, told: RequestFacts, item: BacklogItem | None) -> None:
    """What somebody may record now, the step that comes next first."""
    offered = [one for one in desk.may_follow(told.row, told.shown) if one is not Step.LETTER]
    if not offered:
        return
    kept = Kept(session, f"request_step_{told.number}", _ALL)
    # Which customer it is was said when the request came in.
    kept.restore({"customer": told.customer} if told.customer else None)
    first = _NEXT.get(item.next) if item is not None else None
    if st.session_state.get(kept.key("step")) not in offered:
        st.session_state[kept.key("step")] = first if first in offered else offered[0]
    st.subheader(session.say("request_page.record"), anchor=False)
    kept.told_restored()
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width=_WIDTH):
            kept.pick("step", "request_page.field.step", offered, ui.coded(session, "request_act"))
        with st.container(width=_WIDTH):
            today = session.today
            kept.day("day_on", "request_page.field.day", unless=today, since=told.received_on, until=today)
    step = Step(st.session_state[kept.key("step")])
    if step is Step.EFFECTIVE:
        st.caption(session.say("request_page.effect_help"))
    decision = st.session_state.get(kept.key("decision"))
    if step is Step.DECIDED and decision in (Decision.RESTRICT, Decision.STOP):
        st.caption(session.say(f"request_page.{decision}_help"))
    if step is Step.EXECUTED and session.may(Permission.SEE_PERSONS):
        # Recorded is not done.
        st.caption(session.say("request_page.done_where"))
        st.page_link(
            "pages/person/person.py", label=session.say("request_page.done_there"), icon=":material/person_search:"
        )
    _ask(session, kept, step, told)
    st.button(
        session.say("request_page.record_button"), type="primary", key="request_record", on_click=ui.act,
        args=(lambda: _write(session, kept, told, step),),
    )  # fmt: skip


def _ask(session: Session, kept: Kept, step: Step, told: RequestFacts, was: Recorded | None = None) -> None:
    """What a step wants to be told besides its day; `was` is the one that it is to stand in the place of."""
    for field in _wanted(kept, step, told):
        label = f"request_page.fact.{field}"
        with st.container(width=_PICK_WIDTH):
            if field == "recipient" and step is Step.RECIPIENT_DUE:
                kept.propose(field, label, _recipients(session, told), LENGTHS[field])
            elif field in ("customer", "other"):
                kept.text(field, label, LENGTHS.get(field, _DIGITS))
            elif field == "until_on":
                kept.day(field, label, since=told.received_on, until=_FAR)
            elif field == "review_on":
                latest = review_due_on(session.today, session.parameters.hold_review_days)
                kept.day(field, label, unless=latest, since=session.today, until=latest)
            else:
                prefix = requests_rows.WORDS.get(field)
                words: Callable[[str], str] = ui.coded(session, prefix) if prefix else str
                kept.pick(field, label, _options(kept, field, told, was), words)


def _wanted(kept: Kept, step: Step, told: RequestFacts) -> list[str]:
    """The fields of a step, by what is chosen in them."""
    typed = kept.values()
    decision, requester = typed["decision"], typed["requester"]
    wanted = list(_FIELDS.get(step, ()))
    if step is Step.RECEIVED and requester != Requester.ENV_USER:
        wanted.remove("customer")
    if step is Step.DECIDED:
        # A person is restricted as a whole, on a ground of its own.
        is_restricted = decision == Decision.RESTRICT
        out = {"category"} if is_restricted else {"ground", "review_on"}
        if decision != Decision.KEEP:
            out.add("until_on")
        if not (decision and steps.grounds(Kind(told.kind), Decision(decision))):
            out.add("why")
        wanted = [field for field in wanted if field not in out]
    return wanted


def _recipients(session: Session, told: RequestFacts) -> list[str]:
    """The systems that have what is stored of whom it is from, by name, without those that were entered already."""
    if session.reading is None or told.role == Role.PROCESSOR:
        return []
    names = ui.source_names(session)
    entered = {one.facts.recipient for one in told.shown if isinstance(one.facts, steps.Recipient)}
    systems = recipients.of(session.reading, session.policy, told.row)
    return [name for name in (names.get(one, one) for one in systems) if name not in entered]


def _options(kept: Kept, field: str, told: RequestFacts, was: Recorded | None) -> Sequence[str]:
    kind = Kind(told.kind)
    decision = kept.values()["decision"]
    ends = [one for one in Outcome if one not in (Outcome.WITHDRAWN, Outcome.OTHER, Outcome.REDIRECTED)]
    own = [was.facts.recipient] if was is not None and isinstance(was.facts, RecipientTold) else []
    found: dict[str, Sequence[str]] = {
        "kind": list(Kind),
        "channel": list(Channel),
        "requester": list(Requester),
        "doubt": list(Doubt),
        "reason": list(ExtensionReason),
        "decision": steps.DECISIONS[kind],
        "category": list(Category),
        "why": list(steps.grounds(kind, Decision(decision))) if decision else list[Why](),
        "ground": steps.RESTRICTED_BY.get(kind, ()),
        "recipient": [*own, *told.recipients_open],
        "telling": list(Telling),
        "outcome": [Outcome.REDIRECTED] if told.role == Role.PROCESSOR else ends,
        "clock": list(Clock),
    }
    return found[field]


def _given(kept: Kept, step: Step, told: RequestFacts) -> dict[str, Any]:
    typed = kept.values()
    return {name: typed[name] for name in _wanted(kept, step, told) if typed[name] not in (None, "")}


def _write(session: Session, kept: Kept, told: RequestFacts, step: Step) -> None:
    at, reading = ui.at_once_with_copy(session)
    day = kept.values()["day_on"] or at.today
    _tried(
        session, kept, lambda: desk.write(at, told.number, step, day, _given(kept, step, told), reading=reading)
    )  # fmt: skip


def _tried(session: Session, kept: Kept, work: Callable[[], object]) -> None:
    """Does a step, and keeps why it was refused beside the field that it is about."""
    if kept.tried(work, _BESIDE):
        kept.forget()
        ui.done(session.plain("request_page.recorded"))


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
        if (news := requests_rows.came_later(told, session.language)) is not None:
            st.info(literal(news), icon=":material/person_add:")
        view.sender(session, reading, told.source, told.reference)
        for one in asks.persons_of(reading, told.row):
            if one.is_sure:
                ui.person_button(session, one.person_id, f"of_request_{one.person_id}")
    if handles and told.source == SOURCE:
        st.button(
            session.say("request_page.match"), key="request_match", on_click=ui.act,
            args=(lambda: desk.match(*ui.at_click(session), told.number),), icon=":material/person_search:",
        )  # fmt: skip
        view_new.sender(session, told.number)


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
    found = {str(one.step_id or one.step.value): one for one in told.shown if steps.may_correct(one)}
    if not found:
        return

    def in_words(number: str) -> str:
        one = found[number]
        act = session.plain(f"request_act.{one.step.value}")
        return " · ".join([*([number] if one.step_id else []), str(one.happened_on), act])

    with st.expander(session.say("request_page.correct")):
        st.caption(session.say("request_page.correct_help"))
        choice = Kept(session, f"request_correct_{told.number}", ("which",))
        choice.restore()
        with st.container(width=_PICK_WIDTH):
            choice.pick("which", "request_page.field.which", list(found), in_words)
        number = choice.values()["which"]
        if number is None:
            return
        was = found[number]
        # Each step has fields of its own, which begin with what it says.
        kept = Kept(session, f"{choice.form}_{number}", ("not_so", *_ALL))
        said = {name: str(value) if type(value) is int else value for name, value in was.facts if value is not None}
        kept.restore({"not_so": False, "day_on": was.happened_on, **said})
        kept.told_restored()
        st.checkbox(
            session.say("request_page.not_so"), key=kept.key("not_so"), on_change=ui.act, args=(kept.save,),
            disabled=not steps.may_strike(was),
        )  # fmt: skip
        if not kept.values()["not_so"]:
            since = desk.SINCE if was.step is Step.RECEIVED else told.received_on
            kept.day("day_on", "request_page.field.day", unless=was.happened_on, since=since, until=session.today)
            _ask(session, kept, was.step, told, was)
        st.button(
            session.say("request_page.correct_button"), key="request_correct", on_click=ui.act,
            args=(lambda: _put_right(session, choice, kept, told, was),),
        )  # fmt: skip


def _put_right(session: Session, choice: Kept, kept: Kept, told: RequestFacts, was: Recorded) -> None:
    at = ui.at_once(session)
    typed = kept.values()
    # What nobody is asked for stays as it was.
    other = was.facts.model_dump(exclude=set(_FIELDS.get(was.step, ())), exclude_none=True)
    given = None if typed["not_so"] else {**other, **_given(kept, was.step, told)}
    day = typed["day_on"] or was.happened_on

    def correct() -> None:
        desk.correct(at, told.number, was.step_id or was.step, day, given)
        choice.forget()

    _tried(session, kept, correct)
