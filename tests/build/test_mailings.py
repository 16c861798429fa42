"""Mailings and opt-outs: what is loaded of their exports, what is told as unread, what carries over, and that no
address of somebody who was erased is in them.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from tests.build.test_build import HR_HEADERS, Intake

MAILINGS = "Utskicksrad;Utskick;Mottagare;Skickat;Ändamål"
OPT_OUTS = "Avregistrerings-ID;Adress;Avregistrerad;Verkar från"
STAFF = f"{HR_HEADERS}\n7;Anna;Berg;anna@antura.example;;Support;2012-01-01;;Anställd\n"


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


def test_a_mailing_is_loaded_by_address_day_and_what_it_was_for(intake: Intake) -> None:
    _, loaded = intake.take_in(
        mailings=f"{MAILINGS}\n"
        "1;Nyheter maj;Cia.Ek+x@Bolaget.example;2026-05-04;Nyhetsbrev\n"
        "2;Nyheter maj;ingen;2026-02-30;Kreditprövning\n"
        "1;Nyheter juni;a@bolaget.example;2026-06-01;\n"
        ";Nyheter juni;a@bolaget.example;2026-06-01;\n"
    )
    assert loaded["mailings"].quarantined == {"duplicate_key": 1, "no_key": 1}
    assert intake.rows("select * exclude (dataset, source) from mailing order by send_key") == [
        ("1", "Nyheter maj", "cia.ek@bolaget.example", dt.date(2026, 5, 4), "mailing", False, None, []),
        ("2", "Nyheter maj", None, None, "other", False, None, ["email", "sent_on"]),
    ]


def test_an_opt_out_is_loaded_by_address_and_its_two_days(intake: Intake) -> None:
    intake.take_in(
        opt_outs=f"{OPT_OUTS}\n1;a@bolaget.example;2026-05-04;2026-05-06\n2;b@bolaget.example;2026-05-05;snart\n"
    )
    assert intake.rows("select * exclude (dataset, source) from opt_out order by opt_out_key") == [
        ("1", "a@bolaget.example", dt.date(2026, 5, 4), dt.date(2026, 5, 6), False, []),
        ("2", "b@bolaget.example", dt.date(2026, 5, 5), None, False, ["effective_on"]),
    ]


def test_both_stay_when_an_export_of_something_else_comes_and_a_build_of_before_has_none(intake: Intake) -> None:
    intake.take_in(
        mailings=f"{MAILINGS}\n1;Maj;a@bolaget.example;2026-05-04;\n",
        opt_outs=f"{OPT_OUTS}\n1;a@bolaget.example;2026-05-04;2026-05-06\n",
    )
    before = intake.rows("from mailing"), intake.rows("from opt_out")
    assert before[0] and before[1]
    intake.take_in(hr_employees=STAFF)
    assert (intake.rows("from mailing"), intake.rows("from opt_out")) == before
    with duckdb.connect(str(intake.previous)) as con:
        con.execute("drop table mailing")
        con.execute("drop table opt_out")
    report, _ = intake.take_in(mailings=f"{MAILINGS}\n2;Juni;a@bolaget.example;2026-06-04;\n")
    assert report.persons == 1 and intake.rows("select send_key from mailing") == [("2",)]
