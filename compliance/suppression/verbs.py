"""The suppression list: who was erased stays out of the copy, unless registered anew after the erasure.

An entry is keyed digests of one erased record, with no person in it that could be read; the keys are kept outside
every database (compliance.words.keys). `python -m compliance.suppression rotate|prune` changes and tidies the keys.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from compliance import access, evidence, ledger
from compliance.access.at import At
from compliance.evidence.content import Another
from compliance.ledger.tables import ledger as ledger_table
from compliance.marks.tables import mark_address
from compliance.purge.tables import batch
from compliance.reading.copy import Reading, StoredRecord
from compliance.register.engine import writing
from compliance.suppression.entries import Hit
from compliance.suppression.tables import Reason, Seen, Verdict, reappearance, suppression
from compliance.words import keys
from compliance.words.keys import Key
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

# As many ids as a statement takes on either database.
_CHUNK = 500


_AT_ONCE = 20_000
# Whom the DPO has not looked at yet.
_OPEN = reappearance.c.confirmed_at.is_(None)
# What a record that may be somebody's who was erased has in common with an entry.
_MET_BY = ("name_digest", "email_name_digest", "phone_digest")
_WAITS = (reappearance.c.kind == Seen.LET_IN, _OPEN)
# What speaks for and against that two records are one person's, in the order in which it is told.
_FOR = ("key", "email", "phone", "name")
_AGAINST = ("shared_email", "shared_phone", "other_name", "only_name")
_TOLD = {
    Seen.KEPT_OUT: ledger.Event.PERSONS_KEPT_OUT,
    Seen.POSSIBLE: ledger.Event.PERSONS_POSSIBLE,
    Seen.LET_IN: ledger.Event.PERSONS_RETURNED,
}


@dataclass(frozen=True)
class Returned:
    """An erased person whom a source registered anew, and whom nobody has looked at yet. Names nobody."""

    reappearance_id: int
    batch_id: int
    source: str
    dataset: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime


@dataclass(frozen=True)
class Doubt:
    """A record that may be somebody's who was erased, and may be somebody else's, until the DPO has said. Names nobody.

    `speaks_for` are words of key, email, phone and name: what it has in common with an erased record;
    `speaks_against` of shared_email, shared_phone, other_name and only_name: that others had those too, that the name
    is another, and that it is all there is, since no address or number is there or can be read.
    """

    number: int
    batch_id: int
    source: str
    dataset: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    first_seen_at: dt.datetime


def enter(connection: sa.Connection, entries: Sequence[Mapping[str, Any]]) -> None:
    """Adds entries, by the columns of the table, in the transaction of the purge that they are of."""
    for start in range(0, len(entries), _AT_ONCE):
        connection.execute(sa.insert(suppression), entries[start : start + _AT_ONCE])


def forget_batch(connection: sa.Connection, batch_id: int) -> None:
    """Removes the entries of a purge, before they are entered as its evidence has them."""
    connection.execute(sa.delete(suppression).where(suppression.c.batch_id == batch_id))


def let_in_again(connection: sa.Connection, batch_id: int, others: Sequence[Another]) -> None:
    """Enters the records that were decided to be other persons' than those of a purge, whose entries are entered, and
    those that were confirmed to be stored again for good reason.
    """
    if not others:
        return
    ids = list(
        connection.scalars(
            sa.select(suppression.c.suppression_id)
            .where(suppression.c.batch_id == batch_id)
            .order_by(suppression.c.suppression_id)
        )
    )
    connection.execute(
        sa.insert(reappearance),
        [
            {
                **one.model_dump(exclude={"entry"}),
                "suppression_id": ids[one.entry],
                "verdict": Verdict.OTHER if one.kind == Seen.POSSIBLE else None,
                # Those that it was seen in are another register's.
                "first_build": 0,
                "last_build": 0,
            }
            for one in others
        ],
    )


def record(
    connection: sa.Connection,
    hits: Sequence[Hit],
    *,
    build_id: int,
    run_id: str,
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    """Remembers who was kept out of a build, who was let in and who may be either, with a ledger line per source and
    kind.

    In the caller's transaction, which makes the build current.
    """
    seen = {(hit.suppression_id, hit.record_digest, hit.kind): hit for hit in hits if hit.kind is not None}
    if not seen:
        return
    known = _known(connection, {one[0] for one in seen})
    # What speaks for somebody who is possible may have changed since. Whoever is, in spite of what was decided, is
    # another question: by another name, say.
    doubted = [
        {
            "its_id": known[one],
            **{name: getattr(hit, name) for name in _MET_BY},
            "last_build": build_id,
            "last_seen_at": now,
            "verdict": None,
            "confirmed_by": None,
            "confirmed_at": None,
        }
        for one, hit in seen.items()
        if one in known and hit.kind == Seen.POSSIBLE
    ]
    if doubted:
        connection.execute(
            sa.update(reappearance).where(reappearance.c.reappearance_id == sa.bindparam("its_id")), doubted
        )
    again = [known[one] for one, hit in seen.items() if one in known and hit.kind != Seen.POSSIBLE]
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
            **{name: getattr(hit, name) if hit.kind == Seen.POSSIBLE else None for name in _MET_BY},
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
    for kind, event in _TOLD.items():
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
            .where(reappearance.c.kind == Seen.KEPT_OUT)
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
                    sa.func.min(reappearance.c.reappearance_id).label("reappearance_id"),
                    suppression.c.batch_id,
                    reappearance.c.source,
                    reappearance.c.dataset,
                    sa.func.min(reappearance.c.first_seen_at).label("first_seen_at"),
                    sa.func.max(reappearance.c.last_seen_at).label("last_seen_at"),
                )
                .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
                .where(*_WAITS)
                # An erased person may have had several addresses, and an entry for each.
                .group_by(
                    suppression.c.batch_id,
                    reappearance.c.source,
                    reappearance.c.dataset,
                    reappearance.c.record_digest,
                )
                .order_by(
                    reappearance.c.source,
                    reappearance.c.dataset,
                    sa.func.min(reappearance.c.first_seen_at),
                    sa.func.min(reappearance.c.reappearance_id),
                )
            ).mappings()
        ]


def waiting_persons(at: At, reading: Reading) -> dict[int, str]:
    """The person_id behind everybody that `returned` and `doubts` tell of, as far as the record is stored still.

    Raises Refused `not_allowed` for everybody but the DPO, and what compliance.words.keys.suppression does.
    """
    _require_dpo(at)
    return {number: record.person_id for number, record in _stored(at, reading, _back(at, _OPEN)).items()}


def back_since(at: At, reading: Reading, since: dt.datetime) -> list[tuple[str, str]]:
    """Whose records, erased once, were first seen again after `since` and are in the copy, as (person_id, category).

    Raises what compliance.words.keys.suppression does.
    """
    seen = _stored(at, reading, _back(at, reappearance.c.first_seen_at > since))
    return sorted({(record.person_id, record.category) for record in seen.values()})


def _back(at: At, which: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Reappearances of records that are, or were, in the copy, with the id of the key that made their digests."""
    with at.register.connect() as connection:
        return connection.execute(
            sa.select(reappearance.c.reappearance_id, reappearance.c.record_digest, suppression.c.key_id)
            .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
            .where(reappearance.c.kind.in_([Seen.LET_IN, Seen.POSSIBLE]), which)
        ).all()


def _stored(at: At, reading: Reading, rows: Sequence[Any]) -> dict[int, StoredRecord]:
    """What stands on the record of each reappearance, by its number, as far as the record is stored."""
    found: dict[int, StoredRecord] = {}
    for key in keys.suppression(at.settings):
        own = [row for row in rows if row.key_id == key.key_id]
        records = reading.stored_by_digest(key, [row.record_digest for row in own]) if own else {}
        found |= {row.reappearance_id: records[row.record_digest] for row in own if row.record_digest in records}
    return found


@dataclass(frozen=True)
class Confirmed:
    """A record that the DPO has said is stored for good reason: a return, or another person's. `undecided`: its export
    has others who may be whom the batch has erased.
    """

    batch_id: int
    dataset: str
    # By its old key: what its source was told to erase has it too.
    is_by_old_key: bool
    # The build of the newest export of its dataset, where it has the record.
    newest_build: int | None
    undecided: bool
    record_digest: str
    key: Key = field(repr=False)

    def has_key(self, source_key: str) -> bool:
        """Whether that is the record's key at its source."""
        return self.key.digest(f"record|{self.dataset}:{source_key}") == self.record_digest


def confirm_return(connection: sa.Connection, at: At, reappearance_id: int, reason: str) -> Confirmed:
    """Says, in the caller's transaction, that somebody who was let in is stored again, and for what reason. Nothing of
    what was erased comes back: the record is as its source told it anew.

    Raises Refused `not_allowed` for everybody but the DPO, `return_reason_missing` for no reason of those that there
    are, `return_unknown` where none of that number waits,
    `key_lost_suppression` where the key that made its entry is not there, and what compliance.words.keys.suppression
    does.
    """
    actor = _require_dpo(at)
    if reason not in list(Reason):
        raise Refused("return_reason_missing")
    row = connection.execute(
        sa.select(
            reappearance.c.record_digest,
            reappearance.c.source,
            reappearance.c.dataset,
            reappearance.c.last_build,
            suppression.c.batch_id,
            suppression.c.key_id,
        )
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(reappearance.c.reappearance_id == reappearance_id, *_WAITS)
    ).one_or_none()
    if row is None:
        raise Refused("return_unknown")
    key = next((one for one in keys.suppression(at.settings) if one.key_id == row.key_id), None)
    if key is None:
        raise Refused("key_lost_suppression", setting="COMPLIANCE_SUPPRESSION_KEYS")
    of_batch = sa.select(suppression.c.suppression_id).where(suppression.c.batch_id == row.batch_id)
    connection.execute(
        sa.update(reappearance)
        .where(
            reappearance.c.suppression_id.in_(of_batch),
            reappearance.c.dataset == row.dataset,
            reappearance.c.record_digest == row.record_digest,
            *_WAITS,
        )
        .values(confirmed_by=actor.pseudonym, confirmed_at=at.now, reason=reason)
    )
    ledger.append(
        connection,
        ledger.Event.RETURN_CONFIRMED,
        author=at.author,
        now=at.now,
        details={
            "reappearance": reappearance_id,
            "source": row.source,
            "dataset": row.dataset,
            "return_reason": str(reason),
        },
    )
    doubted = _doubted(connection, _OPEN)
    by_old_key = sa.exists().where(
        suppression.c.batch_id == row.batch_id,
        suppression.c.dataset == row.dataset,
        suppression.c.record_digest == row.record_digest,
    )
    newest = dict(_newest_builds(connection, [row.dataset])).get(row.dataset)
    return Confirmed(
        row.batch_id,
        row.dataset,
        bool(connection.scalar(sa.select(by_old_key))),
        newest if newest == row.last_build else None,
        any(one.batch_id == row.batch_id and one.dataset == row.dataset for rows in doubted for one in rows),
        row.record_digest,
        key,
    )


def doubts(at: At) -> list[Doubt]:
    """The records in the newest exports that may be somebody's who was erased and wait for the DPO, by source and
    dataset, the oldest first; a record is told once of each purge.

    Raises Refused `not_allowed` for everybody but the DPO.
    """
    _require_dpo(at)
    with at.register.connect() as connection:
        found = _doubted(connection, _OPEN)
    told = []
    for rows in found:
        speaks_for, against = (set[str]().union(*words) for words in zip(*map(_speaks, rows), strict=True))
        if "name" in speaks_for:
            # Of several who were erased together, one had that name.
            against.discard("other_name")
        if len(speaks_for) > 1:
            against.discard("only_name")
        told.append(
            Doubt(
                rows[0].reappearance_id,
                rows[0].batch_id,
                rows[0].source,
                rows[0].dataset,
                tuple(word for word in _FOR if word in speaks_for),
                tuple(word for word in _AGAINST if word in against),
                min(row.first_seen_at for row in rows),
            )
        )
    return sorted(told, key=lambda one: (one.source, one.dataset, one.first_seen_at, one.number))


def let_in(register: sa.Engine) -> tuple[int, dt.datetime | None]:
    """How many records of erased persons were let in and wait for the DPO, and since when the first of them does."""
    with register.connect() as connection:
        # An erased person may have had several addresses, and an entry for each.
        records = sa.select(reappearance.c.dataset, reappearance.c.record_digest).where(*_WAITS).distinct().subquery()
        return (
            connection.scalar(sa.select(sa.func.count()).select_from(records)) or 0,
            connection.scalar(sa.select(sa.func.min(reappearance.c.first_seen_at)).where(*_WAITS)),
        )


def count_doubts(register: sa.Engine) -> int:
    """How many records wait for the DPO to say whether they are somebody's who was erased."""
    with register.connect() as connection:
        return len(_doubted(connection, _OPEN))


def without_number(register: sa.Engine) -> int:
    """How many entries of an earlier version know a number only together with the name: who returns with nothing but
    the number, under another name, is not noticed by them.
    """
    decided = sa.select(reappearance.c.record_digest).where(reappearance.c.verdict == Verdict.SAME)
    with register.connect() as connection:
        return (
            connection.scalar(
                sa.select(sa.func.count())
                .select_from(suppression)
                .where(
                    suppression.c.phone_digest.is_not(None),
                    suppression.c.number_digest.is_(None),
                    # Others' numbers have none on purpose.
                    suppression.c.is_shared_phone.is_not(True),
                    suppression.c.record_digest.not_in(decided),
                )
            )
            or 0
        )


def count_leaving(register: sa.Engine) -> int:
    """How many records were decided to be somebody's who was erased, and are stored until the source's next export."""
    with register.connect() as connection:
        return len(_doubted(connection, reappearance.c.verdict == Verdict.SAME))


@dataclass(frozen=True)
class Decided:
    """What the DPO's word was about: purges, whose evidence is to be written again, and the records that are other
    persons' and have the key of an erased one, which a source is told to erase.
    """

    batches: frozenset[int]
    others: tuple[Confirmed, ...]


def decide(connection: sa.Connection, at: At, reading: Reading, numbers: Sequence[int], verdict: Verdict) -> Decided:
    """Says of records by their `Doubt.number`, in the caller's transaction, whether they are somebody's who was erased
    (`same`) or not (`other`).

    Another person's is not asked about again as long as it is met by the same, nor is any other record with that
    address and name where the name is not the erased one's. The same person's gets entries of its own, by its key and
    by each address and number that it has together with its name, in the purge's evidence too, and stays out of the
    next export: one that was met by its key alone may come under another one.

    Raises Refused `not_allowed` for everybody but the DPO, `doubt_unknown` where one of them does not wait,
    `doubt_held` and `doubt_restricted` where one would leave the copy in spite of a hold or a restriction,
    `key_lost_suppression` where the key that made an entry is not there, and what compliance.words.keys.suppression
    does.
    """
    actor = _require_dpo(at)
    wanted = set(numbers)
    groups = [rows for rows in _doubted(connection, _OPEN) if rows[0].reappearance_id in wanted]
    if len(groups) != len(wanted):
        raise Refused("doubt_unknown")
    every = [row for rows in groups for row in rows]
    stored = _stored(at, reading, every) if verdict is Verdict.SAME else {}
    if any(one.has_hold for one in stored.values()):
        raise Refused("doubt_held")
    if any(one.restricted for one in stored.values()):
        raise Refused("doubt_restricted")
    known_as = _known_as(at, reading, every, stored) if verdict is Verdict.SAME else {}
    connection.execute(
        sa.update(reappearance)
        .where(reappearance.c.reappearance_id.in_([row.reappearance_id for row in every]))
        .values(verdict=verdict, confirmed_by=actor.pseudonym, confirmed_at=at.now)
    )
    for rows in groups:
        entries = _entries_of(rows, stored, known_as) if verdict is Verdict.SAME else []
        if entries:
            enter(connection, entries)
        ledger.append(
            connection,
            ledger.Event.RETURN_DECIDED,
            author=at.author,
            now=at.now,
            details={
                "reappearance": rows[0].reappearance_id,
                "batch": rows[0].batch_id,
                "source": rows[0].source,
                "dataset": rows[0].dataset,
                "verdict": verdict.value,
                "entries": len(entries),
            },
        )
    by_key = [row for row in every if row.record_digest == row.erased_record] if verdict is Verdict.OTHER else []
    known = {key.key_id: key for key in keys.suppression(at.settings)} if by_key else {}
    if any(row.key_id not in known for row in by_key):
        raise Refused("key_lost_suppression", setting="COMPLIANCE_SUPPRESSION_KEYS")
    return Decided(
        frozenset(row.batch_id for row in every),
        tuple(
            Confirmed(row.batch_id, row.dataset, True, None, False, row.record_digest, known[row.key_id])
            for row in by_key
        ),
    )


def _doubted(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[list[sa.Row[Any]]]:
    """Who may be somebody who was erased, in the newest export of their dataset, with the entries that say so: by purge
    and record, the first question first, since an erased person may have had several records, and a record several
    addresses.
    """
    rows = connection.execute(
        sa.select(
            reappearance,
            suppression.c.batch_id,
            suppression.c.key_id,
            suppression.c.category,
            suppression.c.erased_on,
            suppression.c.expires_on,
            suppression.c.is_shared_email,
            suppression.c.is_shared_phone,
            suppression.c.record_digest.label("erased_record"),
            suppression.c.name_digest.label("erased_name"),
            suppression.c.email_name_digest.label("erased_email_name"),
            suppression.c.phone_digest.label("erased_phone"),
            suppression.c.source.label("erased_source"),
            suppression.c.dataset.label("erased_dataset"),
        )
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(reappearance.c.kind == Seen.POSSIBLE, which)
        .order_by(reappearance.c.reappearance_id)
    ).all()
    newest = dict(_newest_builds(connection, {row.dataset for row in rows}))
    found: dict[tuple[int, str], list[sa.Row[Any]]] = {}
    for row in rows:
        if newest.get(row.dataset) == row.last_build:
            found.setdefault((row.batch_id, row.record_digest), []).append(row)
    return list(found.values())


def _speaks(row: sa.Row[Any]) -> tuple[set[str], set[str]]:
    """What speaks for and against that a record is an entry's. A key that leaves a doubt is met with another name,
    and whoever has a name and an address is met by both.
    """
    by_phone, named = row.phone_digest is not None, row.email_name_digest is not None
    by_key = row.record_digest == row.erased_record
    by_name = not (by_phone or named or by_key) and row.name_digest is not None and row.name_digest == row.erased_name
    by_email = named or not (by_phone or by_key or by_name)
    same_name = (
        by_name
        or (by_phone and row.phone_digest == row.erased_phone)
        or (named and row.email_name_digest == row.erased_email_name)
    )
    has_names = by_key or (by_phone and row.name_digest is not None) or (named and row.erased_email_name is not None)
    speaks_for = {"key": by_key, "email": by_email, "phone": by_phone, "name": same_name}
    against = {
        "shared_email": by_email and row.is_shared_email,
        "shared_phone": by_phone and row.is_shared_phone,
        "other_name": not same_name and has_names,
        "only_name": by_name,
    }
    return {word for word, told in speaks_for.items() if told}, {word for word, told in against.items() if told}


def _known_as(
    at: At, reading: Reading, rows: Sequence[Any], stored: Mapping[int, StoredRecord]
) -> dict[int, list[tuple[str, str]]]:
    """What the stored records are known by, by the number of their reappearance; see Reading.known_as."""
    found: dict[int, list[tuple[str, str]]] = {}
    for key in keys.suppression(at.settings):
        own = {row.reappearance_id: stored[row.reappearance_id].record_id for row in rows
               if row.key_id == key.key_id and row.reappearance_id in stored}  # fmt: skip
        told = reading.known_as(key, list(own.values())) if own else {}
        found |= {number: told.get(record_id, []) for number, record_id in own.items()}
    return found


def _entries_of(
    rows: Sequence[sa.Row[Any]],
    stored: Mapping[int, StoredRecord],
    known_as: Mapping[int, Sequence[tuple[str, str]]],
) -> list[dict[str, Any]]:
    """What keeps a record out that was decided to be somebody's who was erased.

    Its address counts only together with its name, since others may read that mailbox.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        record = stored.get(row.reappearance_id)
        engaged = record is not None and record.category in ("EMPLOYEE", "CONTRACTOR")
        entry = {
            "batch_id": row.batch_id,
            "key_id": row.key_id,
            "record_digest": row.record_digest,
            "name_digest": row.name_digest,
            "email_name_digest": row.email_name_digest,
            "phone_digest": row.phone_digest,
            "number_digest": None,
            "is_shared_email": False,
            "is_shared_phone": False,
            "category": row.category,
            # Of the source that was to erase the person, which is asked whether it has.
            "source": row.erased_source,
            "dataset": row.erased_dataset,
            "erased_on": row.erased_on,
            "expires_on": row.expires_on,
            "relation_started_on": record.starts_on if record and engaged else None,
            "relation_ended_on": record.ends_on if record and engaged else None,
        }
        found.setdefault(tuple(entry.values()), entry)
        told = {"email": row.email_name_digest, "phone": row.phone_digest}
        for kind, digest in known_as.get(row.reappearance_id, ()):
            if digest != told[kind]:
                by_it: dict[str, str | None] = {"email_name_digest": None, "phone_digest": None}
                by_it["email_name_digest" if kind == "email" else "phone_digest"] = digest
                another = {**entry, **by_it}
                found.setdefault(tuple(another.values()), another)
    return list(found.values())


def _require_dpo(at: At) -> access.Actor:
    # A data owner may propose purges, within categories; who came back is in none until the DPO has looked.
    return at.require_of_all(Permission.PROPOSE_PURGE)


def rotate(at: At) -> str:
    """Adds a key that makes the entries from now on, and returns its id. Raises what keys.suppression does.

    Entries cannot be made anew with it, since nobody knows any more whom they are of; the older keys stay for them.
    Raises Refused `command_line_only`.
    """
    at.require_nobody()
    with writing(at.register) as connection:
        # The file before the line: a key without a line is found by its first entry, a line without a key by nobody.
        fresh = keys.add_suppression_key(at.settings)
        ledger.append(connection, ledger.Event.KEY_ADDED, author=at.author, now=at.now, details={"key": fresh.key_id})
    return fresh.key_id


def forget_expired(at: At) -> int:
    """Removes the entries whose day has passed, also from the evidence that a restore replays; returns how many.

    A digest is personal data for whoever has the key, so it is kept no longer than it was said to be.
    Raises Refused `command_line_only`, and what compliance.evidence.write does.
    """
    at.require_nobody()
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
        evidence.rewrite(at.settings, connection, batches, author=at.author, now=at.now)
    return removed


def prune(at: At) -> list[str]:
    """Drops the keys that neither a live entry nor a mark's address was made with, except the newest, and returns their
    ids.

    While a purge is being carried out none is dropped: it may be about to enter what it made with one of them.
    Raises Refused `command_line_only`, and what compliance.words.keys.suppression does.
    """
    at.require_nobody()
    with writing(at.register) as connection:
        executing = connection.execute(
            sa.select(sa.func.count()).select_from(batch).where(batch.c.state == "executing")
        ).scalar_one()
        if executing:
            return []
        used = set(
            connection.scalars(sa.select(suppression.c.key_id).where(suppression.c.expires_on >= at.today).distinct())
        )
        # Opt-outs are known by the same keys, for as long as they are on.
        used |= set(connection.scalars(sa.select(mark_address.c.key_id).distinct()))
        dropped = [key.key_id for key in keys.drop_suppression_keys(at.settings, used)]
        for key_id in dropped:
            ledger.append(connection, ledger.Event.KEY_DROPPED, author=at.author, now=at.now, details={"key": key_id})
    return dropped
