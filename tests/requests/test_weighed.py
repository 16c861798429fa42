"""Whom requests are about agrees with what going through them one by one makes of it."""

from __future__ import annotations

import pytest

from tests.requests import weighed


@pytest.mark.parametrize("seed", range(2))
def test_whom_requests_are_about_is_told_alike_twice(seed: int) -> None:
    told = weighed.Chance(seed)
    assert weighed.differences(weighed.Made(told).now(), weighed.slowly(told)) == {}
