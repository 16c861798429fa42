"""The purge desk: what waits for whom, what the sources answer, and who came back."""

import streamlit as st

from compliance import ui
from compliance.purge import batches
from compliance.purge import rows as desk
from compliance.purge import tables as purge_tables
from compliance.purge import verbs as purge_verbs
from compliance.purge import view as purge_view
from compliance.purge.tables import State
from compliance.show import columns as tables
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_BATCHES)
tongue = session.language
ui.header(session, "purge")
if session.reading is None:
    ui.nothing_to_read(session)
purge_verbs.expire(session.engine, session.today, session.now)
not_over = [state for state in State if state not in purge_tables.OVER]
waiting = batches.listing(session.engine, not_over)
if purge_view.return_changed(session, waiting):
    waiting = batches.listing(session.engine, not_over)
unconfirmed = batches.count_unconfirmed(session.engine)
text, alarm = desk.sentence(waiting, unconfirmed, tongue)
ui.sentence(text, alarm=alarm)
purge_view.told_before(session)
with ui.tiles():
    for name, count in desk.tiles(waiting, unconfirmed):
        ui.tile(session.say(f"purge.tile.{name}"), session.show(count), key=f"purge_{name}")
st.caption(session.say("purge.how"))
st.subheader(session.say("purge.list"), anchor=False)
which, found = purge_view.listed(session, waiting)
if found:
    st.caption(session.say("purge.open_batch"))
chosen = ui.table(
    session,
    "batches",
    tables.columns(
        tongue, "batch:number", "batch_state", "batch_kind", "proposed_on:date", "proposer", "planned:number",
        "persons:number", "executed_on:date", "deleted:number", "stayed:number", "not_purged:number",
        "requests_answered:number", "backups_until:date",
    ),
    desk.batch_rows(found, purge_view.by_backups(session), tongue, batches.requests_answered(session.engine)),
    filters={"purges": which},
    by=("batch",),
    order=(
        "batch", "batch_state", "batch_kind", "proposed_on", "planned", "executed_on", "deleted", "stayed",
        "not_purged", "backups_until",
    ),
    select=True,
)  # fmt: skip
if chosen:
    st.switch_page("pages/purge/batch.py", query_params={"batch": str(chosen["batch"])})
if which == batches.Purges.RECENT:
    purge_view.how_late(session, found)
purge_view.source_tasks(session, None)
purge_view.sighted(session)
purge_view.returned(session)
