"""How holds are drawn: what is on, and the forms of those who may place, review and release them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import streamlit as st

from compliance import ui
from compliance.holds import asks, listing, losses
from compliance.holds import rows as holds_rows
from compliance.holds import verbs as holds
from compliance.holds.listing import HoldRow
from compliance.holds.tables import Ground, Scope
from compliance.reading import asks as reading_asks
from compliance.reading import proposed
from compliance.reading.copy import Reading
from compliance.show import asks as show_asks
from compliance.show.columns import columns
from compliance.show.entries import entry, entry_binds
from compliance.ui import Session
from compliance.words.deadlines import review_due_on
from compliance.words.markup import Marked, bold
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

# What is typed for one hold and must not stay for the next.
_TYPED = ("hold_organisation_search", "hold_person_search", "hold_owner", "hold_case", "hold_release_word")
_SEARCH_WIDTH, _PICK_WIDTH = 440, 720


def _pick(label: Marked, options: Sequence[str], words: Callable[[str], str], key: str) -> str:
    """A choice among options that change from run to run."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    return str(st.selectbox(label, options, format_func=words, key=key, width=_PICK_WIDTH))


def _review_day(session: Session, label: Marked, key: str) -> dt.date:
    """A day of review among those that are allowed, the latest unless another is chosen."""
    latest = review_due_on(session.today, session.parameters.hold_review_days)
    return st.date_input(
        label,
        latest,
        min_value=session.today + dt.timedelta(days=1),
        max_value=latest,
        format="YYYY-MM-DD",
        key=key,
        width=200,
    )


def _done(text: str) -> None:
    """Draws the page anew with a word on what was done; what was typed for it is forgotten."""
    ui.done(text, used=_TYPED)
    st.rerun()


def lost(session: Session) -> None:
    """The holds that cover nothing since an intake, or somebody else, with the buttons for those who may settle it."""
    found = losses.waiting(session.engine)
    if not found:
        return
    st.error(session.say("holds.lost_line", lost=len(found)), icon=":material/pan_tool:")
    st.subheader(session.say("holds.lost"), anchor=False)
    st.caption(session.say("holds.lost_help"))
    ui.table(
        session,
        "lost_holds",
        columns(session.language, "hold", "hold_scope", "case_ref", "lost_on:date", "since_build:number", "loss:wide"),
        [holds_rows.loss_row(one, session.language) for one in found],
    )
    if session.may(Permission.MANAGE_HOLDS):
        with st.container(horizontal=True):
            for one in found:
                st.button(
                    session.say("holds.settle", hold=one.hold_id),
                    key=f"settle_{one.hold_id}",
                    on_click=ui.act,
                    args=(_settler(session, one.hold_id),),
                )


def _settler(session: Session, hold_id: int) -> Callable[[], None]:
    return lambda: losses.settle(ui.at_once(session), hold_id)


def _ask_for_organisation(session: Session, reading: Reading) -> tuple[Scope, str] | None:
    """An organisation, found by name or key; None while nothing is found."""
    search = st.text_input(
        session.say("holds.organisation_search"),
        help=session.say("holds.organisation_help"),
        key="hold_organisation_search",
        width=_SEARCH_WIDTH,
    ).strip()
    found = {row.org_id: row for row in listing.organisations(reading, session.actor, search)}
    if not found:
        if search:
            st.caption(session.say("holds.nothing_found"))
        return None
    key = _pick(
        session.say("holds.found"),
        list(found),
        lambda one: session.plain(
            "holds.found_one", name=found[one].org_name or "–", reference=one, bases=found[one].bases
        ),
        "hold_organisation",
    )
    return Scope.ORGANISATION, key


def _ask_for_person(session: Session, reading: Reading) -> tuple[Scope, str] | None:
    """A person, found by reference or by name where the reader may, or one of the person's entries."""
    named = session.may(Permission.SEE_PERSONS)
    search = st.text_input(
        session.say("holds.person_search" if named else "holds.reference"),
        help=session.say("holds.person_help" if named else "holds.reference_help"),
        key="hold_person_search",
        width=_SEARCH_WIDTH,
    ).strip()
    found = {row.person_id: row for row in listing.persons(reading, session.actor, search)}
    if named and search:
        # That nobody is found tells something, too.
        ui.record_look(session, "holds", len(found), {}, marks=(search,), search=True)
    if not found:
        if search:
            st.caption(session.say("holds.nothing_found"))
        return None
    person = _pick(
        session.say("holds.found"),
        list(found),
        lambda one: session.plain(
            "holds.found_one" if named else "holds.found_reference",
            name=found[one].name or session.say("common.unknown"),
            reference=reference(one),
            bases=found[one].bases,
        ),
        "hold_person",
    )
    binds = entry_binds({}, named=False, person=person)
    rows = reading.rows(show_asks.ENTRIES, rows=ui.PAGE_SIZES[-1], skip=0, **binds)
    return _which_entry(session, person, rows)


def _which_entry(session: Session, person: str, rows: Sequence[show_asks.Entry]) -> tuple[Scope, str]:
    """All of a person, or one of the entries."""
    sources = ui.source_names(session)
    entries = {row.basis_id: entry(row, session.language, sources) for row in rows}
    basis = _pick(
        session.say("holds.entry"),
        [ui.ALL, *entries],
        lambda one: (
            session.say("holds.entry_all")
            if one == ui.ALL
            else " · ".join(entries[one][name] for name in ("category", "source", "status"))
        ),
        "hold_entry",
    )
    return (Scope.PERSON, person) if basis == ui.ALL else (Scope.BASIS, basis)


def place(session: Session, reading: Reading) -> None:
    """What to hold, why, whose it is and until when; then the hold itself."""
    scope = st.selectbox(
        session.say("holds.scope"),
        [Scope.PERSON, Scope.ORGANISATION, Scope.CATEGORY],
        format_func=ui.coded(session, "hold_scope"),
        key="hold_scope",
        width=_SEARCH_WIDTH,
    )
    chosen: tuple[Scope, str] | None
    if scope == Scope.CATEGORY:
        stored = {row.category for row in reading.rows(reading_asks.STATUS_COUNTS)}
        categories = [one for one in Category if one in stored]
        chosen = (
            Scope.CATEGORY,
            _pick(session.say("column.category"), categories, ui.coded(session, "category"), "hold_category"),
        )
    else:
        chosen = (
            _ask_for_organisation(session, reading)
            if scope == Scope.ORGANISATION
            else _ask_for_person(session, reading)
        )
    if chosen is not None:
        _place(session, reading, chosen, listing.target(reading, *chosen))


def place_on(session: Session, reading: Reading, person: str, entries: Sequence[show_asks.Entry]) -> None:
    """The same for a person who is known already, or one of these entries of theirs."""
    scope, key = _which_entry(session, person, entries)
    covered = [one for one in entries if scope is Scope.PERSON or one.basis_id == key]
    _place(session, reading, (scope, key), listing.target_of(covered))


def _place(session: Session, reading: Reading, chosen: tuple[Scope, str], covers: asks.HoldTarget) -> None:
    """What a hold would cover, its terms, and the button that places it."""
    st.info(session.say("holds.would_cover", **covers._asdict()), icon=":material/pan_tool:")
    with st.container(horizontal=True, vertical_alignment="top"):
        ground = st.selectbox(
            session.say("holds.ground"),
            [*Ground],
            format_func=ui.coded(session, "hold_ground"),
            key="hold_ground",
            width=300,
        )
        owner = st.text_input(
            session.say("holds.owner"), help=session.say("holds.owner_help"), max_chars=60, key="hold_owner", width=200
        )
        case = st.text_input(
            session.say("holds.case"), help=session.say("holds.case_help"), max_chars=40, key="hold_case", width=200
        )
        review_on = _review_day(session, session.say("holds.review_on"), "hold_review_on")
    if st.button(
        session.say("holds.place_button"), type="primary", key="hold_place", on_click=_looked_at, args=(reading.build,)
    ):
        try:
            if st.session_state["hold_looked_at"] != reading.build:
                # What was chosen may be gone, and something else stand in its place.
                raise Refused("hold_build_changed")
            terms = holds.Terms(ground, owner, review_on, case.strip() or None)
            number = holds.place(session.at(), reading, holds.Target(*chosen), terms)
        except Refused as refused:
            ui.explain(refused)
        else:
            told = str(session.say("holds.placed", hold=str(number)))
            open_in = proposed.open_purges(session.settings, session.engine, reading, *chosen)
            if open_in:
                told += " " + session.say("holds.in_purge", batches=", ".join(map(str, open_in)))
            _done(told)


def _looked_at(build: int) -> None:
    """Keeps for the run which build the page was drawn of when the button was pressed."""
    st.session_state["hold_looked_at"] = build


def _keep(session: Session) -> None:
    """Keeps the chosen hold until another day of review."""
    st.markdown(f"#### {session.say('holds.keep')}")
    st.caption(session.say("holds.keep_help"))
    _review_day(session, session.say("holds.review_on"), "hold_keep_until")
    st.button(session.say("holds.keep_button"), key="hold_keep", on_click=ui.act, args=(lambda: _keep_now(session),))


def _keep_now(session: Session) -> None:
    """Keeps the hold that is chosen at the click, before a list that has changed can put another in its place."""
    at, current = ui.at_click(session)
    hold_id = int(st.session_state["hold_chosen"])
    review_on = st.session_state["hold_keep_until"]
    holds.review(at, hold_id, review_on, reading=current)
    ui.done(session.say("holds.reviewed", hold=str(hold_id), day=review_on), used=_TYPED)


def _release(session: Session, reading: Reading, row: HoldRow, active: Sequence[HoldRow]) -> None:
    """Ends a hold, or every hold of its case, once the word has been typed."""
    grace = dt.timedelta(days=session.parameters.hold_release_grace_days)
    st.markdown(f"#### {session.say('holds.release')}")
    st.caption(session.say("holds.release_help", grace_on=session.today + grace))
    case = row.entry.case_ref
    same = [one for one in active if case and one.entry.case_ref == case]
    whole = False
    if len(same) > 1:
        told = {
            "one": session.say("holds.release_one"),
            "all": session.say("holds.release_all", holds=len(same), case=case),
        }
        what = st.radio(session.say("holds.release_what"), list(told), format_func=told.__getitem__, key="hold_what")
        whole = what == "all"
    word = session.plain("holds.release_word", what=case if whole else str(row.hold_id))
    typed = st.text_input(session.say("holds.release_type", word=bold(word)), key="hold_release_word")
    if st.button(session.say("holds.release_button"), key="hold_release"):
        if typed.strip().casefold() != word.casefold():
            st.error(session.say("holds.release_wrong", word=bold(word)))
            return
        try:
            if whole and case:
                count = holds.release_case(session.at(), case)
                text = session.say("holds.released_case", holds=count, case=case)
            else:
                holds.release(session.at(), row.hold_id, reading=reading)
                text = session.say("holds.released", hold=str(row.hold_id))
        except Refused as refused:
            ui.explain(refused)
        else:
            _done(text)


def decide(session: Session, reading: Reading, found: Sequence[HoldRow]) -> None:
    """Chooses a hold that is on, says what it covers, and lets it be kept or released."""
    active = [one for one in found if one.active]
    if not active:
        st.caption(session.say("holds.act_none"))
        return
    by_number = {str(one.hold_id): one for one in active}
    shown = {row["hold"]: row for row in (holds_rows.hold_row(one, session.language) for one in active)}
    chosen = by_number[
        _pick(
            session.say("holds.which"),
            list(by_number),
            lambda number: " · ".join(
                str(shown[number][name])
                for name in ("hold", "hold_state", "hold_target", "hold_ground", "case_ref")
                if shown[number][name]
            ),
            "hold_chosen",
        )
    ]
    if chosen.coverage:
        st.write(
            session.say(
                "holds.covers",
                bases=chosen.coverage.bases,
                persons=chosen.coverage.persons,
                held=chosen.coverage.held,
                past=chosen.coverage.past_ceiling,
            )
        )
    with st.container(horizontal=True):
        with st.container(border=True, width=440, height="stretch"):
            _keep(session)
        with st.container(border=True, width=440, height="stretch"):
            _release(session, reading, chosen, active)
