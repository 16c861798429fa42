"""What was done, by whom, and whether the record is as it was written."""

import streamlit as st

from compliance import ledger, ui
from compliance.review import ledger as ledger_page
from compliance.review import view as review_view
from compliance.show import columns as tables
from compliance.words import times
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_LEDGER)
ui.header(session, "ledger")
again = st.session_state.pop("ledger_whole", False)
checked = ledger_page.check(session.engine, session.now, whole=again)
verdict = checked.verdict
ui.sentence(
    session.say(f"ledger.{verdict.why or 'intact'}", lines=verdict.lines, line=verdict.broken_at),
    alarm=verdict.broken_at is not None,
)
if checked.whole_lines < verdict.lines:
    # Only what came since is read on each visit, and the page says so.
    st.caption(session.say("ledger.whole", lines=checked.whole_lines, at=times.written(checked.whole_at)))
    st.button(session.say("ledger.check"), on_click=lambda: st.session_state.update(ledger_whole=True))
event = ui.choice(session, "event", [one.value for one in ledger.Event], ui.coded(session, "event"), alone=True)
total = ledger_page.ledger_lines(session.engine, event)
page = ui.paging(session, "ledger", total)
chosen = ui.table(
    session,
    "ledger",
    tables.columns(
        tongue := session.language, "seq:number", "at", "event", "actor", "role", "build_id:number", "details:wide"
    ),
    ledger_page.ledger_rows(session.engine, event, tongue, page.rows, page.skip),
    filters={"event": event},
    every_row=lambda: ledger_page.every_row(session.engine, event, tongue, total),
    by=("seq",),
    select=True,
    order=("seq", "at", "event", "actor", "role", "details"),
)
review_view.ledger_line(session, chosen)
