"""What the suppression list tells of somebody who is stored: what of theirs was erased before, and that they came back.

It names nobody, so it is asked by the digests of what the stored records say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from compliance.identity.normalise import readings
from compliance.suppression.tables import Seen, reappearance, suppression
from compliance.words import keys
from compliance.words.keys import Key
from compliance.words.settings import Settings

# As many records as a statement takes on either database.
_CHUNK = 500


class Record(Protocol):
    """A stored record by what an entry of the list could know it by."""

    @property
    def record_id(self) -> str: ...
    @property
    def name_key(self) -> str | None: ...
    @property
    def email_key(self) -> str | None: ...
    @property
    def phone_key(self) -> str | None: ...


class Erased(NamedTuple):
    """That something of the person was erased. `category` is None where nothing of the person was left."""

    batch_id: int
    source: str
    category: str | None
    erased_on: dt.date


class Back(NamedTuple):
    """That a record was seen after its erasure, or may be of somebody erased; when it was looked at, and the answer."""

    reappearance_id: int
    kind: str
    source: str
    first_seen_at: dt.datetime
    confirmed_at: dt.datetime | None
    verdict: str | None
    reason: str | None


def of_records(settings: Settings, register: sa.Engine, records: Sequence[Record]) -> tuple[list[Erased], list[Back]]:
    """What of the records' person was erased before, as far as the list can tell (by the same record, or by an address
    or number together with the name), and which of the records came back, each the oldest first.

    Raises what compliance.words.keys.suppression does, where there are entries.
    """
    with register.connect() as connection:
        used = set(connection.scalars(sa.select(suppression.c.key_id).distinct()))
        if not used or not records:
            return [], []
        erased: set[Erased] = set()
        back: set[Back] = set()
        for key in keys.suppression(settings):
            if key.key_id not in used:
                continue
            for start in range(0, len(records), _CHUNK):
                some = records[start : start + _CHUNK]
                erased.update(_erased(connection, key, some))
                back.update(_back(connection, key, some))
    return (
        sorted(erased, key=lambda one: (one.erased_on, one.batch_id, one.source, one.category or "")),
        sorted(back, key=lambda one: (one.first_seen_at, one.reappearance_id)),
    )


def _erased(connection: sa.Connection, key: Key, records: Sequence[Record]) -> list[Erased]:
    named = [(one, name) for one in records if one.name_key is not None for name in readings(one.name_key)]
    mails = {key.digest(f"email|{one.email_key}|{name}") for one, name in named if one.email_key}
    calls = {key.digest(f"phone|{one.phone_key}|{name}") for one, name in named if one.phone_key}
    record = {one.record_id: key.digest(f"record|{one.record_id}") for one in records}
    # The source may have given the key to somebody else since.
    pairs = {(record[one.record_id], key.digest(f"name|{name}")) for one, name in named}
    columns = [suppression.c[name] for name in Erased._fields]
    met = sa.or_(
        suppression.c.email_name_digest.in_(mails),
        suppression.c.phone_digest.in_(calls),
        sa.and_(suppression.c.record_digest.in_(record.values()), suppression.c.name_digest.is_(None)),
        sa.tuple_(suppression.c.record_digest, suppression.c.name_digest).in_(pairs),
    )
    found = connection.execute(sa.select(*columns).where(suppression.c.key_id == key.key_id, met).distinct())
    return [Erased._make(row) for row in found]


def _back(connection: sa.Connection, key: Key, records: Sequence[Record]) -> list[Back]:
    digests = {key.digest(f"record|{one.record_id}") for one in records}
    # Somebody erased may have had several addresses, and an entry for each: one record is told once.
    found = connection.execute(
        sa.select(
            sa.func.min(reappearance.c.reappearance_id),
            reappearance.c.kind,
            reappearance.c.source,
            sa.func.min(reappearance.c.first_seen_at),
            sa.func.max(reappearance.c.confirmed_at),
            sa.func.max(reappearance.c.verdict),
            sa.func.max(reappearance.c.reason),
        )
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(
            suppression.c.key_id == key.key_id,
            reappearance.c.record_digest.in_(digests),
            reappearance.c.kind != Seen.KEPT_OUT,
        )
        .group_by(suppression.c.batch_id, reappearance.c.record_digest, reappearance.c.kind, reappearance.c.source)
    )
    return [Back._make(row) for row in found]
