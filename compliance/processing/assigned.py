"""The register of what is done on customers' behalf (article 30.2): a row for each environment, by its settings in the
copy, what is described for all of them, and the measures of the register of roles and controls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.controls import state as controls
from compliance.environments import asks
from compliance.environments.asks import EnvironmentRow
from compliance.processing.facts import Entrusted
from compliance.processing.state import PAGE, Value
from compliance.processing.tables import Transfer, processing_assigned
from compliance.reading.copy import Reading
from compliance.words.deadlines import add_months
from compliance.words.finding import Finding, Judged, Severity
from compliance.words.policy import Parameters

# What a version keeps of an environment begins with this, before the environment's own key.
PREFIX = "environment:"
# Its fields, in the order in which they are read.
FIELDS = ("agreement", "categories", "subprocessors", "transfers", "safeguards", "measures", "reviewed_on")
# What somebody writes of it in words of their own.
FREE = ("categories", "subprocessors", "safeguards")
# What the law asks for of it, where there are environments: only a copy says that there are.
_OF_COPY = frozenset({"assigned_undescribed", "assigned_no_measures"})


@dataclass(frozen=True)
class Assigned:
    """What is known of it: the environments that are not closed, None where there is no copy; what was described, None
    where nobody has; and the names of the measures.
    """

    environments: tuple[EnvironmentRow, ...] | None
    told: Entrusted | None
    measures: tuple[str, ...]

    def content(self, before: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
        """The register in no language, as a version keeps it, without the customers' names. Without a copy it is of
        the environments of `before`, the version before.
        """
        if self.environments is None:
            known = {name: told.get("agreement") for name, told in before.items() if name.startswith(PREFIX)}
        else:
            known = {f"{PREFIX}{one.environment_key}": one.agreement for one in self.environments}
        return {name: {"agreement": agreement, **self._common()} for name, agreement in sorted(known.items())}

    def _common(self) -> dict[str, Value]:
        told = self.told
        measures: Value = list(self.measures) or None
        if told is None:
            unknown = ("categories", "subprocessors", "transfers", "safeguards", "reviewed_on")
            return {**dict.fromkeys(unknown), "measures": measures}
        unguarded = None if told.transfers is Transfer.THIRD_COUNTRY else ""
        return {
            "categories": told.categories,
            "subprocessors": told.subprocessors,
            "transfers": told.transfers.value,
            "safeguards": told.safeguards or unguarded,
            "measures": measures,
            "reviewed_on": told.reviewed_on.isoformat(),
        }


def known(register: sa.Engine, reading: Reading | None) -> Assigned:
    """What is known of it now."""
    with register.connect() as connection:
        return load(connection, reading)


def load(connection: sa.Connection, reading: Reading | None) -> Assigned:
    """The same, in the caller's transaction."""
    last = sa.select(processing_assigned.c.facts).order_by(processing_assigned.c.entry_id.desc()).limit(1)
    facts = connection.scalars(last).first()
    environments = None
    if reading is not None:
        told = reading.rows(asks.ENVIRONMENT_STATES)
        environments = tuple(one for one in told if one.closed_on is None or one.closed_on > reading.as_of)
    measures = tuple(one.told.name for one in controls.load(connection).guards)
    return Assigned(environments, None if facts is None else Entrusted.model_validate_json(facts), measures)


def judged(found: Assigned, parameters: Parameters, today: dt.date) -> Judged:
    """What the register lacks that the law asks for, and what nobody has looked at for too long."""
    return Judged(tuple(_gaps(found, parameters, today)), _OF_COPY if found.environments is None else frozenset())


def _gaps(found: Assigned, parameters: Parameters, today: dt.date) -> Iterator[Finding]:
    def gap(code: str, severity: Severity) -> Finding:
        return Finding(code, "environments", severity, PAGE, owner="it")

    if found.environments:
        if found.told is None:
            yield gap("assigned_undescribed", Severity.MAJOR)
        if not found.measures:
            yield gap("assigned_no_measures", Severity.MAJOR)
    if found.told is None:
        return
    if found.told.transfers is Transfer.THIRD_COUNTRY and not found.told.safeguards:
        yield gap("assigned_unguarded", Severity.CRITICAL)
    if found.told.reviewed_on < add_months(today, -parameters.processing_review_months):
        yield gap("assigned_not_reviewed", Severity.MINOR)
