"""What is not as it was written, and who was not told of it by mail, in words, for the start page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import evidence
from compliance.evidence.seal import Trust
from compliance.ledger import state
from compliance.register.engine import reading
from compliance.review import ledger as ledger_page
from compliance.review import silence
from compliance.review.ledger import Checked
from compliance.words.refusal import Refused
from compliance.words.settings import Settings, today
from compliance.words.texts import refusal, say

# So many are told one by one; the command line names them all.
_TOLD = 5


@dataclass(frozen=True)
class Looked:
    """What was found not to be as it was written: lines and rows of the register, and evidence that is not there or is
    not believed.
    """

    checked: Checked
    differences: tuple[state.Difference, ...]
    lost: int
    gone: tuple[str, ...]
    aside: tuple[tuple[str, Trust], ...]

    @property
    def faults(self) -> int:
        """How many lines and rows are not as they have to be."""
        return (self.checked.verdict.broken_at is not None) + len(self.differences)

    @property
    def missing(self) -> int:
        """How many files of evidence are not there, or are left aside."""
        return len(self.gone) + len(self.aside)


def look(settings: Settings, register: sa.Engine, now: dt.datetime) -> Looked:
    """Looks at everything once. Raises what compliance.review.ledger.check_rows does."""
    checked = ledger_page.check(register, now)
    differences = ledger_page.check_rows(settings, register, now).differences
    with reading(register) as connection:
        return Looked(
            checked,
            differences,
            evidence.losses(connection),
            tuple(evidence.absent(settings, connection)),
            tuple(evidence.left_aside(settings, connection)),
        )


def told(settings: Settings, register: sa.Engine, now: dt.datetime, language: str) -> tuple[list[str], Looked | None]:
    """An alarm for each thing, none where everything is in order, with what was found; None where something keeps it
    from being looked at, which is the alarm then. That evidence was given up stays for good.
    """
    try:
        found = look(settings, register, now)
        alarms = [
            *_of_ledger(found, language),
            *_of_evidence(found, settings, language),
            *silence.told(settings, register, today(settings, now), language),
        ]
    except Refused as refused:
        return [refusal(refused.code, language, refused.values)], None
    return alarms, found


def difference_in_words(one: state.Difference, language: str) -> str:
    """Which row it is, and what of it is not as the ledger says."""
    return say(f"ledger_fault.rows_{one.what}", language, **one.values)


def _of_ledger(looked: Looked, language: str) -> list[str]:
    found = []
    verdict = looked.checked.verdict
    if verdict.broken_at is not None:
        values = {"line": verdict.broken_at, "lines": verdict.lines}
        found.append(say(f"ledger_fault.line_{verdict.why}", language, **values))
    if looked.differences:
        found.append(say("alarm.rows", language, count=len(looked.differences)))
    return [*found, *(difference_in_words(one, language) for one in looked.differences[:_TOLD])]


def _of_evidence(looked: Looked, settings: Settings, language: str) -> list[str]:
    found = []
    if looked.gone:
        values = {"folder": str(settings.evidence), "file": looked.gone[0], "files": len(looked.gone)}
        found.append(say("alarm.evidence_gone", language, **values))
    if looked.lost:
        found.append(say("alarm.evidence_lost", language, lost=looked.lost))
    for name, trust in looked.aside:
        why = say(f"evidence_trust.{trust}", language)
        found.append(say("alarm.left_aside", language, file=name, why=why))
    return found
