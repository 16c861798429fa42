"""Who is here, in which language, and what a page works with. The clock is read here and handed on."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import streamlit as st

from compliance import access
from compliance.access import Actor, sessions, sign_in
from compliance.access.at import At, at_command
from compliance.access.sign_in import Identity
from compliance.builds import vault
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine as register_engine
from compliance.register.engine import is_unanswered
from compliance.show.together import Table
from compliance.sources import freshness
from compliance.words import settings as settings_of
from compliance.words.markup import Marked, literal
from compliance.words.policy import Parameters, Policy
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import has, refusal, say, show
from compliance.words.vocabulary import LANGUAGES, Permission

SIGNED_IN_EMAIL = "signed_in_email"


CHOSEN_LANGUAGE = "language"


# What tells one sign-in of the role picker, or by a proxy, from the next one in the same window.
_SIGN_IN = "sign_in"


_METADATA = "/.well-known/openid-configuration"


def now() -> dt.datetime:
    """The instant, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass
class Drawn:
    """What a page has drawn so far: by which name it is known, and its tables with what each needs to leave."""

    page: str = ""
    tables: list[tuple[Table, Permission]] = field(default_factory=list)


# The session of the page that is being drawn: the dashboard adds to its foot what is the same on all.
_drawing: ContextVar[Session | None] = ContextVar("drawing", default=None)
# Whom the dashboard has found here in this run, and by which settings: its page need not look again. Asked once.
_found: ContextVar[tuple[Settings, tuple[Identity, Actor] | None] | None] = ContextVar("found", default=None)


@dataclass(frozen=True)
class Session:
    """What a page was drawn with. `reading` is None as long as nothing has been taken in.

    `actor` is who it was drawn for; whoever acts is asked anew, by `identity`, at the moment of the act.
    """

    identity: Identity
    actor: Actor
    language: str
    settings: Settings
    engine: sa.Engine
    policy: Policy
    parameters: Parameters
    reading: Reading | None
    now: dt.datetime
    # Whether the reading stands in for a newer build that is being made ready.
    stands_in: bool = False
    drawn: Drawn = field(default_factory=Drawn, compare=False, repr=False)

    @property
    def today(self) -> dt.date:
        """The day that everything is seen on."""
        return settings_of.today(self.settings, self.now)

    def at(self) -> At:
        """An act, by the role and the rules of this moment. Needs no Streamlit, so it serves downloads too.

        Raises Refused `not_signed_in` where that is nobody any more, and what compliance.access.sessions.touch does.
        """
        actor = sessions.touch(self.settings, self.engine, self.identity, now())
        if actor is None:
            raise Refused("not_signed_in")
        return _at(self.settings, actor)

    def say(self, key: str, **values: Any) -> Marked:
        """A text in the reader's language, to be drawn: what is put into it is drawn as it is."""
        drawn = {name: literal(value) if isinstance(value, str) else value for name, value in values.items()}
        return Marked(say(key, self.language, **drawn))

    def plain(self, key: str, **values: Any) -> str:
        """The same for where no Markdown is drawn: what is chosen from a list, a cell, a file."""
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
    """Who is here; None for nobody, or for somebody whom `ask_to_sign_in` has something to tell."""
    settings = settings_of.load()
    _found.set(None)
    try:
        found = _who_now(settings)
    except Refused:
        return None
    _found.set((settings, found))
    return found[1] if found else None


def guard(permission: Permission) -> Session:
    """The first statement of every page: stops it unless somebody who may is signed in."""
    settings = settings_of.load()
    known = _found.get()
    _found.set(None)
    try:
        found = known[1] if known and known[0] == settings else _who_now(settings)
        vault.check(settings)
        if found is None:
            st.error(say("sign_in.first", language()))
            st.stop()
        identity, actor = found
        access.require(actor, permission)
        session = _session(settings, identity, actor)
    except Refused as refused:
        explain(refused)
        st.stop()
    _drawing.set(session)
    return session


def drawing() -> Session | None:
    """The session of the page that was drawn last in this run; None where none was. Asked once."""
    session = _drawing.get()
    _drawing.set(None)
    return session


def at_click(session: Session) -> tuple[At, Reading]:
    """The act of a click, and the copy at it; `session` is of the moment at which the page was drawn.

    Raises Refused `build_missing` where there is no copy, and what `at_once` and compliance.reading.copy.current do.
    """
    at, reading = at_once_with_copy(session)
    if reading is None:
        raise Refused("build_missing")
    return at, reading


def at_once_with_copy(session: Session) -> tuple[At, Reading | None]:
    """The act of a click that goes by the copy where there is one. Raises what `at_once` and
    compliance.reading.copy.current do.
    """
    at = at_once(session)
    return at, _reading(at)


def at_once(session: Session) -> At:
    """The act of a click that needs no copy, by who is here now and may be here no longer.

    Raises Refused `not_signed_in` where that is nobody, and what compliance.access.sessions.touch does.
    """
    actor = actor_now(session.settings)
    if actor is None:
        raise Refused("not_signed_in")
    return _at(session.settings, actor)


def at_fetch(session: Session) -> At:
    """The act of a download of what does not change with the copy: receipts, orders. Raises what Session.at does."""
    return session.at()


def at_extract(session: Session) -> At:
    """The act of a download of a list that the page has drawn, which leaves only while it is true.

    Raises Refused `extract_changed` where the copy, the rules, a hold, a request, the day or the reader's categories
    have changed since, and what Session.at does.
    """
    at = session.at()
    current = _reading(at)
    whose = at.actor.categories if at.actor else None
    if (current and current.key) != (session.reading and session.reading.key) or whose != session.actor.categories:
        raise Refused("extract_changed")
    return at


def _at(settings: Settings, actor: Actor) -> At:
    return dataclasses.replace(at_command(settings, register_engine(settings), now()), actor=actor)


def _reading(at: At) -> Reading | None:
    return copy.current(at.settings, at.register, at.today, at.policy, at.parameters)


def _session(settings: Settings, identity: Identity, actor: Actor) -> Session:
    at = _at(settings, actor)
    reading, stands_in = copy.shown(at.settings, at.register, at.today, at.policy, at.parameters)
    return Session(
        identity, actor, language(), settings, at.register, at.policy, at.parameters, reading, at.now, stands_in
    )  # fmt: skip


def actor_now(settings: Settings) -> Actor | None:
    """Who is signed in by this request; None for nobody, or for somebody without a role.

    Raises Refused for a sign-in that cannot be trusted, and what compliance.access.sessions.touch does.
    """
    found = _who_now(settings)
    return found[1] if found else None


def _who_now(settings: Settings) -> tuple[Identity, Actor] | None:
    register = register_engine(settings)
    try:
        identity = identity_now(settings)
        actor = sessions.touch(settings, register, identity, now()) if identity else None
    except Refused as refused:
        if has(f"sign_in_refused.{refused.code}"):
            sessions.refused(register, refused.code, now())
        raise
    return None if identity is None or actor is None else (identity, actor)


def identity_now(settings: Settings) -> Identity | None:
    """Whom this request names; None for nobody. Raises Refused for a sign-in that cannot be trusted."""
    if settings.login == "demo":
        if not access.demo_allowed(settings, st.get_option("server.address")):
            raise Refused("demo_not_local")
        return _of_this_window(st.session_state.get(SIGNED_IN_EMAIL))
    if settings.login == "proxy":
        # Streamlit tells no address where it is this machine's own.
        peer = st.context.ip_address or "127.0.0.1"
        return _of_this_window(sign_in.proxied(settings, peer, st.context.headers.get_all), exact=True)
    return _oidc_identity(settings)


def _of_this_window(email: str | None, *, exact: bool = False) -> Identity | None:
    """Neither the picker nor a proxy tells one sign-in from another: a window's is its own."""
    if not email:
        return None
    number = st.session_state.setdefault(_SIGN_IN, secrets.token_hex(16))
    return Identity(email, f"{number}|{email}", exact)


def sign_in_anew() -> None:
    """Forgets all that the window has kept but the language, so that what comes is another session."""
    tongue = language()
    st.session_state.clear()
    st.session_state[CHOSEN_LANGUAGE] = tongue


def leave() -> None:
    """Ends the session of who is here, on the server, and what the window has kept of it.

    Raises Refused where the register does not take it: whoever seemed to have left would still be in.
    """
    settings, identity = settings_of.load(), None
    with contextlib.suppress(Refused):
        identity = identity_now(settings)
    if identity is not None:
        sessions.sign_out(register_engine(settings), identity, now())
    number = st.session_state.get(_SIGN_IN)
    sign_in_anew()
    if number is not None:
        # A proxy goes on naming whoever has left: the session stays the one that was ended, until they come back.
        st.session_state[_SIGN_IN] = number


def is_over() -> bool:
    """Whether the session of who is here has ended. Looking keeps it from nothing.

    Where the register does not say, it has not: what somebody has filled in waits until it does.
    """
    settings = settings_of.load()
    try:
        identity = identity_now(settings)
        return identity is not None and sessions.over(settings, register_engine(settings), identity, now())
    except Refused as refused:
        return not is_unanswered(refused)


def _oidc_identity(settings: Settings) -> Identity | None:
    try:
        if not st.user.is_logged_in:
            return None
    except AttributeError:
        # Streamlit has no user at all where its secrets lack [auth].
        raise Refused("oidc_not_configured") from None
    return sign_in.of_token(settings, provider(settings), st.user.to_dict())


def provider(settings: Settings) -> sign_in.Provider:
    """Who signs people in, by Streamlit's secrets. Raises Refused `oidc_not_configured`, or `oidc_secret_short` for a
    secret that cookies could be forged with.
    """
    # Streamlit has no secrets at all where there is no file of them.
    with contextlib.suppress(FileNotFoundError):
        auth = st.secrets.get("auth") or {}
        if len(str(auth.get("cookie_secret") or "")) < sign_in.SECRET_CHARACTERS:
            raise Refused("oidc_secret_short", characters=sign_in.SECRET_CHARACTERS)
        issuer = settings.oidc_issuer or str(auth.get("server_metadata_url") or "").removesuffix(_METADATA)
        if issuer and auth.get("client_id"):
            return sign_in.Provider(issuer, str(auth["client_id"]))
    raise Refused("oidc_not_configured")


def explain(refused: Refused) -> None:
    """A refusal in the reader's words."""
    st.error(Marked(refusal(refused.code, language(), refused.values, literal)))
