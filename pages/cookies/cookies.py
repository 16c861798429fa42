"""Cookies: what is not as the policy says, scans, the inventory, and the web leads that come of them."""

from compliance import ui
from compliance.cookies import state, view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "cookies")
ui.told_before()
view.show(session, state.known(session.engine))
