"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class WebLeads(NamedTuple):
    """Web leads by the cookie that they came with; `late` are past their last day."""

    cookie_name: str | None
    leads: int
    first_set_on: dt.date | None
    last_set_on: dt.date | None
    late: int
    companies: int


WEB_LEADS = Query("web_leads", WebLeads)
