"""The register of processing as it stands: each activity by its rule, what is stored, and what was described."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.incidents.asks import CATEGORY_PERSONS
from compliance.processing.facts import Described
from compliance.processing.tables import Transfer, processing_entry, processing_version
from compliance.reading.copy import Reading
from compliance.words.deadlines import add_months
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Parameters, Policy, Rule
from compliance.words.vocabulary import Category

PAGE = "processing/processing"
# The ground that a balancing of interests has to carry.
_BALANCED = "legitimate_interest"
# What a category without a rule lacks, of which only a copy says that somebody of it is stored.
_OF_COPY = frozenset({"processing_no_rule", "processing_undescribed"})

# A field of an activity in no language: a code, a list of codes, a text, a day as ISO; empty where there is nothing to
# say, None where it is not known.
Value = str | list[str] | None
FIELDS = (
    "purpose", "ground", "lia_reference", "lia_reviewed_on", "fields", "recipients", "systems", "transfers",
    "safeguards", "period", "start_event", "measures", "owner", "reviewed_on",
)  # fmt: skip
# What somebody writes of it in words of their own.
FREE = ("recipients", "safeguards", "measures", "lia_reference")


@dataclass(frozen=True)
class Activity:
    """What is done with one category. `rule` is None for a category without one, `described` where nobody has yet,
    `stored` where there is no copy.
    """

    category: Category
    rule: Rule | None
    stored: int | None
    described: Described | None
    described_at: dt.datetime | None

    def content(self) -> dict[str, Value]:
        """Its fields, in the order in which they are read; what is counted anew each week is none of them."""
        known: dict[str, Value] = {}
        if self.rule is not None:
            known |= {
                "purpose": self.rule.purpose,
                "ground": self.rule.ground,
                "fields": sorted(self.rule.allowed_fields),
                "systems": sorted(self.rule.systems),
                "period": self.rule.period,
                "start_event": self.rule.start_event.value,
                "owner": self.rule.owner,
            }
        if self.described is not None:
            known |= self._described(self.described)
        return {field: known.get(field) for field in FIELDS}

    def _described(self, told: Described) -> dict[str, Value]:
        """What was described; empty is what the law asks for in other cases, None what it asks for in this one."""
        unbalanced = None if self.is_balanced else ""
        unguarded = None if told.transfers is Transfer.THIRD_COUNTRY else ""
        return {
            "recipients": told.recipients,
            "transfers": told.transfers.value,
            "safeguards": told.safeguards or unguarded,
            "measures": told.measures,
            "lia_reference": told.lia_reference or unbalanced,
            "lia_reviewed_on": told.lia_reviewed_on.isoformat() if told.lia_reviewed_on else unbalanced,
            "reviewed_on": told.reviewed_on.isoformat(),
        }

    @property
    def is_balanced(self) -> bool:
        """Whether it stands on a balancing of interests."""
        return self.rule is not None and self.rule.ground == _BALANCED


@dataclass(frozen=True)
class Version:
    """The register as it was made a version of. `content` is by category and field, in no language."""

    version_id: int
    as_of: dt.date
    content: Mapping[str, Mapping[str, Value]]
    note: str
    made_at: dt.datetime
    made_by: str
    made_role: str


@dataclass(frozen=True)
class Difference:
    """A field of an activity that is another than it was; None is what is not there, or not known."""

    category: str
    field: str
    before: Value
    after: Value


def activities(register: sa.Engine, policy: Policy, reading: Reading | None) -> list[Activity]:
    """Every category that has a rule or of which somebody is stored, in the order of the policy."""
    with register.connect() as connection:
        return activities_in(connection, policy, reading)


def activities_in(connection: sa.Connection, policy: Policy, reading: Reading | None) -> list[Activity]:
    """The same, in the caller's transaction."""
    stored: Mapping[str, int] | None = None
    if reading is not None:
        stored = {row.category: row.persons for row in reading.rows(CATEGORY_PERSONS)}
    told = _described(connection)
    found = []
    for category in Category:
        rule = policy.rules.get(category)
        many = None if stored is None else stored.get(category, 0)
        if rule is None and not many and category not in told:
            continue
        facts, at = told.get(category, (None, None))
        found.append(Activity(category, rule, many, facts, at))
    return found


def _described(connection: sa.Connection) -> dict[str, tuple[Described, dt.datetime]]:
    rows = connection.execute(sa.select(processing_entry).order_by(processing_entry.c.entry_id))
    return {row.category: (Described.model_validate_json(row.facts), row.recorded_at) for row in rows}


def versions(register: sa.Engine) -> list[Version]:
    """Every version, the newest first."""
    with register.connect() as connection:
        return versions_in(connection)


def versions_in(connection: sa.Connection) -> list[Version]:
    """The same, in the caller's transaction."""
    rows = connection.execute(sa.select(processing_version).order_by(processing_version.c.version_id.desc())).all()
    return [
        Version(
            row.version_id, row.as_of, json.loads(row.content), row.note, row.made_at, row.made_by, row.made_role
        )
        for row in rows
    ]  # fmt: skip


def content(found: Iterable[Activity]) -> dict[str, dict[str, Value]]:
    """The register in no language, as a version keeps it."""
    return {one.category.value: one.content() for one in found}


def differences(
    before: Mapping[str, Mapping[str, Value]], after: Mapping[str, Mapping[str, Value]]
) -> list[Difference]:
    """What is another in `after`, category by category and field by field."""
    found = []
    for category in [*after, *(one for one in before if one not in after)]:
        old, new = before.get(category, {}), after.get(category, {})
        for field in [*new, *(one for one in old if one not in new)]:
            if old.get(field) != new.get(field):
                found.append(Difference(category, field, old.get(field), new.get(field)))
    return found


def judged(found: Iterable[Activity], parameters: Parameters, today: dt.date, *, has_copy: bool) -> Judged:
    """What the register lacks that the law asks for, and what nobody has looked at for too long. Without a copy nobody
    knows whether anybody without a rule is stored, so what was found of them is not mended by that.
    """
    latest = add_months(today, -parameters.processing_review_months)
    gaps = (
        Finding(
            code, one.category.value, severity, PAGE, owner=one.rule.owner if one.rule else None,
            filters={"category": one.category.value}, told={"category": one.category.value},
        )
        for one in found
        for code, severity in _gaps(one, latest)
    )  # fmt: skip
    return Judged(tuple(gaps), frozenset() if has_copy else _OF_COPY)


def _gaps(one: Activity, latest: dt.date) -> Iterable[tuple[str, Severity]]:
    if one.rule is None and one.stored:
        yield "processing_no_rule", Severity.MAJOR
    told = one.described
    if told is None:
        yield "processing_undescribed", Severity.MAJOR
        return
    if told.transfers is Transfer.THIRD_COUNTRY and not told.safeguards:
        yield "processing_unguarded", Severity.CRITICAL
    if one.is_balanced:
        if not told.lia_reference:
            yield "processing_no_lia", Severity.MAJOR
        elif told.lia_reviewed_on is None or told.lia_reviewed_on < latest:
            yield "processing_old_lia", Severity.MINOR
    if told.reviewed_on < latest:
        yield "processing_not_reviewed", Severity.MINOR
