"""Takes what has been decided about who is one person along to a new build, and lets it go where it is about nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from compliance import ledger
from compliance.identity.tables import Side, identity_decision, identity_loss, identity_trace
from compliance.reading.tracer import Tracer

# What stands for the keyed digest of a person whom a decision needs no more.
FORGOTTEN = ""


@dataclass
class _Decision:
    """A decision that has traces: where it was made, who is on either side of it there, and what both are known by."""

    build_id: int
    persons: Mapping[str, str]
    digests: dict[str, set[str]] = field(default_factory=dict)


def take_along(
    connection: sa.Connection,
    tracer: Tracer,
    *,
    author: ledger.Author | None,
    now: dt.datetime,
    made_with: Collection[int] = (),
    purged: bool = False,
) -> None:
    """Learns what either side of each decision is known by in the new build, in the transaction that makes it current:
    by what the source says now it is found when that changes again.

    A side that an intake has not is told in the ledger and entered as lost, with where it had entries in the build
    before, until it is found again or somebody lets the decision go. Nothing needs a decision any more of whose two a
    purge (`purged`) has taken one: what could tell whom it was about goes. Those that the build was not `made_with`
    were decided meanwhile, and are taken along by the next one.
    """
    decisions = _known(connection)
    if not decisions:
        return
    there = {(number, side): known for (number, side), known in tracer.decided().items() if number in decisions}
    if purged:
        told = {ledger.Event.IDENTITY_OVER: _taken(connection, tracer, decisions, there)}
    else:
        _made_in(connection, tracer, decisions.keys() - set(made_with))
        known = {number: one for number, one in decisions.items() if number in made_with}
        for (number, side), digests in there.items():
            if digests != decisions[number].digests.get(side, set()):
                _learn(connection, number, side, digests)
        told = {
            ledger.Event.IDENTITY_FOUND: _found_again(connection, there),
            ledger.Event.IDENTITY_LOST: _lose(connection, tracer, known, there, now),
        }
    for event, numbers in told.items():
        for number in numbers:
            details: dict[str, ledger.Detail] = {"decision": number}
            ledger.append(connection, event, author=author, now=now, build=tracer.build.build_id, details=details)


def possible(connection: sa.Connection) -> bool:
    """Whether there is a decision that may lose somebody it is about: what comes new with an intake must then be told
    from what was there.
    """
    return connection.execute(sa.select(identity_trace.c.decision_id).limit(1)).first() is not None


def forget(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Forgets whom decisions were about, in the caller's transaction; that they were made stays."""
    over = sorted(numbers)
    if over:
        for table in (identity_loss, identity_trace):
            connection.execute(sa.delete(table).where(table.c.decision_id.in_(over)))
        connection.execute(
            sa.update(identity_decision)
            .where(identity_decision.c.decision_id.in_(over))
            .values(one_key=FORGOTTEN, other_key=FORGOTTEN)
        )


def _known(connection: sa.Connection) -> Mapping[int, _Decision]:
    found: dict[int, _Decision] = {}
    for number, build_id, one, other, side, digest in connection.execute(
        sa.select(
            identity_decision.c.decision_id,
            identity_decision.c.build_id,
            identity_decision.c.one_key,
            identity_decision.c.other_key,
            identity_trace.c.side,
            identity_trace.c.digest,
        ).join(identity_trace, identity_trace.c.decision_id == identity_decision.c.decision_id)
    ):
        decision = found.setdefault(number, _Decision(build_id, {Side.ONE: one, Side.OTHER: other}))
        decision.digests.setdefault(side, set()).add(digest)
    return found


def _taken(
    connection: sa.Connection, tracer: Tracer, decisions: Mapping[int, _Decision], there: Collection[tuple[int, str]]
) -> list[int]:
    """Forgets the decisions of whose two a purge has taken one, and returns their numbers. Those that were made in the
    build before are as they were in the new one, which was made without asking about anybody.
    """
    before = tracer.previous.build_id if tracer.previous else None
    fresh = {number for number, decision in decisions.items() if decision.build_id == before}
    gone = tracer.purged() if fresh else set()
    over = {number for number in fresh if not gone.isdisjoint(decisions[number].persons.values())}
    over |= {number for number, _ in tracer.decided_before() - set(there)} - fresh if tracer.previous else set()
    forget(connection, over)
    _made_in(connection, tracer, fresh - over)
    return sorted(over)


def _made_in(connection: sa.Connection, tracer: Tracer, numbers: Iterable[int]) -> None:
    """The new build was made without asking about those: the pairs are in it as they were decided."""
    connection.execute(
        sa.update(identity_decision)
        .where(identity_decision.c.decision_id.in_(sorted(numbers)))
        .values(build_id=tracer.build.build_id)
    )


def _found_again(connection: sa.Connection, there: Collection[tuple[int, str]]) -> list[int]:
    """Takes out the sides that are there again, and returns the decisions that miss nobody any more."""
    missed = _missed(connection)
    again = missed & set(there)
    for number, side in sorted(again):
        connection.execute(
            sa.delete(identity_loss).where(identity_loss.c.decision_id == number, identity_loss.c.side == side)
        )
    return sorted({number for number, _ in again} - {number for number, _ in missed - again})


def _lose(
    connection: sa.Connection,
    tracer: Tracer,
    decisions: Mapping[int, _Decision],
    there: Collection[tuple[int, str]],
    now: dt.datetime,
) -> list[int]:
    """Enters the sides that are not there and not entered yet, and returns the decisions that they are of."""
    sides = {(number, side.value) for number in decisions for side in Side}
    lost = sides - set(there) - _missed(connection)
    before = tracer.previous.build_id if tracer.previous else None

    def person(number: int, side: str) -> str:
        return decisions[number].persons[side] if decisions[number].build_id == before else FORGOTTEN

    places = tracer.places_before({(number, side, person(number, side)) for number, side in lost})
    rows = []
    for number, side in sorted(lost):
        known = {"decision_id": number, "side": side, "lost_at": now}
        # Of one that the build before had not either, nobody knows where it was, and when it went.
        since = tracer.build.build_id if (number, side) in places else decisions[number].build_id + 1
        for source, category in places.get((number, side), [(None, None)]):
            rows.append({**known, "build_id": since, "source": source, "category": category})
    if rows:
        connection.execute(sa.insert(identity_loss), rows)
    return sorted({number for number, _ in lost})


def _missed(connection: sa.Connection) -> set[tuple[int, str]]:
    rows = connection.execute(sa.select(identity_loss.c.decision_id, identity_loss.c.side).distinct())
    return {(number, side) for number, side in rows}


def _learn(connection: sa.Connection, number: int, side: str, digests: set[str]) -> None:
    connection.execute(
        sa.delete(identity_trace).where(identity_trace.c.decision_id == number, identity_trace.c.side == side)
    )
    connection.execute(
        sa.insert(identity_trace),
        [{"decision_id": number, "side": side, "digest": digest} for digest in sorted(digests)],
    )
