"""Who is here, in which language, and what a page works with. The clock is read here and handed on."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import streamlit as st

from compliance import access
from compliance.access import Actor
from compliance.access.at import At, at_command
from compliance.builds import vault
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine as register_engine
from compliance.sources import freshness
from compliance.words import settings as settings_of
from compliance.words.policy import Parameters, Policy
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say, show
from compliance.words.vocabulary import LANGUAGES, Permission

SIGNED_IN_EMAIL = "signed_in_email"


CHOSEN_LANGUAGE = "language"


_CAME = "came"


def now() -> dt.datetime:
    """The instant, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Session:
    """What a page works with. `reading` is None as long as nothing has been taken in."""

    actor: Actor
    language: str
    settings: Settings
    engine: sa.Engine
    policy: Policy
    parameters: Parameters
    reading: Reading | None
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day that everything is seen on."""
        return settings_of.today(self.settings, self.now)

    def at(self) -> At:
        """An act of the page itself, by who is here as it is drawn; one of a click is made by `at_click`."""
        moment = now()
        today = settings_of.today(self.settings, moment)
        return At(self.settings, self.engine, self.actor, self.policy, self.parameters, moment, today)

    def say(self, key: str, **values: Any) -> str:
        """A text in the reader's language."""
        return say(key, self.language, **values)

    def show(self, value: Any) -> str:
        """A value as the reader expects it."""
        return show(value, self.language)

    def may(self, permission: Permission) -> bool:
        """Whether the reader holds a permission."""
        return access.may(self.actor, permission)

    def fresh(self) -> tuple[freshness.Freshness, ...]:
        """How fresh each source is."""
        return freshness.freshness(self.settings, self.reading, self.now, self.language)


def language() -> str:
    """The language of this session: chosen, else the browser's, else English."""
    chosen = st.session_state.get(CHOSEN_LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    return "sv" if (st.context.locale or "").lower().startswith("sv") else "en"


def signed_in() -> Actor | None:
    """Who is here, recorded once; None for nobody, or for somebody whom `ask_to_sign_in` has something to tell."""
    settings = settings_of.load()
    try:
        actor = actor_now(settings)
    except Refused:
        return None
    if actor is not None and st.session_state.get(_CAME) != actor.pseudonym:
        access.signed_in(register_engine(settings), actor, now())
        st.session_state[_CAME] = actor.pseudonym
    return actor


def guard(permission: Permission) -> Session:
    """The first statement of every page: stops it unless somebody who may is signed in."""
    settings = settings_of.load()
    try:
        actor = actor_now(settings)
        vault.check(settings)
        if actor is None:
            st.error(say("sign_in.first", language()))
            st.stop()
        access.require(actor, permission)
        return _session(settings, actor)
    except Refused as refused:
        explain(refused)
        st.stop()


def at_click(session: Session) -> tuple[At, Reading]:
    """The act of a click, and the copy at it; `session` is of the moment at which the page was drawn.

    Raises Refused `build_missing` where there is no copy, and what `at_once` and compliance.reading.copy.current do.
    """
    at = at_once(session)
    reading = _reading(at)
    if reading is None:
        raise Refused("build_missing")
    return at, reading


def at_once(session: Session) -> At:
    """The act of a click that needs no copy, by who is here now and may be here no longer.

    Raises Refused `not_signed_in` where that is nobody, and what compliance.access.actor_for does.
    """
    actor = actor_now(session.settings)
    if actor is None:
        raise Refused("not_signed_in")
    return _at(session.settings, actor)


def at_fetch(session: Session) -> At:
    """The act of a download, which runs without Streamlit: the roles are asked again by the reader's address.

    Raises Refused `not_signed_in` where it has no role any more, and what compliance.access.actor_for does.
    """
    actor = access.actor_for(session.actor.email, session.settings)
    if actor is None:
        raise Refused("not_signed_in")
    return dataclasses.replace(session.at(), actor=actor)


def _at(settings: Settings, actor: Actor) -> At:
    return dataclasses.replace(at_command(settings, register_engine(settings), now()), actor=actor)


def _reading(at: At) -> Reading | None:
    return copy.current(at.settings, at.register, at.today, at.policy, at.parameters)


def _session(settings: Settings, actor: Actor) -> Session:
    at = _at(settings, actor)
    return Session(actor, language(), settings, at.register, at.policy, at.parameters, _reading(at), at.now)


def actor_now(settings: Settings) -> Actor | None:
    """Who is signed in by this request; None for nobody. Raises Refused for a sign-in that cannot be trusted."""
    if settings.login == "demo":
        if not access.demo_allowed(settings, st.get_option("server.address")):
            raise Refused("demo_not_local")
        email = st.session_state.get(SIGNED_IN_EMAIL)
    elif settings.login == "proxy":
        email = st.context.headers.get(settings.proxy_header)
    else:
        email = _oidc_email()
    return access.actor_for(str(email), settings) if email else None


def _oidc_email() -> str | None:
    try:
        if not st.user.is_logged_in:
            return None
    except AttributeError:
        # Streamlit has no user at all where its secrets lack [auth].
        raise Refused("oidc_not_configured") from None
    if st.user.get("email_verified") is False:
        raise Refused("email_not_verified")
    email = st.user.get("email")
    return str(email) if email else None


def explain(refused: Refused) -> None:
    """A refusal in the reader's words."""
    st.error(refusal(refused.code, language(), refused.values))
