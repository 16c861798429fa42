"""Customers' environments and the grants to them: what is loaded of their exports, what is told as unread, what carries
over, and what is left in them of staff that was erased.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.build.test_build import HR_HEADERS, Intake

ENVIRONMENTS = (
    "Miljö-ID;Kund-ID;Avtals-ID;PUB-avtal;Standardinställningar;Automatisk rensning;Egen rensningstid;"
    "Rensningstid standard (dagar);Rensningstid (dagar);Rensningstid ändrad;Senaste rensning;Senaste återläsningstest;"
    "Stängd;Version"
)
GRANTS = (
    "Behörighets-ID;Miljö-ID;Innehavare;Förvaltningskonto;Syfte;Ärende;Godkänd av;Beviljad;Giltig till;"
    "Senast granskad;Återkallad"
)


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


def test_an_environment_is_loaded_with_its_settings(intake: Intake) -> None:
    _, loaded = intake.take_in(
        environments=f"{ENVIRONMENTS}\n"
        "M1;K1;A1;PUB-7;Ja;ja;;90;180;2026-02-03;2026-11-20;2026-05-01;;9.1\n"
        "M2;K1;A1;;Nej;;nej;90;90;;;;;9.1\n"
        "M1;K2;A2;;;;;;;;;;;9.1\n"
        ";K2;A2;;;;;;;;;;;9.1\n"
    )
    assert loaded["environments"].quarantined == {"duplicate_key": 1, "no_key": 1}
    assert intake.rows("select * exclude (dataset, source) from environment order by environment_key") == [
        (
            "M1", "K1", "A1", "PUB-7", True, True, True, 90, 180, dt.date(2026, 2, 3), dt.date(2026, 11, 20),
            dt.date(2026, 5, 1), None, [],
        ),
        ("M2", "K1", "A1", None, False, None, False, 90, 90, None, None, None, None, []),
    ]  # fmt: skip


def test_what_cannot_be_read_of_an_environment_is_unknown_and_told(intake: Intake) -> None:
    intake.take_in(
        environments=f"{ENVIRONMENTS}\n"
        "M1;K1;A1;PUB-7;delvis;kanske;?;tre;;2026-02-30;9999-12-31;2026-05-01;;9.1\n"
        "M2;K1;A1;PUB-7;ja;ja;nej;90;90;2026-02-03;2026-11-20;2026-05-01;;9.1\n"
    )
    told = "select has_defaults, auto_clean, cleaned_on, unread from environment where environment_key = 'M1'"
    assert intake.rows(told) == [
        (
            None, None, None,
            ["default_settings", "auto_clean", "period_customised", "default_days", "period_changed_on", "cleaned_on"],
        )
    ]  # fmt: skip


def test_a_grant_is_loaded_with_its_days_and_whose_it_is_by_key_or_address(intake: Intake) -> None:
    _, loaded = intake.take_in(
        access_grants=f"{GRANTS}\n"
        "B1;M1;7;fk-1;Felsökning;SUP-1;Cia.Ek+x@antura.example;2026-01-10;2026-12-31;2026-08-01;\n"
        "B2;;8;fk-1;Intresse;;;;31/2 2026;;2026-09-01\n"
        "B3;M1;Anna Berg;;;;Cia Ek;;;;\n"
    )
    assert loaded["access_grants"].quarantined == {}
    assert intake.rows("select * exclude (dataset, source) from access_grant order by grant_key") == [
        (
            "B1", "M1", "7", "fk-1", "troubleshoot", "SUP-1", "cia.ek@antura.example", dt.date(2026, 1, 10),
            dt.date(2026, 12, 31), dt.date(2026, 8, 1), None, False, [],
        ),
        ("B2", None, "8", "fk-1", "other", None, None, None, None, None, dt.date(2026, 9, 1), False, ["valid_until"]),
        ("B3", "M1", None, None, None, None, None, None, None, None, None, False, ["holder", "approver"]),
    ]  # fmt: skip


def test_both_stay_when_an_export_of_something_else_comes(intake: Intake) -> None:
    intake.take_in(
        environments=f"{ENVIRONMENTS}\nM1;K1;A1;PUB-7;ja;ja;;;;;2026-11-20;;;\n",
        access_grants=f"{GRANTS}\nB1;M1;7;fk-1;;SUP-1;8;2026-01-10;;;\n",
    )
    before = intake.rows("from environment"), intake.rows("from access_grant")
    assert before[0] and before[1]
    intake.take_in(hr_employees=f"{HR_HEADERS}\n7;Anna;Berg;anna@antura.example;;Support;2012-01-01;;Anställd\n")
    assert (intake.rows("from environment"), intake.rows("from access_grant")) == before
    intake.take_in(access_grants=f"{GRANTS}\nB2;M1;7;fk-1;;SUP-1;8;2026-01-10;;;\n")
    assert intake.rows("select grant_key from access_grant") == [("B2",)]
    assert intake.rows("from environment") == before[0]


def test_a_build_of_an_earlier_version_has_none(intake: Intake) -> None:
    import duckdb

    intake.take_in(hr_employees=f"{HR_HEADERS}\n7;Anna;Berg;anna@antura.example;;Support;2012-01-01;;Anställd\n")
    with duckdb.connect(str(intake.previous)) as con:
        con.execute("drop table environment")
        con.execute("drop table access_grant")
    report, _ = intake.take_in(environments=f"{ENVIRONMENTS}\nM1;K1;A1;PUB-7;ja;ja;;;;;2026-11-20;;;\n")
    assert report.persons == 1
    assert intake.rows("select environment_key from environment") == [("M1",)]
