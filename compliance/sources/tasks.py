"""What a purge does in the systems that the records come from.

A dataset with a database is erased there: all of it in one transaction, or nothing. For any other there is an
order, a list of the source's own keys for whoever runs the system. A later export decides whether it was done.
Nothing that leaves this module holds a key or an address, except the order itself.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.evidence.content import Order
from compliance.ledger import Event
from compliance.register.engine import writing
from compliance.register.lock import alone
from compliance.runs import Clock
from compliance.show.extract import guarded
from compliance.show.leaving import Written
from compliance.sources import left_over
from compliance.sources.catalogue import NULL, Catalogue, Dataset, Erase, Treatment
from compliance.sources.left_over import LeftOver, Named
from compliance.sources.tables import Kind, Reason, State, source_task
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Permission

# The source of a dataset that the catalogue does not know any more.
UNKNOWN_SOURCE = "unknown"
_CHUNK = 1_000
_BYTES = 65_536
# An address that says "autocommit" would make a rollback mean nothing, so the level is always set.
_ISOLATION = {"sqlite": "SERIALIZABLE", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ"}


@dataclass(frozen=True)
class Task:
    """What is to be erased of one dataset in its own system.

    `affected` is the number of rows of the main table: changed when done, counted when failed by `count_differs`.
    `fetchable`: the keys are still kept, and people are to erase them. `left_over`: where else the source's database
    has what was erased, None where nobody has looked.
    """

    task_id: int
    batch_id: int
    source: str
    dataset: str
    kind: Kind
    state: State
    planned: int
    affected: int | None
    reason: Reason | None
    fetched_by: str | None
    fetched_at: dt.datetime | None
    done_at: dt.datetime | None
    still_there: int | None
    fetchable: bool
    unread_rows: int | None
    left_over: LeftOver | None
    order_changed_at: dt.datetime | None

    def told(self, language: str) -> str:
        """Who erases, where it stands, and why it failed, in words."""
        parts = [f"{say(f'task_kind.{self.kind}', language)}: {say(f'task_state.{self.state}', language)}."]
        # What an export has decided since needs no excuse any more.
        if self.reason is not None and self.state in (State.OPEN, State.FAILED):
            parts.append(say(f"task_reason.{self.reason}", language))
        if self.unread_rows is not None:
            parts.append(say("unread.rows", language, rows=self.unread_rows))
        if self.fetched_at and self.order_changed_at and self.fetched_at <= self.order_changed_at:
            parts.append(say(f"order_changed.{'again' if self.fetchable else 'void'}", language))
        if self.left_over is not None:
            parts += self.left_over.told(language)
        return " ".join(parts)


class _Failure(Exception):
    """Why nothing was changed at the source. `planned` and `affected` are counts of the rows of `table`."""

    def __init__(
        self, reason: Reason, table: str | None = None, planned: int | None = None, affected: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.table = table
        self.planned = planned
        self.affected = affected


def pack(keys: Iterable[str]) -> bytes:
    """Source keys as a task keeps them: a line of JSON each, compressed."""
    return zlib.compress("\n".join(json.dumps(key) for key in keys).encode())


def unpack(packed: bytes) -> list[str]:
    """The source keys that `pack` was given, in their order."""
    return list(_unpacked(packed))


def _unpacked(packed: bytes) -> Iterator[str]:
    # A line at a time: a large purge has as many keys as a source has persons.
    reader, rest = zlib.decompressobj(), b""
    waiting = packed
    while waiting or not reader.eof:
        *whole, rest = (rest + reader.decompress(waiting, _BYTES)).split(b"\n")
        waiting = reader.unconsumed_tail
        for line in whole:
            yield json.loads(line)
    if rest:
        yield json.loads(rest)


def plan(
    connection: sa.Connection,
    batch_id: int,
    keys: Mapping[str, Sequence[str]],
    catalogue: Catalogue,
    environ: Mapping[str, str],
) -> int:
    """Enters a task per dataset, in the caller's transaction, and returns how many there are.

    `keys` are the source's own keys of the purged records per dataset.
    """
    tasks = [
        {
            "batch_id": batch_id,
            "source": dataset.source if dataset else UNKNOWN_SOURCE,
            "dataset": dataset_id,
            "kind": Kind.DATABASE if dataset and dataset.erase and environ.get(dataset.erase.url) else Kind.ORDER,
            "state": State.OPEN,
            "planned": len(found),
            "keys": pack(found),
        }
        for dataset_id, found in sorted(keys.items())
        for dataset in [_dataset(catalogue, dataset_id)]
        if found
    ]
    if tasks:
        connection.execute(sa.insert(source_task), tasks)
    return len(tasks)


def enter_again(connection: sa.Connection, batch_id: int, orders: Iterable[Order]) -> None:
    """Enters what evidence says that sources were still to erase, in the caller's transaction, in place of what the
    batch has. An order is open again; whether a source's database was erased nobody knows, so the next attempt looks.
    """
    connection.execute(sa.delete(source_task).where(source_task.c.batch_id == batch_id))
    tasks = [
        {
            "batch_id": batch_id,
            "source": order.source,
            "dataset": order.dataset,
            "kind": order.kind,
            "state": State.FAILED if order.kind == Kind.DATABASE else State.OPEN,
            "reason": Reason.UNCERTAIN.value if order.kind == Kind.DATABASE else None,
            "planned": order.planned,
            "keys": order.keys,
        }
        for order in orders
    ]
    if tasks:
        connection.execute(sa.insert(source_task), tasks)


def planned(connection: sa.Connection, batch_id: int) -> list[dict[str, Any]]:
    """Source, dataset, kind and planned of every task of a batch, in the caller's transaction: what a receipt says."""
    columns = [source_task.c[name] for name in ("source", "dataset", "kind", "planned")]
    found = connection.execute(
        sa.select(*columns).where(source_task.c.batch_id == batch_id).order_by(source_task.c.dataset)
    )
    return [dict(row) for row in found.mappings()]


def tasks(register: sa.Engine, batch_id: int) -> list[Task]:
    """All tasks of a batch."""
    return _tasks(register, source_task.c.batch_id == batch_id)


def orders(register: sa.Engine) -> list[Task]:
    """All tasks whose records no export has shown to be gone, newest batch first."""
    return _tasks(register, source_task.c.state != State.VERIFIED)


def unfinished(register: sa.Engine) -> list[int]:
    """The batches with a source database that nobody has turned to yet, or that a process left when it died."""
    begun = source_task.c.state.in_([State.OPEN, State.RUNNING])
    with register.connect() as connection:
        found = sa.select(source_task.c.batch_id).where(source_task.c.kind == Kind.DATABASE, begun).distinct()
        return sorted(connection.scalars(found))


def carry_out(
    register: sa.Engine,
    batch_id: int,
    catalogue: Catalogue,
    environ: Mapping[str, str],
    clock: Clock,
    author: ledger.Author | None = None,
) -> list[Task]:
    """Erases at every source of the batch that has a database and is not done yet; what fails is left as it was.

    Returns the tasks of the batch. One that another process works at is skipped; one that a process left when it
    died is looked at first: it may have been done.
    """
    for task in tasks(register, batch_id):
        if task.kind is Kind.DATABASE and task.state in (State.OPEN, State.RUNNING, State.FAILED):
            _carry_out(register, task.task_id, catalogue, environ, clock, author)
    return tasks(register, batch_id)


def retry(at: At, task_id: int, catalogue: Catalogue, environ: Mapping[str, str], clock: Clock) -> Task:
    """Tries a source database once more, where it failed or has the records still, and returns how it went.

    How it went is as of `clock` then: a source may take its time.
    Raises Refused `not_allowed`, and `task_not_failed` where there is nothing to try again.
    """
    at.require(Permission.EXECUTE_PURGE)
    with writing(at.register) as connection:
        row = (
            connection.execute(
                sa.update(source_task)
                .where(
                    source_task.c.task_id == task_id,
                    source_task.c.kind == Kind.DATABASE,
                    source_task.c.state.in_([State.FAILED, State.RESURFACED]),
                    source_task.c["keys"].is_not(None),
                )
                # The reason stays until the task is claimed: an uncertain one is looked at first.
                .values(state=State.OPEN)
                .returning(*(source_task.c[name] for name in ("batch_id", "task_id", "source", "dataset")))
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise Refused("task_not_failed")
        ledger.append(
            connection,
            Event.SOURCE_RETRIED,
            author=at.author,
            now=at.now,
            details=_named(row),
        )
    _carry_out(at.register, task_id, catalogue, environ, clock, at.author)
    return _tasks(at.register, source_task.c.task_id == task_id)[0]


def fetch(at: At, task_id: int, catalogue: Catalogue) -> Written:
    """An order as a CSV file for the system's owner: the source's own keys under its own header, nothing else. That it
    was fetched is recorded before anything leaves; it is written while it is read.

    A source database that could not be erased, or still has the records, can be ordered too. Raises Refused
    `not_allowed`, `order_unknown`, and `order_gone` once a later export has decided.
    """
    actor = at.require(Permission.FETCH_ORDERS)
    with writing(at.register) as connection:
        found = connection.execute(sa.select(source_task).where(source_task.c.task_id == task_id))
        row = found.mappings().one_or_none()
        if row is None:
            raise Refused("order_unknown")
        if row["keys"] is None:
            raise Refused("order_gone")
        if not _for_people(row["kind"], row["state"]):
            raise Refused("order_unknown")
        state = State.FETCHED if row["state"] == State.OPEN else row["state"]
        connection.execute(
            sa.update(source_task)
            .where(source_task.c.task_id == task_id)
            .values(state=state, fetched_by=actor.pseudonym, fetched_at=at.now)
        )
        ledger.append(
            connection,
            Event.ORDER_FETCHED,
            author=at.author,
            now=at.now,
            details={**_named(row), "rows": row["planned"]},
        )
    dataset = _dataset(catalogue, row["dataset"])
    header = dataset.headers.get("source_key", ("source_key",))[0] if dataset else "source_key"
    return _written([header], _unpacked(row["keys"]))


def _written(header: Sequence[str], keys: Iterator[str]) -> Written:
    part: Sequence[str] = header
    while part:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows([guarded(text)] for text in part)
        yield out.getvalue().encode()
        part = list(islice(keys, _CHUNK))


def _dataset(catalogue: Catalogue, dataset_id: str) -> Dataset | None:
    return next((dataset for dataset in catalogue.datasets if dataset.id == dataset_id), None)


def _for_people(kind: str, state: str) -> bool:
    return kind == Kind.ORDER or state in (State.FAILED, State.RESURFACED)


def _tasks(register: sa.Engine, which: sa.ColumnElement[bool]) -> list[Task]:
    columns = [column for column in source_task.c if column.name not in ("keys", "decided_build", "unread_build")]
    kept = source_task.c["keys"].is_not(None).label("kept")
    order = (source_task.c.batch_id.desc(), source_task.c.dataset)
    with register.connect() as connection:
        found = connection.execute(sa.select(*columns, kept).where(which).order_by(*order)).mappings()
        return [_task(dict(row)) for row in found]


def _task(row: dict[str, Any]) -> Task:
    fetchable = bool(row.pop("kept")) and _for_people(row["kind"], row["state"])
    row |= {"kind": Kind(row["kind"]), "state": State(row["state"])}
    row["reason"] = Reason(row["reason"]) if row["reason"] else None
    row["left_over"] = None if row["left_over"] is None else LeftOver.model_validate_json(row["left_over"])
    return Task(**row, fetchable=fetchable)


# In the register: claim, work, end


def _carry_out(
    register: sa.Engine,
    task_id: int,
    catalogue: Catalogue,
    environ: Mapping[str, str],
    clock: Clock,
    author: ledger.Author | None,
) -> None:
    with alone(register, task_id) as nobody_else:
        claimed = _claim(register, task_id) if nobody_else else None
        if claimed is None:
            return
        # Alone, and yet somebody had begun: they may have come to the end.
        begun = claimed["state"] == State.RUNNING or claimed["reason"] == Reason.UNCERTAIN
        dataset = _dataset(catalogue, claimed["dataset"])
        try:
            if dataset is None or dataset.erase is None:
                raise _Failure(Reason.MAPPING)
            url = environ.get(dataset.erase.url)
            if not url:
                raise _Failure(Reason.UNREACHABLE)
            affected, left = _erase(url, dataset.erase, unpack(claimed["keys"]), begun=begun)
        except _Failure as failure:
            # Nobody has looked yet, so nobody knows more than before.
            unknown = begun and failure.reason is not Reason.COUNT_DIFFERS
            _end(register, claimed, failure, Reason.UNCERTAIN if unknown else failure.reason, clock(), author)
        else:
            _end_well(register, claimed, affected, left, clock(), author)


def _claim(register: sa.Engine, task_id: int) -> sa.RowMapping | None:
    claimable = (
        source_task.c.task_id == task_id,
        source_task.c.kind == Kind.DATABASE,
        source_task.c.state.in_([State.OPEN, State.RUNNING, State.FAILED]),
        source_task.c["keys"].is_not(None),
    )
    with writing(register) as connection:
        row = connection.execute(sa.select(source_task).where(*claimable)).mappings().one_or_none()
        claimed = connection.execute(
            sa.update(source_task).where(*claimable).values(state=State.RUNNING, reason=None, affected=None)
        )
        return row if claimed.rowcount == 1 else None


def _end_well(
    register: sa.Engine,
    task: sa.RowMapping,
    affected: int,
    left: LeftOver | None,
    now: dt.datetime,
    author: ledger.Author | None,
) -> None:
    told: dict[str, ledger.Detail] = {**_named(task), "planned": task["planned"], "affected": affected}
    if left is not None and left.found:
        told["tables_left"] = len(left.found)
    values = {} if left is None else {"left_over": left.model_dump_json()}
    with writing(register) as connection:
        _move(connection, task, state=State.DONE, affected=affected, done_at=now, **values)
        ledger.append(
            connection,
            Event.SOURCE_ERASED,
            author=author,
            now=now,
            details=told,
        )


def _end(
    register: sa.Engine,
    task: sa.RowMapping,
    failure: _Failure,
    reason: Reason,
    now: dt.datetime,
    author: ledger.Author | None,
) -> None:
    details: dict[str, ledger.Detail] = {
        **_named(task),
        "reason": reason.value,
        "cause": failure.reason.value,
        "planned": task["planned"] if failure.planned is None else failure.planned,
        "affected": failure.affected,
        "table": failure.table,
    }
    with writing(register) as connection:
        _move(connection, task, state=State.FAILED, reason=reason.value, affected=failure.affected)
        ledger.append(connection, Event.SOURCE_FAILED, author=author, now=now, details=details)


def _move(connection: sa.Connection, task: sa.RowMapping, **values: object) -> None:
    connection.execute(sa.update(source_task).where(source_task.c.task_id == task["task_id"]).values(values))


def _named(task: sa.RowMapping) -> dict[str, ledger.Detail]:
    return {"batch": task["batch_id"], "task": task["task_id"], "source": task["source"], "dataset": task["dataset"]}


# In the source's database: everything in one transaction


@dataclass(frozen=True)
class _Place:
    """A table of the source with the type of its key, and what is done there."""

    part: Treatment
    table: sa.TableClause
    key: sa.ColumnClause[Any]

    @property
    def named(self) -> Named:
        """The table, for whoever searches the database."""
        return Named.of(self.part.table)

    @property
    def written(self) -> sa.ColumnElement[bool]:
        """Whether a row holds what it is to be overwritten with; a row to be deleted never does."""
        if self.part.mode == "delete":
            return sa.false()
        return sa.and_(
            *(
                self.table.c[name].is_(None) if value == NULL else self.table.c[name].is_not_distinct_from(bound)
                for name, value in self.part.overwrite.items()
                for bound in [sa.literal(value, self.table.c[name].type)]
            )
        )

    def act(self, connection: sa.Connection, keys: Sequence[Any]) -> int:
        """Deletes or overwrites the rows of these keys and returns how many there were."""
        if self.part.mode == "delete":
            return connection.execute(sa.delete(self.table).where(self.key.in_(keys))).rowcount
        values = {
            name: sa.null() if value == NULL else sa.literal(value, self.table.c[name].type)
            for name, value in self.part.overwrite.items()
        }
        return connection.execute(sa.update(self.table).where(self.key.in_(keys)).values(values)).rowcount

    def rows(self, connection: sa.Connection, keys: Sequence[Any]) -> list[tuple[Any, bool]]:
        """Key and whether it is written of every row of these keys, locked until the transaction ends."""
        written = sa.case((self.written, 1), else_=0)
        found = connection.execute(sa.select(self.key, written).where(self.key.in_(keys)).with_for_update())
        return [(key.strip() if isinstance(key, str) else key, bool(done)) for key, done in found]


def _erase(url: str, erase: Erase, keys: Sequence[str], *, begun: bool) -> tuple[int, LeftOver | None]:
    """How many rows of the main table were erased, and where else the database has what was. Raises _Failure; nothing
    is changed then.

    Whatever a driver raises may hold the address or a key, so no error of it goes on from here.
    """
    try:
        engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.pool.NullPool)
        level = _ISOLATION.get(engine.dialect.name, "READ COMMITTED")
        connection = engine.connect().execution_options(isolation_level=level)
    except Exception:
        raise _Failure(Reason.UNREACHABLE) from None
    with connection:
        try:
            affected, told = _erase_all(connection, erase, keys, begun=begun)
        except _Failure:
            raise
        except sa.exc.NoSuchTableError:
            raise _Failure(Reason.MAPPING) from None
        except Exception as error:
            raise _Failure(Reason.UNREACHABLE if _lost(error) else Reason.REFUSED) from None
        try:
            connection.commit()
        except Exception as error:
            raise _Failure(Reason.UNCERTAIN if _lost(error) else Reason.REFUSED) from None
        return affected, _left_over(connection, erase, told)


def _left_over(connection: sa.Connection, erase: Erase, told: Sequence[str] | None) -> LeftOver | None:
    """Where else the database has these texts; None where nobody can say. What is erased stays erased all the same."""
    if told is None:
        return None
    try:
        return left_over.search(connection, [Named.of(part.table) for part in (*erase.related, erase)], told)
    except sa.exc.SQLAlchemyError:
        return None


def _lost(error: Exception) -> bool:
    return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


def _erase_all(
    connection: sa.Connection, erase: Erase, keys: Sequence[str], *, begun: bool
) -> tuple[int, Sequence[str] | None]:
    """How many rows of the main table were erased, and texts that tell of them; None where it was done before."""
    related = [_place(connection, part) for part in erase.related]
    main = _place(connection, erase)
    standing = _standing(connection, main, keys)
    if begun and standing.ended:
        return len(keys), None
    if standing.waiting != len(keys) or standing.strange:
        # Since the export, or since the attempt that was interrupted, somebody else has changed the source.
        raise _Failure(Reason.COUNT_DIFFERS, erase.table, len(keys), standing.waiting + standing.strange)
    places = [*related, main]
    tables = [place.named for place in places]
    beyond = left_over.beyond_rollback(connection, tables)
    if beyond is not None:
        raise _Failure(Reason.NO_TRANSACTIONS, beyond)
    found = set().union(*(left_over.values(connection, one.named, one.key, _typed(one, keys)) for one in places))
    for place in related:
        _treat_related(connection, place, keys)
    affected = sum(main.act(connection, chunk) for chunk in _chunks(_typed(main, keys)))
    if affected != len(keys) or not _standing(connection, main, keys).ended:
        raise _Failure(Reason.COUNT_DIFFERS, erase.table, len(keys), affected)
    return affected, left_over.telling(connection, tables, found)


@dataclass(frozen=True)
class _Standing:
    """Rows of the main table: still to be treated, and such that nobody planned. `ended`: all is as it should be."""

    waiting: int
    strange: int
    ended: bool


def _standing(connection: sa.Connection, place: _Place, keys: Sequence[str]) -> _Standing:
    wanted = _typed(place, keys)
    planned = set(wanted)
    rows = [row for chunk in _chunks(wanted) for row in place.rows(connection, chunk)]
    # A database that ignores case finds more than was asked for, and a key that is none finds several.
    own = {key: done for key, done in rows if key in planned}
    strange = len(rows) - len(own)
    expected = 0 if place.part.mode == "delete" else len(keys)
    ended = not strange and len(own) == expected and all(own.values())
    return _Standing(sum(not done for done in own.values()), strange, ended)


def _treat_related(connection: sa.Connection, place: _Place, keys: Sequence[str]) -> None:
    wanted = _typed(place, keys)
    planned = set(wanted)
    for chunk in _chunks(wanted):
        rows = place.rows(connection, chunk)
        affected = place.act(connection, chunk)
        own = sum(key in planned for key, _ in rows)
        if not own == len(rows) == affected:
            raise _Failure(Reason.COUNT_DIFFERS, place.part.table, own, affected)


def _place(connection: sa.Connection, part: Treatment) -> _Place:
    schema, _, name = part.table.rpartition(".")
    reflected = sa.inspect(connection).get_columns(name, schema or None)
    types = {column["name"]: column["type"] for column in reflected}
    if any(column not in types for column in (part.key, *part.overwrite)):
        raise _Failure(Reason.MAPPING, part.table)
    _require_transactions(connection, part.table, name, schema)
    columns = [sa.column(column, types[column]) for column in dict.fromkeys((part.key, *part.overwrite))]
    table = sa.table(name, *columns, schema=schema or None)
    return _Place(part, table, table.c[part.key])


def _require_transactions(connection: sa.Connection, table: str, name: str, schema: str) -> None:
    """Raises _Failure for a table that MariaDB or MySQL keeps in an engine that cannot roll back."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return
    tables = sa.table("tables", *map(sa.column, ("table_schema", "table_name", "engine")), schema="information_schema")
    engines = sa.table("engines", *map(sa.column, ("engine", "transactions")), schema="information_schema")
    able = connection.scalar(
        sa.select(engines.c.transactions)
        .join(tables, tables.c.engine == engines.c.engine)
        .where(tables.c.table_schema == (schema or sa.func.database()), tables.c.table_name == name)
    )
    if able != "YES":
        raise _Failure(Reason.NO_TRANSACTIONS, table)


def _whole(text: str) -> int:
    number = int(text)
    if str(number) != text:
        raise ValueError("not how the number is written")
    return number


_READERS: Mapping[type, Callable[[str], Any]] = {str: str, int: _whole, Decimal: Decimal, UUID: UUID}


def _typed(place: _Place, keys: Sequence[str]) -> list[Any]:
    """The keys as the column has them, so that the database compares and nothing is cast.

    A key that cannot stand in such a column is left out, and is missing from what is found. Raises _Failure for a
    column that keys cannot be compared with.
    """
    try:
        read = _READERS[place.key.type.python_type]
    except (KeyError, NotImplementedError):
        raise _Failure(Reason.MAPPING, place.part.table) from None
    found: dict[Any, None] = {}
    for key in keys:
        try:
            found[read(key)] = None
        except (ValueError, InvalidOperation):
            continue
    return list(found)


def _chunks(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
