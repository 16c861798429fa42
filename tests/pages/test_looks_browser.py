"""What a page looks like beyond its window: on paper, in a narrow window, in the menu that has it not, with no rows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, expect

from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, go, serving, stands

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]

PAPER = 0.85


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard of the demo company, running."""
    with serving(demo_store.environment(demo_store.copied(tmp_path_factory.mktemp("looks")))) as url:
        yield url


def opened(browser: Browser, address: str, role: str = "dpo", scheme: str = "light", width: int = 1440) -> Page:
    """A window in English in which somebody has signed in."""
    context = browser.new_context(locale="en-GB", color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.locator(f".st-key-pick_{role} button").click()
    page.wait_for_selector(".st-key-agenda")
    stands(page)
    return page


def brightness(page: Page, of: str) -> float:
    """How light a part of the page is as it is drawn, from 0 to 1."""
    drawn = Image.open(io.BytesIO(page.locator(of).first.screenshot())).convert("L")
    return float(ImageStat.Stat(drawn).mean[0]) / 255


def test_the_dark_theme_is_printed_in_ink_on_paper(browser: Browser, address: str) -> None:
    page = opened(browser, address, scheme="dark")
    go(page, "/expiries?status=OVERDUE")
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    stands(page)
    assert brightness(page, "[data-testid=stMain]") < 0.3
    page.emulate_media(media="print", color_scheme="dark")
    for part in ("[data-testid=stMain]", "[data-testid=stDataFrame]"):
        assert brightness(page, part) > PAPER, part
    page.emulate_media(media="screen", color_scheme="dark")
    go(page, "/weekly")
    page.wait_for_selector("[data-testid=stPlotlyChart] .ytick text")
    stands(page)
    page.emulate_media(media="print", color_scheme="dark")
    # Its text is turned with the chart.
    expect(page.locator("[data-testid=stPlotlyChart] .ytick text").first).to_have_css("fill", "rgb(230, 234, 237)")
    page.context.close()


def test_a_narrow_window_folds_what_comes_second_and_a_wide_one_shows_it(browser: Browser, address: str) -> None:
    page = opened(browser, address, width=390)
    tile, unfold = page.locator(".st-key-tile_overdue"), page.locator(".st-key-unfold_figures")
    expect(tile).to_be_hidden()
    # The toggle's own box is hidden, as all of Streamlit's are; a keyboard presses it by the space bar.
    unfold.locator("input").focus()
    page.keyboard.press("Space")
    expect(tile).to_be_visible()
    # Two tiles stand side by side there.
    left, right = (page.locator("[class*=st-key-tile_]").nth(place).bounding_box() for place in (0, 1))
    assert left is not None and right is not None and left["y"] == right["y"] and right["x"] + right["width"] <= 390
    page.set_viewport_size({"width": 900, "height": 900})
    expect(unfold).to_be_hidden()
    expect(tile).to_be_visible()
    page.context.close()


@pytest.mark.parametrize(
    ("page_name", "listed"), [("request?number=1", "erasure"), ("batch?batch=1", "purge"), ("new", "erasure")]
)
def test_a_page_that_the_menu_has_not_marks_the_list_that_it_is_reached_from(
    browser: Browser, address: str, page_name: str, listed: str
) -> None:
    page = opened(browser, address)
    link = page.locator(f"[data-testid=stSidebarNavLink][href$='/{listed}']")
    clear = link.evaluate("link => getComputedStyle(link).backgroundColor")
    go(page, f"/{page_name}")
    page.mouse.move(1000, 500)
    expect(page.locator(f"a[href$='/{listed}']").first).to_be_visible()
    page.wait_for_function(
        "([link, clear]) => getComputedStyle(document.querySelector(link)).backgroundColor != clear",
        arg=[f"[data-testid=stSidebarNavLink][href$='/{listed}']", clear],
    )
    go(page, "/ledger")
    expect(link).to_have_css("background-color", clear)
    page.context.close()


def test_a_list_without_rows_offers_no_file(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    go(page, "/notices")
    expect(page.locator(".st-key-csv_notice_sources_excel")).to_be_visible()
    expect(page.locator(".st-key-csv_notice_entries_excel")).to_have_count(0)
    page.context.close()


def test_a_line_of_the_ledger_opens_to_all_that_stands_in_it(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    go(page, "/ledger?event=figures:kept")
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    stands(page)
    expect(page.locator(".st-key-ledger_line")).to_have_count(0)
    page.locator("[data-testid=stDataFrame] .dvn-scroller").first.click(position={"x": 18, "y": 52})
    expect(page.locator(".st-key-ledger_line")).to_contain_text("snapshot no.")
    page.context.close()


def test_from_opening_to_a_batch_of_all_who_must_go_are_two_clicks(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.locator(".st-key-tile_overdue a").click()
    # The first leads to the list of who must go, and to nobody else.
    expect(page.get_by_role("heading", name=say("expiries.title", "en"))).to_be_visible()
    stands(page)
    assert "status=OVERDUE" in page.url
    page.locator(".st-key-propose_all_expiries button").click()
    expect(page.get_by_text(re.compile(r"Purge \d+ is proposed"))).to_be_visible()
    page.context.close()
