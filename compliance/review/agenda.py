"""The weekly review as an agenda: its five steps, how each stands for whoever looks, and its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from compliance.review import reviews
from compliance.review.bridges import Bridge
from compliance.review.decisions import Decision
from compliance.review.kpis import Measured
from compliance.review.reviews import Review
from compliance.sources.freshness import Freshness
from compliance.words.deadlines import local_date
from compliance.words.texts import say


class Step(StrEnum):
    """The steps in their order. Texts: `agenda.<value>`."""

    FRESH = "fresh"
    CHANGED = "changed"
    WAITS = "waits"
    COMES = "comes"
    SIGN = "sign"


class Stage(StrEnum):
    """How a step stands. Texts: `agenda_state.<value>`."""

    TO_DO = "to_do"
    DONE = "done"
    NOTHING = "nothing"


# How long a step is meant to take, in minutes: what waits takes so long for each kind of decision.
_MINUTES: Mapping[Step, int] = {Step.FRESH: 2, Step.CHANGED: 5, Step.WAITS: 3, Step.COMES: 3, Step.SIGN: 5}


@dataclass(frozen=True)
class Line:
    """A step as the agenda shows it. It has a time in minutes while it is to do, and the day it was done after that."""

    step: Step
    stage: Stage
    told: str
    minutes: int | None = None
    done_on: dt.date | None = None


def agenda(
    as_of: dt.date,
    fresh: Sequence[Freshness],
    bridge: Bridge | None,
    found: Sequence[Decision],
    measured: Mapping[str, Measured],
    signed: Sequence[Review],
    language: str,
    *,
    signs: bool,
) -> list[Line]:
    """The five steps on a day; `signs` is whether whoever looks may sign.

    What changed and what comes are looked at, not decided: they are to do until the week is signed.
    """
    this = next((one for one in signed if one.week == reviews.week_of(as_of)), None)
    signed_on = None if this is None else local_date(this.signed_at)
    return [
        _fresh(fresh, language),
        _looked_at(Step.CHANGED, _changed(bridge, language), is_any=_is_any(bridge), signed_on=signed_on),
        _waits(found, language),
        _looked_at(Step.COMES, *_comes(measured, language), signed_on=signed_on),
        _sign(this, signed_on, as_of, language, signs=signs),
    ]


def _fresh(fresh: Sequence[Freshness], language: str) -> Line:
    stale = [one.name for one in fresh if one.stale]
    if stale:
        told = say("agenda_told.stale", language, count=len(stale), sources=", ".join(stale))
        return Line(Step.FRESH, Stage.TO_DO, told, _MINUTES[Step.FRESH])
    taken = [one.exported_at for one in fresh if one.exported_at is not None]
    told = say("agenda_told.fresh", language, count=len(taken))
    return Line(Step.FRESH, Stage.DONE, told, done_on=local_date(max(taken)) if taken else None)


def _is_any(bridge: Bridge | None) -> bool:
    return bridge is not None and bool(bridge.unexplained or any(bridge.bars.values()))


def _changed(bridge: Bridge | None, language: str) -> str:
    if bridge is None:
        return say("agenda_told.no_bridge", language)
    key = "unexplained" if bridge.unexplained else "changed" if _is_any(bridge) else "unchanged"
    told = {"since": bridge.since, "opening": bridge.opening, "closing": bridge.closing}
    return say(f"agenda_told.{key}", language, unexplained=bridge.unexplained, **told)


def _waits(found: Sequence[Decision], language: str) -> Line:
    own = sum(one.may for one in found)
    others = len(found) - own
    if own:
        key, stage = ("own_and_others" if others else "own"), Stage.TO_DO
    else:
        key, stage = ("others" if others else "none"), Stage.NOTHING
    minutes = len({one.kind for one in found if one.may}) * _MINUTES[Step.WAITS] or None
    return Line(Step.WAITS, stage, say(f"agenda_told.{key}", language, own=own, others=others), minutes)


def _comes(measured: Mapping[str, Measured], language: str) -> tuple[str, bool]:
    soon, later = measured["due_30"].value, measured["due_90"].value
    if soon is None or later is None:
        return say("agenda_told.comes_unknown", language), True
    return say("agenda_told.comes", language, due_30=int(soon), due_90=int(later)), bool(later)


def _looked_at(step: Step, told: str, is_any: bool, signed_on: dt.date | None) -> Line:
    if not is_any:
        return Line(step, Stage.NOTHING, told)
    if signed_on is not None:
        return Line(step, Stage.DONE, told, done_on=signed_on)
    return Line(step, Stage.TO_DO, told, _MINUTES[step])


def _sign(this: Review | None, signed_on: dt.date | None, as_of: dt.date, language: str, *, signs: bool) -> Line:
    week = as_of.isocalendar().week
    if this is not None:
        key = "countersigned" if this.countersigned_by else "signed"
        return Line(Step.SIGN, Stage.DONE, say(f"agenda_told.{key}", language, week=str(week)), done_on=signed_on)
    told = say("agenda_told.to_sign" if signs else "agenda_told.not_signed", language, week=str(week))
    return Line(Step.SIGN, Stage.TO_DO if signs else Stage.NOTHING, told, _MINUTES[Step.SIGN] if signs else None)
