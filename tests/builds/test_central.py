"""The copy in a PostgreSQL: what is made is there, others read it, and what must go goes from there too."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from compliance import builds
from compliance.builds import central
from compliance.evidence import receipts
from compliance.holds import verbs as holds
from compliance.holds.tables import Scope
from compliance.intake import orders
from compliance.operations import commands
from compliance.purge import tables as purge_tables
from compliance.reading import asks as reading_asks
from compliance.reading import copy
from compliance.reading.central import CentralCopy, CentralReading
from compliance.review import asks as review_asks
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.words.refusal import Refused
from tests import demo_store, purging, servers
from tests.purging import ALL_ROWS, Desk, Weekly, prospect
from tests.world import TODAY, table

_numbers = itertools.count(1)


@pytest.fixture
def database(copies: str) -> Iterator[str]:
    """A database for a copy, by its name."""
    name = f"copy_of_{next(_numbers)}"
    servers.create(copies, name)
    yield name
    copy._copies.clear()
    central._shared.cache_clear()
    servers.drop(copies, name)


@pytest.fixture
def folder(copies: str) -> Path:
    """The folder of the server, for who looks into it."""
    if servers.is_url(copies):
        pytest.skip("looks into the folder of a server that lies on this host")
    return Path(copies)


@pytest.fixture
def weekly(tmp_path: Path, copies: str, database: str) -> Weekly:
    """A desk whose copy is in the database."""
    desk = Weekly(tmp_path / "store", COMPLIANCE_COPY_URL=servers.url(copies, database))
    desk.folder = tmp_path / "exports"
    return desk


def held(socket: str, database: str) -> list[str]:
    """The schemas that the database holds of the copy."""
    with servers.connect(socket, database) as connection:
        found = connection.execute(
            "select nspname from pg_namespace where nspname ~ %s order by 1", ["^(build|reading|making)_"]
        )
        return [name for (name,) in found]


def builds_in(socket: str, database: str) -> list[str]:
    """The builds that the database holds, by their numbers."""
    return [name.split("_")[1] for name in held(socket, database) if name.startswith("build_")]


def kinds(socket: str, database: str) -> set[str]:
    """What kinds of schemas the database holds."""
    return {name.split("_")[0] for name in held(socket, database)}


def refused(desk: Weekly, *rows: dict[str, str]) -> orders.Refusal:
    """Why the next week's export was not taken in."""
    desk.week += 1
    path = purging.prospects(desk.folder / str(desk.week), rows, f"2026-11-24T{desk.week:02d}00")
    told = desk.take_in(path).refused
    assert told is not None
    return told


def restarted() -> None:
    """Nothing is remembered of the copy, as in another dashboard's process."""
    copy._copies.clear()


def test_what_is_taken_in_is_read_in_the_database(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1), prospect(2))
    reading = weekly.reading()
    assert isinstance(reading, CentralReading)
    assert {row.name for row in weekly.entries()} == {"Person1 Provsson", "Person2 Provsson"}
    with servers.connect(copies, database) as connection:
        (schema,) = [name for name in held(copies, database) if name.startswith("build_")]
        assert connection.execute(f"select count(*) from {schema}.person").fetchone() == (2,)
        connection.execute(f"update {schema}.record set name = 'Somebody Else'")
    # Nothing is read from the file.
    assert {row.name for row in weekly.entries()} == {"Somebody Else"}


def test_the_database_holds_no_build_but_the_current_one(weekly: Weekly, copies: str, database: str) -> None:
    for number in range(3):
        weekly.deliver(prospect(1), prospect(2 + number))
        weekly.reading()
    assert builds_in(copies, database) == ["000003"]
    assert {name.split("_")[1] for name in held(copies, database)} == {"000003"}


def test_the_build_before_stands_in_until_the_new_one_is_read(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1))
    before = weekly.reading()
    weekly.deliver(prospect(2))
    assert builds_in(copies, database) == ["000001", "000002"]
    assert before._lasts()
    listed = before.rows(show_asks.ENTRIES, rows=9, skip=0, **entry_binds({}, named=True))
    assert [row.name for row in listed] == ["Person1 Provsson"]
    assert [row.name for row in weekly.entries()] == ["Person2 Provsson"]
    assert builds_in(copies, database) == ["000002"]
    assert not before._lasts()


def test_no_build_of_before_a_purge_stands_in(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1), prospect(2, "2026-01-25"))
    weekly.purge(weekly.entries(status="OVERDUE"))
    assert builds_in(copies, database) == ["000002"]
    weekly.deliver(prospect(2, "2026-01-25"), prospect(3, "2026-01-25"))
    assert builds_in(copies, database) == ["000002", "000003"]
    weekly.on(TODAY + dt.timedelta(days=4000))
    weekly.purge(weekly.entries(status="OVERDUE"))
    assert builds_in(copies, database) == ["000004"], "not even one that nobody has read anew"


def test_on_another_host_the_file_is_written_anew(weekly: Weekly) -> None:
    weekly.deliver(prospect(1), prospect(2))
    with weekly.register.connect() as connection:
        found = builds.current(weekly.settings, connection)
    assert found is not None
    found.path.unlink()
    weekly.week += 1
    result = weekly.take_in(purging.prospects(weekly.folder / "9", [prospect(1), prospect(3)], "2026-11-24T0900"))
    assert result.changes is not None
    # Who was there is known to have been: one came, one went, one stayed.
    assert (result.changes.new_persons, result.changes.gone_persons) == (1, 1)


def test_a_file_that_could_not_be_written_whole_is_none(weekly: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    weekly.deliver(prospect(1))
    with weekly.register.connect() as connection:
        found = builds.current(weekly.settings, connection)
        assert found is not None
        found.path.unlink()
        monkeypatch.setattr(Path, "rename", _broken)
        with pytest.raises(OSError, match="disk"):
            builds.at_hand(weekly.settings, connection)
    assert list(found.path.parent.iterdir()) == []


def _broken(*_: object, **__: object) -> None:
    raise OSError("no disk")


def test_a_purge_takes_the_purged_from_the_database(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1), prospect(2, "2026-01-25"))
    before = held(copies, database)
    batch = weekly.purge(weekly.entries(status="OVERDUE"))
    assert batch.state is purge_tables.State.EXECUTED
    assert {row.name for row in weekly.entries()} == {"Person2 Provsson"}
    after = held(copies, database)
    assert not set(before) & set(after)
    if servers.is_url(copies):
        return
    with servers.connect(copies, database) as connection:
        # Files that are gone are cut off at the next checkpoint.
        connection.execute("checkpoint")
        folder, oid = connection.execute(
            "select current_setting('data_directory'), oid from pg_database where datname = current_database()"
        ).fetchone() or ("", 0)
    stored = purging.files_with(Path(folder) / "base" / str(oid), ["person1@", "person2@"])
    assert set().union(*stored.values()) == {"person2@"}


def test_a_hold_that_is_placed_shows_at_once_and_in_every_dashboard(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1), prospect(2))
    (row, *_) = weekly.entries(status="OVERDUE")
    terms = holds.Terms("legal_claim", "legal", TODAY + dt.timedelta(days=30), "T-1")
    holds.place(weekly.at(weekly.petra), weekly.reading(), holds.Target(Scope.PERSON, row.person_id), terms)
    assert [one.status for one in weekly.entries() if one.person_id == row.person_id] == ["HELD"]
    days = [name for name in held(copies, database) if name.startswith("reading_")]
    restarted()
    assert [one.status for one in weekly.entries() if one.person_id == row.person_id] == ["HELD"]
    assert [name for name in held(copies, database) if name.startswith("reading_")] == days, "made once for all"


def test_days_that_nobody_reads_any_more_go(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1))
    for number in range(12):
        weekly.on(TODAY + dt.timedelta(days=number))
        weekly.reading()
    days = [name for name in held(copies, database) if name.startswith("reading_")]
    assert len(days) == 8
    # Whoever comes back to a day that has gone has it made anew.
    weekly.on(TODAY)
    assert [row.name for row in weekly.entries()] == ["Person1 Provsson"]


def test_what_is_asked_once_leaves_nothing(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(prospect(1))
    reading = copy.current(weekly.settings, weekly.register, TODAY, weekly.policy, weekly.parameters, kept=False)
    assert reading is not None
    assert "reading" in kinds(copies, database)
    del reading
    assert "reading" not in kinds(copies, database)


def test_whoever_reads_while_a_purge_comes_is_told_and_asks_anew(weekly: Weekly) -> None:
    weekly.deliver(prospect(1), prospect(2, "2026-01-25"))
    reading = weekly.reading()
    weekly.purge(weekly.entries(status="OVERDUE"))
    binds = entry_binds({}, named=True)
    with pytest.raises(copy.Retired):
        reading.rows(show_asks.ENTRIES, rows=ALL_ROWS, skip=0, **binds)
    with pytest.raises(copy.Retired):
        reading.places("secret")
    found = copy.retried(weekly.reading).rows(show_asks.ENTRIES, rows=ALL_ROWS, skip=0, **binds)
    assert [row.name for row in found] == ["Person2 Provsson"]


def test_what_an_intake_that_died_has_put_there_goes_with_the_next(
    weekly: Weekly, copies: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly.deliver(prospect(1))
    with monkeypatch.context() as patch:
        patch.setattr(central, "hand_over", _broken)
        assert refused(weekly, prospect(2)).code == "intake_failed"
    assert builds_in(copies, database) == ["000001", "000002"]
    assert [row.name for row in weekly.entries()] == ["Person1 Provsson"], "the old one stands"
    weekly.deliver(prospect(3))
    assert builds_in(copies, database) == ["000001", "000003"]


def test_of_a_build_that_goes_while_its_day_is_made_nothing_stays(
    weekly: Weekly, copies: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly.deliver(prospect(1))
    with weekly.register.connect() as connection:
        found = builds.current(weekly.settings, connection)
    assert found is not None
    decide = CentralCopy._decide_all

    def overtaken(self: CentralCopy, connection: sa.Connection, making: str, binds: Any) -> None:
        connection.commit()
        # As a purge on another host does it meanwhile.
        with servers.connect(copies, database) as other:
            other.execute(f"drop schema {central.schema_of(found.path.name)} cascade")
        decide(self, connection, making, binds)

    monkeypatch.setattr(CentralCopy, "_decide_all", overtaken)
    one = CentralCopy(weekly.settings, found.path.name, found.build_id)
    with pytest.raises(copy.Retired):
        one.reading(TODAY, weekly.policy, weekly.parameters, copy.Facts())
    assert held(copies, database) == []


def test_a_day_that_is_done_while_its_build_is_dropped_goes_too(
    weekly: Weekly, copies: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly.deliver(prospect(1))
    drop = central.drop

    def late(connection: sa.Connection, schema: str) -> bool:
        if schema.startswith("build_"):
            with servers.connect(copies, database) as other:
                other.execute(f"create schema {central.reading_of(schema, 'f')}")
        return drop(connection, schema)

    monkeypatch.setattr(central, "drop", late)
    assert central.clear(weekly.settings, weekly.register, []) == []
    assert held(copies, database) == []


def test_what_is_there_must_be_what_the_file_holds(weekly: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    weekly.deliver(prospect(1))
    stream = central.stream

    def lossy(con: Any, connection: sa.Connection, tables: Any, schema: str, *, into: str) -> None:
        stream(con, connection, tables, schema, into=into)
        connection.exec_driver_sql(f"update {schema}.record set phone = '070' where name = 'Person2 Provsson'")
        connection.commit()

    with monkeypatch.context() as patch:
        patch.setattr(central, "stream", lossy)
        told = refused(weekly, prospect(1), prospect(2))
    assert (told.code, told.values["table"]) == ("copy_differs", "record")
    assert [row.name for row in weekly.entries()] == ["Person1 Provsson"]


def test_another_registers_copy_is_left_alone(weekly: Weekly, tmp_path: Path, copies: str, database: str) -> None:
    weekly.deliver(prospect(1))
    other = Weekly(tmp_path / "other", COMPLIANCE_COPY_URL=servers.url(copies, database))
    other.folder = tmp_path / "others"
    assert refused(other, prospect(2)).code == "copy_of_another"
    assert [row.name for row in weekly.entries()] == ["Person1 Provsson"]


# What whoever reads may do that they must not, by the database's own word for everything that it holds.
_PLACES = "^(pg_|information_schema$)"
MAY = {
    "sees what is no copy": f"""
        select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname !~ '{_PLACES}' and nspname !~ '^(build|reading)_' and relkind in ('r', 'p', 'v', 'm', 'f')
            and (has_any_column_privilege(pg_class.oid, 'select, insert, update, references')
                or has_table_privilege(pg_class.oid, 'delete, truncate, trigger'))""",
    "writes to the copy": """
        select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname ~ '^(build|reading|making)_' and relkind in ('r', 'p', 'v')
            and (has_any_column_privilege(pg_class.oid, 'insert, update, references')
                or has_table_privilege(pg_class.oid, 'delete, truncate, trigger'))""",
    "makes something": f"""
        select nspname from pg_namespace
        where nspname !~ '{_PLACES}' and has_schema_privilege(oid, 'create')""",
    "counts on": """
        select relname from pg_class
        where case when relkind = 'S' then has_sequence_privilege(oid, 'usage, select, update') else false end""",
    "runs what is no trigger's": f"""
        select proname from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
        where nspname !~ '{_PLACES}' and prorettype <> 'trigger'::regtype
            and has_function_privilege(pg_proc.oid, 'execute')""",
    "is given what comes later": "select defaclobjtype from pg_default_acl",
    "has large objects": "select oid from pg_largeobject_metadata",
    "is somebody else": "select roleid from pg_auth_members where member = current_user::regrole",
    "sees what others ask": "select query from pg_stat_activity where usename <> current_user and query !~ '^<insuff'",
}


@pytest.mark.usefixtures("folder")
def test_whoever_reads_may_write_nothing_and_sees_no_register(tmp_path: Path, copies: str, database: str) -> None:
    """The register lies in the same database here, as badly as it can."""
    with servers.connect(copies) as connection:
        connection.execute("drop role if exists only_reads")
        connection.execute("create role only_reads login password 'p'")
    url = servers.url(copies, database)
    by_reader = url.replace(f"{servers.USER}@", "only_reads:p@")
    desk = Weekly(
        tmp_path / "store", COMPLIANCE_COPY_URL=url, COMPLIANCE_COPY_READER_URL=by_reader, COMPLIANCE_REGISTER_URL=url
    )
    desk.folder = tmp_path / "exports"
    desk.deliver(prospect(1), prospect(2))
    (row, *_) = desk.entries(status="OVERDUE")
    assert desk.going(desk.propose([row])) == 1
    with desk.reading()._engine.connect() as connection:
        assert connection.scalar(sa.text("select current_user")) == "only_reads"
    (schema,) = [name for name in held(copies, database) if name.startswith("build_")]
    with psycopg.connect(host=copies, user="only_reads", dbname=database, autocommit=True) as thief:
        assert thief.execute(f"select count(*) from {schema}.person").fetchone() == (2,)
        for statement in (
            f"delete from {schema}.record",
            f"create table {schema}.mine (one int)",
            "create table public.mine (one int)",
            f"drop schema {schema} cascade",
            "select * from ledger",
            "select * from hold",
            "select * from suppression",
            "select * from build_key",
            f"set role {servers.USER}",
            "select * from pg_authid",
            "select * from pg_statistic",
            "select pg_read_file('postgresql.conf')",
            "copy (select 1) to program 'true'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                thief.execute(statement)
        assert thief.execute("select count(*) from pg_stats where tablename = 'ledger'").fetchone() == (0,)
        for told, asked in MAY.items():
            assert thief.execute(asked).fetchall() == [], told


def test_by_one_user_for_both_what_reads_may_write_nothing_either(weekly: Weekly) -> None:
    weekly.deliver(prospect(1))
    with weekly.reading()._engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="read-only"):
        connection.execute(sa.text("delete from record"))


def test_a_database_that_does_not_answer_is_told_in_words(weekly: Weekly) -> None:
    weekly.deliver(prospect(1))
    gone = "postgresql+psycopg://nobody:hunter2@/nothing?host=/nowhere"
    weekly.settings = dataclasses.replace(weekly.settings, copy_url=gone, copy_reader_url=gone)
    with pytest.raises(Refused) as told:
        weekly.reading()
    assert told.value.code == "copy_unreachable"
    assert "hunter2" not in str(told.value)
    assert refused(weekly, prospect(2)).code == "copy_unreachable"


@pytest.mark.parametrize("told", ["sqlite:///x.db", "postgresql+psycopg://host", "nonsense", "mysql+pymysql://h/db"])
def test_a_copy_is_in_a_postgresql_or_in_files(weekly: Weekly, told: str) -> None:
    weekly.settings = dataclasses.replace(weekly.settings, copy_url=told, copy_reader_url=told)
    said = refused(weekly, prospect(1))
    assert (said.code, said.values["name"]) == ("setting_invalid", "COMPLIANCE_COPY_URL")


def test_the_statistics_of_the_database_tell_of_nobody(weekly: Weekly, copies: str, database: str) -> None:
    weekly.deliver(*(prospect(number) for number in range(30)))
    weekly.reading()
    with servers.connect(copies, database) as connection:
        connection.execute("analyze")
        found = connection.execute(
            "select schemaname, tablename, attname from pg_stats where schemaname ~ '^(build|reading)_'"
            " and (most_common_vals::text ilike '%person%@%' or histogram_bounds::text ilike '%provsson%'"
            " or histogram_bounds::text ilike '%person%@%' or most_common_vals::text ilike '%provsson%')"
        ).fetchall()
        assert connection.execute("select count(*) > 0 from pg_stats where schemaname ~ '^build_'").fetchone() == (
            True,
        )
    assert found == []


def test_the_demo_company_tells_the_same(tmp_path: Path, copies: str, database: str) -> None:
    """What pages ask with words and numbers of their own: a search, a comparison of weeks, a person's reach."""
    own = Desk(demo_store.copied(tmp_path))
    url = servers.url(copies, database)
    there = Desk(own.settings.store, COMPLIANCE_COPY_URL=url)
    with own.register.connect() as connection:
        build = builds.current(own.settings, connection)
    assert build is not None
    builds.publish(there.settings, own.register, build)
    both = own.reading(), there.reading()
    person = own.entries(status="OVERDUE")[0].person_id
    was = both[0].places("secret")
    told = []
    for reading in both:
        places = reading.places("secret")
        assert {place: sorted(digests) for place, digests in places.items()} == {
            place: sorted(digests) for place, digests in was.items()
        }
        reading.bridge(7, "secret", TODAY - dt.timedelta(days=7), {"overdue": tuple(was["overdue"][1:])}, [])
        told.append(
            (
                reading.window_of(person),
                reading.rows(review_asks.BRIDGE_COUNTS, start=7),
                [
                    row.basis_id
                    for row in reading.rows(show_asks.ENTRIES, rows=50, skip=0, **entry_binds({}, named=True))
                ],
            )
        )
    assert told[0] == told[1]
    assert told[0][1]


def test_what_a_new_fact_touches_is_decided_alone(
    tmp_path: Path, copies: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Desk(demo_store.copied(tmp_path))
    there = Desk(own.settings.store, COMPLIANCE_COPY_URL=servers.url(copies, database))
    with own.register.connect() as connection:
        build = builds.current(own.settings, connection)
    assert build is not None
    builds.publish(there.settings, own.register, build)
    there.reading()
    monkeypatch.setattr(CentralCopy, "_decide_all", _broken)
    terms = holds.Terms("legal_claim", "legal", TODAY + dt.timedelta(days=30), "T-1")
    for row in own.entries(status="OVERDUE")[:3] + own.entries(status="ACTIVE")[:2]:
        holds.place(own.at(own.petra), own.reading(), holds.Target(Scope.PERSON, row.person_id), terms)
        there.now = own.now
        readings = own.reading(), there.reading()
        for name in ("basis_status", "person_status", "request_status", "request_rest", "needed_for_claims"):
            here, elsewhere = (sorted(map(str, table(reading, name))) for reading in readings)
            assert here == elsewhere
    assert not [name for name in held(copies, database) if name.startswith("making_")]
    # Everybody is not few: all is decided.
    holds.place(own.at(own.petra), own.reading(), holds.Target(Scope.CATEGORY, "PROSPECT"), terms)
    with pytest.raises(OSError, match="disk"):
        there.reading()


# Of Citus only what it is asked for: it notes what was to be spread, by what, beside what, and in which order.
CITUS = (
    # Its functions are the database's own, found whatever the search path is.
    "set allow_system_table_mods = on",
    "create sequence pg_catalog.told",
    "create table pg_catalog.pg_dist_partition (logicalrelid regclass, by text, beside text, told bigint)",
    # As Citus has it: with what else may be said, and named so.
    "create function pg_catalog.create_distributed_table(table_name regclass, distribution_column text,"
    " distribution_type text default 'hash', colocate_with text default 'default', shard_count int default null)"
    " returns void language sql as 'insert into pg_catalog.pg_dist_partition"
    " values (table_name, distribution_column, colocate_with, nextval(''pg_catalog.told''))'",
    "create function pg_catalog.create_reference_table(table_name regclass) returns void language sql"
    " as 'insert into pg_catalog.pg_dist_partition values (table_name, null, null, nextval(''pg_catalog.told''))'",
)


# By what each table is spread: as the stand-in notes it, and as Citus does.
SPREAD = "select relname, by from pg_dist_partition join pg_class on pg_class.oid = logicalrelid"
SPREAD_BY_CITUS = (
    "select relname, case when partmethod = 'h' then column_to_column_name(logicalrelid, partkey) end"
    " from pg_dist_partition join pg_class on pg_class.oid = logicalrelid"
)


def spreads(socket: str, database: str) -> None:
    """Has the database spread tables, where it is no Citus already."""
    if not servers.is_url(socket):
        with servers.connect(socket, database) as connection:
            for statement in CITUS:
                connection.execute(statement)


def spread(socket: str, database: str) -> dict[str, str | None]:
    """By what each table was spread, by its name without the schema."""
    with servers.connect(socket, database) as connection:
        asked = SPREAD_BY_CITUS if servers.is_url(socket) else SPREAD
        return dict(connection.execute(asked).fetchall())


def test_tables_with_persons_are_spread_by_person_and_the_rest_is_everywhere(
    weekly: Weekly, copies: str, database: str
) -> None:
    spreads(copies, database)
    weekly.deliver(prospect(1))
    weekly.reading()
    told = spread(copies, database)
    by_person = {name for name, by in told.items() if by == "person_id"}
    assert by_person >= {"basis_made", "person_of_several", "basis_status", "person_status"}
    assert {name for name, by in told.items() if by is None} >= {"record", "rule", "hold", "evaluation"}
    with servers.connect(copies, database) as connection:
        tables = connection.execute(
            "select count(*) from information_schema.tables where table_schema ~ '^(build|reading)_'"
            " and table_type = 'BASE TABLE'"
        ).fetchone()
        assert tables == (len(told),), "none is on one host alone"
        if servers.is_url(copies):
            return
        # Of each schema whole ones first, and what is spread lies beside what else is of the same person.
        asked = connection.execute(
            "select split_part(relnamespace::regnamespace::text, '_', 1), by is not null, beside from pg_dist_partition"
            " join pg_class on pg_class.oid = logicalrelid order by told"
        ).fetchall()
    runs = [key for key, _ in itertools.groupby((kind, is_spread) for kind, is_spread, _ in asked)]
    assert runs == [("build", False), ("build", True), ("reading", False), ("reading", True)]
    assert {beside for _, is_spread, beside in asked if is_spread} == {"default"}


def environ(desk: Desk) -> dict[str, str]:
    """What a command is started with, to do as the desk does."""
    return {"COMPLIANCE_STORE": str(desk.settings.store), "COMPLIANCE_COPY_URL": desk.settings.copy_url or ""}


@pytest.mark.files("begins in files, and moves to a database itself")
def test_an_installation_moves_by_a_command(
    tmp_path: Path, copies: str, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = Weekly(tmp_path / "store")
    files.folder = tmp_path / "exports"
    files.deliver(prospect(1))
    there = Desk(files.settings.store, COMPLIANCE_COPY_URL=servers.url(copies, database))
    assert copy.current(there.settings, there.register, TODAY, there.policy, there.parameters) is None
    for name, value in environ(there).items():
        monkeypatch.setenv(name, value)
    assert commands.copy(["publish"]) == 0
    assert "is in the database now" in capsys.readouterr().out
    assert [row.name for row in there.entries()] == ["Person1 Provsson"]
    assert commands.copy(["--language", "sv", "publish"]) == 0
    assert "finns redan" in capsys.readouterr().out
    if not servers.is_url(copies):
        assert commands.copy(["distribute"]) == 1
        assert "create extension citus" in capsys.readouterr().err
    spreads(copies, database)
    assert commands.copy(["distribute"]) == 0
    assert "have been spread" in capsys.readouterr().out
    assert spread(copies, database)["basis_status"] == "person_id"
    monkeypatch.delenv("COMPLIANCE_COPY_URL")
    assert commands.copy(["publish"]) == 1
    assert "COMPLIANCE_COPY_URL" in capsys.readouterr().err


def test_a_receipt_names_what_the_database_keeps(weekly: Weekly) -> None:
    weekly.deliver(prospect(1))
    batch = weekly.purge(weekly.entries(status="OVERDUE"))
    receipt = receipts.parse(batch.receipt or "")
    page = receipts.to_html(receipt, "en")
    assert receipt.copy_in == "postgresql"
    assert "own log (WAL)" in page
    assert str(receipt.backups_until) in page
    in_files = receipts.to_html(receipt.model_copy(update={"copy_in": "files"}), "en")
    assert "WAL" not in in_files


def test_what_pages_ask_by_is_in_no_log_of_the_server(weekly: Weekly, folder: Path, copies: str, database: str) -> None:
    weekly.deliver(prospect(1))
    reading = weekly.reading()
    with servers.connect(copies, database) as connection:
        for name in held(copies, database):
            connection.execute(f"drop schema {name} cascade")
    with pytest.raises(copy.Retired):
        reading.rows(reading_asks.PERSON_REACH, person_id="eva@bolaget.example")
    log = (folder / "log").read_text(encoding="utf-8")
    assert "STATEMENT:  select min(urgency)" in log, "what failed is there"
    assert "eva@" not in log
