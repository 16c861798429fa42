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
from playwright.sync_api import Browser, Page, expect, sync_playwright

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
    environment: dict[str, str], port: int | None = None, *options: str, log: Path | None = None
) -> Iterator[str]:
    """A dashboard process with that environment; gives its address. What it says goes to `log`."""
    port = port or free_port()
    with (log or Path(os.devnull)).open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "compliance.serve", "--server.port", str(port), *options],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


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
