"""The keys of an installation: making those that are missing, and replacing the one that signs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path

import sqlalchemy as sa

from compliance import evidence, ledger
from compliance.evidence.tables import evidence as evidence_table
from compliance.ledger.tables import ledger as ledger_table
from compliance.register.engine import writing
from compliance.suppression.tables import suppression
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings


def used(settings: Settings, connection: sa.Connection) -> frozenset[str]:
    """The kinds of keys that something which is kept was made with, so that a new one cannot stand in for it."""

    def any_row(column: sa.Column[object], *where: sa.ColumnElement[bool]) -> bool:
        return connection.execute(sa.select(column).where(*where).limit(1)).first() is not None

    signed = (
        bool(evidence.names(settings))
        or any_row(evidence_table.c.number, evidence_table.c.is_kept)
        or any_row(ledger_table.c.seq, ledger_table.c.event == ledger.Event.CHECKPOINT_MADE)
    )
    found = {
        "pseudonym": ledger.is_keyed(connection),
        "suppression": any_row(suppression.c.key_id),
        "signing": signed,
    }
    return frozenset(kind for kind, is_used in found.items() if is_used)


def make(settings: Settings, register: sa.Engine, kinds: Collection[str]) -> list[Path]:
    """Makes keys of these kinds, and returns their files.

    Raises Refused `key_lost_pseudonym`, `key_lost_suppression` or `key_lost_signing`, and makes none, where something
    is there that was made with a key that is missing; and what compliance.words.keys.make does.
    """
    with register.connect() as connection:
        lost = sorted(used(settings, connection) & set(keys.missing(settings)) & set(kinds))
    if lost:
        # A key that lies where an earlier version had it is not lost.
        keys.refuse_beside_data(settings, lost[0])
        raise Refused(f"key_lost_{lost[0]}", setting=keys.KINDS[lost[0]].setting)
    return keys.make(settings, kinds)


def replace_signing(settings: Settings, register: sa.Engine, now: dt.datetime) -> tuple[str, int]:
    """Replaces the key that signs, and signs with the new one what is kept of purges. Returns its name, and how much.

    What was signed with the old one outside the evidence, which are checkpoints, stays checked with the old public key.
    Whoever dies in between leaves evidence of the old key, which the next intake or purge signs anew. Raises Refused
    `evidence_gone` where evidence is not there to be signed, `replay_needed` where some is of purges that this register
    does not know, which nobody would believe any more (`evidence_elsewhere` where it is not sure that they are this
    one's), `key_lost_signing` where nobody can tell that without the old
    key; and what compliance.words.keys.replace_signing and compliance.evidence.write do.
    """
    with register.connect() as connection:
        absent = evidence.absent(settings, connection)
        if absent:
            raise evidence.gone_refused(settings, absent)
        try:
            strangers = evidence.unknown(settings, connection)
        except Refused as refused:
            if refused.code == "key_missing":
                raise Refused("key_lost_signing", **refused.values) from None
            raise
        if strangers:
            evidence.refuse_elsewhere(settings, connection)
            raise Refused("replay_needed", command="compliance register replay")
    fresh = keys.name_of(keys.replace_signing(settings).public_key())
    with writing(register) as connection:
        ledger.append(connection, ledger.Event.KEY_REPLACED, author=None, now=now, details={"key": fresh})
    return fresh, evidence.refresh(settings, register, now)
