"""Deadlines leave as a calendar that other programs read: by number and count, without anybody in it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import icalendar
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance.command import main
from compliance.digest import calendar
from compliance.holds import verbs as holds
from compliance.holds.verbs import Target, Terms
from compliance.incidents import facts
from compliance.incidents import verbs as incidents
from compliance.ledger.tables import ledger as lines
from compliance.register.engine import writing
from compliance.requests import verbs as requests
from compliance.review import verbs as review_verbs
from compliance.words.command import Exit
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES
from tests import begun
from tests.demo_store import NOW
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY

ROOT = Path(__file__).parents[2]
MONDAY = TODAY - dt.timedelta(days=TODAY.weekday())
DUE_IN = 17


def _begin(settings: Settings) -> None:
    """One prospect overdue and in an approved batch, two whose day comes in two weeks, a hold, and two requests."""
    desk = Desk(settings.store)
    soon = (TODAY + dt.timedelta(days=DUE_IN)).replace(year=TODAY.year - 10).isoformat()
    rows = [prospect(1, "2010-03-21"), prospect(2, soon), prospect(3, soon), prospect(4, "2025-03-21")]
    desk.take_in(prospects(settings.store.parent / "in", rows))
    desk.approve(desk.propose(desk.entries(status="OVERDUE")))
    terms = Terms(ground="legal_claim", owner="legal", review_on=TODAY + dt.timedelta(days=30), case_ref="T-1")
    holds.place(
        desk.at(desk.petra), desk.reading(), Target("basis", desk.entries(status="RETAINED")[0].basis_id), terms
    )
    received = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    told = {
        "source": "erasure_form",
        "received_at": received,
        "name": "Nina Namn",
        "email": "nina.namn@bolaget.example",
    }
    with writing(desk.register) as connection:
        requests.register_form_rows(
            connection,
            [{**told, "reference": "R-1"}, {**told, "reference": "R-2", "requester": "användare i kundmiljö"}],
            author=None, now=NOW,
        )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(begun.copied(_begin, tmp_path, None).store)


def opened(desk: Desk, language: str = "en") -> list[icalendar.Event]:
    content, rows = calendar.made(desk.at(), desk.reading(), language)
    read = icalendar.Calendar.from_ical(content)
    found = list(read.walk("VEVENT"))
    assert rows == len(found) and read["METHOD"] == "PUBLISH" and read["VERSION"] == "2.0"
    return found


def days(found: list[icalendar.Event], text: str) -> list[dt.date]:
    return [event.decoded("dtstart") for event in found if str(event["SUMMARY"]) == text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_deadline_is_in_it_on_its_day(desk: Desk, language: str) -> None:
    found = opened(desk, language)

    def on(key: str, **told: object) -> list[dt.date]:
        return days(found, say(f"calendar.{key}", language, **told))

    kind = say("request_kind.erasure", language)
    assert on("answer", number="1", kind=kind) == [dt.date(2026, 12, 2)]
    # Five working days.
    assert on("redirect", number="2", kind=kind) == [dt.date(2026, 11, 9)]
    assert on("hold", number="1") == [TODAY + dt.timedelta(days=30)]
    assert on("batch", number="1") == [TODAY + dt.timedelta(days=14)]
    assert on("review", week="48") == [MONDAY] and on("review", week="49") == [MONDAY + dt.timedelta(days=7)]
    due = TODAY + dt.timedelta(days=DUE_IN)
    assert on("ceilings", count=2) == [due - dt.timedelta(days=due.weekday())]
    assert all(event.decoded("dtend") - event.decoded("dtstart") == dt.timedelta(days=1) for event in found)


def test_whom_there_are_hours_to_tell_of_an_incident_stands_at_its_hour(desk: Desk) -> None:
    aware = desk.now - dt.timedelta(hours=2)
    for is_drill in (False, True):
        told = facts.Reported(
            called=f"Nina {is_drill}", what="Loggen.", natures=(facts.Nature.LOSS,), is_drill=is_drill
        )
        number = incidents.report(desk.at(desk.petra), told)
        incidents.record(desk.at(desk.petra), number, facts.Detected(detected_at=aware, how="Larm."))
        incidents.record(desk.at(desk.petra), number, facts.Aware(aware_at=aware, reason="Loggen."))
    found = [event for event in opened(desk) if str(event["SUMMARY"]).startswith("Incident")]
    what = say("incident_clock.authority", "en")
    # The drill is nobody's.
    assert [str(event["SUMMARY"]) for event in found] == [say("calendar.incident", "en", number="1", what=what)]
    assert found[0].decoded("dtstart") == aware + dt.timedelta(hours=72)
    whole = calendar.made(desk.at(desk.gun), desk.reading(), "en")[0]
    assert b"Incident no. 1" in whole and b"Nina" not in whole
    # Nothing of it for whoever may not see incidents.
    assert b"Incident" not in calendar.made(desk.at(desk.olle), desk.reading(), "en")[0]


def test_nobody_is_in_it(desk: Desk) -> None:
    whole = calendar.made(desk.at(), desk.reading(), "sv")[0].decode().replace("\r\n ", "")
    # Two groups of digits of an event's own id may look like a personal number.
    whole = re.sub(r"^UID:.*$", "", whole, flags=re.M)
    assert not re.search(r"nina|namn\b|@|legal|T-1|R-1|\b\d{6,8}-\d{4}\b|\+46", whole, re.I)
    assert not any(entry.name and entry.name in whole for entry in desk.entries())


def test_a_deadline_keeps_its_name_when_its_day_moves_and_the_later_file_counts(desk: Desk) -> None:
    def by_name() -> dict[str, tuple[str, dt.date, int]]:
        return {
            str(event["UID"]): (str(event["SUMMARY"]), event.decoded("dtstart"), int(event["SEQUENCE"]))
            for event in opened(desk)
        }

    before = by_name()
    assert len(before) == len(opened(desk))
    desk.on(TODAY + dt.timedelta(days=1))
    holds.review(desk.at(desk.petra), 1, TODAY + dt.timedelta(days=60))
    review_verbs.sign(desk.at(desk.petra), desk.reading(), "")
    after = by_name()
    moved = {uid for uid in before if uid in after and before[uid][1] != after[uid][1]}
    assert [before[uid][0] for uid in moved] == [say("calendar.hold", "en", number="1")]
    assert all(after[uid][2] > before[uid][2] for uid in moved)
    # What was signed needs no day any more.
    assert [before[uid][0] for uid in before.keys() - after.keys()] == [say("calendar.review", "en", week="48")]


def test_what_runs_out_is_unknown_where_a_source_is_too_old(desk: Desk) -> None:
    desk.on(TODAY + dt.timedelta(days=20))
    told = [str(event["SUMMARY"]) for event in opened(desk)]
    assert say("calendar.ceilings_unknown", "en", sources="CRM") in told
    assert say("calendar.ceilings", "en", count=2) not in told


def test_the_command_writes_it_with_lines_of_the_ledger_and_over_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    out = tmp_path / "deadlines.ics"
    assert main(["--language", "sv", "digest", "calendar", "--out", str(out)]) == Exit.DONE
    count = len(list(icalendar.Calendar.from_ical(out.read_bytes()).walk("VEVENT")))
    assert capsys.readouterr().out == say("digest.calendar_written", "sv", count=count, file=str(out)) + "\n"
    assert main(["digest", "calendar", "--out", str(out)]) == Exit.REFUSED
    with desk.register.connect() as connection:
        found = connection.execute(
            sa.select(lines.c.event, lines.c.details).where(lines.c.event.like("extract:%")).order_by(lines.c.seq)
        ).all()
    told = {"what": "calendar", "persons": False, "flavour": "ics"}
    assert [(event, json.loads(details)) for event, details in found[:2]] == [
        ("extract:begun", told), ("extract:made", {**told, "rows": count})
    ]  # fmt: skip


def test_the_weekly_review_offers_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"], app.session_state["language"] = desk.gun.email, "sv"
    app.run()
    assert not app.exception
    labels = [str(one.proto.label) for one in app.get("download_button")]
    assert any(say("calendar.offer", "sv") in label for label in labels), labels
