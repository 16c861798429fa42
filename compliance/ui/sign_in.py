"""How somebody signs in, chooses a language and leaves."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st

from compliance import access
from compliance.access import Actor
from compliance.ui.session import (
    CHOSEN_LANGUAGE,
    SIGNED_IN_EMAIL,
    actor_now,
    explain,
    is_over,
    language,
    leave,
    sign_in_anew,
)
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import has, say
from compliance.words.vocabulary import LANGUAGES

_SIGN_IN_WIDTH = 340
# The page whose switch of languages was told what to show.
_SWITCH_ON = "language_switch_on"
_LOOKED_AFTER_SECONDS = 60.0
# Whether somebody wanted to leave, and could not.
_STILL_IN = "still_signed_in"


def ask_to_sign_in() -> None:
    """Draws how to sign in, or why whoever is here may not."""
    settings = settings_of.load()
    try:
        actor_now(settings)
    except Refused as refused:
        explain(refused)
        if refused.code.startswith(("session_", "token_", "limit_")):
            _offer_to_come_back(settings)
        elif settings.login == "oidc" and has(f"sign_in_refused.{refused.code}"):
            _offer_another_account()
    else:
        _ask_who(settings)


def _offer_to_come_back(settings: Settings) -> None:
    """The way to a new session after one that has ended."""
    if settings.login == "oidc":
        _offer_to_sign_in()
    else:
        st.button(say("sign_in.back", language()), type="primary", on_click=sign_in_anew, key="come_back")


def _ask_who(settings: Settings) -> None:
    """Draws the way to sign in that the installation has."""
    tongue = language()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(say("app.title", tongue), anchor=False)
        with st.container(width="content"):
            choose_language()
    if settings.login == "oidc":
        if not st.user.is_logged_in:
            st.write(say("sign_in.oidc", tongue))
            _offer_to_sign_in()
        else:
            st.error(say("sign_in.no_role", tongue))
            _offer_another_account()
        return
    if settings.login == "proxy":
        st.error(say("sign_in.no_role", tongue))
        return
    st.info(say("sign_in.demo", tongue), icon=":material/science:")
    for actor in access.demo_actors(settings):
        role = actor.role.value
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            name = say(f"role.{role}", tongue)
            st.markdown(f"**{name[0].upper()}{name[1:]}**  \n{say(f'demo.{role}', tongue)}", width="stretch")
            st.button(
                say("sign_in.as", tongue, role=name),
                key=f"pick_{role}",
                width=_SIGN_IN_WIDTH,
                on_click=_pick,
                args=(actor.email,),
            )


def _offer_to_sign_in() -> None:
    st.button(say("sign_in.button", language()), type="primary", on_click=st.login, key="oidc_sign_in")


def _offer_another_account() -> None:
    st.button(say("sign_in.out", language()), on_click=st.logout, key="oidc_sign_out")


def _pick(email: str) -> None:
    sign_in_anew()
    st.session_state[SIGNED_IN_EMAIL] = email


def _sign_out() -> None:
    """Here first: the provider's page may be left before it has signed anybody out."""
    leave()
    st.logout()


def _unless_refused(out: Callable[[], None]) -> None:
    try:
        out()
    except Refused:
        st.session_state[_STILL_IN] = True


@st.fragment(run_every=_LOOKED_AFTER_SECONDS)
def _watch(just_asked: list[bool]) -> None:
    """Takes from the screen what it shows once the session is over, also where nobody clicks any more.

    `just_asked` is emptied by the run that draws the whole page, which has asked who is here by itself.
    """
    if just_asked:
        just_asked.clear()
    elif is_over():
        st.rerun()


def choose_language() -> None:
    """The switch between the languages."""

    def changed() -> None:
        # A page that is left before it stands has no choice to ask for.
        chosen = st.session_state.get("language_choice")
        if chosen in LANGUAGES:
            st.session_state[CHOSEN_LANGUAGE] = chosen

    # Only where it differs: what a run sets goes before what somebody chooses in the browser while it is drawn. On
    # another page it is another switch, which knows nothing of what this one says yet.
    page = urlsplit(st.context.url or "").path
    if st.session_state.get("language_choice") != language() or st.session_state.get(_SWITCH_ON) != page:
        st.session_state["language_choice"] = language()
        st.session_state[_SWITCH_ON] = page
    st.segmented_control(
        say("app.language", language()),
        LANGUAGES,
        format_func=lambda tongue: say("app.language_name", tongue),
        key="language_choice",
        on_change=changed,
        label_visibility="collapsed",
    )


def who_is_here(actor: Actor) -> None:
    """The foot of the sidebar: role, sign out, and in the demo a word that it is one."""
    tongue = language()
    settings = settings_of.load()
    with st.sidebar:
        if settings.login == "demo":
            st.warning(say("demo.banner", tongue), icon=":material/science:")
        st.caption(say("app.signed_in", tongue, role=say(f"role.{actor.role.value}", tongue)))
        if settings.login == "demo":
            out, told = leave, "sign_in.other"
        else:
            out, told = _sign_out if settings.login == "oidc" else leave, "sign_in.out"
        st.button(say(told, tongue), key="sign_out", on_click=_unless_refused, args=(out,), icon=":material/logout:")
        if st.session_state.pop(_STILL_IN, False):
            st.error(say("sign_in.still_in", tongue))
        _watch([True])
