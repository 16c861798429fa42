"""One person: all that is stored across the sources, why and until when, what happened, and what can be done."""

from compliance import ui
from compliance.person import view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_PERSONS)
ui.header(session, "person")
ui.told_before()
reading = ui.something_to_read(session)
chosen = view.asked_for(session, reading)
if chosen is not None:
    view.person(session, reading, chosen)
