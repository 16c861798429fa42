"""The CISO's overview: figures only, no names; each figure leads to its list."""

from compliance import ui
from compliance.incidents import view as incidents_view
from compliance.report import view as report_view
from compliance.review import measures, snapshots, view_risk
from compliance.review import rows as review_rows
from compliance.review import view as review_view
from compliance.sources import freshness
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.SEE_FIGURES)
ui.header(session, "risk")
ui.told_before()
looked = review_view.alarms_first(session)
incidents_view.running(session)
review_view.first_steps(session)
reading = ui.something_to_read(session)
fresh = session.fresh()
risk = view_risk.Risk(
    reading,
    measures.remembered(session.at(), reading, fresh),
    snapshots.week_before(session.engine, reading.as_of),
    freshness.stale_sources(fresh),
    looked,
)

told = review_rows.sentence_of_risk(risk.measured, session.parameters, session.language)
ui.sentence(told, alarm=review_rows.is_at_risk(risk.measured))
view_risk.first_screen(session, risk)
report_view.offer_report(session)
view_risk.the_rest(session, risk)
