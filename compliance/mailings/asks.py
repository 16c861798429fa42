"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from compliance.words.queries import Query


class Against(NamedTuple):
    """Something sent to an address that is not to be mailed, or was not then, with since when by which word.

    `marked_persons` are those whom the register marks, joined by commas; since when, it alone knows.
    """

    source: str
    mailing_key: str | None
    send_key: str
    sent_on: dt.date
    opted_out_on: dt.date | None
    held_since: dt.date | None
    erased_on: dt.date | None
    marked_persons: str | None


class Sent(NamedTuple):
    """A mailing, as far as it was sent within the time that is judged; `use` is what it was for, None where nobody has
    said so. `unread` rows lack a day or an address.
    """

    source: str
    mailing_key: str | None
    use: str | None
    first_sent_on: dt.date | None
    last_sent_on: dt.date | None
    sends: int
    unread: int


class Known(NamedTuple):
    """Whether anything was taken in that says what was sent."""

    is_known: bool


class OptOuts(NamedTuple):
    """How many opt-outs were asked for on a day, and act since another; None where the tool does not say."""

    source: str
    received_on: dt.date | None
    effective_on: dt.date | None
    opt_outs: int


class Unmailed(NamedTuple):
    """Persons of a category to whom nothing was sent, of them who opted out and who have no address."""

    category: str
    persons: int
    opted_out: int
    without_address: int

    @property
    def not_reached(self) -> int:
        """Those who have not opted out: who did knows why nothing comes."""
        return self.persons - self.opted_out


SENDS_AGAINST = Query("sends_against", Against)
MAILINGS_KNOWN = Query("mailings_known", Known)
MAILINGS_SENT = Query("mailings_sent", Sent)
OPT_OUTS_TOLD = Query("opt_outs_told", OptOuts)
UNMAILED = Query("unmailed", Unmailed)
