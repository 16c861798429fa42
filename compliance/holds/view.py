"""How holds are drawn: what is on, and the forms of those who may place, review and release them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from compliance import ui
from compliance.holds import asks, candidates, listing, losses
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
from compliance.ui import Kept, Session
from compliance.words.deadlines import review_due_on
from compliance.words.markup import Marked, bold
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

# What says whom or what a new hold is on, and its terms.
_TARGET = ("scope", "organisation_search", "organisation", "person_search", "person", "entry", "category")
_TERMS = ("ground", "owner", "case", "review_on")
# Beside which field a refusal is told.
_BESIDE = {
    "hold_ground_unknown": "ground",
    **dict.fromkeys(("hold_owner_missing", "hold_owner_invalid"), "owner"),
    "hold_case_invalid": "case",
    **dict.fromkeys(("hold_review_past", "hold_review_too_far"), "review_on"),
}
_WORD = "hold_release_word"
_SEARCH_WIDTH, _PICK_WIDTH, _TERM_WIDTH = 440, 720, 240


def _pick(label: Marked, options: Sequence[str], words: Callable[[str], str], key: str) -> str:
    """A choice among options that change from run to run."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    return str(st.selectbox(label, options, format_func=words, key=key, width=_PICK_WIDTH))


def _review_day(kept: Kept, field: str) -> None:
    """A day of review among those that are allowed, the latest unless another is chosen."""
    session = kept.session
    latest = review_due_on(session.today, session.parameters.hold_review_days)
    kept.day(field, "holds.review_on", unless=latest, since=session.today + dt.timedelta(days=1), until=latest)


def lost(session: Session, holds: Sequence[HoldRow]) -> None:
    """Those of the holds that cover nothing since an intake, or somebody else, with the buttons for those who may
    settle it.
    """
    found = losses.waiting(session.engine)
    if not found:
        return
    on = {one.hold_id: holds_rows.hold_target(one, session.language) for one in holds}
    proposed_for = candidates.waiting(session.engine)
    st.error(session.say("holds.lost_line", lost=len(found)), icon=":material/pan_tool:")
    st.subheader(session.say("holds.lost"), anchor=False)
    st.caption(session.say("holds.lost_help"))
    ui.table(
        session,
        "lost_holds",
        columns(
            session.language,
            "hold", "hold_scope", "hold_target", "case_ref", "lost_on:date", "since_build:number", "loss:wrapped",
            "may_be:wrapped",
        ),
        [holds_rows.loss_row(one, on.get(one.hold_id), session.language, proposed_for) for one in found],
        order=("hold", "hold_target", "loss", "may_be"),
    )  # fmt: skip
    if session.may(Permission.MANAGE_HOLDS):
        with st.container(horizontal=True):
            for candidate in proposed_for:
                st.button(
                    session.say("holds.recognise", hold=candidate.hold_id, organisation=candidate.key),
                    key=f"recognise_{candidate.hold_id}_{candidate.key}",
                    on_click=ui.act,
                    args=(_recogniser(session, candidate),),
                )
            for one in found:
                st.button(
                    session.say("holds.settle", hold=one.hold_id),
                    key=f"settle_{one.hold_id}",
                    on_click=ui.act,
                    args=(_settler(session, one.hold_id),),
                )


def _settler(session: Session, hold_id: int) -> Callable[[], None]:
    return lambda: losses.settle(ui.at_once(session), hold_id)


def _recogniser(session: Session, candidate: candidates.Candidate) -> Callable[[], None]:
    return lambda: candidates.recognise(ui.at_once(session), candidate.hold_id, candidate.key)


def _chosen(
    kept: Kept, field: str, label: str, options: Sequence[str], words: Callable[[str], str], width: int = _PICK_WIDTH
) -> str:
    """A choice among what there is, the first unless another is chosen."""
    kept.pick(field, label, options, words, first=True, width=width)
    return str(kept.values()[field])


def _searched(kept: Kept, field: str, label: str, about: str) -> str:
    """What is looked for."""
    kept.text(field, label, help=kept.session.say(about), width=_SEARCH_WIDTH)
    return str(kept.values()[field] or "").strip()


def _ask_for_organisation(kept: Kept, reading: Reading) -> tuple[Scope, str] | None:
    """An organisation, found by name or key; None while nothing is found."""
    session = kept.session
    search = _searched(kept, "organisation_search", "holds.organisation_search", "holds.organisation_help")
    found = {row.org_id: row for row in listing.organisations(reading, session.actor, search)}
    if not found:
        if search:
            st.caption(session.say("holds.nothing_found"))
        return None
    key = _chosen(
        kept, "organisation", "holds.found", list(found),
        lambda one: session.plain(
            "holds.found_one", name=found[one].org_name or "–", reference=one, bases=found[one].bases
        ),
    )  # fmt: skip
    return Scope.ORGANISATION, key


def _ask_for_person(kept: Kept, reading: Reading) -> tuple[Scope, str] | None:
    """A person, found by reference or by name where the reader may, or one of the person's entries."""
    session = kept.session
    named = session.may(Permission.SEE_PERSONS)
    search = _searched(
        kept, "person_search", "holds.person_search" if named else "holds.reference",
        "holds.person_help" if named else "holds.reference_help",
    )  # fmt: skip
    found = {row.person_id: row for row in listing.persons(reading, session.actor, search)}
    if named and search:
        # That nobody is found tells something, too.
        ui.record_look(session, "holds", len(found), {}, marks=(search,), search=True)
    if not found:
        if search:
            st.caption(session.say("holds.nothing_found"))
        return None
    person = _chosen(
        kept, "person", "holds.found", list(found),
        lambda one: session.plain(
            "holds.found_one" if named else "holds.found_reference",
            name=found[one].name or session.say("common.unknown"),
            reference=reference(one),
            bases=found[one].bases,
        ),
    )  # fmt: skip
    binds = entry_binds({}, named=False, person=person)
    rows = reading.rows(show_asks.ENTRIES, rows=ui.PAGE_SIZES[-1], skip=0, **binds)
    return _which_entry(kept, person, rows)


def _which_entry(kept: Kept, person: str, rows: Sequence[show_asks.Entry]) -> tuple[Scope, str]:
    """All of a person, or one of the entries."""
    session = kept.session
    sources = ui.source_names(session)
    entries = {row.basis_id: entry(row, session.language, sources) for row in rows}
    basis = _chosen(
        kept, "entry", "holds.entry", [ui.ALL, *entries],
        lambda one: (
            session.say("holds.entry_all")
            if one == ui.ALL
            else " · ".join(entries[one][name] for name in ("category", "source", "status"))
        ),
    )  # fmt: skip
    return (Scope.PERSON, person) if basis == ui.ALL else (Scope.BASIS, basis)


def place(session: Session, reading: Reading) -> None:
    """What to hold, why, whose it is and until when; then the hold itself."""
    kept = Kept(session, "hold", (*_TARGET, *_TERMS))
    kept.restore()
    kept.told_restored()
    scope = _chosen(
        kept, "scope", "holds.scope", [Scope.PERSON, Scope.ORGANISATION, Scope.CATEGORY],
        ui.coded(session, "hold_scope"), _SEARCH_WIDTH,
    )  # fmt: skip
    chosen: tuple[Scope, str] | None
    if scope == Scope.CATEGORY:
        stored = {row.category for row in reading.rows(reading_asks.STATUS_COUNTS)}
        categories = [one for one in Category if one in stored]
        chosen = (
            Scope.CATEGORY,
            _chosen(kept, "category", "column.category", categories, ui.coded(session, "category")),
        )
    else:
        chosen = _ask_for_organisation(kept, reading) if scope == Scope.ORGANISATION else _ask_for_person(kept, reading)
    if chosen is not None:
        _place(kept, reading, chosen, listing.target(reading, *chosen))


def place_on(session: Session, reading: Reading, person: str, entries: Sequence[show_asks.Entry]) -> None:
    """The same for a person who is known already, or one of these entries of theirs."""
    # One person's own: another page of the window may be about somebody else.
    kept = Kept(session, f"hold_{person}", ("entry", *_TERMS))
    kept.restore()
    kept.told_restored()
    scope, key = _which_entry(kept, person, entries)
    covered = [one for one in entries if scope is Scope.PERSON or one.basis_id == key]
    _place(kept, reading, (scope, key), listing.target_of(covered))


def _place(kept: Kept, reading: Reading, chosen: tuple[Scope, str], covers: asks.HoldTarget) -> None:
    """What a hold would cover, its terms, and the button that places it."""
    session = kept.session
    st.info(session.say("holds.would_cover", **covers._asdict()), icon=":material/pan_tool:")
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width=300):
            kept.pick("ground", "holds.ground", [*Ground], ui.coded(session, "hold_ground"), first=True)
        with st.container(width=_TERM_WIDTH):
            kept.text("owner", "holds.owner", 60, help=session.say("holds.owner_help"))
        with st.container(width=_TERM_WIDTH):
            kept.text("case", "holds.case", 40, help=session.say("holds.case_help"))
        with st.container(width=_TERM_WIDTH):
            _review_day(kept, "review_on")
    looked_at = _target(kept)
    st.button(
        session.say("holds.place_button"), type="primary", key="hold_place", on_click=ui.act,
        args=(lambda: _place_now(kept, reading.build, looked_at, chosen),),
    )  # fmt: skip


def _target(kept: Kept) -> dict[str, Any]:
    return {field: value for field, value in kept.values().items() if field in _TARGET}


def _place_now(kept: Kept, build: int, looked_at: Mapping[str, Any], chosen: tuple[Scope, str]) -> None:
    """Places the hold on what the page has shown that it would cover."""
    session = kept.session
    at, current = ui.at_click(session)
    if current.build != build:
        # What was looked at may be gone, and something else stand in its place.
        raise Refused("hold_build_changed")
    if _target(kept) != looked_at:
        raise Refused("hold_choice_changed")
    typed = kept.values()
    terms = holds.Terms(
        typed["ground"], typed["owner"] or "", typed["review_on"], (typed["case"] or "").strip() or None
    )
    placed: list[int] = []
    if not kept.tried(lambda: placed.append(holds.place(at, current, holds.Target(*chosen), terms)), _BESIDE):
        return
    kept.forget()
    told = str(session.say("holds.placed", hold=str(placed[0])))
    open_in = proposed.open_purges(session.settings, session.engine, current, *chosen)
    if open_in:
        told += " " + session.say("holds.in_purge", batches=", ".join(map(str, open_in)))
    ui.done(told)


def _keep(session: Session, hold_id: int) -> None:
    """Keeps the chosen hold until another day of review."""
    kept = Kept(session, f"hold_keep_{hold_id}", ("until_on",))
    kept.restore()
    st.markdown(f"#### {session.say('holds.keep')}")
    st.caption(session.say("holds.keep_help"))
    _review_day(kept, "until_on")

    def keep() -> None:
        at, current = ui.at_click(session)
        review_on = kept.values()["until_on"]
        if kept.tried(
            lambda: holds.review(at, hold_id, review_on, reading=current),
            dict.fromkeys(("hold_review_past", "hold_review_too_far"), "until_on"),
        ):
            kept.forget()
            ui.done(session.say("holds.reviewed", hold=str(hold_id), day=review_on))

    st.button(session.say("holds.keep_button"), key="hold_keep", on_click=ui.act, args=(keep,))


def _release(
    session: Session, reading: Reading, row: HoldRow, active: Sequence[HoldRow], freed: Callable[[], Collection[str]]
) -> None:
    """Ends a hold, or every hold of its case, once the word has been typed; says which requests that frees."""
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
    typed = ui.unkept.word(session.say("holds.release_type", word=bold(word)), key=_WORD)
    wrong = st.empty()
    if st.button(session.say("holds.release_button"), key="hold_release"):
        if typed.casefold() != word.casefold():
            wrong.error(session.say("holds.release_wrong", word=bold(word)))
            return
        before = set(freed())
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
            if since := [one for one in freed() if one not in before]:
                frees = session.say("holds.frees", count=len(since), requests=", ".join(since))
                text = Marked(f"{text} {frees}")
            ui.done(text, used=(_WORD,))
            st.rerun()


def decide(session: Session, reading: Reading, found: Sequence[HoldRow], freed: Callable[[], Collection[str]]) -> None:
    """Chooses a hold that is on, says what it covers, and lets it be kept or released. `freed` tells the numbers of the
    closed requests of which something is kept by nothing any more.
    """
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
            _keep(session, chosen.hold_id)
        with st.container(border=True, width=440, height="stretch"):
            _release(session, reading, chosen, active, freed)
