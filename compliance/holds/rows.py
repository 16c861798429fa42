"""What the pages show of holds, in words."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.holds.candidates import Candidate
from compliance.holds.listing import HoldRow, Summary
from compliance.holds.losses import Loss
from compliance.holds.tables import Scope
from compliance.show.columns import Row
from compliance.words.deadlines import STOCKHOLM
from compliance.words.references import reference
from compliance.words.texts import has, say


def sentence_of_holds(found: Summary, language: str) -> str:
    """How the holds stand, in one sentence: first those that wait for review."""
    if found.past_review:
        return say("holds.sentence_late", language, late=found.past_review, active=found.active)
    if found.active > 1:
        return say("holds.sentence", language, active=found.active)
    return say("holds.sentence_one" if found.active else "holds.sentence_none", language)


def hold_figures(found: Summary) -> list[tuple[str, int | None]]:
    """The figures of the holds; holds without an owner only where there are any. None is unknown."""
    figures: list[tuple[str, int | None]] = [
        ("active", found.active),
        ("past_review", found.past_review),
        ("entries_held", found.total.held if found.total else None),
        ("past_ceiling", found.total.past_ceiling if found.total else None),
    ]
    return [*figures, ("without_owner", found.without_owner)] if found.without_owner else figures


def hold_row(row: HoldRow, language: str) -> Row:
    """A hold as the list shows it: what it is on by reference only."""
    remarks = {
        "lost": row.is_lost,
        "covers_nothing": row.coverage is not None and row.coverage.bases == 0,
        "no_owner": row.active and not row.entry.owner.strip(),
    }
    state = "past_review" if row.past_review else "active" if row.active else "released"
    return {
        "hold": str(row.hold_id),
        "hold_state": say(f"hold_state.{state}", language),
        "hold_scope": say(f"hold_scope.{row.entry.scope}", language),
        "hold_target": hold_target(row, language),
        "hold_ground": say(f"hold_ground.{row.entry.ground}", language),
        "case_ref": row.entry.case_ref,
        "hold_owner": owner_in_words(row.entry.owner, language),
        "placed_on": row.entry.placed_on,
        "review_on": row.entry.review_on,
        "days_to_review": row.days_to_review,
        "bases": row.coverage and row.coverage.bases,
        "persons": row.coverage and row.coverage.persons,
        "held_now": row.coverage and row.coverage.held,
        "past_ceiling": row.coverage and row.coverage.past_ceiling,
        "released_on": row.entry.released_on,
        "remark": "; ".join(say(f"hold_remark.{name}", language) for name, told in remarks.items() if told),
    }


def loss_row(loss: Loss, on: str | None, language: str, candidates: Sequence[Candidate] = ()) -> Row:
    """A hold that covers nothing since an intake, or somebody else, what it was `on`, and what may be that."""
    may_be = [
        f"{one.key} ({', '.join(say(f'holds.may_be.{because}', language) for because in one.because)})"
        for one in candidates
        if one.hold_id == loss.hold_id
    ]
    return {
        "hold": str(loss.hold_id),
        "hold_scope": say(f"hold_scope.{loss.scope}", language),
        "hold_target": on,
        "case_ref": loss.case_ref,
        "lost_on": loss.lost_at.astimezone(STOCKHOLM).date(),
        "since_build": loss.build_id,
        "loss": say(f"holds.loss.{'given_on' if loss.is_given_on else 'gone'}", language),
        "may_be": "; ".join(may_be),
    }


def hold_target(row: HoldRow, language: str) -> str:
    """What a hold is on: a category by its name, the rest by reference."""
    if row.entry.scope == Scope.CATEGORY:
        return say(f"category.{row.entry.scope_key}", language)
    if not row.keys:
        return say("holds.forgotten", language)
    return ", ".join(key if row.entry.scope == Scope.ORGANISATION else reference(key) for key in row.keys)


def owner_in_words(owner: str, language: str) -> str:
    """Who is responsible, in words where it is one of the policy's owners."""
    return say(f"owner.{owner}", language) if has(f"owner.{owner}") else owner
