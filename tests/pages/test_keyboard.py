"""Every page by keyboard alone: what can be clicked can be reached and shows that it is, and rows can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, go, serving, stands

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]

# Each by its address, and the title that says that it is there.
PAGES = {
    "/": "weekly",
    "/subjects": "subjects",
    "/person": "person",
    "/erasure": "erasure",
    "/new": "request_new",
    "/request?number=1": "request_page",
    "/risk": "risk",
    "/policy": "policy_page",
    "/ledger": "ledger",
    "/intake": "intake",
    "/purge": "purge",
    "/incidents": "incidents",
    "/holds": "holds",
    "/marks": "marks",
    "/doubles": "doubles",
    "/findings": "findings",
    "/expiries?status=OVERDUE": "expiries",
}
# What can be clicked in the page and is seen gets a number. Of what belongs together (the tabs of a list, the answers
# to a question) one is reached and the arrows lead to the others; arrows beside a field and crosses on what is chosen
# in it do what the field's own keys do.
BEGIN = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    const together = '[role=tablist], [role=radiogroup]';
    const doubled = '[data-testid=stSelectbox], [data-testid=stMultiSelect], [data-testid=stNumberInput]';
    const things = 'a[href], button:enabled, input:enabled, textarea:enabled, summary, canvas[tabindex], [role=tab]';
    const groups = new Map(), wanted = [];
    for (const thing of main.querySelectorAll(things)) {
        const box = thing.getBoundingClientRect();
        if (!box.width || !box.height || !thing.checkVisibility({visibilityProperty: true})) continue;
        if (thing.closest('[aria-hidden=true]')) continue;
        if (thing.matches('button') && thing.tabIndex < 0 && thing.closest(doubled)) continue;
        const group = thing.closest(together);
        const name = group && groups.get(group) || String(wanted.length);
        if (group && groups.has(group)) { thing.dataset.walked = name; continue; }
        if (group) groups.set(group, name);
        thing.dataset.walked = name;
        wanted.push((thing.getAttribute('aria-label') || thing.innerText || thing.tagName).slice(0, 60));
    }
    // A caret or a marked part shows where a field is.
    const shows = thing => thing.matches('input:not([type=checkbox], [type=radio]), textarea, [role=spinbutton]') ||
        [thing, thing.parentElement, thing.closest('label'), thing.closest('[data-testid=stDataFrame]')].some(one => {
            const style = one && getComputedStyle(one);
            const outlined = style && style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
            return outlined || style && style.boxShadow !== 'none';
        });
    window.walked = {reached: new Set(), dark: []};
    window.walker?.abort();
    window.walker = new AbortController();
    main.addEventListener('focusin', event => {
        const name = event.target.dataset.walked;
        if (name === undefined) return;
        window.walked.reached.add(name);
        if (!shows(event.target)) window.walked.dark.push(wanted[name]);
    }, {signal: window.walker.signal});
    main.tabIndex = -1; main.focus(); main.removeAttribute('tabindex');
    return wanted;
}"""
LEFT = "() => !document.querySelector('[data-testid=stMain]').contains(document.activeElement)"
SEEN = "() => ({reached: [...window.walked.reached], dark: window.walked.dark})"


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A window of the demo company, in which the data protection officer has signed in."""
    with serving(demo_store.environment(demo_store.copied(tmp_path))) as url:
        context = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1000})
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        opened.goto(url)
        opened.locator(".st-key-pick_dpo button").click()
        yield opened
        context.close()


def is_drawn(page: Page, address: str, title: str) -> None:
    """Goes to a page by its address, and waits until it stands under its title."""
    go(page, address)
    expect(page.get_by_role("heading", name=say(f"{title}.title", "sv"), level=1)).to_be_visible()
    stands(page)


def test_every_page_is_walked_by_keyboard_alone(page: Page) -> None:
    missed, dark = {}, {}
    for address, title in PAGES.items():
        is_drawn(page, address, title)
        wanted = page.evaluate(BEGIN)
        for _ in range(2 * len(wanted) // 10 + 3):
            for _ in range(10):
                page.keyboard.press("Tab")
            if page.evaluate(LEFT):
                break
        seen = page.evaluate(SEEN)
        missed[address] = [name for place, name in enumerate(wanted) if str(place) not in seen["reached"]]
        dark[address] = seen["dark"]
        assert len(wanted) > 2, address
    assert {address: names for address, names in missed.items() if names} == {}
    assert {address: names for address, names in dark.items() if names} == {}
    # The last of them has a list: its rows are chosen by keyboard, which it says.
    expect(page.get_by_text(say("table.by_keyboard", "sv")).first).to_be_visible()
    page.locator("[data-testid=stDataFrame] canvas").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page.locator(".st-key-propose_chosen_expiries button")).to_be_visible()
