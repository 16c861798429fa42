"""The purge desk: what waits for whom, what the sources answer, and who came back."""

from collections.abc import Callable

import streamlit as st

from compliance import ui
from compliance.purge import batches
from compliance.purge import rows as desk
from compliance.purge import tables as purge_tables
from compliance.purge import verbs as purge_verbs
from compliance.purge import view as purge_view
from compliance.purge.tables import State
from compliance.show import columns as tables
from compliance.suppression import verbs as suppression
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_BATCHES)
tongue = session.language


def confirmer(number: int) -> Callable[[], None]:
    """What confirms one return."""
    return lambda: suppression.confirm_return(ui.at_once(session), number)


def show_returned() -> None:
    """Who came back: kept out by the suppression list, or registered anew and waiting for the DPO."""
    kept = suppression.kept_out(session.engine)
    if kept:
        names = ui.source_names(session)
        told = "; ".join(f"{names.get(source, source)}: {session.show(rows)}" for source, rows in kept.items())
        st.caption(session.say("purge.kept_out", told=told))
    if not session.may(Permission.PROPOSE_PURGE) or session.actor.categories is not None:
        return
    found = suppression.returned(session.at())
    if not found:
        return
    st.subheader(session.say("purge.returned"), anchor=False)
    st.caption(session.say("purge.returned_help"))
    persons: dict[int, str] = {}
    try:
        if session.reading is not None:
            persons = suppression.returned_persons(session.at(), session.reading)
    except Refused as refusal:
        ui.explain(refusal)
    ui.table(
        session,
        "returned",
        tables.columns(tongue, "returned:number", "reference", "source_name", "export", "batch:number", "seen_on:date"),
        desk.return_rows(found, persons, ui.source_names(session)),
    )
    with st.container(horizontal=True):
        for one in found[:10]:
            st.button(
                session.say("purge.confirm_return", row=one.reappearance_id),
                key=f"return_{one.reappearance_id}",
                on_click=ui.act,
                args=(confirmer(one.reappearance_id),),
            )


ui.header(session, "purge")
if session.reading is None:
    ui.nothing_to_read(session)
purge_verbs.expire(session.engine, session.today, session.now)
waiting = batches.listing(session.engine, [state for state in State if state not in purge_tables.OVER])
text, alarm = desk.sentence(waiting, tongue)
ui.sentence(text, alarm=alarm)
purge_view.told_before(session)
with ui.tiles():
    for state in (State.PROPOSED, State.APPROVED, State.RESURFACED):
        ui.tile(
            session.say(f"purge.tile.{state}"),
            session.show(sum(batch.state is state for batch in waiting)),
            key=f"purge_{state}",
        )
st.caption(session.say("purge.how"))
st.subheader(session.say("purge.list"), anchor=False)
over = batches.count_over(session.engine)
page = ui.paging(session, "batches", over)
found = batches.listing(session.engine, over=page.rows, skip=page.skip)
if len(found) < len(waiting) + over:
    st.caption(session.say("purge.over_shown", total=over, shown=len(found) - len(waiting)))
if found:
    st.caption(session.say("purge.open_batch"))
chosen = ui.table(
    session,
    "batches",
    tables.columns(
        tongue, "batch:number", "batch_state", "batch_kind", "proposed_on:date", "proposer", "planned:number",
        "persons:number", "deleted:number", "stayed:number",
    ),
    desk.batch_rows(found, tongue),
    by=("batch",),
    select=True,
)  # fmt: skip
if chosen:
    st.switch_page("pages/purge/batch.py", query_params={"batch": str(chosen["batch"])})
purge_view.source_tasks(session, None)
show_returned()
