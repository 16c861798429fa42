"""What leaves: an address made at a click, good once, for a minute, for the browser and the reader of the click.

Nothing lies anywhere until it is fetched: an address stands for work that is done while it is read.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass

# The cookie by which compliance/door.py tells one browser from another.
BROWSER = "compliance_browser"
SECONDS = 60.0
# Whoever clicks and never fetches makes room for others.
_KEPT = 1000


Written = Generator[bytes, None, None]


@dataclass(frozen=True)
class Leaving:
    """A file that somebody has asked for: its name, what it is, and what writes it.

    `write` asks anew who may, at the moment of the fetch, and raises Refused where they may not; what it returns writes
    while it is read, and has to be closed.
    """

    name: str
    mime: str
    language: str
    write: Callable[[], Written]


def whole(content: bytes) -> Written:
    """A file that was made before it leaves, because it is small."""
    yield content


@dataclass(frozen=True)
class _Asked:
    leaving: Leaving
    bound: str
    until: float


_asked: dict[str, _Asked] = {}
_lock = threading.Lock()


def bound_to(browser: str, reader: str) -> str:
    """What a click and its fetch must have in common: the cookie of the browser, and whom a proxy names."""
    return hashlib.sha256(f"{browser}\n{reader}".encode()).hexdigest()


def ask(leaving: Leaving, bound: str, now: float) -> str:
    """Makes the token of a file at a click. `now` is in seconds of a clock that nobody sets."""
    token = secrets.token_urlsafe(32)
    with _lock:
        for old in [known for known, asked in _asked.items() if asked.until < now]:
            del _asked[old]
        while len(_asked) >= _KEPT:
            del _asked[next(iter(_asked))]
        _asked[token] = _Asked(leaving, bound, now + SECONDS)
    return token


def take(token: str, bound: str, now: float) -> Leaving | None:
    """The file of a token, once; None where it is unknown, too old, taken, or another browser's or reader's.

    One that comes from somewhere else is gone too: it has been seen by somebody who had no business with it.
    """
    with _lock:
        asked = _asked.pop(token, None)
    if asked is None or asked.until < now or not secrets.compare_digest(asked.bound, bound):
        return None
    return asked.leaving
