"""The suppression list: who was erased stays out of the copy, unless registered anew after the erasure.

An entry is keyed digests of one erased record, with no person in it that could be read; the keys are kept outside
every database (compliance.words.keys). `python -m compliance.suppression rotate|prune` changes and tidies the keys.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import access, evidence, ledger
from compliance.access.at import At
from compliance.ledger.tables import ledger as ledger_table
from compliance.purge.tables import batch
from compliance.reading.copy import Reading
from compliance.register.engine import writing
from compliance.suppression.entries import Hit
from compliance.suppression.tables import reappearance, suppression
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

# As many ids as a statement takes on either database.
_CHUNK = 500


_AT_ONCE = 20_000
# Who was let in, surely or possibly somebody who was erased, and whom the DPO has not looked at yet.
_WAITS = (reappearance.c.kind.in_(["let_in", "possible"]), reappearance.c.confirmed_at.is_(None))


@dataclass(frozen=True)
class Returned:
    """An erased person whom a source registered anew, and whom nobody has looked at yet. Names nobody."""

    reappearance_id: int
    batch_id: int
    source: str
    dataset: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime


def enter(connection: sa.Connection, entries: Sequence[Mapping[str, Any]]) -> None:
    """Adds entries, by the columns of the table, in the transaction of the purge that they are of."""
    for start in range(0, len(entries), _AT_ONCE):
        connection.execute(sa.insert(suppression), entries[start : start + _AT_ONCE])


def forget_batch(connection: sa.Connection, batch_id: int) -> None:
    """Removes the entries of a purge, before they are entered as its evidence has them."""
    connection.execute(sa.delete(suppression).where(suppression.c.batch_id == batch_id))


def record(
    connection: sa.Connection,
    hits: Sequence[Hit],
    *,
    build_id: int,
    run_id: str,
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    """Remembers who was kept out of a build and who was let in, with a ledger line per source and kind.

    In the caller's transaction, which makes the build current.
    """
    seen = {(hit.suppression_id, hit.record_digest, hit.kind): hit for hit in hits if hit.kind is not None}
    if not seen:
        return
    known = _known(connection, {one[0] for one in seen})
    again = [known[one] for one in seen if one in known]
    for start in range(0, len(again), _CHUNK):
        connection.execute(
            sa.update(reappearance)
            .where(reappearance.c.reappearance_id.in_(again[start : start + _CHUNK]))
            .values(last_build=build_id, last_seen_at=now)
        )
    fresh = [
        {
            "suppression_id": hit.suppression_id,
            "record_digest": hit.record_digest,
            "kind": hit.kind,
            "source": hit.source,
            "dataset": hit.dataset,
            "first_build": build_id,
            "last_build": build_id,
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for one, hit in seen.items()
        if one not in known
    ]
    if fresh:
        connection.execute(sa.insert(reappearance), fresh)
    for kind, event in (
        ("kept_out", ledger.Event.PERSONS_KEPT_OUT),
        ("possible", ledger.Event.PERSONS_POSSIBLE),
        ("let_in", ledger.Event.PERSONS_RETURNED),
    ):
        rows = Counter(source for source, _, _ in {(h.source, h.dataset, h.row_no) for h in hits if h.kind == kind})
        new = Counter(
            source
            for source, _, _ in {
                (hit.source, hit.dataset, hit.row_no)
                for one, hit in seen.items()
                if hit.kind == kind and one not in known
            }
        )
        for source in sorted(rows):
            ledger.append(
                connection,
                event,
                author=author,
                now=now,
                build=build_id,
                details={"run": run_id, "source": source, "rows": rows[source], "new": new[source]},
            )


def _known(connection: sa.Connection, ids: Iterable[int]) -> dict[tuple[int, str, str | None], int]:
    wanted = sorted(ids)
    found: dict[tuple[int, str, str | None], int] = {}
    for start in range(0, len(wanted), _CHUNK):
        for row in connection.execute(
            sa.select(
                reappearance.c.reappearance_id,
                reappearance.c.suppression_id,
                reappearance.c.record_digest,
                reappearance.c.kind,
            ).where(reappearance.c.suppression_id.in_(wanted[start : start + _CHUNK]))
        ):
            found[row.suppression_id, row.record_digest, row.kind] = row.reappearance_id
    return found


def kept_out(register: sa.Engine) -> dict[str, int]:
    """How many rows the newest export of each dataset had that are kept out, by source; without zeros."""
    with register.connect() as connection:
        last: dict[str, dict[int, tuple[str, int]]] = {}
        for row in connection.execute(
            sa.select(
                reappearance.c.source,
                reappearance.c.dataset,
                reappearance.c.last_build,
                sa.func.count(sa.distinct(reappearance.c.record_digest)).label("rows"),
            )
            .where(reappearance.c.kind == "kept_out")
            .group_by(reappearance.c.source, reappearance.c.dataset, reappearance.c.last_build)
        ):
            last.setdefault(row.dataset, {})[row.last_build] = (row.source, row.rows)
        counts: Counter[str] = Counter()
        for dataset, build_id in _newest_builds(connection, last.keys()):
            source, rows = last[dataset].get(build_id, ("", 0))
            counts[source] += rows
    return {source: rows for source, rows in sorted(counts.items()) if rows}


def _newest_builds(connection: sa.Connection, datasets: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The build that last took in an export of each dataset: a dataset that is carried over keeps its figures."""
    wanted = set(datasets)
    if not wanted:
        return
    for row in connection.execute(
        sa.select(ledger_table.c.build_id, ledger_table.c.details)
        .where(ledger_table.c.event == ledger.Event.EXPORT_TAKEN.value, ledger_table.c.build_id.is_not(None))
        .order_by(ledger_table.c.seq.desc())
    ):
        dataset = json.loads(row.details)["dataset"]
        if dataset in wanted:
            wanted.discard(dataset)
            yield dataset, row.build_id
        if not wanted:
            return


def returned(at: At) -> list[Returned]:
    """The erased persons who were let in and wait for the DPO, by source and dataset, the oldest first.

    Raises Refused `not_allowed` for everybody but the DPO.
    """
    _require_dpo(at)
    with at.register.connect() as connection:
        return [
            Returned(**row)
            for row in connection.execute(
                sa.select(
                    reappearance.c.reappearance_id,
                    suppression.c.batch_id,
                    reappearance.c.source,
                    reappearance.c.dataset,
                    reappearance.c.first_seen_at,
                    reappearance.c.last_seen_at,
                )
                .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
                .where(*_WAITS)
                .order_by(
                    reappearance.c.source,
                    reappearance.c.dataset,
                    reappearance.c.first_seen_at,
                    reappearance.c.reappearance_id,
                )
            ).mappings()
        ]


def returned_persons(at: At, reading: Reading) -> dict[int, str]:
    """The person_id behind everybody that `returned` tells of, as far as the record is stored still.

    Raises Refused `not_allowed` for everybody but the DPO, and what compliance.words.keys.suppression does.
    """
    _require_dpo(at)
    with at.register.connect() as connection:
        waiting = connection.execute(
            sa.select(reappearance.c.reappearance_id, reappearance.c.record_digest, suppression.c.key_id)
            .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
            .where(*_WAITS)
        ).all()
    found: dict[int, str] = {}
    for key in keys.suppression(at.settings):
        rows = [row for row in waiting if row.key_id == key.key_id]
        persons = reading.persons_by_digest(key, [row.record_digest for row in rows]) if rows else {}
        found |= {row.reappearance_id: persons[row.record_digest] for row in rows if row.record_digest in persons}
    return found


def confirm_return(at: At, reappearance_id: int) -> None:
    """Says that somebody who was let in is stored again for good reason.

    Raises Refused `not_allowed` for everybody but the DPO, `return_unknown` where none of that number waits.
    """
    actor = _require_dpo(at)
    with writing(at.register) as connection:
        row = connection.execute(
            sa.update(reappearance)
            .where(
                reappearance.c.reappearance_id == reappearance_id,
                *_WAITS,
            )
            .values(confirmed_by=actor.pseudonym, confirmed_at=at.now)
            .returning(reappearance.c.source, reappearance.c.dataset)
        ).one_or_none()
        if row is None:
            raise Refused("return_unknown")
        ledger.append(
            connection,
            ledger.Event.RETURN_CONFIRMED,
            author=at.author,
            now=at.now,
            details={"reappearance": reappearance_id, "source": row.source, "dataset": row.dataset},
        )


def _require_dpo(at: At) -> access.Actor:
    # A data owner may propose purges, within categories; who came back is in none until the DPO has looked.
    actor = at.require(Permission.PROPOSE_PURGE)
    if actor.categories is not None:
        raise Refused("not_allowed", permission=Permission.PROPOSE_PURGE.value, role=actor.role.value)
    return actor


def rotate(at: At) -> str:
    """Adds a key that makes the entries from now on, and returns its id. Raises what keys.suppression does.

    Entries cannot be made anew with it, since nobody knows any more whom they are of; the older keys stay for them.
    """
    with writing(at.register) as connection:
        # The file before the line: a key without a line is found by its first entry, a line without a key by nobody.
        fresh = keys.add_suppression_key(at.settings)
        ledger.append(connection, ledger.Event.KEY_ADDED, author=at.author, now=at.now, details={"key": fresh.key_id})
    return fresh.key_id


def forget_expired(at: At) -> int:
    """Removes the entries whose day has passed, also from the evidence that a restore replays; returns how many.

    A digest is personal data for whoever has the key, so it is kept no longer than it was said to be.
    Raises what compliance.evidence.write does.
    """
    over = suppression.c.expires_on < at.today
    with writing(at.register) as connection:
        batches = list(connection.scalars(sa.select(suppression.c.batch_id).where(over).distinct()))
        if not batches:
            return 0
        expired = sa.select(suppression.c.suppression_id).where(over)
        connection.execute(sa.delete(reappearance).where(reappearance.c.suppression_id.in_(expired)))
        removed = connection.execute(sa.delete(suppression).where(over)).rowcount
        ledger.append(
            connection, ledger.Event.SUPPRESSION_EXPIRED, author=at.author, now=at.now, details={"entries": removed}
        )
        kept = list(
            connection.scalars(
                sa.select(batch.c.batch_id).where(batch.c.batch_id.in_(batches), batch.c.receipt.is_not(None))
            )
        )
    # A batch without evidence gets it once its files are wiped, and not before.
    for batch_id in sorted(set(kept) - set(evidence.missing(at.settings, at.register))):
        evidence.write(at.settings, at.register, batch_id)
    return removed


def prune(at: At) -> list[str]:
    """Drops the keys that no live entry was made with, except the newest, and returns their ids.

    While a purge is being carried out none is dropped: it may be about to enter what it made with one of them.
    Raises what compliance.words.keys.suppression does.
    """
    with writing(at.register) as connection:
        executing = connection.execute(
            sa.select(sa.func.count()).select_from(batch).where(batch.c.state == "executing")
        ).scalar_one()
        if executing:
            return []
        used = set(
            connection.scalars(sa.select(suppression.c.key_id).where(suppression.c.expires_on >= at.today).distinct())
        )
        dropped = [key.key_id for key in keys.drop_suppression_keys(at.settings, used)]
        for key_id in dropped:
            ledger.append(connection, ledger.Event.KEY_DROPPED, author=at.author, now=at.now, details={"key": key_id})
    return dropped
