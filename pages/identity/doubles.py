"""Persons who may be one: what speaks for it and against it, and somebody's decision."""

from compliance import ui
from compliance.identity import view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_PERSONS)
ui.header(session, "doubles")
ui.told_before()
reading = ui.something_to_read(session)
view.doubles(session, reading)
view.lost(session)
