"""The register of processing (GDPR article 30.1): each activity, what it lacks, and its versions."""

from compliance import ui
from compliance.processing import view
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "processing")
ui.told_before()
view.show(session)
