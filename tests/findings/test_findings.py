"""Findings: when they came, whose they are, and that two people accept one for a time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import access, ledger
from compliance.access.at import At
from compliance.environments import findings as environments
from compliance.findings import gather, minimisation, state, verbs
from compliance.findings.state import Standing, State
from compliance.findings.tables import Owner, finding
from compliance.mailings import state as mailings
from compliance.notices import state as notices
from compliance.register.engine import engine
from compliance.words import policy
from compliance.words.finding import THING_CHARACTERS, Finding, Judged, Severity
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.demo_store import NOW
from tests.world import TODAY, acting

DAY = dt.timedelta(days=1)
SALARY = Finding("field_not_allowed", "PROSPECT/crm/salary", Severity.MAJOR, "review/risk", owner="sales")
HEALTH = Finding("special_category", "EMPLOYEE/hr/health", Severity.CRITICAL, "review/risk", owner="hr")
NOTHING = {"new": 0, "back": 0, "mended": 0, "regraded": 0}
UNREAD = Finding("unread_cells", "crm_prospects/email", Severity.MINOR, "review/risk")


class Board:
    """A register in which findings are seen, and two people who speak of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.register = settings, engine(settings)
        self.people = {actor.role: actor for actor in access.demo_actors(settings)}
        self.now, self.today = NOW, TODAY

    def at(self, role: Role | None = Role.DPO) -> At:
        """An act of a role, or of nobody, a second after the last."""
        self.now += dt.timedelta(seconds=1)
        actor = self.people[role] if role else None
        return acting(self.settings, self.register, actor, self.now, today=self.today)

    def later(self, days: int) -> None:
        """So many days on."""
        self.now += days * DAY
        self.today += days * DAY

    def see(self, *found: Finding, unjudged: frozenset[str] = frozenset(), build: int = 1) -> verbs.Seen:
        """What the rooms find now is looked at."""
        return verbs.look(self.at(None), Judged(found, unjudged), build)

    def stands(self, *found: Finding, unjudged: frozenset[str] = frozenset()) -> list[Standing]:
        """How all stands while the rooms find that."""
        return state.standing(self.register, Judged(found, unjudged), self.at().parameters, self.today)

    def one(self, finding: Finding) -> Standing:
        """How one stands that is found now."""
        return next(one for one in self.stands(finding) if one.known_as == finding.known_as)

    def propose(self, finding: Finding, days: int = 90, role: Role = Role.DPO, **more: Any) -> Standing:
        """Proposed to be accepted for so many days."""
        given = {"until": self.today + days * DAY, "reason": "Byts ut i vår.", **more}
        verbs.propose(self.at(role), Judged((finding,)), *finding.known_as, **given)
        return self.one(finding)

    def accept(self, told: Standing, role: Role = Role.CISO) -> None:
        """Accepted as proposed."""
        assert told.finding_id is not None
        assert told.proposal is not None
        verbs.accept(self.at(role), told.finding_id, told.proposal.step_id)

    def lines(self) -> list[tuple[str, dict[str, Any]]]:
        """The ledger's lines on findings: kind of event, and details."""
        with self.register.connect() as connection:
            told = [(line["event"], json.loads(line["details"])) for line in ledger.lines(connection, 0)]
        return [one for one in told if one[0].startswith("finding")]


@pytest.fixture
def board(settings: Settings) -> Board:
    return Board(settings)


@pytest.fixture
def on_both(register_settings: Settings) -> Board:
    return Board(register_settings)


def refused(code: str, work: Any, *given: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as told:
        work(*given, **more)
    assert told.value.code == code
    return told.value


def test_what_is_seen_and_gone_and_back_is_one_finding_with_its_days(on_both: Board) -> None:
    board = on_both
    assert board.see(SALARY, HEALTH) == verbs.Seen(new=2)
    board.later(3)
    assert board.see(SALARY, HEALTH, build=2) == verbs.Seen()
    board.later(4)
    assert board.see(HEALTH, build=3) == verbs.Seen(mended=1)
    gone = board.stands(HEALTH)[-1]
    assert (gone.state, gone.thing, gone.gone_on, gone.gone_build) == (State.MENDED, SALARY.thing, board.today, 3)
    board.later(2)
    assert board.see(SALARY, HEALTH, build=4) == verbs.Seen(back=1)
    back = board.one(SALARY)
    assert (back.state, back.first_on, back.came_on, back.times) == (State.OPEN, TODAY, board.today, 2)
    assert (back.gone_on, back.gone_build) == (None, None)
    # A look that finds what the last one found has nothing to tell.
    assert [details for _, details in board.lines()] == [
        {**NOTHING, "new": 2}, {**NOTHING, "mended": 1}, {**NOTHING, "back": 1},
    ]  # fmt: skip


def test_what_cannot_be_judged_is_not_mended(board: Board) -> None:
    board.see(SALARY)
    assert board.see(unjudged=frozenset({SALARY.code})).mended == 0
    (told,) = board.stands(unjudged=frozenset({SALARY.code}))
    assert (told.state, told.is_judged, told.now) == (State.OPEN, False, None)
    assert board.see().mended == 1


def test_it_is_to_be_mended_within_the_days_of_its_severity_from_when_it_came(board: Board) -> None:
    board.see(SALARY, HEALTH, UNREAD)
    by = {one.code: one.mend_by for one in board.stands(SALARY, HEALTH, UNREAD)}
    assert by == {HEALTH.code: TODAY + 7 * DAY, SALARY.code: TODAY + 30 * DAY, UNREAD.code: TODAY + 90 * DAY}
    board.later(7)
    assert not board.one(HEALTH).is_late(board.today)
    board.later(1)
    assert board.one(HEALTH).is_late(board.today)
    assert state.figures(board.stands(SALARY, HEALTH, UNREAD), board.today)["findings_late"] == (1, {"critical": 1})


def test_the_gravest_and_first_due_stand_first_and_the_open_before_the_accepted_before_the_mended(board: Board) -> None:
    gone = Finding("unread_cells", "hr_employees/phone", Severity.CRITICAL, "review/risk")
    board.see(gone)
    board.see(SALARY, HEALTH, UNREAD)
    board.accept(board.propose(HEALTH))
    assert [(one.state, one.code) for one in board.stands(SALARY, HEALTH, UNREAD)] == [
        (State.OPEN, SALARY.code), (State.OPEN, UNREAD.code), (State.ACCEPTED, HEALTH.code),
        (State.MENDED, gone.code),
    ]  # fmt: skip


def test_one_proposes_another_accepts_and_it_opens_again_the_day_after(on_both: Board) -> None:
    board = on_both
    board.see(SALARY)
    told = board.propose(SALARY, days=10)
    assert told.state is State.PROPOSED
    assert state.figures([told], board.today)["findings_open"] == (1, {"major": 1})
    refused("finding_own", board.accept, told, Role.DPO)
    board.accept(told)
    accepted = board.one(SALARY)
    assert (accepted.state, accepted.accepted_until) == (State.ACCEPTED, TODAY + 10 * DAY)
    figures = state.figures([accepted], board.today)
    assert (figures["findings_open"], figures["findings_accepted"]) == ((0, {}), (1, {"major": 1}))
    refused("finding_answered", board.accept, told)
    board.later(10)
    assert board.one(SALARY).state is State.ACCEPTED
    board.later(1)
    assert board.one(SALARY).state is State.OPEN
    assert [details["kind"] for event, details in board.lines() if event == "finding:recorded"] == [
        "proposed", "accepted",
    ]  # fmt: skip


def test_what_was_gone_and_comes_back_is_not_accepted_any_more(board: Board) -> None:
    board.see(SALARY)
    board.accept(board.propose(SALARY))
    board.see()
    assert board.see(SALARY).back == 1
    assert board.one(SALARY).state is State.OPEN
    refused("finding_not_accepted", verbs.end, board.at(), 1, reason="Rättat.")


def test_what_is_back_is_open_before_anybody_has_looked_at_it(board: Board) -> None:
    board.see(SALARY)
    board.accept(board.propose(SALARY))
    board.see()
    board.later(5)
    # An acceptance that would still run is one of what was mended.
    back = board.one(SALARY)
    assert (back.state, back.came_on, back.times, back.accepted_until) == (State.OPEN, board.today, 2, None)
    assert back.mend_by == board.today + 30 * DAY
    refused("finding_not_accepted", verbs.end, board.at(), 1, reason="Rättat.")
    # Whoever speaks of it has seen it by that.
    assert board.propose(SALARY).state is State.PROPOSED
    assert board.one(SALARY).times == 2


def test_a_proposal_of_what_is_mended_since_is_not_accepted(board: Board) -> None:
    board.see(SALARY)
    told = board.propose(SALARY)
    board.see()
    refused("finding_answered", board.accept, told)


def test_a_proposal_is_answered_once_and_waits_alone(board: Board) -> None:
    board.see(SALARY)
    told = board.propose(SALARY)
    refused("finding_waits", board.propose, SALARY)
    assert told.finding_id is not None
    assert told.proposal is not None
    verbs.refuse(board.at(), told.finding_id, told.proposal.step_id, reason="Ändrade mig.")
    assert board.one(SALARY).state is State.OPEN
    refused("finding_answered", board.accept, told)
    assert board.propose(SALARY).state is State.PROPOSED


def test_an_acceptance_is_ended_by_one(board: Board) -> None:
    board.see(SALARY)
    board.accept(board.propose(SALARY))
    verbs.end(board.at(Role.DPO), 1, reason="Det behövs inte.")
    assert board.one(SALARY).state is State.OPEN
    refused("finding_not_accepted", verbs.end, board.at(), 1, reason="En gång till.")
    refused("finding_unknown", verbs.end, board.at(), 7, reason="Finns inte.")


def test_a_proposal_whose_day_is_over_is_not_accepted(board: Board) -> None:
    board.see(SALARY)
    told = board.propose(SALARY, days=2)
    board.later(3)
    refused("finding_day_past", board.accept, told)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("finding_day_past", {"until": TODAY - DAY}),
        ("finding_too_long", {"until": dt.date(2027, 11, 25)}),
        ("field_missing", {"reason": "   "}),
        ("field_too_long", {"reason": "x" * 501}),
        ("finding_personal", {"reason": "Fråga nils.nilsson@bolaget.example"}),
    ],
)
def test_what_a_proposal_may_not_say_is_told_beside_its_field(board: Board, code: str, given: dict[str, Any]) -> None:
    board.see(SALARY)
    told = refused(code, board.propose, SALARY, **given)
    assert told.values["field"] in given
    assert board.one(SALARY).steps == ()


def test_the_last_day_that_parameters_allow_is_allowed(board: Board) -> None:
    board.see(SALARY)
    assert board.propose(SALARY, until=dt.date(2027, 11, 24)).state is State.PROPOSED


def test_what_is_not_found_now_takes_no_word(board: Board) -> None:
    given = {"until": TODAY, "reason": "Skäl."}
    refused("finding_gone", verbs.propose, board.at(), Judged((SALARY,)), *HEALTH.known_as, **given)
    # What nobody has looked at yet is seen by that, and nothing else is.
    board.see(UNREAD)
    verbs.propose(board.at(), Judged((SALARY, HEALTH)), *SALARY.known_as, **given)
    assert board.one(SALARY).state is State.PROPOSED
    assert [(one.code, one.state) for one in board.stands(SALARY, UNREAD)] == [
        (UNREAD.code, State.OPEN), (SALARY.code, State.PROPOSED),
    ]  # fmt: skip
    assert board.lines()[-2] == ("findings:seen", {**NOTHING, "new": 1})


def test_an_owner_and_a_day_are_set_and_the_last_word_counts(board: Board) -> None:
    board.see(SALARY)
    assert board.one(SALARY).owner == "sales"
    judged = Judged((SALARY,))
    verbs.assign(board.at(), judged, *SALARY.known_as, owner=Owner.IT, mend_by=TODAY + 3 * DAY, note="")
    verbs.assign(board.at(), judged, *SALARY.known_as, owner=Owner.LEGAL, mend_by=None, note="De vet.")
    told = board.one(SALARY)
    assert (told.owner, told.mend_by) == ("legal", TODAY + 30 * DAY)
    refused(
        "finding_day_past", verbs.assign, board.at(), judged, *SALARY.known_as, owner=Owner.IT, mend_by=TODAY - DAY,
        note="",
    )  # fmt: skip


def test_every_owner_of_a_rule_can_answer_for_a_finding() -> None:
    assert set(policy.OWNERS) <= set(Owner)
    assert all(say(f"owner.{one}", language) for one in Owner for language in LANGUAGES)


def test_the_gravity_follows_what_the_room_says(board: Board) -> None:
    board.see(SALARY)
    graver = Finding(SALARY.code, SALARY.thing, Severity.CRITICAL, "review/risk")
    assert board.see(graver) == verbs.Seen(regraded=1)
    assert board.lines()[-1] == ("findings:seen", {**NOTHING, "regraded": 1})
    assert board.one(graver).severity is Severity.CRITICAL
    (gone,) = [one for one in board.stands() if one.code == SALARY.code]
    assert gone.severity is Severity.CRITICAL


def test_many_are_kept_by_a_few_statements(board: Board) -> None:
    many = [Finding("unread_cells", f"data/{number}", Severity.MINOR, "review/risk") for number in range(40)]
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(board.register, "before_cursor_execute", note)
    try:
        counts = []
        for found in (many, [], [dataclasses.replace(one, severity=Severity.MAJOR) for one in many]):
            asked.clear()
            board.see(*found)
            counts.append(sum("finding " in told or '"finding"' in told for told in asked if "UPDATE" in told))
    finally:
        sa.event.remove(board.register, "before_cursor_execute", note)
    # Mended in one, back in one and graver in one.
    assert counts == [0, 1, 2]
    assert {(one.state, one.severity, one.times) for one in board.stands(*many)} == {(State.OPEN, Severity.MINOR, 2)}


def test_two_long_things_stay_two_and_fit_their_column(board: Board) -> None:
    long = "x" * 500
    found = [Finding("unread_cells", f"{long}{end}", Severity.MINOR, "review/risk") for end in "ab"]
    assert {len(one.thing) for one in found} == {THING_CHARACTERS} == {finding.c.thing.type.length}
    assert found[0] == Finding("unread_cells", f"{long}a", Severity.MINOR, "review/risk")
    assert found[0].known_as != found[1].known_as
    assert Finding("unread_cells", "x" * THING_CHARACTERS, Severity.MINOR, "review/risk").thing == "x" * 200
    assert board.see(*found) == verbs.Seen(new=2)
    assert board.see(*found) == verbs.Seen()


def test_rooms_are_joined_and_what_one_cannot_judge_is_not_judged() -> None:
    one, other = Judged((SALARY,), frozenset({"a"})), Judged((HEALTH,), frozenset({"b"}))
    assert Judged.joined(one, other, Judged(())) == Judged((SALARY, HEALTH), frozenset({"a", "b"}))


def test_without_a_copy_every_room_says_what_it_cannot_judge(board: Board) -> None:
    unjudged = gather.judged(board.at(), None).unjudged
    rooms = (minimisation.CODES, notices.Code, mailings.Code, environments.CODES, {"processing_no_rule"})
    assert unjudged >= {str(code) for room in rooms for code in room}


def test_the_register_keeps_no_row_twice(board: Board) -> None:
    board.see(SALARY)
    board.see(SALARY, SALARY)
    with board.register.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from finding")) == 1
