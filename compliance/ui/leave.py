"""Files that leave: each by an address of its own (compliance/show/leaving.py), never by Streamlit's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from compliance.access import uploads
from compliance.access.at import At
from compliance.show import leaving
from compliance.show.leaving import Written
from compliance.ui.session import Session
from compliance.words.markup import Marked
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission


def download(
    session: Session,
    label: Marked,
    *,
    key: str,
    name: str,
    mime: str,
    permission: Permission,
    at: Callable[[Session], At],
    write: Callable[[At], Written],
    icon: str = ":material/download:",
    type: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    """A button by which a file leaves. At the click and again at the fetch, `at` says who acts and whether what was
    drawn still stands, and the permission is asked; `write` writes the file while it is read.
    """
    # Behind a proxy the fetch names its reader too.
    reader = session.identity.email if session.settings.login == "proxy" else ""
    bound = leaving.bound_to(_browser(), reader)

    def made() -> Written:
        act = at(session)
        act.require(permission)
        return write(act)

    def asked() -> bytes:
        # Runs when somebody clicks, in a thread of its own, without Streamlit; it gives the address, not the file.
        write = made
        try:
            at(session).require(permission)
        except Refused as refused:
            # Of what is raised here Streamlit would say nothing but that it failed, in English; the address says why.
            write = _refusing(refused)
        return leaving.ask(leaving.Leaving(name, mime, session.language, write), bound, time.monotonic()).encode()

    st.download_button(label, data=asked, file_name=name, mime=mime, key=key, on_click="ignore", icon=icon, type=type)


def _refusing(refused: Refused) -> Callable[[], Written]:
    """What writes nothing, and says why."""

    def write() -> Written:
        raise refused

    return write


def let_hand_in(session: Session, permission: Permission = Permission.RUN_INTAKE) -> None:
    """Lets this window hand in files, for as long as its reader has the permission to take them in."""
    context = get_script_run_ctx()
    if context is not None:
        uploads.allow(context.session_id, session.at, permission)


def _browser() -> str:
    """What tells this browser from others: the cookie that compliance/door.py gives it."""
    return str(st.context.cookies.get(leaving.BROWSER) or "")
