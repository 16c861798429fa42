"""How rules change: by two people, from a day on, each step with its line; nothing is lost when a file changes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import access, warm
from compliance.access import rules as rules_of
from compliance.access.at import At
from compliance.ledger import state as ledger_state
from compliance.ledger.tables import ledger as lines_table
from compliance.operations import backup, verify
from compliance.policy import changes, verbs
from compliance.policy.tables import State, rule_change, rule_change_value
from compliance.purge import batches
from compliance.purge import verbs as purge
from compliance.purge.tables import State as BatchState
from compliance.register.engine import engine, writing
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal
from compliance.words.versions import Value
from compliance.words.vocabulary import LANGUAGES, Category, Role
from tests.purging import Desk, prospect, prospects
from tests.world import CONFIG, TODAY, acting

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class Office:
    """Petra (DPO) and Axel (CISO) change rules; each act is a minute after the one before."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        config = folder / "config"
        config.mkdir()
        for name in ("retention.toml", "parameters.toml"):
            shutil.copy(CONFIG / name, config / name)
        self.settings = dataclasses.replace(settings, config=config, today_override=TODAY)
        self.register = engine(settings)
        self.now = NOW
        self.people = {actor.role: actor for actor in access.demo_actors(settings)}

    def at(self, role: Role = Role.DPO) -> At:
        """An act of somebody, by the rules of the day."""
        self.now += dt.timedelta(minutes=1)
        return acting(self.settings, self.register, self.people[role], self.now)

    def later(self, days: int) -> None:
        """Moves the installation on."""
        self.now += days * DAY
        self.settings = dataclasses.replace(self.settings, today_override=TODAY + days * DAY)

    def propose(
        self, role: Role = Role.DPO, *, holds_from: dt.date = TODAY, reason: str = "Shorter is enough", **values: Value
    ) -> int:
        """A proposal; `PROSPECT__period` is the setting of that rule."""
        told = {name.replace("__", "."): value for name, value in values.items()}
        return verbs.propose(self.at(role), told, holds_from=holds_from, reason=reason)

    def approved(self, **values: Any) -> int:
        """A change by Petra that Axel has approved."""
        number = self.propose(**values)
        verbs.approve(self.at(Role.CISO), number)
        return number

    def period(self, day: dt.date, category: Category = Category.PROSPECT) -> str:
        """The period of a rule on a day."""
        return rules_of.in_force(self.settings, self.register, day).policy.rules[category].period

    def write(self, one: str, other: str, name: str = "retention.toml") -> None:
        """Changes a file, as whoever has the server can."""
        path = self.settings.config / name
        text = path.read_text(encoding="utf-8")
        assert one in text
        path.write_text(text.replace(one, other), encoding="utf-8")

    def lines(self) -> list[tuple[str, str | None, dict[str, Any]]]:
        """What the ledger says of rules."""
        with self.register.connect() as connection:
            rows = connection.execute(
                sa.select(lines_table.c.event, lines_table.c.role, lines_table.c.details)
                .where(lines_table.c.event.startswith("rules:"))
                .order_by(lines_table.c.seq)
            )
            return [(event, role, json.loads(details)) for event, role, details in rows]


@pytest.fixture
def office(register_settings: Settings, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty register, once per database."""
    made = Office(register_settings, tmp_path)
    yield made
    made.register.dispose()


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Iterator[Office]:
    """The same on one database, for what hangs on none."""
    made = Office(settings, tmp_path)
    yield made
    made.register.dispose()


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_two_people_make_a_version_and_each_step_has_its_line(office: Office) -> None:
    number = office.propose(PROSPECT__period="P3Y", PROSPECT__owner="sales", notice_days=60)
    assert office.period(TODAY) == "P10Y"
    (waiting,) = changes.listing(office.register)
    assert (waiting.state, waiting.reason, waiting.holds_from) == (State.PROPOSED, "Shorter is enough", TODAY)
    # What is as it is already is no part of it.
    assert [(one.setting, one.before, one.after) for one in waiting.differences] == [
        ("PROSPECT.period", "P10Y", "P3Y"), ("notice_days", 90, 60),
    ]  # fmt: skip
    assert verbs.approve(office.at(Role.CISO), number) == "2026-1+1"
    rules = rules_of.in_force(office.settings, office.register, TODAY)
    assert (rules.policy.rules[Category.PROSPECT].period, rules.parameters.notice_days) == ("P3Y", 60)
    assert office.at().policy == rules.policy and office.at().parameters == rules.parameters
    (file, proposed, approved) = office.lines()
    assert file[0] == "rules:file"
    assert proposed == (
        "rules:proposed", "dpo", {"change": 1, "settings": "PROSPECT.period, notice_days", "from": "2026-11-24"},
    )  # fmt: skip
    assert approved == ("rules:approved", "ciso", {"change": 1, "version": "2026-1+1", "from": "2026-11-24"})
    assert verify.register(office.settings, office.register).faults == ()


def test_a_change_holds_from_its_day_and_not_before(office: Office) -> None:
    office.approved(PROSPECT__period="P3Y", holds_from=TODAY + 10 * DAY)
    assert [office.period(TODAY + days * DAY) for days in (0, 9, 10, 11)] == ["P10Y", "P10Y", "P3Y", "P3Y"]
    act = office.at()
    assert act.policy.rules[Category.PROSPECT].period == "P10Y"
    # A run that goes on past midnight goes by the rules of its day.
    office.later(10)
    assert dataclasses.replace(act, settings=office.settings).again(office.now).policy.version == "2026-1+1"


def test_a_change_that_is_approved_late_holds_from_then(desk: Office) -> None:
    number = desk.propose(PROSPECT__period="P3Y", holds_from=TODAY + DAY)
    desk.later(5)
    verbs.approve(desk.at(Role.CISO), number)
    assert changes.listing(desk.register)[0].in_force_from == TODAY + 5 * DAY
    assert [desk.period(TODAY + days * DAY) for days in (4, 5)] == ["P10Y", "P3Y"]


def test_nobody_decides_on_what_they_have_proposed_but_to_take_it_back(office: Office) -> None:
    number = office.propose(PROSPECT__period="P3Y")
    with refused("rule_change_own"):
        verbs.approve(office.at(), number)
    with refused("rule_change_own"):
        verbs.refuse(office.at(), number, "No")
    with refused("rule_change_not_own"):
        verbs.withdraw(office.at(Role.CISO), number, "No")
    with refused("rule_change_reason_missing"):
        verbs.withdraw(office.at(), number, "  ")
    verbs.withdraw(office.at(), number, "Asked too early")
    for again in (verbs.withdraw, verbs.refuse):
        with refused("rule_change_closed"):
            again(office.at(Role.CISO), number, "No")
    with refused("rule_change_closed"):
        verbs.approve(office.at(Role.CISO), number)
    with refused("rule_change_unknown"):
        verbs.approve(office.at(Role.CISO), 99)
    (told,) = changes.listing(office.register)
    assert (told.state, told.decided_because, told.in_force_from) == (State.WITHDRAWN, "Asked too early", None)
    assert office.period(TODAY) == "P10Y"


def test_a_colleague_refuses_with_a_reason(desk: Office) -> None:
    number = desk.propose(PROSPECT__period="P3Y")
    verbs.refuse(desk.at(Role.CISO), number, "The sales people need five")
    (told,) = changes.listing(desk.register)
    assert (told.state, told.decided_role, told.decided_because) == (
        State.REFUSED, "ciso", "The sales people need five",
    )  # fmt: skip
    assert [event for event, _, _ in desk.lines()][-1] == "rules:refused"
    assert desk.period(TODAY) == "P10Y"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"holds_from": TODAY - DAY, "notice_days": 60}, "rule_change_past"),
        ({"reason": " ", "notice_days": 60}, "rule_change_reason_missing"),
        ({"reason": "As anna.berg@kund.example wants it", "notice_days": 60}, "rule_change_reason_invalid"),
        ({"reason": "x" * 401, "notice_days": 60}, "rule_change_reason_invalid"),
        ({}, "rule_change_nothing"),
        ({"notice_days": 90}, "rule_change_nothing"),
        ({"PROSPECT__period": "P11Y"}, "rule_period_too_long"),
        ({"notice_days": -1}, "parameters_unreadable"),
        ({"ENV_USER__period": "P1Y"}, "rule_setting_unknown"),
    ],
)
def test_what_cannot_be_proposed_is_refused_in_words_and_leaves_nothing(
    desk: Office, given: dict[str, Any], code: str
) -> None:
    with refused(code) as caught:
        desk.propose(**given)
    assert all("{" not in refusal(code, language, caught.value.values) for language in LANGUAGES)
    assert changes.listing(desk.register) == []


def test_a_proposal_on_what_has_changed_since_is_not_approved(desk: Office) -> None:
    one, other = desk.propose(PROSPECT__period="P3Y"), desk.propose(Role.CISO, PROSPECT__period="P5Y")
    verbs.approve(desk.at(), other)
    with refused("rule_change_overtaken"):
        verbs.approve(desk.at(Role.CISO), one)
    # The other one stands, and its back way is a change like any other.
    assert desk.period(TODAY) == "P5Y"
    desk.approved(PROSPECT__period="P10Y")
    assert desk.period(TODAY) == "P10Y"
    assert rules_of.in_force(desk.settings, desk.register, TODAY).policy.version == "2026-1"


def test_a_coming_change_is_what_a_later_one_starts_from(desk: Office) -> None:
    desk.approved(PROSPECT__period="P3Y", holds_from=TODAY + 30 * DAY)
    # Taken back before it has held: on its day it is as it was.
    desk.approved(PROSPECT__period="P10Y", holds_from=TODAY + 30 * DAY)
    assert desk.period(TODAY + 30 * DAY) == "P10Y"
    with refused("rule_change_nothing"):
        desk.propose(PROSPECT__period="P10Y", holds_from=TODAY + 30 * DAY)


def change_row(**changed: Any) -> dict[str, Any]:
    return {
        "state": "proposed", "holds_from": TODAY, "reason": "why", "proposed_by": "p", "proposed_role": "dpo",
        "proposed_at": NOW, **changed,
    }  # fmt: skip


DECIDED = {"decided_by": "a", "decided_role": "ciso", "decided_at": NOW}


@pytest.mark.parametrize(
    ("broken", "row"),
    [
        ("rule_change_two_persons", {"state": "approved", **DECIDED, "decided_by": "p", "in_force_from": TODAY}),
        ("rule_change_two_persons", {"state": "refused", **DECIDED, "decided_by": None, "decided_because": "no"}),
        ("rule_change_own", {"state": "withdrawn", **DECIDED, "decided_because": "no"}),
        ("rule_change_decided", {"state": "approved", "decided_by": "a", "in_force_from": TODAY}),
        ("rule_change_decided", {"decided_at": NOW}),
        ("rule_change_in_force", {"state": "approved", **DECIDED}),
        ("rule_change_not_before", {"state": "approved", **DECIDED, "in_force_from": TODAY - DAY}),
        ("rule_change_says_why", {"state": "refused", **DECIDED}),
        ("rule_change_says_why", {"reason": ""}),
        # Of what else such a row lacks a database may speak first.
        ("rule_change_state", {"state": "done", **DECIDED}),
    ],
)
def test_the_database_keeps_what_the_code_promises(desk: Office, broken: str, row: dict[str, Any]) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=broken), writing(desk.register) as connection:
        connection.execute(sa.insert(rule_change).values(**change_row(**row)))


def test_both_databases_keep_it(office: Office) -> None:
    alone = change_row(state="approved", **{**DECIDED, "decided_by": "p"}, in_force_from=TODAY)
    with pytest.raises(sa.exc.IntegrityError), writing(office.register) as connection:
        connection.execute(sa.insert(rule_change).values(**alone))
    number = office.propose(PROSPECT__period="P3Y")
    same = sa.insert(rule_change_value).values(change_id=number, setting="notice_days", before="1", after="1")
    with pytest.raises(sa.exc.IntegrityError), writing(office.register) as connection:
        connection.execute(same)


TAMPERED = {
    "what was decided": "update rule_change_value set after = '\"P9Y\"'",
    "who approved": "update rule_change set decided_by = 'x'",
    "since when": "update rule_change set in_force_from = '2026-11-25'",
    "why": "update rule_change set reason = 'another'",
    "a version gone": "delete from rule_change_value",
    "what the file said": "update rule_file set settings = '{}'",
}


@pytest.mark.parametrize("meddling", TAMPERED)
def test_rules_that_change_past_the_dashboard_are_found(desk: Office, meddling: str) -> None:
    desk.approved(PROSPECT__period="P3Y")
    with desk.register.begin() as connection:
        connection.execute(sa.text(TAMPERED[meddling]))
    with desk.register.connect() as connection:
        told, _ = ledger_state.latest(connection)
        found = ledger_state.differences(connection, desk.settings, told)
    assert {one.table for one in found} <= {"rule_change", "rule_change_value", "rule_file"} and found
    assert verify.register(desk.settings, desk.register).faults


def test_a_file_that_changes_is_told_with_what_and_once(desk: Office) -> None:
    assert verbs.note_files(desk.at())
    assert not verbs.note_files(desk.at())
    desk.write('period = "P179D"', 'period = "P90D"')
    desk.write("notice_days = 90", "notice_days = 100", "parameters.toml")
    assert verbs.note_files(desk.at()) and not verbs.note_files(desk.at())
    newest, first = changes.files(desk.register)
    assert first.is_first and first.differences == ()
    assert {(one.setting, one.before, one.after) for one in newest.differences} == {
        ("WEB_VISITOR.period", "P179D", "P90D"), ("notice_days", 90, 100),
    }  # fmt: skip
    assert [(event, role) for event, role, _ in desk.lines()] == [("rules:file", None)] * 2
    # What changes in the file alone is a new version of it too.
    for one, other, name in (
        ('purpose = "payroll"', 'purpose = "sales"', "retention.toml"),
        ("overdue = { target = 0,", "overdue = { target = 1,", "parameters.toml"),
    ):
        desk.write(one, other, name)
        assert verbs.note_files(desk.at())
        assert changes.files(desk.register)[0].differences == ()


def test_where_a_file_and_a_version_part_it_is_said_until_somebody_decides(desk: Office) -> None:
    number = desk.approved(WEB_VISITOR__period="P100D", notice_days=60)
    assert changes.strayed(desk.settings, desk.register) == []
    desk.write('period = "P179D"', 'period = "P90D"')
    verbs.note_files(desk.at())
    (told,) = changes.strayed(desk.settings, desk.register)
    assert (told.setting, told.number, told.decided, told.file) == ("WEB_VISITOR.period", number, "P100D", "P90D")
    # Nobody's approved change is lost.
    assert desk.period(TODAY, Category.WEB_VISITOR) == "P100D"
    # Back to what it was when the change was approved: somebody meant something by it.
    desk.write('period = "P90D"', 'period = "P179D"')
    verbs.note_files(desk.at())
    assert [one.file for one in changes.strayed(desk.settings, desk.register)] == ["P179D"]
    # Either the file says what holds, or a change says what the file does.
    desk.write('period = "P179D"', 'period = "P100D"')
    verbs.note_files(desk.at())
    assert changes.strayed(desk.settings, desk.register) == []
    desk.write('period = "P100D"', 'period = "P90D"')
    verbs.note_files(desk.at())
    desk.approved(WEB_VISITOR__period="P90D")
    assert changes.strayed(desk.settings, desk.register) == []


def test_a_rule_that_the_file_has_no_more_is_said(desk: Office) -> None:
    desk.approved(PROSPECT__period="P3Y")
    path = desk.settings.config / "retention.toml"
    head, *tables = path.read_text(encoding="utf-8").split("[[rule]]")
    path.write_text("[[rule]]".join([head, *(one for one in tables if "PROSPECT" not in one)]), encoding="utf-8")
    (told,) = changes.strayed(desk.settings, desk.register)
    assert (told.setting, told.file) == ("PROSPECT.period", None)


def test_a_backup_brings_the_versions_back(desk: Office, tmp_path: Path) -> None:
    desk.approved(PROSPECT__period="P3Y")
    before, saved = changes.listing(desk.register), tmp_path / "register.backup"
    backup.save(desk.register, saved, desk.now)
    desk.approved(PROSPECT__period="P1Y")
    desk.settings.evidence.mkdir(parents=True)
    backup.restore(desk.settings, desk.register, saved, desk.now, replace=True)
    assert changes.listing(desk.register) == before
    assert desk.period(TODAY) == "P3Y"
    assert verify.register(desk.settings, desk.register).faults == ()


def test_a_run_at_night_takes_open_purges_back_when_a_rule_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody opens a page: the server that keeps everything ready does it, and so does the desk when it is opened."""
    # Its figures are not what is asked about.
    monkeypatch.setattr(warm, "compute", lambda _: None)
    desk = Desk(tmp_path / "store")
    desk.take_in(prospects(tmp_path / "exports", [prospect(number) for number in range(3)]))
    batch = desk.approve(desk.propose(desk.entries(status="OVERDUE")))
    begins = TODAY + DAY
    values: dict[str, Value] = {"PROSPECT.period": "P3Y", "PROSPECT.approval": "automatic"}
    number = verbs.propose(desk.at(desk.petra), values, holds_from=begins, reason="Enough")
    verbs.approve(desk.at(desk.axel), number)
    warm.ready(desk.settings, desk.clock())
    assert batches.find(desk.register, batch.batch_id).state is BatchState.APPROVED
    with refused("rule_not_automatic"):
        purge.propose_automatic(desk.at(), desk.reading(), Category.PROSPECT)
    desk.on(begins)
    warm.ready(desk.settings, desk.clock())
    back = batches.find(desk.register, batch.batch_id)
    assert (back.state, back.approved_by, back.policy_version) == (BatchState.PROPOSED, None, "2026-1+1")
    # Who had the preview of before open approves nothing by it.
    with refused("policy_changed"):
        desk.approve(batch, seen_policy=batch.policy_digest)
    assert desk.approve(back, seen_policy=back.policy_digest).state is BatchState.APPROVED
    # What cron purges without anybody's approval goes by the change too.
    alone = purge.propose_automatic(desk.at(), desk.reading(), Category.PROSPECT)
    assert (alone.kind, alone.planned, alone.policy_version) == ("automatic", 3, "2026-1+1")
    desk.register.dispose()
