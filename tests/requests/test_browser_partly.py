"""In a real browser, two people: an erasure by phone, of which bookkeeping law keeps a part, to its end."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pypdf
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from compliance.purge.tables import State, batch
from compliance.words.deadlines import STOCKHOLM
from compliance.words.texts import say
from tests.browsing import browser, choose, fill, press, type_day
from tests.person.company import HIRED
from tests.purging import Desk, employees, prospects, vouchers
from tests.requests.test_browser import address, comes_next, enter, known, opened, petra, pick, record, table_of
from tests.requests.test_rest import EVA, LEFT, PAID, PROSPECTS

__all__ = ["address", "browser", "petra"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]
# Of what is stored of her; her employment is kept as long as she may make claims.
GOES = 1
KEPT_UNTIL = "2030-12-31"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company: Eva is a prospect, was employed and has a voucher."""
    folder = tmp_path_factory.mktemp("ends")
    desk = Desk(folder / "store")
    result = desk.take_in(prospects(folder, PROSPECTS), employees(folder, [LEFT, HIRED]), vouchers(folder, [PAID]))
    assert result.all_taken, result
    desk.register.dispose()
    return folder / "store"


def on_batch(page: Page, step: str) -> None:
    """Takes a purge one step on, by the typed word and number."""
    fill(page, step, word="GALLRA", number=str(GOES))
    press(page, f"{step}_button")


def test_an_erasure_by_phone_of_which_bookkeeping_law_keeps_a_part_from_receipt_to_verified(
    petra: Page, browser: Browser, address: str, store: Path, tmp_path: Path
) -> None:
    number = enter(petra, "erasure", "phone", name="Eva Lind", email=EVA["E-post"], phone=EVA["Telefon"])
    comes_next(petra, "decide")
    record(petra, number, "decided", decision=say("request_decision.erase", "sv"))
    for category, why, until in (("VOUCHER", "bookkeeping", KEPT_UNTIL), ("EMPLOYEE", "claims", "2033-05-31")):
        choose(petra, f"request_step_{number}_step", say("request_act.decided", "sv"))
        choose(petra, f"request_step_{number}_decision", say("request_decision.keep", "sv"))
        choose(petra, f"request_step_{number}_why", say(f"request_why.{why}", "sv"))
        choose(petra, f"request_step_{number}_category", say(f"category.{category}", "sv"))
        type_day(petra, f"request_step_{number}_until_on", until)
        press(petra, "request_record")
        expect(petra.get_by_text(say("request_page.recorded", "sv"))).to_be_visible()
        expect(petra.locator(f".st-key-request_step_{number}_why input")).to_have_count(0)
    press(petra, "propose_requests")
    expect(petra.get_by_text(re.compile("Gallring 1 är föreslagen"))).to_be_visible()

    axel = opened(browser, f"{address}/batch?batch=1")
    pick(axel, "ciso")
    on_batch(axel, "approve")
    on_batch(axel, "execute")
    expect(axel.get_by_text(re.compile("^Av .* planerad"))).to_be_visible(timeout=90_000)
    axel.context.close()

    petra.goto(f"{address}/request?number={number}")
    pick(petra, "dpo")
    comes_next(petra, "answer")
    # The page and the letter say what is kept, why and until when.
    kept = [row for row in table_of(petra, "request_steps") if KEPT_UNTIL in str(row)]
    assert len(kept) == 1 and say("request_why.bookkeeping", "sv") in str(kept)
    petra.locator("[data-testid=stExpander] summary", has_text=say("letter.panel", "sv")).click()
    choose(petra, f"letter_{number}_kind", say("letter_kind.partly", "sv"))
    with petra.expect_download() as waited:
        press(petra, f"letter_{number}_pdf")
    letter = " ".join("".join(one.extract_text() for one in pypdf.PdfReader(waited.value.path()).pages).split())
    assert KEPT_UNTIL in letter and "bokföringslagen" in letter and "Integritetsskyddsmyndigheten" in letter
    record(petra, number, "answered")
    record(petra, number, "closed", outcome=say("request_outcome.partial", "sv"))
    expect(petra.get_by_text(re.compile("^Delvis utförd, avslutad"))).to_be_visible()

    # The sources are told, and their next exports have her no more.
    desk = Desk(store)
    desk.now = dt.datetime.now(dt.UTC) + dt.timedelta(hours=4)
    stamp = f"{dt.datetime.now(STOCKHOLM) + dt.timedelta(hours=1):%Y-%m-%dT%H%M}"
    result = desk.take_in(prospects(tmp_path, PROSPECTS[1:], stamp), employees(tmp_path, [LEFT, HIRED], stamp))
    assert result.all_taken, result
    names = {(entry.name, entry.category) for entry in desk.entries()}
    with desk.register.connect() as connection:
        assert connection.scalar(sa.select(batch.c.state)) == State.VERIFIED
    desk.register.dispose()
    assert {category for name, category in names if name in (None, "Eva Lind")} == {"EMPLOYEE", "VOUCHER"}
    told = known(store, number)
    assert (told.outcome, told.purges, told.row["email"], told.row["name"]) == ("partial", (1,), None, None)
    assert [str(one.until_on) for one in told.kept] == [KEPT_UNTIL, "2033-05-31"]
    petra.goto(f"{address}/batch?batch=1")
    pick(petra, "dpo")
    expect(petra.get_by_text(re.compile(say("batch_state.verified", "sv"))).first).to_be_visible()
