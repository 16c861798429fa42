"""Roles and controls: who holds which office, measures and their tests, and figures that the product's teams tell."""

from compliance import ui
from compliance.controls import state, view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "controls")
ui.told_before()
view.show(session, state.known(session.engine))
