"""Who holds which office, measures and their tests, figures of the teams: what is found of each, and each refusal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import command
from compliance.access.at import At
from compliance.controls import state, verbs
from compliance.controls.facts import (
    DECIDING,
    Figure,
    Held,
    Measure,
    Office,
    Result,
    Sort,
    Struck,
    Tested,
    Told,
)
from compliance.controls.state import Code, Known, Missing
from compliance.controls.tables import EntryKind
from compliance.findings.tables import Owner
from compliance.ledger.tables import ledger
from compliance.purge.batches import Batch
from compliance.purge.rows import batch_rows
from compliance.purge.tables import State
from compliance.register.engine import engine
from compliance.register.entries import Facts
from compliance.review import decisions, rows
from compliance.review.decisions import Kind, Urgency
from compliance.show import findings as listed
from compliance.words import settings as settings_of
from compliance.words.finding import Finding
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.notices.test_state import Office as Desk
from tests.world import TODAY, shipped_parameters

PARAMETERS = shipped_parameters()
DAY = dt.timedelta(days=1)


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


DPO = Held(office=Office.DPO, holder="Avtal D-77", from_on=on("2025-01-01"))
CISO = Held(office=Office.CISO, holder="Anställning 1042", from_on=on("2024-05-01"))
GUARD = Measure(
    name="Återläsning", sort=Sort.TECHNICAL, guards="Data går att få tillbaka.", owner=Owner.IT, test_months=12
)


@pytest.fixture
def desk(settings: Settings) -> Desk:
    return Desk(settings)


def at(desk: Desk, role: Role = Role.DPO) -> At:
    return desk.at(role)


def known(desk: Desk) -> Known:
    return state.known(desk.register)


def found(desk: Desk, today: dt.date = TODAY) -> dict[tuple[str, str], Finding]:
    return {one.known_as: one for one in state.judged(known(desk), PARAMETERS, today).findings}


def codes(desk: Desk, today: dt.date = TODAY) -> set[str]:
    return {code for code, _ in found(desk, today)}


def files(value: int, counted_on: str, place: str = "M1") -> Told:
    return Told(figure=Figure.ORPHAN_FILES, place=place, value=value, counted_on=on(counted_on), source="Driften")


def refused(work: object, code: str, field: str | None = None) -> None:
    assert callable(work)
    with pytest.raises(Refused) as told:
        work()
    assert (told.value.code, told.value.values.get("field")) == (code, field)
    for language in LANGUAGES:
        assert "{" not in refusal(code, language, told.value.values)


def test_an_office_that_nobody_holds_is_found_and_since_when(desk: Desk) -> None:
    assert codes(desk) == {Code.VACANT}
    assert [one.since for one in found(desk).values()] == [None, None]
    number = verbs.record(at(desk), DPO)
    verbs.record(at(desk), CISO)
    assert codes(desk) == set()
    # She leaves: her last day is one of the office, the day after is not.
    verbs.record(at(desk), DPO.model_copy(update={"until_on": TODAY}), corrects=number)
    assert codes(desk) == set()
    (vacant,) = found(desk, TODAY + DAY).values()
    assert (vacant.thing, vacant.since) == ("dpo", TODAY + DAY)
    # A successor whose first day has not come holds nothing yet.
    verbs.record(at(desk), DPO.model_copy(update={"holder": "Anställning 9", "from_on": TODAY + 3 * DAY}))
    assert codes(desk, TODAY + 2 * DAY) == {Code.VACANT} and codes(desk, TODAY + 3 * DAY) == set()


@pytest.mark.parametrize("holder", ["Anställning 1042", "anställning  1042"])
def test_one_person_in_both_offices_is_a_conflict(desk: Desk, holder: str) -> None:
    verbs.record(at(desk), CISO)
    verbs.record(at(desk), DPO.model_copy(update={"holder": holder}))
    assert found(desk)[(Code.SAME_PERSON, "dpo")].since == DPO.from_on


@pytest.mark.parametrize("function", list(Owner))
def test_a_dpo_who_decides_what_data_are_used_for_is_a_conflict(desk: Desk, function: Owner) -> None:
    verbs.record(at(desk), CISO.model_copy(update={"functions": (Owner.IT,)}))
    verbs.record(at(desk), DPO.model_copy(update={"functions": (function,)}))
    assert (codes(desk) == {Code.DECIDES}) is (function in DECIDING)
    assert (function in DECIDING) is (function not in (Owner.DATA_PROTECTION, Owner.LEGAL))


def test_a_measure_is_tested_in_time_or_found(desk: Desk) -> None:
    verbs.record(at(desk), DPO)
    verbs.record(at(desk), CISO)
    number = verbs.record(at(desk), GUARD.model_copy(update={"owner": None}))
    assert codes(desk) == {Code.NO_OWNER, Code.UNTESTED}
    # A correction is the same measure: its tests stay its own.
    verbs.record(at(desk), Tested(measure=number, tested_on=on("2024-02-29"), result=Result.FAILED))
    verbs.record(at(desk), GUARD, corrects=number)
    assert codes(desk) == {Code.OVERDUE, Code.FAILED}
    assert found(desk)[(Code.OVERDUE, "Återläsning")].since == on("2025-03-01")
    verbs.record(at(desk), Tested(measure=number, tested_on=on("2025-11-24"), result=Result.PASSED))
    # A year to the day is not too long.
    assert codes(desk) == set() and codes(desk, TODAY + DAY) == {Code.OVERDUE}
    (guard,) = known(desk).guards
    assert (guard.number, guard.next_on, len(guard.tests)) == (number, TODAY, 2)
    # Struck, nothing is asked of it any more.
    verbs.record(at(desk), Struck(reason="Systemet är borta."), corrects=guard.entry.entry_id)
    assert not known(desk).guards and codes(desk, TODAY + DAY) == set()


def test_a_figure_is_unknown_until_it_is_told_and_again_once_it_is_old(desk: Desk) -> None:
    def value(today: dt.date = TODAY, *places: str) -> object:
        return known(desk).value(Figure.ORPHAN_FILES, today, PARAMETERS, places)

    assert value() is Missing.NOT_TOLD
    verbs.tell(at(desk), files(2, "2026-11-01"))
    verbs.tell(at(desk), files(7, "2026-10-01"))
    assert value() == 2
    assert value(TODAY, "m1") == 2 and value(TODAY, "M1", "M2") is Missing.NOT_TOLD
    last_good = on("2026-11-01") + PARAMETERS.figure_max_days * DAY
    assert (value(last_good), value(last_good + DAY)) == (2, Missing.OLD)
    assert codes(desk, last_good + DAY) > {Code.OLD} and Code.OLD not in codes(desk, last_good)
    verbs.tell(at(desk), files(3, "2026-11-10", "M2"))
    assert value(TODAY, "M1", "M2") == 5
    # Of all in one, counted later than some.
    verbs.tell(at(desk), files(40, "2026-11-05", ""))
    assert value(TODAY, "M1", "M2") == 40
    verbs.tell(at(desk), files(0, "2026-11-05"))
    assert value(TODAY, "M1", "M2") == 3
    assert (Code.ORPHANS, "orphan_files: M1") not in found(desk)


def test_what_counts_of_the_product_is_the_version_that_was_counted_last(desk: Desk) -> None:
    for figure in (Figure.MANDATORY_FIELDS, Figure.OPEN_PAGES):
        told = Told(figure=figure, place="9.0", value=9, counted_on=on("2026-10-01"), source="Teamet")
        verbs.tell(at(desk), told)
    assert {Code.MANDATORY, Code.OPEN_PAGES} < codes(desk)
    for figure, value in ((Figure.MANDATORY_FIELDS, 3), (Figure.OPEN_PAGES, 0)):
        verbs.tell(at(desk), Told(figure=figure, place="9.1", value=value, counted_on=TODAY, source="Teamet"))
    assert codes(desk) == {Code.VACANT}
    # Two are as wrong as four.
    verbs.tell(at(desk), Told(figure=Figure.MANDATORY_FIELDS, place="9.2", value=2, counted_on=TODAY, source="T"))
    assert state.figures(known(desk), PARAMETERS, TODAY, ())["mandatory_fields_off"] == 1


def test_what_was_told_of_backups_corrects_the_parameter(desk: Desk) -> None:
    def days(today: dt.date = TODAY) -> int:
        return state.with_told(PARAMETERS, known(desk), today).backup_window_days

    assert days() == PARAMETERS.backup_window_days
    verbs.tell(at(desk), Told(figure=Figure.BACKUP_DAYS, value=60, counted_on=on("2026-11-01"), source="Driften"))
    assert days() == 60
    assert days(on("2026-11-01") + (PARAMETERS.figure_max_days + 1) * DAY) == PARAMETERS.backup_window_days


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        (DPO.model_copy(update={"from_on": on("2026-01-01")}), "office_overlap", "from_on"),
        (DPO.model_copy(update={"until_on": on("2024-12-31")}), "office_order", "until_on"),
        (DPO.model_copy(update={"holder": "dpo@bolaget.example"}), "control_personal", "holder"),
        (GUARD.model_copy(update={"name": "ÅTERLÄSNING"}), "measure_twin", "name"),
        (Tested(measure=1, tested_on=TODAY, result=Result.PASSED), "control_entry_unknown", None),
        (Tested(measure=2, tested_on=TODAY + DAY, result=Result.PASSED), "control_ahead", "tested_on"),
        (Struck(reason="Fel."), "control_entry_unknown", None),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_beside_its_field(
    desk: Desk, told: Facts, code: str, field: str | None
) -> None:
    verbs.record(at(desk), DPO)
    verbs.record(at(desk), GUARD)
    refused(lambda: verbs.record(at(desk), told), code, field)
    assert len(known(desk).entries) == 2


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        (files(1, "2026-11-25"), "control_ahead", "counted_on"),
        (files(1, "2026-11-20", "070-174 06 05"), "control_personal", "place"),
        (files(1, "2026-11-20", "").model_copy(update={"figure": Figure.OPEN_PAGES}), "field_missing", "place"),
        (files(1, "2026-11-20").model_copy(update={"figure": Figure.BACKUP_DAYS}), "figure_place", "place"),
    ],
)
def test_a_figure_that_does_not_fit_is_refused_beside_its_field(desk: Desk, told: Told, code: str, field: str) -> None:
    refused(lambda: verbs.tell(at(desk), told), code, field)


def test_each_entry_has_its_line_and_nothing_is_unwritten(desk: Desk) -> None:
    office = verbs.record(at(desk), DPO)
    measure = verbs.record(at(desk), GUARD)
    verbs.record(at(desk), Tested(measure=measure, tested_on=TODAY, result=Result.PASSED))
    figure = verbs.tell(at(desk, Role.ADMIN), files(1, "2026-11-20"))
    verbs.record(at(desk), DPO.model_copy(update={"until_on": TODAY}), corrects=office)
    refused(lambda: verbs.record(at(desk), DPO, corrects=office), "control_entry_unknown")
    refused(lambda: verbs.record(at(desk), GUARD, corrects=5), "control_entry_unknown")
    # Who may tell figures strikes no office by that, and who may record offices no figure.
    refused(lambda: verbs.tell(at(desk, Role.ADMIN), Struck(reason="Fel."), corrects=measure), "control_entry_unknown")
    refused(lambda: verbs.record(at(desk), Struck(reason="Fel."), corrects=figure), "control_entry_unknown")
    verbs.tell(at(desk, Role.ADMIN), Struck(reason="Fel miljö."), corrects=figure)
    assert [one.kind for one in known(desk).entries] == [
        EntryKind.OFFICE, EntryKind.MEASURE, EntryKind.TESTED, EntryKind.FIGURE, EntryKind.OFFICE, EntryKind.STRUCK,
    ]  # fmt: skip
    with desk.register.connect() as connection:
        asked = sa.select(ledger.c.event, ledger.c.details).where(ledger.c.event.like("control:%"))
        lines = connection.execute(asked.order_by(ledger.c.seq))
        assert [(event, json.loads(details)) for event, details in lines] == [
            ("control:office", {"entry": 1}), ("control:measure", {"entry": 2}), ("control:tested", {"entry": 3}),
            ("control:figure", {"entry": 4}), ("control:office", {"corrects": 1, "entry": 5}),
            ("control:struck", {"corrects": 4, "entry": 6}),
        ]  # fmt: skip


def test_a_job_tells_a_figure_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    call = ["controls", "tell", "orphan_files", "4", "--place", "M-001", "--source", "Nattjobb", "--on"]
    assert command.main(["--language", "sv", *call, "2026-01-02"]) == 0
    assert say("controls.recorded", "sv", entry=1) in capsys.readouterr().out
    assert command.main([*call, "2026-13-02"]) == 1
    # Nothing is counted ahead, nor in less than none.
    assert command.main([*call, "2999-01-01"]) == 1
    assert command.main([*call[:3], "-4", *call[4:], "2026-01-02"]) in (1, 2)
    (entry,) = state.known(engine(settings_of.load())).entries
    assert (entry.by, entry.facts) == (None, files(4, "2026-01-02", "M-001").model_copy(update={"source": "Nattjobb"}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_words(desk: Desk, language: str) -> None:
    both = {"holder": "Avtal D-77", "functions": (Owner.IT,)}
    verbs.record(at(desk), DPO.model_copy(update=both))
    one = verbs.record(at(desk), CISO.model_copy(update=both))
    untested = verbs.record(at(desk), GUARD.model_copy(update={"owner": None}))
    failed = verbs.record(at(desk), GUARD.model_copy(update={"name": "Annat"}))
    verbs.record(at(desk), Tested(measure=failed, tested_on=on("2020-01-01"), result=Result.PARTLY))
    for figure in (Figure.ORPHAN_FILES, Figure.MANDATORY_FIELDS, Figure.OPEN_PAGES):
        verbs.tell(at(desk), Told(figure=figure, place="9", value=8, counted_on=on("2026-01-01"), source="T"))
    told = dict(found(desk))
    verbs.record(at(desk), Struck(reason="Slutat."), corrects=one)
    told |= found(desk)
    assert {code for code, _ in told} == set(Code) and untested
    for row in listed.listing(told.values(), TODAY, language, {}):
        assert "{" not in str(row["finding"])


def test_what_was_not_recorded_yet_was_not_known(desk: Desk) -> None:
    act = dataclasses.replace(at(desk), now=at(desk).now)
    verbs.record(act, DPO)
    assert not state.as_known(known(desk), act.now - dt.timedelta(seconds=1)).entries
    assert state.as_known(known(desk), act.now).entries


def test_a_vacancy_is_an_alarm_of_the_week_for_whoever_may_end_it(desk: Desk) -> None:
    (told,) = decisions._of_offices(at(desk, Role.AUDITOR))
    assert not told.may
    (told,) = decisions._of_offices(at(desk))
    assert (told.kind, told.urgency, told.count, told.may) == (Kind.OFFICES, Urgency.ALARM, 2, True)
    assert set(told.roles) == {Role.DPO, Role.CISO}
    for language in LANGUAGES:
        assert "{" not in rows.decision_text(told, language)
    verbs.record(at(desk), CISO)
    verbs.record(at(desk), DPO)
    assert not list(decisions._of_offices(at(desk)))


def test_a_purge_says_until_when_backups_hold_what_it_erased() -> None:
    nothing: dict[str, Any] = dict.fromkeys(one.name for one in dataclasses.fields(Batch))
    done_at = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
    known_of = {"batch_id": 1, "state": State.VERIFIED, "kind": "rule", "proposed_at": done_at, "executed_at": done_at}
    batch = Batch(**{**nothing, **known_of, "deleted": 2})
    told = PARAMETERS.model_copy(update={"backup_window_days": 60})
    (row,) = batch_rows([batch], told, "sv")
    assert row["backups_until"] == on("2026-12-31")
    (row,) = batch_rows([dataclasses.replace(batch, deleted=0)], told, "sv")
    assert row["backups_until"] is None
