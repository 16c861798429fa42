"""Who is one person, where exact identifiers do not tell: somebody decides, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.identity import asks
from compliance.identity.along import FORGOTTEN, forget
from compliance.identity.tables import Answer, Side, identity_decision, identity_loss, identity_trace
from compliance.reading.copy import Reading, refused_where_retired
from compliance.reading.followed import known_by
from compliance.register.engine import writing
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Permission


@dataclass(frozen=True)
class Lost:
    """A decision on two of whom one, or neither, is found any more. Names nobody."""

    decision_id: int
    answer: Answer
    decided_at: dt.datetime
    lost_at: dt.datetime


def decide(at: At, reading: Reading, person_a: str, person_b: str, answer: str) -> int:
    """Decides whether two persons of `reading` who may be one are one, and returns the decision's number.

    It is kept by keyed digests of their records and of who they are, so that it holds in later copies; the next one
    ties the records of one person, and asks no more about two. Raises Refused `not_allowed`, `answer_unknown`,
    `pair_unknown` (they may not be one, or somebody has decided already), `pair_build_changed`.
    """
    actor = at.require(Permission.DECIDE_IDENTITY)
    if answer not in list(Answer):
        raise Refused("answer_unknown")
    pair = {person_a, person_b}
    sides = ((Side.ONE, person_a), (Side.OTHER, person_b))
    with refused_where_retired("pair_build_changed"):
        if pair not in [{row.person_a, row.person_b} for row in waiting(at.settings, at.register, reading)]:
            raise Refused("pair_unknown")
        traces = {side: known_by(at.settings, reading, person) for side, person in sides}
    pseudonyms = keys.pseudonyms(at.settings)
    common = traces[Side.ONE] & traces[Side.OTHER]
    with writing(at.register) as connection:
        if connection.execute(sa.select(pointer.c.build_id)).scalar() != reading.build:
            raise Refused("pair_build_changed")
        number = connection.scalars(
            sa.insert(identity_decision)
            .values(
                answer=answer,
                build_id=reading.build,
                one_key=pseudonyms.digest(f"person|{person_a}"),
                other_key=pseudonyms.digest(f"person|{person_b}"),
                decided_by=actor.pseudonym,
                decided_at=at.now,
            )
            .returning(identity_decision.c.decision_id)
        ).one()
        connection.execute(
            sa.insert(identity_trace),
            [
                {"decision_id": number, "side": side.value, "digest": digest}
                for side, digests in traces.items()
                # What leads to both tells neither from the other.
                for digest in sorted(digests - common)
            ],
        )
        ledger.append(
            connection,
            ledger.Event.IDENTITY_SAME if answer == Answer.SAME else ledger.Event.IDENTITY_DIFFERENT,
            author=at.author,
            now=at.now,
            build=reading.build,
            details={"decision": number},
        )
    return int(number)


def waiting(
    settings: Settings, register: sa.Engine, reading: Reading, *, named: bool = False, person: str | None = None
) -> list[asks.Double]:
    """The pairs of persons who may be one and about whom nobody has decided, or of them those with `person`; those on
    hold first. With `named`, names and addresses, and whoever asks for those records that look.
    """
    decided = _decided(register, reading)
    rows = reading.rows(asks.DOUBLES, named=named, person=person)
    if not decided:
        return rows
    pseudonyms = keys.pseudonyms(settings)
    return [
        row
        for row in rows
        if frozenset(pseudonyms.digest(f"person|{person}") for person in (row.person_a, row.person_b)) not in decided
    ]


def count_waiting(register: sa.Engine, reading: Reading) -> int:
    """How many pairs `waiting` has, without looking at anybody."""
    return reading.one(asks.DOUBLE_COUNT).pairs - len(_decided(register, reading))


def lost(register: sa.Engine) -> list[Lost]:
    """The decisions of which one of the two, or neither, is found since an intake, and that nobody has let go, by their
    number.
    """
    decision = identity_decision
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(
                decision.c.decision_id, decision.c.answer, decision.c.decided_at, sa.func.min(identity_loss.c.lost_at)
            )
            .join(identity_loss, identity_loss.c.decision_id == decision.c.decision_id)
            .group_by(decision.c.decision_id, decision.c.answer, decision.c.decided_at)
            .order_by(decision.c.decision_id)
        ).all()
    return [Lost(number, Answer(answer), decided_at, lost_at) for number, answer, decided_at, lost_at in rows]


def let_go(at: At, number: int) -> None:
    """Says that it is right that a decision is about nobody, or one alone: it stops no purge and is told no more, and
    what could tell whom it was about goes.

    Raises Refused `not_allowed`, `decision_not_lost`.
    """
    at.require(Permission.DECIDE_IDENTITY)
    with writing(at.register) as connection:
        waits = sa.select(identity_loss.c.loss_id).where(identity_loss.c.decision_id == number).limit(1)
        if connection.execute(waits).first() is None:
            raise Refused("decision_not_lost", decision=str(number))
        forget(connection, [number])
        ledger.append(
            connection, ledger.Event.IDENTITY_OVER, author=at.author, now=at.now, details={"decision": number}
        )


def _decided(register: sa.Engine, reading: Reading) -> set[frozenset[str]]:
    """The pairs that were decided in this copy, by the keyed digests of both persons."""
    with register.connect() as connection:
        rows = connection.execute(
            sa.select(identity_decision.c.one_key, identity_decision.c.other_key).where(
                identity_decision.c.build_id == reading.build, identity_decision.c.one_key != FORGOTTEN
            )
        )
        return {frozenset((one, other)) for one, other in rows}
