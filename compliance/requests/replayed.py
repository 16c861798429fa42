"""Requests that a register learns of by the evidence of a purge."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from compliance.evidence.content import ClosedRequest
from compliance.requests import record
from compliance.requests.tables import request


def close_again(connection: sa.Connection, closed: ClosedRequest, now: dt.datetime) -> int:
    """Closes a request again. One that this register has never seen is entered as closed, so that the form's next
    export does not open it anew with its contact details.
    """
    values = {**closed.model_dump(), "name": None, "email": None, "phone": None, "updated_at": now}
    known = connection.scalar(
        sa.select(request.c.request_id).where(
            request.c.source == closed.source, request.c.reference == closed.reference
        )
    )
    if known is None:
        entered = sa.insert(request).values(**values, first_seen_at=now).returning(request.c.request_id)
        return int(connection.scalars(entered).one())
    connection.execute(sa.update(request).where(request.c.request_id == known).values(**values))
    record.let_go(connection, int(known))
    return int(known)
