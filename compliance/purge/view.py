"""How purges are drawn: the buttons that make a batch, what a click came to, and what the sources were told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from compliance.access.at import At
from compliance.controls import state as controls
from compliance.purge import batches
from compliance.purge import rows as desk
from compliance.purge import verbs as purge_verbs
from compliance.purge.batches import Batch, Purges
from compliance.purge.tables import State
from compliance.purge.verbs import Candidate
from compliance.show import asks as show_asks
from compliance.show import columns as tables
from compliance.show.leaving import Written
from compliance.sources import tasks as sources
from compliance.sources.catalogue import catalogue_of
from compliance.suppression import sightings
from compliance.suppression import verbs as suppression
from compliance.suppression.sightings import Returns
from compliance.suppression.tables import Reason, Verdict
from compliance.ui import (
    Session,
    act,
    at_click,
    at_fetch,
    at_once,
    choice,
    choose_none,
    choose_rows,
    coded,
    download,
    explain,
    now,
    paging,
    source_names,
    table,
)
from compliance.ui import told_before as refused_before
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused
from compliance.words.texts import counted
from compliance.words.vocabulary import Permission

_PROPOSED = "batch_proposed"
# So many orders have a button of their own; the others wait for these.
_TASKS_OFFERED = 20


def offer_purge(
    session: Session,
    key: str,
    filters: Mapping[str, str | None],
    binds: Mapping[str, Any],
    found: show_asks.EntryCount,
    chosen: Sequence[Candidate],
) -> None:
    """The buttons that make a batch of the chosen entries, or of all that the filter shows and that may go."""
    shown = session.reading
    assert shown is not None
    own = {**binds, "named": False, "owned": session.actor.category_limit}

    def of_all() -> None:
        _, current = at_click(session)
        if current.build != shown.build:
            raise Refused("list_changed", seen=str(shown.build), current=str(current.build))
        # Of the reading that was shown: what has come to the list since was not looked at.
        _propose(session, shown.rows(show_asks.ENTRIES, rows=found.bases, skip=0, **own), filters, picked=False)
        choose_none(f"entries_{key}")

    def of_chosen() -> None:
        _propose(session, chosen, {}, picked=True)
        choose_none(f"entries_{key}")

    with st.container(horizontal=True, gap="small"):
        if chosen:
            st.button(
                session.say("purge.propose_chosen", count=len(chosen)),
                key=f"propose_chosen_{key}", on_click=act, args=(of_chosen,), type="primary",
            )  # fmt: skip
        if found.bases:
            label = session.say("purge.propose_all", due=found.due, count=found.bases)
            st.button(label, key=f"propose_all_{key}", on_click=act, args=(of_all,))
    told_before(session)


def _propose(
    session: Session, candidates: Sequence[Candidate], filters: Mapping[str, str | None], *, picked: bool
) -> None:
    """Proposes the entries as they were shown, by what the copy and the register say of them now."""
    at, reading = at_click(session)
    told = {name: value for name, value in filters.items() if value}
    batch, stays = purge_verbs.propose(at, reading, candidates, filters=told, picked=picked)
    st.session_state[_PROPOSED] = (batch.batch_id, batch.planned, dict(stays))


def offer_purge_for_requests(session: Session, chosen: Sequence[tuple[str, str]]) -> None:
    """The button that makes a batch of everything stored of those who ask, by (source, reference)."""

    def propose() -> None:
        at, reading = at_click(session)
        batch, stays = purge_verbs.propose_for_requests(at, reading, chosen)
        st.session_state[_PROPOSED] = (batch.batch_id, batch.planned, dict(stays))

    if chosen:
        st.button(
            session.say("purge.propose_requests", count=len(chosen)),
            key="propose_requests", on_click=act, args=(propose,), type="primary",
        )  # fmt: skip
    told_before(session)


def listed(session: Session, waiting: Sequence[Batch]) -> tuple[str | None, list[Batch]]:
    """The batches of the list: those that wait and a page of those that are over, or those that a figure counts."""
    which = choice(session, "purges", list(Purges), coded(session, "purges"), alone=True)
    if which is not None:
        return which, batches.carried_out(session.engine, Purges(which), session.today, by_backups(session))
    over = batches.count_over(session.engine)
    page = paging(session, "batches", over)
    found = batches.listing(session.engine, over=page.rows, skip=page.skip)
    if len(found) < len(waiting) + over:
        st.caption(session.say("purge.over_shown", total=over, shown=len(found) - len(waiting)))
    return None, found


def how_late(session: Session, found: Sequence[Batch]) -> None:
    """How long after their last lawful day the entries of those purges went."""
    with st.expander(session.say("purge.lags")):
        table(
            session,
            "purge_lags",
            tables.columns(session.language, "batch:number", "category_name", "lag_days:number", "bases:number"),
            desk.lag_rows(batches.lags(session.engine, [one.batch_id for one in found]), session.language),
        )


def by_backups(session: Session) -> Parameters:
    """The parameters, with how long backups hold what was erased as those who run them have told."""
    return controls.with_told(session.parameters, controls.known(session.engine), session.today)


def return_changed(session: Session, waiting: Sequence[Batch]) -> bool:
    """Takes batches that were previewed under other rules back to their preview, as an approval that has ended is
    ended: by whoever looks first. Says whether there were any.
    """
    states = (State.PROPOSED, State.APPROVED)
    if not any(one.state in states and one.policy_digest != session.policy.digest for one in waiting):
        return False
    try:
        at, reading = at_click(session)
        return purge_verbs.return_changed(at, reading) > 0
    except Refused as refused:
        explain(refused)
        return False


def told_before(session: Session) -> None:
    """What the click before came to: a refusal, or a batch that was proposed."""
    refused_before()
    proposed = st.session_state.pop(_PROPOSED, None)
    if proposed is not None:
        batch_id, entries, stays = proposed
        st.success(session.say("purge.proposed", batch=str(batch_id), entries=entries), icon=":material/inventory_2:")
        if stays:
            st.caption(session.say("purge.left_aside", told=counted("stays", stays, session.language)))
        st.page_link(
            "pages/purge/batch.py",
            label=session.say("purge.to_desk"),
            query_params={"batch": str(batch_id)},
            icon=":material/arrow_forward:",
        )


def source_tasks(session: Session, batch_id: int | None) -> None:
    """What each source was told to erase, of one batch or of all that are not verified, and the orders to fetch."""
    found = sources.orders(session.engine) if batch_id is None else sources.tasks(session.engine, batch_id)
    if not found:
        return
    catalogue = catalogue_of(session.settings, session.engine)
    st.subheader(session.say("purge.sources"), anchor=False)
    st.caption(session.say("purge.sources_help"))
    table(
        session,
        "source_tasks",
        tables.columns(
            session.language, "batch:number", "source_name", "export", "task:wrapped", "planned:number",
            "affected:number", "still_there:number", "fetched:wrapped",
        ),
        desk.task_rows(found, session.language, source_names(session)),
        order=("batch", "source_name", "task", "planned", "affected", "still_there", "fetched"),
    )  # fmt: skip

    def order(task_id: int) -> Callable[[At], Written]:
        return lambda at: sources.fetch(at, task_id, catalogue)

    def voucher(task_id: int) -> Callable[[], None]:
        return lambda: purge_verbs.vouch(at_once(session), task_id)

    def again(task_id: int) -> Callable[[], object]:
        return lambda: sources.retry(at_once(session), task_id, catalogue, os.environ, now)

    with st.container(horizontal=True, gap="small"):
        for task in found[:_TASKS_OFFERED]:
            told = f"{task.batch_id} · {task.dataset}"
            if session.may(Permission.FETCH_ORDERS) and task.fetchable:
                download(
                    session, session.say("purge.fetch", task=told),
                    key=f"order_{task.task_id}", name=f"order-{task.batch_id}-{task.dataset}.csv", mime="text/csv",
                    permission=Permission.FETCH_ORDERS, at=at_fetch, write=order(task.task_id),
                )  # fmt: skip
            if session.may(Permission.EXECUTE_PURGE) and task.kind == "database" and task.fetchable:
                st.button(
                    session.say("purge.retry", task=told), key=f"retry_{task.task_id}", on_click=act,
                    args=(again(task.task_id),),
                )  # fmt: skip
            if task.unread_rows and session.may(Permission.PROPOSE_PURGE) and session.actor.categories is None:
                st.button(
                    session.say("purge.vouch", task=told), key=f"vouch_{task.task_id}", on_click=act,
                    args=(voucher(task.task_id),),
                )  # fmt: skip


def sighted(session: Session) -> None:
    """Rows of exports that belong, or may belong, to somebody purged, by export and purge; nothing where there are
    none.
    """
    found = sightings.sightings(session.engine)
    if not found:
        return
    st.subheader(session.say("purge.sighted"), anchor=False)
    st.caption(session.say("purge.sighted_help"))
    which = choice(session, "returns", list(Returns), coded(session, "returns"), alone=True)
    shown = [one for one in found if which is None or sightings.belongs(one, Returns(which), session.today)]
    table(
        session,
        "sightings",
        tables.columns(
            session.language, "source_name", "export", "batch:number", "sighting", "undecided", "seen_on:date",
            "last_seen_on:date", "rows:number",
        ),
        desk.sighting_rows(shown, source_names(session), session.language),
        filters={"returns": which},
    )  # fmt: skip


def _confirmer(session: Session, number: int, reason: str | None) -> Callable[[], None]:
    """What confirms one return, for the reason that was chosen when the button was drawn."""
    return lambda: purge_verbs.confirm_return(at_once(session), number, reason or "")


def _doubts(session: Session, found: Sequence[suppression.Doubt], persons: Mapping[int, str]) -> None:
    """Who may have been purged, and the two answers for the rows that are chosen."""
    st.subheader(session.say("purge.possible"), anchor=False)
    st.caption(session.say("purge.possible_help"))
    chosen = choose_rows(
        session,
        "possible",
        tables.columns(
            session.language, "returned:number", "reference", "source_name", "export", "batch:number",
            "speaks_for:wide", "speaks_against:wide", "seen_on:date",
        ),
        desk.doubt_rows(found, persons, source_names(session), session.language),
        by=("returned",),
    )  # fmt: skip
    numbers = [int(row["returned"]) for row in chosen]

    def decider(verdict: Verdict) -> Callable[[], None]:
        return lambda: purge_verbs.decide(*at_click(session), numbers, verdict)

    if numbers:
        with st.container(horizontal=True, gap="small"):
            for verdict in (Verdict.OTHER, Verdict.SAME):
                st.button(
                    session.say(f"purge.decide_{verdict}", count=len(numbers)),
                    key=f"decide_{verdict}", on_click=act, args=(decider(verdict),),
                )  # fmt: skip


def returned(session: Session) -> None:
    """Who came back: kept out by the suppression list, possibly purged, or registered anew and waiting for the DPO."""
    kept = suppression.kept_out(session.engine)
    if kept:
        names = source_names(session)
        told = "; ".join(f"{names.get(source, source)}: {session.show(rows)}" for source, rows in kept.items())
        st.caption(session.say("purge.kept_out", told=told))
    if not session.may(Permission.PROPOSE_PURGE) or session.actor.categories is not None:
        return
    at = session.at()
    found, doubted, leaving = suppression.returned(at), suppression.doubts(at), suppression.count_leaving(at.register)
    persons: dict[int, str] = {}
    try:
        if session.reading is not None and (found or doubted):
            persons = suppression.waiting_persons(at, session.reading)
    except Refused as refusal:
        explain(refusal)
    if doubted:
        _doubts(session, doubted, persons)
    if leaving:
        st.caption(session.say("purge.leaving", count=leaving))
    if unnumbered := suppression.without_number(at.register):
        st.caption(session.say("purge.without_number", count=unnumbered))
    if not found:
        return
    st.subheader(session.say("purge.returned"), anchor=False)
    st.caption(session.say("purge.returned_help"))
    table(
        session,
        "returned",
        tables.columns(
            session.language, "returned:number", "reference", "source_name", "export", "batch:number", "seen_on:date"
        ),
        desk.return_rows(found, persons, source_names(session)),
    )
    reason = st.selectbox(
        session.say("purge.return_reason"),
        list(Reason),
        index=None,
        format_func=coded(session, "return_reason"),
        placeholder=session.say("purge.return_reason_choose"),
        key="return_reason",
        width=440,
    )
    with st.container(horizontal=True):
        for one in found[:10]:
            st.button(
                session.say("purge.confirm_return", row=one.reappearance_id),
                key=f"return_{one.reappearance_id}",
                on_click=act,
                args=(_confirmer(session, one.reappearance_id, reason),),
            )
