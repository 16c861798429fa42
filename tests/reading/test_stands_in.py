"""While a new build is read for the first time, whoever only looks is shown the one before: never across a purge."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance.reading import copy
from compliance.reading.copy import Copy, Reading
from compliance.words import settings as settings_of
from tests.purging import Weekly, prospect


class Slow:
    """Holds up the first evaluation of every build but the first, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        evaluate = Copy._evaluate

        def held_up(this: Copy, *told: Any) -> None:
            if this.build > 1:
                assert self.let_go.wait(30)
            evaluate(this, *told)

        monkeypatch.setattr(Copy, "_evaluate", held_up)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Weekly]:
    monkeypatch.setattr(copy, "PATIENCE", 0.05)
    desk = Weekly(tmp_path / "store")
    desk.folder = tmp_path
    desk.deliver(prospect(1), prospect(2))
    yield desk
    copy._shown.clear()


def shown(desk: Weekly, later: dt.timedelta = dt.timedelta()) -> tuple[Reading | None, bool]:
    day = settings_of.today(desk.settings, desk.now) + later
    return copy.shown(desk.settings, desk.register, day, desk.policy, desk.parameters)


def test_the_build_before_stands_in_until_the_new_one_is_ready(desk: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    first, stands_in = shown(desk)
    assert first is not None and first.build == 1 and not stands_in
    desk.deliver(prospect(1), prospect(2), prospect(3))
    slow = Slow(monkeypatch)
    assert shown(desk) == (first, True)
    # It can still be read, though its file is gone.
    with first._asking() as cursor:
        assert cursor.execute("select count(*) from build.person").fetchone() == (2,)
    slow.let_go.set()
    monkeypatch.setattr(copy, "PATIENCE", 30.0)
    new, stands_in = shown(desk)
    assert new is not None and new.build == 2 and not stands_in
    assert copy._shown[desk.settings.builds] is new


def test_whoever_acts_gets_the_new_build_however_long_it_takes(desk: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(desk)
    desk.deliver(prospect(1), prospect(2), prospect(3))
    slow = Slow(monkeypatch)
    assert shown(desk)[1]
    threading.Timer(0.3, slow.let_go.set).start()
    assert desk.reading().build == 2
    # Nothing of the build before is kept from then on.
    assert desk.settings.builds not in copy._shown


def test_nothing_stands_in_across_a_purge_or_for_another_day(desk: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = shown(desk)
    assert first is not None
    desk.purge([row for row in desk.entries() if row.name == desk.entries()[0].name])
    new, stands_in = shown(desk)
    assert new is not None and new.build == 2 and not stands_in
    desk.deliver(prospect(2), prospect(3))
    slow = Slow(monkeypatch)
    threading.Timer(0.3, slow.let_go.set).start()
    tomorrow, stands_in = shown(desk, dt.timedelta(days=1))
    assert tomorrow is not None and tomorrow.build == 3 and not stands_in


def test_it_stands_in_for_so_long_and_no_longer(desk: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(desk)
    desk.deliver(prospect(1), prospect(2), prospect(3))
    slow = Slow(monkeypatch)
    assert shown(desk)[1]
    monkeypatch.setattr(copy, "STANDS_IN", 0.0)
    threading.Timer(0.3, slow.let_go.set).start()
    new, stands_in = shown(desk)
    assert new is not None and new.build == 2 and not stands_in
