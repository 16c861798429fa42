"""Scans as browsers and scanners write them, of an invented site."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

SITE = "www.bolaget.example"
SET_AT = "2026-11-23T09:00:00.000Z"


def entry(
    *set_cookies: str, url: str = f"https://{SITE}/", sent: str = "", at: str | None = SET_AT, **more: str
) -> dict[str, Any]:
    """A request of a recording, with the headers that set cookies."""
    headers = [{"name": "Set-Cookie", "value": value} for value in set_cookies]
    headers += [{"name": name, "value": value} for name, value in more.items()]
    return {
        **({} if at is None else {"startedDateTime": at}),
        "time": 0,
        "request": {"url": url, "headers": [{"name": "Cookie", "value": sent}] if sent else []},
        "response": {"headers": headers},
    }


def har(*entries: Any) -> bytes:
    """A recording."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "t"}, "entries": list(entries)}}).encode()


def of_cookies(*names: str, age: int = 60) -> bytes:
    """A recording in which these are set, for so many seconds."""
    return har(entry(*(f"{name}=x; Max-Age={age}" for name in names)))


def listed(cookies: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
    """What a browser or a scanner lists."""
    return json.dumps({**more, "cookies": list(cookies)} if more else list(cookies)).encode()
