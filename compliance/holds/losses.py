"""Holds that cover nothing since an intake, or somebody else: told, and in the way of purges, until that is settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.holds.tables import (
    FORGOTTEN,
    Scope,
    hold,
    hold_candidate,
    hold_loss,
    hold_number,
    hold_trace,
    loss_waits,
)  # fmt: skip
from compliance.register.engine import writing
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission


@dataclass(frozen=True)
class Loss:
    """A hold that covers nothing since the intake that made `build_id`, or somebody else (`is_given_on`), and that
    nobody has settled. Names nobody.
    """

    hold_id: int
    scope: str
    build_id: int
    lost_at: dt.datetime
    case_ref: str | None
    is_given_on: bool = False


def tell(
    connection: sa.Connection,
    stored: Collection[tuple[str, str]],
    before: Iterable[tuple[str, str, str, str]] | None,
    given_on: Collection[tuple[str, str]] = (),
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    build: int,
) -> list[int]:
    """Enters the holds that cover nothing of the new build (`stored`: which ids it has entries of), each once for as
    long as that lasts, and returns their numbers; those that cover something again are settled.

    `before` says where ids had entries in the build before, as (scope, id, source, category); None where there is none.
    `given_on` are ids of it behind which somebody else is by now: that is told too, and only a person settles it, since
    the hold goes on covering them. In the caller's transaction, which makes the build current.
    """
    on: dict[int, set[tuple[str, str]]] = {}
    for number, scope, key in connection.execute(
        sa.select(hold_number, hold.c.scope, hold.c.scope_key).where(
            hold.c.scope != Scope.CATEGORY, hold.c.scope_key != FORGOTTEN, hold.c.released_on.is_(None)
        )
    ):
        on.setdefault(number, set()).add((scope, key))
    empty = {number for number, ids in on.items() if ids.isdisjoint(stored)}
    given = {number for number, ids in on.items() if not ids.isdisjoint(given_on)}
    losses = sa.select(hold_loss.c.hold_id).where(hold_loss.c.is_given_on.is_(False)).distinct()
    told = set(connection.scalars(losses))
    waiting = set(connection.scalars(losses.where(hold_loss.c.settled_at.is_(None))))
    places: dict[int, set[tuple[str | None, str | None]]] = {}
    for scope, key, source, category in before or ():
        for number in empty | given:
            if (scope, key) in on[number]:
                places.setdefault(number, set()).add((source, category))
    # A hold that is told already is told again once it has covered something in between.
    fresh = sorted(number for number in empty if number not in told or (number in places and number not in waiting))
    for number in sorted({*fresh, *given}):
        is_given = number in given
        connection.execute(
            sa.insert(hold_loss),
            [
                {
                    "hold_id": number,
                    "build_id": build,
                    "source": source,
                    "category": category,
                    "is_given_on": is_given,
                    "lost_at": now,
                }
                for source, category in sorted(places.get(number, {(None, None)}), key=str)
            ],
        )
        event = ledger.Event.HOLD_GIVEN_ON if is_given else ledger.Event.HOLD_LOST
        ledger.append(connection, event, author=author, now=now, build=build, details={"hold": number})
    for number in sorted(waiting - empty):
        close(connection, number, None, now)
        ledger.append(
            connection, ledger.Event.HOLD_FOUND, author=author, now=now, build=build, details={"hold": number}
        )
    return fresh


def waiting(register: sa.Engine) -> list[Loss]:
    """The holds that are on, cover nothing and wait for somebody to settle that, by their number."""
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(
                hold_loss.c.hold_id,
                hold.c.scope,
                sa.func.min(hold_loss.c.build_id),
                sa.func.min(hold_loss.c.lost_at),
                hold.c.case_ref,
                sa.func.max(sa.cast(hold_loss.c.is_given_on, sa.Integer)),
            )
            .join(hold, hold.c.hold_id == hold_loss.c.hold_id)
            .where(*loss_waits)
            .group_by(hold_loss.c.hold_id, hold.c.scope, hold.c.case_ref)
            .order_by(hold_loss.c.hold_id)
        ).all()
    return [Loss(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows]


def given_on(connection: sa.Connection) -> set[tuple[str, str]]:
    """The ids of holds that cover somebody else as far as the source says, as (scope, id), as long as nobody has said
    whether they do.
    """
    numbers = sa.select(hold_loss.c.hold_id).where(hold_loss.c.is_given_on, hold_loss.c.settled_at.is_(None))
    rows = connection.execute(sa.select(hold.c.scope, hold.c.scope_key).where(hold_number.in_(numbers)))
    return {(scope, key) for scope, key in rows}


def settle(at: At, hold_id: int) -> None:
    """Says that it is right that a hold covers nothing or whom it covers, or that a new one is on whom it was on: it
    stops no purge any more. The hold itself stays, and is released as every other.

    Raises Refused `not_allowed`, `hold_not_lost`.
    """
    actor = at.require(Permission.MANAGE_HOLDS)
    with writing(at.register) as connection:
        if not close(connection, hold_id, actor.pseudonym, at.now):
            raise Refused("hold_not_lost", hold=str(hold_id))
        ledger.append(connection, ledger.Event.HOLD_SETTLED, author=at.author, now=at.now, details={"hold": hold_id})


def close(connection: sa.Connection, hold_id: int, by: str | None, now: dt.datetime) -> int:
    """Ends a hold's losses and what was proposed for it, in the caller's transaction; returns how many they were."""
    settled = sa.update(hold_loss).where(hold_loss.c.hold_id == hold_id, hold_loss.c.settled_at.is_(None))
    if by is None:
        # That a hold covers something again says nothing of whom.
        settled = settled.where(hold_loss.c.is_given_on.is_(False))
    for table in (hold_candidate, hold_trace):
        connection.execute(sa.delete(table).where(table.c.hold_id == hold_id))
    return connection.execute(settled.values(settled_at=now, settled_by=by)).rowcount


def possible(connection: sa.Connection) -> bool:
    """Whether a hold is on that may lose what it is on: one on a person, an entry or an organisation."""
    on = sa.select(hold.c.hold_id).where(hold.c.scope != Scope.CATEGORY, hold.c.released_on.is_(None)).limit(1)
    return connection.execute(on).first() is not None
