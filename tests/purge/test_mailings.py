"""Mailings and opt-outs stay when whoever they went to is purged, and say no address then."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from compliance.purge.tables import State
from compliance.words import keys
from tests.purge.test_vouchers import ANNA, BO, copied
from tests.purging import Desk, employees, mailings, opt_outs, prospect, prospects

ANNAS = "anna.b@bolaget.example"
SENT = [
    {"Utskicksrad": "1", "Utskick": "Maj", "Mottagare": ANNAS, "Skickat": "2026-05-04"},
    {"Utskicksrad": "2", "Utskick": "Maj", "Mottagare": BO["E-post"], "Skickat": "2026-05-04"},
]
ASKED = [{"Avregistrerings-ID": "1", "Adress": ANNAS, "Avregistrerad": "2026-05-05", "Verkar från": "2026-05-05"}]
TOLD = "select send_key, address, is_erased, erased_on from mailing order by send_key"
OUT = "select opt_out_key, address, is_erased from opt_out"


def test_a_purge_leaves_what_was_sent_and_no_address_of_whoever_goes(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    bos = BO["E-post"].lower() or None
    taken = desk.take_in(employees(folder, [ANNA, BO]), mailings(folder, SENT), opt_outs(folder, ASKED))
    assert taken.all_taken
    assert copied(desk, TOLD) == [("1", ANNAS, False, None), ("2", bos, False, None)]
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    assert copied(desk, TOLD) == [("1", None, True, None), ("2", bos, False, None)]
    assert copied(desk, OUT) == [("1", None, True)]
    # The tool still has the address: it does not come back, and since when it should be gone is known.
    folder = tmp_path / "in2"
    again = [*SENT, {"Utskicksrad": "3", "Mottagare": ANNAS, "Skickat": "2026-11-24"}, {"Mottagare": ANNAS}]
    assert desk.take_in(mailings(folder, again, "2026-11-24T0600")).all_taken
    erased_on = dt.date(2026, 11, 24)
    expected = [("1", None, True, erased_on), ("2", bos, False, None), ("3", None, True, erased_on)]
    assert copied(desk, TOLD) == expected
    kept = [path.read_bytes() for path in desk.settings.quarantine.iterdir()]
    assert kept and not any(ANNAS.encode() in content for content in kept)
    assert desk.take_in(prospects(folder, [prospect(1)], "2026-11-24T0700")).all_taken
    assert copied(desk, TOLD) == expected


SHARED = "support@bolaget.example"


@pytest.mark.parametrize("is_first", [True, False])
def test_an_address_goes_wherever_it_stands_unless_somebody_who_stays_has_it_too(
    tmp_path: Path, is_first: bool
) -> None:
    """`is_first` says whether both have it before their own address, or behind it."""
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder = tmp_path / "in"
    both = [
        one | {"E-post": ", ".join([SHARED, one["E-post"]] if is_first else [one["E-post"], SHARED])}
        for one in (ANNA, BO)
    ]
    # Of Anna's two addresses one was written to, and from the other she took herself off.
    sent = [{**SENT[0], "Mottagare": SHARED}, {**SENT[1], "Mottagare": ANNAS}]
    asked = [
        {**ASKED[0], "Adress": "anna.privat@bolaget.example"},
        {**ASKED[0], "Avregistrerings-ID": "2", "Adress": SHARED},
    ]
    both[0] |= {"E-post": both[0]["E-post"] + ", anna.privat@bolaget.example"}
    assert desk.take_in(employees(folder, both), mailings(folder, sent), opt_outs(folder, asked)).all_taken
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    assert copied(desk, TOLD) == [("1", SHARED, False, None), ("2", None, True, None)]
    assert copied(desk, f"{OUT} order by 1") == [("1", None, True), ("2", SHARED, False)]


def test_an_opt_out_of_whom_nothing_was_sent_to_says_no_address_of_whoever_goes_either(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder, rows = tmp_path / "in", [prospect(1), prospect(2, "2026-01-01")]
    asked = [
        {**ASKED[0], "Avregistrerings-ID": key, "Adress": row["E-post"].lower()}
        for key, row in zip("12", rows, strict=True)
    ]
    assert desk.take_in(prospects(folder, rows), opt_outs(folder, asked)).all_taken
    done = desk.purge(desk.entries(status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    assert copied(desk, f"{OUT} order by 1") == [("1", None, True), ("2", asked[1]["Adress"], False)]


def test_a_mailing_is_called_by_nobody_who_goes(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    folder, sender = tmp_path / "in", {"Mottagare": BO["E-post"], "Skickat": "2026-05-04"}
    sent = [
        {"Utskicksrad": f"maj:{ANNAS}", "Utskick": "Maj", **sender},
        {"Utskicksrad": "2", "Utskick": "Tack Anna Bergqvist!", **sender},
        {"Utskicksrad": "3", "Utskick": f"Svar till {ANNAS}", **sender},
    ]
    asked = [{**ASKED[0], "Avregistrerings-ID": f"ut:{ANNAS}"}]
    taken = desk.take_in(employees(folder, [ANNA, BO]), mailings(folder, sent), opt_outs(folder, asked))
    assert taken.all_taken
    done = desk.purge(desk.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    key = keys.suppression(desk.settings)[0]
    called = "select send_key, mailing_key from mailing order by mailing_key nulls last, send_key"
    expected = [(key.digest(f"text|maj:{ANNAS}"), "Maj"), ("2", None), ("3", None)]
    assert copied(desk, called) == expected
    assert copied(desk, "select opt_out_key from opt_out") == [(key.digest(f"text|ut:{ANNAS}"),)]
    # The tool still has the texts: no address comes back in one. A name does, of which no digest can tell.
    later = "2026-11-24T0600"
    assert desk.take_in(mailings(tmp_path / "in2", sent, later), opt_outs(tmp_path / "in2", asked, later)).all_taken
    assert not any(ANNAS in (text or "") for row in copied(desk, called) for text in row)
    assert copied(desk, "select opt_out_key from opt_out") == [(key.digest(f"text|ut:{ANNAS}"),)]
