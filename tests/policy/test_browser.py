"""A rule that two people change in their windows, and the purge that goes by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, choose, press, serving, stands

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]
RULE = "draft_2026-1_PROSPECT"


def opened(browser: Browser, address: str, role: str) -> Page:
    """A window of somebody's on a page."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1200})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    press(page, f"pick_{role}")
    return page


def overdue(page: Page) -> int:
    """How many entries the list of who must go is about."""
    told = page.get_by_text(re.compile(r"^[\d,]+ entries about")).first
    expect(told).to_be_visible()
    return int(re.sub(r"\D", "", told.inner_text().partition("entries")[0]))


def test_a_rule_that_two_have_changed_is_what_the_next_purge_goes_by(browser: Browser, tmp_path: Path) -> None:
    with serving(demo_store.environment(demo_store.copied(tmp_path))) as url:
        who_must_go = f"{url}/expiries?status=OVERDUE&category=PROSPECT"
        petra = opened(browser, who_must_go, "dpo")
        before = overdue(petra)

        petra.goto(f"{url}/policy")
        press(petra, "pick_dpo")
        choose(petra, "draft_subject", say("category.PROSPECT", "en"))
        months = petra.locator(f".st-key-{RULE}_count input")
        months.fill("36")
        months.press("Tab")
        stands(petra)
        choose(petra, f"{RULE}_unit", say("policy_page.unit_M", "en"))
        press(petra, "count_draft_")
        reason = petra.locator(".st-key-draft_why_reason input")
        reason.fill("Three years are enough")
        reason.press("Tab")
        press(petra, "propose_rules")
        expect(petra.get_by_text(say("policy_page.proposed", "en", number=1))).to_be_visible()
        # Nobody approves what is their own.
        expect(petra.locator(".st-key-approve_1")).to_have_count(0)

        axel = opened(browser, f"{url}/policy", "ciso")
        expect(axel.get_by_text("Three years are enough").first).to_be_visible()
        press(axel, "approve_1")
        expect(axel.get_by_text("2026-1+1").first).to_be_visible()

        petra.goto(who_must_go)
        press(petra, "pick_dpo")
        after = overdue(petra)
        assert after > before + 100
        press(petra, "propose_all_expiries")
        proposed = petra.get_by_text(re.compile(r"Purge \d+ is proposed: [\d,]+ entries"))
        expect(proposed).to_be_visible()
        assert int(re.sub(r"\D", "", proposed.inner_text().partition(":")[2].partition("entries")[0])) > before
        petra.get_by_role("link", name="Open the purge").click()
        expect(petra.get_by_text("2026-1+1").first).to_be_visible()
        for page in (petra, axel):
            page.context.close()
