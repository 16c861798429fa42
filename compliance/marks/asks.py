"""What is asked of a reading here: each query with the shape of its rows."""

from __future__ import annotations

from typing import NamedTuple

from compliance.words.queries import Query


class MarkAddress(NamedTuple):
    """An e-mail address of one person, as records are matched by."""

    address: str


class MarkTotals(NamedTuple):
    """How many persons that are stored are marked by the register or opted out by their source, each counted once."""

    restricted: int
    opted_out: int
    objected: int


class NotMailed(NamedTuple):
    """An address that may not be mailed, with what is true of whoever has it."""

    address: str
    opted_out: bool
    objected: bool
    restricted: bool
    held: bool


MARK_ADDRESSES = Query("mark_addresses", MarkAddress)
MARK_TOTALS = Query("mark_totals", MarkTotals)
MAY_NOT_MAIL = Query("may_not_mail", NotMailed)
