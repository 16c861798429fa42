"""What the page of the policy shows, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from compliance.policy.changes import Change, Difference, File, Strayed
from compliance.policy.tables import State
from compliance.policy.what_if import WhatIf
from compliance.purge.rows import who
from compliance.reading import asks
from compliance.reading.copy import Reading
from compliance.show.columns import Row, status_in_words
from compliance.show.why import field_in_words
from compliance.words.deadlines import local_date
from compliance.words.policy import Policy
from compliance.words.texts import period_in_words, say, show
from compliance.words.versions import Value


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


def moved(found: WhatIf, language: str) -> list[Row]:
    """How entries go from status to status under other rules."""
    return [
        {
            "category_name": say(f"category.{one.category}", language),
            "before": status_in_words(str(one.before), language),
            "after": status_in_words(str(one.after), language),
            "persons": one.persons,
            "bases": one.bases,
        }
        for one in found.moves
    ]


def week_rows(found: WhatIf) -> list[Row]:
    """What becomes due and overdue in each week, by the rules before and after."""
    return [
        {
            "week": one.starts_on,
            "due_before": one.due_before,
            "due_after": one.due_after,
            "overdue_before": one.overdue_before,
            "overdue_after": one.overdue_after,
        }
        for one in found.weeks
    ]


def week_series(found: WhatIf) -> dict[str, tuple[list[int], list[int]]]:
    """The same as two rows of numbers for each status: by the rules before, and after."""
    return {
        "DUE": ([one.due_before for one in found.weeks], [one.due_after for one in found.weeks]),
        "OVERDUE": ([one.overdue_before for one in found.weeks], [one.overdue_after for one in found.weeks]),
    }


def setting_in_words(setting: str, language: str) -> str:
    """What a setting is called: a field of a category's rule, or a parameter."""
    category, _, name = setting.rpartition(".")
    if not category:
        return say(f"parameter.{setting}", language)
    return f"{say(f'category.{category}', language)} · {say(f'rule_setting.{name}', language)}"


def value_in_words(setting: str, value: Value | None, language: str) -> str:
    """What a setting is, as it is read."""
    name = setting.rpartition(".")[2]
    if value is None:
        return say("policy_page.not_there", language)
    if isinstance(value, list):
        return ", ".join(field_in_words(one, language) for one in value) or "–"
    if name == "period":
        return period_in_words(str(value), language)
    if name in ("owner", "approval"):
        return say(f"{name}.{value}", language)
    return show(value, language)


def differences_in_words(differences: Sequence[Difference], language: str) -> list[str]:
    """What becomes what, a line each."""
    return [
        f"{setting_in_words(one.setting, language)}: {value_in_words(one.setting, one.before, language)}"
        f" → {value_in_words(one.setting, one.after, language)}"
        for one in differences
    ]


def version_rows(changes: Iterable[Change], files: Iterable[File], today: dt.date, language: str) -> list[Row]:
    """Every version and every proposal, and what the files have said, the newest first."""
    told = [(one.decided_at or one.proposed_at, _change_row(one, today, language)) for one in changes]
    told += [(one.seen_at, _file_row(one, language)) for one in files]
    return [row for _, row in sorted(told, key=lambda one: one[0], reverse=True)]


def _change_row(one: Change, today: dt.date, language: str) -> Row:
    state = say(f"rule_change_state.{one.state}", language)
    if one.in_force_from is not None:
        state = say("rule_change_state.coming" if one.in_force_from > today else "rule_change_state.approved", language)
    return {
        "rule_version": str(one.change_id),
        "rule_change_state": state,
        "holds_from": one.in_force_from or one.holds_from,
        "differences": "; ".join(differences_in_words(one.differences, language)),
        "change_reason": one.reason,
        "proposer": who(one.proposed_by, one.proposed_role, language),
        "proposed_on": local_date(one.proposed_at),
        "decider": who(one.decided_by, one.decided_role, language) if one.decided_by else None,
        "decided_on": local_date(one.decided_at) if one.decided_at else None,
        "decided_because": one.decided_because,
    }


def _file_row(one: File, language: str) -> Row:
    told = "; ".join(differences_in_words(one.differences, language))
    return {
        "rule_version": one.version,
        "rule_change_state": say("rule_change_state.first" if one.is_first else "rule_change_state.file", language),
        "holds_from": local_date(one.seen_at),
        "differences": told or say("policy_page.first" if one.is_first else "policy_page.file_other", language),
        "change_reason": None,
        "proposer": say("policy_page.server", language),
        "proposed_on": local_date(one.seen_at),
        "decider": None,
        "decided_on": None,
        "decided_because": None,
    }


def strayed_rows(found: Iterable[Strayed], language: str) -> list[Row]:
    """Where a file and a version say different things, and which of the two holds."""
    return [
        {
            "rule_setting": setting_in_words(one.setting, language),
            "decided": value_in_words(one.setting, one.decided, language),
            "rule_version": str(one.number),
            "in_file": value_in_words(one.setting, one.file, language),
            "holds_now": say(
                "policy_page.no_rule_holds" if one.file is None else "policy_page.version_holds", language
            ),
        }
        for one in found
    ]


def proposals(changes: Iterable[Change]) -> list[Change]:
    """Those that wait for somebody, the oldest first."""
    return sorted((one for one in changes if one.state is State.PROPOSED), key=lambda one: one.change_id)
