"""Everything that is not as the rules have it: what, since when, how grave, whose, by when, accepted until when."""

from compliance import ui
from compliance.findings import gather, rows, view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "findings")
ui.told_before()
found = gather.standing(session.at(), session.reading)
alarm = any(one.is_late(session.today) or one.is_grave for one in found)
ui.sentence(rows.sentence(found, session.today, session.language), alarm=alarm)
view.listing(session, found)
