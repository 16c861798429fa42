"""Reads requests out of a ticket system's export: which ticket, when and from whom; what was written stays outside."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from compliance.build import delimited, layout
from compliance.build.limits import Limits
from compliance.words.deadlines import local_date
from compliance.words.refusal import Refused

# By what header each is known, without regard to case, blanks and signs; the first that a file has is taken. As Jira,
# Zendesk, Freshdesk and OTRS write them in English, and a Swedish one may.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "reference": ("issuekey", "ticketid", "ticketnumber", "ticket", "ärendenummer", "nummer", "id"),
    "created": ("createdat", "createdtime", "created", "createddate", "skapad", "skapades", "inkom"),
    "email": ("requesteremail", "reporteremail", "contactemail", "customeremail", "email", "epost", "from", "från"),
    "name": ("requestername", "fullname", "requester", "reporter", "contactname", "customername", "namn", "name"),
    "phone": ("requesterphone", "mobilephone", "workphone", "phone", "mobil", "telefon"),
}
# A day before its month would be a guess between two countries.
_WRITTEN = ("%d/%b/%y %I:%M %p", "%d/%b/%Y %I:%M %p", "%d/%b/%y %H:%M", "%d %b %Y %H:%M", "%d %b, %Y %I:%M %p")


@dataclass(frozen=True)
class Ticket:
    """A ticket by its own number, with who asks as far as it says so."""

    reference: str
    created_on: dt.date
    name: str | None
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Left:
    """A row that cannot be read: the line at which it begins, and why as a word of `ticket_problem`."""

    line: int
    why: str


def tickets(file: Path) -> Iterator[tuple[int, Ticket] | Left]:
    """The tickets of a CSV file, each with its line, and the rows that are none.

    Raises Refused `file_...` with what is wrong and where, `tickets_no_number`, `tickets_no_day` and
    `tickets_no_sender` for headers that do not tell it, and OSError for a file that is not there.
    """
    limits = Limits()
    text = delimited.inspect(file, limits)
    places = _places(text.layout.names)
    with tempfile.TemporaryDirectory() as folder:
        plain, _ = delimited.prepared(file, text, Path(folder))
        records = delimited.exact_records(plain, text.delimiter, limits, text.begins)
        next(records)
        for record in records:
            if not layout.is_blank(record.cells) and not layout.judge(record.cells, text.layout.repeats):
                yield _read(record.line, record.cells, places)


def _places(names: Sequence[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for place, name in enumerate(names):
        known.setdefault("".join(sign for sign in name.casefold() if sign.isalnum()), place)
    found = {
        field: next(known[one] for one in headers if one in known)
        for field, headers in _HEADERS.items()
        if known.keys() & set(headers)
    }
    if "reference" not in found:
        raise Refused("tickets_no_number")
    if "created" not in found:
        raise Refused("tickets_no_day")
    if not found.keys() & {"email", "name", "phone"}:
        raise Refused("tickets_no_sender")
    return found


def _read(line: int, cells: Sequence[str], places: Mapping[str, int]) -> tuple[int, Ticket] | Left:
    told = {field: cells[place].strip() if place < len(cells) else "" for field, place in places.items()}
    day = _day(told["created"])
    name, email = told.get("name", ""), told.get("email", "")
    if "<" in email or "<" in name:
        # As mail writes a sender: the name, and the address in brackets.
        said, email = parseaddr(email if "<" in email else name)
        name = said or ("" if "<" in name else name)
    if "@" in name and not email:
        name, email = "", name
    if not told["reference"]:
        return Left(line, "reference")
    if day is None:
        return Left(line, "created")
    if not (name or email or told.get("phone")):
        return Left(line, "nobody")
    return line, Ticket(told["reference"], day, name or None, email or None, told.get("phone") or None)


def _day(written: str) -> dt.date | None:
    """The day of an instant as systems write it; None where it could be read in two ways, or in none."""
    try:
        found: dt.datetime | None = dt.datetime.fromisoformat(written)
    except ValueError:
        found = next(filter(None, (_as(written, shape) for shape in _WRITTEN)), None)
    if found is None:
        return None
    try:
        return local_date(found) if found.tzinfo else found.date()
    except OverflowError:
        return None


def _as(written: str, shape: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(written, shape)
    except ValueError:
        return None
