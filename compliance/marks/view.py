"""How marks are drawn: who is restricted, has objected or gets no mailings, and the forms of those who may say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence

import streamlit as st

from compliance import ui
from compliance.access.at import At
from compliance.marks import listing, mailing
from compliance.marks import rows as marks_rows
from compliance.marks import verbs as marks
from compliance.marks.listing import MarkRow
from compliance.marks.tables import Ending, Ground, Kind
from compliance.reading import proposed
from compliance.reading.copy import Reading
from compliance.show.columns import columns
from compliance.show.extract import Flavour, Sheet, Stamp, extract, file_name, parts_of
from compliance.show.leaving import Written
from compliance.ui import Kept, Session
from compliance.ui.session import at_extract
from compliance.words.deadlines import review_due_on
from compliance.words.markup import Marked, literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

# Which part of the page of marks is looked at.
TABS = "marks_tabs"
_WIDTH, _PICK_WIDTH, _DAY_WIDTH = 440, 720, 240
# Beside which field of a new mark a refusal is told.
_BESIDE = {
    "mark_kind_unknown": "kind",
    "mark_ground_missing": "ground",
    **dict.fromkeys(("mark_review_missing", "mark_review_past", "mark_review_too_far"), "review_on"),
    "mark_received_ahead": "received_on",
    "mark_case_invalid": "case",
}


def figures(session: Session, found: listing.Summary) -> None:
    """How the marks stand, and their figures."""
    ui.sentence(marks_rows.sentence_of_marks(found, session.language), alarm=bool(found.lost or found.past_review))
    with ui.tiles():
        for name, value in marks_rows.mark_figures(found):
            ui.tile(
                session.say(f"marks.{name}"),
                session.say("common.unknown") if value is None else session.show(value),
                key=f"marks_{name}",
                note=session.say(f"marks.{name}_help"),
            )


def table(session: Session, found: Sequence[MarkRow]) -> None:
    """Every mark, by reference."""
    ui.table(
        session,
        "marks",
        columns(
            session.language,
            "mark", "mark_kind", "mark_state", "mark_ground:long", "marked", "case_ref", "asked_on:date",
            "acts_since:date", "days_to_effect:number", "review_on:date", "days_to_review:number", "told_on:date",
            "ended_on:date", "mark_ending", "remark:wide",
        ),
        [marks_rows.mark_row(one, session.language) for one in found],
        order=(
            "mark", "mark_kind", "mark_state", "mark_ground", "marked", "asked_on", "acts_since", "review_on",
        ),
    )  # fmt: skip


def place_on(session: Session, reading: Reading, person_id: str) -> None:
    """What is on already, and what the person asks for, with the button that does it at once."""
    for one in listing.on_person(session.engine, person_id, reading.as_of):
        st.info(literal(marks_rows.in_short(one, session.language)), icon=":material/flag:")
    # One person's own: another page of the window may be about somebody else.
    kept = Kept(session, f"mark_{person_id}", ("kind", "ground", "received_on", "review_on", "case"))
    kept.restore()
    kept.told_restored()
    with st.container(width=_WIDTH):
        kept.pick("kind", "marks.kind", [*Kind], ui.coded(session, "mark_kind"), first=True)
    kind = Kind(kept.values()["kind"])
    st.caption(session.say(f"marks.{kind}_means"))
    # It has its place whether it is asked for or not: what is typed below stays while it comes and goes.
    asked = st.empty()
    if kind == Kind.RESTRICTED:
        with asked.container(width=_PICK_WIDTH):
            kept.pick("ground", "marks.ground", list(Ground), ui.coded(session, "mark_ground"))
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width=_DAY_WIDTH):
            kept.day(
                "received_on", "marks.received_on", unless=session.today, until=session.today,
                help=session.say("marks.received_help"),
            )  # fmt: skip
        with st.container(width=_DAY_WIDTH):
            kept.text("case", "marks.case", 40)
        if kind == Kind.RESTRICTED:
            with st.container(width=_DAY_WIDTH):
                _review_day(kept, "review_on")
    st.button(
        session.say("marks.place_button"), type="primary", key="mark_place", on_click=ui.act,
        args=(lambda: _place_now(kept, reading.build, person_id),),
    )  # fmt: skip


def _place_now(kept: Kept, build: int, person_id: str) -> None:
    """Does at once what the person asks for."""
    session = kept.session
    at, current = ui.at_click(session)
    if current.build != build:
        # Whose page this was may be gone, and somebody else stand in their place.
        raise Refused("mark_build_changed")
    typed = kept.values()
    is_restricted = typed["kind"] == Kind.RESTRICTED
    ground, review_on = (typed[name] if is_restricted else None for name in ("ground", "review_on"))
    terms = marks.Terms(typed["kind"], typed["received_on"], ground, review_on, (typed["case"] or "").strip() or None)
    placed: list[int] = []
    if not kept.tried(lambda: placed.append(marks.place(at, current, person_id, terms)), _BESIDE):
        return
    kept.forget()
    told = str(session.say("marks.placed", mark=str(placed[0])))
    open_in = proposed.open_purges(session.settings, session.engine, current, "person", person_id)
    if open_in:
        name = "in_purge_stays" if is_restricted else "in_purge_goes"
        told += " " + session.say(f"marks.{name}", batches=", ".join(map(str, open_in)))
    ui.done(told)


def decide(session: Session, found: Sequence[MarkRow], freed: Callable[[], Collection[str]]) -> None:
    """Chooses a mark that is on, and lets it be settled, reviewed or lifted. `freed` tells the numbers of the closed
    requests of which something is kept by nothing any more.
    """
    active = {str(one.entry.mark_id): one for one in found if one.active}
    if not active:
        st.caption(session.say("marks.act_none"))
        return
    if st.session_state.get("mark_chosen") not in active:
        st.session_state.pop("mark_chosen", None)
    chosen = active[
        str(
            st.selectbox(
                session.say("marks.which"),
                list(active),
                format_func=lambda number: marks_rows.in_short(active[number], session.language),
                key="mark_chosen",
                width=_PICK_WIDTH,
            )
        )
    ]
    if chosen.lost_at is not None:
        _settle(session, chosen)
    with st.container(horizontal=True):
        if chosen.entry.kind == Kind.RESTRICTED:
            with st.container(border=True, width=_WIDTH, height="stretch"):
                _review(session, chosen.entry.mark_id)
        with st.container(border=True, width=_WIDTH, height="stretch"):
            _lift(session, chosen, freed)


def may_not_mail(session: Session, reading: Reading) -> None:
    """The list for the mailing tool: by digests, and by addresses for whoever may take out names."""
    st.caption(session.say("marks.mailing_help"))
    plain_too = session.may(Permission.EXTRACT_PERSONS) and session.actor.categories is None
    if plain_too:
        try:
            rest = mailing.only_digests(session.at(), reading)
        except Refused as refused:
            ui.explain(refused)
            return
        st.caption(session.say("marks.mailing_rest", count=rest))
    with st.container(horizontal=True, gap="small"):
        for plain in (False, True) if plain_too else (False,):
            for flavour in ("excel", "plain"):
                _mailing_button(session, reading, flavour, plain=plain)


def _mailing_button(session: Session, reading: Reading, flavour: Flavour, *, plain: bool) -> None:
    how = "plain" if plain else "keyed"
    permission = Permission.EXTRACT_PERSONS if plain else Permission.MARK_PERSONS
    stamp = Stamp(reading.build, session.today, session.say("filter.none"))
    shown = mailing.list_columns(session.language, plain=plain)
    sheet = Sheet("may_not_mail", shown, session.language, flavour, stamp)

    def write(at: At) -> Written:
        rows = mailing.may_not_be_mailed(at, reading, session.language, plain=plain)
        return extract(at, sheet, parts_of(sheet, rows()), permission, ui.now)

    ui.download(
        session,
        session.say(f"marks.mailing_{how}_{flavour}"),
        key=f"may_not_mail_{how}_{flavour}",
        name=file_name(session.plain("extract_name.may_not_mail"), stamp, session.language),
        mime="text/csv",
        permission=permission,
        at=at_extract,
        write=write,
    )


def _settle(session: Session, row: MarkRow) -> None:
    text = session.say("marks.doubtful_help" if row.doubtful else "marks.lost_help")
    st.warning(text, icon=":material/person_search:")
    number = row.entry.mark_id
    with st.container(horizontal=True):
        for is_same in (True, False) if row.doubtful else (False,):
            name = "same" if is_same else "other" if row.doubtful else "nobody"
            st.button(
                session.say(f"marks.settle_{name}"),
                key=f"mark_settle_{name}_{number}",
                on_click=ui.act,
                args=(_settler(session, number, is_same),),
            )


def _settler(session: Session, number: int, is_same: bool) -> Callable[[], None]:
    def settle() -> None:
        at, current = ui.at_click(session)
        marks.settle(at, current, number, is_same=is_same)
        ui.done(session.say("marks.settled", mark=str(number)))

    return settle


def _review_day(kept: Kept, field: str) -> None:
    """A day of review among those that are allowed, the latest unless another is chosen."""
    session = kept.session
    latest = review_due_on(session.today, session.parameters.hold_review_days)
    kept.day(field, "marks.review_on", unless=latest, since=session.today + dt.timedelta(days=1), until=latest)


def _review(session: Session, number: int) -> None:
    """Keeps the chosen restriction until another day of review."""
    kept = Kept(session, f"mark_keep_{number}", ("until_on",))
    kept.restore()
    st.markdown(f"#### {session.say('marks.keep')}")
    st.caption(session.say("marks.keep_help"))
    _review_day(kept, "until_on")

    def keep() -> None:
        at, review_on = ui.at_once(session), kept.values()["until_on"]
        beside = dict.fromkeys(("mark_review_past", "mark_review_too_far"), "until_on")
        if kept.tried(lambda: marks.review(at, number, review_on), beside):
            kept.forget()
            ui.done(session.say("marks.reviewed", mark=str(number), day=review_on))

    st.button(session.say("marks.keep_button"), key="mark_keep", on_click=ui.act, args=(keep,))


def _lift(session: Session, row: MarkRow, freed: Callable[[], Collection[str]]) -> None:
    """Ends a mark, for a reason that is chosen; of a restriction, on what day the person was told. Says which requests
    that frees.
    """
    kind, number = Kind(row.entry.kind), row.entry.mark_id
    kept = Kept(session, f"mark_lift_{number}", ("because", "told_on"))
    kept.restore()
    st.markdown(f"#### {session.say('marks.lift')}")
    st.caption(session.say(f"marks.lift_{kind}"))
    because = st.radio(
        session.say("marks.because"), marks.LIFTED_BECAUSE[kind], index=None,
        format_func=ui.coded(session, "mark_ending"), key=kept.key("because"), on_change=ui.act, args=(kept.save,),
    )  # fmt: skip
    if kind == Kind.RESTRICTED and because not in (None, Ending.MISTAKE):
        kept.day("told_on", "marks.told_on", until=session.today, help=session.say("marks.told_help"))

    def lift() -> None:
        at, typed = ui.at_once(session), kept.values()
        beside = dict.fromkeys(("mark_told_missing", "mark_told_ahead", "mark_told_early"), "told_on")
        before = set(freed())
        if kept.tried(lambda: marks.lift(at, number, typed["because"], told_on=typed["told_on"]), beside):
            kept.forget()
            told = session.say("marks.lifted", mark=str(number))
            if since := [one for one in freed() if one not in before]:
                frees = session.say("marks.frees", count=len(since), requests=", ".join(since))
                told = Marked(f"{told} {frees}")
            ui.done(told)

    st.button(
        session.say("marks.lift_button"), key="mark_lift", disabled=because is None, on_click=ui.act, args=(lift,)
    )
