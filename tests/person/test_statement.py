"""What is told of one person: found by whatever they are known by, all that is stored of them, and what happened."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import pytest

from compliance.build import builder
from compliance.holds import verbs as holds
from compliance.holds.tables import Ground, Scope
from compliance.person import rows, statement, timeline
from compliance.person.timeline import Kind
from compliance.purge import verbs as purge_verbs
from compliance.suppression import verbs as suppression
from compliance.words.references import reference
from compliance.words.texts import catalogue, say
from compliance.words.vocabulary import LANGUAGES
from tests.person.company import ANNA, HIRED, PROSPECTS, company, stated, who
from tests.purging import Desk, employees, prospect, prospects, vouchers
from tests.world import TODAY, World, shipped_policy, table


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return company(tmp_path_factory.mktemp("person"))


@pytest.mark.parametrize(
    "text", ["berg, anna", "Anna.Berg@Bolaget.example", "+46 70 174 06 05", "p1", "E77", "1740605"]
)
def test_somebody_is_found_by_all_that_tells_them(desk: Desk, text: str) -> None:
    assert who(desk, text) == who(desk, "Anna Berg")
    assert who(desk, reference(who(desk, text))) == who(desk, text)


def test_a_key_is_looked_for_whole_and_a_part_of_it_finds_nobody(desk: Desk) -> None:
    assert statement.search(desk.reading(), desk.petra, "E7") == []
    assert statement.search(desk.reading(), desk.petra, "  ") == []


def test_all_that_the_sources_told_is_stated_with_its_reason_and_rule(desk: Desk) -> None:
    found = stated(desk, "Anna Berg")
    assert [(one.entry.category, one.entry.source) for one in found.bases] == [
        ("PROSPECT", "crm"), ("EMPLOYEE", "hr")
    ]  # fmt: skip
    assert [one.entry.status for one in found.bases] == ["OVERDUE", "ACTIVE"]
    assert [one.rule.ground for one in found.bases if one.rule] == ["legitimate_interest", "contract"]
    values = {(record.source, one.field): one.value for basis in found.bases for record, one in basis.stored()}
    assert values["crm", "name"] == values["hr", "name"] == "Anna Berg"
    assert values["crm", "org_name"] == "Ekens Bygg AB"
    assert values["crm", "registered_on"] == dt.date(2010, 3, 21)
    assert values["hr", "role"] == "Utvecklare" and values["hr", "source_key"] == "E77"
    # Other people's values are not among them.
    assert not {value for value in values.values() if "Ek" in str(value) and value != "Ekens Bygg AB"}


def test_the_name_that_its_organisation_has_is_shown_and_is_not_the_rows_to_correct(tmp_path: Path) -> None:
    world = World(tmp_path)
    org_id = world.organisation("K1")
    world.person("CUSTOMER_CONTACT", "C1", org_id=org_id)
    world.person("CUSTOMER_CONTACT", "C2", org_id=org_id, org_name="Bolaget ett")
    reading = world.reading()
    told = {}
    for row in table(reading, "basis"):
        found = statement.of(reading, shipped_policy(), row["person_id"], None)
        assert found is not None
        (record,) = found.records
        told[record.source_key] = (record.org_name, statement.correctable(record).get("org_name", "not to correct"))
    assert told == {"C1": ("Bolaget K1", "not to correct"), "C2": ("Bolaget ett", "Bolaget ett")}


def test_what_is_said_is_what_the_lists_say(desk: Desk) -> None:
    found = stated(desk, "Anna Berg")
    listed = {one.basis_id: one for one in desk.entries()}
    for basis in found.bases:
        same = listed[basis.entry.basis_id]
        assert basis.entry._replace(name=same.name, email=same.email, phone=same.phone) == same


def test_a_data_owner_is_told_of_the_own_categories_and_that_there_may_be_more(desk: Desk) -> None:
    found = stated(desk, "Anna Berg", desk.olle.category_limit)
    assert found.limited and [one.entry.category for one in found.bases] == ["PROSPECT"]
    assert {record.source for record in found.records} == {"crm"}
    assert statement.search(desk.reading(), desk.olle, "E77") == statement.search(desk.reading(), desk.olle, "P1")
    # Who is no prospect and no contact is nobody to them.
    person = who(desk, "E77")
    assert statement.of(desk.reading(), desk.policy, person, "SUPPLIER_REP") is None
    assert "stands" not in rows.headline(found, "en")


def test_nobody_of_that_id_is_stored(desk: Desk) -> None:
    assert statement.of(desk.reading(), desk.policy, "0" * 32, None) is None


def test_however_many_entries_somebody_has_all_are_stated(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    paid = [
        {"Verifikationsnummer": f"V{number}", "Gäller anställningsnummer": "E77", "Räkenskapsår": "2024"}
        for number in range(501)
    ]
    assert desk.take_in(employees(tmp_path, [HIRED]), vouchers(tmp_path, paid)).all_taken
    found = stated(desk, "E77")
    assert len(found.bases) == 502 and "EMPLOYEE" in {one.entry.category for one in found.bases}
    desk.register.dispose()


@pytest.mark.parametrize(("name", "parts"), [("person", 3), ("basis", 4)])
def test_persons_and_entries_lie_in_the_order_of_their_persons_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, parts: int
) -> None:
    """Else whoever asks for one of millions reads all. They are put there in so many parts, each in order."""
    monkeypatch.setattr(builder, "_IN_ORDER_FROM", 1)
    ids = [row["person_id"] for row in table(company(tmp_path).reading(), name)]
    falls = [one for one, following in itertools.pairwise(ids) if following < one]
    assert len(ids) >= 8 and len(falls) < parts


def told(desk: Desk, text: str) -> list[tuple[dt.date, Kind]]:
    """The days of what happened to somebody."""
    events = timeline.events(desk.at(desk.petra), desk.reading(), stated(desk, text), None)
    assert [one.day for one in events] == sorted(one.day for one in events)
    for language in LANGUAGES:
        lines = [rows.event_in_words(one, language) for one in events]
        assert all(line and "{" not in line for line in lines)
    return [(one.day, one.kind) for one in events]


def test_the_time_line_has_the_relation_the_rules_and_what_the_register_knows(desk: Desk) -> None:
    anna = who(desk, "Anna Berg")
    terms = holds.Terms(Ground.DISPUTE, "sales", TODAY + dt.timedelta(days=30))
    number = holds.place(desk.at(desk.petra), desk.reading(), holds.Target(Scope.PERSON, anna), terms)
    found = told(desk, "Anna Berg")
    assert {
        (dt.date(2010, 3, 21), Kind.TOLD), (dt.date(2010, 3, 21), Kind.CLOCK), (dt.date(2020, 3, 21), Kind.CEILING),
        (dt.date(2020, 3, 1), Kind.TOLD), (TODAY, Kind.TODAY), (TODAY, Kind.HOLD_PLACED),
        (TODAY + dt.timedelta(days=30), Kind.HOLD_REVIEW), (dt.date(2026, 11, 2), Kind.REQUEST_RECEIVED),
        (dt.date(2026, 12, 2), Kind.REQUEST_DUE),
    } == set(found)  # fmt: skip
    holds.release(desk.at(desk.petra), number, reading=desk.reading())
    assert (TODAY, Kind.HOLD_RELEASED) in told(desk, "Anna Berg")
    # Whoever answers for some categories is not told of requests, which belong to none.
    limited = stated(desk, "Anna Berg", desk.olle.category_limit)
    kinds = {one.kind for one in timeline.events(desk.at(desk.olle), desk.reading(), limited, desk.olle.category_limit)}
    assert Kind.REQUEST_RECEIVED not in kinds and Kind.HOLD_PLACED in kinds


def test_a_purge_is_told_from_its_proposal_to_what_is_left_and_who_came_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    some = [PROSPECTS[0], *PROSPECTS[4:]]
    assert desk.take_in(prospects(tmp_path, some), employees(tmp_path, [HIRED])).all_taken
    batch = desk.propose(desk.entries(status="OVERDUE"))
    assert (TODAY, Kind.PURGE_PROPOSED) in told(desk, "Anna Berg")
    desk.finish(batch)
    # The prospect is gone, and the employee is told that it was.
    assert [one.entry.category for one in stated(desk, "Anna Berg").bases] == ["EMPLOYEE"]
    assert [kind for _, kind in told(desk, "Anna Berg") if kind in (Kind.PURGE_PROPOSED, Kind.PURGED)] == [Kind.PURGED]
    # Met again, she is registered anew: the old date is not revived.
    again = prospect(9, "2026-11-25", **ANNA)
    desk.on(TODAY + dt.timedelta(days=2))
    assert desk.take_in(prospects(tmp_path, [again, *some[1:]], "2026-11-26T0500")).all_taken
    events = told(desk, "Anna Berg")
    assert (dt.date(2026, 11, 26), Kind.RETURNED) in events and (dt.date(2010, 3, 21), Kind.TOLD) not in events
    number = suppression.returned(desk.at(desk.petra))[0].reappearance_id
    purge_verbs.confirm_return(desk.at(desk.petra), number, "meeting")
    found = stated(desk, "Anna Berg")
    said = [
        rows.event_in_words(one, "en")
        for one in timeline.events(desk.at(desk.petra), desk.reading(), found, None)
        if one.kind is Kind.RETURN_CONFIRMED
    ]
    assert said == [say("person_event.return_confirmed", "en", returned=str(number), reason="met again")]
    # Others are told nothing of it.
    assert not {kind for _, kind in told(desk, "P5")} & {Kind.PURGED, Kind.PURGED_WHOLE, Kind.RETURNED}


def test_every_event_has_its_words() -> None:
    assert {f"person_event.{kind}" for kind in Kind} <= set(catalogue())
