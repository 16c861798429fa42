"""Connections that are lost, servers that say no, and two dashboards at one thing: in words, and nothing half done."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance import builds, runs
from compliance.builds import central
from compliance.reading import copy
from compliance.reading.central import CentralCopy, CentralReading
from compliance.reading.lines import Lines
from compliance.register.lock import AtWork, at_work
from compliance.review import asks as review_asks
from compliance.runs.tables import intake_run
from compliance.show import asks
from compliance.show.entries import entry_binds
from compliance.words import keys
from compliance.words.refusal import Refused
from tests import servers
from tests.builds.delivered import delivered
from tests.builds.test_central import held
from tests.builds.test_several import _until_one_waits
from tests.purging import Weekly
from tests.world import TODAY, table

_NAMES = ("lost_register", "lost_copy")
# Of no process of any machine.
_NOBODY = 2**31 - 1


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, postgresql: str, empty_register: str) -> Iterator[Weekly]:
    """It has taken in three prospects, and puts none of them anywhere else."""
    with delivered(postgresql, _NAMES, empty_register, tmp_path_factory.mktemp("lost")) as made:
        yield made


def end_all(server: str, *databases: str) -> None:
    """Ends every connection, as a server does that is begun anew."""
    with servers.connect(server) as connection:
        for database in databases:
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [database]
            )


@contextmanager
def with_setting(server: str, database: str, setting: str) -> Iterator[None]:
    """What whoever connects to a database has from now on."""
    with servers.connect(server) as connection:
        connection.execute(f"alter database {database} set {setting}")
        end_all(server, database)
        try:
            yield
        finally:
            connection.execute(f"alter database {database} reset all")
            end_all(server, database)


def opened(desk: Weekly) -> CentralCopy:
    """The current build, as another dashboard's process opens it."""
    with desk.register.connect() as connection:
        found = builds.current(desk.settings, connection)
    assert found is not None
    return CentralCopy(desk.settings, found.path.name, found.build_id)


def day_of(desk: Weekly, made: CentralCopy, day: dt.date) -> CentralReading:
    reading = made.reading(day, desk.policy, desk.parameters, copy.Facts())
    assert isinstance(reading, CentralReading)
    return reading


def names(reading: copy.Reading) -> list[str]:
    return [row.name for row in reading.rows(asks.ENTRIES, rows=9, skip=0, **entry_binds({}, named=True))]


def test_a_server_that_was_begun_anew_is_noticed_by_nobody(desk: Weekly, postgresql: str) -> None:
    reading = day_of(desk, opened(desk), TODAY)
    with desk.register.connect() as connection:
        assert connection.scalar(sa.select(1)) == 1
    places = reading.places("secret")
    end_all(postgresql, *_NAMES)
    with desk.register.connect() as connection:
        assert connection.scalar(sa.select(1)) == 1
    assert len(names(reading)) == 3
    end_all(postgresql, *_NAMES)
    # What DuckDB asks has connections of its own.
    assert reading.places("secret") == places


def _choose(_: Weekly, reading: CentralReading) -> None:
    with reading.choosing(keys.Key("k", b"x" * 32), [copy.Item("gone", "PROSPECT", "crm", "OVERDUE", None)]) as choice:
        choice.decide("rule")


def _write(_: Weekly, reading: CentralReading) -> None:
    lines = Lines(reading, entry_binds({}, named=True))
    try:
        lines.sayings()
    finally:
        lines.close()


_ASKS: dict[str, Callable[[Weekly, CentralReading], object]] = {
    "list": lambda _, reading: names(reading),
    "places": lambda _, reading: reading.places("another secret"),
    "reach": lambda _, reading: reading.window_of("nobody"),
    "choice": _choose,
    "file": _write,
    "open": lambda desk, _: opened(desk),
    "day": lambda desk, reading: day_of(desk, opened(desk), reading.as_of + dt.timedelta(days=40)),
}


@pytest.mark.parametrize(
    ("setting", "code", "asked"),
    [
        ("statement_timeout = '1ms'", "copy_stopped", ("open", "day")),
        ("default_transaction_read_only = on", "copy_closed", ("day",)),
        ("role = nobody_here", "copy_not_allowed", ("list", "reach", "places", "choice", "file", "day")),
    ],
)
def test_what_the_copys_server_does_not_do_is_told_in_words(
    desk: Weekly, postgresql: str, setting: str, code: str, asked: tuple[str, ...]
) -> None:
    reading = day_of(desk, opened(desk), TODAY)
    with servers.connect(postgresql) as connection:
        connection.execute("drop role if exists nobody_here")
        connection.execute("create role nobody_here")
    with with_setting(postgresql, "lost_copy", setting):
        for one in asked:
            with pytest.raises(Refused) as told:
                _ASKS[one](desk, reading)
            assert (one, told.value.code, told.value.values) == (one, code, {"database": "lost_copy"})
    assert len(names(reading)) == 3


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("statement_timeout = '20ms'", "register_stopped"),
        ("role = nobody_here", "register_not_allowed"),
        ("default_transaction_read_only = on", "register_closed"),
    ],
)
def test_what_the_registers_server_does_not_do_is_told_in_words(
    desk: Weekly, postgresql: str, setting: str, code: str
) -> None:
    with servers.connect(postgresql) as connection:
        connection.execute("drop role if exists nobody_here")
        connection.execute("create role nobody_here")
    count = sa.select(sa.func.count()).select_from(intake_run)
    with desk.register.connect() as connection:
        before = connection.scalar(count)
    with with_setting(postgresql, "lost_register", setting):
        with pytest.raises(Refused) as told, desk.register.begin() as connection:
            connection.execute(sa.select(sa.func.pg_sleep(0.05 if code == "register_stopped" else 0)))
            connection.execute(sa.delete(intake_run))
        assert told.value.code == code
    with desk.register.connect() as connection:
        assert connection.scalar(count) == before


@pytest.mark.parametrize("asked", ["file", "choice", "day"])
def test_what_has_gone_meanwhile_is_told_to_have_gone(desk: Weekly, postgresql: str, asked: str) -> None:
    with desk.register.connect() as connection:
        found = builds.current(desk.settings, connection)
    assert found is not None
    made = opened(desk)
    reading = day_of(desk, made, TODAY)
    try:
        with servers.connect(postgresql, "lost_copy") as connection:
            for name in held(postgresql, "lost_copy"):
                connection.execute(f"drop schema {name} cascade")
        with pytest.raises(copy.Retired):
            day_of(desk, made, TODAY.replace(day=1)) if asked == "day" else _ASKS[asked](desk, reading)
        with pytest.raises(FileNotFoundError):
            opened(desk)
    finally:
        builds.publish(desk.settings, desk.register, found)


def test_who_loses_the_connection_spoils_nothing_of_who_goes_on(
    desk: Weekly, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One makes a day, and loses the lock with its connection before DuckDB fills the tables that were made for it."""
    day, stream = TODAY + dt.timedelta(days=3), central.stream
    copies = {"one": opened(desk), "other": opened(desk)}
    lost, laid, ended = (threading.Event() for _ in range(3))
    told: dict[str, object] = {}

    class Slow:
        """DuckDB, which begins to fill once the other one has laid its own."""

        def __init__(self, con: Any, number: int) -> None:
            self._con, self._number = con, number

        def execute(self, statement: str, *told: Any) -> Any:
            if statement == "begin":
                with servers.connect(postgresql) as connection:
                    connection.execute("select pg_terminate_backend(%s, 5000)", [self._number])
                lost.set()
                assert laid.wait(30)
            return self._con.execute(statement, *told)

    def one_first(con: Any, connection: sa.Connection, *rest: Any, **named: Any) -> None:
        if threading.current_thread().name == "one":
            own = connection.connection.driver_connection
            assert own is not None
            con = Slow(con, own.info.backend_pid)
        stream(con, connection, *rest, **named)
        if threading.current_thread().name == "other":
            laid.set()
            assert ended.wait(30)

    monkeypatch.setattr(central, "stream", one_first)

    def make(name: str) -> None:
        try:
            told[name] = day_of(desk, copies[name], day)
        except Exception as error:
            told[name] = error
        if name == "one":
            ended.set()

    with ExitStack() as stack:
        for name in copies:
            thread = threading.Thread(target=make, args=(name,), name=name)
            thread.start()
            stack.callback(thread.join, 60)
            assert lost.wait(30)
    assert isinstance(told["one"], Refused) and told["one"].code == "copy_unreachable"
    made = told["other"]
    assert isinstance(made, CentralReading)
    own = day_of(desk, opened(desk), TODAY + dt.timedelta(days=4))
    assert sorted(map(str, table(made, "rule"))) == sorted(map(str, table(own, "rule")))
    assert not [name for name in held(postgresql, "lost_copy") if name.startswith("making_")]


def test_what_could_not_be_filled_leaves_no_transaction_behind(desk: Weekly) -> None:
    """DuckDB ends the whole process where it lets go of one whose server has gone."""
    with central.maker(desk.settings).connect() as connection, duckdb.connect(":memory:") as con:
        central.attach(con, desk.settings, "made", read_only=False)
        con.execute("create view wrong as select error('no')::integer as one")
        connection.exec_driver_sql("create schema making_nothing")
        connection.commit()
        with pytest.raises(Refused, match="copy_unreachable"):
            central.stream(con, connection, {"wrong": "wrong"}, "making_nothing", into="made")
        # Which it would refuse within another.
        con.execute("begin")
        con.execute("rollback")
        assert central.drop(connection, "making_nothing")


def test_two_who_publish_a_build_do_so_in_turn(desk: Weekly, postgresql: str) -> None:
    with desk.register.connect() as connection:
        found = builds.current(desk.settings, connection)
    assert found is not None
    schema = central.schema_of(found.path.name)
    second = threading.Thread(target=lambda: builds.publish(desk.settings, desk.register, found))
    with central.maker(desk.settings).connect() as first, central.alone(first, schema):
        second.start()
        with servers.connect(postgresql, "lost_copy") as connection:
            _until_one_waits(connection)
            assert connection.execute(f"select count(*) from {schema}.person").fetchone() == (3,)
    second.join(60)
    assert len(names(day_of(desk, opened(desk), TODAY))) == 3


def test_a_bridge_that_could_not_be_shown_is_found_out_anew_and_shown_once(
    desk: Weekly, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (day_of(desk, opened(desk), TODAY) for _ in range(2))
    was = {"overdue": ("a digest of one that has gone",)}
    with monkeypatch.context() as patch:
        patch.setattr(central, "alone", _unreachable)
        with pytest.raises(Refused):
            here.bridge(5, "secret", TODAY, was, [])
    assert not here.has_bridge(5)
    for reading in (here, here, there):
        reading.bridge(5, "secret", TODAY, was, [])
        counted = reading.rows(review_asks.BRIDGE_COUNTS, start=5)
        assert sum(row.bases for row in counted) == 2
    schema = here._schemas[0]
    with servers.connect(postgresql, "lost_copy") as connection:
        first = connection.execute(
            f"select min(xmin::text::bigint), max(xmin::text::bigint) from {schema}.bridge_entry"
        )
        low, high = first.fetchone() or (0, 1)
    assert low == high, "shown once, by the first of them"


def _unreachable(*_: object) -> object:
    raise Refused("copy_unreachable", database="lost_copy")


def test_a_run_is_alive_while_its_process_is_whatever_clocks_say(desk: Weekly, postgresql: str) -> None:
    run_id = runs.queue(desk.register, None, desk.now)
    runs.claim(desk.register, run_id, desk.now)
    with desk.register.begin() as connection:
        # As one of another host.
        connection.execute(sa.update(intake_run).values(process=_NOBODY))
    other = runs.queue(desk.register, None, desk.now)
    with runs.Progress(desk.register, run_id, lambda: desk.now) as progress:
        for minutes in (-10, 10):
            skewed = desk.now + dt.timedelta(minutes=minutes)
            assert runs.alive(desk.register, skewed) is not None
            with pytest.raises(Refused, match="intake_running"):
                runs.claim(desk.register, other, skewed)
        assert runs.alive(desk.register, desk.now + dt.timedelta(minutes=40)) is None, "it may hang"
        end_all(postgresql, "lost_register")
        assert runs.alive(desk.register, desk.now + dt.timedelta(minutes=10)) is None
        progress._at_work.keep()
        assert runs.alive(desk.register, desk.now + dt.timedelta(minutes=10)) is not None
    later = desk.now + dt.timedelta(minutes=10)
    assert runs.alive(desk.register, later) is None
    runs.claim(desk.register, other, later)
    with desk.register.begin() as connection:
        runs.end(connection, other, runs.State.FAILED, "{}", None, later)


def test_work_is_told_of_until_it_ends_by_whichever_session_has_the_lock(desk: Weekly) -> None:
    def told() -> bool:
        with desk.register.connect() as connection:
            return at_work(connection, ["a run"]) == {"a run"}

    lost, again = AtWork(desk.register, "a run"), AtWork(desk.register, "a run")
    for _ in range(100):
        lost.keep()
        # The server has not noticed yet that the first session is lost.
        again.keep()
        assert told()
        lost.end()
        assert not told(), "its server lets go when it is told, not when it notices"
        again.keep()
        assert told()
        again.end()
