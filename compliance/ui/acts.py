"""Clicks that are handed to a service."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from compliance.ui.session import explain
from compliance.words.refusal import Refused

_REFUSED = "click_refused"


def act(work: Callable[[], object]) -> None:
    """Hands a click to a service before the page is drawn again; `told_before` says what it refused.

    For `on_click`: `work` is then what the page was drawn with, so that a click acts on what was looked at.
    """
    try:
        work()
    except Refused as refused:
        st.session_state[_REFUSED] = refused


def told_before() -> None:
    """Why the click before was refused, if it was."""
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        explain(refused)
