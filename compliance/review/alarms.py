"""What is not as it was written, in words, for the start page."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import evidence
from compliance.register.engine import reading
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say


def of(settings: Settings, register: sa.Engine, language: str) -> list[str]:
    """An alarm for each thing; none where everything is in order. That evidence was given up stays for good."""
    with reading(register) as connection:
        lost = evidence.losses(connection)
        gone = evidence.absent(settings, connection)
        try:
            aside = evidence.left_aside(settings, connection)
        except Refused as refused:
            return [refusal(refused.code, language, refused.values)]
    found = []
    if gone:
        told = {"folder": str(settings.evidence), "file": gone[0], "files": len(gone)}
        found.append(say("alarm.evidence_gone", language, **told))
    if lost:
        found.append(say("alarm.evidence_lost", language, lost=lost))
    return [
        *found,
        *(
            say("alarm.left_aside", language, file=name, why=say(f"evidence_trust.{trust}", language))
            for name, trust in aside
        ),
    ]
