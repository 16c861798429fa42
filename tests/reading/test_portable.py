"""Every portable query gives the same rows in PostgreSQL as in DuckDB, over the demo company and a batch of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from compliance import builds
from compliance.builds.central import columns_of
from compliance.reading import copy
from compliance.reading.central import fill
from compliance.reading.copy import Item
from compliance.words import keys, queries
from tests import demo_store, servers
from tests.purging import Desk
from tests.reading.test_asks import BINDS
from tests.world import TODAY

pytestmark = pytest.mark.files("compares files with a database itself")

URLS = ("copy_url", "copy_reader_url")
# A statement that makes a view for others, and asks nothing.
MAKES = {"person_addresses"}
# What the demo company has none of, or a page makes only when it is asked for it.
LACKING = (
    "create temp table unread_cell as select 'crm' as source, 'prospects' as dataset,"
    " unnest(['email', 'twice:name']) as field, 3 as rows",
    "create temp table sought as select person_id from person order by all limit 20",
    "create temp table bridge_entry as select 1 as start_number, basis_id, 'held' as cause from basis limit 9",
    "create temp table request_status as select * replace (false as is_sure) from request_status",
    "create temp table moved_contract as select org_id, 'contracts' as dataset, 'crm' as source, 1 as build,"
    " 'contract.ends_on' as field, null::date as moved_to from basis where org_id is not null order by all limit 9",
    # Without what PostgreSQL has no type for here, and no query asks for.
    "create temp table basis as select * exclude (told)"
    " replace (if(basis_id < '1', 'prospects', moved_dataset) as moved_dataset,"
    " if(basis_id < '1', 1, moved_build) as moved_build) from basis",
    "create temp table entry_successor as select basis_id, moved_dataset as dataset, moved_build as build, 1 as number"
    " from basis where moved_build = 1",
)
_ORDERED = re.compile(r"\border by [^()]+$")
# It says in which order its rows are laid down; those that are as urgent as each other lie anyhow.
LAID_DOWN = {"status"}


class Both(NamedTuple):
    """The demo company in both, with what may be asked about somebody in it."""

    duckdb: sa.Engine
    postgresql: sa.Engine
    asked: tuple[Mapping[str, Any], ...]
    # How often one of its large tables was looked at while it was decided what becomes of so many that were chosen.
    looks: int
    chosen: int


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, copies: str) -> Iterator[Both]:
    desk = Desk(demo_store.copied(tmp_path_factory.mktemp("portable")))
    rows = desk.entries(status="OVERDUE") + desk.entries(status="HELD")
    key = keys.pseudonyms(desk.settings)
    items = [
        Item(key.digest(f"basis|{row.basis_id}"), row.category, row.source, row.status, row.deadline_on) for row in rows
    ]
    central = dataclasses.replace(desk.settings, **dict.fromkeys(URLS, servers.create(copies, "portable")))
    with desk.register.connect() as connection:
        build = builds.current(desk.settings, connection)
    assert build is not None
    builds.publish(central, desk.register, build)
    with ExitStack() as stack:
        chosen = []
        for settings in (desk.settings, central):
            reading = copy.current(settings, desk.register, TODAY, desk.policy, desk.parameters)
            assert reading is not None
            with reading._asking() as cursor:
                answered = cursor.execute("select source, reference from open_request order by all limit 5").fetchall()
            chosen.append(stack.enter_context(reading.choosing(key, items, answered)))
        own, elsewhere = chosen
        _make_up(own._cursor, elsewhere._engine)
        own.decide("rule")
        before = _looks(elsewhere._engine)
        elsewhere.decide("rule")
        looks = _looks(elsewhere._engine) - before
        yield Both(own._engine, elsewhere._engine, _asked(own._cursor), looks, len(items))


def _looks(elsewhere: sa.Engine) -> int:
    """How often all sessions together have looked at one of the large tables."""
    with elsewhere.connect() as connection:
        connection.exec_driver_sql("select pg_stat_force_next_flush()")
        connection.commit()
        found = connection.exec_driver_sql(
            "select max(seq_scan + coalesce(idx_scan, 0)) from pg_stat_user_tables"
            " where schemaname ~ '^(build|reading)_' and relname in ('basis', 'basis_status', 'record')"
        ).scalar_one()
        return int(found)


def _make_up(cursor: Any, elsewhere: sa.Engine) -> None:
    """What the company lacks, for both alike."""
    with elsewhere.connect() as connection:
        for statement in LACKING:
            cursor.execute(statement)
            name = statement.split()[3]
            columns = ", ".join(f"{column.name} {column.kind}" for column in columns_of(cursor, f"temp.{name}"))
            connection.exec_driver_sql(f"create temp table {name} ({columns})")
            fill(connection, name, cursor.execute(f"from temp.{name}").to_arrow_table())
        connection.commit()


def _one(cursor: Any, statement: str) -> tuple[Any, ...]:
    found = cursor.execute(statement).fetchone()
    assert found is not None
    return tuple(found)


def _asked(cursor: Any) -> tuple[Mapping[str, Any], ...]:
    """Filters that leave something over: everybody, somebody overdue whose request is open, and somebody held."""
    person, category, source, record, owner, reason, source_key, reference = _one(
        cursor,
        "select basis.person_id, basis.category, basis.source, basis_record.record_id, rule.owner, basis_status.reason,"
        " basis_record.source_key, request_candidate.reference"
        " from basis join basis_status using (basis_id) join basis_record using (basis_id)"
        " join request_candidate on request_candidate.person_id = basis.person_id"
        " join rule on rule.category = basis.category"
        " where basis_status.status = 'OVERDUE' order by all limit 1",
    )
    (held,) = _one(cursor, "select person_id from basis_status where has_hold order by all limit 1")
    (address,) = _one(cursor, "select email_key from record where email_key is not null order by all limit 1")
    asked = _one(cursor, "select source, reference from request_status where not is_sure order by all limit 1")
    overdue = {
        "person": person, "person_id": person, "category": category, "source": source, "record": record,
        "owner": owner, "owned": f"{category},EMPLOYEE", "status": "OVERDUE", "reason": reason, "scope_key": person,
        "reference": reference, "key": source_key, "named": True, "late_from": 1, "late_to": 4000, "due_within": 90,
        "in_order": False, "low": 0, "high": 99_999_999,
    }  # fmt: skip
    others = {
        "person": held, "person_id": held, "key": address, "source": asked[0], "reference": asked[1], "search": "a",
        "since": dt.date(2015, 1, 1), "until": dt.date(2040, 1, 1), "named": True, "pressing": True,
    }  # fmt: skip
    without = {**overdue, "person": None, "reason": None, "late_to": None, "category": None}
    return {name: others[name] for name in ("since", "until")}, overdue, without, others


def wanted_by(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a query wants bound, with what is given."""
    standard = {**BINDS, "notice_days": 90, "lead_days": 30, "grace_days": 30, "rows": 500, "as_of": TODAY}
    return {bind: given.get(bind, standard[bind]) for bind in queries.binds(name)}


def rows_of(engine: sa.Engine, name: str, binds: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query, as they come."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(queries.load(name)), binds)]


def _rows(engine: sa.Engine, name: str, binds: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    statement, rows = queries.load(name), rows_of(engine, name, binds)
    # A figure is of one kind wherever it is asked for: 3 and Decimal(3) are equal, and are written differently.
    told = [tuple((type(value).__name__, value) for value in row) for row in rows]
    return told if name not in LAID_DOWN and _ORDERED.search(statement) else sorted(told, key=repr)


@pytest.mark.parametrize("name", sorted(set(queries.names()) - MAKES))
def test_a_query_gives_the_same_rows_wherever_it_is_asked(both: Both, name: str) -> None:
    for given in both.asked:
        binds = wanted_by(name, given)
        assert _rows(both.postgresql, name, binds) == _rows(both.duckdb, name, binds)


def test_what_is_compared_is_more_than_nothing(both: Both) -> None:
    """A query that finds nothing in either would prove nothing."""
    empty = {
        name
        for name in set(queries.names()) - MAKES
        if not any(_rows(both.duckdb, name, wanted_by(name, given)) for given in both.asked)
    }
    assert not empty, ", ".join(sorted(empty))


def test_what_is_chosen_is_decided_at_once_and_not_one_by_one(both: Both) -> None:
    """PostgreSQL would look for what a hold lost, if anything, anew for each: hours for ten thousand of a million."""
    assert both.chosen > 200
    assert both.looks < both.chosen / 2
