"""How incidents are drawn: their clocks, their steps, and a form for each kind of step."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from compliance import ui
from compliance.incidents import asks, facts, rows, state, verbs
from compliance.incidents.facts import Facts
from compliance.incidents.state import Incident, Step
from compliance.incidents.tables import StepKind
from compliance.show.columns import columns
from compliance.ui import Session
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

_WIDTH = 320
_EVERY = "60s"


def running(session: Session) -> bool:
    """The clocks that run, for the first lines of a page: how long there is left, minute by minute; says whether one
    does. A drill's is on its own page alone.
    """
    if not session.may(Permission.SEE_LEDGER):
        return False
    found = state.going_on(session.engine)
    runs = any(clock.is_open() for one in found for clock in one.clocks(session.parameters, ui.now()))
    if runs:
        _running(session, found)
    return runs


@st.fragment(run_every=_EVERY)
def _running(session: Session, found: Sequence[Incident]) -> None:
    # Drawn anew by itself, so it asks nobody who is here: a session ends although a clock runs.
    now = ui.now()
    for one in found:
        told = [
            rows.clock_told(clock, now, session.language)
            for clock in one.clocks(session.parameters, now)
            if clock.is_open()
        ]
        if told:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.error(literal(f"{one.reported.called}: {'; '.join(told)}"), icon=":material/timer:")
                link(session, one)


def link(session: Session, one: Incident) -> None:
    """The way to an incident's own page."""
    st.page_link(
        "pages/incidents/incident.py",
        label=session.say("incidents.open_one", number=one.incident_id),
        query_params={"incident": str(one.incident_id)},
        icon=":material/arrow_forward:",
    )


def listing(session: Session, found: Sequence[Incident]) -> None:
    """Every incident; a chosen one leads to its page."""
    now = ui.now()
    chosen = ui.table(
        session,
        "incidents",
        columns(
            session.language, "incident:number", "called", "incident_state", "next_clock:long", "waits:long",
            "aware", "risk", "persons:number", "sides",
        ),
        [rows.incident_row(one, session.parameters, now, session.language) for one in found],
        by=("incident",),
        order=("incident", "called", "incident_state", "next_clock", "waits", "risk", "persons"),
        select=True,
        empty="incidents.empty",
        free=("called",),
    )  # fmt: skip
    if chosen is not None:
        link(session, next(one for one in found if one.incident_id == chosen["incident"]))
    elif found:
        st.caption(session.say("incidents.choose"))


def report(session: Session) -> None:
    """The form that begins an incident."""
    st.caption(session.say("incidents.report_help"))
    _form(session, None, facts.Reported, None)


def show(session: Session, one: Incident) -> None:
    """One incident: its clocks, what is left to do, the form of a step, the authority's questions, and every step."""
    now = ui.now()
    st.subheader(session.say("incidents.heading", number=one.incident_id, called=one.reported.called), anchor=False)
    if one.reported.is_drill:
        st.info(session.say("incidents.is_drill"), icon=":material/school:")
    _clocks(session, one)
    waits = one.waits(session.parameters, now)
    if one.is_open and waits:
        st.markdown(
            session.say("incidents.waits", steps=", ".join(session.plain(f"incident_kind.{kind}") for kind in waits))
        )
    elif one.is_open:
        st.markdown(session.say("incidents.may_close"))
    names = ["record", "form", "steps"] if session.may(Permission.HANDLE_INCIDENTS) else ["form", "steps"]
    tabs = dict(zip(names, st.tabs([session.say(f"incidents.tab_{name}") for name in names]), strict=True))
    if "record" in tabs:
        with tabs["record"]:
            _record(session, one, waits)
    with tabs["form"]:
        st.caption(session.say("incidents.form_help"))
        ui.table(
            session, "incident_form", columns(session.language, "number:number", "question:long", "reply:long"),
            rows.form_rows(one, session.language), free=("reply",),
        )  # fmt: skip
    with tabs["steps"]:
        _steps(session, one)


@st.fragment(run_every=_EVERY)
def _clocks(session: Session, one: Incident) -> None:
    now = ui.now()
    found = one.clocks(session.parameters, now)
    if not found:
        st.markdown(session.say("incidents.no_clock"))
        return
    for clock in found:
        told = literal(rows.clock_told(clock, now, session.language))
        if clock.is_open():
            st.error(told, icon=":material/timer:")
        else:
            st.markdown(told)
    with st.expander(session.say("app.as_table")):
        ui.table(
            session,
            "incident_clocks",
            columns(
                session.language, "clock", "customer", "clock_state", "clock_due", "clock_left", "clock_stopped",
                "clock_started",
            ),
            [rows.clock_row(clock, now, session.language) for clock in found],
        )  # fmt: skip


def _record(session: Session, one: Incident, waits: Sequence[StepKind]) -> None:
    """A form for the step that comes next, or for another that is chosen."""
    kinds = state.may_follow(one, session.parameters)
    key = f"incident_what_{one.incident_id}"
    if st.session_state.get(key) not in kinds:
        first = next((kind for kind in waits if kind in kinds), kinds[-1])
        st.session_state[key] = first
    kind = StepKind(
        st.selectbox(
            session.say("incidents.what_step"),
            kinds,
            format_func=ui.coded(session, "incident_kind"),
            key=key,
            width=_WIDTH,
        )
    )
    st.caption(session.say(f"incident_help.{kind}"))
    _form(session, one, facts.MODELS[kind], None)


def _steps(session: Session, one: Incident) -> None:
    """Every step, the newest first; one that is chosen can be corrected or taken back by whoever may."""
    found = rows.step_rows(one, session.language)
    chosen = ui.table(
        session,
        "incident_steps",
        columns(
            session.language, "step:number", "recorded", "step_kind", "told:long", "stands", "corrects:number", "role",
            "recorded_by",
        ),
        found,
        by=("step",),
        select=session.may(Permission.HANDLE_INCIDENTS),
        free=("told",),
    )  # fmt: skip
    if not session.may(Permission.HANDLE_INCIDENTS):
        return
    step = next((step for step in one.standing if chosen and step.step_id == chosen["step"]), None)
    if step is None:
        st.caption(session.say("incidents.choose_step"))
        return
    st.markdown(f"#### {session.say('incidents.correct', step=step.step_id)}")
    st.caption(session.say("incidents.correct_help"))
    _form(session, one, type(step.facts), step)
    if step.kind is not StepKind.REPORTED:
        with st.expander(session.say("incidents.take_back")):
            _form(session, one, facts.TakenBack, step)


def _form(session: Session, one: Incident | None, model: type[Facts], step: Step | None) -> None:
    """The form of a step: of a new one, or of one that stands in the place of `step`."""
    place = f"incident_{one.incident_id if one else 'new'}_{model.KIND}_{step.step_id if step else 'new'}"

    def hand_on(told: Facts) -> None:
        at = ui.at_once(session)
        try:
            if one is None:
                assert isinstance(told, facts.Reported)
                text = session.plain("incidents.reported", number=verbs.report(at, told))
            else:
                number = verbs.record(at, one.incident_id, told, corrects=step.step_id if step else None)
                text = session.plain("incidents.recorded", number=number)
        except Refused as refused:
            raise Refused(refused.code, **rows.refusal_values(refused.values, session.language)) from None
        ui.done(text)

    ui.form(
        session,
        place,
        model,
        hand_on,
        words="incident_field",
        code=lambda value: rows.in_words(value, session.language),
        button="incidents.take_back_button" if model is facts.TakenBack else "incidents.record_button",
        before=step.facts if step is not None and type(step.facts) is model else None,
        below={"categories": lambda chosen: _stored(session, chosen)},
        primary=step is None,
    )


def _stored(session: Session, chosen: Sequence[str]) -> None:
    """How many are stored in the categories that are chosen, where there is a copy to ask."""
    if not chosen or session.reading is None:
        return
    stored = {row.category: row.persons for row in session.reading.rows(asks.CATEGORY_PERSONS)}
    told = ", ".join(f"{session.plain(f'category.{one}')} {session.show(stored.get(one, 0))}" for one in chosen)
    st.caption(session.say("incidents.stored", told=told))
