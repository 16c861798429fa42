"""Which organisations may be those that a hold has lost: proposed with what speaks for it, and somebody decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.holds import losses
from compliance.holds import verbs as holds
from compliance.holds.tables import Scope, hold, hold_candidate, hold_loss, hold_number, loss_waits
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
    on: dict[str, set[int]] = {}
    for number, key in connection.execute(
        sa.select(hold_number, hold.c.scope_key).where(
            hold_number.in_(numbers), hold.c.scope == Scope.ORGANISATION, hold.c.released_on.is_(None)
        )
    ):
        on.setdefault(key, set()).add(number)
    reasons: dict[tuple[int, str], set[str]] = {}
    for before, now, because in found:
        for number in on.get(before, ()):
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
