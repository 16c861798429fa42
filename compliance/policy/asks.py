"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class RuleWeek(NamedTuple):
    """How many entries become due, or overdue, in a week."""

    starts_on: dt.date
    becomes: str
    bases: int


RULE_WEEKS = Query("rule_weeks", RuleWeek)
