"""A register that is locked, read-only, gone and back: said in words, nothing half done, and all goes on afterwards."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import runs
from compliance.operations import verify
from compliance.register import engine as engines
from compliance.register.engine import writing
from compliance.requests.tables import request
from compliance.runs.tables import Step
from compliance.words.command import Exit, exit_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests import servers
from tests.world import TODAY

NOW = dt.datetime.combine(TODAY, dt.time(9), dt.UTC)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a lock gives up soon."""
    monkeypatch.setattr(engines, "_PATIENCE_SECONDS", 0.05)


def queued(register: sa.Engine) -> str:
    run_id = runs.queue(register, None, NOW)
    runs.claim(register, run_id, NOW)
    return run_id


@pytest.mark.usefixtures("impatient")
def test_a_locked_register_is_told_and_used_again_once_it_is_free(register_settings: Settings) -> None:
    register = engines.engine(register_settings)
    run_id = queued(register)
    other = sa.create_engine(register_settings.register_url)
    with other.connect() as holder:
        if register.dialect.name == "sqlite":
            holder.connection.driver_connection.execute("begin immediate")  # type: ignore[union-attr]
        else:
            holder.execute(sa.text("select pg_advisory_xact_lock(7292)"))
        with pytest.raises(Refused, match="register_busy") as told:
            runs.queue(register, None, NOW)
        assert exit_of(told.value) == Exit.WAITING
        # A run that cannot say how far it is goes on.
        with runs.Progress(register, run_id, lambda: NOW) as progress:
            progress(Step.LOADING, 0.5)
            progress(Step.MATCHING, 0.7)
        holder.rollback()
    with runs.Progress(register, run_id, lambda: NOW) as progress:
        progress(Step.SAVING, 0.9)
    row = runs.find(register, run_id)
    assert row is not None and row.step is Step.SAVING
    assert not verify.register(register_settings, register).faults
    other.dispose()
    register.dispose()


def test_a_register_whose_server_goes_away_is_told_and_comes_back(register_settings: Settings) -> None:
    register = engines.engine(register_settings)
    run_id = queued(register)
    if register.dialect.name == "sqlite":
        register.dispose()
        file = Path(register.url.database or "")
        aside = file.with_name("aside.db")
        file.rename(aside)
        file.mkdir()
        with pytest.raises(Refused, match="register_unreachable"):
            runs.queue(register, None, NOW)
        file.rmdir()
        aside.rename(file)
    else:
        database = str(register.url.database)
        with pytest.raises(Refused, match="register_unreachable") as told, writing(register) as connection:
            runs.end(connection, run_id, runs.State.DONE, "{}", None, NOW)
            with servers.connect(str(register.url.query["host"])) as server:
                server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])
        assert told.value.values["file"] == database
    # What was under way when it went is not done at all.
    row = runs.find(register, run_id)
    assert row is not None and not row.ended
    assert not verify.register(register_settings, register).faults
    register.dispose()


def test_a_connection_that_is_lost_between_two_statements_is_told(postgresql: str) -> None:
    opened = sa.create_engine(servers.url(postgresql, "postgres"))
    sa.event.listen(opened, "handle_error", engines._told)
    with pytest.raises(Refused, match="register_unreachable"), writing(opened) as connection:
        own = connection.connection.driver_connection
        assert own is not None
        with servers.connect(postgresql) as server:
            server.execute("select pg_terminate_backend(%s, 5000)", [own.info.backend_pid])
        connection.execute(sa.select(1))
    opened.dispose()


def test_hosts_that_die_without_a_word_are_noticed_on_both_sides(register_settings: Settings) -> None:
    url = sa.make_url(register_settings.register_url)
    if url.get_backend_name() == "sqlite":
        pytest.skip("is on this host")
    # What an address says itself goes before.
    for told, seconds in ((url, "30"), (url.update_query_dict({"keepalives_idle": "7", "options": "-c a.b=1"}), "7")):
        opened = sa.create_engine(told, connect_args=engines.far(told), poolclass=sa.NullPool)
        with opened.connect() as connection:
            own = connection.connection.driver_connection
            assert own is not None
            by = own.info.get_parameters()
            assert (by["keepalives_idle"], by["connect_timeout"]) == (seconds, "10")
            assert by["target_session_attrs"] == "primary"
            assert "tcp_keepalives_idle=30" in by["options"] and "tcp_user_timeout=60000" in by["options"]
            given = connection.scalar(sa.text("select current_setting('a.b', true)"))
            assert given == ("1" if told is not url else None)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    gone = sa.create_engine(f"postgresql+psycopg://nobody@/gone?host={tmp_path}")
    sa.event.listen(gone, "handle_error", engines._told)
    with pytest.raises(Refused, match="register_unreachable"):
        gone.connect().close()


@pytest.mark.files("the folder of the register's file cannot be written to")
def test_a_register_that_may_only_be_read_is_told(settings: Settings) -> None:
    register = engines.engine(settings)
    lines = verify.register(settings, register).lines
    register.dispose()
    store = str(settings.store)
    if subprocess.run(["mount", "--bind", "-o", "ro", store, store], check=False).returncode:
        pytest.skip("a folder cannot be made read-only: run as root")
    try:
        with pytest.raises(Refused, match="folder_closed") as told:
            runs.queue(register, None, NOW)
        assert told.value.values["folder"] == store
    finally:
        register.dispose()
        subprocess.run(["umount", store], check=True)
    assert verify.register(settings, register).lines == lines
    register.dispose()


def test_a_statement_that_is_wrong_is_a_fault_and_no_lack_of_anything(register: sa.Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError), register.connect() as connection:
        connection.execute(sa.text("select nothing from nowhere"))


@pytest.mark.parametrize("value", [2**80, "a\udcff", "a\0b"], ids=["number", "no text", "zeros"])
def test_a_value_that_no_row_can_hold_is_refused_in_words(register: sa.Engine, value: object) -> None:
    wanted = request.c.request_id if isinstance(value, int) else request.c.reference
    with register.connect() as connection:
        asked = sa.select(request.c.request_id).where(wanted == value)
        if value == "a\0b" and register.dialect.name == "sqlite":
            # Which keeps them as any other sign.
            assert connection.scalar(asked) is None
            return
        with pytest.raises(Refused, match="value_unfit") as told:
            connection.execute(asked)
    # Nobody is to try again what cannot be.
    assert not engines.is_unanswered(told.value)
