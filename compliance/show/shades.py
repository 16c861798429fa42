"""The colour of a cell of a heat map, the same on the page and in the report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

# From what part of the heaviest cell on it is which colour (red, green, blue, opacity), and in between in proportion.
# What lies behind shows through, light or dark, and the numbers have the colour of the text.
SHADES = ((0.0, (128, 128, 128, 0.10)), (0.01, (200, 64, 58, 0.14)), (1.0, (200, 64, 58, 0.60)))


def heavy(counts: Sequence[Sequence[int | None]], weights: Sequence[float]) -> list[list[float]]:
    """What each cell weighs: its count as often as its row counts; what is not known weighs nothing."""
    return [[(count or 0) * weight for count in row] for row, weight in zip(counts, weights, strict=True)]


def shade(part: float) -> str:
    """The colour of a cell that weighs such a part of the heaviest, as #rrggbbaa."""
    (low, light), (high, dark) = next(pair for pair in pairwise(SHADES) if part <= pair[1][0])
    share = (part - low) / (high - low)
    red, green, blue, opacity = (a + (b - a) * share for a, b in zip(light, dark, strict=True))
    return "#" + "".join(f"{round(one):02x}" for one in (red, green, blue, 255 * opacity))
