"""What the sources hold beyond what the rules allow, and what in them could not be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from compliance.findings import asks
from compliance.reading.copy import Reading
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Policy
from compliance.words.vocabulary import PERSONNUMMER_FIELD, SPECIAL_CATEGORY_FIELDS, Category

# What is found, which only a copy can tell. Texts: `finding_name.<value>`, `finding_told.<value>`.
CODES = frozenset({"special_category", "field_not_allowed", "unread_cells", "twice_written", "letters_lost"})
_PAGE, _TAB = "review/risk", {"tab": "findings"}


@dataclass(frozen=True)
class Filled:
    """A column that holds more than the rule allows. Critical: special categories and personnummer."""

    category: str
    source: str
    field: str
    column: str
    filled: int
    critical: bool

    @property
    def cut(self) -> str:
        """What it is known by among the parts of a figure: category, source, field and how grave it is."""
        return f"{self.category}/{self.source}/{self.field}/{'critical' if self.critical else 'not_allowed'}"


def verdict(row: asks.Field) -> str:
    """How a field stands: allowed, not_allowed or critical."""
    if row.is_allowed:
        return "allowed"
    return "critical" if row.field in (*SPECIAL_CATEGORY_FIELDS, PERSONNUMMER_FIELD) else "not_allowed"


def filled(reading: Reading) -> list[Filled]:
    """What the sources hold beyond what the category's rule allows, the gravest first."""
    found = [
        Filled(row.category, row.source, row.field, row.column_name or "", row.filled, verdict(row) == "critical")
        for row in reading.rows(asks.FIELDS)
        if row.filled and not row.is_allowed
    ]
    return sorted(found, key=lambda one: (not one.critical, -one.filled, one.category, one.column))


def judged(reading: Reading | None, policy: Policy) -> Judged:
    """The same for the list of all findings, and cells that nothing could be read from; nothing is judged where there
    is no copy. The source's own words for its columns are left out: of those with the same meaning, one finding.
    """
    if reading is None:
        return Judged((), CODES)
    cells: Counter[tuple[str, str, str, bool]] = Counter()
    for one in filled(reading):
        cells[(one.category, one.source, one.field, one.critical)] += one.filled
    found = [
        Finding(
            "special_category" if critical else "field_not_allowed",
            f"{category}/{source}/{field}",
            Severity.CRITICAL if critical else Severity.MAJOR,
            _PAGE,
            owner=_owner(policy, category),
            filters=_TAB,
            told={"category": category, "source": source, "field": field, "count": count},
        )
        for (category, source, field, critical), count in cells.items()
    ]
    found += [_of_cells("unread_cells", row) for row in reading.rows(asks.UNREAD_CELLS)]
    found += [
        _of_cells("twice_written" if row.what == "twice" else "letters_lost", row)
        for row in reading.rows(asks.GARBLED_CELLS)
    ]
    return Judged(tuple(found))


def _of_cells(kind: str, row: asks.UnreadCell | asks.GarbledCell) -> Finding:
    """What is told of so many cells of a field."""
    return Finding(
        kind,
        f"{row.dataset}/{row.field}",
        Severity.MINOR,
        _PAGE,
        filters=_TAB,
        told={"source": row.source, "dataset": row.dataset, "field": row.field, "count": row.rows},
    )


def _owner(policy: Policy, category: str) -> str | None:
    rule = policy.rules.get(Category(category))
    return rule.owner if rule else None
