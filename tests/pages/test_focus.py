"""Where one is by keyboard is seen: whatever control tab comes to looks otherwise with the focus than without it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from compliance import access
from compliance.words.texts import say
from compliance.words.vocabulary import Role
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, go, serving, stands
from tests.pages.test_pages import OF_ONE, PAGES

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]

# WCAG 2.2, 1.4.11 and 2.4.13: the pixels that show the focus differ by so much from what was there without it.
_CONTRAST = 3
# A ring around the smallest control, a button of 16 pixels, has more; a line of text that gets darker has fewer.
_PIXELS = 60
_MARGIN = 8
_WIDTH, _HEIGHT = 1440, 1000
_MOST_STOPS = 160
# The control that has the focus: its kind, by which rules of style it has, and where it and its words are. What only
# scrolls the page is none.
_FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body || one.matches('main')) return null;
    // In a table tab goes from cell to cell before it leaves.
    const again = one.dataset.passed === location.pathname && one !== window.passedLast;
    one.dataset.passed = location.pathname;
    window.passedLast = one;
    const box = (one.closest('label, [data-testid=stDataFrame]') || one).getBoundingClientRect();
    const styles = [one, one.parentElement, one.parentElement.parentElement].map(each => each.className);
    const named = one.getAttribute('aria-label') || one.closest('label')?.textContent || one.textContent;
    return {again, named: `${one.tagName} ${named.trim()}`.slice(0, 80),
        kind: [one.tagName, one.type, one.getAttribute('role'), ...styles].join(' '),
        box: [box.left, box.top, box.right, box.bottom]};
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard with the demo company."""
    store: Path = demo_store.copied(tmp_path_factory.mktemp("focus"))
    with serving(demo_store.environment(store)) as where:
        yield where


def opened(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> Page:
    """A window of the DPO's in a theme."""
    page = browser.new_context(
        color_scheme=scheme, locale="sv-SE", viewport={"width": _WIDTH, "height": _HEIGHT}
    ).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.locator(".st-key-pick_dpo button").click()
    # Until the page of whoever is chosen is there, what chooses is.
    expect(page.locator(".st-key-pick_dpo")).to_have_count(0)
    stands(page)
    return page


def show(page: Page, place: str) -> None:
    """Goes to another page, and waits until it is the one that is shown."""
    name, title = place.rpartition("/")[2], say(f"{PAGES[place][0]}.title", "sv")
    go(page, ("/" if name == "weekly" else f"/{name}") + (f"?{OF_ONE[place]}=1" if place in OF_ONE else ""))
    if place in OF_ONE:
        # Its heading is of what it shows.
        page.wait_for_timeout(1_000)
    else:
        expect(page.locator("main h1, [data-testid=stMain] h1").first).to_have_text(title)
    stands(page)


def luminance(picture: bytes) -> Any:
    """The relative luminance of each pixel, as WCAG has it."""
    parts = np.asarray(Image.open(BytesIO(picture)).convert("RGB"), dtype=float) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def shown(page: Page, box: list[float]) -> int:
    """How many pixels around the control that has the focus say that it has, each by contrast enough."""
    left, top = max(0, box[0] - _MARGIN), max(0, box[1] - _MARGIN)
    right, bottom = min(_WIDTH, box[2] + _MARGIN), min(_HEIGHT, box[3] + _MARGIN)
    if right <= left or bottom <= top:
        return 0
    clip: Any = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    focused = luminance(page.screenshot(clip=clip, animations="disabled"))
    page.evaluate("window.left = document.activeElement; document.activeElement.blur()")
    plain = luminance(page.screenshot(clip=clip, animations="disabled"))
    page.evaluate("window.left.focus()")
    contrast = (np.maximum(focused, plain) + 0.05) / (np.minimum(focused, plain) + 0.05)
    return int((contrast >= _CONTRAST).sum())


def unseen(page: Page, known: set[str]) -> list[str]:
    """The controls of a page whose focus nobody sees; of a kind that is known already, none is looked at again."""
    found = []
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUSED)
        if focus is None:
            continue
        if focus["again"]:
            break
        if focus["kind"] in known:
            continue
        known.add(focus["kind"])
        if shown(page, focus["box"]) < _PIXELS:
            found.append(focus["named"])
    return found


def test_the_focus_of_every_control_is_seen(browser: Browser, address: str) -> None:
    page = opened(browser, address, "light")
    kinds: set[str] = set()
    found: dict[str, list[str]] = {}
    places: list[str] = []
    for place in (one for one, (_, may) in PAGES.items() if may in access.TABLE[Role.DPO]):
        show(page, place)
        # Streamlit's link beside a heading speaks English alone, and leads nowhere that anybody asks for.
        assert not page.locator("[data-testid=stHeaderActionElements]:visible").count(), place
        before = len(kinds)
        found[place] = unseen(page, kinds)
        if len(kinds) > before:
            places.append(place)
    page.context.close()
    assert not any(found.values()), found
    assert len(kinds) > 30
    # The same kinds stand on the same pages in the other theme.
    page, others = opened(browser, address, "dark"), set[str]()
    for place in places:
        show(page, place)
        found[place] = unseen(page, others)
    page.context.close()
    assert not any(found.values()), found
    assert len(others) > 30


def test_a_ring_that_a_style_takes_away_is_missed(browser: Browser, address: str) -> None:
    page = opened(browser, address, "light")
    assert not unseen(page, set())
    page.add_style_tag(content=f"{':root' * 9} * {{ outline: none !important; box-shadow: none !important }}")
    page.evaluate("document.querySelectorAll('[data-passed]').forEach(one => delete one.dataset.passed)")
    missing = unseen(page, set())
    page.context.close()
    assert len(missing) > 5
