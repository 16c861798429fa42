"""How the review is drawn: the tiles, cuts and pictures of its pages, lists of entries and a single person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from compliance.access import limits
from compliance.identity import search as identity
from compliance.person import asks as person_asks
from compliance.person.rows import core_sentence
from compliance.purge.view import offer_purge
from compliance.reading.copy import Reading
from compliance.review import alarms, beginning
from compliance.review import figures as review
from compliance.review import rows as review_rows
from compliance.review.alarms import Looked
from compliance.review.figures import Week
from compliance.review.kpis import Better, Way, kpis
from compliance.show import asks as show_asks
from compliance.show import columns as tables
from compliance.show.entries import entry, entry_binds, entry_columns, entry_page
from compliance.show.extract import Part, Sheet
from compliance.show.lines import entry_lines
from compliance.ui import (
    PAGE_SIZES,
    Session,
    act,
    at_once,
    chart,
    charts,
    choice,
    choose_rows,
    coded,
    names_wanted,
    paging,
    person_button,
    record_look,
    source_names,
    table,
    tile,
    tiles,
    unkept,
)
from compliance.words.deadlines import former_role_before
from compliance.words.markup import Marked, bold, literal
from compliance.words.references import reference
from compliance.words.vocabulary import Category, Permission, Status

# Which way a figure's change is one to the worse.
WORSE_WHEN: Mapping[Better, Literal["up", "down", "never"]] = {
    Better.LOW: "up", Better.HIGH: "down", Better.NEITHER: "never",
}  # fmt: skip
_LISTED = (Status.OVERDUE, Status.DUE, Status.EXPIRING, Status.HELD, Status.STATUTORY, Status.UNDETERMINED)
_PAGES_FOR: Mapping[str, Permission] = {
    "pages/purge/batch.py": Permission.SEE_BATCHES,
    "pages/purge/purge.py": Permission.SEE_BATCHES,
    "pages/holds/holds.py": Permission.SEE_BATCHES,
    "pages/marks/marks.py": Permission.SEE_BATCHES,
    "pages/identity/doubles.py": Permission.SEE_PERSONS,
    "pages/person/person.py": Permission.SEE_PERSONS,
    "pages/intake/intake.py": Permission.RUN_INTAKE,
    "pages/review/ledger.py": Permission.SEE_LEDGER,
    "pages/incidents/incidents.py": Permission.SEE_LEDGER,
    "pages/incidents/incident.py": Permission.SEE_LEDGER,
    "pages/requests/new.py": Permission.HANDLE_REQUESTS,
}
_STATES: Mapping[str, str] = {
    "done": ":green-badge[:material/check: {}]",
    "next": ":orange-badge[:material/radio_button_unchecked: {}]",
    "later": ":gray-badge[:material/remove: {}]",
}
# What a link to the list of who is stored can be narrowed by.
_LIST_FILTERS = ("category", "source", "status", "only")
# Why something stands there comes before where it is: in a narrow window the last columns are outside.
_ORDER = ("reference", "name", "status", "why", "deadline_on", "days_overdue", "category", "flags", "email", "phone",
          "source")  # fmt: skip
_HORIZONS = ("30", "90", "365")


def may_open(session: Session, page: str) -> bool:
    """Whether the reader's menu has a page, so that a link to it leads somewhere."""
    return session.may(_PAGES_FOR.get(page, Permission.SEE_FIGURES))


def led(session: Session, way: Way | None) -> tuple[str, Mapping[str, str]] | None:
    """Where the rows of a figure are and what narrows their list to it, if the reader may open that page."""
    return None if way is None or not may_open(session, way.page) else (way.page, way.filters)


def week_tiles(session: Session, week: Week) -> None:
    """The figures of the week, what they have changed by, and the way to their lists."""
    with tiles():
        for figure, value in week.values.items():
            kpi = kpis()[figure]
            way = led(session, kpi.way)
            tile(
                kpi.name(session.language),
                session.say("common.unknown") if value.now is None else session.show(value.now),
                key=figure.value,
                change=value.change,
                worse_when=WORSE_WHEN[kpi.better],
                note=kpi.formula(session.language),
                link=None if way is None else (way[0], session.say("weekly.to_list"), way[1]),
            )
    if week.compared_on:
        st.caption(session.say("weekly.compared", day=week.compared_on))
    else:
        st.caption(session.say("weekly.not_compared"))


def first_steps(session: Session) -> None:
    """Where nothing is read yet: the steps to the first figure, each with how it stands and where it is done, and the
    end of the page.
    """
    if session.reading is not None:
        return
    st.info(session.say("app.empty"), icon=":material/inbox:")
    found = beginning.steps(session.settings, session.engine)
    following = next((one for one in found if not one.done), None)
    with st.container(border=True, key="beginning"):
        for number, one in enumerate(found, 1):
            state = "done" if one.done else "next" if one is following else "later"
            st.markdown(Marked(
                f"**{number}. {session.say(f'beginning.{one.step}')}** "
                f"{_STATES[state].format(session.say(f'beginning_state.{state}'))}  \n"
                f"{session.say(f'beginning_told.{one.told}', **one.values)}"
            ))  # fmt: skip
            if one.page is not None and not one.done and may_open(session, one.page):
                with st.container(width="content", key=f"do_{one.step}"):
                    st.page_link(one.page, label=session.say("app.empty_link"), query_params=dict(one.filters))
    if not session.may(Permission.RUN_INTAKE):
        st.caption(session.say("app.empty_who"))
    st.stop()


def alarms_first(session: Session) -> Looked | None:
    """What comes before everything else: what is not as it was written, and who is at a limit. Returns what was found
    of the first, where the reader may see it and it could be looked at.
    """
    looked = what_is_not_proven(session)
    who_is_at_a_limit(session)
    return looked


def what_is_not_proven(session: Session) -> Looked | None:
    """An alarm for each thing that is not as it was written, for those who look after the ledger; what was found."""
    if not session.may(Permission.SEE_LEDGER):
        return None
    texts, looked = alarms.told(session.settings, session.engine, session.now, session.language)
    for text in texts:
        st.error(literal(text), icon=":material/gpp_maybe:")
    return looked


def who_is_at_a_limit(session: Session) -> None:
    """An alarm for whoever has used up a day's number of something, and the second person's word for those who may."""
    if not session.may(Permission.EXTEND_LIMITS):
        return
    for one in limits.reached(session.engine, session.parameters, session.now):
        told = {"who": reference(one.pseudonym), "role": session.plain(f"role.{one.role}")}
        what = session.plain(f"limited.{one.what}")
        st.warning(
            session.say("limit_alarm.text", limit=one.allowed, what=what, **told), icon=":material/priority_high:"
        )
        if one.pseudonym != session.actor.pseudonym:
            st.button(
                session.say("limit_alarm.button", what=what, **told),
                key=f"extend_{one.what}_{one.pseudonym}", on_click=act, args=(_extender(session, one),),
            )  # fmt: skip


def ledger_line(session: Session, line: Mapping[str, Any] | None) -> None:
    """All of the line that was chosen, of which the list has the beginning; how to choose one where none is."""
    if line is None:
        st.caption(session.say("ledger.choose"))
        return
    with st.container(border=True, key="ledger_line"):
        st.markdown(Marked(f"{bold(session.plain('ledger.line', line=line['seq'], event=line['event']))}  \n"
                           f"{literal(line['details'] or '–')}"))  # fmt: skip


def _extender(session: Session, one: limits.Reached) -> Callable[[], None]:
    """What lets one go on."""
    return lambda: limits.extend(at_once(session), one.pseudonym, one.what)


def stored(session: Session, reading: Reading, stale: frozenset[str]) -> None:
    """Who is stored, cut by category, by source, and by purpose."""
    sources = source_names(session)
    # A figure's link leads to its list.
    asked = any(name in st.query_params for name in _LIST_FILTERS)
    by_category, by_source, by_purpose, fields, listed = st.tabs(
        [session.say(f"subjects.{name}") for name in ("by_category", "by_source", "by_purpose", "fields", "list")],
        default=session.say("subjects.list") if asked else None,
    )
    with by_category:
        rows = review_rows.stored_by_category(reading, stale, session.language)
        known = [row for row in rows if row["persons"] is not None]
        chart(
            charts.bars(
                [row["category_name"] for row in known],
                [row["persons"] for row in known],
                session.language,
                [charts.CATEGORY_COLOURS[row["category"]] for row in known],
            ),
            "; ".join(f"{row['category_name']}: {session.show(row['persons'])}" for row in rows),
            "stored_by_category",
        )
        names = (
            "persons",
            "bases",
            "overdue",
            "due",
            "expiring",
            "held",
            "statutory",
            "undetermined",
            "retained",
            "active",
        )
        table(
            session,
            "stored_by_category",
            tables.columns(session.language, "category_name", *(f"{name}:number" for name in names)),
            rows,
        )
    with by_source:
        table(
            session,
            "stored_by_source",
            tables.columns(session.language, "source_name", "persons:number", "bases:number"),
            review_rows.stored_by(reading, "source", stale, session.language, sources),
        )
    with by_purpose:
        table(
            session,
            "stored_by_purpose",
            tables.columns(session.language, "purpose_name", "ground_name", "persons:number", "bases:number"),
            review_rows.stored_by(reading, "purpose", stale, session.language, sources),
        )
    with fields:
        st.caption(session.say("subjects.fields_help"))
        table(
            session,
            "fields",
            tables.columns(
                session.language, "category_name", "source_name", "field_name", "column_name", "filled:number",
                "rows:number", "verdict",
            ),
            review_rows.field_rows(reading, stale, session.language, sources),
        )  # fmt: skip
    with listed:
        with st.container(horizontal=True):
            category = choice(session, "category", list(Category), coded(session, "category"))
            source = choice(session, "source", list(sources), sources.__getitem__)
            status = choice(
                session, "status", [one for one in Status if one is not Status.PURGED], coded(session, "status")
            )
            only = choice(session, "only", ("in_order", "former_role"), coded(session, "entries_only"))
        filters = {"category": category, "source": source, "status": status, "only": only}
        entry_list(session, "subjects", filters, searchable=True)


def what_presses(session: Session, reading: Reading, cut: Mapping[str, str | None]) -> None:
    """What must go: the list, what comes in the months and weeks ahead, and how old what is overdue is."""
    labels: dict[str, str] = {code: session.say(f"category.{code}") for code in Category}
    listed, months, weeks, late = st.tabs(
        [session.say(f"expiries.{name}") for name in ("list", "months", "weeks", "late")]
    )
    with listed:
        entry_list(session, "expiries", pressing_filters(session, cut), pressing=True)
    with months:
        starts = review.month_starts(reading.as_of, 24)
        series = review_rows.expiries(reading, "month", starts, review.month_starts(reading.as_of, 25)[-1], cut)
        stacked(session, "expiries_months", [f"{start:%Y-%m}" for start in starts], series, labels, cut)
    with weeks:
        starts = review.week_starts(reading.as_of, 13)
        series = review_rows.expiries(reading, "week", starts, starts[-1] + dt.timedelta(weeks=1), cut)
        places = [session.say("expiries.week", number=str(start.isocalendar().week)) for start in starts]
        stacked(session, "expiries_weeks", places, series, labels, cut)
    with late:
        places = [session.say(f"age.{age}") for age in review_rows.AGES]
        stacked(session, "overdue_ages", places, review_rows.overdue_by_age(reading, cut), labels, cut, "filter.age")


def stacked(
    session: Session,
    key: str,
    places: Sequence[str],
    series: Mapping[str, Sequence[int]],
    labels: Mapping[str, str],
    cut: Mapping[str, str | None],
    place: str = "column.place",
    *,
    low: bool = False,
) -> None:
    """A stacked chart, with its table behind it; `low` for a small one."""
    told = charts.in_words(places, series, labels, session.language)
    chart(charts.stacked(places, series, labels, session.language, low=low), told, key)
    with st.expander(session.say("app.as_table")):
        columns = review_rows.series_columns(series, labels, session.language, place)
        table(session, key, columns, review_rows.series_rows(places, series), filters=cut)


def pressing_filters(session: Session, cut: Mapping[str, str | None]) -> dict[str, str | None]:
    """What the list of what presses is narrowed to, besides `cut`."""
    with st.container(horizontal=True):
        status = choice(session, "status", list(_LISTED), coded(session, "status"))
        horizon = choice(session, "horizon", _HORIZONS, lambda days: session.say("expiries.within", days=int(days)))
        age = choice(session, "age", review_rows.AGES, coded(session, "age"))
        reason = choice(session, "reason", review_rows.DOUBTS, coded(session, "doubt"))
        only = choice(session, "only", ("past",), coded(session, "entries_only"))
    if status is None:
        st.caption(session.say("persons.pressing"))
    return {**cut, "status": status, "horizon": horizon, "age": age, "reason": reason, "only": only}


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
    above = st.container(horizontal=True, vertical_alignment="bottom")
    with above:
        named = names_wanted(session, key)
    sought = None
    if searchable and named:
        # What is searched for may be a name, so it stays out of the URL and of the ledger.
        sought = identity.sought(unkept.search(session.say("persons.search"), key=f"search_{key}"))
    former = filters.get("only") == "former_role"
    before = former_role_before(session.reading.as_of, session.parameters) if former else None
    binds = entry_binds(filters, named=named, pressing=pressing, sought=sought, former_before=before)
    if named:
        binds["owned"] = session.actor.category_limit
    reading = session.reading
    found = reading.one(show_asks.ENTRIES_COUNT, **binds)
    with above:
        page = paging(session, key, found.bases)
    rows = entry_page(reading, binds, page.rows, page.skip)
    if named:
        record_look(session, key, len(rows), filters, marks=(page.skip, sought), search=sought is not None)
    names = source_names(session)
    proposing = session.may(Permission.PROPOSE_PURGE)
    with st.container(horizontal=True, gap="medium"):
        st.caption(session.say("persons.found", bases=found.bases, persons=found.persons), width="content")
        if rows:
            st.caption(session.say("purge.choose" if proposing else "persons.choose"), width="content")
    # Above the list, which is longer than a window, and drawn once it is known what is chosen in it.
    buttons = st.container()

    def every_line(sheet: Sheet) -> Iterator[Part]:
        return entry_lines(reading, binds, sheet, names)

    chosen = choose_rows(
        session,
        f"entries_{key}",
        entry_columns(session.language, named=named),
        [entry(row, session.language, names) for row in rows],
        by=("basis_id",),
        filters=filters,
        every_line=every_line,
        permission=Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES,
        order=_ORDER,
    )
    if proposing:
        picked = {row["basis_id"] for row in chosen}
        with buttons:
            offer_purge(session, key, filters, binds, found, [row for row in rows if row.basis_id in picked])
    if named and len(chosen) == 1:
        _person(session, key, str(chosen[0]["person_id"]))
    elif len(chosen) == 1:
        _one_entry(session, key, chosen[0])


def _one_entry(session: Session, key: str, shown: Mapping[str, Any]) -> None:
    """One entry, without whom it is about."""
    with st.container(border=True):
        st.subheader(literal(str(shown["reference"])), anchor=False)
        st.markdown(
            f"{literal(shown['category'])} · {literal(shown['source'])} · {literal(shown['status'])}  \n"
            f"{literal(shown['why'])}"
        )
        if shown["flags"]:
            st.caption(literal(str(shown["flags"])))
        person_button(session, str(shown["person_id"]), key)


def _person(session: Session, key: str, person_id: str) -> None:
    """One person: contact details, how long they may be kept, and each entry with its reason."""
    assert session.reading is not None
    low, _ = session.reading.window_of(person_id)
    found = session.reading.rows(person_asks.PERSON, person=person_id, low=low)
    if not found:
        return
    person = found[0]
    binds = entry_binds({}, named=True, person=person_id)
    binds["owned"] = session.actor.category_limit
    rows = session.reading.rows(show_asks.ENTRIES, rows=PAGE_SIZES[-1], skip=0, **binds)
    record_look(session, "person", 1, {}, marks=(person_id,))
    with st.container(border=True):
        # An anchor would put the name into the address of who presses it.
        st.subheader(literal(person.name or session.say("common.unknown")), anchor=False)
        st.write(literal(core_sentence(person.core_until, session.reading.as_of, session.language)))
        for row in rows:
            shown = entry(row, session.language, source_names(session))
            st.markdown(
                f"{bold(shown['category'])} · {literal(shown['source'])} · {literal(shown['status'])}  \n"
                f"{literal(shown['why'])}"
            )
        person_button(session, person_id, key)
