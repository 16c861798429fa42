"""Filters that live in the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from compliance.ui.session import Session

ALL = "-"


_FILTER_WIDTH = 320


def choice(
    session: Session, name: str, options: Sequence[str], label: Callable[[str], str], *, alone: bool = False
) -> str | None:
    """A filter that lives in the URL, as its code; None is everything. Never for what is about a person.

    One that stands `alone` is not as wide as the page.
    """
    key = f"filter_{name}"
    values = [ALL, *options]
    if key not in st.session_state:
        asked = st.query_params.get(name, ALL)
        st.session_state[key] = asked if asked in values else ALL
    elif st.session_state[key] not in values:
        st.session_state[key] = ALL
    chosen = st.selectbox(
        session.say(f"filter.{name}"),
        values,
        format_func=lambda value: session.say("filter.all") if value == ALL else label(value),
        key=key,
        width=_FILTER_WIDTH if alone else "stretch",
    )
    if chosen == ALL:
        st.query_params.pop(name, None)
        return None
    st.query_params[name] = chosen
    return str(chosen)


def coded(session: Session, prefix: str) -> Callable[[str], str]:
    """How the codes of one kind are written: `coded(session, "category")("PROSPECT")`."""
    return lambda code: session.say(f"{prefix}.{code}")


def source_names(session: Session) -> dict[str, str]:
    """The sources' names in the reader's language."""
    return {one.source: one.name for one in session.fresh()}


def filter_in_words(session: Session, filters: Mapping[str, str | None]) -> str:
    """What a list was filtered by, for the extract; nothing of it is about a person."""
    words = {
        "reason": "doubt",
        "state": "request_state",
        "kind": "request_kind",
        "channel": "request_channel",
        "waits": "request_waits",
        "whose": "request_whose",
        "role": "request_role",
        "over": "request_over",
        "extension": "request_extension",
        "only": "entries_only",
        "findings": "findings_which",
    }
    told: list[str] = []
    for name, value in filters.items():
        if not value:
            continue
        if name == "source":
            value = source_names(session).get(value, value)
        elif name == "horizon":
            value = session.say("expiries.within", days=int(value))
        # A key of its source, and a number, are their own words.
        elif name not in ("environment", "version"):
            value = session.say(f"{words.get(name, name)}.{value}")
        told.append(f"{session.say(f'filter.{name}')}: {value}")
    return "; ".join(told) or session.say("filter.none")
