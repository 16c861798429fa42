"""Tells a register that was brought back of the purges that it does not know, so that nobody purged is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from compliance import builds, evidence, ledger
from compliance.evidence import Head, receipts
from compliance.evidence.content import Evidence
from compliance.evidence.seal import Seal, Trust
from compliance.purge import replayed as purge_replayed
from compliance.rectification import along as rectification_along
from compliance.register.engine import reading, writing
from compliance.requests import replayed as requests_replayed
from compliance.sources import tasks as sources
from compliance.suppression import verbs as suppression
from compliance.words.refusal import Refused
from compliance.words.settings import Settings


@dataclass(frozen=True)
class Purge:
    """A purge that a register is to be told of, with the seal of its evidence; None where it has none."""

    evidence: Evidence
    seal: Seal | None


@dataclass(frozen=True)
class Plan:
    """What a replay is about to do: the purges in the order in which they were made, the files that it leaves aside
    with why, and what evidence is missing (see evidence.lacking).
    """

    purges: tuple[Purge, ...]
    left_aside: tuple[tuple[str, Trust], ...]
    lacking: tuple[str, ...]

    @property
    def uids(self) -> frozenset[str]:
        """The purges by their names."""
        return frozenset(one.evidence.receipt.uid for one in self.purges)


@dataclass(frozen=True)
class Replayed:
    """How many purges a register was told of, how many entries its suppression list got, and whether the copy went."""

    batches: int
    entries: int
    thrown_away: bool


Agree = Callable[[Plan], bool]


def always(_plan: Plan) -> bool:
    """Agrees to whatever is planned."""
    return True


def plan(
    settings: Settings,
    connection: sa.Connection,
    *,
    unsigned: bool = False,
    any_register: bool = False,
    told: Sequence[Head] = (),
) -> Plan:
    """What a replay would do now. Purges are believed by the signature of their evidence, of this register; `unsigned`
    ones, written by an earlier version, and those of `any_register` only where somebody says so. `told` is how much
    evidence checkpoints knew.

    Raises Refused `key_missing` where evidence is signed and the key is not there, and what evidence.refuse_elsewhere
    does where nobody has said so.
    """
    if not any_register:
        evidence.refuse_elsewhere(settings, connection)
    believed = {Trust.SIGNED, *({Trust.UNSIGNED} if unsigned else ())}
    found = evidence.strangers(settings, connection, any_register=any_register)
    purges = [Purge(one.evidence, one.seal) for one in found if one.trust in believed and one.evidence is not None]
    return Plan(
        tuple(sorted(purges, key=_order)),
        tuple((one.name, one.trust) for one in found if one.trust not in believed),
        tuple(evidence.lacking(settings, connection, told, any_register=any_register)),
    )


def replay(
    settings: Settings,
    register: sa.Engine,
    now: dt.datetime,
    *,
    agree: Agree = always,
    unsigned: bool = False,
    any_register: bool = False,
    told: Sequence[Head] = (),
    accept_loss: bool = False,
) -> Replayed | None:
    """Tells the register of every purge that it does not know, and throws the copy away where it is older than one.

    All in one transaction, of what `agree` has agreed to; None, and nothing has changed, where it did not. The copy's
    files go after it. The suppression list then keeps the purged out of the exports that are taken in anew.

    Raises Refused `evidence_gone` or `evidence_folder_gone` where evidence is missing, unless the loss is accepted;
    what `plan` does; and `evidence_changed` where the folder is another than the one that was agreed to. Nothing has
    changed then.

    Of a purge of this register without evidence none is written here: it would say that its files are wiped.
    """
    planning = partial(plan, settings, unsigned=unsigned, any_register=any_register, told=told)
    with reading(register) as connection:
        agreed = planning(connection)
    if agreed.lacking and not accept_loss:
        raise evidence.gone_refused(settings, agreed.lacking)
    if not agree(agreed):
        return None
    with writing(register) as connection:
        planned = planning(connection)
        if (planned.uids, planned.lacking) != (agreed.uids, agreed.lacking):
            raise Refused("evidence_changed")
        for purge in planned.purges:
            _replay_one(connection, purge, now)
            erased, executed_at = purge.evidence.suppression, purge.evidence.receipt.executed.at
            rectification_along.forget_erased(settings, connection, erased, executed_at, now)
        evidence.give_up(settings, connection, planned.lacking, now=now)
        outdated = builds.throw_away_outdated(connection, now)
    if outdated:
        builds.remove_files(settings, register, overwrite=True)
    entries = sum(len(purge.evidence.suppression) for purge in planned.purges)
    return Replayed(len(planned.purges), entries, outdated)


def _order(purge: Purge) -> tuple[dt.datetime, str]:
    """As they were made, since the ledger should have them so."""
    return purge.evidence.receipt.executed.at, purge.evidence.receipt.uid


def _replay_one(connection: sa.Connection, purge: Purge, now: dt.datetime) -> None:
    kept = purge.evidence
    batch_id = purge_replayed.enter(connection, kept.receipt)
    suppression.forget_batch(connection, batch_id)
    suppression.enter(connection, [{**entry.model_dump(), "batch_id": batch_id} for entry in kept.suppression])
    suppression.let_in_again(connection, batch_id, kept.others)
    for closed in kept.requests:
        purge_replayed.answer(connection, batch_id, requests_replayed.close_again(connection, closed, now))
    sources.enter_again(connection, batch_id, kept.orders)
    number = evidence.adopt(connection, batch_id, purge.seal, kept.left_behind)
    receipt = kept.receipt
    details: dict[str, ledger.Detail] = {
        "batch": batch_id,
        "uid": receipt.uid,
        "receipt": receipts.digest(receipt),
        "suppression": len(kept.suppression),
        "requests": len(kept.requests),
        "orders": len(kept.orders),
    }
    if purge.seal is not None:
        details |= {"evidence": purge.seal.content, "evidence_no": number}
    ledger.append(connection, ledger.Event.BATCH_REPLAYED, author=None, now=now, details=details)
