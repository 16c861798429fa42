"""So much in a day and no more: counted by the ledger, told to DPO and CISO, past it by a second person's word."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance import access, ledger
from compliance.access import Actor, limits
from compliance.access.at import At
from compliance.access.limits import Limited
from compliance.ledger.tables import ledger as lines
from compliance.register import engine as engines
from compliance.register.engine import engine, writing
from compliance.show.extract import Sheet, Stamp, extract
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Permission, Role
from tests.world import TODAY, acting, shipped_parameters

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
TWO = shipped_parameters().model_copy(update={"sign_ins_per_day": 2, "searches_per_day": 2, "extracts_per_day": 2})
SHEET = Sheet("entries_subjects", (), "en", "plain", Stamp(1, TODAY, ""))


class Office:
    """People who act, an hour after each other unless told otherwise."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.now, self.parameters = settings, NOW, TWO
        self.people = {actor.role: actor for actor in access.demo_actors(settings)}

    def at(self, role: Role, **later: float) -> At:
        """An act of somebody."""
        self.now += dt.timedelta(**(later or {"hours": 1}))
        register = engine(self.settings)
        return acting(self.settings, register, self.people[role], self.now, parameters=self.parameters)

    def take_out(self, role: Role = Role.DPO, *, named: bool = True, **later: float) -> None:
        """An extract, read to its end."""
        permission = Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES
        list(extract(self.at(role, **later), SHEET, [(b"x", 1)], permission, lambda: self.now))

    def search(self, role: Role = Role.DPO, *, search: bool = True) -> None:
        """A look at persons."""
        access.looked_at_persons(self.at(role), "subjects", rows=0, build=1, search=search)

    def lines(self, event: ledger.Event) -> list[tuple[str, dict[str, Any]]]:
        """What the ledger has of an event: by whom, and its details."""
        with engine(self.settings).connect() as connection:
            found = connection.execute(sa.select(lines.c.actor, lines.c.details).where(lines.c.event == event))
            return [(actor, json.loads(details)) for actor, details in found]


@pytest.fixture
def office(register_settings: Settings) -> Office:
    """An office with an empty register, once per database."""
    return Office(register_settings)


ACTS: dict[Limited, Callable[[Office, Role], None]] = {
    Limited.EXTRACTS: lambda office, role: office.take_out(role),
    Limited.SEARCHES: lambda office, role: office.search(role),
}


@pytest.mark.parametrize("what", ACTS)
def test_the_last_one_raises_the_alarm_and_the_next_waits_for_a_second_person(office: Office, what: Limited) -> None:
    act, petra = ACTS[what], office.people[Role.DPO]
    act(office, Role.DPO)
    assert office.lines(ledger.Event.LIMIT_REACHED) == []
    with pytest.raises(Refused, match="limit_not_reached"):
        limits.extend(office.at(Role.CISO), petra.pseudonym, what)
    act(office, Role.DPO)
    alarm = (petra.pseudonym, {"what": what.value, "limit": 2})
    assert office.lines(ledger.Event.LIMIT_REACHED) == [alarm]
    with pytest.raises(Refused, match=f"limit_{what}"):
        act(office, Role.DPO)
    # Somebody else has a number of their own, and nobody lets oneself go on.
    act(office, Role.OWNER)
    with pytest.raises(Refused, match="limit_own"):
        limits.extend(office.at(Role.DPO), petra.pseudonym, what)
    limits.extend(office.at(Role.CISO), petra.pseudonym, what)
    told = {"what": what.value, "whose": petra.pseudonym}
    assert office.lines(ledger.Event.LIMIT_EXTENDED) == [(office.people[Role.CISO].pseudonym, told)]
    act(office, Role.DPO)
    assert limits.reached(engine(office.settings), TWO, office.now) == []
    act(office, Role.DPO)
    (found,) = limits.reached(engine(office.settings), TWO, office.now)
    assert (found.what, found.pseudonym, found.role, found.allowed) == (what, petra.pseudonym, "dpo", 4)
    with pytest.raises(Refused, match=f"limit_{what}"):
        act(office, Role.DPO)


def test_what_names_nobody_and_what_was_not_searched_for_counts_for_nothing(office: Office) -> None:
    for _ in range(3):
        office.take_out(named=False)
        office.search(search=False)
    office.take_out()
    office.search()
    assert office.lines(ledger.Event.LIMIT_REACHED) == []


def test_lines_that_are_alike_are_counted_where_they_lie(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    petra, read = office.people[Role.DPO], []

    def reading(text: str) -> Any:
        read.append(text)
        return json.loads(text)

    office.search()
    office.search()
    with writing(engine(office.settings)) as connection:
        for _ in range(20):
            ledger.append(connection, ledger.Event.SIGNED_IN, author=petra.author, now=office.now)
    monkeypatch.setattr(limits, "json", SimpleNamespace(loads=reading))
    found = {(one.what, one.pseudonym) for one in limits.reached(engine(office.settings), TWO, office.now)}
    assert found == {(Limited.SIGN_INS, petra.pseudonym), (Limited.SEARCHES, petra.pseudonym)}
    assert len(read) == 2


def test_a_day_later_it_counts_no_more_and_a_new_start_forgets_nothing(office: Office) -> None:
    office.take_out(minutes=0)
    office.take_out(minutes=0)
    for known in engines._engines.values():
        known.dispose()
    engines._engines.clear()
    with pytest.raises(Refused, match="limit_extracts"):
        office.take_out(hours=23, minutes=59, seconds=59)
    # Refused, and so not begun: nothing of it counts.
    assert len(office.lines(ledger.Event.EXTRACT_BEGUN)) == 2
    office.take_out(seconds=1)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of rules and numbers of an installation without a copy, where two of a thing are a day's."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("retention.toml", "sources.toml"):
        shutil.copy(ROOT / "data" / name, folder)
    (folder / "parameters.toml").write_text("sign_ins_per_day = 2\nextracts_per_day = 2\n", encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_CONFIG", str(folder))
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return folder


def opened(actor: Actor) -> AppTest:
    """The first page, in a window of its own."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"] = actor.email
    app.session_state["language"] = "en"
    app.run()
    assert not app.exception
    return app


def test_who_signs_in_too_often_stays_out_until_somebody_else_lets_them_in(config: Path) -> None:
    assert config.exists()
    people = {actor.role: actor for actor in access.demo_actors(settings_of.load())}
    petra, axel = people[Role.DPO], people[Role.CISO]
    first, second = opened(petra), opened(petra)
    assert not first.error and not second.error
    # She is told, but it is not hers to say.
    assert len(second.warning) == 2 and say("limited.sign_ins", "en") in second.warning[0].value
    key = f"extend_sign_ins_{petra.pseudonym}"
    assert key not in {button.key for button in second.button}
    third = opened(petra)
    assert [error.value for error in third.error] == [refusal("limit_sign_ins", "en", {"limit": 2})]
    assert not third.title and not third.sidebar.button
    # Where she is in, she stays in.
    assert second.run().title
    for role in (Role.AUDITOR, Role.OWNER, Role.ADMIN):
        assert say("limited.sign_ins", "en") not in "".join(one.value for one in opened(people[role]).warning)
    chief = opened(axel)
    chief.button(key=key).click().run()
    assert not chief.error and key not in {button.key for button in chief.button}
    assert opened(petra).title


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", Limited)
def test_a_limit_is_told_with_who_may_help(what: Limited, language: str) -> None:
    told = refusal(f"limit_{what}", language, {"limit": 20})
    assert "20" in told and "CISO" in told and say(f"limited.{what}", language)
