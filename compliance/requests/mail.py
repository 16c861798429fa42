"""Reads who wrote and when from files of a mailbox; what was written stays in the mailbox."""

from __future__ import annotations

import datetime as dt
import email
import hashlib
import mailbox
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email import errors, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from compliance.words.deadlines import local_date
from compliance.words.refusal import Refused

# Headers that no mail program writes raise whatever the parser meets.
_UNREADABLE = (ValueError, TypeError, OverflowError, LookupError, AttributeError, NameError, errors.MessageError)


@dataclass(frozen=True)
class Written:
    """A message: a reference made from its id, when it was sent, and by whom as it says."""

    reference: str
    sent_at: dt.datetime
    name: str | None
    email: str


def messages(file: Path) -> Iterator[tuple[int, Written | None]]:
    """The messages of an .eml or mbox file, each with its place (from 1); nothing of one that has no sender or no date.
    Answers that a machine has sent are left out.

    Raises Refused `mail_unreadable` for a file with no message.
    """
    place = 0
    for place, message in enumerate(_read(file), start=1):
        if str(message.get("Auto-Submitted", "no")).strip().lower() == "no":
            yield place, _written(message)
    if not place:
        raise Refused("mail_unreadable", file=file.name)


def _read(file: Path) -> Iterator[EmailMessage]:
    with file.open("rb") as opened:
        begins = opened.read(5)
    if begins == b"From ":
        with closing(mailbox.mbox(file, create=False)) as box:
            for key in box.iterkeys():
                yield email.message_from_bytes(box.get_bytes(key), policy=policy.default)
        return
    message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    if message.keys():
        yield message


def _written(message: Message) -> Written | None:
    try:
        name, address = parseaddr(str(message["From"] or ""))
        sent_at = parsedate_to_datetime(str(message["Date"]))
        local_date(sent_at)
    except _UNREADABLE:
        return None
    if "@" not in address:
        return None
    told = _id(message) or f"{address} {sent_at.isoformat()}"
    reference = f"mail-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    return Written(reference, sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=dt.UTC), name or None, address)


def _id(message: Message) -> str:
    """The message's own id; empty where it has none that can be read."""
    try:
        return str(message["Message-ID"] or "")
    except _UNREADABLE:
        return ""
