"""Who may hand in files: a window in which a page that takes files was drawn, as long as its reader may hand in there.

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
_open: OrderedDict[str, tuple[Callable[[], At], Permission]] = OrderedDict()
_lock = threading.Lock()


def allow(window: str, at: Callable[[], At], permission: Permission = Permission.RUN_INTAKE) -> None:
    """Lets a window hand in files, as long as whoever `at` says acts has the permission."""
    with _lock:
        _open[window] = (at, permission)
        _open.move_to_end(window)
        while len(_open) > _WINDOWS:
            _open.popitem(last=False)


def may(window: str) -> bool:
    """Whether a window may hand in a file now. Where the register does not say, it may not this once."""
    with _lock:
        found = _open.get(window)
    if found is None:
        return False
    at, permission = found
    try:
        at().require(permission)
    except Refused as refused:
        if not is_unanswered(refused):
            with _lock:
                _open.pop(window, None)
        return False
    return True
