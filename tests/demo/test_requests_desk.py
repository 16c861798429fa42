"""What came in by hand at the demo company: every kind and every state, on any day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.access import demo_actors
from compliance.demo import requests_desk
from compliance.ledger import verify
from compliance.letters.wording import Kind as Letters
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.requests import backlog, facts, resumed
from compliance.requests.backlog import Next
from compliance.requests.tables import SOURCE, Channel, Kind, Outcome, request
from compliance.words import settings as settings_of
from compliance.words.deadlines import RequestState
from compliance.words.vocabulary import Role
from tests import demo_store
from tests.world import TODAY, acting, shipped_parameters, shipped_policy


@pytest.mark.parametrize("later", [0, 33])
def test_every_kind_state_and_end_is_there(tmp_path: Path, later: int) -> None:
    store = demo_store.copied(tmp_path)
    day = TODAY + dt.timedelta(days=later)
    settings = settings_of.load({"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": day.isoformat()})
    petra = next(one for one in demo_actors(settings) if one.role is Role.DPO)
    at = acting(settings, engine(settings), petra, dt.datetime.combine(day, dt.time(8), dt.UTC))
    reading = copy.current(settings, at.register, day, shipped_policy(), shipped_parameters())
    assert reading is not None
    requests_desk.enter(dataclasses.replace(at), reading)
    now = copy.current(settings, at.register, day, shipped_policy(), shipped_parameters())
    items = [one for one in backlog.backlog(at.register, now, day, at.parameters) if one.source == SOURCE]
    # What the form brought is of the day on which the demo was made.
    whole = items if later else backlog.backlog(at.register, now, day, at.parameters)
    with at.register.connect() as connection:
        rows = connection.execute(sa.select(request).where(request.c.source == SOURCE)).mappings().all()
        assert verify(connection).broken_at is None
    assert {row["kind"] for row in rows} == set(Kind)
    assert {row["channel"] for row in rows} == set(Channel) - {Channel.FORM}
    assert {row["outcome"] for row in rows} - {None} == set(Outcome) - {Outcome.OTHER}
    # Every kind in every state: those of an erasure come by the form, for the most part.
    standing = {(one.kind, one.state) for one in whole} | {
        (row["kind"], RequestState.CLOSED) for row in rows if row["closed_on"]
    }
    wanted = {(kind.value, state) for kind in Kind for state in RequestState if kind is not Kind.ERASURE or not later}
    assert wanted - standing == set()
    comes = {Next.FORWARD, Next.AWAIT_IDENTITY, Next.END_UNIDENTIFIED, Next.STOP, Next.DECIDE, Next.CARRY_OUT}
    assert {one.next for one in items} >= {*comes, Next.TELL_RECIPIENTS, Next.ANSWER}
    with at.register.connect() as connection:
        written = [facts.facts_of(connection, row["request_id"], at.parameters, day) for row in rows]
    # A letter to each, and together those of every kind and state that a letter is for.
    assert [one.number for one in written if not one.letters] == []
    assert {(one.kind, one.state) for one in items} <= {
        (one.kind, one.standing.state) for one in written if one.letters
    }
    sent = {letter.letter for one in written for _, letter in one.letters}
    assert sent == set(Letters) - {Letters.LIFTED}
    # What one of the closed ones kept may go by now.
    assert now is not None and [one.bases for one in resumed.waiting(at.register, now)] == [1]
    # Those who are in the copy are found there.
    assert [one.persons_found for one in items if one.persons_found] == [1, 1]
