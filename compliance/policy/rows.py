"""What the page of the policy shows, in words."""

from __future__ import annotations

from compliance.reading import asks, copy
from compliance.reading.copy import Reading
from compliance.show.columns import Row, status_in_words
from compliance.show.why import field_in_words
from compliance.words.policy import Policy
from compliance.words.texts import period_in_words, say
from compliance.words.vocabulary import (
    Category,
)


def rule_rows(policy: Policy, language: str) -> list[Row]:
    """The rules in force, in words."""
    return [
        {
            "category_name": say(f"category.{rule.category}", language),
            "start_event": say(f"start_event.{rule.start_event}", language),
            "period": period_in_words(rule.period, language),
            "ground_name": say(f"ground.{rule.ground}", language),
            "purpose_name": say(f"purpose.{rule.purpose}", language),
            "owner_name": say(f"owner.{rule.owner}", language),
            "allowed": ", ".join(field_in_words(name, language) for name in rule.allowed_fields) or "–",
            "approval": say(f"approval.{rule.approval}", language),
            "section": say(f"section.{rule.section}", language),
        }
        for rule in policy.rules.values()
    ]


def uncovered_rows(policy: Policy, reading: Reading | None, language: str) -> list[Row]:
    """The categories that no rule covers, with how many entries they have; unknown as long as nothing was taken in."""
    stored: dict[str, int] = {}
    for row in reading.rows(asks.STATUS_COUNTS) if reading else ():
        stored[row.category] = stored.get(row.category, 0) + row.bases
    return [
        {
            "category_name": say(f"category.{category}", language),
            "bases": stored.get(category, 0) if reading else None,
            "reason": say(f"uncovered.{why}", language),
        }
        for category, why in sorted(policy.uncovered.items())
    ]


def moved(before: Reading, after: Reading, category: Category, language: str) -> list[Row]:
    """How a category's entries go from status to status under other rules."""
    return [
        {
            **row,
            "before": status_in_words(row["before"], language),
            "after": status_in_words(row["after"], language),
        }
        for row in copy.moves(before, after, category.value)
    ]
