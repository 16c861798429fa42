"""Lets go of closed requests when their time is over: what is left of them is what figures are counted from."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.drafts.draft import forget_old
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.requests import asks, rest, steps
from compliance.requests.along import forget
from compliance.requests.tables import request, request_choice, request_sender, request_step
from compliance.words import keys
from compliance.words.deadlines import add_months
from compliance.words.refusal import Refused

# For so long one that repeats it is known by it.
_SENDER_MONTHS = 12


def forget_closed(at: At, reading: Reading | None = None) -> int:
    """Lets go of all that a request closed for `request_kept_months` has besides what is counted: its steps, who has
    handled it, and its reference, of which a keyed digest is left so that an old export does not enter it anew. One of
    which something is kept that goes later is not let go of before that is gone, or is the law's alone: what `reading`
    has of it tells that, and then nobody is to be found by it. By whom a request was goes a year after its receipt, and
    what anybody has typed into any form and not used after a day. Returns how many requests were let go of.

    Raises Refused `command_line_only`, and copy.Retired.
    """
    if at.actor is not None:
        raise Refused("command_line_only")
    pseudonyms = keys.pseudonyms(at.settings)
    closed_by = add_months(at.today, -at.parameters.request_kept_months)
    settled = [] if reading is None else _settled(at, reading)
    with writing(at.register) as connection:
        forget(connection, request_choice.c.request_id.in_(settled))
        over = connection.execute(
            sa.select(request.c.request_id, request.c.source, request.c.reference).where(
                request.c.closed_on <= closed_by,
                request.c.forgotten_on.is_(None),
                request.c.request_id.not_in(sa.select(request_choice.c.request_id)),
            )
        ).all()
        forget_old(connection, at.now)
        numbers = [row.request_id for row in over]
        long_ago = sa.select(request.c.request_id).where(
            request.c.received_on <= add_months(at.today, -_SENDER_MONTHS), request.c.closed_on.is_not(None)
        )
        senders = connection.execute(sa.delete(request_sender).where(request_sender.c.request_id.in_(long_ago)))
        connection.execute(sa.delete(request_step).where(request_step.c.request_id.in_(numbers)))
        for row in over:
            connection.execute(
                sa.update(request)
                .where(request.c.request_id == row.request_id)
                .values(
                    reference=pseudonyms.digest(f"request|{row.source}|{row.reference}"),
                    handler=None, customer=None, repeats=None, forgotten_on=at.today, updated_at=at.now,
                )
            )  # fmt: skip
        if numbers or senders.rowcount:
            details: dict[str, ledger.Detail] = {"requests": len(numbers)}
            ledger.append(connection, ledger.Event.REQUEST_FORGOTTEN, author=at.author, now=at.now, details=details)
    return len(numbers)


def _settled(at: At, reading: Reading) -> list[int]:
    """The closed requests of which nothing is stored any more, or nothing but what the law keeps."""
    known = request.c.request_id.in_(sa.select(request_choice.c.request_id))
    with at.register.connect() as connection:
        rows = connection.execute(
            sa.select(request.c.request_id, request.c.source, request.c.reference).where(
                request.c.closed_on.is_not(None), known
            )
        ).all()
        told = steps.history(connection, request_step.c.request_id.in_([row.request_id for row in rows]))
    entries = rest.of_each(reading.rows(asks.REQUEST_ENTRIES, **asks.ALL) if rows else ())
    return [
        row.request_id
        for row in rows
        if not rest.lasts(rest.decisions(told.get(row.request_id, ())), entries.get((row.source, row.reference), ()))
    ]
