"""What only a browser shows: signing in, a figure that leads to its list, taking in a file, languages, a CSV."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import sqlalchemy as sa
import tomli_w
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from compliance import ledger
from compliance.ledger import tables as ledger_tables
from compliance.operations import verify
from compliance.words.texts import catalogue, refusal, say
from tests import demo_store
from tests.browsing import (
    PATIENCE_MS,
    browser,
    choose,
    fetched,
    fill,
    free_port,
    go,
    press,
    serving,
    stands,
    tab_to,
)
from tests.purging import Desk, files_with

__all__ = ["browser"]
# Its dashboards are processes of their own, with all that theirs is.
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the dashboard of this module has its store, its temporary files and its log."""
    made = tmp_path_factory.mktemp("browser")
    (made / "tmp").mkdir()
    demo_store.copied(made)
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The dashboard of the demo company, running."""
    environment = {**demo_store.environment(folder / "store"), "TMPDIR": str(folder / "tmp")}
    with serving(environment, log=folder / "log") as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A window in Swedish, on the sign-in page."""
    context = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.goto(address)
    yield opened
    context.close()


def sign_in(page: Page, role: str = "dpo") -> None:
    page.locator(f".st-key-pick_{role} button").click()
    expect(page.get_by_role("heading", name=say("weekly.title", "sv"))).to_be_visible()


def figure(page: Page, name: str) -> int:
    text = page.locator(f".st-key-tile_{name} [data-testid=stMetricValue]").inner_text()
    return int(re.sub(r"\D", "", text))


def go_to(page: Page, name: str, title: str) -> None:
    page.locator(f'[data-testid=stSidebarNav] a[href$="/{name}"]').click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


def test_the_picker_signs_in_and_a_figure_leads_to_its_list(page: Page) -> None:
    sign_in(page)
    overdue = figure(page, "overdue")
    page.locator(".st-key-tile_overdue a").click()
    expect(page.get_by_role("heading", name=say("expiries.title", "sv"), exact=True)).to_be_visible()
    assert "status=OVERDUE" in page.url
    expect(page.get_by_text(re.compile(rf"^{overdue} poster om"))).to_be_visible()


def click_on(page: Page, chart: str, mark: Locator, aside: int) -> None:
    """Clicks on a chart, so far beside what a mark of it says."""
    expect(mark).to_be_visible()
    stands(page)
    page.locator(f".st-key-{chart}").scroll_into_view_if_needed()
    # Of a chart that is higher than the window, just this mark.
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 + aside, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def test_a_click_on_a_chart_of_the_risk_overview_leads_to_its_rows(page: Page) -> None:
    sign_in(page)
    go_to(page, "risk", say("risk.title", "sv"))
    cell = page.locator(".st-key-heat .textpoint", has_text=re.compile("^27$"))
    click_on(page, "heat", cell, 60)
    expect(page.get_by_text(re.compile("^27 poster om"))).to_be_visible()
    assert "status=OVERDUE&category=PROSPECT&age=31-90" in page.url
    # Whoever comes back is not led away again.
    go_to(page, "risk", say("risk.title", "sv"))
    page.get_by_role("tab", name=say("risk.tab_causes", "sv")).click()
    click_on(page, "causes", page.locator(".st-key-causes .bartext", has_text=re.compile("^18$")), -80)
    expect(page.get_by_text(re.compile("^18 poster om"))).to_be_visible()
    assert "status=UNDETERMINED&reason=sentinel_date" in page.url
    go_to(page, "risk", say("risk.title", "sv"))
    page.get_by_role("tab", name=say("risk.tab_trends", "sv")).click()
    # The first picture is the score, which has no rows of its own; the second is the worst that has.
    click_on(page, "trends", page.locator(".st-key-trends .draglayer .x2y2 .nsewdrag"), 0)
    expect(page.get_by_text(re.compile("^254 poster om"))).to_be_visible()
    assert "status=OVERDUE" in page.url


def test_the_language_switches_and_stays(page: Page) -> None:
    sign_in(page)
    page.get_by_role("radio", name="English").click()
    expect(page.get_by_role("heading", name="Weekly review")).to_be_visible()
    go_to(page, "risk", "Risk overview")
    expect(page.get_by_text("As of 2026-11-24")).to_be_visible()
    # It says on every page what is spoken, however many were opened before.
    for name, title in (("findings", "Findings"), ("mailings", "Mailings"), ("marks", "Restriction and mailings")):
        go_to(page, name, title)
        stands(page)
        expect(page.get_by_role("radio", name="English")).to_be_checked()


def test_what_is_typed_stands_there_after_the_page_is_loaded_anew(page: Page) -> None:
    sign_in(page)
    go_to(page, "holds", say("holds.title", "sv"))
    page.get_by_role("tab", name=say("holds.place", "sv")).click()
    fill(page, "hold", person_search="a")
    choose(page, "hold_ground", say("hold_ground.dispute", "sv"))
    fill(page, "hold", owner="Juridik", case="T-9/26")
    go(page, "/new")
    expect(page.get_by_role("heading", name=say("request_new.title", "sv"))).to_be_visible()
    fill(page, "request_new", name="Anna Berg", reference="2026-17")
    stands(page)
    # To load it anew ends the session: it begins with who is here.
    page.reload()
    page.locator(".st-key-pick_dpo button").click()
    for name, text in (("name", "Anna Berg"), ("reference", "2026-17")):
        expect(page.locator(f".st-key-request_new_{name} input")).to_have_value(text)
    expect(page.get_by_text(say("forms.restored", "sv"))).to_be_visible()
    go_to(page, "holds", say("holds.title", "sv"))
    page.get_by_role("tab", name=say("holds.place", "sv")).click()
    for name, text in (("person_search", "a"), ("owner", "Juridik"), ("case", "T-9/26")):
        expect(page.locator(f".st-key-hold_{name} input")).to_have_value(text)
    expect(page.locator(".st-key-hold_ground input")).to_have_value(say("hold_ground.dispute", "sv"))
    page.locator(".st-key-hold_case input").fill("")
    page.locator(".st-key-hold_owner input").fill("")
    press(page, "hold_place")
    # What is wrong stands beside it, and all else stays.
    beside = page.locator("[data-testid=stVerticalBlock]", has=page.locator(".st-key-hold_owner")).last
    expect(beside.get_by_text(say("refusal.hold_owner_missing", "sv"))).to_be_visible()
    expect(page.locator(".st-key-hold_person_search input")).to_have_value("a")


def test_a_csv_can_be_read_back(page: Page) -> None:
    sign_in(page)
    overdue = figure(page, "overdue")
    page.locator(".st-key-tile_overdue a").click()
    expect(page.get_by_text(re.compile(rf"^{overdue} poster om"))).to_be_visible()
    left = fetched(page, "csv_entries_expiries_excel")
    content = left.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == overdue
    assert {row[say("column.status", "sv")].split(" ", 1)[1] for row in rows} == {say("status.OVERDUE", "sv")}
    assert all(say("column.name", "sv") not in row for row in rows)
    assert {row[say("extract.as_of", "sv")] for row in rows} == {"2026-11-24"}
    filtered = f"{say('filter.status', 'sv')}: {say('status.OVERDUE', 'sv')}"
    assert {row[say("extract.filter", "sv")] for row in rows} == {filtered}
    assert left.suggested_filename.endswith(".csv")
    # It has left: neither its browser nor anybody else gets it again, and nothing of it lies at an address.
    address = left.url
    assert "/extract/" in address
    assert page.request.get(address, headers={"Sec-Fetch-Mode": "navigate"}).status == 410
    assert page.request.get(address.replace("/extract/", "/media/") + ".csv").status == 404


def pick(page: Page, label: str, option: str) -> None:
    """Chooses an option; a list that closes when the page is drawn anew is opened again, as anybody would."""
    box = page.locator('[data-testid="stSelectbox"]', has_text=label)
    for _ in range(6):
        box.click()
        try:
            page.get_by_role("option", name=option).click(timeout=5_000)
        except PlaywrightTimeoutError:
            continue
        return
    raise AssertionError(f"{option} was not offered")


def test_a_file_is_previewed_taken_in_and_accounted_for(page: Page, tmp_path: Path) -> None:
    sign_in(page)
    before = figure(page, "persons")
    file = tmp_path / "nya_kontakter.csv"
    file.write_text(
        "Nr;Namn;E-post;Telefon;Registrerad;Senaste möte;Personnummer\n"
        "1;Anna Provsson;anna@nytt.example;070-1740605;05/06/2024;;811218-9876\n"
        "2;Bo Provsson;bo@nytt.example;070-1740606;03/04/2023;07/08/2024;\n"
        ";Utan Nyckel;nyckel@nytt.example;;01/02/2024;;\n",
        encoding="utf-8",
    )
    go_to(page, "intake", say("intake.title", "sv"))
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.get_by_text(say("intake.preview.unknown", "sv"))).to_be_visible()
    pick(page, say("intake.mapping.category", "sv"), say("category.PROSPECT", "sv"))
    # Nothing decides between day and month first, so it is asked.
    expect(page.get_by_text(say("intake.question.open", "sv"))).to_be_visible()
    for field in ("registered_on", "met_on"):
        page.locator(f".st-key-file_0_0_{field}").get_by_text(say("intake.question.dmy", "sv")).click()
    button = page.locator(".st-key-take_in button")
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text(re.compile("personer finns nu i kopian"))).to_be_visible(timeout=60_000)
    assert figure(page, "rows_in") == 3
    assert figure(page, "loaded") == 2
    assert figure(page, "quarantined") == 1
    assert figure(page, "new_persons") == 2
    go_to(page, "", say("weekly.title", "sv"))
    expect(page.locator(".st-key-tile_persons [data-testid=stMetricValue]")).to_have_text(
        re.compile(rf"{(before + 2) // 1000}\s*{(before + 2) % 1000:03d}")
    )


def test_a_file_that_is_no_table_gets_a_clear_word(page: Page, tmp_path: Path) -> None:
    sign_in(page)
    (tmp_path / "bild.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "bred.csv").write_text(";".join(f"k{n}" for n in range(10_000)) + "\n1\n", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w") as package:
        package.writestr("a.csv", "Nr;Namn\n1;Anna\n")
    bomb = bytearray((tmp_path / "bomb.zip").read_bytes())
    told = bomb.index(b"PK\x01\x02") + 24
    bomb[told : told + 4] = (3 * 1024**3).to_bytes(4, "little")
    (tmp_path / "bomb.zip").write_bytes(bytes(bomb))
    go_to(page, "intake", say("intake.title", "sv"))
    page.locator("input[type=file]").set_input_files(
        [str(tmp_path / name) for name in ("bild.csv", "bred.csv", "bomb.zip")]
    )
    expect(page.get_by_text(say("refusal.file_binary", "sv"))).to_be_visible()
    for code in ("file_too_many_columns", "file_unpacks_too_large"):
        begins = catalogue()[f"refusal.{code}"]["sv"].partition("{")[0].strip()
        expect(page.get_by_text(re.compile(re.escape(begins)))).to_be_visible()
    assert page.get_by_text("Traceback").count() == 0


def test_a_table_leaves_by_its_own_buttons_alone(page: Page) -> None:
    sign_in(page)
    go_to(page, "subjects", say("subjects.title", "sv"))
    page.locator("[data-testid=stDataFrame]:visible").first.hover()
    expect(page.get_by_role("button", name="Fullscreen").first).to_be_visible()
    # Streamlit's own CSV would leave without a line in the ledger, without a stamp and with formulas.
    assert page.get_by_role("button", name="Download as CSV").count() == 0


def test_handing_in_files_speaks_the_readers_language(page: Page) -> None:
    sign_in(page)
    go_to(page, "intake", say("intake.title", "sv"))
    zone = page.get_by_test_id("stFileUploaderDropzone")
    expect(zone).to_be_visible()
    told = zone.evaluate(
        "zone => [...zone.querySelectorAll('button p, span')]"
        ".map(part => getComputedStyle(part, '::after').content).filter(content => content !== 'none')"
    )
    words = {say("intake.upload.button", "sv"), say("intake.upload.limit", "sv", limit=2)}
    assert {text.strip('"') for text in told} == words


def test_no_page_asks_anything_of_the_network(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page)
    go_to(page, "expiries", say("expiries.title", "sv"))
    assert asked
    assert [
        url for url in asked if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
    ] == []


def test_nobody_is_named_where_nobody_looks_after_it(page: Page, folder: Path, address: str) -> None:
    """After all that the tests above have done at this server, and a search by name and an extract with names."""
    known = [row for row in Desk(folder / "store").entries() if row.name and row.email]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page)
    go_to(page, "subjects", say("subjects.title", "sv"))
    page.get_by_role("tab", name=say("subjects.list", "sv")).click()
    page.locator(".st-key-named_subjects label").click()
    search = page.locator(".st-key-search_subjects input")
    search.fill(str(known[0].email))
    search.press("Enter")
    expect(page.get_by_text(re.compile(r"^\d+ post(er)? om \d+ person"))).to_be_visible()
    # It has been there to be found.
    left = fetched(page, "csv_entries_subjects_plain").path()
    assert str(known[0].email) in left.read_text(encoding="utf-8-sig")
    browser_keeps = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    )
    (server,) = [
        path.parent
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"--server.port\0{urlsplit(address).port}\0".encode() in path.read_bytes()
    ]
    # A core dump would hold whoever is in memory.
    assert re.search(r"^Max core file size +0 +0 ", (server / "limits").read_text(), re.MULTILINE)
    processes = [path.read_bytes().decode(errors="replace") for path in Path("/proc").glob("[0-9]*/cmdline")]
    told = "\n".join([*asked, page.url, page.title(), browser_keeps, str(page.context.storage_state()), *processes])
    (folder / "tmp" / "told").write_text(unquote(told), encoding="utf-8")
    (folder / "log").rename(folder / "tmp" / "log")
    texts = {str(text) for row in known for text in (row.name, row.email) if len(str(text)) > 6}
    assert files_with(folder / "tmp", texts) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window_shows_everything_without_scrolling_sideways(
    browser: Browser, address: str, scheme: str
) -> None:
    context = browser.new_context(locale="sv-SE", viewport={"width": 900, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto(address)
    sign_in(opened)
    expect(opened.locator(".st-key-tile_overdue_requests")).to_be_visible()
    wider = opened.evaluate(
        "(() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth > main.clientWidth + 1 })()"
    )
    context.close()
    assert not wider


# Lists of which the last columns were outside, with the text of their page's title.
@pytest.mark.parametrize(
    ("place", "title"),
    [(one, one) for one in ("expiries", "erasure", "findings", "processing", "marks", "cookies", "holds", "ledger")]
    + [("policy", "policy_page"), ("access", "environments")],
)
def test_what_a_list_shows_is_inside_the_window(page: Page, place: str, title: str) -> None:
    sign_in(page)
    go(page, f"/{place}")
    expect(page.locator("h1")).to_contain_text(say(f"{title}.title", "sv"))
    stands(page)
    lists = page.locator("[data-testid=stDataFrame]:visible .dvn-scroller")
    expect(lists.first).to_be_visible()
    assert not lists.evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1)"
        ".map(one => `${one.scrollWidth} > ${one.clientWidth}`)"
    )


def test_a_trusted_proxy_says_who_is_here_and_nobody_else_gets_in(browser: Browser, tmp_path: Path) -> None:
    environment = demo_store.behind("proxy", tmp_path, 'ciso = ["chief@company.example"]\n')
    refused = say("sign_in.no_role", "en")
    with serving(environment) as url:
        for header, seen in (
            ({"X-Forwarded-Email": "chief@company.example"}, say("risk.title", "en")),
            ({"X-Forwarded-Email": "Chief@Company.example"}, refusal("address_case", "en", {})),
            ({"X-Forwarded-Email": "nobody@company.example"}, refused),
            ({}, refused),
        ):
            context = browser.new_context(locale="en-GB", extra_http_headers=header)
            opened = context.new_page()
            opened.goto(url)
            main = opened.locator("[data-testid=stMain]")
            expect(main.get_by_text(seen, exact=True).first).to_be_visible()
            assert (opened.locator("[data-testid=stSidebarNav]").count() == 1) is (seen == say("risk.title", "en"))
            context.close()


def test_openid_connect_lets_in_by_a_verified_address_with_a_role(browser: Browser, tmp_path: Path) -> None:
    chief, verified = "chief@company.example", "email_verified"
    people = {
        "known": ({"email": chief, verified: True}, say("risk.title", "en")),
        "unverified": ({"email": chief, verified: False}, say("refusal.email_not_verified", "en")),
        "stranger": ({"email": "nobody@company.example", verified: True}, say("sign_in.no_role", "en")),
        "nameless": ({}, say("sign_in.no_role", "en")),
    }
    users = [User(sub=name, claims=claims) for name, (claims, _) in people.items()]
    port = free_port()
    with run_server_in_thread(port=0, user_claims=users) as provider:
        # The provider goes by `localhost`; the dashboard goes by the address that the browser comes back to.
        auth = {
            "redirect_uri": f"http://127.0.0.1:{port}/oauth2callback",
            "cookie_secret": "a secret of this test alone, 32 characters",
            "client_id": "compliance",
            "client_secret": "mock",
            "server_metadata_url": f"http://localhost:{provider.server_port}/.well-known/openid-configuration",
        }
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(tomli_w.dumps({"auth": auth}))
        secrets.chmod(0o600)
        environment = demo_store.behind("oidc", tmp_path, f'ciso = ["{chief}"]\n')
        with serving(environment, port, "--secrets.files", str(secrets)) as url:
            for name, (_, seen) in people.items():
                context = browser.new_context(locale="en-GB")
                opened = context.new_page()
                opened.goto(url)
                main = opened.locator("[data-testid=stMain]")
                account = opened.get_by_role("button", name=name)
                press_until(main.locator(".st-key-oidc_sign_in button"), account)
                account.click()
                expect(main.get_by_text(seen, exact=True).first).to_be_visible()
                if name == "known":
                    opened.locator(".st-key-sign_out button").click()
                else:
                    assert opened.locator("[data-testid=stSidebarNav]").count() == 0
                    main.locator(".st-key-oidc_sign_out button").click()
                # The provider is told too, and asks whether to end its own session.
                opened.get_by_role("button", name="End session").click()
                expect(main.locator(".st-key-oidc_sign_in button")).to_be_visible()
                context.close()


def press_until(button: Locator, seen: Locator) -> None:
    """Presses a button until what it leads to is there: a click is lost on a page that is drawn anew just then."""
    for _ in range(3):
        button.click()
        with contextlib.suppress(PlaywrightTimeoutError):
            return seen.wait_for(timeout=15_000)
    raise AssertionError(f"{button} led nowhere")


def whole(text: str, pattern: str) -> int:
    """The number that a sentence has where the pattern has its group."""
    found = re.search(pattern, text)
    assert found, text
    return int(re.sub(r"\D", "", found[1]))


def opened_by(browser: Browser, url: str, role: str) -> Page:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1200}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.locator(f".st-key-pick_{role} button").click()
    return page


def confirm_by_typing(step: str, number: int, *pages: Page) -> None:
    """Types the word and the number in every window, and then presses the button in each."""
    for page in pages:
        page.locator(f".st-key-{step}_word input").fill("PURGE")
        page.locator(f".st-key-{step}_number input").fill(str(number))
        page.locator(f".st-key-{step}_number input").press("Tab")
    for page in pages:
        page.locator(f".st-key-{step}_button button").click()


def test_one_proposes_and_another_approves_and_carries_out(browser: Browser, tmp_path: Path) -> None:
    """By two dashboards on one register: Petra and Axel carry it out at once, each at their own, and Gun looks on."""
    store = demo_store.copied(tmp_path)
    with serving(demo_store.environment(store)) as url, serving(demo_store.environment(store)) as other:
        petra = opened_by(browser, url, "dpo")
        expect(petra.get_by_role("heading", name="Weekly review")).to_be_visible()
        before = figure(petra, "overdue")
        go_to(petra, "expiries", "Upcoming expiries")
        petra.goto(f"{url}/expiries?status=OVERDUE&category=PROSPECT")
        petra.locator(".st-key-pick_dpo button").click()
        petra.locator(".st-key-propose_all_expiries button").click()
        proposed = petra.get_by_text(re.compile(r"Purge 1 is proposed: \d+ entries"))
        expect(proposed).to_be_visible()
        count = whole(proposed.inner_text(), r"proposed: ([\d,]+) entries")
        petra.get_by_role("link", name="Open the purge").click()
        expect(petra.get_by_text("You have proposed this purge")).to_be_visible()

        axel = opened_by(browser, f"{other}/batch?batch=1", "ciso")
        gun = opened_by(browser, f"{other}/batch?batch=1", "auditor")
        confirm_by_typing("approve", count, axel)
        expect(axel.get_by_text("Carry out the purge").first).to_be_visible()
        petra.goto(f"{url}/batch?batch=1")
        petra.locator(".st-key-pick_dpo button").click()
        expect(petra.get_by_text("Carry out the purge").first).to_be_visible()
        confirm_by_typing("execute", count, petra, axel)
        done = axel.get_by_text(re.compile(r"Of \d+ planned entries"))
        expect(done).to_be_visible(timeout=90_000)
        desk = Desk(store)
        with desk.register.connect() as connection:
            events = list(connection.scalars(sa.select(ledger_tables.ledger.c.event)))
        for event in (ledger.Event.BATCH_CLAIMED, ledger.Event.BATCH_EXECUTED):
            assert events.count(event.value) == 1
        assert verify.register(desk.settings, desk.register).faults == ()
        desk.register.dispose()
        gun.goto(f"{other}/batch?batch=1")
        gun.locator(".st-key-pick_auditor button").click()
        expect(gun.get_by_text(re.compile(r"Of \d+ planned entries"))).to_be_visible()
        assert whole(done.inner_text(), r"entries ([\d,]+) were deleted") == count
        receipt = json.loads(fetched(axel, "receipt_json").path().read_text(encoding="utf-8"))
        assert (receipt["planned"], receipt["deleted"]) == (count, count)

        petra.goto(url)
        petra.locator(".st-key-pick_dpo button").click()
        expect(petra.get_by_role("heading", name="Weekly review")).to_be_visible()
        assert figure(petra, "overdue") == before - count
        axel.goto(f"{other}/expiries?status=OVERDUE&category=PROSPECT")
        axel.locator(".st-key-pick_ciso button").click()
        expect(axel.get_by_role("heading", name="Upcoming expiries")).to_be_visible()
        expect(axel.get_by_text(re.compile(rf"^{before} entries about"))).to_have_count(0)
        for page in (petra, axel, gun):
            page.context.close()


def test_a_view_that_was_sent_is_there_after_signing_in_even_first_of_all(browser: Browser, tmp_path: Path) -> None:
    store = demo_store.copied(tmp_path)
    with serving(demo_store.environment(store)) as url:
        for sent, role, title, kept in (
            ("expiries?status=DUE", "ciso", "Upcoming expiries", "/expiries?status=DUE"),
            # The page that somebody comes to has a name besides the bare address.
            ("weekly?step=comes", "dpo", "Weekly review", "/?step=comes"),
            ("risk?tab=causes", "ciso", "Risk overview", "/?tab=causes"),
            ("weekly?step=comes", "ciso", "Weekly review", "/weekly?step=comes"),
            ("", "ciso", "Risk overview", "/"),
        ):
            page = opened_by(browser, f"{url}/{sent}", role)
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            expect(page).to_have_url(f"{url}{kept}")
            assert page.get_by_text("Page not found").count() == 0
            page.context.close()


def test_the_whole_agenda_is_gone_through_and_signed_by_keyboard_alone(page: Page, folder: Path) -> None:
    expect(page.locator(".st-key-pick_dpo button")).to_be_enabled()
    tab_to(page, ".st-key-pick_dpo")
    page.keyboard.press("Enter")
    open_step = page.locator(".st-key-agenda_open")
    # What has changed comes first, as all sources are fresh; then what waits, what comes, and the signature.
    expect(open_step.locator("[data-testid=stPlotlyChart]")).to_be_visible()
    for number, seen in (
        (3, open_step.locator(".st-key-decision_0")),
        (4, open_step.get_by_text(say("comes.load", "sv"))),
        (5, open_step.locator(".st-key-sign button")),
    ):
        tab_to(page, ".st-key-agenda")
        page.keyboard.press("ArrowDown")
        expect(page.locator(".st-key-agenda input").nth(number - 1)).to_be_checked()
        expect(seen).to_be_visible()
    tab_to(page, ".st-key-review_note textarea")
    page.keyboard.type("Genomgånget utan mus.")
    tab_to(page, ".st-key-sign button")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-sign_confirm button")).to_be_visible()
    tab_to(page, ".st-key-sign_confirm button")
    page.keyboard.press("Enter")
    expect(
        page.locator(".st-key-agenda").get_by_text(say("agenda_told.signed", "sv", week="48").rstrip("."))
    ).to_be_visible()
    desk = Desk(folder / "store")
    with desk.register.connect() as connection:
        told = connection.scalars(
            sa.select(ledger_tables.ledger.c.details).where(ledger_tables.ledger.c.event == "review:signed")
        ).all()
    assert [json.loads(one)["note"] for one in told] == ["Genomgånget utan mus."]
