"""How letters about a request are drawn: one is chosen, read, changed by hand, and taken along or recorded as sent."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from compliance.access.at import At
from compliance.controls import state as controls
from compliance.letters import case, documents, verbs
from compliance.letters.documents import Form
from compliance.letters.wording import Kind, Letter
from compliance.requests import verbs as requests
from compliance.requests.facts import RequestFacts
from compliance.show.extract import Stamp
from compliance.show.leaving import Written
from compliance.ui import Kept, Session, act, at_fetch, at_once, done, download, explain, names_wanted, now
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import LANGUAGES, Permission

_TALL, _HEADING = 380, 300
# Beside which field a refusal is told.
_BESIDE = dict.fromkeys(("letter_empty_text", "letter_long", "letter_gaps"), "text")
_BESIDE_DAY = {"request_day_wrong": "day_on"}


def offer(session: Session, facts: RequestFacts) -> None:
    """The letters about a request, for whoever handles requests. What is wrong with a ready text is told in its
    place.
    """
    if not session.may(Permission.HANDLE_REQUESTS) or session.actor.categories is not None:
        return
    number = facts.number
    with st.expander(session.say("letter.panel"), icon=":material/mail:"):
        st.caption(session.say("letter.help"))
        choice = Kept(session, f"letter_{number}", ("kind", "language", "day_on"))
        kind, language = _choose(choice, facts)
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
        _record(number, kind, choice, kept, language)
        _went_out(session, facts)


def _choose(choice: Kept, facts: RequestFacts) -> tuple[Kind, str]:
    session = choice.session
    choice.restore({"language": session.language})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice.pick(
            "kind", "letter.which", case.fitting(facts), lambda one: session.say(f"letter_kind.{one}"), first=True,
            width=320,
        )  # fmt: skip
        choice.pick(
            "language", "letter.language", LANGUAGES, lambda one: session.say(f"letter_language.{one}"), first=True,
            width=160,
        )  # fmt: skip
    chosen = choice.values()
    return Kind(chosen["kind"]), str(chosen["language"])


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


def _record(number: int, kind: Kind, choice: Kept, kept: _Written, language: str) -> None:
    """The form that says on which day it went out: nothing goes out from here."""
    session = choice.session

    def send() -> None:
        verbs.sent(at_once(session), number, kind, kept.letter, language, choice.values()["day_on"])

    def sent() -> None:
        told = list[bool]()
        # What is wrong with the letter is told there, and what is wrong with the day here.
        if choice.tried(lambda: told.append(kept.tried(send, _BESIDE)), _BESIDE_DAY) and all(told):
            for named in (False, True):
                _Written(session, _form(number, kind, language, named=named), kept.fields).let_go()
            choice.let_go()
            done(session.plain("request_page.recorded"))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice.day("day_on", "letter.day", unless=session.today, until=session.today)
        st.button(
            session.say("letter.sent"), key=f"letter_sent_button_{number}", icon=":material/outgoing_mail:",
            on_click=act, args=(sent,),
        )  # fmt: skip


def _went_out(session: Session, facts: RequestFacts) -> None:
    for day, one in facts.letters:
        known = one.letter in list(Kind)
        what = session.plain(f"letter_kind.{one.letter}") if known else one.letter
        st.caption(literal(session.plain("letter.went_out", day=day, what=what, digest=one.digest[:12])))
