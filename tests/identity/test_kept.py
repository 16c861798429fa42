"""What is kept of who was decided to be one person, column by column, and told of it: without a copy."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance import access
from compliance.access.at import At
from compliance.builds.tables import build, pointer
from compliance.identity import asks, decisions
from compliance.identity import verbs as identity
from compliance.identity.along import FORGOTTEN
from compliance.identity.asks import Double, DoubleCount
from compliance.identity.tables import Answer, identity_decision, identity_loss, identity_trace
from compliance.ledger.tables import ledger
from compliance.reading import asks as reading_asks
from compliance.reading.copy import Retired
from compliance.register.engine import engine, writing
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Role
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def desk(settings: Settings) -> At:
    """The DPO, where build 2 is the one that is looked at."""
    register = engine(settings)
    with writing(register) as connection:
        for number in (1, 2):
            connection.execute(sa.insert(build).values(file_name=f"{number}", state="retired", created_at=NOW))
        connection.execute(sa.insert(pointer).values(name="current", build_id=2))
    actor = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    return acting(settings, register, actor, NOW)


class Copy:
    """A copy with three persons of whom each two may be one, and who share one trace."""

    def __init__(self, number: int = 2) -> None:
        self.build = number
        self.is_gone = False

    def rows(self, ask: Any, **binds: Any) -> list[Any]:
        if ask is asks.DOUBLES:
            if self.is_gone:
                raise Retired
            pairs = [("a", "b"), ("a", "c"), ("b", "c")]
            name = "Anna" if binds["named"] else None
            wanted = [pair for pair in pairs if binds["person"] in (None, *pair)]
            return [Double(*pair, name, None, None, None, "email", "", False, False) for pair in wanted]
        if ask is reading_asks.TRACES:
            assert binds["scope"] == "person"
            return [SimpleNamespace(trace=f"record {binds['scope_key']}"), SimpleNamespace(trace="common")]
        return [SimpleNamespace(trace=f"name {binds['person_id']}")]

    def one(self, ask: Any) -> DoubleCount:
        assert ask is asks.DOUBLE_COUNT
        return DoubleCount(3)


def lines(desk: At) -> list[tuple[Any, ...]]:
    with desk.register.connect() as connection:
        found = connection.execute(sa.select(ledger).where(ledger.c.event.like("identity:%")).order_by(ledger.c.seq))
        return [(row.event, json.loads(row.details), row.build_id, row.actor, row.at) for row in found]


def rows(desk: At, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
    with desk.register.connect() as connection:
        found = connection.execute(sa.select(*(table.c[name] for name in columns))).all()
    return sorted((tuple(row) for row in found), key=str)


def test_a_decision_is_kept_by_what_leads_to_one_of_the_two_alone(desk: At) -> None:
    reading: Any = Copy()
    digest = keys.pseudonyms(desk.settings).digest

    def pairs(person: str | None = None) -> list[tuple[str, str]]:
        waiting = identity.waiting(desk.settings, desk.register, reading, person=person)
        return [(row.person_a, row.person_b) for row in waiting]

    assert desk.author is not None
    by = desk.author.pseudonym
    assert identity.decide(desk, reading, "b", "a", "same") == 1
    assert identity.decide(desk, reading, "b", "c", "different") == 2
    columns = ("decision_id", "answer", "build_id", "one_key", "other_key", "decided_by", "decided_at")
    assert rows(desk, identity_decision, *columns) == [
        (1, "same", 2, digest("person|b"), digest("person|a"), by, NOW),
        (2, "different", 2, digest("person|b"), digest("person|c"), by, NOW),
    ]
    sides = {(1, "one"): "b", (1, "other"): "a", (2, "one"): "b", (2, "other"): "c"}
    assert rows(desk, identity_trace, "decision_id", "side", "digest") == sorted(
        (*side, digest(f"{trace} {person}")) for side, person in sides.items() for trace in ("record", "name")
    )
    assert lines(desk) == [
        ("identity:same", {"decision": 1}, 2, by, NOW), ("identity:different", {"decision": 2}, 2, by, NOW),
    ]  # fmt: skip
    assert pairs() == [("a", "c")] and pairs(person="b") == []
    named = identity.waiting(desk.settings, desk.register, reading, named=True, person="c")
    assert [row.name_a for row in named] == ["Anna"]
    assert [row.name_a for row in identity.waiting(desk.settings, desk.register, reading)] == [None]
    assert identity.count_waiting(desk.register, reading) == 1
    # In another copy they are asked about by what that says.
    reading = Copy(1)
    assert len(pairs()) == identity.count_waiting(desk.register, reading) == 3
    for one, other, answer, code in (("a", "c", "maybe", "answer_unknown"), ("a", "d", "same", "pair_unknown"),
                                     ("a", "c", "same", "pair_build_changed")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            identity.decide(desk, reading, one, other, answer)
        assert refused.value.code == code
    reading.is_gone = True
    with pytest.raises(Refused) as refused:
        identity.decide(desk, reading, "a", "c", "same")
    assert refused.value.code == "pair_build_changed"
    assert len(lines(desk)) == 2


@pytest.mark.parametrize(("current", "new"), [(2, {2}), (1, {1})])
def test_a_build_meets_what_was_decided_by_its_traces_and_whether_it_was_in_the_one_of_now(
    desk: At, current: int, new: set[int]
) -> None:
    with desk.register.connect() as connection:
        assert decisions.load(desk.settings, connection) is None
    for number in (1, 2):
        with writing(desk.register) as connection:
            connection.execute(sa.update(pointer).values(build_id=number))
        copy: Any = Copy(number)
        identity.decide(desk, copy, "a", "abc"[number], "same" if number == 1 else "different")
    with writing(desk.register) as connection:
        connection.execute(sa.update(pointer).values(build_id=current))
        found = decisions.load(desk.settings, connection)
    assert found is not None and found.key == keys.pseudonyms(desk.settings) and found.numbers == {1, 2}
    told = {(row["decision_id"], row["answer"]): row["is_new"] for row in found.rows.to_pylist()}
    assert told == {(1, "same"): 1 in new, (2, "different"): 2 in new}
    traces = [(row["decision_id"], row["side"], row["digest"]) for row in found.rows.to_pylist()]
    assert sorted(traces) == rows(desk, identity_trace, "decision_id", "side", "digest") and len(traces) == 8
    with duckdb.connect() as con:
        found.stage(con)
        assert con.execute("from decision_trace").to_arrow_table() == found.rows
        assert con.execute("select keyed('common')").fetchall() == [(found.key.digest("common"),)]
        with pytest.raises(duckdb.CatalogException):
            con.execute("from decision_rows")
    # Where there is no build, none was in it.
    with writing(desk.register) as connection:
        connection.execute(sa.delete(pointer))
        nowhere = decisions.load(desk.settings, connection)
    assert nowhere is not None and not any(row["is_new"] is not False for row in nowhere.rows.to_pylist())


def test_a_decision_whose_persons_are_lost_waits_since_the_first_and_is_let_go_as_a_whole(desk: At) -> None:
    reading: Any = Copy()
    for one, other, answer in (("a", "b", "same"), ("a", "c", "different"), ("b", "c", "same")):
        identity.decide(desk, reading, one, other, answer)
    with writing(desk.register) as connection:
        connection.execute(
            sa.insert(identity_loss),
            [
                {"decision_id": number, "side": side, "build_id": 2, "lost_at": at}
                for number, side, at in ((3, "one", NOW), (1, "other", LATER), (1, "one", NOW), (1, "one", LATER))
            ],
        )
    assert identity.lost(desk.register) == [
        identity.Lost(1, Answer.SAME, NOW, NOW), identity.Lost(3, Answer.SAME, NOW, NOW),
    ]  # fmt: skip
    later = dataclasses.replace(desk, now=LATER)
    for number in (2, 9):
        with pytest.raises(Refused) as refused:
            identity.let_go(later, number)
        assert (refused.value.code, refused.value.values) == ("decision_not_lost", {"decision": str(number)})
    identity.let_go(later, 1)
    assert [one.decision_id for one in identity.lost(desk.register)] == [3]
    assert {number for (number,) in rows(desk, identity_trace, "decision_id")} == {2, 3}
    assert rows(desk, identity_decision, "decision_id", "one_key", "other_key")[0] == (1, FORGOTTEN, FORGOTTEN)
    # Nobody knows any more whom it was about, so they may be asked about.
    assert len(identity.waiting(desk.settings, desk.register, reading)) == 1
    assert identity.count_waiting(desk.register, reading) == 1
    assert desk.author is not None
    assert lines(desk)[3:] == [("identity:over", {"decision": 1}, None, desk.author.pseudonym, LATER)]
