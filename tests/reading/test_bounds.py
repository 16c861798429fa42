"""What stands on the day before a bound, on it and after: the cases of cases.toml, all in one build."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance.reading.copy import Copy, Facts
from tests.world import World, shipped_parameters, shipped_policy, table

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]
# All of these are compared; what a case does not say is nothing, and a flag that it does not say is down.
TOLD = (
    "status",
    "reason",
    "reason_field",
    "reason_value",
    "start_on",
    "ceiling_on",
    "deadline_on",
    "days_overdue",
    "provisional_on",
    "hold_since",
    "statutory_until",
)
FLAGS = ("former_role", "opted_out", "open_request")
DATASETS = {"VOUCHER": "hr_vouchers", "WEB_VISITOR": "web_leads"}
NAMELESS = {"VOUCHER", "WEB_VISITOR"}
REPRESENTING = {"CUSTOMER_CONTACT", "SUPPLIER_REP", "PARTNER_REP"}


class Story:
    """One case put into the world that it shares with the others: its own organisation, persons and mailboxes."""

    def __init__(self, world: World, number: int, case: Mapping[str, Any], category: str | None) -> None:
        self.case = case
        self._world = world
        self._mark = f"C{number}"
        self._keys: list[tuple[str, str, str]] = []
        org = None
        if "contracts" in case:
            org = world.organisation(self._mark, case.get("org_status"))
            for contract in case["contracts"]:
                world.contract(org, **{"starts": None, **_told(contract)})
        self.org = org
        for person in case["persons"]:
            self._person(dict(person), category)
        for erased in case.get("erased", ()):
            told = {"starts": None, "ends": None, **_told(erased)}
            world.erased(**{**told, "key": f"{self._mark}-{told['key']}"})
        for at in range(case.get("requests", 0)):
            world.request(f"{self._mark}-{at}", f"{self._mark}@bolaget.example".lower())

    def _person(self, person: dict[str, Any], category: str | None) -> None:
        category = person.pop("category", None) or category
        assert category
        for name in ("key", "relation_key"):
            if name in person:
                person[name] = f"{self._mark}-{person[name]}"
        key = person.pop("key", f"{self._mark}-{len(self._keys)}")
        dataset = DATASETS.get(category)
        if category in NAMELESS:
            person |= {"name": None, "email": None}
        elif person.pop("same", False) or "requests" in self.case:
            person["email"] = f"{self._mark}@bolaget.example".lower()
        if category in REPRESENTING and self.org:
            person["org_id"] = self.org
        cookie = {"cookie_name": "pe1"} if category == "WEB_VISITOR" else {}
        self._world.person(category, key, dataset, **cookie, **_told(person))
        prefix = "hr" if category in {"EMPLOYEE", "CONTRACTOR"} else "crm"
        self._keys.append((category, dataset or f"{prefix}_{category.lower()}", key))

    @property
    def basis_id(self) -> str:
        """The entry that the case is about: that of its last person."""
        category, dataset, key = self._keys[-1]
        return hashlib.md5(f"{category}|{dataset}:{key}".encode()).hexdigest()

    def holds(self, persons: Mapping[str, str]) -> list[tuple[str, str, dt.date, dt.date | None]]:
        """The holds of the case, by the ids that the build gave."""
        ids = {"basis": self.basis_id, "person": persons[self.basis_id], "organisation": self.org}
        return [
            (hold["scope"], str(ids[hold["scope"]]), hold["placed"], hold.get("released"))
            for hold in self.case.get("holds", ())
        ]


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dates as the world takes them; instants stay."""
    return {name: value.isoformat() if type(value) is dt.date else value for name, value in values.items()}


def expanded() -> list[tuple[Mapping[str, Any], str | None]]:
    return [(case, category) for case in CASES for category in case.get("for", [None])]


def asked() -> list[Any]:
    return [
        pytest.param(number, moment, id=f"{case['name']} {category or ''} {moment['on']}")
        for number, (case, category) in enumerate(expanded())
        for moment in case["days"]
    ]


Standing = Callable[[int, dt.date], Mapping[str, Any]]


def standing_in(folder: Path) -> Standing:
    """Builds the cases, and gives the row of a case on a day."""
    world = World(folder)
    stories = [Story(world, number, case, category) for number, (case, category) in enumerate(expanded())]
    made, facts = world.made()
    return standing_of(made, facts, stories)


def standing_of(made: Copy, facts: Facts, stories: list[Story]) -> Standing:
    policy, parameters = shipped_policy(), shipped_parameters()
    bare = made.reading(dt.date(2026, 1, 1), policy, parameters, facts)
    persons = {row["basis_id"]: row["person_id"] for row in table(bare, "basis")}
    holds = [hold for story in stories for hold in story.holds(persons)]
    facts = Facts(tuple((number, *hold) for number, hold in enumerate(holds, 1)), facts.open_requests)
    days: dict[dt.date, dict[str, dict[str, Any]]] = {}

    def standing(number: int, as_of: dt.date) -> Mapping[str, Any]:
        if as_of not in days:
            rows = table(made.reading(as_of, policy, parameters, facts), "basis_status")
            days[as_of] = {row["basis_id"]: row for row in rows}
            assert len(rows) == len(persons)
        return days[as_of][stories[number].basis_id]

    return standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    return standing_in(tmp_path_factory.mktemp("bounds"))


def wanted(number: int, moment: Mapping[str, Any]) -> dict[str, Any]:
    """The row as the case tells it: what holds on all its days, but for what a day says."""
    case, category = expanded()[number]
    row: dict[str, Any] = {**dict.fromkeys(TOLD), **dict.fromkeys(FLAGS, False)}
    row |= case.get("always", {}) | {name: value for name, value in moment.items() if name != "on"}
    for name, value in row.items():
        if isinstance(value, dict):
            row[name] = value[category]
    return {name: value if value != "" else None for name, value in row.items()}


def differences(row: Mapping[str, Any], number: int, moment: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says that the case does not; nothing where it is as it should be."""
    right = wanted(number, moment)
    unsure = right["status"] in {"UNDETERMINED", "PURGED"}
    right["start_event"] = None if unsure else right["reason"]
    right["has_hold"] = right["hold_since"] is not None
    right["planned_on"] = right["deadline_on"] and right["deadline_on"] - dt.timedelta(days=30)
    return {name: (row[name], value) for name, value in right.items() if row[name] != value}


@pytest.mark.parametrize(("number", "moment"), asked())
def test_a_bound_is_where_the_rules_put_it(standing: Standing, number: int, moment: Mapping[str, Any]) -> None:
    assert differences(standing(number, moment["on"]), number, moment) == {}


def test_every_status_is_among_the_cases() -> None:
    named = {moment.get("status", case.get("always", {}).get("status")) for case in CASES for moment in case["days"]}
    assert named == {
        "PURGED", "UNDETERMINED", "ACTIVE", "HELD", "STATUTORY", "OVERDUE", "DUE", "EXPIRING", "RETAINED"
    }  # fmt: skip
