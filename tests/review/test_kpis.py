"""What is said of a figure is true of how it is measured."""

from __future__ import annotations

import pytest

from compliance.review import measures
from compliance.review.kpis import kpis
from compliance.words import queries


@pytest.mark.parametrize("code", kpis())
def test_what_is_said_to_measure_a_figure_is_there(code: str) -> None:
    measured_by = kpis()[code].measured_by
    assert measured_by in queries.names() or callable(getattr(measures, f"_{measured_by}", None))
