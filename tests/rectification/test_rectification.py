"""A correction is asked for with evidence, ordered, verified by the source's exports, and goes with the person."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.ledger.tables import ledger
from compliance.person import statement, timeline
from compliance.person.timeline import Kind
from compliance.rectification import along, listing, rows, values, verbs
from compliance.rectification.listing import Correction
from compliance.rectification.tables import State, rectification
from compliance.rectification.verbs import Wanted
from compliance.requests import desk as requests
from compliance.requests import record
from compliance.requests.tables import Decision, Step
from compliance.review import decisions, measures
from compliance.show.extract import Stamp
from compliance.sources.catalogue import catalogue_of
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.texts import catalogue
from compliance.words.vocabulary import LANGUAGES
from tests.purging import Weekly, prospect, prospects
from tests.world import TODAY

ANNA = prospect(1, "2024-01-15", Namn="Anna Berg", Titel="Chef", Telefon="070-174 06 05")
OTHERS = [prospect(number, "2024-02-01") for number in range(2, 9)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    first = Weekly(folder / "store")
    first.folder = folder / "exports"
    first.deliver(ANNA, *OTHERS)
    first.register.dispose()
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Weekly]:
    shutil.copytree(made, tmp_path / "own")
    own = Weekly(tmp_path / "own" / "store")
    own.folder, own.week = tmp_path / "own" / "exports", 1
    yield own
    own.register.dispose()


def who(desk: Weekly, text: str = "P1") -> str:
    (found,) = statement.search(desk.reading(), desk.petra, text)
    return found.person_id


def ask(desk: Weekly, field: str = "phone", value: str = "070-174 06 99", **more: Any) -> int:
    """Asks for a correction of Anna's row."""
    wanted = Wanted(**{
        "record_id": "crm_prospects:P1", "field": field, "value": value, "evidence": "CASE-12", **more
    })  # fmt: skip
    return verbs.ask(desk.at(desk.petra), desk.reading(), who(desk), wanted)


def only(desk: Weekly) -> Correction:
    (found,) = listing.of_records(desk.register, [("crm_prospects", "P1")])
    return found


def lines(desk: Weekly, event: str) -> list[dict[str, Any]]:
    with desk.register.connect() as connection:
        found = connection.scalars(
            sa.select(ledger.c.details)
            .where(ledger.c.event == (event if ":" in event else f"rectification:{event}"))
            .order_by(ledger.c.seq)
        )
        return [json.loads(one) for one in found]


def test_it_is_kept_with_both_values_and_the_ledger_has_neither(desk: Weekly) -> None:
    number = ask(desk, recipients=("crm", "hr"))
    found = only(desk)
    assert (found.old_value, found.new_value, found.evidence) == ("070-174 06 05", "070-174 06 99", "CASE-12")
    assert (found.state, found.recipients) == (State.AWAITED, (("hr", None),))
    (line,) = lines(desk, "asked")
    assert (line["rectification"], line["field"], line["evidence_ref"]) == (number, "phone", "CASE-12")
    assert line["new_digest"] == keys.pseudonyms(desk.settings).digest("value|070-174 06 99") != line["old_digest"]
    assert "174" not in str({name: value for name, value in line.items() if not name.endswith("digest")})
    # The copy is not changed: the source is to do it.
    assert rows.awaited([found], "en").keys() == {("crm_prospects", "P1", "phone")}
    with pytest.raises(Refused, match="rectification_twice"):
        ask(desk, value="070-174 06 77")


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"Telefon": "+46 70 174 06 99"}, State.VERIFIED),
        ({}, State.STILL_OLD),
        ({"Telefon": "070-174 06 11"}, State.OTHER),
        ({"Prospekt-ID": "P1B"}, State.MISSING),
    ],
)
def test_the_next_export_says_whether_the_source_has_corrected_it(
    desk: Weekly, told: dict[str, str], state: State
) -> None:
    ask(desk)
    desk.on(TODAY + dt.timedelta(days=1))
    result = desk.take_in(prospects(desk.folder / "next", [{**ANNA, **told}, *OTHERS], "2026-11-25T0400"))
    assert result.all_taken
    assert only(desk).state == state
    assert len(lines(desk, "verified")) == (state is State.VERIFIED)
    assert [line["rectification_state"] for line in lines(desk, "not_verified")] == (
        [] if state is State.VERIFIED else [state]
    )


def test_to_ask_for_what_a_request_asks_is_to_decide_it_and_the_export_carries_it_out(desk: Weekly) -> None:
    asked = requests.Asked("rectification", "mail", TODAY, "prospect", name="Anna Berg", email=ANNA["E-post"])
    number = requests.register(desk.at(desk.petra), desk.reading(), asked)

    def order(field: str, value: str) -> int:
        at = desk.at(desk.petra)
        wanted = Wanted("crm_prospects:P1", field, value, "CASE-12", number)
        return verbs.ask(
            at, desk.reading(), who(desk), wanted,
            lambda connection, one: requests.decide_in(connection, at, one, Decision.CORRECT),
        )  # fmt: skip

    def did() -> list[tuple[Step, str | None]]:
        with desk.register.connect() as connection:
            return [(one.step, one.recorded_by) for one in record.recorded(connection, number)][2:]

    order("phone", "070-174 06 99")
    order("role", "Direktör")
    assert did() == [(Step.DECIDED, desk.petra.pseudonym)]
    desk.on(TODAY + dt.timedelta(days=1))
    for hour, told in (("04", {}), ("05", {"Titel": "Direktör"})):
        assert did()[1:] == []
        row = {**ANNA, "Telefon": "070-174 06 99", **told}
        assert desk.take_in(prospects(desk.folder / hour, [row, *OTHERS], f"2026-11-25T{hour}00")).all_taken
    # Once all of it is as it is to be, by nobody's word but the export's.
    assert did()[1:] == [(Step.EXECUTED, None)]
    for step, given in ((Step.ANSWERED, {}), (Step.CLOSED, {"outcome": "done"})):
        requests.write(desk.at(desk.petra), number, step, TODAY + dt.timedelta(days=1), given)
    with pytest.raises(Refused, match="request_already_closed"):
        order("name", "Anna Bergh")
    with desk.register.connect() as connection:
        assert len(connection.scalars(sa.select(rectification.c.state)).all()) == 2


def test_a_date_that_its_source_has_moved_is_corrected_from_what_the_source_says(desk: Weekly) -> None:
    moved = {**ANNA, "Registrerad": "15/11/2026"}
    desk.deliver(moved, *OTHERS)
    found = statement.of(desk.reading(), desk.policy, who(desk), None)
    assert found is not None
    (record,) = found.records
    assert record.registered_on == dt.date(2024, 1, 15)
    assert statement.correctable(record)["registered_on"] == dt.date(2026, 11, 15)
    ask(desk, "registered_on", "2025-01-01")
    assert only(desk).old_value == "2026-11-15"
    desk.on(TODAY + dt.timedelta(days=1))
    assert desk.take_in(prospects(desk.folder / "next", [moved, *OTHERS], "2026-11-25T0400")).all_taken
    assert only(desk).state == State.STILL_OLD
    # Both stand on the person's time line.
    found = statement.of(desk.reading(), desk.policy, who(desk), None)
    assert found is not None
    events = timeline.events(desk.at(desk.petra), desk.reading(), found, None)
    assert [(one.day, one.kind) for one in events if "rectification" in one.told] == [
        (TODAY, Kind.CORRECTION_ASKED), (TODAY + dt.timedelta(days=1), Kind.CORRECTION_DECIDED)
    ]  # fmt: skip


def export(at: dt.datetime, *, certain: bool = True) -> Any:
    return SimpleNamespace(at=at, certain=certain)


def says(desk: Weekly, told: dict[str, Any] | None, when: Any, key: str = "crm_prospects:P1") -> State:
    """What becomes of the only correction by an export."""
    (state,) = says_all(desk, told, when, key)
    return state


def says_all(desk: Weekly, told: dict[str, Any] | None, when: Any = None, key: str = "crm_prospects:P1") -> list[State]:
    """What becomes of each correction by an export, made tomorrow unless told otherwise."""
    when = when or export(desk.now + dt.timedelta(days=1))
    empty = dict.fromkeys(values.FIELDS)
    found = {} if told is None else {key: {**empty, **told}}
    tracer: Any = SimpleNamespace(
        rows_of=lambda wanted: {one: row for one, row in found.items() if one in wanted},
        build=SimpleNamespace(build_id=9),
    )
    with desk.register.begin() as connection:
        connection = connection.execution_options(register_settings=desk.settings)
        along.decide(connection, tracer, {"crm_prospects": when}, author=None, now=desk.clock())
        return [State(one) for one in connection.scalars(sa.select(rectification.c.state))]


def test_an_export_that_may_be_older_says_nothing_but_that_the_new_value_is_there(desk: Weekly) -> None:
    ask(desk)
    later = desk.now + dt.timedelta(days=1)
    assert says(desk, {"phone": "070-174 06 05"}, export(later, certain=False)) == State.AWAITED
    assert says(desk, None, export(desk.now - dt.timedelta(days=1))) == State.AWAITED
    assert says(desk, {"phone": "070-174 06 99"}, export(later, certain=False)) == State.VERIFIED
    # Once corrected, it may change again, but not back.
    assert says(desk, {"phone": "070-174 06 11"}, export(later)) == State.VERIFIED
    assert says(desk, None, export(later)) == State.VERIFIED
    assert says(desk, {"phone": "070-174 06 05"}, export(later)) == State.STILL_OLD


def test_a_row_whose_key_is_its_address_is_found_by_the_new_one(desk: Weekly) -> None:
    with desk.register.begin() as connection:
        ask(desk, "email", "anna.berg@bolaget.example")
        connection.execute(sa.update(rectification).values(source_key="person1@bolaget.example"))
    later = export(desk.now + dt.timedelta(days=1))
    told = {"email": "anna.berg@bolaget.example"}
    assert says(desk, told, later, "crm_prospects:anna.berg@bolaget.example") == State.VERIFIED
    assert listing.of_records(desk.register, [("crm_prospects", "anna.berg@bolaget.example")])


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "no address", "rectification_email_invalid"),
        ("phone", "none", "rectification_phone_invalid"),
        ("phone", "+46701740605", "rectification_value_same"),
        ("role", " Chef ", "rectification_value_same"),
        ("name", " ", "rectification_value_missing"),
        ("name", "***", "rectification_name_invalid"),
        ("registered_on", "15/01/2024", "rectification_date_invalid"),
        ("role", "x" * 201, "rectification_value_long"),
        ("source_key", "P2", "rectification_field_unknown"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_with_what_to_do(
    desk: Weekly, field: str, value: str, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        ask(desk, field, value)
    assert {f"refusal.{code}"} <= set(catalogue())


def test_what_is_asked_of_another_row_without_evidence_or_of_an_older_copy_is_refused(desk: Weekly) -> None:
    for evidence in ("", "x", "anna@bolaget.example", "070-1234567", "with blanks"):
        with pytest.raises(Refused, match="rectification_evidence_invalid"):
            ask(desk, evidence=evidence)
    with pytest.raises(Refused, match="rectification_row_gone"):
        ask(desk, record_id="crm_prospects:P2")
    with pytest.raises(Refused, match="rectification_request_unknown"):
        ask(desk, request=77)
    older = desk.reading()
    desk.deliver(ANNA, *OTHERS)
    wanted = Wanted("crm_prospects:P1", "phone", "070-174 06 99", "CASE-12")
    with pytest.raises(Refused, match="rectification_build_changed"):
        verbs.ask(desk.at(desk.petra), older, who(desk), wanted)
    for actor in (desk.axel, desk.olle, desk.gun):
        with pytest.raises(Refused, match="not_allowed"):
            verbs.ask(desk.at(actor), desk.reading(), who(desk), wanted)


def test_the_order_names_row_column_and_both_values_and_is_recorded(desk: Weekly) -> None:
    number = ask(desk)
    known = catalogue_of(desk.settings, desk.register)
    stamp = Stamp(1, TODAY, "")
    made = verbs.order(desk.at(desk.petra), [number], known, "sv", stamp, desk.clock)
    text = b"".join(made).decode("utf-8-sig")
    assert "P1" in text and "Telefon" in text and "070-174 06 05" in text and "070-174 06 99" in text
    assert only(desk).fetched_at is not None
    assert [line["rectification"] for line in lines(desk, "ordered")] == [number]
    verbs.withdraw(desk.at(desk.petra), number)
    assert only(desk).state == State.WITHDRAWN and not listing.waiting(desk.register)
    with pytest.raises(Refused, match="rectification_unknown"):
        verbs.order(desk.at(desk.petra), [number], known, "sv", stamp, desk.clock)
    with pytest.raises(Refused, match="rectification_over"):
        verbs.withdraw(desk.at(desk.petra), number)
    with pytest.raises(Refused, match="rectification_unknown"):
        verbs.withdraw(desk.at(desk.petra), 99)


def test_an_order_that_may_not_leave_is_not_recorded_as_fetched(desk: Weekly, monkeypatch: pytest.MonkeyPatch) -> None:
    number = ask(desk)
    known, stamp = catalogue_of(desk.settings, desk.register), Stamp(1, TODAY, "")

    def ordered() -> bytes:
        return b"".join(verbs.order(desk.at(desk.petra), [number], known, "sv", stamp, desk.clock))

    def kept() -> list[str]:
        return [str(one["what"]) for one in lines(desk, "extract:broken")]

    allowed = desk.parameters
    desk.parameters = allowed.model_copy(update={"extracts_per_day": 0})
    with pytest.raises(Refused, match="limit_extracts"):
        ordered()
    assert only(desk).fetched_at is None and lines(desk, "ordered") == []
    # One that was not recorded has begun, and nothing of it has left.
    desk.parameters = allowed

    def failing(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(verbs, "_record", failing)
        ordered()
    assert only(desk).fetched_at is None and kept() == ["rectification_order"]
    assert ordered() and only(desk).fetched_at is not None


def test_a_name_that_its_source_has_in_two_columns_is_ordered_in_both(desk: Weekly) -> None:
    by_id = {one.id: one for one in catalogue_of(desk.settings, desk.register).datasets}
    assert verbs.column_of(by_id["hr_employees"], "name") == "Förnamn + Efternamn"
    assert verbs.column_of(by_id["crm_prospects"], "name") == "Namn"
    assert verbs.column_of(None, "phone") == "phone"


def test_who_else_has_the_data_is_told_once(desk: Weekly) -> None:
    number = ask(desk, recipients=("hr", "marketing"))
    assert only(desk).to_tell == ["hr", "marketing"]
    verbs.tell(desk.at(desk.petra), number, "hr")
    assert only(desk).to_tell == ["marketing"]
    for recipient in ("hr", "nobody"):
        with pytest.raises(Refused, match="rectification_unknown"):
            verbs.tell(desk.at(desk.petra), number, recipient)
    assert [line["recipient"] for line in lines(desk, "told")] == ["hr"]
    # The source has corrected it, and somebody waits to be told still.
    later = export(desk.now + dt.timedelta(days=1))
    assert says(desk, {"phone": "070-174 06 99"}, later) == State.VERIFIED
    assert [one.rectification_id for one in listing.waiting(desk.register)] == [number]
    verbs.tell(desk.at(desk.petra), number, "marketing")
    assert listing.waiting(desk.register) == []


def stored(desk: Weekly) -> list[tuple[Any, ...]]:
    """What the register has of the person, and where each correction stands."""
    names = ("source_key", "old_value", "new_value", "evidence", "state")
    asked = sa.select(*(rectification.c[name] for name in names)).order_by(rectification.c.rectification_id)
    with desk.register.connect() as connection:
        return [tuple(row) for row in connection.execute(asked)]


def test_corrections_are_found_however_many_rows_somebody_has(desk: Weekly) -> None:
    first, second = ask(desk), ask(desk, "role", "Inköpare", recipients=("hr",))
    records = [(dataset, f"P{number}") for dataset in ("hr_vouchers", "crm_prospects") for number in range(1_001)]
    found = listing.of_records(desk.register, records)
    assert [(one.rectification_id, one.recipients) for one in found] == [(second, (("hr", None),)), (first, ())]
    assert listing.of_records(desk.register, []) == []


def test_a_purge_of_the_person_takes_the_values_with_it(desk: Weekly) -> None:
    late = {**ANNA, "Registrerad": "15/01/2010"}
    desk.deliver(late, *OTHERS)
    verbs.withdraw(desk.at(desk.petra), ask(desk, "role", "Inköpare"))
    ask(desk)
    wanted = Wanted("crm_prospects:P2", "role", "Inköpare", "CASE-13")
    verbs.ask(desk.at(desk.petra), desk.reading(), who(desk, "P2"), wanted)
    desk.purge(desk.entries(status="OVERDUE"))
    nothing = (None, None, None, None)
    # What was over stays as it ended, and what is asked of others is awaited still.
    assert [row if row[0] is None else (row[0], row[-1]) for row in sorted(stored(desk), key=str)] == [
        ("P2", "awaited"), (*nothing, "purged"), (*nothing, "withdrawn")
    ]  # fmt: skip
    assert [line["rows"] for line in lines(desk, "forgotten")] == [2]


def test_a_row_that_the_source_has_left_out_is_not_purged_with_others(desk: Weekly) -> None:
    ask(desk)
    desk.on(TODAY + dt.timedelta(days=1))
    late = {**OTHERS[0], "Registrerad": "15/01/2010"}
    rows_ = [{**ANNA, "Prospekt-ID": "P1B"}, late, *OTHERS[1:]]
    assert desk.take_in(prospects(desk.folder / "next", rows_, "2026-11-25T0400")).all_taken
    assert stored(desk) == [("P1", "070-174 06 05", "070-174 06 99", "CASE-12", "missing")]
    desk.purge(desk.entries(status="OVERDUE"))
    assert stored(desk) == [("P1", "070-174 06 05", "070-174 06 99", "CASE-12", "missing")]


def test_a_purge_of_others_leaves_them(desk: Weekly) -> None:
    desk.deliver(ANNA, {**OTHERS[0], "Registrerad": "15/01/2010"}, *OTHERS[1:])
    ask(desk)
    desk.purge(desk.entries(status="OVERDUE"))
    assert stored(desk) == [("P1", "070-174 06 05", "070-174 06 99", "CASE-12", "awaited")]


def test_a_register_that_learns_of_a_purge_forgets_what_was_asked_for_before_it(desk: Weekly) -> None:
    ask(desk)
    key = keys.suppression(desk.settings)[0]
    erased = [SimpleNamespace(key_id=key.key_id, record_digest=key.digest("record|crm_prospects:P1"))]
    other = [SimpleNamespace(key_id=key.key_id, record_digest=key.digest("record|crm_prospects:P2"))]
    for entries, when, left in ((other, 1, "P1"), (erased, -1, "P1"), (erased, 1, None)):
        with desk.register.begin() as connection:
            connection = connection.execution_options(register_settings=desk.settings)
            along.forget_erased(
                desk.settings, connection, entries, desk.now + dt.timedelta(days=when), desk.clock()
            )  # fmt: skip
        assert stored(desk)[0][0] == left


def test_what_was_corrected_long_ago_is_told_without_its_values(desk: Weekly) -> None:
    verbs.withdraw(desk.at(desk.petra), ask(desk))
    # What an export has decided, and is awaited all the same, is kept however long that takes.
    ask(desk, "role", "Inköpare")
    assert says_all(desk, {"role": "Chef"}) == [State.WITHDRAWN, State.STILL_OLD]
    parameters = desk.parameters.model_copy(update={"rectification_months": 1})

    def forget(days: int) -> None:
        with desk.register.begin() as connection:
            connection = connection.execution_options(register_settings=desk.settings)
            along.forget_old(connection, parameters, author=None, now=desk.now + dt.timedelta(days=days))

    forget(30)
    assert stored(desk)[0][0] == "P1"
    forget(31)
    assert stored(desk)[0] == (None, None, None, None, "withdrawn")
    assert stored(desk)[1] == ("P1", "Chef", "Inköpare", "CASE-12", "still_old")
    assert [line["rows"] for line in lines(desk, "forgotten")] == [1]


def test_it_is_told_in_words_in_both_languages(desk: Weekly) -> None:
    ask(desk, "role", "", recipients=("hr",))
    for language in LANGUAGES:
        (told,) = rows.correction_rows(listing.waiting(desk.register), language, {"crm": "CRM"}, named=True)
        assert all(str(value) and "{" not in str(value) for value in told.values())
        (bare,) = rows.correction_rows(listing.waiting(desk.register), language, {"crm": "CRM"}, named=False)
        assert "Chef" not in str(bare) and "P1" not in str(bare)
    assert {f"rectification_state.{state}" for state in State} <= set(catalogue())


def test_what_waits_is_in_the_list_of_decisions_and_what_was_not_done_is_told_apart(desk: Weekly) -> None:
    def waits() -> dict[str, int]:
        at, reading = desk.at(desk.petra), desk.reading()
        found = decisions.decisions(at, reading, measures.measure(at, reading, ()), ())
        return {one.kind.value: one.count for one in found if "correct" in one.kind}

    assert waits() == {}
    ask(desk)
    ask(desk, "role", "Inköpare")
    assert waits() == {"corrections": 2}
    assert says_all(desk, {"phone": "070-174 06 05", "role": "Chef"}) == [State.STILL_OLD, State.STILL_OLD]
    assert waits() == {"not_corrected": 2}
