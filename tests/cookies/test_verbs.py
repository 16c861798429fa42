"""The inventory and the scans: each refusal, each line of the ledger, what two people do at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import command
from compliance.cookies import files, state, verbs
from compliance.cookies.facts import Consent, Facts, Life, Listed, ScanTold, SetAside, Struck
from compliance.cookies.tables import EntryKind, Phase
from compliance.ledger.tables import ledger
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.cookies.made import SITE, har, of_cookies
from tests.cookies.test_state import CHOICE, DAY, LEADS, NOW, Site

TOLD = ScanTold(site=SITE, phase=Phase.ACCEPTED, scanned_at=NOW - DAY)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def lines(site: Site, event: str) -> list[dict[str, object]]:
    with site.register.connect() as connection:
        rows = connection.scalars(sa.select(ledger.c.details).where(ledger.c.event == event).order_by(ledger.c.seq))
        return [json.loads(row) for row in rows]


def refused(work: object, code: str, field: str | None = None) -> None:
    assert callable(work)
    with pytest.raises(Refused) as told:
        work()
    assert (told.value.code, told.value.values.get("field")) == (code, field)
    for language in LANGUAGES:
        assert "{" not in refusal(code, language, told.value.values)


def test_each_change_is_a_line_and_says_nothing_of_what_it_tells(site: Site) -> None:
    number = verbs.record(site.at(), LEADS)
    corrected = verbs.record(site.at(), LEADS.model_copy(update={"agreement": "A-1"}), corrects=number)
    verbs.record(site.at(), Struck(reason="Används inte."), corrects=corrected)
    scan = verbs.take_in(site.at(), of_cookies("pe1", "_ga"), TOLD)
    verbs.set_aside(site.at(), scan, SetAside(reason="Fel läge."))
    assert lines(site, "cookie:listed") == [{"entry": 1}, {"corrects": 1, "entry": 2}]
    assert lines(site, "cookie:struck") == [{"corrects": 2, "entry": 3}]
    assert lines(site, "cookie:scan_taken") == [
        {"cookies": 2, "format": "har", "phase": "accepted", "quarantined": 0, "scan": 1}
    ]
    assert lines(site, "cookie:scan_set_aside") == [{"scan": 1}]
    # Nothing is unwritten.
    found = state.known(site.register)
    assert [entry.kind for entry in found.entries] == [EntryKind.LISTED, EntryKind.LISTED, EntryKind.STRUCK]
    assert not found.standing and len(found.scans) == 1 and not found.counting


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        (LEADS.model_copy(update={"lifetime_days": None}), "cookie_life", "lifetime_days"),
        (CHOICE.model_copy(update={"lifetime_days": 1}), "cookie_life", "lifetime_days"),
        (LEADS.model_copy(update={"consent": Consent.NOT_NEEDED}), "cookie_necessary", "consent"),
        (LEADS.model_copy(update={"purpose": "Ring 070-174 06 05"}), "cookie_personal", "purpose"),
        (Struck(reason="Används inte."), "cookie_entry_unknown", None),
        (CHOICE, "cookie_listed", "name"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_beside_its_field(
    site: Site, told: Facts, code: str, field: str | None
) -> None:
    verbs.record(site.at(), CHOICE)
    refused(lambda: verbs.record(site.at(), told), code, field)
    assert len(state.known(site.register).entries) == 1


def test_an_entry_is_corrected_once(site: Site) -> None:
    number = verbs.record(site.at(), LEADS)
    verbs.record(site.at(), LEADS.model_copy(update={"life": Life.SESSION, "lifetime_days": None}), corrects=number)
    refused(lambda: verbs.record(site.at(), LEADS, corrects=number), "cookie_entry_unknown")
    refused(lambda: verbs.record(site.at(), LEADS, corrects=99), "cookie_entry_unknown")


def test_a_scan_that_does_not_fit_is_refused_beside_its_field(site: Site) -> None:
    at, data = site.at(), of_cookies("pe1")
    refused(lambda: verbs.take_in(at, data, TOLD.model_copy(update={"site": "?"})), "scan_site_unreadable", "site")
    ahead = TOLD.model_copy(update={"scanned_at": NOW + dt.timedelta(seconds=1)})
    refused(lambda: verbs.take_in(at, data, ahead), "scan_ahead", "scanned_at")
    refused(lambda: verbs.take_in(at, har(), TOLD), "scan_without_cookies", "has_cookies")
    assert not state.known(site.register).scans
    # The file says when, where nobody does.
    verbs.take_in(at, data, TOLD.model_copy(update={"scanned_at": None}))
    assert state.known(site.register).scans[0].scanned_at == dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    refused(lambda: verbs.take_in(at, data, TOLD), "scan_twice", "file")
    # Taken in wrongly, it can be set aside, once, and taken in again.
    verbs.set_aside(at, 1, SetAside(reason="Fel läge."))
    refused(lambda: verbs.set_aside(at, 1, SetAside(reason="Fel läge.")), "scan_set_aside", "reason")
    refused(lambda: verbs.set_aside(at, 7, SetAside(reason="Fel läge.")), "scan_unknown_number")
    verbs.take_in(at, data, TOLD)


def test_only_the_dpo_and_the_ciso_record(site: Site) -> None:
    for role in Role:
        may = role in (Role.DPO, Role.CISO)
        for work in (
            lambda at: verbs.record(at, LEADS.model_copy(update={"name": f"pe{at.actor.role}"})),
            lambda at: verbs.take_in(at, of_cookies(at.actor.role.value), TOLD),
        ):
            try:
                work(site.at(role=role))
            except Refused as told:
                assert told.code == "not_allowed" and not may
            else:
                assert may


def test_a_scanner_hands_in_at_night_by_the_command_line(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(site.settings.store))
    (tmp_path / "scan.csv").write_text("Name,Domain,Expiry\n_ga,bolaget.example,2 years\n")
    call = ["--language", "sv", "cookies", "scan", str(tmp_path / "scan.csv"), "--site", SITE, "--phase", "refused"]
    assert command.main(call) == 1
    assert refusal("scan_time_missing", "sv", {}) in capsys.readouterr().err
    assert command.main([*call, "--scanned-at", "2026-11-23 10:00"]) == 0
    assert say("cookies.taken_in", "sv", scan=1) in capsys.readouterr().out
    assert command.main([*call[:4], str(tmp_path / "none"), *call[5:]]) == 1
    (scan,) = state.known(site.register).scans
    assert scan.phase is Phase.REFUSED and [one.name for one in scan.seen] == ["_ga"]
    refused(lambda: verbs.take_in_by_command(site.at(), b"", TOLD), "command_line_only")
    assert dataclasses.asdict(scan)["format"] == "table"


def test_the_model_of_an_entry_takes_nothing_it_does_not_know() -> None:
    with pytest.raises(ValueError):
        Listed.model_validate({**LEADS.model_dump(), "value": "x"})


def test_a_file_is_read_before_the_register_is_locked_and_the_inventory_without_the_scans(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    read, writing = files.read, verbs.writing

    def reading(*told: Any, **named: Any) -> Any:
        done.append("read")
        return read(*told, **named)

    def locking(register: sa.Engine) -> Any:
        done.append("lock")
        return writing(register)

    monkeypatch.setattr(files, "read", reading)
    monkeypatch.setattr(verbs, "writing", locking)
    verbs.take_in(site.at(), of_cookies("pe1"), TOLD)
    assert done == ["read", "lock"]
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(site.register, "before_cursor_execute", note)
    verbs.record(site.at(), LEADS)
    sa.event.remove(site.register, "before_cursor_execute", note)
    assert any("cookie_entry" in one for one in asked)
    assert not any("cookie_seen" in one or "cookie_scan" in one for one in asked)
