"""Takes exports in."""

from compliance import ui
from compliance.vocabulary import Permission

session = ui.guard(Permission.RUN_INTAKE)
ui.header(session, "intake")
