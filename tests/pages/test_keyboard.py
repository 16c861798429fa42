"""Every page by keyboard alone: tab comes to each control that is shown, in their order, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compliance import access
from compliance.words.vocabulary import Role
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, go, serving, stands
from tests.pages.test_pages import OF_ONE, PAGES

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]

# Marks what can be used and is shown, each by a number in the order of the page. Of the radios of a group one is a stop
# and arrows choose among them; the same holds for tabs. What Streamlit keeps out of the order is part of another
# control that is in it: the arrow and the cross of a list or a day, the steps of a number, and the canvas of a table,
# which has its own cells. Anything else that is out of the order is a control that nobody comes to.
_CONTROLS = """() => {
    const kinds = 'a[href], button, input, select, textarea, summary, [role=tab], [role=radio], canvas';
    const shown = one => {
        const box = one.getBoundingClientRect(), look = getComputedStyle(one);
        return box.width > 0 && box.height > 0 && look.visibility !== 'hidden' && !one.disabled
            && !one.closest('[inert], [aria-hidden=true], [disabled], details:not([open]) > :not(summary)');
    };
    const parts = 'canvas, [data-testid=stSelectbox] button, [data-testid=stMultiSelect] button, '
        + '[data-testid^=stDateInput] button, [data-testid^=stDateInput] [role=button], '
        + '[data-testid^=stNumberInputStep]';
    const grouped = one => one.closest('[role=radiogroup], [role=tablist]');
    const groups = new Map();
    let number = 0;
    const told = [];
    for (const one of document.querySelectorAll(kinds)) {
        if (!shown(one) || one.closest('[data-testid=stElementToolbar]')) continue;
        const group = grouped(one);
        if (group && one.matches('[role=tab], [role=radio], input[type=radio]')) {
            if (groups.has(group)) { one.dataset.stop = groups.get(group); continue; }
            groups.set(group, number);
        } else if (one.tabIndex < 0 && one.closest(parts)) continue;
        one.dataset.stop = number++;
        told.push(`${one.tagName} ${one.getAttribute('aria-label') || one.textContent.trim()}`.slice(0, 60));
    }
    return told;
}"""
# Where the focus is: the number of the control, None between two of them. What scrolls the page is a stop and none.
_FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const stop = one.matches('main') ? null : one.closest('[data-stop]') || one.querySelector('[data-stop]');
    return {stop: stop ? Number(stop.dataset.stop) : null, told: `${one.tagName} ${one.className}`.slice(0, 120)};
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One window of the DPO's, with the demo company."""
    store: Path = demo_store.copied(tmp_path_factory.mktemp("keyboard"))
    with serving(demo_store.environment(store)) as address:
        context = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1000})
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        opened.goto(address)
        opened.locator(".st-key-pick_dpo button").click()
        stands(opened)
        yield opened
        context.close()


def walked(page: Page) -> tuple[list[str], list[int]]:
    """What the page's controls are called, and the numbers of those that tab comes to, as it comes to them."""
    page.evaluate("document.activeElement?.blur()")
    page.mouse.move(0, 0)
    stands(page)
    told: list[str] = page.evaluate(_CONTROLS)
    reached: list[int] = []
    held = 0
    for _ in range(3 * len(told) + 120):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None or focus["stop"] is None:
            continue
        # In a table it goes from cell to cell of a row before it leaves.
        held = held + 1 if reached and focus["stop"] == reached[-1] else 0
        assert held < 30, f"{focus['told']} holds the focus"
        reached.append(focus["stop"])
        if len(set(reached)) == len(told):
            break
    return told, reached


@pytest.mark.parametrize("place", [one for one, (_, may) in PAGES.items() if may in access.TABLE[Role.DPO]])
def test_tab_comes_to_every_control_in_the_order_of_the_page(page: Page, place: str) -> None:
    name = place.rpartition("/")[2]
    asked = f"?{OF_ONE[place]}=1" if place in OF_ONE else ""
    go(page, "/" if name == "weekly" else f"/{name}{asked}")
    expect(page.locator("h1").first).to_be_visible()
    for _ in range(3):
        told, reached = walked(page)
        missed = {told[number] for number in set(range(len(told))) - set(reached)}
        if len(told) > 10 and not missed:
            break
        # A page that was drawn anew meanwhile has other controls than those that were counted.
        page.wait_for_timeout(2_000)
    assert len(told) > 10 and not missed, missed
    firsts = list(dict.fromkeys(reached))
    turns = sum(after < before for before, after in pairwise(firsts))
    # But for where it began.
    assert turns <= 1, [told[number] for number in firsts]
