"""Batches as they are read: which there are, what is in one, and what it would do now.

A batch is a row of the register with the keyed digests of its entries; the step of the process is its state, never
anything that a session remembers. Every step is one transaction with its ledger line. What goes and what stays is
decided by queries/purge/purge_decision.sql, for the preview as for the execution.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa

from compliance.access.at import At
from compliance.purge import asks, tables
from compliance.purge.tables import EXECUTED, OVER, Kind, State
from compliance.reading.copy import Choice, Item, Reading
from compliance.requests import rest
from compliance.requests import tables as requests_tables
from compliance.words import keys
from compliance.words.deadlines import backup_gone_on, local_date, since
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Permission

_CHUNK = 20_000


@dataclass(frozen=True)
class Batch:
    """A batch as the register knows it. Counts are None until it was carried out."""

    batch_id: int
    uid: str
    state: State
    kind: Kind
    filters: Mapping[str, Any]
    proposed_by: str | None
    proposed_role: str | None
    proposed_at: dt.datetime
    build_id: int | None
    as_of: dt.date
    policy_digest: str
    policy_version: str
    digest: str
    planned: int
    persons: int
    large: bool
    approved_by: str | None
    approved_role: str | None
    approved_at: dt.datetime | None
    approved_until: dt.date | None
    confirmed_by: str | None
    confirmed_role: str | None
    confirmed_at: dt.datetime | None
    executed_by: str | None
    executed_role: str | None
    executed_at: dt.datetime | None
    run_id: str | None
    build_before: int | None
    build_after: int | None
    deleted: int | None
    held: int | None
    changed: int | None
    failed: int | None
    ended_by: str | None
    ended_at: dt.datetime | None
    ended_reason: str | None
    receipt: str | None
    receipt_digest: str | None


@dataclass(frozen=True)
class Part:
    """How many of a category's entries go, and how many are stored."""

    going: int
    stored: int


@dataclass(frozen=True)
class Preview:
    """What a batch would do if it were carried out on the reading's day.

    `rows` are those of queries/purge/purge_counts.sql. `persons_gone` are
    persons of whom nothing is left, `persons_left` those who keep another entry.
    """

    build: int
    as_of: dt.date
    going: int
    staying: Mapping[str, int]
    rows: tuple[asks.PurgeCount, ...]
    persons: int
    persons_gone: int
    persons_left: int
    bases_left: int
    oldest_on: dt.date | None
    newest_on: dt.date | None
    parts: Mapping[str, Part]


# Reading batches


def find(register: sa.Engine, batch_id: int) -> Batch:
    """One batch. Raises Refused `batch_unknown`."""
    with register.connect() as connection:
        return find_in(connection, batch_id)


def listing(register: sa.Engine, states: Iterable[State] = State, *, over: int = 200, skip: int = 0) -> list[Batch]:
    """Batches of the states, the newest first.

    Of those that are `OVER`, so many as `over` after the newest `skip`; of all others every one, however old.
    """
    table = tables.batch
    wanted = set(states)
    some = (
        sa.select(table.c.batch_id)
        .where(table.c.state.in_(wanted.intersection(OVER)))
        .order_by(table.c.batch_id.desc())
        .limit(over)
        .offset(skip)
    )
    chosen = sa.or_(table.c.state.in_(wanted.difference(OVER)), table.c.batch_id.in_(some))
    with register.connect() as connection:
        rows = connection.execute(sa.select(table).where(chosen).order_by(table.c.batch_id.desc())).mappings()
        return [_batch(dict(row)) for row in rows]


class Purges(StrEnum):
    """Which of the purges that were carried out. Texts: `purges.<value>`."""

    UNVERIFIED = "unverified"
    RESURFACED = "resurfaced"
    IN_BACKUPS = "in_backups"
    RECENT = "recent"
    EFFECTIVE = "effective"
    FOR_REQUESTS = "for_requests"


class CarriedOut(Protocol):
    """What is known of a purge that was carried out."""

    @property
    def state(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def executed_at(self) -> Any: ...
    @property
    def deleted(self) -> int | None: ...


def belongs(one: CarriedOut, which: Purges, as_of: dt.date, parameters: Parameters) -> bool:
    """Whether a purge is one of those on a day: not confirmed by every source yet, found again in an export, still in
    backups, of the last 30 days, one that deleted something, or for requests.
    """
    if one.state not in EXECUTED or one.executed_at is None:
        return False
    done_on = local_date(one.executed_at)
    match which:
        case Purges.UNVERIFIED:
            return one.state == State.EXECUTED and bool(one.deleted)
        case Purges.RESURFACED:
            return one.state == State.RESURFACED
        case Purges.IN_BACKUPS:
            return bool(one.deleted) and backup_gone_on(done_on, parameters) > as_of
        case Purges.RECENT:
            return since(as_of) < done_on <= as_of
        case Purges.EFFECTIVE:
            return bool(one.deleted)
        case Purges.FOR_REQUESTS:
            return one.kind == Kind.REQUEST


def carried_out(register: sa.Engine, which: Purges, as_of: dt.date, parameters: Parameters) -> list[Batch]:
    """The purges that belong to those, the newest first."""
    table = tables.batch
    states = {Purges.UNVERIFIED: (State.EXECUTED,), Purges.RESURFACED: (State.RESURFACED,)}.get(which, EXECUTED)
    query = sa.select(table).where(table.c.state.in_(states)).order_by(table.c.batch_id.desc())
    with register.connect() as connection:
        found = [_batch(dict(row)) for row in connection.execute(query).mappings()]
    return [one for one in found if belongs(one, which, as_of, parameters)]


@dataclass(frozen=True)
class Lag:
    """How many entries of a category a purge deleted so many days after their last lawful day, before it where that is
    negative; None where they had none.
    """

    batch_id: int
    category: str
    days: int | None
    entries: int


def lags(register: sa.Engine, purges: Iterable[int]) -> list[Lag]:
    """How late entries went in those purges, the latest first."""
    table = tables.batch_lag
    query = sa.select(table.c.batch_id, table.c.category, table.c.days, table.c.entries).where(
        table.c.batch_id.in_(list(purges))
    )
    with register.connect() as connection:
        found = [Lag(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.days is None, -(one.days or 0), -one.batch_id, one.category))


def requests_answered(register: sa.Engine) -> dict[int, int]:
    """How many requests each purge answers; none for all others."""
    table = tables.batch_request
    query = sa.select(table.c.batch_id, sa.func.count()).group_by(table.c.batch_id)
    with register.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def count_unconfirmed(register: sa.Engine) -> int:
    """How many purges deleted something of which not every source has said yet that it has it no more."""
    batch = tables.batch
    query = sa.select(sa.func.count()).where(batch.c.state == State.EXECUTED, batch.c.deleted > 0)
    with register.connect() as connection:
        return int(connection.execute(query).scalar_one())


def count_over(register: sa.Engine) -> int:
    """How many batches there are that nobody waits for any more."""
    with register.connect() as connection:
        query = sa.select(sa.func.count()).select_from(tables.batch).where(tables.batch.c.state.in_(OVER))
        return int(connection.execute(query).scalar_one())


def items(connection: sa.Connection, batch_id: int) -> list[Item]:
    """The entries of a batch that nobody has taken out, as they were when they were put there."""
    return _items(connection, batch_id, tables.batch_item.c.outcome.is_distinct_from("taken_out"))


def digest_of(basis_keys: Iterable[str]) -> str:
    """What stands in a batch for the entries that it is of."""
    return hashlib.sha256("\n".join(sorted(basis_keys)).encode()).hexdigest()


def require_unaltered(batch: Batch, found: Iterable[Item]) -> None:
    """Raises Refused `batch_altered` where the entries of a batch are not those that it was proposed with: whoever
    changes the register past the dashboard is to have nobody purged whom no one has approved.
    """
    if digest_of(item.basis_key for item in found) != batch.digest:
        raise Refused("batch_altered", batch=str(batch.batch_id))


def _items(connection: sa.Connection, batch_id: int, wanted: sa.ColumnElement[bool]) -> list[Item]:
    table = tables.batch_item
    rows = connection.execute(
        sa.select(*(table.c[name] for name in ("basis_key", "category", "source", "status", "deadline_on", "reason")))
        .where(table.c.batch_id == batch_id, wanted)
        .order_by(table.c.basis_key)
    )
    return [Item(*row) for row in rows]


def taken_out(register: sa.Engine, batch_id: int) -> int:
    """How many entries were taken out of a batch."""
    table = tables.batch_item
    with register.connect() as connection:
        query = sa.select(sa.func.count()).where(table.c.batch_id == batch_id, table.c.outcome == "taken_out")
        return int(connection.execute(query).scalar_one())


def answered(connection: sa.Connection, batch_id: int) -> list[tuple[str, str]]:
    """The requests (source, reference) that a batch answers."""
    rows = connection.execute(
        sa.select(requests_tables.request.c.source, requests_tables.request.c.reference)
        .join(tables.batch_request, tables.batch_request.c.request_id == requests_tables.request.c.request_id)
        .where(tables.batch_request.c.batch_id == batch_id)
        .order_by(requests_tables.request.c.request_id)
    )
    return [(source, reference) for source, reference in rows]


def preview(settings: Settings, register: sa.Engine, reading: Reading, batch_id: int) -> Preview:
    """What the batch would do now. Raises Refused `batch_unknown`."""
    with _decided(settings, register, reading, find(register, batch_id)) as choice:
        return previewed(reading, choice)


@contextmanager
def _decided(settings: Settings, register: sa.Engine, reading: Reading, batch: Batch) -> Iterator[Choice]:
    """The entries of a batch with what would become of each now."""
    with register.connect() as connection:
        chosen, requests = items(connection, batch.batch_id), answered(connection, batch.batch_id)
        kept = rest.stays(connection, requests, reading.as_of)
    with reading.choosing(keys.pseudonyms(settings), chosen, requests, kept) as choice:
        choice.decide(batch.kind)
        yield choice


def previewed(reading: Reading, choice: Choice) -> Preview:
    """The preview of a choice that has been decided."""
    rows = choice.rows(asks.PURGE_COUNTS)
    persons = choice.one(asks.PURGE_PERSONS)
    staying: Counter[str] = Counter()
    for row in rows:
        if row.stays:
            staying[row.stays] += row.bases
    going = [row for row in rows if not row.stays]
    return Preview(
        build=reading.build,
        as_of=reading.as_of,
        going=sum(row.bases for row in going),
        staying=dict(staying),
        rows=tuple(rows),
        **persons._asdict(),
        oldest_on=min((row.oldest_on for row in going if row.oldest_on), default=None),
        newest_on=max((row.newest_on for row in going if row.newest_on), default=None),
        parts={row.category: Part(row.going, row.stored) for row in choice.rows(asks.PURGE_SHARE)},
    )


def is_large(
    connection: sa.Connection,
    seen: Preview,
    proposed_by: str | None,
    parameters: Parameters,
    now: dt.datetime,
    batch_id: int | None = None,
) -> bool:
    """Whether so much goes that it must be confirmed a second time: by this batch, or together with the other ones that
    the same person proposed and that are approved, or were carried out within some days.

    What would be large at once is large in parts.
    """
    persons, coming, gone = seen.persons, Counter[str](), Counter[str]()
    if proposed_by is not None:
        table = tables.batch
        since = now - dt.timedelta(days=parameters.large_batch_days)
        others = connection.execute(
            sa.select(table).where(
                table.c.proposed_by == proposed_by,
                table.c.batch_id.is_distinct_from(batch_id),
                table.c.kind.in_([Kind.RULE, Kind.REQUEST]),
                sa.or_(
                    table.c.state.in_([State.APPROVED, State.EXECUTING]),
                    sa.and_(table.c.state.in_(EXECUTED), table.c.executed_at >= since),
                ),
            )
        ).all()
        for other in others:
            persons += other.persons
            if other.receipt is None:
                coming += Counter(item.category for item in items(connection, other.batch_id))
            else:
                gone += Counter({row["name"]: row["deleted"] for row in json.loads(other.receipt)["by_category"]})
    return persons > parameters.large_batch_persons or any(
        part.going + coming[category] + gone[category] > parameters.large_batch_share * (part.stored + gone[category])
        for category, part in seen.parts.items()
    )


def is_large_now(register: sa.Engine, batch: Batch, seen: Preview, parameters: Parameters, now: dt.datetime) -> bool:
    """Whether a batch was large when it was proposed or approved, or is by now."""
    with register.connect() as connection:
        return batch.large or is_large(connection, seen, batch.proposed_by, parameters, now, batch.batch_id)


def rows(at: At, reading: Reading, batch_id: int, *, named: bool, limit: int, skip: int) -> list[asks.PurgeRow]:
    """The entries of a batch that are stored, those that stay first; names only for who may see them.

    Raises Refused `not_allowed` where names are asked for by somebody who may not, and `batch_unknown`.
    """
    actor = at.require(Permission.SEE_PERSONS if named else Permission.SEE_BATCHES)
    with _decided(at.settings, at.register, reading, find(at.register, batch_id)) as choice:
        return choice.rows(
            asks.PURGE_ROWS, named=named, owned=actor.category_limit if named else None, rows=limit, skip=skip
        )


def stayed(at: At, reading: Reading, batch_id: int, *, limit: int, skip: int) -> list[asks.PurgeRow]:
    """The entries of a batch that was carried out that stayed, as they stand in `reading`; `stays` is why they did.

    Rows as of `rows`, without names; those that are stored no more are left out. Raises Refused `not_allowed` and
    `batch_unknown`.
    """
    at.require(Permission.SEE_BATCHES)
    batch = find(at.register, batch_id)
    with at.register.connect() as connection:
        kept = _items(connection, batch_id, tables.batch_item.c.outcome.in_(["held", "changed"]))
    why = {item.basis_key: item.stayed for item in kept}
    with reading.choosing(keys.pseudonyms(at.settings), kept) as choice:
        choice.decide(batch.kind)
        found = choice.rows(asks.PURGE_ROWS, named=False, owned=None, rows=limit, skip=skip)
    return [row._replace(stays=why[row.basis_key]) for row in found]


# Proposing


def automatic(register: sa.Engine, category: Category, states: Iterable[State]) -> list[Batch]:
    """The automatic batches of a category in the states, the newest first."""
    return [
        batch
        for batch in listing(register, states)
        if batch.kind is Kind.AUTOMATIC and batch.filters.get("category") == category.value
    ]


# Changing and deciding


# What is shared


def find_in(connection: sa.Connection, batch_id: int) -> Batch:
    """One batch, in the caller's transaction. Raises Refused `batch_unknown`."""
    row = (
        connection.execute(sa.select(tables.batch).where(tables.batch.c.batch_id == batch_id)).mappings().one_or_none()
    )
    if row is None:
        raise Refused("batch_unknown", batch=str(batch_id))
    return _batch(dict(row))


def _batch(row: Mapping[str, Any]) -> Batch:
    told = {
        "state": State(row["state"]),
        "kind": Kind(row["kind"]),
        "filters": json.loads(row["filters"]),
    }
    return Batch(**{**row, **told})


def _categories(register: sa.Engine, batch_id: int) -> set[str]:
    table = tables.batch_item
    with register.connect() as connection:
        return set(connection.scalars(sa.select(table.c.category).where(table.c.batch_id == batch_id).distinct()))
