"""The frame of a page: title, sentence, tiles and charts."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from compliance.reading.copy import Reading
from compliance.ui.session import Session, language
from compliance.ui.sign_in import choose_language
from compliance.words.markup import Marked, literal
from compliance.words.texts import say, show
from compliance.words.vocabulary import Permission

# Two tiles fit beside the menu in a window of 900 pixels, four in one of 1440.
_TILE_WIDTH = 248
# So many seconds later a page that shows the build before looks whether the newer one is ready.
_LOOK_AGAIN = 5.0


_STYLE = """<style>
[data-testid=stMainBlockContainer] {{ padding: 4rem 2.25rem; }}
[data-testid=stPlotlyChart] :is(.xtick, .ytick, .textpoint) text,
[data-testid=stPlotlyChart] :is(.legendtext, .bartext-outside, .annotation-text) {{ fill: currentColor !important; }}
[data-testid=stHorizontalBlock]:has(> [data-testid=stLayoutWrapper] > [class*=st-key-tile_]) {{
    display: grid; grid-template-columns: repeat(auto-fill, minmax({tile}px, 1fr)); }}
:is([data-testid=stLayoutWrapper]:has(> [class*=st-key-tile_]), [class*=st-key-tile_]) {{ width: 100% !important; }}
:is([data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]) code {{ all: unset; white-space: inherit; }}
[class*=st-key-calm_] [data-testid=stAlertContainer] {{ background: none; color: inherit; padding: 0; }}
@media print {{
    [data-testid=stSidebar], [data-testid=stHeader], [data-testid=stToolbar],
    [data-testid^=stBaseButton], [data-testid=stPageLink], [data-testid=stExpandSidebarButton] {{ display: none; }}
    :is([data-testid=stApp], [data-testid=stMain], [data-testid=stAppViewContainer]) {{
        position: static !important; overflow: visible !important; height: auto !important; }}
    [data-testid=stMainBlockContainer] {{ padding: 0; max-width: none; zoom: 0.66; }}
    [data-testid=stElementContainer] {{ break-inside: avoid; }}
    [class*=st-key-unfold_] {{ display: none; }}
}}
@media screen and (min-width: 641px) {{ [class*=st-key-unfold_] {{ display: none; }} }}
@media screen and (max-width: 640px) {{
    [data-testid=stMainBlockContainer] {{ padding: 3.5rem 1.25rem; }}
    [data-testid=stHorizontalBlock]:has(> [data-testid=stLayoutWrapper] > [class*=st-key-tile_]) {{
        grid-template-columns: repeat(2, minmax(0, 1fr)); }}
    [class*=st-key-tile_] {{ padding: 0.7rem; }}
    [data-testid=stMetricValue] {{ font-size: 1.5rem; }}
    [class*=st-key-fold_]:not(:has([class*=st-key-unfold_] input:checked)) [class*=st-key-folded_] {{ display: none; }}
    [class*=st-key-filters_] > * {{ flex: 1 1 8rem !important; width: auto !important; min-width: 0; }}
    :is([data-testid^=stBaseButton], [data-testid=stMetricLabel]) p {{ white-space: normal; }}
}}
[data-testid=stHeaderActionElements] {{ display: none; }}
:is(a, button, summary, [role=tab]):focus-visible,
:is(label, [data-testid=stDataFrame]):has(:focus-visible) {{
    outline: 2px solid light-dark(#2b6384, #8ec3e0) !important; outline-offset: 1px; border-radius: 0.25rem; }}
[class*=st-key-do_] a {{
    border: 1px solid light-dark(#b8c0c7, #4a555e); border-radius: 0.5rem; padding: 0.2rem 0.7rem; }}
[class*=st-key-do_] a:hover {{ border-color: currentColor; }}
[data-testid=stCaptionContainer] {{ color: inherit; opacity: 0.8; }}
[data-testid^=stBaseButton]:disabled {{ color: light-dark(#5b6570, #a9b4be) !important; }}
[data-testid^=stBaseButton-primary]:not(:disabled) {{ color: light-dark(#ffffff, #14191d) !important; }}
[data-testid=stMultiSelect] span[title] {{ color: light-dark(#ffffff, #14191d) !important; }}
[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p,
[data-testid=stFileUploaderDropzoneInstructions] span {{ font-size: 0; }}
[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p::after {{ content: "{button}"; }}
[data-testid=stFileUploaderDropzoneInstructions] span::after {{ content: "{limit}"; }}
[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p::after,
[data-testid=stFileUploaderDropzoneInstructions] span::after {{ font-size: 0.875rem; }}
</style>"""

# What the dark theme draws is printed as the light one would: in ink, not in a page of it. Tables and charts are
# pictures, of which light and dark change places and the hues stay.
_PRINTED_DARK = """<style>
@media print {
    :root, body, [data-testid=stApp], [data-testid=stApp] :not(svg *):not([data-testid=stPlotlyChart] *) {
        background-color: transparent !important; color: #1f2a33 !important; border-color: #d9dee3 !important; }
    [data-testid=stApp] [data-testid=stPlotlyChart]:not(svg *):not(#x) { color: #e6eaed !important; }
    :is([data-testid=stPlotlyChart], [data-testid=stDataFrame] canvas) {
        filter: invert(1) hue-rotate(180deg) brightness(1.1); }
}
</style>"""
_MARKED = """<style>
[data-testid=stSidebarNavLink][href$="/{page}"] {{ background-color: light-dark(#dde2e5, #3d474f); font-weight: 600; }}
</style>"""


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
    if st.context.theme.type == "dark":
        st.html(_PRINTED_DARK)


def mark_in_menu(page: str) -> None:
    """Marks a list in the menu, by the last part of its address: the page that is open is reached from there alone."""
    st.html(_MARKED.format(page=page))


def menu_page(path: str, title: str, icon: str, *, url: str, is_home: bool, is_hidden: bool) -> st.Page:
    """A page of the dashboard, for this run: its script lies at `path` below the dashboard's."""
    # Streamlit notes in it that it is the one to run.
    return copy.copy(_page(path, title, icon, url, is_home, is_hidden))


# To look for the scripts of all pages takes a twentieth of a run.
@cache
def _page(path: str, title: str, icon: str, url: str, is_home: bool, is_hidden: bool) -> st.Page:
    visibility: Literal["visible", "hidden"] = "hidden" if is_hidden else "visible"
    return st.Page(path, title=title, icon=icon, url_path=url, default=is_home, visibility=visibility)


def header(session: Session, key: str) -> None:
    """Title, language switch, and what everything below is of."""
    session.drawn.page = key
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(session.say(f"{key}.title"), anchor=False)
        with st.container(width="content"):
            choose_language()
    if session.reading:
        st.caption(session.say("app.stamp", as_of=session.reading.as_of, build=str(session.reading.build)))
        if session.stands_in:
            _newer(session)


@st.fragment(run_every=_LOOK_AGAIN)
def _newer(session: Session) -> None:
    """Says that a newer build is being made ready, and shows it once it is."""
    st.info(session.say("app.stands_in"), icon=":material/hourglass_top:")
    if time.monotonic() - st.session_state.setdefault("looked_for_newer", time.monotonic()) >= _LOOK_AGAIN:
        del st.session_state["looked_for_newer"]
        st.rerun()


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
        st.page_link("pages/intake/intake.py", label=session.say("app.empty_link"), icon=":material/upload_file:")
    else:
        st.caption(session.say("app.empty_who"))
        st.page_link("pages/review/weekly.py", label=session.say("app.empty_steps"), icon=":material/checklist:")


def sentence(text: str, *, alarm: bool = False) -> None:
    """The sentence that matters: loud only where there is something to do. An alarm has its sign too, not only its
    colour.
    """
    if alarm:
        st.warning(literal(text), icon=":material/priority_high:")
        return
    with st.container(key="calm_sentence"):
        st.info(literal(text), icon=":material/check_circle:")


def tiles() -> Any:
    """A row of tiles that wraps where the window is narrow."""
    return st.container(horizontal=True, gap="small")


@contextmanager
def folded_where_narrow(session: Session, key: str) -> Iterator[None]:
    """What comes second, which a narrow window shows once somebody asks for it, and any other at once."""
    with st.container(key=f"fold_{key}"):
        st.toggle(session.say("app.unfold"), key=f"unfold_{key}")
        with st.container(key=f"folded_{key}"):
            yield


def tile(
    label: str,
    value: str,
    *,
    key: str,
    change: int | None = None,
    worse_when: Literal["up", "down", "never"] = "never",
    note: str | None = None,
    told: str | None = None,
    link: tuple[str, str, Mapping[str, str]] | None = None,
) -> None:
    """A figure with its change, how it stands (`told`), and the way to its list: (page, words, filters)."""
    colour: Literal["normal", "inverse", "off"] = "off"
    if change and worse_when != "never":
        colour = "inverse" if worse_when == "up" else "normal"
    # The sign says what an arrow would.
    sign = "-" if change and change < 0 else "+" if change else "±"
    with st.container(
        border=True,
        width=_TILE_WIDTH,
        height="stretch",
        vertical_alignment="distribute",
        gap="xxsmall",
        key=f"tile_{key}",
    ):
        st.metric(
            literal(label),
            literal(value),
            delta=None if change is None else Marked(f"{sign}{show(abs(change), language())}"),
            delta_color=colour,
            delta_arrow="off",
            help=None if note is None else literal(note),
        )
        if told:
            st.caption(literal(told))
        if link:
            page, words, filters = link
            st.page_link(page, label=literal(words), query_params=dict(filters), icon=":material/arrow_forward:")


def chart(
    figure: go.Figure,
    text: str,
    key: str,
    on_point: Callable[[int], None] | None = None,
    leads_to: Callable[[int], tuple[str, Mapping[str, str]] | None] | None = None,
) -> None:
    """A chart, with its content in words for those who cannot see it. `on_point` is told the place of a mark that was
    clicked, and `leads_to` says to which page, narrowed by which filters, it leads: what always has another way for
    those who do not point. A mark's place is its first `customdata`, else its number in its line.
    """
    led = f"led_by_{key}"

    def clicked() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            data = points[0].get("customdata")
            place = int(data[0] if data else points[0]["point_index"])
            if on_point is not None:
                on_point(place)
            st.session_state[led] = place

    st.plotly_chart(
        figure,
        key=key,
        alt=text,
        config={"displayModeBar": False, "staticPlot": False},
        on_select="ignore" if on_point is None and leads_to is None else clicked,
        selection_mode="points",
    )
    place = st.session_state.pop(led, None)
    way = None if place is None or leads_to is None else leads_to(place)
    if way is not None:
        page, filters = way
        st.switch_page(page, query_params=dict(filters))
