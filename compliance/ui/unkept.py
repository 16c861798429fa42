"""Fields of which nothing is kept beyond the window, by design; a sign in each says so to whoever knows it."""

from __future__ import annotations

import streamlit as st

from compliance.words.markup import Marked

# What something is looked for by, and what is typed by hand each time.
SEARCH, BY_HAND = ":material/search:", ":material/keyboard:"
_WORD_WIDTH = 240


def search(label: Marked, *, key: str, about: Marked | None = None, width: int | None = None) -> str:
    """What is looked for, without blanks around it. Who was looked for is to stand nowhere."""
    return st.text_input(label, key=key, help=about, icon=SEARCH, width=width or "stretch", autocomplete="off").strip()


def word(label: Marked, *, key: str) -> str:
    """A word that confirms something, typed and never filled in, so that nothing is done by a slip."""
    return st.text_input(label, key=key, icon=BY_HAND, width=_WORD_WIDTH, autocomplete="off").strip()


def number(label: Marked, *, key: str) -> int | None:
    """A number that confirms something, as `word` does."""
    return st.number_input(label, min_value=0, value=None, step=1, key=key, icon=BY_HAND, width=_WORD_WIDTH)
