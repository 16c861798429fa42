"""Who may hand in files: a window in which the page of intake was drawn, as long as its reader may take in.

Streamlit takes a file from any window, before anybody has signed in, and keeps it in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from compliance.access.at import At
from compliance.register.engine import is_unanswered
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

# So many windows at once; the one that was drawn longest ago draws the page anew before it hands in.
_WINDOWS = 1000
_open: OrderedDict[str, Callable[[], At]] = OrderedDict()
_lock = threading.Lock()


def allow(window: str, at: Callable[[], At]) -> None:
    """Lets a window hand in files, as long as whoever `at` says acts may take them in."""
    with _lock:
        _open[window] = at
        _open.move_to_end(window)
        while len(_open) > _WINDOWS:
            _open.popitem(last=False)


def may(window: str) -> bool:
    """Whether a window may hand in a file now. Where the register does not say, it may not this once."""
    with _lock:
        at = _open.get(window)
    if at is None:
        return False
    try:
        at().require(Permission.RUN_INTAKE)
    except Refused as refused:
        if not is_unanswered(refused):
            with _lock:
                _open.pop(window, None)
        return False
    return True
