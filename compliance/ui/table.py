"""Tables with their CSV, row for row the same."""

from __future__ import annotations

import hashlib
import heapq
import json
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from compliance.access.at import At
from compliance.show import columns as tables
from compliance.show.extract import Flavour, Part, Sheet, Stamp, Whole, extract, file_name, parts_of
from compliance.show.leaving import Written
from compliance.show.together import MIMES, Form, Table, workbook, zipped
from compliance.ui.filters import filter_in_words
from compliance.ui.leave import download
from compliance.ui.session import Session, at_extract, now
from compliance.words.vocabulary import Permission

PAGE_SIZES = (50, 100, 500)


# Text that does not fit its column makes all rows of its table higher; Streamlit wraps from 65 pixels.
_WIDTHS = {"long": 400, "wrapped": 165, "wide": 270}


# Beside the menu in a window of 1440 pixels, less what a guess of widths is wrong by; a column of texts that wrap gives
# way to those after it, down to so much or to its longest word, which would be torn in the middle.
_ROOM = 1_005
_NARROWEST = {"long": 220, "wrapped": 112}
_LETTER_OF_WORD, _EDGES_OF_WORD = 6.65, 17
_LETTER_OF_TITLE, _EDGES, _LEAST, _BOX = 6.6, 22, 56, 42


_WRAPPING = ("long", "wrapped")


_LETTER = 6.5

# So many rows of an extract are written at once.
_PART = 5_000

# By so many rows the table decides how wide a column is.
_LOOKED_AT = 9


_LINE = 18


_MOST_LINES = 6


_ROW = 35


_WRAPPED_ROW = 66


# About as high is a table before it scrolls within itself.
_TABLE = 530


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
    order: Sequence[str] = (),
    of_one: bool = False,
    free: Collection[str] = (),
) -> Mapping[str, Any] | None:
    """A table with its CSV; returns the row that was chosen, with `select`, where `by` names what tells rows apart.

    `rows` are what is shown; where they are one page of many, `every_row` gives all for the extract. `empty` is the
    text that stands where there are none. An extract with names leaves out the rows that are `restricted`, unless it is
    `of_one` person, who is to have it. `order` names the columns that are shown at first, the most needed first; the
    others are in the extract, and shown by whoever asks for them. What somebody wrote in words of their own, in the
    columns `free`, may name whoever it likes: it leaves as an extract with names does, and for those who may have none
    it is left out.
    """
    chosen = _table(
        session, key, columns, rows, filters=filters, every_row=every_row, permission=permission, empty=empty,
        by=by, select="single-row" if select else None, order=order, of_one=of_one, free=free,
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
    every_line: Callable[[Sheet], Iterable[Part]] | None = None,
    permission: Permission = Permission.EXTRACT_FIGURES,
    select: bool = True,
    order: Sequence[str] = (),
    of_one: bool = False,
) -> list[Mapping[str, Any]]:
    """A table like `table`, of which several rows can be chosen; returns those that are.

    `order` names columns in the order in which they are shown, where that is another than in the extract: in a narrow
    window the last ones are outside. Columns that it does not name are shown by whoever asks for them.
    `every_line` writes the extract itself, where its rows are too many to be handed over one by one. What is chosen is
    forgotten where the list has other rows than those it was chosen from, told apart by the fields
    `by`: a place in it may be another person's by then.
    """
    return _table(
        session, key, columns, rows, filters=filters, every_row=every_row, every_line=every_line, permission=permission,
        empty="table.empty", by=by, select="multi-row" if select else None, order=order, of_one=of_one,
    )  # fmt: skip


def choose_none(key: str) -> None:
    """Forgets what is chosen in the tables of that key, once it has been acted on."""
    st.session_state[f"chosen_again_{key}"] = st.session_state.get(f"chosen_again_{key}", 0) + 1


def _table(
    session: Session,
    key: str,
    columns: Sequence[tables.Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    filters: Mapping[str, str | None] | None,
    every_row: Callable[[], Iterable[Sequence[Mapping[str, Any]]]] | None,
    every_line: Callable[[Sheet], Iterable[Part]] | None = None,
    permission: Permission,
    empty: str,
    by: Sequence[str],
    select: Literal["single-row", "multi-row"] | None,
    order: Sequence[str] = (),
    of_one: bool = False,
    free: Collection[str] = (),
) -> list[Mapping[str, Any]]:
    if not rows:
        # Nothing to choose and nothing to download: an empty file says no more than the words.
        st.caption(session.say(empty))
        return []
    shown = [column for name in order for column in columns if column.name == name] or list(columns)
    cells = _cells(columns, rows, session.language)
    widths = _fitted(shown, rows, cells, boxes=bool(select))
    row_height = _row_height(widths, rows)
    most = _TABLE // row_height
    # Half a row at the lower edge says that there is more.
    height = _ROW + 3 + int(row_height * (len(rows) if len(rows) <= most else most + 0.5))
    chosen = st.dataframe(
        # As it is sent: a data frame would be made into this on each run.
        pa.Table.from_arrays(
            [_array(column, cells[column.name]) for column in columns], [column.label for column in columns]
        ),
        # Streamlit keeps the places that are chosen as long as the name is the same, whatever the rows are by then.
        key=f"table_{key}_{_those(rows, by)}_{st.session_state.get(f'chosen_again_{key}', 0)}"
        if select
        else f"table_{key}",
        hide_index=True,
        height=height,
        row_height=row_height,
        placeholder="–",
        column_order=[column.label for column in shown] if order else None,
        column_config={
            column.label: _config(column, cells[column.name], widths.get(column.name)) for column in columns
        },
        on_select="rerun" if select else "ignore",
        selection_mode=select or "single-row",
    )
    chooses = bool(select)
    if len(shown) < len(columns):
        hidden = [column.label for column in columns if column not in shown]
        st.caption(session.say("table.more_columns", columns=", ".join(hidden)))
    if session.may(permission):
        chunks = every_row or (lambda: (rows[start : start + _PART] for start in range(0, len(rows), _PART)))
        restricted = permission is Permission.EXTRACT_PERSONS and not of_one
        if free and session.may(Permission.EXTRACT_PERSONS):
            permission = Permission.EXTRACT_PERSONS
        elif free:
            columns = [column for column in columns if column.name not in free]
        _csv(
            session,
            key,
            columns,
            every_line or (lambda sheet: parts_of(sheet, _unrestricted(chunks()) if restricted else chunks())),
            filters or {},
            permission,
            left_out=restricted and session.reading is not None and session.reading.restricts,
            chooses=chooses,
        )
    elif chooses:
        st.caption(session.say("table.by_keyboard"))
    if not select:
        return []
    places: list[int] = chosen["selection"]["rows"]  # type: ignore[index]
    return [rows[place] for place in places]


def _unrestricted(chunks: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Without the rows of those whose data are restricted: stored, and nothing else (GDPR article 18.2)."""
    for chunk in chunks:
        yield [row for row in chunk if not row["restricted"]]


def _those(rows: Sequence[Mapping[str, Any]], by: Sequence[str]) -> str:
    """A name for just these rows in just this order."""
    told = json.dumps([[row[name] for name in by] for row in rows], default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _cells(columns: Sequence[tables.Column], rows: Sequence[Mapping[str, Any]], language: str) -> dict[str, list[Any]]:
    """What stands in each column, by its name."""
    return {column.name: [column.shown(row.get(column.name), language) for row in rows] for column in columns}


def _fitted(
    columns: Sequence[tables.Column],
    rows: Sequence[Mapping[str, Any]],
    cells: Mapping[str, Sequence[Any]],
    *,
    boxes: bool,
) -> dict[str, int]:
    """How wide each column of texts that wrap is: as wide as its kind, or as much narrower as lets more of the columns
    after it be seen without scrolling.
    """
    # One that no row has anything in needs its title's width alone.
    wrapping = {
        column.name: _WIDTHS[column.kind]
        for column in columns
        if column.kind in _WRAPPING and any(row.get(column.name) for row in rows)
    }
    taken = sum(
        _needed(column, cells[column.name][:_LOOKED_AT]) for column in columns if column.name not in wrapping
    ) + (_BOX if boxes else 0)  # fmt: skip
    least = {column.name: _least(column, rows) for column in columns if column.name in wrapping}
    over = taken + sum(wrapping.values()) - _ROOM
    yields = sum(wrapping.values()) - sum(least.values())
    if over <= 0 or not yields:
        return wrapping
    share = min(1.0, over / yields)
    return {name: int(width - share * (width - least[name])) for name, width in wrapping.items()}


def _least(column: tables.Column, rows: Sequence[Mapping[str, Any]]) -> int:
    """As narrow as a column of texts that wrap can be: no narrower than its longest word."""
    longest = max((len(word) for row in rows for word in str(row.get(column.name) or "").split()), default=0)
    return min(max(_NARROWEST[column.kind], int(longest * _LETTER_OF_WORD) + _EDGES_OF_WORD), _WIDTHS[column.kind])


def _needed(column: tables.Column, cells: Sequence[Any]) -> float:
    """About as wide as a column of one line is drawn."""
    longest = max((len(str(cell or "")) for cell in cells), default=0)
    letters = max(len(column.label) * _LETTER_OF_TITLE, longest * _LETTER)
    return min(max(letters + _EDGES, _LEAST), _WIDTHS.get(column.kind, _WIDTHS["long"]))


def _row_height(widths: Mapping[str, int], rows: Sequence[Mapping[str, Any]]) -> int:
    """As high as the longest texts of a column that wraps need, whose words are not torn."""
    lines = [0]
    for name, width in widths.items():
        letters = int((width - _EDGES) / _LETTER)
        texts = heapq.nlargest(_LOOKED_AT, (str(row.get(name) or "") for row in rows), key=len)
        lines += [len(textwrap.wrap(text, letters)) for text in texts]
    return _ROW if max(lines) <= 1 else max(_WRAPPED_ROW, 12 + _LINE * min(_MOST_LINES, max(lines)))


def _array(column: tables.Column, cells: Sequence[Any]) -> pa.Array:
    """The cells of a column as they are sent. One of numbers or dates is of the type of what is in it."""
    return pa.array(cells) if column.kind in ("number", "date") else pa.array(cells, pa.string())


def _config(column: tables.Column, cells: Sequence[str], width: int | None) -> Any:
    if column.kind == "number":
        return st.column_config.NumberColumn(column.label, format="localized")
    if column.kind == "date":
        return st.column_config.DateColumn(column.label, format="YYYY-MM-DD")
    title = int(len(column.label) * _LETTER_OF_TITLE) + _EDGES
    if width is None and column.kind in _WRAPPING:
        width = title
    width = width or _WIDTHS.get(column.kind) or _width([len(cell) for cell in cells], title)
    return st.column_config.TextColumn(column.label, width=width)


def _width(lengths: Sequence[int], title: int) -> int | None:
    """The width that the longest text needs, and the title; None where the table's own choice is wide enough.

    It goes by the first rows, and leaves out those that are twice as long as the others.
    """
    longest = max(lengths)
    looked_at = lengths[:_LOOKED_AT]
    if longest <= max(looked_at) and longest < 2 * fmean(looked_at):
        return None
    return max(title, min(_WIDTHS["long"], int(longest * 6) + 18))


def _csv(
    session: Session,
    key: str,
    columns: Sequence[tables.Column],
    parts: Callable[[Sheet], Iterable[Part]],
    filters: Mapping[str, str | None],
    permission: Permission,
    *,
    left_out: bool,
    chooses: bool,
) -> None:
    build = session.reading.build if session.reading else None
    words = filter_in_words(session, filters)
    if left_out:
        words += "; " + session.say("filter.not_restricted")
        st.caption(session.say("table.not_restricted"))
    stamp = Stamp(build, session.today, words)

    def sheet_of(flavour: Flavour) -> Sheet:
        return Sheet(key, columns, session.language, flavour, stamp)

    def writer(flavour: Flavour) -> Callable[[At], Written]:
        sheet = sheet_of(flavour)
        return lambda at: extract(at, sheet, parts(sheet), permission, now)

    session.drawn.tables.append((Table(session.plain(f"extract_name.{key}"), sheet_of("excel"), parts), permission))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for flavour in ("excel", "plain"):
            download(
                session,
                session.say(f"table.csv_{flavour}"),
                key=f"csv_{key}_{flavour}",
                name=file_name(session.plain(f"extract_name.{key}"), stamp, session.language),
                mime="text/csv",
                permission=permission,
                at=at_extract,
                write=writer(flavour),
                type="tertiary",
            )
        if chooses:
            st.caption(session.say("table.by_keyboard"), width="content")


def all_tables(session: Session) -> None:
    """The foot of a page: all its tables in one file, as they are shown. Where one of them has names the file has them,
    needs the permission, and counts as one extract with names.
    """
    tables = tuple(table for table, _ in session.drawn.tables)
    if not tables:
        return
    named = any(permission is Permission.EXTRACT_PERSONS for _, permission in session.drawn.tables)
    permission = Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES
    stamp = Stamp(session.reading.build if session.reading else None, session.today, "")

    def writer(form: Form) -> Callable[[At], Written]:
        whole = Whole(session.drawn.page, form, stamp)

        def write(at: At) -> Written:
            parts = zipped(tables, session.language) if form == "zip" else [workbook(tables, session.language)]
            return extract(at, whole, parts, permission, now)

        return write

    st.divider()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(session.say("together.named" if named else "together.tables", count=len(tables)))
        for form in ("zip", "xlsx"):
            download(
                session,
                session.say(f"together.{form}"),
                key=f"together_{form}",
                name=file_name(session.plain(f"{session.drawn.page}.title"), stamp, session.language, form),
                mime=MIMES[form],
                permission=permission,
                at=at_extract,
                write=writer(form),
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
