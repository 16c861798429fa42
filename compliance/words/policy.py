"""The retention schedule and the parameters: what must be true of a rule before anything is decided by it.

Sources of the bounds: the privacy policy allows at most ten years after the relation ended, and 179 days for
the cookie; GDPR articles 5 and 6 demand a purpose and a ground.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from compliance.words.refusal import Refused
from compliance.words.vocabulary import COUNTED_FIELDS, PERSONNUMMER_FIELD, STORED_FIELDS, Category, StartEvent

MAX_MONTHS = 120
# As many days as ten calendar years have at least: across 2100, which is no leap year, they have one leap day only.
MAX_DAYS = 3651
MAX_COOKIE_DAYS = 179
# Bokföringslagen 7:2: at least seven years after the calendar year in which the fiscal year ended.
MIN_STATUTORY_YEARS = 7
GROUNDS = ("consent", "contract", "legal_obligation", "legitimate_interest")
# Closed lists: each word has its text, and a purpose outside the list is one nobody was told of.
PURPOSES = ("customer_service", "sales", "payroll", "representatives", "bookkeeping", "visiting_companies")
OWNERS = ("sales", "marketing", "hr", "purchasing", "finance")
SECTIONS = ("customer", "prospect", "staff", "cookies")
APPROVALS = ("four_eyes", "automatic")
WHY_UNCOVERED = ("processor", "not_in_policy", "no_rule")
# What is wrong with the text of the privacy policy itself: `policy.defect.<value>.title` and `.text`.
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
_PERIOD = re.compile(r"P(?:(?P<years>[0-9]{1,4})Y)?(?:(?P<months>[0-9]{1,4})M)?(?:(?P<days>[0-9]{1,5})D)?")
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


class _Digested(BaseModel):
    """What is asked for what it says again and again, and says it once: a copy with other values has to say it anew."""

    model_config = ConfigDict(frozen=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Policy(_Digested):
    """The rules in force. `digest` changes with any content; `uncovered` tells why a category has no rule."""

    version: str
    effective_from: dt.date | None
    rules: Mapping[Category, Rule]
    uncovered: Mapping[Category, str]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all content; the order in which the file lists the rules does not matter."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


class Threshold(BaseModel):
    """When a figure is as it should be, and from where it is amber and red; each as a line, not as truth."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    target: float
    amber: float | None = None
    red: float | None = None

    @property
    def worst(self) -> float:
        """The bound that is furthest from the target; the target itself where none is set."""
        return next((one for one in (self.red, self.amber) if one is not None), self.target)


class Parameters(_Digested):
    """The numbers of data/parameters.toml, which says what each means."""

    # Strict: "3" or true for a number is a slip to be told, not to be guessed at.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    notice_days: int = Field(90, ge=0)
    planned_purge_lead_days: int = Field(30, ge=0)
    hold_release_grace_days: int = Field(14, ge=0)
    hold_review_days: int = Field(180, ge=1)
    undetermined_resolve_days: int = Field(30, ge=1)
    former_role_review_months: int = Field(12, ge=1)
    request_months: int = Field(1, ge=1)
    extension_months: int = Field(2, ge=0)
    internal_target_days: int = Field(21, ge=1)
    id_ask_max_working_days: int = Field(3, ge=0)
    eves_as_holidays: bool = False
    redirect_working_days: int = Field(5, ge=1)
    optout_working_days: int = Field(1, ge=1)
    identity_wait_days: int = Field(30, ge=1)
    request_kept_months: int = Field(24, ge=1)
    due_soon_days: int = Field(7, ge=0)
    breach_hours: int = Field(72, ge=1)
    processor_breach_hours: int = Field(24, ge=1)
    supplement_weeks: int = Field(4, ge=1)
    nis2_clock: bool = False
    nis2_warning_hours: int = Field(24, ge=1)
    nis2_notification_hours: int = Field(72, ge=1)
    nis2_report_months: int = Field(1, ge=1)
    grant_review_days: int = Field(90, ge=1)
    grant_max_days: int = Field(180, ge=1)
    env_staff_max: int = Field(5, ge=1)
    staff_share_max: float = Field(0.1, gt=0, le=1)
    clean_max_days: int = Field(7, ge=1)
    restore_test_max_days: int = Field(365, ge=1)
    backup_window_days: int = Field(35, ge=0)
    figure_max_days: int = Field(92, ge=1)
    access_sessions_months: int = Field(24, ge=1)
    approval_days: int = Field(14, ge=1)
    large_batch_persons: int = Field(500, ge=1)
    large_batch_share: float = Field(0.2, gt=0, le=1)
    large_batch_days: int = Field(7, ge=1)
    automatic_max: int = Field(1000, ge=1)
    suppression_months: int = Field(120, ge=1)
    rectification_months: int = Field(24, ge=1)
    processing_review_months: int = Field(12, ge=1)
    finding_critical_days: int = Field(7, ge=0)
    finding_major_days: int = Field(30, ge=0)
    finding_minor_days: int = Field(90, ge=0)
    finding_accepted_months: int = Field(12, ge=1)
    session_idle_minutes: int = Field(30, ge=1, le=1440)
    session_hours: int = Field(12, ge=1, le=168)
    sign_ins_per_day: int = Field(100, ge=1)
    searches_per_day: int = Field(200, ge=1)
    extracts_per_day: int = Field(20, ge=1)
    cookie_max_days: int = Field(179, ge=1, le=MAX_COOKIE_DAYS)
    cookie_scan_max_days: int = Field(30, ge=1)
    mailing_months: int = Field(12, ge=1)
    # By the figure's code.
    thresholds: Mapping[str, Threshold] = Field(default_factory=dict)
    # How much a figure weighs in the risk score, by its code; others are no part of it.
    weights: Mapping[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    # How much an overdue entry of a category weighs, beside one of another; 1 where nothing is said.
    sensitivity: Mapping[Annotated[Category, Field(strict=False)], Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict
    )

    @cached_property
    def as_json(self) -> str:
        """All of them; another text whenever any is another."""
        return self.model_dump_json()

    def weight_of(self, category: str) -> float:
        """How much an overdue entry of a category weighs."""
        return self.sensitivity.get(Category(category), 1.0)

    @field_validator("weights")
    @classmethod
    def _are_measurable(cls, weights: Mapping[str, float], told: ValidationInfo) -> Mapping[str, float]:
        """A figure that weighs needs a bound beside its target: without one nobody has said what its worst is. Raises
        ValueError with the name at fault.
        """
        for code in weights:
            bounds = told.data.get("thresholds", {}).get(code)
            if bounds is None or bounds.worst == bounds.target:
                raise ValueError(f"weights.{code}")
        return weights


def recipients(rules: Iterable[Rule | None], sources: Iterable[str]) -> tuple[str, ...]:
    """The systems that have what is stored of somebody, in order: by the rules of the categories (None where one has
    none), and the sources that rows of theirs come from.
    """
    return tuple(sorted({*sources, *(system for rule in rules if rule is not None for system in rule.systems)}))


def load_policy(path: Path) -> Policy:
    """The rules of a retention.toml.

    Raises Refused with a code `rule_...` that says which rule is contradictory or over-long, and how.
    """
    return policy_of(path.name, text_of(path))


# Every page asks for the rules, and telling that a file is as it was costs a hundredth of reading it anew. By its whole
# content: a date of change would miss what is changed twice within one tick of the clock.
@lru_cache(maxsize=8)
def policy_of(name: str, text: str) -> Policy:
    """The rules in the text of a file of that name. Raises what load_policy does."""
    content = _parsed(name, text)
    _no_other_keys(content, {"policy", "rule", "uncovered"}, "-")
    rules: dict[Category, Rule] = {}
    for table in _tables(content, "rule"):
        rule = rule_of(table)
        if rule.category in rules:
            raise Refused("rule_twice", category=rule.category.value)
        rules[rule.category] = rule
    uncovered: dict[Category, str] = {}
    for table in _tables(content, "uncovered"):
        category = _category(table.get("category"))
        if category in rules or category in uncovered:
            raise Refused("rule_twice", category=category.value)
        _no_other_keys(table, {"category", "why"}, category.value)
        uncovered[category] = _word(table, "why", WHY_UNCOVERED, category)
    for category in Category:
        if category not in rules and category not in uncovered:
            uncovered[category] = "no_rule"
    head = content.get("policy", {})
    try:
        return Policy(
            version=head["version"],
            effective_from=head.get("effective_from"),
            rules=rules,
            uncovered=uncovered,
        )
    except (ValidationError, KeyError, TypeError, AttributeError):
        raise Refused("policy_head_unreadable", file=name) from None


def policy_with(policy: Policy, category: Category, period: str) -> Policy:
    """The same policy with another period for one category, for a what-if.

    Raises Refused for what load_policy refuses, and `rule_none` for a category without a rule.
    """
    if category not in policy.rules:
        raise Refused("rule_none", category=category.value)
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
    elif months > MAX_MONTHS or days > MAX_DAYS:
        raise Refused("rule_period_too_long", category=category.value, period=period)
    return (months or None, days or None)


def load_parameters(path: Path) -> Parameters:
    """The parameters of a parameters.toml. Raises Refused `parameters_unreadable` with the name at fault."""
    return parameters_of(path.name, text_of(path))


@lru_cache(maxsize=8)
def parameters_of(name: str, text: str) -> Parameters:
    """The parameters in the text of a file of that name. Raises what load_parameters does."""
    return checked_parameters(_parsed(name, text))


def checked_parameters(content: Mapping[str, Any]) -> Parameters:
    """Parameters by their names; those that are not told are as shipped. Raises Refused `parameters_unreadable`."""
    try:
        return Parameters.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        signs = {"ge": "≥", "gt": ">", "le": "≤"}
        bound = "".join(f" ({signs[name]} {least})" for name, least in first.get("ctx", {}).items() if name in signs)
        name = first.get("ctx", {}).get("error") or ".".join(map(str, first["loc"]))
        raise Refused("parameters_unreadable", name=str(name), bound=bound) from None


def table_of(rule: Rule) -> dict[str, Any]:
    """A rule as a table of the file; `rule_of` makes the same rule of it."""
    told = rule.model_dump(mode="json", exclude={"period_months", "period_days"})
    return {name: value for name, value in told.items() if value is not None}


def text_of(path: Path) -> str:
    """The text of a configuration file. Raises Refused `config_missing` or `config_unreadable`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise Refused("config_missing", file=path.name) from None
    except UnicodeDecodeError as error:
        raise Refused("config_unreadable", file=path.name, where=str(error)) from None


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("config_unreadable", file=name, where=str(error)) from None


def _tables(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    tables = content.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Refused("rule_not_a_list", setting=key)
    return tables


def _no_other_keys(table: dict[str, Any], known: set[str], category: str) -> None:
    if unknown := sorted(set(table) - known):
        raise Refused("rule_unknown_key", setting=unknown[0], category=category)


def _word(table: dict[str, Any], key: str, known: tuple[str, ...], category: Category) -> str:
    word = table.get(key)
    if not isinstance(word, str) or not word.strip():
        raise Refused("rule_missing", category=category.value, setting=key)
    if word not in known:
        raise Refused("rule_unknown_word", category=category.value, setting=key, word=word, known=", ".join(known))
    return word


def _words(table: dict[str, Any], key: str, category: Category) -> tuple[str, ...]:
    words = table.get(key)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Refused("rule_missing", category=category.value, setting=key)
    return tuple(dict.fromkeys(words))


def _statutory_years(table: dict[str, Any], category: Category) -> int | None:
    """Only vouchers are kept by law, and never for less than the law says."""
    years = table.get("statutory_years")
    long_enough = type(years) is int and years >= MIN_STATUTORY_YEARS
    if not (long_enough if category is Category.VOUCHER else years is None):
        raise Refused("rule_statutory_years", category=category.value, years=MIN_STATUTORY_YEARS)
    return years


def _category(name: object) -> Category:
    try:
        return Category(str(name))
    except ValueError:
        raise Refused("rule_unknown_category", category=str(name)) from None


def rule_of(table: dict[str, Any]) -> Rule:
    """The rule of a table. Raises Refused with a code `rule_...` for one that is contradictory or over-long."""
    category = _category(table.get("category"))
    name = category.value
    _no_other_keys(table, _RULE_KEYS, name)
    if category not in _FITTING:
        raise Refused("rule_impossible", category=name)
    event = str(table.get("start_event", ""))
    if event not in set(StartEvent):
        raise Refused("rule_unknown_start_event", category=name, start_event=event)
    if StartEvent(event) is not _FITTING[category]:
        raise Refused("rule_wrong_start_event", category=name, start_event=event, fitting=_FITTING[category].value)
    if table.get("ground") not in GROUNDS:
        raise Refused("rule_missing_ground", category=name, grounds=", ".join(GROUNDS))
    fields = _words(table, "allowed_fields", category)
    for word in fields:
        if word not in (*STORED_FIELDS, *COUNTED_FIELDS, PERSONNUMMER_FIELD):
            raise Refused("rule_unknown_field", category=name, field=word)
    systems = _words(table, "systems", category)
    if not systems:
        raise Refused("rule_missing", category=name, setting="systems")
    months, days = read_period(str(table.get("period", "")), category)
    return Rule(
        category=category,
        start_event=StartEvent(event),
        period=str(table["period"]),
        period_months=months,
        period_days=days,
        ground=table["ground"],
        purpose=_word(table, "purpose", PURPOSES, category),
        owner=_word(table, "owner", OWNERS, category),
        allowed_fields=fields,
        approval="automatic" if _word(table, "approval", APPROVALS, category) == "automatic" else "four_eyes",
        section=_word(table, "section", SECTIONS, category),
        systems=systems,
        statutory_years=_statutory_years(table, category),
    )
