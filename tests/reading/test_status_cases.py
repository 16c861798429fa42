"""What stands on a given day: worked cases of the rules, each through a build and the status statement."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from compliance.words.policy import policy_with
from compliance.words.vocabulary import Category
from tests.world import World, day, shipped_policy, table


def expect(row: Any, status: str, ceiling: str | None, **more: Any) -> None:
    assert row["status"] == status
    assert row["ceiling_on"] == day(ceiling)
    for name, value in more.items():
        wanted = day(value) if name.endswith("_on") and isinstance(value, str) else value
        assert row[name] == wanted, name


# Customer contacts: no clock while the organisation is a customer; then ten years from the last day of its contracts.
@pytest.mark.parametrize(
    ("ended", "status", "ceiling", "overdue"),
    [
        pytest.param("2016-11-24", "DUE", "2026-11-24", None, id="R04 the ceiling itself is the last lawful day"),
        pytest.param("2016-11-23", "OVERDUE", "2026-11-23", 1, id="R05 overdue the day after the ceiling"),
        pytest.param("2020-02-29", "RETAINED", "2030-02-28", None, id="R07 leap day becomes the 28th"),
        pytest.param("2016-12-24", "DUE", "2026-12-24", None, id="R08 thirty days ahead, never rolled off an eve"),
        pytest.param("2016-12-25", "EXPIRING", "2026-12-25", None, id="R09 thirty-one days ahead is not due"),
        pytest.param("2017-02-22", "EXPIRING", "2027-02-22", None, id="R10 ninety days ahead"),
        pytest.param("2017-02-23", "RETAINED", "2027-02-23", None, id="R11 ninety-one days ahead"),
    ],
)
def test_a_contact_is_kept_ten_years_after_the_contract(
    world: World, ended: str, status: str, ceiling: str, overdue: int | None
) -> None:
    world.person("CUSTOMER_CONTACT", org_id=world.customer("2010-01-01", ended), registered_on="2010-02-01")
    expect(
        world.status(),
        status,
        ceiling,
        days_overdue=overdue,
        reason="contract_ended",
        start_on=ended,
        deadline_on=ceiling,
    )


def test_r01_a_contact_of_a_customer_has_no_clock(world: World) -> None:
    world.person("CUSTOMER_CONTACT", org_id=world.customer("2015-01-01", None, "open"), registered_on="2015-02-01")
    expect(world.status(), "ACTIVE", None, reason="open_contract", deadline_on=None, former_role=False)


def test_r02_a_former_role_is_kept_and_flagged(world: World) -> None:
    org = world.customer("2015-01-01", None, "open")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2015-02-01", role_until="2019-05-01")
    expect(world.status(), "ACTIVE", None, former_role=True)


def test_a_contact_who_left_the_organisation_has_a_clock_of_its_own(world: World) -> None:
    org = world.customer("2010-01-01", None, "open")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01", left_org_on="2016-06-30")
    expect(world.status(), "OVERDUE", "2026-06-30", reason="left_organisation", start_on="2016-06-30")


def test_r13_a_return_within_ten_years_restarts_the_clock(world: World) -> None:
    org = world.organisation("K1")
    world.contract(org, "2010-01-01", "2014-06-30")
    world.contract(org, "2018-01-01", "2024-12-31")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    expect(world.status(), "RETAINED", "2034-12-31", start_on="2024-12-31")


def test_r12_a_customer_again_has_no_clock(world: World) -> None:
    org = world.organisation("K1", "open")
    world.contract(org, "2010-01-01", "2014-06-30")
    world.contract(org, "2018-01-01", None)
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    expect(world.status(), "ACTIVE", None)


def test_r14_a_late_return_does_not_cure_an_overdue_contact(world: World) -> None:
    org = world.organisation("K1", "open")
    world.contract(org, "2010-01-01", "2014-01-31")
    world.contract(org, "2025-02-01", None)
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    expect(world.status(), "OVERDUE", "2024-01-31", days_overdue=1028)


def test_r14_designated_again_is_a_new_basis(world: World) -> None:
    org = world.organisation("K1", "open")
    world.contract(org, "2010-01-01", "2014-01-31")
    world.contract(org, "2025-02-01", None)
    world.person("CUSTOMER_CONTACT", "P1", org_id=org, designated_on="2010-02-01", email="eva@bolaget.example")
    world.person("CUSTOMER_CONTACT", "P2", org_id=org, designated_on="2025-03-01", email="eva@bolaget.example")
    reading = world.reading()
    assert sorted(row["status"] for row in table(reading, "basis_status")) == ["ACTIVE", "OVERDUE"]
    (person,) = table(reading, "person_status")
    assert (person["status"], person["bases"]) == ("OVERDUE", 2)


def test_a_return_on_the_ceiling_is_in_time_and_the_day_after_is_not(world: World) -> None:
    for key, returned in (("A", "2024-01-31"), ("B", "2024-02-01")):
        org = world.organisation(key, "open")
        world.contract(org, "2010-01-01", "2014-01-31")
        world.contract(org, returned, None)
        world.person("CUSTOMER_CONTACT", f"P{key}", org_id=org, registered_on="2010-02-01")
    statuses = {row["org_id"]: row["status"] for row in table(world.reading(), "basis_status")}
    assert statuses == {"crm:A": "ACTIVE", "crm:B": "OVERDUE"}


def test_r16_a_contract_that_ends_later_is_open_with_a_projected_ceiling(world: World) -> None:
    world.person("CUSTOMER_CONTACT", org_id=world.customer("2015-01-01", "2027-03-31"), registered_on="2015-02-01")
    expect(world.status(), "ACTIVE", "2037-03-31", deadline_on=None)


def test_r17_the_latest_contract_decides(world: World) -> None:
    org = world.organisation("K1")
    world.contract(org, "2010-01-01", "2015-12-31")
    world.contract(org, "2012-01-01", "2021-06-30")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    expect(world.status(), "RETAINED", "2031-06-30")


def test_adjacent_contracts_are_one_time_as_customer(world: World) -> None:
    org = world.organisation("K1")
    world.contract(org, "2010-01-01", "2013-12-31")
    world.contract(org, "2014-01-01", "2019-12-31")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    assert len(table(world.reading(), "island")) == 1


def test_a_contract_that_went_to_a_successor_starts_no_false_clock(world: World) -> None:
    heir = world.customer("2019-01-01", None)
    org = world.organisation("K9", successor=heir.removeprefix("crm:"))
    world.contract(org, "2012-01-01", "2018-12-31")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2012-02-01")
    expect(world.status(), "ACTIVE", None)


def test_r20_a_contact_whose_organisation_never_was_a_customer_is_a_prospect(world: World) -> None:
    world.person("CUSTOMER_CONTACT", org_id=world.organisation("K1"), met_on="2017-09-14", registered_on="2017-01-01")
    expect(world.status(), "RETAINED", "2027-09-14", category="PROSPECT", reason="met")


def test_r25_a_customer_without_contract_cannot_be_determined(world: World) -> None:
    org = world.customer("2015-01-01", "2020-12-31", status="open")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2015-02-01")
    expect(world.status(), "UNDETERMINED", None, reason="status_contradicts", provisional_on="2030-12-31")


def test_a_contract_with_an_impossible_end_makes_its_contacts_doubtful(world: World) -> None:
    org = world.organisation("K1")
    world.contract(
        org,
        "2015-01-01",
        None,
        fault_code="sentinel_date",
        fault_field="contract.ends_on",
        fault_value="9999-12-31",
    )
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2015-02-01")
    expect(world.status(), "UNDETERMINED", None, reason="sentinel_date", reason_field="contract.ends_on")


def test_a_contact_of_an_unknown_organisation_cannot_be_determined(world: World) -> None:
    world.person("CUSTOMER_CONTACT", org_id="crm:gone", registered_on="2015-02-01")
    expect(world.status(), "UNDETERMINED", None, reason="unknown_organisation")


# Prospects: the clock runs from the last meeting or inbound contact, else from registration.
def test_r19_a_prospect_never_met_again_counts_from_registration(world: World) -> None:
    world.person("PROSPECT", registered_on="2016-10-10")
    expect(world.status(), "OVERDUE", "2026-10-10", days_overdue=45, reason="registered")


def test_the_later_of_meeting_and_inbound_contact_counts(world: World) -> None:
    world.person("PROSPECT", registered_on="2010-01-01", met_on="2018-03-01", inbound_on="2019-04-01")
    expect(world.status(), "RETAINED", "2029-04-01", reason="inbound")


def test_a_planned_meeting_does_not_count(world: World) -> None:
    world.person("PROSPECT", registered_on="2016-10-10", met_on="2027-01-15")
    expect(world.status(), "OVERDUE", "2026-10-10", reason="registered")


def test_r22_registered_in_the_future_cannot_be_determined(world: World) -> None:
    world.person("PROSPECT", registered_on="2027-01-01")
    expect(
        world.status(),
        "UNDETERMINED",
        None,
        reason="future_date",
        reason_field="registered_on",
        provisional_on=None,
    )


def test_r21_no_date_at_all_is_not_no_expiry(world: World) -> None:
    world.person("PROSPECT")
    expect(world.status(), "UNDETERMINED", None, reason="missing_date", provisional_on=None)


# Engagements.
def test_r23_an_end_before_the_start_is_not_trusted(world: World) -> None:
    world.person("EMPLOYEE", starts_on="2019-05-01", ends_on="2018-05-01")
    expect(world.status(), "UNDETERMINED", None, reason="end_before_start", provisional_on="2028-05-01")


def test_r26_ten_years_after_the_last_day_of_employment(world: World) -> None:
    world.person("EMPLOYEE", starts_on="2015-01-01", ends_on="2021-08-31")
    expect(world.status(), "RETAINED", "2031-08-31", reason="employment_ended")


def test_r29_each_kind_of_engagement_has_its_own_clock(world: World) -> None:
    world.person("EMPLOYEE", "P1", starts_on="2012-01-01", ends_on="2020-06-30", email="ulf@antura.example")
    world.person("CONTRACTOR", "C1", starts_on="2020-07-01", ends_on="2023-06-30", email="ulf@antura.example")
    reading = world.reading()
    rows = {row["category"]: row for row in table(reading, "basis_status")}
    expect(rows["EMPLOYEE"], "RETAINED", "2030-06-30")
    expect(rows["CONTRACTOR"], "RETAINED", "2033-06-30")
    (person,) = table(reading, "person_status")
    assert person["core_until"] == dt.date(2033, 6, 30)


def test_r28_the_core_of_a_person_with_an_open_basis_has_no_end(world: World) -> None:
    world.person("EMPLOYEE", "P1", starts_on="2012-01-01", ends_on="2016-12-31", email="ulf@antura.example")
    world.person("CONTRACTOR", "C1", starts_on="2020-07-01", email="ulf@antura.example")
    (person,) = table(world.reading(), "person_status")
    assert person["core_until"] is None


@pytest.mark.parametrize(
    ("again", "bases"),
    [("2018-07-01", 1), ("2018-07-02", 1), ("2018-07-03", 2)],
    ids=["no gap", "one day's gap is no gap", "two days' gap"],
)
def test_a_rehire_within_a_day_is_one_engagement(world: World, again: str, bases: int) -> None:
    world.person("EMPLOYEE", "E1", starts_on="2012-01-01", ends_on="2018-06-30", email="ulf@antura.example")
    world.person("EMPLOYEE", "E2", starts_on=again, ends_on="2021-06-30", email="ulf@antura.example")
    rows = table(world.reading(), "basis_status")
    assert len(rows) == bases
    assert max(row["ceiling_on"] for row in rows) == dt.date(2031, 6, 30)


def test_r31_old_staff_rows_go_although_the_person_is_a_contact_now(world: World) -> None:
    org = world.customer("2018-01-01", None, "open")
    world.person("EMPLOYEE", "E1", starts_on="2010-01-01", ends_on="2016-03-31", email="ulf@kund.example")
    world.person("CUSTOMER_CONTACT", "K1", org_id=org, registered_on="2018-02-01", email="ulf@kund.example")
    reading = world.reading()
    rows = {row["category"]: row for row in table(reading, "basis_status")}
    expect(rows["EMPLOYEE"], "OVERDUE", "2026-03-31", days_overdue=238)
    expect(rows["CUSTOMER_CONTACT"], "ACTIVE", None)
    (person,) = table(reading, "person_status")
    assert (person["status"], person["core_until"]) == ("OVERDUE", None)


def test_ended_without_a_date_cannot_be_determined(world: World) -> None:
    world.person("EMPLOYEE", starts_on="2010-01-01", stated_status="ended")
    expect(world.status(), "UNDETERMINED", None, reason="ended_without_date", provisional_on="2020-01-01")


def test_working_on_past_the_last_day_cannot_be_determined(world: World) -> None:
    world.person("EMPLOYEE", starts_on="2010-01-01", ends_on="2020-01-31", stated_status="open")
    expect(world.status(), "UNDETERMINED", None, reason="status_contradicts", provisional_on="2030-01-31")


@pytest.mark.parametrize("category", ["SUPPLIER_REP", "PARTNER_REP"])
def test_r32_a_representative_goes_by_the_earlier_of_replaced_and_ended(world: World, category: str) -> None:
    world.person(category, starts_on="2010-01-01", replaced_on="2016-09-01", ends_on="2018-01-15")
    expect(world.status(), "OVERDUE", "2026-09-01", days_overdue=84, reason="replaced")


def test_a_representative_of_a_going_relation_is_kept(world: World) -> None:
    world.person("SUPPLIER_REP", starts_on="2010-01-01")
    expect(world.status(), "ACTIVE", None, reason="open_relation")


# Holds suspend the purge, not the ceiling.
def test_r34_held_past_the_ceiling_is_not_overdue(world: World) -> None:
    org = world.customer("2010-01-01", "2015-09-30")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    world.hold("organisation", org, "2025-01-10")
    expect(
        world.status(),
        "HELD",
        "2025-09-30",
        days_overdue=None,
        has_hold=True,
        hold_since=dt.date(2025, 1, 10),
    )


def test_r35_a_released_hold_gives_fourteen_days(world: World) -> None:
    org = world.customer("2010-01-01", "2015-09-30")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    world.hold("organisation", org, "2025-01-10", "2026-11-10")
    expect(world.status(), "DUE", "2025-09-30", deadline_on="2026-11-24", has_hold=False)
    expect(world.status(dt.date(2026, 11, 25)), "OVERDUE", "2025-09-30", days_overdue=1)


def test_r37_a_hold_that_ended_before_the_ceiling_gives_nothing(world: World) -> None:
    org = world.customer("2010-01-01", "2016-11-20")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    world.hold("organisation", org, "2024-02-01", "2025-02-01")
    expect(world.status(), "OVERDUE", "2026-11-20", days_overdue=4)


def test_a_hold_far_from_the_purge_shows_as_a_flag_only(world: World) -> None:
    key = world.person("EMPLOYEE", starts_on="2015-01-01", ends_on="2021-08-31")
    assert key
    world.hold("category", "EMPLOYEE", "2026-01-10")
    expect(world.status(), "RETAINED", "2031-08-31", has_hold=True)


# Vouchers: the law's minimum outlives the policy's maximum, for the voucher alone.
def test_r38_a_voucher_is_kept_by_law_while_the_rest_is_overdue(world: World) -> None:
    world.person("EMPLOYEE", "E1", starts_on="2010-01-01", ends_on="2016-06-30")
    world.person("VOUCHER", "V1", dataset="hr_vouchers", relation_key="E1", fiscal_year=2020, name=None, email=None)
    rows = {row["category"]: row for row in table(world.reading(), "basis_status")}
    expect(rows["EMPLOYEE"], "OVERDUE", "2026-06-30")
    expect(rows["VOUCHER"], "STATUTORY", "2026-06-30", statutory_until=dt.date(2027, 12, 31))
    rows = {row["category"]: row for row in table(world.reading(dt.date(2028, 1, 1)), "basis_status")}
    assert rows["VOUCHER"]["status"] == "OVERDUE"


def test_a_voucher_without_a_year_is_kept_and_flagged(world: World) -> None:
    world.person("EMPLOYEE", "E1", starts_on="2010-01-01", ends_on="2016-06-30")
    world.person("VOUCHER", "V1", dataset="hr_vouchers", relation_key="E1", name=None, email=None)
    rows = {row["category"]: row for row in table(world.reading(), "basis_status")}
    expect(rows["VOUCHER"], "UNDETERMINED", None, reason="missing_date", reason_field="fiscal_year")


# Web visitors: 179 days from when the cookie was first set; one cookie is declared.
@pytest.mark.parametrize(
    ("set_on", "status", "ceiling"),
    [
        ("2026-06-01", "DUE", "2026-11-27"),
        ("2026-05-29", "DUE", "2026-11-24"),
        ("2026-05-28", "OVERDUE", "2026-11-23"),
        ("2026-11-01", "RETAINED", "2027-04-29"),
    ],
)
def test_c01_a_cookie_goes_after_179_days(world: World, set_on: str, status: str, ceiling: str) -> None:
    instant = dt.datetime.fromisoformat(f"{set_on}T12:00:00+00:00")
    world.person("WEB_VISITOR", dataset="web_leads", set_at=instant, cookie_name="pe1", name=None, email=None)
    expect(world.status(), status, ceiling, reason="cookie_set")


def test_c03_an_undeclared_cookie_has_no_rule(world: World) -> None:
    instant = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    world.person("UNCLASSIFIED", dataset="web_leads", set_at=instant, cookie_name="_ga", name=None, email=None)
    expect(world.status(), "UNDETERMINED", None, reason="undeclared_cookie")


def test_a_group_that_the_policy_forgot_has_no_rule(world: World) -> None:
    world.person("UNCLASSIFIED", registered_on="2020-01-01")
    expect(world.status(), "UNDETERMINED", None, reason="no_rule")


def test_a_tombstone_is_purged_and_no_person_is_left(world: World) -> None:
    world.person("PROSPECT", registered_on="2010-01-01", erased_on="2020-01-01", name=None, email=None)
    reading = world.reading()
    (row,) = table(reading, "basis_status")
    assert row["status"] == "PURGED"
    assert table(reading, "person_status") == []
    assert table(reading, "person") == []


def test_one_person_in_two_systems_is_one_person(world: World) -> None:
    world.person("EMPLOYEE", "E1", starts_on="2019-01-01", email="eva@antura.example")
    world.person("PROSPECT", "P1", registered_on="2018-01-01", email="eva@antura.example")
    reading = world.reading()
    assert len(table(reading, "person")) == 1
    assert {row["category"] for row in table(reading, "basis_status")} == {"EMPLOYEE", "PROSPECT"}


def test_a_shared_switchboard_does_not_make_two_people_one(world: World) -> None:
    for key, name in (("P1", "anna berg"), ("P2", "bo dahl"), ("P3", "anna berg")):
        world.person("PROSPECT", key, registered_on="2018-01-01", phone_key="+4684650000", name_key=name, email=None)
    assert len(table(world.reading(), "person")) == 2


def test_an_open_request_flags_every_basis_of_the_person(world: World) -> None:
    world.person("EMPLOYEE", "E1", starts_on="2019-01-01", email="eva@antura.example")
    world.person("PROSPECT", "P1", registered_on="2018-01-01", email="eva@antura.example")
    world.person("PROSPECT", "P2", registered_on="2018-01-01", email="bo@antura.example")
    world.request("R-1", "eva@antura.example")
    assert sorted(row["open_request"] for row in table(world.reading(), "basis_status")) == [
        False,
        True,
        True,
    ]


def test_a_shorter_rule_moves_the_ceiling_and_nothing_else(world: World) -> None:
    world.person("PROSPECT", registered_on="2020-05-03")
    shorter = policy_with(shipped_policy(), Category.PROSPECT, "P3Y")
    expect(world.status(), "RETAINED", "2030-05-03")
    expect(world.status(policy=shorter), "OVERDUE", "2023-05-03", start_on="2020-05-03")


def test_every_basis_has_exactly_one_status_on_any_day(world: World) -> None:
    org = world.customer("2010-01-01", "2020-06-30")
    world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2010-02-01")
    world.person("EMPLOYEE", starts_on="2012-01-01", ends_on="2021-08-31")
    world.person("PROSPECT", registered_on="2016-10-10", met_on="2019-01-01")
    order = ["ACTIVE", "RETAINED", "EXPIRING", "DUE", "OVERDUE"]
    last = {}
    for months in range(0, 240, 7):
        as_of = dt.date(2019 + months // 12, months % 12 + 1, 15)
        rows = table(world.reading(as_of), "basis_status")
        assert len(rows) == 3
        for row in rows:
            assert row["status"] in order
            # With no new facts a clock only moves forward.
            assert order.index(row["status"]) >= last.get(row["basis_id"], 0)
            last[row["basis_id"]] = order.index(row["status"])
    assert set(last.values()) == {4}
