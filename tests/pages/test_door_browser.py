"""What a real browser must not get: a click of a role that is gone, a session that was left, a file that somebody else
asked for, and anything that a name would make of itself.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from compliance.purge import batches
from compliance.purge.tables import State
from compliance.words.texts import refusal, say
from tests import demo_store, hostile
from tests.browsing import PATIENCE_MS, browser, choose_several, fetched, fill, go, press, serving, stands
from tests.pages.test_browser import press_until, pytestmark
from tests.pages.test_drawn import what_it_became
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


def picked(browser: Browser, url: str, role: str) -> Page:
    page = browser.new_context(locale="en-GB", accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.locator(f".st-key-pick_{role} button").click()
    expect(page.locator("[data-testid=stSidebarNav]")).to_be_visible()
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


def test_a_file_leaves_for_whom_it_was_made_and_a_name_that_one_types_is_text_at_the_others(
    browser: Browser, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "store")
    assert desk.take_in(prospects(tmp_path, [prospect(number) for number in range(6)])).all_taken
    with serving(demo_store.environment(desk.settings.store)) as url:
        petra, axel = picked(browser, f"{url}/expiries", "dpo"), picked(browser, f"{url}/incidents", "ciso")
        left = fetched(petra, "csv_entries_expiries_excel")
        assert len(left.path().read_bytes().splitlines()) == 6 + 1
        for one in (axel, petra):
            told = one.request.get(left.url, headers={"Sec-Fetch-Mode": "navigate"})
            assert told.status == 410 and "antura" not in told.text()

        asked: list[str] = []
        petra.on("request", lambda request: asked.append(request.url))
        # What looks like an address of somebody's is not taken here at all.
        what = " ".join(value for value in hostile.VALUES if "@" not in value)
        fill(axel, "incident_new_reported_new", called=hostile.PICTURE, what=what)
        choose_several(axel, "incident_new_reported_new_natures", say("incident_nature.disclosure", "en"))
        press(axel, "incident_new_reported_new_button")
        expect(axel.get_by_text(say("incidents.reported", "en", number=1))).to_be_visible()
        for name, link in (("incidents", "incidents"), ("weekly", "")):
            petra.locator(f'[data-testid=stSidebarNav] a[href$="/{link}"]').click()
            expect(petra.get_by_role("heading", name=say(f"{name}.title", "en"), exact=True)).to_be_visible()
            stands(petra)
            assert what_it_became(petra) == [], name
        go(petra, "/incident?incident=1")
        expect(petra.get_by_text(hostile.PICTURE).first).to_be_visible()
        stands(petra)
        assert what_it_became(petra) == []
        assert asked and not [one for one in asked if hostile.HOST in one]
        petra.context.close()
        axel.context.close()
