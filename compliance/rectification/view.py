"""How corrections are drawn: what is awaited, and how somebody asks for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
    Kept,
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

_WIDTH, _NEW, _SHORT = 440, 320, 300
# Beside which field of the form a refusal is told.
_BESIDE = {
    "rectification_row_gone": "row",
    **dict.fromkeys(("rectification_field_unknown", "rectification_twice"), "field"),
    **dict.fromkeys(
        (
            "rectification_value_missing", "rectification_value_long", "rectification_email_invalid",
            "rectification_phone_invalid", "rectification_name_invalid", "rectification_date_invalid",
            "rectification_value_same",
        ),
        "new",
    ),
    "rectification_evidence_invalid": "evidence",
    "rectification_request_unknown": "request",
}  # fmt: skip


@dataclass(frozen=True)
class Correctable:
    """A row of a person with what of it can be corrected, by field, and who else has the data."""

    record_id: str
    source: str
    source_key: str
    values: Mapping[str, str | None]
    recipients: tuple[str, ...]


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
        order=(
            "rectification", "rectification_state", "field_name", "correction_asked_on", "correction_expected_by",
            "correction_made_on", "correction_took", "in_time", "evidence",
        ),
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
            "order_state", "recipients:wrapped", "correction_asked_on:date", "evidence",
        ),
        rows.correction_rows(found, session.language, source_names(session), named=False),
        order=(
            "rectification", "rectification_state", "field_name", "category", "order_state", "recipients",
            "correction_asked_on", "evidence",
        ),
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
    answering: Callable[[At], Callable[..., object]],
) -> None:
    """The form by which a correction is asked for: of which row, and which value of it. `requests` are the person's
    open ones that it may answer, by number with their reference; `answering` is what asking for it does to the one.
    """
    names, rows_of = source_names(session), {one.record_id: one for one in offered}
    if not rows_of:
        return
    # One person's own, as all that is typed here: another page of the window may be about somebody else.
    kept = Kept(session, f"rectification_{person_id}", ("row", "field", "new", "evidence", "request"))
    target = kept.key("target")
    if not kept.is_shown:
        # Whoever asks for one correction is seldom meant by another.
        kept.restore({"request": next(iter(requests)) if len(requests) == 1 else None})
        typed = kept.values()
        st.session_state[target] = None if typed["new"] is None else (typed["row"], typed["field"])
    kept.told_restored()

    def other(*of_it: str) -> None:
        """What was typed for another row, or another value, is nothing for the one that is chosen now."""
        for field in of_it:
            st.session_state[kept.key(field)] = None
        kept.save()

    with st.container(horizontal=True):
        with st.container(width=_WIDTH):
            kept.pick(
                "row", "rectification.row", list(rows_of),
                lambda one: session.plain(
                    "rectification.one_row",
                    source=names.get(rows_of[one].source, rows_of[one].source),
                    source_key=rows_of[one].source_key,
                ),
                first=True, changed=lambda: other("field", "new"),
            )  # fmt: skip
        chosen = rows_of[kept.values()["row"]]
        with st.container(width=_WIDTH):
            kept.pick(
                "field", "rectification.which", list(chosen.values),
                lambda one: session.plain(
                    "rectification.one",
                    field=field_in_words(one, session.language),
                    value=chosen.values[one] or session.plain("rectification.removed"),
                ),
                first=True, changed=lambda: other("new"),
            )  # fmt: skip
    field = kept.values()["field"]
    if st.session_state[target] != (chosen.record_id, field):
        st.session_state[target] = chosen.record_id, field
        st.session_state[kept.key("new")] = chosen.values[field] or ""
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width=_NEW):
            kept.text("new", "rectification.new_value", 200, help=session.say("rectification.new_value_help"))
        with st.container(width=_SHORT):
            kept.text("evidence", "rectification.evidence", 40, help=session.say("rectification.evidence_help"))
        with st.container(width=_SHORT):
            kept.pick(
                "request", "rectification.request", list(requests), requests.__getitem__,
                placeholder=session.plain("rectification.no_request"),
            )  # fmt: skip

    def hand_on() -> None:
        at, current = at_click(session)
        typed = kept.values()
        wanted = verbs.Wanted(
            chosen.record_id, field, typed["new"] or "", typed["evidence"] or "", typed["request"], chosen.recipients
        )
        number = verbs.ask(at, current, person_id, wanted, answering(at))
        done(session.plain("rectification.asked", rectification=str(number)))

    def asked() -> None:
        if kept.tried(hand_on, _BESIDE):
            kept.forget()
            # As the rows say it by then.
            st.session_state[target] = None

    st.button(
        session.say("rectification.ask_button"), key="rectification_ask", type="primary", on_click=act, args=(asked,)
    )
