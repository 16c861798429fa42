"""In a real browser, two people: what is asked for by phone and mail, from receipt to its end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from compliance.requests import facts
from compliance.requests.facts import RequestFacts
from compliance.requests.tables import Step, request_choice
from compliance.words.texts import say
from tests import demo_store
from tests.browsing import PATIENCE_MS, browser, choose, fetched, fill, press, serving, stands, tab_to
from tests.person.company import ANNA, HIRED, PROSPECTS
from tests.purging import Desk, employees, prospects
from tests.world import TODAY

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company: Anna is a prospect and an employee, Bo and Cia share a mailbox."""
    folder = tmp_path_factory.mktemp("asked")
    desk = Desk(folder / "store")
    assert desk.take_in(prospects(folder, PROSPECTS), employees(folder, [HIRED])).all_taken
    desk.register.dispose()
    return folder / "store"


@pytest.fixture(scope="module")
def address(store: Path) -> Iterator[str]:
    """Its dashboard, running."""
    with serving(demo_store.environment(store)) as url:
        yield url


@pytest.fixture(scope="module")
def petra(browser: Browser, address: str) -> Iterator[Page]:
    """The data protection officer's window, signed in once for all of them."""
    page = opened(browser, address)
    pick(page, "dpo")
    yield page
    page.context.close()


def opened(browser: Browser, url: str) -> Page:
    context = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1400}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    return page


def pick(page: Page, role: str) -> None:
    page.locator(f".st-key-pick_{role} button").click()


def go_to(page: Page, name: str) -> None:
    page.locator(f'[data-testid=stSidebarNav] a[href$="/{name}"]').click()
    expect(page.get_by_role("heading", name=say(f"{name}.title", "sv"), exact=True)).to_be_visible()


def enter(page: Page, kind: str, channel: str, **given: str) -> int:
    """Enters a request, from the queue to its own page, and returns its number."""
    go_to(page, "erasure")
    page.get_by_role("link", name=say("request_page.new", "sv")).click()
    choose(page, "request_new_kind", say(f"request_kind.{kind}", "sv"))
    choose(page, "request_new_channel", say(f"request_channel.{channel}", "sv"))
    fill(page, "request_new", **given)
    press(page, "request_register")
    return number_of(page, kind)


def number_of(page: Page, kind: str) -> int:
    """The number of the request that is shown, which the address has and nobody's name."""
    words = say(f"request_kind.{kind}", "sv")
    expect(page.get_by_role("heading", name=re.compile(rf"Begäran \d+ · {words}"))).to_be_visible()
    return int(re.findall(r"request\?number=(\d+)$", page.url)[0])


def record(page: Page, number: int, step: str, **codes: str) -> None:
    choose(page, f"request_step_{number}_step", say(f"request_act.{step}", "sv"))
    for name, words in codes.items():
        choose(page, f"request_step_{number}_{name}", words)
    press(page, "request_record")
    # The step before may have left the same words, until the page is drawn anew.
    stands(page)
    expect(page.get_by_text(say("request_page.recorded", "sv"))).to_be_visible()


def comes_next(page: Page, step: str) -> None:
    expect(page.get_by_text(re.compile(f"Nästa steg: {say(f'request_next.{step}', 'sv')}"))).to_be_visible()


def table_of(page: Page, key: str) -> list[dict[str, str]]:
    """The rows of a table as it leaves."""
    text = fetched(page, f"csv_{key}_excel").path().read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def known(store: Path, number: int) -> RequestFacts:
    """What the register has of a request."""
    desk = Desk(store)
    with desk.register.connect() as connection:
        found = facts.facts_of(connection, number, desk.parameters, TODAY)
    desk.register.dispose()
    return found


def test_who_asks_what_is_stored_gets_a_file_that_says_what_the_page_shows(petra: Page, store: Path) -> None:
    number = enter(petra, "access", "mail", name="Anna Berg", email=ANNA["E-post"])
    record(petra, number, "decided", decision=say("request_decision.hand_out", "sv"))
    petra.locator("[class*=st-key-open_person_of_request] button").click()
    expect(petra.get_by_role("heading", name="Anna Berg", exact=True)).to_be_visible()
    entries, values = table_of(petra, "person_entries"), table_of(petra, "person_values")
    core = petra.get_by_text(re.compile("^Namn, e-post och telefon")).inner_text()
    petra.get_by_role("tab", name=say("person.disclosure", "sv")).click()
    expect(petra.get_by_text(say("bundle.answers", "sv", request=str(number)))).to_be_visible()
    pages = pypdf.PdfReader(fetched(petra, "bundle_pdf").path()).pages

    def plain(text: str) -> str:
        # Lines are broken within a word, too.
        return re.sub(r"\s+|-", "", text.strip("'\""))

    told = plain("".join(page.extract_text() for page in pages))
    assert len(entries) == 2 and len(values) > 5
    for row in entries:
        for column in ("why", "deadline_on", "purpose_name", "ground_name", "period"):
            assert plain(row[say(f"column.{column}", "sv")]) in told, (column, row)
    for row in values:
        assert plain(row[say("column.value", "sv")]) in told, row
    assert plain(core) in told and plain(PROSPECTS[3]["E-post"]) not in told
    petra.get_by_role("tab", name=say("person.act", "sv")).click()
    petra.get_by_role("link", name=re.compile(known(store, number).reference)).click()
    assert number_of(petra, "access") == number
    for step in ("executed", "answered"):
        record(petra, number, step)
    record(petra, number, "closed", outcome=say("request_outcome.done", "sv"))
    expect(petra.get_by_text(re.compile("^Utförd, avslutad"))).to_be_visible()
    assert (known(store, number).outcome, known(store, number).row["email"]) == ("done", None)


def test_an_objection_to_mailings_takes_effect_at_once(petra: Page, store: Path) -> None:
    number = enter(petra, "opt_out", "phone", name="Dan Falk", email="dan@bolaget.example")
    comes_next(petra, "stop")
    record(petra, number, "decided", decision=say("request_decision.stop", "sv"))
    comes_next(petra, "answer")
    go_to(petra, "subjects")
    petra.get_by_role("tab", name=say("subjects.list", "sv")).click()
    petra.locator(".st-key-named_subjects label").click()
    expect(petra.locator(".st-key-search_subjects input")).to_be_visible()
    flags = {
        row[say("column.name", "sv")]: row[say("column.flags", "sv")] for row in table_of(petra, "entries_subjects")
    }
    marked = {name for name, told in flags.items() if say("flag.opted_out", "sv") in told}
    assert len(flags) > 5 and marked == {"Dan Falk"}
    go_to(petra, "marks")
    petra.get_by_role("tab", name=say("marks.mailing", "sv")).click()
    rows = fetched(petra, "may_not_mail_plain_plain").path().read_text(encoding="utf-8-sig")
    assert "dan@bolaget.example" in rows and ANNA["E-post"] not in rows
    assert [one.step for one in known(store, number).shown][-2:] == [Step.DECIDED, Step.EFFECTIVE]


def test_of_two_who_may_have_asked_a_person_says_which(petra: Page, store: Path) -> None:
    number = enter(petra, "erasure", "mail", name="Ek", email="familjen.ek@hem.example")
    comes_next(petra, "say_who")
    petra.locator(".st-key-named_which label").click()
    for name, answer in (("Bo Ek", "confirm"), ("Cia Ek", "reject")):
        box = petra.locator("[data-testid=stVerticalBlock]", has_text=re.compile(f"^Person .*{name}")).last
        box.locator(f"[class*=st-key-{answer}_desk] button").click()
        verdict = say(f"request_verdict.{answer}ed", "sv")
        expect(petra.locator("[data-testid=stMarkdown]", has_text=verdict)).to_be_visible()
    comes_next(petra, "decide")
    petra.locator("[class*=st-key-open_person_of_request] button").click()
    expect(petra.get_by_role("heading", name="Bo Ek", exact=True)).to_be_visible()
    assert [one.facts.verdict for one in known(store, number).shown if one.step is Step.FOUND][1:] == [
        "confirmed", "rejected",
    ]  # fmt: skip


def test_a_user_of_a_customers_environment_is_passed_on_by_keyboard_alone_and_never_searched_for(
    browser: Browser, address: str, store: Path
) -> None:
    page = opened(browser, address)

    def press_key(wanted: str, saying: str = "") -> None:
        expect(page.locator(wanted, has_text=saying).first).to_be_visible()
        tab_to(page, wanted, saying)
        page.keyboard.press("Enter")

    def answer(key: str, words: str) -> None:
        expect(page.locator(f".st-key-{key} input").first).to_be_visible()
        tab_to(page, f".st-key-{key} input")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        expect(page.locator(f".st-key-{key} input").first).to_have_value(words)

    expect(page.locator(".st-key-pick_dpo button")).to_be_enabled()
    press_key(".st-key-pick_dpo button")
    expect(page.get_by_role("heading", name=say("weekly.title", "sv"))).to_be_visible()
    press_key('[data-testid=stSidebarNav] a[href$="/erasure"]')
    expect(page.get_by_role("heading", name=say("erasure.title", "sv"), exact=True)).to_be_visible()
    press_key('[data-testid=stMain] a[href$="new"]')
    expect(page.locator(".st-key-request_register button")).to_be_visible()
    for field, code in (("kind", "kind.erasure"), ("channel", "channel.mail"), ("requester", "requester.env_user")):
        answer(f"request_new_{field}", say(f"request_{code}", "sv"))
    # Somebody of that name and address is stored, and it is not theirs to be found.
    for field, text in (
        ("customer", "Norrlunda Energi AB"),
        ("name", "Person6 Provsson"),
        ("email", "person6@bolaget.example"),
    ):
        expect(page.locator(f".st-key-request_new_{field} input")).to_be_visible()
        tab_to(page, f".st-key-request_new_{field} input")
        page.keyboard.type(text)
    press_key(".st-key-request_register button")
    number = number_of(page, "erasure")
    comes_next(page, "forward")
    expect(page.get_by_text(say("request_page.sender", "sv"), exact=True)).to_have_count(0)
    # Which customer it is was said once.
    expect(page.locator(f".st-key-request_step_{number}_customer input")).to_have_value("Norrlunda Energi AB")
    press_key(".st-key-request_record button")
    comes_next(page, "close")
    press_key("[data-testid=stExpander] summary", say("letter.panel", "sv"))
    stands(page)
    with page.expect_download() as waited:
        press_key(f".st-key-letter_{number}_pdf button")
    letter = "".join(one.extract_text() for one in pypdf.PdfReader(waited.value.path()).pages)
    assert "Norrlunda Energi AB" in letter and str(TODAY) in letter and "Person6" not in letter
    answer(f"request_step_{number}_outcome", say("request_outcome.redirected", "sv"))
    press_key(".st-key-request_record button")
    expect(page.get_by_text(re.compile(f"^{say('request_outcome.redirected', 'sv')}, avslutad"))).to_be_visible()
    page.context.close()
    told = known(store, number)
    assert (told.outcome, told.customer, told.forwarded_on) == ("redirected", "Norrlunda Energi AB", TODAY)
    assert Step.FOUND not in {one.step for one in told.shown}
    desk = Desk(store)
    with desk.register.connect() as connection:
        whose = sa.select(request_choice.c.choice_id).where(request_choice.c.request_id == number)
        assert connection.scalars(whose).all() == []
    desk.register.dispose()


def test_an_erasure_by_phone_from_receipt_to_its_end(petra: Page, browser: Browser, address: str, store: Path) -> None:
    stored = PROSPECTS[4]
    go_to(petra, "erasure")
    petra.get_by_role("link", name=say("request_page.new", "sv")).click()
    choose(petra, "request_new_kind", say("request_kind.erasure", "sv"))
    choose(petra, "request_new_channel", say("request_channel.phone", "sv"))
    fill(petra, "request_new", name=stored["Namn"], phone="070-174 06 99")
    expect(petra.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    # Loaded anew in the middle: what was typed is there.
    petra.reload()
    pick(petra, "dpo")
    expect(petra.locator(".st-key-request_new_name input")).to_have_value(stored["Namn"])
    fill(petra, "request_new", email=stored["E-post"])
    press(petra, "request_register")
    number = number_of(petra, "erasure")
    assert stored["Namn"] not in petra.url
    record(petra, number, "decided", decision=say("request_decision.erase", "sv"))
    petra.locator(".st-key-propose_requests button").click()
    expect(petra.get_by_text(re.compile("Gallring 1 är föreslagen"))).to_be_visible()

    axel = opened(browser, f"{address}/batch?batch=1")
    pick(axel, "ciso")
    for step in ("approve", "execute"):
        axel.locator(f".st-key-{step}_word input").fill("GALLRA")
        axel.locator(f".st-key-{step}_number input").fill("1")
        axel.locator(f".st-key-{step}_number input").press("Tab")
        axel.locator(f".st-key-{step}_button button").click()
    expect(axel.get_by_text(re.compile("Av 1 planerad"))).to_be_visible(timeout=90_000)
    axel.context.close()

    # Who is to be answered is still known; then that goes too.
    petra.goto(f"{address}/request?number={number}")
    pick(petra, "dpo")
    comes_next(petra, "answer")
    record(petra, number, "answered")
    record(petra, number, "closed", outcome=say("request_outcome.done", "sv"))
    expect(petra.get_by_text(re.compile("^Utförd, avslutad"))).to_be_visible()
    told = known(store, number)
    assert (told.outcome, told.purges, told.row["email"], told.row["name"]) == ("done", (1,), None, None)
    after = Desk(store)
    names = [entry.name for entry in after.entries()]
    assert stored["Namn"] not in names and len(names) == len(PROSPECTS) + 1 - 1
    after.register.dispose()
