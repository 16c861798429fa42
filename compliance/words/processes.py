"""Processes of this machine."""

from __future__ import annotations

import os
import sys

if sys.platform != "win32":
    import resource


def lives(process: int) -> bool:
    """Whether there is a process of that number on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def dump_nothing() -> None:
    """Has this process, and those that it starts, leave no core dump behind: it would hold whoever is in memory."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
