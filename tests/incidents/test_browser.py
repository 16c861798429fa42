"""In a real browser: an incident from report to supplement, over the night on which the clock goes back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, choose, choose_several, fill, press, serving

__all__ = ["browser"]
pytestmark = pytest.mark.browser

CALLED = "Kontakter i fel utskick"


def signed_in(browser: Browser, url: str, role: str, path: str, title: str = "incidents") -> Page:
    page = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1200}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/{path}")
    page.locator(f".st-key-pick_{role} button").click()
    expect(page.get_by_role("heading", name=say(f"{title}.title", "sv"), exact=True)).to_be_visible()
    return page


def record(
    page: Page,
    step: int,
    kind: str,
    codes: dict[str, str] | None = None,
    several: dict[str, str] | None = None,
    ticks: tuple[str, ...] = (),
    **fields: str,
) -> None:
    """Records a step by its form."""
    told = say(f"incident_kind.{kind}", "sv")
    # What comes next is offered, and nothing has to be chosen.
    expect(page.get_by_role("combobox", name=say("incidents.what_step", "sv"))).to_have_value(told)
    place = f"incident_1_{kind}_new"
    expect(page.locator(f".st-key-{place}_button")).to_be_visible()
    for name, words in (codes or {}).items():
        choose(page, f"{place}_{name}", words)
    for name, words in (several or {}).items():
        choose_several(page, f"{place}_{name}", words)
    for name in ticks:
        page.locator(f".st-key-{place}_{name} label").click()
    fill(page, place, **fields)
    press(page, f"{place}_button")
    expect(page.get_by_text(say("incidents.recorded", "sv", number=step), exact=True)).to_be_visible()


def test_an_incident_to_its_notification_and_supplement(browser: Browser, tmp_path: Path) -> None:
    with serving(demo_store.environment(tmp_path / "store")) as url:
        page = signed_in(browser, url, "ciso", "incidents")
        fill(page, "incident_new_reported_new", called=CALLED, what="En lista gick till fel mottagare.")
        choose_several(page, "incident_new_reported_new_natures", say("incident_nature.disclosure", "sv"))
        press(page, "incident_new_reported_new_button")
        expect(page.get_by_text(say("incidents.reported", "sv", number=1))).to_be_visible()

        page = signed_in(browser, url, "dpo", "incident?incident=1")
        record(page, 2, "detected", detected_at="2026-10-24 19:00", how="Mottagaren ringde.")
        record(page, 3, "aware", aware_at="2026-10-24 20:00", reason="Filen var öppnad.")
        # 72 hours on, the clock shows an hour less: it went back in the night.
        late = page.get_by_text(re.compile("Anmälan till tillsynsmyndigheten.*skulle ha skett 2026-10-27 19:00"))
        expect(late.first).to_be_visible()
        record(page, 4, "affected", several={"data": say("incident_data.contact", "sv")}, persons="40")
        high = {"risk": say("incident_risk.high", "sv")}
        record(page, 5, "assessed", high, reason="Öppnad.", consequences="Bedrägeri.")
        record(page, 6, "decided", ticks=("notify",), reason="Risken är hög.")
        record(page, 7, "notified", ticks=("supplements",), notified_at="2026-10-27 19:00", reference="IMY-0000-2")
        expect(page.get_by_text("Anmälan till tillsynsmyndigheten: i tid")).to_be_visible()
        record(page, 8, "supplemented", ticks=("is_last",), sent_at="2026-11-02 10:00", what="Antalet.")
        expect(page.get_by_text("Komplettering till tillsynsmyndigheten: i tid")).to_be_visible()
        # The persons are still to be told, and so it is not closed.
        expect(page.get_by_text("Information till de registrerade: väntar")).to_be_visible()
        page = signed_in(browser, url, "dpo", "", "weekly")
        expect(page.get_by_text(re.compile(f"{CALLED}: Information till de registrerade")).first).to_be_visible()
