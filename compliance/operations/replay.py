"""Tells a register that was brought back of the purges that it does not know, so that nobody purged is shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import builds, ledger
from compliance.evidence import Evidence, file_of, read, receipts, unknown
from compliance.purge import replayed as purge_replayed
from compliance.register.engine import writing
from compliance.requests import replayed as requests_replayed
from compliance.suppression import verbs as suppression
from compliance.words.settings import Settings


@dataclass(frozen=True)
class Replayed:
    """How many purges a register was told of, how many entries its suppression list got, and whether the copy went."""

    batches: int
    entries: int
    thrown_away: bool


def replay(settings: Settings, register: sa.Engine, now: dt.datetime) -> Replayed:
    """Tells the register of every purge that it does not know, and throws the copy away where it is older than one.

    All in one transaction; the copy's files go after it. The suppression list then keeps the purged out of the exports
    that are taken in anew. Raises Refused `evidence_damaged`, before anything has changed.

    Of a purge of this register without evidence none is written here: it would say that its files are wiped.
    """
    with writing(register) as connection:
        told = [read(file_of(settings, uid)) for uid in unknown(settings, connection)]
        # In the order in which they were made, as the ledger should have them.
        for kept in sorted(told, key=lambda one: (one.receipt.executed.at, one.receipt.uid)):
            _replay_one(connection, kept, now)
        outdated = builds.throw_away_outdated(connection, now)
    if outdated:
        builds.remove_files(settings, register, overwrite=True)
    return Replayed(len(told), sum(len(kept.suppression) for kept in told), outdated)


def _replay_one(connection: sa.Connection, kept: Evidence, now: dt.datetime) -> None:
    batch_id = purge_replayed.enter(connection, kept.receipt)
    suppression.forget_batch(connection, batch_id)
    suppression.enter(connection, [{**entry.model_dump(), "batch_id": batch_id} for entry in kept.suppression])
    suppression.let_in_again(connection, batch_id, kept.others)
    for closed in kept.requests:
        purge_replayed.answer(connection, batch_id, requests_replayed.close_again(connection, closed, now))
    receipt = kept.receipt
    details: dict[str, ledger.Detail] = {
        "batch": batch_id,
        "uid": receipt.uid,
        "receipt": receipts.digest(receipt),
        "suppression": len(kept.suppression),
        "requests": len(kept.requests),
    }
    ledger.append(connection, ledger.Event.BATCH_REPLAYED, author=None, now=now, details=details)
