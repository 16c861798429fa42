"""What the pages show of marks, in words."""

from __future__ import annotations

from compliance.marks.listing import MarkRow, Summary
from compliance.marks.tables import Kind
from compliance.show.columns import Row
from compliance.words.deadlines import local_date
from compliance.words.references import reference
from compliance.words.texts import say


def sentence_of_marks(found: Summary, language: str) -> str:
    """How the marks stand, in one sentence: first those that wait for somebody."""
    if found.lost:
        return say("marks.sentence_lost", language, lost=found.lost)
    if found.past_review:
        return say("marks.sentence_late", language, late=found.past_review, restrictions=found.restrictions)
    return say("marks.sentence" if found.restrictions else "marks.sentence_none", language, count=found.restrictions)


def mark_figures(found: Summary) -> list[tuple[str, int | None]]:
    """The figures of the marks; None is unknown."""
    totals = found.totals
    return [
        ("restricted", totals.restricted if totals else None),
        ("past_review", found.past_review),
        ("opted_out", totals.opted_out if totals else None),
        ("objected", totals.objected if totals else None),
        ("opt_outs_late", found.opt_outs_late),
    ]


def mark_row(row: MarkRow, language: str) -> Row:
    """A mark as the list shows it: whom it is on by reference only."""
    entry = row.entry
    state = "past_review" if row.past_review else "active" if row.active else "over"
    remarks = {
        "lost": row.active and not row.persons,
        "doubtful": bool(row.doubtful),
        "late": row.is_late,
    }
    return {
        "mark": str(entry.mark_id),
        "mark_kind": say(f"mark_kind.{entry.kind}", language),
        "mark_state": say(f"mark_state.{'lost' if row.lost_at else state}", language),
        "mark_ground": say(f"mark_ground.{entry.ground}", language) if entry.ground else None,
        "marked": marked(row, language),
        "case_ref": entry.case_ref,
        "asked_on": entry.received_on,
        "acts_since": local_date(entry.placed_at),
        "days_to_effect": row.days_to_effect,
        "review_on": entry.review_on if row.active else None,
        "days_to_review": row.days_to_review,
        "told_on": entry.told_on,
        "ended_on": local_date(entry.ended_at) if entry.ended_at else None,
        "mark_ending": say(f"mark_ending.{entry.ending}", language) if entry.ending else None,
        "remark": "; ".join(say(f"mark_remark.{name}", language) for name, told in remarks.items() if told),
    }


def marked(row: MarkRow, language: str) -> str:
    """Whom a mark is on, by reference."""
    if not row.active:
        return say("marks.forgotten", language)
    return ", ".join(map(reference, row.persons)) or say("marks.nobody", language)


def in_short(row: MarkRow, language: str) -> str:
    """A mark in one line, to choose it by."""
    kind = say(f"mark_kind.{row.entry.kind}", language)
    ground = say(f"mark_ground.{row.entry.ground}", language) if row.entry.kind == Kind.RESTRICTED else None
    told = (str(row.entry.mark_id), kind, marked(row, language), row.entry.case_ref, ground)
    return " · ".join(one for one in told if one)
