"""What the demo company has written to those who asked: of each request the receipt, and what it came to since."""

from __future__ import annotations

import datetime as dt

from compliance.access.at import At
from compliance.letters import case, verbs
from compliance.letters.wording import Kind
from compliance.requests import facts
from compliance.requests.facts import RequestFacts
from compliance.words.deadlines import add_working_days

_LANGUAGE = "sv"


def send(at: At, number: int) -> None:
    """Notes the letters about a request as sent, by who acts: those of which nothing is left to be filled in."""
    with at.register.connect() as connection:
        told = facts.facts_of(connection, number, at.parameters, at.today)
    letters = {Kind.RECEIPT: min(at.today, add_working_days(told.received_on, 1))}
    if told.identity_asked_on is not None:
        letters[Kind.IDENTITY] = told.identity_asked_on
    # That nobody is identified is written once it has ended so.
    if (last := case.fitting(told)[0]) is not Kind.NOT_IDENTIFIED or told.outcome is not None:
        letters.setdefault(last, max(one.happened_on for one in told.shown))
    for kind, day in sorted(letters.items(), key=lambda one: one[1]):
        _send(at, told, kind, day)


def _send(at: At, told: RequestFacts, kind: Kind, day: dt.date) -> None:
    # As it was written on its day: a deadline that lay ahead then is told.
    letter = case.write(at.settings, told, kind, _LANGUAGE, at.parameters, day, None)
    if not case.gaps(letter, _LANGUAGE):
        verbs.sent(at, told.number, kind, letter, _LANGUAGE, day)
