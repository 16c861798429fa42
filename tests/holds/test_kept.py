"""What is kept of holds that follow, are forgotten or lost, column by column, with the ledger lines of each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import access, ledger
from compliance.access.at import At
from compliance.builds.tables import build, pointer
from compliance.holds import along, asks, losses
from compliance.holds import verbs as holds
from compliance.holds.asks import HoldCoverage, HoldTarget
from compliance.holds.listing import Entry
from compliance.holds.tables import (
    FORGOTTEN,
    Scope,
    hold,
    hold_candidate,
    hold_identity,
    hold_loss,
    hold_record,
    hold_trace,
)
from compliance.ledger.tables import ledger as ledger_table
from compliance.reading import asks as reading_asks
from compliance.reading.asks import Trace
from compliance.reading.copy import Retired
from compliance.register.engine import engine, writing
from compliance.words import keys
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
        # Whose word does not change from build to build.
        entry(Scope.CATEGORY, "EMPLOYEE"),
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


class Copy:
    """A copy of build 1, as far as holds ask: one entry b1 of person p1, of whom there is one more."""

    build = 1

    def window_of(self, key: str) -> tuple[int, int]:
        return (len(key), 9)

    def one(self, ask: Any, **binds: Any) -> HoldTarget:
        assert ask is asks.HOLD_TARGET
        there = {
            ("basis", "b1", None, None): (1, 1),
            ("person", "p1", 2, 9): (2, 1),
            ("category", "EMPLOYEE", None, None): (9, 7),
        }
        bases, persons = there.get((binds["scope"], binds["scope_key"], binds["low"], binds["high"]), (0, 0))
        return HoldTarget(bases, persons, 0)

    def rows(self, ask: Any, **binds: Any) -> list[Any]:
        if ask is asks.HOLD_COVERAGE:
            return [HoldCoverage(number, number + 10, 1, 0, 0) for number in (1, 2, 3)]
        assert ask is reading_asks.TRACES
        key = binds["scope_key"]
        return [Trace(f"record {binds['scope']} {key}", True), Trace(f"name {key}", False)]


@pytest.fixture
def desk(settings: Settings, register: sa.Engine) -> At:
    with writing(register) as connection:
        connection.execute(sa.insert(build).values(file_name="1", state="current", created_at=NOW))
        connection.execute(sa.insert(pointer).values(name="current", build_id=1))
    return at(settings, register)


def test_a_hold_is_kept_with_its_terms_and_what_is_behind_it(desk: At) -> None:
    reading: Any = Copy()
    terms = holds.Terms("dispute", "  legal \t dept ", TODAY + 180 * DAY, "A-1")
    target = holds.Target("person", "p1")
    assert holds.place(desk, reading, target, terms) == 1
    number = holds.place(desk, reading, holds.Target("category", "EMPLOYEE"), holds.Terms("audit", "hr", TODAY + DAY))
    assert number == 2
    # Only the same, on the same, for the same case and as long as it is on.
    others = [
        (holds.Target("basis", "b1"), terms), (target, dataclasses.replace(terms, case_ref=None)),
        (target, dataclasses.replace(terms, case_ref="A-2")),
    ]  # fmt: skip
    assert [holds.place(desk, reading, *one) for one in others] == [3, 4, 5]
    register = desk.register
    columns = ("hold_id", "scope", "scope_key", "ground", "owner", "placed_on", "review_on", "case_ref", "placed_by")
    assert rows(register, hold, *columns)[:2] == [
        (1, "person", "p1", "dispute", "legal dept", TODAY, TODAY + 180 * DAY, "A-1", "petra"),
        (2, "category", "EMPLOYEE", "audit", "hr", TODAY, TODAY + DAY, None, "petra"),
    ]
    digest = keys.pseudonyms(desk.settings).digest
    assert rows(register, hold_record, "hold_id", "record_key") == [
        (number, digest("record basis b1" if number == 3 else "record person p1")) for number in (1, 3, 4, 5)
    ]
    assert rows(register, hold_identity, "hold_id", "identity_key") == [
        (number, digest("name b1" if number == 3 else "name p1")) for number in (1, 3, 4, 5)
    ]
    day = (TODAY + 180 * DAY).isoformat()
    told = {"ground": "dispute", "review_on": day}
    audit = {"ground": "audit", "review_on": (TODAY + DAY).isoformat(), "category": "EMPLOYEE"}
    assert lines(register)[:3] == [
        ("hold:placed", {"hold": 1, "scope": "person", **told, "bases": 2, "persons": 1}, 1, LATER),
        ("hold:placed", {"hold": 2, "scope": "category", **audit, "bases": 9, "persons": 7}, 1, LATER),
        ("hold:placed", {"hold": 3, "scope": "basis", **told, "bases": 1, "persons": 1}, 1, LATER),
    ]
    reading.build = 2
    refusals: list[tuple[holds.Target, dict[str, Any], str, dict[str, Any]]] = [
        (target, {}, "hold_build_changed", {}),
        (holds.Target("all", "p1"), {}, "hold_scope_unknown", {}),
        (holds.Target("person", "p9"), {}, "hold_key_unknown", {}),
        (holds.Target("category", "ALL"), {}, "hold_key_unknown", {}),
        (target, {"ground": "because"}, "hold_ground_unknown", {}),
        (target, {"owner": " "}, "hold_owner_missing", {}),
        (target, {"owner": "x" * 61}, "hold_owner_invalid", {"length": 60}),
        (target, {"owner": "a@b.example"}, "hold_owner_invalid", {"length": 60}),
        (target, {"case_ref": "a@b"}, "hold_case_invalid", {}),
        (target, {"review_on": TODAY}, "hold_review_past", {}),
        (
            target, {"review_on": TODAY + 181 * DAY}, "hold_review_too_far",
            {"days": 180, "latest": TODAY + 180 * DAY},
        ),
    ]  # fmt: skip
    for on, changed, code, values in refusals:
        with pytest.raises(Refused) as refused:
            holds.place(desk, reading, on, dataclasses.replace(terms, **changed))
        assert (refused.value.code, refused.value.values) == (code, values)
    reading.build = 1
    with pytest.raises(Refused) as refused:
        holds.place(desk, reading, target, terms)
    assert (refused.value.code, refused.value.values) == ("hold_twice", {"hold": "1"})


def test_a_hold_that_is_kept_or_ends_takes_along_those_that_followed_it_and_says_how_much_it_covers(desk: At) -> None:
    register, reading = desk.register, Copy()
    asked: Any = reading
    enter(register, entry(PERSON, "p1", placed_on=TODAY), entry(PERSON, "p2", follows=1), entry(PERSON, "p3"))
    with writing(register) as connection:
        connection.execute(sa.update(hold).where(hold.c.hold_id == 1).values(placed_on=TODAY + DAY))
    holds.review(desk, 1, TODAY + 30 * DAY, reading=asked)
    for day in (TODAY, TODAY + 181 * DAY):
        with pytest.raises(Refused, match="hold_review"):
            holds.review(desk, 1, day)
    kept = ("hold_id", "review_on", "reviewed_on")
    assert rows(register, hold, *kept) == [
        (1, TODAY + 30 * DAY, TODAY), (2, TODAY + 30 * DAY, TODAY), (3, TODAY + 9 * DAY, None),
    ]  # fmt: skip
    holds.release(desk, 1, reading=asked)
    holds.release(desk, 3)
    # One that begins later ends on the day on which it would have begun.
    assert rows(register, hold, "hold_id", "released_on", "released_by") == [
        (1, TODAY + DAY, "petra"), (2, TODAY + DAY, "petra"), (3, TODAY, "petra"),
    ]  # fmt: skip
    told: dict[str, Any] = {"hold": 1, "scope": "person", "ground": "dispute", "bases": 11}
    told |= {"review_on": (TODAY + 30 * DAY).isoformat()}
    other = {"hold": 3, "scope": "person", "ground": "dispute", "review_on": (TODAY + 9 * DAY).isoformat()}
    assert lines(register) == [
        ("hold:reviewed", told, 1, LATER), ("hold:released", told, 1, LATER), ("hold:released", other, None, LATER),
    ]  # fmt: skip


def test_entries_are_taken_out_of_a_purge_once_for_a_case(desk: At) -> None:
    register, reading = desk.register, Copy()
    asked: Any = reading
    enter(
        register,
        entry(BASIS, "b1", case_ref="A-1"), entry(BASIS, "b2", case_ref="A-2"), entry(PERSON, "b3", case_ref="A-1"),
        entry(BASIS, "b4", case_ref="A-1", released_on=TODAY),
    )  # fmt: skip
    terms = holds.Terms("dispute", "legal", TODAY + DAY, "A-1")
    with writing(register) as connection:
        assert holds.take_out(connection, desk, asked, [], terms) == 0
        assert holds.take_out(connection, desk, asked, ["b1"], terms) == 0
        # Whoever manages holds need not be somebody who proposes purges.
        ciso = at(desk.settings, register, Role.CISO)
        assert holds.take_out(connection, ciso, asked, ["b1"], terms) == 0
        assert holds.take_out(connection, desk, asked, iter(["b3", "b1", "b2", "b3", "b4"]), terms) == 3
    assert rows(register, hold, "hold_id", "scope", "scope_key", "case_ref", "placed_by")[4:] == [
        (5, "basis", "b3", "A-1", "petra"), (6, "basis", "b2", "A-1", "petra"), (7, "basis", "b4", "A-1", "petra"),
    ]  # fmt: skip
    digest = keys.pseudonyms(desk.settings).digest
    # By one record that is known to be behind an entry, another hold on it knows it too.
    assert rows(register, hold_record, "hold_id", "record_key") == sorted(
        (number, digest(f"record basis {key}"))
        for number, key in ((2, "b2"), (4, "b4"), (5, "b3"), (6, "b2"), (7, "b4"))
    )
    details = {"scope": "basis", "ground": "dispute", "review_on": (TODAY + DAY).isoformat(), "holds": 3, "bases": 3}
    assert lines(register) == [("hold:placed", details, None, LATER)]


class Traced:
    """What a tracer finds in build 7: p2 has another id, p5 another key, p4 is somebody else, p1 and f1 are nowhere."""

    build = SimpleNamespace(build_id=7)
    previous: Any = build
    people = ("p1", "p2", "p4", "p5")

    def before(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
        return [(scope, key, "crm", "PROSPECT") for scope, key in wanted if key in ("p1", "p4", "f1")]

    def moved(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
        assert {key for _, key in wanted} == {*self.people}
        return [("person", "p2", "p2b")]

    def moved_organisations(self, wanted: Sequence[str]) -> list[tuple[str, str, str]]:
        assert wanted == ["f1"]
        return []

    def given_on(self, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        assert {key for _, key in wanted} == {*self.people}
        return {("person", "p4")}

    def elsewhere(self) -> list[tuple[str, str, str]]:
        return []

    def covered(self, wanted: Sequence[tuple[str, str]]) -> tuple[list[Any], list[Any]]:
        there = {("person", "p2b"): "2", ("person", "p5b"): "5", ("person", "p4"): "4"}
        own = [(*one, there[one]) for one in wanted if one in there]
        return [(*one[:2], f"r{one[2]}") for one in own], [(*one[:2], f"new{one[2]}") for one in own]

    def found(self, known: set[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        assert known == {("person", "p1", "r1"), ("person", "p2", "r2"), ("person", "p5", "r5")}
        return [("person", "p5", "p5b")]

    def stored(self, known: set[tuple[str, str, str]]) -> set[str]:
        return {"r2", "r5"} & {digest for _, _, digest in known}

    def found_identities(self, known: set[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        # Of whom a record is nowhere, or somebody else's.
        assert known == {("person", "p1", "i1"), ("person", "p4", "i4")}
        return []

    def stored_keys(self, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        return {(scope, key) for scope, key in wanted if key in ("p2b", "p5b", "p4")}

    def possible_organisations(self, wanted: Sequence[str]) -> list[tuple[str, str, str]]:
        return [(key, "f2", "name") for key in wanted]

    def organisation_traces(self, wanted: Sequence[str]) -> list[tuple[str, str]]:
        return [(key, "said") for key in wanted]


def test_holds_go_along_by_all_that_a_tracer_finds_and_those_that_are_lost_are_told(register: sa.Engine) -> None:
    enter(register, *(entry(PERSON, key) for key in Traced.people), entry(FIRM, "f1"))
    known = [("person", f"p{n}", f"r{n}") for n in (1, 2, 4, 5)]
    tracer: Any = Traced()
    with writing(register) as connection:
        holds.remember(connection, known, [("person", f"p{n}", f"i{n}") for n in (1, 2, 4)])
        along.take_along(connection, tracer, author=PETRA, now=NOW)
    assert rows(register, hold, "hold_id", "scope_key", "follows")[5:] == [(6, "p2b", 2), (7, "p5b", 4)]
    # What somebody else says of themselves is not kept as what the one who is held is known by.
    assert rows(register, hold_record, "hold_id", "record_key") == [(1, "r1"), (3, "r4"), (6, "r2"), (7, "r5")]
    assert rows(register, hold_identity, "hold_id", "identity_key") == [
        (1, "i1"), (2, "i2"), (3, "i4"), (6, "new2"), (7, "new5"),
    ]  # fmt: skip
    kept = ("hold_id", "build_id", "source", "category", "is_given_on", "lost_at")
    assert rows(register, hold_loss, *kept) == [
        (1, 7, "crm", "PROSPECT", False, NOW), (3, 7, "crm", "PROSPECT", True, NOW),
        (5, 7, "crm", "PROSPECT", False, NOW),
    ]  # fmt: skip
    assert rows(register, hold_candidate, "hold_id", "candidate_key", "because") == [(5, "f2", "name")]
    assert rows(register, hold_trace, "hold_id", "digest") == [(5, "said")]
    assert lines(register) == [
        ("hold:moved", {"holds": 2, "active": 2}, 7, NOW), ("hold:lost", {"hold": 1}, 7, NOW),
        ("hold:given_on", {"hold": 3}, 7, NOW), ("hold:lost", {"hold": 5}, 7, NOW),
    ]  # fmt: skip


def test_a_build_of_a_purge_forgets_whose_holds_are_over_and_tells_of_none_that_is_lost(register: sa.Engine) -> None:
    enter(register, entry(PERSON, "p1", released_on=TODAY - DAY), entry(PERSON, "p4", released_on=TODAY - DAY))
    tracer: Any = Traced()
    # The build before is gone.
    tracer.previous, tracer.found, tracer.found_identities = None, lambda _: [], lambda _: []
    with writing(register) as connection:
        along.take_along(connection, tracer, author=PETRA, now=NOW, forget_before=TODAY)
    assert rows(register, hold, "hold_id", "scope_key") == [(1, FORGOTTEN), (2, "p4")]
    assert lines(register) == [("hold:forgotten", {"holds": 1}, 7, NOW)]
    assert rows(register, hold_loss, "hold_id") == []


def test_a_copy_that_goes_while_a_hold_is_placed_is_another_one_by_now(
    desk: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading: Any = Copy()

    def gone(_: str) -> None:
        raise Retired

    monkeypatch.setattr(reading, "window_of", gone)
    with pytest.raises(Refused) as refused:
        holds.place(desk, reading, holds.Target("person", "p1"), holds.Terms("dispute", "legal", TODAY + DAY))
    assert refused.value.code == "hold_build_changed"
