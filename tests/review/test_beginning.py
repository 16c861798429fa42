"""An empty store leads on: which step is next, and where it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.register.engine import engine
from compliance.review import beginning
from compliance.review.beginning import Beginning
from compliance.runs.tables import intake_run
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Role
from tests.pages.test_pages import opened
from tests.world import TODAY

NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "empty"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    settings = settings_of.load()
    yield settings
    engine(settings).dispose()


def run(settings: Settings, state: str) -> None:
    """A run of an intake as it stands or ended."""
    with engine(settings).begin() as connection:
        connection.execute(sa.delete(intake_run))
        connection.execute(
            sa.insert(intake_run).values(
                run_id="r1", state=state, step="waiting", share=0, started_at=NOW, heartbeat_at=NOW
            )
        )


def told(settings: Settings) -> dict[Beginning, tuple[bool, str]]:
    return {one.step: (one.done, one.told) for one in beginning.steps(settings, engine(settings))}


def test_each_step_says_how_it_stands(empty: Settings) -> None:
    missing = keys.missing(empty)
    first, *_ = beginning.steps(empty, engine(empty))
    assert missing and (first.done, first.told, first.values) == (False, "keys_missing", {"kinds": ", ".join(missing)})
    keys.make(empty, missing)
    assert told(empty) == {
        Beginning.KEYS: (True, "keys"),
        # Whoever can choose a role has not signed in.
        Beginning.SIGN_IN: (False, "sign_in_demo"),
        Beginning.SOURCE: (False, "source"),
        Beginning.INTAKE: (False, "intake"),
        Beginning.FIGURE: (False, "figure"),
    }


@pytest.mark.parametrize(
    ("state", "says"), [("running", "intake_running"), ("refused", "intake_refused"), ("failed", "intake_refused")]
)
def test_a_run_that_was_begun_is_led_to(empty: Settings, state: str, says: str) -> None:
    run(empty, state)
    found = {one.step: one for one in beginning.steps(empty, engine(empty))}
    assert found[Beginning.SOURCE].done
    assert (found[Beginning.INTAKE].told, found[Beginning.INTAKE].filters) == (says, {"run": "r1"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_start_pages_show_the_steps_and_every_other_page_leads_there(empty: Settings, language: str) -> None:
    assert not empty.builds.exists()
    for role, page in ((Role.DPO, "review/weekly"), (Role.CISO, "review/risk"), (Role.AUDITOR, "review/weekly")):
        app = opened(role, language, page)
        drawn = [one.value for one in app.markdown]
        for number, step in enumerate(Beginning, 1):
            (line,) = [text for text in drawn if text.startswith(f"**{number}. {say(f'beginning.{step}', language)}**")]
            assert sum(say(f"beginning_state.{state}", language) in line for state in ("done", "next", "later")) == 1
        # The first that is not done is the one that is next.
        assert sum(say("beginning_state.next", language) in text for text in drawn) == 1
        links = [one.proto.page for one in app.get("page_link")]
        assert links == (["intake", "intake"] if role is Role.DPO else [])
    app = opened(Role.AUDITOR, language, "review/expiries")
    assert [one.proto.label for one in app.get("page_link")] == [say("app.empty_steps", language)]
