"""How the calendar is offered on a page."""

from __future__ import annotations

from compliance.access.at import At
from compliance.digest import calendar
from compliance.reading.copy import Reading
from compliance.show.extract import Whole, extract
from compliance.show.leaving import Written
from compliance.ui import Session, download, now
from compliance.ui.session import at_extract
from compliance.words.vocabulary import Permission


def offer_calendar(session: Session, reading: Reading) -> None:
    """The button by which the deadlines leave as a calendar, for whoever may."""
    if not session.may(Permission.EXTRACT_FIGURES):
        return
    stamp = calendar.stamp(reading.build, reading.as_of)

    def write(at: At) -> Written:
        parts = [calendar.made(at, reading, session.language)]
        return extract(at, Whole(calendar.WHAT, "ics", stamp), parts, Permission.EXTRACT_FIGURES, now)

    download(
        session,
        session.say("calendar.offer"),
        key="calendar",
        name=calendar.name(stamp, session.language),
        mime=calendar.MIME,
        permission=Permission.EXTRACT_FIGURES,
        at=at_extract,
        write=write,
        icon=":material/calendar_month:",
        type="tertiary",
    )
