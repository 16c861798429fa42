"""How one person is drawn: whom somebody looks for, what is stored and why, what happened, and what can be done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

import streamlit as st

from compliance.access.at import At
from compliance.holds import view as holds_view
from compliance.identity import rows as identity_rows
from compliance.identity import verbs as identity
from compliance.marks import view as marks_view
from compliance.person import bundle, files, statement, timeline
from compliance.person import rows as person_rows
from compliance.person.asks import Found
from compliance.person.bundle import Bundle, Open
from compliance.person.statement import FOUND_AT_MOST, Statement, recipients
from compliance.purge.view import offer_purge
from compliance.reading.copy import Reading
from compliance.rectification import listing as corrections
from compliance.rectification import values
from compliance.rectification import view as rectification_view
from compliance.rectification.listing import Correction
from compliance.rectification.rows import awaited
from compliance.rectification.view import Correctable
from compliance.requests import asks as requests_asks
from compliance.requests import desk, period
from compliance.requests.facts import RequestFacts
from compliance.requests.tables import Decision, Kind
from compliance.show import asks as show_asks
from compliance.show.columns import columns
from compliance.show.leaving import Written
from compliance.show.together import MIMES
from compliance.ui import (
    PERSON_ASKED,
    PERSON_CHOSEN,
    Session,
    at_extract,
    choose_rows,
    download,
    explain,
    now,
    record_look,
    sentence,
    source_names,
    table,
    unkept,
)
from compliance.words.markup import literal
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Permission

_SEARCH_WIDTH = 440
# Which part of the page is looked at.
TABS = "person_tabs"


def asked_for(session: Session, reading: Reading) -> str | None:
    """Whom the reader looks for: by what is typed, or who was chosen on another page; None until somebody is found.

    Neither stands in the address of the page.
    """
    text = unkept.search(
        session.say("person.search"), key=PERSON_ASKED, about=session.say("person.search_help"), width=_SEARCH_WIDTH
    )
    if not text:
        chosen = st.session_state.get(PERSON_CHOSEN)
        if chosen is None:
            st.info(session.say("person.nobody_asked"), icon=":material/person_search:")
            rectification_view.list_of(session, reading.as_of, lambda: _requests_due(session, reading.as_of))
        return chosen
    found = statement.search(reading, session.actor, text)
    # That nobody is found tells something, too.
    record_look(session, "person_search", min(len(found), FOUND_AT_MOST), {}, marks=(text,), search=True)
    chosen = _one_of(session, found)
    if chosen is not None:
        st.session_state[PERSON_CHOSEN] = chosen
    return chosen


def _requests_due(session: Session, as_of: dt.date) -> dict[int, dt.date]:
    with session.engine.connect() as connection:
        return {one.request_id: one.due_on for one in period.own(connection, as_of, session.parameters)}


def _one_of(session: Session, found: Sequence[Found]) -> str | None:
    """The only one that was found, or the one that is picked of several."""
    if not found:
        st.warning(session.say("person.none_found"), icon=":material/person_off:")
        if session.actor.categories is not None:
            st.caption(session.say("person.limited"))
        return None
    if len(found) == 1:
        return found[0].person_id
    shown = found[:FOUND_AT_MOST]
    st.caption(session.say("person.several_found" if shown == found else "person.more_found", count=len(shown)))
    row = table(
        session,
        "person_found",
        columns(session.language, "reference", "name", "email", "phone", "bases:number"),
        [person_rows.found_row(one) for one in shown],
        by=("person_id",),
        select=True,
        permission=Permission.EXTRACT_PERSONS,
    )
    return None if row is None else str(row["person_id"])


def person(session: Session, reading: Reading, person_id: str) -> None:
    """All that is stored of a person, and what can be done; recorded before any of it is drawn."""
    owned = session.actor.category_limit
    found = statement.of(reading, session.policy, person_id, owned)
    record_look(session, "person", 0 if found is None else 1, {}, marks=(person_id,))
    if found is None:
        st.warning(session.say("person.gone"), icon=":material/person_off:")
        if session.actor.categories is not None:
            st.caption(session.say("person.limited"))
        return
    # An anchor would put the name into the address of who presses it.
    st.subheader(literal(found.person.name or session.say("common.unknown")), anchor=False)
    contact = [reference(person_id), found.person.email, found.person.phone]
    st.caption(literal(" · ".join(one for one in contact if one)))
    sentence(person_rows.headline(found, session.language))
    st.write(literal(person_rows.core_sentence(found.person.core_until, found.as_of, session.language)))
    if found.limited:
        st.caption(session.say("person.limited"))
    if any(basis.entry.restricted for basis in found.bases):
        st.warning(session.say("person.restricted"), icon=":material/lock:")
    made = corrections.of_records(session.engine, [(row.dataset, row.source_key) for row in found.records])
    of_all = session.may(Permission.EXTRACT_PERSONS) and not found.limited
    asked = bundle.open_requests(session.at(), reading, person_id) if of_all else []
    stored, over_time, doubles, correct, disclosure, act = st.tabs(
        [session.say(f"person.{name}") for name in ("stored", "over_time", "doubles", "correct", "disclosure", "act")],
        key=TABS,
        on_change="rerun",
    )
    with stored:
        _stored(session, found, made)
    # What is asked of the whole copy is asked by whoever looks. Forms are always there: what is typed in one would be
    # gone where somebody looks at another tab meanwhile.
    if over_time.open:
        with over_time:
            _over_time(session, reading, found)
    if doubles.open:
        with doubles:
            _doubles(session, reading, person_id)
    with correct:
        _correct(session, found, made, asked)
    if disclosure.open:
        with disclosure:
            _disclosure(session, reading, found, asked)
    with act:
        _act(session, reading, found, asked)


def _stored(session: Session, found: Statement, made: Sequence[Correction]) -> None:
    """Each entry with its reason, and each value that the sources told."""
    names = source_names(session)
    buttons = st.container()
    chosen = choose_rows(
        session,
        "person_entries",
        columns(
            session.language, "status", "category", "source", "deadline_on:date", "why:long", "purpose_name",
            "ground_name", "period", "owner_name", "flags:wrapped",
        ),
        [person_rows.basis_row(basis, session.language, names) for basis in found.bases],
        by=("basis_id",),
        permission=Permission.EXTRACT_PERSONS,
        of_one=True,
        select=session.may(Permission.PROPOSE_PURGE),
    )  # fmt: skip
    if session.may(Permission.PROPOSE_PURGE):
        picked = {row["basis_id"] for row in chosen}
        entries = [basis.entry for basis in found.bases if basis.entry.basis_id in picked]
        with buttons:
            st.caption(session.say("person.propose"))
            # Of all that is stored nobody purges by one click: each entry is picked.
            offer_purge(session, "person_entries", {}, {}, show_asks.EntryCount(0, 0, 0), entries)
    st.caption(session.say("person.values_help"))
    table(
        session,
        "person_values",
        columns(session.language, "category", "source", "source_key", "field_name", "value:wide", "correction:wide"),
        person_rows.value_rows(found, session.language, names, awaited(made, session.language)),
        permission=Permission.EXTRACT_PERSONS,
        of_one=True,
    )


def _over_time(session: Session, reading: Reading, found: Statement) -> None:
    """What happened and what will."""
    st.caption(session.say("person.over_time_help"))
    try:
        events = timeline.events(session.at(), reading, found, session.actor.category_limit)
    except Refused as refused:
        # A key that is not there: what the copy says of the person stands above all the same.
        explain(refused)
        return
    table(
        session,
        "person_timeline",
        columns(session.language, "happened_on:date", "when", "what_happened:long", "category", "source"),
        person_rows.event_rows(events, reading.as_of, session.language, source_names(session)),
        permission=Permission.EXTRACT_PERSONS,
        of_one=True,
    )


def _doubles(session: Session, reading: Reading, person_id: str) -> None:
    """Who may be the same person, for those who answer for all categories."""
    if session.actor.categories is not None:
        st.caption(session.say("person.doubles_limited"))
        return
    pairs = identity.waiting(session.settings, session.engine, reading, named=True, person=person_id)
    st.caption(session.say("person.doubles_help" if pairs else "person.doubles_none"))
    if not pairs:
        return
    table(
        session,
        "person_doubles",
        columns(
            session.language, "one", "other", "name_one", "name_other", "email_one", "email_other", "speaks_for",
            "speaks_against", "on_hold",
        ),
        [identity_rows.double_row(pair, session.language) for pair in pairs],
        permission=Permission.EXTRACT_PERSONS,
    )  # fmt: skip
    if session.may(Permission.DECIDE_IDENTITY):
        st.page_link(
            "pages/identity/doubles.py", label=session.say("person.doubles_link"), icon=":material/group_search:"
        )


def _correct(session: Session, found: Statement, made: Sequence[Correction], asked: Sequence[Open]) -> None:
    """What of the person is to be corrected, and the form for who may ask for it."""
    rectification_view.of_person(session, made)
    if not session.may(Permission.CORRECT_PERSONS) or found.limited:
        return
    st.markdown(f"#### {session.say('rectification.ask')}")
    others = recipients(found)
    offered = [
        Correctable(
            record.record_id,
            record.source,
            record.source_key,
            {name: values.told(value) for name, value in statement.correctable(record).items()},
            others[basis.entry.basis_id],
        )
        for basis in found.bases
        for record in basis.records
    ]
    person_id = found.person.person_id
    requests = {one.number: one.reference for one in asked if one.kind == Kind.RECTIFICATION}
    # To ask for it is to decide it: one act.
    rectification_view.ask(
        session, person_id, offered, requests,
        lambda at: lambda connection, number: desk.decide_in(connection, at, number, Decision.CORRECT),
    )  # fmt: skip


def offer_correction(session: Session, reading: Reading, told: RequestFacts) -> None:
    """The way from a request for rectification to the form that asks for it, of whom it is surely from."""
    may = session.may(Permission.CORRECT_PERSONS) and session.actor.categories is None
    if not may or told.kind != Kind.RECTIFICATION or told.closed_on is not None:
        return
    for one in requests_asks.persons_of(reading, told.row):
        if one.is_sure and st.button(
            session.say("person.correct_here"), key=f"correct_{one.person_id}", icon=":material/edit_note:"
        ):
            st.session_state[PERSON_CHOSEN], st.session_state[PERSON_ASKED] = one.person_id, ""
            st.session_state[TABS] = session.say("person.correct")
            st.switch_page("pages/person/person.py")


def _disclosure(session: Session, reading: Reading, found: Statement, asked: Sequence[Open]) -> None:
    """What the person is told, as a file."""
    if not session.may(Permission.EXTRACT_PERSONS) or found.limited:
        st.caption(session.say("bundle.of_all"))
        return
    st.caption(session.say("bundle.help"))
    request = bundle.answered(asked)
    if request is not None:
        st.info(session.say("bundle.answers", request=str(request)), icon=":material/assignment:")
    language = st.selectbox(
        session.say("bundle.in_language"), LANGUAGES, LANGUAGES.index(session.language),
        lambda code: say("app.language_name", code),
        key="bundle_language", width=200,
    )  # fmt: skip
    theirs = bundle.others(reading, found)
    count = bundle.left_out(found, theirs)
    if count and st.checkbox(
        session.say("bundle.include_others", count=count), help=session.say("bundle.include_others_help"),
        key=f"bundle_others_{found.person.person_id}",
    ):  # fmt: skip
        theirs = dataclasses.replace(theirs, wanted=True)
    names = source_names(session)

    def made(at: At) -> Bundle:
        return bundle.of(at, reading, found, theirs, language, names)

    def writer(form: files.Form) -> Callable[[At], Written]:
        return lambda at: files.write(at, made, form, request, now)

    with st.container(horizontal=True, gap="small"):
        for form in files.FORMS:
            download(
                session,
                session.say(f"bundle.{form}"),
                key=f"bundle_{form}",
                name=files.name(reference(found.person.person_id), found.as_of, found.build, language, form),
                mime=MIMES[form],
                permission=Permission.EXTRACT_PERSONS,
                at=at_extract,
                write=writer(form),
            )


def _requests(session: Session, asked: Sequence[Open]) -> None:
    """The person's open requests, and the way to enter another one."""
    st.markdown(f"#### {session.say('person.requests')}")
    for one in asked:
        st.page_link(
            "pages/requests/request.py", label=session.say("person.request", reference=one.reference),
            query_params={"number": str(one.number)}, icon=":material/contact_mail:",
        )  # fmt: skip
    st.page_link("pages/requests/new.py", label=session.say("person.request_new"), icon=":material/add:")


def _act(session: Session, reading: Reading, found: Statement, asked: Sequence[Open]) -> None:
    """What those who may can do for the person."""
    if session.may(Permission.HANDLE_REQUESTS) and not found.limited:
        _requests(session, asked)
    if session.may(Permission.MARK_PERSONS):
        st.markdown(f"#### {session.say('person.mark')}")
        marks_view.place_on(session, reading, found.person.person_id)
    if session.may(Permission.MANAGE_HOLDS):
        st.markdown(f"#### {session.say('person.hold')}")
        holds_view.place_on(session, reading, found.person.person_id, [basis.entry for basis in found.bases])
    else:
        st.caption(session.say("person.nothing_to_do"))
