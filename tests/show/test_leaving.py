"""What leaves: an address is good once, for a minute, for the browser and the reader of the click."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from compliance.access.at import At
from compliance.show import leaving
from compliance.show.leaving import Leaving
from compliance.ui import leave
from compliance.ui.session import Session
from compliance.words.markup import Marked
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

HERE = leaving.bound_to("cookie", "petra")


def some(name: str = "a.csv") -> Leaving:
    return Leaving(name, "text/csv", "en", lambda: leaving.whole(b"x"))


def test_an_address_is_good_once() -> None:
    token = leaving.ask(some(), HERE, 100.0)
    assert len(token) > 40
    found = leaving.take(token, HERE, 100.0)
    assert found is not None and found.name == "a.csv" and list(found.write()) == [b"x"]
    assert leaving.take(token, HERE, 100.0) is None


@pytest.mark.parametrize(("after", "good"), [(60.0, True), (60.1, False)])
def test_an_address_is_good_for_a_minute(after: float, good: bool) -> None:
    token = leaving.ask(some(), HERE, 100.0)
    assert (leaving.take(token, HERE, 100.0 + after) is not None) is good


@pytest.mark.parametrize("bound", [("other", "petra"), ("cookie", "axel"), ("", "")])
def test_an_address_that_another_browser_or_reader_has_seen_is_good_for_nobody(bound: tuple[str, str]) -> None:
    token = leaving.ask(some(), HERE, 100.0)
    assert leaving.take(token, leaving.bound_to(*bound), 100.0) is None
    assert leaving.take(token, HERE, 100.0) is None


def test_who_clicks_and_never_fetches_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_KEPT", 3)
    old = leaving.ask(some(), HERE, 0.0)
    asked = [leaving.ask(some(), HERE, 1000.0) for _ in range(4)]
    assert old not in leaving._asked and len(leaving._asked) == 3
    assert [leaving.take(token, HERE, 1000.0) is not None for token in asked] == [False, True, True, True]


def test_a_click_that_is_refused_leads_to_an_address_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, Any] = {}
    window = SimpleNamespace(
        download_button=lambda _label, **given: drawn.update(given), context=SimpleNamespace(cookies={})
    )
    monkeypatch.setattr(leave, "st", window)

    def gone(_session: Session) -> At:
        raise Refused("session_role")

    session: Any = SimpleNamespace(settings=SimpleNamespace(login="demo"), language="sv")
    leave.download(
        session, Marked("x"), key="k", name="a.csv", mime="text/csv", permission=Permission.EXTRACT_PERSONS,
        at=gone, write=lambda _: leaving.whole(b"x"),
    )  # fmt: skip
    token = drawn["data"]().decode()
    found = leaving.take(token, leaving.bound_to("", ""), time.monotonic())
    assert found is not None and found.language == "sv"
    with pytest.raises(Refused, match="session_role"):
        found.write()
