"""The risk score: some of the figures, each weighed, so that one number says whether things get better or worse.

It is made of nothing but its parts, and is never shown without the way to them. Which figures weigh what stands in
data/parameters.toml (`weights`), where their targets and bounds are too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.review.kpis import NOT_MEASURED, Kpi, Measured, Unknown, kpis
from compliance.words.policy import Parameters

CODE = "risk_score"
_MOST = 100.0
# Of less than half of the weight nothing is said: whatever it were, what is not known would decide.
_KNOWN = 0.5


@dataclass(frozen=True)
class Part:
    """One figure of the score. `weight` is of 100, 0 where there is nothing to measure; `points` is None where the
    figure is not known.
    """

    kpi: Kpi
    measured: Measured
    weight: float
    points: float | None


@dataclass(frozen=True)
class Score:
    """The score by its parts, the heaviest first: between `low` and `high`, which are one where every part is known."""

    parts: tuple[Part, ...]

    @property
    def low(self) -> float:
        """If all that is not known were at its target."""
        return sum(one.points or 0 for one in self.parts)

    @property
    def high(self) -> float:
        """If all that is not known were at its worst."""
        return sum(one.weight if one.points is None else one.points for one in self.parts)

    @property
    def is_whole(self) -> bool:
        """Whether every part is known, so that it is one number."""
        return bool(self.parts) and all(one.points is not None for one in self.parts)

    @property
    def is_told(self) -> bool:
        """Whether so much of it is known that it says something, be it a range."""
        known = sum(one.weight for one in self.parts if one.points is not None)
        return known > _MOST * _KNOWN or self.is_whole

    @property
    def measured(self) -> Measured:
        """As a figure: one number with the points of its parts, or why there is none."""
        if not any(one.weight for one in self.parts):
            return Measured(None, Unknown.NOTHING)
        if not self.is_whole:
            return Measured(None, next(one.measured.unknown for one in self.parts if one.points is None))
        return Measured(
            round(self.low, 1), None, {one.kpi.code: round(one.points, 1) for one in self.parts if one.points}
        )


def score(figures: Mapping[str, Measured], parameters: Parameters) -> Score:
    """The score of a day's figures. What there is nothing to measure of weighs nothing, and the others the more."""
    weights = dict(parameters.weights)
    told = {code: figures.get(code, NOT_MEASURED) for code in weights}
    whole = sum(weight for code, weight in weights.items() if told[code].unknown is not Unknown.NOTHING)
    parts = []
    for code, weight in sorted(weights.items(), key=lambda one: -one[1]):
        kpi, measured = kpis()[code], told[code]
        if measured.unknown is Unknown.NOTHING:
            parts.append(Part(kpi, measured, 0.0, 0.0))
            continue
        weight, strain = _MOST * weight / whole, kpi.strain(measured, parameters)
        parts.append(Part(kpi, measured, weight, None if strain is None else weight * strain))
    return Score(tuple(parts))
