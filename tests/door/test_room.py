"""Files come in where a window may hand them in and has room, and leave while they are read, once."""

from __future__ import annotations

import asyncio
import html
import threading
import time
from collections.abc import Generator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from compliance import door
from compliance.access import uploads
from compliance.access.at import At
from compliance.reading.copy import Retired
from compliance.show import leaving
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import Permission

COOKIE = "a-browser"
SETTINGS = settings_of.load({"COMPLIANCE_STORE": "/tmp/none"})
APP = Starlette(routes=[Route("/extract/{token}", door.extracting(lambda: SETTINGS))])


def scope(path: str, method: str = "GET", **headers: str) -> Scope:
    """A request."""
    told = {"host": "localhost", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": raw,
        "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "root_path": "",
        "http_version": "1.1", "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip


class Visitor:
    """Asks for a file and reads it, or goes away after so many parts of it."""

    def __init__(self, goes_after: int | None = None) -> None:
        self.parts: list[bytes] = []
        self.start: Message = {}
        self.whole = False
        self._goes_after = goes_after
        self._gone = asyncio.Event()

    async def receive(self) -> Message:
        """That the visitor has gone."""
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """What the visitor gets."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.parts.append(message["body"])
        self.whole = not message.get("more_body", False)
        if self._goes_after is not None and len(self.parts) >= self._goes_after:
            self._gone.set()
            await asyncio.sleep(0)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {name.decode(): value.decode() for name, value in self.start["headers"]}


def fetch(token: str, goes_after: int | None = None, **headers: str) -> Visitor:
    """Fetches a file, as a browser does that follows a link."""

    async def run() -> Visitor:
        visitor = Visitor(goes_after)
        asked = {"cookie": f"compliance_browser={COOKIE}", "sec_fetch_mode": "navigate", **headers}
        await asyncio.wait_for(APP(scope(f"/extract/{token}", **asked), visitor.receive, visitor.send), 20)
        return visitor

    return asyncio.run(run())


class File:
    """A file that knows how much of it was read, and how it ended."""

    def __init__(self, parts: int, fault: Exception | None = None) -> None:
        self.read, self.ended, self._parts, self._fault = 0, "", parts, fault

    def write(self) -> Generator[bytes, None, None]:
        """Writes part after part while it is read."""
        try:
            for _ in range(self._parts):
                self.read += 1
                yield b"x" * 10
            if self._fault:
                raise self._fault
            self.ended = "done"
        finally:
            self.ended = self.ended or "broken off"

    def ask(self) -> str:
        """Its token."""
        asked = leaving.Leaving("å b.csv", "text/csv", "sv", self.write)
        return leaving.ask(asked, leaving.bound_to(COOKIE, ""), time.monotonic())


def test_a_file_leaves_once_and_stays_nowhere() -> None:
    file = File(3)
    token = file.ask()
    assert file.read == 0
    visitor = fetch(token)
    assert (visitor.start["status"], b"".join(visitor.parts), visitor.whole) == (200, b"x" * 30, True)
    assert visitor.headers["cache-control"] == "no-store" and "content-length" not in visitor.headers
    assert visitor.headers["content-disposition"] == "attachment; filename*=utf-8''%C3%A5%20b.csv"
    assert (file.read, file.ended) == (3, "done")
    again = fetch(token)
    assert again.start["status"] == 410 and again.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("cookie", ["", "compliance_browser=other"])
def test_another_browser_gets_nothing_of_it(cookie: str) -> None:
    file = File(3)
    assert fetch(file.ask(), cookie=cookie).start["status"] == 410 and file.read == 0


def test_a_script_that_looks_uses_up_nothing_and_gets_nothing() -> None:
    file = File(1)
    token = file.ask()
    for headers in ({"sec_fetch_mode": "cors"}, {"sec_fetch_mode": "no-cors"}, {"method": "HEAD"}):
        looked = fetch(token, **headers)
        assert (looked.start["status"], b"".join(looked.parts), file.read) == (204, b"", 0)
    assert fetch(token).start["status"] == 200


@pytest.mark.parametrize(
    ("headers", "looks"),
    [({"user-agent": "Mozilla/5.0", "accept": "*/*"}, True),
     ({"user-agent": "Mozilla/5.0", "accept": "text/html"}, False),
     ({"user-agent": "curl/8", "accept": "*/*"}, False), ({"sec-fetch-mode": "navigate", "accept": "*/*"}, False)],
)  # fmt: skip
def test_without_a_word_of_the_browser_a_look_is_told_by_what_it_asks_for(headers: dict[str, str], looks: bool) -> None:
    assert door._by_script(headers) is looks


def test_who_goes_away_ends_the_work() -> None:
    file = File(10_000)
    visitor = fetch(file.ask(), goes_after=2)
    assert not visitor.whole and file.ended == "broken off" and file.read < 10_000


@pytest.mark.parametrize("fault", [Retired(), ValueError("Anna Berg")])
def test_what_breaks_midway_is_no_whole_file(fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    file = File(2, fault)
    visitor = fetch(file.ask())
    assert len(visitor.parts) == 2 and not visitor.whole and file.ended == "broken off"
    assert "Anna Berg" not in caplog.text and type(fault).__name__ in caplog.text


def test_who_may_no_longer_is_told_why_at_the_fetch() -> None:
    def refuse() -> Generator[bytes, None, None]:
        raise Refused("extract_changed")

    token = leaving.ask(
        leaving.Leaving("a.csv", "text/csv", "sv", refuse), leaving.bound_to(COOKIE, ""), time.monotonic()
    )
    visitor = fetch(token, sec_fetch_dest="document")
    assert visitor.start["status"] == 403 and visitor.headers["content-type"].startswith("text/html")
    assert html.escape(refusal("extract_changed", "sv", {})) in b"".join(visitor.parts).decode()


@pytest.mark.parametrize(("told", "tongue"), [("sv-SE,sv;q=0.9", "sv"), ("en-GB", "en"), ("", "en")])
def test_whoever_follows_a_link_to_a_file_that_does_not_leave_gets_why_as_the_file(told: str, tongue: str) -> None:
    file = File(1)
    token = file.ask()
    assert fetch(token).start["status"] == 200
    visitor = fetch(token, accept_language=told, sec_fetch_dest="empty")
    # Of an answer that is no success a browser would show and keep nothing.
    assert visitor.start["status"] == 200 and visitor.headers["content-type"].startswith("text/html")
    name = quote(f"{say('door.extract_none', tongue)}.html")
    assert visitor.headers["content-disposition"] == f"attachment; filename*=utf-8''{name}"
    page = b"".join(visitor.parts).decode()
    assert html.escape(say("door.extract_gone", tongue)) in page and f'lang="{tongue}"' in page
    assert "<script" not in page and "http" not in page


class Taking:
    """Streamlit's part of an upload: takes what it gets, as slowly as it is told."""

    def __init__(self) -> None:
        self.taken, self.go_on, self.entered = 0, threading.Event(), threading.Event()
        self.go_on.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Takes a file in."""
        self.taken += 1
        self.entered.set()
        await asyncio.to_thread(self.go_on.wait, 10)
        await PlainTextResponse("", 204)(scope, receive, send)


class Somebody:
    """An act by somebody who may hand in, until told otherwise."""

    def __init__(self) -> None:
        self.may = True
        # Why the register does not answer.
        self.unanswered: str | None = None

    def require(self, permission: Permission) -> None:
        """Refuses whoever may not."""
        assert permission is Permission.RUN_INTAKE
        if self.unanswered is not None:
            raise Refused(self.unanswered, file="register.db", seconds=30)
        if not self.may:
            raise Refused("not_allowed", permission=permission.value, role="ciso")


def handing_in(app: Taking, held: tuple[int, int] = (0, 0)) -> Any:
    """A door before it, with room for 1,000 bytes."""
    return door.Door(app, hosts=["localhost"], scripts=[], largest=1000, held=lambda _: held)


async def hand_in(at_door: Any, length: int, window: str = "w") -> int:
    """Hands in a file; returns the status of the answer."""
    visitor = Visitor()
    asked = scope(f"/_stcore/upload_file/{window}/1", "PUT", content_length=str(length))
    await at_door(asked, visitor.receive, visitor.send)
    return int(visitor.start["status"])


@pytest.fixture
def petra() -> Somebody:
    """Somebody who has the page of intake open in the window `w`."""
    found = Somebody()
    uploads.allow("w", lambda: found)  # type: ignore[arg-type, return-value]
    return found


def test_a_window_hands_in_as_long_as_its_reader_may(petra: Somebody) -> None:
    app = Taking()
    assert asyncio.run(hand_in(handing_in(app), 10)) == 204
    assert asyncio.run(hand_in(handing_in(app), 10, "another")) == 403
    petra.may = False
    assert asyncio.run(hand_in(handing_in(app), 10)) == 403
    # It comes back with the page drawn anew, not by itself.
    petra.may = True
    assert asyncio.run(hand_in(handing_in(app), 10)) == 403
    assert app.taken == 1


@pytest.mark.parametrize("code", ["register_busy", "register_unreachable", "register_full", "disk_full"])
def test_a_window_hands_in_again_once_the_register_answers(petra: Somebody, code: str) -> None:
    app = Taking()
    petra.unanswered = code
    assert asyncio.run(hand_in(handing_in(app), 10)) == 403
    petra.unanswered = None
    assert asyncio.run(hand_in(handing_in(app), 10)) == 204
    assert app.taken == 1


def test_the_window_drawn_longest_ago_draws_its_page_anew(monkeypatch: pytest.MonkeyPatch, petra: Somebody) -> None:
    def at() -> At:
        return petra  # type: ignore[return-value]

    monkeypatch.setattr(uploads, "_WINDOWS", 2)
    for window in ("a", "b", "a", "c"):
        uploads.allow(window, at)
    assert [uploads.may(window) for window in ("a", "b", "c")] == [True, False, True]


@pytest.mark.parametrize(
    ("held", "length", "status"),
    [((0, 0), 1000, 204), ((0, 0), 20_000, 413), ((900, 1), 100, 204), ((900, 1), 20_000, 413), ((1, 30), 1, 413)],
)  # fmt: skip
def test_files_of_a_window_have_room_for_so_much(
    petra: Somebody, held: tuple[int, int], length: int, status: int
) -> None:
    assert petra.may
    assert asyncio.run(hand_in(handing_in(Taking(), held), length)) == status


def test_a_file_that_comes_too_slowly_gives_its_room_back(petra: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(door, "_SLOWEST_A_SECOND", 10_500 / 0.05)

    class Dribbling:
        """A file that never comes to its end."""

        async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
            """Waits for the rest of it."""
            await asyncio.sleep(20)

    app = Taking()
    at_door = handing_in(app)

    async def one_after_the_other() -> list[int]:
        at_door._app = Dribbling()
        slow = await hand_in(at_door, 10_500)
        at_door._app = app
        return [slow, await hand_in(at_door, 10_500)]

    assert petra.may and asyncio.run(one_after_the_other()) == [408, 204]


def test_files_that_come_at_once_have_room_for_as_much(petra: Somebody) -> None:
    app = Taking()
    app.go_on.clear()
    at_door = handing_in(app)

    async def both() -> list[int]:
        first = asyncio.create_task(hand_in(at_door, 10_500))
        await asyncio.to_thread(app.entered.wait, 10)
        second = await hand_in(at_door, 10_500)
        app.go_on.set()
        third = await first
        return [second, third, await hand_in(at_door, 10_500)]

    assert petra.may and asyncio.run(both()) == [413, 204, 204]
