"""What is counted of incidents. Drills are in none of it."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Iterable, Sequence

from compliance.incidents import facts
from compliance.incidents.state import Clock, ClockKind, ClockState, Incident
from compliance.incidents.tables import StepKind
from compliance.words.policy import Parameters

# The figures are of the incidents that somebody became aware of within so many days: there are few.
PERIOD = dt.timedelta(days=365)
_HOUR = dt.timedelta(hours=1)


def figures(found: Iterable[Incident], parameters: Parameters, now: dt.datetime) -> dict[str, float | None]:
    """Every figure of compliance/review/kpis.toml that is of incidents, as they are known at `now`; None where there is
    nothing that it could be of.
    """
    real = [one for one in found if not one.reported.is_drill]
    recent = [one for one in real if one.aware_at is not None and now - PERIOD < one.aware_at <= now]
    clocks = [clock for one in recent for clock in one.clocks(parameters, now)]
    running = [clock for one in real if one.is_open for clock in one.clocks(parameters, now) if clock.is_open()]
    return {
        "incidents_open": sum(one.is_open for one in real),
        "incident_clocks": len(running),
        "incidents_undecided": sum(_is_undecided(one) for one in real),
        "breaches_on_time": _on_time(clocks, ClockKind.AUTHORITY),
        "controllers_on_time": _on_time(clocks, ClockKind.CONTROLLER),
        "hours_to_aware": _middle(recent, _to_aware),
        "hours_to_contain": _middle(recent, _to_contain),
        "subjects_waiting": sum(clock.kind is ClockKind.SUBJECTS for clock in running),
    }


def _is_undecided(one: Incident) -> bool:
    is_own = any(side is facts.Side.CONTROLLER for side in one.reported.sides)
    return one.is_open and is_own and one.aware_at is not None and one.when(StepKind.DECIDED) is None


def _on_time(clocks: Sequence[Clock], kind: ClockKind) -> float | None:
    """The share of those told in time, of all who were told or whose time has passed."""
    over = [
        clock
        for clock in clocks
        if clock.kind is kind and clock.state in (ClockState.MET, ClockState.MISSED, ClockState.PASSED)
    ]
    return sum(clock.state is ClockState.MET for clock in over) / len(over) if over else None


def _to_aware(one: Incident) -> float | None:
    occurred = one.last(facts.Occurred)
    if occurred is None or occurred.began_at is None or one.aware_at is None:
        return None
    return (one.aware_at - occurred.began_at) / _HOUR


def _to_contain(one: Incident) -> float | None:
    contained = one.last(facts.Contained)
    return None if contained is None or one.aware_at is None else (contained.contained_at - one.aware_at) / _HOUR


def _middle(found: Sequence[Incident], hours: Callable[[Incident], float | None]) -> float | None:
    known = [value for one in found if (value := hours(one)) is not None]
    return statistics.median(known) if known else None
