"""An entry and its key are kept through the last day that they were said to be kept, and no longer."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from compliance.register.engine import engine, writing
from compliance.suppression import entries as suppression_entries
from compliance.suppression import tables as suppression_tables
from compliance.suppression import verbs as suppression
from compliance.words import keys
from compliance.words.settings import Settings
from tests.purges import purge
from tests.world import acting

LAST = dt.date(2036, 11, 24)


@pytest.fixture
def erased(settings: Settings) -> sa.Engine:
    """A register with two entries that are kept through LAST, made with a key that is no longer the newest."""
    register = engine(settings)
    purge(settings, register)
    used = keys.suppression(settings)[0].key_id
    suppression.rotate(acting(settings, register, None, at(dt.date(2026, 11, 24))))
    with writing(register) as connection:
        changed = connection.execute(sa.update(suppression_tables.suppression).values(key_id=used, expires_on=LAST))
        assert changed.rowcount == 2
    return register


def at(day: dt.date) -> dt.datetime:
    """Half past midnight of a day in Stockholm, when it is the day before in UTC."""
    return dt.datetime.combine(day, dt.time(0, 30), tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.mark.parametrize(
    ("days", "left"), [(-1, 2), (0, 2), (1, 0)], ids=["the day before", "the day", "the day after"]
)
def test_an_entry_is_kept_through_its_last_day(settings: Settings, erased: sa.Engine, days: int, left: int) -> None:
    now = at(LAST + dt.timedelta(days=days))
    assert suppression.forget_expired(acting(settings, erased, None, now)) == 2 - left
    with erased.connect() as connection:
        assert len(connection.execute(sa.select(suppression_tables.suppression)).all()) == left


@pytest.mark.parametrize(
    ("days", "dropped"), [(-1, 0), (0, 0), (1, 1)], ids=["the day before", "the day", "the day after"]
)
def test_a_key_is_kept_through_the_last_day_of_its_entries(
    settings: Settings, erased: sa.Engine, days: int, dropped: int
) -> None:
    now = at(LAST + dt.timedelta(days=days))
    assert len(suppression.prune(acting(settings, erased, None, now))) == dropped
    assert len(keys.suppression(settings)) == 2 - dropped


def test_an_entry_keeps_somebody_out_through_its_last_day(settings: Settings, erased: sa.Engine) -> None:
    with erased.connect() as connection:
        last, after = (
            suppression_entries.load(settings, connection, LAST + dt.timedelta(days=days)) for days in (0, 1)
        )
    assert last is not None and last.rows.num_rows == 2
    assert after is None or after.rows.num_rows == 0
