"""The ledger's lines say what the register's rows are, and whatever is not as they say is named."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import evidence, ledger, wipe
from compliance.builds import tables as builds_tables
from compliance.holds import tables as holds_tables
from compliance.ledger import Event, state
from compliance.ledger.tables import ledger as lines_table
from compliance.operations import backup, replay, verify
from compliance.purge import tables as purge_tables
from compliance.register import areas, covered
from compliance.register.engine import engine, writing
from compliance.requests import tables as requests_tables
from compliance.review import alarms
from compliance.sources import tables as sources_tables
from compliance.suppression import tables as suppression_tables
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES
from tests import servers
from tests.purges import AXEL, NOW, ask, propose, purge

OLD: dict[type, Any] = {
    sa.Integer: 1,
    sa.Float: 0.5,
    sa.Boolean: True,
    # As short as the shortest of them.
    sa.String: "a",
    sa.Date: dt.date(2026, 1, 1),
    sa.DateTime: NOW,
    sa.LargeBinary: b"old",
}
NEW: dict[type, Any] = {
    sa.Integer: 2,
    sa.Float: 0.25,
    sa.Boolean: False,
    sa.String: "b",
    sa.Date: dt.date(2026, 1, 2),
    sa.DateTime: NOW + dt.timedelta(days=1),
    sa.LargeBinary: b"new",
}


def of_type(values: dict[type, Any], column: sa.Column[Any]) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, sa.TypeDecorator) else column.type
    return next(value for its_type, value in values.items() if isinstance(kind, its_type))


def covered_columns() -> dict[sa.Table, list[sa.Column[Any]]]:
    """Every column of the schema but those that are left out by name, and those that rows are told by."""
    return {
        table: [
            column
            for column in table.c
            if f"{table.name}.{column.name}" not in covered.LEFT_OUT and column.name != covered.NUMBERS[table.name]
        ]
        for table in covered_tables()
    }


def covered_tables() -> list[sa.Table]:
    """In the order in which each finds what it belongs to."""
    return [table for table in areas.every_table().sorted_tables if table.name in covered.NUMBERS]


def differences(settings: Settings, register: sa.Engine) -> list[state.Difference]:
    with register.connect() as connection:
        told, _ = state.latest(connection)
        return state.differences(connection, settings, told)


def events(register: sa.Engine) -> list[str]:
    with register.connect() as connection:
        return list(connection.scalars(sa.select(lines_table.c.event).order_by(lines_table.c.seq)))


@contextmanager
def by_hand(register: sa.Engine) -> Iterator[sa.Connection]:
    """The database as whoever has its file or its owner's password can open it: nothing is watched, nothing holds."""
    opened = sa.create_engine(register.url, poolclass=sa.NullPool)
    loose = "pragma ignore_check_constraints = on"
    if opened.dialect.name == "postgresql":
        loose = "set session_replication_role = replica"
    with opened.connect() as connection:
        connection.exec_driver_sql(loose)
        yield connection
        connection.commit()


def _no_checks(register: sa.Engine) -> None:
    """What PostgreSQL holds whoever writes to, its owner takes away."""
    told = "select conrelid::regclass, conname from pg_constraint where contype = 'c' and conrelid <> 0"
    with by_hand(register) as connection:
        for table, name in connection.exec_driver_sql(told).all():
            connection.exec_driver_sql(f'alter table {table} drop constraint "{name}"')


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, sa.Engine]]:
    """A register with a row in every table that is covered, and lines that say so, once per database."""
    environ = {"COMPLIANCE_STORE": str(tmp_path_factory.mktemp("filled"))}
    if request.param == "postgresql":
        socket, empty = (request.getfixturevalue(name) for name in ("postgresql", "empty_register"))
        environ["COMPLIANCE_REGISTER_URL"] = servers.create(socket, "filled", empty)
    settings = settings_of.load(environ)
    register = engine(settings)
    if request.param == "postgresql":
        _no_checks(register)
    with writing(register) as connection:
        loose = "pragma ignore_check_constraints = on"
        if request.param == "postgresql":
            loose = "set local session_replication_role = replica"
        connection.exec_driver_sql(loose)
        for table in covered_tables():
            connection.execute(sa.insert(table).values({column.name: of_type(OLD, column) for column in table.c}))
    yield settings, register
    register.dispose()


def _write(register: sa.Engine, values: dict[type, Any], columns: list[sa.Column[Any]]) -> None:
    with by_hand(register) as connection:
        for table, of_table in itertools.groupby(columns, lambda column: column.table):
            connection.execute(sa.update(table).values({column: of_type(values, column) for column in of_table}))


def test_every_column_that_is_changed_by_hand_is_named(filled: tuple[Settings, sa.Engine]) -> None:
    """Half of the columns of every table at a time, so chosen that of any two one is changed without the other."""
    settings, register = filled
    assert differences(settings, register) == []
    places = [(place, column) for of in covered_columns().values() for place, column in enumerate(of, 1)]
    for bit in range(max(place for place, _ in places).bit_length()):
        changed = [column for place, column in places if place >> bit & 1]
        _write(register, NEW, changed)
        found = {(one.table, one.what, one.field) for one in differences(settings, register)}
        _write(register, OLD, changed)
        assert found == {(column.table.name, "changed", column.name) for column in changed}
    assert differences(settings, register) == []


def test_every_row_that_is_deleted_or_added_by_hand_is_named(filled: tuple[Settings, sa.Engine]) -> None:
    settings, register = filled
    with by_hand(register) as connection:
        aside = {table: connection.execute(sa.select(table)).mappings().all() for table in covered_tables()}
        for table in aside:
            connection.execute(sa.delete(table))
    found = differences(settings, register)
    with by_hand(register) as connection:
        for table, rows in aside.items():
            connection.execute(sa.insert(table), [dict(row) for row in rows])
    assert {(one.table, one.what, one.rows) for one in found} == {(name, "deleted", 1) for name in covered.NUMBERS}
    # Another number is another row.
    numbers = [table.c[covered.NUMBERS[table.name]] for table in covered_tables()]
    _write(register, NEW, numbers)
    found = {(one.table, one.what, one.rows) for one in differences(settings, register)}
    _write(register, OLD, numbers)
    assert found == {(name, what, 1) for name in covered.NUMBERS for what in ("added", "deleted")}
    assert differences(settings, register) == []


def test_every_table_and_column_is_covered_or_left_out_with_a_reason() -> None:
    tables = areas.every_table().tables
    left = {name for name in covered.LEFT_OUT if "." not in name}
    assert set(covered.NUMBERS) | left == set(tables)
    assert not set(covered.NUMBERS) & left
    for name in set(covered.LEFT_OUT) - left:
        table, _, column = name.partition(".")
        assert table in covered.NUMBERS and column in tables[table].c
    assert all(len(reason) > 10 for reason in covered.LEFT_OUT.values())


MEASURED = {
    "suppression rows deleted": ("delete from suppression", ("suppression", "deleted", None)),
    "expired by hand": ("update suppression set expires_on = '2020-01-01'", ("suppression", "changed", "expires_on")),
    "a request deleted": ("delete from request where reference = 'F-2'", ("request", "deleted", None)),
    "a request closed": ("update request set closed_on = received_on", ("request", "changed", "closed_on")),
    "the approver": ("update batch set approved_by = 'x'", ("batch", "changed", "approved_by")),
    "the proposer": ("update batch set proposed_by = 'x'", ("batch", "changed", "proposed_by")),
    "the time": ("update batch set executed_at = proposed_at", ("batch", "changed", "executed_at")),
    "the kind": ("update batch set kind = 'request'", ("batch", "changed", "kind")),
    "the persons": ("update batch set persons = 1", ("batch", "changed", "persons")),
    "executed set to verified": ("update batch set state = 'verified'", ("batch", "changed", "state")),
    "one more": (
        "insert into request (request_id, source, reference, kind, role, received_at, received_on, first_seen_at,"
        " updated_at) select 99, source, 'F-9', kind, role, received_at, received_on, first_seen_at, updated_at"
        " from request where reference = 'F-2'",
        ("request", "added", None),
    ),
    "two in one another's place": (
        "update suppression set record_digest = (select record_digest from suppression other"
        " where other.suppression_id <> suppression.suppression_id)",
        ("suppression", "changed", "record_digest"),
    ),
}


@pytest.mark.parametrize("measured", MEASURED)
def test_what_verify_did_not_see(register: sa.Engine, register_settings: Settings, measured: str) -> None:
    ask(register)
    purge(register_settings, register, closes="F-1")
    ask(register, "F-2")
    assert verify.register(register_settings, register).faults == ()
    meddling, named = MEASURED[measured]
    # Outside of what is watched, as somebody with the database's password.
    with register.begin() as connection:
        connection.execute(sa.text(meddling))
    found = differences(register_settings, register)
    assert named in [(one.table, one.what, one.field) for one in found]
    assert {one.table for one in found} == {named[0]}
    codes = [fault.code for fault in verify.register(register_settings, register).faults]
    assert f"rows_{named[1]}" in codes


def test_who_changes_rows_and_their_line_has_no_key_for_it(register: sa.Engine, register_settings: Settings) -> None:
    """A digest that was made with another key fits nothing, so a chain written anew from a line on is found too."""
    ask(register)
    register_settings.key_file.write_bytes(b"k" * 32)
    assert {one.table for one in differences(register_settings, register)} == {"request"}


def test_a_register_of_an_earlier_version_is_covered_from_its_next_line_on(
    register: sa.Engine, register_settings: Settings
) -> None:
    with register.begin() as connection:
        # Rows that nobody watched.
        for number in range(3):
            connection.execute(
                sa.insert(requests_tables.request).values(
                    source="form", reference=f"F-{number}", kind="erasure", role="controller", received_at=NOW,
                    received_on=NOW.date(), first_seen_at=NOW, updated_at=NOW,
                )
            )  # fmt: skip
    assert verify.register(register_settings, register).faults == ()
    with writing(register) as connection:
        ledger.append(connection, Event.SIGNED_IN, author=None, now=NOW)
    assert events(register) == ["state:begun", "user:signed_in"]
    assert differences(register_settings, register) == []
    with register.begin() as connection:
        connection.execute(sa.text("update request set outcome = 'done' where reference = 'F-1'"))
    assert [(one.number, one.field) for one in differences(register_settings, register)] == [("2", "outcome")]
    with writing(register) as connection:
        ledger.append(connection, Event.SIGNED_IN, author=None, now=NOW)
    assert events(register).count("state:begun") == 1


def test_rows_that_change_after_the_last_line_have_one(register: sa.Engine, register_settings: Settings) -> None:
    with writing(register) as connection:
        ledger.append(connection, Event.SIGNED_IN, author=None, now=NOW)
        connection.execute(sa.update(requests_tables.request).values(outcome="done"))
    assert events(register) == ["user:signed_in"]
    ask(register)
    assert events(register) == ["user:signed_in", "rows:changed"]
    with pytest.raises(ZeroDivisionError), writing(register) as connection:
        connection.execute(sa.update(requests_tables.request).values(outcome="done"))
        raise ZeroDivisionError
    assert events(register) == ["user:signed_in", "rows:changed"]
    assert differences(register_settings, register) == []


def test_many_rows_are_written_at_once_and_told(register: sa.Engine, register_settings: Settings) -> None:
    for _ in range(3):
        propose(register)
    item = purge_tables.batch_item
    with writing(register) as connection:
        rows = [
            {"batch_id": batch, "basis_key": f"{number:032d}", "category": "PROSPECT", "source": "crm", "status": "DUE"}
            for batch in (1, 2)
            for number in range(40)
        ]
        connection.execute(sa.insert(item), rows)
        ledger.append(connection, Event.BATCH_PROPOSED, author=None, now=NOW)
        some = [{"its_key": f"{number:032d}", "its_outcome": "held"} for number in range(7)]
        connection.execute(
            sa.update(item)
            .where(item.c.batch_id == 2, item.c.basis_key == sa.bindparam("its_key"))
            .values(outcome=sa.bindparam("its_outcome")),
            some,
        )
        ledger.append(connection, Event.BATCH_TAKEN_OUT, author=None, now=NOW)
        connection.execute(
            sa.delete(item).where(item.c.batch_id == sa.bindparam("its_id")), [{"its_id": 1}, {"its_id": 3}]
        )
        ledger.append(connection, Event.BATCH_REFUSED, author=None, now=NOW)
        connection.execute(sa.delete(purge_tables.batch).where(purge_tables.batch.c.batch_id.in_([3])))
    assert differences(register_settings, register) == []
    with register.connect() as connection:
        told, _ = state.latest(connection)
    assert (told["batch_item", "1"].rows, told["batch_item", "2"].rows, told["batch", "3"].rows) == (0, 40, 0)


def test_a_column_that_came_with_a_later_version_is_covered_from_the_start(
    register: sa.Engine, register_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that no line has told since: what somebody writes into its new column is no less named."""
    purge(register_settings, register)
    later = ("source_task.order_changed_at", "hold_loss.is_given_on")
    with monkeypatch.context() as earlier, writing(register) as connection:
        for name in later:
            earlier.setitem(covered.LEFT_OUT, name, "not there yet")
        task = {"batch_id": 1, "source": "crm", "dataset": "later", "kind": "order", "state": "open", "planned": 1}
        connection.execute(sa.insert(sources_tables.source_task).values(task))
        hold = {"scope": "person", "scope_key": "f" * 32, "ground": "audit", "owner": "legal"}
        days = {"placed_on": NOW.date(), "review_on": NOW.date()}
        connection.execute(sa.insert(holds_tables.hold).values(hold_id=1, **hold, **days))
        connection.execute(sa.insert(holds_tables.hold_loss).values(hold_id=1, build_id=1, lost_at=NOW))
        ledger.append(connection, Event.SIGNED_IN, author=None, now=NOW)
    assert differences(register_settings, register) == []
    with register.begin() as connection:
        connection.execute(
            sa.text("update source_task set order_changed_at = '2026-11-25 05:00:00' where dataset = 'later'")
        )
        connection.execute(sa.text("update hold_loss set is_given_on = true"))
    found = differences(register_settings, register)
    assert sorted(f"{one.table}.{one.field}" for one in found) == sorted(later)


def test_a_heartbeat_needs_no_line(register: sa.Engine, register_settings: Settings) -> None:
    purge(register_settings, register)
    seen = suppression_tables.reappearance
    with writing(register) as connection:
        connection.execute(
            sa.insert(seen).values(
                suppression_id=1, record_digest="d", kind="let_in", source="crm", dataset="crm", first_build=1,
                last_build=1, first_seen_at=NOW, last_seen_at=NOW,
            )
        )  # fmt: skip
    before = events(register)
    with writing(register) as connection:
        connection.execute(sa.update(seen).values(last_build=2, last_seen_at=NOW))
        connection.execute(
            sa.insert(builds_tables.build).values(build_id=1, file_name="b", state="building", created_at=NOW)
        )
    assert events(register) == before
    assert differences(register_settings, register) == []


def test_a_restore_brings_the_lines_with_their_rows_and_hides_nothing(
    register: sa.Engine, register_settings: Settings, tmp_path: Path
) -> None:
    ask(register)
    purge(register_settings, register, closes="F-1")
    with register.begin() as connection:
        connection.execute(sa.text("update batch set approved_by = 'x'"))
    backup.save(register, tmp_path / "backup", NOW)
    ask(register, "F-2")
    backup.restore(register_settings, register, tmp_path / "backup", NOW, replace=True)
    # What was meddled with before the backup is still told.
    found = [(one.table, one.field) for one in differences(register_settings, register)]
    assert found == [("batch", "approved_by")]
    ask(register, "F-3")
    assert [(one.table, one.field) for one in differences(register_settings, register)] == found


def test_a_line_whose_words_about_rows_were_changed_breaks_the_chain(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None]
) -> None:
    ask(register)
    ask(register, "F-2")
    unguarded(register)
    with register.begin() as connection:
        connection.execute(sa.text("update ledger set state = null where seq = 1"))
    with register.connect() as connection:
        assert ledger.verify(connection).broken_at == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_start_page_is_told_what_is_not_as_it_was_written(
    register: sa.Engine, register_settings: Settings, language: str
) -> None:
    ask(register)
    made = purge(register_settings, register, closes="F-1")

    def told(now: dt.datetime) -> str:
        return " ".join(alarms.told(register_settings, register, now, language)[0])

    assert told(NOW) == ""
    with register.begin() as connection:
        connection.execute(sa.text("update batch set approved_by = 'x'"))
    # Compared again after a quarter of an hour; the command line compares at once.
    assert told(NOW + dt.timedelta(minutes=1)) == ""
    later = NOW + dt.timedelta(minutes=20)
    assert "batch" in told(later) and "approved_by" in told(later)
    with register.begin() as connection:
        connection.execute(sa.text("update batch set approved_by = :before"), {"before": AXEL})
    later += dt.timedelta(minutes=20)
    assert told(later) == ""
    junk = evidence.file_of(register_settings, "f" * 32)
    junk.write_text("junk", encoding="utf-8")
    assert junk.name in told(later)
    junk.unlink()
    evidence.file_of(register_settings, made.uid).unlink()
    assert made.uid in told(later)
    replay.replay(register_settings, register, later, accept_loss=True)
    wipe.settle(register_settings, register, later)
    # It is there again, and still somebody went on without it.
    assert say("alarm.evidence_lost", language, lost=1) in told(later)
