"""In a real browser: a review of an environment's grants ends in orders, and the next export verifies one of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from compliance.words.texts import say
from tests import demo_store
from tests.browsing import browser, fetched, serving
from tests.environments.test_reviews import GRANTS, STAFF, states
from tests.incidents.test_browser import choose, fill, signed_in
from tests.purge.test_grants import grant
from tests.purging import Desk, employees, environments, grants

__all__ = ["browser"]
pytestmark = pytest.mark.browser


def test_a_review_ends_in_orders_and_the_next_export_verifies(browser: Browser, tmp_path: Path) -> None:
    store = tmp_path / "store"
    desk = Desk(store, COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    exports = employees(folder, STAFF), environments(folder, [{"Miljö-ID": "M1"}]), grants(folder, GRANTS)
    assert desk.take_in(*exports).all_taken
    with serving({**demo_store.environment(store), "COMPLIANCE_BUILDS": "plain"}) as url:
        page = signed_in(browser, url, "ciso", "access", "environments")
        choose(page, "access_environment", "M1")
        told = say("environments.review_place", "sv", count=2, environment="M1")
        expect(page.get_by_text(told, exact=True)).to_be_visible()
        choose(page, "access_review_decision", say("environments.decision_revoke", "sv"))
        fill(page, "access_review", reason="Avtalet ar slut.")
        page.locator(".st-key-access_review_button button").click()
        done = say("environments.reviewed", "sv", grants=2, orders=2, withdrawn=0)
        expect(page.get_by_text(done, exact=True)).to_be_visible()
        assert states(desk) == ["awaited", "awaited"]
        page.get_by_role("tab", name=say("environments.tab_orders", "sv")).click()
        content = fetched(page, "revocation_order").path().read_text(encoding="utf-8-sig")
        assert "B1" in content and "B2" in content and "@" not in content

        # Of the next export the one is revoked, and the other as it was.
        desk.now = dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)
        stamp = f"{desk.now - dt.timedelta(hours=1):%Y-%m-%dT%H%M}"
        after = [grant(1, "7", Återkallad="2026-11-24"), GRANTS[1]]
        assert desk.take_in(grants(tmp_path / "in2", after, stamp)).all_taken
        assert states(desk) == ["verified", "still_there"]
        page = signed_in(browser, url, "ciso", "access", "environments")
        page.get_by_role("tab", name=say("environments.tab_findings", "sv")).click()
        expect(page.get_by_text(say("environments.findings_help", "sv"))).to_be_visible()
        sentence = page.get_by_text("1 person har 1 öppen behörighet till 1 kundmiljö.")
        expect(sentence.first).to_be_visible()
