"""Sends the digest of the week to each reader who has not had it, once, and writes down what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import ledger
from compliance.access import sign_in
from compliance.access.at import At
from compliance.access.readers import Reader, readers
from compliance.digest import content, message
from compliance.digest.post import Outcome, Post
from compliance.digest.tables import State, Why, digest_sending
from compliance.reading.copy import Reading
from compliance.register import lock
from compliance.register.engine import writing
from compliance.review import reviews
from compliance.words.deadlines import local_date
from compliance.words.refusal import Refused

_EVENTS = {
    State.SENT: ledger.Event.DIGEST_SENT,
    State.DELAYED: ledger.Event.DIGEST_DELAYED,
    State.FAILED: ledger.Event.DIGEST_FAILED,
}
_UNADDRESSED = Outcome(State.FAILED, Why.ADDRESS)


@dataclass(frozen=True)
class Sending:
    """What became of one reader's digest."""

    reader: Reader
    outcome: Outcome


def send(at: At, read: Callable[[], Reading | None], *, again: bool = False) -> list[Sending]:
    """Sends the digest of the week to whoever has not had it, one after the other; nobody where all have.

    What was delayed is tried again by each run, what failed once a day, or with `again` at once. Of two runs at the
    same time one sends. The copy is read (`read`) only where somebody is to be told. Raises Refused
    `command_line_only` for somebody, `mail_not_set`, `digest_under_way`, as compliance.access.readers does, and as Post
    does; copy.Retired.
    """
    at.require_nobody()
    mail = at.settings.mail
    if mail is None:
        raise Refused("mail_not_set")
    week = reviews.week_of(at.today)
    with lock.mailing(at.register) as alone:
        if not alone:
            raise Refused("digest_under_way")
        due = _due(at, readers(at.settings).told, week, again=again)
        if not due:
            return []
        reading, post, done = read(), Post(mail), []
        seen = None if reading is None else content.look(at, reading)
        # All that is said is made before any of it goes out: a copy that a purge replaces meanwhile stops nobody's
        # digest half way.
        for reader, told in [(reader, content.tell(at, reader, seen)) for reader in due]:
            outcome = _UNADDRESSED
            if _is_address(reader.address):
                name = hashlib.sha256(f"{week} {reader.actor.pseudonym}".encode()).hexdigest()[:32]
                outcome = post.send(message.mail(told, mail.sender, reader.address, name, at.now), reader.address)
            _keep(at, reader, week, told, outcome, None if reading is None else reading.build)
            done.append(Sending(reader, outcome))
    return done


def _is_address(told: str) -> bool:
    """Whether it is one address and nothing else: it stands in the head of a mail and in what is said to a server."""
    try:
        sign_in.checked(told)
    except Refused:
        return False
    return True


def _due(at: At, wanted: Sequence[Reader], week: str, *, again: bool) -> list[Reader]:
    """Those of whom nobody knows yet that they have had the week's."""
    table = digest_sending
    with at.register.connect() as connection:
        tried = {
            row.reader: row
            for row in connection.execute(
                sa.select(table.c.reader, table.c.state, table.c.tried_at).where(table.c.week == week)
            )
        }

    def is_due(row: Any) -> bool:
        if row is None or row.state == State.DELAYED:
            return True
        return row.state == State.FAILED and (again or local_date(row.tried_at) < local_date(at.now))

    return [reader for reader in wanted if is_due(tried.get(reader.actor.pseudonym))]


def _keep(at: At, reader: Reader, week: str, told: content.Told, outcome: Outcome, build: int | None) -> None:
    table = digest_sending
    digest = message.content_digest(told)
    values = {
        "role": reader.actor.role.value,
        "language": reader.language,
        "state": outcome.state,
        "why": outcome.why,
        "answer": outcome.answer,
        "content": digest,
        "tried_at": at.now,
    }
    details: dict[str, ledger.Detail] = {
        "week": week, "whose": reader.actor.pseudonym, "reader_role": reader.actor.role.value,
        "language": reader.language, "digest": digest,
    }  # fmt: skip
    if outcome.why is not None:
        details |= {"digest_why": outcome.why.value, "answer": outcome.answer}
    own = (table.c.reader == reader.actor.pseudonym, table.c.week == week)
    with writing(at.register) as connection:
        known = connection.execute(sa.update(table).where(*own).values(**values, tries=table.c.tries + 1))
        if known.rowcount == 0:
            connection.execute(sa.insert(table).values(reader=reader.actor.pseudonym, week=week, tries=1, **values))
        ledger.append(connection, _EVENTS[outcome.state], author=None, now=at.now, build=build, details=details)
