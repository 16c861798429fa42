"""How letters about a request are drawn: one is chosen, read, changed by hand, and taken along or recorded as sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import streamlit as st

from compliance.access.at import At
from compliance.letters import case, documents, verbs
from compliance.letters.documents import Form
from compliance.letters.wording import Kind, Letter
from compliance.requests import desk
from compliance.requests import verbs as requests
from compliance.requests.facts import RequestFacts
from compliance.show.extract import Stamp
from compliance.show.leaving import Written
from compliance.ui import Session, act, at_fetch, at_once, download, explain, names_wanted, now
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import LANGUAGES, Permission

_TALL = 380


def offer(session: Session, number: int) -> None:
    """The letters about a request, by its number in the register, for whoever handles requests. What is wrong with a
    ready text is told in its place.
    """
    if not session.may(Permission.HANDLE_REQUESTS) or session.actor.categories is not None:
        return
    facts = case.facts(session.engine, number, session.parameters, session.today)
    with st.expander(session.say("letter.panel"), icon=":material/mail:"):
        st.caption(session.say("letter.help"))
        kind, language = _choose(session, facts)
        name = _name(session, facts)
        try:
            filled = case.write(session.settings, facts, kind, language, session.parameters, session.today, name)
        except Refused as refused:
            explain(refused)
            return
        letter = _edited(session, number, kind, language, filled, name)
        found = case.gaps(letter, language)
        if found:
            told = ", ".join(found)
            st.warning(literal(session.plain("letter.to_fill", count=len(found), gaps=told)), icon=":material/edit:")
        else:
            with st.expander(session.say("letter.copy"), icon=":material/content_copy:"):
                st.code(f"{letter.heading}\n\n{letter.text}", language=None, wrap_lines=True)
        unnamed = filled if name is None else case.write(
            session.settings, facts, kind, language, session.parameters, session.today, None
        )  # fmt: skip
        _take(session, number, kind, letter, language, named=letter != unnamed)
        _record(session, number, kind, letter, language)
        _went_out(session, facts)


def _choose(session: Session, facts: RequestFacts) -> tuple[Kind, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            session.say("letter.which"), case.fitting(facts), key=f"letter_kind_{facts.number}", width=320,
            format_func=lambda one: session.say(f"letter_kind.{one}"),
        )  # fmt: skip
        language = st.selectbox(
            session.say("letter.language"), LANGUAGES, key=f"letter_language_{facts.number}", width=160,
            index=LANGUAGES.index(session.language), format_func=lambda one: session.say(f"letter_language.{one}"),
        )  # fmt: skip
    return Kind(kind), str(language)


def _name(session: Session, facts: RequestFacts) -> str | None:
    """Who the letter is to, once the reader has asked for it, which is recorded once."""
    if facts.closed_on is not None or not names_wanted(session, f"letter_{facts.number}"):
        return None
    key = f"letter_name_{facts.number}"
    if key not in st.session_state:
        build = session.reading.build if session.reading else None
        found = requests.person_of(session.at(), facts.source, facts.reference, build=build)
        st.session_state[key] = found.name
    name: str | None = st.session_state[key]
    return name


def _edited(session: Session, number: int, kind: Kind, language: str, filled: Letter, name: str | None) -> Letter:
    """The letter as it stands in the form: what was typed stays, also over a reload, until it went out."""
    form = f"letter_{number}_{kind}_{language}{'_named' if name else ''}"
    heading, text, base = f"{form}_heading", f"{form}_text", f"{form}_base"
    kept = Letter(str(st.session_state.get(heading, "")), str(st.session_state.get(text, "")))

    def fill_in(what: Letter) -> None:
        st.session_state[heading], st.session_state[text], st.session_state[base] = what.heading, what.text, filled

    def keep() -> None:
        typed = {"heading": st.session_state[heading], "text": st.session_state[text]}
        desk.keep_draft(session.engine, session.actor.pseudonym, form, typed, now())

    def anew() -> None:
        desk.drop_draft(session.engine, session.actor.pseudonym, form)
        fill_in(filled)

    if heading not in st.session_state or text not in st.session_state:
        typed = desk.draft(session.engine, session.actor.pseudonym, form, session.now)
        fill_in(Letter(**typed) if typed else filled)
    elif kept == st.session_state.get(base):
        # Nobody has changed it, so it follows the case.
        fill_in(filled)
    st.text_input(session.say("letter.heading"), key=heading, on_change=act, args=(keep,))
    st.text_area(session.say("letter.text"), key=text, height=_TALL, on_change=act, args=(keep,))
    letter = Letter(str(st.session_state[heading]).strip(), str(st.session_state[text]).strip())
    if letter != filled:
        st.button(session.say("letter.anew"), key=f"{form}_anew", on_click=act, args=(anew,), type="tertiary")
    return letter


def _take(session: Session, number: int, kind: Kind, letter: Letter, language: str, *, named: bool) -> None:
    stamp = Stamp(session.reading.build if session.reading else None, session.today, "")

    def writer(form: Form) -> Callable[[At], Written]:
        return lambda at: verbs.leave(at, number, letter, language, stamp, form, now, named=named)

    with st.container(horizontal=True, gap="small"):
        for form in documents.FORMS:
            download(
                session,
                session.say(f"letter_form.{form}"),
                key=f"letter_{number}_{form}",
                name=verbs.name(number, kind, language, stamp, form),
                mime=documents.MIMES[form],
                permission=Permission.HANDLE_REQUESTS,
                at=at_fetch,
                write=writer(form),
            )


def _record(session: Session, number: int, kind: Kind, letter: Letter, language: str) -> None:
    """The form that says on which day it went out: nothing goes out from here."""
    with st.form(f"letter_sent_{number}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input(
            session.say("letter.day"), session.today, max_value=session.today, key=f"letter_day_{number}", width=160,
            format="YYYY-MM-DD",
        )  # fmt: skip
        st.form_submit_button(
            session.say("letter.sent"), key=f"letter_sent_button_{number}", icon=":material/outgoing_mail:",
            on_click=act, args=(partial(_sent, session, number, kind, letter, language),),
        )  # fmt: skip
    assert isinstance(day, dt.date)


def _sent(session: Session, number: int, kind: Kind, letter: Letter, language: str) -> None:
    verbs.sent(at_once(session), number, kind, letter, language, st.session_state[f"letter_day_{number}"])
    for named in ("", "_named"):
        desk.drop_draft(session.engine, session.actor.pseudonym, f"letter_{number}_{kind}_{language}{named}")


def _went_out(session: Session, facts: RequestFacts) -> None:
    for day, one in facts.letters:
        known = one.letter in list(Kind)
        what = session.plain(f"letter_kind.{one.letter}") if known else one.letter
        st.caption(literal(session.plain("letter.went_out", day=day, what=what, digest=one.digest[:12])))
