"""Three dashboards on two addresses, with one register and one copy in a PostgreSQL, as several hosts have them."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from compliance.purge.tables import State
from compliance.reading import copy
from compliance.words.texts import say
from tests import demo_store, servers
from tests.browsing import PATIENCE_MS, ROOT, browser, press, serving
from tests.builds.test_central import held
from tests.purging import Weekly, prospect

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.real_writer]
_URLS = ("COMPLIANCE_REGISTER_URL", "COMPLIANCE_COPY_URL")
HOSTS = ("127.0.0.1", "127.0.0.1", "127.0.0.2")
_numbers = itertools.count()


@pytest.fixture
def desk(tmp_path: Path, postgresql: str) -> Iterator[Weekly]:
    """Whoever takes in and purges: a process of its own beside the dashboards."""
    names = [f"several_{kind}_{next(_numbers)}" for kind in ("register", "copy")]
    urls = dict(zip(_URLS, [servers.create(postgresql, name) for name in names], strict=True))
    made = Weekly(tmp_path / "store", **urls)
    made.folder = tmp_path / "exports"
    made.deliver(*(prospect(number) for number in range(5)), prospect(9, "2026-01-05"))
    yield made
    made.register.dispose()
    copy._copies.clear()
    for name in names:
        servers.drop(postgresql, name)


def copy_of(desk: Weekly) -> str:
    """The name of the database that has the copy."""
    return str(sa.make_url(desk.settings.copy_url or "").database)


def environment(desk: Weekly) -> dict[str, str]:
    told = {
        "COMPLIANCE_REGISTER_URL": desk.settings.register_url,
        "COMPLIANCE_COPY_URL": desk.settings.copy_url or "",
        "COMPLIANCE_HOSTS": ",".join(sorted(set(HOSTS))),
    }
    return {**demo_store.environment(desk.settings.store), **told}


@pytest.fixture
def windows(browser: Browser, desk: Weekly) -> Iterator[list[Page]]:
    """A window at each of three dashboards, signed in."""
    with ExitStack() as stack:
        opened = []
        for host in HOSTS:
            url = stack.enter_context(serving(environment(desk), host=host))
            context = browser.new_context(locale="sv-SE", viewport={"width": 1440, "height": 1000})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(url)
            sign_in(page)
            opened.append(page)
        yield opened


def sign_in(page: Page) -> None:
    """Picks a role: in a demo that is asked of every window that is opened."""
    press(page, "pick_dpo")
    expect(page.get_by_role("heading", name=say("weekly.title", "sv"))).to_be_visible()


def overdue(page: Page) -> int:
    """What the weekly review shows to be overdue."""
    text = page.locator(".st-key-tile_overdue [data-testid=stMetricValue]").inner_text()
    return int(re.sub(r"\D", "", text))


def test_all_show_what_one_has_changed(windows: list[Page], desk: Weekly, postgresql: str) -> None:
    assert [overdue(page) for page in windows] == [5, 5, 5]
    days = [name for name in held(postgresql, copy_of(desk)) if name.startswith("reading_")]
    assert len(days) == 1, "decided once for all of them"
    batch = desk.purge(desk.entries(status="OVERDUE")[:2], picked=True)
    assert batch.state is State.EXECUTED
    for page in windows:
        page.reload()
        sign_in(page)
        assert overdue(page) == 3
        expect(page.get_by_text("Traceback")).to_have_count(0)
    assert not set(days) & set(held(postgresql, copy_of(desk)))


# What a dashboard does first: it asks for the copy on its day.
_READS = """
import datetime as dt
from compliance.access.at import at_command
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.show import asks
from compliance.show.entries import entry_binds
from compliance.words import settings as settings_of

settings = settings_of.load()
at = at_command(settings, engine(settings), dt.datetime.now(dt.UTC))
reading = copy.current(settings, at.register, at.today, at.policy, at.parameters)
print(len(reading.rows(asks.ENTRIES, rows=100, skip=0, **entry_binds({}, named=False))))
"""


def test_one_that_dies_while_it_decides_leaves_the_others_at_work(desk: Weekly, postgresql: str) -> None:
    """It is killed while it holds what one alone may do at a time: making the day that all read."""
    (build,) = [name for name in held(postgresql, copy_of(desk)) if name.startswith("build_")]
    asked = [sys.executable, "-c", _READS]
    told = environment(desk)
    with servers.connect(postgresql, copy_of(desk)) as connection, connection.transaction():
        # Nothing can be decided before this is let go.
        connection.execute(f"lock table {build}.basis in access exclusive mode")
        first = subprocess.Popen(asked, cwd=ROOT, env=told, stdout=subprocess.PIPE)
        with servers.connect(postgresql, copy_of(desk)) as another:
            _until_one_waits(another)
        first.kill()
        first.wait(20)
    servers.leave(postgresql, copy_of(desk))
    second = subprocess.run(asked, cwd=ROOT, env=told, capture_output=True, text=True, check=True, timeout=120)
    assert second.stdout.strip() == "6"
    assert {name.split("_")[0] for name in held(postgresql, copy_of(desk))} == {"build", "reading"}


def _until_one_waits(connection: psycopg.Connection) -> None:
    for _ in range(300):
        if connection.execute("select count(*) from pg_locks where not granted").fetchone() != (0,):
            return
        time.sleep(0.1)
    raise TimeoutError("nobody waits")
