"""The one module that knows Streamlit, besides the pages: who is here, in which language, and how things are drawn.

Nothing that acts lives here. The clock is read here and handed on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import sqlalchemy as sa
import streamlit as st
from PIL import Image

from compliance import access, copy, requests, review, tables, vault
from compliance import settings as settings_of
from compliance.access import Actor
from compliance.copy import Reading
from compliance.deadlines import STOCKHOLM
from compliance.extract import Flavour, Stamp, file_name
from compliance.intake import service
from compliance.policy import Parameters, Policy, load_parameters, load_policy
from compliance.purge import batches, desk, sources
from compliance.refusal import Refused
from compliance.register.engine import engine as register_engine
from compliance.settings import Settings
from compliance.texts import counted, refusal, say, show
from compliance.vocabulary import LANGUAGES, Permission

PAGE_SIZES = (50, 100, 500)
ALL = "-"
_EMAIL, _LANGUAGE, _SEEN, _CAME = "signed_in_email", "language", "looks_recorded", "came"
_REFUSED, _PROPOSED = "click_refused", "batch_proposed"
# So many orders have a button of their own; the others wait for these.
_TASKS_OFFERED = 20
# Two tiles fit beside the menu in a window of 900 pixels, four in one of 1440.
_TILE_WIDTH = 248
# Text that does not fit its column makes all rows of its table higher; Streamlit wraps from 65 pixels.
_WIDTHS = {"long": 400, "wrapped": 165, "wide": 270}
_WRAPPING = ("long", "wrapped")
_LETTER, _LINE, _MOST_LINES = 6.5, 18, 5
_ROW, _WRAPPED_ROW = 35, 66
# About as high is a table before it scrolls within itself.
_TABLE = 530
_FILTER_WIDTH = 320
_SIGN_IN_WIDTH = 340
_STYLE = """<style>
[data-testid=stMainBlockContainer] {{ padding: 4rem 2.25rem; }}
[data-testid=stPlotlyChart] :is(.xtick, .ytick, .textpoint) text,
[data-testid=stPlotlyChart] :is(.legendtext, .bartext-outside) {{ fill: currentColor !important; }}
[data-testid=stHorizontalBlock]:has(> [data-testid=stLayoutWrapper] > [class*=st-key-tile_]) {{
    display: grid; grid-template-columns: repeat(auto-fill, minmax({tile}px, 1fr)); }}
:is([data-testid=stLayoutWrapper]:has(> [class*=st-key-tile_]), [class*=st-key-tile_]) {{ width: 100% !important; }}
[data-testid=stCaptionContainer] {{ color: inherit; opacity: 0.8; }}
[data-testid^=stBaseButton-primary] {{ color: light-dark(#ffffff, #14191d) !important; }}
[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p,
[data-testid=stFileUploaderDropzoneInstructions] span {{ font-size: 0; }}
[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p::after {{ content: "{button}"; }}
[data-testid=stFileUploaderDropzoneInstructions] span::after {{ content: "{limit}"; }}
[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p::after,
[data-testid=stFileUploaderDropzoneInstructions] span::after {{ font-size: 0.875rem; }}
</style>"""


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

    def say(self, key: str, **values: Any) -> str:
        """A text in the reader's language."""
        return say(key, self.language, **values)

    def show(self, value: Any) -> str:
        """A value as the reader expects it."""
        return show(value, self.language)

    def may(self, permission: Permission) -> bool:
        """Whether the reader holds a permission."""
        return access.may(self.actor, permission)

    def fresh(self) -> tuple[review.Freshness, ...]:
        """How fresh each source is."""
        return review.freshness(self.settings, self.reading, self.now, self.language)


def favicon() -> Image.Image:
    """A plain square: Streamlit would fetch a symbol's picture from the network."""
    return Image.new("RGB", (32, 32), "#2b6384")


def style() -> None:
    """What the theme cannot say: less empty space, tiles that end where all else does, charts and captions in the
    colour of text, and Streamlit's own words for handing in files, which know no other language."""
    tongue = language()
    limit = int(st.get_option("server.maxUploadSize") or 0) // 1000
    st.html(
        _STYLE.format(
            button=say("intake.upload.button", tongue),
            limit=say("intake.upload.limit", tongue, limit=limit),
            tile=_TILE_WIDTH,
        )
    )


# Who is here


def language() -> str:
    """The language of this session: chosen, else the browser's, else English."""
    chosen = st.session_state.get(_LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    return "sv" if (st.context.locale or "").lower().startswith("sv") else "en"


def signed_in() -> Actor | None:
    """Who is here, recorded once; None for nobody, or for somebody whom `ask_to_sign_in` has something to tell."""
    settings = settings_of.load()
    try:
        actor = _actor(settings)
    except Refused:
        return None
    if actor is not None and st.session_state.get(_CAME) != actor.pseudonym:
        access.signed_in(register_engine(settings), actor, now())
        st.session_state[_CAME] = actor.pseudonym
    return actor


def ask_to_sign_in() -> None:
    """Draws how to sign in, or why whoever is here may not."""
    settings = settings_of.load()
    try:
        _actor(settings)
    except Refused as refused:
        explain(refused)
        if refused.code == "email_not_verified":
            _offer_another_account()
    else:
        _ask_who(settings)


def guard(permission: Permission) -> Session:
    """The first statement of every page: stops it unless somebody who may is signed in."""
    settings = settings_of.load()
    try:
        actor = _actor(settings)
        vault.check(settings)
        if actor is None:
            st.error(say("sign_in.first", language()))
            st.stop()
        access.require(actor, permission)
        return _session(settings, actor)
    except Refused as refused:
        explain(refused)
        st.stop()


def at_click(session: Session) -> tuple[Session, Reading]:
    """The session and the copy at the moment of a click; `session` is of the moment at which the page was drawn.

    Raises Refused `build_missing` where there is no copy, and what compliance.copy.current raises.
    """
    fresh = _session(session.settings, session.actor)
    if fresh.reading is None:
        raise Refused("build_missing")
    return fresh, fresh.reading


def _session(settings: Settings, actor: Actor) -> Session:
    engine = register_engine(settings)
    policy = load_policy(settings.config / "retention.toml")
    parameters = load_parameters(settings.config / "parameters.toml")
    moment = now()
    reading = copy.current(settings, engine, settings_of.today(settings, moment), policy, parameters)
    return Session(actor, language(), settings, engine, policy, parameters, reading, moment)


def _actor(settings: Settings) -> Actor | None:
    if settings.login == "demo":
        if not access.demo_allowed(settings, st.get_option("server.address")):
            raise Refused("demo_not_local")
        email = st.session_state.get(_EMAIL)
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
            st.button(say("sign_in.button", tongue), type="primary", on_click=st.login, key="oidc_sign_in")
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


def _offer_another_account() -> None:
    st.button(say("sign_in.out", language()), on_click=st.logout, key="oidc_sign_out")


def _pick(email: str) -> None:
    st.session_state[_EMAIL] = email


def _leave() -> None:
    tongue = language()
    st.session_state.clear()
    st.session_state[_LANGUAGE] = tongue


def choose_language() -> None:
    """The switch between the languages."""

    def changed() -> None:
        if st.session_state["language_choice"] in LANGUAGES:
            st.session_state[_LANGUAGE] = st.session_state["language_choice"]

    st.session_state["language_choice"] = language()
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
            st.button(say("sign_in.other", tongue), key="sign_out", on_click=_leave, icon=":material/logout:")
        elif settings.login == "oidc":
            st.button(say("sign_in.out", tongue), key="sign_out", on_click=st.logout, icon=":material/logout:")


# The frame of a page


def header(session: Session, key: str) -> None:
    """Title, language switch, and what everything below is of."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(session.say(f"{key}.title"), anchor=False)
        with st.container(width="content"):
            choose_language()
    if session.reading:
        st.caption(session.say("app.stamp", as_of=session.reading.as_of, build=str(session.reading.build)))


def something_to_read(session: Session) -> Reading:
    """The reading, or a word on how to get one and the end of the page."""
    if session.reading is None:
        nothing_to_read(session)
        st.stop()
    return session.reading


def nothing_to_read(session: Session) -> None:
    """A word on why there are no figures, and how to get them."""
    st.info(session.say("app.empty"), icon=":material/inbox:")
    if session.may(Permission.RUN_INTAKE):
        st.page_link("pages/act/intake.py", label=session.say("app.empty_link"), icon=":material/upload_file:")
    else:
        st.caption(session.say("app.empty_who"))


def sentence(text: str, *, alarm: bool = False) -> None:
    """The sentence that matters. An alarm has its sign too, not only its colour."""
    (st.warning if alarm else st.info)(text, icon=":material/priority_high:" if alarm else ":material/check_circle:")


def explain(refused: Refused) -> None:
    """A refusal in the reader's words."""
    st.error(refusal(refused.code, language(), refused.values))


def tiles() -> Any:
    """A row of tiles that wraps where the window is narrow."""
    return st.container(horizontal=True, gap="small")


def tile(
    label: str,
    value: str,
    *,
    key: str,
    change: int | None = None,
    worse_when: Literal["up", "down", "never"] = "never",
    note: str | None = None,
    link: tuple[str, str, Mapping[str, str]] | None = None,
) -> None:
    """A figure with its change and the way to its list: (page, words, filters)."""
    colour: Literal["normal", "inverse", "off"] = "off"
    if change and worse_when != "never":
        colour = "inverse" if worse_when == "up" else "normal"
    # The sign says what an arrow would.
    sign = "-" if change and change < 0 else "+" if change else "±"
    with st.container(
        border=True, width=_TILE_WIDTH, height="stretch", vertical_alignment="distribute", key=f"tile_{key}"
    ):
        st.metric(
            label,
            value,
            delta=None if change is None else f"{sign}{show(abs(change), language())}",
            delta_color=colour,
            delta_arrow="off",
            help=note,
        )
        if link:
            page, words, filters = link
            st.page_link(page, label=words, query_params=dict(filters), icon=":material/arrow_forward:")


def chart(figure: go.Figure, text: str, key: str) -> None:
    """A chart, with its content in words for those who cannot see it."""
    st.plotly_chart(figure, key=key, alt=text, config={"displayModeBar": False, "staticPlot": False})


# Filters


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
    words = {"reason": "doubt", "state": "request_state"}
    told: list[str] = []
    for name, value in filters.items():
        if not value:
            continue
        if name == "source":
            value = source_names(session).get(value, value)
        elif name == "horizon":
            value = session.say("expiries.within", days=int(value))
        else:
            value = session.say(f"{words.get(name, name)}.{value}")
        told.append(f"{session.say(f'filter.{name}')}: {value}")
    return "; ".join(told) or session.say("filter.none")


# Tables


def table(
    session: Session,
    key: str,
    columns: Sequence[tables.Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    filters: Mapping[str, str | None] | None = None,
    every_row: Callable[[], Iterable[Sequence[Mapping[str, Any]]]] | None = None,
    permission: Permission = Permission.EXTRACT_FIGURES,
    by: Sequence[str] = (),
    select: bool = False,
    empty: str = "table.empty",
) -> Mapping[str, Any] | None:
    """A table with its CSV; returns the row that was chosen, with `select`, where `by` names what tells rows apart.

    `rows` are what is shown; where they are one page of many, `every_row` gives all for the extract. `empty` is the
    text that stands where there are none.
    """
    chosen = _table(
        session, key, columns, rows, filters=filters, every_row=every_row, permission=permission, empty=empty,
        by=by, select="single-row" if select else None,
    )  # fmt: skip
    return chosen[0] if chosen else None


def choose_rows(
    session: Session,
    key: str,
    columns: Sequence[tables.Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Sequence[str],
    filters: Mapping[str, str | None] | None = None,
    every_row: Callable[[], Iterable[Sequence[Mapping[str, Any]]]] | None = None,
    permission: Permission = Permission.EXTRACT_FIGURES,
    select: bool = True,
) -> list[Mapping[str, Any]]:
    """A table like `table`, of which several rows can be chosen; returns those that are.

    What is chosen is forgotten where the list has other rows than those it was chosen from, told apart by the fields
    `by`: a place in it may be another person's by then.
    """
    return _table(
        session, key, columns, rows, filters=filters, every_row=every_row, permission=permission, empty="table.empty",
        by=by, select="multi-row" if select else None,
    )  # fmt: skip


def _table(
    session: Session,
    key: str,
    columns: Sequence[tables.Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    filters: Mapping[str, str | None] | None,
    every_row: Callable[[], Iterable[Sequence[Mapping[str, Any]]]] | None,
    permission: Permission,
    empty: str,
    by: Sequence[str],
    select: Literal["single-row", "multi-row"] | None,
) -> list[Mapping[str, Any]]:
    if not rows:
        st.caption(session.say(empty))
    row_height = _row_height(columns, rows)
    most = _TABLE // row_height
    # Half a row at the lower edge says that there is more.
    height: int | Literal["auto"] = (
        "auto" if not rows else _ROW + 3 + int(row_height * (len(rows) if len(rows) <= most else most + 0.5))
    )
    frame = pd.DataFrame([[column.shown(row.get(column.name), session.language) for column in columns] for row in rows],
                         columns=[column.label for column in columns])  # fmt: skip
    chosen = st.dataframe(
        frame,
        # Streamlit keeps the places that are chosen as long as the name is the same, whatever the rows are by then.
        key=f"table_{key}_{_those(rows, by)}" if select else f"table_{key}",
        hide_index=True,
        height=height,
        row_height=row_height,
        placeholder="–",
        column_config={column.label: _config(column) for column in columns},
        on_select="rerun" if select else "ignore",
        selection_mode=select or "single-row",
    ) if rows else None  # fmt: skip
    if session.may(permission):
        _csv(session, key, columns, every_row or (lambda: [rows]), filters or {}, permission)
    if not select or chosen is None:
        return []
    places: list[int] = chosen["selection"]["rows"]  # type: ignore[index]
    return [rows[place] for place in places]


def _those(rows: Sequence[Mapping[str, Any]], by: Sequence[str]) -> str:
    """A name for just these rows in just this order."""
    told = json.dumps([[row[name] for name in by] for row in rows], default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _row_height(columns: Sequence[tables.Column], rows: Sequence[Mapping[str, Any]]) -> int:
    """As high as the longest text of a column of fixed width needs."""
    wrapping = [(column.name, _WIDTHS[column.kind]) for column in columns if column.kind in _WRAPPING]
    lines = max(
        (len(str(row.get(name) or "")) * _LETTER / width for name, width in wrapping for row in rows), default=0
    )
    return _ROW if lines <= 1 else max(_WRAPPED_ROW, 12 + _LINE * min(_MOST_LINES, math.ceil(lines)))


def _config(column: tables.Column) -> Any:
    if column.kind == "number":
        return st.column_config.NumberColumn(column.label, format="localized")
    if column.kind == "date":
        return st.column_config.DateColumn(column.label, format="YYYY-MM-DD")
    return st.column_config.TextColumn(column.label, width=_WIDTHS.get(column.kind))


def _csv(
    session: Session,
    key: str,
    columns: Sequence[tables.Column],
    chunks: Callable[[], Iterable[Sequence[Mapping[str, Any]]]],
    filters: Mapping[str, str | None],
    permission: Permission,
) -> None:
    build = session.reading.build if session.reading else None
    stamp = Stamp(build, session.today, filter_in_words(session, filters))

    def made(flavour: Flavour) -> Callable[[], bytes]:
        # Runs when somebody clicks, in a thread of its own, without Streamlit.
        return lambda: tables.extract(
            session.engine,
            session.actor,
            key,
            columns,
            chunks(),
            language=session.language,
            flavour=flavour,
            stamp=stamp,
            permission=permission,
            now=now(),
        )

    with st.container(horizontal=True, gap="small"):
        for flavour in ("excel", "plain"):
            st.download_button(
                session.say(f"table.csv_{flavour}"),
                data=made(flavour),
                file_name=file_name(session.say(f"extract_name.{key}"), stamp, session.language),
                mime="text/csv",
                key=f"csv_{key}_{flavour}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )


def sample(headers: Sequence[str], rows: Sequence[Sequence[str | None]], key: str) -> None:
    """The first rows of a file as they are, before anything is loaded."""
    st.dataframe(pd.DataFrame([list(row) for row in rows], columns=list(headers)), hide_index=True, key=f"sample_{key}")


def local_time(moment: dt.datetime) -> str:
    """An instant as a Stockholm clock shows it."""
    return f"{moment.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"


def quarantine_csv(session: Session, dataset: str) -> None:
    """The rows of a dataset that stayed out, for those who may take persons out."""
    if not session.may(Permission.EXTRACT_PERSONS) or session.reading is None:
        return
    stamp = Stamp(session.reading.build, session.reading.as_of, dataset)
    shown = [tables.Column(name, session.say(f"intake.result.{name}")) for name in ("row", "reason", "line")]

    def made() -> bytes:
        columns, chunks = service.quarantined_rows(session.settings, session.actor, dataset)
        return tables.extract(
            session.engine,
            session.actor,
            f"quarantine_{dataset}",
            shown,
            (
                [tables.quarantined(dict(zip(columns, row, strict=True)), session.language) for row in chunk]
                for chunk in chunks
            ),
            language=session.language,
            flavour="excel",
            stamp=stamp,
            permission=Permission.EXTRACT_PERSONS,
            now=now(),
        )

    st.download_button(
        f"{session.say('intake.result.csv')}: {dataset}",
        data=made,
        file_name=file_name(f"{session.say('extract_name.quarantine')}-{dataset}", stamp, session.language),
        mime="text/csv",
        key=f"csv_quarantine_{dataset}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


@dataclass(frozen=True)
class Page:
    """Which part of a long list is shown."""

    rows: int
    skip: int


def paging(session: Session, key: str, total: int) -> Page:
    """Lets the reader leaf through a list of `total` rows, where they are more than one page."""
    if total <= PAGE_SIZES[0]:
        return Page(PAGE_SIZES[0], 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.selectbox(
            session.say("table.page_size"), PAGE_SIZES, key=f"size_{key}", width=140, format_func=session.show
        )
        pages = max(1, -(-total // size))
        if st.session_state.get(f"page_{key}", 1) > pages:
            st.session_state[f"page_{key}"] = 1
        number = st.number_input(session.say("table.page", pages=pages), 1, pages, key=f"page_{key}", width=160)
    return Page(size, (int(number) - 1) * size)


def names_wanted(session: Session, key: str) -> bool:
    """Whether the reader, who may, has asked for names on this list."""
    if not session.may(Permission.SEE_PERSONS):
        return False
    return st.toggle(session.say("persons.show"), key=f"named_{key}", help=session.say("persons.show_help"))


def record_look(
    session: Session, what: str, rows: int, filters: Mapping[str, str | None], *, marks: Iterable[Any] = ()
) -> None:
    """Records a look at persons once per list, filter and page in a session. `marks` tell looks apart."""
    assert session.reading is not None
    told = {name: value for name, value in filters.items() if value}
    look = (what, session.reading.key, tuple(sorted(told.items())), rows, *marks)
    seen: set[Any] = st.session_state.setdefault(_SEEN, set())
    if look not in seen:
        access.looked_at_persons(
            session.engine, session.actor, what, rows=rows, build=session.reading.build, now=now(), filters=told
        )
        seen.add(look)


def in_chunks(
    session: Session, query: str, binds: Mapping[str, Any], finish: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Iterator[list[Mapping[str, Any]]]:
    """All rows of a query for an extract, each finished as the table shows it."""
    assert session.reading is not None
    for names, chunk in session.reading.stream(query, **binds):
        yield [finish(dict(zip(names, row, strict=True))) for row in chunk]


def entry_list(
    session: Session,
    key: str,
    filters: Mapping[str, str | None],
    *,
    searchable: bool = False,
    pressing: bool = False,
) -> None:
    """The entries that a filter shows, by reference; with names, logged, where the reader may and asks for them. One
    that is chosen among names shows its person.

    `pressing` leaves out what is neither late, soon, held nor doubtful, unless a status is asked for.
    """
    assert session.reading is not None
    named = names_wanted(session, key)
    search = None
    if searchable and named:
        # What is searched for may be a name, so it stays out of the URL and of the ledger.
        search = st.text_input(session.say("persons.search"), key=f"search_{key}").strip() or None
    binds = tables.entry_binds(filters, named=named, pressing=pressing, search=search)
    if named:
        binds["owned"] = session.actor.category_limit
    found = session.reading.one("entries_count", **binds)
    st.caption(session.say("persons.found", bases=found["bases"], persons=found["persons"]))
    page = paging(session, key, found["bases"])
    rows = session.reading.rows("entries", rows=page.rows, skip=page.skip, **binds)
    if named:
        record_look(session, key, len(rows), filters, marks=(page.skip, search))
    names = source_names(session)

    def every_row() -> Iterator[list[Mapping[str, Any]]]:
        return in_chunks(
            session,
            "entries",
            {**binds, "rows": found["bases"], "skip": 0},
            lambda row: tables.entry(row, session.language, names),
        )

    proposing = session.may(Permission.PROPOSE_PURGE)
    if rows and (proposing or named):
        st.caption(session.say("purge.choose" if proposing else "persons.choose"))
    chosen = choose_rows(
        session,
        f"entries_{key}",
        tables.entry_columns(session.language, named=named),
        [tables.entry(row, session.language, names) for row in rows],
        by=("basis_id",),
        filters=filters,
        every_row=every_row,
        permission=Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES,
        select=proposing or named,
    )
    if proposing:
        picked = {row["basis_id"] for row in chosen}
        _offer_purge(session, key, filters, binds, found["bases"], [row for row in rows if row["basis_id"] in picked])
    if named and len(chosen) == 1:
        _person(session, str(chosen[0]["person_id"]))


def _offer_purge(
    session: Session,
    key: str,
    filters: Mapping[str, str | None],
    binds: Mapping[str, Any],
    total: int,
    chosen: Sequence[Mapping[str, Any]],
) -> None:
    """The buttons that make a batch of the chosen entries, or of all that the filter shows."""
    shown = session.reading
    assert shown is not None
    own = {**binds, "named": False, "owned": session.actor.category_limit}

    def of_all() -> None:
        _, current = at_click(session)
        if current.build != shown.build:
            raise Refused("list_changed", seen=str(shown.build), current=str(current.build))
        # Of the reading that was shown: what has come to the list since was not looked at.
        _propose(session, shown.rows("entries", rows=total, skip=0, **own), filters, picked=False)

    def of_chosen() -> None:
        _propose(session, chosen, {}, picked=True)

    with st.container(horizontal=True, gap="small"):
        if chosen:
            st.button(
                session.say("purge.propose_chosen", count=len(chosen)),
                key=f"propose_chosen_{key}", on_click=act, args=(of_chosen,), type="primary",
            )  # fmt: skip
        if total:
            st.button(
                session.say("purge.propose_all", count=total), key=f"propose_all_{key}", on_click=act, args=(of_all,)
            )
    told_before(session)


def _propose(
    session: Session, candidates: Sequence[Mapping[str, Any]], filters: Mapping[str, str | None], *, picked: bool
) -> None:
    """Proposes the entries as they were shown, by what the copy and the register say of them now."""
    at, reading = at_click(session)
    batch, stays = batches.propose(
        at.settings,
        at.engine,
        reading,
        at.actor,
        candidates,
        policy=at.policy,
        parameters=at.parameters,
        now=at.now,
        filters={name: value for name, value in filters.items() if value},
        picked=picked,
    )
    st.session_state[_PROPOSED] = (batch.batch_id, batch.planned, dict(stays))


def offer_purge_for_requests(session: Session, chosen: Sequence[tuple[str, str]]) -> None:
    """The button that makes a batch of everything stored of those who ask, by (source, reference)."""

    def propose() -> None:
        at, reading = at_click(session)
        batch, stays = batches.propose_for_requests(
            at.settings, at.engine, reading, at.actor, chosen,
            policy=at.policy, parameters=at.parameters, now=at.now,
        )  # fmt: skip
        st.session_state[_PROPOSED] = (batch.batch_id, batch.planned, dict(stays))

    if chosen:
        st.button(
            session.say("purge.propose_requests", count=len(chosen)),
            key="propose_requests", on_click=act, args=(propose,), type="primary",
        )  # fmt: skip
    told_before(session)


def act(work: Callable[[], object]) -> None:
    """Hands a click to a service before the page is drawn again; `told_before` says what it refused.

    For `on_click`: `work` is then what the page was drawn with, so that a click acts on what was looked at.
    """
    try:
        work()
    except Refused as refused:
        st.session_state[_REFUSED] = refused


def told_before(session: Session) -> None:
    """What the click before came to: a refusal, or a batch that was proposed."""
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        explain(refused)
    proposed = st.session_state.pop(_PROPOSED, None)
    if proposed is not None:
        batch_id, entries, stays = proposed
        st.success(session.say("purge.proposed", batch=str(batch_id), entries=entries), icon=":material/inventory_2:")
        if stays:
            st.caption(session.say("purge.left_aside", told=counted("stays", stays, session.language)))
        st.page_link(
            "pages/act/batch.py",
            label=session.say("purge.to_desk"),
            query_params={"batch": str(batch_id)},
            icon=":material/arrow_forward:",
        )


def source_tasks(session: Session, batch_id: int | None) -> None:
    """What each source was told to erase, of one batch or of all that are not verified, and the orders to fetch."""
    found = sources.orders(session.engine) if batch_id is None else sources.tasks(session.engine, batch_id)
    if not found:
        return
    catalogue = service.catalogue(session.settings, session.engine)
    st.subheader(session.say("purge.sources"), anchor=False)
    st.caption(session.say("purge.sources_help"))
    table(
        session,
        "source_tasks",
        tables.columns(
            session.language, "batch:number", "source_name", "export", "task:wide", "planned:number",
            "affected:number", "still_there:number", "fetched",
        ),
        desk.task_rows(found, session.language, source_names(session)),
    )  # fmt: skip

    def order(task_id: int) -> Callable[[], bytes]:
        return lambda: sources.fetch(session.engine, session.actor, task_id, catalogue, now())

    def again(task_id: int) -> Callable[[], object]:
        return lambda: sources.retry(session.engine, session.actor, task_id, catalogue, os.environ, now)

    with st.container(horizontal=True, gap="small"):
        for task in found[:_TASKS_OFFERED]:
            told = f"{task.batch_id} · {task.dataset}"
            if session.may(Permission.FETCH_ORDERS) and task.fetchable:
                st.download_button(
                    session.say("purge.fetch", task=told),
                    data=order(task.task_id),
                    file_name=f"order-{task.batch_id}-{task.dataset}.csv",
                    mime="text/csv", key=f"order_{task.task_id}", on_click="ignore", icon=":material/download:",
                )  # fmt: skip
            if session.may(Permission.EXECUTE_PURGE) and task.kind == "database" and task.fetchable:
                st.button(
                    session.say("purge.retry", task=told), key=f"retry_{task.task_id}", on_click=act,
                    args=(again(task.task_id),),
                )  # fmt: skip


def _person(session: Session, person_id: str) -> None:
    """One person: contact details, how long they may be kept, and each entry with its reason."""
    assert session.reading is not None
    found = session.reading.rows("person", person=person_id)
    if not found:
        return
    person = found[0]
    binds = tables.entry_binds({}, named=True, person=person_id)
    binds["owned"] = session.actor.category_limit
    rows = session.reading.rows("entries", rows=PAGE_SIZES[-1], skip=0, **binds)
    record_look(session, "person", 1, {}, marks=(person_id,))
    with st.container(border=True):
        st.markdown(f"#### {person['name'] or session.say('common.unknown')}")
        until = person["core_until"]
        so_far = "open" if until is None else "past" if until < session.reading.as_of else "until"
        st.write(session.say(f"persons.core_{so_far}", until=until))
        for row in rows:
            shown = tables.entry(row, session.language, source_names(session))
            st.markdown(f"**{shown['category']}** · {shown['source']} · {shown['status']}  \n{shown['why']}")


def requester(session: Session, source: str, reference: str) -> None:
    """Who a request is from, after a click, and recorded."""
    if not st.button(session.say("erasure.who"), key=f"who_{source}_{reference}", icon=":material/visibility:"):
        return
    try:
        person = requests.person_of(
            session.engine,
            session.actor,
            source,
            reference,
            build=session.reading.build if session.reading else None,
            now=now(),
        )
    except Refused as refused:
        explain(refused)
        return
    with st.container(border=True):
        st.markdown(f"#### {person.name or session.say('common.unknown')}")
        st.write(" · ".join(part for part in (person.email, person.phone) if part))
