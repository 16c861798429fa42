"""Mailings: what was sent that should not have been, how fast opt-outs act, and who hears nothing."""

from compliance import ui
from compliance.mailings import state, view
from compliance.marks import listing
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "mailings")
reading = ui.something_to_read(session)
marks = listing.listing(session.engine, reading.as_of)
view.show(session, state.mailed(reading, marks, session.parameters), ui.source_names(session))
