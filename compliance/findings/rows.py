"""What the page shows of findings, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from compliance.findings.state import Standing, State, Step
from compliance.show import findings as listed
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.references import reference
from compliance.words.texts import say


def text(one: Standing, language: str, sources: Mapping[str, str]) -> str:
    """What was found, in a sentence; of what is found no more, what it was called."""
    if one.now is None:
        return say(f"finding_name.{one.code}", language)
    return listed.told(one.now, language, sources)


def listing(found: Iterable[Standing], today: dt.date, language: str, sources: Mapping[str, str]) -> list[Row]:
    """Findings as a table."""
    return [
        {
            "code": one.code,
            "thing": one.thing,
            "severity": listed.severity(one.severity, language),
            "finding": text(one, language, sources),
            "finding_state": state(one, today, language),
            "since_on": one.since,
            "waited": (today - one.since).days if one.is_going_on else None,
            "owner": listed.owner(one.owner, language),
            "mend_by": None if one.state is State.MENDED else one.mend_by,
            "accepted_until": one.accepted_until if one.state is State.ACCEPTED else None,
            "mended_on": one.gone_on,
            "build": one.gone_build if one.state is State.MENDED else None,
            "times": one.times,
        }
        for one in found
    ]


def state(one: Standing, today: dt.date, language: str) -> str:
    """How a finding stands, late and unjudged ones told as such."""
    told = say(f"finding_state.{one.state}", language)
    if one.state is not State.MENDED and not one.is_judged:
        told = f"{told}, {say('findings.unjudged', language)}"
    return f"▲ {told}, {say('findings.late', language)}" if one.is_late(today) else told


def step_rows(steps: Sequence[Step], language: str) -> list[Row]:
    """What was said to a finding, the newest first."""
    return [
        {
            "recorded": times.written(one.at),
            "finding_step": say(f"finding_said.{one.kind}", language),
            "owner": listed.owner(one.owner, language) if one.owner else "",
            "mend_by": one.mend_by,
            "accepted_until": one.until,
            "reason": one.reason,
            "role": say(f"role.{one.role}", language),
            "recorded_by": reference(one.by),
        }
        for one in reversed(steps)
    ]


def sentence(found: Sequence[Standing], today: dt.date, language: str) -> str:
    """How many are open, and of that what is critical, late or accepted, where anything is."""
    going_on = [one for one in found if one.is_going_on]
    counts = {
        "critical": sum(one.is_grave for one in going_on),
        "late": sum(one.is_late(today) for one in going_on),
        "accepted": sum(one.state is State.ACCEPTED for one in found),
    }
    told = [say("findings.sentence" if going_on else "findings.sentence_none", language, open=len(going_on))]
    told += [say(f"findings.sentence_{name}", language, **{name: count}) for name, count in counts.items() if count]
    return " ".join(told)
