"""What the page shows of notices, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from compliance.notices import state
from compliance.notices.facts import Origin
from compliance.notices.state import Group
from compliance.show.columns import Row
from compliance.words.texts import say, show


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


def sentence(found: Sequence[Group], as_of: dt.date, language: str) -> tuple[str, bool]:
    """How things stand, in one sentence, and whether somebody should have been told."""
    late, waiting = sum(one.late(as_of) for one in found), sum(one.waiting for one in found)
    if late:
        return say("notices.sentence_late", language, late=late, waiting=waiting - late), True
    if waiting:
        day = min(one.next_on for one in found if one.next_on is not None)
        return say("notices.sentence_waiting", language, waiting=waiting, day=day.isoformat()), False
    return say("notices.sentence_well", language), False
