"""The digest of the week reaches each reader once, under TLS alone, without anybody in it; silence is told."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.access import readers
from compliance.access.at import At, at_command
from compliance.command import main
from compliance.digest import verbs
from compliance.digest.tables import State, Why, digest_sending
from compliance.ledger.tables import ledger as lines
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.review import alarms, silence
from compliance.review import verbs as review_verbs
from compliance.review.silence import Silent
from compliance.review.tables import Occasion
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.command import Exit
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES
from tests import begun
from tests.demo_store import NOW
from tests.mail_server import PASSWORD, USER, Server, serving
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY, acting

PETRA, AXEL = "petra.dpo@antura.example", "axel.ciso@antura.example"
WEEK_BEFORE = TODAY - dt.timedelta(days=7)


def _begin(settings: Settings) -> None:
    """Figures of a week ago with two overdue prospects, and three of them today; one batch waits for approval."""
    desk = Desk(settings.store)
    desk.on(TODAY - dt.timedelta(days=7))
    rows = [prospect(number, "2010-03-21") for number in (1, 2, 3)]
    desk.take_in(prospects(settings.store.parent / "in", rows[:2], "2026-11-16T0500"))
    review_verbs.keep(desk.at(), desk.reading(), Occasion.NIGHT)
    desk.on(TODAY)
    desk.take_in(prospects(settings.store.parent / "in", rows))
    desk.propose(desk.entries(status="OVERDUE")[:1])


def _empty(settings: Settings) -> None:
    engine(settings)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, server: Server) -> Settings:
    return installed(tmp_path, server)


def installed(folder: Path, server: Server, begin: begun.Begin = _begin, **more: str) -> Settings:
    """An installation that mails by a server, on TODAY."""
    store = begun.copied(begin, folder, None).store
    given = {"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()}
    return settings_of.load({**given, **server.environ(folder, **more)})


def at(settings: Settings, now: dt.datetime = NOW, day: dt.date = TODAY) -> At:
    settings = dataclasses.replace(settings, today_override=day)
    return acting(settings, engine(settings), None, now)


def send(settings: Settings, now: dt.datetime = NOW, day: dt.date = TODAY, **more: Any) -> list[verbs.Sending]:
    act = at(settings, now, day)
    return verbs.send(
        act, lambda: copy.current(act.settings, act.register, act.today, act.policy, act.parameters), **more
    )


def outcomes(done: list[verbs.Sending]) -> list[tuple[State, Why | None, int | None]]:
    return [(one.outcome.state, one.outcome.why, one.outcome.answer) for one in done]


def events(settings: Settings) -> list[tuple[str, dict[str, Any]]]:
    with engine(settings).connect() as connection:
        rows = connection.execute(sa.select(lines).where(lines.c.event.like("digest:%")).order_by(lines.c.seq))
        return [(row.event, json.loads(row.details)) for row in rows]


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_each_reader_is_told_what_waits_and_what_has_changed_in_their_language(
    settings: Settings, server: Server
) -> None:
    assert outcomes(send(settings)) == [(State.SENT, None, None)] * 2
    (to_petra, swedish), (to_axel, english) = server.came
    assert (to_petra, to_axel) == (PETRA, AXEL)
    assert server.signed_in == [USER, USER]
    for mail, language in ((swedish, "sv"), (english, "en")):
        told, page = body(mail, "plain"), body(mail, "html")
        assert mail["Content-Language"] == language and mail["Auto-Submitted"] == "auto-generated"
        for text in (told, page):
            assert say("digest.waits", language) in text or say("digest.waits", language).upper() in text
            assert say("agenda_told.changed", language, since=WEEK_BEFORE, opening=2, closing=3) in text
            assert say("digest.stamp", language, as_of=TODAY, build="2") in text
        assert '<a href="https://compliance.company.example/' in page and "<img" not in page
    # Who proposed it waits for another.
    approve = {one: say("decision.approve", one, batch="1", count=1) for one in LANGUAGES}
    assert approve["sv"] not in body(swedish, "plain") and approve["en"] in body(english, "plain")
    assert "https://compliance.company.example/batch?batch=1" in body(english, "plain")
    overdue = say("decision.overdue", "sv", count=3)
    assert overdue in body(swedish, "plain")
    assert "https://compliance.company.example/expiries?status=OVERDUE" in body(swedish, "plain")
    assert f"{say('bridge.arrived', 'sv')} +1" in body(swedish, "plain")
    # The purge, what is found of a company that has had no cookies scanned, and that nobody is DPO or CISO.
    assert english["Subject"] == say("digest.subject", "en", week="48", count=3)


def test_nobody_is_in_it(settings: Settings, server: Server) -> None:
    send(settings)
    for _, mail in server.came:
        whole = f"{mail['Subject']} {body(mail, 'plain')} {body(mail, 'html')}"
        names = [entry.name for entry in Desk(settings.store).entries()]
        assert names and not any(name and name in whole for name in names)
        assert not re.search(r"[\w.]+@[\w.]+|\b\d{6,8}-\d{4}\b|\+46|\b[0-9a-f]{16,}\b", whole)


def test_a_week_is_told_once_and_the_next_one_again(settings: Settings, server: Server) -> None:
    send(settings)
    assert send(settings, NOW + dt.timedelta(days=3), TODAY + dt.timedelta(days=3)) == []
    assert len(server.came) == 2
    send(settings, NOW + dt.timedelta(days=7), TODAY + dt.timedelta(days=7))
    assert [address for address, _ in server.came] == [PETRA, AXEL] * 2
    ids = [mail["Message-ID"] for _, mail in server.came]
    assert len(set(ids)) == 4
    # A quiet week is told as one.
    told = body(server.came[2][1], "plain")
    assert say("digest.quiet", "sv", day=TODAY) in told
    assert server.came[2][1]["Subject"] == say("digest.subject_no_data", "sv", week="49")


def test_a_store_without_data_has_a_mail_that_says_so(tmp_path: Path, server: Server) -> None:
    settings = installed(tmp_path, server, _empty)
    assert outcomes(verbs.send(at(settings), lambda: None)) == [(State.SENT, None, None)] * 2
    for (_, mail), language in zip(server.came, ("sv", "en"), strict=True):
        assert mail["Subject"] == say("digest.subject_no_data", language, week="48")
        assert say("digest.no_copy", language) in body(mail, "plain")


@pytest.mark.usefixtures("server")
def test_each_sending_is_a_line_of_the_ledger_with_the_digest_of_what_was_said(settings: Settings) -> None:
    send(settings)
    (event, petra), (_, axel) = events(settings)
    assert event == "digest:sent"
    assert (petra["reader_role"], petra["language"], petra["week"]) == ("dpo", "sv", "2026-W48")
    assert petra["whose"] == readers.readers(settings).told[0].actor.pseudonym
    assert re.fullmatch("[0-9a-f]{64}", petra["digest"]) and petra["digest"] != axel["digest"]
    assert PETRA not in json.dumps(events(settings))


def test_of_two_at_once_one_sends(settings: Settings, server: Server) -> None:
    began, go = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        go.wait(10)

    server.waits = wait
    first: list[verbs.Sending] = []
    thread = threading.Thread(target=lambda: first.extend(send(settings)))
    thread.start()
    assert began.wait(10)
    with pytest.raises(Refused, match="digest_under_way"):
        send(settings)
    go.set()
    thread.join(10)
    assert len(first) == len(server.came) == 2
    assert send(settings) == []


# What keeps a mail from being sent


def test_a_server_that_asks_to_wait_is_asked_again_by_the_next_run(settings: Settings, server: Server) -> None:
    server.answers = {PETRA: "451 4.7.1 Greylisted, come again"}
    assert outcomes(send(settings)) == [(State.DELAYED, Why.DEFERRED, 451), (State.SENT, None, None)]
    assert silences(settings) == [("dpo", Silent.NEVER)]
    server.answers = {}
    again = send(settings, NOW + dt.timedelta(minutes=30))
    assert outcomes(again) == [(State.SENT, None, None)]
    assert [address for address, _ in server.came] == [AXEL, PETRA]
    assert [event for event, _ in events(settings)] == ["digest:delayed", "digest:sent", "digest:sent"]
    assert silences(settings) == []


@pytest.mark.parametrize(
    ("answers", "why", "code"),
    [
        ({PETRA: "550 5.1.1 No such user"}, Why.RECIPIENT, 550),
        ({"data": "554 5.7.1 Not wanted"}, Why.REFUSED, 554),
    ],
    ids=["recipient", "content"],
)
def test_what_is_refused_is_told_tried_once_a_day_and_at_once_when_asked(
    settings: Settings, server: Server, answers: dict[str, str], why: Why, code: int
) -> None:
    server.answers = answers
    assert outcomes(send(settings))[0] == (State.FAILED, why, code)
    assert ("dpo", Silent.FAILED) in silences(settings)
    for language in LANGUAGES:
        told = " ".join(alarms.told(settings, engine(settings), NOW, language)[0])
        assert say(f"digest_why.{why}", language) in told and str(code) in told
    server.answers = {}
    assert send(settings, NOW + dt.timedelta(hours=2)) == []
    assert outcomes(send(settings, NOW + dt.timedelta(hours=2), again=True))[0] == (State.SENT, None, None)
    assert silences(settings) == []


def silences(settings: Settings, day: dt.date = TODAY) -> list[tuple[str, Silent]]:
    return [(one.role, one.what) for one in silence.silences(settings, engine(settings), day)]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_nothing_is_said_to_a_server_whose_certificate_is_anothers(tmp_path: Path, tls: str) -> None:
    with serving(tls, named="other.example") as server:
        settings = installed(tmp_path, server)
        assert outcomes(send(settings)) == [(State.FAILED, Why.CERTIFICATE, None)] * 2
        assert server.came == [] and server.signed_in == []


def test_a_certificate_that_no_authority_vouches_for_is_not_believed(tmp_path: Path, server: Server) -> None:
    settings = installed(tmp_path, server)
    assert settings.mail is not None
    settings = dataclasses.replace(settings, mail=dataclasses.replace(settings.mail, authority=None))
    assert outcomes(send(settings)) == [(State.FAILED, Why.CERTIFICATE, None)] * 2
    assert server.signed_in == []


def test_without_tls_neither_the_password_nor_the_digest_leaves(tmp_path: Path) -> None:
    with serving(speaks_tls=False, auth_require_tls=False) as server:
        assert outcomes(send(installed(tmp_path, server))) == [(State.FAILED, Why.NO_TLS, None)] * 2
        assert server.came == [] and server.signed_in == []


def test_a_server_under_tls_from_the_start_is_spoken_to_so(tmp_path: Path) -> None:
    with serving("implicit") as server:
        assert outcomes(send(installed(tmp_path, server))) == [(State.SENT, None, None)] * 2


def test_a_server_that_is_down_is_tried_again_and_told(tmp_path: Path) -> None:
    with serving() as server:
        settings = installed(tmp_path, server)
    assert outcomes(send(settings)) == [(State.DELAYED, Why.UNREACHABLE, None)] * 2
    assert silences(settings) == [("dpo", Silent.NEVER), ("ciso", Silent.NEVER)]


def test_a_wrong_password_is_told_without_it(
    settings: Settings, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    assert settings.mail and settings.mail.password_file
    settings.mail.password_file.write_text("wr0ng-and-s3cret", encoding="ascii")
    assert outcomes(send(settings)) == [(State.FAILED, Why.SIGN_IN, 535)] * 2
    # In both ways that it knows, and not again for the second reader.
    assert server.signed_in == [USER, USER]
    told = f"{capfd.readouterr()} {events(settings)} {settings!r} {settings.mail!r}"
    assert "wr0ng-and-s3cret" not in told


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [("", 0o600, "mail_password_unreadable"), ("lösen", 0o600, "mail_password_unreadable"),
     (PASSWORD, 0o644, "key_open_to_others")],
    ids=["empty", "not-ascii", "open"],
)  # fmt: skip
def test_a_password_that_cannot_be_used_or_that_others_can_read_stops_the_run(
    settings: Settings, content: str, mode: int, code: str
) -> None:
    assert settings.mail and settings.mail.password_file
    settings.mail.password_file.write_text(content, encoding="utf-8")
    settings.mail.password_file.chmod(mode)
    with pytest.raises(Refused, match=code):
        send(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [("COMPLIANCE_MAIL_TLS", "none"), ("COMPLIANCE_MAIL_PORT", "smtp"), ("COMPLIANCE_MAIL_PORT", "0"),
     ("COMPLIANCE_MAIL_FROM", "a@b.example\nBcc: c@d.example"), ("COMPLIANCE_MAIL_FROM", ""),
     ("COMPLIANCE_ADDRESS", ""), ("COMPLIANCE_ADDRESS", "javascript:alert(1)"),
     ("COMPLIANCE_ADDRESS", "https://a.example/\n"), ("COMPLIANCE_MAIL_PASSWORD", ""), ("COMPLIANCE_MAIL_USER", "")],
)  # fmt: skip
def test_settings_that_would_send_in_clear_or_nowhere_are_refused(tmp_path: Path, name: str, value: str) -> None:
    given = Server(1, "starttls", tmp_path).environ(tmp_path)
    with pytest.raises(Refused, match="setting_invalid") as refused:
        settings_of.load({**given, name: value})
    assert refused.value.values["name"] == name
    assert PASSWORD not in str(refused.value)


# Who is told


ROLES = f'dpo = ["{PETRA}"]\nciso = ["{AXEL}"]'


def with_roles(tmp_path: Path, server: Server, digest: str, roles_of: str = ROLES) -> Settings:
    roles = tmp_path / "roles.toml"
    roles.write_text(f"{roles_of}\n\n[digest]\n{digest}\n", encoding="utf-8")
    roles.chmod(0o600)
    settings = installed(tmp_path, server)
    keys.suppression(settings)
    return dataclasses.replace(settings, roles_file=roles, login="proxy")


def test_readers_are_those_of_the_roles_file_as_long_as_they_have_a_role(tmp_path: Path, server: Server) -> None:
    settings = with_roles(tmp_path, server, '"Axel.Ciso@antura.example" = "sv"\n"gone@antura.example" = "en"')
    assert outcomes(send(settings)) == [(State.SENT, None, None)]
    ((address, mail),) = server.came
    assert (address, mail["Content-Language"]) == ("Axel.Ciso@antura.example", "sv")
    assert say("silence.without_role", "en", place=2) in alarms.told(settings, engine(settings), NOW, "en")[0]


@pytest.mark.parametrize("digest", [f'"{PETRA}" = "de"', f'"{PETRA}" = ["sv"]'])
def test_a_list_of_readers_that_cannot_be_understood_is_told(tmp_path: Path, server: Server, digest: str) -> None:
    settings = with_roles(tmp_path, server, digest)
    with pytest.raises(Refused, match="digest_readers_unreadable"):
        send(settings)
    assert len(alarms.told(settings, engine(settings), NOW, "sv")[0]) == 1


def test_an_address_that_would_write_into_the_head_of_a_mail_is_not_used(tmp_path: Path, server: Server) -> None:
    evil = "petra.dpo@antura.example\\nBcc: all@antura.example"
    settings = with_roles(tmp_path, server, f'"{evil}" = "sv"', f'dpo = ["{evil}"]')
    assert outcomes(send(settings)) == [(State.FAILED, Why.ADDRESS, None)]
    assert server.came == []


def test_silence_is_an_alarm_after_a_week_and_a_day(settings: Settings) -> None:
    assert silences(settings) == [("dpo", Silent.NEVER), ("ciso", Silent.NEVER)]
    send(settings)
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    assert silences(settings, monday + dt.timedelta(days=7)) == []
    late = monday + dt.timedelta(days=8)
    assert silences(settings, late) == [("dpo", Silent.LATE), ("ciso", Silent.LATE)]
    (told,) = [one for one in silence.told(settings, engine(settings), late, "sv") if "CISO" in one]
    assert "2026-W48" in told
    # Where nothing is mailed nobody misses it.
    assert silence.told(dataclasses.replace(settings, mail=None), engine(settings), late, "sv") == []


# The command


@pytest.fixture
def command(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    settings = installed(tmp_path, server)
    environ = {"COMPLIANCE_STORE": str(settings.store), "COMPLIANCE_TODAY": TODAY.isoformat()}
    for name, value in {**environ, **server.environ(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("os.umask", lambda _: 0o022)

    def call(*arguments: str) -> tuple[int, str]:
        code = main(["--language", "en", "digest", *arguments])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


def test_the_command_sends_what_is_due_and_says_to_whom_without_addresses(
    command: Callable[..., tuple[int, str]], server: Server
) -> None:
    assert command("check")[0] == Exit.REFUSED
    server.answers = {PETRA: "450 later"}
    code, told = command("send")
    assert code == Exit.WAITING
    assert say("digest_why.deferred", "en") in told and "450" in told and "@" not in told and PASSWORD not in told
    server.answers = {}
    assert command("send")[0] == Exit.DONE
    assert command("send") == (Exit.DONE, say("digest.nothing_due", "en") + "\n")
    assert command("check") == (Exit.DONE, say("digest.all_told", "en") + "\n")
    assert [address for address, _ in server.came] == [AXEL, PETRA]


def test_the_command_is_not_content_while_somebody_was_not_told(
    command: Callable[..., tuple[int, str]], server: Server
) -> None:
    server.answers = {PETRA: "550 5.1.1 No such user"}
    assert command("send")[0] == Exit.REFUSED
    # Nobody is due until tomorrow, and what failed is told by each run until then.
    code, told = command("send")
    assert code == Exit.REFUSED and say("digest_why.recipient", "en") in told
    assert say("digest.nothing_due", "en") not in told


def test_without_a_server_the_command_says_which_setting_is_missing(
    command: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMPLIANCE_MAIL_HOST")
    for action in ("send", "check"):
        code, told = command(action)
        assert code == Exit.REFUSED and "COMPLIANCE_MAIL_HOST" in told


def test_nobody_signed_in_sends_digests(settings: Settings) -> None:
    petra = readers.readers(settings).told[0].actor
    with pytest.raises(Refused, match="command_line_only"):
        verbs.send(dataclasses.replace(at(settings), actor=petra), lambda: None)
    assert at_command(settings, engine(settings), NOW).actor is None
    with engine(settings).connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(digest_sending)) == 0
