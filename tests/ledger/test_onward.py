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
    page._known.clear()
    yield
    page._known.clear()


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


@pytest.mark.parametrize("later", [dt.timedelta(hours=1), -dt.timedelta(days=30)])
def test_all_is_read_again_after_an_hour_and_once_the_clock_was_set_back(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None], later: dt.timedelta
) -> None:
    write(register, 5)
    page.check(register, NOW)
    unguarded(register)
    change(register, 3)
    assert page.check(register, NOW + later).verdict.broken_at == 3


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


def test_a_short_chain_is_read_whole_each_time_and_no_line_is_reckoned_twice(
    register: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_SHORT", 1000)
    write(register, 4)
    page.check(register, NOW)
    page.check(register, NOW)
    digests = []
    reckoned = ledger._digest
    monkeypatch.setattr(ledger, "_digest", lambda line: digests.append(line["seq"]) or reckoned(line))
    later = NOW + dt.timedelta(minutes=1)
    assert page.check(register, later) == page.Checked(ledger.Verdict(4), 4, later)
    assert digests == []
    write(register, 2)
    digests.clear()
    assert page.check(register, later) == page.Checked(ledger.Verdict(6), 6, later)
    assert digests == [5, 6]


COLUMNS = [str(column.name) for column in ledger.ledger.c if column.name not in ("seq", "digest")]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("line", [1, 3, 4])
def test_whatever_is_changed_in_a_short_chain_that_was_read_shows_at_once(
    register: sa.Engine,
    unguarded: Callable[[sa.Engine], None],
    monkeypatch: pytest.MonkeyPatch,
    column: str,
    line: int,
) -> None:
    monkeypatch.setattr(page, "_SHORT", 1000)
    write(register, 4)
    for _ in range(3):
        assert page.check(register, NOW).verdict == ledger.Verdict(4)
    unguarded(register)
    changed = {"at": NOW + dt.timedelta(seconds=1), "build_id": 7}.get(column, "x")
    with register.begin() as connection:
        connection.execute(sa.update(ledger.ledger).where(ledger.ledger.c.seq == line).values({column: changed}))
    for _ in range(2):
        assert page.check(register, NOW).verdict == ledger.Verdict(line - 1, line, "changed")


def test_a_line_that_is_taken_out_of_a_short_chain_that_was_read_shows_at_once(
    register: sa.Engine, unguarded: Callable[[sa.Engine], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_SHORT", 1000)
    write(register, 4)
    for _ in range(3):
        page.check(register, NOW)
    unguarded(register)
    with register.begin() as connection:
        connection.execute(sa.text("delete from ledger where seq = 2"))
    assert page.check(register, NOW).verdict == ledger.Verdict(1, 2, "missing")
