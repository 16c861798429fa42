"""Looks at persons, asked for and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from compliance import access
from compliance.ui.session import Session
from compliance.words.vocabulary import Permission

_SEEN = "looks_recorded"
# Whom the page of one person shows, and what is typed there: both in the session alone, never in an address.
PERSON_CHOSEN, PERSON_ASKED = "person_chosen", "person_asked"
_PERSON_PAGE = "pages/person/person.py"


def person_button(session: Session, person_id: str, key: str) -> None:
    """The way from a list to the page of one person, for whoever may see persons."""
    if session.may(Permission.SEE_PERSONS) and st.button(
        session.say("persons.open"), key=f"open_person_{key}", icon=":material/person:"
    ):
        st.session_state[PERSON_CHOSEN] = person_id
        st.session_state[PERSON_ASKED] = ""
        st.switch_page(_PERSON_PAGE)


def names_wanted(session: Session, key: str) -> bool:
    """Whether the reader, who may, has asked for names on this list."""
    if not session.may(Permission.SEE_PERSONS):
        return False
    return st.toggle(session.say("persons.show"), key=f"named_{key}", help=session.say("persons.show_help"))


def record_look(
    session: Session,
    what: str,
    rows: int,
    filters: Mapping[str, str | None],
    *,
    marks: Iterable[Any] = (),
    search: bool = False,
) -> None:
    """Records a look at persons once per list, filter and page in a session. `marks` tell looks apart.

    To be called before anything of it is drawn. Raises what compliance.access.looked_at_persons does.
    """
    assert session.reading is not None
    told = {name: value for name, value in filters.items() if value}
    look = (what, session.reading.key, tuple(sorted(told.items())), rows, *marks)
    seen: set[Any] = st.session_state.setdefault(_SEEN, set())
    if look not in seen:
        access.looked_at_persons(
            session.at(), what, rows=rows, build=session.reading.build, filters=told, search=search
        )
        seen.add(look)
