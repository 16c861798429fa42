"""Notices: where prospects come from, who is still to be told and by when, and what was recorded of it."""

from compliance import ui
from compliance.notices import state, view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "notices")
reading = ui.something_to_read(session)
ui.told_before()
view.show(session, reading, state.known(session.engine), ui.source_names(session))
