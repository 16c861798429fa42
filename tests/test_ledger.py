"""The ledger takes lines, gives none back, and shows where somebody meddled."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import Author, Event
from compliance.register.engine import writing
from compliance.register.schema import ledger as table
from compliance.settings import Settings

NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


def lines(register: sa.Engine, count: int) -> None:
    for number in range(count):
        with writing(register) as connection:
            ledger.append(connection, Event.EXTRACT_MADE, author=Author("ab", "dpo"), now=NOW, details={"rows": number})


def verdict(register: sa.Engine) -> ledger.Verdict:
    with register.connect() as connection:
        return ledger.verify(connection)


def test_an_untouched_chain_is_intact(register: sa.Engine) -> None:
    lines(register, 3)
    assert verdict(register) == ledger.Verdict(3)


@pytest.mark.parametrize("verb", ["update ledger set role = 'x'", "delete from ledger", "truncate ledger"])
def test_the_database_refuses_to_change_a_line(register: sa.Engine, verb: str) -> None:
    if verb.startswith("truncate") and register.dialect.name == "sqlite":
        verb = "delete from ledger where true"
    lines(register, 1)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(register) as connection:
        connection.execute(sa.text(verb))
    assert verdict(register).lines == 1


@pytest.mark.parametrize(
    ("meddling", "why"),
    [
        ("update ledger set details = '{}' where seq = 3", "changed"),
        ("update ledger set actor = 'other' where seq = 3", "changed"),
        ("delete from ledger where seq = 3", "missing"),
    ],
)
def test_a_changed_line_is_named(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None], meddling: str, why: str
) -> None:
    lines(register, 5)
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.text(meddling))
    assert verdict(register) == ledger.Verdict(2, 3, why)


@pytest.mark.parametrize("text", ["a@b.example", "19800101-1234", "800101+1234", "+46 70 123 45 67", "08-123 45 67"])
def test_personal_data_is_refused(register: sa.Engine, text: str) -> None:
    with pytest.raises(ValueError, match="personal data") as error, writing(register) as connection:
        ledger.append(connection, Event.EXTRACT_MADE, author=None, now=NOW, details={"note": f"x {text} y"})
    assert text not in str(error.value)
    assert verdict(register).lines == 0


def test_a_line_leaves_with_the_change_that_failed(register: sa.Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(register) as connection:
        ledger.append(connection, Event.EXTRACT_MADE, author=None, now=NOW)
        raise ZeroDivisionError
    assert verdict(register).lines == 0


def test_eight_threads_keep_the_chain(register: sa.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: lines(register, 10), range(8)))
    assert verdict(register) == ledger.Verdict(80)


_PROCESS = """
import datetime as dt
from compliance import ledger, settings
from compliance.register.engine import engine, writing
for number in range(20):
    with writing(engine(settings.load())) as connection:
        ledger.append(connection, ledger.Event.EXTRACT_MADE, author=None, now=dt.datetime.now(dt.UTC))
"""


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "COMPLIANCE_STORE": str(settings.store),
        "COMPLIANCE_REGISTER_URL": settings.register_url,
    }


def test_two_processes_on_a_new_register_keep_the_chain(register_settings: Settings) -> None:
    running = [subprocess.Popen([sys.executable, "-c", _PROCESS], env=environment(register_settings)) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    done = check(register_settings)
    assert (done.returncode, done.stdout) == (0, "ledger: 40 lines, chain intact\n")


def check(settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compliance.ledger", "verify"],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_names_the_changed_line(
    register: sa.Engine, register_settings: Settings, unguarded: Callable[[sa.Engine], None]
) -> None:
    lines(register, 3)
    unguarded(register)
    with writing(register) as connection:
        connection.execute(sa.update(table).where(table.c.seq == 2).values(event="intake:done"))
    done = check(register_settings)
    assert done.returncode == 1
    assert "line 2 is changed" in done.stdout
