"""How the weekly review is drawn: its agenda, and the step that is open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from compliance.reading.copy import Reading
from compliance.review import agenda, bridges, reviews
from compliance.review import figures as review
from compliance.review import rows as review_rows
from compliance.review import verbs as review_verbs
from compliance.review.agenda import Line, Stage, Step
from compliance.review.alarms import Looked
from compliance.review.bridges import Bridge, Cause
from compliance.review.decisions import Decision, Kind, Urgency, decisions
from compliance.review.kpis import Measured
from compliance.review.reviews import Review
from compliance.review.view import may_open, stacked
from compliance.show import columns as tables
from compliance.show.entries import entry
from compliance.sources import rows as sources_rows
from compliance.sources import view as sources_view
from compliance.sources.freshness import Freshness
from compliance.ui import (
    Kept,
    Session,
    act,
    at_click,
    at_once,
    chart,
    charts,
    paging,
    source_names,
    table,
)
from compliance.words.markup import Marked, literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

_STEP, _TOLD, _BAR, _ASKED = "agenda_step", "agenda_told", "bridge_bar", "review_asked"
# Beside which field a refusal is told.
_BESIDE = {
    **dict.fromkeys(("review_note_long", "review_note_personal"), "note"),
    **dict.fromkeys(("review_not_missed", "review_signed"), "week"),
}
_STAGES: Mapping[Stage, str] = {
    Stage.TO_DO: ":orange-badge[:material/radio_button_unchecked: {}]",
    Stage.DONE: ":green-badge[:material/check: {}]",
    Stage.NOTHING: ":gray-badge[:material/remove: {}]",
}
_URGENCIES: Mapping[Urgency, str] = {
    Urgency.ALARM: ":material/priority_high:",
    Urgency.NOW: ":material/schedule:",
    Urgency.OPEN: ":material/circle:",
}
# So many decisions fit the rest of a screen; the others are one click away.
_SHOWN = 6


@dataclasses.dataclass(frozen=True)
class Week:
    """What the agenda is drawn from."""

    reading: Reading
    measured: Mapping[str, Measured]
    fresh: Sequence[Freshness]
    signed: list[Review]
    bridge: Bridge | None
    found: list[Decision]
    lines: list[Line]


def looked_at(
    session: Session,
    reading: Reading,
    measured: Mapping[str, Measured],
    fresh: Sequence[Freshness],
    looked: Looked | None,
) -> Week:
    """The week as whoever looks has it before them; `looked` is what the alarms have found."""
    at = session.at()
    signed = reviews.signed(session.engine)
    before = reviews.start(session.engine, signed, reading.as_of)
    bridge = None if before is None else bridges.between(at, reading, before)
    found = decisions(at, reading, measured, fresh, looked)
    lines = agenda.agenda(
        reading.as_of, fresh, bridge, found, measured, signed, session.language,
        signs=session.may(Permission.SIGN_REVIEW),
    )  # fmt: skip
    return Week(reading, measured, fresh, signed, bridge, found, lines)


def show(session: Session, week: Week) -> None:
    """The agenda, and below it the step that is open: the first that is to do unless another was chosen."""
    step = _choose(session, week.lines)
    with st.container(border=True, key="agenda_open"):
        {
            Step.FRESH: _fresh, Step.CHANGED: _changed, Step.WAITS: _waits, Step.COMES: _comes, Step.SIGN: _sign,
        }[step](session, week)  # fmt: skip


def _choose(session: Session, lines: Sequence[Line]) -> Step:
    by_step = {line.step: line for line in lines}
    asked = st.query_params.get("step")
    if asked in set(Step) and asked != st.session_state.get(_TOLD):
        # A link has led here, and not a click on the agenda.
        st.session_state[_STEP] = Step(str(asked))
    elif st.session_state.get(_STEP) not in by_step:
        st.session_state[_STEP] = next((line.step for line in lines if line.stage is Stage.TO_DO), Step.SIGN)
    with st.container(key="agenda"):
        chosen = st.radio(
            session.say("agenda.choose"),
            list(Step),
            format_func=lambda step: _label(session, by_step[step]),
            captions=[_caption(session, line) for line in lines],
            key=_STEP,
            label_visibility="collapsed",
            width="stretch",
        )
    # Something always is, since the agenda is drawn with a step chosen.
    assert chosen is not None
    chosen = Step(chosen)
    st.query_params["step"] = st.session_state[_TOLD] = chosen.value
    return chosen


def _label(session: Session, line: Line) -> Marked:
    stage = _STAGES[line.stage].format(session.say(f"agenda_state.{line.stage}"))
    number = list(Step).index(line.step) + 1
    return Marked(f"**{number}. {session.say(f'agenda.{line.step}')}** {stage}")


def _caption(session: Session, line: Line) -> Marked:
    told = literal(line.told.removesuffix("."))
    if line.minutes:
        return Marked(f"{told} · {session.say('agenda_time.takes', minutes=line.minutes)}")
    if line.done_on:
        return Marked(f"{told} · {session.say(f'agenda_time.{line.step}', day=line.done_on)}")
    return told


# The steps


def _fresh(session: Session, week: Week) -> None:
    st.markdown(literal(week.lines[0].told))
    if any(one.stale for one in week.fresh):
        st.caption(session.say("weekly.freshness_help"))
        _freshness(session, week)
        if session.may(Permission.RUN_INTAKE):
            st.page_link("pages/intake/intake.py", label=session.say("app.empty_link"), icon=":material/upload_file:")
    else:
        with st.expander(session.say("app.as_table")):
            _freshness(session, week)


def _freshness(session: Session, week: Week) -> None:
    table(
        session,
        "freshness",
        tables.columns(
            session.language, "source_name", "exported_on:date", "age_hours:number", "max_age_hours:number", "state"
        ),
        sources_rows.freshness_rows(week.fresh, session.language),
    )


def _changed(session: Session, week: Week) -> None:
    bridge = week.bridge
    if bridge is None:
        st.markdown(session.say("agenda_told.no_bridge"))
        return
    if bridge.unexplained:
        st.error(session.say("bridge_fault.text", count=bridge.unexplained), icon=":material/rule:")
    bars = [cause for cause in bridges.SIGNS if bridge.bars[cause]]
    names = [
        session.plain("bridge.opening", day=bridge.since), *(session.plain(f"bridge.{cause}") for cause in bars),
        session.plain("bridge.unexplained"), session.plain("bridge.closing"),
    ]  # fmt: skip
    steps = [bridges.SIGNS[cause] * bridge.bars[cause] for cause in bars]
    values = [bridge.opening, *steps, bridge.unexplained, bridge.closing]

    def pointed(place: int) -> None:
        if 0 < place <= len(bars):
            st.session_state[_BAR] = bars[place - 1]

    chart(
        charts.waterfall(names, values, session.language),
        "; ".join(f"{name}: {session.show(value)}" for name, value in zip(names, values, strict=True)),
        "bridge",
        pointed,
    )
    if bars:
        if st.session_state.get(_BAR) not in bars:
            st.session_state[_BAR] = None
        chosen = st.pills(
            session.say("bridge_rows.choose"),
            bars,
            format_func=lambda cause: session.say(
                "bridge_rows.bar", cause=session.plain(f"bridge.{cause}"), count=bridge.bars[cause]
            ),
            key=_BAR,
        )
        if chosen is not None:
            _bar(session, week.reading, bridge, Cause(chosen))
    with st.expander(session.say("app.as_table")):
        table(
            session,
            "bridge",
            tables.columns(session.language, "cause", "bases:number", "meaning:long"),
            review_rows.bridge_rows(bridge, session.language),
        )


def _bar(session: Session, reading: Reading, bridge: Bridge, cause: Cause) -> None:
    """The entries behind a bar; of those that are stored no more, the way to what is kept of them."""
    st.caption(session.say(f"bridge_help.{cause}"))
    if cause is Cause.PURGED and session.may(Permission.SEE_BATCHES):
        st.page_link("pages/purge/purge.py", label=session.say("bridge_rows.purged"), icon=":material/arrow_forward:")
    if cause in bridges.WITHOUT_ROWS:
        st.markdown(session.say("bridge_rows.none"))
        return
    names, key = source_names(session), f"bridge_{cause}"
    page = paging(session, key, bridge.bars[cause])

    def some(rows: int, skip: int) -> list[dict[str, object]]:
        return [entry(row, session.language, names) for row in bridges.rows(reading, bridge, cause, rows, skip)]

    table(
        session,
        "bridge_rows",
        tables.columns(session.language, "reference", "category", "source", "status", "deadline_on:date", "why:long"),
        some(page.rows, page.skip),
        every_row=lambda: [some(bridge.bars[cause], 0)],
    )


def _waits(session: Session, week: Week) -> None:
    if not week.found:
        st.markdown(session.say("agenda_told.none"))
        return
    for place, one in enumerate(week.found[:_SHOWN]):
        _decision(session, week, one, place)
    more = week.found[_SHOWN:]
    if more:
        with st.expander(session.say("waits.more", count=len(more))):
            for place, one in enumerate(more, _SHOWN):
                _decision(session, week, one, place)
    with st.expander(session.say("app.as_table")):
        table(
            session,
            "decisions",
            tables.columns(session.language, "decision_kind", "decision_text:long", "waited:number", "takers:wrapped"),
            review_rows.decision_rows(week.found, week.reading.as_of, session.language),
        )
    if any(one.kind is Kind.CLOCKS for one in week.found):
        sources_view.moved_clocks(session, week.reading)


def _decision(session: Session, week: Week, one: Decision, place: int) -> None:
    """A line of the list: what waits, how long and who may take it, and the way there."""
    days = one.days(week.reading.as_of)
    told = [literal(text) for text in review_rows.takers_and_wait(one, days, session.actor.role, session.language)]
    what = literal(review_rows.decision_text(one, session.language))
    with st.container(horizontal=True, vertical_alignment="center", key=f"decision_{place}"):
        with st.container(width="stretch"):
            st.markdown(Marked(f"{_URGENCIES[one.urgency]} {what}  \n:small[{Marked(' · '.join(told))}]"))
        if one.page is not None and may_open(session, one.page):
            with st.container(width="content", key=f"{'do' if one.may else 'see'}_{place}_{one.kind}"):
                st.page_link(
                    one.page,
                    label=session.say(f"decision_do.{one.kind}" if one.may else "waits.look"),
                    query_params=dict(one.filters),
                )


def _comes(session: Session, week: Week) -> None:
    reading = week.reading
    labels: dict[str, str] = {code: session.say(f"category.{code}") for code in Category}
    starts = review.week_starts(reading.as_of, 13)
    cut = {"category": None, "source": None, "owner": None}
    series = review_rows.expiries(reading, "week", starts, review.week_starts(reading.as_of, 14)[-1], cut)
    places = [session.plain("expiries.week", number=str(start.isocalendar().week)) for start in starts]
    st.markdown(literal(week.lines[3].told))
    with st.container(horizontal=True):
        for days in ("30", "90"):
            st.page_link(
                "pages/review/expiries.py",
                label=session.say("comes.within", days=int(days)),
                query_params={"horizon": days},
                icon=":material/arrow_forward:",
            )
    st.caption(session.say("comes.load"))
    stacked(session, "expiries_weeks", places, series, labels, cut, low=True)


def _sign(session: Session, week: Week) -> None:
    this = next((one for one in week.signed if one.week == reviews.week_of(week.reading.as_of)), None)
    st.markdown(literal(week.lines[4].told))
    decided = review_rows.decided_since(session.engine, week.signed, session.now, session.language)
    st.caption(session.say("sign.decided", told=decided) if decided else session.say("sign.decided_nothing"))
    if this is None and session.may(Permission.SIGN_REVIEW):
        _ask_to_sign(session, week)
    _countersignable(session, week)
    _missed(session, week)
    if week.signed:
        with st.expander(session.say("sign.history")):
            table(
                session,
                "reviews",
                tables.columns(
                    session.language, "review_week", "as_of:date", "snapshot:number", "review_overdue",
                    "review_undetermined", "review_requests", "review_in_order", "signed:wrapped",
                    "countersigned:wrapped", "review_decided:long", "note:long",
                ),
                review_rows.review_rows(session.engine, week.signed, session.language),
            )  # fmt: skip


def _ask_to_sign(session: Session, week: Week) -> None:
    """The note and the button; a second click signs, so that none is signed by a slip."""
    kept = Kept(session, "review", ("note",))
    kept.restore()
    kept.told_restored()
    kept.area("note", "sign.note", review_verbs.NOTE_CHARACTERS, help=session.say("sign.note_help"), height=100)
    number = str(week.reading.as_of.isocalendar().week)
    if not st.session_state.get(_ASKED):
        st.button(session.say("sign.button", week=number), key="sign", on_click=_ask, args=(True,), type="primary")
        return
    st.markdown(session.say("sign.sure", week=number))
    with st.container(horizontal=True):
        st.button(
            session.say("sign.confirm"), key="sign_confirm", on_click=act, type="primary",
            args=(partial(_signed, kept, week.reading),),
        )  # fmt: skip
        st.button(session.say("sign.not_yet"), key="sign_not_yet", on_click=_ask, args=(False,))


def _ask(value: bool) -> None:
    st.session_state[_ASKED] = value


def _signed(kept: Kept, shown: Reading) -> None:
    """Signs what was shown: what has come since was not looked at."""
    _ask(False)
    at, reading = at_click(kept.session)
    if (reading.build, reading.as_of) != (shown.build, shown.as_of):
        raise Refused("review_changed", seen=str(shown.build), current=str(reading.build))
    if kept.tried(lambda: review_verbs.sign(at, reading, kept.values()["note"] or ""), _BESIDE):
        kept.forget()


def _countersignable(session: Session, week: Week) -> None:
    if not session.may(Permission.COUNTERSIGN_REVIEW):
        return
    waiting = [one for one in week.signed if one.countersigned_by is None and one.signed_by != session.actor.pseudonym]
    for one in waiting[:_SHOWN]:
        st.button(
            session.say("sign.countersign", week=one.week), key=f"countersign_{one.review_id}", on_click=act,
            args=(_countersigner(session, one.review_id),),
        )  # fmt: skip


def _countersigner(session: Session, review_id: int) -> Callable[[], None]:
    return lambda: review_verbs.countersign(at_once(session), review_id)


def _missed(session: Session, week: Week) -> None:
    """The weeks that nobody has signed, and the form that signs one of them as late."""
    missed = reviews.missed(week.signed, week.reading.as_of)
    if not missed:
        return
    st.warning(session.say("sign.missed", count=len(missed), weeks=", ".join(missed)), icon=":material/event_busy:")
    if not session.may(Permission.SIGN_REVIEW):
        return
    with st.expander(session.say("sign.late")):
        kept = Kept(session, "review_late", ("week", "note"))
        kept.restore()
        kept.told_restored()
        kept.pick("week", "sign.which", missed, str, first=True, width=240)
        kept.area("note", "sign.note", review_verbs.NOTE_CHARACTERS, help=session.say("sign.note_help"), height=80)
        st.button(
            session.say("sign.late_button"), key="sign_late_button", on_click=act, args=(partial(_signed_late, kept),)
        )


def _signed_late(kept: Kept) -> None:
    at, reading = at_click(kept.session)
    week, note = (str(kept.values()[field] or "") for field in ("week", "note"))
    if kept.tried(lambda: review_verbs.sign_late(at, reading, week, note), _BESIDE):
        kept.forget()
