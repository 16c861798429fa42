"""What somebody types into a form of requests is kept as they type, so that neither a page that is loaded anew nor a
session that ends takes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from compliance import ui
from compliance.requests import desk
from compliance.ui import Session
from compliance.words.markup import Marked, literal
from compliance.words.refusal import Refused
from compliance.words.texts import refusal


@dataclass(frozen=True)
class Kept:
    """The fields of a form, by what they are kept under: the reader's own, for a day. The first of them is drawn
    whatever the others say.

    What a run puts into the window's memory goes to the browser in place of what somebody has chosen there meanwhile,
    so a field is put right only where what stands in it cannot stay.
    """

    session: Session
    form: str
    fields: Sequence[str]

    def key(self, field: str) -> str:
        """The field's name among all that is typed in this window."""
        return f"{self.form}_{field}"

    def restore(self, begin: Mapping[str, Any] | None = None) -> None:
        """Puts back what was typed before, else what the form is to `begin` with, where this window does not show it
        already: also what is typed on another page meanwhile leaves a window.
        """
        if self.key(self.fields[0]) in st.session_state:
            return
        typed = desk.draft(self.session.engine, self.session.actor.pseudonym, self.form, ui.now())
        for field, value in (typed or begin or {}).items():
            if field in self.fields:
                is_day = isinstance(value, str) and field.endswith("_on")
                st.session_state[self.key(field)] = dt.date.fromisoformat(value) if is_day else value
        st.session_state[self.key("was_restored")] = bool(typed)

    def save(self) -> None:
        """Keeps what is typed now; whoever is signed out meanwhile finds it again."""
        typed = {field: value for field, value in self.values().items() if value not in (None, "")}
        told = {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in typed.items()}
        desk.keep_draft(self.session.engine, self.session.actor.pseudonym, self.form, told, ui.now())

    def values(self) -> dict[str, Any]:
        """What is typed now."""
        return {field: st.session_state.get(self.key(field)) for field in self.fields}

    def forget(self) -> None:
        """Lets go of what was typed: it was used."""
        desk.drop_draft(self.session.engine, self.session.actor.pseudonym, self.form)
        for field, value in self.values().items():
            # What is only taken out of a window's memory its browser goes on showing.
            if value is not None:
                st.session_state[self.key(field)] = "" if isinstance(value, str) else False if value is True else None
        for told in ("problem", "was_restored"):
            st.session_state.pop(self.key(told), None)

    def told_restored(self) -> None:
        """Says that what stands there was typed before."""
        if st.session_state.get(self.key("was_restored")):
            st.caption(self.session.say("request_page.restored"))

    def refuse(self, field: str, told: str | Refused) -> None:
        """Keeps why a field is wrong, for the page to say beside it."""
        st.session_state[self.key("problem")] = {**st.session_state.get(self.key("problem"), {}), field: told}

    def begin(self) -> None:
        """Forgets what was wrong before."""
        st.session_state.pop(self.key("problem"), None)

    def beside(self, field: str) -> None:
        """Why the field was refused, if it was."""
        told = st.session_state.get(self.key("problem"), {}).get(field)
        if told is None:
            return
        language = self.session.language
        words = (
            Marked(refusal(told.code, language, told.values, literal))
            if isinstance(told, Refused)
            else self.session.say(f"request_problem.{told}")
        )
        st.markdown(f":material/error: {words}")

    def pick(self, field: str, label: str, options: Sequence[str], words: Callable[[str], str], **more: Any) -> None:
        """A choice among codes; none is chosen for somebody."""
        if st.session_state.get(self.key(field)) not in (None, *options):
            st.session_state[self.key(field)] = None
        st.selectbox(
            self.session.say(label), list(options), index=None, format_func=words, key=self.key(field),
            on_change=ui.act, args=(self.save,), placeholder=self.session.plain("request_page.choose"), **more,
        )  # fmt: skip
        self.beside(field)

    def propose(self, field: str, label: str, options: Sequence[str], length: int) -> None:
        """A line of text, with proposals to choose from; any other can be typed."""
        typed = st.session_state.get(self.key(field))
        if typed is not None and not 0 < len(typed) <= length:
            typed = st.session_state[self.key(field)] = typed[:length] or None
        st.selectbox(
            self.session.say(label), list(dict.fromkeys([*options, *filter(None, [typed])])), index=None,
            key=self.key(field), on_change=ui.act, args=(self.save,), accept_new_options=True,
            placeholder=self.session.plain("request_page.choose_or_type"),
        )  # fmt: skip
        self.beside(field)

    def text(self, field: str, label: str, length: int, **more: Any) -> None:
        """A line of text."""
        st.text_input(
            self.session.say(label), max_chars=length, key=self.key(field), on_change=ui.act, args=(self.save,),
            autocomplete="off", **more,
        )  # fmt: skip
        self.beside(field)

    def area(self, field: str, label: str, length: int, **more: Any) -> None:
        """A text of several lines."""
        st.text_area(
            self.session.say(label), max_chars=length, key=self.key(field), on_change=ui.act, args=(self.save,), **more
        )  # fmt: skip
        self.beside(field)

    def day(
        self, field: str, label: str, *, unless: dt.date | None = None, since: dt.date | None = None, until: dt.date
    ) -> None:
        """A day between two; the day `unless` another is chosen."""
        chosen = st.session_state.get(self.key(field))
        is_out = chosen is None or chosen > until or (since is not None and chosen < since)
        if is_out and chosen != unless:
            st.session_state[self.key(field)] = unless
        st.date_input(
            self.session.say(label), None, key=self.key(field), on_change=ui.act, args=(self.save,),
            format="YYYY-MM-DD", width=200, min_value=since, max_value=until,
        )  # fmt: skip
        self.beside(field)
