"""What the page shows of notices, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance.notices import state
from compliance.notices.facts import Origin
from compliance.notices.state import Group, Known
from compliance.notices.tables import EntryKind
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.finding import Finding, Severity
from compliance.words.texts import say, show

_MARKS = {Severity.CRITICAL: "■", Severity.MAJOR: "▲", Severity.MINOR: "◆"}


def in_words(value: Any, language: str) -> str:
    """A value as it is read; a dash where there is none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Origin):
        return say(f"notice_origin.{value.value}", language)
    return show(value, language)


def word_told(group: Group, language: str) -> str:
    """A word as it may be told; that the source says nothing, or something that is not shown."""
    if not group.word:
        return say("notices.no_word", language)
    return state.named(group) or say("notices.rare_word", language)


def group_row(group: Group, as_of: dt.date, sources: Mapping[str, str], language: str) -> Row:
    """The prospects of a source and word."""
    return {
        "source_name": sources.get(group.source, group.source),
        "notice_word": word_told(group, language),
        "notice_origin": in_words(group.origin, language),
        "notice_persons": group.persons,
        "notice_met": group.met,
        "notice_waiting": group.waiting,
        "notice_late": group.late(as_of),
        "notice_told_late": group.told_late,
        "notice_next": group.next_on,
    }


def told(finding: Finding, sources: Mapping[str, str], language: str) -> str:
    """What a finding says, in words."""
    values = dict(finding.told)
    values["source"] = sources.get(str(values["source"]), str(values["source"]))
    return say(f"finding_told.{finding.code}", language, **values)


def finding_rows(findings: Iterable[Finding], today: dt.date, sources: Mapping[str, str], language: str) -> list[Row]:
    """What is found, the gravest and then the oldest first."""
    ordered = sorted(findings, key=lambda one: (list(Severity).index(one.severity), one.since or today, one.thing))
    return [
        {
            "notice_finding": told(one, sources, language),
            "notice_grave": f"{_MARKS[one.severity]} {say(f'severity.{one.severity}', language)}",
            "notice_since": one.since,
            "notice_days": None if one.since is None else (today - one.since).days,
            "notice_owner": say(f"owner.{one.owner}", language) if one.owner else "",
        }
        for one in ordered
    ]


def entry_rows(found: Known, language: str) -> list[Row]:
    """Every entry as it was recorded, the newest first."""
    standing = {entry.entry_id for entry in found.standing}
    return [
        {
            "entry": entry.entry_id,
            "recorded": times.written(entry.at),
            "notice_kind": say(f"notice_kind.{entry.kind}", language),
            "told": "; ".join(
                f"{say(f'notice_field.{name}', language)}: {in_words(value, language)}"
                for name, value in entry.facts
                if value not in (None, "")
            ),
            "stands": ""
            if entry.kind is EntryKind.STRUCK
            else say("notices.stands" if entry.entry_id in standing else "notices.replaced", language),
            "corrects": entry.corrects,
            "role": say(f"role.{entry.role}", language) if entry.role else "",
            "recorded_by": entry.by or "",
        }
        for entry in reversed(found.entries)
    ]


def sentence(found: Sequence[Group], as_of: dt.date, language: str) -> tuple[str, bool]:
    """How things stand, in one sentence, and whether somebody should have been told."""
    late, waiting = sum(one.late(as_of) for one in found), sum(one.waiting for one in found)
    if late:
        return say("notices.sentence_late", language, late=late, waiting=waiting - late), True
    if waiting:
        day = min(one.next_on for one in found if one.next_on is not None)
        return say("notices.sentence_waiting", language, waiting=waiting, day=day.isoformat()), False
    return say("notices.sentence_well", language), False
