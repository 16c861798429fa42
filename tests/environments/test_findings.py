"""What is found of grants and environments: each finding from a few rows by hand, and what is unknown is never fine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.environments import figures, findings
from compliance.environments.state import Room, room
from compliance.register.metadata import metadata
from compliance.words import settings as settings_of
from compliance.words.finding import Finding, Severity
from tests.demo_store import NOW
from tests.world import TODAY, World, acting, day, shipped_parameters

# As it has to be.
GRANT: Mapping[str, Any] = {
    "environment_key": "M1", "holder": "1", "account": "fk-1", "purpose": "assist", "ticket": "SUP-1", "approver": "9",
    "granted_on": "2026-08-16", "valid_until": "2027-01-31", "reviewed_on": "2026-11-01", "revoked_on": None,
}  # fmt: skip
ENVIRONMENT: Mapping[str, Any] = {
    "org_key": None, "contract_key": None, "agreement": "PUB-1", "has_defaults": True, "auto_clean": True,
    "period_customised": False, "cleaned_on": "2026-11-20", "restore_tested_on": "2026-05-01", "closed_on": None,
}  # fmt: skip
CHANGED = ("granted_on", "valid_until", "reviewed_on", "revoked_on", "cleaned_on", "restore_tested_on", "closed_on")


class Access(World):
    """A company with a customer, ten employees and one who has left."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.org = self.customer("2020-01-01")
        for number in range(1, 51):
            self.person("EMPLOYEE", str(number), starts_on="2020-01-01", stated_status="open")
        self.person("EMPLOYEE", "99", starts_on="2010-01-01", ends_on="2026-10-01", stated_status="ended")
        self._grants = 0

    def environment(self, key: str = "M1", unread: tuple[str, ...] = (), **told: Any) -> None:
        row = {**ENVIRONMENT, "org_key": self.org.removeprefix("crm:"), **told}
        row = {name: day(value) if name in CHANGED else value for name, value in row.items()}
        self._add(
            "environment",
            dataset="environments",
            source="environments",
            environment_key=key,
            unread=list(unread),
            **row,
        )

    def grant(self, unread: tuple[str, ...] = (), **told: Any) -> str:
        self._grants += 1
        row = {**GRANT, "account": f"fk-{self._grants}", **told}
        row = {name: day(value) if name in CHANGED else value for name, value in row.items()}
        self._add(
            "access_grant", dataset="access_grants", source="support_access", grant_key=f"B{self._grants}",
            unread=list(unread), holder_erased=told.pop("holder_erased", False),
            **{name: value for name, value in row.items() if name != "holder_erased"},
        )  # fmt: skip
        return f"B{self._grants}"

    def room(self, **parameters: Any) -> Room:
        register = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
        metadata.create_all(register)
        settings = settings_of.load({"COMPLIANCE_STORE": str(self.folder)})
        wanted = shipped_parameters().model_copy(update=parameters)
        return room(acting(settings, register, None, NOW, parameters=wanted), self.reading(), named=False)

    def found(self, **parameters: Any) -> list[Finding]:
        return list(findings.judged(self.room(**parameters)).findings)

    def codes(self, **parameters: Any) -> list[str]:
        return sorted(one.code for one in self.found(**parameters))


@pytest.fixture
def access(tmp_path: Path) -> Access:
    return Access(tmp_path)


def test_what_is_as_it_has_to_be_is_no_finding(access: Access) -> None:
    access.environment()
    access.grant()
    assert access.found() == []


@pytest.mark.parametrize(
    ("told", "code", "since", "values"),
    [
        ({"reviewed_on": "2026-08-01"}, "access_past_review", "2026-10-31", {"days": 25}),
        ({"reviewed_on": None, "granted_on": None}, "access_review_unknown", None, {}),
        ({"valid_until": "2026-11-23"}, "access_expired", "2026-11-24", {"days": 1}),
        ({"valid_until": None}, "access_no_end", "2026-08-16", {}),
        ({"valid_until": "2027-02-13"}, "access_too_long", None, {"days": 181, "most": 180}),
        ({"ticket": None}, "access_without_ticket", "2026-08-16", {}),
        ({"purpose": "other"}, "access_without_purpose", "2026-08-16", {}),
        ({"purpose": None}, "access_without_purpose", "2026-08-16", {}),
        ({"approver": None}, "access_without_approver", "2026-08-16", {}),
        ({"approver": "1"}, "access_self_approved", "2026-08-16", {}),
        # By the key and by the address it is the same person.
        ({"approver": "1@bolaget.example"}, "access_self_approved", "2026-08-16", {}),
        ({"environment_key": "M7"}, "access_environment_unknown", None, {}),
        ({"environment_key": None}, "access_environment_unknown", None, {}),
        ({"holder": "99"}, "access_holder_left", None, {}),
        ({"holder": "0123456789abcdef0123456789abcdef", "holder_erased": True}, "access_holder_left", None, {}),
        ({"holder": "nobody@utomlands.example"}, "access_holder_unknown", None, {}),
        ({"unread": ("valid_until",), "valid_until": None}, "access_unread", None, {"field": "valid_until"}),
        ({"unread": ("approver",), "approver": None}, "access_unread", None, {"field": "approver"}),
    ],
)
def test_each_fault_of_a_grant_is_one_finding(
    access: Access, told: dict[str, Any], code: str, since: str | None, values: dict[str, Any]
) -> None:
    access.environment()
    access.grant(**told)
    (found,) = access.found()
    assert (found.code, found.since) == (code, day(since))
    assert found.severity is findings.CODES[code]
    assert {name: found.told.get(name) for name in values} == values


def test_a_grant_that_lets_nobody_in_is_no_finding(access: Access) -> None:
    access.environment()
    access.grant(revoked_on="2026-11-20", ticket=None, holder="99", valid_until="2026-11-01")
    assert access.found() == []


def test_a_contract_that_is_over_is_told_with_its_days(access: Access) -> None:
    ended = access.customer("2020-01-01", "2026-10-31")
    access.environment("M2", org_key=ended.removeprefix("crm:"))
    access.grant(environment_key="M2")
    access.grant(environment_key="M2", granted_on=None)
    found = {one.thing: one for one in access.found()}
    assert {one.code for one in found.values()} == {"access_without_contract"}
    assert (found["B1"].since, found["B1"].told["days"]) == (dt.date(2026, 11, 1), 24)
    assert found["B1"].severity is Severity.CRITICAL
    # Since when there is access is unknown; today there is.
    assert found["B2"].told["days"] == 1


def test_a_contract_that_nobody_knows_is_unknown_and_not_fine(access: Access) -> None:
    access.environment("M2", org_key="K-okand")
    access.grant(environment_key="M2")
    assert access.codes() == ["access_contract_unknown"]


def test_the_contract_that_is_named_says_which_customer_it_is(access: Access) -> None:
    ended = access.organisation("K77")
    access._add(
        "contract", dataset="crm_contracts", source="crm", contract_key="A77", org_id=ended,
        starts_on=day("2020-01-01"), ends_on=day("2026-11-01"),
    )  # fmt: skip
    access.environment("M2", contract_key="A77")
    access.grant(environment_key="M2")
    (found,) = access.found()
    assert (found.code, found.told["days"]) == ("access_without_contract", 23)


def test_an_account_of_two_persons_is_shared_and_two_grants_of_one_are_not(access: Access) -> None:
    access.environment()
    access.grant(account="FK-Anna.Andersson")
    access.grant(account="fk-anna.andersson", holder="2", granted_on="2026-09-01")
    access.grant(account="fk-2", holder="3")
    # The same person by number and by address.
    access.grant(account="fk-2", holder="3@bolaget.example")
    (found,) = access.found()
    assert (found.code, found.since) == ("access_shared_account", dt.date(2026, 9, 1))
    assert found.told == {"environment": "M1", "grants": "B1, B2", "persons": 2}
    # An account is called by who has it.
    assert found.thing.startswith("M1/#") and "anna" not in found.thing.lower()


def test_a_grant_held_by_a_further_address_is_of_staff(access: Access) -> None:
    access._add(
        "further_identifier", record_id="hr_employee:3", dataset="hr_employee", kind="email", key="tre@bolaget.example"
    )
    access.environment()
    access.grant(holder="tre@bolaget.example", approver="4")
    assert access.found() == []
    access.grant(holder="3", approver="tre@bolaget.example")
    assert access.codes() == ["access_self_approved"]


def test_too_many_in_an_environment_and_too_large_a_share_are_told(access: Access) -> None:
    access.environment()
    for number in range(1, 7):
        access.grant(holder=str(number))
    assert access.codes() == ["access_crowded", "access_staff_share"]
    # 6 of 50 are 12 %.
    share = next(one for one in access.found() if one.code == "access_staff_share")
    assert share.told == {"percent": 12, "most": 10}
    assert access.codes(env_staff_max=6, staff_share_max=0.12) == []


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"agreement": None}, "environment_without_agreement"),
        ({"has_defaults": False}, "environment_defaults_off"),
        ({"auto_clean": False, "cleaned_on": None}, "environment_not_cleaning"),
        ({"cleaned_on": "2026-11-16"}, "environment_cleaned_late"),
        ({"restore_tested_on": "2025-11-23"}, "environment_restore_late"),
        ({"has_defaults": None}, "environment_not_told"),
        ({"auto_clean": None}, "environment_not_told"),
        ({"cleaned_on": None}, "environment_not_told"),
        # A day to come is no day on which anything was done.
        ({"cleaned_on": "2026-11-25"}, "environment_not_told"),
        ({"restore_tested_on": None}, "environment_not_told"),
        ({"unread": ("period_days",)}, "environment_not_told"),
    ],
)
def test_each_fault_of_an_environment_is_one_finding(access: Access, told: dict[str, Any], code: str) -> None:
    access.environment(**told)
    assert access.codes() == [code]


def test_the_last_day_within_a_parameter_is_in_time(access: Access) -> None:
    access.environment(cleaned_on="2026-11-17", restore_tested_on="2025-11-24")
    access.grant(valid_until="2027-02-12", reviewed_on="2026-08-26")
    assert access.found() == []


def test_without_an_agreement_a_grant_makes_it_critical(access: Access) -> None:
    access.environment(agreement=None)
    assert [one.severity for one in access.found()] == [Severity.MAJOR]
    access.grant()
    assert [(one.severity, one.told["grants"]) for one in access.found()] == [(Severity.CRITICAL, 1)]


def test_a_closed_environment_is_asked_for_nothing_but_its_grants(access: Access) -> None:
    access.environment(closed_on="2026-11-20", agreement=None, auto_clean=False)
    assert access.found() == []
    access.grant()
    assert access.codes() == ["access_environment_closed"]


def test_what_was_never_taken_in_is_not_judged(access: Access) -> None:
    nothing = findings.judged(access.room())
    assert nothing.findings == () and nothing.unjudged == set(findings.CODES)
    assert findings.judged(None) == nothing
    assert set(figures.figures(access.room()).values()) == {None}
    # Grants alone: nobody can say of which environment, and nobody knows the staff of a company without any.
    access.grant(environment_key="M7")
    assert access.codes() == []


def test_the_figures_are_those_of_a_count_by_hand(access: Access) -> None:
    ended = access.customer("2020-01-01", "2026-10-31")
    access.environment("M1")
    access.environment("M2", org_key=ended.removeprefix("crm:"), period_customised=True, cleaned_on="2026-11-01")
    access.environment("M3", agreement=None, has_defaults=False, auto_clean=None)
    access.environment("M4", closed_on="2026-01-01", auto_clean=False)
    access.grant()
    access.grant(holder="1@bolaget.example", environment_key="M2", ticket=None)
    access.grant(holder="2", environment_key="M3", valid_until="2026-11-01", reviewed_on="2026-01-01")
    access.grant(holder="3", revoked_on="2026-11-01")
    access.grant(holder="99")
    assert figures.figures(access.room()) == {
        # Nothing says who was in.
        "sessions_without_ticket": None,
        "access_grants": 4,
        "access_staff": 3,
        "access_staff_share": 2 / 50,
        "access_crowded": 0,
        "access_past_review": 1,
        "access_expired": 1,
        "access_without_ticket": 1,
        "access_without_basis": 2,
        "environments_cleaning": 1 / 3,
        "environments_customised": 1,
        "environments_defaults_off": 1,
    }
    assert access.room().as_of == TODAY
