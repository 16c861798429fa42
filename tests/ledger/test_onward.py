"""The ledger's page reads what is new since it read all, and all again when asked or after an hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import Author, Event
from compliance.register.engine import writing
from compliance.review import ledger as page
from tests.purges import NOW


@pytest.fixture(autouse=True)
def long_enough(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(page, "_SHORT", 2)
    page._checked.clear()
    yield
    page._checked.clear()


def write(register: sa.Engine, count: int) -> None:
    for number in range(count):
        with writing(register) as connection:
            ledger.append(connection, Event.EXTRACT_MADE, author=Author("ab", "dpo"), now=NOW, details={"rows": number})


def change(register: sa.Engine, line: int) -> None:
    with register.begin() as connection:
        connection.execute(sa.text("update ledger set details = '{}' where seq = :line"), {"line": line})


def test_what_is_new_is_read_and_a_change_in_it_shows(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None]
) -> None:
    write(register, 5)
    assert page.check(register, NOW) == page.Checked(ledger.Verdict(5), 5, NOW)
    write(register, 4)
    later = NOW + dt.timedelta(minutes=1)
    assert page.check(register, later) == page.Checked(ledger.Verdict(9), 5, NOW)
    write(register, 2)
    unguarded(register)
    change(register, 10)
    assert page.check(register, later).verdict == ledger.Verdict(9, 10, "changed")
    # And from then on all is read.
    assert page.check(register, later).verdict == ledger.Verdict(9, 10, "changed")


def test_a_change_in_what_was_read_shows_when_all_is_read(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None]
) -> None:
    write(register, 5)
    page.check(register, NOW)
    unguarded(register)
    change(register, 3)
    soon = NOW + dt.timedelta(minutes=1)
    assert page.check(register, soon).verdict == ledger.Verdict(5)
    assert page.check(register, soon, whole=True).verdict == ledger.Verdict(2, 3, "changed")
    assert page.check(register, soon).verdict == ledger.Verdict(2, 3, "changed")


def test_all_is_read_again_after_an_hour(register: sa.Engine, unguarded: Callable[[sa.Engine], None]) -> None:
    write(register, 5)
    page.check(register, NOW)
    unguarded(register)
    change(register, 3)
    assert page.check(register, NOW + dt.timedelta(hours=1)).verdict.broken_at == 3


def test_lines_that_are_gone_show_at_once(register: sa.Engine, unguarded: Callable[[sa.Engine], None]) -> None:
    write(register, 5)
    page.check(register, NOW)
    unguarded(register)
    with register.begin() as connection:
        connection.execute(sa.text("delete from ledger where seq = 4"))
        connection.execute(sa.text("delete from ledger where seq = 5"))
    assert page.check(register, NOW).verdict == ledger.Verdict(3)
    assert page.check(register, NOW).whole_lines == 3


def test_a_short_chain_is_always_read_whole(register: sa.Engine, unguarded: Callable[[sa.Engine], None]) -> None:
    write(register, 2)
    page.check(register, NOW)
    unguarded(register)
    change(register, 1)
    assert page.check(register, NOW).verdict.broken_at == 1
