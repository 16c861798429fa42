"""Requests from the command line, from a mailbox, and after their time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.access.at import At
from compliance.command import main
from compliance.drafts.draft import Draft
from compliance.drafts.tables import draft
from compliance.ledger.tables import ledger
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.requests import desk, forget
from compliance.requests.tables import Step, request, request_sender, request_step
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from tests.requests.test_desk import asked, at, day, of  # noqa: F401 - the desk and who is at it
from tests.requests.test_requests import form, register_rows
from tests.world import TODAY

ANNA = b"""From: =?utf-8?q?Anna_Bl=C3=A5?= <anna@kund.example>
Date: Mon, 23 Nov 2026 23:30:00 +0000
Message-ID: <1@kund.example>
Subject: Radera mig

Jag bor p\xe5 Storgatan 1.
"""
NOBODY = b"Date: Mon, 23 Nov 2026 08:00:00 +0100\nSubject: hej\n\nhej\n"
MACHINE = b"From: svar@kund.example\nDate: Mon, 23 Nov 2026 08:00:00 +0100\nAuto-Submitted: auto-replied\n\nBorta.\n"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return tmp_path


def kept() -> list[sa.RowMapping]:
    with engine(settings_of.load()).connect() as connection:
        return list(connection.execute(sa.select(request).order_by(request.c.request_id)).mappings())


def test_a_request_is_entered_listed_and_followed(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert store.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("Anna Berg\nanna@kund.example\n\n"))
    assert main(["requests", "register", "--kind", "access", "--channel", "mail", "--received", "2026-11-20"]) == 0
    assert main(["requests", "step", "1", "decided", "--fact", "decision=hand_out"]) == 0
    assert main(["requests", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split("\t") == [
        "1", "access", "OPEN", "2026-12-21", "27", "carry_out",
    ]  # fmt: skip
    (row,) = kept()
    assert (row["name"], row["email"], row["phone"], row["handler"]) == ("Anna Berg", "anna@kund.example", None, None)
    assert main(["--language", "sv", "requests", "step", "1", "decided", "--fact", "decision=erase"]) == 1
    assert "passar inte" in capsys.readouterr().err
    # A name that somebody makes up may be given where others do not see it.
    (store / "whom").write_text("Tryckeriet\n", encoding="utf-8")
    told = ("requests", "step", "1", "recipient_due", "--fact")
    assert main([*told, f"recipient=@{store / 'whom'}"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*told, "recipient=Banken"]) == 0
    assert "could see recipient" in capsys.readouterr().err
    assert main([*told, "recipient=a", "--fact", "recipient=b"]) == 1
    assert "given twice" in capsys.readouterr().err


def test_what_was_done_is_said_in_the_language_of_the_call(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    single = store / "one.eml"
    single.write_bytes(ANNA)
    monkeypatch.setattr("sys.stdin", io.StringIO("Anna Berg\nanna@kund.example\n\n"))
    assert main(["--language", "sv", "requests", "register", "--kind", "access", "--channel", "mail"]) == 0
    assert main(["--language", "sv", "requests", "step", "1", "decided", "--fact", "decision=hand_out"]) == 0
    assert main(["--language", "sv", "requests", "mail", str(single), "--kind", "erasure"]) == 0
    assert main(["--language", "sv", "requests", "forget"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "begäranden: 1 registrerad", "begäranden: 1, steget decided är antecknat",
        "begäranden: 1 registrerade, 0 fanns redan", "begäranden: 0 glömda, utom det som räknas",
    ]  # fmt: skip


def test_a_choice_that_there_is_none_of_is_told_with_the_words_that_there_are(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert store.exists()
    with pytest.raises(SystemExit, match="2"):
        main(["requests", "list", "--state", "GONE"])
    told = capsys.readouterr().err
    assert "'OVERDUE'" in told and "<" not in told.splitlines()[-1]


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 +0000", "Fri, 31 Dec 9999 23:59:59 -1200"])
def test_a_message_of_no_day_is_left_and_the_others_are_entered(
    store: Path, capsys: pytest.CaptureFixture[str], date: str
) -> None:
    box = store / "box.mbox"
    ahead = ANNA.replace(b"Mon, 23 Nov 2026 23:30:00 +0000", date.encode()).replace(b"<1@", b"<2@")
    box.write_bytes(b"".join(b"From x Mon Nov 23 08:00:00 2026\n" + one + b"\n" for one in (ahead, ANNA)))
    assert main(["requests", "mail", str(box), "--kind", "erasure"]) == 1
    told = capsys.readouterr()
    assert told.out == "requests: 1 registered, 0 known\n" and told.err.startswith("box.mbox, message 1: ")


def test_of_a_mailbox_only_who_wrote_and_when_is_read(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    single, box = store / "one.eml", store / "box.mbox"
    single.write_bytes(ANNA)
    box.write_bytes(b"".join(b"From x Mon Nov 23 08:00:00 2026\n" + one + b"\n" for one in (ANNA, NOBODY, MACHINE)))
    assert main(["requests", "mail", str(single), "--kind", "erasure"]) == 0
    # The same message, one without a sender, and one that a machine has sent.
    assert main(["requests", "mail", str(box), "--kind", "erasure"]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == ["requests: 1 registered, 0 known", "requests: 0 registered, 1 known"]
    assert told.err.count("\n") == 1 and told.err.startswith("box.mbox, message 2: ")
    (row,) = kept()
    # Half past eleven in the evening in London is the next day in Stockholm.
    assert (row["name"], row["email"], row["channel"], row["received_on"]) == (
        "Anna Blå", "anna@kund.example", "mail", dt.date(2026, 11, 24),
    )  # fmt: skip
    assert "Storgatan" not in str(row)
    (store / "empty.eml").write_bytes(b"")
    assert main(["requests", "mail", str(store / "empty.eml"), "--kind", "erasure"]) == 1
    assert "empty.eml" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [b"<>", b"<a@", b"<a@["])
def test_an_id_that_nobody_can_read_keeps_no_message_out(
    store: Path, capsys: pytest.CaptureFixture[str], wrong: bytes
) -> None:
    box = store / "box.mbox"
    other = ANNA.replace(b"<1@kund.example>", wrong)
    late = other.replace(b"23:30:00", b"23:31:00")
    box.write_bytes(b"".join(b"From x Mon Nov 23 08:00:00 2026\n" + one + b"\n" for one in (other, ANNA, late, late)))
    assert main(["requests", "mail", str(box), "--kind", "erasure"]) == 0
    assert capsys.readouterr().out == "requests: 3 registered, 1 known\n"


def test_what_cannot_be_entered_of_a_mailbox_is_told_with_its_file_its_message_and_why(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = store / "box.mbox"
    ahead = ANNA.replace(b"23 Nov 2026", b"23 Dec 2026").replace(b"<1@", b"<2@")
    box.write_bytes(b"".join(b"From x Mon Nov 23 08:00:00 2026\n" + one + b"\n" for one in (MACHINE, ANNA, ahead)))
    call = ["requests", "mail", str(box), "--kind", "access", "--requester", "env_user"]
    assert main([*call, "--customer", "Bolaget AB"]) == 1
    told = capsys.readouterr()
    assert told.out == "requests: 1 registered, 0 known\n"
    assert told.err.startswith("box.mbox, message 3: ") and "Anna" not in told.err
    (row,) = kept()
    assert (row["role"], row["customer"], row["requester"]) == ("processor", "Bolaget AB", "env_user")


@pytest.mark.parametrize("times", [1, 99])
def test_a_copy_that_a_purge_replaces_meanwhile_is_read_anew(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], times: int
) -> None:
    single = store / "one.eml"
    single.write_bytes(ANNA)
    left = [times] * 4
    for place, name in enumerate(("register", "write")):
        work = getattr(desk, name)

        def overtaken(*given: Any, place: int = place, work: Any = work, **more: Any) -> Any:
            left[place] -= 1
            if left[place] >= 0:
                raise copy.Retired
            return work(*given, **more)

        monkeypatch.setattr(desk, name, overtaken)
    monkeypatch.setattr("sys.stdin", io.StringIO("Anna Berg\nanna@kund.example\n\n"))
    calls = (
        ["register", "--kind", "access", "--channel", "mail"],
        ["mail", str(single), "--kind", "erasure"],
        ["step", "1", "taken"],
    )
    # One that goes on being replaced is to be tried again later.
    ended = [main(["requests", *call]) for call in calls]
    assert ended == ([0, 0, 0] if times == 1 else [3, 3, 3])
    assert ("in a while" in capsys.readouterr().err) == (times > 1)


def test_a_message_that_was_forgotten_is_not_entered_anew(at: At) -> None:  # noqa: F811
    number = asked(at, reference="mail-1")
    desk.write(at, number, Step.WITHDRAWN, TODAY)
    forget.forget_closed(dataclasses.replace(at, actor=None, today=dt.date(2028, 11, 24)))
    with pytest.raises(Refused) as refusal:
        asked(at, reference="mail-1")
    assert (refusal.value.code, refusal.value.values) == ("request_known", {"request": str(number)})
    assert asked(at, reference="mail-2") == number + 1


def test_what_was_typed_and_not_used_goes_with_the_night(at: At) -> None:  # noqa: F811
    night = dataclasses.replace(at, actor=None)
    Draft(at.register, "petra", "new", lambda: at.now).save({"name": "Anna Berg"})
    for later, left in ((dt.timedelta(hours=23), 1), (dt.timedelta(hours=25), 0)):
        forget.forget_closed(dataclasses.replace(night, now=at.now + later))
        with at.register.connect() as connection:
            assert len(connection.execute(sa.select(draft)).all()) == left


def test_who_asked_is_known_for_a_year_after_a_closed_request_and_as_long_as_one_is_open(at: At) -> None:  # noqa: F811
    number, open_ = asked(at), asked(at, reference="open", phone="070-174 06 99")
    desk.write(at, number, Step.WITHDRAWN, TODAY)
    night = dataclasses.replace(at, actor=None)

    def known() -> set[int]:
        with at.register.connect() as connection:
            return set(connection.scalars(sa.select(request_sender.c.request_id)))

    for today, still in ((dt.date(2027, 10, 11), {number, open_}), (dt.date(2027, 10, 12), {open_})):
        assert forget.forget_closed(dataclasses.replace(night, today=today)) == 0
        assert known() == still


def test_of_a_request_that_was_closed_long_ago_only_what_is_counted_is_left(at: At) -> None:  # noqa: F811
    register_rows(at.register, form(closed_on="2026-11-20", outcome="Raderad"))
    number = asked(at, kind="access", reference="T-77")
    desk.write(at, number, Step.WITHDRAWN, TODAY)
    night = dataclasses.replace(at, actor=None)
    assert forget.forget_closed(dataclasses.replace(night, today=dt.date(2028, 11, 19))) == 0
    assert forget.forget_closed(dataclasses.replace(night, today=dt.date(2028, 11, 24))) == 2
    told = of(at, number)
    assert (told.kind, told.outcome, told.received_on, told.closed_on) == ("access", "withdrawn", day(10, 12), TODAY)
    assert (told.reference == "T-77", told.handler, [one.step for one in told.shown]) == (
        False, None, [Step.RECEIVED, Step.CLOSED],
    )  # fmt: skip
    with at.register.connect() as connection:
        assert connection.execute(sa.select(request_step)).all() == []
        assert connection.execute(sa.select(request_sender)).all() == []
        last = connection.execute(sa.select(ledger.c.event, ledger.c.details).order_by(ledger.c.seq.desc())).first()
    assert last is not None
    assert (last.event, json.loads(last.details)) == ("request:forgotten", {"requests": 2})
    # An old export of the form does not enter it anew.
    assert register_rows(at.register, form()).kept_closed == 1
    with pytest.raises(Refused, match="request_step_unfit"):
        desk.write(at, number, Step.REOPENED, TODAY, {"clock": "anew"})
    with pytest.raises(Refused, match="command_line_only"):
        forget.forget_closed(at)
