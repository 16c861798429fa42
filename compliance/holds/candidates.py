"""Which organisations may be those that a hold has lost: proposed with what speaks for it, and somebody decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.holds import losses
from compliance.holds import verbs as holds
from compliance.holds.tables import Scope, hold, hold_candidate, hold_loss, hold_number, hold_trace, loss_waits
from compliance.register.engine import writing
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission


@dataclass(frozen=True)
class Candidate:
    """An organisation of the copy that may be what a lost hold was on. `because`: texts `holds.may_be.<value>`."""

    hold_id: int
    key: str
    because: tuple[str, ...]


def keys_of(connection: sa.Connection, numbers: Collection[int]) -> list[str]:
    """The organisations that some holds are on, by their ids."""
    on = sa.select(hold.c.scope_key).where(hold_number.in_(numbers), hold.c.scope == Scope.ORGANISATION)
    return sorted(set(connection.scalars(on.where(hold.c.released_on.is_(None)))))


def propose(connection: sa.Connection, numbers: Collection[int], found: Iterable[tuple[str, str, str]]) -> None:
    """Keeps what may be what some holds were on that were lost just now, as (id before, id now, what speaks for it), in
    the caller's transaction.
    """
    _keep(connection, numbers, _holds_on(connection, numbers), found)


def remember(connection: sa.Connection, numbers: Collection[int], traces: Iterable[tuple[str, str]]) -> None:
    """Keeps what the organisations that some holds were on may be known by, as (id, keyed digest), for as long as those
    are lost: whoever comes in their place may come with a later export.
    """
    on = _holds_on(connection, numbers)
    rows = {(number, digest) for key, digest in traces for number in on.get(key, ())}
    connection.execute(sa.delete(hold_trace).where(hold_trace.c.hold_id.in_(numbers)))
    if rows:
        connection.execute(
            sa.insert(hold_trace), [{"hold_id": number, "digest": digest} for number, digest in sorted(rows)]
        )


def traces(connection: sa.Connection, fresh: Collection[int]) -> dict[str, set[int]]:
    """By what keyed digests the organisations of holds may be known that are lost since an earlier intake than the one
    in which `fresh` got lost, each with the holds' numbers. What nobody waits for any more is forgotten.
    """
    waits = (
        sa.select(hold_loss.c.hold_id).join(hold, hold.c.hold_id == hold_loss.c.hold_id).where(*loss_waits).distinct()
    )
    connection.execute(sa.delete(hold_trace).where(hold_trace.c.hold_id.not_in(waits)))
    found: dict[str, set[int]] = {}
    for number, digest in connection.execute(
        sa.select(hold_trace.c.hold_id, hold_trace.c.digest).where(hold_trace.c.hold_id.not_in(fresh))
    ):
        found.setdefault(digest, set()).add(number)
    return found


def propose_later(
    connection: sa.Connection, traces: Mapping[str, set[int]], found: Iterable[tuple[str, str, str]]
) -> None:
    """Keeps what may be what holds were on that were lost before, as (keyed digest, id now, what speaks for it), in the
    place of what was proposed with an earlier export.
    """
    _keep(connection, set().union(*traces.values()), traces, found)


def _holds_on(connection: sa.Connection, numbers: Collection[int]) -> dict[str, set[int]]:
    on: dict[str, set[int]] = {}
    for number, key in connection.execute(
        sa.select(hold_number, hold.c.scope_key).where(
            hold_number.in_(numbers), hold.c.scope == Scope.ORGANISATION, hold.c.released_on.is_(None)
        )
    ):
        on.setdefault(key, set()).add(number)
    return on


def _keep(
    connection: sa.Connection,
    numbers: Collection[int],
    known: Mapping[str, set[int]],
    found: Iterable[tuple[str, str, str]],
) -> None:
    reasons: dict[tuple[int, str], set[str]] = {}
    for by, now, because in found:
        for number in known.get(by, ()):
            reasons.setdefault((number, now), set()).add(because)
    connection.execute(sa.delete(hold_candidate).where(hold_candidate.c.hold_id.in_(numbers)))
    if reasons:
        connection.execute(
            sa.insert(hold_candidate),
            [
                {"hold_id": number, "candidate_key": key, "because": ",".join(sorted(told))}
                for (number, key), told in sorted(reasons.items())
            ],
        )


def waiting(register: sa.Engine) -> list[Candidate]:
    """What may be what lost holds were on that wait to be settled, by their number; most speaks for the first."""
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(hold_candidate)
            .join(hold_loss, hold_loss.c.hold_id == hold_candidate.c.hold_id)
            .join(hold, hold.c.hold_id == hold_candidate.c.hold_id)
            .where(*loss_waits)
            .distinct()
        ).all()
    found = [Candidate(number, key, tuple(because.split(","))) for number, key, because in rows]
    return sorted(found, key=lambda one: (one.hold_id, -len(one.because), one.key))


def recognise(at: At, hold_id: int, key: str) -> None:
    """Says that an organisation is the one that a lost hold was on: the hold is on it from now on, and is lost no more.

    Raises Refused `not_allowed`, `hold_not_lost`, `hold_candidate_unknown`.
    """
    actor = at.require(Permission.MANAGE_HOLDS)
    with writing(at.register) as connection:
        proposed = sa.select(hold_candidate.c.candidate_key).where(
            hold_candidate.c.hold_id == hold_id, hold_candidate.c.candidate_key == key
        )
        is_proposed = connection.scalar(proposed) is not None
        before = keys_of(connection, [hold_id])
        if not losses.close(connection, hold_id, actor.pseudonym, at.now):
            raise Refused("hold_not_lost", hold=str(hold_id))
        if not (is_proposed and before):
            raise Refused("hold_candidate_unknown", hold=str(hold_id))
        moves = [(str(Scope.ORGANISATION), one, key) for one in before[:1]]
        holds.follow(connection, moves, author=at.author, now=at.now)
        ledger.append(connection, ledger.Event.HOLD_SETTLED, author=at.author, now=at.now, details={"hold": hold_id})
