"""Takes what has been decided about who is one person along to a new build, and lets it go where it is about nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from compliance import ledger
from compliance.builds import Build
from compliance.identity.tables import Answer, Side, identity_decision, identity_trace
from compliance.reading.tracer import Tracer
from compliance.words import keys
from compliance.words.settings import Settings

# What stands for the keyed digest of a person whom a decision needs no more.
FORGOTTEN = ""


@dataclass
class _Decision:
    """A decision that has traces: what it was, where it was made, about whom, and what either is known by."""

    answer: str
    build_id: int
    pair: frozenset[str]
    digests: dict[str, set[str]] = field(default_factory=dict)


def take_along(
    settings: Settings,
    connection: sa.Connection,
    previous: Build | None,
    fresh: Build,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    purged: bool = False,
) -> None:
    """Learns what either side of each decision is known by in the new build, in the transaction that makes it current:
    by what the source says now it is found when that changes again.

    A side that the build before had and this one has not is told in the ledger. Nothing needs a decision any more of
    whose two a purge (`purged`) has taken one, or of which neither has been there for two builds, or either of two who
    are two: what could tell whom it was about goes.
    """
    decisions = _known(connection)
    if not decisions:
        return
    with Tracer(fresh.path, keys.pseudonyms(settings), key=fresh.key) as tracer:
        there = tracer.decided()
        had, gone = tracer.decided_before(previous.path, key=previous.key) if previous else (set(), set())
    over, lost = [], []
    for number, decision in sorted(decisions.items()):
        is_new = previous is not None and decision.build_id == previous.build_id
        before = {side.value for side in Side if is_new or (number, side.value) in had}
        after = {side.value for side in Side if (number, side.value) in there}
        if purged:
            if decision.pair & gone if is_new else before - after:
                over.append(number)
            elif is_new:
                _made_in(connection, number, fresh.build_id)
            continue
        missed = set() if previous is None else set(Side) - before - after
        if missed == set(Side) or (missed and decision.answer == Answer.DIFFERENT):
            over.append(number)
            continue
        if before - after:
            lost.append(number)
        for side in after:
            if there[number, side] != decision.digests.get(side, set()):
                _learn(connection, number, side, there[number, side])
    forget(connection, over)
    for event, numbers in ((ledger.Event.IDENTITY_LOST, lost), (ledger.Event.IDENTITY_OVER, over)):
        for number in numbers:
            details: dict[str, ledger.Detail] = {"decision": number}
            ledger.append(connection, event, author=author, now=now, build=fresh.build_id, details=details)


def forget(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Forgets whom decisions were about, in the caller's transaction; that they were made stays."""
    over = sorted(numbers)
    if over:
        connection.execute(sa.delete(identity_trace).where(identity_trace.c.decision_id.in_(over)))
        connection.execute(
            sa.update(identity_decision)
            .where(identity_decision.c.decision_id.in_(over))
            .values(one_key=FORGOTTEN, other_key=FORGOTTEN)
        )


def _known(connection: sa.Connection) -> Mapping[int, _Decision]:
    found: dict[int, _Decision] = {}
    for number, answer, build_id, one, other, side, digest in connection.execute(
        sa.select(
            identity_decision.c.decision_id,
            identity_decision.c.answer,
            identity_decision.c.build_id,
            identity_decision.c.one_key,
            identity_decision.c.other_key,
            identity_trace.c.side,
            identity_trace.c.digest,
        ).join(identity_trace, identity_trace.c.decision_id == identity_decision.c.decision_id)
    ):
        decision = found.setdefault(number, _Decision(answer, build_id, frozenset((one, other))))
        decision.digests.setdefault(side, set()).add(digest)
    return found


def _learn(connection: sa.Connection, number: int, side: str, digests: set[str]) -> None:
    connection.execute(
        sa.delete(identity_trace).where(identity_trace.c.decision_id == number, identity_trace.c.side == side)
    )
    connection.execute(
        sa.insert(identity_trace),
        [{"decision_id": number, "side": side, "digest": digest} for digest in sorted(digests)],
    )


def _made_in(connection: sa.Connection, number: int, build_id: int) -> None:
    """A purge has made the copy anew without asking about anybody: the pair is as decided in the new one."""
    connection.execute(
        sa.update(identity_decision).where(identity_decision.c.decision_id == number).values(build_id=build_id)
    )
