"""The register's schema, and the promises its database keeps."""

from __future__ import annotations

import ast
import datetime as dt
import re
import threading
import uuid
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from compliance import builds
from compliance.access import tables as access_tables
from compliance.builds import tables as builds_tables
from compliance.drafts.tables import draft
from compliance.purge.tables import batch
from compliance.rectification.tables import rectification
from compliance.register import areas
from compliance.register import engine as engines
from compliance.register.engine import engine, migrate, writing
from compliance.requests import tables as requests_tables
from compliance.runs import tables as runs_tables
from compliance.sources.tables import source_task
from compliance.words.settings import Settings
from tests import servers
from tests.purges import PETRA, propose
from tests.purging import Desk, prospect, prospects, request, requests_made

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def run(name: str, state: str = "running") -> sa.Insert:
    return sa.insert(runs_tables.intake_run).values(
        run_id=name, state=state, step="reading", share=0.0, started_at=NOW, heartbeat_at=NOW
    )


def test_the_migrations_make_the_schema(register: sa.Engine) -> None:
    with register.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), areas.every_table()) == []


def test_what_is_asked_of_postgresql_names_nobody_in_its_log(postgresql: str, tmp_path: Path) -> None:
    """Whoever runs the server and has it write down every statement reads no person there: values go beside it."""
    url = servers.create(postgresql, f"t{uuid.uuid4().hex}")
    name = url.partition("@/")[2].partition("?")[0]
    with servers.connect(postgresql) as connection:
        for setting in ("log_statement = 'all'", "log_parameter_max_length = 0"):
            connection.execute(f"alter database {name} set {setting}")
    log = Path(postgresql) / "log"
    before = log.stat().st_size
    desk = Desk(tmp_path / "store", COMPLIANCE_REGISTER_URL=url)
    people = [prospect(number) for number in range(1, 4)]
    assert desk.take_in(prospects(tmp_path, people), requests_made(tmp_path, [request(1, 1), request(2, 2)])).all_taken
    assert desk.finish(desk.propose_for("R1")).deleted == 1
    desk.register.dispose()
    told = log.read_bytes()[before:].decode(errors="replace")
    assert "INSERT INTO request" in told and "VACUUM" in told.upper()
    assert "Provsson" not in told and "@bolaget" not in told


def test_what_has_gone_from_the_register_is_in_none_of_its_files(
    register: sa.Engine, register_settings: Settings
) -> None:
    somebody = "berit@kund.example"
    uid = propose(register)
    asked = {"source": "crm", "dataset": "crm_prospekt", "category": "PROSPECT", "field": "email", "state": "awaited",
             "asked_by": PETRA, "asked_at": NOW}  # fmt: skip
    task = {"source": "crm", "dataset": "crm_prospekt", "kind": "order", "state": "open", "planned": 1}
    with writing(register) as connection:
        number = connection.scalar(sa.select(batch.c.batch_id).where(batch.c.uid == uid))
        connection.execute(sa.insert(rectification).values(**asked, old_value=somebody, source_key="P1"))
        connection.execute(sa.insert(source_task).values(**task, batch_id=number, keys=somebody.encode()))
        connection.execute(sa.insert(draft).values(pseudonym=PETRA, form="x", typed=somebody, kept_at=NOW))

    def kept(table: sa.Table) -> bytes:
        """What the register's file, or a table in PostgreSQL's own, consists of."""
        if register.dialect.name == "sqlite":
            files = register_settings.store.glob("register.db*")
            return b"".join(path.read_bytes() for path in files if not path.name.endswith("-shm"))
        place = sa.func.pg_read_binary_file(sa.func.pg_relation_filepath(table.name))
        with register.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("checkpoint"))
            return bytes(connection.scalar(sa.select(place)))

    tables = (rectification, source_task, draft)
    assert all(somebody.encode() in kept(table) for table in tables)
    with writing(register) as connection:
        connection.execute(sa.update(rectification).values(old_value=None, source_key=None))
        connection.execute(sa.update(source_task).values(keys=None))
        connection.execute(sa.delete(draft))
    builds.forget_keys(register)
    assert [table.name for table in tables if somebody.encode() in kept(table)] == []


def test_who_a_closed_request_was_from_goes_with_the_migration() -> None:
    contact = {"name": "Anna Berg", "email": "anna@kund.example", "phone": "+46701234567"}
    with sa.create_engine("sqlite://").begin() as connection:
        migrate(connection, "0002")
        for reference, closed_on in (("R1", None), ("R2", dt.date(2026, 11, 1))):
            connection.execute(
                sa.insert(requests_tables.request).values(
                    source="form", reference=reference, kind="erasure", role="controller", received_at=NOW,
                    received_on=NOW.date(), first_seen_at=NOW, updated_at=NOW, closed_on=closed_on, **contact,
                )
            )  # fmt: skip
        migrate(connection)
        columns = [requests_tables.request.c[name] for name in ("reference", *contact)]
        kept = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(columns[0]))]
    assert kept == [("R1", *contact.values()), ("R2", None, None, None)]


def test_what_was_said_of_whom_requests_are_from_stays_with_the_migration(
    register_settings: Settings,
) -> None:
    choice, person = requests_tables.request_choice, requests_tables.request_choice_person
    kept = {
        choice: [
            (number, 1, verdict, "email", "petra", NOW.astimezone(dt.UTC))
            for number, verdict in ((3, "confirmed"), (7, "rejected"))
        ],
        person: [(3, "p1", True), (3, "p2", False), (7, "p3", True)],
        requests_tables.request_choice_trace: [(3, "d1"), (3, "d2"), (7, "d1")],
    }

    def found(connection: sa.Connection) -> dict[sa.Table, list[tuple[object, ...]]]:
        return {
            table: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in kept
        }

    with pytest.MonkeyPatch.context() as before:
        before.setattr(engines, "migrate", lambda connection: migrate(connection, "0018"))
        opened = engine(register_settings)
    # No line of the ledger takes these up, which would look into every table of now.
    with opened.begin() as connection:
        connection.execute(
            sa.insert(requests_tables.request).values(
                source="form", reference="R1", kind="erasure", role="controller", received_at=NOW,
                received_on=NOW.date(), first_seen_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
        for table, rows in kept.items():
            connection.execute(sa.insert(table), [dict(zip(table.c.keys(), row, strict=True)) for row in rows])
    # In a transaction as the one in which a start does it: the keys of rows are looked at as it ends.
    with writing(opened) as connection:
        migrate(connection)
    with writing(opened) as connection:
        assert found(connection) == kept
        # The keys are still looked at.
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sa.insert(person).values(choice_id=4, person_id="p1", is_same=True))
    opened.dispose()


def test_the_engine_is_shared(register: sa.Engine, register_settings: Settings) -> None:
    assert engine(register_settings) is register


def test_those_who_write_wait_for_each_other_before_they_ask_a_sqlite_for_its_lock(register: sa.Engine) -> None:
    asked: list[str] = []
    written: list[int] = []

    def asking(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement == "begin immediate":
            asked.append(threading.current_thread().name)

    def write(number: int) -> None:
        with writing(register):
            written.append(number)

    sa.event.listen(register, "before_cursor_execute", asking)
    with writing(register):
        others = [threading.Thread(target=write, args=(number,), name="other") for number in range(3)]
        for other in others:
            other.start()
        others[0].join(0.2)
        assert not written and "other" not in asked
    for other in others:
        other.join(10)
    assert sorted(written) == [0, 1, 2]
    assert asked.count("other") == (3 if register.dialect.name == "sqlite" else 0)
    # Whoever fails lets the next one write.
    with pytest.raises(ZeroDivisionError), writing(register):
        raise ZeroDivisionError
    write(3)
    assert written[-1] == 3


def test_instants_come_back_in_utc(register: sa.Engine) -> None:
    with writing(register) as connection:
        connection.execute(run("a"))
        found = connection.scalar(sa.select(runs_tables.intake_run.c.started_at))
    assert found == NOW
    assert found.tzinfo == dt.UTC


def test_an_instant_without_a_zone_is_refused(register: sa.Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="time zone"), writing(register) as connection:
        connection.execute(run("a").values(started_at=NOW.replace(tzinfo=None)))


def test_only_one_intake_runs(register: sa.Engine) -> None:
    with writing(register) as connection:
        connection.execute(run("a"))
        connection.execute(run("b", "done"))
    with pytest.raises(sa.exc.IntegrityError), writing(register) as connection:
        connection.execute(run("c"))


def test_the_pointer_names_a_build_that_exists(register: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), writing(register) as connection:
        connection.execute(sa.insert(builds_tables.pointer).values(name="copy", build_id=9))


def test_errors_hold_no_values(register: sa.Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError) as error, writing(register) as connection:
        for _ in range(2):
            connection.execute(
                sa.insert(access_tables.actor).values(
                    pseudonym="p", email="a@b.example", role="dpo", first_seen_at=NOW, last_seen_at=NOW
                )
            )
    assert "a@b.example" not in str(error.value)


def test_the_migrations_make_the_checks() -> None:
    # What compare_metadata leaves out: a constraint made from an enum changes with it, and a migration does not.
    with sa.create_engine("sqlite://").begin() as connection:
        areas.every_table().create_all(connection)
        said = checks_of(connection)
    with sa.create_engine("sqlite://").begin() as connection:
        migrate(connection)
        assert checks_of(connection) == said
    assert ("hold", "hold_scope") in said


def checks_of(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """The text of every CHECK by table and name; the order in which codes are listed means nothing."""
    inspector = sa.inspect(connection)

    def told(text: str) -> str:
        listed = re.sub(r"\(('[^()]*')\)", lambda codes: f"({', '.join(sorted(codes[1].split(', ')))})", text)
        return " ".join(listed.split())

    return {
        (table, str(check["name"])): told(check["sqltext"])
        for table in areas.every_table().tables
        for check in inspector.get_check_constraints(table)
    }


def test_no_migration_imports_live_code() -> None:
    # A migration makes what was true when it was written; what it imports would change under it.
    for path in sorted((Path(areas.__file__).parent / "migrations").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            told = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                told = [f"{node.module}.{name.name}" for name in node.names]
                assert node.level == 0, path
            live = [one for one in told if one.startswith("compliance") and ".register.migrations." not in f"{one}."]
            assert live == [], path


def test_fifty_who_read_at_once_wait_for_nobody(register_settings: Settings) -> None:
    with ExitStack() as stack:
        register = engine(register_settings)
        opened = [stack.enter_context(register.connect()) for _ in range(50)]
        assert [one.scalar(sa.text("select 1")) for one in opened] == [1] * 50
