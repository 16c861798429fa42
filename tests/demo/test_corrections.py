"""Corrections at the demo company: in every state."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from compliance.demo import corrections, erased
from compliance.rectification.tables import State, rectification
from compliance.requests.tables import Outcome, request
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY


def test_every_state_is_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    rows = [prospect(number, "2024-01-15", Telefon=f"070-174 06 {number}") for number in range(10, 40)]
    assert desk.take_in(prospects(tmp_path / "before", rows)).all_taken
    asked = corrections.ask(desk.at(desk.petra), desk.reading())
    erased.carry_out(desk.at(desk.petra), desk.reading(), asked)
    desk.on(TODAY + dt.timedelta(days=7))
    path = prospects(tmp_path / "today", rows, "2026-12-01T0400")
    corrections.follow(path.parent, asked)
    assert desk.take_in(path).all_taken
    corrections.ask_today(desk.at(desk.petra), desk.reading(), asked)
    with desk.register.connect() as connection:
        states = Counter(connection.scalars(sa.select(rectification.c.state)))
        (outcome,) = connection.scalars(sa.select(request.c.outcome))
    assert (states, outcome) == (dict.fromkeys(State, 1) | {State.VERIFIED: 2}, Outcome.DONE)
