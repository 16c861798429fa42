"""What a purge does with each chosen entry, by what it is today and what it was when it was chosen."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from compliance.purge import asks as purge_asks
from compliance.reading.copy import Item, Reading
from compliance.words.keys import Key
from tests.world import TODAY, World, table

KEY = Key("k", b"k" * 32)
DAY = dt.timedelta(days=1)
ONE, TWO, THREE, POST = ("form", "R-1"), ("form", "R-2"), ("form", "R-3"), ("post", "R-1")
ELIN = ("form", "R-10")
ENDED = {"starts_on": "2000-01-01", "ends_on": "2010-01-01"}
# Of an entry's key and a purge's kind: how the entry was otherwise when it was chosen, or what was decided to be `kept`
# of the requests that the purge answers; and why it stays.
Moment = tuple[str, str, dict[str, Any], Sequence[tuple[str, str]], str | None]


def id_of(category: str, dataset: str, key: str) -> str:
    return hashlib.md5(f"{category}|{dataset}:{key}".encode()).hexdigest()


def world_in(folder: Path) -> World:
    """An entry of each kind, by its key. anna and cleo have one open request, bo has two."""
    world = World(folder)
    dates = {
        "overdue": "2016-11-23",
        "due": "2016-11-24",
        "expiring": "2016-12-25",
        "retained": "2020-01-01",
        "undated": None,
        "held": "2016-11-01",
        "held_early": "2020-01-02",
    }
    for key, registered in dates.items():
        world.person("PROSPECT", key, registered_on=registered)
    for key in ("held", "held_early"):
        world.hold("basis", id_of("PROSPECT", "crm_prospect", key), "2026-01-10")
    for key in ("erased", "erased_held"):
        world.person("PROSPECT", key, registered_on="2010-01-01", erased_on="2020-01-01", name=None, email=None)
    world.hold("basis", id_of("PROSPECT", "crm_prospect", "erased_held"), "2026-01-10")
    world.person("EMPLOYEE", "gunnar", starts_on="2010-01-01", ends_on="2020-01-01")
    world.hold("basis", id_of("VOUCHER", "hr_vouchers", "law_held"), "2026-01-10")
    ends = {"active": None, "employee_overdue": "2016-11-23", "employee_due": "2016-11-24", "employee": "2020-01-01"}
    for key, ended in ends.items():
        for category in ("EMPLOYEE", "CONTRACTOR"):
            email = f"anna_{key}_{category.lower()}@bolaget.example"
            world.person(category, f"{key}_{category}", starts_on="2010-01-01", ends_on=ended, email=email)
            world.request("R-1", email)
            world.confirmed("R-1", email)
    world.person("PROSPECT", "anna", registered_on="2020-01-01", email="anna@bolaget.example")
    world.person("PROSPECT", "anna_undated", email="anna_undated@bolaget.example")
    world.person("PROSPECT", "bo", registered_on="2010-01-01", email="bo@bolaget.example")
    for reference, email in (("R-1", "anna"), ("R-1", "anna_undated"), ("R-2", "bo"), ("R-3", "bo")):
        world.request(reference, f"{email}@bolaget.example")
        world.confirmed(reference, f"{email}@bolaget.example")
    # Another source numbers its requests alike.
    world.person("PROSPECT", "cleo", registered_on="2010-01-01", email="cleo@bolaget.example")
    world.request("R-1", "cleo@bolaget.example", source="post")
    vouchers = {
        "law": ("employee_overdue", 2019),
        "law_held": ("employee_overdue", 2019),
        "law_early": ("employee", 2019),
        "voucher": ("employee", 2012),
    }
    for key, (engagement, year) in vouchers.items():
        relation = f"{engagement}_EMPLOYEE"
        nobody: dict[str, Any] = {"name": None, "email": None}
        world.person("VOUCHER", key, "hr_vouchers", relation_key=relation, fiscal_year=year, **nobody)
    for key, set_at in (("cookie", dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)), ("cookie_undated", None)):
        world.person("WEB_VISITOR", key, "web_leads", set_at=set_at, cookie_name="pe1", name=None, email=None)
    world.person("UNCLASSIFIED", "unclassified", registered_on="2010-01-01")
    # Two of whom nobody has said which of them a request is from, and one of whom somebody has said that it is not.
    for key, reference in (("dora", "R-9"), ("doris", "R-9"), ("elin", "R-10")):
        world.person("PROSPECT", key, registered_on="2010-01-01", email=f"{key}@bolaget.example")
        world.request(reference, f"{key}@bolaget.example")
    world.rejected("R-10", "elin@bolaget.example")
    # One of whom somebody has said that one request is from them, and another is not.
    world.person("PROSPECT", "elsa", registered_on="2010-01-01", email="elsa@bolaget.example")
    for reference in ("R-10", "R-13"):
        world.request(reference, "elsa@bolaget.example")
    world.rejected("R-10", "elsa@bolaget.example")
    world.confirmed("R-13", "elsa@bolaget.example")
    doubles_in(world)
    arrivals_in(world)
    marks_in(world)
    return world


def doubles_in(world: World) -> None:
    """Pairs of an overdue prospect with somebody who is held, was held, or will be, by the kind of the hold."""
    world.hold("category", "PARTNER_REP", "2026-01-10")
    holds = {
        "person": ("person", "2026-01-10", None),
        "basis": ("basis", "2026-01-10", None),
        "today": ("person", TODAY.isoformat(), (TODAY + DAY).isoformat()),
        "over": ("person", "2026-01-10", TODAY.isoformat()),
        "ahead": ("person", (TODAY + DAY).isoformat(), None),
        # A hold on the person's category is on nobody of another.
        "category": None,
    }
    for kind, hold in holds.items():
        # Whoever comes first in a pair is either of the two.
        for key, first in ((f"twin_{kind}", True), (f"twin_{kind}_second", False)):
            other = f"of_{key}"
            world.person("PROSPECT", key, registered_on="2010-01-01")
            world.person("PARTNER_REP", other, starts_on="2000-01-01")
            one, two = person_of(key), person_of(other)
            world.double(one, two) if first else world.double(two, one)
            if hold:
                on = two if hold[0] == "person" else id_of("PARTNER_REP", "crm_partner_rep", other)
                world.hold(hold[0], on, *hold[1:])
    for key in ("twin_nobody", "of_twin_nobody"):
        world.person("PROSPECT", key, registered_on="2010-01-01")
    world.double(person_of("twin_nobody"), person_of("of_twin_nobody"))
    # A key of another scope holds nobody, and two holds on one person hold once.
    world.hold("basis", person_of("of_twin_nobody"), "2026-01-10")
    world.hold("person", id_of("PROSPECT", "crm_prospect", "of_twin_nobody"), "2026-01-10")
    world.hold("person", person_of("of_twin_person"), "2026-01-11")


def marks_in(world: World) -> None:
    """Overdue entries of who is marked, or may be somebody marked, and what came new when a restriction got lost."""
    keys = ("restricted", "objected", "twin_restricted", "twin_objected")
    for key in keys:
        world.person("PROSPECT", key, registered_on="2010-01-01")
    for key in ("restricted", "restricted_too"):
        world.marked("restricted", person_of(key))
        world.double(person_of(key), person_of("twin_restricted"))
    world.marked("objected", person_of("objected"))
    world.double(person_of("objected"), person_of("twin_objected"))
    # What is lost beside it, in the same build or later, changes nothing of that; the first reason is told.
    world.lost_mark(6, "leads", "PROSPECT")
    world.undecided(4, 7, "leads", "PROSPECT")
    world.loss(8, "leads", "PROSPECT")
    world.undecided(4, 6, "leads", "EMPLOYEE")
    world.lost("R-11", 6, "leads", "EMPLOYEE")
    for category, build in (("PROSPECT", 5), ("PROSPECT", 6), ("PROSPECT", 7), ("PROSPECT", 8), ("EMPLOYEE", 6)):
        dataset, key = f"leads_{category.lower()}", f"leads_{category.lower()}_{build}"
        world.person(category, key, dataset, **{**ENDED, "registered_on": "2010-01-01"})
        world.arrived(dataset, key, build)
    # Of a decision that has lost nobody nothing waits.
    world.person("PROSPECT", "decided", registered_on="2010-01-01")
    world.decided(5, "crm_prospect:decided")


def person_of(key: str) -> str:
    return hashlib.md5(f"{key}@bolaget.example".encode()).hexdigest()


def arrivals_in(world: World) -> None:
    """Overdue entries that came new in builds about those in which holds got lost."""
    # From two losses there is one more reason to stay, and no second entry.
    for loss in ((5, "crm", "PROSPECT"), (6, "crm", "PROSPECT"), (7, None, "SUPPLIER_REP"), (7, "mail", None)):
        world.loss(*loss)
    # The same of requests that are from nobody any more.
    for lost in ((6, "hr", "EMPLOYEE"), (7, "hr", "EMPLOYEE"), (7, None, "CONTRACTOR"), (7, "partners", None)):
        world.lost("R-11", *lost)
    # And of decisions on doubles that have lost one, or both, of whom the others are left.
    world.person("PROSPECT", "left", "post_prospects", registered_on="2010-01-01")
    world.person("PROSPECT", "left_alone", "post_prospects", registered_on="2010-01-01")
    world.undecided(1, 6, "web", "PROSPECT", "post_prospects:left")
    world.undecided(1, 6, "web", "PROSPECT")
    world.undecided(3, 6, "web", "PROSPECT", "post_prospects:left_alone")
    world.undecided(2, 7, "web", None)
    for build in (4, 5, 6, 7):
        for category, dataset in (
            ("PROSPECT", "crm_prospect"),
            ("PROSPECT", "web_prospects"),
            ("EMPLOYEE", "web_employees"),
            ("PROSPECT", "mail_prospects"),
            ("PARTNER_REP", "mail_partners"),
            ("SUPPLIER_REP", "crm_supplier_rep"),
            ("CONTRACTOR", "crm_contractors"),
            ("EMPLOYEE", "hr_employees"),
            ("EMPLOYEE", "crm_employees"),
            ("EMPLOYEE", "partners_employees"),
        ):
            key = f"{dataset}_{build}"
            world.person(category, key, dataset, **{**ENDED, "registered_on": "2010-01-01"})
            world.arrived(dataset, key, build)
    whose_dates_in(world)
    # One that may be somebody held, too.
    world.double(person_of("crm_prospect_6"), person_of("of_twin_person"))


def whose_dates_in(world: World) -> None:
    """Overdue entries with an earlier date that may be somebody else's, by what was said of it."""
    moved: dict[str, Any] = {"registered_on": "2010-01-01", "moved_build": 3, "moved_field": "registered_on"}
    others = ("designated_on", "left_org_on", "starts_on", "ends_on", "replaced_on")
    told = {"registered_on": dt.date(2012, 1, 1), **dict.fromkeys(others)}
    for number, key in enumerate(("whose", "whose_asks", "whose_own", "whose_new", "whose_still"), start=1):
        world.person("PROSPECT", key, told=told, **moved)
        world.succeeds("crm_prospect", key, 3, number)
    world.request("R-12", "whose_asks@bolaget.example")
    world.says_whose("crm_prospect", 3, 3, is_own=True)
    world.says_whose("crm_prospect", 3, 4, is_own=False)
    # What was said of others is said of none but those.
    for dataset, build, number in (("crm_prospect", 2, 5), ("web_prospects", 3, 5), ("crm_prospect", 3, 6)):
        world.says_whose(dataset, build, number, is_own=True)
    # A date of one's own again, and one that came of another row.
    world.person("PROSPECT", "ones_own", told=told, **moved)
    world.succeeds("crm_prospect", "ones_own", 2, 7)
    for dataset, key in (("crm_prospect", "one_of_two"), ("crm_leads", "two_of_two")):
        world.person("PROSPECT", key, dataset, name="Two", email="two@bolaget.example", told=told, **moved)
    world.succeeds("crm_leads", "two_of_two", 3, 1)


def stays(reading: Reading, moment: Moment) -> str | None:
    """Why the entry of a key stays, None where it goes; chosen as it is but for what the moment says."""
    return all_stay(reading, [moment])[0]


def all_stay(reading: Reading, moments: Sequence[Moment]) -> list[str | None]:
    """The same of many, with one choice for those that can be in one."""
    entries = {row["source_key"]: row for row in table(reading, "basis_status join basis using (basis_id)")}
    choices: dict[Any, dict[str, int]] = defaultdict(dict)
    for number, (key, kind, changes, answered, _) in enumerate(moments):
        # An entry is in a choice once.
        alike = kind, tuple(answered), changes.get("kept", ())
        turn = next(turn for turn in count() if key not in choices[*alike, turn])
        choices[*alike, turn][key] = number
    told: dict[int, str | None] = {}
    for (kind, answered, kept, _), numbers in choices.items():
        items = {number: item_of(entries.get(key), key, moments[number]) for key, number in numbers.items()}
        with reading.choosing(KEY, list(items.values()), answered, kept) as choice:
            choice.decide(kind)
            rows = choice.rows(purge_asks.PURGE_DOOMED)
        decided = {row.basis_key: row for row in rows}
        assert len(rows) == len(decided) == len(items)
        for number, item in items.items():
            row, entry = decided[item.basis_key], entries.get(moments[number][0])
            assert row.category == item.category
            assert row.status == (entry["status"] if entry else item.status)
            assert row.deadline_on == (entry["deadline_on"] if entry else None)
            told[number] = row.stays
    return [told[number] for number in range(len(moments))]


def item_of(entry: Mapping[str, Any] | None, key: str, moment: Moment) -> Item:
    row = entry or {"basis_id": key, "category": "PROSPECT", "source": "crm", "status": "OVERDUE"}
    told: dict[str, Any] = {name: row.get(name) for name in ("category", "source", "status", "deadline_on")}
    changes = {name: value for name, value in moment[2].items() if name != "kept"}
    return Item(KEY.digest(f"basis|{row['basis_id']}"), **(told | changes))


BY_RULE: list[Moment] = [
    ("overdue", "rule", {}, (), None),
    ("due", "rule", {}, (), None),
    ("cookie", "rule", {}, (), None),
    ("undated", "rule", {}, (), None),
    ("unclassified", "rule", {}, (), None),
    ("undated", "rule", {"status": "OVERDUE"}, (), "undetermined"),
    ("due", "rule", {"status": "UNDETERMINED"}, (), None),
    ("expiring", "rule", {}, (), "not_due"),
    ("retained", "rule", {}, (), "not_due"),
    ("overdue", "rule", {"deadline_on": TODAY}, (), "deadline_moved"),
    ("overdue", "rule", {"deadline_on": None}, (), "deadline_moved"),
    ("undated", "rule", {"deadline_on": TODAY}, (), "deadline_moved"),
    ("overdue", "rule", {"category": "CUSTOMER_CONTACT"}, (), "category_changed"),
    ("undated", "rule", {"category": "CUSTOMER_CONTACT", "status": "OVERDUE"}, (), "category_changed"),
    ("retained", "rule", {"deadline_on": TODAY}, (), "not_due"),
    ("nobody", "rule", {}, (), "gone"),
    ("erased", "rule", {}, (), "gone"),
    ("held", "rule", {}, (), "held"),
    ("held_early", "rule", {}, (), "held"),
    ("erased_held", "rule", {}, (), "gone"),
    ("law_held", "rule", {}, (), "held"),
    ("law", "rule", {}, (), "statutory"),
    ("law_early", "rule", {}, (), "statutory"),
    ("voucher", "rule", {}, (ONE,), "not_due"),
    ("bo", "rule", {}, (), "open_request"),
    ("bo", "rule", {}, (TWO,), "open_request"),
    ("bo", "rule", {}, (TWO, THREE), None),
    ("employee_overdue_EMPLOYEE", "rule", {}, (ONE,), None),
    ("active_EMPLOYEE", "rule", {}, (ONE,), "relation_open"),
    ("overdue", "rule", {"stayed": "held"}, (), "not_shown"),
    ("held", "rule", {"stayed": "open_request"}, (), "held"),
]
AUTOMATIC: list[Moment] = [
    ("cookie", "automatic", {}, (), None),
    ("overdue", "automatic", {}, (), "needs_approval"),
    ("retained", "automatic", {}, (), "needs_approval"),
    ("undated", "automatic", {}, (), "needs_approval"),
    ("cookie_undated", "automatic", {}, (), "undetermined"),
    ("cookie_undated", "automatic", {"status": "OVERDUE"}, (), "undetermined"),
    ("cookie_undated", "rule", {}, (), None),
    ("cookie", "automatic", {"category": "PROSPECT"}, (), "category_changed"),
    ("overdue", "automatic", {"category": "WEB_VISITOR"}, (), "category_changed"),
    ("held", "automatic", {}, (), "held"),
]
BY_REQUEST: list[Moment] = [
    ("anna", "request", {}, (ONE,), None),
    ("anna_undated", "request", {}, (ONE,), None),
    ("anna", "request", {"category": "EMPLOYEE"}, (ONE,), None),
    ("anna", "request", {"deadline_on": TODAY}, (ONE,), None),
    ("anna", "request", {}, (), "open_request"),
    ("anna", "request", {}, (("other", "R-1"),), "open_request"),
    ("anna", "request", {}, (TWO,), "open_request"),
    ("cleo", "request", {}, (ONE,), "open_request"),
    ("cleo", "request", {}, (POST,), None),
    ("bo", "request", {}, (TWO,), "open_request"),
    ("bo", "request", {}, (TWO, THREE), None),
    ("retained", "request", {}, (ONE,), "request_closed"),
    ("overdue", "request", {}, (), "request_closed"),
    ("held", "request", {}, (), "held"),
    ("gunnar", "request", {}, (ONE,), "request_closed"),
    ("dora", "request", {}, (("form", "R-9"),), "open_request"),
    ("dora", "rule", {}, (("form", "R-9"),), "open_request"),
    ("elin", "request", {}, (("form", "R-10"),), "request_closed"),
    ("elin", "rule", {}, (), None),
    ("law", "request", {}, (ONE,), "statutory"),
    ("law_early", "request", {}, (ONE,), "statutory"),
    ("voucher", "request", {}, (ONE,), "employment"),
    *(
        (f"{key}_{category}", "request", {}, (ONE,), why)
        for category in ("EMPLOYEE", "CONTRACTOR")
        for key, why in (
            ("active", "employment"),
            ("employee", "employment"),
            ("employee_due", None),
            ("employee_overdue", None),
        )
    ),
]
AS_DECIDED: list[Moment] = [
    (key, kind, {"kept": kept}, answered, why)
    for key, kind, kept, answered, why in (
        ("anna", "request", ((*ONE, "PROSPECT", "kept"),), (ONE,), "kept"),
        ("anna", "request", ((*ONE, "PROSPECT", "not_decided"),), (ONE,), "not_decided"),
        ("anna", "request", ((*ONE, "EMPLOYEE", "kept"),), (ONE,), None),
        ("anna", "request", ((*TWO, "PROSPECT", "kept"), ("other", "R-1", "PROSPECT", "kept")), (ONE,), None),
        ("bo", "request", ((*TWO, "PROSPECT", "kept"),), (TWO, THREE), "kept"),
        ("bo", "request", ((*TWO, "PROSPECT", "not_decided"), (*THREE, "PROSPECT", "kept")), (TWO, THREE), "kept"),
        ("employee_EMPLOYEE", "request", ((*ONE, "EMPLOYEE", "kept"),), (ONE,), "kept"),
        ("employee_overdue_EMPLOYEE", "rule", ((*ONE, "EMPLOYEE", "kept"),), (ONE,), None),
        ("elin", "request", ((*ELIN, "PROSPECT", "kept"),), (ELIN,), "request_closed"),
        ("elsa", "request", ((*ELIN, "PROSPECT", "kept"),), (ELIN, ("form", "R-13")), None),
    )
]
MAYBE_HELD: list[Moment] = [
    *(
        (f"twin_{kind}{place}", "rule", {}, (), why)
        for kind, why in (
            ("person", "maybe_held"),
            ("basis", "maybe_held"),
            ("today", "maybe_held"),
            ("over", None),
            ("ahead", None),
            ("category", None),
        )
        for place in ("", "_second")
    ),
    ("twin_nobody", "rule", {}, (), None),
    ("of_twin_person", "rule", {}, (), "held"),
]
# By source and category of the hold that got lost, from the build in which it did.
NEW_SINCE_A_LOSS: list[Moment] = [
    (f"{dataset}_{build}", "rule", {}, (), "hold_lost" if first and build >= first else None)
    for dataset, first in (
        ("crm_prospect", 5),
        ("mail_prospects", 7),
        ("crm_supplier_rep", 7),
    )
    for build in (4, 5, 6, 7)
]
NEW_SINCE_A_DECISION: list[Moment] = [
    *(
        (f"{dataset}_{build}", "rule", {}, (), "decision_lost" if build >= first else None)
        for dataset, first in (("web_prospects", 6), ("web_employees", 7))
        for build in (4, 5, 6, 7)
    ),
    ("web_prospects_6", "request", {}, (), "decision_lost"),
    ("left", "rule", {}, (), "decision_lost"),
    ("left_alone", "rule", {}, (), "decision_lost"),
]
NEW_SINCE_A_REQUEST: list[Moment] = [
    (f"{dataset}_{build}", "rule", {}, (), "open_request" if first and build >= first else None)
    for dataset, first in (
        ("crm_contractors", 7),
        ("hr_employees", 6),
        ("crm_employees", None),
        ("partners_employees", 7),
    )
    for build in (4, 5, 6, 7)
]
MARKED: list[Moment] = [
    ("restricted", "rule", {}, (), "restricted"),
    ("objected", "rule", {}, (), None),
    ("twin_restricted", "rule", {}, (), "maybe_restricted"),
    ("twin_objected", "rule", {}, (), None),
    ("leads_prospect_5", "rule", {}, (), None),
    ("leads_prospect_6", "rule", {}, (), "mark_lost"),
    ("leads_prospect_7", "rule", {}, (), "mark_lost"),
    ("leads_prospect_8", "rule", {}, (), "hold_lost"),
    ("leads_employee_6", "rule", {}, (), "decision_lost"),
    ("decided", "rule", {}, (), None),
]
ALL = [
    *BY_RULE, *AUTOMATIC, *BY_REQUEST, *AS_DECIDED, *MAYBE_HELD, *NEW_SINCE_A_LOSS, *NEW_SINCE_A_DECISION,
    *NEW_SINCE_A_REQUEST, *MARKED,
    ("whose", "rule", {}, (), "whose_date"),
    ("whose_asks", "request", {}, (("form", "R-12"),), None),
    ("whose_own", "rule", {}, (), None),
    ("whose_new", "rule", {}, (), None),
    ("whose_still", "rule", {}, (), "whose_date"),
    ("ones_own", "rule", {}, (), None),
    ("one_of_two", "rule", {}, (), None),
    ("mail_partners_7", "rule", {}, (), "held"),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world_in(tmp_path_factory.mktemp("decision"))


@pytest.fixture(scope="module")
def told(world: World) -> list[str | None]:
    return all_stay(world.reading(), ALL)


@pytest.mark.parametrize("number", range(len(ALL)), ids=lambda number: str(ALL[number]))
def test_an_entry_goes_or_stays_for_one_reason(told: list[str | None], number: int) -> None:
    assert told[number] == ALL[number][-1]


LAW_ENDS: list[tuple[dt.date, str, str]] = [
    (dt.date(2026, 12, 30), "rule", "statutory"),
    (dt.date(2026, 12, 31), "rule", "statutory"),
    (dt.date(2027, 1, 1), "rule", "not_due"),
    (dt.date(2026, 12, 31), "request", "statutory"),
    (dt.date(2027, 1, 1), "request", "employment"),
]


@pytest.mark.parametrize(("as_of", "kind", "why"), LAW_ENDS)
def test_the_law_keeps_a_voucher_through_its_last_day(world: World, as_of: dt.date, kind: str, why: str) -> None:
    assert stays(world.reading(as_of), ("law_early", kind, {}, (ONE,), why)) == why


@pytest.mark.parametrize(("days", "why"), [(0, "held"), (1, None)])
def test_a_hold_keeps_through_the_day_before_its_release(tmp_path: Path, days: int, why: str | None) -> None:
    world = World(tmp_path)
    world.person("PROSPECT", "P", registered_on="2010-01-01")
    world.hold("basis", id_of("PROSPECT", "crm_prospect", "P"), "2026-01-10", (TODAY + DAY).isoformat())
    assert stays(world.reading(TODAY + days * DAY), ("P", "rule", {}, (), why)) == why
