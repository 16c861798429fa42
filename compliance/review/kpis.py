"""What the dashboard measures (KPIs): what each figure is, when it is good, and what it is when it is not known.

Each stands once, in kpis.toml; its target and the bounds of amber and red stand in data/parameters.toml. A figure that
is not known is never zero: it says why instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from compliance.words.policy import Parameters, Threshold
from compliance.words.refusal import Refused
from compliance.words.texts import say, show, show_share


class Unit(StrEnum):
    """What a figure counts. Texts: `kpi_unit.<value>`."""

    PERSONS = "persons"
    ENTRIES = "entries"
    SHARE = "share"
    DAYS = "days"
    REQUESTS = "requests"
    HOLDS = "holds"
    SOURCES = "sources"
    COLUMNS = "columns"
    PURGES = "purges"
    POINTS = "points"
    INCIDENTS = "incidents"
    COOKIES = "cookies"
    MAILINGS = "mailings"
    HOURS = "hours"
    FINDINGS = "findings"
    GRANTS = "grants"
    ENVIRONMENTS = "environments"
    CORRECTIONS = "corrections"
    FILES = "files"
    FIELDS = "fields"
    SESSIONS = "sessions"


class Better(StrEnum):
    """In which direction a figure is good. Texts: `kpi_better.<value>`."""

    LOW = "low"
    HIGH = "high"
    NEITHER = "neither"


class Rests(StrEnum):
    """What must be fresh for a figure to be known: every source of persons, the form's export, or nothing but the
    register.
    """

    COPY = "copy"
    FORM = "form"
    # What says who may enter customers' environments, and how those are set.
    ACCESS = "access"
    # What says what was sent to whom.
    MAILINGS = "mailings"
    REGISTER = "register"


class Unknown(StrEnum):
    """Why a figure is not known. Texts: `kpi_unknown.<value>`."""

    # A source that it rests on is too old.
    STALE = "stale"
    # There is nothing that it could be a share, or the middle, of.
    NOTHING = "nothing"
    # It was not measured yet on that day, or in another way.
    NOT_MEASURED = "not_measured"


class Level(StrEnum):
    """How a figure stands against its bounds. Texts: `kpi_level.<value>`."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    # It is as it is, or nobody has set a bound.
    NONE = "none"
    UNKNOWN = "unknown"


# Shapes, so that colours are never the only sign.
LEVEL_SIGNS = {Level.RED: "■", Level.AMBER: "▲", Level.UNKNOWN: "?", Level.GREEN: "✓", Level.NONE: "–"}


@dataclass(frozen=True)
class Measured:
    """A figure on a day. `value` is None exactly where `unknown` says why; `cuts` are its parts, where it has any."""

    value: float | None
    unknown: Unknown | None = None
    cuts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.value is None) is not (self.unknown is not None):
            raise ValueError("a figure has a value or says why it has none")


NOT_MEASURED = Measured(None, Unknown.NOT_MEASURED)


@dataclass(frozen=True)
class Way:
    """Where a figure's rows are: the page, and what its list is narrowed to."""

    page: str
    filters: Mapping[str, str]


@dataclass(frozen=True)
class Kpi:
    """One figure. `number` is its number in the reference (K01 and on), which several share; `version` goes up with its
    formula. `way` leads to its rows, where a page lists them.
    """

    code: str
    number: str
    measured_by: str
    unit: Unit
    better: Better
    rests_on: Rests
    readers: tuple[str, ...]
    version: int
    cut: str | None
    way: Way | None
    _name: Mapping[str, str]
    _formula: Mapping[str, str]

    def name(self, language: str) -> str:
        """What it is called."""
        return self._name[language]

    def formula(self, language: str) -> str:
        """How it is counted, in words."""
        return self._formula[language]

    def show(self, measured: Measured, language: str) -> str:
        """Its value as it is written; unknown, or a dash where there is nothing to measure."""
        if measured.value is None:
            return "–" if measured.unknown is Unknown.NOTHING else say("common.unknown", language)
        return self.show_value(measured.value, language)

    def show_value(self, value: float, language: str) -> str:
        """A number of its unit, as it is written."""
        if self.unit is Unit.SHARE:
            return show_share(value, language)
        return show(int(value) if float(value).is_integer() else round(value, 1), language)

    def unit_of(self, value: float | None, language: str) -> str:
        """What is counted, as it stands after that number; of many where it is not known."""
        return say(f"kpi_unit.{self.unit}", language, count=1 if value == 1 else 2)

    def level(self, measured: Measured, parameters: Parameters) -> Level:
        """How it stands against the bounds of data/parameters.toml."""
        if measured.value is None:
            return Level.NONE if measured.unknown is Unknown.NOTHING else Level.UNKNOWN
        bounds = self.threshold(parameters)
        if bounds is None or self.better is Better.NEITHER:
            return Level.NONE
        for level, bound in ((Level.RED, bounds.red), (Level.AMBER, bounds.amber)):
            if bound is not None and self._is_at(measured.value, bound):
                return level
        return Level.GREEN

    def threshold(self, parameters: Parameters) -> Threshold | None:
        """Its target and bounds, None where nobody has set any."""
        return parameters.thresholds.get(self.code)

    def strain(self, measured: Measured, parameters: Parameters) -> float | None:
        """How far it is from its target (0) to its worst bound (1, and no more); None where it is not known.

        Raises ValueError for a figure without a bound: nobody has said what its worst is.
        """
        bounds = self.threshold(parameters)
        if bounds is None or bounds.worst == bounds.target:
            raise ValueError(f"{self.code} has no bound to be measured against")
        if measured.value is None:
            return None
        return min(max((measured.value - bounds.target) / (bounds.worst - bounds.target), 0.0), 1.0)

    def why(self, level: Level, parameters: Parameters, language: str) -> str:
        """Why it is amber or red, in words; empty for any other level."""
        bounds = self.threshold(parameters)
        bound = None if bounds is None else {Level.AMBER: bounds.amber, Level.RED: bounds.red}.get(level)
        if bound is None:
            return ""
        told = {"level": say(f"kpi_level.{level}", language), "bound": self.show_value(bound, language)}
        return say(f"kpi_why.{self.better}", language, **told)

    def stands(self, measured: Measured, parameters: Parameters, language: str) -> str:
        """How it stands, with its sign and why; empty for what is as it is."""
        level = self.level(measured, parameters)
        if level is Level.NONE and measured.unknown is None:
            return ""
        told = self.told(measured, parameters, language) or say(f"kpi_level.{level}", language)
        return f"{LEVEL_SIGNS[level]} {told}"

    def told(self, measured: Measured, parameters: Parameters, language: str) -> str:
        """Why it is amber, red or unknown, in words; empty where it is none of these."""
        if measured.unknown is not None:
            return say(f"kpi_unknown.{measured.unknown}", language)
        return self.why(self.level(measured, parameters), parameters, language)

    def _is_at(self, value: float, bound: float) -> bool:
        return value >= bound if self.better is Better.LOW else value <= bound


def require_known(parameters: Parameters) -> None:
    """Raises Refused `figure_unknown` for bounds or a weight of what is no figure: whoever wrote it meant another one,
    which nothing would be said of.
    """
    for table in ("thresholds", "weights"):
        for code in getattr(parameters, table):
            if code not in kpis():
                raise Refused("figure_unknown", table=table, figure=code)


@cache
def kpis() -> Mapping[str, Kpi]:
    """Every figure by its code, in the order in which it is told."""
    found = tomllib.loads((Path(__file__).parent / "kpis.toml").read_text(encoding="utf-8"))
    return {code: _kpi(code, told) for code, told in found.items()}


def _way(told: str | None) -> Way | None:
    if told is None:
        return None
    page, _, filters = told.partition("?")
    return Way(f"pages/{page}.py", dict(parse_qsl(filters)))


def _kpi(code: str, told: Mapping[str, Any]) -> Kpi:
    return Kpi(
        code,
        told["number"],
        told["measured_by"],
        Unit(told["unit"]),
        Better(told["better"]),
        Rests(told["rests_on"]),
        tuple(told["readers"]),
        told["version"],
        told.get("cut"),
        _way(told.get("list")),
        told["name"],
        told["formula"],
    )
