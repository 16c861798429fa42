"""What a real browser must not get: a click of a role that is gone, and a session that was left."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from compliance.purge import batches
from compliance.purge.tables import State
from compliance.words.texts import refusal, say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, serving
from tests.pages.test_browser import press_until, pytestmark
from tests.purging import Desk, prospect, prospects

__all__ = ["browser", "pytestmark"]

AXEL, PETRA = "axel.ciso@antura.example", "petra.dpo@antura.example"
ROLES = f'dpo = ["{PETRA}"]\n'


def behind_a_proxy(desk: Desk, roles: Path) -> dict[str, str]:
    """The environment of a dashboard on the desk's store that a proxy signs people in to."""
    return {
        **demo_store.environment(desk.settings.store),
        "COMPLIANCE_LOGIN": "proxy",
        "COMPLIANCE_ROLES": str(roles),
        "COMPLIANCE_KEYS": str(desk.settings.store),
        "COMPLIANCE_EXPORTS": str(desk.settings.exports),
    }


def opened(browser: Browser, url: str, email: str) -> Page:
    context = browser.new_context(locale="en-GB", extra_http_headers={"X-Forwarded-Email": email})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    return page


def test_a_role_that_is_gone_approves_nothing_and_who_has_left_sees_nothing(browser: Browser, tmp_path: Path) -> None:
    exports = tmp_path / "data" / "exports"
    desk = Desk(tmp_path / "data" / "store", exports)
    assert desk.take_in(prospects(exports, [prospect(number) for number in range(6)])).all_taken
    batch = desk.propose(desk.entries(status="OVERDUE"))
    roles = tmp_path / "roles.toml"
    roles.write_text(f'{ROLES}ciso = ["{AXEL}"]\n', encoding="utf-8")
    with serving(behind_a_proxy(desk, roles)) as url:
        axel = opened(browser, f"{url}/batch?batch={batch.batch_id}", AXEL)
        main = axel.locator("[data-testid=stMain]")
        axel.locator(".st-key-approve_word input").fill("PURGE")
        axel.locator(".st-key-approve_number input").fill(str(desk.going(batch)))
        axel.locator(".st-key-approve_number input").press("Tab")
        # The page is open and all is typed; then the role goes.
        roles.write_text(ROLES, encoding="utf-8")
        axel.locator(".st-key-approve_button button").click()
        expect(main.get_by_text(refusal("session_role", "en", {})).first).to_be_visible()
        assert batches.find(desk.register, batch.batch_id).state is State.PROPOSED
        expect(axel.locator("[data-testid=stSidebarNav]")).to_have_count(0)
        axel.context.close()

        petra = opened(browser, url, PETRA)
        expect(petra.get_by_role("heading", name=say("weekly.title", "en"))).to_be_visible()
        back = petra.locator(".st-key-come_back button")
        press_until(petra.locator(".st-key-sign_out button"), back)
        expect(petra.get_by_text(refusal("session_signed_out", "en", {})).first).to_be_visible()
        expect(petra.locator("[data-testid=stMetric]")).to_have_count(0)
        press_until(back, petra.get_by_role("heading", name=say("weekly.title", "en")))
        petra.context.close()
