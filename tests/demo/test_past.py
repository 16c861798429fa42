"""The demo company's invented past: it adds up, it is the same each time, and it says that it is invented."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At, at_command
from compliance.demo import past, requests_made
from compliance.ledger.tables import ledger as lines
from compliance.register.engine import engine
from compliance.review import events, snapshots
from compliance.review.events import What
from compliance.review.kpis import Measured, Unit, Unknown, kpis
from compliance.review.snapshots import Snapshot
from compliance.words import settings as settings_of
from compliance.words.deadlines import add_months
from tests import demo_store
from tests.world import TODAY

NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
_WEEK = dt.timedelta(days=7)
YEAR_AGO = TODAY - 52 * _WEEK


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> At:
    store = demo_store.copied(tmp_path_factory.mktemp("past"))
    settings = settings_of.load({"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()})
    made = at_command(settings, engine(settings), NOW)
    made = dataclasses.replace(made, now=NOW - _WEEK, today=TODAY - _WEEK)
    assert past.enter(made) == 51
    return made


@pytest.fixture(scope="module")
def weeks(at: At) -> Sequence[Snapshot]:
    return snapshots.history(at.register, YEAR_AGO, TODAY - 2 * _WEEK)


def _value(one: Snapshot, code: str) -> float:
    value = one.get(code).value
    assert value is not None, (one.as_of, code)
    return value


def _known(weeks: Sequence[Snapshot]) -> list[Snapshot]:
    return [one for one in weeks if one.get("overdue").value is not None]


def test_every_week_of_the_year_has_every_figure(weeks: Sequence[Snapshot]) -> None:
    assert [one.as_of for one in weeks] == [YEAR_AGO + week * _WEEK for week in range(51)]
    assert all(set(one.figures) == set(kpis()) for one in weeks)


def test_what_has_parts_is_their_sum_and_no_share_is_beyond_the_whole(weeks: Sequence[Snapshot]) -> None:
    for one in _known(weeks):
        for code in ("entries", "overdue", "undetermined"):
            assert sum(one.get(code).cuts.values()) == _value(one, code), (one.as_of, code)
        for code, kpi in kpis().items():
            value = one.get(code).value
            assert value is None or kpi.unit is not Unit.SHARE or 0 <= value <= 1, (one.as_of, code)
            assert all(part >= 0 for part in one.get(code).cuts.values()), (one.as_of, code)
        late = sum(count for part, count in one.get("entries").cuts.items() if part.endswith("/OVERDUE"))
        assert late == _value(one, "overdue")
        assert _value(one, "overdue_persons") <= _value(one, "overdue")
        assert _value(one, "in_order") + _value(one, "overdue_persons") <= _value(one, "persons")
        assert _value(one, "in_order_share") == _value(one, "in_order") / _value(one, "persons")
        assert _value(one, "undetermined_share") == _value(one, "undetermined") / _value(one, "entries")
        assert _value(one, "due_30") <= _value(one, "due_90")
        assert _value(one, "overdue_requests") <= _value(one, "open_requests")
        assert sum(one.get("persons").cuts.values()) >= _value(one, "persons")


def test_a_month_without_an_export_is_unknown_and_not_zero(weeks: Sequence[Snapshot]) -> None:
    stale = [one for one in weeks if _value(one, "stale_sources")]
    assert [(TODAY - one.as_of).days // 7 for one in stale] == [30, 29, 28, 27]
    assert all(one.get("overdue") == Measured(None, Unknown.STALE) for one in stale)
    assert all(one.get("on_time").value is not None for one in stale)
    assert all(one.get("persons").value is not None for one in weeks if one not in stale)


def test_what_explains_a_jump_is_told_on_its_day(at: At, weeks: Sequence[Snapshot]) -> None:
    happened = events.of(at.register, YEAR_AGO, TODAY - 2 * _WEEK)
    assert {one.what for one in happened} == set(What)
    by_day = {one.as_of: one for one in weeks}
    purges = [one for one in happened if one.what is What.PURGE]
    assert len(purges) >= 10
    before = {day: by_day[day - _WEEK] for day in by_day if day - _WEEK in by_day}
    for one in purges:
        # A purge is counted among those of 30 days from its day on.
        assert _value(by_day[one.on], "purged") >= (one.count or 0) > 0
    (intake,) = (one for one in happened if one.what is What.INTAKE)
    risen = _value(by_day[intake.on], "overdue") - _value(before[intake.on], "overdue")
    assert risen > 25
    (lost,) = (one for one in happened if one.what is What.HOLD_LOST)
    assert _value(by_day[lost.on], "holds_lost") == 1
    assert _value(before[lost.on], "holds_lost") == 0
    # Nothing of the last purge is in what the register says of the week that was measured.
    assert TODAY - _WEEK - max(one.on for one in purges) >= dt.timedelta(days=at.parameters.backup_window_days)


def test_every_line_says_that_it_is_invented_and_the_chain_is_whole(at: At, weeks: Sequence[Snapshot]) -> None:
    with at.register.connect() as connection:
        details = connection.scalars(sa.select(lines.c.details).where(lines.c.event == "figures:kept")).all()
        assert ledger.verify(connection).broken_at is None
    told = [json.loads(one) for one in details]
    invented = {one["snapshot"] for one in told if one.get("invented")}
    assert invented >= {one.number for one in weeks}
    assert len(told) > len(invented)


def test_the_same_seed_gives_the_same_past_and_another_one_another(at: At, weeks: Sequence[Snapshot]) -> None:
    past.enter(at)
    made = snapshots.history(at.register, YEAR_AGO, TODAY - 2 * _WEEK)
    assert made[0].number != weeks[0].number
    assert [one.figures for one in made] == [one.figures for one in weeks]
    past.enter(at, seed=2)
    other = snapshots.history(at.register, YEAR_AGO, TODAY - 2 * _WEEK)
    assert [one.figures for one in other] != [one.figures for one in weeks]


def test_no_week_is_invented_unless_asked_for(at: At) -> None:
    assert past.enter(at, weeks=0) == 0
    with demo_store_register().connect() as connection:
        assert not connection.scalars(sa.select(lines.c.details).where(lines.c.details.contains("invented"))).all()


def demo_store_register() -> sa.Engine:
    """The register of the store that tests share."""
    folder, _ = demo_store.made()
    return engine(settings_of.load({"COMPLIANCE_STORE": str(folder / "store"), "COMPLIANCE_TODAY": TODAY.isoformat()}))


@pytest.mark.parametrize("days", range(0, 364, 13))
def test_what_was_answered_on_time_is_a_share_of_many_on_whichever_day_the_demo_starts(days: int) -> None:
    for today in (TODAY + dt.timedelta(days=days), TODAY + dt.timedelta(days=days - 7)):
        start = today if today == TODAY + dt.timedelta(days=days) else today + _WEEK
        due = []
        for _, row in requests_made.rows(start, requests_made.Asked(), 5000, this_week=today == start):
            received = dt.date.fromisoformat(row["Inkom"][:10])
            # By hand: the same day of the next month, and no extension counts.
            due_on = add_months(received, 1)
            if today - dt.timedelta(days=30) < due_on < today and row.get("Jag är") != "Användare i kundmiljö":
                due.append(bool(row["Avslutad"]) and dt.date.fromisoformat(row["Avslutad"]) <= due_on)
        assert len(due) >= 10 and 0.5 <= sum(due) / len(due) < 1, (today, due)
