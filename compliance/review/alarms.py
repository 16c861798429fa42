"""What is not as it was written, and who was not told of it by mail, in words, for the start page."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from compliance import evidence
from compliance.ledger import state
from compliance.register.engine import reading
from compliance.review import ledger as ledger_page
from compliance.review import silence
from compliance.words.refusal import Refused
from compliance.words.settings import Settings, today
from compliance.words.texts import refusal, say

# So many are told one by one; the command line names them all.
_TOLD = 5


def of(settings: Settings, register: sa.Engine, now: dt.datetime, language: str) -> list[str]:
    """An alarm for each thing; none where everything is in order. That evidence was given up stays for good."""
    try:
        return [
            *_of_ledger(settings, register, now, language),
            *_of_evidence(settings, register, language),
            *silence.told(settings, register, today(settings, now), language),
        ]
    except Refused as refused:
        return [refusal(refused.code, language, refused.values)]


def difference_in_words(one: state.Difference, language: str) -> str:
    """Which row it is, and what of it is not as the ledger says."""
    return say(f"ledger_fault.rows_{one.what}", language, **one.values)


def _of_ledger(settings: Settings, register: sa.Engine, now: dt.datetime, language: str) -> list[str]:
    found = []
    verdict = ledger_page.check(register, now).verdict
    if verdict.broken_at is not None:
        told = {"line": verdict.broken_at, "lines": verdict.lines}
        found.append(say(f"ledger_fault.line_{verdict.why}", language, **told))
    differences = ledger_page.check_rows(settings, register, now).differences
    if differences:
        found.append(say("alarm.rows", language, count=len(differences)))
    return [*found, *(difference_in_words(one, language) for one in differences[:_TOLD])]


def _of_evidence(settings: Settings, register: sa.Engine, language: str) -> list[str]:
    with reading(register) as connection:
        lost = evidence.losses(connection)
        gone = evidence.absent(settings, connection)
        aside = evidence.left_aside(settings, connection)
    found = []
    if gone:
        told = {"folder": str(settings.evidence), "file": gone[0], "files": len(gone)}
        found.append(say("alarm.evidence_gone", language, **told))
    if lost:
        found.append(say("alarm.evidence_lost", language, lost=lost))
    for name, trust in aside:
        why = say(f"evidence_trust.{trust}", language)
        found.append(say("alarm.left_aside", language, file=name, why=why))
    return found
