"""Names are text: what came from outside is drawn as it stands, on every page, and asks nothing of anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page, expect

from compliance.evidence.receipts import to_html
from compliance.ui import charts
from compliance.words.markup import bold, literal
from compliance.words.texts import catalogue, refusal, say
from compliance.words.vocabulary import LANGUAGES
from tests import demo_store, hostile
from tests.browsing import PATIENCE_MS, browser, serving, stands
from tests.purges import receipt

__all__ = ["browser"]


@given(some.text(alphabet="`\\ a![]()<>:_*$#\n\t-.~|&", max_size=24))
def test_a_span_of_code_ends_where_it_should(text: str) -> None:
    told = " ".join(text.split(" ")).strip()
    (block,) = MarkdownIt("commonmark").parse(f"x {literal(text)} y")[1:2]
    shown = "".join(part.content for part in block.children or [])
    assert {part.type for part in block.children or []} <= {"text", "code_inline"}
    assert re.sub(r"\s+", " ", shown) == re.sub(r"\s+", " ", f"x {told} y")


@pytest.mark.parametrize("name", ["Anna Svensson", "O'Neil & Söner", "2026-11-24", "1\u00a0234", "99,5 %", "Ja (nej)."])
def test_what_means_nothing_more_is_drawn_as_it_is(name: str) -> None:
    assert literal(name) == name
    assert literal(literal(hostile.PICTURE)) == literal(hostile.PICTURE) == f"`{hostile.PICTURE}`"
    assert bold("a*b") == "**`a*b`**"


@pytest.mark.parametrize("name", [*hostile.VALUES, "1. x", "_x_", "- x", "a  \n\nb:smile:", "+ x", "> x", "http://x"])
def test_what_means_more_is_in_a_span_of_its_own(name: str) -> None:
    assert re.fullmatch(r"(`+)[^\n]+\1", literal(name))
    assert ":material/" not in literal(name)


def test_no_text_has_one_placeholder_right_behind_another() -> None:
    # Two spans of code that touch would be read as one, and what is between them as Markdown.
    touching = re.compile(r"\}\{|`\{|\}`")
    assert [key for key, told in catalogue().items() if any(touching.search(text) for text in told.values())] == []


def test_a_refusal_is_drawn_with_what_is_no_code_as_text() -> None:
    values = {"file": hostile.PICTURE, "folder": "x.y", "files": 1}
    assert hostile.PICTURE in refusal("wipe_blocked", "en", values)
    assert f"`{hostile.PICTURE}`" in refusal("wipe_blocked", "en", values, literal)
    told = refusal("not_allowed", "sv", {"permission": "see_ledger", "role": "owner"}, literal)
    assert say("permission.see_ledger", "sv") in told and say("role.owner", "sv") in told


def test_a_chart_draws_no_tags() -> None:
    link = f"<a href='http://{hostile.HOST}'>x</a>"
    shown = "&lt;a href='http://evil.example'&gt;x&lt;/a&gt;"
    assert charts.bars([link], [1], "en").data[0].y == (shown,)
    assert charts.heat([link], [link], [[1]], "en").data[0].x == (shown,)
    stacked = charts.stacked([link], {"PROSPECT": [1]}, {"PROSPECT": link}, "en").data
    assert (stacked[0].name, stacked[0].x, stacked[1].x) == (shown, (shown,), (shown,))
    assert charts.share({"DUE": 1}, {"DUE": link}, "en").data[0].name == f"{shown} (1)"


# Pages of rooms that keep what people write, by the last word of their address, with the key of their title.
ROOMS = {
    "incidents": "incidents", "controls": "controls", "cookies": "cookies", "notices": "notices",
    "access": "environments", "mailings": "mailings", "findings": "findings", "processing": "processing",
    "marks": "marks",
}  # fmt: skip


class _Tags(HTMLParser):
    """Which tags a page has, and what they fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.fetched: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps one tag."""
        self.tags.add(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href") or name.startswith("on")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_to_print_has_no_tag_of_a_name(language: str) -> None:
    (image, script) = hostile.VALUES[3:5]
    # What the receipt's own rules would refuse, should one of them ever be loosened.
    made = receipt().model_copy(update={"policy_version": image, "policy_digest": script})
    tags = _Tags()
    text = to_html(made, language)
    tags.feed(text)
    assert "img" not in tags.tags and "pwned" not in re.sub(r"&lt;script&gt;pwned", "", text)
    assert not [address for address in tags.fetched if hostile.HOST in str(address)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard whose every name is hostile."""
    store = hostile.store(tmp_path_factory.mktemp("hostile"))
    with serving(demo_store.environment(store)) as url:
        yield url


def choose(page: Page, table: str) -> None:
    """Chooses the first row of a table by its box."""
    stands(page)
    grid = page.locator(f"[class*=st-key-{table}] canvas").first
    grid.click(position={"x": 20, "y": 55}, force=True)


def what_it_became(page: Page) -> list[str]:
    """Elements that only a name can have made."""
    found: list[str] = page.evaluate(
        """() => {
            const made = []
            for (const one of document.querySelectorAll('a, img, script, iframe, link, object, embed')) {
                const address = one.href?.baseVal ?? one.href ?? one.src ?? ''
                if (String(address).includes('evil') || String(address).startsWith('mailto:')) made.push(one.outerHTML)
                if (one.tagName === 'IMG' && String(address).includes('151.47')) made.push('streamlit')
            }
            for (const one of document.querySelectorAll('[data-testid=stIconMaterial]'))
                if (one.textContent.includes('skull')) made.push(one.outerHTML)
            const marked = '.katex, .stMarkdownColoredText, [data-testid=stMarkdownContainer] del'
            for (const one of document.querySelectorAll(marked)) made.push(one.outerHTML)
            if (window.pwned) made.push('script')
            return made
        }"""
    )
    return found


@pytest.mark.browser
@pytest.mark.real_writer
def test_no_page_makes_anything_of_a_hostile_name(browser: Browser, address: str, tmp_path: Path) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.locator(".st-key-pick_dpo button").click()
    expect(page.get_by_role("heading", name="Weekly review")).to_be_visible()
    seen: dict[str, str] = {}

    def look(name: str) -> None:
        assert what_it_became(page) == [], name
        seen[name] = page.locator("[data-testid=stMain]").inner_text()

    def go_to(name: str, title: str) -> None:
        page.locator(f'[data-testid=stSidebarNav] a[href$="/{name}"]').click()
        expect(page.get_by_role("heading", name=say(f"{title}.title", "en"), exact=True)).to_be_visible()
        expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)

    look("weekly")
    for name, title in (("subjects", "subjects"), ("expiries", "expiries"), ("doubles", "doubles")):
        go_to(name, title)
        if name == "subjects":
            page.get_by_role("tab", name=say("subjects.list", "en")).click()
        page.locator(f".st-key-named_{name} label").click()
        expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
        look(name)
        if name == "doubles":
            continue
        # The first row's box: one chosen shows its person.
        choose(page, f"table_entries_{name}")
        expect(page.locator("h3 code").first).to_be_visible()
        look(f"{name} person")
    go_to("person", "person")
    page.locator(".st-key-person_asked input").fill(hostile.HOST)
    page.locator(".st-key-person_asked input").press("Enter")
    choose(page, "table_person_found")
    expect(page.locator("h3 code").first).to_be_visible()
    for tab in ("over_time", "doubles", "act"):
        page.get_by_role("tab", name=say(f"person.{tab}", "en")).click()
    look("person")
    go_to("erasure", "erasure")
    choose(page, "table_requests")
    page.locator("[class*=st-key-who_] button").click()
    expect(page.locator("h3 code").first).to_be_visible()
    look("requester")
    for name, title in (("risk", "risk"), ("policy", "policy_page"), ("ledger", "ledger"), ("purge", "purge")):
        go_to(name, title)
        look(name)
    go_to("holds", "holds")
    look("holds")
    page.get_by_role("tab", name=say("holds.place", "en")).click()
    page.locator(".st-key-hold_person_search input").fill(hostile.HOST)
    page.locator(".st-key-hold_person_search input").press("Enter")
    expect(page.locator(".st-key-hold_person")).to_be_visible()
    look("placing a hold")
    for name, title in ROOMS.items():
        go_to(name, title)
        look(name)
        if name == "findings":
            page.locator(".st-key-finding_chosen input").fill("evil")
            page.get_by_role("option").filter(has_text="evil").first.click()
            expect(page.locator("[data-testid=stAlert] code").first).to_be_visible()
            look("finding")
        elif name == "incidents":
            # The clocks come first on the page, each with the way to its incident.
            page.locator("[data-testid=stMain] a").filter(has_text=say("incidents.open_one", "en", number="1")).click()
            expect(page.locator("h3 code").first).to_be_visible()
        for number in range(page.get_by_role("tab").count()):
            page.get_by_role("tab").nth(number).click()
            stands(page)
            if name == "controls" and number == 1:
                choose(page, "table_control_measures")
                expect(page.locator("h3 code").filter(has_text="evil").first).to_be_visible()
                look("measure")
            look(f"{name} {number}")
    go_to("intake", "intake")
    file = tmp_path / hostile.FILE.replace("/", "")
    file.write_text(
        f'Nr;Namn;"{hostile.HEADER}";Registrerad\n1;"{hostile.PICTURE}";"{hostile.VALUES[1]}";05/06/2024\n'
        f'2;x;"{hostile.VALUES[4]}";03/04/2023\n',
        encoding="utf-8",
    )
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.get_by_text(say("intake.preview.unknown", "en"))).to_be_visible()
    look("intake")
    broken = tmp_path / f"broken {file.name}"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    page.locator("input[type=file]").set_input_files(str(broken))
    expect(page.get_by_text(say("refusal.file_binary", "en").partition("{")[0]).first).to_be_visible()
    look("refused")
    context.close()
    for name in ("subjects person", "expiries person", "requester", "intake", "refused", "finding", "measure"):
        # What is drawn is just what the name is.
        assert any(value in seen[name] for value in (*hostile.VALUES, hostile.HEADER, hostile.FILE)), name
    assert asked and not [
        url for url in asked if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
    ]
