"""The fields of a form, each with what is wrong with it below it; what is typed there is kept as it is typed, so that
neither a page that is loaded anew nor a session that ends takes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from compliance.drafts.draft import Draft
from compliance.ui.acts import act
from compliance.ui.session import Session, now
from compliance.words.markup import Marked, literal
from compliance.words.refusal import Refused
from compliance.words.texts import refusal

_DAY = "_on"
# All days that anybody may mean, so that what is typed reaches whoever says what is wrong with it.
_FIRST, _LAST = dt.date(1000, 1, 1), dt.date(9990, 12, 31)
# What a field is to say is told below it, in a box of its own.
_WRONG = ":material/edit:"


@dataclass(frozen=True)
class Kept:
    """The fields of a form, by what they are kept under: the reader's own, for a day. The first of them is drawn
    whatever the others say; one whose name ends with `_on` is a day.

    What a run puts into the window's memory goes to the browser in place of what somebody has chosen there meanwhile,
    so a field is put right only where what stands in it cannot stay.
    """

    session: Session
    form: str
    fields: Sequence[str]

    def key(self, field: str) -> str:
        """The field's name among all that is typed in this window."""
        return f"{self.form}_{field}"

    @property
    def draft(self) -> Draft:
        """Where what is typed is kept, by whom the page was drawn for: also for whoever is signed out meanwhile."""
        return Draft(self.session.engine, self.session.actor.pseudonym, self.form, now)

    @property
    def is_shown(self) -> bool:
        """Whether this window shows the form already: what is typed on another page meanwhile leaves a window."""
        return self.key(self.fields[0]) in st.session_state

    def restore(self, begin: Mapping[str, Any] | None = None) -> None:
        """Puts back what was typed before, else what the form is to `begin` with, where this window does not show it
        already.
        """
        if self.is_shown:
            return
        self.begin()
        typed = self.find()
        for field, value in (typed or begin or {}).items():
            if field in self.fields:
                is_day = isinstance(value, str) and field.endswith(_DAY)
                st.session_state[self.key(field)] = dt.date.fromisoformat(value) if is_day else value
        st.session_state[self.key("was_restored")] = bool(typed)

    def find(self) -> Mapping[str, Any]:
        """What was typed before and not used, as it was kept."""
        typed = self.draft.find()
        st.session_state[self.key("kept")] = typed
        return typed

    def save(self) -> None:
        """Keeps what is typed now, unless it is what is kept already."""
        typed = {field: value for field, value in self.values().items() if value not in (None, "", [])}
        told = {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in typed.items()}
        if all(value is False for value in told.values()):
            told = {}
        if st.session_state.get(self.key("kept")) != told:
            self.draft.save(told)
            st.session_state[self.key("kept")] = told

    def values(self) -> dict[str, Any]:
        """What is typed now."""
        return {field: st.session_state.get(self.key(field)) for field in self.fields}

    def let_go(self) -> None:
        """Keeps what was typed in this window alone: it was used, and may be used again."""
        self.draft.drop()
        for told in ("was_restored", "kept"):
            st.session_state.pop(self.key(told), None)

    def forget(self) -> None:
        """Lets go of what was typed: it was used."""
        self.let_go()
        for field, value in self.values().items():
            # What is only taken out of a window's memory its browser goes on showing.
            if value is not None:
                st.session_state[self.key(field)] = _nothing(value)
        self.begin()

    def told_restored(self) -> None:
        """Says that what stands there was typed before."""
        if st.session_state.get(self.key("was_restored")):
            st.caption(self.session.say("forms.restored"))

    # What is wrong

    def begin(self) -> None:
        """Forgets what was wrong before."""
        st.session_state.pop(self.key("problem"), None)

    def refuse(self, field: str, told: str | Refused) -> None:
        """Keeps why a field is wrong, as a refusal or by the key of a text, for the page to say beside it."""
        st.session_state[self.key("problem")] = {**st.session_state.get(self.key("problem"), {}), field: told}

    def tried(self, work: Callable[[], object], beside: Mapping[str, str] | None = None) -> bool:
        """Hands on what was typed, and says whether it was taken; it is to be forgotten then, or let go of. Why it was
        not is kept, to be told beside the field that the refusal names, or that is `beside` its code.

        Raises a refusal that is about none of the fields.
        """
        self.begin()
        try:
            work()
        except Refused as refused:
            named = (*(refused.values.get(name) for name in ("fact", "field")), (beside or {}).get(refused.code))
            field = next((str(one) for one in named if one in self.fields), None)
            if field is None:
                raise
            self.refuse(field, refused)
            return False
        return True

    def beside(self, field: str, otherwise: Marked | None = None) -> None:
        """Why the field was refused, if it was, or else what is wrong with it already. It has a place of its own
        whether it says something or not, as the fields below it stay where they are then.
        """
        place = st.empty()
        told = st.session_state.get(self.key("problem"), {}).get(field)
        if told is None:
            if otherwise is not None:
                place.error(otherwise, icon=_WRONG)
            return
        language = self.session.language
        words = (
            Marked(refusal(told.code, language, told.values, literal))
            if isinstance(told, Refused)
            else self.session.say(told)
        )
        place.error(words, icon=_WRONG)

    # The fields

    def pick(
        self,
        field: str,
        label: str,
        options: Sequence[Any],
        words: Callable[[Any], str],
        *,
        first: bool = False,
        changed: Callable[[], object] | None = None,
        **more: Any,
    ) -> None:
        """A choice among codes; none is chosen for somebody, unless it is the `first`. It is saved once it is
        `changed`, unless that is to do something else.
        """
        offered, key = list(options), self.key(field)
        beginning = offered[0] if first and offered else None
        if key in st.session_state and st.session_state[key] not in (offered if first else (None, *offered)):
            st.session_state[key] = beginning
        st.selectbox(
            self.session.say(label), offered, index=0 if first else None, format_func=words, key=key,
            on_change=act, args=(changed or self.save,),
            **{"placeholder": self.session.plain("forms.choose"), **more},
        )  # fmt: skip
        self.beside(field)

    def several(self, field: str, label: str, options: Sequence[Any], words: Callable[[Any], str], **more: Any) -> None:
        """Several among codes."""
        chosen = st.session_state.get(self.key(field)) or []
        if any(one not in options for one in chosen):
            st.session_state[self.key(field)] = [one for one in chosen if one in options]
        st.multiselect(
            self.session.say(label), list(options), format_func=words, key=self.key(field), on_change=act,
            args=(self.save,), **{"placeholder": self.session.plain("forms.choose"), **more},
        )  # fmt: skip
        self.beside(field)

    def propose(self, field: str, label: str, options: Sequence[str], length: int) -> None:
        """A line of text, with proposals to choose from; any other can be typed."""
        typed = st.session_state.get(self.key(field))
        if typed is not None and not 0 < len(typed) <= length:
            typed = st.session_state[self.key(field)] = typed[:length] or None
        st.selectbox(
            self.session.say(label), list(dict.fromkeys([*options, *filter(None, [typed])])), index=None,
            key=self.key(field), on_change=act, args=(self.save,), accept_new_options=True,
            placeholder=self.session.plain("forms.choose_or_type"),
        )  # fmt: skip
        self.beside(field)

    def text(self, field: str, label: str, length: int | None = None, **more: Any) -> None:
        """A line of text."""
        st.text_input(
            self.session.say(label), max_chars=length, key=self.key(field), on_change=act, args=(self.save,),
            autocomplete="off", **more,
        )  # fmt: skip
        self.beside(field)

    def area(self, field: str, label: str, length: int, **more: Any) -> None:
        """A text of several lines."""
        st.text_area(
            self.session.say(label), max_chars=length, key=self.key(field), on_change=act, args=(self.save,), **more
        )  # fmt: skip
        self.beside(field)

    def day(
        self,
        field: str,
        label: str,
        *,
        unless: dt.date | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
        **more: Any,
    ) -> None:
        """A day, and what is wrong with one that is not between two; the day `unless` another is chosen.

        What stands there stays: a browser that is given bounds keeps a day outside them to itself, and the one before
        would be handed on in its place. Whoever is handed it refuses it.
        """
        if st.session_state.get(self.key(field)) is None and unless is not None:
            st.session_state[self.key(field)] = unless
        st.date_input(
            self.session.say(label), None, key=self.key(field), on_change=act, args=(self.save,),
            format="YYYY-MM-DD", width=200, min_value=_FIRST, max_value=_LAST, **more,
        )  # fmt: skip
        chosen = st.session_state.get(self.key(field))
        outside = None
        if chosen is not None and since is not None and chosen < since:
            outside = self.session.say("forms.day_since", since=since)
        elif chosen is not None and until is not None and chosen > until:
            outside = self.session.say("forms.day_until", until=until)
        self.beside(field, outside)


def _nothing(value: Any) -> Any:
    """What a field shows that nothing is typed in."""
    if isinstance(value, str):
        return ""
    if isinstance(value, list):
        return []
    return False if value is True else None
