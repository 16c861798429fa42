"""Times as people write them: by the Stockholm clock, to the minute."""

from __future__ import annotations

import datetime as dt
import re

from compliance.words.deadlines import STOCKHOLM, first_instant
from compliance.words.refusal import Refused

_WRITTEN = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]+(\d{1,2})[:.](\d{2})")


def read(text: str) -> dt.datetime:
    """The instant of a time such as 2026-03-27 16:00. Of an hour that comes twice in October it is the first, so that
    no deadline is later than it has to be.

    Raises Refused `time_unreadable`, and `time_skipped` for one that the clock leaps over in March.
    """
    match = _WRITTEN.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        local = dt.datetime.fromisoformat(f"{match[1]}T{match[2]:0>2}:{match[3]}")
        instant = first_instant(local)
    except (ValueError, OverflowError):
        # No clock has shown the hours before the first year.
        raise Refused("time_unreadable") from None
    if instant.astimezone(STOCKHOLM).replace(tzinfo=None) != local:
        raise Refused("time_skipped")
    return instant


def written(instant: dt.datetime) -> str:
    """An instant as it is written; in the hour that comes twice, with its distance from UTC."""
    local = instant.astimezone(STOCKHOLM)
    other = local.replace(fold=1 - local.fold)
    return f"{local:%Y-%m-%d %H:%M}" + (f" ({local:%z})" if other.utcoffset() != local.utcoffset() else "")
