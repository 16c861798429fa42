"""What exports say of corrections, and what goes with the person: in the transaction that makes a build current."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Protocol

import sqlalchemy as sa

from compliance import ledger
from compliance.identity.normalise import addresses
from compliance.reading.tracer import Tracer
from compliance.rectification import values
from compliance.rectification.tables import OPEN, State, rectification
from compliance.words import keys
from compliance.words.deadlines import add_months, local_date
from compliance.words.policy import Parameters
from compliance.words.settings import Settings

# What tells of a person, and goes with them.
_PERSONAL: Mapping[str, None] = dict.fromkeys(("source_key", "old_value", "new_value", "evidence"))


class Exported(Protocol):
    """When an export was made; unless that is certain, it may have been made at any time before."""

    @property
    def at(self) -> dt.datetime: ...
    @property
    def certain(self) -> bool: ...


class Erased(Protocol):
    """A record that was erased, by its digest and the key that made it."""

    @property
    def key_id(self) -> str: ...
    @property
    def record_digest(self) -> str: ...


def decide(
    connection: sa.Connection,
    tracer: Tracer,
    exported: Mapping[str, Exported],
    *,
    author: ledger.Author | None,
    now: dt.datetime,
) -> list[int]:
    """Compares what the rows say in a new build with what they are to say, for the datasets that were taken in. Returns
    the numbers of the requests for which everything is corrected by that.

    The new value verifies, whenever the export was made. Any other says something only where the export was surely made
    after the correction was asked for: still the old one, something else, or no such row. One that was verified and is
    the old one again is told too.
    """
    asked = connection.execute(
        sa.select(rectification).where(
            rectification.c.dataset.in_(list(exported)),
            rectification.c.source_key.is_not(None),
            rectification.c.state.in_([*OPEN, State.VERIFIED]),
        )
    ).all()
    anew = {one.rectification_id: _moved_key(one) for one in asked}
    keys_anew = [f"{one.dataset}:{key}" for one in asked if (key := anew[one.rectification_id]) is not None]
    answered: set[int] = set()
    says = tracer.rows_of([*map(_record_id, asked), *keys_anew])
    for one in asked:
        key = one.source_key
        if _record_id(one) not in says and f"{one.dataset}:{anew[one.rectification_id]}" in says:
            key = anew[one.rectification_id]
        state = _state(one, says.get(f"{one.dataset}:{key}"), exported[one.dataset])
        if state is None or state == one.state:
            continue
        connection.execute(
            sa.update(rectification)
            .where(rectification.c.rectification_id == one.rectification_id)
            .values(state=state, source_key=key, decided_build=tracer.build.build_id, decided_at=now)
        )
        verified = state is State.VERIFIED
        ledger.append(
            connection,
            ledger.Event.RECTIFICATION_VERIFIED if verified else ledger.Event.RECTIFICATION_NOT_VERIFIED,
            author=author,
            now=now,
            build=tracer.build.build_id,
            details={"rectification": one.rectification_id, "rectification_state": state.value},
        )
        if verified and one.request_id is not None:
            answered.add(one.request_id)
    waiting = sa.select(rectification.c.request_id).where(
        rectification.c.request_id.in_(answered), rectification.c.state.in_(OPEN)
    )
    return sorted(answered - set(connection.scalars(waiting)))


def forget_gone(connection: sa.Connection, tracer: Tracer, *, author: ledger.Author | None, now: dt.datetime) -> None:
    """Forgets the values of rows that a purge has taken: those that the build before it had and the new one has not.
    What was awaited of them is over. A row that an export has left out before is nobody's whom this purge took.
    """
    kept = connection.execute(sa.select(rectification).where(rectification.c.source_key.is_not(None))).all()
    records = [_record_id(one) for one in kept]
    taken = tracer.rows_before(records) - tracer.rows_of(records).keys()
    gone = [one.rectification_id for one in kept if _record_id(one) in taken]
    _forget(connection, gone, author=author, now=now, build=tracer.build.build_id)


def forget_erased(
    settings: Settings,
    connection: sa.Connection,
    erased: Collection[Erased],
    executed_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Forgets the values of rows that a purge took which this register learns of by its evidence: those that were asked
    for before it. Raises what compliance.words.keys.suppression does, where there are any.
    """
    kept = connection.execute(
        sa.select(rectification).where(rectification.c.source_key.is_not(None), rectification.c.asked_at < executed_at)
    ).all()
    if not kept or not erased:
        return
    known = {(one.key_id, one.record_digest) for one in erased}
    # The keys are read from their file.
    by = keys.suppression(settings)
    gone = [
        one.rectification_id
        for one in kept
        if any((key.key_id, key.digest(f"record|{_record_id(one)}")) in known for key in by)
    ]
    _forget(connection, gone, author=None, now=now, build=None)


def forget_old(
    connection: sa.Connection, parameters: Parameters, *, author: ledger.Author | None, now: dt.datetime
) -> None:
    """Forgets the values of corrections that were verified or withdrawn so long ago that nobody has to show them."""
    done = connection.execute(
        sa.select(rectification.c.rectification_id, rectification.c.decided_at).where(
            rectification.c.source_key.is_not(None),
            rectification.c.state.in_([State.VERIFIED, State.WITHDRAWN]),
        )
    )
    today = local_date(now)
    old = [
        number
        for number, decided_at in done
        if decided_at is not None and add_months(local_date(decided_at), parameters.rectification_months) < today
    ]
    if old:
        connection.execute(
            sa.update(rectification).where(rectification.c.rectification_id.in_(old)).values(**_PERSONAL)
        )
        _told(connection, len(old), author, now, None)


def _forget(
    connection: sa.Connection,
    gone: Collection[int],
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    build: int | None,
) -> None:
    if not gone:
        return
    these = rectification.c.rectification_id.in_(list(gone))
    connection.execute(sa.update(rectification).where(these).values(**_PERSONAL))
    waited = sa.and_(these, rectification.c.state.in_(OPEN))
    connection.execute(
        sa.update(rectification).where(waited).values(state=State.PURGED, decided_at=now, decided_build=build)
    )
    _told(connection, len(gone), author, now, build)


def _told(
    connection: sa.Connection, rows: int, author: ledger.Author | None, now: dt.datetime, build: int | None
) -> None:
    ledger.append(
        connection,
        ledger.Event.RECTIFICATION_FORGOTTEN,
        author=author,
        now=now,
        build=build,
        details={"rows": rows},
    )


def _state(asked: sa.Row[Any], says: Mapping[str, Any] | None, export: Exported) -> State | None:
    """What an export says of a correction; None where it says nothing."""
    surely_after = export.certain and export.at > asked.asked_at
    if says is None:
        return State.MISSING if surely_after and asked.state != State.VERIFIED else None
    value = values.told(says[asked.field])
    if values.same(asked.field, value, asked.new_value):
        return State.VERIFIED
    if not surely_after:
        return None
    if values.same(asked.field, value, asked.old_value):
        return State.STILL_OLD
    # What was corrected once may change again.
    return None if asked.state == State.VERIFIED else State.OTHER


def _moved_key(asked: sa.Row[Any]) -> str | None:
    """The key that a row has once its address is corrected, where the address is the key; None for all others."""
    if asked.field != "email" or asked.new_value is None:
        return None
    old, new = addresses(asked.old_value or "").keys, addresses(asked.new_value).keys
    return new[0] if new and asked.source_key in old else None


def _record_id(asked: sa.Row[Any]) -> str:
    return f"{asked.dataset}:{asked.source_key}"
