"""Marks on persons: Petra places and lifts them, they act at once, and follow whom they are on. By real intakes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.marks import listing
from compliance.marks import verbs as marks
from compliance.marks.tables import Ending, Ground, Kind, mark, mark_address, mark_loss, mark_person, mark_trace
from compliance.purge.tables import Stays
from compliance.requests import backlog
from compliance.requests.backlog import Block
from compliance.review import decisions, measures
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES
from tests.marks.desk import ANNA, BO, EVA, REVIEW, TOVE, Marked, copied, stored
from tests.purging import request as asked
from tests.purging import requests_made
from tests.world import TODAY


@pytest.fixture
def desk(tmp_path: Path) -> Marked:
    return copied(tmp_path)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_marks_act_at_once_and_say_so_in_every_list(desk: Marked) -> None:
    assert desk.flags() == {"Anna Berg": set(), "Bo Dahl": set(), "Eva Sten": set(), "Tove Wik": {"opted_out"}}
    before = desk.reading()
    number = desk.place("Anna Berg", Kind.RESTRICTED, case_ref="DSR-7")
    desk.place("Bo Dahl", Kind.OPTED_OUT)
    desk.place("Eva Sten", Kind.OBJECTED)
    assert desk.flags() == {
        "Anna Berg": {"restricted"}, "Bo Dahl": {"opted_out"}, "Eva Sten": {"objected"}, "Tove Wik": {"opted_out"},
    }  # fmt: skip
    assert desk.reading().build == before.build
    # Only a restriction keeps from being purged: neither an opt-out nor an objection is erasure, or a stop of it.
    assert desk.stays() == {"Anna Berg": Stays.RESTRICTED, "Bo Dahl": None, "Eva Sten": None, "Tove Wik": None}
    assert desk.whom("Anna Berg").status == "OVERDUE"
    assert desk.lines(ledger.Event.MARK_PLACED)[0] == {
        "mark": number, "kind": "restricted", "ground": "accuracy_contested", "received_on": TODAY.isoformat(),
        "review_on": REVIEW.isoformat(), "case": "DSR-7",
    }  # fmt: skip
    found = listing.summary(listing.listing(desk.register, TODAY), desk.reading())
    assert found.totals == (1, 2, 1) and (found.restrictions, found.past_review, found.lost) == (1, 0, 0)
    bo = desk.whom("Bo Dahl").person_id
    (his,) = listing.on_person(desk.register, bo, TODAY)
    assert his == desk.row(number + 1) and his.persons == (bo,)
    marks.lift(desk.at(desk.petra), number + 1, Ending.WITHDRAWN)
    assert listing.on_person(desk.register, bo, TODAY) == []


def test_a_restriction_that_comes_after_the_approval_still_holds(desk: Marked) -> None:
    batch = desk.confirm(desk.approve(desk.propose(desk.entries())))
    desk.place("Anna Berg", Kind.RESTRICTED)
    assert desk.going(batch) == 3
    desk.claim(batch)
    # And one that comes while the batch is being carried out.
    desk.place("Bo Dahl", Kind.RESTRICTED)
    done = desk.carry_out(batch)
    assert (done.deleted, done.held) == (2, 2)
    assert {row.name for row in desk.entries()} == {"Anna Berg", "Bo Dahl"}


def test_a_restriction_is_lifted_once_the_person_has_been_told(desk: Marked) -> None:
    number = desk.place("Anna Berg", Kind.RESTRICTED)
    with refused("mark_told_missing"):
        marks.lift(desk.at(desk.petra), number, Ending.GROUND_ENDED)
    with refused("mark_told_ahead"):
        marks.lift(desk.at(desk.petra), number, Ending.GROUND_ENDED, told_on=TODAY + dt.timedelta(days=1))
    with refused("mark_told_early"):
        marks.lift(desk.at(desk.petra), number, Ending.GROUND_ENDED, told_on=TODAY - dt.timedelta(days=1))
    with refused("mark_ending_wrong"):
        marks.lift(desk.at(desk.petra), number, Ending.OVERRIDDEN, told_on=TODAY)
    assert desk.flags()["Anna Berg"] == {"restricted"}
    marks.lift(desk.at(desk.petra), number, Ending.GROUND_ENDED, told_on=TODAY)
    assert desk.flags()["Anna Berg"] == set() and desk.stays()["Anna Berg"] is None
    assert desk.row(number).entry.told_on == TODAY
    assert desk.lines(ledger.Event.MARK_LIFTED) == [{
        "mark": number, "kind": "restricted", "ground": "accuracy_contested", "because": "ground_ended",
        "told_on": TODAY.isoformat(),
    }]  # fmt: skip
    # Whom it was on is nobody's business any more.
    with desk.register.connect() as connection:
        for table in (mark_person, mark_trace, mark_address):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    with refused("mark_over"):
        marks.lift(desk.at(desk.petra), number, Ending.MISTAKE)
    # Who was restricted by mistake was never told of it, and is told nothing now.
    wrong = desk.place("Bo Dahl", Kind.RESTRICTED)
    marks.lift(desk.at(desk.petra), wrong, Ending.MISTAKE, told_on=TODAY)
    assert desk.row(wrong).entry.told_on is None and desk.flags()["Bo Dahl"] == set()


def test_no_ground_weighs_more_than_an_objection_to_mailings(desk: Marked) -> None:
    number = desk.place("Anna Berg", Kind.OPTED_OUT)
    with refused("mark_ending_wrong"):
        marks.lift(desk.at(desk.petra), number, Ending.OVERRIDDEN)
    objected = desk.place("Anna Berg", Kind.OBJECTED)
    marks.lift(desk.at(desk.petra), objected, Ending.OVERRIDDEN)
    marks.lift(desk.at(desk.petra), number, Ending.WITHDRAWN)
    assert desk.flags()["Anna Berg"] == set()


RESTRICTED, OPTED_OUT = Kind.RESTRICTED, Kind.OPTED_OUT


@pytest.mark.parametrize(
    ("code", "kind", "given"),
    [
        ("mark_ground_missing", RESTRICTED, {"ground": None}),
        ("mark_review_missing", RESTRICTED, {"review_on": None}),
        ("mark_review_past", RESTRICTED, {"review_on": TODAY}),
        ("mark_review_too_far", RESTRICTED, {"review_on": TODAY + dt.timedelta(days=181)}),
        ("mark_ground_extra", OPTED_OUT, {"ground": Ground.UNLAWFUL}),
        ("mark_ground_extra", OPTED_OUT, {"review_on": REVIEW}),
        ("mark_received_ahead", OPTED_OUT, {"received_on": TODAY + dt.timedelta(days=1)}),
        ("mark_case_invalid", OPTED_OUT, {"case_ref": "070-174 06 05"}),
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(
    desk: Marked, code: str, kind: Kind, given: dict[str, object]
) -> None:
    with pytest.raises(Refused) as said:
        desk.place("Anna Berg", kind, **given)
    assert said.value.code == code
    for language in LANGUAGES:
        assert "{" not in refusal(said.value.code, language, said.value.values)
    assert listing.listing(desk.register, TODAY) == [] and desk.lines(ledger.Event.MARK_PLACED) == []


def test_the_same_mark_is_placed_once_and_only_on_somebody_who_is_stored(desk: Marked, tmp_path: Path) -> None:
    number = desk.place("Anna Berg", RESTRICTED)
    with pytest.raises(Refused) as said:
        desk.place("Anna Berg", RESTRICTED)
    assert (said.value.code, said.value.values["mark"]) == ("mark_twice", str(number))
    # Another ground is another restriction: one may end and the other stand.
    desk.place("Anna Berg", RESTRICTED, ground=Ground.NEEDED_FOR_CLAIMS)
    terms = marks.Terms(OPTED_OUT, TODAY)
    with refused("mark_person_unknown"):
        marks.place(desk.at(desk.petra), desk.reading(), "0" * 32, terms)
    old, bo = desk.reading(), desk.whom("Bo Dahl").person_id
    desk.export(tmp_path, ANNA, BO)
    with refused("mark_build_changed"):
        marks.place(desk.at(desk.petra), old, bo, terms)


def test_a_restriction_is_reviewed_and_an_opt_out_is_not(desk: Marked) -> None:
    number = desk.place("Anna Berg", RESTRICTED)
    other = desk.place("Bo Dahl", OPTED_OUT)
    later = desk.row(number, REVIEW + dt.timedelta(days=1))
    assert later.past_review and not desk.row(number).past_review
    marks.review(desk.at(desk.petra), number, REVIEW + dt.timedelta(days=30))
    again = desk.row(number, REVIEW + dt.timedelta(days=1))
    assert not again.past_review and again.days_to_review == 29
    with refused("mark_not_reviewed"):
        marks.review(desk.at(desk.petra), other, REVIEW)


def test_a_mark_follows_whoever_has_the_same_name_and_one_thing_more(desk: Marked, tmp_path: Path) -> None:
    for name in ("Anna Berg", "Bo Dahl", "Eva Sten"):
        desk.place(name, RESTRICTED)
    says = (
        {**ANNA, "Prospekt-ID": "N1"},
        {**BO, "Prospekt-ID": "N2", "E-post": "bo@annan.example"},
        {**EVA, "E-post": "eva@annan.example", "Telefon": ""},
    )
    desk.export(tmp_path / "one", *says, TOVE)
    found = {"Anna Berg": {"restricted"}, "Bo Dahl": {"restricted"}, "Eva Sten": {"restricted"}}
    assert desk.flags() == {**found, "Tove Wik": {"opted_out"}}
    assert all(one.lost_at is None and one.doubtful == () for one in listing.listing(desk.register, TODAY))
    # By what is said of them now, they are found again the week after.
    desk.export(tmp_path / "two", *({**one, "Prospekt-ID": f"M{n}"} for n, one in enumerate(says)), TOVE)
    assert desk.flags() == {**found, "Tove Wik": {"opted_out"}}


def test_a_lost_restriction_is_told_and_whoever_may_be_the_person_is_not_purged(desk: Marked, tmp_path: Path) -> None:
    number = desk.place("Anna Berg", RESTRICTED)
    opted = desk.place("Bo Dahl", OPTED_OUT)
    new = stored("N1", "Anna Alm", "anna@alm.example")
    also = stored("N2", "Bo Ek", "bo@ek.example")
    desk.export(tmp_path / "one", new, also, EVA, TOVE)
    assert {one["mark"] for one in desk.lines(ledger.Event.MARK_LOST)} == {number, opted}
    assert desk.row(number).lost_at is not None and desk.row(number).persons == ()
    assert desk.stays() == {
        "Anna Alm": Stays.MARK_LOST, "Bo Ek": Stays.MARK_LOST, "Eva Sten": None, "Tove Wik": None,
    }  # fmt: skip
    with refused("mark_nobody_there"):
        marks.settle(desk.at(desk.petra), desk.reading(), number, is_same=True)
    marks.settle(desk.at(desk.petra), desk.reading(), number, is_same=False)
    assert set(desk.stays().values()) == {None}
    with refused("mark_not_lost"):
        marks.settle(desk.at(desk.petra), desk.reading(), number, is_same=False)
    # Once she comes back as she was, she is restricted again.
    desk.export(tmp_path / "two", ANNA, also, EVA, TOVE)
    assert desk.flags()["Anna Berg"] == {"restricted"}


def test_who_has_but_the_key_is_marked_until_somebody_says_who_that_is(desk: Marked, tmp_path: Path) -> None:
    number = desk.place("Anna Berg", RESTRICTED)
    other = desk.place("Bo Dahl", RESTRICTED)
    married, successor = {**ANNA, "Namn": "Anna Lund", "E-post": "a@lund.example", "Telefon": ""}, {
        **BO, "Namn": "Ove Kil", "E-post": "ove@kil.example", "Telefon": "",
    }  # fmt: skip
    desk.export(tmp_path / "one", married, successor, EVA, TOVE)
    assert desk.flags()["Anna Lund"] == desk.flags()["Ove Kil"] == {"restricted"}
    assert desk.row(number).lost_at is not None and len(desk.row(number).doubtful) == 1
    # Whose addresses those are nobody knows yet.
    key = keys.suppression(desk.settings)[0]
    with desk.register.connect() as connection:
        assert set(connection.scalars(sa.select(mark_address.c.digest))) == {
            key.digest("email|anna@berg.example"), key.digest("email|bo@dahl.example"),
        }  # fmt: skip
    marks.settle(desk.at(desk.petra), desk.reading(), number, is_same=True)
    marks.settle(desk.at(desk.petra), desk.reading(), other, is_same=False)
    assert desk.flags()["Anna Lund"] == {"restricted"} and desk.flags()["Ove Kil"] == set()
    assert desk.row(number).doubtful == () and desk.row(other).persons == ()
    # As she is called now, she is found under another key.
    desk.export(tmp_path / "two", {**married, "Prospekt-ID": "N1"}, EVA, TOVE)
    assert desk.flags()["Anna Lund"] == {"restricted"}


def test_who_may_be_the_same_person_as_somebody_restricted_is_not_purged(tmp_path: Path) -> None:
    desk = Marked(tmp_path / "store")
    double = stored("P9", "Anna Holm", "anna@berg.example")
    desk.export(tmp_path / "one", ANNA, double, BO)
    desk.place("Anna Berg", RESTRICTED)
    assert desk.stays() == {"Anna Berg": Stays.RESTRICTED, "Anna Holm": Stays.MAYBE_RESTRICTED, "Bo Dahl": None}
    desk.register.dispose()


def test_a_purge_ends_the_marks_of_whom_it_takes_and_the_address_stays_not_to_be_mailed(desk: Marked) -> None:
    number = desk.place("Anna Berg", OPTED_OUT)
    with desk.register.connect() as connection:
        (kept,) = connection.scalars(sa.select(mark_address.c.digest))
    assert kept == keys.suppression(desk.settings)[0].digest("email|anna@berg.example")
    assert desk.purge([desk.whom("Anna Berg")]).deleted == 1
    row = desk.row(number)
    assert (row.active, row.entry.ending) == (False, Ending.PURGED)
    assert desk.lines(ledger.Event.MARK_FORGOTTEN) == [{"marks": 1}]
    with desk.register.connect() as connection:
        # Nobody has ended it.
        assert connection.scalars(sa.select(mark.c.ended_by)).all() == [None]
        for table in (mark_person, mark_trace, mark_address, mark_loss):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_a_lost_opt_out_goes_on_telling_the_address(desk: Marked, tmp_path: Path) -> None:
    number = desk.place("Anna Berg", OPTED_OUT)
    desk.export(tmp_path / "one", {**ANNA, "E-post": "anna@annan.example"}, BO)
    desk.export(tmp_path / "two", BO)
    key = keys.suppression(desk.settings)[0]
    with desk.register.connect() as connection:
        assert set(connection.scalars(sa.select(mark_address.c.digest))) == {
            key.digest("email|anna@berg.example"), key.digest("email|anna@annan.example"),
        }  # fmt: skip
    # A purge of another has not taken her: she was gone before, and her objection stands.
    assert desk.purge([desk.whom("Bo Dahl")]).deleted == 1
    assert desk.row(number).active and desk.row(number).lost_at is not None
    assert desk.lines(ledger.Event.MARK_FORGOTTEN) == []


def test_how_soon_opt_outs_act_is_measured(desk: Marked) -> None:
    # The 24th is a Tuesday: what came on Friday was to act by Monday.
    late = desk.place("Anna Berg", OPTED_OUT, received_on=dt.date(2026, 11, 20))
    soon = desk.place("Bo Dahl", OPTED_OUT, received_on=dt.date(2026, 11, 23))
    assert (desk.row(late).is_late, desk.row(soon).is_late) == (True, False)
    found = listing.summary(listing.listing(desk.register, TODAY), None)
    assert (found.opt_outs_late, desk.row(late).days_to_effect, found.totals) == (1, 4, None)


def test_what_waits_is_on_the_list_of_decisions_and_opt_outs_are_figures(desk: Marked, tmp_path: Path) -> None:
    number = desk.place("Anna Berg", RESTRICTED, review_on=TODAY + dt.timedelta(days=1))
    desk.place("Eva Sten", OPTED_OUT, received_on=dt.date(2026, 11, 20))
    desk.place("Bo Dahl", RESTRICTED)
    desk.export(tmp_path / "one", ANNA, EVA, TOVE)
    desk.on(TODAY + dt.timedelta(days=2))

    def waits() -> dict[str, int]:
        at, reading = desk.at(desk.petra), desk.reading()
        measured = measures.measure(at, reading, ())
        assert (measured["opt_out_latency"].value, measured["opt_outs_late"].value) == (4, 1)
        found = decisions.decisions(at, reading, measured, ())
        return {one.kind.value: one.count for one in found if "mark" in one.kind or "restriction" in one.kind}

    assert waits() == {"marks_lost": 1, "restrictions_review": 1}
    marks.review(desk.at(desk.petra), number, TODAY + dt.timedelta(days=30))
    assert waits() == {"marks_lost": 1}


def test_a_mark_follows_is_settled_and_lifted_on_both_databases(register_settings: Settings, tmp_path: Path) -> None:
    desk = Marked(tmp_path / "store", COMPLIANCE_REGISTER_URL=register_settings.register_url)
    desk.export(tmp_path / "one", ANNA, BO)
    number = desk.place("Anna Berg", RESTRICTED)
    desk.export(tmp_path / "two", {**ANNA, "Prospekt-ID": "N1"}, BO)
    assert desk.flags()["Anna Berg"] == {"restricted"}
    desk.export(tmp_path / "three", BO)
    assert desk.row(number).lost_at is not None
    marks.settle(desk.at(desk.petra), desk.reading(), number, is_same=False)
    marks.lift(desk.at(desk.petra), number, Ending.WITHDRAWN, told_on=TODAY)
    assert not desk.row(number).active and desk.row(number).lost_at is None
    with desk.register.connect() as connection:
        assert ledger.verify(connection).broken_at is None
    desk.register.dispose()


def test_a_restriction_stands_in_the_way_of_an_erasure_that_is_asked_for(tmp_path: Path) -> None:
    desk = Marked(tmp_path / "store")
    desk.export(tmp_path / "one", ANNA, BO)
    form = asked(1, 0, **{"Namn": "Anna Berg", "E-post": "anna@berg.example"})
    assert desk.take_in(requests_made(tmp_path / "form", [form], f"{desk.now:%Y-%m-%dT%H%M}")).all_taken
    desk.place("Anna Berg", RESTRICTED)
    (item,) = backlog.backlog(desk.register, desk.reading(), TODAY, desk.parameters)
    assert item.blocks == (Block.RESTRICTED,)
    with refused("batch_empty"):
        desk.propose_for("R1")
    desk.register.dispose()
