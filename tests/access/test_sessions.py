"""Sessions end: after a while without a click, at an age, with the role, and for all windows by signing out once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance.access import sessions
from compliance.access.sign_in import Identity
from compliance.ledger.tables import ledger
from compliance.operations import backup
from compliance.register.engine import engine
from compliance.ui import session
from compliance.words import settings as settings_of
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.settings import ROOT, Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.world import TODAY

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
PETRA = Identity("petra.dpo@antura.example", "one sign-in")


def after(**passed: float) -> dt.datetime:
    return NOW + dt.timedelta(**passed)


def told(register: sa.Engine) -> list[tuple[str, str]]:
    with register.connect() as connection:
        lines = connection.execute(sa.select(ledger.c.event, ledger.c.details).order_by(ledger.c.seq))
        return [(event, json.loads(details).get("reason", "")) for event, details in lines]


def test_a_session_lasts_as_long_as_it_is_used(settings: Settings) -> None:
    register = engine(settings)
    for minutes in range(0, 12 * 60, 29):
        actor = sessions.touch(settings, register, PETRA, after(minutes=minutes))
        assert actor is not None and actor.email == PETRA.email
    assert told(register) == [("user:signed_in", "")]


@pytest.mark.parametrize(("back", "why"), [(dt.timedelta(minutes=31), "idle"), (dt.timedelta(days=30), "age")])
def test_a_clock_that_is_set_back_makes_no_session_last(settings: Settings, back: dt.timedelta, why: str) -> None:
    register = engine(settings)
    sessions.touch(settings, register, PETRA, NOW)
    sessions.touch(settings, register, PETRA, NOW - dt.timedelta(minutes=1))
    with pytest.raises(Refused, match=f"session_{why}"):
        sessions.touch(settings, register, PETRA, NOW - back)


@pytest.mark.parametrize(("minutes", "why"), [(29 + 30, "idle"), (12 * 60, "age")])
def test_a_session_ends_by_itself(settings: Settings, minutes: int, why: str) -> None:
    register = engine(settings)
    for passed in range(0, minutes - 30 if why == "idle" else minutes, 29):
        sessions.touch(settings, register, PETRA, after(minutes=passed))
    with pytest.raises(Refused, match=f"session_{why}"):
        sessions.touch(settings, register, PETRA, after(minutes=minutes))
    # Nothing that the browser kept opens it again, and it ends once.
    with pytest.raises(Refused, match=f"session_{why}"):
        sessions.touch(settings, register, PETRA, NOW)
    assert told(register) == [("user:signed_in", ""), ("user:signed_out", why)]
    assert sessions.touch(settings, register, dataclasses.replace(PETRA, key="another"), after(hours=12)) is not None


def test_to_look_whether_a_session_is_over_keeps_it_from_nothing(settings: Settings) -> None:
    register = engine(settings)
    sessions.touch(settings, register, PETRA, NOW)
    assert not sessions.over(settings, register, PETRA, after(minutes=29))
    assert sessions.over(settings, register, PETRA, after(minutes=31))
    assert not sessions.over(settings, register, dataclasses.replace(PETRA, key="never seen"), NOW)


@pytest.mark.parametrize(
    ("code", "over"), [("register_busy", False), ("register_unreachable", False), ("token_foreign", True)]
)
def test_a_session_is_not_over_because_the_register_does_not_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: str, *, over: bool
) -> None:
    def unanswered(*_: object) -> bool:
        raise Refused(code)

    monkeypatch.setattr(session.settings_of, "load", lambda: settings)
    monkeypatch.setattr(session, "identity_now", lambda _: PETRA)
    monkeypatch.setattr(sessions, "over", unanswered)
    assert session.is_over() is over


def test_signing_out_once_ends_it_for_every_window_that_has_it(settings: Settings) -> None:
    register = engine(settings)
    sessions.touch(settings, register, PETRA, NOW)
    sessions.sign_out(register, PETRA, after(minutes=1))
    sessions.sign_out(register, PETRA, after(minutes=2))
    with pytest.raises(Refused, match="session_signed_out"):
        sessions.touch(settings, register, PETRA, after(minutes=3))
    assert told(register) == [("user:signed_in", ""), ("user:signed_out", "signed_out")]


def test_somebody_without_a_role_has_no_session(settings: Settings) -> None:
    register = engine(settings)
    assert sessions.touch(settings, register, Identity("gun@bolaget.example", "key"), NOW) is None
    assert told(register) == []


def test_the_register_does_not_hold_what_opens_a_session(settings: Settings) -> None:
    register = engine(settings)
    sessions.touch(settings, register, dataclasses.replace(PETRA, key="opens-the-door"), NOW)
    register.dispose()
    files = [path for path in settings.store.iterdir() if path.name.startswith("register")]
    assert files and not any(b"opens-the-door" in path.read_bytes() for path in files)


def test_a_restore_ends_every_session(settings: Settings, tmp_path: Path) -> None:
    register = engine(settings)
    sessions.touch(settings, register, PETRA, NOW)
    backup.save(register, tmp_path / "backup", NOW)
    other = dataclasses.replace(settings, register_url=f"sqlite:///{tmp_path / 'other.db'}")
    other.evidence.mkdir()
    backup.restore(other, engine(other), tmp_path / "backup", after(minutes=2))
    with pytest.raises(Refused, match="session_signed_out"):
        sessions.touch(other, engine(other), PETRA, after(minutes=3))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", ["signed_out", "idle", "age", "role"])
def test_why_a_session_is_over_is_told_with_what_to_do(language: str, why: str) -> None:
    text = refusal(f"session_{why}", language, {"minutes": 30, "hours": 12})
    assert re.search(r"[Ll]ogga in igen" if language == "sv" else r"[Ss]ign in again", text)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of rules and numbers of an installation without a copy."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("retention.toml", "sources.toml", "parameters.toml"):
        shutil.copy(ROOT / "data" / name, folder)
    monkeypatch.setenv("COMPLIANCE_CONFIG", str(folder))
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return folder


@pytest.fixture
def page(config: Path) -> AppTest:
    """The first page, as Petra has it open."""
    assert config.exists()
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"] = PETRA.email
    app.session_state["language"] = "en"
    app.run()
    assert app.title and not app.exception and not app.error
    return app


def test_a_page_that_nobody_has_touched_for_long_shows_nothing_more(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=31)
    monkeypatch.setattr("compliance.ui.session.now", lambda: late)
    page.run()
    assert [error.value for error in page.error] == [refusal("session_idle", "en", {"minutes": 30})]
    assert not page.title and not page.info and not page.sidebar.button
    page.button(key="come_back").click().run()
    assert not page.error and {f"pick_{role.value}" for role in Role} <= {button.key for button in page.button}


def test_numbers_that_were_changed_since_a_page_was_drawn_count_at_the_click(page: AppTest, config: Path) -> None:
    (config / "parameters.toml").write_text("session_idle_minutes = 0\n", encoding="utf-8")
    page.run()
    unreadable = refusal("parameters_unreadable", "en", {"name": "session_idle_minutes", "bound": literal(" (≥ 1)")})
    assert unreadable in [error.value for error in page.error] and not page.title


@pytest.mark.parametrize("language", ["sv", "en"])
def test_whoever_cannot_be_signed_out_is_told_and_stays_in(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def unreachable(*_: object) -> None:
        raise Refused("register_unreachable", file="register")

    page.session_state["language"] = language
    with monkeypatch.context() as patch:
        patch.setattr(sessions, "sign_out", unreachable)
        page.sidebar.button(key="sign_out").click().run()
    assert [error.value for error in page.sidebar.error] == [say("sign_in.still_in", language)]
    assert page.sidebar.button(key="sign_out") and not page.exception
    page.sidebar.button(key="sign_out").click().run()
    assert {f"pick_{role.value}" for role in Role} <= {button.key for button in page.button}


def test_whoever_signs_out_is_out_on_the_server(page: AppTest, config: Path) -> None:
    page.sidebar.button(key="sign_out").click().run()
    assert {f"pick_{role.value}" for role in Role} <= {button.key for button in page.button}
    register = sa.create_engine(settings_of.load({"COMPLIANCE_STORE": str(config.parent / "store")}).register_url)
    assert told(register) == [("user:signed_in", ""), ("user:signed_out", "signed_out")]
