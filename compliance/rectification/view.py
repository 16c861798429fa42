"""How corrections are drawn: what is awaited, and how somebody asks for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from compliance.access.at import At
from compliance.rectification import figures, listing, rows, verbs
from compliance.rectification.figures import Which
from compliance.rectification.listing import Correction
from compliance.show.columns import columns
from compliance.show.extract import Stamp, file_name
from compliance.show.leaving import Written
from compliance.show.why import field_in_words
from compliance.sources.catalogue import catalogue_of
from compliance.ui import (
    Session,
    act,
    at_click,
    at_fetch,
    at_once,
    choice,
    coded,
    done,
    download,
    now,
    source_names,
    table,
)
from compliance.words.vocabulary import Permission

_WIDTH = 440


@dataclass(frozen=True)
class Correctable:
    """A row of a person with what of it can be corrected, by field, and who else has the data."""

    record_id: str
    source: str
    source_key: str
    values: Mapping[str, str | None]
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """What the form for a correction leaves to whoever draws it: what asking for it does to the request that it
    answers, and where what is typed is kept for its author until it is used (nothing: it was).
    """

    answering: Callable[[At], Callable[..., object]]
    kept: Callable[[], Mapping[str, Any]]
    keep: Callable[[Mapping[str, Any]], None]


def list_of(session: Session, as_of: dt.date, requests_due: Callable[[], Mapping[int, dt.date]]) -> None:
    """Which corrections are awaited, or those that a figure counts, by when requests are due; without whom they are
    about. Nothing where none was ever asked for.
    """
    if not listing.exist(session.engine):
        return
    st.subheader(session.say("rectification.title"), anchor=False)
    which = choice(session, "corrections", list(Which), coded(session, "corrections"), alone=True)
    if which is None:
        _waiting(session)
        return
    known = figures.known(session.engine, as_of, session.parameters, requests_due())
    counted = [one for one in known if one.belongs(Which(which), as_of)]
    st.caption(session.say(f"rectification.counted_{which}", count=len(counted)))
    shown = listing.of_numbers(session.engine, [one.rectification_id for one in counted])
    table(
        session,
        "corrections",
        columns(
            session.language, "rectification", "rectification_state", "field_name", "category", "source",
            "correction_asked_on:date", "correction_expected_by:date", "correction_made_on:date",
            "correction_took:number", "in_time", "evidence",
        ),
        rows.counted_rows(counted, shown, session.language, source_names(session)),
        filters={"corrections": which},
    )  # fmt: skip


def _waiting(session: Session) -> None:
    found = listing.waiting(session.engine)
    st.caption(session.say("rectification.waiting", count=len(found)))
    table(
        session,
        "corrections",
        columns(
            session.language, "rectification", "rectification_state", "field_name", "category", "source",
            "order_state", "recipients:wide", "correction_asked_on:date", "evidence",
        ),
        rows.correction_rows(found, session.language, source_names(session), named=False),
    )  # fmt: skip


def of_person(session: Session, found: Sequence[Correction]) -> None:
    """The corrections of one person, with what is to be done about those that are open."""
    st.caption(session.say("rectification.help"))
    if not found:
        st.caption(session.say("rectification.none"))
        return
    names = source_names(session)
    table(
        session,
        "corrections",
        columns(
            session.language, "rectification", "rectification_state", "field_name", "old_value:wide",
            "new_value:wide", "source", "order_state", "recipients:wide", "correction_asked_on:date", "evidence",
        ),
        rows.correction_rows(found, session.language, names, named=True),
        permission=Permission.EXTRACT_PERSONS,
        of_one=True,
    )  # fmt: skip
    if not session.may(Permission.CORRECT_PERSONS):
        return
    opened = [one for one in found if one.is_open]
    if opened:
        _order(session, [one.rectification_id for one in opened])
    with st.container(horizontal=True, gap="small"):
        for one in opened:
            _button(session, "withdraw", one, lambda number: verbs.withdraw(at_once(session), number), {})
        for one in found:
            for name in one.to_tell:
                _button(
                    session, f"tell_{name}", one, _teller(session, name), {"recipient": names.get(name, name)}
                )  # fmt: skip


def _teller(session: Session, recipient: str) -> Callable[[int], None]:
    return lambda number: verbs.tell(at_once(session), number, recipient)


def _button(session: Session, what: str, one: Correction, work: Callable[[int], None], told: Mapping[str, str]) -> None:
    number = one.rectification_id
    st.button(
        session.say(f"rectification.{what.partition('_')[0]}", rectification=str(number), **told),
        key=f"rectification_{what}_{number}",
        on_click=act,
        args=(lambda: work(number),),
    )


def _order(session: Session, numbers: Sequence[int]) -> None:
    """The button by which the order leaves."""
    catalogue = catalogue_of(session.settings, session.engine)
    build = session.reading.build if session.reading else None
    stamp = Stamp(build, session.today, "")

    def write(at: At) -> Written:
        return verbs.order(at, numbers, catalogue, session.language, stamp, now)

    download(
        session,
        session.say("rectification.order"),
        key="rectification_order",
        name=file_name(session.plain("extract_name.rectification_order"), stamp, session.language),
        mime="text/csv",
        permission=Permission.CORRECT_PERSONS,
        at=at_fetch,
        write=write,
    )


def ask(
    session: Session,
    person_id: str,
    offered: Sequence[Correctable],
    requests: Mapping[int, str],
    beside: Beside,
) -> None:
    """The form by which a correction is asked for: of which row, and which value of it. `requests` are the person's
    open ones that it may answer, by number with their reference. What was typed before, and not used, stands in it
    again.
    """
    names, rows_of = source_names(session), {one.record_id: one for one in offered}
    if not rows_of:
        return
    # One person's own, as all that is typed here: another page of the window may be about somebody else.
    row, evidence, request = (f"rectification_{one}_{person_id}" for one in ("row", "evidence", "request"))

    def which(record: object) -> str:
        return f"rectification_which_{record}"

    def new(record: object, field: object) -> str:
        return f"rectification_new_{record}_{field}"

    def keep() -> None:
        record = st.session_state[row]
        field = st.session_state[which(record)]
        names = {"new": new(record, field), "evidence": evidence, "request": request}
        told = {name: st.session_state[key] for name, key in names.items() if st.session_state.get(key)}
        beside.keep({"row": record, "field": field, **told})

    if row not in st.session_state:
        # This window does not show the form yet, or has shown somebody else's meanwhile.
        typed = beside.kept()
        if typed.get("row") in rows_of and typed["field"] in rows_of[typed["row"]].values:
            st.session_state[row], st.session_state[which(typed["row"])] = typed["row"], typed["field"]
            st.session_state[new(typed["row"], typed["field"])] = typed.get("new", "")
            st.session_state[evidence] = typed.get("evidence", "")
            # Kept as nothing where none was chosen: that is not what the form begins with.
            st.session_state[request] = typed.get("request") if typed.get("request") in requests else None
    # Whoever asks for one correction is seldom meant by another.
    st.session_state.setdefault(request, next(iter(requests)) if len(requests) == 1 else None)
    with st.container(horizontal=True):
        chosen = rows_of[
            st.selectbox(
                session.say("rectification.row"),
                list(rows_of),
                format_func=lambda one: session.plain(
                    "rectification.one_row",
                    source=names.get(rows_of[one].source, rows_of[one].source),
                    source_key=rows_of[one].source_key,
                ),
                key=row,
                width=_WIDTH,
            )
        ]
        field = st.selectbox(
            session.say("rectification.which"),
            list(chosen.values),
            format_func=lambda one: session.plain(
                "rectification.one",
                field=field_in_words(one, session.language),
                value=chosen.values[one] or session.plain("rectification.removed"),
            ),
            key=which(chosen.record_id),
            on_change=keep,
            width=_WIDTH,
        )
    key = new(chosen.record_id, field)
    st.session_state.setdefault(key, chosen.values[field] or "")
    with st.container(horizontal=True, vertical_alignment="top"):
        st.text_input(
            session.say("rectification.new_value"), help=session.say("rectification.new_value_help"), max_chars=200,
            key=key, on_change=keep, width=320,
        )  # fmt: skip
        st.text_input(
            session.say("rectification.evidence"), help=session.say("rectification.evidence_help"), max_chars=40,
            key=evidence, on_change=keep, width=200,
        )  # fmt: skip
        answers = st.selectbox(
            session.say("rectification.request"),
            [None, *requests],
            format_func=lambda one: session.plain("rectification.no_request") if one is None else requests[one],
            key=request,
            on_change=keep,
            width=200,
        )

    def asked() -> None:
        at, current = at_click(session)
        wanted = verbs.Wanted(
            chosen.record_id, field, st.session_state[key], st.session_state[evidence], answers,
            chosen.recipients,
        )  # fmt: skip
        number = verbs.ask(at, current, person_id, wanted, beside.answering(at))
        beside.keep({})
        st.session_state[evidence] = ""
        # As the rows say it by then; what is typed of somebody else stays.
        for typed in [new(one.record_id, field) for one in offered for field in one.values]:
            st.session_state.pop(typed, None)
        done(session.plain("rectification.asked", rectification=str(number)))

    st.button(
        session.say("rectification.ask_button"), key="rectification_ask", type="primary", on_click=act, args=(asked,)
    )
