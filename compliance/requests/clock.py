"""Where a request stands on a day, by the law's clock and by what was recorded of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from compliance.requests import steps
from compliance.requests.steps import Recorded
from compliance.requests.tables import Role
from compliance.words.deadlines import (
    Pause,
    RequestDeadline,
    RequestState,
    add_working_days,
    redirect_due_on,
    request_deadline,
    request_state,
)
from compliance.words.policy import Parameters


@dataclass(frozen=True)
class Standing:
    """A request on a day.

    `starts_on` is the day from which the month runs. `due_on` is the day by which something must have been done: an
    objection taken to effect, a customer's request passed on, any other answered. `effect_due_on` is None where nothing
    has to take effect at once, or it has.
    """

    starts_on: dt.date
    due_on: dt.date
    state: RequestState
    law: RequestDeadline
    pauses: tuple[Pause, ...]
    effect_due_on: dt.date | None
    unidentified: bool


def standing(row: Mapping[str, Any], recorded: Sequence[Recorded], parameters: Parameters, as_of: dt.date) -> Standing:
    """Where a row of the table `request` stands by what had happened on `as_of`.

    `unidentified`: nobody has answered for so long who they are that it can be closed as not identified.
    """
    starts_on = by(row["clock_from"], as_of) or row["received_on"]
    pauses = tuple(
        Pause(one.asked_on, by(one.answered_on, as_of))
        for one in steps.pauses(row, recorded)
        if starts_on <= one.asked_on <= as_of
    )
    law = request_deadline(
        starts_on,
        parameters,
        pauses=pauses,
        extension_notice_on=by(row["extension_notice_on"], as_of),
        extension_reason=row["extension_reason"],
        seen_on=as_of,
    )
    passes_on = row["role"] == Role.PROCESSOR
    closed_on = by(row["closed_on"], as_of)
    effect_due_on = None
    if steps.takes_effect_at_once(row["kind"]) and not passes_on and by(row["effect_on"], as_of) is None:
        eves = parameters.eves_as_holidays
        effect_due_on = add_working_days(starts_on, parameters.optout_working_days, eves=eves)
    due_on = redirect_due_on(starts_on, parameters) if passes_on else min(effect_due_on or law.due_on, law.due_on)
    asked_on = next((one.asked_on for one in reversed(pauses) if one.answered_on is None), None)
    return Standing(
        starts_on=starts_on,
        due_on=due_on,
        state=request_state(replace(law, due_on=due_on), as_of, parameters, closed_on=closed_on, redirected=passes_on),
        law=law,
        pauses=pauses,
        effect_due_on=effect_due_on,
        unidentified=asked_on is not None and (as_of - asked_on).days >= parameters.identity_wait_days,
    )


def by(day: dt.date | None, as_of: dt.date) -> dt.date | None:
    """A day that had come on `as_of`; None for one that had not."""
    return day if day is not None and day <= as_of else None
