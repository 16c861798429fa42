"""What the page shows of persons who may be one, in words."""

from __future__ import annotations

from compliance.identity.asks import Double
from compliance.identity.verbs import Lost
from compliance.show.columns import Row
from compliance.words.deadlines import local_date
from compliance.words.references import reference
from compliance.words.texts import say


def double_row(pair: Double, language: str) -> Row:
    """A pair as the list shows it; names and addresses where they were asked for."""
    return {
        "one": reference(pair.person_a),
        "other": reference(pair.person_b),
        "name_one": pair.name_a,
        "name_other": pair.name_b,
        "email_one": pair.email_a,
        "email_other": pair.email_b,
        "speaks_for": _in_words("speaks_for", pair.speaks_for, language),
        "speaks_against": _in_words("speaks_against", pair.speaks_against, language) or "–",
        "on_hold": say("common.yes" if pair.held else "common.no", language),
        "restricted": pair.restricted,
    }


def lost_row(one: Lost, language: str) -> Row:
    """A decision that has lost somebody, as the list shows it."""
    return {
        "decision": str(one.decision_id),
        "answer": say(f"doubles.{one.answer}", language),
        "decided_on": local_date(one.decided_at),
        "lost_on": local_date(one.lost_at),
    }


def _in_words(group: str, told: str, language: str) -> str:
    return ", ".join(say(f"{group}.{word}", language) for word in told.split(",") if word)


def pair_label(pair: Double, language: str) -> str:
    """A pair in one line, for a choice."""
    told = f"{reference(pair.person_a)} – {reference(pair.person_b)}"
    return told if pair.name_a is None else f"{told} · {pair.name_a} – {pair.name_b or say('common.unknown', language)}"
