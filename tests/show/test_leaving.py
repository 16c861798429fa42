"""What leaves: an address is good once, for a minute, for the browser and the reader of the click."""

from __future__ import annotations

import pytest

from compliance.show import leaving
from compliance.show.leaving import Leaving

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
