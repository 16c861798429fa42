"""Takes the pictures of the pages in docs/pages, of the invented company on a day of its own: `make pictures`.

Each is kept small, so that the repository stays so: eight bits a pixel, and what fits a window.
"""

from __future__ import annotations

import re
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests import browsing, demo_store  # noqa: E402

PICTURES = Path(__file__).with_name("pages")
# What narrows a page whose picture would else say little. A purge and an incident are not there to begin with.
NARROWED = {"expiries": "status=OVERDUE", "request": "number=1"}
NOT_THERE = {"batch", "incident"}
_WIDTH, _HEIGHT, _COLOURS, _STILL_MS = 1440, 1000, 64, 700
MOST_BYTES = 150_000


def pages() -> list[str]:
    """Every page that dashboard.py lists, by the last part of its address."""
    listed = re.findall(r'^    \("\w+/(\w+)", "', (ROOT / "dashboard.py").read_text(encoding="utf-8"), re.MULTILINE)
    return [name for name in listed if name not in NOT_THERE]


def take(page: Page, path: Path) -> None:
    """Keeps what a window shows of a page, once nothing of it moves any more."""
    browsing.stands(page)
    before = b""
    while (seen := page.screenshot(animations="disabled", caret="hide")) != before:
        before = seen
        page.wait_for_timeout(_STILL_MS)
    Image.open(BytesIO(seen)).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


def main() -> None:
    """Takes every picture anew. Raises SystemExit where one is too large to be kept."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = demo_store.environment(demo_store.copied(Path(folder)))
        browser = playwright.chromium.launch(executable_path=browsing.chromium(), args=list(browsing.FLAGS))
        with browsing.serving(environment) as url:
            page = browser.new_page(locale="en-GB", viewport={"width": _WIDTH, "height": _HEIGHT})
            page.set_default_timeout(browsing.PATIENCE_MS)
            page.goto(url)
            page.locator(".st-key-pick_dpo button").click()
            browsing.stands(page)
            for name in pages():
                path = PICTURES / f"{name}.png"
                browsing.go(page, f"/{name}?{NARROWED.get(name, '')}")
                page.wait_for_timeout(_STILL_MS)
                take(page, path)
                if path.stat().st_size > MOST_BYTES:
                    raise SystemExit(f"{path.name} has {path.stat().st_size} bytes; at most {MOST_BYTES} are kept")
        browser.close()


if __name__ == "__main__":
    main()
