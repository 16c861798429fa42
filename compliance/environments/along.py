"""What exports say of orders to revoke: in the transaction that makes a build current."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

import sqlalchemy as sa

from compliance import ledger
from compliance.environments.tables import OPEN, OrderState, revocation
from compliance.reading.tracer import GrantNow, Tracer


class Exported(Protocol):
    """When an export was made; unless that is certain, it may have been made at any time before. `unread_keys` are
    rows of which nobody can say whose they are.
    """

    @property
    def at(self) -> dt.datetime: ...
    @property
    def certain(self) -> bool: ...
    @property
    def unread_keys(self) -> int: ...


def decide(
    connection: sa.Connection,
    tracer: Tracer,
    exported: Mapping[str, Exported],
    *,
    today: dt.date,
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    """Compares the grants of a new build with the orders to revoke them, for the datasets that were taken in.

    A grant that was revoked verifies, whenever the export was made. One that is there, and one that is not there at
    all, say something only in an export that was surely made after the order; the latter only where every row's key
    could be read. One that was verified and is there again is told too.
    """
    asked = connection.execute(
        sa.select(revocation).where(
            revocation.c.dataset.in_(list(exported)), revocation.c.state.in_([*OPEN, OrderState.VERIFIED])
        )
    ).all()
    if not asked:
        return
    grants = tracer.grants(sorted({one.dataset for one in asked}))
    for one in asked:
        export = exported[one.dataset]
        surely_after = export.certain and export.at > one.asked_at
        grant = grants.get((one.source, one.grant_key))
        if grant is None and (export.unread_keys or "@" in one.grant_key):
            # One of those rows may be the grant; and a key with the address of an erased person in it is not kept.
            continue
        state = _state(grant, today, surely_after=surely_after)
        if state is None or state == one.state:
            continue
        connection.execute(
            sa.update(revocation)
            .where(revocation.c.revocation_id == one.revocation_id)
            .values(state=state, decided_build=tracer.build.build_id, decided_at=now)
        )
        verified = state is OrderState.VERIFIED
        ledger.append(
            connection,
            ledger.Event.REVOCATION_VERIFIED if verified else ledger.Event.REVOCATION_NOT_VERIFIED,
            author=author,
            now=now,
            build=tracer.build.build_id,
            details={"revocation": one.revocation_id},
        )


def _state(grant: GrantNow | None, today: dt.date, *, surely_after: bool) -> OrderState | None:
    """What an export says of an order; None where it says nothing."""
    if grant is not None and grant.revoked_on is not None and grant.revoked_on <= today:
        return OrderState.VERIFIED
    if not surely_after or (grant is not None and grant.is_unread):
        return None
    return OrderState.VERIFIED if grant is None else OrderState.STILL_THERE
