"""What is purged here is erased in its own system too: all that was planned, or nothing, and it is said which."""

from __future__ import annotations

import dataclasses
import datetime as dt
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest
import sqlalchemy as sa
import tomli_w

from compliance import access, ledger
from compliance.access.at import At
from compliance.ledger import Event
from compliance.ledger.tables import ledger as ledger_table
from compliance.purge.tables import batch
from compliance.register.engine import engine, writing
from compliance.register.lock import alone
from compliance.sources import tasks as sources
from compliance.sources.catalogue import Catalogue, Dataset, Erase, Source, load_catalogue
from compliance.sources.left_over import LeftOver
from compliance.sources.tables import Kind, Reason, State, source_task
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests import servers
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
ODD = ("O'Hara; drop table", "100%", "%s", "Åsa-Ö-😀", 'a"b`c', "back\\slash", "{key}", ":key")


def clock() -> dt.datetime:
    return NOW


@dataclass
class Crm:
    """A small CRM in a database of its own."""

    url: str
    engine: sa.Engine
    contacts: sa.Table
    notes: sa.Table
    activities: sa.Table
    newsletter: sa.Table

    def fill(self, *keys: str, notes: int = 1) -> None:
        """A contact per key, with notes, an activity and a newsletter address."""
        with self.engine.begin() as connection:
            rows = [
                {"contact_id": key, "name": f"Namn {key}", "email": f"{number}@kund.example", "score": 7}
                for number, key in enumerate(keys)
            ]
            connection.execute(self.contacts.insert(), rows)
            texts = [{"contact_id": key, "text": "ringt"} for key in keys for _ in range(notes)]
            if texts:
                connection.execute(self.notes.insert(), texts)
            connection.execute(self.activities.insert(), [{"contact_id": key, "subject": "möte"} for key in keys])
            connection.execute(self.newsletter.insert(), [{"contact_id": key} for key in keys])

    def rows(self, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
        """What a table holds, in order of the first column asked for."""
        chosen = [table.c[name] for name in columns]
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(*chosen).order_by(chosen[0]))]

    def keys(self) -> list[str]:
        """The keys of the contacts that are there."""
        return [key for (key,) in self.rows(self.contacts, "contact_id")]

    def run(self, statement: str) -> None:
        """One statement, as somebody else who works in the CRM."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement))


@pytest.fixture(params=["postgresql", "mariadb"])
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    """A CRM on each of the two databases."""
    socket, name = request.getfixturevalue(request.param), f"crm{uuid.uuid4().hex}"
    if request.param == "postgresql":
        url = servers.create(socket, name)
    else:
        with pymysql.connect(unix_socket=socket, user="root") as connection, connection.cursor() as cursor:
            cursor.execute(f"create database {name} character set utf8mb4")
        url = f"mysql+pymysql://root@/{name}?unix_socket={socket}&charset=utf8mb4"
    metadata = sa.MetaData()
    contacts = sa.Table(
        "contacts",
        metadata,
        sa.Column("contact_id", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(200)),
        sa.Column("score", sa.Integer),
        sa.Column("met on", sa.Date),
    )
    parts = [
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("contact_id", sa.ForeignKey("contacts.contact_id"), index=True),
            *columns,
        )
        for name, columns in (
            ("notes", [sa.Column("text", sa.String(200))]),
            ("activities", [sa.Column("subject", sa.String(200))]),
            ("newsletter", []),
        )
    ]
    opened = sa.create_engine(url, poolclass=sa.pool.NullPool)
    metadata.create_all(opened)
    yield Crm(url, opened, contacts, *parts)
    opened.dispose()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[sa.Engine]:
    """A register, where it does not matter on which database."""
    opened = engine(settings_of.load({"COMPLIANCE_STORE": str(tmp_path / "store")}))
    yield opened
    opened.dispose()


DELETE: Mapping[str, Any] = {
    "url": "CRM_URL",
    "table": "contacts",
    "key": "contact_id",
    "mode": "delete",
    "related": [
        {"table": "notes", "key": "contact_id", "mode": "delete"},
        {
            "table": "activities",
            "key": "contact_id",
            "mode": "anonymise",
            "overwrite": {"subject": "Raderad", "contact_id": "null"},
        },
        {"table": "newsletter", "key": "contact_id", "mode": "delete"},
    ],
}
ANONYMISE: Mapping[str, Any] = {
    "url": "CRM_URL",
    "table": "contacts",
    "key": "contact_id",
    "mode": "anonymise",
    "overwrite": {"name": "Raderad 100%", "email": "null", "score": 0, "met on": "1900-01-01"},
    "related": [{"table": "notes", "key": "contact_id", "mode": "delete"}],
}


def catalogue(erase: Mapping[str, Any] | None = DELETE, header: str = "Kontakt-ID") -> Catalogue:
    contacts = Dataset.model_validate(
        {
            "id": "crm_contacts",
            "source": "crm",
            "record": "person",
            "category": "PROSPECT",
            "headers": {"source_key": [header], "name": ["Namn"]},
            "erase": erase,
        }
    )
    return Catalogue(sources={"crm": Source(name={"sv": "CRM", "en": "CRM"}, max_age_hours=1)}, datasets=(contacts,))


def plan(register: sa.Engine, keys: Mapping[str, list[str]], known: Catalogue, environ: Mapping[str, str]) -> int:
    with writing(register) as connection:
        batch_id = connection.execute(
            sa.insert(batch).values(
                uid=uuid.uuid4().hex,
                state="proposed",
                kind="rule",
                proposed_at=NOW,
                as_of=NOW.date(),
                policy_digest="p",
                policy_version="1",
                digest="d",
                planned=1,
                persons=1,
                large=False,
            )
        ).inserted_primary_key[0]
        assert sources.plan(connection, batch_id, keys, known, environ) == len([1 for found in keys.values() if found])
    return int(batch_id)


def erase(register: sa.Engine, crm: Crm, keys: list[str], how: Mapping[str, Any] = DELETE) -> sources.Task:
    """Plans and carries out, and returns how the only task ended."""
    environ = {"CRM_URL": crm.url}
    batch_id = plan(register, {"crm_contacts": keys}, catalogue(how), environ)
    return carry_out(register, batch_id, environ, how)


def carry_out(
    register: sa.Engine, batch_id: int, environ: Mapping[str, str], how: Mapping[str, Any] = DELETE
) -> sources.Task:
    (task,) = sources.carry_out(register, batch_id, catalogue(how), environ, clock)
    return task


def lines(register: sa.Engine, event: Event) -> list[str]:
    with register.connect() as connection:
        assert ledger.verify(connection).broken_at is None
        query = sa.select(ledger_table.c.details).where(ledger_table.c.event == event).order_by(ledger_table.c.seq)
        return list(connection.scalars(query))


def found_running(register: sa.Engine, task_id: int) -> None:
    """As a process leaves it that is killed before it could write down what it did."""
    with register.begin() as connection:
        connection.execute(
            sa.update(source_task)
            .where(source_task.c.task_id == task_id)
            .values(state="running", affected=None, done_at=None, reason=None)
        )


def fetched(at: At, task_id: int, known: Catalogue) -> bytes:
    """A whole order."""
    return b"".join(sources.fetch(at, task_id, known))


def test_an_order_of_many_keys_is_written_while_it_is_read() -> None:
    keys = [f"K{number:06d}" for number in range(100_000)]
    assert sources.unpack(sources.pack(keys)) == keys
    assert sources.unpack(sources.pack(["\n;\u2028", "å"])) == ["\n;\u2028", "å"]
    written = sources._written(["key"], iter(keys))
    assert next(written) == b"key\n" and next(written).count(b"\n") == 1_000
    assert sum(part.count(b"\n") for part in written) == 99_000


def refused_as(task: sources.Task) -> tuple[State, Reason | None, int | None]:
    return task.state, task.reason, task.affected


# Erasing


def test_the_planned_are_deleted_with_what_refers_to_them_and_nobody_else_is(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1", "2", "3", notes=2)
    task = erase(book, crm, ["1", "3"])
    assert (task.state, task.affected, task.planned, task.done_at, task.reason) == (State.DONE, 2, 2, NOW, None)
    assert crm.keys() == ["2"]
    assert crm.rows(crm.notes, "contact_id") == [("2",), ("2",)]
    assert sorted(crm.rows(crm.activities, "subject", "contact_id"), key=str) == [
        ("Raderad", None),
        ("Raderad", None),
        ("möte", "2"),
    ]
    assert crm.rows(crm.newsletter, "contact_id") == [("2",)]
    assert lines(book, Event.SOURCE_ERASED) == [
        '{"affected":2,"batch":1,"dataset":"crm_contacts","planned":2,"source":"crm","task":1}'
    ]


def test_the_planned_are_overwritten_where_the_row_must_stay(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1", "2")
    task = erase(book, crm, ["1"], ANONYMISE)
    assert (task.state, task.affected) == (State.DONE, 1)
    assert crm.rows(crm.contacts, "contact_id", "name", "email", "score", "met on") == [
        ("1", "Raderad 100%", None, 0, dt.date(1900, 1, 1)),
        ("2", "Namn 2", "1@kund.example", 7, None),
    ]
    assert crm.rows(crm.notes, "contact_id") == [("2",)]


@pytest.mark.parametrize("how", [DELETE, ANONYMISE], ids=["delete", "anonymise"])
def test_keys_are_compared_as_they_are_whatever_they_hold(book: sa.Engine, crm: Crm, how: Mapping[str, Any]) -> None:
    crm.fill(*ODD, "Per Cent", "100")
    assert refused_as(erase(book, crm, list(ODD), how)) == (State.DONE, None, len(ODD))
    untouched = [key for key, name in crm.rows(crm.contacts, "contact_id", "name") if name.startswith("Namn")]
    assert sorted(untouched) == ["100", "Per Cent"]


def test_more_keys_than_one_statement_holds_are_one_transaction(book: sa.Engine, crm: Crm) -> None:
    keys = [f"K{number:04d}" for number in range(2_500)]
    crm.fill(*keys, "other")
    crm.run("delete from newsletter where contact_id < 'K2499'")
    widest = 0

    def measure(*call: Any) -> None:
        nonlocal widest
        widest = max(widest, len(call[3]))

    sa.event.listen(sa.Engine, "before_cursor_execute", measure)
    try:
        assert refused_as(erase(book, crm, [*keys, "gone"])) == (State.FAILED, Reason.COUNT_DIFFERS, 2_500)
        # Only the very last row objects, when the others are deleted already.
        unnamed = {**DELETE, "related": DELETE["related"][:2]}
        assert refused_as(erase(book, crm, keys, unnamed)) == (State.FAILED, Reason.REFUSED, None)
        assert len(crm.keys()) == len(crm.rows(crm.notes, "id")) == 2_501
        assert refused_as(erase(book, crm, keys)) == (State.DONE, None, 2_500)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", measure)
    assert crm.keys() == ["other"]
    assert 1_000 <= widest < 1_100


def test_a_column_of_numbers_is_compared_as_numbers(book: sa.Engine, crm: Crm) -> None:
    crm.run("create table people (id bigint primary key)")
    crm.run("insert into people values (1), (12), (3)")
    how = {"url": "CRM_URL", "table": "people", "key": "id", "mode": "delete"}
    for keys in (["1", "12abc"], ["1", "012"], ["1", "1.0"]):
        # MariaDB itself would take each of these for a number that is there.
        assert refused_as(erase(book, crm, keys, how)) == (State.FAILED, Reason.COUNT_DIFFERS, 1)
    assert refused_as(erase(book, crm, ["1", "12"], how)) == (State.DONE, None, 2)


def test_a_table_in_a_named_schema_is_found(book: sa.Engine, crm: Crm) -> None:
    schema = "public" if crm.engine.dialect.name == "postgresql" else str(crm.engine.url.database)
    crm.fill("1", "2")
    related = [{**part, "table": f"{schema}.{part['table']}"} for part in DELETE["related"]]
    assert erase(book, crm, ["1"], {**DELETE, "table": f"{schema}.contacts", "related": related}).state is State.DONE
    assert crm.keys() == ["2"]


# Nothing, where the source is not as planned


@pytest.mark.parametrize("how", [DELETE, ANONYMISE], ids=["delete", "anonymise"])
def test_a_missing_row_leaves_everything_as_it_was(book: sa.Engine, crm: Crm, how: Mapping[str, Any]) -> None:
    crm.fill("1", "2")
    task = erase(book, crm, ["1", "2", "3"], how)
    assert refused_as(task) == (State.FAILED, Reason.COUNT_DIFFERS, 2)
    assert len(crm.rows(crm.contacts, "name", "email")) == len(crm.rows(crm.notes, "id")) == 2
    assert crm.rows(crm.activities, "subject") == [("möte",), ("möte",)]
    assert lines(book, Event.SOURCE_FAILED) == [
        '{"affected":2,"batch":1,"cause":"count_differs","dataset":"crm_contacts","planned":3,'
        '"reason":"count_differs","source":"crm","table":"contacts","task":1}'
    ]
    assert lines(book, Event.SOURCE_ERASED) == []


def keep_row_two(crm: Crm, table: str) -> None:
    """A trigger that keeps one row; MariaDB has none that keeps a row in silence, so there it objects."""
    if crm.engine.dialect.name == "postgresql":
        crm.run(
            "create function keep() returns trigger language plpgsql as"
            " $$ begin if old.contact_id = '2' then return null; end if;"
            " return case when tg_op = 'DELETE' then old else new end; end $$"
        )
        crm.run(f"create trigger keep before delete or update on {table} for each row execute function keep()")
    else:
        crm.run(
            f"create trigger keep before delete on {table} for each row"
            " if old.contact_id = '2' then signal sqlstate '45000' set message_text = 'hemligt 2'; end if"
        )


@pytest.mark.parametrize("table", ["contacts", "notes"])
def test_a_row_that_its_database_does_not_let_go_brings_back_all_the_others(
    book: sa.Engine, crm: Crm, table: str
) -> None:
    crm.fill("1", "2", "3")
    keep_row_two(crm, table)
    task = erase(book, crm, ["1", "2", "3"])
    silent = crm.engine.dialect.name == "postgresql"
    assert (task.state, task.reason) == (State.FAILED, Reason.COUNT_DIFFERS if silent else Reason.REFUSED)
    assert task.affected == (2 if silent else None)
    assert crm.keys() == ["1", "2", "3"]
    assert [len(crm.rows(part, "id")) for part in (crm.notes, crm.newsletter)] == [3, 3]
    assert crm.rows(crm.activities, "subject") == [("möte",)] * 3
    (line,) = lines(book, Event.SOURCE_FAILED)
    assert "hemligt" not in line and (f'"table":"{table}"' in line or not silent)


def test_a_value_that_its_database_changes_while_writing_is_taken_back(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1")
    if crm.engine.dialect.name == "postgresql":
        crm.run(
            "create function put_back() returns trigger language plpgsql as"
            " $$ begin new.name = old.name; return new; end $$"
        )
        crm.run("create trigger put_back before update on contacts for each row execute function put_back()")
    else:
        crm.run("create trigger put_back before update on contacts for each row set new.name = old.name")
    assert refused_as(erase(book, crm, ["1"], ANONYMISE)) == (State.FAILED, Reason.COUNT_DIFFERS, 1)
    assert crm.rows(crm.contacts, "name", "email") == [("Namn 1", "0@kund.example")]
    assert len(crm.rows(crm.notes, "id")) == 1


def test_a_table_that_refers_to_them_and_is_not_named_stops_it(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1", "2")
    task = erase(book, crm, ["1", "2"], {**DELETE, "related": DELETE["related"][:2]})
    assert refused_as(task) == (State.FAILED, Reason.REFUSED, None)
    assert len(crm.keys()) == len(crm.rows(crm.notes, "id")) == 2


def test_a_key_in_other_letters_is_another_persons(book: sa.Engine, crm: Crm) -> None:
    # MariaDB's usual collation finds all three; only one of them was planned.
    crm.run("create table people (code varchar(20))")
    crm.run("insert into people values ('abc'), ('ABC')")
    how = {"url": "CRM_URL", "table": "people", "key": "code", "mode": "delete"}
    task = erase(book, crm, ["abc", "missing"], how)
    assert (task.state, task.reason) == (State.FAILED, Reason.COUNT_DIFFERS)
    with crm.engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from people")) == 2


def test_a_reference_in_other_letters_is_not_taken_along(book: sa.Engine, crm: Crm) -> None:
    crm.fill("abc")
    crm.run("create table letters (contact_id varchar(20))")
    crm.run("insert into letters values ('abc'), ('ABC')")
    related = [*DELETE["related"], {"table": "letters", "key": "contact_id", "mode": "delete"}]
    task = erase(book, crm, ["abc"], {**DELETE, "related": related})
    if crm.engine.dialect.name == "postgresql":
        assert task.state is State.DONE
    else:
        assert refused_as(task) == (State.FAILED, Reason.COUNT_DIFFERS, 2)
        assert crm.keys() == ["abc"]


def test_a_key_that_two_rows_share_is_no_key(book: sa.Engine, crm: Crm) -> None:
    crm.run("create table people (code varchar(20))")
    crm.run("insert into people values ('a'), ('a')")
    how = {"url": "CRM_URL", "table": "people", "key": "code", "mode": "delete"}
    assert refused_as(erase(book, crm, ["a", "b"], how)) == (State.FAILED, Reason.COUNT_DIFFERS, 2)
    assert refused_as(erase(book, crm, ["a"], how)) == (State.FAILED, Reason.COUNT_DIFFERS, 2)


# Where else the source has them


def audited(crm: Crm, more: str = "") -> None:
    """A trigger that writes old rows down, as whole rows in a schema of their own or as texts; MariaDB by `more`."""
    if crm.engine.dialect.name == "postgresql":
        crm.run("create schema audit")
        crm.run("create table audit.log (at timestamptz default now(), was jsonb)")
        crm.run(
            "create function note() returns trigger language plpgsql as"
            " $$ begin insert into audit.log (was) values (to_jsonb(old)); return coalesce(new, old); end $$"
        )
        crm.run("create trigger note after delete or update on contacts for each row execute function note()")
    else:
        crm.run(f"create table log (at timestamp default now(), was text) {more}")
        for act in ("delete", "update"):
            crm.run(
                f"create trigger note_{act} after {act} on contacts for each row"
                " insert into log (was) values (concat_ws('|', old.contact_id, old.name, old.email))"
            )


@pytest.mark.parametrize("how", [DELETE, ANONYMISE], ids=["delete", "anonymise"])
def test_a_table_that_a_trigger_fills_with_old_rows_is_found_and_named(
    book: sa.Engine, crm: Crm, how: Mapping[str, Any]
) -> None:
    crm.fill("Anna", "Berit", "Cilla")
    crm.run("create table calls (whom varchar(80), said varchar(80))")
    crm.run("insert into calls values ('Namn Anna', 'ringt'), ('nobody', 'ringt')")
    audited(crm)
    task = erase(book, crm, ["Anna", "Berit"], how)
    assert task.state is State.DONE and task.left_over is not None
    log = "audit.log" if crm.engine.dialect.name == "postgresql" else "log"
    assert (set(task.left_over.found), task.left_over.unread) == ({(log, 2), ("calls", 1)}, 0)
    for language in ("sv", "en"):
        assert log in task.told(language)
    (line,) = lines(book, Event.SOURCE_ERASED)
    assert '"tables_left":2' in line


def test_what_others_have_too_tells_of_nobody(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1", "2")
    crm.run("update contacts set name = 'Stockholm'")
    crm.run("create table towns (name varchar(80))")
    crm.run("insert into towns values ('Stockholm')")
    assert erase(book, crm, ["1"]).left_over == LeftOver()


def test_a_table_that_may_not_be_searched_is_counted_as_unknown(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1", "2")
    crm.run("create table closed (name varchar(80))")
    if crm.engine.dialect.name == "postgresql":
        crm.run("create role clerk login")
        crm.run("grant select, insert, update, delete on all tables in schema public to clerk")
        crm.run("revoke all on closed from clerk")
        url = crm.engine.url.set(username="clerk")
    else:
        crm.run("create user clerk")
        for table in ("contacts", "notes", "activities", "newsletter"):
            crm.run(f"grant all on {table} to clerk")
        # Here nobody is told of a table that they may do nothing with.
        crm.run("grant insert on closed to clerk")
        url = crm.engine.url.set(username="clerk")
    try:
        environ = {"CRM_URL": url.render_as_string(hide_password=False)}
        task = carry_out(book, plan(book, {"crm_contacts": ["1"]}, catalogue(), environ), environ)
        assert task.state is State.DONE and task.left_over == LeftOver(unread=1)
    finally:
        crm.run("drop owned by clerk" if crm.engine.dialect.name == "postgresql" else "drop user clerk")
        if crm.engine.dialect.name == "postgresql":
            crm.run("drop role clerk")


@pytest.mark.parametrize("crm", ["mariadb"], indirect=True)
@pytest.mark.parametrize("calls", [False, True], ids=["named", "called"])
def test_a_trigger_whose_table_cannot_roll_back_is_seen_before_anything_is_done(
    book: sa.Engine, crm: Crm, calls: bool
) -> None:
    crm.fill("1", "2")
    if calls:
        crm.run("create table log (was text) engine=MyISAM")
        crm.run("create procedure note(was text) insert into log values (was)")
        crm.run("create trigger note after delete on contacts for each row call note(old.name)")
    else:
        audited(crm, "engine=MyISAM")
    assert refused_as(erase(book, crm, ["1"])) == (State.FAILED, Reason.NO_TRANSACTIONS, None)
    assert crm.keys() == ["1", "2"]
    with crm.engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from log")) == 0


@pytest.mark.parametrize("crm", ["mariadb"], indirect=True)
def test_a_table_that_cannot_roll_back_is_left_alone(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1")
    crm.run("create table letters (contact_id varchar(20)) engine=MyISAM")
    related = [*DELETE["related"], {"table": "letters", "key": "contact_id", "mode": "delete"}]
    assert erase(book, crm, ["1"], {**DELETE, "related": related}).reason is Reason.NO_TRANSACTIONS
    assert crm.keys() == ["1"]


def test_an_address_that_confirms_each_statement_by_itself_rolls_back_all_the_same(book: sa.Engine, crm: Crm) -> None:
    crm.fill("1")
    crm.url += "&autocommit=true" if crm.engine.dialect.name != "postgresql" else "&application_name=x"
    assert erase(book, crm, ["1"], {**DELETE, "related": DELETE["related"][:2]}).reason is Reason.REFUSED
    assert len(crm.rows(crm.notes, "id")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"table": "kontakter"},
        {"table": "nowhere.contacts"},
        {"key": "kontakt"},
        {"related": [{"table": "notes", "key": "kontakt", "mode": "delete"}]},
        {"mode": "anonymise", "overwrite": {"namn": "x"}},
        {"key": "met on"},
    ],
    ids=lambda change: ",".join(change),
)
def test_a_mapping_that_does_not_fit_the_database_says_so(book: sa.Engine, crm: Crm, change: Mapping[str, Any]) -> None:
    crm.fill("1")
    assert erase(book, crm, ["1"], {**DELETE, **change}).reason is Reason.MAPPING
    assert crm.keys() == ["1"] and len(crm.rows(crm.notes, "id")) == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://olle:hemligt@/db?host=/nowhere",
        "mysql+pymysql://olle:hemligt@/db?unix_socket=/nowhere",
        "mysql+pymysql://olle:hemligt@/db?strange=hemligt",
        "hemligt",
        "strange+driver://olle:hemligt@x/y",
    ],
)
def test_a_database_that_does_not_answer_is_tried_again_and_never_named(
    book: sa.Engine, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    batch_id = plan(book, {"crm_contacts": ["1"]}, catalogue(), {"CRM_URL": url})
    for _ in range(2):
        assert refused_as(carry_out(book, batch_id, {"CRM_URL": url})) == (State.FAILED, Reason.UNREACHABLE, None)
    assert carry_out(book, batch_id, {}).reason is Reason.UNREACHABLE
    told = lines(book, Event.SOURCE_FAILED)
    assert len(told) == 3
    assert "hemligt" not in " ".join(told) + caplog.text


def test_a_mapping_that_is_gone_says_so(book: sa.Engine) -> None:
    batch_id = plan(book, {"crm_contacts": ["1"]}, catalogue(), {"CRM_URL": "x"})
    (task,) = sources.carry_out(book, batch_id, catalogue(None), {"CRM_URL": "x"}, clock)
    assert task.reason is Reason.MAPPING


# Killed, resumed, tried again, two at once


@pytest.mark.parametrize("how", [DELETE, ANONYMISE], ids=["delete", "anonymise"])
def test_killed_after_the_source_confirmed_it_is_done(book: sa.Engine, crm: Crm, how: Mapping[str, Any]) -> None:
    crm.fill("1", "2")
    done = erase(book, crm, ["1", "2"], how)
    found_running(book, done.task_id)
    assert carry_out(book, done.batch_id, {"CRM_URL": crm.url}, how) == done
    assert len(lines(book, Event.SOURCE_ERASED)) == 2


@pytest.mark.parametrize("how", [DELETE, ANONYMISE], ids=["delete", "anonymise"])
def test_killed_before_the_source_confirmed_it_is_done_again(book: sa.Engine, crm: Crm, how: Mapping[str, Any]) -> None:
    crm.fill("1", "2", "3")
    environ = {"CRM_URL": crm.url}
    batch_id = plan(book, {"crm_contacts": ["1", "2"]}, catalogue(how), environ)
    found_running(book, 1)
    assert refused_as(carry_out(book, batch_id, environ, how)) == (State.DONE, None, 2)
    assert crm.rows(crm.notes, "contact_id") == [("3",)]


@pytest.mark.parametrize("how", [DELETE, ANONYMISE], ids=["delete", "anonymise"])
def test_half_of_them_gone_was_somebody_else(book: sa.Engine, crm: Crm, how: Mapping[str, Any]) -> None:
    crm.fill("1", "2")
    environ = {"CRM_URL": crm.url}
    batch_id = plan(book, {"crm_contacts": ["1", "2", "3"]}, catalogue(how), environ)
    found_running(book, 1)
    assert refused_as(carry_out(book, batch_id, environ, how)) == (State.FAILED, Reason.COUNT_DIFFERS, 2)
    assert len(crm.keys()) == len(crm.rows(crm.notes, "id")) == 2


def test_rows_that_went_altogether_were_not_overwritten_by_us(book: sa.Engine, crm: Crm) -> None:
    environ = {"CRM_URL": crm.url}
    batch_id = plan(book, {"crm_contacts": ["1"]}, catalogue(ANONYMISE), environ)
    found_running(book, 1)
    assert carry_out(book, batch_id, environ, ANONYMISE).reason is Reason.COUNT_DIFFERS


def test_who_cannot_look_after_a_crash_does_not_forget_that_there_was_one(
    book: sa.Engine, crm: Crm, settings: Settings
) -> None:
    crm.fill("1")
    axel = access.demo_actors(settings)[1]
    done = erase(book, crm, ["1"])
    found_running(book, done.task_id)
    assert carry_out(book, done.batch_id, {}).reason is Reason.UNCERTAIN
    assert (
        sources.retry(acting(settings, book, axel, NOW), done.task_id, catalogue(), {}, clock).reason
        is Reason.UNCERTAIN
    )
    assert '"cause":"unreachable"' in lines(book, Event.SOURCE_FAILED)[-1]
    assert (
        sources.retry(acting(settings, book, axel, NOW), done.task_id, catalogue(), {"CRM_URL": crm.url}, clock) == done
    )


def test_a_connection_that_breaks_at_the_end_is_looked_at_again(
    book: sa.Engine, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.fill("1")
    environ = {"CRM_URL": crm.url}
    batch_id = plan(book, {"crm_contacts": ["1"]}, catalogue(), environ)
    commit = sa.engine.Connection.commit

    def breaks(self: sa.Connection) -> None:
        if self.engine.url.database != crm.engine.url.database:
            return commit(self)
        # The server ends the session just before the answer; the driver learns of it as of any broken line.
        if self.dialect.name == "postgresql":
            crm.run(f"select pg_terminate_backend({self.scalar(sa.text('select pg_backend_pid()'))})")
        else:
            crm.run(f"kill {self.scalar(sa.text('select connection_id()'))}")
        return commit(self)

    with monkeypatch.context() as patched:
        patched.setattr(sa.engine.Connection, "commit", breaks)
        assert carry_out(book, batch_id, environ).reason is Reason.UNCERTAIN
    assert refused_as(carry_out(book, batch_id, environ)) == (State.DONE, None, 1)
    assert crm.keys() == []


def test_two_at_once_do_it_once(register: sa.Engine, crm: Crm) -> None:
    crm.fill(*[str(number) for number in range(300)])
    environ = {"CRM_URL": crm.url}
    batch_id = plan(register, {"crm_contacts": [str(number) for number in range(300)]}, catalogue(), environ)
    together = threading.Barrier(4)

    def one() -> None:
        together.wait()
        sources.carry_out(register, batch_id, catalogue(), environ, clock)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (task,) = sources.tasks(register, batch_id)
    assert refused_as(task) == (State.DONE, None, 300)
    assert len(lines(register, Event.SOURCE_ERASED)) == 1
    assert lines(register, Event.SOURCE_FAILED) == []


def test_a_task_that_another_process_works_at_is_left_to_it(register: sa.Engine) -> None:
    batch_id = plan(register, {"crm_contacts": ["1"]}, catalogue(), {"CRM_URL": "x"})
    with alone(register, 1) as held:
        assert held
        assert carry_out(register, batch_id, {}).state is State.OPEN
        with alone(register, 2) as another:
            assert another
    with alone(register, 1) as again:
        assert again
    assert carry_out(register, batch_id, {}).state is State.FAILED


def test_a_process_that_is_killed_lets_go_of_its_task(register: sa.Engine) -> None:
    program = (
        "import sys, time\n"
        "import sqlalchemy as sa\n"
        "from compliance.register.lock import alone\n"
        "with alone(sa.create_engine(sys.argv[1]), 1) as held:\n"
        "    print(held, flush=True)\n"
        "    time.sleep(60)\n"
    )
    url = register.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        with alone(register, 1) as held:
            assert not held
        process.kill()
    for _ in range(100):
        # PostgreSQL has to notice first that nobody is there any more.
        with alone(register, 1) as held:
            if held:
                return
        time.sleep(0.1)
    pytest.fail("the task is still held")


def test_a_lock_file_that_its_owner_removes_is_held_by_nobody_else_meanwhile(tmp_path: Path) -> None:
    # Many threads at one lock, each of which removes its file: two inside at once would show.
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'register.db'}")
    inside, most, entered = 0, 0, 0
    count = threading.Lock()

    def go() -> None:
        nonlocal inside, most, entered
        for _ in range(200):
            with alone(engine, 1) as held:
                if not held:
                    continue
                with count:
                    inside += 1
                    most, entered = max(most, inside), entered + 1
                with count:
                    inside -= 1

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert most == 1 and entered
    assert list(tmp_path.glob("*.lock")) == []


def test_what_a_killed_process_left_of_its_lock_is_in_nobodys_way(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    program = (
        "import os, signal, sys\n"
        "import sqlalchemy as sa\n"
        "from compliance.register.lock import alone\n"
        "with alone(sa.create_engine(sys.argv[1]), 1) as held:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, url], check=False).returncode == -signal.SIGKILL
    assert list(tmp_path.glob("*.lock")) != []
    with alone(sa.create_engine(url), 1) as held:
        assert held
    assert list(tmp_path.glob("*.lock")) == []


def test_a_failed_source_is_tried_again_by_who_may(register: sa.Engine, crm: Crm, settings: Settings) -> None:
    crm.fill("1")
    petra, axel, olle, agnes, ada = access.demo_actors(settings)
    environ = {"CRM_URL": crm.url}
    batch_id = plan(register, {"crm_contacts": ["1"]}, catalogue(), environ)
    failed = carry_out(register, batch_id, {})
    for actor in (olle, agnes, ada):
        with pytest.raises(Refused) as refused:
            sources.retry(acting(settings, register, actor, NOW), failed.task_id, catalogue(), environ, clock)
        assert refused.value.code == "not_allowed"
    assert crm.keys() == ["1"]
    assert (
        sources.retry(acting(settings, register, axel, NOW), failed.task_id, catalogue(), environ, clock).state
        is State.DONE
    )
    assert crm.keys() == []
    assert len(lines(register, Event.SOURCE_RETRIED)) == 1
    with pytest.raises(Refused) as refused:
        sources.retry(acting(settings, register, petra, NOW), failed.task_id, catalogue(), environ, clock)
    assert refused.value.code == "task_not_failed"
    with register.connect() as connection:
        erased = sa.select(ledger_table.c.actor, ledger_table.c.role).where(ledger_table.c.event == Event.SOURCE_ERASED)
        assert connection.execute(erased).one() == (axel.pseudonym, "ciso")


def test_what_an_export_still_has_is_erased_again(book: sa.Engine, crm: Crm, settings: Settings) -> None:
    crm.fill("1")
    petra, environ = access.demo_actors(settings)[0], {"CRM_URL": crm.url}
    done = erase(book, crm, ["1"])
    crm.fill("1")
    with book.begin() as connection:
        connection.execute(sa.update(source_task).values(state="resurfaced", still_there=1))
    assert carry_out(book, done.batch_id, environ).state is State.RESURFACED
    assert (
        sources.retry(acting(settings, book, petra, NOW), done.task_id, catalogue(), environ, clock).state is State.DONE
    )
    assert crm.keys() == []


# Orders


def test_a_source_without_a_database_gets_an_order(register: sa.Engine) -> None:
    keys = {"crm_contacts": ["1", "2"], "retired_export": ["9"], "empty": []}
    for known, environ in ((catalogue(), {}), (catalogue(None), {"CRM_URL": "x"})):
        batch_id = plan(register, keys, known, environ)
        told = [
            (task.dataset, task.source, task.kind, task.state, task.planned, task.fetchable)
            for task in sources.tasks(register, batch_id)
        ]
        assert told == [
            ("crm_contacts", "crm", Kind.ORDER, State.OPEN, 2, True),
            ("retired_export", "unknown", Kind.ORDER, State.OPEN, 1, True),
        ]
        with register.connect() as connection:
            assert sources.planned(connection, batch_id) == [
                {"source": "crm", "dataset": "crm_contacts", "kind": "order", "planned": 2},
                {"source": "unknown", "dataset": "retired_export", "kind": "order", "planned": 1},
            ]
        assert sources.carry_out(register, batch_id, known, environ, clock) == sources.tasks(register, batch_id)
    assert [task.batch_id for task in sources.orders(register)] == [2, 2, 1, 1]


def test_an_order_holds_the_sources_keys_and_who_fetched_it_is_known(register: sa.Engine, settings: Settings) -> None:
    ada = access.demo_actors(settings)[4]
    batch_id = plan(register, {"crm_contacts": [*ODD, "=1+1", "a,b", "-5"], "old": ["9"]}, catalogue(None), {})
    content = fetched(acting(settings, register, ada, NOW), 1, catalogue(None))
    assert content.decode().splitlines() == [
        "Kontakt-ID",
        "O'Hara; drop table",
        "100%",
        "%s",
        "Åsa-Ö-😀",
        '"a""b`c"',
        "back\\slash",
        "{key}",
        ":key",
        "'=1+1",
        '"a,b"',
        "'-5",
    ]
    assert fetched(acting(settings, register, ada, NOW), 2, catalogue(None)) == b"source_key\n9\n"
    first, second = sources.tasks(register, batch_id)
    assert (first.state, first.fetched_by, first.fetched_at) == (State.FETCHED, ada.pseudonym, NOW)
    assert second.state is State.FETCHED
    # Again, by somebody else, who is written down too.
    petra, later = access.demo_actors(settings)[0], NOW + dt.timedelta(days=1)
    assert fetched(acting(settings, register, petra, later), 1, catalogue(None)) == content
    first, _ = sources.tasks(register, batch_id)
    assert (first.fetched_by, first.fetched_at) == (petra.pseudonym, later)
    assert lines(register, Event.ORDER_FETCHED)[0] == (
        '{"batch":1,"dataset":"crm_contacts","rows":11,"source":"crm","task":1}'
    )
    assert len(lines(register, Event.ORDER_FETCHED)) == 3


def test_an_order_is_for_who_may_and_for_as_long_as_it_is_needed(register: sa.Engine, settings: Settings) -> None:
    petra, *others = access.demo_actors(settings)
    batch_id = plan(register, {"crm_contacts": ["1"]}, catalogue(None), {})
    assert len(others) > 3
    for actor in others[:3]:
        with pytest.raises(Refused) as refused:
            sources.fetch(acting(settings, register, actor, NOW), 1, catalogue(None))
        assert refused.value.code == "not_allowed"
    with pytest.raises(Refused) as refused:
        sources.fetch(acting(settings, register, petra, NOW), 99, catalogue(None))
    assert refused.value.code == "order_unknown"
    with register.begin() as connection:
        connection.execute(sa.update(source_task).values(state="verified", keys=None))
    with pytest.raises(Refused) as refused:
        sources.fetch(acting(settings, register, petra, NOW), 1, catalogue(None))
    assert refused.value.code == "order_gone"
    assert lines(register, Event.ORDER_FETCHED) == []
    assert sources.orders(register) == [] and not sources.tasks(register, batch_id)[0].fetchable


def test_a_database_is_ordered_only_where_it_could_not_be_erased(register: sa.Engine, settings: Settings) -> None:
    ada = access.demo_actors(settings)[4]
    batch_id = plan(register, {"crm_contacts": ["1"]}, catalogue(), {"CRM_URL": "x"})
    with pytest.raises(Refused) as refused:
        sources.fetch(acting(settings, register, ada, NOW), 1, catalogue())
    assert refused.value.code == "order_unknown"
    assert carry_out(register, batch_id, {}).fetchable
    assert fetched(acting(settings, register, ada, NOW), 1, catalogue()) == b"Kontakt-ID\n1\n"
    # It can still be tried again.
    assert sources.tasks(register, batch_id)[0].state is State.FAILED


def test_keys_are_kept_packed_and_come_back_as_they_were() -> None:
    keys = [*ODD, "", " ", "\t", "a\u2028b", "x\x85y"]
    assert sources.unpack(sources.pack(keys)) == keys
    many = [f"0036900000{number:08d}" for number in range(5_000)]
    assert len(sources.pack(many)) < len("\n".join(many)) / 5


def test_a_task_tells_where_it_stands_in_both_languages(book: sa.Engine) -> None:
    batch_id = plan(book, {"crm_contacts": ["1"]}, catalogue(), {"CRM_URL": "x"})
    task = carry_out(book, batch_id, {})
    assert task.told("en").startswith("Erasure in the source's database: failed. The database does not answer.")
    assert task.told("sv").startswith("Radering i källans databas: misslyckad. Databasen svarar inte.")
    decided = dataclasses.replace(task, state=State.VERIFIED)
    assert decided.told("en") == "Erasure in the source's database: verified by a later export."


# The mapping


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "postgresql://olle:hemligt@db/crm"}, "never the URL itself"),
        ({"url": "CRM URL"}, "name of an environment variable"),
        ({"mode": "anonymise"}, "anonymise needs overwrite"),
        ({"overwrite": {"name": "x"}}, "delete has none"),
        ({"mode": "anonymise", "overwrite": {"contact_id": "x"}}, "the key contact_id cannot be overwritten"),
        ({"mode": "anonymise", "overwrite": {"name": ["x"]}}, "valid string"),
        ({"mode": "empty"}, "'delete' or 'anonymise'"),
        ({"where": "1=1"}, "not permitted"),
        ({"related": [{"table": "notes", "key": "contact_id", "mode": "delete", "url": "X"}]}, "not permitted"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused_in_words(
    tmp_path: Path, change: Mapping[str, Any], words: str
) -> None:
    dataset = {
        "id": "crm_contacts",
        "source": "crm",
        "record": "person",
        "category": "PROSPECT",
        "headers": {"source_key": ["Id"]},
        "erase": {**DELETE, **change},
    }
    source = {"crm": {"name": {"sv": "CRM", "en": "CRM"}, "max_age_hours": 1}}
    path = tmp_path / "sources.toml"
    path.write_text(tomli_w.dumps({"source": source, "dataset": [dataset]}), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_catalogue(path)
    assert refused.value.code == "sources_unreadable"
    assert words in refused.value.values["where"] and "hemligt" not in str(refused.value)


def test_who_saves_a_mapping_does_not_decide_what_is_erased(tmp_path: Path) -> None:
    shipped = catalogue()
    dataset = shipped.datasets[0].model_dump(mode="json", exclude_none=True)
    source = {"crm": shipped.sources["crm"].model_dump()}
    path = tmp_path / "sources.toml"
    path.write_text(tomli_w.dumps({"source": source, "dataset": [dataset]}), encoding="utf-8")
    own = Erase.model_validate({**DELETE, "table": "salaries"})
    saved = shipped.datasets[0].model_copy(update={"erase": own})
    other_key = saved.model_copy(update={"headers": {"source_key": ("E-post",)}})
    new = saved.model_copy(update={"id": "new"})
    assert load_catalogue(path, [saved]).datasets[0].erase == shipped.datasets[0].erase
    assert load_catalogue(path, [other_key]).datasets[0].erase is None
    assert load_catalogue(path, [new]).datasets[0].erase is None
