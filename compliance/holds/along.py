"""Takes holds on persons and entries along to a new build, where their ids may be others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from compliance import ledger
from compliance.builds import Build
from compliance.holds import verbs as holds
from compliance.reading.tracer import Tracer
from compliance.words import keys
from compliance.words.settings import Settings


def take_along(
    settings: Settings,
    connection: sa.Connection,
    previous: Build | None,
    fresh: Build,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    forget_before: dt.date | None = None,
) -> None:
    """Holds what is held by the ids that it has in the new build, in the transaction that makes it current.

    Looked up within the transaction, so that a hold placed while the build was being made comes along as well. Where
    the build before is gone, and for records that it did not have, the keyed digests of the records lead there.
    Holds that were released before the day `forget_before` and cover nothing of the new build lose whom they were on.
    """
    held = holds.keys(connection)
    if not held:
        return
    known = holds.records(connection)
    with Tracer(fresh.path, keys.pseudonyms(settings), key=fresh.key) as tracer:
        moves = tracer.moved(previous.path, held, key=previous.key) if previous else []
        lost = known.difference(tracer.records(held))
        holds.follow(connection, [*moves, *tracer.found(lost)], author=author, now=now, build=fresh.build_id)
        covered = tracer.records(holds.keys(connection))
        holds.remember(connection, covered)
        # What is held by another id now is remembered by that one alone: found again by the old one, whoever was
        # released by the new one would be held once more.
        holds.leave(connection, _gone_elsewhere(known, covered))
    if forget_before is not None:
        stored = [(scope, key) for scope, key, _ in covered]
        holds.forget(connection, stored, forget_before, author=author, now=now, build=fresh.build_id)


def _gone_elsewhere(
    known: Collection[tuple[str, str, str]], covered: Collection[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Of the records that were known as (scope, id, digest), those that are behind another id of the scope by now."""
    found = {(scope, record_key) for scope, _, record_key in covered}
    return {one for one in set(known).difference(covered) if (one[0], one[2]) in found}
