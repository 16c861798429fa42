"""How the report is offered on a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from compliance.access.at import At
from compliance.report import content, files
from compliance.show.extract import Whole, extract
from compliance.show.leaving import Written
from compliance.show.together import MIMES
from compliance.ui import Session, at_fetch, download, now, source_names
from compliance.words.vocabulary import Permission


def offer_report(session: Session) -> None:
    """The buttons by which the newest snapshot leaves as a report, for whoever may; nothing where there is none."""
    number = content.newest(session.engine)
    if number is None or not session.may(Permission.EXTRACT_FIGURES):
        return
    report = content.of(session.engine, number, session.parameters, session.language, source_names(session))

    def writer(form: files.Form) -> Callable[[At], Written]:
        whole = Whole("report", form, report.stamp)
        # By its number: what leaves is what the button said, whatever has been measured since.
        return lambda at: extract(at, whole, files.parts(report, form), Permission.EXTRACT_FIGURES, now)

    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(session.say("report.offer", number=str(number), as_of=report.snapshot.as_of))
        for form in files.FORMS:
            download(
                session,
                session.say(f"report_form.{form}"),
                key=f"report_{form}",
                name=files.name(report, form),
                mime=MIMES[form],
                permission=Permission.EXTRACT_FIGURES,
                at=at_fetch,
                write=writer(form),
                type="tertiary",
            )
