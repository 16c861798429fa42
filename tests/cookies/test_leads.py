"""Web leads by the cookie that they came with, as the page of cookies counts them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from compliance.cookies import asks
from tests.world import World


def test_leads_are_counted_by_cookie_with_those_past_their_day(tmp_path: Path) -> None:
    world = World(tmp_path)
    first, early, last = dt.date(2026, 11, 1), dt.date(2026, 5, 1), dt.date(2026, 11, 20)
    for set_on, cookie, company in ((first, "pe#", "Ett"), (early, "pe#", "Ett"), (last, "_ga", "Två")):
        noon = dt.datetime.combine(set_on, dt.time(12), dt.UTC)
        world.person("WEB_VISITOR", set_at=noon, cookie_name=cookie, org_name=company)
    world.person("PROSPECT", registered_on="2020-01-01")
    assert world.reading().rows(asks.WEB_LEADS) == [
        asks.WebLeads("pe#", 2, early, first, 1, 1),
        asks.WebLeads("_ga", 1, last, last, 0, 1),
    ]
