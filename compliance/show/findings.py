"""A finding in words, the same on the page of its room and in the list of all findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from compliance.show.columns import Row
from compliance.show.why import field_in_words
from compliance.words.finding import Finding, Severity
from compliance.words.texts import has, say

# The columns of `listing`, as they are shown.
COLUMNS = ("finding:long", "severity", "since_on:date", "waited:number", "owner")
_SIGNS = {Severity.CRITICAL: "■", Severity.MAJOR: "▲", Severity.MINOR: "◇"}


def told(one: Finding, language: str, sources: Mapping[str, str]) -> str:
    """What is found, in a sentence; what has words of its own is put into them: sources, fields, and codes by the name
    that the finding has them under.
    """
    values: dict[str, object] = {"thing": one.thing, **one.told}
    for name, value in one.told.items():
        if name == "source":
            values[name] = sources.get(str(value), str(value))
        elif name == "field":
            values[name] = field_in_words(str(value), language)
        elif has(f"{name}.{value}"):
            values[name] = say(f"{name}.{value}", language)
    return say(f"finding_told.{one.code}", language, **values)


def severity(one: Severity, language: str) -> str:
    """How grave it is, with its sign."""
    return f"{_SIGNS[one]} {say(f'severity.{one}', language)}"


def owner(code: str | None, language: str) -> str:
    """Who answers for it, as a function."""
    return say(f"owner.{code}", language) if code else say("findings.no_owner", language)


def listing(found: Iterable[Finding], today: dt.date, language: str, sources: Mapping[str, str]) -> list[Row]:
    """What a room finds as a table, the gravest and then the oldest first."""
    grades = list(Severity)
    ordered = sorted(found, key=lambda one: (grades.index(one.severity), one.since or today, one.thing))
    return [
        {
            "finding": told(one, language, sources),
            "thing": one.thing,
            "severity": severity(one.severity, language),
            "since_on": one.since,
            "waited": None if one.since is None else (today - one.since).days,
            "owner": owner(one.owner, language),
        }
        for one in ordered
    ]
