"""In a real browser: a scan is handed in, and finds a cookie that nobody has declared."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, serving
from tests.cookies.made import SITE, entry, har

__all__ = ["browser"]
pytestmark = pytest.mark.browser


def test_a_scan_finds_an_undeclared_cookie(browser: Browser, tmp_path: Path) -> None:
    yesterday = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).isoformat()
    (tmp_path / "scan.har").write_bytes(har(entry("_ga=x; Max-Age=63072000", at=yesterday)))
    (tmp_path / "broken.har").write_bytes(b'{"log": {')
    with serving(demo_store.environment(tmp_path / "store")) as url:
        page = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1200}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{url}/cookies")
        page.locator(".st-key-pick_ciso button").click()
        expect(page.get_by_role("heading", name=say("cookies.title", "sv"), exact=True)).to_be_visible()
        expect(page.get_by_text(say("cookies.sentence_unknown", "sv"))).to_be_visible()
        files = page.locator("input[type=file]")
        files.set_input_files(str(tmp_path / "broken.har"))
        expect(page.get_by_text("broken.har")).to_be_visible()
        site = page.locator(".st-key-cookie_scan_new_site input")
        site.click()
        site.press_sequentially(SITE)
        site.press("Tab")
        page.locator(".st-key-cookie_scan_new_phase input").first.click()
        page.get_by_role("option", name=say("cookie_phase.before_choice", "sv"), exact=True).click()
        take_in = page.locator(".st-key-cookie_scan_new_button button")
        take_in.click()
        expect(page.get_by_text(say("refusal.scan_json_broken", "sv", line=1))).to_be_visible()
        # Its name is shown before it is there: a click meanwhile would be told of the broken one again.
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            files.set_input_files(str(tmp_path / "scan.har"))
        expect(page.get_by_text("scan.har", exact=True)).to_be_visible()
        take_in.click()
        expect(page.get_by_text(say("cookies.taken_in", "sv", scan=1))).to_be_visible()
        # Not declared, too long, and before a choice.
        expect(page.get_by_text(say("cookies.sentence_grave", "sv", grave=3, others=2))).to_be_visible()
