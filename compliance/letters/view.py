"""How letters about a request are drawn: one is chosen, read, changed by hand, and taken along or recorded as sent."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from compliance.access.at import At
from compliance.controls import state as controls
from compliance.letters import case, documents, verbs
from compliance.letters.documents import Form
from compliance.letters.wording import Kind, Letter
from compliance.requests import desk
from compliance.requests import verbs as requests
from compliance.requests.facts import RequestFacts
from compliance.requests.view_kept import Kept
from compliance.show.extract import Stamp
from compliance.show.leaving import Written
from compliance.ui import Session, act, at_fetch, at_once, download, explain, names_wanted, now
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import LANGUAGES, Permission

_TALL, _HEADING = 380, 300


def offer(session: Session, facts: RequestFacts) -> None:
    """The letters about a request, for whoever handles requests. What is wrong with a ready text is told in its
    place.
    """
    if not session.may(Permission.HANDLE_REQUESTS) or session.actor.categories is not None:
        return
    number = facts.number
    with st.expander(session.say("letter.panel"), icon=":material/mail:"):
        st.caption(session.say("letter.help"))
        kind, language = _choose(session, facts)
        name = _name(session, facts)
        parameters = controls.with_told(session.parameters, controls.known(session.engine), session.today)
        try:
            filled = case.write(session.settings, facts, kind, language, parameters, session.today, name)
        except Refused as refused:
            explain(refused)
            return
        kept = _edited(session, number, kind, language, filled, name)
        letter = kept.letter
        found = case.gaps(letter, language)
        if found:
            told = ", ".join(found)
            st.warning(literal(session.plain("letter.to_fill", count=len(found), gaps=told)), icon=":material/edit:")
        else:
            with st.expander(session.say("letter.copy"), icon=":material/content_copy:"):
                st.code(f"{letter.heading}\n\n{letter.text}", language=None, wrap_lines=True)
        unnamed = filled if name is None else case.write(
            session.settings, facts, kind, language, parameters, session.today, None
        )  # fmt: skip
        _take(session, number, kind, kept, language, unnamed)
        _record(session, number, kind, kept, language)
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


class _Written(Kept):
    """A letter as it stands in the form: what was typed stays, also over a reload, until it went out."""

    @property
    def letter(self) -> Letter:
        """What stands in the fields."""
        heading, text = (str(self.values()[field] or "").strip() for field in self.fields)
        return Letter(heading, text)

    @property
    def standing(self) -> dict[str, Letter]:
        """What stood in the fields when they were last drawn or left, for a file: it is written where no fields are."""
        found: dict[str, Letter] = st.session_state.setdefault(self.key("standing"), {})
        return found

    def fill_in(self, filled: Letter) -> None:
        """Puts a letter into the fields, and knows it as one that nobody has changed."""
        st.session_state[self.key("heading")], st.session_state[self.key("text")] = filled.heading, filled.text
        st.session_state[self.key("filled")] = filled

    def save(self) -> None:
        """Keeps what stands in the fields now."""
        self.standing["now"] = self.letter
        super().save()


def _edited(session: Session, number: int, kind: Kind, language: str, filled: Letter, name: str | None) -> _Written:
    kept = _Written(session, _form(number, kind, language, named=name is not None), ("heading", "text"))
    kept.restore()
    was = st.session_state.get(kept.key("filled"))
    if kept.key("heading") not in st.session_state or (kept.letter == was and was != filled):
        # Nobody has changed it, so it follows the case; while that stands still nothing is put over what is typed.
        kept.fill_in(filled)

    def anew() -> None:
        kept.forget()
        kept.fill_in(filled)

    kept.text("heading", "letter.heading", _HEADING)
    kept.area("text", "letter.text", verbs.LONGEST - _HEADING, height=_TALL)
    kept.standing["now"] = kept.letter
    if kept.letter != filled:
        st.button(session.say("letter.anew"), key=kept.key("anew"), on_click=act, args=(anew,), type="tertiary")
    return kept


def _form(number: int, kind: Kind, language: str, *, named: bool) -> str:
    return f"letter_{number}_{kind}_{language}{'_named' if named else ''}"


def _take(session: Session, number: int, kind: Kind, kept: _Written, language: str, unnamed: Letter) -> None:
    stamp = Stamp(session.reading.build if session.reading else None, session.today, "")
    standing = kept.standing

    def writer(form: Form) -> Callable[[At], Written]:
        def write(at: At) -> Written:
            letter = standing["now"]
            return verbs.leave(at, number, letter, language, stamp, form, now, named=letter != unnamed)

        return write

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


def _record(session: Session, number: int, kind: Kind, kept: _Written, language: str) -> None:
    """The form that says on which day it went out: nothing goes out from here."""

    def sent() -> None:
        day = st.session_state[f"letter_day_{number}"]
        verbs.sent(at_once(session), number, kind, kept.letter, language, day)
        for named in (False, True):
            desk.drop_draft(session.engine, session.actor.pseudonym, _form(number, kind, language, named=named))

    with st.form(f"letter_sent_{number}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(
            session.say("letter.day"), session.today, max_value=session.today, key=f"letter_day_{number}", width=160,
            format="YYYY-MM-DD",
        )  # fmt: skip
        st.form_submit_button(
            session.say("letter.sent"), key=f"letter_sent_button_{number}", icon=":material/outgoing_mail:",
            on_click=act, args=(sent,),
        )  # fmt: skip


def _went_out(session: Session, facts: RequestFacts) -> None:
    for day, one in facts.letters:
        known = one.letter in list(Kind)
        what = session.plain(f"letter_kind.{one.letter}") if known else one.letter
        st.caption(literal(session.plain("letter.went_out", day=day, what=what, digest=one.digest[:12])))
