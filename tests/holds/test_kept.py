"""What is kept of holds that follow, are forgotten or lost, column by column, with the ledger lines of each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import access, ledger
from compliance.access.at import At
from compliance.holds import losses
from compliance.holds import verbs as holds
from compliance.holds.listing import Entry
from compliance.holds.tables import FORGOTTEN, Scope, hold, hold_candidate, hold_identity, hold_loss, hold_record
from compliance.ledger.tables import ledger as ledger_table
from compliance.register.engine import engine, writing
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Role
from tests.world import TODAY, acting

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
DAY = dt.timedelta(days=1)
PETRA = ledger.Author("petra", "dpo")
PERSON, BASIS, FIRM = Scope.PERSON, Scope.BASIS, Scope.ORGANISATION


@pytest.fixture
def register(settings: Settings) -> sa.Engine:
    return engine(settings)


def entry(scope: str, key: str, **more: Any) -> Entry:
    return dataclasses.replace(Entry(scope, key, "dispute", "legal", TODAY - 9 * DAY, TODAY + 9 * DAY), **more)


def enter(register: sa.Engine, *entries: Entry) -> None:
    """Holds that are numbered from one."""
    with writing(register) as connection:
        holds.enter(connection, entries)


def rows(register: sa.Engine, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
    with register.connect() as connection:
        found = connection.execute(sa.select(*(table.c[name] for name in columns))).all()
    return sorted((tuple(row) for row in found), key=lambda row: (row[0], str(row)))


def lines(register: sa.Engine) -> list[tuple[str, dict[str, Any], int | None, dt.datetime]]:
    """Event, details, build and time of each line, which all have an author."""
    with register.connect() as connection:
        found = connection.execute(sa.select(ledger_table).order_by(ledger_table.c.seq)).mappings().all()
    # That somebody else has put rows there is told too.
    own = [row for row in found if row["event"].startswith("hold:")]
    assert {row["actor"] for row in own} <= {PETRA.pseudonym}
    return [(row["event"], json.loads(row["details"]), row["build_id"], row["at"]) for row in own]


def test_a_hold_follows_to_each_new_id_once_and_is_counted_once(register: sa.Engine) -> None:
    ended = {"released_on": TODAY, "released_by": "petra", "case_ref": "B-1"}
    enter(
        register,
        entry(PERSON, "p1", case_ref="A-1", placed_by="petra", reviewed_on=TODAY),
        entry(PERSON, "p1", **ended),
        # It is on the new id already, but for when it was looked at and by whom.
        entry(PERSON, "p3", case_ref="A-1", follows=1, review_on=TODAY + DAY, placed_by="axel"),
        # Of another scope, or on what stays.
        entry(BASIS, "p1"),
        entry(PERSON, "p4"),
        entry(PERSON, "p9", released_on=TODAY),
    )
    moves = [
        ("person", "p1", "p2"),
        ("person", "p1", "p3"),
        ("person", "p1", "p2"),
        ("person", "p9", "p4"),
        ("person", "p8", "p4"),
    ]
    with writing(register) as connection:
        assert holds.follow(connection, [], author=PETRA, now=NOW) == 0
        assert holds.follow(connection, iter(moves), author=PETRA, now=NOW, build=7) == 3
        assert holds.follow(connection, moves, author=PETRA, now=NOW, build=8) == 0
    kept = ("hold_id", "scope", "scope_key", "case_ref", "follows", "released_on", "placed_by", "reviewed_on")
    assert rows(register, hold, *kept)[6:] == [
        (7, "person", "p2", "A-1", 1, None, "petra", TODAY),
        (8, "person", "p2", "B-1", 2, TODAY, None, None),
        (9, "person", "p3", "B-1", 2, TODAY, None, None),
        (10, "person", "p4", None, 6, TODAY, None, None),
    ]
    assert lines(register) == [("hold:moved", {"holds": 3, "active": 1}, 7, NOW)]


def test_what_is_behind_a_hold_is_kept_once_left_by_itself_and_forgotten_once_it_is_over(register: sa.Engine) -> None:
    over = {"released_on": TODAY - 5 * DAY}
    enter(
        register,
        entry(PERSON, "p1", **over),
        entry(PERSON, "p1b", follows=1, **over),
        entry(BASIS, "b1", released_on=TODAY - 4 * DAY),
        entry(BASIS, "b2", **over),
        entry(FIRM, "f1", **over),
        entry(PERSON, "p2"),
    )
    told = [("person", "p1", "r1"), ("person", "p1", "r2"), ("basis", "b2", "r1"), ("person", "b2", "r9")]
    about = [("person", "p1", "i1"), ("person", "p2", "i2"), ("person", "p3", "i3")]
    with writing(register) as connection:
        for _ in range(2):
            holds.remember(connection, iter(told), iter(about))
        assert holds.records(connection) == {*told[:3]}
        assert holds.identities(connection) == {*about[:2]}
        holds.leave(connection, [("person", "p1", "r2"), ("basis", "b2", "r2"), ("person", "p2", "r1")])
        assert holds.records(connection) == {told[0], told[2]}
        assert len(holds.keys(connection)) == 6
        # Somebody is behind one of them still, and one is over for too short.
        before = TODAY - 4 * DAY
        there = [("basis", "b2")]
        assert holds.forget(connection, there, before, author=PETRA, now=NOW, build=3) == 1
        assert holds.forget(connection, there, before, author=PETRA, now=NOW, build=4) == 0
        assert sorted(holds.keys(connection)) == [
            ("basis", "b1"), ("basis", "b2"), ("organisation", "f1"), ("person", "p2"),
        ]  # fmt: skip
    assert rows(register, hold_record, "hold_id", "record_key") == [(4, "r1")]
    assert rows(register, hold_identity, "hold_id", "identity_key") == [(6, "i2")]
    assert rows(register, hold, "hold_id", "scope_key")[:2] == [(1, FORGOTTEN), (2, FORGOTTEN)]
    assert lines(register) == [("hold:forgotten", {"holds": 1}, 3, NOW)]


def at(settings: Settings, register: sa.Engine, role: Role = Role.DPO) -> At:
    actor = next(one for one in access.demo_actors(settings) if one.role is role)
    actor = dataclasses.replace(actor, pseudonym=PETRA.pseudonym)
    return acting(settings, register, actor, LATER, today=TODAY)


def test_a_lost_hold_is_told_by_each_place_that_it_was_on_and_settled_as_a_whole(
    settings: Settings, register: sa.Engine
) -> None:
    enter(
        register,
        entry(PERSON, "p1", case_ref="A-1"),
        entry(PERSON, "p2", follows=1, case_ref="A-1"),
        entry(BASIS, "b1"),
        entry(FIRM, "f1"),
        entry(PERSON, "p4", released_on=TODAY),
        entry(Scope.CATEGORY, "EMPLOYEE"),
        entry(PERSON, FORGOTTEN, released_on=TODAY),
        entry(PERSON, "p8"),
    )
    before = [
        ("person", "p1", "crm", "PROSPECT"), ("person", "p2", "hr", "EMPLOYEE"), ("person", "p2", "crm", "PROSPECT"),
        ("basis", "b1", "crm", "PROSPECT"), ("person", "f1", "x", "X"), ("person", "p8", "crm", "PROSPECT"),
    ]  # fmt: skip

    def tell(there: set[str], build: int, given: tuple[str, ...] = (), known: Any = before) -> list[int]:
        stored = {(scope, key) for scope in (PERSON, BASIS, FIRM) for key in there}
        given_on = {(PERSON, key) for key in given}
        with writing(register) as connection:
            return losses.tell(connection, stored, known, given_on, author=PETRA, now=NOW, build=build)

    assert tell({"p2", "b1", "f1", "p8"}, 1) == []
    # Of one hold nothing is left, of one nobody knows where it was, and one covers somebody else.
    assert tell({"b1", "p8"}, 2, ("p8",)) == [1, 4]
    kept = ("hold_id", "build_id", "source", "category", "is_given_on", "lost_at")
    assert rows(register, hold_loss, *kept) == [
        (1, 2, "crm", "PROSPECT", False, NOW), (1, 2, "hr", "EMPLOYEE", False, NOW), (4, 2, None, None, False, NOW),
        (8, 2, "crm", "PROSPECT", True, NOW),
    ]  # fmt: skip
    told = [losses.Loss(1, "person", 2, NOW, "A-1"), losses.Loss(4, "organisation", 2, NOW, None)]
    given = losses.Loss(8, "person", 2, NOW, None, is_given_on=True)
    assert losses.waiting(register) == [*told, given]
    with register.connect() as connection:
        assert losses.given_on(connection) == {("person", "p8")}
    # Told once, also where nobody knows what was before.
    assert tell({"b1", "p8"}, 3, known=None) == []
    # The one covers something again; whom the other covers is for a person to say.
    with writing(register) as connection:
        connection.execute(sa.insert(hold_candidate), [{"hold_id": 1, "candidate_key": "f2", "because": "name"}])
    assert tell({"p2", "b1", "p8"}, 4) == []
    assert losses.waiting(register) == [told[1], given]
    assert rows(register, hold_loss, "hold_id", "settled_at", "settled_by") == [
        (1, NOW, None), (1, NOW, None), (4, None, None), (8, None, None),
    ]  # fmt: skip
    assert rows(register, hold_candidate, "hold_id") == []
    # It is lost again, and that is another loss.
    assert tell({"b1", "p8"}, 5) == [1]
    assert [one.build_id for one in losses.waiting(register)] == [5, 2, 2]
    did = at(settings, register)
    for number in (8, 4):
        losses.settle(did, number)
        with pytest.raises(Refused) as refused:
            losses.settle(did, number)
        assert (refused.value.code, refused.value.values) == ("hold_not_lost", {"hold": str(number)})
    assert [one.hold_id for one in losses.waiting(register)] == [1]
    assert did.actor is not None
    assert (4, LATER, did.actor.pseudonym) in rows(register, hold_loss, "hold_id", "settled_at", "settled_by")
    with register.connect() as connection:
        assert losses.given_on(connection) == set()
    told_of = [
        ("lost", 1, 2, NOW),
        ("lost", 4, 2, NOW),
        ("given_on", 8, 2, NOW),
        ("found", 1, 4, NOW),
        ("lost", 1, 5, NOW),
        ("settled", 8, None, LATER),
        ("settled", 4, None, LATER),
    ]
    assert lines(register) == [
        (f"hold:{event}", {"hold": number}, build, when) for event, number, build, when in told_of
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("placed", "is_possible"),
    [
        ([], False),
        ([entry(Scope.CATEGORY, "EMPLOYEE")], False),
        ([entry(PERSON, "p1", released_on=TODAY)], False),
        ([entry(Scope.CATEGORY, "EMPLOYEE"), entry(FIRM, "f1"), entry(BASIS, "b1")], True),
    ],
)
def test_a_hold_that_is_on_may_be_lost_but_no_category(
    register: sa.Engine, placed: list[Entry], is_possible: bool
) -> None:
    enter(register, *placed)
    with register.connect() as connection:
        assert losses.possible(connection) is is_possible


def test_a_case_is_over_on_the_day_as_far_as_it_has_begun_and_is_counted_without_those_that_followed(
    settings: Settings, register: sa.Engine
) -> None:
    case = {"case_ref": "A-1"}
    enter(
        register,
        entry(PERSON, "p1", **case),
        entry(PERSON, "p2", follows=1, **case),
        entry(BASIS, "b1", placed_on=TODAY, **case),
        entry(BASIS, "b2", placed_on=TODAY + DAY, **case),
        entry(BASIS, "b3", released_on=TODAY - DAY, **case),
        entry(BASIS, "b4", case_ref="A-2"),
    )
    did = at(settings, register)
    assert did.actor is not None
    assert holds.release_case(did, "A-1") == 2
    by = did.actor.pseudonym
    assert rows(register, hold, "hold_id", "released_on", "released_by") == [
        (1, TODAY, by), (2, TODAY, by), (3, TODAY, by), (4, None, None), (5, TODAY - DAY, None), (6, None, None),
    ]  # fmt: skip
    with pytest.raises(Refused, match="hold_case_unknown"):
        holds.release_case(did, "A-1")
    assert lines(register) == [("hold:released", {"case": "A-1", "holds": 2}, None, LATER)]


def test_who_says_more_of_a_hold_than_there_is_is_told_which_and_since_when(
    settings: Settings, register: sa.Engine
) -> None:
    enter(register, entry(PERSON, "p1", released_on=TODAY - DAY), entry(PERSON, "p2", follows=1, released_on=TODAY))
    did = at(settings, register)
    for number, code, told in (
        (1, "hold_released", {"hold": "1", "day": TODAY - DAY}),
        (2, "hold_unknown", {"hold": "2"}),
    ):
        with pytest.raises(Refused) as refused:
            holds.release(did, number)
        assert (refused.value.code, refused.value.values) == (code, told)
