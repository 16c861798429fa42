"""Legal holds: what stops a purge and until when; those who may place, review and release them."""

import streamlit as st

from compliance import ui
from compliance.holds import listing, view
from compliance.holds import rows as holds_rows
from compliance.requests import resumed
from compliance.show import columns as tables
from compliance.sources import freshness
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_BATCHES)
tongue = session.language
ui.header(session, "holds")
ui.told_before()
reading = ui.something_to_read(session)
unknown = bool(freshness.stale_of_persons(session.fresh()))
found = listing.listing(session.engine, None if unknown else reading, reading.as_of)
summary = listing.summary(session.engine, None if unknown else reading, reading.as_of)

ui.sentence(holds_rows.sentence_of_holds(summary, tongue), alarm=bool(summary.past_review))
with ui.tiles():
    for name, value in holds_rows.hold_figures(summary):
        ui.tile(
            session.say(f"holds.{name}"),
            session.say("common.unknown") if value is None else session.show(value),
            key=f"holds_{name}",
            note=session.say(f"holds.{name}_help"),
        )

view.lost(session, found)
st.subheader(session.say("holds.list"), anchor=False)
st.caption(session.say("holds.list_help"))
which = ui.choice(session, "holds", list(listing.Holds), ui.coded(session, "holds"), alone=True)
shown = [one for one in found if which is None or listing.belongs(one, listing.Holds(which))]
ui.table(
    session,
    "holds",
    tables.columns(
        tongue,
        "hold", "hold_state", "hold_scope", "hold_target", "hold_ground", "case_ref", "hold_owner", "review_on:date",
        "days_to_review:number", "bases:number", "persons:number", "held_now:number", "past_ceiling:number",
        "placed_on:date", "released_on:date", "remark:wrapped",
    ),
    [holds_rows.hold_row(one, tongue) for one in shown],
    filters={"holds": which},
    order=(
        "hold", "hold_state", "hold_scope", "hold_target", "hold_ground", "hold_owner", "review_on", "days_to_review",
        "held_now", "past_ceiling", "remark",
    ),
)  # fmt: skip
if session.may(Permission.MANAGE_HOLDS):
    deciding, placing = st.tabs([session.say("holds.act"), session.say("holds.place")])
    with deciding:
        view.decide(session, reading, found, lambda: resumed.numbers(session.engine, ui.at_click(session)[1]))
    with placing:
        view.place(session, reading)
