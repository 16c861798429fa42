"""Whether the sources have erased too: each later export of a source says it of the purges before it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from compliance import evidence, ledger
from compliance.ledger.tables import ledger as ledger_table
from compliance.purge.tables import EXECUTED, State, batch
from compliance.sources.tables import Kind, source_task
from compliance.sources.tables import State as TaskState
from compliance.sources.tasks import pack, unpack
from compliance.suppression.entries import Hit
from compliance.suppression.tables import Seen, reappearance
from compliance.suppression.verbs import Confirmed
from compliance.words.refusal import Refused

_DECIDED = ("verified", "resurfaced")
_READ: Mapping[str, Any] = {"unread_build": None, "unread_rows": None}


@dataclass(frozen=True)
class Exported:
    """When an export was made. Unless that is `certain`, it may have been made at any time before. `unread_keys` are
    rows in quarantine of which nobody can say whose they are.
    """

    at: dt.datetime
    certain: bool
    unread_keys: int = 0


def decide(
    connection: sa.Connection,
    exported: Mapping[str, Exported],
    hits: Iterable[Hit],
    *,
    build_id: int,
    run_id: str,
    author: ledger.Author | None,
    now: dt.datetime,
) -> dict[int, State]:
    """Decides the source tasks of every dataset taken in (`exported`: when its export was made), and returns
    what the sources say by now of each batch that this concerns: executed, verified or resurfaced.

    An export made after a purge verifies it where nobody whom it removed from that dataset is in it, in quarantine or
    not, by key, e-mail or phone, and else makes it resurfaced; a later export decides again, either way. One with rows
    that may be anybody's, or who may be whom it was to erase, verifies nothing. Where such rows in quarantine are all
    that keeps it from that, the task says so, and somebody can say that nobody erased is among them (`vouch`). One
    whose time is not certain may be older than the purge: it verifies nothing, and only where no export has decided
    does it make a task resurfaced. Whoever came back under the old key counts as there until the DPO has said that it
    is for good reason (`confirm_return`). In the caller's transaction, which makes the build current.
    """
    # Rows, not entries: two entries of one person find the same record, and a record with a new key has none.
    there: dict[tuple[int, str], set[str]] = {}
    undecided: set[tuple[int, str]] = set()
    # Of those in quarantine nobody is asked.
    quarantined: dict[tuple[int, str], set[int]] = {}
    confirmed = _confirmed_returns(connection)
    for hit in hits:
        if hit.is_undecided and hit.kind == Seen.POSSIBLE:
            undecided.add((hit.batch_id, hit.dataset))
        elif hit.is_undecided:
            quarantined.setdefault((hit.batch_id, hit.dataset), set()).add(hit.row_no)
        if hit.still_there and (hit.kind != Seen.LET_IN or (hit.suppression_id, hit.record_digest) not in confirmed):
            there.setdefault((hit.batch_id, hit.dataset), set()).add(hit.record_digest)
    # A task that runs is at work in the source while the export may have been made; the next one decides.
    tasks = connection.execute(
        sa.select(
            source_task.c.task_id,
            source_task.c.batch_id,
            source_task.c.source,
            source_task.c.dataset,
            source_task.c.state,
            source_task.c.still_there,
            source_task.c.unread_build,
            batch.c.executed_at,
        )
        .join(batch, batch.c.batch_id == source_task.c.batch_id)
        .where(
            source_task.c.dataset.in_(list(exported)),
            source_task.c.state != "running",
            batch.c.state.in_(EXECUTED),
            batch.c.executed_at.is_not(None),
        )
        .order_by(source_task.c.task_id)
    ).all()
    touched: set[int] = set()
    forgotten: set[int] = set()
    for task in tasks:
        still_there = len(there.get((task.batch_id, task.dataset), ()))
        state = "resurfaced" if still_there else "verified"
        export = exported[task.dataset]
        if export.at <= task.executed_at:
            continue
        if (state, still_there) == (task.state, task.still_there):
            if export.certain:
                # It says itself who is there: rows of an export before it are in nothing's way any more, and whoever
                # is counted is in this one. What confirmed an erasure stays what it was.
                again = {"decided_build": build_id} if still_there else {}
                values = {**again, **_READ}
                connection.execute(sa.update(source_task).where(source_task.c.task_id == task.task_id).values(**values))
            continue
        place = (task.batch_id, task.dataset)
        unread = max(export.unread_keys, len(quarantined.get(place, ())))
        if state == "verified" and (unread or place in undecided):
            alone = export.certain and place not in undecided
            connection.execute(
                sa.update(source_task)
                .where(source_task.c.task_id == task.task_id)
                .values(unread_build=build_id if alone else None, unread_rows=unread if alone else None)
            )
            continue
        if not export.certain and (state == "verified" or task.state in _DECIDED):
            continue
        touched.add(task.batch_id)
        values = {"state": state, "decided_build": build_id, "still_there": still_there, **_READ}
        event = ledger.Event.SOURCE_RESURFACED
        if state == "verified":
            # Nobody has to look the records up in the source any more.
            values["keys"] = None
            forgotten.add(task.batch_id)
            event = ledger.Event.SOURCE_VERIFIED
        connection.execute(sa.update(source_task).where(source_task.c.task_id == task.task_id).values(**values))
        ledger.append(
            connection,
            event,
            author=author,
            now=now,
            build=build_id,
            details={
                "run": run_id,
                "batch": task.batch_id,
                "source": task.source,
                "dataset": task.dataset,
                "still_there": still_there,
            },
        )
    for batch_id in sorted(forgotten):
        evidence.renew(connection, batch_id, author=author, now=now)
    return {batch_id: _word_of(connection, batch_id) for batch_id in sorted(touched)}


def vouch(connection: sa.Connection, task_id: int, author: ledger.Author | None, now: dt.datetime) -> dict[int, State]:
    """Confirms the erasure of a task by somebody's word on the rows of its export that may be anybody's, and returns
    what the sources say by now of its batch, as `decide` does. A later export decides again.

    Raises Refused `task_not_unread` where nothing of that kind is in the way.
    """
    task = connection.execute(
        sa.select(source_task).where(source_task.c.task_id == task_id, source_task.c.unread_build.is_not(None))
    ).one_or_none()
    if task is None:
        raise Refused("task_not_unread")
    connection.execute(
        sa.update(source_task)
        .where(source_task.c.task_id == task_id)
        .values({"state": "verified", "decided_build": task.unread_build, "still_there": 0, "keys": None, **_READ})
    )
    ledger.append(
        connection,
        ledger.Event.SOURCE_VOUCHED,
        author=author,
        now=now,
        build=task.unread_build,
        details={"batch": task.batch_id, "source": task.source, "dataset": task.dataset, "rows": task.unread_rows},
    )
    # Nobody has to look the records up in the source any more.
    evidence.renew(connection, task.batch_id, author=author, now=now)
    return {task.batch_id: _word_of(connection, task.batch_id)}


def confirm_return(
    connection: sa.Connection, confirmed: Confirmed, *, author: ledger.Author | None, now: dt.datetime
) -> dict[int, State]:
    """Takes a record that its source has by the old key, and that is stored again for good reason, out of what the
    source is told to erase and out of those that it is said to have still. Returns what the sources say by now of the
    batch, as `decide` does; the evidence of the batch is the caller's to renew.

    Where it was the last one and nothing else of that export is in the way, the erasure is confirmed. Where that export
    is not the one that decided, nobody knows who of those that are counted it was: the next one decides.
    """
    task = connection.execute(
        sa.select(source_task).where(
            source_task.c.batch_id == confirmed.batch_id, source_task.c.dataset == confirmed.dataset
        )
    ).one_or_none()
    if task is None:
        return {}
    values = _without(task, confirmed, now)
    is_counted = confirmed.newest_build is not None and confirmed.newest_build == task.decided_build
    if is_counted and task.state == TaskState.RESURFACED and task.still_there:
        values["still_there"] = task.still_there - 1
        if task.still_there == 1:
            values |= _settled(task, unclear=confirmed.undecided or _quarantined(connection, confirmed.dataset) != 0)
    if not values:
        return {}
    connection.execute(sa.update(source_task).where(source_task.c.task_id == task.task_id).values(values))
    if values.get("state") == TaskState.VERIFIED:
        told: dict[str, ledger.Detail] = {
            "batch": task.batch_id,
            "source": task.source,
            "dataset": task.dataset,
            "still_there": 0,
        }
        ledger.append(
            connection, ledger.Event.SOURCE_VERIFIED, author=author, now=now, build=task.decided_build, details=told
        )
    return {task.batch_id: _word_of(connection, task.batch_id)}


def withdraw(connection: sa.Connection, confirmed: Confirmed, now: dt.datetime) -> None:
    """Takes a record that has an erased one's key, and is somebody else's, out of what its source is told to erase.

    It is counted nowhere. The evidence of the batch is the caller's to renew.
    """
    task = connection.execute(
        sa.select(source_task).where(
            source_task.c.batch_id == confirmed.batch_id, source_task.c.dataset == confirmed.dataset
        )
    ).one_or_none()
    values = {} if task is None else _without(task, confirmed, now)
    if task is not None and values:
        connection.execute(sa.update(source_task).where(source_task.c.task_id == task.task_id).values(values))


def _without(task: sa.Row[Any], confirmed: Confirmed, now: dt.datetime) -> dict[str, Any]:
    """What a task is once its source is not told to erase a record any more; nothing where it is not told to."""
    packed = task._mapping["keys"]
    told = [] if packed is None else unpack(packed)
    left = [key for key in told if not confirmed.has_key(key)]
    if len(left) == len(told):
        return {}
    values: dict[str, Any] = {"keys": pack(left) if left else None, "planned": len(left)}
    if task.fetched_at is not None:
        values["order_changed_at"] = now
    if not left and task.kind == Kind.DATABASE and task.state in (TaskState.OPEN, TaskState.RUNNING):
        # Nothing is left to begin with or to come back to.
        values["state"] = TaskState.FAILED
    return values


def _settled(task: sa.Row[Any], *, unclear: bool) -> dict[str, Any]:
    """What a task is that nothing is left of in its source: confirmed, or what it was before any export had decided."""
    if not unclear:
        return {"state": TaskState.VERIFIED, "keys": None}
    if task.done_at:
        before = TaskState.DONE
    elif task.kind == Kind.DATABASE:
        # An open one would be begun by itself; after an export has looked, somebody has to want it.
        before = TaskState.FAILED
    else:
        before = TaskState.FETCHED if task.fetched_at else TaskState.OPEN
    return {"state": before, "still_there": None, "decided_build": None}


def _quarantined(connection: sa.Connection, dataset: str) -> int:
    """How many rows of the newest export of a dataset stayed out; 1 where nobody knows."""
    lines = sa.select(ledger_table.c.details).where(ledger_table.c.event == ledger.Event.EXPORT_TAKEN.value)
    for details in connection.scalars(lines.order_by(ledger_table.c.seq.desc())):
        told = json.loads(details)
        if told["dataset"] == dataset:
            return int(told.get("quarantined", 1))
    return 1


def _confirmed_returns(connection: sa.Connection) -> set[tuple[int, str]]:
    """Who was let in and is stored again for good reason, by entry and record."""
    rows = connection.execute(
        sa.select(reappearance.c.suppression_id, reappearance.c.record_digest).where(
            reappearance.c.kind == Seen.LET_IN, reappearance.c.confirmed_at.is_not(None)
        )
    )
    return {(row.suppression_id, row.record_digest) for row in rows}


def _word_of(connection: sa.Connection, batch_id: int) -> State:
    states = set(connection.scalars(sa.select(source_task.c.state).where(source_task.c.batch_id == batch_id)))
    # Where no source has the records and some have not said so yet, the purge is what it was before any did.
    if State.RESURFACED in states:
        return State.RESURFACED
    return State.VERIFIED if states == {State.VERIFIED} else State.EXECUTED
