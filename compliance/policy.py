"""The retention schedule and the parameters: what must be true of a rule before anything is decided by it.

Sources of the bounds: the privacy policy allows at most ten years after the relation ended, and 179 days for the
cookie; GDPR articles 5 and 6 demand a purpose and a ground.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from compliance.refusal import Refused
from compliance.vocabulary import (
    COUNTED_FIELDS,
    PERSONNUMMER_FIELD,
    STORED_FIELDS,
    Category,
    StartEvent,
)

MAX_MONTHS = 120
MAX_COOKIE_DAYS = 179
GROUNDS = ("consent", "contract", "legal_obligation", "legitimate_interest")
DEFECTS = tuple(f"d{number}" for number in range(1, 12))

_FITTING: Mapping[Category, StartEvent] = {
    Category.CUSTOMER_CONTACT: StartEvent.CUSTOMER_RELATION_ENDED,
    Category.PROSPECT: StartEvent.LAST_CONTACT,
    Category.EMPLOYEE: StartEvent.EMPLOYMENT_ENDED,
    Category.CONTRACTOR: StartEvent.ASSIGNMENT_ENDED,
    Category.SUPPLIER_REP: StartEvent.REPRESENTATION_ENDED,
    Category.PARTNER_REP: StartEvent.REPRESENTATION_ENDED,
    Category.VOUCHER: StartEvent.VOUCHER_RELATION_ENDED,
    Category.WEB_VISITOR: StartEvent.COOKIE_SET,
}
_PERIOD = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?")
_RULE_KEYS = {
    "category",
    "start_event",
    "period",
    "ground",
    "purpose",
    "owner",
    "allowed_fields",
    "approval",
    "section",
    "systems",
    "statutory_years",
}


class Rule(BaseModel):
    """How long data of one category may be kept. Either months or days are set, never both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    start_event: StartEvent
    period: str
    period_months: int | None
    period_days: int | None
    ground: str
    purpose: str
    owner: str
    allowed_fields: tuple[str, ...]
    approval: Literal["four_eyes", "automatic"]
    section: str
    systems: tuple[str, ...]
    statutory_years: int | None = None


class Policy(BaseModel):
    """The rules in force. `digest` changes with any content; `uncovered` tells why a category has no rule."""

    model_config = ConfigDict(frozen=True)

    version: str
    effective_from: dt.date | None
    rules: Mapping[Category, Rule]
    uncovered: Mapping[Category, str]

    @property
    def digest(self) -> str:
        """SHA-256 over the rules in a fixed order."""
        content = [self.version, *(rule.model_dump_json() for _, rule in sorted(self.rules.items()))]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class Parameters(BaseModel):
    """The numbers of data/parameters.toml, which says what each means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notice_days: int = 90
    planned_purge_lead_days: int = 30
    hold_release_grace_days: int = 14
    hold_review_days: int = 180
    undetermined_resolve_days: int = 30
    former_role_review_months: int = 12
    request_months: int = 1
    extension_months: int = 2
    internal_target_days: int = 21
    id_ask_max_working_days: int = 3
    eves_as_holidays: bool = False
    redirect_working_days: int = 5
    due_soon_days: int = 7
    breach_hours: int = 72
    processor_breach_hours: int = 24
    grant_review_days: int = 90
    backup_window_days: int = 35
    cookie_max_days: int = 179


def load_policy(path: Path) -> Policy:
    """The rules of a retention.toml.

    Raises Refused with a code `rule_...` that says which rule is contradictory or over-long, and how.
    """
    content = _read(path)
    unknown = set(content) - {"policy", "rule", "uncovered"}
    if unknown:
        raise Refused("rule_unknown_key", key=sorted(unknown)[0], category="-")
    rules: dict[Category, Rule] = {}
    for table in content.get("rule", []):
        rule = _rule(table)
        if rule.category in rules:
            raise Refused("rule_twice", category=rule.category.value)
        rules[rule.category] = rule
    uncovered = {
        _category(table.get("category")): str(table.get("why", "")) for table in content.get("uncovered", [])
    }
    for category in uncovered:
        if category in rules:
            raise Refused("rule_twice", category=category.value)
    for category in Category:
        if category not in rules and category not in uncovered:
            uncovered[category] = "no_rule"
    head = content.get("policy", {})
    return Policy(
        version=str(head.get("version", "?")),
        effective_from=head.get("effective_from"),
        rules=rules,
        uncovered=uncovered,
    )


def policy_with(policy: Policy, category: Category, period: str) -> Policy:
    """The same policy with another period for one category, for a what-if. Refuses what load_policy refuses."""
    rule = policy.rules[category]
    months, days = read_period(period, category)
    changed = rule.model_copy(update={"period": period, "period_months": months, "period_days": days})
    return policy.model_copy(update={"rules": {**policy.rules, category: changed}})


def read_period(period: str, category: Category) -> tuple[int | None, int | None]:
    """An ISO 8601 period as (months, None) or (None, days).

    Raises Refused for one that is unreadable, nothing, or longer than the policy allows the category.
    """
    match = _PERIOD.fullmatch(period)
    parts = {name: int(text) for name, text in (match.groupdict() if match else {}).items() if text}
    months = parts.get("years", 0) * 12 + parts.get("months", 0)
    days = parts.get("days", 0)
    if not parts or (months and days) or not (months or days):
        raise Refused("rule_period_unreadable", category=category.value, period=period)
    if category is Category.WEB_VISITOR:
        # Months have no fixed length in days; the cookie's life is promised in days.
        if months or days > MAX_COOKIE_DAYS:
            raise Refused("rule_cookie_too_long", period=period, days=MAX_COOKIE_DAYS)
    elif months > MAX_MONTHS or days > MAX_MONTHS * 30:
        raise Refused("rule_period_too_long", category=category.value, period=period)
    return (months or None, days or None)


def load_parameters(path: Path) -> Parameters:
    """The parameters of a parameters.toml. Raises Refused `parameters_unreadable` with the name at fault."""
    try:
        return Parameters.model_validate(_read(path))
    except ValidationError as error:
        raise Refused("parameters_unreadable", name=str(error.errors()[0]["loc"][0])) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused("config_missing", file=path.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("config_unreadable", file=path.name, where=str(error)) from None


def _category(name: object) -> Category:
    try:
        return Category(str(name))
    except ValueError:
        raise Refused("rule_unknown_category", category=str(name)) from None


def _rule(table: dict[str, Any]) -> Rule:
    category = _category(table.get("category"))
    name = category.value
    unknown = set(table) - _RULE_KEYS
    if unknown:
        raise Refused("rule_unknown_key", key=sorted(unknown)[0], category=name)
    if category not in _FITTING:
        raise Refused("rule_impossible", category=name)
    event = str(table.get("start_event", ""))
    if event not in set(StartEvent):
        raise Refused("rule_unknown_start_event", category=name, start_event=event)
    if StartEvent(event) is not _FITTING[category]:
        raise Refused(
            "rule_wrong_start_event", category=name, start_event=event, fitting=_FITTING[category].value
        )
    if table.get("ground") not in GROUNDS:
        raise Refused("rule_missing_ground", category=name, grounds=", ".join(GROUNDS))
    for key in ("purpose", "owner", "section"):
        if not table.get(key):
            raise Refused("rule_missing", category=name, key=key)
    fields = tuple(table.get("allowed_fields", ()))
    for word in fields:
        if word not in (*STORED_FIELDS, *COUNTED_FIELDS, PERSONNUMMER_FIELD):
            raise Refused("rule_unknown_field", category=name, field=str(word))
    if table.get("approval") not in ("four_eyes", "automatic"):
        raise Refused("rule_missing", category=name, key="approval")
    months, days = read_period(str(table.get("period", "")), category)
    return Rule(
        category=category,
        start_event=StartEvent(event),
        period=str(table["period"]),
        period_months=months,
        period_days=days,
        ground=table["ground"],
        purpose=table["purpose"],
        owner=table["owner"],
        allowed_fields=fields,
        approval=table["approval"],
        section=table["section"],
        systems=tuple(table.get("systems", ())),
        statutory_years=table.get("statutory_years"),
    )
