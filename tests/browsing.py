"""A dashboard of one's own as a process, and a browser to look at it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests import elsewhere

ROOT = Path(__file__).parents[1]
# As long as a machine with other things to do may need to draw a page.
PATIENCE_MS = 30_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def serving(
    environment: dict[str, str],
    port: int | None = None,
    *options: str,
    log: Path | None = None,
    host: str = "127.0.0.1",
) -> Iterator[str]:
    """A dashboard process with that environment; gives its address. What it says goes to `log`."""
    port = port or free_port()
    with (log or Path(os.devnull)).open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "compliance.serve", "--server.port", str(port), "--server.address", host, *options],
            cwd=ROOT,
            env=elsewhere.environ(environment),
            stdout=said,
            stderr=said,
        )
    url = f"http://{host}:{port}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the dashboard did not start"
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the dashboard does not answer")


def go(page: Page, address: str) -> None:
    """Goes to another page of the dashboard in the same session, as the window's back button does."""
    page.evaluate(
        "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate', {state: null})) }",
        address,
    )


def stands(page: Page) -> None:
    """Waits until a page is drawn, and nothing of it is still on its way."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=PATIENCE_MS)


def choose(page: Page, place: str, words: str) -> None:
    """Chooses an option of the list at `place`, a key; one that closes when the page is drawn anew is opened again, as
    anybody would. What was chosen stays when the page stands.
    """
    box = page.locator(f".st-key-{place} input").first
    for _ in range(6):
        box.click()
        box.fill(words)
        page.keyboard.press("Enter")
        try:
            expect(box).to_have_value(words, timeout=5_000)
        except AssertionError:
            page.keyboard.press("Escape")
            continue
        stands(page)
        expect(box).to_have_value(words)
        return
    raise AssertionError(f"{words} was not chosen")


def choose_several(page: Page, place: str, *words: str) -> None:
    """Adds options to the list at `place`, a key, of which several may be chosen."""
    for one in words:
        chosen = page.locator(f".st-key-{place}").get_by_text(one, exact=True).first
        for _ in range(6):
            stands(page)
            page.locator(f".st-key-{place} input").first.click()
            try:
                page.get_by_role("option", name=one, exact=True).click(timeout=5_000)
                expect(chosen).to_be_visible(timeout=5_000)
            except (AssertionError, PlaywrightTimeoutError):
                page.keyboard.press("Escape")
                continue
            break
        page.keyboard.press("Escape")
        expect(chosen).to_be_visible()


def fill(page: Page, place: str, **fields: str) -> None:
    """Types into the fields of the form at `place`, a key, as tab leaves each of them."""
    for name, text in fields.items():
        field = page.locator(f".st-key-{place}_{name} :is(input, textarea)").first
        field.click()
        field.press_sequentially(text)
        field.press("Tab")
        expect(field).to_have_value(text)


def type_day(page: Page, place: str, day: str) -> None:
    """Types a day into the field at `place`, a key, part by part as somebody does; one that was drawn anew meanwhile is
    typed into again.
    """
    typed = page.locator(f".st-key-{place} input[type=date]")
    for _ in range(6):
        stands(page)
        page.locator(f".st-key-{place} [role=spinbutton]").first.click()
        page.keyboard.type(day.replace("-", ""))
        page.keyboard.press("Tab")
        stands(page)
        try:
            expect(typed).to_have_value(day, timeout=5_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{day} was not typed")


def press(page: Page, place: str) -> None:
    """Clicks on the button at `place`, a key, once the page stands: where it is drawn, a button moves."""
    stands(page)
    page.locator(f".st-key-{place} button").click()


def fetched(page: Page, place: str, kind: str = "button") -> Download:
    """Clicks on the button at `place`, a key, once the page stands, and gives the file that leaves by it: of what the
    page showed when the button was drawn.
    """
    stands(page)
    with page.expect_download() as waited:
        page.locator(f".st-key-{place} {kind}").first.click()
    return waited.value


def chromium() -> str | None:
    """Debian's Chromium; .ci/run installs it."""
    return shutil.which("chromium")


def tab_to(page: Page, wanted: str, saying: str = "") -> None:
    """Presses the tab key until what is wanted, and says that, has the focus, as somebody without a mouse does."""
    found = "([wanted, saying]) => !!document.activeElement?.closest(wanted)?.textContent.includes(saying)"
    for _ in range(120):
        if page.evaluate(found, [wanted, saying]):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a module."""
    path = chromium()
    if path is None:
        reason = "no chromium: install the package chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        expect.set_options(timeout=PATIENCE_MS)
        yield opened
        opened.close()
