"""Clicks that are handed to a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from compliance.reading.copy import Retired
from compliance.ui.session import explain
from compliance.words.markup import literal
from compliance.words.refusal import Refused

_DONE, _REFUSED = "click_done", "click_refused"


def act(work: Callable[[], object]) -> None:
    """Hands a click to a service before the page is drawn again; `told_before` says what it refused.

    For `on_click`: `work` is then what the page was drawn with, so that a click acts on what was looked at.
    """
    try:
        work()
    except Refused as refused:
        st.session_state[_REFUSED] = refused
    except Retired:
        st.session_state[_REFUSED] = Refused("copy_replaced")


def done(text: str, *, used: Iterable[str] = ()) -> None:
    """Keeps what a click came to, for `told_before`; text fields whose contents were `used` for it are empty then."""
    st.session_state[_DONE] = (text, tuple(used))


def told_before() -> None:
    """What the click before came to: what was done, or why it was refused.

    It has a place of its own whether it says something or not: where one line less moves what comes below, a browser
    makes that anew, and what somebody is typing there is gone.
    """
    done_here, refused_here = st.empty(), st.empty()
    told = st.session_state.pop(_DONE, None)
    if told is not None:
        text, used = told
        done_here.success(literal(text), icon=":material/check:")
        for key in used:
            st.session_state[key] = ""
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        with refused_here.container():
            explain(refused)
