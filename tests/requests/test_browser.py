"""In a real browser, two people: an erasure asked for by phone, from receipt to its end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compliance.requests import facts
from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, serving
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]


def signed_in(browser: Browser, url: str, role: str) -> Page:
    page = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1400}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.locator(f".st-key-pick_{role} button").click()
    return page


def choose(page: Page, key: str, words: str) -> None:
    page.locator(f".st-key-{key} input").first.click()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator(f".st-key-{key} input").first).to_have_value(words)


def type_in(page: Page, key: str, text: str) -> None:
    page.locator(f".st-key-{key} input").click()
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def record(page: Page, step: str, **codes: str) -> None:
    choose(page, "request_step_1_step", say(f"request_act.{step}", "sv"))
    for name, words in codes.items():
        choose(page, f"request_step_1_{name}", words)
    page.locator(".st-key-request_record button").click()
    expect(page.get_by_text(say("request_page.recorded", "sv"))).to_be_visible()


def test_an_erasure_by_phone_from_receipt_to_its_end(browser: Browser, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    stored = prospect(1)
    assert desk.take_in(prospects(tmp_path, [prospect(number) for number in range(1, 11)])).all_taken
    desk.register.dispose()
    with serving(demo_store.environment(tmp_path / "store")) as url:
        petra = signed_in(browser, f"{url}/new", "dpo")
        choose(petra, "request_new_kind", say("request_kind.erasure", "sv"))
        choose(petra, "request_new_channel", say("request_channel.phone", "sv"))
        type_in(petra, "request_new_name", stored["Namn"])
        # Loaded anew in the middle: what was typed is there.
        petra.reload()
        petra.locator(".st-key-pick_dpo button").click()
        expect(petra.locator(".st-key-request_new_name input")).to_have_value(stored["Namn"])
        type_in(petra, "request_new_email", stored["E-post"])
        petra.locator(".st-key-request_register button").click()
        expect(petra.get_by_role("heading", name="Begäran 1 · Radering")).to_be_visible()
        assert stored["Namn"] not in petra.url and "number=1" in petra.url
        record(petra, "decided", decision=say("request_decision.erase", "sv"))
        petra.locator(".st-key-propose_requests button").click()
        expect(petra.get_by_text(re.compile("Gallring 1 är föreslagen"))).to_be_visible()

        axel = signed_in(browser, f"{url}/batch?batch=1", "ciso")
        for step in ("approve", "execute"):
            axel.locator(f".st-key-{step}_word input").fill("GALLRA")
            axel.locator(f".st-key-{step}_number input").fill("1")
            axel.locator(f".st-key-{step}_number input").press("Tab")
            axel.locator(f".st-key-{step}_button button").click()
        expect(axel.get_by_text(re.compile("Av 1 planerad"))).to_be_visible(timeout=90_000)

        # Who is to be answered is still known; then that goes too.
        petra.goto(f"{url}/request?number=1")
        petra.locator(".st-key-pick_dpo button").click()
        expect(petra.get_by_text(re.compile(f"Nästa steg: {say('request_next.answer', 'sv')}"))).to_be_visible()
        record(petra, "answered")
        record(petra, "closed", outcome=say("request_outcome.done", "sv"))
        expect(petra.get_by_text(re.compile("^Utförd, avslutad"))).to_be_visible()
        for page in (petra, axel):
            page.context.close()
    after = Desk(tmp_path / "store")
    with after.register.connect() as connection:
        told = facts.facts_of(connection, 1, after.parameters, TODAY)
    assert (told.outcome, told.purges, told.row["email"], told.row["name"]) == ("done", (1,), None, None)
    names = [entry.name for entry in after.entries()]
    assert (len(names), stored["Namn"] in names) == (9, False)
    after.register.dispose()
