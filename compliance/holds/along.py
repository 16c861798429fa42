"""Takes holds along to a new build, where the ids of what they are on may be others, and tells those that are lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from compliance import ledger
from compliance.holds import candidates, losses
from compliance.holds import verbs as holds
from compliance.holds.tables import Scope
from compliance.reading.tracer import Tracer


def take_along(
    connection: sa.Connection,
    tracer: Tracer,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    forget_before: dt.date | None = None,
) -> None:
    """Holds what is held by the ids that it has in the new build, in the transaction that makes it current.

    Looked up within the transaction, so that a hold placed while the build was being made comes along as well. Where
    the build before is gone, and for records that it did not have, the keyed digests of the records lead there; where a
    record is gone, is somebody else's or says less, an identifier together with the name of whom it was about. Holds
    that cover nothing of the new build after that, or somebody else, are told as lost, with the organisations that may
    be what they were on. Holds that were released before
    the day `forget_before` and cover nothing of the new build lose whom they were on.
    """
    held = holds.keys(connection)
    if not held:
        return
    known = holds.records(connection)
    people = [one for one in held if one[0] != Scope.ORGANISATION]
    build = tracer.build.build_id
    covered_before: list[tuple[str, str, str, str]] | None = None
    moves: list[tuple[str, str, str]] = []
    given_on: set[tuple[str, str]] = set()
    if tracer.previous is not None:
        covered_before = tracer.before(held)
        moves = tracer.moved(people)
        moves += tracer.moved_organisations([key for scope, key in held if scope == Scope.ORGANISATION])
        given_on = tracer.given_on(people)
        moves += tracer.elsewhere()
    stored, _ = tracer.covered(people)
    lost = known.difference(stored)
    moves += tracer.found(lost)
    # Of whom a record is nowhere any more, or somebody else's, the same person's new records are looked for.
    somewhere = tracer.stored(lost)
    gone = given_on | {(scope, key) for scope, key, digest in lost if digest not in somewhere}
    moves += tracer.found_identities({one for one in holds.identities(connection) if one[:2] in gone})
    holds.follow(connection, moves, author=author, now=now, build=build)
    stored, about = tracer.covered([one for one in holds.keys(connection) if one[0] != Scope.ORGANISATION])
    if forget_before is None:
        there = tracer.stored_keys(holds.keys(connection))
        lost_now = losses.tell(connection, there, covered_before, given_on, author=author, now=now, build=build)
        if tracer.previous is not None and (firms := candidates.keys_of(connection, lost_now)):
            candidates.propose(connection, lost_now, tracer.possible_organisations(firms))
            candidates.remember(connection, lost_now, tracer.organisation_traces(firms))
        if traces := candidates.traces(connection, lost_now):
            candidates.propose_later(connection, traces, tracer.organisations_traced(traces.keys()))
    # Whom a source has put in the place of somebody held is not found again as the one who is held.
    others = losses.given_on(connection)
    holds.remember(connection, stored, [one for one in about if one[:2] not in others])
    # What is held by another id now is remembered by that one alone: found again by the old one, whoever was
    # released by the new one would be held once more.
    holds.leave(connection, _gone_elsewhere(known, stored))
    if forget_before is not None:
        left = [(scope, key) for scope, key, _ in stored]
        holds.forget(connection, left, forget_before, author=author, now=now, build=build)


def _gone_elsewhere(
    known: Collection[tuple[str, str, str]], covered: Collection[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Of the records that were known as (scope, id, digest), those that are behind another id of the scope by now."""
    found = {(scope, record_key) for scope, _, record_key in covered}
    return {one for one in set(known).difference(covered) if (one[0], one[2]) in found}
